"""Gaps of all pairs: statuses, kinds, slopes and breaks are those of one pair at a time."""

from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from mirrors import RING, ring, said, year
from statements import flow_table, months

import flows as fl
from flows.errors import PeriodError, ScopeError
from flows.models.breaks import find_breaks
from flows.models.trend import fit_trend
from flows.scope import Scope, remember
from flows.screening.mirror_gaps import mirror_gaps

ROUNDING = 1e-9


def silent_world(seed: int) -> pd.DataFrame:
    """Statements that are missing, zero, next to nothing, without a size, or hidden elsewhere."""
    rng = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    for exporter, importer in permutations((*RING, "TUR"), 2):
        for number in (2020, 2021):
            size = float(rng.integers(10, 1000))
            for side in ("exporter", "importer"):
                if importer == "TUR" and side == "importer":
                    continue
                value = rng.choice([size, size, 0.0, size / 1e4, np.nan])
                if rng.random() < 0.7:
                    rows.append(said(side, exporter, importer, value, **year(number)))
    for reporter in RING:
        for number in (2020, 2021):
            goods = {"product": rng.choice(["TOTAL", "9999"]), **year(number)}
            rows.append(said("importer", "XXX", reporter, float(rng.integers(10, 900)), **goods))
            rows.append(said("exporter", reporter, "XXX", float(rng.integers(10, 900)), **goods))
            partner = str(rng.choice([code for code in RING if code != reporter]))
            hidden = {"product": "9999", **year(number)}
            rows.append(said("exporter", reporter, partner, float(rng.integers(10, 90)), **hidden))
    rows = [row | {"line": line} for line, row in enumerate(rows, start=2)]
    frame = pd.DataFrame(rows).drop_duplicates(
        ["exporter", "importer", "reporter", "start", "product"]
    )
    return flow_table(*frame.to_dict("records"))


@pytest.mark.parametrize("seed", range(3))
def test_every_kind_is_that_of_one_flow(seed: int) -> None:
    table = silent_world(seed)
    found = mirror_gaps(table, nominal_below=0.01).flows
    asked = found[found["kind"] != "nothing stated"]
    for row in asked.to_dict("records"):
        side = "exporter" if pd.notna(row["exporter_value"]) else "importer"
        alone = fl.classify_mirror(
            table[table["start"] == row["start"]],
            exporter=row["exporter"],
            importer=row["importer"],
            reporter=row[side],
            period=fl.Period.year(row["start"].year),
            negligible=0.01,
            product=row["product"],
        )
        assert row["kind"] == alone.kind, row


def test_a_pair_by_hand() -> None:
    table = flow_table(
        said("exporter", "IRN", "ARM", 100.0, line=2, **year(2020)),
        said("importer", "IRN", "ARM", 121.0, line=3, **year(2020)),
        said("exporter", "IRN", "ARM", 100.0, line=4, **year(2021)),
        said("importer", "IRN", "ARM", 100.0, line=5, **year(2021)),
        said("importer", "IRN", "ARM", 70.0, line=6, **year(2022)),
    )
    gaps = mirror_gaps(table, nominal_below=0.01)
    pair = gaps.pairs.iloc[0]
    assert pair[["flows", "compared", "exporter_only", "importer_only"]].tolist() == [3, 2, 0, 1]
    assert pair["ratio"] == pytest.approx(1.1)
    assert (str(pair["first"]), str(pair["last"])) == ("2020", "2021")
    assert pair["change_reason"] == "fewer than 3 periods have a value"
    assert gaps.flows["ratio"].tolist()[:2] == [1.21, 1.0]
    assert gaps.counts.loc["no statements"].tolist() == [0, 0, 1]
    assert gaps.rows == {"comtrade@2025-06": (2, 3, 4, 5, 6)}


