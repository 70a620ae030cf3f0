"""Changes of the records: by whom, under which name and on which terms a flow is stated."""

from itertools import pairwise

import pandas as pd

from flows.errors import SchemaError

_WATCHED = {
    "dataset": ("vintage", "data set"),
    "classification": ("classification", "classification"),
    "reporter": ("reporter", "reporter"),
    "partner_name": ("reporter", "name of the partner"),
    "partner_basis": ("basis", "partner basis"),
    "valuation": ("basis", "valuation"),
    "coverage": ("basis", "coverage"),
    "span": ("calendar", "periods"),
}
"""Column to the kind of change, as :data:`flows.models.coincidence.RECORD_KINDS`, and its name."""

_MONTH_DAYS = 31


def record_changes(rows: pd.DataFrame) -> pd.DataFrame:
    """
    Find the days from which one flow is recorded otherwise than before.

    A change of value on such a day may have happened in the statistics and not in the world.

    Parameters
    ----------
    rows : pandas.DataFrame
        Flow table with the statements of one flow; a column ``partner_name`` is looked at where
        the loader gives one.

    Returns
    -------
    pandas.DataFrame
        Columns ``date`` (first day of the first period that is recorded in the new way), ``name``
        (what changed, from what to what) and ``kind``; in the order of time.

    Raises
    ------
    SchemaError
        If there is no row.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "start": pd.to_datetime(["2022-01-01", "2023-01-01"]),
    ...     "end": pd.to_datetime(["2022-12-31", "2023-12-31"]),
    ...     "valuation": ["CIF", "FOB"],
    ... })
    >>> record_changes(rows)[["name", "kind"]].to_numpy().tolist()
    [['valuation: CIF to FOB', 'basis']]
    """
    if rows.empty:
        raise SchemaError("expected statements of a flow, found none")
    watched = rows.assign(span=_spans(rows))
    found = []
    for column, (kind, called) in _WATCHED.items():
        if column in watched:
            stated = watched.dropna(subset=[column]).groupby("start", sort=True)[column]
            words = stated.agg(lambda values: ", ".join(sorted(set(values))) or "not stated")
            found += [
                (date, f"{called}: {before} to {after}", kind)
                for (_, before), (date, after) in pairwise(words.items())
                if before != after
            ]
    changes = pd.DataFrame(found, columns=["date", "name", "kind"])
    return changes.astype({"date": "datetime64[s]"}).sort_values("date", ignore_index=True)


def _spans(rows: pd.DataFrame) -> pd.Series:
    """Return what each row is about: a month, a calendar year, or a year of another calendar."""
    month = (rows["end"] - rows["start"]).dt.days < _MONTH_DAYS
    january = (rows["start"].dt.month == 1) & (rows["start"].dt.day == 1)
    words = pd.Series("years of another calendar", index=rows.index)
    return words.mask(january, "calendar years").mask(month, "months")
