"""What a mirror study asks: two countries, a period, and which of their statements are compared."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import pandas as pd

from flows.countries import country_name
from flows.errors import PeriodError, SampleError, SchemaError, UnitError, UnreportedError
from flows.measure.checks import select_flows
from flows.origin import Made, call
from flows.periods import Period, Recut, period_from
from flows.table import where

Answer = TypeVar("Answer")

DOLLARS = "USD"
MILLION = 1e6
_IMPORT_BASES = {"origin", "consignment"}


@dataclass(frozen=True, eq=False)
class MirrorQuestion:
    """What two countries say of their trade with each other in a period; see :func:`ask`."""

    name: str
    trade: Made[pd.DataFrame]
    exporter: str
    importer: str
    period: Period
    headline: Period
    months: str
    basis: str
    cif_fob_ratio: tuple[float, float] | None
    leaves_out: Mapping[str, str]

    @property
    def years(self) -> str:
        """The one of the two whose customs publish years of their own calendar."""
        return self.other(self.months)

    @property
    def directions(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """The name of each direction in ids, with its exporter."""
        return ("flow", self.exporter), ("reverse", self.importer)

    def other(self, country: str) -> str:
        """Return the other country of the pair."""
        if country not in {self.exporter, self.importer}:
            raise ValueError(
                f"expected a country of the pair, {self.exporter} or {self.importer}, found "
                f"{country!r}"
            )
        return self.importer if country == self.exporter else self.exporter

    def title(self, sender: str) -> str:
        """Return the name of a direction in words: ``Iran to Armenia``."""
        return f"{country_name(sender)} to {country_name(self.other(sender))}"

    def exporter_report(self, sender: str) -> Made[pd.DataFrame]:
        """Return what the exporter of one direction reports, all goods together."""
        return self.report(sender, reporter=sender)

    def importer_report(self, sender: str) -> Made[pd.DataFrame]:
        """Return what the importer of one direction reports, all goods together."""
        return self.report(sender, reporter=self.other(sender))

    def report(self, sender: str, reporter: str) -> Made[pd.DataFrame]:
        """
        Return what one side reports of one direction, all goods together.

        Imports of the side with months on the basis in question, where it states any.
        """
        if reporter != self.months or reporter == sender:
            return self._report(sender, reporter, None)
        return self._report(sender, reporter, self.basis if self.states_basis else None)

    @cached_property
    def states_basis(self) -> bool:
        """Whether the imports of the side with months say on which partner basis they stand."""
        trade = self.trade.value
        imports = trade[(trade["reporter"] == self.months) & (trade["importer"] == self.months)]
        return bool((imports["partner_basis"] != "").any())

    def on_other_bases(self) -> dict[str, Made[pd.DataFrame]]:
        """Return the imports of the side with months by each partner basis besides ``basis``."""
        imports = self._report(self.years, self.months, None).value
        others = sorted(_IMPORT_BASES & set(imports["partner_basis"]) - {self.basis})
        return {basis: self._report(self.years, self.months, basis) for basis in others}

    def left_out(self, direction: str) -> dict[str, Made[pd.DataFrame]]:
        """Return the rows of those goods that the exporter of the flow does not count, by name."""
        if direction != "flow":
            return {}
        return {
            f"{name} ({product})": call(
                select_flows,
                self.trade.arg,
                exporter=self.exporter,
                importer=self.importer,
                reporter=self.months,
                product=product,
            ).called("left_out")
            for product, name in self.leaves_out.items()
        }

    def both_ways(
        self, answer: Callable[[str, str], Answer]
    ) -> tuple[dict[str, Answer], dict[str, str]]:
        """
        Answer for each direction (its name, its exporter) what the data allow.

        Returns the answers, and the reasons why a direction has none: a side that does not report
        it, a period that is not covered, too few observations. Other faults of the data stop.
        """
        answers, refused = {}, {}
        for direction, sender in self.directions:
            try:
                answers[direction] = answer(direction, sender)
            except (PeriodError, SampleError, UnreportedError) as error:
                refused[direction] = str(error)
        return answers, refused

    def refusals(self, part: str, refused: Mapping[str, str]) -> dict[str, str]:
        """Return ``<part>.<direction>.refused`` as words: a reason, or nothing."""
        return {
            f"{self.name}.{part}.{direction}.refused": refused.get(direction, "")
            for direction, _ in self.directions
        }

    @property
    def words(self) -> dict[str, str]:
        """What every section's text may say of the question."""
        return {
            "exporter": country_name(self.exporter),
            "importer": country_name(self.importer),
            "period": self.period.label,
            "period-start": f"{self.period.start:%-d %B %Y}",
            "period-end": f"{self.period.end:%-d %B %Y}",
            "headline": self.headline.label,
            "months-reporter": country_name(self.months),
            "years-reporter": country_name(self.years),
            "basis": self.basis if self.states_basis else "",
            "recut": "yes" if self.period != self.headline else "",
            "left-out": _capital(", ".join(self.leaves_out.values())),
        }

    def _report(self, sender: str, reporter: str, basis: str | None) -> Made[pd.DataFrame]:
        """Return what one side reports on one partner basis, or on all."""
        chosen = {
            "exporter": sender,
            "importer": self.other(sender),
            "reporter": reporter,
            "product": "TOTAL",
        }
        try:
            report = call(select_flows, self.trade.arg, **chosen)
        except SchemaError as error:
            raise UnreportedError(f"{self.title(sender)}: {error}") from error
        if basis is not None:
            report = call(select_flows, self.trade.arg, **chosen, partner_basis=basis)
        others = report.value[report.value["unit"] != DOLLARS]
        if len(others):
            raise UnitError(
                f"expected reports in {DOLLARS}, found {others['unit'].iloc[0]} ({where(others)}); "
                "a table in another currency becomes one in dollars by the rates of its description"
            )
        return report.called("exporter_report" if reporter == sender else "importer_report")


