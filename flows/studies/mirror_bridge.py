"""The bridges of the mirror study: numbers, the other basis, and the table of steps."""

from collections.abc import Mapping

import pandas as pd

from flows.compare.mirror import bridge
from flows.compare.steps import Bridge
from flows.countries import country_name
from flows.findings import Json, Number, Table
from flows.measure.selection import rows_by_dataset, select_flows
from flows.periods import Period
from flows.studies.numbers import numbers_of
from flows.studies.pair import MILLION, Pair


def bridge_numbers(
    found: Bridge, direction: str, parameters: Mapping[str, Json], name: str
) -> list[Number]:
    """
    Return every step of a bridge, what its place in the order moves, and both reports.

    Parameters
    ----------
    found : Bridge
        One direction.
    direction : str
        ``flow`` or ``reverse``.
    parameters : Mapping
        Of the study.
    name : str
        First part of the ids.

    Returns
    -------
    list of Number
        ``<direction>.<step>`` with its low and high, ``<direction>.order.<step>`` with those over
        all orders, ``<direction>.exporter-report`` and ``importer-report``.

    Raises
    ------
    ValueError
        If a value is not finite.
    """
    make = numbers_of(name, "flows.bridge", {**parameters, "direction": direction})
    every = pd.concat([step.rows for step in found.steps if len(step.rows)])
    told = f"comparison of the two reports in {found.period.label}"
    made = [
        make(
            f"{direction}.{step.id}",
            step.value / MILLION,
            "USD million",
            f"{step.name}: step of the {told} ({step.assumption}).",
            digits=2,
            rows=step.rows if len(step.rows) else every,
            bounds=_million(step.low, step.high),
        )
        for step in found.steps
        if step.kind != "level"
    ]
    sides = {"exporter": found.exporter, "importer": found.importer}
    made += [
        make(
            f"{direction}.order.{row['id']}",
            float(row["value"]) / MILLION,
            "USD million",
            f"{row['step']}: smallest and largest size of the step over all orders of the {told}.",
            digits=2,
            rows=every,
            bounds=_million(float(row["lowest"]), float(row["highest"])),
        )
        for _, row in found.orders().iterrows()
    ]
    return made + [
        make(
            f"{direction}.{side}-report",
            cut.value / MILLION,
            "USD million",
            f"What the {side} reports for {found.period.label}.",
            digits=2,
            rows=cut.rows,
            exact=cut.is_whole,
            bounds=(cut.value / MILLION, None) if cut.rows["high"].isna().any() else None,
        )
        for side, cut in sides.items()
    ]


def qualifiers(bridges: Mapping[str, Bridge], name: str) -> dict[str, str]:
    """
    Return "more than" for each report that is a lower bound, "" for each that is not.

    Parameters
    ----------
    bridges : Mapping
        Direction to bridge.
    name : str
        First part of the names.

    Returns
    -------
    dict
        ``<name>.<direction>.<side>-qualifier``.

    Raises
    ------
    KeyError
        If a report has no bounds.
    """
    return {
        f"{name}.{direction}.{side}-qualifier": "more than " if bound else ""
        for direction, found in bridges.items()
        for side, cut in (("exporter", found.exporter), ("importer", found.importer))
        for bound in [cut.rows["high"].isna().any()]
    }


