"""A table for a Typst document."""

import re
from collections.abc import Iterable

from flows.findings import Table
from flows.tables.cells import format_cells, numeric_columns
from flows.tables.inline import Markup, format_inline

_SPECIAL = re.compile(r"[\\#$*_`<>@\[\]~=+/\-\"']|(?<=\d)\.(?=\s)")
"""Markup, comments and smart quotes, and the point that makes a number the item of a list."""


def escape_typst(text: str) -> str:
    r"""
    Return plain text so that Typst prints it as it is.

    Parameters
    ----------
    text : str
        In UTF-8.

    Returns
    -------
    str
        Safe inside a content block.

    Examples
    --------
    >>> print(escape_typst("#1 of R&D_share [5 $]"))
    \#1 of R&D\_share \[5 \$\]
    """
    return _SPECIAL.sub(r"\\\g<0>", text)


_TYPST = Markup(
    escape=escape_typst,
    emphasis="#emph[{}]",
    strong="#strong[{}]",
    code='#text(font: "DejaVu Sans Mono", size: 0.8em)[{}]',
    link="{text} ({address})",
)

_FIGURE = """#figure(
  kind: table,
  caption: figure.caption(position: top)[{caption}],
  table(
    columns: {count},
    align: ({alignment}),
    stroke: none,
    table.hline(),
    table.header({head}),
    table.hline(stroke: 0.5pt),
{body}
    table.hline(),
  ),
) <tab-{id}>
#text(size: 0.85em)[{note}]
"""


def table_typst(table: Table) -> str:
    """
    Return a table as a Typst figure with caption, label ``tab-<id>`` and note.

    Parameters
    ----------
    table : Table
        Any.

    Returns
    -------
    str
        Numbers are flush right, all text is escaped.

    Raises
    ------
    ReportError
        As :func:`flows.tables.format_cells`.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"supplier": ["ISR"], "change": [-1.5]})
    >>> labels = {"supplier": "Supplier", "change": "Change, %"}
    >>> typst = table_typst(
    ...     Table("changes", frame, labels, {"change": ".1f"}, "Changes", "Note", {})
    ... )
    >>> [line.strip() for line in typst.splitlines() if "ISR" in line]
    ['[ISR], [−1.5],']
    """
    cells = format_cells(table)
    numeric = numeric_columns(table)
    rows = cells.itertuples(index=False, name=None)
    return _FIGURE.format(
        id=table.id,
        caption=format_inline(table.caption, _TYPST),
        count=len(cells.columns),
        alignment="".join("right, " if one in numeric else "left, " for one in cells.columns),
        head=_row(table.labels.values()),
        body="\n".join(f"    {_row(row)}," for row in rows),
        note=format_inline(table.note, _TYPST),
    )


def _row(cells: Iterable[str]) -> str:
    return ", ".join(f"[{escape_typst(cell)}]" for cell in cells)
