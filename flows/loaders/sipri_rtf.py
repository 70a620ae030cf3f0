"""SIPRI Arms Transfers Database: the trade register of the old site as RTF, one entry a deal."""

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from flows.errors import LayoutError
from flows.loaders.cells import (
    codes_of,
    integers,
    numbers,
    select,
    spans,
    state,
    texts,
    translate,
    with_columns,
)
from flows.loaders.layout import Layout, matches
from flows.loaders.sipri_sums import repeated_records
from flows.loaders.text import RawTable, Record, make_table, read_text
from flows.periods import Period

COLUMNS = (
    "Supplier",
    "Recipient",
    "No. ordered",
    "Weapon designation",
    "Weapon description",
    "Year of order",
    "Year(s) of delivery",
    "No. delivered",
    "Comments",
)

# A supplier stands alone in bold; a recipient follows "R:" (or "L:", a licence), and bold blanks
# from the second on; a further deal of the same recipient has one tab more in its place.
_BLOCK = re.compile(r"\{\\b ([^{}]*)\}([^{}]*?)\\par(?![a-z])")
_ENTRY = re.compile(r"(?:[RL]:)?\s*")
_CELLS = len(COLUMNS) - 1
_TAB = re.compile(r"\\tab ?")
_ESCAPE = re.compile(r"\\'([0-9a-f]{2})|\\u(-?[0-9]{1,5}) ?\??|\r?\n")
_LITERAL, _BRACE = re.compile(r"\\[{}\\]"), re.compile(r"[{}]")
_WORD = re.compile(r"\\[a-z]+-?[0-9]* ?|[{}]")
_YEARS = re.compile(r"([0-9]{4})(?:-([0-9]{4}))?")
_UNKNOWN = ("", ". .")
_GENERATED = re.compile(r"Information generated:\\b0\s+([^\\]+)")
_TITLE = re.compile(r"Transfers of major weapons: ([^\\]+)")


def read_sipri_rtf(path: Path, *, dataset: str | None = None) -> RawTable:
    r"""
    Read the entries of the register; what is bold, indented or ruled does not count.

    Parameters
    ----------
    path : pathlib.Path
        The file as downloaded: ASCII, other letters as ``\'8e`` in Mac Roman.
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        One row a deal, supplier and recipient in every row. Round brackets are kept: they mark
        what is uncertain. All deals of a supplier may stand on one line.

    Raises
    ------
    LayoutError
        If it is not RTF, has no entries, or an entry has another number of cells.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_sipri_rtf(example_path("sipri_rtf")).rows["Recipient"].tolist()
    ['Azerbaijan', 'Azerbaijan', "Cote d'Ivoire"]
    """
    text = read_text(path).text
    if not text.startswith("{\\rtf"):
        raise LayoutError(f"{path}:1: expected RTF, found {text[:20]!r}")
    _check_whole(text, path=str(path))
    matches_of = {"title": _TITLE.search(text), "generated": _GENERATED.search(text)}
    header = {key: match[1].strip() for key, match in matches_of.items() if match}
    records = list(_entries(text, path=str(path)))
    return make_table(COLUMNS, records, path=str(path), dataset=dataset, header=header)


def _check_whole(text: str, *, path: str) -> None:
    """Check that every brace is closed: a file that was cut ends inside some."""
    braces = _BRACE.findall(_LITERAL.sub("", text))
    if braces.count("{") != braces.count("}"):
        line = text.count("\n") + 1
        raise LayoutError(
            f"{path}:{line}: expected RTF whose braces are all closed, found "
            f"{braces.count('{')} opened and {braces.count('}')} closed; the file was cut or "
            "changed: download it again"
        )


