"""Three flows above what they were before, and what follows of them by logic."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from flows.origin import Made, call
from flows.studies.transit.question import ARRIVALS, MILLION, Span, TransitQuestion

NO_FREIGHT, _LOWEST, _HIGHEST, RATIO_BEFORE = "none", "lowest", "highest", "before"


@dataclass(frozen=True, eq=False)
class Triangle:
    """Three flows above the yearly mean of a base, summed over the years after, in million."""

    question: TransitQuestion
    base: Span

    @property
    def flows(self) -> dict[str, Made[pd.Series]]:
        """Flows by year that the data have."""
        return self.question.by_year

    @property
    def arrivals(self) -> list[str]:
        """Flows that are arrivals in the country in the middle."""
        return [flow for flow in ARRIVALS if flow in self.flows]

    def more(self, *flows: str) -> Made[pd.Series]:
        """Return what is above the mean of the base, by flow."""
        additional = {flow: self.more_of(flow).arg for flow in flows}
        return call(pd.Series, additional).called("additional")

    def more_of(self, flow: str) -> Made[float]:
        """Return what is above the mean of the base of one flow."""
        return self.question.additional(self.flows[flow], base=self.base)

    def amount_of(self, flow: str) -> float:
        """Return the value of :meth:`more_of`."""
        return float(self.more_of(flow).value)

    def rose(self, flow: str) -> bool:
        """Say whether there is more of a flow."""
        return flow in self.flows and self.amount_of(flow) > 0

    def ratio_of(self, flow: str) -> Made[float]:
        """Return arrivals divided by exports in the base."""
        arrivals, exports = (
            self.question.mean_of(self.base, self.flows[one]) for one in (flow, "exports")
        )
        return arrivals.combined(exports, lambda arrived, sent: arrived / sent)

    def ratios(self, flow: str) -> Made[pd.Series]:
        """Return what arrivals are divided by to be comparable with exports, by assumption."""
        lowest, highest = self.question.cif_fob_ratio
        is_cif = self.question.valuation_of(flow) != "FOB"
        freight = {_LOWEST: lowest, _HIGHEST: highest} if highest > 1 and is_cif else {}
        ratios = {NO_FREIGHT: 1.0, **freight, RATIO_BEFORE: self.ratio_of(flow).arg}
        return call(pd.Series, ratios).called("cif_fob")

    def unmatched(self, flow: str) -> Made[pd.Series]:
        """Return what of the exports is not among arrivals, in percent, by assumption."""
        return self.more("exports", flow).combined(
            self.ratios(flow),
            lambda more, ratio: 100 * (1 - more[flow] / ratio / more["exports"]),
        )

    @cached_property
    def arrived(self) -> Made[pd.DataFrame]:
        """What arrived without freight, by assumption and basis."""
        without_freight = {flow: self._without_freight(flow).arg for flow in self.arrivals}
        return call(pd.DataFrame, without_freight).called("arrived")

    def _without_freight(self, flow: str) -> Made[pd.Series]:
        more = self.more(*self.flows)
        return more.combined(self.ratios(flow), lambda flows, ratio: flows[flow] / ratio)

    def at_most(self, onward: Made[float]) -> Made[float]:
        """
        Return how much of the exports can have reached the destination.

        What never arrived may all have; of what arrived no more than went on.
        """
        more = self.more(*self.flows)
        kept = self.arrived.combined(
            more, lambda arrived, more: arrived.clip(lower=0, upper=more["exports"])
        ).combined(onward, lambda arrived, on: (arrived - on).clip(lower=0).min().min())
        return more.combined(kept, lambda more, rest: more["exports"] - rest)

    @cached_property
    def through(self) -> Made[float] | None:
        """Most that can have gone on, other exports there as before."""
        if not self.is_whole:
            return None
        return self.at_most(self.more(*self.flows).part(lambda more: more.clip(lower=0)["onward"]))

    @cached_property
    def displacing(self) -> Made[float] | None:
        """Most that can have gone on, whatever other exports there were."""
        if not self.is_whole:
            return None
        return self.at_most(self.total_of("onward"))

    @property
    def displaces(self) -> bool:
        """Whether more can have gone on if other exports there fell."""
        if self.through is None or self.displacing is None:
            return False
        return self.displacing.value > self.through.value

    @property
    def is_whole(self) -> bool:
        """Whether there are additional exports, and statements of what became of them."""
        return self.rose("exports") and bool(self.arrivals) and "onward" in self.flows

    @property
    def exceeds(self) -> bool:
        """Whether more went on in addition than came in addition."""
        if not (self.rose("exports") and self.rose("onward")):
            return False
        return self.amount_of("onward") > self.amount_of("exports")

    def total_of(self, flow: str) -> Made[float]:
        """Return all of a flow in the years after."""
        total = self.question.total_of(self.question.after, self.flows[flow])
        return total.part(lambda dollars: dollars / MILLION)

    def amount_after(self, flow: str) -> float:
        """Return the value of :meth:`total_of`."""
        return float(self.total_of(flow).value)

    def percent_of_exports(self, flow: str) -> float:
        """Return arrivals of the base in percent of its exports."""
        return 100 * self.ratio_of(flow).value

    def share_unmatched(self, flow: str, key: str) -> float | None:
        """Return one of the shares that are not matched, if both flows rose."""
        if not (self.rose("exports") and self.rose(flow)):
            return None
        return float(self.unmatched(flow).value[key])

    def share_of_others(self, key: str) -> float | None:
        """Return what follows where more went on than came."""
        shares = {name: share.value for name, share, _ in others_of(self)}
        return shares.get(key)

    @property
    def exceeds_all(self) -> bool:
        """Whether more went on in addition than came at all."""
        return self.rose("onward") and self.amount_of("onward") > self.amount_after("exports")


def others_of(triangle: Triangle) -> Iterator[tuple[str, Made[float], str]]:
    """Yield what follows where more went on than came."""
    question = triangle.question
    of = f"additional exports of {question.words['via']} to {question.words['destination']}"
    if triangle.exceeds:
        pair = triangle.more("exports", "onward")
        yield (
            "not-theirs",
            pair.part(lambda more: 100 * (more["onward"] - more["exports"]) / more["onward"]),
            f"Least part of the {of} that is no additional good of {question.origin_name}.",
        )
        yield (
            "mark-up",
            pair.part(lambda more: 100 * (more["onward"] / more["exports"] - 1)),
            f"Freight and mark-up from which on all {of} can be such goods.",
        )
    if triangle.exceeds_all:
        yield (
            "not-theirs.all",
            triangle.more("onward").combined(
                triangle.total_of("exports"),
                lambda more, sent: 100 * (more["onward"] - sent) / more["onward"],
            ),
            f"Least part of the {of} that is no good of {question.origin_name} at all.",
        )
