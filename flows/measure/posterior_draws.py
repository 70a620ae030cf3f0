"""Rubin's bootstrap in numbers: shares under random weights, their quantiles, their indices."""

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_CHUNK = 1000
"""Draws at a time: all of them at once would not fit in memory for an importer of many deals."""


def draw_shares(
    values: FloatArray, groups: IntArray, *, draws: int, rng: np.random.Generator
) -> FloatArray:
    r"""
    Draw the shares of groups of units, each unit with a random weight.

    Parameters
    ----------
    values : numpy.ndarray
        Amounts of at least 0, not all 0, shape ``(units,)``.
    groups : numpy.ndarray
        Number of the group of each unit, ascending, from 0 without a gap, shape ``(units,)``.
    draws : int
        Number of draws.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    numpy.ndarray
        Shape ``(draws, groups)``; rows add up to 1.

    Raises
    ------
    ValueError
        If there are not as many groups as values, or there is no draw.

    Notes
    -----
    The weights are Dirichlet with all parameters 1. They are drawn as exponential variables, whose
    sum cancels in a share. Groups are summed in their order and not by a matrix product, whose last
    digits depend on the machine.

    References
    ----------
    .. [1] Rubin, D. B. (1981). The Bayesian bootstrap. Annals of Statistics 9 (1), 130-134.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> draw_shares(np.array([3.0, 1.0]), np.array([0, 1]), draws=2, rng=rng).sum(axis=1)
    array([1., 1.])
    """
    if len(values) != len(groups):
        raise ValueError(f"groups: expected {len(values)}, found {len(groups)}")
    if draws < 1:
        raise ValueError(f"draws: expected at least 1, found {draws}")
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    shares = np.empty((draws, len(starts)))
    for first in range(0, draws, _CHUNK):
        count = min(_CHUNK, draws - first)
        weighted = rng.standard_exponential((count, len(values))) * values
        amounts = np.add.reduceat(weighted, starts, axis=1)
        shares[first : first + count] = amounts / amounts.sum(axis=1, keepdims=True)
    return shares


def draw_ranks(shares: FloatArray) -> IntArray:
    """
    Rank the groups in every draw, the largest first; equals share the better rank.

    Parameters
    ----------
    shares : numpy.ndarray
        Shape ``(draws, groups)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(draws, groups)``.

    Examples
    --------
    >>> draw_ranks(np.array([[0.2, 0.5, 0.2, 0.1]])).tolist()
    [[2, 1, 2, 4]]
    """
    ranks = np.ones(shares.shape, dtype=np.int64)
    for group in range(shares.shape[1]):
        ranks[:, group] += (shares > shares[:, [group]]).sum(axis=1)
    return ranks


def draw_indices(shares: FloatArray) -> dict[str, FloatArray]:
    """
    Return the indices of concentration in every draw.

    Parameters
    ----------
    shares : numpy.ndarray
        Shape ``(draws, groups)``; rows add up to 1.

    Returns
    -------
    dict
        ``hhi``, ``effective_number``, ``cr1``, ``cr3`` and ``entropy``, as
        :mod:`flows.measure.indices` defines them, each of shape ``(draws,)``.

    Examples
    --------
    >>> draw_indices(np.array([[0.5, 0.5]]))["effective_number"].tolist()
    [2.0]
    """
    squares = (shares**2).sum(axis=1)
    largest_first = -np.sort(-shares, axis=1)
    logs = np.log(np.where(shares > 0, shares, 1.0))
    return {
        "hhi": squares,
        "effective_number": 1 / squares,
        "cr1": largest_first[:, 0],
        "cr3": largest_first[:, :3].sum(axis=1),
        "entropy": -(shares * logs).sum(axis=1),
    }


def equal_tails(draws: FloatArray | IntArray, *, level: float) -> tuple[FloatArray, FloatArray]:
    """
    Return the interval that leaves as much out below as above.

    Parameters
    ----------
    draws : numpy.ndarray
        Shape ``(draws,)`` or ``(draws, groups)``. Of integers both ends are integers.
    level : float
        Part of the draws inside, between 0 and 1.

    Returns
    -------
    tuple of numpy.ndarray
        Lower and upper end, shape ``()`` or ``(groups,)``.

    Raises
    ------
    ValueError
        If the level is not between 0 and 1, or there are too few draws for it.

    Examples
    --------
    >>> low, high = equal_tails(np.arange(101.0), level=0.9)
    >>> round(float(low), 6), round(float(high), 6)
    (5.0, 95.0)
    """
    if not 0 < level < 1:
        raise ValueError(f"level: expected between 0 and 1, found {level}")
    tail = (1 - level) / 2
    if len(draws) * tail < 1:
        raise ValueError(
            f"draws: expected one or more outside each end at level {level}, found {len(draws)} "
            "draws in all"
        )
    whole = np.issubdtype(draws.dtype, np.integer)
    low, high = np.quantile(
        draws, [tail, 1 - tail], axis=0, method="inverted_cdf" if whole else "linear"
    )
    return low, high
