"""The reconciliation study: one value of each direction of a pair's trade, with its interval."""

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from flows.compare.goods import check_apart
from flows.compare.mirror_pairs import SIDES, MirrorPairs
from flows.compare.reconcile import reconcile
from flows.compare.reconcile_result import Reconciled
from flows.compare.sides import Side, check_one_flow, part_in, side_in
from flows.countries import country_name
from flows.errors import SchemaError
from flows.findings import Findings, Json, Number
from flows.measure.selection import select_flows
from flows.periods import Period, period_from
from flows.studies.numbers import numbers_of
from flows.studies.pair import MILLION, Pair


def reconciliation_study(
    trade: pd.DataFrame,
    *,
    exporter: str,
    importer: str,
    period: Period | Mapping[str, object],
    cif_fob_ratio: Sequence[float],
    log_std_devs: Mapping[str, float],
    level: float = 0.95,
    months: str | None = None,
    leaves_out: Mapping[str, str] | None = None,
    basis: str = "origin",
    name: str = "reconciled",
) -> Findings:
    """
    Reconcile both directions of a pair's trade under errors that are given.

    Parameters
    ----------
    trade : pandas.DataFrame
        Flow table with both countries' statements of all goods (``TOTAL``), and those goods that
        the side without months does not count, as the other reports them.
    exporter, importer : str
        Alpha-3 codes.
    period : Period or Mapping
        The year in which the reports are compared.
    cif_fob_ratio : pair of float
        Lowest and highest ratio of CIF to FOB.
    log_std_devs : Mapping
        Standard deviation of the log error of each of the two reporters. No default: it decides
        the weights, and one pair of countries cannot show it.
    level : float
        Coverage of the intervals, if the standard deviations are right.
    months : str, optional
        Which of the two publishes months; the importer by default.
    leaves_out : Mapping, optional
        Product code to name, of goods that the side without months does not count as exports; they
        are taken off the importer's statement.
    basis : str
        Partner basis of the imports of the side with months.
    name : str
        First part of every id.

    Returns
    -------
    Findings
        For each direction the value FOB with its interval, what each statement weighs, the bound if
        one side states one, and the audit line as a word.

    Raises
    ------
    FlowsError
        If a statement is missing, made twice or does not cover its period, or a direction has no
        value: the statements contradict each other, or both are bounds.
    ValueError
        If a standard deviation is missing or not positive, or the ratios are not in order.

    Examples
    --------
    >>> import flows as fl
    >>> from flows.table import join_flows
    >>> ids = ("armstat-by-country@2025-02", "irica-press@2024-09")
    >>> findings = reconciliation_study(
    ...     join_flows([fl.load(one) for one in ids]), exporter="IRN", importer="ARM",
    ...     period=fl.solar_hijri_year(1402), cif_fob_ratio=(1.06, 1.10),
    ...     log_std_devs={"IRN": 0.10, "ARM": 0.10},
    ... )
    >>> findings.words["reconciled.reverse.kind"], findings.words["reconciled.flow.kind"]
    ('both', "exporter's bound")
    """
    months = months or importer
    pair = Pair(exporter, importer, months, exporter if months == importer else importer, basis)
    period = period if isinstance(period, Period) else period_from(period)
    low, high = (float(ratio) for ratio in cif_fob_ratio)
    numbers: list[Number] = []
    words = {f"{name}.period": period.label}
    for direction, sender in pair.directions:
        goods = (leaves_out or {}) if direction == "flow" else {}
        pairs, rows = _mirrors(trade, pair, sender, period, goods)
        found = reconcile(pairs, weights=log_std_devs, margin=(low, high), level=level)
        parameters: dict[str, Json] = {
            "exporter": sender,
            "importer": importer if sender == exporter else exporter,
            "period": period.label,
            "calendar": period.calendar,
            "cif_fob_ratio": [low, high],
            "weights": dict(log_std_devs),
            "leaves_out": [*sorted(goods)],
            "basis": basis,
            "level": level,
        }
        numbers += _numbers(found, rows, direction, parameters, name)
        words |= {
            f"{name}.{direction}.kind": found.table["kind"].iloc[0],
            f"{name}.{direction}.audit": found.table["audit"].iloc[0],
        }
    return Findings(numbers=tuple(numbers), words=words)


