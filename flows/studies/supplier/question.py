"""What a supplier study asks, and those answers of the data that several sections rest on."""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

import pandas as pd

from flows.compare.share_history import ShareHistory, share_history
from flows.countries import country_name
from flows.errors import PeriodError, SchemaError
from flows.findings import Json, Number
from flows.measure.bounds import ShareBounds, share_bounds
from flows.measure.checks import rows_by_dataset, select_flows
from flows.measure.counting import Counting
from flows.measure.influence import deal_influence
from flows.measure.posterior import SharePosterior, share_posterior
from flows.measure.shares import Share, share
from flows.renamed import rename_arguments
from flows.studies.numbers import counting_json, numbers_of, read_rules, rule_words
from flows.table import COLUMNS, Rows

Answer = TypeVar("Answer")
Rules = Mapping[str, Mapping[str, Any]]
"""Name of a rule to its arguments, as :func:`flows.studies.numbers.read_rules` takes them."""


@dataclass(frozen=True, eq=False, kw_only=True)
class SupplierQuestion:
    """
    One supplier in the arms imports of one country, and what every section may ask of the rows.

    What takes long is computed when a section first asks for it, and once.

    Parameters
    ----------
    arms : pandas.DataFrame
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
    published : pandas.DataFrame, optional
        Published shares to set beside; their windows are looked at too.
    tolerance : float, optional
        With them: see :func:`flows.share_history`.
    rules : Mapping, optional
        What cannot be excluded: see :func:`flows.studies.numbers.read_rules`.
    posterior : Mapping, optional
        ``draws``, ``rng`` (a seed) and ``level`` of the bootstrap over deals.
    """

    arms: pd.DataFrame
    name: str
    importer: str
    supplier: str
    window: Sequence[int] | None = None
    windows: Sequence[Sequence[int]] = ()
    main: str | None = None
    published: pd.DataFrame | None = None
    tolerance: float | None = None
    rules: Rules | None = None
    posterior: Mapping[str, Any] | None = None

    @property
    def start(self) -> int:
        """First year of the window."""
        return int(_given("window", self.window)[0])

    @property
    def end(self) -> int:
        """Last year of the window."""
        return int(_given("window", self.window)[1])

    @cached_property
    def dataset(self) -> str:
        """The main release."""
        if self.main is not None:
            return self.main
        arms = self.arms[self.arms["deal"].notna()] if "deal" in self.arms else self.arms
        return max(map(str, arms["dataset"].unique()), key=release_of)

    @cached_property
    def release(self) -> pd.DataFrame:
        """Rows of the main release."""
        return select_flows(self.arms, dataset=self.dataset)

    @property
    def asked(self) -> dict[str, Any]:
        """Arguments of the measures of a share."""
        pair = {"supplier": self.supplier, "importer": self.importer}
        return {**pair, "start": self.start, "end": self.end}

    @property
    def title(self) -> str:
        """The question in words, for what a number is about."""
        return f"{country_name(self.supplier)} in the {self.imports}"

    @property
    def imports(self) -> str:
        """The imports in words, whatever the supplier."""
        return (
            f"imports of major arms of {country_name(self.importer)}, {self.start}-{self.end}, "
            f"release {release_of(self.dataset)}"
        )

    @property
    def words(self) -> dict[str, str]:
        """What the text of every section may say."""
        pair = {"importer": country_name(self.importer), "supplier": country_name(self.supplier)}
        if self.window is None:
            return pair
        window = f"{self.start}–{self.end}"
        return {**pair, "window": window, "main-release": release_of(self.dataset)}

    def own(self, words: Mapping[str, str]) -> dict[str, str]:
        """Put the study's name before the names of a section's words."""
        return {f"{self.name}.{key}": word for key, word in words.items()}

    def make(self, function: str, **more: Json) -> Callable[..., Number]:
        """Return what makes the numbers of one calculation; ``more`` are its other arguments."""
        parameters: dict[str, Json] = {"dataset": self.dataset, **self.asked, **more}
        return numbers_of(self.name, function, parameters)

    def of(self, one: Share) -> "SupplierQuestion":
        """Return the same question of the window and the release of a share."""
        return replace(self, window=(one.start, one.end), main=one.dataset)

    def share_numbers(self, one: Share, key: str) -> list[Number]:
        """Return a share with its numerator and denominator."""
        there, counting = self.of(one), counting_json(one.counting)
        parameters: dict[str, Json] = {**self.asked, "dataset": one.dataset}
        parameters |= {"counting": counting} if counting else {}
        make = numbers_of(self.name, "flows.share", parameters)
        how = f", {one.counting.describe()}." if counting else "."
        sums = {
            "numerator": (
                one.numerator,
                f"Deliveries: {there.title}",
                one.rows[one.rows["counted"]],
            ),
            "denominator": (one.denominator, f"All suppliers: {there.imports}", one.rows),
        }
        about = f"Share: {there.title}{how}"
        return [
            make(f"share.{key}", 100 * one.value, "%", about, digits=2, rows=one.rows),
            *(
                make(
                    f"{side}.{key}",
                    value,
                    one.unit,
                    f"{what}{how}",
                    digits=2,
                    rows=rows,
                    exact=True,
                )
                for side, (value, what, rows) in sums.items()
            ),
        ]

    @cached_property
    def history(self) -> ShareHistory:
        """Every window in every release, and published shares beside."""
        return share_history(
            self.arms,
            supplier=self.supplier,
            importer=self.importer,
            windows=[(self.start, self.end), *self.windows],
            published=self.published,
            tolerance=self.tolerance,
        )

    @cached_property
    def shares(self) -> tuple[Share, ...]:
        """Shares of the history: releases in the order of time, then windows."""
        return tuple(
            sorted(
                self.history.shares,
                key=lambda one: (release_of(one.dataset), one.start, one.end),
            )
        )

    @property
    def releases(self) -> list[Share]:
        """The share of the window in every release."""
        return [one for one in self.shares if (one.start, one.end) == (self.start, self.end)]

    @property
    def of_main(self) -> list[Share]:
        """Shares of the main release, windows in the order of time."""
        return [one for one in self.shares if one.dataset == self.dataset]

    @property
    def share(self) -> Share:
        """The share in question; ``PeriodError`` where the main release does not count it."""
        for one in self.releases:
            if one.dataset == self.dataset:
                return one
        raise PeriodError(
            f"{self.dataset}: expected the years {self.start}-{self.end}, found no such span"
        )

    def count(self, counting: Counting) -> tuple[Share | None, str]:
        """Return the share under another counting, or why the data do not allow it."""
        stated = stated_columns(self.release)
        return answer_or_reason(share, table=stated, **self.asked, counting=counting)

    @cached_property
    def largest_deal(self) -> pd.Series | None:
        """The supplier's largest deal in the window; none without deals of the supplier."""
        found, _ = answer_or_reason(deal_influence, table=self.release, **self.asked)
        own = None if found is None else found.deals[found.deals["supplier"] == self.supplier]
        if own is None or own.empty:
            return None
        largest: pd.Series = own.sort_values(["value", "deal"], ascending=[False, True]).iloc[0]
        return largest

    @cached_property
    def without_largest_deal(self) -> tuple[Share | None, str]:
        """The share without that deal, or why there is none."""
        if self.largest_deal is None:
            return None, ""
        return self.count(Counting(without_deals=(str(self.largest_deal["deal"]),)))

    @cached_property
    def bounds_of(self) -> Callable[[Share], "AllowedBounds"]:
        """What a share's data cannot exclude; each share's bounds are computed once."""
        rules = _given("rules", self.rules)
        return functools.cache(lambda one: _bound(self._asked_of(one), rules))

    @cached_property
    def interval_of(self) -> Callable[[Share], tuple[SharePosterior | None, str]]:
        """How much a share hangs on few deals, or why that is not known; each is drawn once."""
        drawn = self.drawn
        return functools.cache(
            lambda one: answer_or_reason(share_posterior, **self._asked_of(one), **drawn)
        )

    @cached_property
    def drawn(self) -> dict[str, Any]:
        """How the deals are weighed at random."""
        drawn = dict(_given("posterior", self.posterior))
        rename_arguments("posterior", drawn, {"seed": "rng"})
        return drawn

    def _asked_of(self, one: Share) -> dict[str, Any]:
        stated = stated_columns(select_flows(self.arms, dataset=one.dataset))
        return {"table": stated, **self.of(one).asked}


