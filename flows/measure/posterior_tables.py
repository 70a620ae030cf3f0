"""Tables of a bootstrap over deals: every supplier and every index with its interval."""

import math
from collections.abc import Callable, Iterable, Mapping

import pandas as pd

from flows.measure.indices import concentration_ratio, effective_number, entropy, herfindahl
from flows.measure.posterior_draws import FloatArray, draw_indices, draw_ranks, equal_tails
from flows.measure.ranks import are_named, rank_suppliers

_INDICES: Mapping[str, Callable[[Iterable[float]], float]] = {
    "hhi": herfindahl,
    "effective_number": effective_number,
    "cr1": lambda amounts: concentration_ratio(amounts, 1),
    "cr3": lambda amounts: concentration_ratio(amounts, 3),
    "entropy": entropy,
}


def supplier_table(amounts: pd.Series, drawn: FloatArray, *, level: float) -> pd.DataFrame:
    """
    Return share and rank of every supplier, each with its interval.

    Parameters
    ----------
    amounts : pandas.Series
        What each supplier delivered, index of alpha-3 codes.
    drawn : numpy.ndarray
        Shares in every draw, shape ``(draws, suppliers)``, suppliers in the order of ``amounts``.
    level : float
        Part of the draws inside the intervals.

    Returns
    -------
    pandas.DataFrame
        Columns ``supplier``, ``value``, ``share``, ``low``, ``high``, ``prob_largest``, ``rank``,
        ``rank_low``, ``rank_high``, the largest supplier first. The last four are missing for
        suppliers that the source cannot name.

    Raises
    ------
    ValueError
        If the level is not between 0 and 1, or there are too few draws for it.

    Examples
    --------
    >>> import numpy as np
    >>> drawn = np.tile([[0.7, 0.3], [0.4, 0.6]], (40, 1))
    >>> found = supplier_table(pd.Series({"ISR": 6.0, "RUS": 4.0}), drawn, level=0.9)
    >>> found[["supplier", "prob_largest", "rank_high"]].to_numpy().tolist()
    [['ISR', 0.5, 2], ['RUS', 0.5, 2]]
    """
    named = are_named(amounts.index)
    low, high = equal_tails(drawn, level=level)
    ranks = draw_ranks(drawn[:, named])
    rank_low, rank_high = equal_tails(ranks, level=level)
    first = ranks == 1
    chances = (first / first.sum(axis=1, keepdims=True)).mean(axis=0)
    codes = amounts.index[named]
    table = pd.DataFrame(
        {
            "value": amounts,
            "share": amounts / math.fsum(amounts),
            "low": pd.Series(low, index=amounts.index),
            "high": pd.Series(high, index=amounts.index),
            "prob_largest": pd.Series(chances, index=codes),
            "rank": rank_suppliers(amounts),
            "rank_low": pd.Series(rank_low, index=codes, dtype="Int64"),
            "rank_high": pd.Series(rank_high, index=codes, dtype="Int64"),
        }
    )
    named_columns = table.rename_axis("supplier").reset_index()
    return named_columns.sort_values(
        ["value", "supplier"], ascending=[False, True], ignore_index=True
    )


def index_table(amounts: pd.Series, drawn: FloatArray, *, level: float) -> pd.DataFrame:
    """
    Return every index of concentration with its interval.

    Parameters
    ----------
    amounts, drawn, level
        As for :func:`supplier_table`.

    Returns
    -------
    pandas.DataFrame
        Columns ``measure`` (``hhi``, ``effective_number``, ``cr1``, ``cr3``, ``entropy``),
        ``value``, ``low``, ``high``.

    Raises
    ------
    ValueError
        As :func:`supplier_table`.

    Examples
    --------
    >>> import numpy as np
    >>> drawn = np.tile([[0.5, 0.5], [1.0, 0.0]], (40, 1))
    >>> index_table(pd.Series({"ISR": 3.0, "RUS": 1.0}), drawn, level=0.9).to_numpy()[0, 1:]
    array([0.625, 0.5, 1.0], dtype=object)
    """
    ends = {name: equal_tails(one, level=level) for name, one in draw_indices(drawn).items()}
    return pd.DataFrame(
        [
            {"measure": name, "value": index(amounts), "low": float(low), "high": float(high)}
            for name, index in _INDICES.items()
            for low, high in [ends[name]]
        ]
    )
