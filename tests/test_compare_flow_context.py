"""A flow in its context: predicted without its pair, its place among others, and warnings."""

import datetime as dt
from functools import cache
from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statements import statement

import flows as fl
from flows.compare.context_model import year_model
from flows.compare.context_year import year_flows
from flows.compare.flow_context import REGRESSORS, FlowContext
from flows.errors import (
    CountryError,
    DoubleCountError,
    PeriodError,
    SampleError,
    SchemaError,
    ScopeError,
    UnitError,
)
from flows.scope import Scope, remember
from flows.table import check_flows

COUNTRIES = (
    *("ARM", "AZE", "BLR", "CHN", "DEU", "EGY", "FRA", "GEO", "GRC", "IND", "IRN"),
    *("IRQ", "ITA", "JPN", "KAZ", "KGZ", "POL", "RUS", "TJK", "TUR", "UKR", "UZB"),
)
WORLD = "world@1"
YEARS = (2018, 2019)


@cache
def pairs() -> pd.DataFrame:
    """Return regressors of all pairs; the near ones, and the one asked for, share a border."""
    rng = np.random.default_rng(11)
    places = dict(zip(COUNTRIES, rng.uniform(0, 10, (len(COUNTRIES), 2)), strict=True))
    frame = pd.DataFrame(permutations(COUNTRIES, 2), columns=["exporter", "importer"])
    between = np.array([np.hypot(*(places[a] - places[b])) for a, b in permutations(COUNTRIES, 2)])
    asked = frame[["exporter", "importer"]].isin(["IRN", "ARM"]).all(axis=1)
    return frame.assign(
        log_distance=np.log(100 + 900 * between),
        border=((between < 2) | asked).astype(float),
    )


def world(
    *, noise: float = 1.0, zeros: float = 0.1, unit: float = 1.0, seed: int = 5, **changes: Any
) -> pd.DataFrame:
    """Return the trade of all pairs in two years, around a gravity model; a change of one flow."""
    rng = np.random.default_rng(seed)
    sizes = pd.Series(rng.normal(0, 1.5, len(COUNTRIES)), index=COUNTRIES)
    frames = []
    for year in YEARS:
        facts = pairs()
        mean = np.exp(
            18
            + sizes[facts["exporter"]].to_numpy()
            + sizes[facts["importer"]].to_numpy() / 2
            - 0.9 * facts["log_distance"]
            + 0.4 * facts["border"]
        )
        drawn = mean * np.exp(noise * rng.normal(0, 1, len(mean)))
        drawn *= rng.random(len(mean)) >= zeros
        frames.append(facts[["exporter", "importer"]].assign(year=year, value=drawn * unit))
    frame = pd.concat(frames, ignore_index=True)
    for (exporter, importer, year), value in changes.pop("values", {}).items():
        there = (frame[["exporter", "importer", "year"]] == [exporter, importer, year]).all(axis=1)
        assert there.sum() == 1
        frame.loc[there, "value"] = value
    return table_of(frame[frame["value"] > 0], **changes)


def table_of(frame: pd.DataFrame, **scope: Any) -> pd.DataFrame:
    rows = [
        statement(
            exporter=row["exporter"],
            importer=row["importer"],
            reporter="CEPII",
            start=dt.date(row["year"], 1, 1),
            end=dt.date(row["year"], 12, 31),
            value=row["value"],
            valuation="FOB",
            partner_basis="",
            dataset=WORLD,
            line=place + 2,
        )
        for place, row in enumerate(frame.to_dict("records"))
    ]
    table = check_flows(pd.DataFrame(rows))
    claims = {"partners": "all", "countries": {"imports": None, "exports": None}, "years": YEARS}
    remember(WORLD, Scope(**claims | scope).of_rows(table))
    return table


def context(table: pd.DataFrame, **changes: Any) -> FlowContext:
    asked: dict[str, Any] = {
        "exporter": "IRN",
        "importer": "ARM",
        "year": 2019,
        "covariates": pairs(),
        "regressors": ("log_distance", "border"),
        "like": 39,
        "folds": 4,
    }
    return fl.flow_in_context(table, **asked | changes)


