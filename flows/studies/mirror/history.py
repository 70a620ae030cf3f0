"""The two reports year by year, in the calendar of the side that publishes years."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from flows.compare.history import MirrorHistory, mirror_history
from flows.countries import country_name
from flows.findings import Figure, Findings, Number, Table
from flows.measure.checks import rows_by_dataset
from flows.models.breaks import BreakFit
from flows.models.exact_break import ExactBreak
from flows.studies.mirror.question import MILLION, MirrorQuestion, source_of
from flows.table import Rows

_LEVEL = 0.95


def history(question: MirrorQuestion, *, odd: Mapping[str, str] | None = None) -> Findings:
    """
    Divide the importer's report by the exporter's, year by year, and ask when that changed.

    ``odd`` gives the reason why a year is known to be out of line: it is shown, marked, and left
    out of a second test. Numbers of every ratio, of its mean and trend, and of the test of a break
    where years are enough; a figure and a table of the years. A word
    ``history.<direction>.refused`` says why a direction has no history.
    """
    histories, refused = question.both_ways(
        lambda _, sender: mirror_history(
            **question.both_statements(sender),
            freq="year",
            calendar=question.period.calendar,
            odd=odd,
            level=_LEVEL,
        )
    )
    return Findings(
        numbers=tuple(
            number
            for direction, found in histories.items()
            for number in (
                *_ratio_numbers(question, direction, found),
                *_tested(question, direction, found),
            )
        ),
        tables=(_mirror_table(question, histories),) if histories else (),
        figures=(_ratio_figure(question, histories),) if histories else (),
        words={
            **question.refusals("history", refused),
            **{
                f"{question.name}.{direction}.{key}": word
                for direction, found in histories.items()
                for key, word in _words(found).items()
            },
        },
    )


def _ratio_numbers(question: MirrorQuestion, direction: str, found: MirrorHistory) -> list[Number]:
    """Return the ratio of every year; of the first and the last under those names too."""
    made = [
        question.make("flows.recut", year=str(row["label"]), direction=direction)(
            f"{direction}.ratio.{row['label']}",
            float(row["ratio"]),
            "ratio",
            f"Importer's report divided by exporter's, {row['label']}."
            + (f" Out of line: {row['odd']}." if row["odd"] else ""),
            digits=2,
            rows=found.rows[found.rows["label"] == row["label"]],
        )
        for _, row in found.frame.iterrows()
    ]
    ends = {"first": made[0], "last": made[-1]}
    prefix = f"{question.name}.{direction}.ratio"
    return [*made, *(replace(number, id=f"{prefix}.{end}") for end, number in ends.items())]


def _tested(question: MirrorQuestion, direction: str, found: MirrorHistory) -> Iterator[Number]:
    """Yield the level, the trend and the breaks of one direction."""
    make = question.make("flows.mirror_history", direction=direction)
    compared = f"importer's report divided by exporter's, {direction}"
    yield make(
        f"{direction}.ratio.mean",
        float(np.exp(found.mean_log)),
        "ratio",
        f"Geometric mean of the {compared}.",
        digits=2,
        rows=found.rows,
    )
    if found.trend is not None:
        low, high = found.trend.conf_int().loc["trend"].to_numpy(dtype="float64")
        yield make(
            f"{direction}.asymmetry.trend",
            100 * float(found.trend.params["trend"]),
            "log points a year",
            f"Slope of the logarithm of the {compared}.",
            digits=1,
            rows=found.rows,
            interval=(100 * float(low), 100 * float(high)),
            level=_LEVEL,
        )
    for part, fit in _breaks(found).items():
        if isinstance(fit, ExactBreak):
            for what, value, unit, digits in (
                ("pvalue", fit.pvalue, "p-value", 3),
                ("smallest", fit.smallest, "p-value", 3),
                ("before", float(np.exp(fit.before)), "ratio", 2),
                ("after", float(np.exp(fit.after)), "ratio", 2),
                ("nobs", float(fit.nobs), "years", 0),
            ):
                yield make(
                    f"{direction}.{part}.{what}",
                    value,
                    unit,
                    f"Exact test of a change in the {compared}: {what}.",
                    digits=digits,
                    rows=found.rows,
                )


def _words(found: MirrorHistory) -> dict[str, str]:
    """Return the first and last year, and where and how breaks were looked for, or "none"."""
    return {
        **{part: _dates(fit) for part, fit in _breaks(found).items()},
        "break-test": _kind(found.breaks),
        "first-year": str(found.frame["label"].iloc[0]),
        "last-year": str(found.frame["label"].iloc[-1]),
    }


def _breaks(found: MirrorHistory) -> dict[str, ExactBreak | BreakFit | None]:
    return {"break": found.breaks, "break-without-odd": found.without_odd}


def _dates(fit: ExactBreak | BreakFit | None) -> str:
    if fit is None:
        return "none"
    dates = [fit.break_date] if isinstance(fit, ExactBreak) else list(fit.break_dates)
    return ", ".join(str(date) for date in dates) or "none"


def _kind(fit: ExactBreak | BreakFit | None) -> str:
    if fit is None:
        return "none"
    return "exact" if isinstance(fit, ExactBreak) else "asymptotic"


def _mirror_table(question: MirrorQuestion, histories: Mapping[str, MirrorHistory]) -> Table:
    frame = _years(question, histories)
    bound = frame["bound"].map({True: "lower bound", False: ""})
    remark = [
        "; ".join(word for word in words if word) for words in zip(bound, frame["odd"], strict=True)
    ]
    shown = ["label", "flow", "exporter_report", "importer_report", "ratio"]
    return Table(
        id=f"{question.name}-mirror",
        frame=frame[shown].rename(columns={"label": "year"}).assign(remark=remark),
        labels={
            "year": "Year",
            "flow": "Flow",
            "exporter_report": "Exporter reports",
            "importer_report": "Importer reports",
            "ratio": "Ratio",
            "remark": f"On {country_name(question.years)}’s figure",
        },
        formats={"exporter_report": ".2f", "importer_report": ".2f", "ratio": ".2f"},
        caption=(
            f"Both reports of the trade between {country_name(question.exporter)} and "
            f"{country_name(question.importer)}, USD million, by year of "
            f"{country_name(question.years)}’s calendar."
        ),
        note=(
            f"{country_name(question.months)}’s months are cut to these years, the first and last "
            "month by days. Ratio: importer’s report divided by exporter’s. The reports differ in "
            "coverage and valuation; the bridge takes these apart for one year."
        ),
        rows=_rows(histories),
    )


def _ratio_figure(question: MirrorQuestion, histories: Mapping[str, MirrorHistory]) -> Figure:
    """Return the ratios by year; the ratio to a lower bound has no low of its own."""
    frame = _years(question, histories)
    data = pd.DataFrame(
        {
            "period": frame["label"],
            "flow": frame["flow"],
            "ratio": frame["ratio"],
            "low": float("nan"),
            "high": frame["ratio"].where(frame["bound"]),
            "odd": frame["odd"] != "",
        }
    )
    rows = _rows(histories)
    return Figure(
        id=f"{question.name}-ratio",
        draw="draw_mirror_ratio",
        data=_with_gaps(data),
        options={
            "exporter": country_name(question.exporter),
            "importer": country_name(question.importer),
        },
        caption=(
            "Importer’s report divided by exporter’s report of the same flow, by year of "
            f"{country_name(question.years)}’s calendar, logarithmic axis. A hollow mark is a "
            "statement known to be out of line; an open whisker, a statement that is a lower bound."
        ),
        source=source_of(rows),
        rows=rows,
    )


def _with_gaps(data: pd.DataFrame) -> pd.DataFrame:
    """Return the ratios with an empty row for each year between the first and last without one."""
    years = data["period"].astype("int64")
    places = pd.MultiIndex.from_product(
        [range(years.min(), years.max() + 1), data["flow"].unique()], names=["period", "flow"]
    )
    whole = data.assign(period=years).set_index(["period", "flow"]).reindex(places).reset_index()
    return whole.assign(period=whole["period"].astype("str"), odd=whole["odd"].eq(other=True))


def _years(question: MirrorQuestion, histories: Mapping[str, MirrorHistory]) -> pd.DataFrame:
    """Return one row a year and direction, amounts in USD million."""
    titles = {direction: question.title(sender) for direction, sender in question.directions}
    frame = pd.concat(
        [found.frame.assign(flow=titles[direction]) for direction, found in histories.items()],
        ignore_index=True,
    )
    frame[["exporter_report", "importer_report"]] /= MILLION
    return frame


def _rows(histories: Mapping[str, MirrorHistory]) -> Rows:
    return rows_by_dataset(pd.concat([found.rows for found in histories.values()]))
