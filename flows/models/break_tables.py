"""Published distributions of break tests: critical values and p-values, beside their papers."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from flows.models.sample import FloatArray

Statistic = Literal["supF", "supF next", "UDmax", "WDmax"]

TRIMS = (0.05, 0.10, 0.15, 0.20, 0.25)
"""Shares of the sample that Bai and Perron tabulate as the shortest regime."""

_WIDEST, _NARROWEST, _STEP = 0.49, 0.01, 0.02
_HALF = 0.5
_FAR = 1e6


def bai_perron_critical_values(
    statistic: Statistic, *, trim: float, coefficients: int, breaks: int = 0
) -> Mapping[float, float]:
    """
    Return the critical values of a test for several breaks.

    Parameters
    ----------
    statistic : {"supF", "supF next", "UDmax", "WDmax"}
        ``"supF"`` of a given number of breaks against none, ``"supF next"`` of one more than
        ``breaks - 1``, and the two maxima over numbers of breaks.
    trim : float
        Shortest regime as a share of the sample; the nearest tabulated share is read.
    coefficients : int
        Number of coefficients that change, 1 to 10.
    breaks : int
        Number of breaks under the alternative; 0 for the maxima.

    Returns
    -------
    Mapping
        Critical value by significance; empty where the paper has none.

    Raises
    ------
    ValueError
        If ``statistic`` is unknown.

    References
    ----------
    .. [1] Bai, J. and Perron, P. (2003). Critical values for multiple structural change tests.
       Econometrics Journal 6 (1), 72-78.

    Examples
    --------
    >>> dict(bai_perron_critical_values("supF", trim=0.15, coefficients=1, breaks=1))
    {0.1: 7.04, 0.05: 8.58, 0.025: 10.18, 0.01: 12.29}
    """
    table = _table("bai_perron_2003.csv")
    if statistic not in set(table["statistic"]):
        raise ValueError(f"expected a statistic of Bai and Perron, found {statistic!r}")
    nearest = min(TRIMS, key=lambda tabulated: abs(tabulated - trim))
    rows = table[
        (table["statistic"] == statistic)
        & (table["trim"] == nearest)
        & (table["coefficients"] == coefficients)
        & (table["breaks"] == breaks)
    ]
    return dict(zip(rows["significance"].to_list(), rows["value"].to_list(), strict=True))


def hansen_pvalue(
    statistic: float, *, name: Literal["supF", "aveF", "expF"], coefficients: int, trim: float
) -> float:
    """
    Return the asymptotic p-value of a test for one break at an unknown date.

    Parameters
    ----------
    statistic : float
        The statistic in the scale of a Wald test (F times the number of coefficients).
    name : {"supF", "aveF", "expF"}
        Which functional of the F statistics.
    coefficients : int
        Number of coefficients that change.
    trim : float
        Share of the sample left out at each end; 0.5 is a known date.

    Returns
    -------
    float
        P-value, never larger for a larger statistic; NaN beyond 20 coefficients for ``"supF"`` and
        5 for the others.

    Raises
    ------
    ValueError
        If ``trim`` is not between 0 and 0.5, or ``name`` is unknown.

    Notes
    -----
    The p-value is that of a chi-squared variable at a polynomial of the statistic. Polynomials of
    ``"aveF"`` and ``"expF"`` turn down far beyond the statistics that they were fitted to, where
    the p-value would rise again to one. From there on the smallest p-value reached is returned,
    which is 0.0006 or less: read it as "at most".

    References
    ----------
    .. [1] Hansen, B. E. (1997). Approximate asymptotic p-values for structural-change tests.
       Journal of Business & Economic Statistics 15 (1), 60-67.

    Examples
    --------
    >>> round(hansen_pvalue(8.68, name="supF", coefficients=1, trim=0.15), 2)
    0.05
    """
    if not 0 < trim <= _HALF:
        raise ValueError(f"expected a trim between 0 and 0.5, found {trim}")
    table = _table("hansen_1997.csv")
    if name not in set(table["statistic"]):
        raise ValueError(f"expected a statistic of Hansen, found {name!r}")
    known_date = float(stats.chi2.sf(statistic, coefficients))
    if trim == _HALF:
        return known_date
    terms, df, turns = _polynomials(name, coefficients)
    if df.size == 0:
        return np.nan
    rising = np.minimum(statistic, turns)
    transformed = np.sum(terms * rising[:, None] ** np.arange(terms.shape[1]), axis=1)
    ladder = stats.chi2.sf(np.maximum(transformed, 0.0), df)
    return _between(np.asarray(ladder), trim, known_date)


@cache
def _polynomials(name: str, coefficients: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return polynomials from trim 0.49 to 0.01, degrees of freedom, and where each turns down."""
    # The coefficients are those of Hansen's (1997) tables, copied from R's strucchange 1.5-3.
    table = _table("hansen_1997.csv")
    rows = table[(table["statistic"] == name) & (table["coefficients"] == coefficients)]
    terms = rows[["constant", "linear", "square", "cube"]].to_numpy()
    slopes = [np.polynomial.Polynomial(row).deriv().roots() for row in terms]
    peaks = [roots.real[(roots.imag == 0) & (roots.real > 0)] for roots in slopes]
    turns = np.array([min([_FAR, *found]) for found in peaks])
    return terms, rows["df"].to_numpy(), turns


def _between(ladder: FloatArray, trim: float, known_date: float) -> float:
    """Interpolate p-values that are tabulated from the trim 0.49 down to 0.01."""
    if trim >= _WIDEST:
        share = (trim - _WIDEST) / (_HALF - _WIDEST)
        return float(share * known_date + (1 - share) * ladder[0])
    place = (_WIDEST - max(trim, _NARROWEST)) / _STEP
    return float(np.interp(place, np.arange(len(ladder)), ladder))


@cache
def _table(name: str) -> pd.DataFrame:
    with files("flows.models").joinpath("critical_values", name).open(encoding="utf-8") as file:
        return pd.read_csv(file)
