"""
Tables of a report as text: cells as printed, CSV, LaTeX, HTML, Markdown, Typst.

Modules of this package load pandas; the package itself does not, so that a plan can name the files
of a table at no cost.
"""

from collections.abc import Mapping

TABLE_FORMATS: Mapping[str, str] = {
    "csv": "flows.tables.cells:table_csv",
    "tex": "flows.tables.formats:table_tex",
    "html": "flows.tables.formats:table_html",
    "typ": "flows.tables.formats:table_typst",
}
"""Kind of file to the function that makes it, ``function(table) -> str``."""
