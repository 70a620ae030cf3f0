"""Gravity of pairs: what goes into the panel, which errors, what is left out, what is refused."""

from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from compare_panel import yearly_flows

from flows.errors import DoubleCountError, PeriodError, SampleError, SchemaError, ScopeError
from flows.models.gravity.gravity import GravityFit, fit_gravity
from flows.models.gravity.pseudo_likelihood import fit_poisson
from flows.scope import Scope, remember

MEMBERS = ("ARM", "AZE", "BLR", "CHN", "FRA", "GEO", "IRN", "KAZ", "RUS", "TUR")
YEARS = range(2015, 2019)


def values(seed: int = 1, zeros: float = 0.15) -> pd.DataFrame:
    """Return what every member sold to every other in every year, drawn around a gravity model."""
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame(
        [(one, other, year) for one, other in permutations(MEMBERS, 2) for year in YEARS],
        columns=["exporter", "importer", "year"],
    )
    joined = rows.merge(pairs(), how="left").merge(agreements(), how="left")
    mean = np.exp(15 - 0.9 * joined["log_distance"] + 0.5 * joined["fta"])
    drawn = mean * rng.gamma(2, 0.5, len(rows)) * (rng.random(len(rows)) >= zeros)
    return rows.assign(value=drawn)


def pairs() -> pd.DataFrame:
    """Return distances of pairs, the same in both directions."""
    places = dict(zip(MEMBERS, np.random.default_rng(7).uniform(1, 9, len(MEMBERS)), strict=True))
    frame = pd.DataFrame(permutations(MEMBERS, 2), columns=["exporter", "importer"])
    km = [100 + 900 * abs(places[a] - places[b]) for a, b in permutations(MEMBERS, 2)]
    return frame.assign(log_distance=np.log(km))


def agreements() -> pd.DataFrame:
    """Return whether a pair has an agreement, which some have from a year on."""
    rng = np.random.default_rng(8)
    frame = pairs()[["exporter", "importer"]]
    first = rng.integers(2014, 2022, len(frame))
    frame = frame.assign(first=first).merge(pd.DataFrame({"year": YEARS}), how="cross")
    return frame.assign(fta=(frame["year"] >= frame["first"]).astype(float)).drop(columns="first")


def world(frame: pd.DataFrame, **scope: Any) -> pd.DataFrame:
    """Return a flow table that says it counts all partners of all countries in all years."""
    table = yearly_flows(frame[frame["value"] > 0])
    claims = {"partners": "all", "countries": {"imports": None, "exports": None}} | scope
    remember("drawn@1", Scope(**{"years": (YEARS[0], YEARS[-1])} | claims).of_rows(table))
    return table


def whole(**columns: Any) -> pd.DataFrame:
    """Return a panel of one's own, zeros and regressors in it."""
    frame = values().merge(pairs(), how="left").merge(agreements(), how="left")
    return frame.assign(**columns)


def by_hand(frame: pd.DataFrame, *, three: bool, regressors: list[str]) -> Any:
    absorb: list[Any] = [("exporter", "year"), ("importer", "year")]
    return fit_poisson(
        frame,
        "value",
        regressors,
        absorb=[*absorb, ("exporter", "importer")] if three else absorb,
        cluster=("exporter", "importer"),
    )


@pytest.mark.parametrize("effects", ["two-way", "three-way"])
def test_flow_table_and_own_panel_give_the_same(effects: Any) -> None:
    names = ["log_distance", "fta"] if effects == "two-way" else ["fta"]
    covariates = pairs().merge(agreements())
    table = fit_gravity(world(values()), covariates, names, effects=effects)
    own = fit_gravity(whole(), regressors=names, effects=effects)
    general = by_hand(whole(), three=effects == "three-way", regressors=names)
    for fit in (own, general):
        assert fit.params.to_numpy() == pytest.approx(table.params.to_numpy(), rel=1e-10)
        assert fit.std_errors.to_numpy() == pytest.approx(table.std_errors.to_numpy(), rel=1e-9)
        assert fit.nobs == table.nobs
    assert table.assumed == table.zeros > 0
    assert table.unit == "USD"
    assert sum(map(len, table.rows.values())) == int((values()["value"] > 0).sum())


