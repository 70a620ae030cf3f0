"""What a data set claims to count: whose totals its rows make up, and what its publisher prints."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pandas as pd

from flows.errors import ScopeError
from flows.table import empty_table, where

Of = Literal["imports", "exports"]
"""Whose total is shared out: an importer's, among suppliers, or an exporter's, among customers."""

SIDES: Mapping[Of, tuple[str, str]] = {
    "imports": ("importer", "exporter"),
    "exports": ("exporter", "importer"),
}
"""The column of the country whose total it is, and that of its partners."""

Partners = Literal["all", "named", "largest", "not stated"]

TOTAL_COLUMNS = (
    "of",
    "country",
    "reporter",
    "start",
    "end",
    "product",
    "classification",
    "valuation",
    "partner_basis",
    "value",
    "digit",
    "line",
)
"""Of a printed total: whose it is, what a row of the flow table says beside its partner, and the
unit of the last digit that is printed, as ``value`` in the unit of the rows."""

_KINDS = {
    "start": "datetime64[s]",
    "end": "datetime64[s]",
    "value": "float64",
    "digit": "float64",
    "line": "int64",
}
_TOLD_APART = ["reporter", "partner_basis", "valuation", "coverage", "classification"]
"""What tells two statements of one flow apart: of these a table is filtered on purpose."""


_OWN_FILE = re.compile(r"(.+)@[0-9a-f]{8}")
"""The id of a file of somebody's own: its name, and the first digits of its sha256."""

_MADE = "|"
"""Between the id of a data set and what was made of its rows."""

_NO_TOTALS = pd.DataFrame(columns=list(TOTAL_COLUMNS)).astype(_KINDS)


_ENTRY_COLUMNS = ["exporter", "importer", "start", "end", "product", *_TOLD_APART, "line"]
_NO_ENTRIES = empty_table()[_ENTRY_COLUMNS]

_MANY = 100_000
"""Rows from which texts are kept as numbers of what they can be: a session keeps all of them."""


def _as_entries(rows: pd.DataFrame) -> pd.DataFrame:
    entries = rows[_ENTRY_COLUMNS]
    if len(entries) < _MANY:
        return entries
    texts = [name for name in entries.columns if entries[name].dtype == "str"]
    return entries.astype(dict.fromkeys(texts, "category"))


def no_totals() -> pd.DataFrame:
    """Return a table of totals without rows."""
    return _NO_TOTALS.copy()


def own_file(dataset: str) -> str | None:
    """
    Return the name of somebody's own file; none for a data set of a catalogue.

    >>> own_file("mine.csv@3fa9c1d2"), own_file("cow-trade@4.0")
    ('mine.csv', None)
    """
    match = _OWN_FILE.fullmatch(source_of(dataset))
    return None if match is None else match[1]


def release_of(dataset: str) -> str:
    """
    Return the release of a data set; of a file, its name.

    Examples
    --------
    >>> release_of("sipri-deal-years@2025-03"), release_of("mine.csv@3fa9c1d2")
    ('2025-03', 'mine.csv')
    """
    return own_file(dataset) or dataset.rpartition("@")[2]


def made_from(dataset: str, label: str) -> str:
    """
    Return the id of rows that were made from those of a data set, such as sums of them.

    >>> made_from("cow-trade@4.0", "HS1992-HS2022"), source_of("cow-trade@4.0|HS1992-HS2022")
    ('cow-trade@4.0|HS1992-HS2022', 'cow-trade@4.0')
    """
    return f"{dataset}{_MADE}{label}"


def source_of(dataset: str) -> str:
    """Return the id of the data set that rows come from, whatever was made of them."""
    return dataset.partition(_MADE)[0]


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """
    What the rows of a data set make up.

    Parameters
    ----------
    partners : {"all", "named", "largest", "not stated"}
        Which partners the rows hold of those whose totals they are about: all of them; those that
        somebody named in a query; the largest; or the file does not say.
    countries : Mapping
        ``"imports"`` and ``"exports"`` to the countries whose totals they are about; None: every
        country. Of any other country the rows hold some partners only.
    largest : int, optional
        How many, where they are the largest, or named out of these.
    years : pair of int, optional
        First and last year that the data set counts, where it says so.
    unnamed : Mapping
        Countries that the source never names, to the code of the area that holds their trade.
    totals : pandas.DataFrame
        What the publisher prints beside the rows, such as World rows, with the columns
        :data:`TOTAL_COLUMNS`: ``of`` is ``"imports"`` or ``"exports"``, ``country`` whose they are,
        ``value`` in the unit of the rows, ``line`` in the raw file.
    entries : pandas.DataFrame
        Every row of the data set: the columns by which a measure chooses, of a flow table. Empty
        where only the claims are known.
    """

    partners: Partners = "not stated"
    countries: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)
    largest: int | None = None
    years: tuple[int, int] | None = None
    unnamed: Mapping[str, str] = field(default_factory=dict)
    totals: pd.DataFrame = field(default_factory=no_totals)
    entries: pd.DataFrame = field(default_factory=lambda: _NO_ENTRIES)

    def holds_all(self, country: str, *, of: Of) -> bool:
        """Say whether the rows make up the imports, or the exports, of a country."""
        meant = self.countries.get(of, ())
        return self.partners == "all" and (meant is None or country in meant)

    def as_json(self) -> dict[str, Any]:
        """Return the claims and the totals as JSON can hold them."""
        totals = self.totals
        if len(totals):
            totals = totals.assign(start=totals["start"].astype(str), end=totals["end"].astype(str))
        return {
            "partners": self.partners,
            "countries": {of: meant and list(meant) for of, meant in self.countries.items()},
            "largest": self.largest,
            "years": self.years and list(self.years),
            "unnamed": dict(self.unnamed),
            "totals": totals.to_dict("list") if len(totals) else {},
        }

    def of_rows(self, rows: pd.DataFrame) -> "Scope":
        """Return the same claims of these rows."""
        return replace(self, entries=_as_entries(rows))


