"""Several fits side by side: errors in brackets beneath, covariance types in the note."""

from collections.abc import Iterator, Mapping

import pandas as pd

from flows.findings import Table
from flows.models.trend import GROWTH_FORMS, TrendFit
from flows.table import Rows

_FORMS = {
    "log": "least squares of the logarithm",
    "level": "least squares of the level",
    "poisson": "Poisson pseudo-likelihood",
    "logit": "fractional logit",
}
_TERMS = {"const": "Constant", "trend": "Trend, a year"}
_WIDE = 1000

Row = tuple[str, str, float | None]
"""What it is, as printed, and unrounded."""


def fits_table(
    fits: Mapping[str, TrendFit], *, name: str, caption: str, rows: Rows | None = None
) -> Table:
    """
    Set trend fits side by side, one column a fit.

    Parameters
    ----------
    fits : Mapping
        Heading of the column to the fit.
    name : str
        Id of the table.
    caption : str
        Above the table.
    rows : Mapping, optional
        Lines of raw files that went in.

    Returns
    -------
    Table
        Coefficients with standard errors in brackets beneath, growth in percent a year with its
        interval, seasons, observations and the share of variance explained; the note says which
        form and which covariance type each column has. The columns ``... (value)``, which
        are not printed, hold the numbers unrounded.

    Raises
    ------
    ValueError
        If there is no fit.

    Examples
    --------
    >>> from flows.models.trend import fit_trend
    >>> years = pd.period_range("2019", "2022", freq="Y")
    >>> exports = pd.Series([100.0, 110.0, 121.0, 135.0], index=years)
    >>> table = fits_table(
    ...     {"Log": fit_trend(exports, se="hc1")}, name="fits", caption="Exports."
    ... )
    >>> table.frame.loc[4, ["term", "Log"]].tolist()
    ['Growth, % a year', '10.47']
    """
    if not fits:
        raise ValueError("fits: expected at least one, found none")
    columns = {heading: list(_column(fit)) for heading, fit in fits.items()}
    frame = pd.DataFrame({"term": [term for term, _, _ in next(iter(columns.values()))]})
    for heading, cells in columns.items():
        frame[heading] = [printed for _, printed, _ in cells]
    for heading, cells in columns.items():
        frame[f"{heading} (value)"] = pd.Series([value for _, _, value in cells], dtype=float)
    return Table(
        id=name,
        frame=frame,
        labels={"term": "", **{heading: heading for heading in fits}},
        formats=dict.fromkeys(fits, "s"),
        caption=caption,
        note=_note(fits),
        rows=rows or {},
    )


def _column(fit: TrendFit) -> Iterator[Row]:
    for term, called in _TERMS.items():
        estimate, error = float(fit.params[term]), float(fit.std_errors[term])
        yield called, _number(estimate), estimate
        yield "", f"({_number(error)})", error
    growth: tuple[float, float, float] | None = None
    if fit.form in GROWTH_FORMS:
        growth = (fit.growth_pct, *fit.growth_interval())
    yield "Growth, % a year", f"{growth[0]:.2f}" if growth else "", growth[0] if growth else None
    yield "", f"[{growth[1]:.2f}, {growth[2]:.2f}]" if growth else "", None
    yield "Seasonal effects", "yes" if len(fit.params) > len(_TERMS) else "no", None
    yield "Observations", f"{fit.nobs:,}", float(fit.nobs)
    yield "R squared", f"{fit.r_squared:.3f}", fit.r_squared


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= _WIDE else f"{value:.4f}"


def _note(fits: Mapping[str, TrendFit]) -> str:
    level = next(iter(fits.values())).level
    columns = "; ".join(
        f"*{heading}*: {_FORMS[fit.form]}, {fit.covariance_type}, t({fit.df:.0f})"
        for heading, fit in fits.items()
    )
    return (
        f"Standard errors in round brackets, {level:.0%} intervals of growth in square ones. "
        f"{columns}. R squared of a Poisson fit is the share of the deviance."
    )
