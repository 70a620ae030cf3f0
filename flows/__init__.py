"""
Statistics of trade and of arms transfers, from the raw file to the number in a report.

The public names below are imported when they are first asked for, so that the command line starts
at once.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flows.compare.claims import check_claims
    from flows.compare.mirror import bridge
    from flows.compare.records import record_changes
    from flows.compare.vintages import compare_vintages
    from flows.figures import draw_figure
    from flows.loaders import load
    from flows.loaders.layouts import layouts
    from flows.measure.dissolved import settle_states
    from flows.measure.shares import share
    from flows.measure.timeseries import series
    from flows.models.backtest import backtest
    from flows.models.breaks import find_breaks
    from flows.models.coincidence import mark_breaks
    from flows.models.forecasters import forecast_local_trend
    from flows.models.growth import compare_fits, estimate_growth
    from flows.models.hypothesis import holm
    from flows.models.interruption import fit_interruption
    from flows.models.state_space import fit_local_trend
    from flows.models.trend import fit_trend
    from flows.periods import (
        calendar_year,
        fiscal_year,
        gregorian_month,
        gregorian_year,
        half_year,
        periods_between,
        quarter,
        recut,
        solar_hijri_months,
        solar_hijri_year,
        window,
    )
    from flows.sources import list_sources
    from flows.studies.dyad import dyad_study
    from flows.studies.fits_table import fits_table
    from flows.studies.mirror import mirror_study
    from flows.studies.supplier import supplier_study
    from flows.studies.trend import trend_study
    from flows.table import check_flows, join_flows

__version__ = "0.1.0"

__all__ = [  # noqa: RUF022 - in the order of the work
    "list_sources",
    "layouts",
    "load",
    "check_flows",
    "join_flows",
    "settle_states",
    "gregorian_month",
    "gregorian_year",
    "solar_hijri_year",
    "solar_hijri_months",
    "calendar_year",
    "fiscal_year",
    "half_year",
    "quarter",
    "window",
    "periods_between",
    "recut",
    "share",
    "series",
    "fit_trend",
    "find_breaks",
    "mark_breaks",
    "fit_interruption",
    "holm",
    "fit_local_trend",
    "forecast_local_trend",
    "backtest",
    "estimate_growth",
    "compare_fits",
    "record_changes",
    "bridge",
    "compare_vintages",
    "check_claims",
    "fits_table",
    "supplier_study",
    "mirror_study",
    "trend_study",
    "dyad_study",
    "draw_figure",
]

_HOMES = {
    "list_sources": "flows.sources",
    "layouts": "flows.loaders.layouts",
    "load": "flows.loaders",
    "check_flows": "flows.table",
    "join_flows": "flows.table",
    "settle_states": "flows.measure.dissolved",
    "gregorian_month": "flows.periods",
    "gregorian_year": "flows.periods",
    "solar_hijri_year": "flows.periods",
    "solar_hijri_months": "flows.periods",
    "calendar_year": "flows.periods",
    "fiscal_year": "flows.periods",
    "half_year": "flows.periods",
    "quarter": "flows.periods",
    "window": "flows.periods",
    "periods_between": "flows.periods",
    "recut": "flows.periods",
    "share": "flows.measure.shares",
    "series": "flows.measure.timeseries",
    "fit_trend": "flows.models.trend",
    "find_breaks": "flows.models.breaks",
    "mark_breaks": "flows.models.coincidence",
    "fit_interruption": "flows.models.interruption",
    "holm": "flows.models.hypothesis",
    "fit_local_trend": "flows.models.state_space",
    "forecast_local_trend": "flows.models.forecasters",
    "backtest": "flows.models.backtest",
    "estimate_growth": "flows.models.growth",
    "compare_fits": "flows.models.growth",
    "record_changes": "flows.compare.records",
    "bridge": "flows.compare.mirror",
    "compare_vintages": "flows.compare.vintages",
    "check_claims": "flows.compare.claims",
    "fits_table": "flows.studies.fits_table",
    "supplier_study": "flows.studies.supplier",
    "mirror_study": "flows.studies.mirror",
    "trend_study": "flows.studies.trend",
    "dyad_study": "flows.studies.dyad",
    "draw_figure": "flows.figures",
}


def __getattr__(name: str) -> object:
    """Import a public name from its home, the first time that it is asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """List the public names."""
    return [*__all__, "__version__"]
