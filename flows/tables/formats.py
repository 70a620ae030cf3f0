"""A table as HTML, LaTeX, Markdown or Typst."""

import re
from collections.abc import Iterable
from html import escape

from flows.canonical import MINUS
from flows.findings import Table
from flows.safe_text import one_line, show_controls
from flows.tables.cells import Markup, format_cells, format_inline, numeric_columns


def escape_html(text: str) -> str:
    """Return plain text so that a browser shows it as it is."""
    return escape(show_controls(text))


_HTML = Markup(
    escape=escape_html,
    emphasis="<em>{}</em>",
    strong="<strong>{}</strong>",
    code="<code>{}</code>",
    link='<a href="{address}">{text}</a>',
)

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{id}</title>
<style>
body {{ margin: 2rem; font-family: Georgia, serif; color: #222; background: #fff; }}
table {{ border-collapse: collapse; border-block: 1.5px solid; }}
caption {{ text-align: left; padding-bottom: 0.5rem; }}
th, td {{ padding: 0.25rem 0.75rem; text-align: left; vertical-align: top; }}
thead th {{ border-bottom: 1px solid; vertical-align: bottom; }}
.numeric {{ text-align: right; font-variant-numeric: lining-nums tabular-nums; }}
.note {{ font-size: 0.85rem; max-width: 45rem; }}
</style>
</head>
<body>
{part}</body>
</html>
"""

_PART = """<table id="{id}">
<caption>{caption}</caption>
<thead>
{head}
</thead>
<tbody>
{body}
</tbody>
</table>
<p class="note">{note}</p>
"""

_TEX_SPECIAL = {
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
_TEX_CHARACTER = re.compile("[" + re.escape("".join(_TEX_SPECIAL)) + "]")

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

_MARKDOWN_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|~^$@!&]")

_BEGINS_A_BLOCK = re.compile(
    r"\A(?P<before>\s*(?:(?:\d+|[a-z]|[ivxlcdm]+)(?=[.)](?:\s|\Z))|(?=[-+:=%(])))(?P<sign>[-+:=%(.)])",
    re.IGNORECASE,
)
"""What makes the first words of a line an item, a heading, a block or the head of a text."""

_SPACE = re.compile(r"[ \t\r\n\f\v]+")

_TYPST_SPECIAL = re.compile(r"[\\#$*_`<>@\[\]~=+/\-\"']|(?<=\d)\.(?=\s)|\.(?=\.)")
"""Markup, comments, smart quotes and dots, and the point that makes a number the item of a list."""

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


def table_html(table: Table) -> str:
    """Return a table as one complete HTML page without scripts."""
    return _PAGE.format(id=escape_html(table.id), part=table_part(table))


def table_part(table: Table) -> str:
    """Return a table as a part of an HTML page: caption, cells, note."""
    cells = format_cells(table)
    numeric = numeric_columns(table)
    kinds = [' class="numeric"' if column in numeric else "" for column in cells.columns]
    rows = cells.itertuples(index=False, name=None)
    return _PART.format(
        id=escape_html(table.id),
        caption=format_inline(table.caption, _HTML),
        head=_html_row("th", [f' scope="col"{kind}' for kind in kinds], table.labels.values()),
        body="\n".join(_html_row("td", kinds, row) for row in rows),
        note=format_inline(table.note, _HTML),
    )


def table_in_notebook(table: Table) -> str:
    """Return the part of a page with its alignment in it: a notebook's own style is another."""
    flush_left = ' style="text-align: left"'
    return (
        table_part(table)
        .replace("<caption>", f"<caption{flush_left}>")
        .replace('<th scope="col">', f'<th scope="col"{flush_left}>')
        .replace("<td>", f"<td{flush_left}>")
    )


def _html_row(tag: str, attributes: list[str], cells: Iterable[str]) -> str:
    inner = (
        f"<{tag}{attribute}>{escape_html(cell)}</{tag}>"
        for attribute, cell in zip(attributes, cells, strict=True)
    )
    return f"<tr>{''.join(inner)}</tr>"


def _in_one_line(text: str) -> str:
    """Return a text without ends of lines; spaces that keep words together stay."""
    return show_controls(_SPACE.sub(" ", text))


def escape_tex(text: str) -> str:
    """Return plain text so that LaTeX prints it as it is."""
    return _TEX_CHARACTER.sub(lambda match: _TEX_SPECIAL[match[0]], _in_one_line(text))


_TEX = Markup(
    escape=escape_tex,
    emphasis=r"\emph{{{}}}",
    strong=r"\textbf{{{}}}",
    code=r"\texttt{{{}}}",
    link=r"{text} (\texttt{{{address}}})",
)


def table_tex(table: Table) -> str:
    """Return a table as a LaTeX float with caption, label ``tab:<id>`` and note."""
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


def escape_markdown(text: str) -> str:
    """Return plain text so that Pandoc prints it as it is, also at the beginning of a line."""
    escaped = _MARKDOWN_SPECIAL.sub(r"\\\g<0>", _in_one_line(text))
    return _BEGINS_A_BLOCK.sub(r"\g<before>\\\g<sign>", escaped)


def quote_attribute(text: str) -> str:
    """Return plain text as the value of an attribute in Pandoc's Markdown."""
    return '"' + re.sub(r'[\\"]|&(?=[#\w]+;)', r"\\\g<0>", one_line(text)) + '"'


def table_markdown(table: Table) -> str:
    """Return the body of a table as a pipe table, without caption and note."""
    cells = format_cells(table)
    numeric = numeric_columns(table)
    rows = [
        [escape_markdown(label) for label in table.labels.values()],
        ["---:" if column in numeric else ":---" for column in cells.columns],
        *([escape_markdown(cell) for cell in row] for row in cells.itertuples(index=False)),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def escape_typst(text: str) -> str:
    """Return plain text so that Typst prints it as it is."""
    return _TYPST_SPECIAL.sub(r"\\\g<0>", _in_one_line(text))


_TYPST = Markup(
    escape=escape_typst,
    emphasis="#emph[{}]",
    strong="#strong[{}]",
    code='#text(font: "DejaVu Sans Mono", size: 0.8em)[{}]',
    link="{text} ({address})",
)


def table_typst(table: Table) -> str:
    """Return a table as a Typst figure with caption, label ``tab-<id>`` and note."""
    cells = format_cells(table)
    numeric = numeric_columns(table)
    rows = cells.itertuples(index=False, name=None)
    return _FIGURE.format(
        id=table.id,
        caption=format_inline(table.caption, _TYPST),
        count=len(cells.columns),
        alignment="".join("right, " if name in numeric else "left, " for name in cells.columns),
        head=_typst_row(table.labels.values()),
        body="\n".join(f"    {_typst_row(row)}," for row in rows),
        note=format_inline(table.note, _TYPST),
    )


def _typst_row(cells: Iterable[str]) -> str:
    return ", ".join(f"[{escape_typst(cell)}]" for cell in cells)