@dataclass(frozen=True, slots=True, eq=False)
class AllowedBounds:
    """
    Bounds of a share under those rules that the data allow.

    Parameters
    ----------
    rules : Mapping
        Those rules.
    found : ShareBounds or None
        None where the data allow no rule.
    refused : str
        Which rules the data do not allow, and why; empty where they allow all.
    """

    rules: Rules
    found: ShareBounds | None
    refused: str


def _bound(asked: Mapping[str, Any], rules: Rules) -> AllowedBounds:
    found, _ = answer_or_reason(share_bounds, **asked, rules=tuple(read_rules(rules).values()))
    if found is not None:
        return AllowedBounds(rules, found, "")
    allowed, reasons = {}, []
    for name, rule in read_rules(rules).items():
        _, reason = answer_or_reason(share_bounds, **asked, rules=(rule,))
        if reason:
            reasons.append(f"{rule_words(rule)[0].lower()}: {reason}")
        else:
            allowed[name] = rules[name]
    together = tuple(read_rules(allowed).values())
    found = share_bounds(**asked, rules=together) if allowed else None
    return AllowedBounds(allowed, found, "; ".join(reasons))


def _given(name: str, value: Answer | None) -> Answer:
    if value is None:
        raise ValueError(f"question: expected {name!r}, found none")
    return value


