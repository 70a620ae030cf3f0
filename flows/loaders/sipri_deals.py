"""SIPRI Arms Transfers Database: deals by delivery year, and the trade register as CSV."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from flows.errors import LayoutError
from flows.loaders.cells import (
    all_present,
    calendar_year,
    codes_of,
    flags,
    integers,
    numbers,
    select,
    spans,
    state,
    texts,
    translate,
    with_columns,
)
from flows.loaders.claims import asked_of_sipri
from flows.loaders.grids import grid_of
from flows.loaders.layout import Layout, either, has_line, starts_with
from flows.loaders.records import delimited, read_records
from flows.loaders.sipri_sums import check_deals, high_of_printed, repeated_records
from flows.loaders.text import (
    RawTable,
    Record,
    find_header,
    make_table,
    stream_content,
)
from flows.loaders.workbook_parts import is_workbook
from flows.periods import Period
from flows.products import sipri_category
from flows.scope import Scope
from flows.table import check_flows

_DEAL_YEAR_COLUMNS = (
    "SIPRI AT Database ID",
    "Supplier",
    "Recipient",
    "Designation",
    "Description",
    "Armament category",
    "Order date",
    "Order date is estimate",
    "Numbers delivered",
    "Numbers delivered is estimate",
    "Delivery year",
    "Delivery year is estimate",
    "Status",
    "SIPRI estimate",
    "TIV deal unit",
    "TIV delivery values",
    "Local production",
)
"""Columns of the site since 2024."""

_TIV_OF_YEAR = "TIV delivery values"

_OLD_NAMES = {"Deal ID": "SIPRI AT Database ID", "Seller": "Supplier", "Buyer": "Recipient"}
"""What the site called three of them until 2023."""

_OLD_COLUMNS = tuple(
    {new: old for old, new in _OLD_NAMES.items()}.get(name, name) for name in _DEAL_YEAR_COLUMNS
)
_YEARS_ASKED = re.compile(r"years? (?:range|from) '?(\d{4})'? to '?(\d{4})'?")
_FROM_TO = re.compile(r" arms from (?P<supplier>.+?)\s+to (?P<recipient>.+?)\s*\. Deals")
"""The title of the site since 2024, of deals and of the register."""

_BUYER_SELLER = re.compile(r"for buyer\s+'(?P<recipient>.+?)' and seller\s+'(?P<supplier>.+?)' and")
"""That of the site until 2023, which stands under the name of the data base."""

_DATE = re.compile(r"([A-Z][a-z]{2}|[0-9]{2})[ -]([0-9]{4})")
_EARLY = ("Jan", "Feb", "Mar", "01", "02", "03")
_GENERATED = re.compile(r"(?:Data generated: |created: )([^;)]+)")

_REGISTER_COLUMNS = (
    "Recipient",
    "Supplier",
    "Year of order",
    "Number ordered",
    "Weapon designation",
    "Weapon description",
    "Number delivered",
    "Year(s) of delivery",
    "status",
    "Comments",
    "SIPRI TIV per unit",
    "SIPRI TIV for total order",
    "SIPRI TIV of delivered weapons",
)
"""Columns that have a name; after three of them comes a column of flags headed by one blank."""

_WIDTH = len(_REGISTER_COLUMNS) + 3
_COMMENTS, _TIV = "Comments", "SIPRI TIV of delivered weapons"
_VALUE = re.compile(r"[0-9.]*")
_FLAGS = ("Year of order ?", "Number ordered ?", "Number delivered ?")
_BLANK_NAME = re.compile(r"(?:[Xx]?[._]*[0-9]*|Unnamed: [0-9]+)")
"""What programs make of a blank name of a column: X..1 (R), .1 (pandas), ...4 (readr)."""

_LOOKED_AT = 65_536
"""Bytes from the beginning of a file that hold its header."""

_DELIVERY_YEARS = re.compile(r"[0-9]{4}(?:; ?[0-9]{4})*(?:\.0)?")
_REGISTER_GENERATED = "Data generated: "
# Of three complete exports (2024-03, 2025-03, 2026-03), the sound ones flag a third more numbers
# delivered than numbers ordered, the defective one a fifth as many.
_LEAST_DELIVERED_PER_ORDERED_FLAG = 0.5
_ENOUGH_FLAGS = 100

OLD_CSV_COLUMNS = {
    "buyer": "Recipient",
    "seller": "Supplier",
    "odat": "Year of order",
    "odai": "Year of order ?",
    "onum": "Number ordered",
    "onai": "Number ordered ?",
    "desig2": "Weapon designation",
    "desc": "Weapon description",
    "nrdel": "Number delivered",
    "nrdelai": "Number delivered ?",
    "delyears": "Year(s) of delivery",
    "status": "status",
    "tivunit": "SIPRI TIV per unit",
    "tivorder": "SIPRI TIV for total order",
    "tivdel": "SIPRI TIV of delivered weapons",
}
"""Its columns, and what the register of today calls them."""

_CODES = ("buyercod", "sellercod", "wcat", "coprod", "term")
"""Columns of SIPRI's own codes: countries, category, production and terms. The file does not say
what they mean; countries are taken from the names beside them."""

_STATUS = {"N": "New"}
"""The one letter of the column ``status`` that is known for sure; others are kept."""


def read_sipri_deal_years(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read a deal-year file in either layout; nothing is quoted in them.

    The site since 2024 writes commas and ends every line with a semicolon. The old site wrote
    semicolons and a copyright line at the end.

    Parameters
    ----------
    path : pathlib.Path
        The file as downloaded.
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        One row a deal and delivery year; ``header`` has ``title``, ``years``, ``generated`` and
        ``footer``, where the file has them.

    Raises
    ------
    LayoutError
        If the encoding, the header or the number of cells in a line is not that of the layout.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> raw = read_sipri_deal_years(example_path("sipri_deal_years"))
    >>> raw.header["years"], raw.rows["line"].tolist()
    ('2010-2021', [13, 14, 15])
    """
    usual, end = (";", "") if _is_of_old_site(path) else (",", ";")
    records, warnings, delimiter = read_records(
        path, (*_DEAL_YEAR_COLUMNS, *_OLD_NAMES), usual=usual, quoted=False, line_end=end
    )
    old = any("Deal ID" in record.cells for record in records)
    columns = _OLD_COLUMNS if old else _DEAL_YEAR_COLUMNS
    start = find_header(records, columns, path=str(path))
    footer = [row for row in records[start + 1 :] if row.cells[:1] and row.cells[0].startswith("©")]
    body = [row for row in records[start + 1 :] if row not in footer]
    before = [delimiter.join(record.cells).strip() for record in records[:start]]
    return make_table(
        records[start].cells,
        body,
        path=str(path),
        dataset=dataset,
        header=_header(before, [delimiter.join(row.cells) for row in footer]),
        warnings=warnings,
        line=records[start].line,
    )


