"""A table in Pandoc's Markdown, from which every format of the report is made."""

import re

from flows.findings import Table
from flows.tables.cells import format_cells, numeric_columns

_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|~^$@!&]")


def escape_markdown(text: str) -> str:
    r"""
    Return plain text so that Pandoc prints it as it is.

    Parameters
    ----------
    text : str
        Line breaks become blanks.

    Returns
    -------
    str
        Safe inside a paragraph, a heading or a cell.

    Examples
    --------
    >>> print(escape_markdown("5 < x_1 | y"))
    5 \< x\_1 \| y
    """
    return _SPECIAL.sub(r"\\\g<0>", " ".join(text.split("\n")))


def quote_attribute(text: str) -> str:
    r"""
    Return plain text as the value of an attribute in Pandoc's Markdown.

    Parameters
    ----------
    text : str
        Line breaks become blanks.

    Returns
    -------
    str
        With its quotation marks.

    Examples
    --------
    >>> print(quote_attribute('the "share"'))
    "the \"share\""
    """
    quoted = " ".join(text.split()).replace("\\", r"\\").replace('"', r"\"")
    return f'"{quoted}"'


def table_markdown(table: Table) -> str:
    """
    Return the body of a table as a pipe table, without caption and note.

    Parameters
    ----------
    table : Table
        Any.

    Returns
    -------
    str
        One line a row; numbers are flush right.

    Raises
    ------
    ReportError
        As :func:`flows.tables.format_cells`.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"supplier": ["ISR", "RUS"], "share": [67.74, 22.1]})
    >>> labels = {"supplier": "Supplier", "share": "Share"}
    >>> print(table_markdown(Table("shares", frame, labels, {"share": ".1f"}, "", "", {})))
    | Supplier | Share |
    | :--- | ---: |
    | ISR | 67.7 |
    | RUS | 22.1 |
    """
    cells = format_cells(table)
    numeric = numeric_columns(table)
    rows = [
        [escape_markdown(label) for label in table.labels.values()],
        ["---:" if column in numeric else ":---" for column in cells.columns],
        *([escape_markdown(cell) for cell in row] for row in cells.itertuples(index=False)),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
