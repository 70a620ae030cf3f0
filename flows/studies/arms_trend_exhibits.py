"""Table and figure of the arms-trend study."""

from collections.abc import Mapping

import pandas as pd

from flows.countries import country_name
from flows.findings import Figure, Table
from flows.models.composition import CompositionBreaks
from flows.studies.numbers import print_value
from flows.studies.supplier_trends import Estimate, SupplierTrend

_OTHERS = "Others"
_HEADINGS = {
    "growth": "Growth, % a year",
    "since-first": "Growth since first delivery",
    "share": "Share, points a year: logit",
    "line": "Share: straight line",
}


def trends_table(
    trends: Mapping[str, SupplierTrend], volumes: pd.DataFrame, *, name: str, importer: str
) -> Table:
    """
    Return the table of suppliers and estimators.

    Parameters
    ----------
    trends : Mapping
        Alpha-3 code to what was estimated.
    volumes : pandas.DataFrame
        Of :func:`flows.measure.timeseries.supplier_years`.
    name : str
        First part of the id.
    importer : str
        Alpha-3 code.

    Returns
    -------
    Table
        One row a supplier; the columns ``... (value)``, which are not printed, hold the estimates
        unrounded.

    Raises
    ------
    CountryError
        If a code has no name.
    """
    rows = []
    for code, trend in trends.items():
        row: dict[str, object] = {"supplier": country_name(code), "years": trend.years}
        for key in _HEADINGS:
            row[key] = _printed(trend.estimates.get(key))
        for key in _HEADINGS:
            one = trend.estimates.get(key)
            row[f"{key} (value)"] = None if one is None else one.value
        rows.append(row)
    level = next(iter(trends.values())).level
    span = f"{volumes.index[0]}–{volumes.index[-1]}"
    return Table(
        id=f"{name}-trends",
        frame=pd.DataFrame(rows),
        labels={"supplier": "Supplier", "years": "Years with deliveries", **_HEADINGS},
        formats={"years": ".0f"},
        caption=(
            f"Deliveries of major arms to {country_name(importer)} by supplier, and their shares: "
            f"trends by estimator, {span}."
        ),
        note=(
            f"{level:.0%} intervals in brackets; standard errors by orthogonal series. Growth by "
            f"Poisson pseudo-likelihood over all years of {span}, a year without deliveries "
            "counting as zero, and again from the supplier’s first delivery on. Shares by "
            "fractional logit (mean effect of a year) and by least squares, years with imports "
            "only. An empty cell: no estimate exists."
        ),
        rows=volumes.attrs["rows"],
    )


def composition_figure(
    mix: pd.DataFrame,
    found: CompositionBreaks,
    *,
    name: str,
    importer: str,
    supplier: str,
    rows: pd.DataFrame,
) -> Figure:
    """
    Return the figure of the shares of each year.

    Parameters
    ----------
    mix : pandas.DataFrame
        Shares by year, one column a supplier, the last one all others.
    found : CompositionBreaks
        Its breaks, for the caption.
    name : str
        First part of the id.
    importer, supplier : str
        Alpha-3 codes; the supplier is drawn in the accent colour.
    rows : pandas.DataFrame
        Volumes; ``attrs["rows"]`` has the lines of the raw files.

    Returns
    -------
    Figure
        Drawn by ``draw_imports_by_supplier``.

    Raises
    ------
    CountryError
        If a code has no name.
    """
    named = mix.set_axis([*map(country_name, mix.columns[:-1]), _OTHERS], axis="columns")
    data = (100 * named).rename_axis("year").reset_index()
    long = data.melt(id_vars="year", var_name="supplier", value_name="value")
    long = long[long["value"] > 0].assign(year=long["year"].dt.year)
    dates = ", ".join(str(date) for date in found.break_dates) or "none"
    releases = ", ".join(sorted(one.partition("@")[2] for one in rows.attrs["rows"]))
    return Figure(
        id=f"{name}-composition",
        draw="draw_imports_by_supplier",
        data=long.sort_values(["year", "supplier"], ignore_index=True),
        options={
            "unit_label": "percent of the year’s imports",
            "highlight": country_name(supplier),
        },
        caption=(
            f"Shares of suppliers in {country_name(importer)}’s imports of major arms by year of "
            f"delivery. A year without imports has no bar. Breaks of the mix: {dates}."
        ),
        source=f"Source: SIPRI Arms Transfers Database, release {releases}.",
        rows=rows.attrs["rows"],
    )


def regime_words(found: CompositionBreaks) -> str:
    """
    Return the regimes and the largest supplier of each as text.

    Parameters
    ----------
    found : CompositionBreaks
        Parts are alpha-3 codes, the last one all others.

    Returns
    -------
    str
        ``"2010–2015 Russia (74 percent), ..."``.

    Raises
    ------
    CountryError
        If a code has no name.
    """
    parts = found.regimes.columns[3:-1]
    told = []
    for row in found.regimes.to_dict("records"):
        largest = max(parts, key=lambda part: (row[part], part))
        percent = print_value(100 * row[largest], 0)
        told.append(f"{row['start']}–{row['end']} {country_name(largest)} ({percent} percent)")
    return ", ".join(told)


def _printed(one: Estimate | None) -> str:
    if one is None:
        return ""
    value, low, high = (print_value(each, 1) for each in (one.value, one.low, one.high))
    return f"{value} [{low}, {high}]"
