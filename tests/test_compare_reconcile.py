"""Reconciled values: by hand, properties, bounds, concealment, and what is refused."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mirrors import RING, mirrors, ring, said, year
from scipy import stats
from statements import flow_table

from flows.compare.mirror_pairs import MirrorPairs, fit_margin, log_ratios, pair_mirrors
from flows.compare.reconcile import Reconciled, _cut_ends, _quantile, reconcile
from flows.compare.reliability import Reliability, log_asymmetries, reliability
from flows.errors import SampleError, SchemaError
from flows.models.sample import FloatArray

EQUAL = {"IRN": 0.1, "ARM": 0.1}
ROUNDING = 1e-9
STD_DEVS = dict(zip(RING, (0.1, 0.1, 0.3, 0.3), strict=True))


def best(pairs: MirrorPairs, **changes: Any) -> pd.Series:
    asked: dict[str, Any] = {"log_std_devs": EQUAL, "cif_fob_ratio": (1.1, 1.1)}
    return reconcile(pairs, **(asked | changes)).table.iloc[0]


def estimated(pairs: MirrorPairs, **changes: Any) -> Reliability:
    asked: dict[str, Any] = {"cif_fob_ratio": (1.1, 1.1), "importer_ratio": 1.0, "prior_df": 0.1}
    return reliability(pairs, **(asked | {"draws": 40, "rng": 1} | changes))


def ring_pairs(**changes: Any) -> MirrorPairs:
    asked: dict[str, Any] = {"years": 8, "seed": 2}
    return pair_mirrors(ring(STD_DEVS, **(asked | changes)), nominal_below=0.0)


def covariates(**changes: Any) -> pd.DataFrame:
    pairs = [(one, other) for one in RING for other in RING if one != other]
    frame = pd.DataFrame(pairs, columns=["exporter", "importer"]).assign(
        year=2000,
        dist=np.linspace(300.0, 4000.0, len(pairs)),
        contig=[1.0, 0.0, 0.0] * 4,
        dataset="gravity@1",
        line=range(2, len(pairs) + 2),
    )
    return frame.assign(**changes)


def test_equal_weights_give_the_geometric_mean_of_both_fob() -> None:
    row = best(mirrors(100.0, 1.1 * 121.0))
    assert row["value"] == pytest.approx(110.0, rel=ROUNDING)
    assert (row["kind"], row["exporter_weight"], row["importer_weight"]) == ("both", 0.5, 0.5)
    # log 1.21 is 1.35 standard deviations of a difference of two errors of 0.1.
    widened = math.log(1.21) / math.hypot(0.1, 0.1)
    assert row["widened"] == pytest.approx(widened, rel=ROUNDING)
    half = widened * 0.1 / math.sqrt(2) * stats.norm.ppf(0.975)
    assert row["interval_high"] == pytest.approx(110 * math.exp(half), rel=ROUNDING)
    assert row["interval_low"] == pytest.approx(110 * math.exp(-half), rel=ROUNDING)
    assert "ARM (CIF / 1.10) with weight 0.50" in row["audit"]
    assert "differ by a factor of 1.21" in row["audit"]


def test_weights_are_inverse_variances() -> None:
    row = best(mirrors(100.0, 110.0 * math.e**0.1), log_std_devs={"IRN": 0.3, "ARM": 0.1})
    assert row["exporter_weight"] == pytest.approx(0.1, rel=ROUNDING)
    assert row["value"] == pytest.approx(100 * math.exp(0.09), rel=ROUNDING)
    assert row["widened"] == 1
    half = stats.norm.ppf(0.975) * math.sqrt(0.09 * 0.01 / 0.1)
    assert row["interval_high"] == pytest.approx(row["value"] * math.exp(half), rel=ROUNDING)
    assert row["audit"].startswith("ARM (CIF / 1.10) with weight 0.90, IRN (FOB) with weight 0.10")
    assert "widened" not in row["audit"]


def test_a_range_of_the_ratio_is_added_to_both_ends() -> None:
    point, wide = (
        best(mirrors(100.0, 108.0), cif_fob_ratio=margin)
        for margin in ((math.sqrt(1.06 * 1.10),) * 2, (1.06, 1.10))
    )
    assert wide["value"] == pytest.approx(point["value"], rel=ROUNDING)
    # Half of the range of the log, at a weight of one half.
    reach = math.exp(math.log(1.10 / 1.06) / 4)
    assert wide["interval_high"] == pytest.approx(point["interval_high"] * reach, rel=ROUNDING)
    assert wide["interval_low"] == pytest.approx(point["interval_low"] / reach, rel=ROUNDING)
    assert "CIF / 1.06 to 1.10" in wide["audit"]


def test_an_importer_who_states_fob_is_not_converted() -> None:
    pairs = pair_mirrors(
        flow_table(
            said("exporter", "IRN", "ARM", 100.0, line=1),
            said("importer", "IRN", "ARM", 100.0, line=2, valuation="FOB"),
        ),
        nominal_below=0.0,
    )
    assert best(pairs, cif_fob_ratio=(1.06, 1.10))["value"] == pytest.approx(100.0, rel=ROUNDING)
    assert "ARM (FOB)" in best(pairs)["audit"]


def union_on_a_grid(
    exporter: FloatArray, importer: FloatArray, std_devs: tuple[float, float], ratios: FloatArray
) -> tuple[float, float]:
    """Return the ends of the union by brute force, over statements and ratios on a grid."""
    x, m = np.log(exporter)[:, None, None], np.log(importer)[:, None] - np.log(ratios)
    v_x, v_m = (std_dev**2 for std_dev in std_devs)
    center = (v_m * x + v_x * m) / (v_x + v_m)
    birge = np.maximum(np.abs(m - x) / math.sqrt(v_x + v_m), 1.0)
    half = stats.norm.ppf(0.975) * math.sqrt(v_x * v_m / (v_x + v_m)) * birge
    return float(np.exp(np.min(center - half))), float(np.exp(np.max(center + half)))


def test_bounds_of_a_source_reach_into_the_interval() -> None:
    plain, bounded = best(mirrors(100.0, 110.0)), best(mirrors(100.0, 110.0, low=81.0, high=121.0))
    assert bounded["value"] == plain["value"]
    ends = union_on_a_grid(
        np.linspace(81, 121, 401), np.array([110.0]), (0.1, 0.1), np.array([1.1])
    )
    assert bounded[["interval_low", "interval_high"]].to_list() == pytest.approx(ends, rel=ROUNDING)
    nothing = best(mirrors(100.0, 110.0, low=0.0))
    assert nothing["interval_low"] == pytest.approx(0.0, abs=1e-100)


def test_the_union_over_the_ratio_is_exact() -> None:
    # Random flows and ranges against a grid of ratios whose ends are in it; where the two sides
    # lie far apart at one end of the range only, the middle's Birge ratio would be short.
    rng = np.random.default_rng(14)
    for _ in range(40):
        exporter, importer = np.exp(rng.normal(0, 0.4, size=2))
        std_devs = tuple(np.exp(rng.normal(-2, 0.8, size=2)))
        low = float(rng.uniform(1, 1.1))
        high = low + float(rng.exponential(0.1))
        row = best(
            mirrors(exporter, importer),
            log_std_devs=dict(zip(EQUAL, std_devs, strict=True)),
            cif_fob_ratio=(low, high),
        )
        ends = union_on_a_grid(
            np.array([exporter]), np.array([importer]), std_devs, np.linspace(low, high, 501)
        )
        assert row[["interval_low", "interval_high"]].to_list() == pytest.approx(ends, rel=1e-12)


@pytest.mark.parametrize("df", [2.0, 4.0, np.inf])
def test_the_union_is_exact_where_a_bound_cuts_off(df: float) -> None:
    rng = np.random.default_rng(15)
    for _ in range(60):
        centers = np.sort(rng.normal(0, 1.5, size=3))
        scale, cut = rng.exponential() + 0.05, centers[0] + 3 * rng.normal()
        cuts = np.array([cut, cut + rng.exponential(0.3)])
        low, _, high = _cut_ends(
            centers[:, None], np.array([scale]), np.array([df]), cuts[:, None], tail=0.025
        )
        grid = np.linspace(centers[0], centers[2], 2001)
        low_on_grid, high_on_grid = (
            _quantile(grid, np.full(2001, scale), np.full(2001, df), np.full(2001, end), at=at)
            for end, at in zip(cuts, (0.025, 0.975), strict=True)
        )
        # No point of the grid is lower; the lowest is missed by the grid's step at most.
        assert low[0] <= low_on_grid.min() + 1e-12
        assert low[0] == pytest.approx(low_on_grid.min(), abs=1e-4)
        assert high[0] == pytest.approx(high_on_grid.max(), rel=1e-12)


sizes = st.floats(1.0, 1e12)
std_devs = st.floats(0.01, 2.0)


@settings(deadline=None, max_examples=25)
@given(sizes, sizes, std_devs, std_devs, st.floats(0.001, 1000.0))
def test_value_lies_between_the_statements_and_scales_with_them(
    one: float, other: float, exporters: float, importers: float, factor: float
) -> None:
    weights = {"IRN": exporters, "ARM": importers}
    row = best(mirrors(one, other), log_std_devs=weights)
    statements = sorted([row["exporter_fob"], row["importer_fob"]])
    assert statements[0] * (1 - ROUNDING) <= row["value"] <= statements[1] * (1 + ROUNDING)
    assert row["interval_low"] < row["value"] < row["interval_high"]
    scaled = best(mirrors(factor * one, factor * other), log_std_devs=weights)
    for column in ("value", "interval_low", "interval_high"):
        assert scaled[column] == pytest.approx(factor * row[column], rel=1e-6)


@settings(deadline=None, max_examples=10)
@given(sizes, sizes)
def test_at_equal_weights_the_interval_holds_both_statements(one: float, other: float) -> None:
    row = best(mirrors(one, other))
    for side in ("exporter", "importer"):
        fob = row[f"{side}_fob"]
        assert row["interval_low"] <= fob * (1 + ROUNDING)
        assert fob <= row["interval_high"] * (1 + ROUNDING)


def test_a_higher_level_gives_a_wider_interval() -> None:
    pairs = mirrors(100.0, 150.0)
    narrow, wide = (best(pairs, level=level) for level in (0.8, 0.99))
    assert wide["interval_low"] < narrow["interval_low"]
    assert narrow["interval_high"] < wide["interval_high"]


def test_one_statement_keeps_the_error_of_its_reporter() -> None:
    pairs = pair_mirrors(flow_table(said("importer", "IRN", "ARM", 110.0)), nominal_below=0.0)
    row = best(pairs, log_std_devs={"ARM": 0.2})
    assert (row["kind"], row["importer_weight"]) == ("importer only", 1.0)
    assert row["value"] == pytest.approx(100.0, rel=ROUNDING)
    half = stats.norm.ppf(0.975) * 0.2
    assert row["interval_low"] == pytest.approx(100 * math.exp(-half), rel=ROUNDING)
    assert row["audit"] == (
        "ARM (CIF / 1.10) alone: IRN makes no statements; given standard deviation of the log 0.20"
    )


@pytest.mark.parametrize("importer_report", [0.0, 0.5])
def test_what_one_side_conceals_is_not_averaged_with_nothing(importer_report: float) -> None:
    row = best(mirrors(1331.62e6, importer_report, nominal_below=0.01))
    assert row["kind"] == "exporter only, concealed"
    assert row["value"] == pytest.approx(1331.62e6, rel=ROUNDING)
    assert row["exporter_weight"] == 1
    assert row["audit"].startswith("IRN (FOB) alone: ARM states ")


def test_more_than_is_a_bound_that_cuts_the_other_side_off() -> None:
    row = best(mirrors(100.0, 110.0, high=float("nan")))
    assert (row["kind"], row["at_least"]) == ("exporter's bound", 100.0)
    # A normal distribution cut off at its middle: the median of a half-normal one.
    assert row["value"] == pytest.approx(100 * math.exp(0.1 * stats.norm.ppf(0.75)), rel=ROUNDING)
    assert row["interval_low"] == pytest.approx(
        100 * math.exp(0.1 * stats.norm.ppf(0.5125)), rel=ROUNDING
    )
    assert "IRN states a lower bound only, less than USD\xa0100 is cut off" in row["audit"]
    far = best(mirrors(1.0, 110.0, high=float("nan")))
    assert far["value"] == pytest.approx(100.0, rel=ROUNDING)


def test_a_bound_of_the_importer_is_one_under_the_highest_ratio() -> None:
    rows = flow_table(
        said("exporter", "IRN", "ARM", 200.0, line=1),
        said("importer", "IRN", "ARM", 110.0, line=2, high=float("nan")),
    )
    row = best(pair_mirrors(rows, nominal_below=0.0), cif_fob_ratio=(1.0, 1.1))
    assert (row["kind"], row["at_least"]) == ("importer's bound", pytest.approx(100.0))
    assert row["value"] == pytest.approx(200.0, rel=1e-6)


def test_a_bound_above_all_that_the_other_side_allows_gives_no_value() -> None:
    row = best(mirrors(1000.0, 110.0, high=float("nan")))
    assert row["kind"] == "contradicted"
    assert row[["value", "interval_low", "interval_high", "exporter_weight"]].isna().all()
    assert row["at_least"] == 1000.0
    assert row["audit"] == (
        "no value: IRN states a lower bound only, which the other statement contradicts"
    )


def test_without_a_size_there_is_no_value() -> None:
    bound, none = best(mirrors(100.0, 0.0, high=float("nan"))), best(mirrors(0.0, 0.0))
    assert (bound["kind"], none["kind"]) == ("bound only", "none stated")
    assert pd.isna([bound["value"], none["value"]]).all()
    assert none["audit"] == "no value: IRN states zero; ARM states zero"


def test_who_gives_errors_gives_them_for_all_and_positive() -> None:
    with pytest.raises(ValueError, match=r"every reporter, found none for ARM"):
        best(mirrors(100.0, 110.0), log_std_devs={"IRN": 0.1})
    with pytest.raises(ValueError, match="positive standard deviations, found ARM 0"):
        best(mirrors(100.0, 110.0), log_std_devs={"IRN": 0.1, "ARM": 0.0})
    with pytest.raises(ValueError, match="level between 0 and 1"):
        best(mirrors(100.0, 110.0), level=95)


@pytest.mark.parametrize("margin", [(0.9, 1.1), (1.1, 1.06), (1.0, float("inf"))])
def test_ratios_are_not_below_one_and_in_order(margin: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="the lowest and the highest ratio, 1 or more"):
        best(mirrors(100.0, 110.0), cif_fob_ratio=margin)


def test_reliabilities_are_recovered_from_a_ring() -> None:
    found = estimated(ring_pairs(years=300))
    # Standard errors of 0.005 to 0.01 at 1,800 flows of each reporter.
    assert found.params.to_dict() == pytest.approx(STD_DEVS, abs=0.03)
    assert found.last_change <= found.tolerance
    assert (found.nobs, found.npairs) == (3600, 12)
    assert found.flows.to_dict() == dict.fromkeys(RING, 1800)
    assert [one.identified for one in found.components] == [True]
    assert found.components[0].name == "ARM, GEO, IRN and 1 more"


def test_a_table_of_reliabilities_has_the_best_first() -> None:
    found = estimated(ring_pairs(), importer_ratio=4.0)
    tidy = found.tidy(level=0.5)
    assert tidy["as_exporter"].is_monotonic_increasing
    np.testing.assert_allclose(tidy["as_importer"], 2 * tidy["as_exporter"], rtol=ROUNDING)
    assert (tidy["low"] < tidy["high"]).all()
    assert (found.conf_int(level=0.9)["low"] <= found.conf_int(level=0.5)["low"]).all()
    assert (found.std_errors > 0).all()
    assert "not identified  none" in found.summary()
    assert "(tolerance 1e-08)" in found.summary()


def test_neither_unit_nor_chance_changes_reliabilities() -> None:
    pairs, scaled = ring_pairs(), ring_pairs(scale=1000.0)
    first = estimated(pairs)
    pd.testing.assert_series_equal(estimated(scaled).params, first.params, rtol=1e-6)
    other = estimated(pairs, rng=2)
    pd.testing.assert_series_equal(other.params, first.params)
    assert not other.draws.equals(first.draws)


def test_one_pair_of_countries_identifies_nothing() -> None:
    with pytest.raises(SampleError, match=r"ring of odd length; found ARM, IRN"):
        estimated(mirrors(100.0, 110.0))
    with pytest.raises(SampleError, match="no flow is reported by both sides"):
        estimated(mirrors(100.0, 0.0))
    with pytest.raises(ValueError, match="at least 2 draws, found 1"):
        estimated(ring_pairs(), draws=1)


def mixed() -> MirrorPairs:
    """Return a ring, and Chile and Peru who trade with each other only."""
    flows = pd.concat(
        [
            ring(STD_DEVS, years=8, seed=2),
            flow_table(
                said("exporter", "CHL", "PER", 100.0, line=901, **year(2000)),
                said("importer", "CHL", "PER", 120.0, line=902, **year(2000)),
                said("exporter", "CHL", "BOL", 120.0, line=903, **year(2000)),
            ),
        ],
        ignore_index=True,
    )
    return pair_mirrors(flows, nominal_below=0.0)


def test_reporters_that_are_not_identified_are_named_and_get_no_value() -> None:
    pairs = mixed()
    found = estimated(pairs)
    assert [one.reporters for one in found.components if not one.identified] == [("CHL", "PER")]
    assert "not identified  CHL, PER" in found.summary()
    values = reconcile(pairs, log_std_devs=found, cif_fob_ratio=(1.1, 1.1))
    apart = values.table[values.table["exporter"] == "CHL"]
    assert apart["kind"].tolist() == ["not identified", "not identified"]
    assert apart["value"].isna().all()
    assert apart["audit"].str.contains("not identified").all()
    assert len(values.tidy()) == len(values.table) - 2
    assert "not identified" in values.summary()
    assert values.summary().startswith("98 flows, USD, 95% level")


def test_estimated_variances_have_degrees_of_freedom() -> None:
    pairs = ring_pairs()
    found = estimated(pairs)
    row = reconcile(pairs, log_std_devs=found, cif_fob_ratio=(1.1, 1.1)).table.iloc[0]
    shares = np.array([row["exporter_weight"], row["importer_weight"]]) ** 2
    names = [row["exporter"], row["importer"]]
    variance = shares @ found.variances[names]
    uncertainty = shares @ found.covariance.loc[names, names] @ shares
    assert row["df"] == pytest.approx(2 * variance**2 / uncertainty, rel=ROUNDING)
    assert "estimated standard deviations" in row["audit"]


def test_hardly_known_variances_leave_two_degrees_of_freedom_and_a_finite_interval() -> None:
    pairs = ring_pairs()
    found = estimated(pairs)
    vague = replace(found, covariance=1e6 * found.covariance)
    values = reconcile(pairs, log_std_devs=vague, cif_fob_ratio=(1.1, 1.1)).table
    assert (values["df"] == 2).all()
    known = reconcile(pairs, log_std_devs=found, cif_fob_ratio=(1.1, 1.1)).table
    assert (known["df"] > 2).any()
    assert np.isfinite(values["interval_high"]).all()
    assert (values["interval_high"] >= known["interval_high"]).all()


def test_a_fitted_margin_grows_with_distance_and_is_not_below_one() -> None:
    distances = covariates().set_index(["exporter", "importer"])["dist"]
    flows = ring(dict.fromkeys(RING, 0.01), years=6, seed=3)
    ratio = (distances / 300) ** 0.05 / 1.1
    factor = pd.MultiIndex.from_frame(flows[["exporter", "importer"]]).map(ratio).to_numpy()
    imports = (flows["reporter"] == flows["importer"]).to_numpy()
    for column in ("value", "low", "high"):
        flows[column] = flows[column].where(~imports, flows[column] * factor)
    pairs = pair_mirrors(flows, nominal_below=0.0)
    fit = fit_margin(pairs, covariates())
    assert fit.params["log_distance"] == pytest.approx(0.05, abs=0.01)
    assert fit.nobs == 12
    assert fit.pairs["periods"].unique().tolist() == [6]
    predicted = fit.predict()
    assert (predicted[["cif_fob_ratio", "low", "high"]] >= 1).all(axis=None)
    assert (predicted["low"] <= predicted["high"]).all()
    assert predicted["line"].tolist() == list(range(2, 14))
    assert list(fit.tidy().columns) == ["estimate", "std_error", "pvalue", "low", "high"]
    values = reconcile(pairs, log_std_devs=dict.fromkeys(RING, 0.1), cif_fob_ratio=fit).table
    middle = predicted.set_index(["exporter", "importer"])
    assert values["importer_std_dev"].iloc[0] == pytest.approx(
        math.hypot(0.1, middle["std_error"].iloc[0]), rel=ROUNDING
    )
    assert log_ratios(fit, pairs.table).middle.min() >= 0


def test_a_fitted_margin_needs_covariates() -> None:
    pairs = ring_pairs()
    few = covariates().query("exporter != 'RUS'")
    fit = fit_margin(pairs, few)
    assert (fit.nobs, fit.without_covariates) == (9, 3)
    with pytest.raises(
        SampleError, match=r"no distance for 3 pairs .*: RUS to ARM, RUS to GEO, RUS to IRN"
    ):
        log_asymmetries(pairs, fit)
    with pytest.raises(SampleError, match=r"none of the 12 pairs .* has a distance"):
        fit_margin(pairs, covariates(dist=np.nan))


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (covariates().drop(columns="contig"), "expected contig, found no such column"),
        (covariates(dist=0.0), "a positive distance, not so at gravity@1 lines 2"),
        (covariates(exporter="IRN", importer="ARM"), "each pair and year once, not so at"),
    ],
)
def test_covariates_that_are_none_are_refused(frame: pd.DataFrame, message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        fit_margin(ring_pairs(), frame)


def test_the_last_year_with_both_covariates_is_used() -> None:
    later = covariates(year=2010, dist=np.nan)
    middle = covariates(year=2005, line=99)
    fit = fit_margin(ring_pairs(), pd.concat([covariates(), later, middle]))
    assert fit.covariates["line"].unique().tolist() == [99]


def test_the_result_keeps_what_the_sides_state() -> None:
    pairs = mirrors(100.0, 110.0)
    found = reconcile(pairs, log_std_devs=EQUAL, cif_fob_ratio=(1.06, 1.10), level=0.9)
    assert isinstance(found, Reconciled)
    assert (found.unit, found.level, found.pairs) == ("USD", 0.9, pairs)
    assert found.pairs.table["exporter_line"].tolist() == [1]
