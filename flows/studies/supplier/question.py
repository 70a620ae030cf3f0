"""What a supplier study asks, and those answers of the data that several sections rest on."""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ParamSpec, TypeVar

import pandas as pd

from flows.compare.share_history import ShareHistory, share_history
from flows.countries import country_name
from flows.errors import PeriodError, SchemaError
from flows.findings import Number
from flows.loaders import load
from flows.measure.bounds import ShareBounds, share_bounds
from flows.measure.checks import rows_by_dataset, select_flows
from flows.measure.counting import ALL, Counting
from flows.measure.covering import ALL_PARTNERS
from flows.measure.influence import DealInfluence, deal_influence
from flows.measure.posterior import SharePosterior, share_posterior
from flows.measure.shares import Share, share
from flows.origin import Made, call, loaded_by, noted
from flows.renamed import rename_arguments
from flows.results import print_date
from flows.scope import release_of
from flows.studies.numbers import make_number, read_rules, rule_words
from flows.table import COLUMNS, Rows

P = ParamSpec("P")
Answer = TypeVar("Answer")
Rules = Mapping[str, Mapping[str, Any]]
"""Name of a rule to its arguments, as :func:`flows.studies.numbers.read_rules` takes them."""


_PLAIN = {
    "expected rows in ": "no delivery of these years is counted then",
    "expected the column": "the release does not say",
    "expected a column": "the release does not say",
    "expected the deal of every row": "the release does not list deals",
    "nothing to weigh": "there is nothing to weigh",
}
"""Parts of errors, and what a report says instead."""


