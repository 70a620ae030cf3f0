"""The plan about a supplier in a country's arms imports, from the releases at hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from flows.countries import country_name
from flows.errors import PeriodError, SourceError
from flows.measure.checks import years_counted
from flows.origin import given
from flows.pipeline.new.draft import Draft, Tried, try_draft
from flows.scope import release_of
from flows.table import TIV, join_flows

NAME = "arms"

_YEARS = 5
"""Years of a window, as SIPRI's fact sheets have them."""
_WINDOWS = 4
"""How many other windows are shown beside."""
_FOLLOWED = 4
"""How many other suppliers are followed over all years."""
_FEWEST_IMPORTERS = 20
"""So many importers are enough to say where one of them stands."""
_LEAST_VOLUME = 100
"""Million TIV in five years: what less than half of the importers receive."""
_UNKNOWN = "XXU"

_RULES: Mapping[str, Mapping[str, object]] = {
    "uncertain_years": {"within": 1},
    "uncertain_numbers": {"fraction": 0.25},
    "unknown_partners": {},
    "local_production": {},
    "second_hand": {"used": [0.30, 0.50], "modernised": [0.56, 0.76]},
}
_RULES_OF_TABLES: Mapping[str, Mapping[str, object]] = {
    "rounded_cells": {"half": 0.5},
    "unknown_partners": {},
}
_SECTIONS = (
    "share",
    "countings",
    "bounds",
    "deals",
    "interval",
    "windows",
    "choices",
    "revision",
    "published",
    "concentration",
    "context",
    "suppliers",
    "suppliers_over_time",
)
_QUICK: Mapping[str, Mapping[str, Any]] = {
    "parameters": {"windows": [], "posterior": {"draws": 200, "rng": 1, "level": 0.95}},
    "suppliers_over_time": {"draws": 99},
}
_ABOUT = {
    "main": "The release of which figures by year and by deal are made.",
    "windows": "Other windows, shown beside the one in question.",
    "tolerance": "Percentage points that a share may lie beyond what rounds to a published one.",
    "rules": "What cannot be excluded. SIPRI values used weapons at 40 % of new ones, modernised\n"
    "ones at 66 %.",
    "posterior": "How often, from which seed and for which interval deals are weighed at random.",
    "below": "How many deals have to go until the share is less than this?",
    "before": "A former release: what changed since?",
    "min_volume": "Importers of at least so many million TIV in the window are compared.",
    "former": "The window before: which importers changed their main supplier?",
    "suppliers": "Followed one by one over all years; all others are taken together.",
    "least": "Fewest years of a regime; years that are permuted together, few and more of them.",
}


@dataclass(frozen=True, slots=True, eq=False)
class _Release:
    """A data set of deliveries that allows a share: its id, its rows and the years it counts."""

    name: str
    table: pd.DataFrame
    years: tuple[int, int]

    @property
    def has_deals(self) -> bool:
        return "deal" in self.table and bool(self.table["deal"].notna().any())

    @property
    def is_full(self) -> bool:
        """Whether there are other importers to compare with."""
        return self.table["importer"].nunique() > _FEWEST_IMPORTERS


def draft_arms(
    importer: str,
    supplier: str,
    tables: Mapping[str, pd.DataFrame],
    *,
    window: tuple[int, int] | None = None,
    published: str | None = None,
) -> tuple[Tried, list[str]]:
    """
    Draft the study of a supplier from tables by the id of their data set.

    Returns it with remarks on data sets that are of no use here.

    Raises
    ------
    SourceError
        If no data set is about the importer's suppliers, or they are not all there.
    PeriodError
        If no data set counts the window, or nothing was delivered in it.
    """
    releases, remarks = _find_releases(importer, tables)
    if not releases:
        raise SourceError(
            f"expected deliveries of major arms to {country_name(importer)} by supplier, in TIV, "
            f"found none in {', '.join(tables)}" + "".join(f"; {remark}" for remark in remarks)
        )
    main = max(releases, key=lambda release: (release.has_deals, release_of(release.name)))
    start, end = window or (max(main.years[0], main.years[1] - _YEARS + 1), main.years[1])
    _check_delivered(main, importer, start, end)
    by_time = sorted(releases, key=lambda release: release_of(release.name))
    draft = _draft(
        importer, supplier, (start, end), main=main, releases=by_time, published=published
    )
    made = {
        "arms": given("arms", join_flows([release.table for release in by_time])),
        **({"full_export": given("full_export", main.table)} if main.is_full else {}),
        **({} if published is None else {"published": given("published", tables[published])}),
    }
    tried = try_draft(draft, made)
    if "share" in tried.left_out:
        raise SourceError(tried.left_out["share"])
    return tried, remarks


def wanted_arms(
    importer: str, supplier: str, *, release: str, window: tuple[int, int] | None
) -> Draft:
    """Return the draft where there are no data yet: of one release by deal, still to be got."""
    last = int(release[:4]) - 2  # which a release a year older counts too
    start, end = window or (last - _YEARS + 1, last)
    return Draft(
        NAME,
        "supplier",
        data={"arms": f"sipri-deal-years@{release}"},
        parameters=_question(importer, supplier, (start, end), rules=_RULES),
        of_sections={"share": {}, "suppliers": {}},
        about=_ABOUT,
    )


