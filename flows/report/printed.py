"""Printed forms of a number: with its unit, and its bounds in the decimals of the value."""

import re

from flows.errors import ReportError
from flows.findings import MINUS, Number

NBSP = "\N{NO-BREAK SPACE}"

UNIT_PATTERNS = {
    "%": "{}%",
    "% a year": "{}% a year",
    "USD million": f"USD{NBSP}{{}}{NBSP}million",
    "TIV": f"{{}}{NBSP}million{NBSP}TIV",
    "ratio": "{}",
    "count": "{}",
}
"""How a value and its unit are written together; any other unit follows the value."""

_DECIMAL = re.compile(rf"[-+{MINUS}]?(?:\d+|\d{{1,3}}(?:,\d{{3}})+)(?:\.(\d+))?")


def print_value(number: Number) -> str:
    """
    Print a number without its unit.

    Parameters
    ----------
    number : Number
        Any.

    Returns
    -------
    str
        Its printed form, with a true minus sign.

    Examples
    --------
    >>> print_value(Number("gap", -68.2, "USD million", "-68.2", "Gap.", "flows.bridge", {}, {}))
    '−68.2'
    """
    return number.printed.replace("-", MINUS, 1) if number.printed[:1] == "-" else number.printed


def print_with_unit(printed: str, unit: str) -> str:
    """
    Write a value and its unit together.

    Parameters
    ----------
    printed : str
        Value, or "59 to 77", without the unit.
    unit : str
        As in :class:`flows.findings.Number`.

    Returns
    -------
    str
        Does not break between value and unit.

    Examples
    --------
    >>> print_with_unit("67.74", "%"), print_with_unit("1.54", "ratio")
    ('67.74%', '1.54')
    """
    return UNIT_PATTERNS.get(unit, f"{{}}{NBSP}{unit}").format(printed)


def print_alike(number: Number, value: float) -> str:
    """
    Print another value with the decimals and thousands of a number's printed form.

    Parameters
    ----------
    number : Number
        Printed as a decimal number, ``1,029.61``.
    value : float
        Mostly its low or high.

    Returns
    -------
    str
        With a true minus sign; a zero has none.

    Raises
    ------
    ReportError
        If the number's printed form is not a decimal number, such as ``<0.001``.

    Examples
    --------
    >>> share = Number("s", 67.7391, "%", "67.74", "Share.", "flows.share", {}, {})
    >>> print_alike(share, 64.1)
    '64.10'
    """
    match = _DECIMAL.fullmatch(number.printed)
    if match is None:
        raise ReportError(
            f"number {number.id!r}: expected a decimal number as its printed form, so that its "
            f"bounds can be printed alike; found {number.printed!r}"
        )
    grouping = "," if "," in number.printed else ""
    decimals = len(match[1] or "")
    return f"{value:z{grouping}.{decimals}f}".replace("-", MINUS)


def print_bounds(number: Number) -> str:
    """
    Print what lies between low and high, both named.

    Parameters
    ----------
    number : Number
        With a low, a high or both.

    Returns
    -------
    str
        ``64.16 to 68.26``, ``at least 412`` or ``at most 0.5``.

    Raises
    ------
    ReportError
        If it has neither, or as :func:`print_alike`.

    Examples
    --------
    >>> share = Number("s", 67.7391, "%", "67.74", "Share.", "flows.share", {}, {},
    ...                64.162, 68.257, "bounds")
    >>> print_bounds(share)
    '64.16 to 68.26'
    """
    low, high = (
        None if bound is None else print_alike(number, bound) for bound in (number.low, number.high)
    )
    if low is not None and high is not None:
        return f"{low} to {high}"
    if low is not None:
        return f"at least {low}"
    if high is not None:
        return f"at most {high}"
    raise ReportError(f"number {number.id!r}: expected a low or a high, found neither")
