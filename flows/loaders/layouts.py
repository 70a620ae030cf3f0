"""What can be loaded, for a reader who holds a file and wonders what it is."""

import pandas as pd

from flows.loaders.examples import example_path
from flows.loaders.known import LAYOUTS


def layouts() -> pd.DataFrame:
    """
    Return every layout that can be loaded.

    Returns
    -------
    pandas.DataFrame
        One row a layout: ``key`` (what ``load(..., layout=)`` takes), ``publisher``, ``content``
        (what the file holds), ``header`` (its columns, as the reader finds them in an example, in
        the order of the file and with commas between them).

    Raises
    ------
    FlowsError
        If an example cannot be read.

    Examples
    --------
    >>> layouts().set_index("key").loc["armstat", ["publisher", "content"]].tolist()
    ['Armstat', 'trade of Armenia by country and month']
    """
    rows = []
    for key, layout in LAYOUTS.items():
        publisher, _, content = layout.title.partition(", ")
        columns = layout.read(example_path(key)).rows.columns.drop("line")
        rows.append((key, publisher, content, ", ".join(columns)))
    return pd.DataFrame(rows, columns=["key", "publisher", "content", "header"])
