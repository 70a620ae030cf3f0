"""A table for a LaTeX document that loads booktabs."""

import re

from flows.findings import MINUS, Table
from flows.tables.cells import format_cells, numeric_columns
from flows.tables.inline import Markup, format_inline

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    MINUS: r"\ensuremath{-}",
    "\N{NO-BREAK SPACE}": "~",
    "\N{EN DASH}": "--",
}
_SPECIAL_CHARACTER = re.compile("[" + re.escape("".join(_SPECIAL)) + "]")


def escape_tex(text: str) -> str:
    r"""
    Return plain text so that LaTeX prints it as it is.

    Parameters
    ----------
    text : str
        In UTF-8; letters with accents stay as they are, as LaTeX reads them today.

    Returns
    -------
    str
        Safe in text, in an argument and in a table's cell.

    Examples
    --------
    >>> print(escape_tex("R&D_share < 5 %"))
    R\&D\_share \textless{} 5 \%
    """
    return _SPECIAL_CHARACTER.sub(lambda match: _SPECIAL[match[0]], text)


_TEX = Markup(
    escape=escape_tex,
    emphasis=r"\emph{{{}}}",
    strong=r"\textbf{{{}}}",
    code=r"\texttt{{{}}}",
    link=r"{text} (\texttt{{{address}}})",
)

_FLOAT = r"""\begin{{table}}[htbp]
  \centering
  \caption{{{caption}}}
  \label{{tab:{id}}}
  \begin{{tabular}}{{{alignment}}}
    \toprule
    {head} \\
    \midrule
{body}
    \bottomrule
  \end{{tabular}}

  \medskip
  \begin{{minipage}}{{\linewidth}}\footnotesize {note}\end{{minipage}}
\end{{table}}
"""


def table_tex(table: Table) -> str:
    r"""
    Return a table as a LaTeX float with caption, label ``tab:<id>`` and note.

    Parameters
    ----------
    table : Table
        Any.

    Returns
    -------
    str
        For a document with ``\usepackage{booktabs}``; numbers are flush right, all text is escaped.

    Raises
    ------
    ReportError
        As :func:`flows.tables.format_cells`.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"supplier": ["ISR"], "change": [-1.5]})
    >>> labels = {"supplier": "Supplier", "change": "Change, %"}
    >>> tex = table_tex(Table("changes", frame, labels, {"change": ".1f"}, "Changes", "Note", {}))
    >>> print("\n".join(tex.splitlines()[4:10]))
      \begin{tabular}{lr}
        \toprule
        Supplier & Change, \% \\
        \midrule
        ISR & \ensuremath{-}1.5 \\
        \bottomrule
    """
    cells = format_cells(table)
    numeric = numeric_columns(table)
    return _FLOAT.format(
        caption=format_inline(table.caption, _TEX),
        id=table.id,
        alignment="".join("r" if column in numeric else "l" for column in cells.columns),
        head=" & ".join(escape_tex(label) for label in table.labels.values()),
        body="\n".join(
            f"    {' & '.join(escape_tex(cell) for cell in row)} \\\\"
            for row in cells.itertuples(index=False, name=None)
        ),
        note=format_inline(table.note, _TEX),
    )
