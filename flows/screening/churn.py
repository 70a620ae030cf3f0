"""How lasting a mark is: of what is marked in one year, how much is marked some years later."""

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import pandas as pd

Marks = npt.NDArray[np.int8]
"""Shape ``(series, years)``: one of the four below."""

UNKNOWN, NO, YES, ABSENT = -1, 0, 1, 2
"""Not known; not marked; marked; nothing there that could be marked, which is not marked either."""

_STATES = ("not dependent", "dependent")


class Grid:
    """
    The years of every importer and product, as marks.

    ``cells``: one row an importer, product and year; ``years``: all of them; ``reported``: the
    importers and years of which imports are known: without a cell, there were none.
    """

    def __init__(self, cells: pd.DataFrame, years: range, *, reported: pd.DataFrame) -> None:
        self._series, series = pd.factorize(
            pd.MultiIndex.from_frame(cells[["importer", "product"]])
        )
        self._years = cells["year"].to_numpy() - years.start
        importers, names = pd.factorize(series.get_level_values(0))
        there = np.zeros((len(names), len(years)), dtype=np.bool_)
        own = names.get_indexer(pd.Index(reported["importer"]))
        there[own[own >= 0], reported["year"].to_numpy()[own >= 0] - years.start] = True
        self._empty = np.where(there[importers], ABSENT, UNKNOWN).astype(np.int8)

    def marks(self, flags: pd.Series) -> Marks:
        """Return the flags of the cells, ``boolean``, as marks."""
        marks = self._empty.copy()
        cells = flags.astype("Int8").fillna(UNKNOWN).to_numpy(dtype=np.int8)
        marks[self._series, self._years] = cells
        return marks

    def read(self, marks: Marks) -> pd.arrays.BooleanArray:
        """Return the marks of the cells as flags."""
        cells = marks[self._series, self._years]
        return pd.arrays.BooleanArray(cells == YES, cells == UNKNOWN)


def lasting(marks: Marks, *, years: int, of: int) -> Marks:
    """
    Return which are marked in so many of the last so many years, the year itself included.

    A year that is not known can decide it: then this is not known either.
    """
    known, marked = marks != UNKNOWN, marks == YES
    least, most = (_sums_of_last(which, of) for which in (marked, marked | ~known))
    before = np.arange(1, marks.shape[1] + 1)
    most += np.maximum(of - before, 0)
    return np.where(
        least >= years, YES, np.where(most < years, np.where(marks == ABSENT, ABSENT, NO), UNKNOWN)
    ).astype(np.int8)


def _sums_of_last(which: npt.NDArray[np.bool_], number: int) -> npt.NDArray[np.int64]:
    sums = np.cumsum(which, axis=1, dtype=np.int64)
    sums[:, number:] -= sums[:, :-number].copy()
    return sums


def churn(marks: Marks, years: Sequence[int], *, horizon: int, level: float) -> pd.DataFrame:
    """
    Return year by year, and for all years together, how many are marked and how many no longer.

    ``followed`` are the marked whose mark is known ``horizon`` years later.
    """
    now, later = _apart(marks, horizon)
    known, marked = (marks != UNKNOWN).sum(axis=0), (marks == YES).sum(axis=0)
    followed = (now == YES) & (later != UNKNOWN)
    gone = followed & (later != YES)
    counts = pd.DataFrame(
        {
            "year": pd.array(years, dtype="Int64"),
            "known": known,
            "dependent": marked,
            **{
                name: np.append(which.sum(axis=0), [0] * min(horizon, len(years)))
                for name, which in (
                    ("followed", followed),
                    ("gone", gone),
                    ("without_imports", gone & (later == ABSENT)),
                )
            },
        }
    )
    together = counts.sum().to_frame().T.assign(year=pd.array([pd.NA], dtype="Int64"))
    table = pd.concat([counts, together], ignore_index=True).astype(
        dict.fromkeys(counts.columns, "Int64")
    )
    return table.assign(
        horizon=horizon,
        **_named("probability", proportion(table["dependent"], table["known"], level=level)),
        **_named("gone_share", proportion(table["gone"], table["followed"], level=level)),
    )


def transitions(marks: Marks, *, horizon: int, level: float) -> pd.DataFrame:
    """Return how often each state is followed by each, ``horizon`` years later, in all years."""
    now, later = (part.ravel() for part in _apart(marks, horizon))
    known = (now != UNKNOWN) & (later != UNKNOWN)
    pairs = [
        (start, end, int((known & ((now == YES) == start) & ((later == YES) == end)).sum()))
        for start in (True, False)
        for end in (True, False)
    ]
    table = pd.DataFrame(
        {
            "horizon": horizon,
            "from": [_STATES[start] for start, _, _ in pairs],
            "to": [_STATES[end] for _, end, _ in pairs],
            "count": [count for _, _, count in pairs],
        }
    )
    starts = table.groupby("from")["count"].transform("sum")
    return table.assign(**_named("probability", proportion(table["count"], starts, level=level)))


def _apart(marks: Marks, horizon: int) -> tuple[Marks, Marks]:
    """Return the marks of years that are followed, and those so many years later."""
    followed = max(marks.shape[1] - horizon, 0)
    return marks[:, :followed], marks[:, marks.shape[1] - followed :]


def proportion(count: pd.Series, of: pd.Series, *, level: float) -> pd.DataFrame:
    r"""
    Return a proportion with Wilson's interval, as if each were independent of the others.

    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
    Journal of the American Statistical Association 22 (158), 209-212.
    """
    if not 0 < level < 1:
        raise ValueError(f"level: expected a share between 0 and 1, found {level}")
    number = of.astype("float64").where(of > 0)
    share = count.astype("float64") / number
    z = NormalDist().inv_cdf((1 + level) / 2)
    middle = (share + z**2 / (2 * number)) / (1 + z**2 / number)
    spread = share * (1 - share) / number + z**2 / (4 * number**2)
    half: pd.Series = z * spread**0.5 / (1 + z**2 / number)
    return pd.DataFrame(
        {"": share, "_low": (middle - half).clip(lower=0.0), "_high": (middle + half).clip(upper=1)}
    )


def _named(name: str, ends: pd.DataFrame) -> dict[str, pd.Series]:
    return {f"{name}{end}": ends[end] for end in ends.columns}