def _is_of_old_site(path: Path) -> bool:
    """Say whether a text is of the old site, which wrote semicolons between cells."""
    return not is_workbook(path) and b"Deal ID;" in next(stream_content(path, size=_LOOKED_AT), b"")


def normalise_sipri_deal_years(raw: RawTable) -> pd.DataFrame:
    """
    Return deliveries as a flow table: one row a deal and delivery year, in million TIV.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_sipri_deal_years`.

    Returns
    -------
    pandas.DataFrame
        Flow table with the columns ``deal``, ``designation``, ``description``, ``order_year``,
        ``order_year_estimated``, ``number``, ``number_estimated``, ``delivery_year_estimated``,
        ``status``, ``tiv_per_new_unit`` (SIPRI's value of such a weapon when new),
        ``tiv_per_unit`` (of this deal: less for second-hand weapons) and ``local_production``.
        ``estimate`` is True if the number delivered or the delivery year is flagged; the order
        year moves no delivery.

    Raises
    ------
    LayoutError
        If a cell is not a number, a year, a flag or a known category.
    CountryError
        If a supplier or recipient is not in the crosswalk.
    SchemaError
        If a deal has a delivery year twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_sipri_deal_years(read_sipri_deal_years(example_path("sipri_deal_years")))
    >>> table.loc[0, ["exporter", "importer", "product", "value"]].to_dict()
    {'exporter': 'ISR', 'importer': 'AZE', 'product': 'aircraft', 'value': 12.5}
    """
    present = all_present(raw)
    renamed = replace(present, rows=present.rows.rename(columns=_OLD_NAMES))
    number_estimated = flags(renamed, "Numbers delivered is estimate")
    year_estimated = flags(renamed, "Delivery year is estimate")
    delivered = spans(translate(renamed, "Delivery year", calendar_year))
    supplier, recipient = codes_of(renamed, ["Supplier", "Recipient"], scheme="sipri")
    statement = {
        "exporter": supplier,
        "importer": recipient,
        "reporter": "SIPRI",
        **delivered,
        "product": translate(renamed, "Armament category", sipri_category),
        "classification": "SIPRI",
        "value": numbers(renamed, _TIV_OF_YEAR, blank=True),
        "unit": "TIV",
        "valuation": "",
        "partner_basis": "",
        "coverage": "major arms",
        "estimate": number_estimated.fillna(value=False) | year_estimated.fillna(value=False),
    }
    check_deals(renamed, number="Numbers delivered", unit="TIV deal unit", value=_TIV_OF_YEAR)
    return state(
        renamed,
        {**statement, **_deal_columns(renamed)},
        rows_in=len(renamed.rows),
        scope=replace(
            scope_of_title(raw.header.get("title", "")),
            years=_years_counted(raw.header, delivered["end"]),
        ),
    )


