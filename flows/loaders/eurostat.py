"""Eurostat's programming interface and Data Browser: Comext as SDMX-CSV and as TSV."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from flows.errors import LayoutError
from flows.loaders.cells import fail, select, texts, translate, with_columns
from flows.loaders.comext import flows_of_query
from flows.loaders.comext_cells import CN, SITC, plain_code
from flows.loaders.comext_rows import under_our_names
from flows.loaders.ends import cut_warning
from flows.loaders.layout import Layout, matches, starts_with
from flows.loaders.records import read_delimited
from flows.loaders.text import (
    RawTable,
    Record,
    make_table,
    read_text,
    split_records,
)

_DIMENSIONS = ("freq", "reporter", "partner", "product", "flow", "indicators")
COLUMNS = (*_DIMENSIONS[1:], "TIME_PERIOD", "OBS_VALUE")
"""Columns that count of SDMX-CSV, whatever stands before and behind them."""

_OPTIONAL = ("DATAFLOW", "STRUCTURE_ID", "freq", "OBS_FLAG", "CONF_STATUS")

_DATA_SETS = {
    "DS-045409": CN,
    "DS-059341": CN,
    "DS-018995": SITC,
    "DS-059331": SITC,
}
"""Data sets by code: whose classification their products are of."""

_DATA_SET = re.compile(r"DS[-_][0-9]{6}", re.IGNORECASE)

_VALUES = ("VALUE_IN_EUROS", "VALUE_EUR")
_QUANTITIES = {
    "QUANTITY_IN_100KG": "hundred_kg",
    "QUANTITY_IN_KG": "kg",
    "QUANTITY_KG": "kg",
    "SUPPLEMENTARY_QUANTITY": "supplementary",
}
"""Indicators to our names of what they hold."""

_SERIES = ["freq", "reporter", "partner", "product", "flow", "period"]
_CELL = re.compile(r"\s*(:|-?[0-9.]+(?:[eE][+-]?[0-9]+)?)?\s*([a-z]*)\s*")
"""A cell of a TSV: a value, or a colon where there is none, and flags."""

_CORNER = "\\TIME_PERIOD"


def read_eurostat_csv(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read SDMX-CSV of Eurostat: of the programming interface, or out of the Data Browser.

    Parameters
    ----------
    path : pathlib.Path
        With codes, or with codes and labels; packed with gzip or not.
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        One row an observation of one indicator. ``header`` has the ``data set``, from the file or
        from its name (``estat_ds-045409_en.csv``).

    Raises
    ------
    LayoutError
        If encoding, header or a row is not as the layout has it.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_eurostat_csv(example_path("eurostat_csv")).header
    {'data set': 'DS-045409'}
    """
    raw = read_delimited(path, COLUMNS, dataset=dataset, optional=_OPTIONAL)
    named = next(
        (texts(raw, column) for column in ("DATAFLOW", "STRUCTURE_ID") if column in raw.rows), None
    )
    return replace(raw, header=_data_set("" if named is None else str(named.iloc[0]), path))


