"""SIPRI Arms Transfers Database: deals by delivery year, from the old site and from the new."""

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from flows.loaders.cells import flags, integers, numbers, texts
from flows.loaders.meanings import calendar_year, codes, spans, translate
from flows.loaders.raw import RawTable, find_header, make_table
from flows.loaders.statements import state
from flows.loaders.text import read_text, split_records
from flows.products import sipri_category

COLUMNS = (
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

OLD_NAMES = {"Deal ID": "SIPRI AT Database ID", "Seller": "Supplier", "Buyer": "Recipient"}
"""What the site called three of them until 2023."""

_OLD_COLUMNS = tuple(
    {new: old for old, new in OLD_NAMES.items()}.get(name, name) for name in COLUMNS
)
_YEARS = re.compile(r"years? (?:range|from) '?(\d{4})'? to '?(\d{4})'?")
_DATE = re.compile(r"([A-Z][a-z]{2}|[0-9]{2})[ -]([0-9]{4})")
_EARLY = ("Jan", "Feb", "Mar", "01", "02", "03")
_GENERATED = re.compile(r"(?:Data generated: |created: )([^;)]+)")


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
    text = read_text(path)
    old = re.search(r"^Deal ID;", text, re.MULTILINE) is not None
    columns, delimiter = (_OLD_COLUMNS, ";") if old else (COLUMNS, ",")
    lines = re.sub(r";?\r?\n", "\n", text).removesuffix(";")
    records = list(split_records(lines, path=str(path), delimiter=delimiter, quoted=False))
    start = find_header(records, columns, path=str(path))
    footer = [one for one in records[start + 1 :] if one.cells[:1] and one.cells[0].startswith("©")]
    body = [one for one in records[start + 1 :] if one not in footer]
    before = [delimiter.join(record.cells).strip() for record in records[:start]]
    return make_table(
        records[start].cells,
        body,
        path=str(path),
        dataset=dataset,
        header=_header(before, [delimiter.join(one.cells) for one in footer]),
    )


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
    renamed = RawTable(raw.path, raw.dataset, raw.header, raw.rows.rename(columns=OLD_NAMES))
    number_estimated = flags(renamed, "Numbers delivered is estimate")
    year_estimated = flags(renamed, "Delivery year is estimate")
    delivered = spans(translate(renamed, "Delivery year", calendar_year))
    statement = {
        "exporter": codes(renamed, "Supplier", scheme="sipri"),
        "importer": codes(renamed, "Recipient", scheme="sipri"),
        "reporter": "SIPRI",
        **delivered,
        "product": translate(renamed, "Armament category", sipri_category),
        "classification": "SIPRI",
        "value": numbers(renamed, "TIV delivery values", blank=True),
        "unit": "TIV",
        "valuation": "",
        "partner_basis": "",
        "coverage": "major arms",
        "estimate": number_estimated.fillna(value=False) | year_estimated.fillna(value=False),
    }
    return state(
        renamed,
        {**statement, **_own(renamed)},
        rows_in=len(renamed.rows),
        years=_years_counted(raw.header, delivered["end"]),
    )


def _own(raw: RawTable) -> dict[str, pd.Series]:
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
    counted = int(ends.dt.year.max())
    if generated := _DATE.search(header.get("generated", "")):
        # SIPRI publishes in March and counts to the end of the year before; of a file made early
        # in a year it is only sure that it counts to the year before the last.
        late = generated[1] not in _EARLY
        counted = max(counted, int(generated[2]) - (1 if late else 2))
    return first, min(last, counted)


def _header(before: list[str], footer: list[str]) -> dict[str, str]:
    preamble = " ".join(before)
    years, generated = _YEARS.search(preamble), _GENERATED.search(preamble)
    found = {
        "title": next((line for line in before if line), ""),
        "years": "-".join(years.groups()) if years else "",
        "generated": generated.group(1).strip() if generated else "",
        "footer": " ".join(footer),
    }
    return {key: text for key, text in found.items() if text}
