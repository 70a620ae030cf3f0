"""Trade agreements of pairs with their days: the WTO's list, DESTA's, and Mario Larch's by year."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import permutations

import pandas as pd

from flows.countries import country_groups
from flows.errors import LayoutError, SchemaError
from flows.loaders.cells import (
    calendar_year,
    codes,
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

_GOODS_DAY, _SERVICES_DAY = "Date of Entry into Force (G)", "Date of Entry into Force (S)"
_NOW, _FIRST = "Current signatories", "Original signatories"
_OWN_DAYS, _INACTIVE = "Specific Entry/Exit dates", "Inactive Date"
WTO_COLUMNS = (
    "RTA ID",
    "RTA Name",
    "Type",
    _GOODS_DAY,
    _SERVICES_DAY,
    _INACTIVE,
    _NOW,
    _FIRST,
    _OWN_DAYS,
)

_PARTIES = {
    "ASEAN Free Trade Area (AFTA)": "ASEAN",
    "Central American Common Market (CACM)": "CACM",
    "Eurasian Economic Union (EAEU)": "EAEU",
    "European Free Trade Association (EFTA)": "EFTA",
    "European Union": "EU",
    "Gulf Cooperation Council (GCC)": "GCC",
    "Southern African Customs Union (SACU)": "SACU",
    "Southern Common Market (MERCOSUR)": "MERCOSUR",
}
"""Parties that are groups of countries, by the name that the WTO gives them."""

_OWN_DAY = re.compile(
    r"\s*(?P<name>.+?)\s*\(\s*(?P<start>[0-9]{2}-[A-Z][a-z]{2}-[0-9]{4})? ?- ?"
    r"(?P<end>[0-9]{2}-[A-Z][a-z]{2}-[0-9]{4})?\s*\)\s*"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WRITTEN = re.compile(r"([0-9]{1,2})-([A-Z][a-z]{2})-([0-9]{4}|[0-9]{2})")
_FIRST_OF_GATT = 48
"""The list begins with the GATT: 58 is 1958, and 25 is 2025."""

_SHOWN = 5

_YEARS_ONLY = "the list has years and no days: an agreement begins with 1 January of its year"
_UNDATED = (
    "{} signatories are left out of an agreement, since the list does not say on which day they "
    "came or went: {}"
)
_NO_ENDS = "the list says of no agreement when it ended: DESTA's file of withdrawals does"


@dataclass(frozen=True, slots=True)
class _Span:
    """First and last day, both included."""

    start: date
    end: date

    def within(self, other: "_Span") -> "_Span":
        return _Span(max(self.start, other.start), min(self.end, other.end))

    def replaced(self, own: "_Span | None") -> "_Span":
        """Return the span with the days that a country has of its own."""
        if own is None:
            return self
        return _Span(
            self.start if own.start == date.min else own.start,
            self.end if own.end == date.max else own.end,
        )

    @property
    def has_days(self) -> bool:
        return self.start <= self.end and self.start.year < date.max.year


read_larch_rta = delimited(LARCH_COLUMNS, optional=_LARCH_ALSO)
"""Reads one row a pair and year, as the database has them."""

read_desta = delimited(DESTA_COLUMNS, optional=_DESTA_ALSO)
"""Reads one row a pair and treaty, as the list of dyads has them."""

read_wto_rtas = delimited(WTO_COLUMNS)
"""Reads one row an agreement, as the WTO's data base exports all of them."""


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
    return _reported(
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
    return _reported(
        pd.concat([there, back], ignore_index=True),
        raw,
        listed=(None, _last_day(signed.max())),
        left_out={"pairs of treaties without a year of entry into force": (~entered).sum()},
        warnings=[_YEARS_ONLY, _NO_ENDS],
    )


def normalise_wto_rtas(raw: RawTable) -> pd.DataFrame:
    """
    Return the agreements of the WTO's list by pair of signatories, each in both directions.

    Parameters
    ----------
    raw : RawTable
        Of ``read_wto_rtas``: the sheet ``AllRTAs`` of the WTO's data base (RTA-IS).

    Returns
    -------
    pandas.DataFrame
        Columns as in :func:`check_agreements`; ``kind`` as the WTO has it (``CU``, ``FTA``,
        ``PSA``, ``EIA``, or two of them). An agreement is in force from its entry into force for
        goods, for services where it has no other, to the day before the one from which it is
        inactive; for a signatory with days of its own, on those. A party that is a group of
        countries is its members of each day (``flows/crosswalks/groups.csv``), which are no pairs
        among themselves. Agreements that are not in force are left out and counted; so are, by
        name, signatories that came or went on a day that the list does not state.

    Raises
    ------
    LayoutError
        If a cell is not a day, or days of a signatory's own are not written as the WTO does.
    CountryError
        If a signatory is not in the crosswalk.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_wto_rtas(read_wto_rtas(example_path("wto_rtas")))
    >>> table[["exporter", "importer", "start", "end", "kind"]].iloc[1:3]
      exporter importer      start        end kind
    1      ARM      IRN 2019-10-27 2025-05-14  FTA
    2      ARM      IRN 2025-05-15        NaT  FTA
    """
    goods, services, inactive = (
        translate(raw, name, _day) for name in (_GOODS_DAY, _SERVICES_DAY, _INACTIVE)
    )
    begins = goods.where(goods.notna(), services)
    there = begins.notna()
    kept = select(raw, there)
    spans = [
        _Span(start.date(), (end - timedelta(days=1)).date() if pd.notna(end) else date.max)
        for start, end in zip(
            pd.to_datetime(begins[there]), pd.to_datetime(inactive[there]), strict=True
        )
    ]
    undated: list[str] = []
    rows = [
        (exporter, importer, span, line, name, kind)
        for line, whole, name, kind, signatories in zip(
            kept.rows["line"],
            spans,
            texts(kept, "RTA Name"),
            texts(kept, "Type"),
            _signatories(kept),
            strict=True,
        )
        for exporter, importer, span in _pairs(
            _parties(signatories, whole, f"{name} (line {line})", undated)
        )
    ]
    frame = pd.DataFrame(
        {
            "exporter": [row[0] for row in rows],
            "importer": [row[1] for row in rows],
            "start": [row[2].start for row in rows],
            "end": [None if row[2].end == date.max else row[2].end for row in rows],
            "line": [row[3] for row in rows],
            "agreement": [row[4] for row in rows],
            "kind": [row[5] for row in rows],
        }
    )
    return _reported(
        frame,
        raw,
        listed=(None, None),
        left_out={"agreements that are not in force": (~there).sum()},
        warnings=[_UNDATED.format(len(undated), "; ".join(undated))] if undated else [],
    )


def _day(cell: str) -> pd.Timestamp | None:
    """Return the day that a cell names; two digits of a year are those since 1948."""
    if cell in {"", "NA"}:
        return None
    if written := _WRITTEN.fullmatch(cell):
        year = int(written[3])
        if len(written[3]) < _DIGITS:
            year += 1900 if year >= _FIRST_OF_GATT else 2000
        day = _date(year, written[2], int(written[1]))
    else:
        try:
            day = date.fromisoformat(cell.partition(" ")[0])
        except ValueError:
            day = None
    if day is None:
        raise LayoutError(f"expected a day like 2019-10-27 or 27-Oct-2019, found {cell!r}")
    return pd.Timestamp(day).as_unit("s")


def _date(year: int, month: str, day: int) -> date | None:
    try:
        return date(year, _MONTHS.index(month) + 1, day)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class _Signatory:
    """
    A name among the signatories of an agreement.

    ``code``: alpha-3, or the name of a group of countries; ``now``, ``first``: whether it is among
    the current and the original ones; ``own``: its own days.
    """

    name: str
    code: str
    now: bool
    first: bool
    own: _Span | None


def _signatories(raw: RawTable) -> list[list[_Signatory]]:
    """Return the signatories of each agreement."""
    columns = [texts(raw, name) for name in (_NOW, _FIRST)]
    days = translate(raw, _OWN_DAYS, _own_days)
    listed = [
        (line, now, first, own, dict.fromkeys([*now, *first, *own]))
        for line, now, first, own in zip(
            raw.rows["line"], *(column.map(_names) for column in columns), days, strict=True
        )
    ]
    countries = [
        (line, name) for line, *_, names in listed for name in names if name not in _PARTIES
    ]
    long = replace(
        raw,
        rows=pd.DataFrame(countries, columns=["line", "signatory"]),
        headings={"signatory": _NOW},
    )
    code_of = {
        **_PARTIES,
        **dict(zip(long.rows["signatory"], codes(long, "signatory", scheme="wto"), strict=True)),
    }
    return [
        [
            _Signatory(name, code_of[name], name in now, name in first, own.get(name))
            for name in names
        ]
        for _, now, first, own, names in listed
    ]


def _names(cell: str) -> list[str]:
    return [name.strip() for name in cell.split(";") if name.strip()]


def _own_days(cell: str) -> dict[str, _Span]:
    """Return the days of signatories: ``Egypt(17-Feb-1999 - ); Lesotho( - 31-Dec-1997)``."""
    spans = {}
    for part in _names(cell):
        match = _OWN_DAY.fullmatch(part)
        if match is None:
            raise LayoutError(
                f"expected the days of a signatory like 'Egypt(17-Feb-1999 - )', found {part!r}"
            )
        start, end = (_day(match[side] or "") for side in ("start", "end"))
        spans[match["name"]] = _Span(
            date.min if start is None else start.date(), date.max if end is None else end.date()
        )
    return spans


def _parties(
    signatories: Sequence[_Signatory], whole: _Span, at: str, undated: list[str]
) -> list[dict[str, _Span]]:
    """
    Return the parties of an agreement: a country, or the members of a group, with their days.

    A member of a group that is a party is no party beside it: original signatories of agreements of
    the European Union are its members of that time.
    """
    groups = {one.code: country_groups()[one.code] for one in signatories if one.name in _PARTIES}
    members = {member.alpha3 for group in groups.values() for member in group}
    own = {one.code: one.own for one in signatories}
    in_force = any(one.now for one in signatories)
    parties = [
        {
            member.alpha3: _Span(member.start, member.end)
            .within(whole)
            .replaced(own.get(member.alpha3))
            for member in group
        }
        for group in groups.values()
    ]
    for one in signatories:
        if one.code in groups or one.code in members:
            continue
        if one.own is None and in_force and one.now != one.first:
            undated.append(f"{one.name} in {at}")
            continue
        parties.append({one.code: whole.replaced(one.own)})
    return parties


def _pairs(parties: Sequence[Mapping[str, _Span]]) -> Iterator[tuple[str, str, _Span]]:
    """Yield the pairs of countries of different parties, in both directions, with their days."""
    for one, other in permutations(parties, 2):
        for exporter, there in one.items():
            for importer, here in other.items():
                span = there.within(here)
                if exporter != importer and span.has_days:
                    yield exporter, importer, span


def _first_day(year: int) -> date:
    return date(int(year), 1, 1)


def _last_day(year: int) -> date:
    return date(int(year), 12, 31)


def _reported(
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
    Layout(
        "wto_rtas",
        "WTO",
        "regional trade agreements with their signatories (RTA-IS, AllRTAs)",
        starts_with(WTO_COLUMNS),
        read_wto_rtas,
        normalise_wto_rtas,
        check_agreements,
    ),
)
