"""UN Comtrade: its layouts, which of its rows count, and what they mean."""

import re
from collections.abc import Sequence
from pathlib import Path

import narwhals as nw
import pandas as pd

from flows.countries import aggregates, are_aggregates
from flows.errors import LayoutError
from flows.loaders.cells import codes, numbers, select, spans, state, texts, translate
from flows.loaders.text import (
    RawTable,
    Record,
    find_header,
    make_table,
    read_delimited,
    read_json,
    read_text,
    records_of,
    split_records,
)
from flows.periods import Period, gregorian_month, gregorian_year
from flows.products import classification_name

_PERIOD = re.compile(r"([0-9]{4})(?:\.0)?|([0-9]{4})([0-9]{2})")
_SEVERAL = 2
_CODE = re.compile(r"[0-9]{1,6}")

NAMES = {
    "period": ("period", "Period", "Year"),
    "flow": ("flowCode", "Trade Flow Code"),
    "reporter": ("reporterCode", "Reporter Code"),
    "partner": ("partnerCode", "Partner Code"),
    "classification": ("classificationCode", "Classification"),
    "product": ("cmdCode", "Commodity Code"),
    "value": ("primaryValue", "Trade Value (US$)", "Value"),
}
"""What every layout has, under one of these names."""

OPTIONAL = {
    "type": ("typeCode",),
    "partner2": ("partner2Code", "2nd Partner Code"),
    "customs": ("customsCode", "Customs Proc. Code"),
    "transport": ("motCode", "Mode of Transport Code"),
    "supply": ("mosCode",),
    "cif": ("cifvalue", "cifValue", "CIF Trade Value (US$)"),
    "fob": ("fobvalue", "fobValue", "FOB Trade Value (US$)"),
    "weight": ("netWgt", "Netweight (kg)"),
}
"""What only some of them have."""

MONTHLY_COLUMNS = (
    "period",
    "trade_code",
    "reporter",
    "partner_iso",
    "commodity_code",
    "netweight_kg",
    "trade_value_us",
)

_MONTHLY_FLOWS = {"M": "import", "X": "export"}
"""Code of the file to flow; re-exports (``RX``) are inside exports already."""

_DAY = re.compile(r"(\d{4})-(\d{2})-01", re.ASCII)
_MONTHLY_CODE = re.compile(r"\d{1,6}", re.ASCII)
_DIGITS = 6

_FLOWS = {"M": "import", "1": "import", "X": "export", "2": "export"}
"""Codes of the site now and until 2022."""

_AGAIN = ("RM", "RX", "4", "3")
"""Re-imports and re-exports: they are inside imports and exports already."""

_TOTALS = {
    "partner2": ("", "0"),
    "customs": ("", "C00"),
    "transport": ("", "0"),
    "supply": ("", "0"),
}
"""What a row must say of a second partner, customs procedure, mode of transport and of supply to be
the total over them."""

_GOODS = ("", "C")
"""What a row must say of its type to be of goods."""

EXPORTS = tuple(code for code, flow in _FLOWS.items() if flow == "export")

CONSTANTS = {"unit": "USD", "coverage": "all goods"}


def normalise_comtrade(raw: RawTable) -> pd.DataFrame:
    """
    Return what countries reported as a flow table in US dollars.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_comtrade` or ``read_comtrade_api``.

    Returns
    -------
    pandas.DataFrame
        One row a reporter, partner, flow, period and product, with the column ``netweight_kg``.
        The partner of an import is the country of origin, of an export the last known destination,
        as Comtrade defines them. ``valuation`` is that of the column, CIF or FOB, that holds the
        primary value; empty where the file does not say. Left out, and counted in the report: the
        world and groups of countries, re-exports and re-imports, other flows, services, and rows
        that are not totals over second partner, customs procedure, mode of transport and supply.

    Raises
    ------
    LayoutError
        If a cell is not a number, a period, a classification or a product.
    CountryError
        If a country is not in the crosswalk.
    SchemaError
        If a statement stands there twice.

    Examples
    --------
    >>> from flows.loaders.comtrade import read_comtrade
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_comtrade(read_comtrade(example_path("comtrade_v1")))
    >>> table.loc[1, ["exporter", "importer", "product", "classification", "valuation"]].tolist()
    ['IRN', 'ARM', '010121', 'HS2017', 'CIF']
    """
    known = renamed(raw)
    left_out, kept = kept_rows(known)
    period = spans(translate(kept, "period", as_period))
    exports = texts(kept, "flow").map(_FLOWS) == "export"
    reporter = codes(kept, "reporter", scheme="comtrade", on=period["start"])
    partner = codes(kept, "partner", scheme="comtrade", on=period["start"])
    value = numbers(kept, "value")
    product, repaired = _products(kept)
    columns = {
        "exporter": reporter.where(exports, partner),
        "importer": partner.where(exports, reporter),
        "reporter": reporter,
        **period,
        "product": product,
        "classification": translate(kept, "classification", classification_name).mask(
            product == "TOTAL", "TOTAL"
        ),
        "value": value,
        "unit": "USD",
        "valuation": _valuation(kept, value),
        "partner_basis": exports.map({True: "destination", False: "origin"}),
        "coverage": "all goods",
        "netweight_kg": numbers(kept, "weight", blank=True),
    }
    return state(
        kept,
        columns,
        rows_in=len(raw.rows),
        left_out=left_out,
        warnings=[*repaired, *_levels(product)],
    )