def test_zeros_come_only_where_the_source_would_have_a_row() -> None:
    frame = values(zeros=0.3)
    everyone = fit_gravity(world(frame), pairs())
    assert everyone.nobs == len(frame)
    some = tuple(code for code in MEMBERS if code not in ("GEO", "IRN"))
    partly = fit_gravity(world(frame, countries={"imports": some}), pairs())
    rows = frame[frame["importer"].isin(some) | (frame["value"] > 0)]
    assert partly.nobs == len(rows) < len(frame)
    stated = fit_gravity(world(frame), pairs(), absent="missing")
    assert stated.nobs == int((frame["value"] > 0).sum())
    assert stated.assumed == 0


def test_a_year_of_a_country_that_is_not_whole_has_no_zeros() -> None:
    frame = values(zeros=0.3)
    table = yearly_flows(frame[frame["value"] > 0]).assign(reporter=lambda rows: rows["importer"])
    bought = (table["importer"] == "GEO") & (table["start"].dt.year == 2017)
    told = table.loc[bought, "exporter"].tolist()[:2]
    by_sellers = (table["importer"] == "GEO") & table["exporter"].isin(told)
    table.loc[by_sellers, "reporter"] = table.loc[by_sellers, "exporter"]
    table.loc[bought & ~by_sellers, "end"] = pd.Timestamp("2017-06-30")
    claims: dict[str, Any] = {"partners": "all", "countries": {"imports": None}}
    remember("drawn@1", Scope(**claims, years=(YEARS[0], YEARS[-1])).of_rows(table))
    index = fit_gravity(table, pairs()).fitted.index.to_frame(index=False)
    of_georgia = index[index["importer"] == "GEO"]
    assert of_georgia.loc[of_georgia["year"] == 2017, "exporter"].tolist() == told
    assert (of_georgia["year"] == 2018).sum() == len(MEMBERS) - 1


def test_zeros_of_partial_sources_are_refused() -> None:
    frame = values()
    with pytest.raises(ScopeError, match="partners: named in drawn@1"):
        fit_gravity(world(frame, partners="named"), pairs())
    with pytest.raises(PeriodError, match="says which years it counts"):
        fit_gravity(world(frame, years=None), pairs())
    table = world(frame)
    with pytest.raises(ScopeError, match="are not in the table any more"):
        fit_gravity(table[table["value"] > table["value"].median()], pairs())
    fit = fit_gravity(table, pairs(), start=2016, end=2017)
    assert sorted(fit.fitted.index.get_level_values("year").unique()) == [2016, 2017]


def test_covariates_of_years_and_of_pairs() -> None:
    yearly = pairs().merge(pd.DataFrame({"year": YEARS}), how="cross")
    fixed, changing = (fit_gravity(world(values()), one) for one in (pairs(), yearly))
    assert changing.params.to_numpy() == pytest.approx(fixed.params.to_numpy(), rel=1e-12)
    with_km = pairs().assign(km=np.exp(pairs()["log_distance"]))
    assert list(fit_gravity(world(values()), with_km).params.index) == ["log_distance"]


def test_missing_covariates_are_named_or_left_out() -> None:
    lacking = pairs()
    lacking.loc[(lacking[["exporter", "importer"]] == "GEO").any(axis=1), "log_distance"] = np.nan
    table = world(values())
    with pytest.raises(SampleError, match="no log_distance of any pair of GEO; give it"):
        fit_gravity(table, lacking)
    fit = fit_gravity(table, lacking, missing="leave out")
    assert fit.left_out.unique().tolist() == ["no log_distance"]
    assert fit.nobs + len(fit.left_out) == len(values())
    one = pairs()
    one.loc[0, "log_distance"] = np.nan
    with pytest.raises(SampleError, match="no log_distance of ARM AZE 2015"):
        fit_gravity(table, one)