def mirror(value: float, **changes: Any) -> pd.DataFrame:
    year = {"start": dt.date(2019, 1, 1), "end": dt.date(2019, 12, 31)}
    return check_flows(pd.DataFrame([statement(**{"value": value} | year | changes)]))


def values_of(result: FlowContext) -> np.ndarray:
    parts = [result.ranges.drop(columns="inside"), result.percentiles.drop(columns="reason")]
    numbers = [result.actual, result.fitted, result.predicted]
    return np.concatenate([numbers, *(part.to_numpy(dtype="float64").ravel() for part in parts)])


# What is predicted


def test_of_a_world_with_next_to_no_noise_everything_is_as_predicted() -> None:
    result = context(world(noise=1e-6, zeros=0.0))
    assert result.ratio == pytest.approx(1.0, abs=1e-4)
    assert result.flows["ratio"].to_numpy() == pytest.approx(1.0, abs=1e-4)
    assert result.params.to_numpy() == pytest.approx([-0.9, 0.4], abs=1e-4)


def test_the_prediction_does_not_see_the_pair() -> None:
    table = world()
    plain = context(table)
    changed = context(world(values={("IRN", "ARM", 2019): 1e7, ("ARM", "IRN", 2019): 0.0}))
    assert changed.predicted == pytest.approx(plain.predicted, rel=1e-9)
    assert changed.fitted > 10 * plain.fitted
    assert changed.actual == 1e7


def test_a_pair_without_a_row_is_zero_and_below_all_positive_flows() -> None:
    result = context(world(values={("IRN", "ARM", 2019): 0.0}))
    assert (result.actual, result.ratio) == (0.0, 0.0)
    assert result.percentiles.loc["positive flows", "percentile"] == 0.0
    assert result.sources["value"].to_list() == [0.0]
    assert "USD 0 by CEPII" in result.summary().replace("\N{NO-BREAK SPACE}", " ")


def test_all_flows_but_the_one_asked_for_are_there_with_zeros() -> None:
    result = context(world())
    assert len(result.flows) == len(COUNTRIES) * (len(COUNTRIES) - 1) - 1
    assert result.nobs == len(result.flows) + 1
    zero = int((result.flows["value"] == 0).sum()) + (result.actual == 0)
    assert result.zeros == zero > 0


# Ranges and percentiles


def test_percentiles_are_those_of_ratios_of_each_group() -> None:
    result = context(world(values={("IRN", "ARM", 2019): 3e6}))
    flows = result.flows
    groups = {
        "positive flows": flows["value"] > 0,
        "like flows": flows["like"],
        "neighbours": flows["border"] == 1,
        "exporter's partners": (flows["exporter"] == "IRN") & (flows["value"] > 0),
        "importer's partners": (flows["importer"] == "ARM") & (flows["value"] > 0),
    }
    assert list(result.percentiles.index) == list(groups)
    for name, members in groups.items():
        ratios = flows.loc[members, "ratio"]
        place = result.percentiles.loc[name]
        assert place["flows"] == len(ratios)
        assert place["zeros"] == (ratios == 0).sum()
        assert place["percentile"] == pytest.approx(100 * (ratios < result.ratio).mean())


def test_a_percentile_of_few_has_a_reason_instead() -> None:
    alone = (pairs()[["exporter", "importer"]].isin(["IRN", "ARM"])).all(axis=1)
    result = context(
        world(), covariates=pairs().assign(border=alone.astype(float)), regressors=["log_distance"]
    )
    place = result.percentiles.loc["neighbours"]
    assert np.isnan(place["percentile"])
    assert place["reason"] == "1 other flow to compare with, 5 needed"
    assert str(place["reason"]) in result.summary()


def test_who_shares_no_border_is_not_among_neighbours() -> None:
    apart = (pairs()[["exporter", "importer"]].isin(["IRN", "ARM"])).all(axis=1)
    result = context(
        world(),
        covariates=pairs().assign(border=(~apart).astype(float)),
        regressors=["log_distance"],
    )
    place = result.percentiles.loc["neighbours"]
    assert place["reason"] == "the two share no land border"
    assert np.isnan(place["percentile"])