def scope_of_title(title: str) -> Scope:
    """Return what rows make up by the title, which names suppliers and recipients."""
    if asked := _FROM_TO.search(title):
        return asked_of_sipri(asked["supplier"], asked["recipient"])
    if asked := _BUYER_SELLER.search(title):
        return asked_of_sipri(asked["supplier"], asked["recipient"])
    return Scope()


def _deal_columns(raw: RawTable) -> dict[str, pd.Series]:
    """Return the columns that only this data set has."""
    return {
        "deal": texts(raw, "SIPRI AT Database ID"),
        "designation": texts(raw, "Designation"),
        "description": texts(raw, "Description"),
        "order_year": integers(raw, "Order date", blank=True),
        "order_year_estimated": flags(raw, "Order date is estimate"),
        "number": numbers(raw, "Numbers delivered", blank=True).astype("Float64"),
        "number_estimated": flags(raw, "Numbers delivered is estimate"),
        "delivery_year_estimated": flags(raw, "Delivery year is estimate"),
        "status": texts(raw, "Status"),
        "tiv_per_new_unit": numbers(raw, "SIPRI estimate", blank=True),
        "tiv_per_unit": numbers(raw, "TIV deal unit", blank=True),
        "local_production": flags(raw, "Local production"),
    }


def _years_counted(header: Mapping[str, str], ends: pd.Series) -> tuple[int, int] | None:
    """Return the years that the title asks for, as far as SIPRI had counted them by then."""
    if "years" not in header:
        return None
    first, last = (int(year) for year in header["years"].split("-"))
    return first, min(last, last_counted(header, int(ends.dt.year.max())))


def last_counted(header: Mapping[str, str], last_delivery: int) -> int:
    """Return the last year that SIPRI had counted when a file was made."""
    counted = last_delivery
    if generated := _DATE.search(header.get("generated", "")):
        # SIPRI publishes in March and counts to the end of the year before; of a file made early
        # in a year it is only sure that it counts to the year before the last.
        late = generated[1] not in _EARLY
        counted = max(counted, int(generated[2]) - (1 if late else 2))
    return counted


def years_asked(header: Mapping[str, str]) -> tuple[int, int] | None:
    """Return the years that the title of a file is limited to; none where it is of all."""
    asked = _YEARS_ASKED.search(header.get("title", ""))
    return None if asked is None else (int(asked[1]), int(asked[2]))


def _header(before: list[str], footer: list[str]) -> dict[str, str]:
    preamble = " ".join(before)
    years, generated = _YEARS_ASKED.search(preamble), _GENERATED.search(preamble)
    parts = {
        "title": next((line for line in before if _BUYER_SELLER.search(line)), "")
        or next((line for line in before if line), ""),
        "years": "-".join(years.groups()) if years else "",
        "generated": generated.group(1).strip() if generated else "",
        "footer": " ".join(footer),
    }
    return {key: text for key, text in parts.items() if text}


