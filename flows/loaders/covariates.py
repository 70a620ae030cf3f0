"""Beside the flows: dated events, covariates of pairs, shares that SIPRI published."""

import struct
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from flows.countries import dissolved_states
from flows.errors import LayoutError, SchemaError
from flows.loaders.cells import (
    calendar_year,
    codes,
    codes_of,
    fail,
    numbers,
    select,
    texts,
    translate,
    with_report,
)
from flows.loaders.layout import Layout, either, matches, starts_with
from flows.loaders.records import delimited, is_stata, read_delimited
from flows.loaders.text import RawTable
from flows.table import where

EVENT_COLUMNS = ("id", "start", "end", "kind", "name", "about", "address")

_NEEDED = ("id", "kind", "name", "about", "address")

_GRAVITY_COLUMNS = ("year", "iso3_o", "iso3_d")
"""What every release has; all other columns are covariates."""

_EXIST = ("country_exists_o", "country_exists_d")

_TEXTS = (
    "country_id_o",
    "country_id_d",
    "gmt_offset_2020_o",
    "gmt_offset_2020_d",
    "main_city_source_o",
    "main_city_source_d",
)
"""Columns that hold no numbers."""

USITC_COLUMNS = ("year", "iso3_o", "iso3_d", "dynamic_code_o", "dynamic_code_d")
"""The Dynamic Gravity Dataset has the codes of CEPII's data base and those of its own."""

_USITC_TEXTS = tuple(
    f"{name}_{side}" for name in ("country", "dynamic_code", "region") for side in "od"
)
_MISSING = ("", "NA", ".")

GEODIST_COLUMNS = ("iso_o", "iso_d", "contig", "dist")

_IN_GEODIST = {"YUG": "SCG"}
"""Beside Bosnia, Croatia, Macedonia and Slovenia, it is what was left of Yugoslavia in 1992."""

_ENDED = "distances of states that are no more ({}), and none of their successors"

_GEODIST_ALSO = (
    "comlang_off",
    "comlang_ethno",
    "colony",
    "comcol",
    "curcol",
    "col45",
    "smctry",
    "distcap",
    "distw",
    "distwces",
)

SHARE_COLUMNS = ("importer", "supplier", "start", "end", "share_pct", "edition", "address")

_KEY = ("importer", "exporter", "start", "end", "edition")
_FULL = 100

read_events = delimited(EVENT_COLUMNS)
"""Reads one row an event."""


def normalise_events(raw: RawTable) -> pd.DataFrame:
    """
    Return events with dates.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_events`.

    Returns
    -------
    pandas.DataFrame
        Columns ``id``, ``start`` and ``end`` (first and last day, the last one missing where there
        is none), ``kind``, ``name``, ``about``, ``address``, ``dataset``, ``line``; in the order of
        their first days. This is not a flow table.

    Raises
    ------
    LayoutError
        If a cell is empty that must not be, or is not a day.
    SchemaError
        As in :func:`check_events`.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> normalise_events(read_events(example_path("events")))["id"].tolist()
    ['agreement', 'ban']
    """
    for column in _NEEDED:
        empty = texts(raw, column) == ""
        if empty.any():
            fail(raw, empty, column, "text")
    days = {side: translate(raw, side, meaning) for side, meaning in _DAYS.items()}
    frame = pd.DataFrame(
        {
            "id": texts(raw, "id"),
            **{
                side: pd.to_datetime(column).astype("datetime64[s]")
                for side, column in days.items()
            },
            **{column: texts(raw, column) for column in _NEEDED[1:]},
            "dataset": raw.dataset,
            "line": raw.rows["line"],
        }
    ).sort_values(["start", "id"], ignore_index=True)
    frame.attrs["report"] = {
        "layout": "events",
        "rows_in": len(raw.rows),
        "rows_out": len(frame),
        "left_out": {},
        "warnings": [],
        "header": dict(raw.header),
    }
    return check_events(frame)


def check_events(frame: pd.DataFrame) -> pd.DataFrame:
    """Return events unchanged, or say what is wrong with them."""
    faults = {
        "expected start to be no later than end": frame["start"] > frame["end"],
        "expected each id once": frame["id"].duplicated(keep=False),
    }
    for demand, wrong in faults.items():
        if wrong.any():
            raise SchemaError(f"{demand}; rows at fault: {where(frame[wrong])}")
    return frame


def _day(cell: str) -> date:
    try:
        return date.fromisoformat(cell)
    except ValueError as error:
        raise LayoutError(f"expected a day like 2021-01-31, found {cell!r}") from error


def _day_or_none(cell: str) -> date | None:
    return _day(cell) if cell else None


_DAYS = {"start": _day, "end": _day_or_none}


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
    return (
        _read_stata(path, _GRAVITY_COLUMNS, dataset)
        if is_stata(path)
        else read_delimited(
            path, _GRAVITY_COLUMNS, dataset=dataset, optional=[*_TEXTS, *_USITC_TEXTS, *_EXIST]
        )
    )


