"""The audit line of a reconciled value: who was believed, with what weight, and why."""

import math
from typing import Any

import numpy as np
import pandas as pd

from flows.canonical import canonical
from flows.compare.margins import LogRatios
from flows.compare.mirror_pairs import SIDES

_SAYS = {
    "at least": "states a lower bound only",
    "nominal": "states next to nothing",
    "below threshold": "states less than its threshold",
    "zero": "states zero",
    "confidential": "does not publish the size",
    "not reported": "states other flows and not this one",
    "no reporter": "makes no statements",
}
"""What a status means, in words."""


def audit_lines(
    found: pd.DataFrame, table: pd.DataFrame, ratios: LogRatios, *, source: str
) -> list[str]:
    """
    Say of every flow who was believed.

    Parameters
    ----------
    found : pandas.DataFrame
        Kinds, weights, standard deviations and statements, one row a flow.
    table : pandas.DataFrame
        The flows, with the status and valuation of each side.
    ratios : LogRatios
        The CIF/FOB ratio of each flow.
    source : str
        Where the standard deviations come from: ``given`` or ``estimated``.

    Returns
    -------
    list of str
        One sentence a flow.

    Raises
    ------
    AttributeError
        If a column is missing.
    """
    named = found.assign(
        exporter_status=table["exporter_status"].to_numpy(),
        importer_status=table["importer_status"].to_numpy(),
        importer_valuation=table["importer_valuation"].to_numpy(),
        ratio_low=np.exp(ratios.low),
        ratio_high=np.exp(ratios.high),
    )
    return [_line(flow, source) for flow in named.itertuples()]


def _line(flow: Any, source: str) -> str:
    if flow.kind == "both":
        return _both(flow, source)
    if flow.kind == "contradicted":
        return f"no value: {_aside(flow)}, which the other statement contradicts"
    for side, other in zip(SIDES, SIDES[::-1], strict=True):
        if flow.kind in {f"{side} only", f"{side} only, concealed", f"{other}'s bound"}:
            cut = (
                f", less than {flow.at_least:,.0f} is cut off" if flow.kind[-5:] == "bound" else ""
            )
            return (
                f"{_statement(flow, side)} alone: {_says(flow, other)}{cut}; {source} standard "
                f"deviation of the log {getattr(flow, f'{side}_std_dev'):.2f}"
            )
    if flow.kind == "not identified":
        return "no value: the reliability of a reporter is not identified"
    return f"no value: {_says(flow, 'exporter')}; {_says(flow, 'importer')}"


def _both(flow: Any, source: str) -> str:
    first, second = sorted(SIDES, key=lambda side: -canonical(getattr(flow, f"{side}_weight")))
    told = [
        f"{_statement(flow, side)} with weight {getattr(flow, f'{side}_weight'):.2f}"
        for side in (first, second)
    ]
    deviations = [f"{getattr(flow, f'{side}_std_dev'):.2f}" for side in (first, second)]
    apart = abs(math.log(flow.importer_fob / flow.exporter_fob))
    widened = (
        f"; interval widened by {flow.widened:.1f}, since they differ by a factor of "
        f"{math.exp(apart):.2f}"
        if flow.widened > 1
        else ""
    )
    return (
        f"{told[0]}, {told[1]}: {source} standard deviations of the log "
        f"{deviations[0]} and {deviations[1]}{widened}"
    )


def _statement(flow: Any, side: str) -> str:
    if side == "exporter":
        return f"{flow.exporter} (FOB)"
    if flow.importer_valuation != "CIF":
        return f"{flow.importer} (FOB)"
    low, high = f"{flow.ratio_low:.2f}", f"{flow.ratio_high:.2f}"
    return f"{flow.importer} (CIF / {low if low == high else f'{low} to {high}'})"


def _aside(flow: Any) -> str:
    return _says(flow, "exporter" if flow.exporter_status == "at least" else "importer")


def _says(flow: Any, side: str) -> str:
    status = getattr(flow, f"{side}_status")
    return f"{getattr(flow, side)} {_SAYS.get(status, 'states a size')}"
