"""The mirror study: what two countries say of their trade with each other, and why it differs."""

from collections.abc import Mapping, Sequence

import pandas as pd

from flows.compare.mirror import bridge
from flows.countries import country_name
from flows.findings import Findings, Json, Number
from flows.measure.selection import select_flows
from flows.periods import Period, gregorian_year, period_from, recut
from flows.studies.mirror_bridge import (
    bridge_numbers,
    bridge_table,
    other_bases,
    other_basis_bridge,
    qualifiers,
)
from flows.studies.mirror_exhibits import bridge_figure, mirror_table, monthly_figure, ratio_figure
from flows.studies.mirror_history import pair_history
from flows.studies.numbers import numbers_of
from flows.studies.pair import MILLION, Pair
from flows.studies.trends import pair_trends, trend_numbers, trend_table


def mirror_study(
    trade: pd.DataFrame,
    *,
    exporter: str,
    importer: str,
    period: Period | Mapping[str, object],
    cif_fob_ratio: Sequence[float],
    headline: int | None = None,
    months: str | None = None,
    leaves_out: Mapping[str, str] | None = None,
    basis: str = "origin",
    ratio_source: str = "",
    odd: Mapping[str, str] | None = None,
    name: str = "trade",
) -> Findings:
    """
    Set the two reports of a pair's trade side by side and bridge from one to the other.

    Parameters
    ----------
    trade : pandas.DataFrame
        Flow table with both countries' statements of all goods (``TOTAL``), and those goods that
        the exporter does not count, as the importer reports them.
    exporter, importer : str
        Alpha-3 codes.
    period : Period or Mapping
        The year in which the reports are compared, as the side without months publishes it.
    cif_fob_ratio : pair of float
        Lowest and highest ratio of CIF to FOB. No default: it moves the result.
    headline : int, optional
        The calendar year under which the side with months is quoted; by default the one in which
        ``period`` begins.
    months : str, optional
        Which of the two publishes months; the importer by default.
    leaves_out : Mapping, optional
        Product code to name, of goods that the side without months does not count as exports.
    basis : str
        Partner basis of the imports of the side with months.
    ratio_source : str
        Where the range of the ratio comes from; printed with its step.
    odd : Mapping, optional
        Year to reason, of statements known to be out of line; they are shown, and marked.
    name : str
        First part of every id.

    Returns
    -------
    Findings
        Numbers of both directions in the headline year and in ``period``, the steps of both
        bridges, ratios by year, growth by month; tables of trends and mirrors; three figures.

    Raises
    ------
    FlowsError
        If a statement is missing, made twice or does not cover its period.

    Examples
    --------
    >>> import flows as fl
    >>> from flows.table import join_flows
    >>> ids = ("armstat-by-country@2025-02", "irica-press@2024-09")
    >>> findings = mirror_study(
    ...     join_flows([fl.load(one) for one in ids]), exporter="IRN", importer="ARM",
    ...     period=fl.solar_hijri_year(1402), cif_fob_ratio=(1.06, 1.10),
    ... )
    >>> [number.printed for number in findings.numbers if number.id == "trade.flow.importer-report"]
    ['580.00']
    """
    months = months or importer
    years = exporter if months == importer else importer
    pair = Pair(exporter, importer, months, years, basis)
    period = period if isinstance(period, Period) else period_from(period)
    usual = gregorian_year(headline or period.start.year)
    ratio = (float(cif_fob_ratio[0]), float(cif_fob_ratio[1]))
    goods = _left_out_goods(trade, pair, leaves_out or {})
    bridges = {
        direction: bridge(
            exporter_says=pair.statement(trade, exporter=sender, reporter=sender),
            importer_says=pair.statement(trade, exporter=sender, reporter=receiver),
            period=period,
            headline=usual,
            exporter_leaves_out=goods if direction == "flow" else {},
            cif_fob_ratio=ratio,
            sources={"valuation": ratio_source} if ratio_source else None,
        )
        for direction, sender, receiver in (
            ("flow", exporter, importer),
            ("reverse", importer, exporter),
        )
    }
    history = pair_history(trade, pair, calendar=period.calendar, odd=odd or {})
    parameters: dict[str, Json] = {
        "exporter": exporter,
        "importer": importer,
        "period": period.label,
        "calendar": period.calendar,
        "headline": usual.label,
        "cif_fob_ratio": [*cif_fob_ratio],
        "basis": basis,
    }
    trends = pair_trends(trade, pair)
    return Findings(
        numbers=(
            *_level_numbers(trade, pair, usual, parameters, name),
            *(
                number
                for direction, found in bridges.items()
                for number in bridge_numbers(found, direction, parameters, name)
            ),
            *other_basis_bridge(
                trade,
                pair,
                period=period,
                headline=usual,
                goods=goods,
                cif_fob_ratio=ratio,
                parameters=parameters,
                name=name,
            ),
            *history.numbers(name, parameters),
            *trend_numbers(trends, name),
        ),
        tables=(
            bridge_table(bridges, pair, name=name),
            mirror_table(history, pair, name=name),
            trend_table(trends, name),
        ),
        figures=(
            monthly_figure(trends, pair, name=name),
            bridge_figure(bridges["flow"], pair, name=name),
            bridge_figure(bridges["reverse"], pair, name=name, exporter=importer),
            ratio_figure(history, pair, name=name),
        ),
        words={
            f"{name}.exporter": country_name(exporter),
            f"{name}.importer": country_name(importer),
            f"{name}.period": period.label,
            f"{name}.period-start": f"{period.start:%-d %B %Y}",
            f"{name}.period-end": f"{period.end:%-d %B %Y}",
            f"{name}.headline": usual.label,
            f"{name}.months-reporter": country_name(pair.months),
            f"{name}.years-reporter": country_name(pair.years),
            f"{name}.basis": basis,
            f"{name}.other-basis": " ".join(other_bases(trade, pair)),
            **qualifiers(bridges, name),
            **history.words(name),
        },
    )


