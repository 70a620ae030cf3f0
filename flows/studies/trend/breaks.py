"""Breaks of a flow: its regimes, the dates between them, and what lies beside each date."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from flows.findings import Figure, Findings, Json, Number, Table
from flows.origin import Made, applied
from flows.studies.numbers import join_words, make_number, part_of, source_line, spelled
from flows.studies.section import About
from flows.studies.trend.fitted import LEVEL, FittedSeries
from flows.studies.trend.question import TrendQuestion

ABOUT = About(
    needs="periods enough for two regimes; the path, for a test",
    figures=("breaks", "break-path"),
    tables=("regimes",),
)


def breaks(question: TrendQuestion) -> Findings:
    """
    Date the breaks and set them beside events in the world and changes of the records.

    Numbers ``<freq>.breaks``, ``.breaks.beside-events``, ``<freq>.regimes`` and ``.regimes.alike``;
    words ``<freq>.breaks`` (dates), ``.breaks.verdict`` (what was found, and where nothing was,
    what would have been), ``.breaks.beside`` (whether an event lies within an interval),
    ``.regimes.verdict`` (in how many of them the flow moved as over the whole span), ``changes``
    (of the records) and ``records`` (breaks beside one);
    table ``regimes``; of the first frequency the figures ``breaks`` and, where the series is long
    enough for a test, ``break-path``.
    """
    name, fitted = question.name, question.series
    beside = [date for series in fitted for date in _beside_changes(series)]
    words = {
        "changes": _changes(question.changes),
        "records": join_words(beside),
    }
    for series in fitted:
        words |= {
            f"{series.freq}.breaks": date_words(series),
            f"{series.freq}.breaks.verdict": verdict_words(series),
            f"{series.freq}.breaks.beside": beside_words(series),
            f"{series.freq}.regimes.verdict": regime_words(series),
        }
    return Findings(
        numbers=tuple(number for series in fitted for number in _numbers(question, series)),
        tables=(_regimes_table(question),),
        figures=(_breaks_figure(question), *_path_figure(question)),
        words={f"{name}.{key}": word for key, word in words.items()},
    )


def _numbers(question: TrendQuestion, series: FittedSeries) -> Iterator[Number]:
    for key, count, what in _counts(series):
        yield make_number(
            question.name,
            f"{series.freq}.{key}",
            count,
            "count",
            f"{what}: {question.title} by {series.freq}.",
            digits=0,
            rows=series.rows,
        )


def _counts(series: FittedSeries) -> Iterator[tuple[str, Made[int], str]]:
    """Yield each count with what is counted; regimes that have no slope are not compared."""
    fit = series.breaks
    yield "breaks", fit.part(lambda breaks: applied(len, breaks.break_dates)), "Breaks found"
    yield (
        "breaks.beside-events",
        fit.combined(
            series.world,
            lambda breaks, events: (
                breaks.beside(events, calendar=series.dated)["world"] != ""
            ).sum(),
        ),
        "Breaks with an event inside the interval of their date",
    )
    yield "regimes", fit.part(lambda breaks: applied(len, breaks.regimes)), "Regimes"
    if "trend" in fit.value.regimes:
        yield (
            "regimes.alike",
            fit.combined(
                series.trend,
                lambda breaks, trend: (breaks.regimes["trend"] * trend.slope > 0).sum(),
            ),
            "Regimes that grow, or fall, as the line through the whole span does",
        )


def _changes(changes: pd.DataFrame) -> str:
    named = [
        f"{name} (from {date:%Y-%m-%d} on)"
        for date, name in zip(changes["date"], changes["name"], strict=True)
    ]
    return "; ".join(named) or "none"


def date_words(series: FittedSeries) -> str:
    """Return the dates that were found, with their intervals."""
    return join_words(
        [
            str(date) if pd.isna(low) or pd.isna(high) else f"{date} ({low} to {high})"
            for date, low, high in series.breaks.value.conf_int().itertuples(name=None)
        ]
    )


def verdict_words(series: FittedSeries) -> str:
    """Return what was found, with its chance in noise, or what would have been."""
    fit = series.breaks.value
    steps = [
        test for name, test in fit.tests.items() if name.startswith("supLR") and test.rejects()
    ]
    if count := len(fit.break_dates):
        noun = "break" if count == 1 else "breaks"
        largest = "p-values at most" if len(steps) > 1 else "p-value"
        chance = f", {largest} {max(test.pvalue for test in steps):.3f}" if steps else ""
        return f"{spelled(count)} {noun}, {date_words(series)}{chance}"
    if np.isinf(fit.detectable_shift):
        return "no break that can be told apart from persistent noise"
    return f"no break; a step {detectable_words(series)} would be found in 8 of 10 such series"


def detectable_words(series: FittedSeries) -> str:
    """Return the size of a step that the search would find in most such series."""
    shift = series.breaks.value.detectable_shift
    if series.scale == "log":
        return f"to {np.exp(shift):.1f} times the level"
    return f"of {shift:,.3g} {series.unit}"


def beside_words(series: FittedSeries) -> str:
    """Say whether an event lies within the interval of a break date; nothing without a break."""
    beside, count = int((series.marks["world"] != "").sum()), len(series.breaks.value.break_dates)
    if count < 2:  # noqa: PLR2004 - one break has one interval
        what = "an event lies" if beside else "no event lies"
        return f"{what} within the interval of the break" if count else ""
    if not beside:
        return "no event lies within the interval of a break"
    return f"an event lies within the interval of {part_of(beside, count, 'breaks')}"


def regime_words(series: FittedSeries) -> str:
    """Say in how many regimes the flow grew, or fell, as over the whole span; nothing of one."""
    regimes, slope = series.breaks.value.regimes, series.trend.value.slope
    if "trend" not in regimes or len(regimes) == 1:
        return ""
    alike: list[bool] = (regimes["trend"] * slope > 0).tolist()
    of_two: dict[tuple[bool, ...], str] = {
        (True, True): "both before and after it",
        (True, False): "before it and not after it",
        (False, True): "after it and not before it",
        (False, False): "neither before nor after it",
    }
    when = of_two.get(
        tuple(alike), f"in {part_of(sum(alike), len(alike), 'periods between breaks')}"
    )
    verb, whole = ("grew", "growth") if slope > 0 else ("fell", "decline")
    if any(alike):
        return f"trade {verb} {when}"
    return f"trade {verb} {when}, so that the {whole} of the whole span is a change of level"


def _beside_changes(series: FittedSeries) -> list[str]:
    """Return the break dates whose interval holds a change of the records."""
    near = (series.marks["records"] != "").to_numpy()
    return [f"{date} (by {series.freq})" for date in series.breaks.value.break_dates[near]]


def _regimes_table(question: TrendQuestion) -> Table:
    fitted, main = question.series, question.main
    trends = {}
    if question.regime == "trend":
        log = main.scale == "log"
        trends["change"] = "Growth, % a year" if log else f"Change, {main.unit} a year"
    shortest = join_words([f"{one.breaks.value.shortest} {one.title.lower()}" for one in fitted])
    chosen = "; ".join(dict.fromkeys(series.breaks.value.chosen_by for series in fitted))
    return Table(
        id=f"{question.name}-regimes",
        frame=pd.concat([_regimes(series) for series in fitted], ignore_index=True),
        labels={
            "periods": "Periods",
            "start": "From",
            "interval": f"{LEVEL:.0%} interval",
            "end": "To",
            "level": f"Level, {main.unit}",
            **trends,
            "beside": "Within the interval",
        },
        formats={"level": ",.1f", "change": "+.1f"},
        caption=(
            f"Regimes of {question.title}, the periods between its breaks, and the events within "
            "the interval of each break date."
        ),
        note=(
            "From: first period of the regime, estimated. Level: fitted value in the middle of the "
            "regime. Coincidence is no cause; “nothing at hand” means that no listed event and no "
            "known change of the records lies within the interval. A regime has at least "
            f"{shortest}. Number of breaks: {chosen}."
        ),
        rows=question.rows,
    )


def _regimes(series: FittedSeries) -> pd.DataFrame:
    """Return one row a regime; ``change`` is in percent or units a year."""
    regimes, intervals = series.breaks.value.regimes, series.breaks.value.conf_int()
    change = regimes["trend"] if "trend" in regimes else pd.Series(np.nan, index=regimes.index)
    lows, highs = ([None, *map(_text, intervals[end])] for end in ("low", "high"))
    return pd.DataFrame(
        {
            "periods": series.title,
            "start": [str(start) for start in regimes["start"]],
            "low": lows,
            "high": highs,
            "interval": [
                f"{low} to {high}" if low and high else ""
                for low, high in zip(lows, highs, strict=True)
            ],
            "end": [str(end) for end in regimes["end"]],
            "level": series.lines.groupby("regime")["fitted"].median(),
            "change": 100 * np.expm1(change) if series.scale == "log" else change,
            "verdict": ["", *series.marks["verdict"]],
            "beside": ["", *(_beside(mark) for mark in series.marks.itertuples())],
        }
    )


def _text(period: object) -> str | None:
    return None if pd.isna(period) else str(period)  # type: ignore[call-overload]


def _beside(mark: object) -> str:
    """Return the events within an interval, those of the records marked as such."""
    world, records = mark.world, mark.records  # type: ignore[attr-defined]
    parts = [world, f"in the statistics: {records}" if records else ""]
    return "; ".join(part for part in parts if part) or "nothing at hand"


def _breaks_figure(question: TrendQuestion) -> Figure:
    series = question.main
    dates, events = series.drawn_breaks(), series.drawn_events(question.events.value)
    return Figure(
        id=f"{question.name}-breaks",
        draw="draw_breaks",
        data=series.drawn_regimes(),
        options={
            "unit_label": series.unit_label,
            "breaks": dates,
            "interval_label": f"{LEVEL:.0%} interval of its date",
            "events": events,
            "log": series.scale == "log",
        },
        caption=(
            f"{question.title} by {series.freq}: {break_words(series)}. "
            f"{drawn_words(dates, events, question.regime)}"
        ),
        source=source_line(series.rows),
        rows=series.rows,
        exact=("value",),
    )


def break_words(series: FittedSeries) -> str:
    """Say at which dates a series breaks, as a caption has it."""
    dates = [str(date) for date in series.breaks.value.break_dates]
    if not dates:
        return "no break is found"
    return f"{'a break in' if len(dates) == 1 else 'breaks in'} {join_words(dates)}"


def drawn_words(dates: Sequence[Json], events: Sequence[Json], regime: str) -> str:
    """Say what the marks of a figure of regimes are, those that are in it."""
    parts = [f"thick lines: {regime} of each regime"] if dates else [f"thick line: {regime}"]
    if dates:
        parts.append(f"diamonds: break dates with {LEVEL:.0%} intervals")
    if events:
        parts.append("dashed lines: events, which had no part in the search")
    words = "; ".join(parts)
    return f"{words[0].upper()}{words[1:]}."


def _path_figure(question: TrendQuestion) -> tuple[Figure, ...]:
    series = question.main
    fit = series.breaks.value
    if fit.ratio_path.empty:
        return ()
    path = fit.ratio_path
    figure = Figure(
        id=f"{question.name}-break-path",
        draw="draw_break_path",
        data=pd.DataFrame({"date": series.first_days(path.index), "statistic": path.to_numpy()}),
        options={
            "unit_label": "Likelihood ratio of one break at each date",
            "critical_value": fit.critical_ratio,
            "critical_label": "5% critical value of the largest",
            "breaks": series.drawn_breaks(),
        },
        caption=(
            f"{question.title} by {series.freq}: how strongly the data speak for a single break at "
            "each date, beside persistent noise, with the dates that were chosen."
        ),
        source=source_line(series.rows),
        rows=series.rows,
    )
    return (figure,)
