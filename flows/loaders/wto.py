"""The WTO's list of regional trade agreements with the days of each signatory."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import permutations

import pandas as pd

from flows.countries import Membership, country_groups
from flows.errors import LayoutError
from flows.loaders.agreements import check_agreements, reported
from flows.loaders.cells import codes, remark, select, texts, translate
from flows.loaders.layout import Layout, starts_with
from flows.loaders.records import delimited
from flows.loaders.text import RawTable

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

_NO_SIGNATORIES = {"XBL", "XXE"}
"""Areas of trade statistics among the members of the Union."""

_OWN_DAY = re.compile(
    r"\s*(?P<name>.+?)\s*\(\s*(?P<start>[0-9]{2}-[A-Z][a-z]{2}-[0-9]{4})? ?- ?"
    r"(?P<end>[0-9]{2}-[A-Z][a-z]{2}-[0-9]{4})?\s*\)\s*"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WRITTEN = re.compile(r"([0-9]{1,2})-([A-Z][a-z]{2})-([0-9]{4}|[0-9]{2})")
_SHORT = r"[0-9]{1,2}-[A-Z][a-z]{2}-[0-9]{2}"
_FIRST_OF_GATT = 48
"""The list begins with the GATT: 58 is 1958, and 25 is 2025."""

_UNDATED = (
    "{} signatories are left out of an agreement, since the list does not say on which day they "
    "came or went: {}"
)

_ALONE = "{} agreements have no two parties on any day: {}"


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


read_wto_rtas = delimited(WTO_COLUMNS)
"""Reads one row an agreement, as the WTO's data base exports all of them."""


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
        countries is its members of each day (``flows/crosswalks/groups.csv``); neither these nor
        the countries on the other side are pairs among themselves. Agreements that are not in force
        are left out and counted; so are, by name, signatories that came or went on a day that the
        list does not state.

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
    _remark_on_short_years(raw)
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
    alone: list[str] = []
    rows: list[tuple[str, str, _Span, int, str, str]] = []
    for line, whole, name, kind, signatories in zip(
        kept.rows["line"],
        spans,
        texts(kept, "RTA Name"),
        texts(kept, "Type"),
        _signatories(kept),
        strict=True,
    ):
        at = f"{name} (line {line})"
        pairs = list(_pairs(_parties(signatories, whole, at, undated)))
        alone += [] if pairs else [at]
        rows += [(*pair, line, name, kind) for pair in pairs]
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
    return reported(
        frame,
        raw,
        listed=(None, None),
        left_out={"agreements that are not in force": (~there).sum()},
        warnings=[
            said.format(len(names), "; ".join(names))
            for said, names in ((_UNDATED, undated), (_ALONE, alone))
            if names
        ],
    )


def _day(cell: str) -> pd.Timestamp | None:
    """Return the day that a cell names; two digits of a year are those since 1948."""
    if cell in {"", "NA"}:
        return None
    if written := _WRITTEN.fullmatch(cell):
        year = int(written[3])
        century = 0 if len(written[3]) > len("58") else 1900 if year >= _FIRST_OF_GATT else 2000
        day = _date(century + year, written[2], int(written[1]))
    else:
        try:
            day = date.fromisoformat(cell.partition(" ")[0])
        except ValueError:
            day = None
    if day is None:
        raise LayoutError(f"expected a day like 2019-10-27 or 27-Oct-2019, found {cell!r}")
    return pd.Timestamp(day).as_unit("s")


def _remark_on_short_years(raw: RawTable) -> None:
    for name in (_GOODS_DAY, _SERVICES_DAY, _INACTIVE):
        short = texts(raw, name).str.fullmatch(_SHORT)
        if short.any():
            row = raw.rows[short].iloc[0]
            remark(
                raw,
                f"column {name}: years of two digits (line {row['line']}: {row[name]!r}) are read "
                "as 1948 to 2047",
            )


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

    A member of a group that is a party is no party beside it; one that has left signs for itself.
    Countries that agree with a group are one side: they are no pairs among themselves.
    """
    groups = {one.code: country_groups()[one.code] for one in signatories if one.name in _PARTIES}
    groups |= _union_by_its_members(signatories)
    members = {
        member.alpha3: _Span(member.start, member.end).within(whole)
        for group in groups.values()
        for member in group
    }
    own = {one.code: one.own for one in signatories}
    in_force = any(one.now for one in signatories)
    countries = {}
    for one in signatories:
        member = members.get(one.code)
        if one.code in groups or (member and (member.has_days or not one.now)):
            continue
        if one.own is None and in_force and one.now != one.first:
            undated.append(f"{one.name} in {at}")
            continue
        countries[one.code] = whole.replaced(one.own)
    if not groups:
        return [{code: span} for code, span in countries.items()]
    return [
        countries,
        *(
            {one.alpha3: members[one.alpha3].replaced(own.get(one.alpha3)) for one in group}
            for group in groups.values()
        ),
    ]


def _union_by_its_members(signatories: Sequence[_Signatory]) -> dict[str, tuple[Membership, ...]]:
    """
    Return the European Union where an agreement names its founders, and others than members.

    The list leaves one of them out of the Third Convention of Lomé.
    """
    union = country_groups()["EU"]
    codes = {one.code for one in signatories}
    first = min(one.start for one in union)
    founders = {one.alpha3 for one in union if one.start == first} - _NO_SIGNATORIES
    others = codes - {one.alpha3 for one in union}
    return {"EU": union} if len(founders - codes) <= 1 and others else {}


def _pairs(parties: Sequence[Mapping[str, _Span]]) -> Iterator[tuple[str, str, _Span]]:
    """Yield the pairs of countries of different parties, in both directions, with their days."""
    for one, other in permutations(parties, 2):
        for exporter, there in one.items():
            for importer, here in other.items():
                span = there.within(here)
                if exporter != importer and span.has_days:
                    yield exporter, importer, span


LAYOUTS = (
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
