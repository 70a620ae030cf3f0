"""What a code of the flow table stands for: its printed name, and whether it is still there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType

from flows.countries.crosswalk import read_rows
from flows.errors import CountryError


@dataclass(frozen=True, slots=True)
class DissolvedState:
    """
    A state, territory or customs union that is no more.

    Parameters
    ----------
    alpha3 : str
        Its code: of ISO 3166-3 where it has one there, else user-assigned.
    name : str
        Its English name.
    start : datetime.date or None
        Its first day; none where the crosswalk does not state it.
    end : datetime.date
        Its last day.
    successors : tuple of str
        Alpha-3 codes of the states on its territory; one may itself be dissolved.
    """

    alpha3: str
    name: str
    start: date | None
    end: date
    successors: tuple[str, ...]


def country_name(alpha3: str) -> str:
    """
    Return the English name that is printed for a code.

    Parameters
    ----------
    alpha3 : str
        A code of ISO 3166-1 or 3166-3, or a user-assigned one.

    Returns
    -------
    str
        A short name.

    Raises
    ------
    CountryError
        If there is no such code.

    Examples
    --------
    >>> country_name("TUR"), country_name("XXU")
    ('Türkiye', 'Unknown supplier')
    """
    if alpha3 not in _names():
        raise CountryError(
            f"expected an alpha-3 code that is in flows/crosswalks/countries.csv, found {alpha3!r}"
        )
    return _names()[alpha3]


@cache
def dissolved_states() -> Mapping[str, DissolvedState]:
    """
    Return every state, territory or customs union with a code that is no more.

    Returns
    -------
    Mapping
        Alpha-3 code to :class:`DissolvedState`.

    Raises
    ------
    CountryError
        If one has no name.

    Examples
    --------
    >>> dissolved_states()["CSK"].successors
    ('CZE', 'SVK')
    """
    states = {
        row["alpha3"]: DissolvedState(
            alpha3=row["alpha3"],
            name=country_name(row["alpha3"]),
            start=date.fromisoformat(row["from"]) if row["from"] else None,
            end=date.fromisoformat(row["to"]),
            successors=tuple(row["successors"].split()),
        )
        for row in read_rows("dissolved.csv")
    }
    return MappingProxyType(states)


@cache
def _names() -> dict[str, str]:
    return {row["alpha3"]: row["name"] for row in read_rows("countries.csv")}