def _draft(
    importer: str,
    supplier: str,
    window: tuple[int, int],
    *,
    main: _Release,
    releases: Sequence[_Release],
    published: str | None,
) -> Draft:
    names = [release.name for release in releases]
    data: dict[str, str | list[str]] = {"arms": names if len(names) > 1 else names[0]}
    parameters = _question(importer, supplier, window, rules=_rules_of(main))
    if len(names) > 1:
        parameters["main"] = main.name
    parameters["windows"] = _windows(importer, window, releases)
    sections: dict[str, dict[str, Any]] = {section: {} for section in _SECTIONS}
    sections["deals"] = {"below": _below(main, importer, supplier, window)}
    if former := [name for name in names if release_of(name) < release_of(main.name)]:
        sections["revision"] = {"before": former[-1]}
    if main.is_full:
        data["full_export"] = main.name
        sections["context"] = {"min_volume": _LEAST_VOLUME, **_former(main, window)}
    if published is not None:
        data["published"] = published
        parameters["tolerance"] = 0.1
    sections["suppliers_over_time"] = {
        "suppliers": _followed(main, importer, supplier),
        "least": 3,
        "block": 1,
        "longer_block": 3,
        "draws": 1999,
        "rng": 1,
    }
    return Draft(NAME, "supplier", data, parameters, sections, _ABOUT, _QUICK)


def _question(
    importer: str,
    supplier: str,
    window: tuple[int, int],
    *,
    rules: Mapping[str, Mapping[str, object]],
) -> dict[str, Any]:
    return {
        "importer": importer,
        "supplier": supplier,
        "window": list(window),
        "rules": rules,
        "posterior": {"draws": 10000, "rng": 1, "level": 0.95},
    }


def _rules_of(main: _Release) -> Mapping[str, Mapping[str, object]]:
    """Return the rules that the main release can carry: a table of sums is rounded, or is not."""
    if main.has_deals:
        return _RULES
    is_rounded = bool((main.table["value"].dropna() % 1 == 0).all())
    return _RULES_OF_TABLES if is_rounded else {"unknown_partners": {}}


def _years_delivered(table: pd.DataFrame, importer: str) -> list[int]:
    rows = table[(table["importer"] == importer) & (table["value"] > 0)]
    return sorted(rows["start"].dt.year.unique())


def _check_delivered(main: _Release, importer: str, start: int, end: int) -> None:
    first, last = main.years
    if not first <= start <= end <= last:
        raise PeriodError(
            f"--window: expected years within {first}-{last}, which {main.name} counts, found "
            f"{start}-{end}"
        )
    years = _years_delivered(main.table, importer)
    if not any(start <= year <= end for year in years):
        raise PeriodError(
            f"{main.name}: expected deliveries to {country_name(importer)} in {start}-{end}, found "
            f"none; there are some in {', '.join(map(str, years))}: choose years by --window"
        )


def _windows(
    importer: str, window: tuple[int, int], releases: Sequence[_Release]
) -> list[list[int]]:
    """Return windows of the same length in which every release that counts them has deliveries."""
    start, end = window
    counted = {release: _years_delivered(release.table, importer) for release in releases}
    shown = [
        [first, first + end - start]
        for first in range(start - _WINDOWS, start + _WINDOWS)
        if first != start and _is_counted(first, first + end - start, counted)
    ]
    return shown[-_WINDOWS:]


def _is_counted(first: int, last: int, counted: Mapping[_Release, Sequence[int]]) -> bool:
    there = [
        any(first <= year <= last for year in years)
        for release, years in counted.items()
        if release.years[0] <= first and last <= release.years[1]
    ]
    return bool(there) and all(there)


def _former(main: _Release, window: tuple[int, int]) -> dict[str, list[int]]:
    start, end = window
    length = end - start + 1
    return {"former": [start - length, start - 1]} if start - length >= main.years[0] else {}


def _volumes(
    main: _Release, importer: str, window: tuple[int, int] | None = None
) -> "pd.Series[float]":
    rows = main.table[main.table["importer"] == importer]
    if window is not None:
        rows = rows[rows["start"].dt.year.between(*window)]
    volumes: pd.Series[float] = rows.groupby("exporter")["value"].sum()
    return volumes.sort_values(ascending=False)


def _below(main: _Release, importer: str, supplier: str, window: tuple[int, int]) -> float:
    """Return a half, or half of a share that is smaller."""
    volumes = _volumes(main, importer, window)
    held = float(volumes.get(supplier, 0.0) / volumes.sum())
    return 0.5 if held > 0.5 or held == 0 else round(held / 2, 2)  # noqa: PLR2004 - a half


def _followed(main: _Release, importer: str, supplier: str) -> list[str]:
    volumes = _volumes(main, importer)
    named = [code for code in volumes[volumes > 0].index if code not in (_UNKNOWN, supplier)]
    return [supplier, *named[:_FOLLOWED]]


def _find_releases(
    importer: str, tables: Mapping[str, pd.DataFrame]
) -> tuple[list[_Release], list[str]]:
    releases, remarks = [], []
    for name, table in tables.items():
        if "unit" not in table or not table["unit"].eq(TIV).all():
            continue
        if reason := _useless(table, importer):
            remarks.append(f"{name} is not used: {reason}")
        else:
            releases.append(_Release(name, table, years_counted(table)[name]))
    return releases, remarks


def _useless(table: pd.DataFrame, importer: str) -> str:
    """Return why a table of arms allows no share of the importer; empty where it does."""
    rows = table[(table["importer"] == importer) & table["value"].notna()]
    if rows.empty:
        return f"it has no deliveries in TIV to {country_name(importer)}"
    if set(rows["exporter"]) == {_UNKNOWN}:
        return "it names no suppliers"
    return ""
