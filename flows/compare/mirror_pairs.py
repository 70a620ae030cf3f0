"""Pairs of mirrors: what the exporter and what the importer state of each flow."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.errors import SchemaError, UnitError
from flows.measure.double_counting import (
    check_one_scope,
    check_one_unit,
    check_one_vintage,
    check_stated_once,
)
from flows.table import check_flows, where

SIDES = ("exporter", "importer")

FLOW_KEY = ["exporter", "importer", "start", "end", "product"]
"""What two statements have in common if they are of one flow."""

STATUSES = (
    "stated",
    "at least",
    "nominal",
    "below threshold",
    "zero",
    "confidential",
    "not reported",
    "no reporter",
)
"""What one side says of a flow; only the first two are a size."""

_MEASURED = ["value", "low", "high", "valuation", "dataset", "line"]


@dataclass(frozen=True, slots=True, eq=False)
class MirrorPairs:
    """
    The flows that at least one side states, with what each side says.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a flow: ``exporter``, ``importer``, ``start``, ``end``, ``product``, and for each
        side ``exporter_value``, ``_low``, ``_high`` (in ``unit``; missing where it states none),
        ``_valuation``, ``_dataset``, ``_line`` and ``_status``, one of :data:`STATUSES`.
    unit : str
        Of every value.
    nominal_below : float
        Share of its mirror below which a statement counts as nothing.
    """

    table: pd.DataFrame
    unit: str
    nominal_below: float

    def counts(self) -> pd.DataFrame:
        """
        Return how many flows have which statuses.

        Returns
        -------
        pandas.DataFrame
            Index the status of the exporter, columns that of the importer.
        """
        statuses = [self.table[f"{side}_status"] for side in SIDES]
        return pd.crosstab(statuses[0], statuses[1])


def pair_mirrors(table: pd.DataFrame, *, nominal_below: float) -> MirrorPairs:
    """
    Set the exporter's and the importer's statement of every flow side by side.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table of many reporters, each of which speaks for itself.
    nominal_below : float
        A statement below this share of its mirror counts as nothing (``nominal``), such as 0.01.
        No default: it decides which pairs are compared at all.

    Returns
    -------
    MirrorPairs
        Sorted by exporter, importer, period and product. Periods are of one flow if they begin and
        end on the same days: re-cut first where they do not. A statement of nothing is classed
        and its value is missing: ``zero``, ``below threshold`` (zero with a positive high) or
        ``nominal``; so is one without a size (``confidential``), and one that is not made by a
        reporter who states other flows of that direction and period (``not reported``) or none
        (``no reporter``).

    Raises
    ------
    UnitError
        If there are two units, an exporter does not state FOB or an importer neither FOB nor CIF.
    DoubleCountError
        If there are two vintages, or a reporter makes two statements of a flow or counts on two
        partner bases.
    SchemaError
        If there is no row, or a statement is neither the exporter's nor the importer's.
    ValueError
        If ``nominal_below`` is not between 0 and 1.

    Examples
    --------
    >>> def says(reporter, value, valuation, line):
    ...     return {
    ...         "exporter": "IRN", "importer": "ARM", "reporter": reporter,
    ...         "start": pd.Timestamp("2023-01-01"), "end": pd.Timestamp("2023-12-31"),
    ...         "product": "TOTAL", "classification": "TOTAL", "value": value, "unit": "USD",
    ...         "low": value, "high": value, "valuation": valuation, "partner_basis": "",
    ...         "coverage": "all goods", "estimate": False, "dataset": "d@1", "line": line,
    ...     }
    >>> rows = pd.DataFrame([says("IRN", 100.0, "FOB", 2), says("ARM", 0.0, "CIF", 3)])
    >>> pairs = pair_mirrors(rows, nominal_below=0.01)
    >>> pairs.table[["exporter_status", "importer_status"]].iloc[0].tolist()
    ['stated', 'zero']
    """
    if not 0 <= nominal_below < 1:
        raise ValueError(f"expected nominal_below from 0 to below 1, found {nominal_below}")
    flows = check_flows(table)
    unit = check_one_unit(flows)
    check_one_vintage(flows)
    says = {side: _check_side(flows, side) for side in SIDES}
    _check_own_statements(flows)
    joined = _side(says["exporter"], "exporter").merge(
        _side(says["importer"], "importer"), how="outer", on=FLOW_KEY, sort=True
    )
    for side in SIDES:
        joined[f"{side}_status"] = _status(joined, side, says[side])
    small = {side: _nominal(joined, side, nominal_below) for side in SIDES}
    for side in SIDES:
        joined[f"{side}_status"] = joined[f"{side}_status"].mask(small[side], "nominal")
        sized = joined[f"{side}_status"].isin(["stated", "at least"])
        for column in ("value", "low", "high"):
            joined[f"{side}_{column}"] = joined[f"{side}_{column}"].where(sized)
    return MirrorPairs(table=joined, unit=unit, nominal_below=nominal_below)


def _check_side(flows: pd.DataFrame, side: str) -> pd.DataFrame:
    """Return the statements of one side, each made once and valued as that side may value."""
    rows = flows[flows["reporter"] == flows[side]]
    sized = rows[rows["value"].notna()]
    if len(sized):
        check_stated_once(sized)
    if side == "importer":
        check_one_scope(rows)
    allowed = ("FOB",) if side == "exporter" else ("FOB", "CIF")
    wrong = rows[~rows["valuation"].isin(allowed)]
    if len(wrong):
        raise UnitError(
            f"expected the {side}'s statements {' or '.join(allowed)}, found "
            f"{wrong['valuation'].iloc[0] or 'no valuation'} at {where(wrong)}"
        )
    return rows


def _check_own_statements(flows: pd.DataFrame) -> None:
    exports, imports = (flows["reporter"] == flows[side] for side in SIDES)
    others = flows[exports == imports]
    if len(others):
        raise SchemaError(
            f"expected statements of the exporter or of the importer, found "
            f"{others['reporter'].iloc[0]} on {others['exporter'].iloc[0]} to "
            f"{others['importer'].iloc[0]} at {where(others)}"
        )


def _side(rows: pd.DataFrame, side: str) -> pd.DataFrame:
    named = rows[[*FLOW_KEY, *_MEASURED]].astype({"line": "Int64"})
    return named.rename(columns={name: f"{side}_{name}" for name in _MEASURED})


def _status(joined: pd.DataFrame, side: str, says: pd.DataFrame) -> pd.Series:
    """Say of each flow what one side says, before the two are compared."""
    key = [side, "start", "end"]
    there = pd.MultiIndex.from_frame(joined[key]).isin(pd.MultiIndex.from_frame(says[key]))
    line, value, high = (joined[f"{side}_{name}"] for name in ("line", "value", "high"))
    cases = [
        (line.isna() & ~there, "no reporter"),
        (line.isna(), "not reported"),
        (value.isna(), "confidential"),
        ((value == 0) & (high > 0), "below threshold"),
        (value == 0, "zero"),
        (high.isna(), "at least"),
    ]
    chosen = np.select([case for case, _ in cases], [name for _, name in cases], "stated")
    return pd.Series(chosen, index=joined.index, dtype="str")


def _nominal(joined: pd.DataFrame, side: str, nominal_below: float) -> pd.Series:
    other = "importer" if side == "exporter" else "exporter"
    share = joined[f"{side}_value"] < nominal_below * joined[f"{other}_value"]
    return share & (joined[f"{side}_status"] == "stated")