def other_basis_bridge(
    trade: pd.DataFrame,
    pair: Pair,
    *,
    period: Period,
    headline: Period,
    goods: Mapping[str, pd.DataFrame],
    cif_fob_ratio: tuple[float, float],
    parameters: Mapping[str, Json],
    name: str,
) -> list[Number]:
    """
    Return what the bridge would be on the other partner basis of the importer, if it states one.

    Parameters
    ----------
    trade : pandas.DataFrame
        Flow table.
    pair : Pair
        The two countries.
    period, headline : Period
        As of the bridge.
    goods : Mapping
        Goods that the exporter leaves out; the basis of each is the importer's first one.
    cif_fob_ratio : tuple of float
        As of the bridge.
    parameters : Mapping
        Of the study.
    name : str
        First part of the ids.

    Returns
    -------
    list of Number
        ``flow.basis``, the step, and ``flow.residual.other-basis``; none where the importer states
        years only, or one basis.

    Raises
    ------
    FlowsError
        If a statement is missing, made twice or does not cover its period.
    """
    made = []
    for basis in other_bases(trade, pair):
        says = select_flows(
            trade,
            exporter=pair.exporter,
            importer=pair.importer,
            reporter=pair.importer,
            product="TOTAL",
            partner_basis=basis,
        )
        found = bridge(
            exporter_says=pair.statement(trade, exporter=pair.exporter, reporter=pair.exporter),
            importer_says=pair.statement(trade, exporter=pair.exporter, reporter=pair.importer),
            period=period,
            headline=headline,
            exporter_leaves_out=goods,
            importer_other_basis=says,
            cif_fob_ratio=cif_fob_ratio,
        )
        make = numbers_of(name, "flows.bridge", {**parameters, "other_basis": basis})
        step = found.step("basis")
        made += [
            make(
                f"flow.{part}",
                one.value / MILLION,
                "USD million",
                f"Bridge with the importer's report by country of {basis}: {one.name}.",
                digits=2,
                rows=step.rows,
                bounds=_million(one.low, one.high),
            )
            for part, one in (("basis", step), ("residual.other-basis", found.step("residual")))
        ]
    return made


def other_bases(trade: pd.DataFrame, pair: Pair) -> list[str]:
    """
    Return the other partner basis on which the importer states the flow.

    Parameters
    ----------
    trade : pandas.DataFrame
        Flow table.
    pair : Pair
        The two countries.

    Returns
    -------
    list of str
        One name, or none if the importer states years only or one basis.

    Raises
    ------
    SchemaError
        If the importer does not state the flow.
    """
    if pair.months != pair.importer:
        return []
    says = select_flows(
        trade,
        exporter=pair.exporter,
        importer=pair.importer,
        reporter=pair.importer,
        product="TOTAL",
    )
    return sorted({"origin", "consignment"} & set(says["partner_basis"]) - {pair.basis})


def bridge_table(bridges: Mapping[str, Bridge], pair: Pair, *, name: str) -> Table:
    """
    Return the table of the steps of both bridges.

    Parameters
    ----------
    bridges : Mapping
        Direction to bridge.
    pair : Pair
        The two countries.
    name : str
        First part of the id.

    Returns
    -------
    Table
        USD million: each step with its low and high, and the smallest and largest size that
        another order would give it.

    Raises
    ------
    CountryError
        If a code has no name.
    """
    frames = []
    for direction, exporter in pair.directions:
        found = bridges[direction]
        orders = found.orders().set_index("id")[["lowest", "highest"]]
        steps = found.tidy().join(orders, on="id")
        frames.append(steps.assign(flow=pair.title(exporter)))
    frame = pd.concat(frames, ignore_index=True)
    amounts = ["value", "low", "high", "lowest", "highest"]
    frame[amounts] /= MILLION
    for low, high in (("low", "high"), ("lowest", "highest")):
        frame[[low, high]] = frame[[low, high]].where(frame[low] != frame[high])
    shown = ["flow", "step", *amounts, "assumption"]
    return Table(
        id=f"{name}-bridge-steps",
        frame=frame[shown],
        labels={
            "flow": "Flow",
            "step": "Step",
            "value": "Value",
            "low": "Low",
            "high": "High",
            "lowest": "Least",
            "highest": "Most",
            "assumption": "Rests on",
        },
        formats=dict.fromkeys(amounts, ".1f"),
        caption=(
            f"The bridges between both reports of the trade between "
            f"{country_name(pair.exporter)} and {country_name(pair.importer)}, USD million."
        ),
        note=(
            "Low and high: the step under the other assumptions; an open end is a bound that the "
            "source states on one side only. Least and most: its size if the steps after the "
            "calendar were taken in another order, factors at the middle of their ranges. Empty "
            "where nothing moves it. The residual is the same in every order."
        ),
        rows=rows_by_dataset(
            pd.concat(
                [step.rows for found in bridges.values() for step in found.steps if len(step.rows)]
            )
        ),
    )


def _million(low: float, high: float) -> tuple[float, float]:
    return low / MILLION, high / MILLION
