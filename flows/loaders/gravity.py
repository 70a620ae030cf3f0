"""CEPII Gravity: covariates of country pairs by year. These are no flow statements."""

import re
import struct
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from flows.errors import LayoutError, SchemaError
from flows.loaders.cells import fail, texts
from flows.loaders.meanings import calendar_year, codes, translate
from flows.loaders.raw import RawTable, read_delimited
from flows.loaders.statements import with_report
from flows.table import where

COLUMNS = ("year", "iso3_o", "iso3_d")
"""What every release has; all other columns are covariates."""

TEXTS = (
    "country_id_o",
    "country_id_d",
    "gmt_offset_2020_o",
    "gmt_offset_2020_d",
    "main_city_source_o",
    "main_city_source_d",
)
"""Columns that hold no numbers."""

STATA = re.compile(rb"<stata_dta>|[q-s][\x01\x02]\x01")
"""How a file of Stata begins: version 13 and later, or 10 to 12."""

_MISSING = ("", "NA", ".")


def read_gravity(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read the data base, or rows of it: one row an origin, destination and year.

    Parameters
    ----------
    path : pathlib.Path
        ``Gravity_V202211.csv``, packed or not, or the same as Stata file (``.dta``).
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        All columns.

    Raises
    ------
    LayoutError
        If encoding, header or a row is not as the layout has it.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_gravity(example_path("gravity")).rows.loc[0, "dist"]
    '786'
    """
    with path.open("rb") as file:
        is_stata = STATA.match(file.read(len(b"<stata_dta>"))) is not None
    return (
        _read_stata(path, dataset) if is_stata else read_delimited(path, COLUMNS, dataset=dataset)
    )


def normalise_gravity(raw: RawTable) -> pd.DataFrame:
    """
    Return covariates with alpha-3 codes and numbers.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_gravity`.

    Returns
    -------
    pandas.DataFrame
        Columns ``exporter`` (origin), ``importer`` (destination), ``year``, every covariate as
        float64 under its own name, ``dataset``, ``line``. A missing covariate stays missing. Rows
        of a country in years in which it did not exist (``country_exists_o`` or ``_d`` 0) are left
        out, and counted: one code may stand for two territories in the data base, of which only
        one exists in a year.

    Raises
    ------
    LayoutError
        If a cell is not a year or a number.
    CountryError
        If a code is not in the crosswalk.
    SchemaError
        If a pair has a year twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_gravity(read_gravity(example_path("gravity")))
    >>> table[["exporter", "importer", "year", "contig"]].iloc[0].to_dict()
    {'exporter': 'IRN', 'importer': 'ARM', 'year': 2019, 'contig': 1.0}
    """
    exists = pd.Series(True, index=raw.rows.index)
    for side in ("country_exists_o", "country_exists_d"):
        if side in raw.rows:
            exists &= ~texts(raw, side).isin(["0", "0.0"])
    kept = RawTable(raw.path, raw.dataset, raw.header, raw.rows[exists].reset_index(drop=True))
    years = translate(kept, "year", calendar_year)
    named = {
        "exporter": codes(kept, "iso3_o", scheme="iso"),
        "importer": codes(kept, "iso3_d", scheme="iso"),
        "year": years.map(lambda period: period.start.year).astype("int64"),
    }
    other = [name for name in kept.rows.columns if name not in {*COLUMNS, *TEXTS, "line"}]
    covariates: Mapping[str, pd.Series] = {name: _numbers(kept, name) for name in other}
    frame = pd.DataFrame({**named, **covariates, "dataset": raw.dataset, "line": kept.rows["line"]})
    left_out = {"rows of countries that did not exist in the year": (~exists).sum()}
    return check_gravity(with_report(frame, kept, rows_in=len(raw.rows), left_out=left_out))


def check_gravity(frame: pd.DataFrame) -> pd.DataFrame:
    """
    Return covariates unchanged, or say which pair has a year twice.

    Parameters
    ----------
    frame : pandas.DataFrame
        Of :func:`normalise_gravity`.

    Returns
    -------
    pandas.DataFrame
        The same frame.

    Raises
    ------
    SchemaError
        If a pair has a year twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_gravity(read_gravity(example_path("gravity")))
    >>> check_gravity(table.assign(year=2019))
    Traceback (most recent call last):
        ...
    flows.errors.SchemaError: expected each pair and year once, found at gravity.csv lines 2, 3
    """
    twice = frame.duplicated(["exporter", "importer", "year"], keep=False)
    if twice.any():
        raise SchemaError(f"expected each pair and year once, found at {where(frame[twice])}")
    return frame


def _read_stata(path: Path, dataset: str | None) -> RawTable:
    """Return the rows of a Stata file, ``line`` being the number of the observation."""
    try:
        frame = pd.read_stata(path, convert_categoricals=False, preserve_dtypes=False)
    except (ValueError, LookupError, OverflowError, EOFError, struct.error) as error:
        raise LayoutError(f"{path}: expected a sound file of Stata, found: {error}") from error
    missing = [name for name in COLUMNS if name not in frame]
    if missing or frame.empty:
        raise LayoutError(f"{path}: expected rows with {', '.join(COLUMNS)}, missing {missing}")
    rows = frame.astype("object").where(frame.notna(), "").astype("str")
    return RawTable(str(path), dataset or path.name, {}, rows.assign(line=range(1, len(rows) + 1)))


def _numbers(raw: RawTable, column: str) -> pd.Series:
    """Covariates may be negative, as the hours of a time difference are."""
    cells = texts(raw, column)
    values = pd.to_numeric(cells.mask(cells.isin(_MISSING)), errors="coerce").astype("float64")
    wrong = values.isna() & ~cells.isin(_MISSING)
    if wrong.any():
        fail(raw, wrong, column, "a number or nothing")
    return values
