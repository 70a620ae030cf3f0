"""How studies make numbers: canonical values, and one way to print them."""

from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd

from flows.canonical import canonical
from flows.findings import MINUS, Json, Number
from flows.measure.checks import rows_by_dataset
from flows.table import Rows

_WHOLE_FROM = 10


def print_value(value: float, digits: int, *, exact: bool = False) -> str:
    """
    Return a value as the text prints it.

    Parameters
    ----------
    value : float
        Finite.
    digits : int
        Decimals.
    exact : bool
        As in :func:`flows.canonical.canonical`.

    Returns
    -------
    str
        Thousands apart by commas, a real minus sign; a value that rounds to zero has no sign.

    Raises
    ------
    ValueError
        If the value is not finite.

    Examples
    --------
    >>> print_value(-1234.56, 1), print_value(-0.04, 1)
    ('−1,234.6', '0.0')
    """
    if not abs(value) < float("inf"):
        raise ValueError(f"expected a finite value to print, found {value}")
    return f"{canonical(value, exact=exact):z,.{digits}f}".replace("-", MINUS)


def print_share(percent: float) -> str:
    """
    Print a share as SIPRI does: below 10 with one decimal, from 10 on in whole numbers.

    Parameters
    ----------
    percent : float
        0 to 100.

    Returns
    -------
    str
        Without the unit; halves are rounded up, ``<0.05`` stands for less than that and 0 for
        nothing.

    Raises
    ------
    ValueError
        If it is no percentage.

    References
    ----------
    .. [1] SIPRI (2024). Trends in International Arms Transfers, 2023. Fact sheet, table 1.

    Examples
    --------
    >>> [print_share(one) for one in (67.74, 9.96, 9.94, 6.0, 0.049, 0.0)]
    ['68', '10', '9.9', '6.0', '<0.05', '0']
    """
    if not 0 <= percent <= 100:  # noqa: PLR2004 - the whole
        raise ValueError(f"expected a share of 0 to 100 percent, found {percent}")
    if percent == 0:
        return "0"
    exact = Decimal(repr(float(percent)))
    if exact < Decimal("0.05"):
        return "<0.05"
    tenths = exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    whole = exact.quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return str(tenths) if tenths < _WHOLE_FROM else str(whole)


def numbers_of(study: str, function: str, parameters: Mapping[str, Json]) -> Callable[..., Number]:
    """
    Return a function that makes the numbers of one calculation of a study.

    Parameters
    ----------
    study : str
        Name of the instance, the first part of every id.
    function : str
        Public name of the function that calculates.
    parameters : Mapping
        Its arguments.

    Returns
    -------
    callable
        ``make(id, value, unit, about, digits=, rows=, bounds=, interval=, level=, exact=)`` gives a
        :class:`flows.findings.Number`; ``rows`` is a frame or a mapping of lines.

    Raises
    ------
    ValueError
        By the function that is returned, if a value is not finite.

    Examples
    --------
    >>> make = numbers_of("arms", "flows.share", {"importer": "AZE"})
    >>> number = make("share", 67.7391, "%", "Share.", digits=2, rows={})
    >>> number.id, number.printed
    ('arms.share', '67.74')
    """

    def make(
        name: str,
        value: float,
        unit: str,
        about: str,
        *,
        digits: int,
        rows: pd.DataFrame | Rows,
        bounds: tuple[float, float | None] | None = None,
        interval: tuple[float, float] | None = None,
        level: float | None = None,
        exact: bool = False,
    ) -> Number:
        low, high = bounds or interval or (None, None)
        return Number(
            id=f"{study}.{name}",
            value=float(value),
            unit=unit,
            printed=print_value(float(value), digits, exact=exact),
            about=about,
            function=function,
            parameters=dict(parameters),
            rows=rows_by_dataset(rows) if isinstance(rows, pd.DataFrame) else rows,
            low=low,
            high=high,
            spread="bounds" if bounds else "interval" if interval else None,
            level=level if interval else None,
            exact=exact,
        )

    return make


def union_of(several: Iterable[Rows]) -> Rows:
    """
    Return the lines of several findings together, every line once, sorted.

    >>> union_of([{"a@1": (3, 2)}, {"a@1": (2,), "b@1": (5,)}])
    {'a@1': (2, 3), 'b@1': (5,)}
    """
    lines: dict[str, set[int]] = {}
    for rows in several:
        for dataset, found in rows.items():
            lines.setdefault(dataset, set()).update(found)
    return {dataset: tuple(sorted(found)) for dataset, found in sorted(lines.items())}
