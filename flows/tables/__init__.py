"""Tables of a report as text: cells as printed, CSV, LaTeX, HTML, Markdown, Typst."""

from flows.tables.cells import format_cells, numeric_columns, table_csv
from flows.tables.html import table_html
from flows.tables.latex import escape_tex, table_tex
from flows.tables.markdown import escape_markdown, quote_attribute, table_markdown
from flows.tables.typst import escape_typst, table_typst

__all__ = [
    "escape_markdown",
    "escape_tex",
    "escape_typst",
    "format_cells",
    "numeric_columns",
    "quote_attribute",
    "table_csv",
    "table_html",
    "table_markdown",
    "table_tex",
    "table_typst",
]