def renamed(raw: RawTable) -> RawTable:
    """Return the columns that count under one name each; those that the file lacks are empty."""
    columns = {ours: _first(raw, spellings) for ours, spellings in {**NAMES, **OPTIONAL}.items()}
    rows = pd.DataFrame({**columns, "line": raw.rows["line"]})
    return RawTable(raw.path, raw.dataset, raw.header, rows)


def _first(raw: RawTable, spellings: Sequence[str]) -> pd.Series:
    for name in spellings:
        if name in raw.rows.columns:
            return texts(raw, name)
    return pd.Series("", index=raw.rows.index, dtype="str")


def kept_rows(raw: RawTable) -> tuple[dict[str, int], RawTable]:
    """Return what is left out, each row for its first reason, and the rest."""
    judged = pd.DataFrame({name: texts(raw, name) for name in raw.rows.columns.drop("line")})
    why = nw.from_native(judged).select(reason()).to_native()["reason"]
    counts = why[why != ""].value_counts()
    left_out = {text: int(counts[text]) for text in reasons() if text in counts}
    return left_out, select(raw, why == "")


def _products(raw: RawTable) -> tuple[pd.Series, list[str]]:
    """Return codes with their zeros: an odd number of digits in HS means that one was lost."""
    code = translate(raw, "product", as_product).astype("str")
    harmonised = texts(raw, "classification").str.startswith("H") & (code != "TOTAL")
    lost = harmonised & (code.str.len() % 2 == 1)
    if not lost.any():
        return code, []
    first = raw.rows.loc[lost, "line"].iloc[0]
    warning = f"{int(lost.sum())} HS codes without their first zero (line {first}): it was put back"
    return code.mask(lost, "0" + code), [warning]


def _levels(product: pd.Series) -> list[str]:
    levels = sorted({"TOTAL" if one == "TOTAL" else str(len(one)) for one in product.unique()})
    if len(levels) < _SEVERAL:
        return []
    return [f"products of the levels {', '.join(levels)} (digits): each counts all goods again"]


def as_product(cell: str) -> str:
    """Return a product code as Comtrade writes it."""
    if cell != "TOTAL" and not _CODE.fullmatch(cell):
        raise LayoutError(f"expected a product code of up to six digits or TOTAL, found {cell!r}")
    return cell


def _valuation(raw: RawTable, value: pd.Series) -> pd.Series:
    cif = numbers(raw, "cif", blank=True) == value
    fob = numbers(raw, "fob", blank=True) == value
    said = pd.Series("", index=value.index, dtype="str")
    return said.mask(cif & ~fob, "CIF").mask(fob & ~cif, "FOB")


def as_period(cell: str) -> Period:
    """Return the year or month that a cell names."""
    match = _PERIOD.fullmatch(cell)
    if match is None:
        raise LayoutError(f"expected a year or a year and month as 202301, found {cell!r}")
    whole, year, month = match.groups()
    return gregorian_year(int(whole)) if whole else gregorian_month(int(year), int(month))