def _mirrors(
    trade: pd.DataFrame, pair: Pair, sender: str, period: Period, leaves_out: Mapping[str, str]
) -> tuple[MirrorPairs, pd.DataFrame]:
    """Return the two statements of one direction in the period, and the rows that went in."""
    receiver = pair.importer if sender == pair.exporter else pair.exporter
    says = {
        side: pair.statement(trade, exporter=sender, reporter=reporter)
        for side, reporter in zip(SIDES, (sender, receiver), strict=True)
    }
    goods = {
        name: select_flows(
            trade, exporter=sender, importer=receiver, reporter=pair.months, product=product
        )
        for product, name in leaves_out.items()
    }
    check_apart(goods)
    unit = check_one_flow([says["exporter"]], [says["importer"], *goods.values()])
    sides = {side: side_in(rows, period=period, headline=period) for side, rows in says.items()}
    cuts = [part_in(rows, of=says["importer"], period=period) for rows in goods.values()]
    stated = {side: _stated(cut) for side, cut in sides.items()}
    for cut in cuts:
        stated["importer"] = {end: value - cut.value for end, value in stated["importer"].items()}
    table = pd.DataFrame(
        {
            "exporter": [sender],
            "importer": [receiver],
            "start": [pd.Timestamp(period.start)],
            "end": [pd.Timestamp(period.end)],
            "product": ["TOTAL"],
            **{f"{side}_{end}": [value] for side in SIDES for end, value in stated[side].items()},
            **{f"{side}_status": [_status(stated[side])] for side in SIDES},
            **{f"{side}_valuation": [sides[side].valuation] for side in SIDES},
        }
    )
    evidence = [sides[side].cut.rows for side in SIDES] + [cut.rows for cut in cuts]
    return MirrorPairs(table, unit, nominal_below=0.0), pd.concat(evidence)


def _stated(side: Side) -> dict[str, float]:
    """Return low, value and high of one side; ``high`` is missing where the source states none."""
    rows = side.cut.rows
    return {
        end: float((rows[end] * rows["weight"]).sum(skipna=False))
        for end in ("low", "value", "high")
    }


def _status(stated: Mapping[str, float]) -> str:
    if math.isnan(stated["high"]):
        return "at least"
    return "stated" if stated["value"] > 0 else "zero"


def _numbers(
    found: Reconciled,
    rows: pd.DataFrame,
    direction: str,
    parameters: Mapping[str, Json],
    name: str,
) -> list[Number]:
    make = numbers_of(name, "flows.reconcile", parameters)
    flow = found.table.iloc[0]
    title = f"{country_name(flow['exporter'])} to {country_name(flow['importer'])}"
    if pd.isna(flow["value"]):
        raise SchemaError(
            f"{title}, {parameters['period']}: expected a value, found {flow['audit']}"
        )
    made = [
        make(
            f"{direction}.value",
            flow["value"] / MILLION,
            "USD million",
            f"Trade from {title} in {parameters['period']}, FOB, as both reports together have it: "
            f"{flow['audit']}.",
            digits=0,
            rows=rows,
            interval=(flow["interval_low"] / MILLION, flow["interval_high"] / MILLION),
            level=found.level,
        )
    ]
    if pd.notna(flow["at_least"]):
        made.append(
            make(
                f"{direction}.at-least",
                flow["at_least"] / MILLION,
                "USD million",
                f"Bound that a side states of the trade from {title}, FOB.",
                digits=0,
                rows=rows,
                bounds=(flow["at_least"] / MILLION, None),
            )
        )
    return made + [
        make(
            f"{direction}.{side}-{what}",
            scale * flow[f"{side}_{column}"],
            unit,
            f"{about} the {side}'s report of the trade from {title}.",
            digits=0,
            rows={},
        )
        for side in SIDES
        for what, column, scale, unit, about in (
            ("weight", "weight", 100, "%", "Weight of"),
            ("std-dev", "std_dev", 100, "log points", "Standard deviation given to the log of"),
        )
    ]
