"""The world and groups of countries: rows that never enter the flow table."""

import pandas as pd

from flows.countries.crosswalk import Scheme, aggregates, published


def is_aggregate(name_or_code: str, *, scheme: Scheme) -> bool:
    """
    Say whether a name or code stands for the world or a group of countries.

    Parameters
    ----------
    name_or_code : str
        As published.
    scheme : {"iso", "m49", "comtrade", "baci", "sipri", "wits", "cow", "armstat"}
        Whose name or code it is.

    Returns
    -------
    bool
        Whether its rows have to be left out.

    Raises
    ------
    ValueError
        If there is no such scheme.

    Examples
    --------
    >>> is_aggregate("W00", scheme="comtrade")
    True
    """
    return published(name_or_code) in aggregates(scheme)


def are_aggregates(names: pd.Series, *, scheme: Scheme) -> pd.Series:
    """
    Say which rows of a column stand for the world or a group of countries.

    Parameters
    ----------
    names : pandas.Series
        Names or codes as published.
    scheme : {"iso", "m49", "comtrade", "baci", "sipri", "wits", "cow", "armstat"}
        Whose names or codes they are.

    Returns
    -------
    pandas.Series
        Booleans, with the index and the name of ``names``.

    Raises
    ------
    ValueError
        If there is no such scheme.

    Examples
    --------
    >>> are_aggregates(pd.Series([" World", "Armenia"]), scheme="wits").tolist()
    [True, False]
    """
    text = names.astype("str")
    return text.isin([name for name in text.dropna().unique() if is_aggregate(name, scheme=scheme)])