def test_slopes_and_breaks_are_those_of_one_pair() -> None:
    table = ring(dict.fromkeys(RING, 0.2), years=16, seed=4)
    late = (table["start"].dt.year >= 2008) & (table["reporter"] == "ARM")
    table.loc[late, ["value", "low", "high"]] *= 3
    missing = table["line"] % 29 == 0
    gaps = mirror_gaps(table[~missing], nominal_below=0.001)
    assert gaps.pairs["breaks"].sum() >= 4
    for row in gaps.pairs.to_dict("records"):
        own = gaps.flows[
            (gaps.flows["exporter"] == row["exporter"])
            & (gaps.flows["importer"] == row["importer"])
        ]
        logs = own.set_index(pd.PeriodIndex(own["start"], freq="Y"))["asymmetry_log"].dropna()
        line = fit_trend(logs, form="level", season="none")
        assert row["asymmetry_log"] == pytest.approx(logs.mean())
        assert row["change"] == pytest.approx(line.params["trend"], rel=ROUNDING)
        assert row["change_pvalue"] == pytest.approx(line.pvalues["trend"], rel=ROUNDING)
        ends = line.conf_int(level=0.95).loc["trend"]
        assert (row["change_low"], row["change_high"]) == pytest.approx(tuple(ends), rel=ROUNDING)
        broken = find_breaks(logs)
        dates = gaps.breaks[
            (gaps.breaks["exporter"] == row["exporter"])
            & (gaps.breaks["importer"] == row["importer"])
        ]
        assert dates["break_date"].astype(str).tolist() == list(map(str, broken.break_dates))
        assert row["breaks"] == len(broken.break_dates)


def test_freight_that_stays_the_same_moves_neither_slope_nor_break() -> None:
    table = ring(dict.fromkeys(RING, 0.2), years=12, seed=7)
    dear = table.copy()
    dear.loc[dear["valuation"] == "CIF", ["value", "low", "high"]] *= 1.3
    one, other = (mirror_gaps(rows, nominal_below=0.001).pairs for rows in (table, dear))
    columns = ["change", "change_low", "change_high", "breaks"]
    pd.testing.assert_frame_equal(one[columns], other[columns], rtol=1e-7)
    assert (other["asymmetry_log"] - one["asymmetry_log"]).to_numpy() == pytest.approx(np.log(1.3))


def test_the_small_world_has_every_kind() -> None:
    found = [mirror_gaps(silent_world(seed), nominal_below=0.01).flows for seed in range(3)]
    assert set(pd.concat(found)["kind"]) == {
        *("reported", "confidential", "other partner", "not reported", "no statements"),
        "nothing stated",
    }


def test_the_order_of_rows_changes_nothing() -> None:
    table = silent_world(5)
    one = mirror_gaps(table, nominal_below=0.01)
    other = mirror_gaps(table.sample(frac=1, random_state=1), nominal_below=0.01)
    pd.testing.assert_frame_equal(one.pairs, other.pairs)
    pd.testing.assert_frame_equal(one.flows, other.flows)


def test_months_and_years_are_not_mixed() -> None:
    by_month = months("2020-01", [1.0, 2.0], valuation="CIF", dataset="comtrade@2025-06")
    of_year = said("importer", "GEO", "ARM", 5.0, partner_basis="origin", line=9, **year(2020))
    with pytest.raises(PeriodError, match="expected flows of calendar years or of months"):
        mirror_gaps(flow_table(*by_month, of_year), nominal_below=0.01)
    only = mirror_gaps(flow_table(*by_month), nominal_below=0.01)
    assert only.flows["kind"].tolist() == ["no statements"] * 2


def test_filtered_rows_are_missed() -> None:
    table = ring(dict.fromkeys(RING, 0.2), years=3, seed=4).assign(dataset="ring@1")
    remember("ring@1", Scope(partners="all").of_rows(table))
    with pytest.raises(ScopeError, match="are not in the table any more"):
        mirror_gaps(table[table["exporter"] == "ARM"], nominal_below=0.01)
    remember("ring@1", Scope())
    assert "may only not be in the file" in mirror_gaps(table, nominal_below=0.01).summary()