def normalise_gravity(raw: RawTable) -> pd.DataFrame:
    """
    Return covariates with alpha-3 codes and numbers.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_gravity`: CEPII's data base, or the Dynamic Gravity Dataset of the USITC.

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
    for side in _EXIST:
        if side in raw.rows:
            exists &= ~texts(raw, side).isin(["0", "0.0"])
    kept = select(raw, exists)
    years = translate(kept, "year", calendar_year)
    origin, destination = codes_of(kept, ["iso3_o", "iso3_d"], scheme="iso")
    named = {
        "exporter": origin,
        "importer": destination,
        "year": years.map(lambda period: period.start.year).astype("int64"),
    }
    texts_of = {*_GRAVITY_COLUMNS, *_TEXTS, *_USITC_TEXTS, "line"}
    other = [name for name in kept.rows.columns if name not in texts_of]
    covariates: Mapping[str, pd.Series] = {name: _numbers(kept, name) for name in other}
    frame = pd.DataFrame({**named, **covariates, "dataset": raw.dataset, "line": kept.rows["line"]})
    left_out = {"rows of countries that did not exist in the year": (~exists).sum()}
    return check_gravity(with_report(frame, kept, rows_in=len(raw.rows), left_out=left_out))


def check_gravity(frame: pd.DataFrame) -> pd.DataFrame:
    """Return covariates unchanged, or say which pair has a year twice."""
    twice = frame.duplicated(["exporter", "importer", "year"], keep=False)
    if twice.any():
        raise SchemaError(f"expected each pair and year once; rows at fault: {where(frame[twice])}")
    return frame


def read_geodist(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read CEPII's GeoDist by pairs (``dist_cepii``): one row an origin and a destination.

    Parameters
    ----------
    path : pathlib.Path
        ``dist_cepii.xls`` saved as ``.xlsx``, ``dist_cepii.dta``, or the same as CSV.
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        All columns.

    Raises
    ------
    LayoutError
        If header or a row is not as the layout has it.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_geodist(example_path("geodist")).rows.loc[0, "distw"]
    '908.7886'
    """
    return (
        _read_stata(path, GEODIST_COLUMNS, dataset)
        if is_stata(path)
        else read_delimited(path, GEODIST_COLUMNS, dataset=dataset, optional=_GEODIST_ALSO)
    )


def normalise_geodist(raw: RawTable) -> pd.DataFrame:
    """
    Return distances and other facts of pairs with alpha-3 codes and numbers.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_geodist`.

    Returns
    -------
    pandas.DataFrame
        Columns ``exporter`` (origin), ``importer`` (destination), every covariate as float64 under
        its own name, ``dataset``, ``line``. Rows of a country with itself are in it: their
        distances are CEPII's internal ones. A missing distance (``.``) stays missing. Codes that
        ISO 3166-1 does not have are brought to those of today (``ROM``, ``ZAR``, ``TMP``, ``PAL``).
        ``YUG`` is the Federal Republic of Yugoslavia, ``SCG``, since the other republics have rows
        of their own; ``ANT`` stays. No country of today is the territory of either.

    Raises
    ------
    LayoutError
        If a cell is not a number.
    CountryError
        If a code is not in the crosswalk.
    SchemaError
        If a pair stands twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_geodist(read_geodist(example_path("geodist")))
    >>> table[["exporter", "importer", "contig", "distw"]].iloc[0].to_dict()
    {'exporter': 'IRN', 'importer': 'ARM', 'contig': 1.0, 'distw': 908.7886}
    """
    origin, destination = (
        side.replace(_IN_GEODIST) for side in codes_of(raw, ["iso_o", "iso_d"], scheme="research")
    )
    other = [name for name in raw.rows.columns if name not in ("iso_o", "iso_d", "line")]
    facts: Mapping[str, pd.Series] = {name: _numbers(raw, name) for name in other}
    named = {"exporter": origin, "importer": destination}
    frame = pd.DataFrame({**named, **facts, "dataset": raw.dataset, "line": raw.rows["line"]})
    ended = sorted({*origin, *destination} & set(dissolved_states()))
    warnings = [_ENDED.format(", ".join(ended))] if ended else []
    return check_geodist(with_report(frame, raw, rows_in=len(raw.rows), warnings=warnings))


def check_geodist(frame: pd.DataFrame) -> pd.DataFrame:
    """Return covariates unchanged, or say which pair stands twice."""
    twice = frame.duplicated(["exporter", "importer"], keep=False)
    if twice.any():
        raise SchemaError(f"expected each pair once; rows at fault: {where(frame[twice])}")
    return frame


