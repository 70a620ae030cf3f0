"""What a bridge takes out of two statements, and what is left: exact, in any order."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from typing import Literal

import pandas as pd

NO_FACTOR = (1.0, 1.0)

Speaker = Literal["exporter", "importer"]


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
    """

    id: str
    name: str
    side: Speaker
    amount: float
    factor: tuple[float, float]
    rows: pd.DataFrame
    assumption: str


@dataclass(frozen=True, slots=True)
class Range:
    """
    A size with its extremes.

    Parameters
    ----------
    value : float
        At the middle of every factor.
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
        others = [one for one in self.terms if one is not term and one.side == term.side]
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
        """Evaluate at the middle and at every corner: a size is monotone in each factor."""
        ends = [(Fraction(term.factor[0]), Fraction(term.factor[1])) for term in self.terms]
        corners = [size(at) for at in product(*(sorted(set(pair)) for pair in ends))]
        middle = size([(low + high) / 2 for low, high in ends])
        return Range(float(middle), float(min(corners)), float(max(corners)))
