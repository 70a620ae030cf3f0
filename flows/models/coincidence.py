"""In the world or in the statistics: breaks beside dated events and changes of the records."""

import pandas as pd

from flows.errors import PeriodError

EVENT_COLUMNS = ("date", "name", "kind")
RECORD_KINDS = ("vintage", "classification", "reporter", "basis", "calendar")
"""Kinds of event that happen to the records and not to the goods."""


def mark_breaks(breaks: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """
    Name the events that lie within the interval of each break.

    Parameters
    ----------
    breaks : pandas.DataFrame
        As :meth:`flows.models.break_fit.BreakFit.conf_int` returns it: index of periods, columns
        ``low`` and ``high``.
    events : pandas.DataFrame
        Columns ``date`` (a day), ``name``, and ``kind``: one of :data:`RECORD_KINDS`, or anything
        else for what happened in the world.

    Returns
    -------
    pandas.DataFrame
        Columns ``world``, ``records`` (names, joined by semicolons) and ``verdict``:
        ``"statistics"`` where only the records changed, ``"world"`` where only the world did,
        ``"either"`` where both, ``"unexplained"`` where neither; one row a break.

    Raises
    ------
    ValueError
        If a column is missing.
    PeriodError
        If the breaks are not dated by calendar periods.

    Examples
    --------
    >>> index = pd.PeriodIndex(["2021"], freq="Y")
    >>> ends = pd.PeriodIndex(["2020", "2022"], freq="Y")
    >>> breaks = pd.DataFrame({"low": ends[:1], "high": ends[1:]}, index=index)
    >>> events = pd.DataFrame({"date": ["2021-01-01"], "name": ["ban"], "kind": ["policy"]})
    >>> mark_breaks(breaks, events)["verdict"].to_list()
    ['world']
    """
    missing = [name for name in EVENT_COLUMNS if name not in events.columns]
    if missing:
        raise ValueError(f"expected events with {', '.join(EVENT_COLUMNS)}, missing {missing}")
    if not isinstance(breaks.index, pd.PeriodIndex):
        raise PeriodError(
            f"expected breaks dated by periods, found an index of {breaks.index.dtype}"
        )
    dates = pd.to_datetime(events["date"])
    rows = []
    for period, low, high in breaks.itertuples(index=True, name=None):
        first = period if pd.isna(low) else low
        last = period if pd.isna(high) else high
        near = events[(dates >= first.start_time) & (dates <= last.end_time)]
        records = near["kind"].isin(RECORD_KINDS)
        rows.append(_row(near.loc[~records, "name"], near.loc[records, "name"]))
    return pd.DataFrame(rows, columns=["world", "records", "verdict"], index=breaks.index)


def _row(world: pd.Series, records: pd.Series) -> tuple[str, str, str]:
    verdicts = {
        (True, True): "either",
        (True, False): "world",
        (False, True): "statistics",
        (False, False): "unexplained",
    }
    verdict = verdicts[bool(len(world)), bool(len(records))]
    return "; ".join(world), "; ".join(records), verdict