def read_sipri_register(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read the register; nothing is quoted in it, so that a line break in Comments splits a record.

    Parameters
    ----------
    path : pathlib.Path
        The file as downloaded: Latin-1 or UTF-8.
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        One row a deal. The columns of flags are called ``Year of order ?`` and so on. Two lines
        that make one record are joined; ``header["joined"]`` names them.

    Raises
    ------
    LayoutError
        If the encoding or the header is not that of the layout, or a record is broken in any other
        way than inside Comments.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> raw = read_sipri_register(example_path("sipri_register"))
    >>> raw.header["joined"], raw.rows["line"].tolist()
    ('15-16', [13, 14, 15, 17])
    """
    records, warnings, _ = read_records(path, _REGISTER_COLUMNS, quoted=False)
    start = find_header(records, _REGISTER_COLUMNS, path=str(path))
    if not records[start].cells[0].strip():  # the numbers of rows that pandas and R write
        records = grid_of(Record(line, cells[1:]) for line, cells in records)
    names = _names(records[start], path=str(path))
    rows, joined = _join(records[start + 1 :], to_comments=names.index(_COMMENTS) + 1)
    before = [",".join(record.cells).strip(' ",;') for record in records[:start]]
    lines = {
        "title": next((line for line in before if line), ""),
        "generated": next((line for line in before if line.startswith(_REGISTER_GENERATED)), ""),
        "joined": ", ".join(joined),
    }
    header = {key: text.removeprefix(_REGISTER_GENERATED) for key, text in lines.items() if text}
    return make_table(
        names,
        rows,
        path=str(path),
        dataset=dataset,
        header=header,
        warnings=warnings,
        line=records[start].line,
    )


def normalise_sipri_register(raw: RawTable) -> pd.DataFrame:
    """
    Return deals as a flow table: one row a deal, its deliveries of all years together.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_sipri_register`.

    Returns
    -------
    pandas.DataFrame
        From the first to the last year of delivery, in million TIV; the register does not say how
        much was delivered in which of them. ``product`` is the description of the weapon, for the
        register has no categories. Own columns: ``deal`` (the register has no ids, and two equal
        rows are two deals: the line stands for it), ``designation``, ``order_year``,
        ``order_year_estimated``, ``number_ordered``, ``number_ordered_estimated``, ``number``,
        ``number_estimated``, ``delivery_years``, ``status``, ``tiv_per_unit``, ``tiv_ordered``,
        ``comments``. Deals without a delivery are left out, and counted. The report warns of lines
        that were joined, and of a column of flags that other columns speak against.

    Raises
    ------
    LayoutError
        If a cell is not a number, years or a flag.
    CountryError
        If a supplier or recipient is not in the crosswalk.
    SchemaError
        If the result is not a flow table.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_sipri_register(read_sipri_register(example_path("sipri_register")))
    >>> table.loc[0, ["exporter", "importer", "product", "value"]].to_dict()
    {'exporter': 'BLR', 'importer': 'AZE', 'product': 'towed gun', 'value': 10.4}
    """
    present = all_present(raw)
    unit = "SIPRI TIV per unit"
    check_deals(present, number="Number delivered", unit=unit, value=_TIV)
    check_deals(present, number="Number ordered", unit=unit, value="SIPRI TIV for total order")
    return _normalised(present, [*_warnings(raw), *repeated_records(raw)])


def _normalised(present: RawTable, warnings: Sequence[str]) -> pd.DataFrame:
    """Return deals of the register, under the names of today, as a flow table."""
    delivered = texts(present, "Year(s) of delivery") != ""
    deals = select(present, delivered)
    value = numbers(deals, _TIV)
    described = texts(deals, "Weapon description")
    supplier, recipient = codes_of(deals, ["Supplier", "Recipient"], scheme="sipri")
    statement = {
        "exporter": supplier,
        "importer": recipient,
        "reporter": "SIPRI",
        **spans(translate(deals, "Year(s) of delivery", delivery_period)),
        "product": described.mask(described == "", "not described"),
        "classification": "SIPRI description",
        "value": value,
        "high": high_of_printed(deals, _TIV, value),
        "unit": "TIV",
        "valuation": "",
        "partner_basis": "",
        "coverage": "major arms",
        "estimate": _flags(deals, "Number delivered ?"),
    }
    return state(
        deals,
        {**statement, **register_columns(deals)},
        rows_in=len(present.rows),
        left_out={"deals without a delivery": (~delivered).sum()},
        warnings=warnings,
        scope=scope_of_title(present.header.get("title", "")),
    )


def register_columns(raw: RawTable) -> dict[str, pd.Series]:
    """Return the columns that only the register has."""
    return {
        "deal": "line " + raw.rows["line"].astype("str"),
        "designation": texts(raw, "Weapon designation"),
        "order_year": integers(raw, "Year of order", blank=True),
        "order_year_estimated": _flags(raw, "Year of order ?"),
        "number_ordered": numbers(raw, "Number ordered", blank=True).astype("Float64"),
        "number_ordered_estimated": _flags(raw, "Number ordered ?"),
        "number": numbers(raw, "Number delivered", blank=True).astype("Float64"),
        "number_estimated": _flags(raw, "Number delivered ?"),
        "delivery_years": texts(raw, "Year(s) of delivery"),
        "status": texts(raw, "status"),
        "tiv_per_unit": numbers(raw, "SIPRI TIV per unit", blank=True),
        "tiv_ordered": numbers(raw, "SIPRI TIV for total order", blank=True),
        "comments": texts(raw, "Comments"),
    }


def _names(header: Record, *, path: str) -> list[str]:
    """Return the names of the columns; a blank one holds the flags of the one before it."""
    cells = [cell.strip() for cell in header.cells]
    names = [
        f"{cells[at - 1]} ?" if at and _BLANK_NAME.fullmatch(cell) else cell
        for at, cell in enumerate(cells[:_WIDTH])
    ]
    if len(names) != _WIDTH or any(cells[_WIDTH:]):
        raise LayoutError(f"{path}:{header.line}: expected {_WIDTH} columns, found {len(cells)}")
    if wrong := [name for name in _FLAGS if name not in names]:
        raise LayoutError(
            f"{path}:{header.line}: expected a column without a name, of flags, after each of "
            f"{', '.join(name.removesuffix(' ?') for name in _FLAGS)}, found none for {wrong[0]}"
        )
    return [*names, *cells[_WIDTH:]]


def _join(records: Sequence[Record], *, to_comments: int) -> tuple[list[Record], list[str]]:
    """
    Put records together that a line break in Comments has split, and say which.

    ``to_comments``: how many cells a record has up to Comments.
    """
    rows: list[Record] = []
    joined = []
    for record in records:
        last = rows[-1] if rows else Record(0, [])
        if _is_torn(last, record, to_comments):
            *deal, comment = (cell.rstrip("\r") for cell in last.cells[:to_comments])
            rest, *values = record.cells[: _WIDTH + 1 - to_comments]
            rows[-1] = Record(last.line, [*deal, f"{comment}\n{rest}", *values])
            joined.append(f"{last.line}-{record.line}")
        else:
            rows.append(record)
    return rows, joined


def _is_torn(first: Record, second: Record, to_comments: int) -> bool:
    """
    Say whether two records are one.

    As published, both are short. Spreadsheets put empty cells behind them: the first has no values
    then, and nothing but a comment and values is in the second.
    """
    from_comments = _WIDTH + 1 - to_comments
    if len(first.cells) == to_comments and len(second.cells) == from_comments:
        return to_comments < _WIDTH
    without_values = len(first.cells) >= _WIDTH and not any(first.cells[to_comments:])
    only_values = len(second.cells) >= _WIDTH and not any(second.cells[from_comments:])
    values = second.cells[1:from_comments]
    return without_values and only_values and all(map(_VALUE.fullmatch, values))


def delivery_period(cell: str) -> Period:
    """Return the years from the first to the last that a cell lists."""
    if not _DELIVERY_YEARS.fullmatch(cell):
        raise LayoutError(f"expected years as '2010; 2012', found {cell!r}")
    years = sorted(int(year) for year in cell.removesuffix(".0").split(";"))
    return Period.window(years[0], years[-1])


def _flags(raw: RawTable, column: str) -> pd.Series:
    return translate(raw, column, _is_uncertain).astype("bool")


def _is_uncertain(cell: str) -> bool:
    if cell not in ("", "?"):
        raise LayoutError(f"expected ? or nothing, found {cell!r}")
    return cell == "?"


def _warnings(raw: RawTable) -> list[str]:
    ordered, delivered = (
        int((texts(raw, f"{name} ?") == "?").sum())
        for name in ("Number ordered", "Number delivered")
    )
    warnings = []
    if "joined" in raw.header:
        warnings.append(f"lines {raw.header['joined']}: joined, split by a line break in Comments")
    if ordered >= _ENOUGH_FLAGS and delivered < _LEAST_DELIVERED_PER_ORDERED_FLAG * ordered:
        warnings.append(
            f"column 'Number delivered ?': {delivered} flags beside {ordered} of 'Number ordered "
            "?', where sound exports have more: do not trust number_estimated and estimate"
        )
    return warnings


read_sipri_old_csv = delimited(["tidn", *OLD_CSV_COLUMNS, *_CODES])
"""Reads one row a deal, under the names of the file."""


def normalise_sipri_old_csv(raw: RawTable) -> pd.DataFrame:
    """
    Return deals as a flow table, like those of the register of today.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_sipri_old_csv`.

    Returns
    -------
    pandas.DataFrame
        The columns of the register, ``deal`` being the id of the deal, and SIPRI's own codes as
        they are in ``buyercod``, ``sellercod``, ``wcat``, ``coprod``, ``term``.

    Raises
    ------
    LayoutError
        If a cell is not a number, years or a flag.
    CountryError
        If a supplier or recipient is not in the crosswalk.
    SchemaError
        If a deal stands there twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_sipri_old_csv(read_sipri_old_csv(example_path("sipri_old_csv")))
    >>> table[["deal", "exporter", "importer", "wcat"]].iloc[0].tolist()
    ['63890', 'ISR', 'AZE', 'AV']
    """
    register = _as_register(raw)
    deals = _normalised(register, _warnings(register))
    own = raw.rows.set_index("line").loc[deals["line"], ["tidn", *_CODES]].reset_index(drop=True)
    return check_flows(deals.assign(deal=own["tidn"], **{code: own[code] for code in _CODES}))


def _as_register(raw: RawTable) -> RawTable:
    raw = all_present(raw)
    renamed = {theirs: texts(raw, ours) for ours, theirs in OLD_CSV_COLUMNS.items()}
    rows = pd.DataFrame({**renamed, "Comments": "", "line": raw.rows["line"]})
    register = replace(raw, rows=rows)
    marked = {name: translate(register, name, _flag) for name in rows.columns if name.endswith("?")}
    years = texts(register, "Year(s) of delivery").str.replace(",", ";", regex=False)
    status = texts(register, "status").replace(_STATUS)
    return with_columns(register, **marked, **{"Year(s) of delivery": years, "status": status})


def _flag(cell: str) -> str:
    if cell not in ("", "X"):
        raise LayoutError(f"expected X or nothing, found {cell!r}")
    return "?" if cell else ""


LAYOUTS = (
    Layout(
        "sipri_deal_years",
        "SIPRI arms transfers",
        "deals by delivery year (either site)",
        either(has_line(_DEAL_YEAR_COLUMNS[:-1]), has_line(_OLD_COLUMNS[:-1])),
        read_sipri_deal_years,
        normalise_sipri_deal_years,
    ),
    Layout(
        "sipri_register",
        "SIPRI arms transfers",
        "trade register as CSV",
        has_line(_REGISTER_COLUMNS),
        read_sipri_register,
        normalise_sipri_register,
    ),
    Layout(
        "sipri_old_csv",
        "SIPRI arms transfers",
        "register as CSV of the old site with its own codes",
        starts_with(tuple(OLD_CSV_COLUMNS)),
        read_sipri_old_csv,
        normalise_sipri_old_csv,
    ),
)