def scope_from(claims: Mapping[str, Any]) -> Scope:
    """Return the scope that :meth:`Scope.as_json` wrote, without entries."""
    rows = claims["totals"]
    totals = pd.DataFrame(rows, columns=list(TOTAL_COLUMNS)) if rows else _NO_TOTALS
    years = claims["years"]
    return Scope(
        partners=claims["partners"],
        countries={
            of: None if meant is None else tuple(meant) for of, meant in claims["countries"].items()
        },
        largest=claims["largest"],
        years=None if years is None else (int(years[0]), int(years[1])),
        unnamed=dict(claims["unnamed"]),
        totals=totals.astype(_KINDS) if rows else totals,
    )


_known: dict[str, Scope] = {}
_finders: list[Callable[[str], Scope | None]] = []


def remember(dataset: str, scope: Scope) -> None:
    """Keep the scope of a data set, by the id that its rows carry in ``dataset``."""
    _known[dataset] = scope


def known_scope(dataset: str) -> Scope | None:
    """Return the scope of a data set if it is kept."""
    return _known.get(dataset)


def find_with(finder: Callable[[str], Scope | None]) -> None:
    """Ask this function for scopes that are not known yet, such as those of a catalogue."""
    _finders.append(finder)


def scope_of(dataset: str) -> Scope | None:
    """Return the scope of a data set; none where nobody has stated it."""
    if dataset not in _known:
        for finder in _finders:
            if (scope := finder(dataset)) is not None:
                _known[dataset] = scope
    return _known.get(dataset)


def check_all_there(
    rows: pd.DataFrame, *, needed: Callable[[pd.DataFrame], pd.Series], instead: str
) -> None:
    """
    Check that a table still has those rows of its data sets that a measure needs.

    ``needed`` marks them among the entries of a scope; ``instead`` says which argument of the
    measure does what the filter may have meant. A whole other statement of the same flows (another
    reporter, partner basis, ...) may be gone: a measure asks for such a filter itself.
    """
    for dataset, there in rows.groupby("dataset", sort=True):
        scope = scope_of(str(dataset))
        if scope is None or scope.entries.empty:
            continue
        wanted = scope.entries[needed(scope.entries)]
        mine = there[needed(there)]
        wanted = wanted[_index(wanted).isin(_index(mine))] if len(mine) else wanted
        if len(mine) >= len(wanted):
            continue
        gone = wanted[~wanted["line"].isin(mine["line"])]
        lines = gone.assign(dataset=dataset)
        raise ScopeError(
            f"{len(wanted) - len(mine)} of {len(wanted)} rows that this counts are not in the "
            f"table any more ({where(lines)}): filtered, it is another total; hand in the table "
            f"as it was loaded, and {instead}"
        )


def _index(rows: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows[_TOLD_APART])


def joined_scope(scopes: Iterable[Scope]) -> Scope:
    """Return the scope of several files of one data set together."""
    several = list(scopes)
    first = several[0]
    totals = pd.concat([scope.totals for scope in several], ignore_index=True)
    years = [scope.years for scope in several if scope.years]
    span = (min(map(min, years)), max(map(max, years))) if len(years) == len(several) else None
    alike = {(scope.partners, scope.largest) for scope in several} == {
        (first.partners, first.largest)
    }
    countries = _joined_countries([scope.countries for scope in several]) if alike else None
    if countries is None:
        return Scope(years=span, totals=totals)
    return replace(first, countries=countries, years=span, totals=totals)


def _joined_countries(
    several: Sequence[Mapping[str, tuple[str, ...] | None]],
) -> dict[str, tuple[str, ...] | None] | None:
    """Return whose totals several files are about; none if one is of all countries, one is not."""
    joined: dict[str, tuple[str, ...] | None] = {}
    for side in sorted({side for countries in several for side in countries}):
        lists = [countries.get(side, ()) for countries in several]
        named = [countries for countries in lists if countries is not None]
        if named and len(named) < len(lists):
            return None
        joined[side] = tuple(sorted({code for codes in named for code in codes})) if named else None
    return joined
