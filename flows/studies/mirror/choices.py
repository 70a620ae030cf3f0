"""How much one country sold to the other, under every combination of choices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from flows.compare.choices import compare_choices
from flows.compare.differences import whole_months
from flows.countries import country_name
from flows.errors import PeriodError, SchemaError
from flows.findings import Figure, Findings
from flows.measure.checks import rows_by_dataset, select_flows
from flows.origin import Made, call
from flows.periods import Period, Recut, recut
from flows.studies.choices import Answer, Compared, Options, conditions_among, offered
from flows.studies.mirror.question import MILLION, MirrorQuestion, is_bound
from flows.studies.numbers import Ends, source_line
from flows.studies.section import About
from flows.table import million_label

ABOUT = About(
    needs="both sides’ reports of all goods; `cif_fob_ratio` where one is CIF and one FOB",
    figures=("choices", "choices-reverse"),
)

_REPORT, _YEAR, _MONTHS = "Whose report", "Year", "Cut months"
_BASIS, _GOODS, _FREIGHT = "Partner basis", "Goods the exporter omits", "Freight and insurance"
_STATED, _BY_DAYS = "as stated", "by days"


def choices(question: MirrorQuestion) -> Findings:
    """
    Compute how much each country sold to the other for every combination of choices.

    Choices, those that the data allow: whose report; the year of the side without months, or the
    calendar year; partner basis of the imports; freight and insurance, as stated or taken off an
    importer's CIF report at either end of the range of the ratio; goods that the exporter does not
    count; how months that the year cuts are counted. Numbers ``choices.<direction>.lowest``,
    ``choices.<direction>.median``, ``choices.<direction>.highest``; a figure a direction. Words as
    those of the section ``choices`` of a supplier study, ``choices.<direction>.combinations`` and
    so on, and ``choices.<direction>.refused``: why a direction has none.
    """
    made, refused = question.both_ways(
        lambda direction, sender: _compare(question, direction, sender)
    )
    words = question.refusals("choices", refused)
    for compared in made.values():
        words |= compared.words()
    return Findings(
        numbers=tuple(number for compared in made.values() for number in compared.numbers()),
        figures=tuple(
            _figure(compared, question, direction) for direction, compared in made.items()
        ),
        words=words,
    )


def _compare(question: MirrorQuestion, direction: str, sender: str) -> Compared:
    asks = _Asks(question, direction, sender)
    asked = offered(asks.options)
    side = "importer" if asks.has_months(question.other(sender)) else "exporter"
    return Compared(
        study=question.name,
        key=f"choices.{direction}",
        number=f"{question.name}.{direction}.{side}-report",
        title=f"trade from {question.title(sender)}",
        unit="USD million",
        digits=0,
        comparison=compare_choices(
            lambda **chosen: asks.answer(chosen),
            asked,
            own={choice: label for choice, label in asks.own.items() if choice in asked},
            applies=conditions_among(asks.applies, asked),
            unit="USD million",
        ),
    )


@dataclass(frozen=True, eq=False)
class _Asks:
    """The choices of one direction, and what each combination gives."""

    question: MirrorQuestion
    direction: str
    sender: str

    @property
    def receiver(self) -> str:
        """Alpha-3 code of the importer."""
        return self.question.other(self.sender)

    def has_months(self, country: str) -> bool:
        """Say whether a side publishes months."""
        return country == self.question.months

    @property
    def own(self) -> dict[str, str]:
        """The report of the side with months, in the year of the other, as it is stated."""
        return {
            _REPORT: country_name(self.question.months),
            _YEAR: _period_label(self.question.period),
            _MONTHS: _BY_DAYS,
            _BASIS: self.question.basis,
            _GOODS: self._goods("counted"),
            _FREIGHT: _STATED,
        }

    @property
    def options(self) -> Options:
        """Every choice; one with a single option is none."""
        question = self.question
        options: dict[str, dict[str, Any]] = {
            _REPORT: {country_name(code): code for code in (self.sender, self.receiver)},
            _YEAR: {
                _period_label(period): period for period in (question.period, question.headline)
            },
            _MONTHS: {_BY_DAYS: None}
            | {f"whole, from {period.start:%B %Y}": period for period in self._whole_months},
        }
        if self.has_months(self.receiver):
            bases = [question.basis, *question.on_other_bases()] if question.states_basis else []
            options[_BASIS] = {basis: basis for basis in bases}
            if question.left_out(self.direction):
                options[_GOODS] = {
                    self._goods("counted"): False,
                    self._goods("left out"): True,
                }
        ratios = {f"taken off, ratio {ratio:.2f}": ratio for ratio in self._ratios}
        return {**options, _FREIGHT: {_STATED: None} | ratios}

    @property
    def applies(self) -> dict[str, dict[str, list[str]]]:
        """What a choice needs: the report that it is about, the year that cuts months."""
        importer, months = country_name(self.receiver), country_name(self.question.months)
        return {
            _BASIS: {_REPORT: [importer]},
            _FREIGHT: {_REPORT: [importer]},
            _GOODS: {_REPORT: [importer]},
            _MONTHS: {_REPORT: [months], _YEAR: [_period_label(self.question.period)]},
        }

    def answer(self, chosen: Mapping[str, Any]) -> Answer:
        """Return what one combination makes of the flow, in million dollars."""
        reporter = chosen[_REPORT]
        period: Period = chosen.get(_YEAR, self.question.period)
        basis = chosen.get(_BASIS, self.question.basis)
        reports = [self._report(reporter, basis)]
        if chosen.get(_GOODS):
            reports += self.question.left_out(self.direction).values()
        if not self.has_months(reporter):
            reports = [_stated(report, period, country_name(reporter)) for report in reports]
        return _counted(reports, chosen.get(_MONTHS) or period, chosen.get(_FREIGHT))

    def _report(self, reporter: str, basis: str) -> Made[pd.DataFrame]:
        others = {} if basis == self.question.basis else self.question.on_other_bases()
        return others.get(basis) or self.question.report(self.sender, reporter=reporter)

    def _goods(self, counted: str) -> str:
        return f"{', '.join(self.question.leaves_out.values())} {counted}"

    @property
    def _ratios(self) -> tuple[float, ...]:
        """Both ends of the range, where the importer's report is CIF and the exporter's FOB."""
        reports = (
            self.question.report(self.sender, reporter=reporter).value
            for reporter in (self.sender, self.receiver)
        )
        valuations = [str(report["valuation"].iloc[0]) for report in reports]
        if valuations != ["FOB", "CIF"] or self.question.cif_fob_ratio is None:
            return ()
        return tuple(sorted(set(self.question.cif_fob_ratio) - {1.0}))

    @property
    def _whole_months(self) -> Sequence[Period]:
        """Twelve whole months that can stand for a year which begins within one."""
        return whole_months(self.question.period)


def _stated(report: Made[pd.DataFrame], period: Period, reporter: str) -> Made[pd.DataFrame]:
    """Return the statement of a period; a year of another calendar is not cut from years."""
    try:
        return call(select_flows, report.arg, start=f"{period.start}", end=f"{period.end}").called(
            "statement"
        )
    except SchemaError as error:
        raise PeriodError(
            f"{reporter} publishes no months, and no figure for {_period_label(period)}"
        ) from error


def _counted(reports: Sequence[Made[pd.DataFrame]], period: Period, ratio: float | None) -> Answer:
    """Return a report without the goods after it, over a ratio, with the bounds that it has."""
    cuts = [call(recut, report.arg, period) for report in reports]
    bounds: Made[Ends] | None = None
    if is_bound(cuts[0].value):
        bounds = _net(cuts, ratio).part(lambda value: (value, None))
    elif not cuts[0].value.is_whole:
        ends = [
            _net([call(recut, report.arg, period, edges=edges) for report in reports], ratio)
            for edges in ("whole-out", "whole-in")
        ]
        bounds = ends[0].combined(ends[1], lambda low, high: (low, high))
    rows = pd.concat([cut.value.rows for cut in cuts])
    return Answer(_net(cuts, ratio), rows_by_dataset(rows), bounds)


def _net(cuts: Sequence[Made[Recut]], ratio: float | None) -> Made[float]:
    """Return the first of several values less the others, over a ratio, in million."""
    net = cuts[0].part(lambda cut: cut.value)
    for goods in cuts[1:]:
        net = net.combined(goods.part(lambda cut: cut.value), lambda whole, part: whole - part)
    if ratio is not None:
        net = net.part(lambda value: value / ratio)
    return net.part(lambda value: value / MILLION)


def _period_label(period: Period) -> str:
    return f"{period.label}, from {period.start:%-d %B %Y}"


def _figure(compared: Compared, question: MirrorQuestion, direction: str) -> Figure:
    sender = dict(question.directions)[direction]
    sends, receives = country_name(sender), country_name(question.other(sender))
    return compared.figure(
        f"{question.name}-choices" + ("" if direction == "flow" else f"-{direction}"),
        unit_label=f"Exports of {sends} to {receives}, {million_label('USD')}",
        caption=(
            f"What {sends} sold to {receives} under every combination of choices, USD million, the "
            f"lowest first, with the report of {country_name(question.months)} in "
            f"{question.period.label} marked. Lines: the months that the year cuts counted not at "
            "all or wholly; arrows: “more than” the value."
        ),
        source=source_line(compared.rows),
    )
