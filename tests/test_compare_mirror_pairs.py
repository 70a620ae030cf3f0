"""Pairs of mirrors: every status by hand, and what is refused."""

from typing import Any

import pandas as pd
import pytest
from bridges import IRANIAN, MONTHLY, YEAR, armenia, gas, iran
from mirrors import mirrors, said, year
from statements import flow_table, months, statement

from flows.compare.mirror_pairs import MirrorPairs, pair_mirrors, pair_statements
from flows.compare.reconcile import reconcile
from flows.errors import DoubleCountError, FlowsError, PeriodError, SchemaError, UnitError


def paired(*rows: dict[str, Any], nominal_below: float = 0.01) -> pd.DataFrame:
    numbered = [row | {"line": line} for line, row in enumerate(rows, start=2)]
    return pair_mirrors(flow_table(*numbered), nominal_below=nominal_below).table


def test_both_sides_of_one_flow_stand_in_one_row_with_their_lines() -> None:
    table = paired(said("exporter", "IRN", "ARM", 100.0), said("importer", "IRN", "ARM", 120.0))
    (row,) = table.to_dict("records")
    assert (row["exporter"], row["importer"], row["product"]) == ("IRN", "ARM", "TOTAL")
    assert (row["exporter_value"], row["importer_value"]) == (100.0, 120.0)
    assert (row["exporter_status"], row["importer_status"]) == ("stated", "stated")
    assert (row["exporter_line"], row["importer_line"]) == (2, 3)
    assert (row["exporter_dataset"], row["importer_valuation"]) == ("comtrade@2025-06", "CIF")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"value": 0.0}, "zero"),
        ({"value": 0.0, "high": 0.5}, "below threshold"),
        ({"value": float("nan")}, "confidential"),
        ({"value": 80.0, "high": float("nan")}, "at least"),
        ({"value": 0.9}, "nominal"),
        ({"value": 1.1}, "stated"),
    ],
)
def test_what_is_no_size_is_classed_and_has_no_value(changes: dict[str, Any], status: str) -> None:
    value = changes.pop("value")
    table = paired(
        said("exporter", "IRN", "ARM", 100.0), said("importer", "IRN", "ARM", value, **changes)
    )
    assert table["importer_status"].tolist() == [status]
    assert table["importer_value"].notna().tolist() == [status in {"stated", "at least"}]


def test_a_reporter_who_states_other_flows_is_no_missing_reporter() -> None:
    table = paired(
        said("exporter", "AZE", "ISR", 1331.62e6),
        said("importer", "RUS", "ISR", 5.0),
        said("exporter", "AZE", "TUR", 7.0),
    ).set_index(["exporter", "importer"])
    assert table.loc[("AZE", "ISR"), "importer_status"] == "not reported"
    assert table.loc[("AZE", "TUR"), "importer_status"] == "no reporter"
    assert table.loc[("RUS", "ISR"), "exporter_status"] == "no reporter"
    assert pd.isna(table.loc[("AZE", "ISR"), "importer_value"])


def test_periods_are_paired_only_if_they_are_the_same() -> None:
    table = paired(
        said("exporter", "IRN", "ARM", 100.0, **year(2022)), said("importer", "IRN", "ARM", 120.0)
    )
    assert table["exporter_status"].tolist() == ["stated", "no reporter"]


def test_counts_say_how_many_flows_have_which_statuses() -> None:
    counts = mirrors(100.0, 0.0).counts()
    assert counts.loc["stated", "zero"] == 1


@pytest.mark.parametrize(
    ("rows", "error", "message"),
    [
        (
            [said("exporter", "IRN", "ARM", 1.0), said("importer", "IRN", "ARM", 1.0, unit="TIV")],
            UnitError,
            "one unit, found TIV and USD",
        ),
        (
            [
                said("exporter", "IRN", "ARM", 1.0),
                said("importer", "IRN", "ARM", 1.0, dataset="comtrade@2024-06"),
            ],
            DoubleCountError,
            r"one vintage .* comtrade@2024-06, comtrade@2025-06",
        ),
        (
            [
                said("importer", "IRN", "ARM", 1.0, partner_basis="origin"),
                said("importer", "IRN", "ARM", 1.0, partner_basis="consignment"),
            ],
            DoubleCountError,
            "one partner_basis",
        ),
        (
            [
                said("importer", "IRN", "ARM", 1.0, partner_basis="origin"),
                said("importer", "RUS", "ARM", 1.0, partner_basis="consignment"),
            ],
            DoubleCountError,
            "imports of ARM: expected one partner_basis",
        ),
        (
            [
                said("exporter", "IRN", "ARM", 1.0),
                said("exporter", "IRN", "ARM", 1.0, dataset="irica@2024-09"),
            ],
            DoubleCountError,
            "one dataset",
        ),
        (
            [
                said("exporter", "IRN", "ARM", 1.0),
                said("exporter", "IRN", "ARM", 1.0, end=year(2024)["end"]),
            ],
            DoubleCountError,
            "do not overlap",
        ),
        ([said("exporter", "IRN", "ARM", 1.0, valuation="CIF")], UnitError, "FOB, found CIF at"),
        (
            [said("importer", "IRN", "ARM", 1.0, valuation="")],
            UnitError,
            "FOB or CIF, found no valuation at",
        ),
        ([statement(reporter="RUS")], SchemaError, "found RUS on IRN to ARM at"),
    ],
)
def test_what_cannot_be_paired_is_refused(
    rows: list[dict[str, Any]], error: type[FlowsError], message: str
) -> None:
    with pytest.raises(error, match=message):
        paired(*rows)


