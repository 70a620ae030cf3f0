"""The share under every combination of the choices that a reader would ask about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

from flows.compare.choices import compare_choices
from flows.countries import country_name
from flows.errors import SchemaError
from flows.findings import Figure, Findings
from flows.measure.bounds import ShareBounds, share_bounds
from flows.measure.checks import rows_by_dataset
from flows.measure.counting import ALL, Counting
from flows.measure.influence import deal_title
from flows.measure.rules import UncertainYear
from flows.measure.shares import share
from flows.origin import Made, call
from flows.scope import release_of
from flows.studies.choices import Answer, Compared, Options, conditions_among, offered
from flows.studies.numbers import join_words, source_line
from flows.studies.section import About
from flows.studies.supplier.question import SupplierQuestion, span_in_words

ABOUT = About(
    needs="two releases, or deliveries by deal, or windows that begin in other years",
    figures=("choices",),
)

_RELEASE, _WINDOW, _YEAR = "Release", "Window", "Year that counts"
_EDGES, _DEAL, _LOCAL = "Uncertain years", "Largest deal", "Built under licence"
_DELIVERED, _ORDERED = "of delivery", "of order"
_PRINTED, _CERTAIN = "as printed", "left out"
_INTO, _OUT_OF = "moved into the window", "moved out of it"
_COUNTED, _LEFT_OUT = "counted", "left out"

_MOST_RELEASES = 5
"""So many releases, in three windows with every other option, are 300 combinations."""

_MARK = "delivery_year_estimated"

_TELLS = {
    "deal": "the deals",
    "order_year": "the years of order",
    "local_production": "what was built under licence",
    _MARK: "which years are uncertain",
}
"""Column that an option needs, and what a release tells by it."""


def choices(question: SupplierQuestion, *, shift: int = 1, within: int | None = None) -> Findings:
    """
    Compute the share for every combination of choices that a reader would ask about.

    ``shift``: by how many years the two other windows begin earlier and later; ``within``: by how
    many years an uncertain year may be wrong, by default as in the rules of the question, else 1.

    Choices, those that the data allow: release (the main one and the latest others, five at most),
    window, year of delivery or of order, deliveries
    with an uncertain year (as printed, left out, all that may be in the window in it, all that may
    be outside out of it), the supplier's largest deal, what was built under licence. Numbers
    ``choices.lowest``, ``choices.median``, ``choices.highest``; figure ``choices``. Words
    ``choices.combinations``, ``choices.computed``, ``choices.without-value`` (empty where all have
    one), ``choices.below`` and ``choices.above`` (how many are lower and higher than that of the
    report), ``choices.most`` (the choice that moves the share most, empty where none does) with
    ``choices.most.moves``, ``choices.asked`` (the choices) and ``choices.refused``: why there is
    nothing to choose; empty where there is.
    """
    rule = (question.rules or {}).get("uncertain_years", {})
    asks = _Asks(question, shift, rule.get("within", 1) if within is None else within)
    asked = offered(asks.options)
    if not asked:
        refused = "there is one release only, which neither lists deals nor counts other windows"
        return Findings(words=question.own({"choices.refused": refused}))
    comparison = compare_choices(
        lambda **chosen: asks.answer(chosen),
        asked,
        own={choice: label for choice, label in asks.own.items() if choice in asked},
        applies=conditions_among(asks.applies, asked),
        unit="%",
    )
    compared = Compared(
        study=question.name,
        key="choices",
        number=f"{question.name}.share.main",
        title=question.title,
        unit="%",
        digits=2,
        comparison=comparison,
    )
    return Findings(
        numbers=tuple(compared.numbers()),
        figures=(_figure(compared, question),),
        words=compared.words() | question.own({"choices.refused": ""}),
    )


@dataclass(frozen=True, eq=False)
class _Asks:
    """The choices of one question, and what each combination gives."""

    question: SupplierQuestion
    shift: int
    within: int

    @property
    def own(self) -> dict[str, str]:
        """The option of each choice that the report takes."""
        return {
            _RELEASE: self._releases[self.question.dataset],
            _WINDOW: span_in_words(self.question.start, self.question.end),
            _YEAR: _DELIVERED,
            _EDGES: _PRINTED,
            _DEAL: _COUNTED,
            _LOCAL: _COUNTED,
        }

    @property
    def options(self) -> Options:
        """Every choice; one with a single option is none."""
        start, end = self.question.start, self.question.end
        windows = [(start + by, end + by) for by in (-self.shift, 0, self.shift)]
        columns = set(self.question.release.value)
        left_out = {_COUNTED: False, _LEFT_OUT: True}
        options: dict[str, dict[str, Any]] = {
            _RELEASE: {label: dataset for dataset, label in self._releases.items()},
            _WINDOW: {span_in_words(*window): window for window in windows},
        }
        if "order_year" in columns:
            options[_YEAR] = {_DELIVERED: "delivery", _ORDERED: "order"}
        if self._flagged(_MARK):
            options[_EDGES] = {rule: rule for rule in (_PRINTED, _CERTAIN, _INTO, _OUT_OF)}
        if self.question.largest_deal is not None:
            options[_DEAL] = left_out
        if self._flagged("local_production"):
            options[_LOCAL] = left_out
        return options

    @property
    def applies(self) -> dict[str, dict[str, list[str]]]:
        """What a choice needs: marks of delivery years, a deal that is not left out already."""
        applies = {_EDGES: {_YEAR: [_DELIVERED]}}
        release = self.question.release.value
        if self.question.largest_deal is not None and "local_production" in release:
            rows = release[release["deal"] == self.question.largest_deal["deal"]]
            if rows["local_production"].fillna(value=False).all():
                applies[_DEAL] = {_LOCAL: [_COUNTED]}
        return applies

    def answer(self, chosen: Mapping[str, Any]) -> Answer:
        """Return the share of one combination."""
        dataset = chosen.get(_RELEASE, self.question.dataset)
        window = chosen.get(_WINDOW, (self.question.start, self.question.end))
        rule, without = chosen.get(_EDGES, _PRINTED), chosen.get(_DEAL, False)
        counting = Counting(
            by=chosen.get(_YEAR, "delivery"),
            local_production=False if chosen.get(_LOCAL) else None,
            year_estimated=False if rule == _CERTAIN else None,
        )
        self._check_told(dataset, counting, deals=without, years=rule != _PRINTED)
        if without:
            counting = replace(counting, without_deals=(self._largest_deal(dataset),))
        marked = _MARK in self.question.rows_of_release(dataset).value
        if counting.by == "order" or rule == _CERTAIN or not marked:
            return self._share(dataset, window, counting)
        return _moved(self._bounds(dataset, window, counting), rule)

    @cached_property
    def _releases(self) -> dict[str, str]:
        """Label of each release, in the order of time."""
        main = self.question.dataset
        others = set(map(str, self.question.deliveries.value["dataset"].unique())) - {main}
        latest = sorted(others, key=_by_time)[1 - _MOST_RELEASES :]
        datasets = sorted([main, *latest], key=_by_time)
        labels = [release_of(dataset) for dataset in datasets]
        return {
            dataset: label if labels.count(label) == 1 else dataset
            for dataset, label in zip(datasets, labels, strict=True)
        }

    def _flagged(self, column: str) -> bool:
        """Say whether a row of the main release has a flag, so that leaving it out is a choice."""
        release = self.question.release.value
        return column in release and bool(release[column].fillna(value=False).any())

    def _check_told(self, dataset: str, counting: Counting, *, deals: bool, years: bool) -> None:
        """Check that a release has what an option needs."""
        needed = {
            "deal": deals,
            "order_year": counting.by == "order",
            "local_production": counting.local_production is not None,
            _MARK: years,
        }
        columns = self.question.rows_of_release(dataset).value
        lacking = [column for column, asked in needed.items() if asked and column not in columns]
        if lacking:
            told = join_words([_TELLS[column] for column in lacking])
            raise SchemaError(f"the release does not tell {told}")

    @cached_property
    def _largest_deal(self) -> Callable[[str], str]:
        """The supplier's largest deal of the window in question, by release."""
        return cache(self._find_largest)

    def _find_largest(self, dataset: str) -> str:
        largest = replace(self.question, main=dataset).largest_deal
        if largest is None:
            raise SchemaError("the release has no deal of the supplier in the window in question")
        return str(largest["deal"])

    def _share(self, dataset: str, window: tuple[int, int], counting: Counting) -> Answer:
        made = call(share, self.question.rows_of_release(dataset).arg, **self._of(window, counting))
        return Answer(made.part(lambda share: 100 * share.value), made.value.lines)

    @cached_property
    def _bounds(self) -> Callable[[str, tuple[int, int], Counting], Made[ShareBounds]]:
        """What uncertain years cannot exclude: three options need it."""
        return cache(self._find_bounds)

    def _find_bounds(
        self, dataset: str, window: tuple[int, int], counting: Counting
    ) -> Made[ShareBounds]:
        return call(
            share_bounds,
            self.question.rows_of_release(dataset).arg,
            **self._of(window, counting),
            rules=[UncertainYear(within=self.within)],
        ).called("bounds")

    def _of(self, window: tuple[int, int], counting: Counting) -> dict[str, Any]:
        """Return what a share is asked for; as SIPRI counts is how shares are counted anyway."""
        asked = {
            "supplier": self.question.supplier,
            "importer": self.question.importer,
            "start": window[0],
            "end": window[1],
        }
        return asked if counting == ALL else {**asked, "counting": counting}


