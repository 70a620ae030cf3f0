"""Flows by month: breaks at dates that are searched for, and the change at a date known before."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np
import pandas as pd

from flows.canonical import MINUS
from flows.countries import country_name
from flows.errors import PeriodError, SampleError
from flows.findings import Json, Number
from flows.models.breaks import BreakFit
from flows.models.interruption import InterruptionFit, date_events, fit_interruption
from flows.models.sample import FloatArray, Regime
from flows.models.several_tests import Adjustment, adjust_pvalues
from flows.origin import Made, applied, call
from flows.studies.numbers import join_words, make_number
from flows.studies.transit.question import MILLION, TransitQuestion, rows_of
from flows.studies.trend.breaks import date_words
from flows.studies.trend.fitted import LEVEL, FittedSeries
from flows.table import Rows

SIGNIFICANCE = 0.05

PERSISTENT = 0.9
"""Correlation of neighbouring months from which on the test at a known date rejects too often."""

ADJUSTED: dict[Adjustment, str] = {
    "holm": "Holm",
    "benjamini-hochberg": "Benjamini-Hochberg",
    "benjamini-yekutieli": "Benjamini-Yekutieli",
}

_NO_EVENTS = ["start", "name", "kind"]


@dataclass(frozen=True, eq=False)
class DatedFlow:
    """
    A flow by month, and what is said of its dates; a fit is made when it is first asked for.

    Parameters
    ----------
    key : str
        Part of its ids.
    title : str
        What the flow is.
    label : str
        The same beside a line of a figure.
    fitted : FittedSeries
        Its months.
    at : str
        First whole month after the date that is known; empty where none is.
    """

    key: str
    title: str
    label: str
    fitted: FittedSeries
    at: str

    @property
    def heading(self) -> str:
        """Its title at the head of a row."""
        return f"{self.title[0].upper()}{self.title[1:]}"

    @property
    def rows(self) -> Rows:
        """Lines of the raw files."""
        return self.fitted.rows

    @property
    def log(self) -> bool:
        """Whether changes are those of logarithms, as where no month is zero."""
        return self.fitted.scale == "log"

    @cached_property
    def search(self) -> Made[BreakFit] | None:
        """Breaks at dates that are searched for; none where the series is too short."""
        try:
            return self.fitted.breaks
        except SampleError:
            return None

    @property
    def date_words(self) -> str:
        """Dates of breaks with their intervals."""
        return "not searched: too few months" if self.search is None else date_words(self.fitted)

    @property
    def persistence(self) -> float:
        """Correlation of the noise of neighbouring months; NaN where it is not known."""
        return float("nan") if self.search is None else self.search.value.autocorrelation

    @property
    def detectable(self) -> float:
        """Step, as a multiple of the level, that a search which finds no break would have found."""
        if self.search is None or self.has_break or not self.log:
            return float("nan")
        times = float(np.exp(self.search.value.detectable_shift))
        return times if np.isfinite(times) else float("nan")

    @cached_property
    def broken(self) -> Made[int] | None:
        """Whether the search finds any break, as 1 or 0; none where nothing is searched."""
        if self.search is None:
            return None
        return self.search.part(lambda breaks: 1 * (applied(len, breaks.break_dates) > 0))

    @property
    def has_break(self) -> bool:
        """Whether the search finds any break."""
        return self.broken is not None and self.broken.value == 1

    @cached_property
    def step(self) -> Made[InterruptionFit] | None:
        """What changes at the known date; none without a date or months on both sides."""
        return self._at_date(self.fitted.regime)

    @cached_property
    def beside_line(self) -> Made[InterruptionFit] | None:
        """The same beside a line, which leaves to the flow what it grew by itself."""
        return self._at_date("trend")

    def _at_date(self, regime: Regime) -> Made[InterruptionFit] | None:
        if not self.at:
            return None
        try:
            return call(
                fit_interruption,
                self.fitted.million.arg,
                at=self.at,
                form=self.fitted.scale,
                regime=regime,
                season=self.fitted.season,
                level=LEVEL,
            )
        except SampleError:
            return None

    def cells(self) -> dict[str, object]:
        """Return what a table says of it."""
        return {
            "flow": self.heading,
            "found": self.date_words,
            "detectable": self.detectable,
            "persistence": self.persistence,
            **self._cells("effect", self.step),
            **self._cells("line", self.beside_line),
        }

    def _cells(self, name: str, fit: Made[InterruptionFit] | None) -> dict[str, object]:
        if fit is None:
            numbers = dict.fromkeys((name, f"{name}_low", f"{name}_high", f"{name}_p"), np.nan)
            return {**numbers, f"{name}_text": ""}
        low, high = fit.value.change_interval()
        change = fit.value.change_pct
        ends = f" ({low:+,.0f} to {high:+,.0f})" if self.log else ""
        return {
            name: change,
            f"{name}_low": low,
            f"{name}_high": high,
            f"{name}_text": f"{change:+,.0f}{ends}".replace("-", MINUS),
            f"{name}_p": fit.value.pvalues["level_change"],
        }

    def index_to(self, span: tuple[int, int]) -> pd.DataFrame:
        """
        Return values and levels as they are drawn, the mean of some years 100.

        The levels are those on both sides of the known date, and where there is none those of the
        regimes that the search finds.
        """
        drawn = self.fitted.drawn_regimes()
        if self.step is not None:
            lines = self.step.value.lines()
            fitted = np.exp(lines["fitted"]) if self.log else lines["fitted"]
            drawn = drawn.assign(regime=lines["regime"].array, fitted=fitted.array)
        base = drawn.loc[drawn["date"].dt.year.between(*span), "value"].mean()
        numbers = drawn[["value", "fitted"]] * (100 / base)
        return drawn.assign(series=self.label, **numbers)


@dataclass(frozen=True, eq=False)
class DatedFlows:
    """
    Flows whose tests at one known date are made together.

    Parameters
    ----------
    flows : tuple of DatedFlow
        All that are tested.
    adjust : str
        How p-values are adjusted for their number.
    """

    flows: tuple[DatedFlow, ...]
    adjust: Adjustment

    @property
    def tested(self) -> dict[str, Made[InterruptionFit]]:
        """What is fitted at the known date, by the key of the flow."""
        return {flow.key: flow.step for flow in self.flows if flow.step is not None}

    @cached_property
    def adjusted(self) -> Made[FloatArray] | None:
        """Adjusted p-values of those flows that are tested; none where nothing is."""
        if not self.tested:
            return None
        pvalues = [level_pvalue(fit).arg for fit in self.tested.values()]
        return call(adjust_pvalues, pvalues, method=self.adjust).called("adjusted")

    def place(self, flow: DatedFlow) -> int:
        """Return the place of a flow among those that are tested."""
        return list(self.tested).index(flow.key)

    def pvalue(self, flow: DatedFlow) -> float:
        """Return the adjusted p-value of a flow; NaN where it is not tested."""
        if self.adjusted is None or flow.step is None:
            return float("nan")
        return float(self.adjusted.value[self.place(flow)])

    def changed(self, flow: DatedFlow) -> bool:
        """Whether a flow changes at the known date, allowing for all the tests."""
        return self.pvalue(flow) < SIGNIFICANCE

    @property
    def rows(self) -> Rows:
        """Lines of the raw files."""
        return rows_of(*(flow.fitted.million for flow in self.flows))

    def numbers(self, study: str, part: str) -> Iterator[Number]:
        """Yield what was found in each flow, and what changes at the known date."""
        for flow in self.flows:
            yield from self._search_numbers(flow, study, f"{part}.{flow.key}")
            yield from self._step_numbers(flow, study, f"{part}.{flow.key}")

    def _search_numbers(self, flow: DatedFlow, study: str, name: str) -> Iterator[Number]:
        if flow.search is None:
            return
        count = flow.search.part(lambda breaks: applied(len, breaks.break_dates))
        about = f"Breaks found by month: {flow.title}."
        yield make_number(study, f"{name}.count", count, "count", about, digits=0, rows=flow.rows)
        persistence = flow.search.part(lambda breaks: breaks.autocorrelation)
        if np.isfinite(persistence.value):
            yield make_number(
                study,
                f"{name}.autocorrelation",
                persistence,
                "",
                f"Correlation of the noise of neighbouring months around one break: {flow.title}.",
                digits=2,
                rows=flow.rows,
            )
        if flow.log and np.isfinite(flow.search.value.detectable_shift):
            yield make_number(
                study,
                f"{name}.detectable",
                flow.search.part(lambda breaks: 100 * applied(np.expm1, breaks.detectable_shift)),
                "%",
                f"Change that the search would find in 8 of 10 such series: {flow.title}.",
                digits=0,
                rows=flow.rows,
            )

    def _step_numbers(self, flow: DatedFlow, study: str, name: str) -> Iterator[Number]:
        if flow.step is None or self.adjusted is None:
            return
        changes = {"effect": (flow.step, f"the {flow.fitted.regime}")}
        if flow.fitted.regime == "mean" and flow.beside_line is not None:
            changes["beside-line"] = (flow.beside_line, "the level, beside a line,")
        for kind, (fit, what) in changes.items():
            yield make_number(
                study,
                f"{name}.{kind}",
                fit.part(lambda step: step.change_pct),
                "%",
                f"Change of {what} from {flow.at} on: {flow.title}.",
                digits=0,
                rows=flow.rows,
                interval=fit.part(lambda step: step.change_interval()),
                level=LEVEL,
            )
        yield from self._pvalues(flow, flow.step, self.adjusted, study, name)

    def _pvalues(
        self,
        flow: DatedFlow,
        step: Made[InterruptionFit],
        adjusted: Made[FloatArray],
        study: str,
        name: str,
    ) -> Iterator[Number]:
        place, method = self.place(flow), ADJUSTED[self.adjust]
        kinds = {
            "pvalue": (level_pvalue(step), "of this test alone"),
            "adjusted": (
                adjusted.part(lambda pvalues: pvalues[place]),
                f"adjusted for {len(self.tested)} tests ({method})",
            ),
        }
        for kind, (pvalue, how) in kinds.items():
            about = f"P-value, {how}, that nothing changes in {flow.at}: {flow.title}."
            rows = flow.rows if kind == "pvalue" else self.rows
            yield make_number(study, f"{name}.{kind}", pvalue, "", about, digits=4, rows=rows)

    def names(self, kept: Iterable[bool]) -> list[str]:
        """Return the titles of some of the flows."""
        return [flow.title for flow, keep in zip(self.flows, kept, strict=True) if keep]


def level_pvalue(fit: Made[InterruptionFit]) -> Made[float]:
    """Return the p-value of a change of the level."""
    return fit.part(lambda step: step.pvalues["level_change"])


def date_flow(
    key: str,
    title: str,
    label: str,
    stated: Made[pd.Series],
    *,
    at: str,
    regime: Regime,
) -> DatedFlow:
    """Return a flow by month whose dates are asked for."""
    nothing = call(pd.DataFrame, columns=_NO_EVENTS)
    fitted = FittedSeries(
        freq="month",
        million=stated.part(lambda y: y / MILLION),
        calendar="gregorian",
        unit=f"{stated.value.attrs['unit']} million",
        regime=regime,
        world=nothing,
        records=nothing.value,
        rows=stated.value.attrs["rows"],
    )
    return DatedFlow(key, title, label, fitted, at)


def compare_answers(dated: DatedFlows, every: str) -> dict[str, str]:
    """
    Return which flows have a break, which change at the known date, and which only there.

    ``persistent``: those whose noise persists more than the test at a known date allows for.
    ``every``: what all of them together are called, "all four flows".
    """
    breaks = [flow.has_break for flow in dated.flows]
    changes = [dated.changed(flow) for flow in dated.flows]
    both = list(zip(breaks, changes, strict=True))
    kept = {
        "found": breaks,
        "changed": changes,
        "only-known": [change and not found for found, change in both],
        "only-found": [found and not change for found, change in both],
        "persistent": [flow.persistence >= PERSISTENT for flow in dated.flows],
    }
    return {
        key: every if len(names) > 1 and all(names) else join_words(dated.names(names))
        for key, names in kept.items()
    }


def flows_between(
    question: TransitQuestion,
    *,
    at: str,
    regime: Regime,
) -> tuple[DatedFlow, ...]:
    """Return the flows of the question, each in the currency of those who state it."""
    via, destination = country_name(question.via), country_name(question.destination)
    origin = question.origin_name
    stated = [
        (
            "exports",
            f"exports of {origin} to {via}",
            "Exports sent",
            question.sent(question.via, own=True),
        ),
        *(
            (
                f"arrivals-{basis}",
                f"arrivals in {via} from {origin} by {basis}",
                f"Arrivals, {basis}",
                question.arrived(basis),
            )
            for basis in question.bases
        ),
        ("onward", f"exports of {via} to {destination}", "Sent on", question.went_on()),
    ]
    return tuple(
        date_flow(key, title, label, series, at=at, regime=regime)
        for key, title, label, series in stated
        if series is not None
    )


def times_row(group: str, name: str, flow: DatedFlow) -> dict[str, object]:
    """Return what changes at the known date as a multiple of the level before."""
    times = dict.fromkeys(("value", "low", "high"), float("nan"))
    if flow.step is not None:
        low, high = flow.step.value.change_interval()
        changes = {"value": flow.step.value.change_pct, "low": low, "high": high}
        times |= {
            key: 1 + change / 100 for key, change in changes.items() if flow.log or key == "value"
        }
    return {"group": group, "name": name, **times}


def add_up(counts: Iterable[Made[float]]) -> Made[float]:
    """Return the sum of counts."""
    return reduce(lambda one, other: one.combined(other, lambda a, b: a + b), counts)


def after_to_before(question: TransitQuestion, years: Made[pd.Series]) -> Made[float]:
    """Return the mean of the years after over the mean of those before."""
    after = question.mean_of(question.after, years)
    before = question.mean_of(question.before, years)
    return after.combined(before, lambda late, early: late / early)


def first_month_from(known: str | None) -> str:
    """
    Return the first whole month from a day on; nothing where there is no day.

    >>> first_month_from("2022-02-24"), first_month_from("2022-03-01"), first_month_from(None)
    ('2022-03', '2022-03', '')
    """
    if not known:
        return ""
    try:
        day = pd.Timestamp(known)
    except ValueError as error:
        raise PeriodError(f"known: expected a day such as 2022-02-24, found {known!r}") from error
    month = day.to_period("M")
    return str(month if day == month.start_time else month + 1)


def known_event(known: str | None, events: Made[pd.DataFrame] | None) -> str:
    """Return the name of the event on the known day, where it is listed, and the day."""
    if not known or events is None:
        return known or ""
    dated = date_events(events.value, "name")
    names = dated.loc[dated["date"] == pd.Timestamp(known), "name"]
    return ", ".join([*names, known])


def drawn_date(known: str | None, events: Made[pd.DataFrame] | None) -> list[Json]:
    """Return the known day as figures draw it."""
    return [{"date": known, "name": known_event(known, events)}] if known else []


def drawn_breaks(flows: Iterable[DatedFlow]) -> list[Json]:
    """Return the breaks of flows as figures draw them."""
    return [mark for flow in flows for mark in flow.fitted.drawn_breaks(series=flow.label)]


def effect_labels(at: str, regime: Regime, adjust: Adjustment) -> dict[str, str]:
    """Return the headings of what changes at the known date; none where there is no date."""
    if not at:
        return {}
    labels = {
        "effect_text": f"Change from {at}, %",
        "effect_p": "p-value",
        "adjusted": f"p-value, {ADJUSTED[adjust]}",
    }
    return labels | ({"line_text": "Beside a line, %"} if regime == "mean" else {})


EFFECT_FORMATS = {
    "effect_p": ".4f",
    "adjusted": ".4f",
    "persistence": ".2f",
    "detectable": ".1f",
}


def effect_note(at: str, regime: Regime, flows: Sequence[DatedFlow]) -> str:
    """Say below a table what its changes are."""
    if not at:
        return ""
    zero = [flow.title for flow in flows if not flow.log]
    change = (
        f" Change: of the {regime} from the first whole month after the known date on, with its "
        f"{LEVEL:.0%} interval; the season is allowed for, and errors allow for shocks that fade "
        "within some months."
    )
    parts = [change]
    if regime == "mean":
        parts.append(
            "Beside a line: the same where the flow may grow along a line before and after."
        )
    if zero:
        parts.append(
            "In percent of the mean before, without an interval, since a month is zero: "
            f"{'; '.join(zero)}."
        )
    return " ".join(parts)
