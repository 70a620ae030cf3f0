"""Trade agreements of pairs with their days; those that DESTA and Mario Larch list by year."""

from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd

from flows.errors import LayoutError, SchemaError
from flows.loaders.cells import (
    calendar_year,
    codes_of,
    fail,
    select,
    texts,
    translate,
    with_columns,
    with_report,
)
from flows.loaders.layout import Layout, starts_with
from flows.loaders.records import delimited
from flows.loaders.text import RawTable
from flows.table import where

AGREEMENT_COLUMNS = (
    "exporter",
    "importer",
    "start",
    "end",
    "agreement",
    "kind",
    "listed_from",
    "listed_to",
    "dataset",
    "line",
)

LARCH_COLUMNS = ("exporter", "importer", "year", "rta", "cu", "fta", "psa", "eia")
_LARCH_ALSO = ("cueia", "ftaeia", "psaeia")
_GOODS = ("cu", "fta", "psa")

DESTA_COLUMNS = (
    "country1",
    "country2",
    "iso1",
    "iso2",
    "number",
    "base_treaty",
    "name",
    "entry_type",
    "year",
    "entryforceyear",
)
_DESTA_ALSO = ("consolidated", "language", "typememb", "regioncon", "wto_listed", "wto_name")
_DIGITS = 3

_SHOWN = 5

_YEARS_ONLY = "the list has years and no days: an agreement begins with 1 January of its year"
_NO_ENDS = "the list says of no agreement when it ended: DESTA's file of withdrawals does"


read_larch_rta = delimited(LARCH_COLUMNS, optional=_LARCH_ALSO)
"""Reads one row a pair and year, as the database has them."""

read_desta = delimited(DESTA_COLUMNS, optional=_DESTA_ALSO)
"""Reads one row a pair and treaty, as the list of dyads has them."""


def normalise_larch_rta(raw: RawTable) -> pd.DataFrame:
    """
    Return the agreements of a yearly panel, one row a pair and stretch of years.

    Parameters
    ----------
    raw : RawTable
        Of ``read_larch_rta``: Mario Larch's Regional Trade Agreements Database.

    Returns
    -------
    pandas.DataFrame
        Columns as in :func:`check_agreements`. A stretch of years with one kind of agreement begins
        on 1 January of the first and ends on 31 December of the last; where that is the last of
        the file, its end is missing. Years outside of the file are not known: ``listed_from`` and
        ``listed_to``.

    Raises
    ------
    LayoutError
        If a cell is not a year, 0 or 1, the file leaves out a year, or a kind is 1 where ``rta`` is
        0.
    CountryError
        If a code is not in the crosswalk.
    SchemaError
        If a pair has a year twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_larch_rta(read_larch_rta(example_path("larch_rta")))
    >>> table[["exporter", "importer", "start", "end", "kind"]].iloc[:2]
      exporter importer      start        end      kind
    0      ARM      BLR 2014-01-01 2014-12-31       FTA
    1      ARM      BLR 2015-01-01        NaT  CU & EIA
    """
    years = translate(raw, "year", lambda cell: calendar_year(cell).start.year).astype("int64")
    _check_no_year_is_left_out(raw, years)
    flags = {
        name: _flag(raw, name) for name in (*LARCH_COLUMNS[3:], *_LARCH_ALSO) if name in raw.rows
    }
    kinds = pd.DataFrame({name: flag for name, flag in flags.items() if name != "rta"})
    unsaid = kinds.any(axis=1) & ~flags["rta"]
    if unsaid.any():
        fail(raw, unsaid, "rta", "1 where a kind of agreement is 1")
    exporter, importer = codes_of(raw, ["exporter", "importer"], scheme="research")
    panel = pd.DataFrame(
        {
            "exporter": exporter,
            "importer": importer,
            "year": years,
            "kind": _larch_kinds(kinds),
            "line": raw.rows["line"],
        }
    )
    _check_once(panel.assign(dataset=raw.dataset), ["exporter", "importer", "year"])
    frame = _stretches(panel[flags["rta"]], last=int(years.max()))
    return reported(
        frame.assign(agreement=frame["kind"]),
        raw,
        listed=(_first_day(years.min()), _last_day(years.max())),
        left_out={"pairs and years without an agreement": (~flags["rta"]).sum()},
        warnings=[_YEARS_ONLY],
    )


def _check_no_year_is_left_out(raw: RawTable, years: pd.Series) -> None:
    absent = sorted(set(range(years.min(), years.max() + 1)) - set(years))
    if absent:
        raise LayoutError(
            f"{raw.path}: expected every year from {years.min()} to {years.max()}, found no row of "
            f"{', '.join(map(str, absent[:_SHOWN]))}: what was in force then is not told; take the "
            "file with all years"
        )


def _flag(raw: RawTable, column: str) -> pd.Series:
    cells = texts(raw, column).str.removesuffix(".0")
    wrong = ~cells.isin(["0", "1"])
    if wrong.any():
        fail(raw, wrong, column, "0 or 1")
    return cells == "1"


def _larch_kinds(kinds: pd.DataFrame) -> pd.Series:
    """Return kinds in the WTO's words: ``FTA & EIA``."""
    both = {name: kinds.get(f"{name}eia", False) for name in _GOODS}
    parts = {name: kinds[name] | both[name] for name in _GOODS}
    parts["eia"] = kinds["eia"] | pd.DataFrame(both, index=kinds.index).any(axis=1)
    words = pd.Series("", index=kinds.index)
    for name, there in parts.items():
        words = words.mask(there, words + " & " + name.upper())
    return words.str.removeprefix(" & ").replace("", "RTA")


