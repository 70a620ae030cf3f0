"""The known differences between two statements of a flow, each with the rows that say so."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from typing import Literal

import pandas as pd

from flows.countries import country_groups
from flows.errors import CountryError, DoubleCountError, SchemaError, UnitError
from flows.measure.checks import check_one_statement, check_one_unit
from flows.measure.groups import is_group, printed_name
from flows.measure.totals import check_every_member, join_members
from flows.periods import Period, Recut, recut
from flows.table import where

_NO_FACTOR = (1.0, 1.0)

Speaker = Literal["exporter", "importer"]

_STATED = ["exporter", "importer", "reporter", "unit", "dataset", "line"]
_ALIKE = ("valuation", "partner_basis")
"""What two statements must share before one is taken off the other."""


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """
    One difference between two statements: an amount to take off one of them, or a factor.

    Parameters
    ----------
    id : str
        Id of the step.
    name : str
        What is printed.
    side : {"exporter", "importer"}
        Whose statement it is taken out of.
    amount : float
        What is taken off, in the unit of the statement; 0 for a factor.
    factor : tuple of float
        Lowest and highest number by which the exporter's statement is multiplied or the importer's
        divided; ``(1, 1)`` for an amount.
    rows : pandas.DataFrame
        Rows that say so; none for a factor.
    assumption : str
        What it rests on.
    central : float, optional
        The factor at which the size of the step is stated; by default the middle of the two.
    """

    id: str
    name: str
    side: Speaker
    amount: float
    factor: tuple[float, float]
    rows: pd.DataFrame
    assumption: str
    central: float | None = None

    @property
    def middle(self) -> Fraction:
        """The factor at which the size of the step is stated."""
        low, high = self.factor
        if self.central is not None:
            return Fraction(self.central)
        return (Fraction(low) + Fraction(high)) / 2


def coverage_terms(
    goods: Mapping[str, pd.DataFrame], *, of: pd.DataFrame, period: Period
) -> list[Term]:
    """Return the goods that the exporter does not count, as the importer states them."""
    check_apart(goods)
    terms = []
    for place, (name, rows) in enumerate(goods.items(), start=1):
        cut = part_in(rows, of=of, period=period)
        terms.append(
            Term(
                id="coverage" if place == 1 else f"coverage-{place}",
                name=f"Not counted by the exporter: {name}",
                side="importer",
                amount=cut.value,
                factor=_NO_FACTOR,
                rows=cut.rows,
                assumption="as the importer reports them",
            )
        )
    return terms


def re_export_terms(
    re_exports: pd.DataFrame | None,
    *,
    of: pd.DataFrame,
    importer_report: pd.DataFrame,
    period: Period,
) -> list[Term]:
    """Return the goods that the exporter counts among its exports and did not make."""
    if re_exports is None:
        return []
    basis = importer_report["partner_basis"].iloc[0]
    if basis != "origin":
        raise UnitError(
            f"expected imports by origin beside re-exports of the exporter, found partner_basis "
            f"{basis!r} at {where(importer_report)}"
        )
    cut = part_in(re_exports, of=of, period=period)
    return [
        Term(
            id="re-exports",
            name=f"Re-exports of {printed_name(re_exports['reporter'].iloc[0])}",
            side="exporter",
            amount=cut.value,
            factor=_NO_FACTOR,
            rows=cut.rows,
            assumption="counted by the exporter, of another origin for the importer",
        )
    ]


def revision_terms(
    revised: pd.DataFrame | None, *, of: pd.DataFrame, value: float, side: Speaker, period: Period
) -> list[Term]:
    """Return what another release of a statement changes."""
    if revised is None:
        return []
    quoted, other = str(of["dataset"].iloc[0]), str(revised["dataset"].iloc[0])
    if quoted == other:
        raise DoubleCountError(f"expected another release than {quoted}, found the same twice")
    cut = part_in(revised, of=of, period=period)
    return [
        Term(
            id=f"vintage-{side}",
            name=f"Release: {other} against {quoted}",
            side=side,
            amount=value - cut.value,
            factor=_NO_FACTOR,
            rows=cut.rows,
            assumption="both as published",
        )
    ]


def basis_terms(
    restated: pd.DataFrame | None, *, of: pd.DataFrame, value: float, period: Period
) -> list[Term]:
    """Return what the importer's other partner basis changes."""
    if restated is None:
        return []
    quoted, other = str(of["partner_basis"].iloc[0]), str(restated["partner_basis"].iloc[0])
    if not quoted or not other or quoted == other:
        raise UnitError(
            f"expected two partner bases of the importer's imports, found {quoted!r} and "
            f"{other!r} ({where(restated)})"
        )
    cut = part_in(restated, of=of, period=period, alike=("valuation", "dataset"))
    return [
        Term(
            id="basis",
            name=f"Partner basis: {quoted} against {other}",
            side="importer",
            amount=value - cut.value,
            factor=_NO_FACTOR,
            rows=cut.rows,
            assumption="as the importer reports both",
        )
    ]