def _moved(made: Made[ShareBounds], rule: str) -> Answer:
    """Return the share with uncertain years where a rule has them."""
    share = made.value.share
    if rule == _PRINTED:
        return Answer(
            made.part(lambda bounds: 100 * bounds.value),
            share.lines,
            made.part(lambda bounds: (100 * bounds.low, 100 * bounds.high)),
        )
    moved = _all_inside if rule == _INTO else _all_outside
    try:
        return Answer(made.part(moved), rows_by_dataset(made.value.rows))
    except ZeroDivisionError as error:
        raise SchemaError("no delivery of these years is counted then") from error


def _all_inside(bounds: ShareBounds) -> float:
    """Return the share with all in the window that may be: each side has its most at one end."""
    own, others = bounds.at_high.numerator, bounds.at_low.denominator - bounds.at_low.numerator
    return 100 * own / (own + others)


def _all_outside(bounds: ShareBounds) -> float:
    """Return the share with all outside the window that may be: each side has its least."""
    own, others = bounds.at_low.numerator, bounds.at_high.denominator - bounds.at_high.numerator
    return 100 * own / (own + others)


def _by_time(dataset: str) -> tuple[str, str]:
    return release_of(dataset), dataset


def _figure(compared: Compared, question: SupplierQuestion) -> Figure:
    supplier, importer = country_name(question.supplier), country_name(question.importer)
    largest = question.largest_deal
    deal = f" Largest deal: the {deal_title(largest)}." if largest is not None else ""
    return compared.figure(
        f"{question.name}-choices",
        unit_label=f"Share of {supplier} in the arms imports of {importer}, percent",
        caption=(
            f"{supplier}’s share of {importer}’s imports of major arms under every combination of "
            "choices, the lowest first, with that of this report marked. Lines: what deliveries "
            f"with an uncertain year cannot exclude.{deal}"
        ),
        source=source_line(compared.rows),
    )