def _stretches(panel: pd.DataFrame, *, last: int) -> pd.DataFrame:
    """Return consecutive years of a pair with one kind as one row, with the line of the first."""
    key = ["exporter", "importer", "kind"]
    ordered = panel.sort_values([*key[:2], "year"], ignore_index=True)
    before = ordered.shift()
    begins = (ordered[key] != before[key]).any(axis=1) | (ordered["year"] != before["year"] + 1)
    grouped = ordered.assign(stretch=begins.cumsum()).groupby("stretch")
    rows = grouped.first().assign(until=grouped["year"].max())
    ends = pd.Series([_last_day(year) for year in rows["until"]], index=rows.index, dtype=object)
    return rows.assign(
        start=[_first_day(year) for year in rows["year"]], end=ends.mask(rows["until"] == last)
    )


def normalise_desta(raw: RawTable) -> pd.DataFrame:
    """
    Return treaties by pair, each in both directions.

    Parameters
    ----------
    raw : RawTable
        Of ``read_desta``: the list of treaties in dyadic form of Design of Trade Agreements.

    Returns
    -------
    pandas.DataFrame
        Columns as in :func:`check_agreements`; ``kind`` is the type of entry (``base_treaty``,
        ``accession``, ``consolidated``). A treaty begins on 1 January of the year in which it
        entered into force; the list does not say when one ended. What did not enter into force is
        left out and counted.

    Raises
    ------
    LayoutError
        If a cell is not a year.
    CountryError
        If a numeric code of ISO 3166-1 is not in the crosswalk.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_desta(read_desta(example_path("desta")))
    >>> table[["exporter", "importer", "start", "agreement"]].iloc[:1]
      exporter importer      start     agreement
    0      ARM      IRN 1997-01-01  Armenia Iran
    """
    entered = ~texts(raw, "entryforceyear").isin(["", "NA"])
    signed = translate(raw, "year", lambda cell: calendar_year(cell).start.year)
    kept = select(raw, entered)
    force = translate(kept, "entryforceyear", lambda cell: calendar_year(cell).start.year)
    sides = {
        side: texts(kept, side).str.removesuffix(".0").str.zfill(_DIGITS)
        for side in ("iso1", "iso2")
    }
    one, other = codes_of(with_columns(kept, **sides), list(sides), scheme="research")
    named = {
        "start": [_first_day(year) for year in force],
        "end": None,
        "agreement": texts(kept, "name"),
        "kind": texts(kept, "entry_type"),
        "line": kept.rows["line"],
    }
    there = pd.DataFrame({"exporter": one, "importer": other, **named})
    back = pd.DataFrame({"exporter": other, "importer": one, **named})
    return reported(
        pd.concat([there, back], ignore_index=True),
        raw,
        listed=(None, _last_day(signed.max())),
        left_out={"pairs of treaties without a year of entry into force": (~entered).sum()},
        warnings=[_YEARS_ONLY, _NO_ENDS],
    )


def _first_day(year: int) -> date:
    return date(int(year), 1, 1)


def _last_day(year: int) -> date:
    return date(int(year), 12, 31)


def reported(
    frame: pd.DataFrame,
    raw: RawTable,
    *,
    listed: tuple[date | None, date | None],
    left_out: Mapping[str, int],
    warnings: Sequence[str],
) -> pd.DataFrame:
    """Return agreements in their columns and order, checked."""
    days = {
        "start": frame["start"],
        "end": frame["end"],
        "listed_from": listed[0],
        "listed_to": listed[1],
    }
    whole = frame.assign(
        **{
            name: pd.Series(day, index=frame.index).astype("datetime64[s]")
            for name, day in days.items()
        },
        dataset=raw.dataset,
    )[list(AGREEMENT_COLUMNS)]
    once = whole.drop_duplicates(AGREEMENT_COLUMNS[:6])
    ordered = once.sort_values([*AGREEMENT_COLUMNS[:6]], ignore_index=True)
    return check_agreements(
        with_report(ordered, raw, rows_in=len(raw.rows), left_out=left_out, warnings=warnings)
    )


def check_agreements(frame: pd.DataFrame) -> pd.DataFrame:
    """
    Return agreements unchanged, or say what is wrong with them.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a pair, direction and agreement: ``exporter``, ``importer``, ``start`` and ``end``
        (first and last day in force, the last one missing where there is none), ``agreement`` (its
        name), ``kind``, ``listed_from`` and ``listed_to`` (between these days the list is whole;
        missing where it has no such limit), ``dataset``, ``line``.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    SchemaError
        If an agreement ends before it begins, or stands twice.
    """
    wrong = frame["start"] > frame["end"]
    if wrong.any():
        raise SchemaError(
            f"expected start to be no later than end; rows at fault: {where(frame[wrong])}"
        )
    _check_once(frame, [*AGREEMENT_COLUMNS[:6]])
    return frame


def _check_once(frame: pd.DataFrame, key: Sequence[str]) -> None:
    twice = frame.duplicated(list(key), keep=False)
    if twice.any():
        raise SchemaError(
            f"expected each {', '.join(key)} once; rows at fault: {where(frame[twice])}"
        )


LAYOUTS = (
    Layout(
        "larch_rta",
        "Mario Larch",
        "Regional Trade Agreements Database: agreements of country pairs by year",
        starts_with(LARCH_COLUMNS),
        read_larch_rta,
        normalise_larch_rta,
        check_agreements,
        documented="https://www.ewf.uni-bayreuth.de/en/research/RTA-data/index.html",
    ),
    Layout(
        "desta",
        "DESTA",
        "Design of Trade Agreements: treaties by country pair",
        starts_with(DESTA_COLUMNS),
        read_desta,
        normalise_desta,
        check_agreements,
    ),
)
