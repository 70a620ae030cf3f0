"""From findings and a text to the report: numbers as files, Markdown, PDF and HTML."""

from flows.findings import Number
from flows.report.macros import numbers_tex
from flows.report.numbers import numbers_json, read_numbers
from flows.report.render import write_html, write_pdf
from flows.report.text import render_markdown
from flows.report.typed import check_no_typed_numbers

__all__ = [
    "Number",
    "check_no_typed_numbers",
    "numbers_json",
    "numbers_tex",
    "read_numbers",
    "render_markdown",
    "write_html",
    "write_pdf",
]
