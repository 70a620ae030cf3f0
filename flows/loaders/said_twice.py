"""Columns that say one thing in two ways, such as the code and the name of a flow: they agree."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import pandas as pd

from flows.countries import Scheme, country_code, dissolved_states
from flows.errors import CountryError, LayoutError
from flows.loaders.cells import NOT_AVAILABLE, texts
from flows.loaders.text import RawTable


class Twice(NamedTuple):
    """Two columns, and whether a cell of one can stand beside a cell of the other."""

    column: str
    other: str
    agree: Callable[[str, str], bool]


def check_said_twice(raw: RawTable, pairs: Iterable[Twice]) -> None:
    """Check that no row says in one column what another column contradicts."""
    for column, other, agree in pairs:
        if column not in raw.rows or other not in raw.rows:
            continue
        cells = pd.DataFrame({"one": texts(raw, column), "two": texts(raw, other)})
        for row, one, two in cells.drop_duplicates().itertuples(name=None):
            if not can_stand(agree, one, two):
                raise LayoutError(
                    f"{raw.path}:{raw.rows.loc[row, 'line']}: expected the same in the columns "
                    f"{column} and {other}, found {one!r} and {two!r}; one of them was changed: "
                    "take the file as it was published"
                )


def can_stand(agree: Callable[[str, str], bool], one: str, two: str) -> bool:
    """Say whether two cells can stand beside each other; of one that is empty nothing is known."""
    return bool({one, two} & {"", NOT_AVAILABLE}) or agree(one, two)


def same_year(one: str, two: str) -> bool:
    """Say whether a period, a year or a year and month, is of a year."""
    return one[:4] == two[:4]


def same_flow(codes: dict[str, str]) -> Callable[[str, str], bool]:
    """Return whether a code of a flow can stand beside its name, by ``codes`` of those known."""

    def agree(code: str, name: str) -> bool:
        words = name.casefold().replace("-", "").replace(" ", "")
        meant = next((word for word in ("reimport", "reexport") if word in words), "")
        meant = meant or next((word for word in ("import", "export") if word in words), "")
        return not meant or code not in codes or codes[code] == meant

    return agree


def same_country(scheme: Scheme) -> Callable[[str, str], bool]:
    """Return whether a publisher's code of a country can stand beside an alpha-3 code of today."""

    def agree(code: str, alpha3: str) -> bool:
        try:
            meant = country_code(code, scheme=scheme)
            there = country_code(alpha3, scheme="iso")
        except CountryError:
            return True
        special = {*dissolved_states()}
        return meant == there or any(
            state in special or state.startswith("X") for state in (meant, there)
        )

    return agree
