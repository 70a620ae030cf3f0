"""Tables of a report as text: cells as printed, CSV, LaTeX, HTML, Markdown, Typst."""

from flows.tables.cells import format_cells, numeric_columns, table_csv
from flows.tables.formats import (
    escape_markdown,
    escape_tex,
    escape_typst,
    quote_attribute,
    table_html,
    table_markdown,
    table_tex,
    table_typst,
)

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
