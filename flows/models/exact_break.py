"""One break in a short series: every date tried, every order of the values counted."""

import itertools
import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from flows.canonical import at_least, first_maximum
from flows.errors import SampleError
from flows.models.results import HypothesisTest
from flows.models.sample import FloatArray, Sample, check_choice, check_series, check_varies
from flows.results import Card, Result, print_estimate

Direction = Literal["either", "rise", "fall"]

ENUMERATED = 8
"""Up to so many observations every order is counted: 8! = 40,320."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class ExactBreak(Result):
    """
    The date that divides a series best into two means, and how surprising that is.

    Parameters
    ----------
    break_date : object
        First period of the new regime.
    before, after : float
        Means of the two regimes, in the unit of the series.
    test : HypothesisTest
        Share of the variance that the best date takes away, largest over all dates.
    smallest : float
        Smallest p-value that values such as these can give: with few observations it may be large.
    orderings : int
        Orders that were counted.
    exact : bool
        Whether these are all there are.
    dates : pandas.DataFrame
        One row an admissible date (index): ``before``, ``after``, ``explained``.
    nobs : int
        Observations.
    """

    break_date: object
    before: float
    after: float
    test: HypothesisTest
    smallest: float
    orderings: int
    exact: bool
    dates: pd.DataFrame
    nobs: int

    @property
    def pvalue(self) -> float:
        """Share of orders that divide as well at their best date."""
        return self.test.pvalue

    def tidy(self) -> pd.DataFrame:
        """
        Return the break as a table.

        Returns
        -------
        pandas.DataFrame
            One row: ``break_date``, ``before``, ``after``, ``explained``, ``pvalue``,
            ``smallest``, ``orderings``, ``exact``, ``nobs``.
        """
        return pd.DataFrame(
            {
                "break_date": [self.break_date],
                "before": [self.before],
                "after": [self.after],
                "explained": [self.test.statistic],
                "pvalue": [self.pvalue],
                "smallest": [self.smallest],
                "orderings": [self.orderings],
                "exact": [self.exact],
                "nobs": [self.nobs],
            }
        )

    def _card(self) -> Card:
        return Card(
            title=f"of the mean at {self.break_date}",
            facts=(
                ("mean", f"{print_estimate(self.before)} to {print_estimate(self.after)}"),
                ("test", str(self.test)),
                ("smallest p", print_estimate(self.smallest)),
                ("orderings", f"{self.orderings}, {'all' if self.exact else 'at random'}"),
                ("nobs", str(self.nobs)),
            ),
        )


def find_exact_break(
    y: pd.Series,
    *,
    direction: Direction = "either",
    shortest: int = 2,
    draws: int | None = None,
    rng: np.random.Generator | int | None = None,
) -> ExactBreak:
    r"""
    Find the date at which the mean of a short series changes, with an exact p-value.

    Parameters
    ----------
    y : pandas.Series
        Values in one unit, index of periods as for :func:`flows.fit_trend`, shape
        ``(nobs,)``; order and gaps do not matter.
    direction : {"either", "rise", "fall"}
        Which change counts. One direction only if it was known before the values were seen.
    shortest : int
        Fewest observations of a regime; one alone cannot be told from an outlier.
    draws : int, optional
        Random orders, demanded where there are more than 8 observations.
    rng : numpy.random.Generator or int, optional
        Source of chance, or its seed; demanded with ``draws``.

    Returns
    -------
    ExactBreak
        Break date, means, and the p-value of the largest statistic over all dates: no correction
        for the number of dates is needed, since every order had the same choice of dates.

    Raises
    ------
    PeriodError
        If the index holds no periods, periods of several frequencies, or one period twice.
    SampleError
        If there is no room for two regimes, or all values are the same.
    ValueError
        If ``direction`` is unknown, ``shortest`` is below 1, or ``draws`` and ``rng`` do not fit
        the number of observations.

    Notes
    -----
    The statistic is :math:`\max_k \frac{n}{k (n - k)} S_k^2 / \sum_t (y_t - \bar y)^2` with
    :math:`S_k = \sum_{t \le k} (y_t - \bar y)`, the largest share of the variance between two
    regimes; it rises with the largest F statistic. Under the null the values are exchangeable,
    every order as likely as any other: no distribution is assumed, but values that depend on
    their neighbours, or a trend, violate it and make small p-values too frequent. Asymptotic
    tests such as supF need dozens of observations.

    References
    ----------
    .. [1] Pitman, E. J. G. (1937). Significance tests which may be applied to samples from any
       populations. Supplement to the Journal of the Royal Statistical Society 4 (1), 119-130.
    .. [2] Phipson, B. and Smyth, G. K. (2010). Permutation p-values should never be zero.
       Statistical Applications in Genetics and Molecular Biology 9 (1), article 39.

    Examples
    --------
    The three smallest of seven come first: 2 in 35 choices of three are as extreme.

    >>> y = pd.Series([1.0, 2.0, 3.0, 14.0, 15.0, 16.0, 17.0], index=range(2011, 2018))
    >>> found = find_exact_break(y)
    >>> found.break_date, round(found.pvalue * 35, 9), found.orderings
    (2014, 2.0, 5040)
    """
    check_choice("direction", direction, get_args(Direction))
    if shortest < 1:
        raise ValueError(f"expected shortest to be 1 observation or more, found {shortest}")
    sample = check_series(y, at_least=2)
    check_varies(sample)
    if sample.nobs < 2 * shortest:
        raise SampleError(
            f"expected at least {2 * shortest} observations for two regimes of {shortest}, "
            f"found {sample.nobs}"
        )
    orders, exact = _orders(sample.nobs, draws, rng)
    centred = sample.observed - sample.observed.mean()
    largest = _explained(centred[orders], direction, shortest).max(axis=1)
    sorted_both_ways = np.sort(centred)[np.array([range(sample.nobs), range(sample.nobs)[::-1]])]
    most = float(_explained(sorted_both_ways, direction, shortest).max())
    dates = _dates(sample, _explained(centred[None, :], direction, shortest)[0], shortest)
    best = dates.iloc[first_maximum(dates["explained"])]
    return ExactBreak(
        break_date=best.name,
        before=float(best["before"]),
        after=float(best["after"]),
        test=HypothesisTest(
            name=f"largest shift of the mean over all dates, {direction}",
            null="the values are exchangeable: every order is as likely",
            statistic=float(best["explained"]),
            pvalue=_pvalue(largest, float(best["explained"]), exact=exact),
        ),
        smallest=_pvalue(largest, most, exact=exact),
        orderings=len(orders),
        exact=exact,
        dates=dates,
        nobs=sample.nobs,
    )


def runs_test(y: pd.Series, *, around: float) -> HypothesisTest:
    """
    Test by their signs alone whether values above and below a level stand together.

    Wald, A. and Wolfowitz, J. (1940). On a test whether two samples are from the same
    population. Annals of Mathematical Statistics 11 (2), 147-162.
    """
    sample = check_series(y, at_least=1)
    signs = np.sign(sample.observed - around)
    signs = signs[signs != 0]
    if not len(signs):
        raise SampleError(f"expected a value above or below {around:g}, found none")
    above, below = int((signs > 0).sum()), int((signs < 0).sum())
    runs = 1 + int((np.diff(signs) != 0).sum())
    as_few = sum(_arrangements(above, below, count) for count in range(1, runs + 1))
    return HypothesisTest(
        name=f"runs above and below {around:g}",
        null="the order of the signs is random",
        statistic=float(runs),
        pvalue=as_few / math.comb(above + below, above),
    )


def _arrangements(above: int, below: int, runs: int) -> int:
    """Return in how many orders so many signs form so many runs."""
    if not above or not below:
        return int(runs == 1)
    half, odd = divmod(runs, 2)

    def ways(count: int, parts: int) -> int:
        return math.comb(count - 1, parts - 1) if parts >= 1 else 0

    if odd:
        return ways(above, half + 1) * ways(below, half) + ways(above, half) * ways(below, half + 1)
    return 2 * ways(above, half) * ways(below, half)


def _dates(sample: Sample, explained: FloatArray, shortest: int) -> pd.DataFrame:
    """Return the means on both sides of every admissible date."""
    cuts = np.arange(shortest, sample.nobs - shortest + 1)
    return pd.DataFrame(
        {
            "before": [float(sample.observed[:cut].mean()) for cut in cuts],
            "after": [float(sample.observed[cut:].mean()) for cut in cuts],
            "explained": explained,
        },
        index=sample.periods[cuts],
    )


def _orders(
    nobs: int, draws: int | None, rng: np.random.Generator | int | None
) -> tuple[np.ndarray, bool]:
    """Return the orders that are counted, and whether they are all."""
    few = nobs <= ENUMERATED
    if few != (draws is None) or few != (rng is None) or (draws is not None and draws < 1):
        raise ValueError(
            f"expected draws and rng for more than {ENUMERATED} observations, and neither for "
            f"fewer, where every order is counted; found {nobs} observations, draws={draws} and "
            f"{'no rng' if rng is None else 'rng'}"
        )
    if draws is None or rng is None:
        return np.array(list(itertools.permutations(range(nobs)))), True
    return np.random.default_rng(rng).permuted(np.tile(np.arange(nobs), (draws, 1)), axis=1), False


def _explained(centred: FloatArray, direction: Direction, shortest: int) -> FloatArray:
    """Return the share of the variance that each date explains, a row an order."""
    nobs = centred.shape[1]
    cuts = np.arange(shortest, nobs - shortest + 1)
    sums = np.cumsum(centred, axis=1)[:, cuts - 1]
    if direction != "either":
        sums = np.maximum(-sums if direction == "rise" else sums, 0.0)
    scale = nobs / (cuts * (nobs - cuts)) / float((centred[0] ** 2).sum())
    shares: FloatArray = sums**2 * scale
    return shares


def _pvalue(largest: FloatArray, observed: float, *, exact: bool) -> float:
    """Return the share of orders as extreme; the observed order is one of those that are drawn."""
    as_extreme = int(at_least(largest, observed).sum())
    return as_extreme / len(largest) if exact else (as_extreme + 1) / (len(largest) + 1)
