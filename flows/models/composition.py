"""When a composition changed: breaks in a vector of shares, with p-values by permutation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from flows.canonical import at_least, first_maximum
from flows.errors import SampleError
from flows.models.results import HypothesisTest
from flows.models.sample import FloatArray, IntArray
from flows.progress import track
from flows.results import Card, Result, print_count

_ADDS_UP = 1e-9
_TINY = 1e-12
_NULL = "the order of the blocks of years within a regime does not matter"


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class CompositionBreaks(Result):
    """
    Regimes of a composition.

    Parameters
    ----------
    break_dates : tuple of pandas.Period
        First year of each new regime, in the order of time.
    tests : tuple of HypothesisTest
        One a step of the search, in its order; the last one does not reject, unless there was
        nothing left to split.
    tried : tuple of pandas.Period
        The date that each of ``tests`` is about.
    regimes : pandas.DataFrame
        One row a regime: ``start``, ``end`` (first and last year with a composition), ``nobs``, and
        the mean share of each part.
    nobs : int
        Years used.
    least, block, draws : int
        Fewest years of a regime, length of the blocks, permutations.
    """

    break_dates: tuple[pd.Period, ...]
    tests: tuple[HypothesisTest, ...]
    tried: tuple[pd.Period, ...]
    regimes: pd.DataFrame
    nobs: int
    least: int
    block: int
    draws: int

    def tidy(self) -> pd.DataFrame:
        """
        Return the steps of the search.

        Returns
        -------
        pandas.DataFrame
            One row a step: ``break_date``, ``statistic``, ``pvalue``, ``kept``.
        """
        return pd.DataFrame(
            {
                "break_date": list(self.tried),
                "statistic": [test.statistic for test in self.tests],
                "pvalue": [test.pvalue for test in self.tests],
                "kept": [date in self.break_dates for date in self.tried],
            }
        )

    def summary(self) -> str:
        """
        Print steps and regimes for a person.

        Returns
        -------
        str
            One line a step, then the mean composition of each regime.
        """
        steps = [f"{date}: {test}" for date, test in zip(self.tried, self.tests, strict=True)]
        means = self.regimes.to_string(index=False, float_format="{:.3f}".format)
        return "\n".join([f"Breaks of a composition, {self.nobs} years", *steps, means])

    def _card(self) -> Card:
        return Card(
            title=f"of a composition, {print_count(self.nobs, 'year')}",
            facts=(
                ("breaks", ", ".join(map(str, self.break_dates)) or "none"),
                ("regimes", f"{len(self.regimes)}, of at least {print_count(self.least, 'year')}"),
                ("blocks", f"of {print_count(self.block, 'year')}, {self.draws} permutations"),
            ),
            more=tuple(
                (str(date), str(test)) for date, test in zip(self.tried, self.tests, strict=True)
            ),
        )


def find_composition_breaks(
    shares: pd.DataFrame,
    *,
    least: int,
    block: int,
    draws: int,
    rng: np.random.Generator | int,
    significance: float = 0.05,
) -> CompositionBreaks:
    r"""
    Find when a vector of shares changed its mean, one break after the other.

    The statistic of a split is the ratio of the squared distance that it explains to what is left
    within the regimes a degree of freedom, all parts of the composition together [1]_; that of a
    step is its supremum over all dates. Its distribution under the null comes from permuting blocks
    of neighbouring years within the regimes found so far, and the search stops at the first split
    that chance could give [2]_. No model of the shares is needed, zeros are no matter, and blocks
    keep the likeness of neighbouring years up to their length.

    Parameters
    ----------
    shares : pandas.DataFrame
        Index of years (PeriodIndex, any order, gaps allowed), one column a part; not negative, rows
        add up to 1.
    least : int
        Fewest years of a regime.
    block : int
        Years that are permuted together; 1 takes years for independent, which deliveries over
        several years are not.
    draws : int
        Permutations.
    rng : numpy.random.Generator or int
        Source of chance; a whole number is its seed.
    significance : float
        A split is kept if its p-value is below.

    Returns
    -------
    CompositionBreaks
        Dates, tests, and the mean composition of each regime.

    Raises
    ------
    SampleError
        If a row is no composition, a year stands there twice, or the years are too few: fewer than
        two regimes, or than four blocks, whose orders can give no small p-value.
    ValueError
        If ``least`` is below 2, or ``block`` or ``draws`` below 1.

    References
    ----------
    .. [1] Anderson, M. J. (2001). A new method for non-parametric multivariate analysis of
       variance. Austral Ecology 26 (1), 32-46.
    .. [2] Matteson, D. S. and James, N. A. (2014). A nonparametric approach for multiple change
       point analysis of multivariate data. Journal of the American Statistical Association 109
       (505), 334-345.

    Examples
    --------
    >>> years = pd.period_range("2001", "2016", freq="Y")
    >>> israel = [0.1, 0.2] * 4 + [0.7, 0.8] * 4
    >>> shares = pd.DataFrame({"ISR": israel, "RUS": [1 - share for share in israel]}, index=years)
    >>> mix = find_composition_breaks(shares, least=3, block=1, draws=199, rng=1)
    >>> [str(date) for date in mix.break_dates]
    ['2009']
    """
    _check_choices(least=least, block=block, draws=draws)
    chance = np.random.default_rng(rng)
    ordered = shares.sort_index()
    values = _check_composition(ordered, least=least, block=block)
    cuts: list[int] = []
    tests, tried = [], []
    while (split := _best_split(values, cuts, least)) is not None:
        statistic, cut = split
        beyond = sum(
            (again := _best_split(values[order], cuts, least)) is not None
            and bool(at_least(again[0], statistic))
            for order in _orders(len(values), cuts, block, draws, chance)
        )
        pvalue = (1 + beyond) / (1 + draws)
        name = f"supF, permutation of blocks of {block}"
        tests.append(HypothesisTest(name, _NULL, statistic, pvalue))
        tried.append(ordered.index[cut])
        if pvalue >= significance:
            break
        cuts = sorted([*cuts, cut])
    return CompositionBreaks(
        break_dates=tuple(ordered.index[cut] for cut in cuts),
        tests=tuple(tests),
        tried=tuple(tried),
        regimes=_regimes(ordered, cuts),
        nobs=len(values),
        least=least,
        block=block,
        draws=draws,
    )


def _check_choices(*, least: int, block: int, draws: int) -> None:
    for name, value, fewest in (("least", least, 2), ("block", block, 1), ("draws", draws, 1)):
        if value < fewest:
            raise ValueError(f"expected {name} to be {fewest} or more, found {value}")


def _check_composition(shares: pd.DataFrame, *, least: int, block: int) -> FloatArray:
    twice = shares.index[shares.index.duplicated()]
    if len(twice):
        raise SampleError(f"the year {twice[0]} stands twice among the shares; keep one row a year")
    values = shares.to_numpy(dtype=np.float64)
    wrong = ~(np.abs(values.sum(axis=1) - 1) <= _ADDS_UP) | (values < 0).any(axis=1)
    if wrong.any():
        raise SampleError(
            "the shares of a year must not be negative and must add up to 1; they do not in "
            f"{', '.join(str(year) for year in shares.index[wrong][:5])}"
        )
    needed = max(2 * least, 4 * block)
    if len(values) < needed:
        raise SampleError(
            f"regimes of {least} years and blocks of {block} need at least {needed} years, found "
            f"{len(values)}"
        )
    return values


def _best_split(values: FloatArray, cuts: Sequence[int], least: int) -> tuple[float, int] | None:
    """Return the largest statistic of one more break and where it lies."""
    edges = [0, *cuts, len(values)]
    parts = list(pairwise(edges))
    within = sum(_spread(values[first:last]) for first, last in parts)
    gains = [
        (gain, cut)
        for first, last in parts
        for gain, cut in _gains(values[first:last], first, least)
    ]
    if not gains:
        return None
    gain, cut = gains[first_maximum([gain for gain, _ in gains])]
    left = max(within - gain, _TINY) / max(len(values) - len(cuts) - 2, 1)
    return float(gain / left), cut


def _spread(values: FloatArray) -> float:
    return float(((values - values.mean(axis=0)) ** 2).sum())


def _gains(values: FloatArray, first: int, least: int) -> Iterator[tuple[float, int]]:
    """Yield what each split of one regime takes from its spread."""
    number = len(values)
    sums = values.cumsum(axis=0)
    for size in range(least, number - least + 1):
        before = sums[size - 1] / size
        after = (sums[-1] - sums[size - 1]) / (number - size)
        apart = float(((before - after) ** 2).sum())
        yield size * (number - size) / number * apart, first + size


def _orders(
    number: int, cuts: Sequence[int], block: int, draws: int, rng: np.random.Generator
) -> Iterator[IntArray]:
    """Yield permutations that keep each regime, and in it the order within blocks."""
    edges = [0, *cuts, number]
    for _ in track(range(draws), "permutations", total=draws):
        yield np.concatenate(
            [first + _blocks(last - first, block, rng) for first, last in pairwise(edges)]
        )


def _blocks(number: int, block: int, rng: np.random.Generator) -> IntArray:
    """Cut a circle of years into blocks, from a place drawn by chance, and shuffle them."""
    circle = np.roll(np.arange(number), int(rng.integers(number)))
    pieces = np.split(circle, range(block, number, block))
    return np.concatenate([pieces[place] for place in rng.permutation(len(pieces))])


def _regimes(shares: pd.DataFrame, cuts: Sequence[int]) -> pd.DataFrame:
    edges = [0, *cuts, len(shares)]
    rows = [
        {
            "start": shares.index[first],
            "end": shares.index[last - 1],
            "nobs": last - first,
            **shares.iloc[first:last].mean().to_dict(),
        }
        for first, last in pairwise(edges)
    ]
    return pd.DataFrame(rows)