def test_half_of_the_flows_like_it_are_below_what_is_typical() -> None:
    result = context(world())
    below = result.like["ratio"] * result.predicted < result.typical
    assert below.sum() == 39 // 2


def test_the_first_line_says_where_the_flow_stands() -> None:
    first = context(world(values={("IRN", "ARM", 2019): 1e7})).summary().splitlines()[0]
    assert (
        first
        == "Iran to Armenia in 2019: more, for what is predicted, than 100% of 39 flows like it"
    )
    little = context(world(values={("IRN", "ARM", 2019): 1e-6}))
    zeros = int((little.like["value"] == 0).sum())
    share = f"{100 - 100 * zeros / 39:.0f}%"
    assert f": less, for what is predicted, than {share} of 39" in little.summary().splitlines()[0]
    none = context(world(values={("IRN", "ARM", 2019): 0.0}))
    zeros = int((none.like["value"] == 0).sum())
    assert none.summary().splitlines()[0].endswith(f": no trade, as {zeros} of 39 flows like it")


def test_a_range_is_made_of_flows_like_this_one() -> None:
    result = context(world(zeros=0.0))
    ratios = np.sort(result.like["ratio"])
    assert len(ratios) == 39
    wide = result.ranges.loc[0.95]
    assert (wide["ratio_low"], wide["ratio_high"]) == (ratios[0], ratios[-1])
    assert wide["low"] == pytest.approx(ratios[0] * result.predicted)
    assert wide["inside"] == (ratios[0] <= result.ratio <= ratios[-1])
    narrow = result.ranges.loc[0.8]
    assert (narrow["ratio_low"], narrow["ratio_high"]) == (ratios[3], ratios[35])


def test_one_level_and_one_mirror_are_enough() -> None:
    both = context(world(), mirrors=[mirror(2e6)])
    one = context(world(), level=0.8, mirrors=mirror(2e6))
    assert one.sources.equals(both.sources)
    assert one.ranges.index.to_list() == [0.8]
    assert one.ranges.equals(both.ranges.loc[[0.8]])
    assert one.drawing().options["inner_label"] == "80% of like flows"


def test_a_flow_far_from_all_others_is_outside() -> None:
    result = context(world(values={("IRN", "ARM", 2019): 1e7}))
    assert not result.ranges["inside"].any()
    places = result.percentiles["percentile"]
    assert (places[["like flows", "exporter's partners", "importer's partners"]] == 100.0).all()


@cache
def baci() -> pd.DataFrame:
    return fl.load("baci-totals@2020")


def test_coverage_on_left_out_flows_is_within_two_points_of_what_it_says() -> None:
    stated = year_flows(
        baci(),
        fl.pair_covariates(),
        regressors=REGRESSORS,
        exporter="IRN",
        importer="ARM",
        year=2019,
    )
    model = year_model(stated, folds=10, count=200, levels=(0.8, 0.95))
    frame = stated.frame.iloc[model.known]
    neighbours, language = frame["border"] == 1, frame["common_language"] == 1
    near = frame["log_distance"] < frame["log_distance"].quantile(0.25)
    for level, held in model.held.items():
        assert held.mean() == pytest.approx(level, abs=0.02)
        for part in (neighbours, language, near):
            assert held[part.to_numpy()].mean() == pytest.approx(level, abs=0.03)


def test_the_case_stands_where_a_first_calculation_saw_it() -> None:
    """302 million beside 43 predicted, percentile 98 and 88 in 2019; 288 beside 112 in 2018."""
    result = fl.flow_in_context(baci(), exporter="IRN", importer="ARM", year=2019)
    assert result.actual == pytest.approx(302e6, abs=0.5e6)
    assert result.predicted == pytest.approx(43e6, abs=1e6)
    places = result.percentiles["percentile"]
    assert places["positive flows"] == pytest.approx(98, abs=1)
    assert places["neighbours"] == pytest.approx(88, abs=2)
    before = fl.flow_in_context(baci(), exporter="IRN", importer="ARM", year=2018)
    assert before.actual == pytest.approx(288e6, abs=0.5e6)
    assert before.predicted == pytest.approx(112e6, rel=0.1)


# Nothing else moves the result


