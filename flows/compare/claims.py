"""Claims: sentences that somebody published, held against numbers of the report."""

import difflib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

import pandas as pd

from flows.errors import ReportError, UnitError
from flows.results import Card, Listed, Result, print_between, print_count, print_own

Ruling = Literal["supported", "supported with qualification", "contradicted", "not testable"]
Place = Literal["inside", "in part", "outside", "beside"]
"""Where a number lies: in the range that the sentence admits, across its edge, out of it; or it
tests nothing and stands beside."""

_FAIR: Mapping[Place | None, str] = {
    "inside": "{} is fair",
    "outside": "{} is not fair",
    "in part": "the data leave {} open",
    None: "{} cannot be tested: {}",
}
"""What a qualifier is, by where the number of a yardstick lies; none where there is no number."""

_NAMED = re.compile(r"\{([^{}]+)\}")


class Measured(Protocol):
    """What a claim needs of a number."""

    @property
    def value(self) -> float:
        """In ``unit``."""

    @property
    def unit(self) -> str:
        """What the value counts."""

    @property
    def printed(self) -> str:
        """As the report prints it."""

    @property
    def low(self) -> float | None:
        """Lower bound, or none."""

    @property
    def high(self) -> float | None:
        """Upper bound, or none."""

    @property
    def spread(self) -> str | None:
        """Whether there are bounds, or an interval, or neither."""


@dataclass(frozen=True, slots=True)
class Yardstick:
    """
    What a qualifier such as "just" is held against: a number, or the reason why there is none.

    Parameters
    ----------
    against : str
        What the sentence may have in mind, in words, with ``{id}`` for a number as printed.
    number : str
        Id of the number that compares with it; empty where none does.
    low, high : float
        Range of values, in ``unit``, of which the qualifier is a fair word; ends included.
    unit : str
        Of the range.
    missing : str
        Why no number compares with it; beside a number, why a report may not have it.
    """

    against: str
    number: str = ""
    low: float = -math.inf
    high: float = math.inf
    unit: str = ""
    missing: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Claim(Result):
    """
    One published sentence and how it is tested.

    Parameters
    ----------
    id : str
        Its name.
    quote : str
        The words as printed: the whole sentence, where several claims are in it.
    citation : str
        Key of the reference, or an address.
    assumes : str
        What the sentence does not say and takes for granted.
    place : str
        File and line of the entry, for errors.
    number : str
        Id of the number that tests it; empty where none does.
    low, high : float
        Range of values, in ``unit``, of which the words are a fair statement; ends included.
    unit : str
        Of the range.
    tolerance : str
        Why the range is this one.
    says, counts : str
        What the sentence speaks of, and what the number counts; where the two differ, the sentence
        holds with a qualification at best.
    also : tuple of str
        Ids of numbers that answer the same question as well: other statements, other releases.
    beside : tuple of str
        Ids of numbers that are shown and test nothing.
    untestable : str
        Why no number tests it.
    wording : str
        What the data would support, with ``{id}`` for a number as printed.
    part : str
        The words of the quote that are tested; empty for all.
    qualifier : str
        A word of the quote that compares without saying with what, such as "just".
    yardsticks : tuple of Yardstick
        What the qualifier may mean. It can qualify a verdict, and never contradict: the sentence
        names none of them.
    """

    in_lists = True

    id: str
    quote: str
    citation: str
    assumes: str
    place: str
    number: str = ""
    low: float = -math.inf
    high: float = math.inf
    unit: str = ""
    tolerance: str = ""
    says: str = ""
    counts: str = ""
    also: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    untestable: str = ""
    wording: str = ""
    part: str = ""
    qualifier: str = ""
    yardsticks: tuple[Yardstick, ...] = ()

    def _card(self) -> Card:
        low, high = (print_own(end) for end in (self.low, self.high))
        tested = f"{self.number}: {print_between(low, high)} {self.unit}"
        return Card(
            title=f"{self.id}, \N{LEFT DOUBLE QUOTATION MARK}{self.quote}"
            "\N{RIGHT DOUBLE QUOTATION MARK}",
            facts=(
                *((("part tested", self.part),) if self.part else ()),
                ("citation", self.citation),
                ("assumes", self.assumes),
                ("tested by", tested if self.number else f"nothing: {self.untestable}"),
            ),
        )