def test_domestic_trade_stands_in_the_panel() -> None:
    own = pd.DataFrame([(c, y, 1e6) for c in MEMBERS for y in YEARS])
    own.columns = pd.Index(["country", "year", "value"])
    home = pd.DataFrame({"exporter": MEMBERS, "importer": MEMBERS, "log_distance": np.log(50)})
    covariates = pd.concat([pairs(), home])
    fit = fit_gravity(world(values()), covariates, domestic=own)
    assert fit.nobs == len(values()) + len(own)
    frame = pd.concat([values(), own.assign(exporter=own["country"], importer=own["country"])])
    expected = by_hand(
        frame.merge(covariates, how="left"), three=False, regressors=["log_distance"]
    )
    assert fit.params.to_numpy() == pytest.approx(expected.params.to_numpy(), rel=1e-10)
    with pytest.raises(SampleError, match="no log_distance of ARM ARM 2015"):
        fit_gravity(world(values()), pairs(), domestic=own)
    with pytest.raises(SchemaError, match="expected columns country, year, value, found no year"):
        fit_gravity(world(values()), covariates, domestic=own.drop(columns="year"))
    with pytest.raises(SchemaError, match="expected each pair once in a year, found 40 again"):
        fit_gravity(world(values()), covariates, domestic=pd.concat([own, own]))


def test_what_effects_absorb_is_named() -> None:
    with pytest.raises(SampleError, match="log_distance: expected a regressor that varies within"):
        fit_gravity(world(values()), pairs(), effects="three-way")
    gdp = whole(gdp=lambda frame: frame["year"] * frame["exporter"].str.len() * 1.0)
    with pytest.raises(SampleError, match="gdp: expected a regressor that varies"):
        fit_gravity(gdp, regressors=["log_distance", "gdp"])


def test_one_year_has_no_effects_of_pairs() -> None:
    with pytest.raises(SampleError, match="several years with effects of pairs, found 2016 alone"):
        fit_gravity(whole(), regressors=["fta"], effects="three-way", start=2016, end=2016)


def test_groups_of_zeros_and_of_one_row_are_left_out_and_named() -> None:
    frame = whole()
    frame.loc[(frame["exporter"] == "GEO") & (frame["year"] == 2015), "value"] = 0
    frame.loc[(frame["exporter"] == "IRN") & (frame["importer"] == "FRA"), "value"] = 0
    alone = (frame["exporter"] == "TUR") & (frame["importer"] == "RUS") & (frame["year"] > 2015)
    fit = fit_gravity(frame[~alone], regressors=["fta"], effects="three-way")
    reasons = fit.left_out.groupby(fit.left_out).size().to_dict()
    assert reasons["the only row of pair"] >= 1
    assert reasons["all rows of exporter and year are zero"] == len(MEMBERS) - 1
    assert reasons["all rows of pair are zero"] >= len(YEARS)
    assert fit.left_out.loc[("TUR", "RUS", 2015)] == "the only row of pair"
    assert "all rows of exporter and year are zero: GEO" in fit.summary()
    kept = frame[~alone].set_index(["exporter", "importer", "year"]).drop(fit.left_out.index)
    again = fit_gravity(kept.reset_index(), regressors=["fta"], effects="three-way")
    assert again.params.to_numpy() == pytest.approx(fit.params.to_numpy(), rel=1e-10)
    assert again.nobs == fit.nobs


def test_separated_flows_are_refused_or_left_out() -> None:
    frame = whole()
    frame["embargo"] = ((frame["exporter"] == "ARM") & (frame["importer"] == "AZE")).astype(float)
    frame.loc[frame["embargo"] == 1, "value"] = 0
    named = (
        r"found 4 rows separated \(ARM AZE 2015, ARM AZE 2016, .*\): "
        "along some combination of embargo and the effects the"
    )
    with pytest.raises(SampleError, match=named):
        fit_gravity(frame, regressors=["fta", "embargo"])
    with pytest.raises(SampleError, match="embargo: expected a regressor that varies within"):
        fit_gravity(frame, regressors=["fta", "embargo"], separated="leave out")
    mixed = frame.assign(embargo=frame["embargo"] + (frame["log_distance"] > 9) * frame["fta"])
    fit = fit_gravity(mixed, regressors=["fta"], separated="leave out")
    assert fit.left_out.empty


@pytest.mark.parametrize("se", ["robust", "pair", "exporter", "importer", "two-way", "dyadic"])
def test_errors_change_nothing_but_errors(se: Any) -> None:
    base, fit = fit_gravity(whole()), fit_gravity(whole(), se=se)
    assert fit.params.equals(base.params)
    assert (fit.std_errors > 0).all()
    assert (fit.std_errors.equals(base.std_errors)) == (se == "pair")
    assert fit.covariance_type in fit.summary()