def test_neither_the_order_of_rows_nor_the_unit_moves_a_ratio() -> None:
    table = world()
    plain = values_of(context(table))
    shuffled = table.sample(frac=1, random_state=4)
    assert values_of(context(shuffled, covariates=pairs()[::-1])) == pytest.approx(plain, rel=1e-10)
    large = context(world(unit=1e9))
    scale = np.ones(len(plain))
    scale[:3] = 1e9
    per_level = large.ranges.columns.drop("inside")
    for place, name in enumerate([*per_level] * len(large.ranges)):
        scale[3 + place] = 1e9 if name in ("low", "high") else 1.0
    assert values_of(large) == pytest.approx(plain * scale, rel=1e-10)


def test_what_is_kept_of_a_year_is_not_taken_for_another() -> None:
    before = context(world())
    assert context(world(seed=6)).predicted != before.predicted
    assert values_of(context(world())).tolist() == values_of(before).tolist()
    assert context(world(), folds=5).folds == 5


# Sources and warnings


def warnings_of(result: FlowContext, kind: str) -> list[str]:
    words = result.warnings[result.warnings.index == kind]
    return [text.replace("\N{NO-BREAK SPACE}", " ") for text in words]


def test_every_source_stands_beside_the_prediction() -> None:
    table = world(values={("IRN", "ARM", 2019): 3e6})
    own, other = (
        mirror(2e6),
        mirror(
            2.5e6, reporter="IRN", partner_basis="destination", valuation="FOB", dataset="irica@1"
        ),
    )
    result = context(table, mirrors=[own, other])
    assert result.sources["reporter"].to_list() == ["CEPII", "ARM", "IRN"]
    assert result.sources["side"].to_list() == ["compiled", "importer", "exporter"]
    assert result.sources["value"].to_list() == [3e6, 2e6, 2.5e6]
    assert (result.sources["of_predicted"] * result.predicted).to_list() == pytest.approx(
        [3e6, 2e6, 2.5e6]
    )
    assert not warnings_of(result, "exporter silent") + warnings_of(result, "importer silent")
    (words,) = warnings_of(result, "mirrors differ")
    assert "Armenia (by origin, CIF) states USD 2.000 million" in words
    assert "CEPII (FOB) USD 3.000 million, 1.500 times as much" in words
    assert set(result.rows) == {WORLD, "armstat@2025-02", "irica@1"}


@pytest.mark.parametrize(("value", "warned"), [(2.41e6, 0), (2.39e6, 1), (3.74e6, 0), (3.76e6, 1)])
def test_mirrors_differ_from_a_quarter_on(value: float, warned: int) -> None:
    result = context(world(values={("IRN", "ARM", 2019): 3e6}), mirrors=[mirror(value)])
    assert len(warnings_of(result, "mirrors differ")) == warned


def test_months_make_a_year_and_a_year_of_its_own_is_shown_as_such() -> None:
    months = [
        statement(
            start=start.date(), end=(start + pd.offsets.MonthEnd(0)).date(), value=1e5, line=place
        )
        for place, start in enumerate(pd.date_range("2019-01-01", periods=12, freq="MS"))
    ]
    iranian = statement(
        reporter="IRN",
        start=dt.date(2019, 3, 21),
        end=dt.date(2020, 3, 19),
        value=9e6,
        high=np.nan,
        partner_basis="destination",
        valuation="FOB",
        coverage="non-oil goods",
        dataset="irica@1",
    )
    mirrors = [check_flows(pd.DataFrame(months)), check_flows(pd.DataFrame([iranian]))]
    result = context(world(), mirrors=mirrors)
    by_reporter = result.sources.set_index("reporter")
    assert by_reporter.loc["ARM", "value"] == pytest.approx(1.2e6)
    assert by_reporter["whole_year"].to_dict() == {"CEPII": True, "ARM": True, "IRN": False}
    assert by_reporter.loc["IRN", "bound"]
    (words,) = warnings_of(result, "another period")
    assert "21 March 2019 to 19 March 2020" in words
    assert "more than USD 9.000 million" in words


