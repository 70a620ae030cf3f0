"""Goods that one side does not count: each may be taken off once."""

from collections.abc import Mapping
from itertools import combinations

import pandas as pd

from flows.errors import DoubleCountError
from flows.table import where


def check_apart(goods: Mapping[str, pd.DataFrame]) -> None:
    """
    Check that no product is taken off twice: under two names, or inside another.

    Parameters
    ----------
    goods : Mapping
        Name of goods to the rows of a flow table that state them.

    Raises
    ------
    DoubleCountError
        If one of them is all goods, two are of different classifications, or one holds another.

    Examples
    --------
    >>> gas = pd.DataFrame({"product": ["271121"], "classification": ["HS2017"]})
    >>> check_apart({"pipeline gas": gas})
    """
    codes = {name: rows[["product", "classification"]] for name, rows in goods.items()}
    for name, own in codes.items():
        if (own["product"] == "TOTAL").any():
            raise DoubleCountError(
                f"expected some of all goods under {name!r}, found TOTAL at {where(goods[name])}"
            )
    for one, other in combinations(codes, 2):
        kinds = {_kind(codes[name]) for name in (one, other)}
        if len(kinds) > 1:
            raise DoubleCountError(
                f"expected goods of one classification, found {' and '.join(sorted(kinds))} for "
                f"{one!r} and {other!r}: they may be the same goods"
            )
        for first in sorted(set(codes[one]["product"])):
            for second in sorted(set(codes[other]["product"])):
                if first.startswith(second) or second.startswith(first):
                    raise DoubleCountError(
                        f"expected goods that are not left out twice, found {first} under "
                        f"{one!r} ({where(goods[one], shown=1)}) and {second} under {other!r} "
                        f"({where(goods[other], shown=1)}); keep the one that holds the other"
                    )


def _kind(codes: pd.DataFrame) -> str:
    """Return the classification without its revision: codes of one kind nest by prefix."""
    return str(codes["classification"].iloc[0]).rstrip("0123456789")