def factor_terms(
    name: str,
    factor: tuple[float, float] | None,
    *,
    side: Speaker,
    title: str,
    label: str,
    source: str | None,
) -> list[Term]:
    """Return a factor given as a range."""
    if factor is None or factor == _NO_FACTOR:
        return []
    if not 0 < factor[0] <= factor[1] < float("inf"):
        raise ValueError(f"expected 0 < lowest <= highest {label}, found {factor}")
    said = f"{label} {factor[0]:.2f} to {factor[1]:.2f}"
    return [
        Term(
            id=name,
            name=title,
            side=side,
            amount=0.0,
            factor=(float(factor[0]), float(factor[1])),
            rows=pd.DataFrame(),
            assumption=f"{said} ({source})" if source else said,
        )
    ]


@dataclass(frozen=True, slots=True)
class Range:
    """
    A size with its extremes.

    Parameters
    ----------
    value : float
        At the middle of every factor, or where its size is stated.
    low, high : float
        Smallest and largest over the ranges of all factors.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """
    Two statements in one period and all that is taken out of them.

    Parameters
    ----------
    exporter, importer : float
        The statements, in one unit.
    terms : tuple of Term
        In the order in which they are taken out.
    """

    exporter: float
    importer: float
    terms: tuple[Term, ...]

    def change(self, term: Term, *, after: Iterable[Term]) -> Range:
        """
        Return what one term changes once others are taken out.

        Parameters
        ----------
        term : Term
            One of the ledger's.
        after : iterable of Term
            Those before it.

        Returns
        -------
        Range
            On the way from the exporter's statement to the importer's: positive if the importer's
            is the larger for it.

        Raises
        ------
        ValueError
            If the term is not in the ledger.
        """
        if term not in self.terms:
            raise ValueError(f"expected a term of the ledger, found {term.id}")
        own = [other for other in after if other.side == term.side]
        sign = 1 if term.side == "exporter" else -1

        def size(at: Sequence[Fraction]) -> Fraction:
            return sign * (self._left(term.side, [*own, term], at) - self._left(term.side, own, at))

        return self._over_factors(size)

    def residual(self) -> Range:
        """
        Return what all terms together leave unexplained.

        Returns
        -------
        Range
            The importer's statement on common terms less the exporter's.

        Raises
        ------
        ZeroDivisionError
            If a factor is zero.
        """

        def left(at: Sequence[Fraction]) -> Fraction:
            return self._left("importer", self.terms, at) - self._left("exporter", self.terms, at)

        return self._over_factors(left)

    def over_orders(self, term: Term) -> tuple[float, float]:
        """
        Return the smallest and largest change of a term over all orders, factors at their middle.

        Parameters
        ----------
        term : Term
            One of the ledger's.

        Returns
        -------
        tuple of float
            A term's size depends only on which others come before it, so that all sets of others
            are all orders.

        Raises
        ------
        ValueError
            If the term is not in the ledger.
        """
        others = [other for other in self.terms if other is not term and other.side == term.side]
        sizes = [
            self.change(term, after=before).value
            for count in range(len(others) + 1)
            for before in combinations(others, count)
        ]
        return min(sizes), max(sizes)

    def _left(self, side: Speaker, taken: Iterable[Term], at: Sequence[Fraction]) -> Fraction:
        """Return one statement after terms are taken out, each factor at its place in ``at``."""
        left = Fraction(self.exporter if side == "exporter" else self.importer)
        factor = Fraction(1)
        for term in taken:
            if term.side == side:
                left -= Fraction(term.amount)
                factor *= at[self.terms.index(term)]
        return left * factor if side == "exporter" else left / factor

    def _over_factors(self, size: Callable[[Sequence[Fraction]], Fraction]) -> Range:
        """Evaluate where each factor is stated, and at all corners: sizes are monotone in each."""
        ends = [(Fraction(term.factor[0]), Fraction(term.factor[1])) for term in self.terms]
        corners = [size(at) for at in product(*(sorted(set(pair)) for pair in ends))]
        middle = size([term.middle for term in self.terms])
        return Range(float(middle), float(min(corners)), float(max(corners)))


def check_apart(goods: Mapping[str, pd.DataFrame]) -> None:
    """Check that no product is taken off twice: under two names, or inside another."""
    codes = {name: rows[["product", "classification"]] for name, rows in goods.items()}
    for name, own in codes.items():
        if (own["product"] == "TOTAL").any():
            raise DoubleCountError(
                f"expected some of all goods under {name!r}, found TOTAL at {where(goods[name])}"
            )
    for first_name, second_name in combinations(codes, 2):
        kinds = {_kind(codes[name]) for name in (first_name, second_name)}
        if len(kinds) > 1:
            raise DoubleCountError(
                f"expected goods of one classification, found {' and '.join(sorted(kinds))} for "
                f"{first_name!r} and {second_name!r}: they may be the same goods"
            )
        for first in sorted(set(codes[first_name]["product"])):
            for second in sorted(set(codes[second_name]["product"])):
                if first.startswith(second) or second.startswith(first):
                    raise DoubleCountError(
                        f"expected goods that are not left out twice, found {first} under "
                        f"{first_name!r} ({where(goods[first_name], shown=1)}) and {second} under "
                        f"{second_name!r} ({where(goods[second_name], shown=1)}); keep the one "
                        "that holds the other"
                    )


def _kind(codes: pd.DataFrame) -> str:
    """Return the classification without its revision: codes of one kind nest by prefix."""
    return str(codes["classification"].iloc[0]).rstrip("0123456789")


@dataclass(frozen=True, slots=True)
class Side:
    """
    One side's statement in the period that is compared, under its usual period, by whole months.

    ``reporter``: alpha-3 code; ``valuation``: ``FOB``, ``CIF`` or empty; ``cut``: in the period
    that is compared; ``usual``: under the period in which the side is usually quoted; ``cut``
    itself if that is the same; ``moved``: values of the whole months nearest to the period; none
    where ``usual`` is ``cut``.
    """

    reporter: str
    valuation: str
    cut: Recut
    usual: Recut
    moved: tuple[float, ...]


def joiner(group: str | None, reports: Sequence[pd.DataFrame]) -> Callable[..., pd.DataFrame]:
    """Return what makes the statements of a group's members one; it does nothing without one."""
    if group is None:
        return lambda table: table
    if not is_group(group):
        raise CountryError(
            f"group: expected a group of countries ({', '.join(country_groups())}), found {group!r}"
        )
    both = pd.concat([report[_STATED] for report in reports])
    flow = {side: sorted(both[side].unique()) for side in ("exporter", "importer")}
    several = [side for side, codes in flow.items() if len(codes) > 1]
    if len(several) != 1:
        names = [f"{side}s {', '.join(codes)}" for side, codes in flow.items()]
        raise SchemaError(
            f"group={group!r}: expected statements of several members on one side and of one "
            f"country on the other, found {' and '.join(names)}; choose that country's rows, or "
            "leave group away for one pair"
        )
    sides = {side: codes[0] for side, codes in flow.items()} | {several[0]: group}
    return lambda table: join_members(table, **sides)


