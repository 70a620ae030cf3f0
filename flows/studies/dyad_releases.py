"""Which release of a data set speaks for its publisher where there are several."""

import re

import pandas as pd

from flows.table import ORGANISATIONS


def latest_releases(
    table: pd.DataFrame, *, exporter: str, importer: str
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """
    Keep the latest release of each data set that states something about a pair.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table; rows of other countries stay with the release that they belong to.
    exporter, importer : str
        Alpha-3 codes, in either order.

    Returns
    -------
    tuple of DataFrame and tuple of str
        The rows of the releases that are kept, and the ids of those that are not. Data sets that
        one organisation makes in one unit, such as SIPRI's tables and its deals, are releases of
        the same thing; so are those of a country whose ids differ in the vintage only.

    Raises
    ------
    KeyError
        If a column is missing.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "exporter": "ISR", "importer": "AZE", "reporter": "SIPRI", "unit": "TIV",
    ...     "dataset": ["sipri-tiv-table@2026-03", "sipri-deal-years@2025-03"],
    ... })
    >>> kept, older = latest_releases(rows, exporter="ISR", importer="AZE")
    >>> kept["dataset"].tolist(), older
    (['sipri-tiv-table@2026-03'], ('sipri-deal-years@2025-03',))
    """
    pair = {exporter, importer}
    about = table[table["exporter"].isin(pair) & table["importer"].isin(pair)]
    kinds = about[["dataset", "reporter", "unit"]].drop_duplicates()
    last: dict[tuple[str, ...], str] = {}
    for dataset, reporter, unit in kinds.itertuples(index=False):
        source = dataset.partition("@")[0]
        family = (reporter, unit) if reporter in ORGANISATIONS else (source,)
        last[family] = max(last.get(family, dataset), dataset, key=_age)
    older = sorted(set(kinds["dataset"]) - set(last.values()))
    return table[~table["dataset"].isin(older)], tuple(older)


def _age(dataset: str) -> tuple[list[int], str]:
    """Return the numbers of a vintage, so that 10.0 follows 4.0."""
    vintage = dataset.partition("@")[2]
    return [int(number) for number in re.findall(r"\d+", vintage)], dataset
