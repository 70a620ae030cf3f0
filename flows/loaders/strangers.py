"""What a file is whose layout is not known, and what to do with it."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from flows.errors import LayoutError
from flows.loaders.records import holds_names
from flows.loaders.text import UTF16_MARKS, is_parquet, is_zip, list_members, stream_content
from flows.loaders.workbook_parts import is_workbook

_DESCRIBE = "any table is read with a description, load(path, layout='mine.toml')"
_NAME_IT = f"if you know the layout, load(path, layout=...) says what is missing; {_DESCRIBE}"
_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype html|html|head|body|table|div)\b", re.IGNORECASE
)
_XML_BOOK = re.compile(r"office:spreadsheet|Excel\.Sheet")
_NO_DATA = re.compile(r'\s*\{\s*"(?:error|errors|message|status|statusCode|code|detail)"\s*:')
_INSTEAD_OF_PAGE = (
    "download the table itself, or, where sites save pages as .xls, open it in a spreadsheet "
    "program and save it as .xlsx"
)
_SHOWN = 60
_LINES = 40
_LOOKED_AT = 512


class Product(NamedTuple):
    """A publisher's other product: columns of its header, what it is, and what to take instead."""

    columns: tuple[str, ...]
    name: str
    instead: str = _DESCRIBE


# From the publishers' documentation and files; a product that becomes a layout leaves this list.
_PRODUCTS = (
    Product(
        ("PRODUCT_HS", "TRANSPORT_MODE", "FLOW", "PERIOD"),
        "Comext by mode of transport",
        "take COMEXT_DATA/PRODUCTS of Eurostat's bulk download: full_v2_202408.7z",
    ),
    Product(
        ("geo", "partner", "stk_flow", "indic_et", "TIME_PERIOD"),
        "Eurostat's trade by group of partners (ext_lt, ext_st)",
        "take DS-045409 or DS-059341, which have partners one by one",
    ),
    Product(
        ("Reporter Country Code", "Partner Country Code", "Element Code"),
        "FAOSTAT's trade matrix with countries by FAO's own codes",
        "download it with M49 codes, which the site offers as coding system",
    ),
    Product(
        ("Domain Code", "Area", "Element Code", "Year Code"),
        "a table of FAOSTAT that names no partner",
        "take its detailed trade matrix (domain TM)",
    ),
    Product(
        ("exporter_dynamic_code", "importer_dynamic_code", "industry_id", "trade"),
        "the International Trade and Production Database for simulation (ITPD-S)",
        "its gaps are filled by a model: take ITPD-E, which has what was reported",
    ),
    Product(
        ("statename", "stateabb", "year", "imports", "exports"),
        "national trade of the Correlates of War",
        "take the dyadic file, Dyadic_COW_4.0.csv: national totals name no partner",
    ),
    Product(
        ("iso_o", "iso_d", "year", "contig"),
        "the gravity data of Head, Mayer and Ries (until 2006)",
        "take CEPII's Gravity, which continues them",
    ),
    Product(
        ("Country Name", "Indicator Code", "Counterpart Country Code"),
        "the bulk file of the IMF's Direction of Trade (until 2025)",
        "it names countries by numbers of the IMF's own; take the same series as IMTS from "
        "data.imf.org, or describe it with the names of your countries",
    ),
    Product(
        ("Country Name", "Country Code", "Indicator Name", "Indicator Code"),
        "World Development Indicators of the World Bank",
        "they are of one country and name no partner; take WITS or UN Comtrade",
    ),
    Product(
        ("datasetCode", "period", "reporterCode", "totalRecords"),
        "the list of what UN Comtrade has",
        "ask UN Comtrade for the data themselves",
    ),
)