def test_who_does_not_state_the_flow_is_named_as_far_as_is_known() -> None:
    other = mirror(5.0, exporter="GEO")
    result = context(world(), mirrors=[other])
    (importer,) = warnings_of(result, "importer silent")
    assert importer.startswith("Armenia states other flows of 2019 (1 row)")
    (exporter,) = warnings_of(result, "exporter silent")
    assert exporter.startswith("Iran: no statement of its own of 2019 is at hand.")
    (both,) = warnings_of(context(world()), "both silent")
    assert both.startswith("Iran and Armenia: no statement of their own of 2019 is at hand.")


def test_an_exporter_far_below_its_usual_share_is_named_with_what_that_does() -> None:
    shrunk = {("IRN", code, 2019): 1.0 for code in COUNTRIES if code != "IRN"}
    result = context(world(values=shrunk))
    (words,) = warnings_of(result, "exporter shrunk")
    assert words.startswith("Iran has 0.0")
    assert "of the world's exports in 2019: 0% of its usual share (mean of 2018)" in words
    size = result.sizes.loc["exporter"]
    assert size["years"] == "2018"
    assert size["predicted_at_usual"] == pytest.approx(
        result.predicted * size["usual_share"] / size["share"]
    )
    steady = context(world(zeros=0.0, noise=0.01))
    assert not warnings_of(steady, "exporter shrunk") + warnings_of(steady, "importer shrunk")


def test_events_of_the_year_are_named() -> None:
    events = pd.DataFrame(
        {
            "id": ["before", "during", "after"],
            "start": pd.to_datetime(["2017-01-01", "2018-11-05", "2020-01-01"]),
            "end": pd.to_datetime(["2018-12-31", "NaT", "NaT"]),
            "kind": "sanctions",
            "name": ["Past", "Second part", "Future"],
        }
    )
    words = warnings_of(context(world(), events=events), "event")
    assert words == ["In force in 2019: Second part (sanctions, from 5 November 2018)."]


def test_what_totals_never_show_is_said_of_every_flow() -> None:
    result = context(world())
    assert len(warnings_of(result, "transit")) == 1
    assert "CEPII (world@1)" in warnings_of(result, "compiled")[0]
    shown = result.summary().replace("\N{NO-BREAK SPACE}", " ")
    for text in result.warnings:
        assert text.replace("\N{NO-BREAK SPACE}", " ") in shown


# What it shows


def test_one_row_tells_of_a_flow() -> None:
    result = context(world())
    row = result.tidy()
    assert len(row) == 1
    assert row["ratio"].item() == result.actual / result.predicted
    assert row["ratio_high_95"].item() == result.ranges["ratio_high"].loc[0.95]
    assert row["n_like_flows"].item() == 39


def test_the_drawing_has_the_prediction_and_every_source() -> None:
    iranian = mirror(
        2e6, reporter="IRN", start=dt.date(2019, 3, 21), end=dt.date(2020, 3, 19), dataset="irica@1"
    )
    both = [mirror(2e6), mirror(2.2e6, partner_basis="consignment")]
    call = context(world(), mirrors=[*both, iranian]).drawing()
    assert call.data["source"].to_list() == [
        "predicted by gravity",
        "CEPII",
        "Armenia, by origin",
        "Armenia, by consignment",
        "Iran, in its own year",
    ]
    assert set(call.data["flow"]) == {"Iran to Armenia"}
    assert call.data["value"].to_list()[2:] == [2.0, 2.2, 2.0]


# What is refused


def test_three_way_models_refuse_the_question() -> None:
    with pytest.raises(ValueError, match="effect absorbs the answer"):
        context(world(), effects="three-way")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"effects": "pairs"}, "expected 'two-way', found 'pairs'"),
        ({"like": 38}, "expected at least 39 flows for a range of 95%"),
        ({"level": ()}, "expected at least one"),
        ({"level": (95,)}, "level"),
        ({"folds": 1}, "expected at least 2, found 1"),
        ({"importer": "IRN"}, "between two countries, found IRN twice"),
    ],
)
def test_bad_arguments_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        context(world(), **changes)


def test_more_like_flows_than_there_are_is_an_error() -> None:
    with pytest.raises(SampleError, match="expected more than 500 flows"):
        context(world(), like=500)


def test_a_year_that_the_table_does_not_count_is_an_error() -> None:
    with pytest.raises(PeriodError, match="2021"):
        context(world(), year=2021)