def test_correction_of_bias_and_errors() -> None:
    fit = fit_gravity(whole(), regressors=["fta"], effects="three-way")
    corrected = fit_gravity(whole(), regressors=["fta"], effects="three-way", correct=True)
    assert (corrected.params + corrected.bias).to_numpy() == pytest.approx(fit.params.to_numpy())
    assert corrected.bias.abs().gt(0).all()
    assert (corrected.std_errors > fit.std_errors).all()
    assert corrected.covariance.loc["fta", "fta"] == pytest.approx(corrected.std_errors["fta"] ** 2)
    assert "Weidner" in corrected.summary()
    assert (fit.bias == 0).all()
    two = fit_gravity(whole(), regressors=["fta"], correct=True)
    assert (two.bias == 0).all()
    with pytest.raises(ValueError, match="expected se='pair', whose errors it adjusts"):
        fit_gravity(whole(), regressors=["fta"], correct=True, se="robust")


def test_undirected_pairs_share_effects_and_clusters() -> None:
    fit = fit_gravity(whole(), regressors=["fta"], effects="three-way", pair="undirected")
    assert fit.effects.loc["undirected pair", "levels"] == len(MEMBERS) * (len(MEMBERS) - 1) / 2
    assert fit.clusters == {"undirected pairs": 45}


BAD: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "no year": ({"drop": "year"}, SchemaError, "found no year; of a flow table give covariates="),
    "negative": ({"value": -1.0}, SchemaError, "expected finite values that are not negative"),
    "infinite": ({"value": np.inf}, SchemaError, "expected finite values that are not negative"),
    "infinite regressor": ({"fta": np.inf}, SchemaError, "fta: expected finite numbers"),
    "missing regressor": ({"fta": np.nan}, SampleError, "no fta of ARM AZE 2015"),
    "missing country": ({"exporter": None}, SchemaError, "expected an exporter"),
    "texts": ({"value": "1e6"}, SchemaError, "value: expected numbers, found"),
}


@pytest.mark.parametrize("kind", BAD)
def test_damaged_panels_are_refused(kind: str) -> None:
    changes, error, words = BAD[kind]
    frame = whole()
    for column, value in changes.items():
        if column == "drop":
            frame = frame.drop(columns=value)
        elif value == "1e6":
            frame[column] = frame[column].astype("str")
        else:
            frame.loc[0, column] = value
    with pytest.raises(error, match=words):
        fit_gravity(frame, regressors=["fta"])


def test_years_without_flows_are_refused() -> None:
    with pytest.raises(SchemaError, match="found none among 360 flows of 2015 to 2018"):
        fit_gravity(whole(), regressors=["fta"], start=1990, end=1991)


@pytest.mark.parametrize("unit", [1e290, 1e-290])
@pytest.mark.filterwarnings("error")
def test_units_at_the_ends_of_numbers_change_nothing(unit: float) -> None:
    fit = fit_gravity(whole(), regressors=["fta"])
    other = fit_gravity(
        whole().assign(value=lambda frame: frame["value"] * unit), regressors=["fta"]
    )
    assert other.params.to_numpy() == pytest.approx(fit.params.to_numpy(), rel=1e-10)
    assert other.std_errors.to_numpy() == pytest.approx(fit.std_errors.to_numpy(), rel=1e-10)
    assert other.few_clusters == fit.few_clusters


def test_a_pair_twice_in_a_year_is_refused() -> None:
    frame = whole()
    with pytest.raises(SchemaError, match=r"found 1 again \(ARM AZE 2015\)"):
        fit_gravity(pd.concat([frame, frame.head(1)]), regressors=["fta"])
    with pytest.raises(DoubleCountError):
        fit_gravity(pd.concat([world(values()), world(values()).head(1)]), pairs())


def test_arguments_are_checked() -> None:
    for name, wrong in (
        ("effects", "four-way"),
        ("pair", "both"),
        ("se", "hac"),
        ("absent", "drop"),
        ("missing", "drop"),
        ("separated", "drop"),
        ("level", 95),
        ("regressors", "fta"),
    ):
        with pytest.raises(ValueError, match=name):
            fit_gravity(whole(), **{"regressors": ["fta"]} | {name: wrong})
    with pytest.raises(SchemaError, match="found no tariff; there are: log_distance, fta"):
        fit_gravity(whole(), regressors=["tariff"])


