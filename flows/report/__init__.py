"""The report: numbers, text and pages from findings, and the manifest of what was made."""

from collections.abc import Mapping

NUMBER_FORMATS: Mapping[str, str] = {
    "json": "flows.report.numbers:numbers_json",
    "tex": "flows.report.numbers:numbers_tex",
}
"""Kind of file to the function that makes it, ``function(findings) -> str``."""

REPORT_FORMATS: Mapping[str, str] = {
    "html": "flows.report.render:write_html",
    "pdf": "flows.report.render:write_pdf",
    "docx": "flows.report.render:write_docx",
}
"""Kind of page to the function of :mod:`flows.report.render` that sets it."""

APPENDIX_FILES: Mapping[str, str] = {
    "html": "index.html",
    "metadata": "metadata.json",
    "pdf": "appendix.pdf",
    "docx": "appendix.docx",
}
"""What a build makes of the text of an appendix, by what it is, to the name of the file."""

CITATION_STYLES = ("apa", "chicago", "bibtex", "csl-json", "ris")
"""How references are written: :mod:`flows.report.deposit.styles` writes them."""