@dataclass(frozen=True, eq=False, kw_only=True)
class SupplierQuestion:
    """
    One supplier in the arms imports of one country, and what every section may ask of the rows.

    What takes long is computed when a section first asks for it, and once.

    Parameters
    ----------
    arms : Made of pandas.DataFrame
        Flow table of SIPRI's deliveries, one or several releases.
    name : str
        First part of every id.
    importer, supplier : str
        Alpha-3 codes.
    window : pair of int, optional
        First and last year; sections about the share of a window need it.
    windows : sequence of pairs of int
        Further windows to show beside; those that a release does not count are left empty.
    main : str, optional
        The release that figures by year and by deal use, ``source@vintage``; by default the latest
        of those with deals.
    published : Made of pandas.DataFrame, optional
        Published shares to set beside; their windows are looked at too.
    tolerance : float, optional
        With them: see :func:`flows.share_history`.
    rules : Mapping, optional
        What cannot be excluded: see :func:`flows.studies.numbers.read_rules`.
    posterior : Mapping, optional
        ``draws``, ``rng`` (a seed) and ``level`` of the bootstrap over deals.
    """

    arms: Made[pd.DataFrame]
    name: str
    importer: str
    supplier: str
    window: Sequence[int] | None = None
    windows: Sequence[Sequence[int]] = ()
    main: str | None = None
    published: Made[pd.DataFrame] | None = None
    tolerance: float | None = None
    rules: Rules | None = None
    posterior: Mapping[str, Any] | None = None

    @property
    def start(self) -> int:
        """First year of the window."""
        return int(_required("window", self.window)[0])

    @property
    def end(self) -> int:
        """Last year of the window."""
        return int(_required("window", self.window)[1])

    @cached_property
    def deliveries(self) -> Made[pd.DataFrame]:
        """
        Rows of the importer, which give of a full export what the whole of it gives.

        The code of a number names the whole: a person has it at hand and needs no filter.
        """
        arms = self.arms.value
        own = arms[arms["importer"] == self.importer]
        own.attrs = {}
        is_part = 0 < len(own) < len(arms)
        return replace(self.arms, value=own) if is_part else self.arms

    @cached_property
    def dataset(self) -> str:
        """The main release."""
        if self.main is not None:
            return self.main
        arms = self.deliveries.value
        with_deals = arms[arms["deal"].notna()] if "deal" in arms else arms
        return max(map(str, with_deals["dataset"].unique()), key=release_of)

    @cached_property
    def release(self) -> Made[pd.DataFrame]:
        """Rows of the main release."""
        return self.rows_of_release(self.dataset)

    @cached_property
    def rows_of_release(self) -> Callable[[str], Made[pd.DataFrame]]:
        """The rows of a release, without columns that it has only beside another one."""
        return functools.cache(self._select_release)

    def _select_release(self, dataset: str) -> Made[pd.DataFrame]:
        if set(self.deliveries.value["dataset"]) == {dataset}:
            return stated_columns(self.deliveries)
        selected = stated_columns(call(select_flows, self.deliveries.arg, dataset=dataset))
        if dataset in loaded_by(self.deliveries.expression):
            return noted(selected.value, load, dataset).called("arms")
        return selected

    @property
    def span(self) -> str:
        """The window as a text prints it."""
        return span_in_words(self.start, self.end)

    @property
    def title(self) -> str:
        """The question in words, for what a number is about."""
        return f"{country_name(self.supplier)} in {self.imports}"

    @property
    def imports(self) -> str:
        """The imports in words, whatever the supplier."""
        return (
            f"{country_name(self.importer)}’s imports of major arms, {self.span} "
            f"(release of {release_in_words(self.dataset)})"
        )

    @property
    def words(self) -> dict[str, str]:
        """What the text of every section may say."""
        pair = {"importer": country_name(self.importer), "supplier": country_name(self.supplier)}
        if self.window is None:
            return pair
        return {**pair, "window": self.span, "main-release": release_in_words(self.dataset)}

    def own(self, words: Mapping[str, str]) -> dict[str, str]:
        """Put the study's name before the names of a section's words."""
        return {f"{self.name}.{key}": word for key, word in words.items()}

    def of(self, share: Share) -> "SupplierQuestion":
        """Return the same question of the window and the release of a share."""
        return replace(self, window=(share.start, share.end), main=share.dataset)

    def share_numbers(self, made: Made[Share], key: str) -> list[Number]:
        """Return a share with its numerator and denominator."""
        measured = made.value
        there = self.of(measured)
        scope = "" if measured.scope == ALL_PARTNERS else f" ({measured.scope})"
        how = "" if measured.counting == ALL else f", {measured.counting.describe()}"
        how += f"{scope}."
        return [
            make_number(
                self.name,
                f"share.{key}",
                made.part(lambda share: 100 * share.value),
                "%",
                f"Share: {there.title}{how}",
                digits=2,
                rows=measured.lines,
            ),
            make_number(
                self.name,
                f"numerator.{key}",
                made.part(lambda share: share.numerator),
                measured.unit,
                f"Deliveries: {there.title}{how}",
                digits=2,
                rows=measured.rows[measured.rows["counted"]],
                exact=True,
            ),
            make_number(
                self.name,
                f"denominator.{key}",
                made.part(lambda share: share.denominator),
                measured.unit,
                f"All suppliers: {there.imports}{how}",
                digits=2,
                rows=measured.lines,
                exact=True,
            ),
        ]

    @cached_property
    def history(self) -> Made[ShareHistory]:
        """Every window in every release, and published shares beside."""
        return call(
            share_history,
            self.deliveries.arg,
            supplier=self.supplier,
            importer=self.importer,
            windows=[(self.start, self.end), *((first, last) for first, last in self.windows)],
            published=None if self.published is None else self.published.arg,
            tolerance=self.tolerance,
        )

    @cached_property
    def shares(self) -> tuple[Made[Share], ...]:
        """Shares of the history: releases in the order of time, then windows."""
        ordered = sorted(
            self.history.value.shares,
            key=lambda share: (release_of(share.dataset), share.start, share.end),
        )
        return tuple(map(self._as_measured, ordered))

    def _as_measured(self, measured: Share) -> Made[Share]:
        """Return a share of the history as the call that gives it alone."""
        return noted(
            measured,
            share,
            self.rows_of_release(measured.dataset).arg,
            supplier=self.supplier,
            importer=self.importer,
            start=measured.start,
            end=measured.end,
        )

    @property
    def releases(self) -> list[Made[Share]]:
        """The share of the window in every release."""
        window = (self.start, self.end)
        return [made for made in self.shares if (made.value.start, made.value.end) == window]

    @property
    def of_main(self) -> list[Made[Share]]:
        """Shares of the main release, windows in the order of time."""
        return [made for made in self.shares if made.value.dataset == self.dataset]

    @property
    def share(self) -> Made[Share]:
        """The share in question; ``PeriodError`` where the main release does not count it."""
        for made in self.releases:
            if made.value.dataset == self.dataset:
                return made
        raise PeriodError(
            f"{self.dataset}: expected a data set that counts all of {self.start}-{self.end}, "
            "found one that does not; choose another window or another main data set"
        )

    def count(self, counting: Counting) -> tuple[Made[Share] | None, str]:
        """Return the share under another counting, or why the data do not allow it."""
        return answer_or_reason(
            share,
            self.release.arg,
            supplier=self.supplier,
            importer=self.importer,
            start=self.start,
            end=self.end,
            counting=counting,
        )

    def leave_deals_out(self, *, below: float | None) -> tuple[Made[DealInfluence] | None, str]:
        """Return what each deal does to the share, or why that is not known."""
        return answer_or_reason(
            deal_influence,
            self.release.arg,
            supplier=self.supplier,
            importer=self.importer,
            start=self.start,
            end=self.end,
            below=below,
        )

    @cached_property
    def largest_deal(self) -> pd.Series | None:
        """The supplier's largest deal in the window; none without deals of the supplier."""
        influence, _ = self.leave_deals_out(below=None)
        if influence is None:
            return None
        deals = influence.value.deals
        own = deals[deals["supplier"] == self.supplier]
        if own.empty:
            return None
        largest: pd.Series = own.sort_values(["value", "deal"], ascending=[False, True]).iloc[0]
        return largest

    @cached_property
    def without_largest_deal(self) -> tuple[Made[Share] | None, str]:
        """The share without that deal, or why there is none."""
        if self.largest_deal is None:
            return None, ""
        return self.count(Counting(without_deals=(str(self.largest_deal["deal"]),)))

    @cached_property
    def bounds_of(self) -> Callable[[Share], "AllowedBounds"]:
        """What a share's data cannot exclude; each share's bounds are computed once."""
        return functools.cache(self._bound)

    @cached_property
    def interval_of(self) -> Callable[[Share], tuple[Made[SharePosterior] | None, str]]:
        """How much a share hangs on few deals, or why that is not known; each is drawn once."""
        return functools.cache(self._draw)

    def _draw(self, measured: Share) -> tuple[Made[SharePosterior] | None, str]:
        return answer_or_reason(
            share_posterior,
            self.rows_of_release(measured.dataset).arg,
            supplier=self.supplier,
            importer=self.importer,
            start=measured.start,
            end=measured.end,
            **self.drawn,
        )

    def _bound(self, measured: Share) -> "AllowedBounds":
        rules = _required("rules", self.rules)
        bounds, _ = self._bound_by(measured, rules)
        if bounds is not None:
            return AllowedBounds(rules, bounds, "")
        allowed, reasons = {}, []
        for name, rule in read_rules(rules).items():
            _, reason = self._bound_by(measured, {name: rules[name]})
            if reason:
                reasons.append(f"{rule_words(rule)[0].lower()}: {reason}")
            else:
                allowed[name] = rules[name]
        together = self._bound_by(measured, allowed)[0] if allowed else None
        return AllowedBounds(allowed, together, "; ".join(reasons))

    def _bound_by(self, measured: Share, rules: Rules) -> tuple[Made[ShareBounds] | None, str]:
        return answer_or_reason(
            share_bounds,
            self.rows_of_release(measured.dataset).arg,
            supplier=self.supplier,
            importer=self.importer,
            start=measured.start,
            end=measured.end,
            rules=tuple(read_rules(rules).values()),
        )

    @cached_property
    def drawn(self) -> dict[str, Any]:
        """How the deals are weighed at random."""
        drawn = dict(_required("posterior", self.posterior))
        rename_arguments("posterior", drawn, {"seed": "rng"})
        return drawn


