"""Trends of pairs: against pyfixest and dummies, errors by brute force, and what is refused."""

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from compare_panel import ROUNDING, SETTLED, panel_reference, panel_values, yearly_flows
from scipy import stats

from flows.errors import SampleError
from flows.models.panel_trend import PanelTrendFit, fit_panel_trend
from flows.models.quasi_likelihood import fit_quasi_likelihood
from flows.models.shared_errors import RAISED, PairError
from flows.models.trend import fit_trend

VALUES = panel_values()
SEVEN = ["ARM", "AZE", "CHN", "FRA", "KAZ", "RUS", "TUR"]


def drawn(form: str) -> pd.DataFrame:
    return yearly_flows(VALUES[VALUES["value"] > 0] if form == "log" else VALUES)


def pairs_of(*members: str, years: range = range(2015, 2019), **changes: Any) -> pd.DataFrame:
    """Return a value for every pair of members and every year, growing by a tenth with noise."""
    rng = np.random.default_rng(5)
    rows = [
        (exporter, importer, year, 100 * 1.1 ** (year - 2015) * rng.lognormal(0, 0.1))
        for exporter, importer in product(members, repeat=2)
        if exporter != importer
        for year in years
    ]
    return yearly_flows(
        pd.DataFrame(rows, columns=["exporter", "importer", "year", "value"]), **changes
    )


SIX = ("ARM", "AZE", "GEO", "IRN", "RUS", "TUR")


@pytest.mark.parametrize("group", [None, "group"])
@pytest.mark.parametrize("se", ["pair", "exporter", "importer", "two-way"])
@pytest.mark.parametrize("form", ["log", "poisson"])
def test_slopes_and_errors_are_those_of_pyfixest(form: Any, se: PairError, group: Any) -> None:
    fit = fit_panel_trend(drawn(form), form=form, se=se, group=group)
    expected = panel_reference().query("form == @form and se == @se").set_index("term")
    expected = expected.loc[fit.params.index]
    closeness = ROUNDING if form == "log" else SETTLED
    assert fit.params.to_numpy() == pytest.approx(expected["slope"].to_numpy(), rel=closeness)
    assert fit.nobs == expected["nobs"].iloc[0]
    errors = expected["std_error"].to_numpy()
    if RAISED in fit.covariance_type:
        # Only here two-way errors, in one direction, are below those of pairs.
        assert (form, se, group) == ("poisson", "two-way", "group")
        assert (fit.std_errors.to_numpy() > errors).all()
        return
    assert fit.std_errors.to_numpy() == pytest.approx(errors, rel=closeness)
    if group is not None:
        cross = expected["covariance"].iloc[0]
        assert fit.covariance.loc["far", "near"] == pytest.approx(cross, rel=closeness, abs=1e-15)


