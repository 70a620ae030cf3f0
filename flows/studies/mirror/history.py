"""The two reports year by year, in the calendar of the side that publishes years."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from flows.canonical import shared_decimals
from flows.compare.history import MirrorHistory, mirror_history
from flows.countries import country_name
from flows.findings import Figure, Findings, Number, Table
from flows.measure.checks import rows_by_dataset
from flows.models.breaks import BreakFit
from flows.models.exact_break import ExactBreak
from flows.origin import Made, applied, call, present
from flows.studies.mirror.question import MILLION, MirrorQuestion
from flows.studies.numbers import join_words, make_number, source_line
from flows.studies.section import About
from flows.table import Rows

ABOUT = About(
    needs="both sides’ reports of all goods in several years",
    figures=("ratio",),
    tables=("mirror",),
)

_LEVEL = 0.95
_MOST_DECIMALS = 2


def history(question: MirrorQuestion, *, odd: Mapping[str, str] | None = None) -> Findings:
    """
    Divide the importer's report by the exporter's, year by year, and ask when that changed.

    ``odd`` gives the reason why a year is known to be out of line: it is shown, marked, and left
    out of a second test. Numbers of every ratio, of its mean and trend, and of the test of a break
    where years are enough; a figure and a table of the years. A word
    ``history.<direction>.refused`` says why a direction has no history; ``history.odd`` names the
    years out of line.
    """
    made, refused = question.both_ways(
        lambda _, sender: call(
            mirror_history,
            exporter_report=question.exporter_report(sender).arg,
            importer_report=question.importer_report(sender).arg,
            freq="year",
            calendar=question.period.calendar,
            odd=odd,
            level=_LEVEL,
        ).called("history")
    )
    histories = {direction: history.value for direction, history in made.items()}
    return Findings(
        numbers=tuple(
            number
            for direction, history in made.items()
            for number in (
                *_ratio_numbers(question, direction, history),
                *_tested(question, direction, history),
            )
        ),
        tables=(_mirror_table(question, histories),) if histories else (),
        figures=(_ratio_figure(question, histories),) if histories else (),
        words={
            **question.refusals("history", refused),
            f"{question.name}.history.odd": join_words([*(odd or {})], nothing=""),
            **{
                f"{question.name}.{direction}.{key}": word
                for direction, history in histories.items()
                for key, word in _words(history).items()
            },
        },
    )


def _ratio_numbers(
    question: MirrorQuestion, direction: str, made: Made[MirrorHistory]
) -> list[Number]:
    """Return the ratio of every year; of the first and the last under those names too."""
    history = made.value
    ratios = [
        make_number(
            question.name,
            f"{direction}.ratio.{row['label']}",
            _ratio_of(made, str(row["label"])),
            "ratio",
            f"Importer's report divided by exporter's, {row['label']}."
            + (f" Out of line: {row['odd']}." if row["odd"] else ""),
            digits=2,
            rows=history.rows[history.rows["label"] == row["label"]],
        )
        for _, row in history.frame.iterrows()
    ]
    ends = {"first": ratios[0], "last": ratios[-1]}
    prefix = f"{question.name}.{direction}.ratio"
    return [*ratios, *(replace(number, id=f"{prefix}.{end}") for end, number in ends.items())]


def _ratio_of(made: Made[MirrorHistory], label: str) -> Made[float]:
    return made.part(lambda history: history.frame.set_index("label")["ratio"].loc[label])


def _tested(
    question: MirrorQuestion, direction: str, made: Made[MirrorHistory]
) -> Iterator[Number]:
    """Yield the level, the trend and the breaks of one direction."""
    rows = made.value.rows
    flow = question.title(dict(question.directions)[direction])
    compared = f"importer's report divided by exporter's, {flow}"
    yield make_number(
        question.name,
        f"{direction}.ratio.mean",
        made.part(lambda history: applied(np.exp, history.mean_log)),
        "ratio",
        f"Geometric mean of the {compared}.",
        digits=2,
        rows=rows,
    )
    trend = present(made.part(lambda history: history.trend))
    if trend is not None:
        yield make_number(
            question.name,
            f"{direction}.asymmetry.trend",
            trend.part(lambda fit: 100 * fit.slope),
            "log points a year",
            f"Slope of the logarithm of the {compared}.",
            digits=1,
            rows=rows,
            interval=trend.part(
                lambda fit: (
                    100 * fit.conf_int()["low"].loc["trend"],
                    100 * fit.conf_int()["high"].loc["trend"],
                )
            ),
            level=_LEVEL,
        )
    for part, fit in (
        ("break", made.part(lambda history: history.breaks)),
        ("break-without-odd", made.part(lambda history: history.without_odd)),
    ):
        exact = _exact(fit)
        if exact is not None:
            yield from _break_numbers(question, f"{direction}.{part}", exact, compared, rows)


def _exact(made: Made[ExactBreak | BreakFit | None]) -> Made[ExactBreak] | None:
    """Return an exact test of a break, or none where there is another or none."""
    match made.value:
        case ExactBreak() as fit:
            return Made(fit, made.expression, made.binds)
    return None


def _break_numbers(
    question: MirrorQuestion, part: str, made: Made[ExactBreak], compared: str, rows: pd.DataFrame
) -> Iterator[Number]:
    for key, value, unit, digits, what in (
        ("pvalue", made.part(lambda fit: fit.pvalue), "p-value", 3, "p-value of the best date"),
        (
            "smallest",
            made.part(lambda fit: fit.smallest),
            "p-value",
            3,
            "smallest p-value that any order of the values gives",
        ),
        ("before", made.part(lambda fit: applied(np.exp, fit.before)), "ratio", 2, "mean before"),
        ("after", made.part(lambda fit: applied(np.exp, fit.after)), "ratio", 2, "mean after"),
        ("nobs", made.part(lambda fit: fit.nobs), "years", 0, "years"),
    ):
        yield make_number(
            question.name,
            f"{part}.{key}",
            value,
            unit,
            f"Exact test of a change in the {compared}: {what}.",
            digits=digits,
            rows=rows,
        )


def _words(history: MirrorHistory) -> dict[str, str]:
    """Return the first and last year, and where and how breaks were looked for, or "none"."""
    return {
        **{part: _dates(fit) for part, fit in _breaks(history).items()},
        "break-test": _kind(history.breaks),
        "first-year": str(history.frame["label"].iloc[0]),
        "last-year": str(history.frame["label"].iloc[-1]),
    }


def _breaks(history: MirrorHistory) -> dict[str, ExactBreak | BreakFit | None]:
    return {"break": history.breaks, "break-without-odd": history.without_odd}


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
    reports = ["exporter_report", "importer_report"]
    decimals = min(shared_decimals(frame[side], most=_MOST_DECIMALS) for side in reports)
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
            "remark": f"Remark on {country_name(question.years)}’s figure",
        },
        formats={**dict.fromkeys(reports, f".{decimals}f"), "ratio": ".2f"},
        caption=(
            f"Both reports of the trade between {country_name(question.exporter)} and "
            f"{country_name(question.importer)}, USD million, by year of "
            f"{country_name(question.years)}’s calendar."
        ),
        note=(
            f"{country_name(question.months)}’s months are cut to these years, the first and last "
            "month by days. Ratio: importer’s report divided by exporter’s. The bridge shows for "
            "one year how coverage and valuation part the two."
        ),
        rows=_rows(histories),
    )


def _ratio_figure(question: MirrorQuestion, histories: Mapping[str, MirrorHistory]) -> Figure:
    """Return the ratios of both directions by year."""
    data = pd.concat([history.drawing().data for history in histories.values()], ignore_index=True)
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
            f"{country_name(question.years)}’s calendar, logarithmic axis. "
            f"{_seen(question, histories)}.{_marks(data)}"
        ),
        source=source_line(rows),
        rows=rows,
    )


def _seen(question: MirrorQuestion, histories: Mapping[str, MirrorHistory]) -> str:
    """Say from where to where each direction's ratio goes."""
    senders = dict(question.directions)
    moved = []
    for direction, history in histories.items():
        first, last = history.frame.iloc[0], history.frame.iloc[-1]
        moved.append(
            f"{question.title(senders[direction])}: {first['ratio']:.2f} in {first['label']}, "
            f"{last['ratio']:.2f} in {last['label']}"
        )
    return "; ".join(moved)


def _marks(frame: pd.DataFrame) -> str:
    """Say what the marks of the figure mean, those that are in it."""
    odd = "a hollow mark is a statement known to be out of line" if frame["odd"].any() else ""
    verb = "," if odd else " is"
    bounded = frame["high"].notna().any()
    bound = f"an open whisker{verb} a statement that is a lower bound" if bounded else ""
    words = "; ".join(part for part in (odd, bound) if part)
    return f" {words[0].upper()}{words[1:]}." if words else ""


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
        [history.frame.assign(flow=titles[direction]) for direction, history in histories.items()],
        ignore_index=True,
    )
    frame[["exporter_report", "importer_report"]] /= MILLION
    return frame


def _rows(histories: Mapping[str, MirrorHistory]) -> Rows:
    return rows_by_dataset(pd.concat([history.rows for history in histories.values()]))