def answer_or_reason(measure: Callable[..., Answer], **asked: Any) -> tuple[Answer | None, str]:
    """
    Return what a measure finds, or why the data do not allow it.

    Examples
    --------
    >>> answer_or_reason(lambda of: of, of=1)
    (1, '')
    """
    try:
        return measure(**asked), ""
    except (SchemaError, PeriodError) as error:
        return None, str(error)


def stated_columns(release: pd.DataFrame) -> pd.DataFrame:
    """
    Leave out the columns that a release has only because it stands under another one.

    Examples
    --------
    >>> release = pd.DataFrame({"value": [1.0], "deal": [None], "status": ["New"]})
    >>> list(stated_columns(release))
    ['value', 'status']
    """
    empty = [one for one in release if one not in COLUMNS and release[one].isna().all()]
    return release.drop(columns=empty)


def release_of(dataset: str) -> str:
    """
    Return the release of a data set; of a file, its name.

    Examples
    --------
    >>> release_of("sipri-deal-years@2025-03"), release_of("mine.csv")
    ('2025-03', 'mine.csv')
    """
    return dataset.rpartition("@")[2]


def rows_of(frames: Iterable[pd.DataFrame]) -> Rows:
    """Return the lines of several frames by data set."""
    return rows_by_dataset(pd.concat([frame[["dataset", "line"]] for frame in frames]))


def source_of(frames: Iterable[pd.DataFrame]) -> str:
    """
    Return the source of an exhibit in words.

    Examples
    --------
    >>> source_of([pd.DataFrame({"dataset": ["sipri@2025-03"]})])
    'Source: SIPRI Arms Transfers Database, release 2025-03.'
    """
    releases = sorted({release_of(one) for frame in frames for one in frame["dataset"]})
    word = "release" if len(releases) == 1 else "releases"
    return f"Source: SIPRI Arms Transfers Database, {word} {', '.join(releases)}."