def with_dummies(used: pd.DataFrame, form: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fit a dummy for each pair beside the trend: slope, bread, and score of each observation."""
    pair = (used["exporter"] + used["importer"]).to_numpy()
    levels = (pair[:, None] == np.unique(pair)).astype("float64")
    x = np.column_stack([used["year"].to_numpy() - 2014.0, levels])
    y = used["value"].to_numpy(dtype="float64")
    if form == "log":
        params, *_ = np.linalg.lstsq(x, np.log(y))
        resids, weights = np.log(y) - x @ params, np.ones(len(y))
    else:
        fit = fit_quasi_likelihood(x, y, family="poisson")
        params, resids, weights = fit.params, y - fit.mean, fit.weights
    return params, np.linalg.inv(x.T @ (x * weights[:, None])), x * resids[:, None]


@pytest.mark.parametrize("form", ["log", "poisson"])
def test_errors_of_dyads_are_those_of_brute_force(form: Any) -> None:
    # Dummies of all pairs would take the existence of a Poisson estimate half a minute to prove.
    among = VALUES[VALUES[["exporter", "importer"]].isin(SEVEN).all(axis="columns")]
    used = among[among["value"] > 0] if form == "log" else among
    params, bread, scores = with_dummies(used, form)
    members = used[["exporter", "importer"]].to_numpy()
    shares = (members[:, None, :, None] == members[None, :, None, :]).any(axis=(2, 3))
    matrix = bread @ (scores.T @ shares @ scores) @ bread
    nobs = len(used)
    expected = np.sqrt(matrix[0, 0] * 7 / 6 * (nobs - 1) / (nobs - 2))
    fit = fit_panel_trend(yearly_flows(used), form=form, se="dyads")
    assert fit.params["trend"] == pytest.approx(params[0], rel=1e-9)
    assert fit.std_errors["trend"] == pytest.approx(expected, rel=1e-9)
    assert (fit.df, fit.nobs, RAISED in fit.covariance_type) == (6, nobs, False)


def test_growth_of_a_full_panel_is_the_mean_of_its_pairs() -> None:
    table = pairs_of(*SIX)
    years = pd.period_range("2015", "2018", freq="Y")
    slopes = [
        fit_trend(pd.Series(pair["value"].to_numpy(), index=years), se="classical").slope
        for _, pair in table.groupby(["exporter", "importer"])
    ]
    fit = fit_panel_trend(table, se="pair")
    assert fit.params["trend"] == pytest.approx(np.mean(slopes), rel=ROUNDING)
    # Clustered by pair, the error is that of the mean, but for n-1 over n-2.
    error = np.std(slopes, ddof=1) / np.sqrt(30) * np.sqrt(119 / 118)
    assert fit.std_errors["trend"] == pytest.approx(error, rel=ROUNDING)
    assert (fit.npairs, fit.nobs, fit.df, fit.clusters) == (30, 120, 29, {"pairs": 30})


@pytest.mark.parametrize("se", ["pair", "two-way", "dyads"])
@pytest.mark.parametrize("form", ["log", "poisson"])
def test_growth_does_not_depend_on_the_unit_or_the_order(form: Any, se: PairError) -> None:
    fit = fit_panel_trend(drawn(form), form=form, se=se, group="group")
    values = VALUES.assign(value=VALUES["value"] * 1e-6).sample(frac=1, random_state=3)
    other = fit_panel_trend(
        yearly_flows(values[values["value"] > 0] if form == "log" else values),
        form=form,
        se=se,
        group="group",
    )
    pd.testing.assert_frame_equal(fit.tidy(), other.tidy(), rtol=1e-9)


def test_products_are_summed() -> None:
    table = pairs_of(*SIX)
    parts = [
        table.assign(product=product, value=share * table["value"], low=0.0)
        for product, share in (("01", 0.25), ("02", 0.75))
    ]
    lines = [part.assign(line=part["line"] + 1000 * place) for place, part in enumerate(parts)]
    split = fit_panel_trend(pd.concat(lines), se="pair")
    assert split.params["trend"] == pytest.approx(
        fit_panel_trend(table, se="pair").params["trend"], rel=ROUNDING
    )
    assert {len(rows) for rows in split.rows.values()} == {240}
    alone = fit_panel_trend(pd.concat(lines), se="pair", product="02")
    assert alone.nobs == 120


def test_intervals_are_student_and_growth_is_percent() -> None:
    fit = fit_panel_trend(drawn("log"), se="dyads", level=0.9)
    slope, error = fit.params["trend"], fit.std_errors["trend"]
    half = stats.t.ppf(0.95, 11) * error
    assert fit.growth_pct == pytest.approx(100 * np.expm1(slope))
    low, high = fit.growth_interval()
    assert [low, high] == pytest.approx(
        [100 * np.expm1(slope - half), 100 * np.expm1(slope + half)]
    )
    wider = fit.growth_interval(level=0.99)
    assert wider[0] < low < fit.growth_pct < high < wider[1]
    assert fit.pvalues["trend"] == pytest.approx(2 * stats.t.sf(slope / error, 11))


def grouped() -> PanelTrendFit:
    return fit_panel_trend(drawn("log"), group="group")


def test_groups_have_growth_of_their_own() -> None:
    fit = grouped()
    near = yearly_flows(VALUES[(VALUES["value"] > 0) & (VALUES["group"] == "near")])
    alone = fit_panel_trend(near)
    assert fit.params["near"] == pytest.approx(alone.params["trend"], rel=ROUNDING)
    assert list(fit.growth().columns) == ["growth_pct", "low", "high"]
    assert fit.growth().loc["near", "growth_pct"] == pytest.approx(alone.growth_pct)
    with pytest.raises(ValueError, match=r"groups \(far, near\): read growth\(\)"):
        _ = fit.growth_pct
    with pytest.raises(ValueError, match="groups"):
        fit.growth_interval()


def test_summary_says_how_and_of_what() -> None:
    lines = grouped().summary().splitlines()
    assert lines[0] == "Trend of pairs in the logarithm"
    assert lines[1].startswith("growth far ")
    text = "\n".join(lines)
    assert "nobs            738 of 111 pairs" in text
    assert "dyads: shared by pairs with a country in common; factor G/(G-1) (n-1)/(n-k-1)" in text
    assert "12 countries; worth" in text
    assert "below 20 to 50 tests reject too often" in text


def test_clusters_that_are_many_are_not_called_few() -> None:
    eight = (*SIX, "BLR", "KAZ")
    assert fit_panel_trend(pairs_of(*eight), se="pair").few_clusters == ""
    assert "worth 8.0 equal clusters" in fit_panel_trend(pairs_of(*eight)).few_clusters


def test_pairs_that_say_nothing_of_growth_are_left_out_with_the_reason() -> None:
    table = pairs_of(*SIX)
    pair = table["exporter"] + table["importer"]
    zeros = table.assign(
        value=table["value"].mask(pair == "ARMAZE", 0.0), low=0.0, high=1e9, line=table["line"]
    )
    kept = zeros[(pair != "GEOIRN") | (table["start"].dt.year == 2016)]
    fit = fit_panel_trend(kept, form="poisson", se="pair")
    assert fit.left_out.to_dict() == {
        ("ARM", "AZE"): "zero in all years",
        ("GEO", "IRN"): "one year",
    }
    assert fit.npairs == 28
    assert "2 (GEO IRN: one year; ARM AZE: zero in all years)" in fit.summary()
    without = fit_panel_trend(
        kept[~pair[kept.index].isin(["ARMAZE", "GEOIRN"])], form="poisson", se="pair"
    )
    pd.testing.assert_frame_equal(fit.tidy(), without.tidy(), rtol=ROUNDING)


def test_zeros_are_kept_by_poisson_and_refused_by_log() -> None:
    fit = fit_panel_trend(drawn("poisson"), form="poisson", se="pair")
    assert fit.nobs == len(VALUES)
    with pytest.raises(
        SampleError, match=r"\d+ of 784 years of pairs to be zero \(ARM.*no logarithm"
    ):
        fit_panel_trend(drawn("poisson"))


@pytest.mark.parametrize(("year", "which"), [(2015, "first"), (2018, "last")])
def test_trade_at_one_end_alone_has_no_growth(year: int, which: str) -> None:
    table = pairs_of(*SIX)
    at_end = table["start"].dt.year == year
    rows = table.assign(value=table["value"].where(at_end, 0.0), low=0.0)
    with pytest.raises(SampleError, match=f"found it in the {which} year of every pair alone"):
        fit_panel_trend(rows, form="poisson", se="pair")


def test_steep_growth_is_found() -> None:
    table = pairs_of(*SIX)
    steep = table.assign(value=np.exp(8.0 * (table["start"].dt.year - 2015)), low=0.0, high=1e12)
    assert fit_panel_trend(steep, form="poisson", se="pair").params["trend"] == pytest.approx(8.0)


def test_one_country_in_all_pairs_is_refused_where_it_is_a_cluster() -> None:
    partners = ("AZE", "BLR", "CHN", "DEU", "FRA", "GEO", "IRN", "ISR", "KAZ", "RUS", "TUR")
    every = pairs_of("ARM", *partners)
    star = every[(every["exporter"] == "ARM") | (every["importer"] == "ARM")]
    with pytest.raises(SampleError, match=r"found 12 worth \d"):
        fit_panel_trend(star, se="dyads")
    exports = star[star["exporter"] == "ARM"]
    with pytest.raises(SampleError, match=r"exporters worth at least .*found 1 worth 1\.0"):
        fit_panel_trend(exports, se="two-way")
    assert fit_panel_trend(exports, se="importer").clusters == {"importers": 11}


def test_a_variance_that_is_raised_is_said_to_be() -> None:
    # Growth of opposite sign in neighbouring cells of a square: sums by country are zero.
    countries = [f"AA{letter}" for letter in "ABCDEFGHIJ"]
    rows = [
        (exporter, importer, year, 100 * np.exp((-1) ** (i + j) * 0.1 * (year - 2015)))
        for i, exporter in enumerate(countries)
        for j, importer in enumerate(countries)
        for year in (2015, 2016)
        if exporter != importer
    ]
    table = yearly_flows(pd.DataFrame(rows, columns=["exporter", "importer", "year", "value"]))
    fit = fit_panel_trend(table, se="two-way")
    assert "raised to that of pairs alone where it was below" in fit.covariance_type
    by_pair = fit_panel_trend(table, se="pair")
    fewer = (10 / 9) / (90 / 89)
    assert fit.std_errors["trend"] == pytest.approx(
        by_pair.std_errors["trend"] * np.sqrt(fewer), rel=1e-9
    )


def test_names_are_checked_first() -> None:
    table = pairs_of(*SIX)
    with pytest.raises(ValueError, match="expected form to be one of log, poisson"):
        fit_panel_trend(table, form="level")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="expected se to be one of pair, exporter, importer"):
        fit_panel_trend(table, se="hc1")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="level between 0 and 1"):
        fit_panel_trend(table, level=95)


def test_no_pair_with_several_years_is_refused() -> None:
    with pytest.raises(SampleError, match=r"none among 30 pairs \(30 \(ARM AZE, .*: one year"):
        fit_panel_trend(pairs_of(*SIX, years=range(2015, 2016)))
