"""UN Comtrade: its layouts, which of its rows count, and what they mean."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import narwhals as nw
import pandas as pd

from flows.countries import aggregates, are_aggregates
from flows.errors import LayoutError
from flows.loaders.cells import (
    codes,
    levels,
    numbers,
    plain_codes,
    repaired,
    rounding,
    select,
    spans,
    state,
    texts,
    translate,
    with_columns,
    without_missing,
)
from flows.loaders.claims import OTHER_ASIA, WORLD, about, last_digit, printed_totals
from flows.loaders.ends import without_empty_end
from flows.loaders.json_records import read_json, records_of
from flows.loaders.layout import Layout, either, matches, starts_with
from flows.loaders.records import check_spelling, read_records
from flows.loaders.said_twice import (
    Twice,
    check_said_twice,
    same_country,
    same_flow,
    same_year,
)
from flows.loaders.text import RawTable, Record, find_header, make_table
from flows.periods import Period
from flows.products import NOT_SPECIFIED, TOTAL, classification_name
from flows.scope import Scope, no_totals

_PERIOD = re.compile(r"([0-9]{4})(?:\.0)?|([0-9]{4})([0-9]{2})")
_CODE = re.compile(r"[0-9]{1,6}")
_TRADE_MATRIX = "TM"

NAMES = {
    "period": ("period", "Period", "Year"),
    "flow": ("flowCode", "Trade Flow Code", "rgCode"),
    "reporter": ("reporterCode", "Reporter Code", "rtCode"),
    "partner": ("partnerCode", "Partner Code", "ptCode"),
    "classification": ("classificationCode", "Classification", "pfCode"),
    "product": ("cmdCode", "Commodity Code"),
    "value": ("primaryValue", "Trade Value (US$)", "Value", "TradeValue"),
}
"""What every layout has, under one of these names."""

OPTIONAL = {
    "type": ("typeCode",),
    "partner2": ("partner2Code", "2nd Partner Code", "ptCode2"),
    "customs": ("customsCode", "Customs Proc. Code", "cstCode"),
    "transport": ("motCode", "Mode of Transport Code"),
    "supply": ("mosCode",),
    "cif": ("cifvalue", "cifValue", "CIF Trade Value (US$)", "CIFValue"),
    "fob": ("fobvalue", "fobValue", "FOB Trade Value (US$)", "FOBValue"),
    "weight": ("netWgt", "Netweight (kg)", "NetWeight"),
}
"""What only some of them have."""

SPELLINGS = [name for names in (*NAMES.values(), *OPTIONAL.values()) for name in names]
"""All names under which files have the columns that count."""

_MOST_ROWS = (500, 100_000, 250_000)
"""Rows that an answer of the interface has at most: without a key, and with one, then and now."""

LETTERS = {"M": "import", "X": "export"}
_FLOWS = {**LETTERS, "1": "import", "2": "export"}
"""Codes of the site now, which are letters, and until 2022."""

AGAIN_LETTERS = ("RM", "RX")
_AGAIN = (*AGAIN_LETTERS, "4", "3")
"""Re-imports and re-exports: they are inside imports and exports already."""

WORLD_CODES = ("0", "W00", "WLD", "World")

_TOTALS = {
    "partner2": ("", "0"),
    "customs": ("", "C00"),
    "transport": ("", "0"),
    "supply": ("", "0"),
}
"""What a row must say of a second partner, customs procedure, mode of transport and of supply to be
the total over them."""

CODES = ("flow", "reporter", "partner", "product", *_TOTALS)
"""Columns of codes, which programs take for numbers where a cell is missing: 51.0."""

NUMBERS = ("value", "cif", "fob", "weight")

_GOODS = ("", "C")
"""What a row must say of its type to be of goods."""

_FLOW_NAMES = {**_FLOWS, **dict(zip(_AGAIN, ("reimport", "reexport") * 2, strict=True))}

SAID_TWICE = (
    *(Twice(*names, same_year) for names in (("period", "refYear"), ("Period", "Year"))),
    *(
        Twice(*names, same_flow(_FLOW_NAMES))
        for names in (("flowCode", "flowDesc"), ("Trade Flow Code", "Trade Flow"))
    ),
    *(
        Twice(*names, same_country("comtrade"))
        for names in (
            ("reporterCode", "reporterISO"),
            ("partnerCode", "partnerISO"),
            ("Reporter Code", "Reporter ISO"),
            ("Partner Code", "Partner ISO"),
        )
    ),
)
"""What files say by a code and by a name."""

CONSTANTS = {"unit": "USD", "coverage": "all goods"}
"""What every row that counts says."""


def statement() -> dict[str, nw.Expr]:
    """
    Return columns of the flow table, from those of a row that counts.

    They need the names of its codes as well: ``stating`` is the country that reports, ``other``
    its partner, ``named`` the classification.
    """
    exports = nw.col("flow").is_in([code for code, flow in _FLOWS.items() if flow == "export"])
    total = nw.col("product") == TOTAL
    # An odd number of digits in the Harmonized System: a program took the zero in front away.
    lost = (
        nw.col("classification").str.starts_with("H")
        & ~total
        & (nw.col("product").str.len_chars() % 2 == 1)
    )
    cif, fob = (nw.col(name).fill_null(-1.0) == nw.col("value") for name in ("cif", "fob"))
    return {
        "exporter": _where(exports, nw.col("stating"), nw.col("other")),
        "importer": _where(exports, nw.col("other"), nw.col("stating")),
        "reporter": nw.col("stating"),
        "product": _where(lost, nw.concat_str(nw.lit("0"), nw.col("product")), nw.col("product")),
        "classification": _where(total, nw.lit(TOTAL), nw.col("named")),
        "valuation": _where(
            cif & ~fob, nw.lit("CIF"), _where(fob & ~cif, nw.lit("FOB"), nw.lit(""))
        ),
        "partner_basis": _where(exports, nw.lit("destination"), nw.lit("origin")),
        "netweight_kg": nw.col("weight"),
    }


def _where(condition: nw.Expr, then: nw.Expr, otherwise: nw.Expr) -> nw.Expr:
    chosen: nw.Expr = nw.when(condition).then(then).otherwise(otherwise)
    return chosen


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
        Rows of the world are kept as the totals of what a country reports.

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
    check_said_twice(raw, SAID_TWICE)
    left_out, kept, stated = _understood(under_our_names(raw))
    printed = kept.rows["printed"]
    rows, flows = select(kept, ~printed), stated[~printed].reset_index(drop=True)
    return state(
        rows,
        {**flows, **CONSTANTS},
        rows_in=len(raw.rows),
        left_out=left_out,
        warnings=[
            *repaired(rows, "product", flows["product"]),
            *_rounding(raw),
            *levels(flows["product"]),
        ],
        scope=_scope(flows["reporter"].unique(), kept, stated),
    )


def scope_of_rows(reporters: Iterable[str], named: RawTable) -> Scope:
    """Return what rows make up: the trade of reporters, with the totals that rows print."""
    _, kept, stated = _understood(named)
    return _scope(reporters, kept, stated)


def _scope(reporters: Iterable[str], kept: RawTable, stated: pd.DataFrame) -> Scope:
    printed = kept.rows["printed"]
    totals = no_totals()
    if printed.any():
        digit = last_digit(texts(kept, "value")[printed])
        totals = printed_totals({**stated[printed], "digit": digit}, kept.rows["line"][printed])
    every = sorted(set(reporters))
    countries = about(imports=every, exports=every)
    return Scope(countries=countries, totals=totals, unnamed=OTHER_ASIA)


def _understood(named: RawTable) -> tuple[dict[str, int], RawTable, pd.DataFrame]:
    """
    Return what is left out, the rows that count and those ``printed``, and what they state.

    Printed are rows of the world that would count, were it a country: they are judged once more
    without their partner.
    """
    world = prints_totals(named) & ~are_aggregates(named.rows["reporter"], scheme="comtrade")
    again = named.rows[world].assign(partner="", printed=True)
    both = pd.concat([named.rows.assign(printed=False), again], ignore_index=True)
    left_out, judged = judge(nw.from_native(both, eager_only=True))
    kept = _with_rows(named, judged)
    printed = kept.rows["printed"]
    period = spans(translate(kept, "period", as_period))
    others = with_columns(kept, partner=kept.rows["partner"].mask(printed, kept.rows["reporter"]))
    partner = codes(others, "partner", scheme="comtrade", on=period["start"]).mask(printed, WORLD)
    stated = _stated(kept, period, partner)
    return left_out, kept, stated.assign(**period)


def _stated(kept: RawTable, period: Mapping[str, pd.Series], partner: pd.Series) -> pd.DataFrame:
    """Return what rows that count state, as columns of the flow table."""
    rows = pd.DataFrame(
        {
            "flow": texts(kept, "flow"),
            "classification": texts(kept, "classification"),
            "stating": codes(kept, "reporter", scheme="comtrade", on=period["start"]),
            "other": partner,
            "value": numbers(kept, "value"),
            "product": translate(kept, "product", as_product).astype("str"),
            "named": translate(kept, "classification", as_classification).astype("str"),
            **{name: numbers(kept, name, blank=True) for name in ("cif", "fob", "weight")},
        }
    )
    stated: pd.DataFrame = nw.from_native(rows).select("value", **statement()).to_native()
    return stated


def prints_totals(named: RawTable) -> pd.Series:
    """Say which rows are of the world, with a value."""
    return texts(named, "partner").isin(WORLD_CODES) & (texts(named, "value") != "")


def kept_rows(raw: RawTable) -> tuple[dict[str, int], RawTable]:
    """Return what is left out, and the rest under our names of the columns."""
    named = under_our_names(raw)
    left_out, judged = judge(nw.from_native(named.rows, eager_only=True))
    return left_out, _with_rows(named, judged)


def _with_rows(raw: RawTable, rows: nw.DataFrame[Any]) -> RawTable:
    return replace(raw, rows=rows.to_native().reset_index(drop=True))


def under_our_names(raw: RawTable) -> RawTable:
    """Return all rows with the columns that count, under our names of them."""
    names = our_names(list(raw.rows.columns))
    columns = {ours: _column(raw, ours, names) for ours in (*NAMES, *OPTIONAL)}
    rows = pd.DataFrame({**columns, "line": raw.rows["line"]}).astype(dict.fromkeys(columns, "str"))
    return replace(raw, rows=rows, headings=names)


def _column(raw: RawTable, ours: str, names: Mapping[str, str]) -> pd.Series | str:
    if ours not in names:
        return ""
    cells = plain_codes(raw, names[ours]) if ours in CODES else texts(raw, names[ours])
    return without_missing(raw, names[ours], cells) if ours in OPTIONAL else cells


def our_names(header: Sequence[str]) -> dict[str, str]:
    """Return our names of the columns that count, with those that the header has for them."""
    return {
        ours: next(name for name in spellings if name in header)
        for ours, spellings in {**NAMES, **OPTIONAL}.items()
        if not set(spellings).isdisjoint(header)
    }


def judge(rows: nw.DataFrame[Any]) -> tuple[dict[str, int], nw.DataFrame[Any]]:
    """Return how many rows are left out, each for its first reason, and the rest."""
    why: nw.Expr = nw.lit("")
    for text, condition in reversed(_reasons().items()):
        why = _where(condition, nw.lit(text), why)
    judged = rows.with_columns(why=why)
    once = judged.filter(~nw.col("printed")) if "printed" in rows.columns else judged
    counts = dict(once["why"].value_counts().iter_rows())
    left_out = {text: int(counts[text]) for text in _reasons() if text in counts}
    return left_out, judged.filter(nw.col("why") == "").drop("why")


def _reasons() -> dict[str, nw.Expr]:
    """Return why a row does not count."""
    groups = sorted(aggregates("comtrade"))
    return {
        "rows of services": ~nw.col("type").is_in(_GOODS),
        "rows of re-exports and re-imports": nw.col("flow").is_in(_AGAIN),
        "rows of other flows": ~nw.col("flow").is_in(list(_FLOWS)),
        "rows of the world and groups of countries": nw.col("partner").is_in(groups)
        | nw.col("reporter").is_in(groups),
    } | {f"rows of one {name}": ~nw.col(name).is_in(total) for name, total in _TOTALS.items()}


def _rounding(raw: RawTable) -> list[str]:
    """Say which numbers are rounded, those of printed totals too."""
    names = our_names(list(raw.rows.columns))
    return rounding(raw, *(names[ours] for ours in NUMBERS if ours in names))


def as_classification(cell: str) -> str:
    """Return the classification that a code stands for, if countries report in it."""
    if cell == _TRADE_MATRIX:
        raise LayoutError(
            f"expected what countries reported, found {cell!r}: the trade matrix, whose values the "
            "United Nations estimate; download the data of a classification"
        )
    return classification_name(cell)


def as_product(cell: str) -> str:
    """Return a product code as Comtrade writes it."""
    if cell not in {TOTAL, NOT_SPECIFIED} and not _CODE.fullmatch(cell):
        raise LayoutError(
            f"expected a product code of up to six digits or TOTAL, found {cell!r}; "
            "longer codes are tariff lines, which each country numbers in its own way"
        )
    return cell


def as_period(cell: str) -> Period:
    """Return the year or month that a cell names."""
    match = _PERIOD.fullmatch(cell)
    if match is None:
        raise LayoutError(f"expected a year or a year and month as 202301, found {cell!r}")
    whole, year, month = match.groups()
    return Period.year(int(whole)) if whole else Period.month(int(year), int(month))


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
    records, warnings, _ = read_records(path, SPELLINGS, usual=",\t")
    header = [cell.strip() for cell in records[0].cells]
    find_columns(header, path=str(path))
    rows = without_empty_end(records[1:], len(header), path=str(path))
    return make_table(header, rows, path=str(path), dataset=dataset, warnings=warnings)


def delimiter_of(header: str) -> str:
    """Return what stands between the cells of a file, from its first line."""
    return "\t" if "\t" in header else ","


def read_comtrade_api(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read a reply of Comtrade's programming interface.

    Parameters
    ----------
    path : pathlib.Path
        JSON with the rows under ``data``, or under ``dataset`` as the interface had them until
        2022.
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
    rows = reply.get("data", reply.get("dataset")) if isinstance(reply, dict) else None
    if not isinstance(rows, list):
        raise LayoutError(f"{path}:1: expected a reply with data, found {_said(reply)}")
    if reply.get("error"):
        raise LayoutError(f"{path}:1: expected data, found the error {reply['error']!r}")
    if not rows:
        raise LayoutError(f"{path}:1: expected rows under data, found an empty reply")
    _check_count(reply, len(rows), path=str(path))
    names, records = records_of(rows, text, path=str(path))
    find_columns(names, path=str(path))
    header = {"elapsedTime": str(reply.get("elapsedTime", ""))}
    return make_table(
        names, records, path=str(path), dataset=dataset, header=header, warnings=_at_most(len(rows))
    )


def _check_count(reply: Mapping[str, Any], rows: int, *, path: str) -> None:
    """Check that a reply has as many rows as it counts; until 2022 the count stood deeper."""
    validation = reply.get("validation")
    former = validation.get("count") if isinstance(validation, dict) else None
    count = former.get("value") if isinstance(former, dict) else reply.get("count")
    if isinstance(count, int) and 0 <= count != rows:
        raise LayoutError(
            f"{path}:1: expected the {count} rows that the reply counts, found {rows}; rows were "
            "lost or added: download it again"
        )


def _at_most(rows: int) -> tuple[str, ...]:
    """Say of a reply that it has as many rows as one answer can have."""
    if rows not in _MOST_ROWS:
        return ()
    said = f"the reply has {rows:,} rows, the most that one answer has: others may be missing"
    return (f"{said}; ask for fewer countries, periods or products",)


def find_columns(header: Sequence[str], *, path: str) -> None:
    """Check that a header has every column of :data:`NAMES` under one of its names."""
    check_spelling(header, SPELLINGS, at=f"{path}:1")
    wanted = [
        next((name for name in spellings if name in header), spellings[0])
        for spellings in NAMES.values()
    ]
    find_header([Record(1, list(header))], wanted, path=path)


def _said(reply: object) -> str:
    if isinstance(reply, dict):
        return f"{reply.get('message') or ', '.join(map(str, reply)) or 'an empty object'}"[:80]
    return type(reply).__name__


LAYOUTS = (
    Layout(
        "comtrade_v1",
        "UN Comtrade",
        "CSV of the site or bulk file since 2022",
        starts_with(("typeCode", "flowCode", "partner2Code", "primaryValue")),
        read_comtrade,
        normalise_comtrade,
    ),
    Layout(
        "comtrade_api",
        "UN Comtrade",
        "reply of the interface",
        matches(r'\A\{\s*"elapsedTime"'),
        read_comtrade_api,
        normalise_comtrade,
    ),
    Layout(
        "comtrade_legacy",
        "UN Comtrade",
        "CSV of the site until 2022 (35 or 22 columns)",
        either(
            starts_with(("Classification", "Period", "Trade Flow Code", "Trade Value (US$)")),
            starts_with(("pfCode", "period", "rgCode", "TradeValue")),
        ),
        read_comtrade,
        normalise_comtrade,
    ),
    Layout(
        "comtrade_legacy_api",
        "UN Comtrade",
        "reply of the interface until 2022",
        matches(r'\A\{\s*"(?:validation"|dataset"(?s:.*)"rgCode")'),
        read_comtrade_api,
        normalise_comtrade,
    ),
    Layout(
        "comtrade_legacy_bulk",
        "UN Comtrade",
        "bulk file until 2022 (11 columns)",
        starts_with(("Year", "Reporter Code", "Trade Flow Code", "Value", "Estimation Code")),
        read_comtrade,
        normalise_comtrade,
    ),
)