class Claims(Listed[Claim]):
    """Published sentences: a list of :class:`~flows.compare.claims.Claim`."""

    __slots__ = ()

    noun = "claim"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A number that a claim was held against, and where it lies in the range of the claim."""

    id: str
    place: Place


@dataclass(frozen=True, slots=True, repr=False)
class Verdict(Result):
    """
    What the numbers say about a claim.

    Parameters
    ----------
    claim : Claim
        The sentence.
    ruling : str
        Supported, supported with qualification, contradicted, or not testable.
    reasons : tuple of str
        Why, in words.
    evidence : tuple of Evidence
        The number that tests it, those that answer the same question, those beside.
    wording : str
        What the data would support, with its numbers, and what the qualifier fits.
    """

    in_lists = True

    claim: Claim
    ruling: Ruling
    reasons: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    wording: str

    def tidy(self) -> pd.DataFrame:
        """
        Return the verdict as a table.

        Returns
        -------
        pandas.DataFrame
            One row, as in :meth:`Verdicts.tidy`.
        """
        return Verdicts((self,)).tidy()

    def _card(self) -> Card:
        return Card(
            title=f"{self.claim.id}, {self.ruling}",
            facts=(
                ("quote", self.claim.quote),
                ("reasons", "; ".join(self.reasons)),
                ("evidence", ", ".join(evidence.id for evidence in self.evidence)),
                ("wording", self.wording),
            ),
        )


RULINGS: tuple[Ruling, ...] = get_args(Ruling)


@dataclass(frozen=True, slots=True, repr=False)
class Verdicts(Result):
    """
    What the numbers of a report say about all its claims; iterates over
    :class:`~flows.compare.claims.Verdict`.

    Parameters
    ----------
    verdicts : tuple of Verdict
        In the order of the claims.
    """

    verdicts: tuple[Verdict, ...]

    def __iter__(self) -> Iterator[Verdict]:
        return iter(self.verdicts)

    def __len__(self) -> int:
        return len(self.verdicts)

    @property
    def counts(self) -> dict[Ruling, int]:
        """How many claims have each ruling, also those that none has."""
        rulings = [verdict.ruling for verdict in self.verdicts]
        return {ruling: rulings.count(ruling) for ruling in RULINGS}

    def tidy(self) -> pd.DataFrame:
        """
        Return the verdicts as a table.

        Returns
        -------
        pandas.DataFrame
            One row a claim: ``claim`` (its id), ``quote``, ``part`` (the words tested, where not
            all), ``citation``, ``ruling``, ``reasons``, ``wording``.
        """
        return pd.DataFrame(
            {
                "claim": [verdict.claim.id for verdict in self.verdicts],
                "quote": [verdict.claim.quote for verdict in self.verdicts],
                "part": [verdict.claim.part for verdict in self.verdicts],
                "citation": [verdict.claim.citation for verdict in self.verdicts],
                "ruling": [verdict.ruling for verdict in self.verdicts],
                "reasons": ["; ".join(verdict.reasons) for verdict in self.verdicts],
                "wording": [verdict.wording for verdict in self.verdicts],
            }
        )

    def _card(self) -> Card:
        return Card(
            title=print_count(len(self), "claim"),
            facts=tuple((ruling, str(number)) for ruling, number in self.counts.items()),
            more=tuple(
                (verdict.claim.id, f"{verdict.ruling}: {'; '.join(verdict.reasons)}")
                for verdict in self
            ),
        )


def check_claims(claims: Sequence[Claim], numbers: Mapping[str, Measured]) -> Verdicts:
    """
    Hold published sentences against the numbers of a report.

    A claim is supported if its number, with all that its bounds admit, lies in the range of the
    claim; contradicted if no value that they admit does; and supported with qualification if only
    some do, if another number that answers the same question lies elsewhere, if the sentence
    speaks of something else than what the number counts, or if a qualifier such as "just" does not
    fit all that it may be held against.

    Parameters
    ----------
    claims : sequence of Claim
        The sentences, as :func:`flows.read_claims` reads them from a file.
    numbers : Mapping
        Id to number, such as :class:`flows.findings.Number`.

    Returns
    -------
    Verdicts
        In the order of ``claims``; ``counts`` by ruling, ``tidy()`` as a table.

    Raises
    ------
    ReportError
        If a claim names a number that does not exist; with its place and the nearest ids.
    UnitError
        If a number has another unit than the claim.

    Examples
    --------
    >>> from flows.findings import Number
    >>> share = Number("s", 67.74, "%", "67.74", "Share.", (), {})
    >>> claim = Claim(
    ...     "arms", "nearly 70 percent of the arsenal", "article", "", "claims.toml:1", number="s",
    ...     low=66.0, high=70.0, unit="%", says="arsenal", counts="imports of major arms",
    ...     wording="{s} percent of the imports of major arms",
    ... )
    >>> verdict, = check_claims([claim], {"s": share})
    >>> verdict.ruling, verdict.wording
    ('supported with qualification', '67.74 percent of the imports of major arms')
    """
    return Verdicts(tuple(_judge(claim, numbers) for claim in claims))


def _judge(claim: Claim, numbers: Mapping[str, Measured]) -> Verdict:
    shown = (*claim.beside, *(_number_of(yardstick, numbers) for yardstick in claim.yardsticks))
    beside = tuple(
        Evidence(name, "beside")
        for name in dict.fromkeys(filter(None, shown))
        if _find(claim, name, numbers)
    )
    wording = _printed(claim, claim.wording, numbers)
    if not claim.number:
        return Verdict(claim, "not testable", (claim.untestable,), beside, wording)
    tested = tuple(
        Evidence(name, _place(claim, name, numbers)) for name in (claim.number, *claim.also)
    )
    fits = _hold(claim, numbers)
    ruling, reasons = _rule(claim, tested, fits)
    sentences = (f"{sentence}." for _, sentence in fits)
    return Verdict(claim, ruling, reasons, (*tested, *beside), " ".join((wording, *sentences)))


def _printed(claim: Claim, text: str, numbers: Mapping[str, Measured]) -> str:
    """Return a text with its numbers as printed."""
    return _NAMED.sub(lambda match: _find(claim, match[1], numbers).printed, text)


def _hold(claim: Claim, numbers: Mapping[str, Measured]) -> list[tuple[Place | None, str]]:
    """Return where the qualifier is fair, where not, where that is open, and where none can say."""
    word = f"\N{LEFT DOUBLE QUOTATION MARK}{claim.qualifier}\N{RIGHT DOUBLE QUOTATION MARK}"
    grouped: dict[tuple[Place | None, str], list[str]] = {}
    for yardstick in claim.yardsticks:
        number = _number_of(yardstick, numbers)
        place = _place(claim, number, numbers, within=yardstick) if number else None
        against = _printed(claim, yardstick.against, numbers)
        grouped.setdefault((place, "" if number else yardstick.missing), []).append(against)
    return [
        (place, f"Compared with {_listed(things)}, {_FAIR[place].format(word, missing)}")
        for (place, missing), things in grouped.items()
    ]


def _number_of(yardstick: Yardstick, numbers: Mapping[str, Measured]) -> str:
    """Return the id of the number that compares, or nothing where a reason stands for it."""
    absent = yardstick.missing and yardstick.number not in numbers
    return "" if absent else yardstick.number


def _listed(things: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(things[:-1]), things[-1])))


def _rule(
    claim: Claim, tested: Sequence[Evidence], fits: Sequence[tuple[Place | None, str]]
) -> tuple[Ruling, tuple[str, ...]]:
    main, *others = tested
    span = f"{claim.low:g} to {claim.high:g} {claim.unit}"
    if main.place == "outside":
        return "contradicted", (f"{main.id} lies outside {span}",)
    reasons = []
    if main.place == "in part":
        reasons.append(f"the bounds of {main.id} reach beyond {span}")
    if claim.says != claim.counts:
        reasons.append(f"the sentence says {claim.says}, the number counts {claim.counts}")
    reasons += [f"{other.id} lies outside {span}" for other in others if other.place == "outside"]
    reasons += [
        f"the bounds of {other.id} reach beyond {span}"
        for other in others
        if other.place == "in part"
    ]
    reasons += [sentence for place, sentence in fits if place != "inside"]
    return ("supported with qualification", tuple(reasons)) if reasons else ("supported", ())


def _place(
    claim: Claim,
    name: str,
    numbers: Mapping[str, Measured],
    *,
    within: Claim | Yardstick | None = None,
) -> Place:
    wanted = within or claim
    number = _find(claim, name, numbers)
    if number.unit != wanted.unit:
        raise UnitError(
            f"{claim.place}: claim {claim.id}: expected {name} in {wanted.unit!r}, "
            f"found it in {number.unit!r}"
        )
    low, high = _reach(number)
    if wanted.low <= low and high <= wanted.high:
        return "inside"
    return "in part" if low <= wanted.high and wanted.low <= high else "outside"


def _reach(number: Measured) -> tuple[float, float]:
    """Return all that the bounds of a number admit; without bounds its value."""
    if number.spread is None:
        return number.value, number.value
    return (
        -math.inf if number.low is None else number.low,
        math.inf if number.high is None else number.high,
    )


def _find(claim: Claim, name: str, numbers: Mapping[str, Measured]) -> Measured:
    if name in numbers:
        return numbers[name]
    near = difflib.get_close_matches(name, sorted(numbers), n=3, cutoff=0.4)
    hint = f"; nearest: {', '.join(near)}" if near else ""
    raise ReportError(
        f"{claim.place}: claim {claim.id}: expected the id of a number, found {name!r}{hint}"
    )
