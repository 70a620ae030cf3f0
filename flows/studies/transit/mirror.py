"""What arrives by the importer's report, divided by what was sent by the exporters'."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.compare.history import MirrorHistory, mirror_history
from flows.errors import PeriodError, SchemaError, UnreportedError
from flows.findings import Figure, Findings, Json, Number, Table
from flows.measure.checks import rows_by_dataset
from flows.measure.whole_periods import Frequency
from flows.models.breaks import BreakFit
from flows.origin import Made, applied, call
from flows.studies.mirror.question import MILLION
from flows.studies.numbers import make_number, source_line
from flows.studies.section import About
from flows.studies.transit.pair import exporter_report, group_of, importer_report
from flows.studies.transit.question import TransitQuestion, span_of
from flows.table import Rows

ABOUT = About(
    needs="a table `hub` with the imports of the country in the middle by month and partner",
    figures=("ratio",),
    tables=("ratios",),
)

_LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class _Mirror:
    """Both reports by year and by month; ``basis``: on which the importer states its partners."""

    basis: str
    yearly: Made[MirrorHistory]
    monthly: Made[MirrorHistory]

    @property
    def breaks(self) -> Made[BreakFit] | None:
        """Breaks of the logarithm of the ratio; none where the months are too few."""
        made = self.monthly.part(lambda history: history.breaks)
        match made.value:
            case BreakFit() as fit:
                return Made(fit, made.expression, made.binds)
        return None


def mirror(question: TransitQuestion) -> Findings:
    """
    Divide the importer's report by the exporters', by month and year, and date its change.

    Numbers by partner basis of the importer: ``mirror.<basis>.<year>``, ``.before`` and ``.after``
    (means of the years' ratios) with ``.lowest`` and ``.highest`` of each, ``.break`` (count),
    ``.break.pvalue``, ``.break.from`` and ``.break.to`` (means of the first and the last regime),
    and, where no break is found, ``.detectable`` (what change would have been). Words
    ``mirror.<basis>.break`` (its date, with the interval) and ``.refused``; figure ``ratio``; table
    ``ratios``.
    """
    mirrors, refused = _mirrors(question)
    words = {
        "bases": " ".join(mirrors),
        "basis": next(iter(mirrors), ""),
        "other-basis": [*mirrors, "", ""][1],
        "refused": "; ".join(refused.values()),
        "freight": _freight(question),
        **{
            f"{basis}.{key}": word
            for basis, mirrored in mirrors.items()
            for key, word in _words(mirrored.breaks).items()
        },
        **{f"{basis}.refused": refused.get(basis, "") for basis in question.bases},
    }
    return Findings(
        numbers=tuple(
            number
            for mirrored in mirrors.values()
            for number in (*_ratios(question, mirrored), *_breaks(question, mirrored))
        ),
        tables=(_table(question, mirrors),) if mirrors else (),
        figures=(_figure(question, mirrors),) if mirrors else (),
        words={f"{question.name}.mirror.{key}": word for key, word in words.items()},
    )


def _mirrors(question: TransitQuestion) -> tuple[dict[str, _Mirror], dict[str, str]]:
    """Return the reports side by side by partner basis, and why there are none on a basis."""
    mirrors, refused = {}, {}
    for basis in question.bases:
        try:
            yearly = _history(question, basis, "year")
            for span in (question.before, question.after):
                _check_span(yearly.value, span, basis)
            mirrors[basis] = _Mirror(basis, yearly, _history(question, basis, "month"))
        except (PeriodError, SchemaError, UnreportedError) as error:
            refused[basis] = str(error)
    return mirrors, refused


def _history(question: TransitQuestion, basis: str, freq: Frequency) -> Made[MirrorHistory]:
    hub = question.hub_converted
    if hub is None:
        raise UnreportedError(f"expected what {question.via} states, found no table hub")
    return call(
        mirror_history,
        exporter_report=exporter_report(question, question.converted).arg,
        importer_report=importer_report(question, hub, basis).arg,
        freq=freq,
        group=group_of(question),
        level=_LEVEL,
    ).called("by_year" if freq == "year" else "by_month")


def _check_span(history: MirrorHistory, span: tuple[int, int], basis: str) -> None:
    """Check that both reports have every year of a span."""
    for year in range(span[0], span[1] + 1):
        if str(year) not in set(history.frame["label"]):
            reason = history.left_out.get(str(year), "not covered by both reports")
            raise PeriodError(
                f"expected both reports in every year of {span_of(span)}, found {year} missing in "
                f"imports by country of {basis}: {reason}"
            )


def _ratios(question: TransitQuestion, mirrored: _Mirror) -> Iterator[Number]:
    via, basis = question.words["via"], mirrored.basis
    history = mirrored.yearly.value
    divided = f"imports of {via} by country of {basis} divided by what the exporters state"
    for year in question.years:
        yield _number(
            question,
            f"{basis}.{year}",
            _ratio_in(mirrored, str(year)),
            f"{year}: {divided}.",
            history.rows[history.rows["label"] == str(year)],
        )
    for when, span in (("before", question.before), ("after", question.after)):
        first, last = str(span[0]), str(span[1])
        ratios = _ratios_in(mirrored, first, last)
        for end, what, value in (
            ("", "Mean", ratios.part(lambda ratio: ratio.mean())),
            (".lowest", "Lowest", ratios.part(lambda ratio: ratio.min())),
            (".highest", "Highest", ratios.part(lambda ratio: ratio.max())),
        ):
            yield _number(
                question,
                f"{basis}.{when}{end}",
                value,
                f"{what} of the years {span_of(span)}: {divided}.",
                history.rows[history.rows["label"].between(first, last)],
            )


def _ratio_in(mirrored: _Mirror, year: str) -> Made[float]:
    return mirrored.yearly.part(lambda history: history.frame["ratio"][year])


def _ratios_in(mirrored: _Mirror, first: str, last: str) -> Made[pd.Series]:
    return mirrored.yearly.part(lambda history: history.frame["ratio"][first:last])


def _breaks(question: TransitQuestion, mirrored: _Mirror) -> Iterator[Number]:
    fit, rows = mirrored.breaks, mirrored.monthly.value.rows
    if fit is None:
        return
    about = f"the ratio of the reports by month, imports by country of {mirrored.basis}"
    name, count = f"{mirrored.basis}.break", fit.part(lambda fit: applied(len, fit.break_dates))
    yield _number(question, name, count, f"Breaks found in {about}.", rows, unit="count", digits=0)
    if "supLR(1|0)" in fit.value.tests:
        pvalue = fit.part(lambda fit: fit.tests["supLR(1|0)"].pvalue)
        test = f"Test of no break in {about}, in noise as persistent as this."
        yield _number(question, f"{name}.pvalue", pvalue, test, rows, unit="p-value", digits=3)
    if count.value:
        levels = fit.part(lambda fit: fit.regimes["const"])
        for end, level in (
            ("from", levels.part(lambda levels: levels.iloc[0])),
            ("to", levels.part(lambda levels: levels.iloc[-1])),
        ):
            mean = level.part(lambda level: applied(np.exp, level))
            regime = f"Geometric mean of {about}, {'first' if end == 'from' else 'last'} regime."
            yield _number(question, f"{name}.{end}", mean, regime, rows)
    elif _words(fit)["detectable"]:
        times = fit.part(lambda fit: applied(np.exp, fit.detectable_shift))
        least = f"Change in the middle of {about} that 8 of 10 such series would show as a break."
        yield _number(question, f"{mirrored.basis}.detectable", times, least, rows)


def _number(
    question: TransitQuestion,
    name: str,
    value: Made[float],
    about: str,
    rows: pd.DataFrame,
    *,
    unit: str = "ratio",
    digits: int = 2,
) -> Number:
    about = f"{about[0].upper()}{about[1:]}"
    return make_number(
        question.name, f"mirror.{name}", value, unit, about, digits=digits, rows=rows
    )


def _words(breaks: Made[BreakFit] | None) -> dict[str, str]:
    """Return the months of breaks with their intervals, and whether there could have been any."""
    if breaks is None:
        return {"break": "not looked for: too few months", "found": "", "detectable": ""}
    fit = breaks.value
    dates = [
        f"{date:%B %Y}"
        + ("" if pd.isna(low) else f" ({_LEVEL:.0%} interval {low:%B %Y} to {high:%B %Y})")
        for date, low, high in fit.conf_int().itertuples(name=None)
    ]
    return {
        "break": ", ".join(dates) or "none",
        "found": "yes" if dates else "",
        "detectable": "" if dates or np.isinf(fit.detectable_shift) else "yes",
    }


def _freight(question: TransitQuestion) -> str:
    """Return by how many percent the importer's report should be the larger one: "6 to 10"."""
    low, high = (f"{100 * (ratio - 1):.3g}" for ratio in question.cif_fob_ratio)
    return "" if high == "0" else low if low == high else f"{low} to {high}"


def _table(question: TransitQuestion, mirrors: Mapping[str, _Mirror]) -> Table:
    frames = {basis: mirrored.yearly.value.frame for basis, mirrored in mirrors.items()}
    first = next(iter(frames.values()))
    columns = {"year": first["label"], "exporters": first["exporter_report"] / MILLION}
    labels = {"year": "Year", "exporters": "Exporters report"}
    for basis, frame in frames.items():
        columns[f"importer-{basis}"] = frame["importer_report"] / MILLION
        labels[f"importer-{basis}"] = f"Imports by {basis}"
    for basis, frame in frames.items():
        columns[f"ratio-{basis}"] = frame["ratio"]
        labels[f"ratio-{basis}"] = f"Ratio, {basis}"
    via, origin = question.words["via"], question.words["origin"]
    return Table(
        id=f"{question.name}-ratios",
        frame=pd.DataFrame(columns).reset_index(drop=True),
        labels=labels,
        formats={
            name: ".2f" if name.startswith("ratio") else ",.1f" for name in labels if name != "year"
        },
        caption=(
            f"What {origin} states to send to {via} and what {via} states to receive from there, "
            f"{question.currency} million by year."
        ),
        note=(
            "Ratio: importer’s report divided by the exporters’. The exporters value goods where "
            "they leave, the importer where they arrive, freight and insurance included."
            + _conversion(question)
        ),
        rows=_rows(mirrors),
    )


def _conversion(question: TransitQuestion) -> str:
    if question.stated_in == question.currency:
        return ""
    return f" {question.stated_in} are converted month by month at the mean rate of the month."


def _figure(question: TransitQuestion, mirrors: Mapping[str, _Mirror]) -> Figure:
    drawings = {basis: mirrored.monthly.value.drawing() for basis, mirrored in mirrors.items()}
    names = {basis: f"by {basis}" for basis in drawings}
    frames = [drawing.data.assign(series=names[basis]) for basis, drawing in drawings.items()]
    first = next(iter(drawings))
    options = drawings[first].options
    marks: Json = [{**mark, "series": names[first]} for mark in options["breaks"]]
    rows = _rows(mirrors)
    return Figure(
        id=f"{question.name}-ratio",
        draw="draw_regimes",
        data=pd.concat(frames, ignore_index=True),
        options={**options, "breaks": marks},
        caption=_caption(question, mirrors[first], marked=bool(marks)),
        source=source_line(rows),
        rows=rows,
    )


def _caption(question: TransitQuestion, mirrored: _Mirror, *, marked: bool) -> str:
    ratios = mirrored.yearly.value.frame["ratio"]
    before, after = (
        ratios[str(first) : str(last)].mean() for first, last in (question.before, question.after)
    )
    dated = (
        f" Diamond: break by {mirrored.basis}, with its {_LEVEL:.0%} interval." if marked else ""
    )
    return (
        f"{question.words['via']} records {before:.2f} times what {question.words['origin']} "
        f"states to send in {span_of(question.before)} and {after:.2f} times in "
        f"{span_of(question.after)} (imports by country of {mirrored.basis}). Thin lines: ratio by "
        f"month; thick lines: mean of each regime.{dated}"
    )


def _rows(mirrors: Mapping[str, _Mirror]) -> Rows:
    histories = (
        history.value.rows
        for mirrored in mirrors.values()
        for history in (mirrored.yearly, mirrored.monthly)
    )
    return rows_by_dataset(pd.concat(histories))
