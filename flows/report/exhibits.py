"""Figures and tables as blocks of Markdown with caption, number and source."""

from flows.findings import Figure, Table
from flows.report.printed import NBSP
from flows.tables import quote_attribute, table_markdown

KINDS = {"fig": "Figure", "tbl": "Table"}


def reference(kind: str, name: str, number: int) -> str:
    """
    Return a link to a figure or table of the text.

    Parameters
    ----------
    kind : {"fig", "tbl"}
        What it is.
    name : str
        Its id.
    number : int
        Its number in the text.

    Returns
    -------
    str
        Markdown.

    Examples
    --------
    >>> reference("fig", "arms-by-supplier", 2).replace(NBSP, " ")
    '[Figure 2](#fig-arms-by-supplier)'
    """
    return f"[{KINDS[kind]}{NBSP}{number}](#{kind}-{name})"


def figure_block(figure: Figure, number: int) -> str:
    """
    Return a figure with its number and caption below it.

    Parameters
    ----------
    figure : Figure
        Drawn in ``figures/<id>.svg`` and ``figures/<id>.pdf``, its source among the drawing; here
        the source is part of what a screen reader says.
    number : int
        Its number in the text.

    Returns
    -------
    str
        Markdown.

    Examples
    --------
    >>> import pandas as pd
    >>> bars = Figure("arms", "draw_bars", pd.DataFrame(), {}, "Imports by supplier", "SIPRI.", {})
    >>> print(figure_block(bars, 1).replace(NBSP, " "))
    ::: {#fig-arms .exhibit .figure}
    ![](figures/arms.svg){.inline-svg alt="SIPRI."}
    <BLANKLINE>
    ::: caption
    [Figure 1.]{.label} Imports by supplier
    :::
    :::
    """
    alt = quote_attribute(figure.source)
    image = f"![](figures/{figure.id}.svg){{.inline-svg alt={alt}}}"
    caption = _div("caption", f"{_label('fig', number)} {figure.caption}")
    return _div(f"{{#fig-{figure.id} .exhibit .figure}}", f"{image}\n\n{caption}")


def table_block(table: Table, number: int) -> str:
    """
    Return a table with its number and caption above and its note below.

    Parameters
    ----------
    table : Table
        Any.
    number : int
        Its number in the text.

    Returns
    -------
    str
        Markdown.

    Raises
    ------
    ReportError
        As :func:`flows.tables.format_cells`.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"share": [67.74]})
    >>> shares = Table("shares", frame, {"share": "Share"}, {}, "Shares", "SIPRI.", {})
    >>> table_block(shares, 1).splitlines()[0]
    '::: {#tbl-shares .exhibit .table}'
    """
    caption = _div("caption", f"{_label('tbl', number)} {table.caption}")
    note = _div("note", table.note)
    parts = f"{caption}\n\n{table_markdown(table)}\n\n{note}"
    return _div(f"{{#tbl-{table.id} .exhibit .table}}", parts)


def _div(attributes: str, content: str) -> str:
    return f"::: {attributes}\n{content}\n:::"


def _label(kind: str, number: int) -> str:
    return f"[{KINDS[kind]}{NBSP}{number}.]{{.label}}"