def check_one_flow(
    exporter_report: Sequence[pd.DataFrame], importer_report: Sequence[pd.DataFrame]
) -> str:
    """Check that all state one flow in one unit, and each side speaks for itself."""
    for statement in (*exporter_report, *importer_report):
        check_one_statement(statement)
    by_exporter = pd.concat([statement[_STATED] for statement in exporter_report])
    by_importer = pd.concat([statement[_STATED] for statement in importer_report])
    both = pd.concat([by_exporter, by_importer])
    flows = both.drop_duplicates(["exporter", "importer"])
    if len(flows) > 1:
        names = " and ".join(flows["exporter"] + " to " + flows["importer"])
        raise SchemaError(
            f"expected statements of one flow, found {names} ({where(flows)}); to compare what the "
            "members of a group state with what one country does, name it: group='EU27_2020'"
        )
    for side, statement in (("exporter", by_exporter), ("importer", by_importer)):
        others = statement[statement["reporter"] != statement[side]]
        if len(others):
            raise SchemaError(
                f"expected statements of {statement[side].iloc[0]}, the {side}, found reporter "
                f"{others['reporter'].iloc[0]} at {where(others)}"
            )
    return check_one_unit(both)


def side_in(statement: pd.DataFrame, *, period: Period, headline: Period) -> Side:
    """Return one side in the period that is compared."""
    cut, usual, moved = cut_to(statement, period), None, list[float]()
    if not _stated(statement, period).any() and not _same_days(period, headline):
        usual = recut(statement, headline)
        check_every_member(usual.rows, headline)
        moved = [recut(statement, months).value for months in whole_months(period)]
    return Side(
        reporter=str(statement["reporter"].iloc[0]),
        valuation=str(statement["valuation"].iloc[0]),
        cut=cut,
        usual=usual or cut,
        moved=tuple(moved),
    )


