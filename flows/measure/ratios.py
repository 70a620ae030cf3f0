"""One series divided by another, if both are of one unit."""

import pandas as pd

from flows.errors import PeriodError, UnitError


def ratio(part: pd.Series, whole: pd.Series) -> pd.Series:
    """
    Return one series divided by another of the same unit, period by period.

    Parameters
    ----------
    part, whole : pandas.Series
        Of :func:`flows.measure.timeseries.series`, or any with ``attrs["unit"]``, such as a gross
        domestic product in ``"USD"``.

    Returns
    -------
    pandas.Series
        In the periods that both have; ``attrs``: ``unit`` is ``"ratio"``, ``rows`` holds the lines
        of both by data set, where they have them.

    Raises
    ------
    UnitError
        If a unit is not stated or the units differ: a volume of arms in TIV is no price, and no
        part of a product or of trade in dollars.
    PeriodError
        If they have no period in common.
    ZeroDivisionError
        If the whole is 0 in a period.

    Examples
    --------
    >>> arms = pd.Series([75.0], index=[2016]); arms.attrs["unit"] = "TIV"
    >>> product = pd.Series([38e9], index=[2016]); product.attrs["unit"] = "USD"
    >>> ratio(arms, product)
    Traceback (most recent call last):
        ...
    flows.errors.UnitError: expected two series of one unit, found TIV divided by USD: ...
    """
    units = [one.attrs.get("unit") for one in (part, whole)]
    if None in units:
        raise UnitError(
            f"expected series with attrs['unit'], found {units[0]} and {units[1]}; state the unit "
            "of both, as flows.series does"
        )
    if units[0] != units[1]:
        raise UnitError(
            f"expected two series of one unit, found {units[0]} divided by {units[1]}: TIV is a "
            "volume of arms and not a price, it is no part of dollars; divide TIV by TIV, or take "
            "military expenditure for a burden on the product"
        )
    common = part.index.intersection(whole.index)
    if common.empty:
        raise PeriodError("expected series with a period in common, found none")
    if (whole[common] == 0).any():
        at = whole[common].index[whole[common] == 0][0]
        raise ZeroDivisionError(f"expected a whole above 0, found 0 in {at}")
    divided = part[common] / whole[common]
    divided.attrs = {"unit": "ratio", "rows": _rows(part, whole)}
    return divided


def _rows(part: pd.Series, whole: pd.Series) -> dict[str, tuple[int, ...]]:
    lines: dict[str, set[int]] = {}
    for one in (part, whole):
        for dataset, found in one.attrs.get("rows", {}).items():
            lines.setdefault(dataset, set()).update(found)
    return {dataset: tuple(sorted(found)) for dataset, found in sorted(lines.items())}