def test_the_share_that_counts_as_nothing_is_a_share() -> None:
    with pytest.raises(ValueError, match="at least 0 and below 1, found 1"):
        mirrors(1.0, 1.0, nominal_below=1)


def side_of(pairs: MirrorPairs, side: str) -> list[object]:
    """Return low, value, high and status of the one flow."""
    (row,) = pairs.table.to_dict("records")
    return [row[f"{side}_{name}"] for name in ("low", "value", "high", "status")]


def test_months_are_cut_to_the_year_of_the_other_side() -> None:
    monthly = flow_table(*months("2023-01", MONTHLY))
    pairs = pair_statements(iran(150.0, IRANIAN), monthly, period=IRANIAN)
    (row,) = pairs.table.to_dict("records")
    assert (row["start"], row["end"]) == (
        pd.Timestamp(IRANIAN.start),
        pd.Timestamp(IRANIAN.end),
    )
    assert side_of(pairs, "exporter") == [150.0, 150.0, 150.0, "stated"]
    assert row["importer_value"] == pytest.approx(179.0)
    assert (pairs.unit, len(pairs.rows)) == ("USD", 1 + 13)
    assert pairs.rows["weight"].iloc[[1, -1]].to_list() == pytest.approx([11 / 31, 19 / 31])


def test_bounds_of_months_are_cut_as_their_values_are() -> None:
    monthly = flow_table(*months("2023-01", MONTHLY))
    bounded = monthly.assign(low=monthly["value"] / 2, high=3 * monthly["value"])
    pairs = pair_statements(iran(150.0, IRANIAN), bounded, period=IRANIAN)
    low, value, high, _ = side_of(pairs, "importer")
    assert [low, value, high] == pytest.approx([179 / 2, 179, 3 * 179])


def test_a_month_without_an_upper_bound_leaves_the_year_without_one() -> None:
    monthly = flow_table(*months("2023-01", MONTHLY[:12]))
    monthly.loc[5, "high"] = float("nan")
    pairs = pair_statements(iran(150.0), monthly, period=YEAR)
    low, value, high, status = side_of(pairs, "importer")
    assert (low, value, status) == (141.0, 141.0, "at least")
    assert pd.isna(high)


def test_statements_of_one_year_are_paired_as_mirrors_are() -> None:
    exports, imports = iran(100.0, line=2), armenia(120.0, line=3)
    as_mirrors = pair_mirrors(pd.concat([exports, imports]), nominal_below=0.0)
    as_statements = pair_statements(exports, imports, period=YEAR)
    shared = as_statements.table.columns
    pd.testing.assert_frame_equal(
        as_statements.table, as_mirrors.table[shared], check_dtype=False, check_column_type=False
    )
    given = {"log_std_devs": {"IRN": 0.1, "ARM": 0.2}, "cif_fob_ratio": (1.06, 1.1)}
    values = [reconcile(pairs, **given).table["value"] for pairs in (as_mirrors, as_statements)]
    assert values[0].to_list() == values[1].to_list()


def test_goods_that_the_exporter_leaves_out_are_taken_off_the_importers_statement() -> None:
    pairs = pair_statements(
        iran(100.0), armenia(132.0), period=YEAR, exporter_leaves_out={"gas": gas(22.0, line=9)}
    )
    assert side_of(pairs, "importer") == [110.0, 110.0, 110.0, "stated"]
    assert set(pairs.rows["product"]) == {"TOTAL", "271121"}


@pytest.mark.parametrize(
    ("value", "high", "stated"),
    [
        (412.0, float("nan"), [412.0, 412.0, "at least"]),
        (0.0, 0.0, ["zero"]),
        (0.0, 0.5, ["below threshold"]),
    ],
)
def test_a_bound_and_nothing_are_classed_as_in_pairs_of_mirrors(
    value: float, high: float, stated: list[object]
) -> None:
    pairs = pair_statements(iran(value, high=high), armenia(500.0), period=YEAR)
    known = [part for part in side_of(pairs, "exporter") if pd.notna(part)]
    assert known == stated


@pytest.mark.parametrize(
    ("exports", "imports", "goods", "error", "message"),
    [
        (iran(1.0, valuation="CIF"), armenia(2.0), {}, UnitError, "exporter's statements FOB"),
        (iran(1.0), armenia(2.0, valuation=""), {}, UnitError, "found no valuation"),
        (iran(1.0, product="27"), armenia(2.0), {}, SchemaError, "one product, found 27 and TOTAL"),
        (iran(1.0), armenia(2.0), {"gas": gas(3.0)}, SchemaError, "to be a part.*of 2 .*found 3"),
        (iran(1.0), armenia(2.0)[:0], {}, FlowsError, "the importer has no row"),
        (iran(1.0, IRANIAN), armenia(2.0), {}, PeriodError, "expected one part for every day"),
        (armenia(1.0), armenia(2.0), {}, SchemaError, "found reporter ARM"),
    ],
)
def test_statements_that_cannot_be_compared_are_refused(
    exports: pd.DataFrame,
    imports: pd.DataFrame,
    goods: dict[str, pd.DataFrame],
    error: type[FlowsError],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        pair_statements(exports, imports, period=YEAR, exporter_leaves_out=goods)
