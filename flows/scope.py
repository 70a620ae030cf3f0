"""What a data set claims to count: whose totals its rows make up, and what its publisher prints."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pandas as pd

from flows.errors import ScopeError
from flows.table import where

Of = Literal["imports", "exports"]
"""Whose total is shared out: an importer's, among suppliers, or an exporter's, among customers."""

Partners = Literal["all", "named", "largest", "not stated"]

TOTAL_COLUMNS = ("of", "country", "start", "end", "product", "classification", "value", "line")
_ENTRY = ["exporter", "importer", "reporter", "partner_basis", "start", "end", "product", "line"]
_SHOWN = 5


def _no_totals() -> pd.DataFrame:
    """Return a table of totals without rows."""
    kinds = {"start": "datetime64[s]", "end": "datetime64[s]", "value": "float64"}
    return pd.DataFrame(columns=list(TOTAL_COLUMNS)).astype(kinds)


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
        How many, where they are the largest.
    years : pair of int, optional
        First and last year that the data set counts, where it says so.
    unnamed : Mapping
        Countries that the source never names, to the code of the area that holds their trade.
    totals : pandas.DataFrame
        What the publisher prints beside the rows, such as World rows: columns ``of`` (``"imports"``
        or ``"exports"``), ``country``, ``start``, ``end``, ``product``, ``classification``,
        ``value`` in the unit of the rows, ``line`` in the raw file.
    entries : pandas.DataFrame
        Every row of the data set: columns ``exporter``, ``importer``, ``reporter``,
        ``partner_basis``, ``start``, ``end``, ``product``, ``line``. Empty where only the claims
        are known.
    """

    partners: Partners = "not stated"
    countries: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)
    largest: int | None = None
    years: tuple[int, int] | None = None
    unnamed: Mapping[str, str] = field(default_factory=dict)
    totals: pd.DataFrame = field(default_factory=_no_totals)
    entries: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=_ENTRY))

    def holds_all(self, country: str, *, of: Of) -> bool:
        """Say whether the rows make up the imports, or the exports, of a country."""
        meant = self.countries.get(of, ())
        return self.partners == "all" and (meant is None or country in meant)

    def as_json(self) -> dict[str, Any]:
        """Return the claims and the totals as JSON can hold them."""
        totals = self.totals.assign(
            start=self.totals["start"].astype(str), end=self.totals["end"].astype(str)
        )
        return {
            "partners": self.partners,
            "countries": {of: meant and list(meant) for of, meant in self.countries.items()},
            "largest": self.largest,
            "years": self.years and list(self.years),
            "unnamed": dict(self.unnamed),
            "totals": totals.to_dict("records"),
        }

    def of_rows(self, rows: pd.DataFrame) -> "Scope":
        """Return the same claims of these rows."""
        return replace(self, entries=rows[_ENTRY].reset_index(drop=True))


def scope_from(claims: Mapping[str, Any]) -> Scope:
    """Return the scope that :meth:`Scope.as_json` wrote, without entries."""
    totals = pd.DataFrame(claims["totals"], columns=list(TOTAL_COLUMNS))
    years = claims["years"]
    return Scope(
        partners=claims["partners"],
        countries={
            of: None if meant is None else tuple(meant) for of, meant in claims["countries"].items()
        },
        largest=claims["largest"],
        years=None if years is None else (int(years[0]), int(years[1])),
        unnamed=dict(claims["unnamed"]),
        totals=totals.astype(
            {"start": "datetime64[s]", "end": "datetime64[s]", "value": "float64"}
        ),
    )


_known: dict[str, Scope] = {}
_finders: list[Callable[[str], Scope | None]] = []


def remember(dataset: str, scope: Scope) -> None:
    """Keep the scope of a data set, by the id that its rows carry in ``dataset``."""
    _known[dataset] = scope


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
    measure does what the filter may have meant.
    """
    for dataset, there in rows.groupby("dataset", sort=True):
        scope = scope_of(str(dataset))
        if scope is None or scope.entries.empty:
            continue
        wanted = scope.entries[needed(scope.entries)]
        mine = there[needed(there)]
        if len(mine) >= len(wanted):
            continue
        gone = wanted[~wanted["line"].isin(mine["line"])]
        lines = gone.assign(dataset=dataset)
        raise ScopeError(
            f"{len(wanted) - len(mine)} of {len(wanted)} rows that this counts are not in the "
            f"table any more ({where(lines)}): filtered, it is another total; hand in the table "
            f"as it was loaded, and {instead}"
        )


def joined_scope(scopes: Iterable[Scope]) -> Scope:
    """Return the scope of several files of one data set together."""
    first, *others = scopes
    totals = pd.concat([first.totals, *(other.totals for other in others)], ignore_index=True)
    alike = all(
        (other.partners, other.largest, other.countries)
        == (first.partners, first.largest, first.countries)
        for other in others
    )
    return replace(first if alike else Scope(years=first.years), totals=totals)