def test_a_country_without_trade_is_named() -> None:
    with pytest.raises(SchemaError, match=r"none of BRA \(Brazil\)"):
        context(world(), exporter="BRA")
    with pytest.raises(CountryError, match="IRM"):
        context(world(), exporter="IRM")


def test_a_country_that_trades_with_the_other_alone_is_an_error() -> None:
    alone = {("IRN", code, 2019): 0.0 for code in COUNTRIES if code not in ("IRN", "ARM")}
    with pytest.raises(SampleError, match="without this pair nothing says how much"):
        context(world(values=alone | {("IRN", "ARM", 2019): 5e6}))


def test_tables_of_some_reporters_are_refused_with_what_they_hold() -> None:
    with pytest.raises(ScopeError, match="that of ARM alone"):
        context(world(countries={"imports": ("ARM",), "exports": ("ARM",)}))
    with pytest.raises(ScopeError, match="partners that are not stated"):
        context(world(partners="not stated", countries={}))
    table = world()
    with pytest.raises(ScopeError, match="not in the table any more"):
        context(table[table["importer"] == "ARM"])
    armenia = fl.load("armstat-partners@2025-02")
    with pytest.raises(ScopeError, match="expected the trade of all pairs"):
        context(armenia)


def test_a_missing_distance_names_the_country() -> None:
    facts = pairs()
    unknown = (facts[["exporter", "importer"]] == "IRN").any(axis=1)
    lacking = facts.assign(log_distance=facts["log_distance"].where(~unknown))
    with pytest.raises(SampleError, match=r"log_distance of IRN \(any partner\)"):
        context(world(), covariates=lacking)
    with pytest.raises(SampleError, match="expected regressors of nearly all trade"):
        context(world(), covariates=lacking, exporter="GEO")


def test_flows_without_a_distance_are_counted_and_named() -> None:
    facts = pairs()
    one = (facts["exporter"] == "TJK") & (facts["importer"] == "KGZ")
    result = context(
        world(), covariates=facts.assign(log_distance=facts["log_distance"].where(~one))
    )
    assert result.left_out["covariates"].startswith("1 flow with ")
    assert "TJK to KGZ" in result.left_out["covariates"]
    assert result.nobs == len(facts) - 1


def test_covariates_by_year_are_those_of_the_year() -> None:
    yearly = pd.concat([pairs().assign(year=2019), pairs().assign(year=2018, log_distance=1.0)])
    assert values_of(context(world(), covariates=yearly)) == pytest.approx(
        values_of(context(world()))
    )
    with pytest.raises(SchemaError, match="expected rows of 2019"):
        context(world(), covariates=yearly[yearly["year"] == 2018])


@pytest.mark.parametrize(
    ("covariates", "message"),
    [
        (lambda: pairs().drop(columns="log_distance"), "log_distance"),
        (lambda: pd.concat([pairs(), pairs().head(1)]), "once"),
        (lambda: pairs().assign(log_distance=np.inf), "finite"),
    ],
)
def test_bad_covariates_are_named(covariates: Any, message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        context(world(), covariates=covariates())


def test_a_regressor_that_the_effects_hold_is_named() -> None:
    facts = pairs()
    size = facts["exporter"].map({code: float(place) for place, code in enumerate(COUNTRIES)})
    with pytest.raises(SampleError, match="exporter_size"):
        context(
            world(),
            covariates=facts.assign(exporter_size=size),
            regressors=["log_distance", "exporter_size"],
        )


def test_a_flow_twice_and_a_negative_value_are_errors() -> None:
    table = world()
    flow = table[table["start"].dt.year == 2019].head(1)
    with pytest.raises(DoubleCountError, match="expected periods that do not overlap"):
        context(pd.concat([table, flow.assign(line=9999)]))
    table.loc[flow.index, "value"] = -1.0
    with pytest.raises(SchemaError, match="not negative"):
        context(table)


def test_mirrors_in_another_unit_are_refused() -> None:
    with pytest.raises(UnitError, match="expected statements in USD, as the table, found EUR"):
        context(world(), mirrors=[mirror(1e6, unit="EUR")])