def _read_stata(path: Path, columns: Sequence[str], dataset: str | None) -> RawTable:
    """Return the rows of a Stata file, ``line`` being the number of the observation."""
    try:
        frame = pd.read_stata(path, convert_categoricals=False, preserve_dtypes=False)
    except (ValueError, LookupError, OverflowError, EOFError, struct.error) as error:
        raise LayoutError(
            f"{path}: expected a Stata file (.dta) that can be read, found: {error}"
        ) from error
    missing = [name for name in columns if name not in frame]
    if missing or frame.empty:
        raise LayoutError(
            f"{path}: expected rows with the columns {', '.join(columns)}, "
            f"missing {', '.join(missing) or 'all rows'}"
        )
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


read_published_shares = delimited(SHARE_COLUMNS)
"""Reads one row a share, as a publication prints it."""


def normalise_published_shares(raw: RawTable) -> pd.DataFrame:
    """
    Return published shares with dates and numbers.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_published_shares`.

    Returns
    -------
    pandas.DataFrame
        Columns ``importer``, ``exporter``, ``start`` and ``end`` (first and last day of the
        window), ``share_pct``, ``edition``, ``address``, ``dataset``, ``line``. This is not a flow
        table.

    Raises
    ------
    LayoutError
        If a cell is not a year or a number.
    CountryError
        If a code is not in the crosswalk.
    SchemaError
        As in :func:`check_shares`.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_published_shares(read_published_shares(example_path("published_shares")))
    >>> table.loc[0, ["importer", "exporter", "share_pct"]].to_dict()
    {'importer': 'AZE', 'exporter': 'ISR', 'share_pct': 69.0}
    """
    first = translate(raw, "start", calendar_year)
    last = translate(raw, "end", calendar_year)
    frame = pd.DataFrame(
        {
            "importer": codes(raw, "importer", scheme="iso"),
            "exporter": codes(raw, "supplier", scheme="iso"),
            "start": pd.Series([period.start for period in first]).astype("datetime64[s]"),
            "end": pd.Series([period.end for period in last]).astype("datetime64[s]"),
            "share_pct": numbers(raw, "share_pct"),
            "edition": texts(raw, "edition"),
            "address": texts(raw, "address"),
            "dataset": raw.dataset,
            "line": raw.rows["line"],
        }
    )
    return check_shares(with_report(frame, raw, rows_in=len(raw.rows)))


def check_shares(frame: pd.DataFrame) -> pd.DataFrame:
    """Return published shares unchanged, or say what is wrong with them."""
    faults = {
        "expected start to be no later than end": frame["start"] > frame["end"],
        "expected no share above 100": frame["share_pct"] > _FULL,
        "expected each share once": frame.duplicated(list(_KEY), keep=False),
    }
    for demand, wrong in faults.items():
        if wrong.any():
            raise SchemaError(f"{demand}; rows at fault: {where(frame[wrong])}")
    return frame


_STATA = r"\A(?:<stata_dta>|[q-s][\x01\x02]\x01)(?s:.*)"
_HAS_GRAVITY = matches(rf"{_STATA}iso3_o\x00|\A(?:\W*[,;\t])?\W?year\W?[,;\t].*\biso3_o\b")
_IS_GEODIST = either(matches(rf"{_STATA}iso_o\x00"), starts_with(GEODIST_COLUMNS))
_BY_YEAR = either(matches(rf"{_STATA}year\x00"), starts_with(("year",)))
_IS_USITC = either(matches(rf"{_STATA}dynamic_code_o\x00"), starts_with(USITC_COLUMNS))

LAYOUTS = (
    Layout(
        "published_shares",
        "SIPRI shares of arms imports as published",
        "shares of suppliers in percent, by importer and window",
        starts_with(SHARE_COLUMNS),
        read_published_shares,
        normalise_published_shares,
        check_shares,
    ),
    Layout(
        "events",
        "any publisher",
        "dated events, with where each date is stated",
        starts_with(EVENT_COLUMNS),
        read_events,
        normalise_events,
        check_events,
    ),
    Layout(
        "gravity",
        "CEPII Gravity",
        "covariates of country pairs by year",
        lambda beginning: _HAS_GRAVITY(beginning) and not _IS_USITC(beginning),
        read_gravity,
        normalise_gravity,
        check_gravity,
    ),
    Layout(
        "geodist",
        "CEPII GeoDist",
        "distances and other covariates of country pairs",
        lambda beginning: _IS_GEODIST(beginning) and not _BY_YEAR(beginning),
        read_geodist,
        normalise_geodist,
        check_geodist,
    ),
    Layout(
        "usitc_gravity",
        "USITC",
        "Dynamic Gravity Dataset: covariates of country pairs by year",
        _IS_USITC,
        read_gravity,
        normalise_gravity,
        check_gravity,
        documented="https://www.usitc.gov/data/gravity/dgd.htm",
    ),
)