def test_result_speaks_for_itself() -> None:
    fit = fit_gravity(world(values()), pairs())
    assert isinstance(fit, GravityFit)
    assert "two-way gravity, 2015 to 2018" in str(fit)
    assert fit.summary() == fit_gravity(world(values()), pairs()).summary()
    assert fit.__maketables_fixef_string__ == "exporter and year+importer and year"
    assert fit.logs is not None
    assert fit.logs.__maketables_fixef_string__ == fit.__maketables_fixef_string__
    assert fit.__maketables_stat__("N") == fit.nobs
    assert fit.__maketables_stat__("r2") is None
    assert set(fit.__maketables_default_stat_keys__) == {"N", "pseudo_r2", "se_type"}
    assert (fit.fitted + fit.resids).to_numpy() == pytest.approx(
        values().sort_values(["exporter", "importer", "year"])["value"].to_numpy(), rel=1e-9
    )
    low, high = fit.conf_int().loc["log_distance"]
    assert low < fit.params["log_distance"] < high
    assert high - low == pytest.approx(2 * 1.959964 * fit.std_errors["log_distance"], rel=1e-6)


def test_flows_that_effects_separate_are_left_out_whatever_the_rows_are_called() -> None:
    blocks = [("AB", "CD"), ("EF", "GH")]
    rows = [(one, other, year) for a, b in blocks for one in a for other in b for year in range(3)]
    frame = pd.DataFrame(rows, columns=["seller", "buyer", "year"])
    rng = np.random.default_rng(4)
    frame["price"], frame["value"] = rng.normal(size=len(frame)), rng.gamma(2, 1, len(frame))
    bridge = pd.DataFrame(
        {"seller": "A", "buyer": "G", "year": range(3), "price": 0.5, "value": 0.0}
    )
    together = pd.concat([bridge, frame]).set_index(pd.Index(["same"] * (len(frame) + 3)))
    with pytest.raises(SampleError, match="all 3 zeros of"):
        fit_poisson(together, "value", ["price"], absorb=["seller", "buyer"])
    fit = fit_poisson(
        together, "value", ["price"], absorb=["seller", "buyer"], separated="leave out"
    )
    assert fit.left_out.tolist() == ["separated: its fitted value would be zero"] * 3
    expected = fit_poisson(frame, "value", ["price"], absorb=["seller", "buyer"])
    assert fit.params.to_numpy() == pytest.approx(expected.params.to_numpy(), rel=1e-12)
    assert fit.std_errors.to_numpy() == pytest.approx(expected.std_errors.to_numpy(), rel=1e-12)


def test_panels_of_firms_are_checked() -> None:
    frame = pd.DataFrame({"y": [1.0, 2.0, 0.0, 4.0], "x": [1.0, 0.0, 2.0, 1.0], "g": list("aabb")})
    for changes, words in (
        ({"x": ["a", "b", "c", "d"]}, "x: expected numbers, found"),
        ({"x": [1.0, np.inf, 2.0, 1.0]}, "x: expected finite numbers, found inf in row 1"),
        ({"y": [1.0, -2.0, 0.0, 4.0]}, "y: expected values that are not negative, found -2 in"),
        ({"g": ["a", None, "b", "b"]}, "g: expected a level in every row, found none in row 1"),
    ):
        with pytest.raises(SchemaError, match=words):
            fit_poisson(frame.assign(**changes), "y", ["x"], absorb=["g"])
    with pytest.raises(SchemaError, match="expected a column 'z', found y, x, g"):
        fit_poisson(frame, "y", ["z"])
    for names in ("x", ["x", "x"], ["y"]):
        with pytest.raises(ValueError, match="regressors: expected"):
            fit_poisson(frame, "y", names)
    with pytest.raises(SampleError, match="expected a value that is not zero, found 4 zeros"):
        fit_poisson(frame.assign(y=0.0), "y", ["x"])
    fit = fit_poisson(frame, "y", ["x"])
    assert list(fit.params.index) == ["x", "const"]
    assert fit.effects.empty
    assert fit.constant["estimate"] == pytest.approx(fit.params["const"])
    assert fit.constant["std_error"] == pytest.approx(fit.std_errors["const"])