def read_comtrade(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read a file of the site, of its bulk downloads or of the site until 2022.

    Parameters
    ----------
    path : pathlib.Path
        Comma- or tab-separated, UTF-8 or Latin-1, packed or not.
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        All columns under the names of the file. The site's CSV ends every row, but not its header,
        with a comma; that empty cell is no column.

    Raises
    ------
    LayoutError
        If encoding, header or a row is not as the layout has it.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_comtrade(example_path("comtrade_v1")).rows.loc[1, "cmdCode"]
    '010121'
    """
    text = read_text(path, latin1=True)
    delimiter = "\t" if "\t" in text.partition("\n")[0] else ","
    records = list(split_records(text, path=str(path), delimiter=delimiter))
    header = [cell.strip() for cell in records[0].cells]
    find_columns(header, path=str(path))
    width = len(header)
    rows = [
        Record(line, cells[:-1] if len(cells) == width + 1 and not cells[-1] else cells)
        for line, cells in records[1:]
    ]
    return make_table(header, rows, path=str(path), dataset=dataset)


def read_comtrade_api(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read a reply of Comtrade's programming interface.

    Parameters
    ----------
    path : pathlib.Path
        JSON with the rows under ``data``.
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        One row an object, numbers as text.

    Raises
    ------
    LayoutError
        If the reply is an error, is empty, or is of another endpoint.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_comtrade_api(example_path("comtrade_api")).rows.loc[0, "partnerCode"]
    '364'
    """
    text, reply = read_json(path)
    if not isinstance(reply, dict) or not isinstance(reply.get("data"), list):
        raise LayoutError(f"{path}:1: expected a reply with data, found {_said(reply)}")
    if reply.get("error"):
        raise LayoutError(f"{path}:1: expected data, found the error {reply['error']!r}")
    if not reply["data"]:
        raise LayoutError(f"{path}:1: expected rows under data, found an empty reply")
    names, records = records_of(reply["data"], text, path=str(path))
    find_columns(names, path=str(path))
    header = {"elapsedTime": str(reply.get("elapsedTime", ""))}
    return make_table(names, records, path=str(path), dataset=dataset, header=header)


def find_columns(header: Sequence[str], *, path: str) -> None:
    """Check that a header has every column of :data:`NAMES` under one of its names."""
    wanted = [
        next((name for name in spellings if name in header), spellings[0])
        for spellings in NAMES.values()
    ]
    find_header([Record(1, list(header))], wanted, path=path)


def _said(reply: object) -> str:
    if isinstance(reply, dict):
        return f"{reply.get('message') or ', '.join(map(str, reply)) or 'an empty object'}"[:80]
    return type(reply).__name__


def read_comtrade_monthly(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read monthly trade by partner and six-digit product.

    Parameters
    ----------
    path : pathlib.Path
        CSV in UTF-8, with or without byte order mark.
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        All columns of the file.

    Raises
    ------
    LayoutError
        If encoding, header or a row is not as the layout has it: one such file that is around is
        UTF-8 with names of countries in Latin-1, and its first broken line is named.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_comtrade_monthly(example_path("comtrade_monthly")).rows.loc[0, "commodity_code"]
    '271121'
    """
    return read_delimited(path, MONTHLY_COLUMNS, dataset=dataset)


def normalise_comtrade_monthly(raw: RawTable) -> pd.DataFrame:
    """
    Return monthly trade as a flow table in US dollars.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_comtrade_monthly`.

    Returns
    -------
    pandas.DataFrame
        One row a month, partner, flow and product, with the column ``netweight_kg``. The
        classification is ``HS``: the file does not say which revision; nor does it say how trade
        is valued. World, groups of countries and re-exports are left out, and counted in
        ``attrs["report"]``.

    Raises
    ------
    LayoutError
        If a cell is not a month, a flow, a product or a number.
    CountryError
        If a country is not in the crosswalk.
    SchemaError
        If a month, partner, flow and product stands there twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_comtrade_monthly(read_comtrade_monthly(example_path("comtrade_monthly")))
    >>> table.loc[0, ["exporter", "importer", "product", "value"]].to_dict()
    {'exporter': 'IRN', 'importer': 'ARM', 'product': '271121', 'value': 6875668.8}
    """
    world = are_aggregates(texts(raw, "partner_iso"), scheme="comtrade")
    again = texts(raw, "trade_code").isin(["RX", "RM"])
    kept = select(raw, ~world & ~again)
    exports = translate(kept, "trade_code", _flow) == "export"
    reporter = codes(kept, "reporter", scheme="comtrade")
    partner = codes(kept, "partner_iso", scheme="iso")
    columns = {
        "exporter": reporter.where(exports, partner),
        "importer": partner.where(exports, reporter),
        "reporter": reporter,
        **spans(translate(kept, "period", _month)),
        "product": translate(kept, "commodity_code", _product),
        "classification": "HS",
        "value": numbers(kept, "trade_value_us"),
        "unit": "USD",
        "valuation": "",
        "partner_basis": "",
        "coverage": "listed products",
        "netweight_kg": numbers(kept, "netweight_kg", blank=True),
    }
    left_out = {
        "rows of World and groups of countries": world.sum(),
        "rows of re-trade": (again & ~world).sum(),
    }
    return state(kept, columns, rows_in=len(raw.rows), left_out=left_out)


def _flow(cell: str) -> str:
    if cell not in _MONTHLY_FLOWS:
        raise LayoutError(f"expected {', '.join(_MONTHLY_FLOWS)}, RX or RM, found {cell!r}")
    return _MONTHLY_FLOWS[cell]


def _month(cell: str) -> Period:
    match = _DAY.fullmatch(cell)
    if match is None:
        raise LayoutError(f"expected the first day of a month as 2010-01-01, found {cell!r}")
    return gregorian_month(int(match[1]), int(match[2]))


def _product(cell: str) -> str:
    if not _MONTHLY_CODE.fullmatch(cell):
        raise LayoutError(f"expected a product code of up to six digits, found {cell!r}")
    return cell.zfill(_DIGITS)


def reasons() -> dict[str, nw.Expr]:
    """Return why a row does not count."""
    groups = sorted(aggregates("comtrade"))
    return {
        "rows of services": ~nw.col("type").is_in(_GOODS),
        "rows of re-exports and re-imports": nw.col("flow").is_in(_AGAIN),
        "rows of other flows": ~nw.col("flow").is_in(list(_FLOWS)),
        "rows of the world and groups of countries": nw.col("partner").is_in(groups)
        | nw.col("reporter").is_in(groups),
    } | {f"rows of one {name}": ~nw.col(name).is_in(total) for name, total in _TOTALS.items()}


def reason() -> nw.Expr:
    """Return the column that says why a row does not count, empty where it does."""
    chosen: nw.Expr = nw.lit("")
    for text, condition in reversed(reasons().items()):
        chosen = nw.when(condition).then(nw.lit(text)).otherwise(chosen)
    return chosen.alias("reason")
