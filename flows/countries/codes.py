"""Alpha-3 codes by exact match; a name that the crosswalk does not have is never guessed."""

from datetime import date

import numpy as np
import pandas as pd

from flows.countries.crosswalk import Scheme, aggregates, entries, file_of, published
from flows.errors import CountryError
from flows.table import where

_SHOWN = 10


def country_code(name_or_code: str, *, scheme: Scheme, on: date | None = None) -> str:
    """
    Return the alpha-3 code of a country that a publisher names or codes in its own way.

    Parameters
    ----------
    name_or_code : str
        Exactly as published, but for blanks around it and the Unicode form of its accents.
    scheme : {"iso", "m49", "comtrade", "baci", "sipri", "wits", "cow", "armstat"}
        Whose name or code it is.
    on : datetime.date, optional
        First day of the statement. Needed where one code has stood for several states in turn, as
        the Correlates of War's 365 has for Russia and the Soviet Union.

    Returns
    -------
    str
        A code of ISO 3166-1 or 3166-3, or a user-assigned one between ``XAA`` and ``XZZ``.

    Raises
    ------
    CountryError
        If the crosswalk does not have the name, it is an aggregate, or it has stood for several
        states and ``on`` does not decide.
    ValueError
        If there is no such scheme.

    Examples
    --------
    >>> country_code("Iran, Islamic Rep.", scheme="wits"), country_code("251", scheme="comtrade")
    ('IRN', 'FRA')
    >>> country_code("365", scheme="cow", on=date(1980, 1, 1))
    'SUN'
    >>> country_code("Persia", scheme="wits")
    Traceback (most recent call last):
        ...
    flows.errors.CountryError: no alpha-3 code for 'Persia'; add it to flows/crosswalks/wits.csv
    """
    codes = _candidates(name_or_code, scheme, on)
    if len(codes) != 1:
        raise CountryError(_fault(name_or_code, scheme, on))
    return codes[0]


def country_codes(
    names: pd.Series,
    *,
    scheme: Scheme,
    on: pd.Series | None = None,
    path: str = "",
    lines: pd.Series | None = None,
) -> pd.Series:
    """
    Return the alpha-3 codes of a column.

    Parameters
    ----------
    names : pandas.Series
        Names or codes as published.
    scheme : {"iso", "m49", "comtrade", "baci", "sipri", "wits", "cow", "armstat"}
        Whose names or codes they are.
    on : pandas.Series, optional
        First days of the statements (datetime64), index of ``names``; see :func:`country_code`.
    path : str
        The file that the names were read from, for the error.
    lines : pandas.Series, optional
        Line of that file for each name, index of ``names``, for the error.

    Returns
    -------
    pandas.Series
        Alpha-3 codes, with the index and the name of ``names``.

    Raises
    ------
    CountryError
        If a cell is empty or has no code; lists each such name with the first lines it stands in.
    ValueError
        If there is no such scheme.

    Examples
    --------
    >>> country_codes(pd.Series(["Turkey", "Turkiye", "Turkey"]), scheme="sipri").tolist()
    ['TUR', 'TUR', 'TUR']
    """
    days = None if on is None else on.dt.date
    keys = pd.DataFrame({"name": names.astype("str").fillna(""), "on": days})
    number = keys.groupby(["name", "on"], sort=False, dropna=False).ngroup()
    codes: list[str] = []
    faults: dict[str, pd.Series] = {}
    for place, (name, day) in enumerate(keys.drop_duplicates().itertuples(index=False)):
        try:
            codes.append(country_code(name, scheme=scheme, on=day))
        except CountryError as error:
            faults[str(error)] = number == place
    if faults:
        raise CountryError(_listed(faults, path, lines))
    coded = np.array(codes, dtype=object)[number]
    return pd.Series(coded, index=names.index, name=names.name, dtype="str")


def _candidates(name: str, scheme: Scheme, on: date | None) -> list[str]:
    found = entries(scheme).get(published(name), ())
    return sorted({entry.alpha3 for entry in found if on is None or entry.start <= on <= entry.end})


def _fault(name: str, scheme: Scheme, on: date | None) -> str:
    """Say why the name does not have one code."""
    if published(name) in aggregates(scheme):
        return f"expected a country, found the aggregate {name!r}; leave its rows out first"
    several = _candidates(name, scheme, None)
    if not several:
        return f"no alpha-3 code for {name!r}; add it to {file_of(scheme)}"
    day = "without a date" if on is None else f"on {on}"
    return f"no one alpha-3 code for {name!r} {day}: {file_of(scheme)} has {', '.join(several)}"


def _listed(faults: dict[str, pd.Series], path: str, lines: pd.Series | None) -> str:
    """Name every fault and the lines it stands in."""
    told = list(faults)
    if lines is not None:
        rows = pd.DataFrame({"dataset": path, "line": lines})
        told = [f"{fault} ({where(rows[at])})" for fault, at in faults.items()]
    more = f"; and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
    return "; ".join(told[:_SHOWN]) + more