_BEGINNINGS: tuple[tuple[str, str, str], ...] = (
    ("\xd0\xcf\x11\xe0", "an Excel workbook of the old kind (.xls)", "save it as .xlsx or CSV"),
    ("\x1f\x8b", "an archive inside an archive", "unpack it"),
    ("PK\3\4", "an archive inside an archive", "unpack it"),
    (
        "7z\xbc\xaf\x27\x1c",
        "an archive of 7-Zip",
        "unpack it (7z x FILE) and take the table inside",
    ),
    ("%PDF", "a PDF", "take the publisher's table as CSV or .xlsx"),
    ("ARROW1", "a table in Feather", "write it as Parquet or CSV"),
    ("RDX", "objects of R", "write the table with write.csv(x, row.names = FALSE)"),
    ("SQLite format 3", "a data base of SQLite", "write its table as CSV"),
    ("\0" * 12 + "\xc2\xea\x81", "a table of SAS", "write it as CSV"),
    ("{\\rtf", "a text in RTF that is not SIPRI's register", "take SIPRI's register as CSV"),
)


def tell_apart(path: Path, beginnings: Sequence[str]) -> tuple[str, str]:
    """Return what a file is in words, and what to do, from its beginning as text."""
    text = next((beginning for beginning in reversed(beginnings) if beginning.strip()), "")
    if product := _product(text):
        return f"{product.name}, which is not read as it is", product.instead
    if not text.strip(" \n\0") and not is_open_document(path):
        return "an empty file", "download it again"
    for mark, what, instead in _BEGINNINGS:
        if text.startswith(mark):
            return what, instead
    if _XML_BOOK.search(text[:_LOOKED_AT]):
        return "a workbook saved as XML", "open it in a spreadsheet program, save it as .xlsx"
    if _NO_DATA.match(text):
        return f"a reply of a service without data: {text.strip()[:_SHOWN]!r}", "ask for it again"
    return _by_kind(path, text)


def check_table(path: Path) -> None:
    """Check that a file that is no workbook is text, before it is read as a table."""
    if is_open_document(path):
        what, instead = "a document of OpenOffice", "save its sheet as .xlsx or CSV"
    else:
        beginning = next(stream_content(path, size=_LOOKED_AT), b"").decode("latin-1")
        marks = [
            (what, instead) for mark, what, instead in _BEGINNINGS if beginning.startswith(mark)
        ]
        pages = [("a web page", _INSTEAD_OF_PAGE)] if _PAGE.match(beginning) else []
        if not (marks or pages):
            return
        what, instead = (marks or pages)[0]
    raise LayoutError(f"{path}:1: expected a table of text or a workbook, found {what}; {instead}")


def is_open_document(path: Path) -> bool:
    """Say whether a file is a document of OpenOffice, from its content."""
    return is_zip(path) and "mimetype" in list_members(path)


def _product(text: str) -> Product | None:
    lines = text.split("\n")[:_LINES]
    return next(
        (
            product
            for product in _PRODUCTS
            if any(holds_names(line, product.columns) for line in lines)
        ),
        None,
    )


def _by_kind(path: Path, text: str) -> tuple[str, str]:
    """Return what a file is by what holds its table: a workbook, Parquet, a web page, text."""
    first = text.strip().partition("\n")[0][:_SHOWN]
    if is_workbook(path):
        return f"a workbook whose sheet begins with {first!r}", f"describe it: {_DESCRIBE}"
    if is_open_document(path):
        return "a document of OpenOffice", "save its sheet as .xlsx or CSV"
    if is_parquet(path):
        columns = text.partition("\n")[0]
        sums = "of sums (flows convert --by) only those of BACI by exporter, importer, year load"
        return f"Parquet with the columns {columns.replace(',', ', ')}", f"{sums}; {_NAME_IT}"
    if _PAGE.match(text):
        return f"a web page that begins with {first!r}", _INSTEAD_OF_PAGE
    if text.count("\0") > len(text) / 4 or text.startswith(tuple(map(_latin1, UTF16_MARKS))):
        return "text in UTF-16 without the mark of it", "save it as UTF-8"
    return f"a file that begins with {first!r}", _NAME_IT


def _latin1(mark: bytes) -> str:
    return mark.decode("latin-1")
