"""The trend study on series whose growth and break are known, and on the case."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from number_code import check_code
from statements import delivery, months

import flows as fl
from flows.canonical import canonical
from flows.errors import SchemaError
from flows.figures.save import draw_figure
from flows.findings import Figure, Findings, Number
from flows.report.text import render_markdown
from flows.studies.trend import TREND
from flows.studies.trend.fits import fits_table
from flows.table import check_flows
from flows.tables.formats import table_markdown, table_tex

GROWTH = 6.0
NOISE = 0.02
ESTIMATED = 1.0
"""Percentage points that noise of 2 % can move a trend over ten years, generously."""


def noisy(values: Sequence[float]) -> list[float]:
    shocks = np.random.default_rng(1).normal(0.0, NOISE, len(values))
    return [float(value) for value in np.asarray(values) * np.exp(shocks) * 1e6]


def monthly(values: Sequence[float], **changes: object) -> pd.DataFrame:
    return check_flows(pd.DataFrame(months("2010-01", noisy(values), **changes)))


def number(findings: Findings, name: str) -> Number:
    return next(one for one in findings.numbers if one.id == name)


def figure(findings: Findings, name: str) -> Figure:
    return next(one for one in findings.figures if one.id == name)


def ask(trade: pd.DataFrame, **parameters: object) -> Findings:
    return fl.trend_study(trade, exporter="IRN", importer="ARM", **parameters)


@pytest.fixture(scope="module")
def steady() -> Findings:
    return ask(monthly([50 * (1 + GROWTH / 100) ** (month / 12) for month in range(120)]))


@pytest.fixture(scope="module")
def jumping() -> Findings:
    events = pd.DataFrame(
        {
            "start": pd.to_datetime(["2015-01-15", "2012-07-01", "2030-01-01"]),
            "name": ["near", "far", "later"],
            "kind": "policy",
        }
    )
    trade = monthly([10.0] * 60 + [30.0] * 60)
    named = trade.assign(partner_name=["old"] * 60 + ["new"] * 60)
    return ask(named, freqs=["month"], events=events, name="jump")


@pytest.mark.parametrize("freq", ["month", "year"])
@pytest.mark.parametrize("estimator", ["ols-log", "poisson", "theil-sen", "state-space"])
def test_every_estimator_finds_the_growth_of_a_steady_series(
    steady: Findings, freq: str, estimator: str
) -> None:
    found = number(steady, f"trend.{freq}.growth.{estimator}")
    assert found.value == pytest.approx(GROWTH, abs=ESTIMATED)
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high


def test_a_steady_series_has_no_break_and_one_sign(steady: Findings) -> None:
    assert number(steady, "trend.month.breaks").value == 0
    assert steady.words["trend.month.breaks"] == "none"
    assert steady.words["trend.month.sign"] == "grew"
    assert steady.words["trend.month.breaks.verdict"].startswith("no break")
    assert steady.words["trend.month.regimes.verdict"] == ""
    assert number(steady, "trend.events.tested").value == 0
    assert steady.words["trend.events.verdict"] == "at no event, since none could be tested"


def test_captions_say_what_is_seen(steady: Findings, jumping: Findings) -> None:
    seen = figure(steady, "trend-estimates").caption
    assert "By month the estimates are above zero; all intervals exclude it." in seen
    assert "no break is found. Thick line: trend." in figure(steady, "trend-breaks").caption
    assert "a break in 2015-01. Thick lines" in figure(jumping, "jump-breaks").caption


def test_a_jump_is_said_in_words(jumping: Findings) -> None:
    words = jumping.words
    assert words["jump.month.breaks.verdict"].startswith("one break, 2015-01 (2015-01 to 2015-01)")
    assert words["jump.month.breaks.beside"] == "an event lies within the interval of the break"
    table = next(table for table in jumping.tables if table.id == "jump-events")
    assert (table.frame["holm"] < 0.05).tolist() == [False, True]
    assert words["jump.events.verdict"] == "at one of the two events"


def test_growth_that_is_a_jump_between_falling_regimes_is_said_to_be_one() -> None:
    falling = [0.97 ** (month / 12) for month in range(60)]
    trade = monthly([10 * level for level in falling] + [30 * level for level in falling])
    findings = ask(trade, freqs=["month"])
    assert number(findings, "trend.month.growth.lowest").value > 0
    assert findings.words["trend.month.regimes.verdict"] == (
        "trade grew neither before nor after it, so that the growth of the whole span is a change "
        "of level"
    )
    assert "no event lies within" in findings.words["trend.month.breaks.beside"]


def test_growth_of_two_regimes_of_three_is_counted() -> None:
    path = np.cumsum([0.02] * 40 + [-0.02] * 40 + [0.03] * 40)
    findings = ask(monthly(list(10 * np.exp(path))), freqs=["month"])
    assert number(findings, "trend.month.regimes").value == 3
    assert (
        findings.words["trend.month.regimes.verdict"]
        == "trade grew in two of the three periods between breaks"
    )


def test_a_jump_is_dated_and_found_beside_event_and_record(jumping: Findings) -> None:
    regimes = next(table for table in jumping.tables if table.id == "jump-regimes").frame
    assert regimes["start"].tolist() == ["2010-01", "2015-01"]
    assert regimes["level"].tolist() == pytest.approx([10.0, 30.0], rel=3 * NOISE)
    assert regimes["verdict"].tolist() == ["", "either"]
    assert regimes["beside"].iloc[1] == "near; in the statistics: name of the partner: old to new"
    assert jumping.words["jump.records"] == "2015-01 (by month)"


def test_events_are_tested_from_the_first_whole_period_on(jumping: Findings) -> None:
    events = next(table for table in jumping.tables if table.id == "jump-events")
    assert events.frame["event"].tolist() == ["far", "near"]
    assert events.frame["since"].tolist() == ["2012-07", "2015-02"]
    assert (events.frame["holm"] >= events.frame["pvalue"]).all()
    assert "Not tested: later: expected periods after it" in events.note


def test_every_figure_of_the_study_can_be_drawn(jumping: Findings, steady: Findings) -> None:
    for one in (*jumping.figures, *steady.figures):
        assert draw_figure(one).axes


def test_every_number_leads_to_lines_of_raw_files(jumping: Findings, steady: Findings) -> None:
    assert all(one.rows for one in (*jumping.numbers, *steady.numbers))


def test_unit_changes_levels_and_no_growth() -> None:
    trade = monthly([20.0 + month for month in range(120)])
    larger = trade.assign(**trade[["value", "low", "high"]] * 1000)
    one, other = (ask(table, freqs=["month"]) for table in (trade, larger))
    for name in ("trend.month.growth.ols-log", "trend.month.growth.poisson"):
        assert number(one, name).value == pytest.approx(number(other, name).value, rel=1e-6)


def test_a_series_with_a_zero_is_left_to_poisson() -> None:
    tiv = [0.0, 20.0, 0.0, 35.0, 40.0, 55.0, 60.0, 52.0, 75.0, 80.0, 95.0, 90.0]
    deliveries = [delivery("ISR", 2005 + year, value) for year, value in enumerate(tiv)]
    arms = check_flows(pd.DataFrame(deliveries))
    findings = fl.trend_study(arms, exporter="ISR", importer="AZE", freqs=["year"])
    growths = [one.id for one in findings.numbers if one.id.startswith("trend.year.growth")]
    assert growths == [f"trend.year.growth.{name}" for name in ("poisson", "lowest", "highest")]
    assert figure(findings, "trend-breaks").options["log"] is False
    for one in findings.figures:
        assert draw_figure(one).axes
    for one in findings.numbers:
        check_code(one, trade=arms)


def test_years_of_another_calendar_have_their_own_days() -> None:
    trade = monthly([50 * 1.05 ** (month / 12) for month in range(132)])
    events = pd.DataFrame(
        {"start": pd.to_datetime(["2015-01-15"]), "name": ["near"], "kind": "policy"}
    )
    findings = ask(trade, freqs=["year"], calendar="solar-hijri", events=events)
    for one in findings.numbers:
        check_code(one, trade=trade, events=events)
    assert findings.words["trend.year.first"] == "1389"
    assert figure(findings, "trend-breaks").data["date"].iloc[0] == pd.Timestamp("2010-03-21")


def test_no_frequency_and_no_such_flow_are_refused(steady: Findings) -> None:
    del steady
    trade = monthly([1.0] * 24)
    with pytest.raises(ValueError, match="expected month, year or both"):
        ask(trade, freqs=[])
    with pytest.raises(SchemaError, match="expected rows with exporter 'RUS'"):
        fl.trend_study(trade, exporter="RUS", importer="ARM")


def test_the_case_has_growth_by_month_and_a_change_of_name_among_its_records() -> None:
    trade = fl.load("armstat-by-country@2025-02")
    findings = ask(trade, partner_basis="origin", freqs=["month"])
    growth = number(findings, "trend.month.growth.ols-log")
    direct = fl.fit_trend(
        fl.series(trade, exporter="IRN", importer="ARM", partner_basis="origin", freq="month"),
        se="orthogonal-series",
        season="dummies",
    )
    assert growth.value == canonical(direct.growth_pct)
    assert (
        "Iran to Islamic Republic of Iran (from 2024-01-01 on)" in findings.words["trend.changes"]
    )


def fits() -> dict[str, object]:
    years = pd.period_range("2015", "2022", freq="Y")
    y = pd.Series([100.0, 112.0, 119.0, 135.0, 146.0, 163.0, 176.0, 195.0], index=years)
    forms = {"Log": "log", "Level": "level", "Poisson": "poisson"}
    return {name: fl.fit_trend(y, form=form, se="hc1") for name, form in forms.items()}


def test_side_by_side_each_error_stands_in_brackets_beneath_its_coefficient() -> None:
    several = fits()
    frame = fits_table(several, name="fits", caption="Exports.").frame
    assert frame["term"].tolist()[:4] == ["Constant", "", "Trend, a year", ""]
    for name, fit in several.items():
        assert float(frame.loc[2, name]) == pytest.approx(fit.slope, abs=5e-5)
        error = fit.std_errors["trend"]
        assert float(frame.loc[3, name].strip("()")) == pytest.approx(error, abs=5e-5)
        assert frame.loc[2, f"{name} (value)"] == canonical(fit.slope)


def test_side_by_side_a_line_in_the_level_has_no_growth() -> None:
    frame = fits_table(fits(), name="fits", caption="Exports.").frame
    assert frame.loc[4:5, "Level"].tolist() == ["", ""]
    assert frame.loc[5, "Log"].startswith("[")


def test_side_by_side_the_note_names_form_and_convention_of_each_column() -> None:
    note = fits_table(fits(), name="fits", caption="Exports.").note
    assert "*Poisson*: Poisson pseudo-likelihood, HC1" in note
    assert "*Level*: least squares of the level, HC1" in note


def test_side_by_side_is_set_in_every_format() -> None:
    table = fits_table(fits(), name="fits", caption="Exports.")
    assert table_markdown(table).count("\n") == len(table.frame) + 1
    assert table_tex(table).count("(value)") == 0


def both_directions(trade: pd.DataFrame, events: pd.DataFrame | None = None) -> Findings:
    return fl.study(
        "trend",
        name="pair",
        data={"trade": trade, "events": events},
        question={"exporter": "IRN", "importer": "ARM"},
        sections={"both_directions": {}},
    )


@pytest.fixture(scope="module")
def two_ways() -> Findings:
    events = pd.DataFrame(
        {
            "start": pd.to_datetime(["2015-01-01", "2012-07-01"]),
            "name": ["near", "far"],
            "kind": "policy",
        }
    )
    there = monthly([10.0] * 60 + [30.0] * 60)
    back = monthly([5.0] * 120, exporter="ARM", importer="IRN")
    trade = check_flows(pd.concat([there, back], ignore_index=True))
    return both_directions(trade, events)


def test_both_directions_stand_in_one_table(two_ways: Findings) -> None:
    (table,) = two_ways.tables
    frame = table.frame.set_index("what")
    assert frame["part"].replace("", None).ffill().value_counts().to_dict() == {
        "Growth": 6,
        "Break": len(frame) - 8,
        "Event": 2,
    }
    assert frame.loc["no. 1", "flow"].startswith("2015-01 [")
    assert frame.loc["no. 1, by year", "flow"].startswith("2015 [")
    assert frame.loc["near", "flow"] == "0.000"
    assert frame.loc["near", "flow (value)"] < 1e-6 < frame.loc["near", "reverse (value)"]
    assert frame.loc["line through logarithms", "reverse (value)"] == pytest.approx(0, abs=1)
    assert {"Iran to Armenia", "Armenia to Iran"} < set(table.labels.values())


def test_both_directions_stand_in_one_figure(two_ways: Findings) -> None:
    (drawn,) = two_ways.figures
    assert drawn.data.groupby("series").size().to_dict() == {
        "Armenia to Iran": 120,
        "Iran to Armenia": 120,
    }
    assert [mark["name"] for mark in drawn.options["breaks"]] == ["2015-01"]  # type: ignore[index,union-attr]
    assert [event["name"] for event in drawn.options["events"]] == ["near", "far"]  # type: ignore[index,union-attr]
    assert draw_figure(drawn).axes[0].get_yscale() == "log"


def test_a_direction_with_a_zero_has_fewer_estimators_beside_the_other() -> None:
    there = monthly([10.0] * 60 + [30.0] * 60)
    back = monthly([5.0] * 119, exporter="ARM", importer="IRN")
    zero = back.iloc[[-1]].assign(
        start=pd.Timestamp("2019-12-01").date(),
        end=pd.Timestamp("2019-12-31").date(),
        value=0.0,
        low=0.0,
        high=0.0,
    )
    trade = check_flows(pd.concat([there, back, zero], ignore_index=True))
    findings = both_directions(trade)
    frame = findings.tables[0].frame.set_index("what")
    assert frame.loc["median pair (Theil–Sen)", "reverse"] == ""
    assert findings.figures[0].options["log"] is False


def sections(trade: pd.DataFrame, *only: str, **changes: object) -> Findings:
    given = {
        "data": {"trade": trade},
        "question": {"exporter": "IRN", "importer": "ARM", "freqs": ["month"]},
        "parameters": {},
    }
    return TREND.find("alone", only=only, **{**given, **changes})


@pytest.mark.parametrize(
    ("section", "number_of", "tables", "figures"),
    [
        ("growth", "alone.month.growth.poisson", ["fits"], ["estimates"]),
        ("residuals", "alone.month.worth", [], ["residuals", "autocorrelation"]),
        ("breaks", "alone.month.breaks", ["regimes"], ["breaks", "break-path"]),
        ("events", "alone.events.tested", ["events"], []),
        ("forecast", None, [], ["forecast"]),
    ],
)
def test_each_section_stands_alone(
    section: str, number_of: str | None, tables: list[str], figures: list[str]
) -> None:
    trade = monthly([20.0 + month for month in range(60)])
    findings = sections(trade, section)
    assert number_of is None or number(findings, number_of).rows
    assert [one.id for one in findings.tables] == [f"alone-{name}" for name in tables]
    assert [one.id for one in findings.figures] == [f"alone-{name}" for name in figures]


def test_a_section_fits_no_more_than_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AssertionError("breaks were looked for")

    monkeypatch.setattr("flows.studies.trend.fitted.find_breaks", fail)
    assert sections(monthly([20.0 + month for month in range(60)]), "growth").numbers


def text_of(findings: Findings) -> str:
    return " ".join(render_markdown("{{ section('pair.both_directions') }}", findings).split())


@pytest.fixture(scope="module")
def beside_each() -> Findings:
    """Both directions, beside the studies of each."""
    there = monthly([10.0] * 60 + [30.0] * 60)
    back = monthly([5.0] * 120, exporter="ARM", importer="IRN")
    events = pd.DataFrame({"start": pd.to_datetime(["2015-01-01"]), "name": "near", "kind": "war"})
    data = {"trade": check_flows(pd.concat([there, back], ignore_index=True)), "events": events}
    ways = {"there_1": ("IRN", "ARM"), "back": ("ARM", "IRN")}
    each = [
        TREND.find(
            way,
            data=data,
            question={"exporter": exporter, "importer": importer},
            parameters={},
            only=["growth", "residuals", "breaks", "events"],
        )
        for way, (exporter, importer) in ways.items()
    ]
    both = TREND.find(
        "pair",
        data=data,
        question={"exporter": "IRN", "importer": "ARM"},
        parameters={"both_directions": {"instances": list(ways)}},
        only=["both_directions"],
    )
    return Findings.union([*each, both])


def test_the_text_on_both_directions_tells_the_numbers_of_each(beside_each: Findings) -> None:
    text = text_of(beside_each)
    assert 'data-id="there_1.month.growth.lowest"' in text
    assert "Whether trade grew or fell" not in text
    assert "**Breaks.** One straight line does not describe the whole span" in text
    assert "From Armenia to Iran it finds no break" in text
    assert "trade from Iran to Armenia changes at the event" in text
    assert "trade from Armenia to Iran changes at no event" in text
    assert "In the first direction an event lies within the interval of the break." in text


def test_the_text_on_both_directions_follows_the_signs(beside_each: Findings) -> None:
    def told(**words: str) -> str:
        named = {key.replace("__", "."): word for key, word in words.items()}
        return text_of(replace(beside_each, words={**beside_each.words, **named}))

    there, back = "there_1__month__sign", "back__month__sign"
    assert "Trade fell in both directions, whichever" in told(**{there: "fell", back: "fell"})
    unlike = told(**{there: "grew", back: "fell"})
    assert "Trade from Iran to Armenia grew and trade from Armenia to Iran fell, which" in unlike
    open_ = told(**{there: "", back: "fell"})
    assert "Trade from Armenia to Iran fell, whichever estimator is used; whether" in open_
    assert "trade from Iran to Armenia grew or fell depends" in open_
    assert "depends on the estimator, in both directions" in told(**{there: "", back: ""})


def test_the_text_on_both_directions_without_a_break_or_beside_no_event(
    beside_each: Findings,
) -> None:
    def counted(**counts: float) -> Findings:
        ends = {key.replace("__", "."): count for key, count in counts.items()}
        numbers = tuple(
            replace(one, value=next((ends[end] for end in ends if one.id.endswith(end)), one.value))
            for one in beside_each.numbers
        )
        return replace(beside_each, numbers=numbers)

    unbroken = text_of(counted(month__breaks=0.0))
    assert "No break can be told apart from persistent noise in either direction" in unbroken
    assert "Coincidence" not in unbroken
    apart = text_of(counted(**{"month__breaks__beside-events": 0.0}))
    assert "None of the dated breaks coincides with an event." in apart


def test_the_text_on_both_directions_says_nothing_of_what_was_not_asked(
    beside_each: Findings, two_ways: Findings
) -> None:
    none = tuple(
        replace(one, value=0.0) if one.id.endswith("events.tested") else one
        for one in beside_each.numbers
    )
    words = {**beside_each.words, "pair.regime": "mean"}
    text = text_of(replace(beside_each, numbers=none, words=words))
    assert "**Breaks.**" not in text
    assert "**Events.** No dated event lies within the series" in text
    assert "**Growth.**" not in text_of(two_ways)


@pytest.mark.parametrize(
    ("instances", "freqs"), [(["one"], ["month", "year"]), (["one", "other"], ["year"])]
)
def test_the_text_on_both_directions_needs_an_instance_for_each_by_month_and_year(
    instances: list[str], freqs: list[str]
) -> None:
    question = {"exporter": "IRN", "importer": "ARM", "freqs": freqs}
    with pytest.raises(ValueError, match="expected one for each direction, by month and year"):
        sections(
            monthly([1.0] * 24),
            "both_directions",
            question=question,
            parameters={"both_directions": {"instances": instances}},
        )


def test_both_directions_are_refused_where_one_is_not_stated() -> None:
    with pytest.raises(SchemaError, match="expected rows with exporter 'ARM'"):
        sections(monthly([20.0 + month for month in range(60)]), "both_directions")


def test_regimes_of_a_mean_go_no_way() -> None:
    trade = monthly([10.0] * 60 + [30.0] * 60)
    findings = ask(trade, freqs=["month"], regime="mean")
    assert number(findings, "trend.month.regimes").value == 2
    assert "trend.month.regimes.alike" not in {one.id for one in findings.numbers}


@pytest.mark.parametrize(
    ("freq", "calendar"), [("quarter", "gregorian"), ("half-year", "solar-hijri")]
)
def test_every_frequency_of_a_series_makes_a_study(freq: str, calendar: str) -> None:
    trade = fl.load("armstat-by-country@2025-02")
    findings = ask(trade, partner_basis="origin", freqs=[freq], calendar=calendar)
    assert {f"trend.{freq}.growth.poisson", f"trend.{freq}.nobs"} <= {
        number.id for number in findings.numbers
    }