def _left_out_goods(
    trade: pd.DataFrame, pair: Pair, leaves_out: Mapping[str, str]
) -> dict[str, pd.DataFrame]:
    """Return the importer's rows of goods that the exporter does not count, by name."""
    return {
        f"{name} ({product})": select_flows(
            trade,
            exporter=pair.exporter,
            importer=pair.importer,
            reporter=pair.months,
            product=product,
        )
        for product, name in leaves_out.items()
    }


def _level_numbers(
    trade: pd.DataFrame, pair: Pair, usual: Period, parameters: Mapping[str, Json], name: str
) -> list[Number]:
    """Return what the side with months says of the headline year, on each partner basis."""
    make = numbers_of(name, "flows.series", parameters)
    says = country_name(pair.months)
    made = []
    for direction, exporter in pair.directions:
        rows = pair.statement(trade, exporter=exporter, reporter=pair.months)
        found = recut(rows, usual)
        about = f"Trade from {pair.title(exporter)} in {usual.label} as {says} reports it"
        made.append(
            make(
                f"{direction}.headline",
                found.value / MILLION,
                "USD million",
                f"{about}, {rows['partner_basis'].iloc[0]} basis, {rows['valuation'].iloc[0]}.",
                digits=3,
                rows=found.rows,
                exact=found.is_whole,
            )
        )
    return [*made, *_other_basis_numbers(trade, pair, usual, parameters, name)]


def _other_basis_numbers(
    trade: pd.DataFrame, pair: Pair, usual: Period, parameters: Mapping[str, Json], name: str
) -> list[Number]:
    """Return the imports of the side with months on the other partner basis, if it states one."""
    direction, exporter = (
        ("flow", pair.exporter) if pair.months == pair.importer else ("reverse", pair.importer)
    )
    says = select_flows(
        trade, exporter=exporter, importer=pair.months, reporter=pair.months, product="TOTAL"
    )
    made = []
    for basis in sorted(set(says["partner_basis"]) - {pair.basis}):
        found = recut(says[says["partner_basis"] == basis], usual)
        made.append(
            numbers_of(name, "flows.series", {**parameters, "basis": basis})(
                f"{direction}.headline.{basis}",
                found.value / MILLION,
                "USD million",
                f"Trade from {pair.title(exporter)} in {usual.label} as "
                f"{country_name(pair.months)} reports it, by country of {basis}.",
                digits=3,
                rows=found.rows,
                exact=found.is_whole,
            )
        )
    return made