def normalise_sipri_rtf(raw: RawTable) -> pd.DataFrame:
    """
    Return deals as a flow table; this register states no TIV, so every value is missing.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_sipri_rtf`.

    Returns
    -------
    pandas.DataFrame
        From the first to the last year of delivery. Own columns: ``deal`` (the number of the
        entry), ``designation``, ``order_year``, ``order_year_estimated``, ``number_ordered``,
        ``number_ordered_estimated``, ``number``, ``number_estimated``, ``comments``. Deals without
        a delivery are left out, and counted.

    Raises
    ------
    LayoutError
        If a cell is not a number or years.
    CountryError
        If a supplier or recipient is not in the crosswalk.
    SchemaError
        If the result is not a flow table.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_sipri_rtf(read_sipri_rtf(example_path("sipri_rtf")))
    >>> table.loc[0, ["exporter", "importer", "designation"]].tolist()
    ['BLR', 'AZE', 'Tank-1']
    """
    numbered = with_columns(raw, deal=pd.Series(range(1, len(raw.rows) + 1)).astype("str"))
    delivered = texts(numbered, "Year(s) of delivery") != ""
    deals = select(numbered, delivered)
    own = _own(deals)
    supplier, recipient = codes_of(deals, ["Supplier", "Recipient"], scheme="sipri")
    columns = {
        "exporter": supplier,
        "importer": recipient,
        "reporter": "SIPRI",
        **spans(translate(deals, "Year(s) of delivery", _period)),
        "product": texts(deals, "Weapon description"),
        "classification": "SIPRI description",
        "value": pd.Series(float("nan"), index=deals.rows.index),
        "unit": "TIV",
        "valuation": "",
        "partner_basis": "",
        "coverage": "major arms",
        "estimate": own["number_estimated"],
        **own,
    }
    left_out = {"deals without a delivery": (~delivered).sum()}
    return state(
        deals,
        columns,
        rows_in=len(raw.rows),
        left_out=left_out,
        warnings=repeated_records(raw),
    )


def _own(raw: RawTable) -> dict[str, pd.Series]:
    """Return the columns that only the register has."""
    ordered, ordered_uncertain = _bracketed(raw, "No. ordered")
    number, number_uncertain = _bracketed(raw, "No. delivered")
    year, year_uncertain = _bracketed(raw, "Year of order")
    return {
        "deal": raw.rows["deal"],
        "designation": texts(raw, "Weapon designation"),
        "order_year": integers(with_columns(raw, year=year), "year", blank=True),
        "order_year_estimated": year_uncertain,
        "number_ordered": numbers(with_columns(raw, ordered=ordered), "ordered", blank=True),
        "number_ordered_estimated": ordered_uncertain,
        "number": numbers(with_columns(raw, number=number), "number", blank=True),
        "number_estimated": number_uncertain,
        "comments": texts(raw, "Comments"),
    }


def _entries(text: str, *, path: str) -> Iterator[Record]:
    supplier = recipient = ""
    line, seen = 1, 0
    for block in _BLOCK.finditer(text):
        line += text.count("\n", seen, block.start())
        seen = block.start()
        bold, rest = block.groups()
        if not rest and not _ENTRY.fullmatch(bold):
            supplier, recipient = _plain(bold), ""
        elif _ENTRY.fullmatch(bold) and supplier:
            cells = [_plain(cell) for cell in _TAB.split(rest)]
            cells = cells[1:] if len(cells) == _CELLS + 1 and not cells[0] else cells
            if len(cells) != _CELLS:
                raise LayoutError(
                    f"{path}:{line}: expected an entry of {_CELLS} cells, found {len(cells)}: "
                    f"{' | '.join(cells)[:60]}"
                )
            recipient = cells[0] or recipient
            yield Record(line, [supplier, recipient, *cells[1:]])


def _plain(text: str) -> str:
    """Return text without control words, its escapes as letters."""
    return _WORD.sub("", _ESCAPE.sub(_letter, text)).strip()


def _letter(match: re.Match[str]) -> str:
    if match[1]:
        return bytes.fromhex(match[1]).decode("mac_roman")
    if not match[2]:
        return ""
    letter = chr(int(match[2]) % 0x10000)
    if not letter.isprintable():
        raise LayoutError(f"expected a character that RTF can hold, found {match[0]!r}")
    return letter


def _bracketed(raw: RawTable, column: str) -> tuple[pd.Series, pd.Series]:
    """Return cells without their round brackets, and which of them had some."""
    cells = texts(raw, column)
    uncertain = cells.str.startswith("(") & cells.str.endswith(")")
    bare = cells.mask(uncertain, cells.str.strip("()"))
    return bare.mask(bare.isin(_UNKNOWN), ""), uncertain


def _period(cell: str) -> Period:
    match = _YEARS.fullmatch(cell)
    if match is None:
        raise LayoutError(f"expected years as 2005-2006, found {cell!r}")
    return Period.window(int(match[1]), int(match[2] or match[1]))


LAYOUTS = (
    Layout(
        "sipri_rtf",
        "SIPRI arms transfers",
        "trade register of the old site as RTF (numbers, no TIV)",
        matches(r"\A\{\\rtf(?s:.*)Transfers of major weapons"),
        read_sipri_rtf,
        normalise_sipri_rtf,
    ),
)