def read_eurostat_tsv(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read a TSV of Eurostat: a series a line, its periods side by side.

    Parameters
    ----------
    path : pathlib.Path
        Packed with gzip or not, as ``estat_ds-045409.tsv.gz``.
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        One row a series and period, its value and its flags apart, as SDMX-CSV has them.

    Raises
    ------
    LayoutError
        If encoding, header or a cell is not as the layout has it.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> raw = read_eurostat_tsv(example_path("eurostat_tsv"))
    >>> raw.rows.loc[0, ["reporter", "TIME_PERIOD", "OBS_VALUE", "OBS_FLAG"]].tolist()
    ['AT', '2024-07', '3069565', 'p']
    """
    text, warnings = read_text(path)
    lines = split_records(text, path=str(path), delimiter="\t", quoted=False)
    records = [record for record in lines if any(record.cells)]
    corner, *periods = [cell.strip() for cell in records[0].cells]
    names = corner.removesuffix(_CORNER).split(",")
    missing = [name for name in _DIMENSIONS[1:] if name not in names]
    if missing:
        raise LayoutError(
            f"{path}:1: expected the dimensions {', '.join(_DIMENSIONS)}, "
            f"missing {', '.join(missing)}"
        )
    rows = list(_observations(records[1:], len(names), periods, path=path))
    header = [*names, "TIME_PERIOD", "OBS_VALUE", "OBS_FLAG"]
    return make_table(
        header,
        rows,
        path=str(path),
        dataset=dataset,
        header=_data_set("", path),
        warnings=(*warnings, *cut_warning(text, records)),
    )


def _observations(
    records: Sequence[Record], width: int, periods: Sequence[str], *, path: Path
) -> Iterator[Record]:
    for line, cells in records:
        series, *values = cells
        codes = series.strip().split(",")
        if len(codes) != width or len(values) != len(periods):
            raise LayoutError(
                f"{path}:{line}: expected {width} codes and {len(periods)} cells, "
                f"found {len(codes)} and {len(values)}"
            )
        for period, cell in zip(periods, values, strict=True):
            match = _CELL.fullmatch(cell)
            if match is None:
                raise LayoutError(
                    f"{path}:{line}: column {period}: expected a value with its flags or a colon, "
                    f"found {cell!r}"
                )
            yield Record(line, [*codes, period, match[1] or "", match[2]])


def _data_set(printed: str, path: Path) -> dict[str, str]:
    """Return the code of a data set, as the file prints it or as it is called."""
    code = _DATA_SET.search(printed) or _DATA_SET.search(path.name)
    return {} if code is None else {"data set": code[0].upper().replace("_", "-")}


def normalise_eurostat(raw: RawTable) -> pd.DataFrame:
    """
    Return what members of the European Union report, as a flow table in euros.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_eurostat_csv` or :func:`read_eurostat_tsv`.

    Returns
    -------
    pandas.DataFrame
        As :func:`flows.loaders.comext.normalise_comext` has it. Values are statements; quantities
        of the same series and period stand beside them, hundreds of kilograms as kilograms. A
        quantity without its value is left out, and counted in the report.

    Raises
    ------
    LayoutError
        If a cell is not a number, a period, a flow, an indicator or a product, or if nothing says
        whose codes the products are.
    CountryError
        If a country is not in the crosswalk.
    SchemaError
        If a statement stands there twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_eurostat(read_eurostat_csv(example_path("eurostat_csv")))
    >>> table.loc[0, ["importer", "product", "value", "quantity_kg"]].to_dict()
    {'importer': 'DEU', 'product': '7204', 'value': 204548.0, 'quantity_kg': 177290.0}
    """
    named = under_our_names(raw)
    classification = _classification(raw)
    for column in ("indicators", "freq"):
        cells = texts(raw, column) if column in raw.rows else pd.Series("", raw.rows.index)
        named = with_columns(named, **{column: cells.map(plain_code)})
    kinds = translate(named, "indicators", _indicator)
    values = select(named, kinds == "value")
    beside = {name: _beside(named, kinds == name, values) for name in set(_QUANTITIES.values())}
    alone = (
        len(named.rows)
        - len(values.rows)
        - sum(int((cells != "").sum()) for cells in beside.values())
    )
    return flows_of_query(
        with_columns(values, **beside),
        classification=classification,
        rows_in=len(raw.rows),
        left_out={"quantities without a value beside them": alone},
    )


def _classification(raw: RawTable) -> str:
    """Return whose codes the products are of."""
    code = raw.header.get("data set", "")
    if code in _DATA_SETS:
        return _DATA_SETS[code]
    known = ", ".join(_DATA_SETS)
    if code:
        raise LayoutError(f"{raw.path}:2: expected one of the data sets {known}, found {code}")
    products = texts(raw, "product").map(plain_code)
    digits = products.str.len()
    if not ((products == "TOTAL") | (digits >= _LONGER_THAN_SITC)).all():
        raise LayoutError(
            f"{raw.path}:1: expected the data set in the file or in its name ({known}), found "
            "none: codes such as 33 are of two classifications; call the file as Eurostat does, "
            "estat_ds-045409.tsv"
        )
    return CN


_LONGER_THAN_SITC = 6


def _indicator(cell: str) -> str:
    """Return our name of what an indicator holds."""
    if cell in _VALUES:
        return "value"
    if cell not in _QUANTITIES:
        known = ", ".join((*_VALUES, *_QUANTITIES))
        raise LayoutError(f"expected one of the indicators {known}, found {cell!r}")
    return _QUANTITIES[cell]


def _beside(named: RawTable, chosen: pd.Series, values: RawTable) -> pd.Series:
    """Return the quantities that stand beside values, as text."""
    rows = named.rows[chosen]
    twice = named.rows.duplicated([*_SERIES, "indicators"], keep=False) & chosen
    if twice.any():
        fail(named, twice, "period", "each series and period once")
    quantities = rows.set_index(_SERIES)["value"]
    keys = pd.MultiIndex.from_frame(values.rows[_SERIES])
    found = quantities.reindex(keys).fillna("").astype("str")
    return pd.Series(found.to_numpy(), values.rows.index, dtype="str")


LAYOUTS = (
    Layout(
        "eurostat_csv",
        "Eurostat Comext",
        "SDMX-CSV of the interface and of the Data Browser",
        starts_with(COLUMNS),
        read_eurostat_csv,
        normalise_eurostat,
        documented="replies as public repositories quote them",
    ),
    Layout(
        "eurostat_tsv",
        "Eurostat Comext",
        "TSV: a series a line, its months or years side by side",
        matches(r"\A[^\t\n]*\breporter,[^\t\n]*\bpartner,[^\t\n]*\\TIME_PERIOD *\t"),
        read_eurostat_tsv,
        normalise_eurostat,
        documented="header as Eurostat describes its TSV",
    ),
)
