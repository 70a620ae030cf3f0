"""The plan about goods that may go through a country, from the statistics of both ends."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from flows.countries import country_groups, country_name, find_country
from flows.errors import SourceError, UnknownNameError
from flows.measure.groups import is_group, members_ever
from flows.origin import given
from flows.pipeline.new.draft import Draft, Tried, try_draft
from flows.table import COLUMNS

NAME = "through"

_MONTHS = 12
_BEFORE, _AFTER = 3, 2
"""Whole years that are compared: the last two, and three before them."""
_CIF_FOB_RATIO = [1.06, 1.10]
_KINDS: Mapping[str, set[str]] = {
    "rates": {"currency", "base", "level"},
    "prices": {"index", "currency", "level"},
    "events": {"start", "name", "kind"},
}
"""Columns by which tables that hold no flows are told apart, tried in this order."""
_ABOUT = {
    "origin": "A country, or a group of countries by its members' own reports.",
    "others": "Countries that might play the same part.",
    "before": "First and last year of what is compared.",
    "currency": "In which everything is told.",
    "cif_fob_ratio": "Lowest and highest ratio of the value with freight and insurance (CIF) to\n"
    "that without (FOB). An assumption that moves the result: take one that fits the countries.",
    "years": "Of each a bridge from one report to the other.",
    "known": "A date that was listed before any series was looked at.",
}


def draft_transit(
    origin: str, via: str, destination: str, tables: Mapping[str, pd.DataFrame]
) -> tuple[Tried, list[str]]:
    """
    Draft the study of goods from one country or group to another, and on to a third.

    Returns it with remarks on data sets that are of no use here.

    Raises
    ------
    SourceError
        If no data set states the exports by month, or they cover too few whole years.
    """
    data, remarks = _sorted_out(origin, via, tables)
    exports = tables[data["exports"]]
    before, after = _years_of(exports, origin, via)
    parameters: dict[str, Any] = {
        "origin": origin,
        "via": via,
        "destination": destination,
        "others": sorted({*exports["importer"]} - {*members_of(origin), via, destination}),
        "before": before,
        "after": after,
        "currency": _currency(exports, tables.get(data.get("hub", ""))),
        "cif_fob_ratio": _CIF_FOB_RATIO,
    }
    draft = Draft(NAME, "transit", data, parameters, _sections(data, tables, before, after), _ABOUT)
    made = {argument: given(argument, tables[dataset]) for argument, dataset in data.items()}
    return try_draft(draft, made), remarks


def wanted_transit(origin: str, via: str, destination: str, *, vintage: str) -> Draft:
    """Return the draft where there are no data yet; its years are those before this one's last."""
    last = int(vintage[:4]) - 1
    return Draft(
        NAME,
        "transit",
        {"exports": f"comext-web@{vintage}", "rates": f"ecb-history@{vintage}"},
        {
            "origin": origin,
            "via": via,
            "destination": destination,
            "before": [last - _AFTER - _BEFORE + 1, last - _AFTER],
            "after": [last - _AFTER + 1, last],
            "cif_fob_ratio": _CIF_FOB_RATIO,
        },
        {"levels": {}, "lost": {}},
        _ABOUT,
    )


def find_origin(name: str) -> str:
    """
    Return the code of a country by code or name, or a group by its name.

    >>> find_origin("eu27_2020"), find_origin("Germany")
    ('EU27_2020', 'DEU')
    """
    groups = {group.casefold(): group for group in country_groups()}
    if group := groups.get(name.strip().casefold()):
        return group
    try:
        return find_country(name)
    except UnknownNameError as error:
        listed = ", ".join(country_groups())
        raise UnknownNameError(f"{error}; or a group of countries: {listed}") from error


def members_of(origin: str) -> set[str]:
    """Return the members of a group, or the country."""
    return members_ever(origin) if is_group(origin) else {origin}


def _sorted_out(
    origin: str, via: str, tables: Mapping[str, pd.DataFrame]
) -> tuple[dict[str, str], list[str]]:
    """Return which data set is which argument, and remarks on those that are none."""
    named: dict[str, list[str]] = {}
    for name, table in tables.items():
        named.setdefault(_argument(origin, via, table), []).append(name)
    remarks = [f"{name} is not used: it is about something else" for name in named.pop("", [])]
    if "exports" not in named:
        raise SourceError(
            f"expected exports to {country_name(via)} as the exporters state them, found none in "
            f"{', '.join(tables)}"
        )
    if len(lists := named.get("events", [])) > 1:
        remarks.append(
            f"{', '.join(lists)} are not used: enter the one that is meant under [study.data]"
        )
        named["events"] = []
    for argument, (first, *others) in (item for item in named.items() if item[1]):
        remarks += [f"{name} is not used: {first} is, for {argument}" for name in others]
    return {argument: names[0] for argument, names in named.items() if names}, remarks


def _argument(origin: str, via: str, table: pd.DataFrame) -> str:
    if not set(COLUMNS) <= set(table.columns):
        kinds = (kind for kind, columns in _KINDS.items() if columns <= set(table.columns))
        return next(kinds, "")
    own = members_of(origin)
    stated = table[table["exporter"].isin(own) & table["importer"].eq(via)]
    if stated["reporter"].isin(own).any():
        return "exports"
    return "hub" if stated["reporter"].eq(via).any() else ""


def _years_of(exports: pd.DataFrame, origin: str, via: str) -> tuple[list[int], list[int]]:
    """Return the years before and after: the last whole ones at hand."""
    stated = exports[exports["exporter"].isin(members_of(origin)) & exports["importer"].eq(via)]
    months = stated["start"].dt.to_period("M").drop_duplicates()
    counts = months.dt.year.value_counts()
    whole = sorted(int(year) for year in counts.index[counts == _MONTHS])
    needed = _BEFORE + _AFTER
    if len(whole) < needed or whole[-1] - whole[-needed] != needed - 1:
        raise SourceError(
            f"expected exports to {country_name(via)} by month in {needed} whole years that follow "
            f"one another, found {', '.join(map(str, whole)) or 'no whole year'}"
        )
    *_, last = whole
    return [last - needed + 1, last - _AFTER], [last - _AFTER + 1, last]


def _currency(exports: pd.DataFrame, hub: pd.DataFrame | None) -> str:
    """Return the currency of the country in the middle, where it publishes anything."""
    return str((exports if hub is None else hub)["unit"].iloc[0])


def _sections(
    data: Mapping[str, str],
    tables: Mapping[str, pd.DataFrame],
    before: list[int],
    after: list[int],
) -> dict[str, dict[str, Any]]:
    known: dict[str, Any] = {}
    if "events" in data:
        known = {"known": str(tables[data["events"]]["start"].min().date())}
    sections: dict[str, dict[str, Any]] = {
        "levels": {},
        "members": {},
        "breaks": known,
        "neighbours": known,
        "mirror": {},
        "bridges": {"years": [before[1], after[1]]},
        "onward": {},
        "lost": {},
    }
    return sections | ({"placebos": known} if known else {})