@dataclass(frozen=True, slots=True, eq=False)
class AllowedBounds:
    """
    Bounds of a share under those rules that the data allow.

    Parameters
    ----------
    rules : Mapping
        Those rules.
    bounds : Made of ShareBounds or None
        None where the data allow no rule.
    refused : str
        Which rules the data do not allow, and why; empty where they allow all.
    """

    rules: Rules
    bounds: Made[ShareBounds] | None
    refused: str


def _required(name: str, value: Answer | None) -> Answer:
    if value is None:
        raise ValueError(
            f"question: expected a value for {name!r}, which a section needs, found none"
        )
    return value


def answer_or_reason(
    measure: Callable[P, Answer], *args: P.args, **kwargs: P.kwargs
) -> tuple[Made[Answer] | None, str]:
    """Return what a measure finds, or why the data do not allow it."""
    try:
        return call(measure, *args, **kwargs), ""
    except (SchemaError, PeriodError) as error:
        reason = str(error)
        return None, next((plain for part, plain in _PLAIN.items() if part in reason), reason)


def stated_columns(release: Made[pd.DataFrame]) -> Made[pd.DataFrame]:
    """
    Leave out the columns that a release has only because it stands under another one.

    Examples
    --------
    >>> from flows.origin import given
    >>> release = pd.DataFrame({"value": [1.0], "deal": [None], "status": ["New"]})
    >>> list(stated_columns(given("release", release)).value)
    ['value', 'status']
    """
    rows = release.value
    empty = [name for name in rows if name not in COLUMNS and rows[name].isna().all()]
    return release.part(lambda table: table.drop(columns=empty)) if empty else release


def span_in_words(start: int, end: int) -> str:
    """
    Return years as a text prints them.

    >>> span_in_words(2016, 2020), span_in_words(2016, 2016)
    ('2016–2020', '2016')
    """
    return str(start) if start == end else f"{start}–{end}"


def release_in_words(dataset: str) -> str:
    """
    Return the release of a data set as a sentence has it.

    >>> release_in_words("sipri-deal-years@2025-03")
    'March 2025'
    """
    return print_date(release_of(dataset))


def rows_of(frames: Iterable[pd.DataFrame]) -> Rows:
    """Return the lines of several frames by data set."""
    return rows_by_dataset(pd.concat([frame[["dataset", "line"]] for frame in frames]))
