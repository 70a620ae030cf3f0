"""
Statistics of trade and of arms transfers, from the raw file to the number in a report.

The public names below are imported when they are first asked for, so that the command line starts
at once.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flows.compare.bridge import bridge
    from flows.compare.claims import check_claims
    from flows.compare.history import mirror_history, record_changes
    from flows.compare.mirror_pairs import fit_margin, pair_mirrors
    from flows.compare.reconcile import reconcile
    from flows.compare.reliability import reliability
    from flows.compare.share_history import share_history
    from flows.compare.share_revision import share_revision
    from flows.compare.silence import class_mirror
    from flows.compare.vintages import compare_vintages
    from flows.figures.save import draw_figure
    from flows.loaders import load
    from flows.loaders.known import layouts
    from flows.measure.bound_rules import (
        LocalProduction,
        RoundedCell,
        SecondHand,
        UncertainNumber,
        UncertainYear,
        UnknownPartner,
    )
    from flows.measure.bounds import share_bounds
    from flows.measure.concentration import concentration, rolling_concentration
    from flows.measure.context import supplier_context
    from flows.measure.counting import Counting
    from flows.measure.dissolved import settle_states
    from flows.measure.influence import deal_influence
    from flows.measure.posterior import share_posterior
    from flows.measure.shares import (
        explain_total,
        partner_shares,
        rolling_partner_shares,
        share,
        supplier_ranks,
    )
    from flows.measure.timeseries import ratio, series, share_years, supplier_years
    from flows.models.breaks import find_breaks
    from flows.models.composition import find_composition_breaks
    from flows.models.exact_break import find_exact_break
    from flows.models.growth import compare_fits, estimate_growth
    from flows.models.interruption import fit_events, fit_interruption, mark_breaks
    from flows.models.results import holm
    from flows.models.share_trend import fit_share_trend
    from flows.models.state_space import backtest, fit_local_trend, forecast_local_trend
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
    from flows.studies.mirror import mirror_study, reconciliation_study, silence_study
    from flows.studies.supplier import arms_trend_study, supplier_study
    from flows.studies.trend import trend_study, two_trends_study
    from flows.studies.trend.fits import fits_table
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
    "Counting",
    "share",
    "UncertainYear",
    "UncertainNumber",
    "RoundedCell",
    "UnknownPartner",
    "LocalProduction",
    "SecondHand",
    "share_bounds",
    "partner_shares",
    "rolling_partner_shares",
    "concentration",
    "rolling_concentration",
    "explain_total",
    "share_posterior",
    "deal_influence",
    "supplier_ranks",
    "supplier_context",
    "series",
    "supplier_years",
    "share_years",
    "ratio",
    "fit_trend",
    "fit_share_trend",
    "find_breaks",
    "find_exact_break",
    "find_composition_breaks",
    "mark_breaks",
    "fit_interruption",
    "fit_events",
    "holm",
    "fit_local_trend",
    "forecast_local_trend",
    "backtest",
    "estimate_growth",
    "compare_fits",
    "record_changes",
    "bridge",
    "mirror_history",
    "class_mirror",
    "pair_mirrors",
    "fit_margin",
    "reliability",
    "reconcile",
    "compare_vintages",
    "share_revision",
    "share_history",
    "check_claims",
    "fits_table",
    "supplier_study",
    "mirror_study",
    "silence_study",
    "reconciliation_study",
    "trend_study",
    "arms_trend_study",
    "two_trends_study",
    "dyad_study",
    "draw_figure",
]

_HOMES = {
    "list_sources": "flows.sources",
    "layouts": "flows.loaders.known",
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
    "Counting": "flows.measure.counting",
    "share": "flows.measure.shares",
    "UncertainYear": "flows.measure.bound_rules",
    "UncertainNumber": "flows.measure.bound_rules",
    "RoundedCell": "flows.measure.bound_rules",
    "UnknownPartner": "flows.measure.bound_rules",
    "LocalProduction": "flows.measure.bound_rules",
    "SecondHand": "flows.measure.bound_rules",
    "share_bounds": "flows.measure.bounds",
    "partner_shares": "flows.measure.shares",
    "rolling_partner_shares": "flows.measure.shares",
    "concentration": "flows.measure.concentration",
    "rolling_concentration": "flows.measure.concentration",
    "explain_total": "flows.measure.shares",
    "share_posterior": "flows.measure.posterior",
    "deal_influence": "flows.measure.influence",
    "supplier_ranks": "flows.measure.shares",
    "supplier_context": "flows.measure.context",
    "series": "flows.measure.timeseries",
    "supplier_years": "flows.measure.timeseries",
    "share_years": "flows.measure.timeseries",
    "ratio": "flows.measure.timeseries",
    "fit_trend": "flows.models.trend",
    "fit_share_trend": "flows.models.share_trend",
    "find_breaks": "flows.models.breaks",
    "find_exact_break": "flows.models.exact_break",
    "find_composition_breaks": "flows.models.composition",
    "mark_breaks": "flows.models.interruption",
    "fit_interruption": "flows.models.interruption",
    "fit_events": "flows.models.interruption",
    "holm": "flows.models.results",
    "fit_local_trend": "flows.models.state_space",
    "forecast_local_trend": "flows.models.state_space",
    "backtest": "flows.models.state_space",
    "estimate_growth": "flows.models.growth",
    "compare_fits": "flows.models.growth",
    "record_changes": "flows.compare.history",
    "bridge": "flows.compare.bridge",
    "mirror_history": "flows.compare.history",
    "class_mirror": "flows.compare.silence",
    "pair_mirrors": "flows.compare.mirror_pairs",
    "fit_margin": "flows.compare.mirror_pairs",
    "reliability": "flows.compare.reliability",
    "reconcile": "flows.compare.reconcile",
    "compare_vintages": "flows.compare.vintages",
    "share_revision": "flows.compare.share_revision",
    "share_history": "flows.compare.share_history",
    "check_claims": "flows.compare.claims",
    "fits_table": "flows.studies.trend.fits",
    "supplier_study": "flows.studies.supplier",
    "mirror_study": "flows.studies.mirror",
    "silence_study": "flows.studies.mirror",
    "reconciliation_study": "flows.studies.mirror",
    "trend_study": "flows.studies.trend",
    "arms_trend_study": "flows.studies.supplier",
    "two_trends_study": "flows.studies.trend",
    "dyad_study": "flows.studies.dyad",
    "draw_figure": "flows.figures.save",
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