def part_in(
    statement: pd.DataFrame,
    *,
    of: pd.DataFrame,
    period: Period,
    alike: Sequence[str] = _ALIKE,
) -> Recut:
    """
    Return what a side states in another table: a part of its goods,
    or the same in another way.
    """
    for column in alike:
        expected, stated = of[column].iloc[0], statement[column].iloc[0]
        if stated not in {expected, ""}:
            raise UnitError(
                f"expected {column} {expected!r} as in the statement of all goods by "
                f"{statement['reporter'].iloc[0]}, found {stated!r} at {where(statement)}"
            )
    return cut_to(statement, period)


def cut_to(statement: pd.DataFrame, period: Period) -> Recut:
    """Return a statement in a period: as it is stated, or cut to it."""
    stated = statement[_stated(statement, period)]
    cut = recut(stated if len(stated) else statement, period)
    check_every_member(cut.rows, period)
    return cut


def _stated(statement: pd.DataFrame, period: Period) -> pd.Series:
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    return (statement["start"] == start) & (statement["end"] == end)


def _same_days(period: Period, other: Period) -> bool:
    return (period.start, period.end) == (other.start, other.end)


def whole_months(period: Period) -> tuple[Period, ...]:
    """Return the whole months that begin with the month of the first day, and with the next."""
    first, last = pd.Period(period.start, freq="M"), pd.Period(period.end, freq="M")
    if first.start_time.date() == period.start and last.end_time.date() == period.end:
        return ()
    runs = ((first, last - 1), (first + 1, last))
    return tuple(
        Period(start.start_time.date(), end.end_time.date(), f"{start}..{end}", "gregorian")
        for start, end in runs
    )