def ask(
    trade: Made[pd.DataFrame],
    *,
    exporter: str,
    importer: str,
    period: Period | Mapping[str, object],
    name: str,
    headline: int | None = None,
    months: str | None = None,
    basis: str = "origin",
    cif_fob_ratio: Sequence[float] | None = None,
    leaves_out: Mapping[str, str] | None = None,
) -> MirrorQuestion:
    """
    Ask what two countries say of their trade with each other.

    Parameters
    ----------
    trade : Made of pandas.DataFrame
        Flow table with both countries' statements of all goods (``TOTAL``), and of those goods
        that one side leaves out.
    exporter, importer : str
        Alpha-3 codes of the flow in question; sections that compare look at the reverse too.
    period : Period or Mapping
        In which reports are compared.
    name : str
        First part of every id.
    headline : int, optional
        Calendar year under which months are quoted; the one in which ``period`` begins by default.
    months : str, optional
        Which of the two publishes months; the importer by default.
    basis : str
        Partner basis of the imports of the side with months: ``"origin"`` or ``"consignment"``.
    cif_fob_ratio : pair of float, optional
        Lowest and highest ratio of CIF to FOB. It moves results, so that no section assumes one.
    leaves_out : Mapping, optional
        Product code to name, of goods that the side without months does not count as exports.
    """
    period = period if isinstance(period, Period) else period_from(period)
    ratio = None if cif_fob_ratio is None else (float(cif_fob_ratio[0]), float(cif_fob_ratio[1]))
    return MirrorQuestion(
        name=name,
        trade=trade,
        exporter=exporter,
        importer=importer,
        period=period,
        headline=Period.year(headline or period.start.year),
        months=months or importer,
        basis=basis,
        cif_fob_ratio=ratio,
        leaves_out=leaves_out or {},
    )


def is_bound(report: Recut) -> bool:
    """Say whether a report is a lower bound: its source states no high."""
    return bool(report.rows["high"].isna().any())


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
