"""Seasons of months and quarters as regressors that add up to zero over a year."""

from typing import Literal, get_args

import numpy as np

from flows.errors import SampleError
from flows.models.sample import FloatArray, IntArray, Sample

Season = Literal["none", "dummies", "harmonics"]


def seasonal_terms(sample: Sample, season: Season) -> tuple[tuple[str, ...], FloatArray]:
    """
    Return regressors for the season of each observation.

    Parameters
    ----------
    sample : Sample
        Monthly or quarterly observations.
    season : {"none", "dummies", "harmonics"}
        No regressors; one effect a season, measured from the average season; or the first annual
        wave and its half-year overtone, which spend fewer coefficients.

    Returns
    -------
    names : tuple of str
        One a regressor.
    terms : numpy.ndarray
        Shape ``(nobs, len(names))``; each adds up to zero over a year, so that the constant is the
        level of an average season.

    Raises
    ------
    ValueError
        If ``season`` is unknown.
    SampleError
        If the observations are annual, or a season is never observed.

    Examples
    --------
    >>> import pandas as pd
    >>> from flows.models.sample import check_series
    >>> quarters = pd.period_range("2019Q1", periods=4, freq="Q")
    >>> sample = check_series(pd.Series([1.0, 2.0, 3.0, 4.0], index=quarters), at_least=4)
    >>> seasonal_terms(sample, "dummies")[1]
    array([[ 1.,  0.,  0.],
           [ 0.,  1.,  0.],
           [ 0.,  0.,  1.],
           [-1., -1., -1.]])
    """
    if season not in get_args(Season):
        raise ValueError(
            f"expected season to be one of {', '.join(get_args(Season))}, found {season!r}"
        )
    if season == "none":
        return (), np.empty((sample.nobs, 0))
    seasons = sample.periods_per_year
    if seasons == 1:
        raise SampleError(
            "expected months or quarters for a season, found years; use season='none'"
        )
    place = sample.steps % seasons
    if season == "harmonics":
        return _waves(place, seasons)
    if len(np.unique(place)) < seasons:
        raise SampleError(
            f"expected each of {seasons} seasons to be observed, found {len(np.unique(place))}; "
            "use season='harmonics' or 'none'"
        )
    terms = np.eye(seasons)[:, :-1]
    terms[-1] = -1
    return tuple(f"season_{i + 1}" for i in range(seasons - 1)), terms[place]


def _waves(place: IntArray, seasons: int) -> tuple[tuple[str, ...], FloatArray]:
    columns = {}
    for wave in (1, 2):
        angle = 2 * np.pi * wave * place / seasons
        columns[f"cos_{wave}"] = np.cos(angle)
        if 2 * wave < seasons:
            columns[f"sin_{wave}"] = np.sin(angle)
    return tuple(columns), np.column_stack(list(columns.values()))
