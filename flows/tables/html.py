"""A table as a small page of its own, to open in a browser or paste into a text."""

from collections.abc import Iterable
from html import escape

from flows.findings import Table
from flows.tables.cells import format_cells, numeric_columns
from flows.tables.inline import Markup, format_inline

_HTML = Markup(
    escape=escape,
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
<table id="{id}">
<caption>{caption}</caption>
<thead>
{head}
</thead>
<tbody>
{body}
</tbody>
</table>
<p class="note">{note}</p>
</body>
</html>
"""


def table_html(table: Table) -> str:
    """
    Return a table as one complete HTML page without scripts.

    Parameters
    ----------
    table : Table
        Any.

    Returns
    -------
    str
        Headings have ``scope="col"``; numbers are flush right in figures of one width; all text is
        escaped.

    Raises
    ------
    ReportError
        As :func:`flows.tables.format_cells`.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"supplier": ["ISR"], "share": [67.74]})
    >>> labels = {"supplier": "Supplier", "share": "Share"}
    >>> page = table_html(Table("shares", frame, labels, {"share": ".1f"}, "Shares", "Note", {}))
    >>> [line for line in page.splitlines() if "<td" in line]
    ['<tr><td>ISR</td><td class="numeric">67.7</td></tr>']
    """
    cells = format_cells(table)
    numeric = numeric_columns(table)
    kinds = [' class="numeric"' if column in numeric else "" for column in cells.columns]
    rows = cells.itertuples(index=False, name=None)
    return _PAGE.format(
        id=escape(table.id),
        caption=format_inline(table.caption, _HTML),
        head=_row("th", [f' scope="col"{kind}' for kind in kinds], table.labels.values()),
        body="\n".join(_row("td", kinds, row) for row in rows),
        note=format_inline(table.note, _HTML),
    )


def _row(tag: str, attributes: list[str], cells: Iterable[str]) -> str:
    inner = (
        f"<{tag}{attribute}>{escape(cell)}</{tag}>"
        for attribute, cell in zip(attributes, cells, strict=True)
    )
    return f"<tr>{''.join(inner)}</tr>"
