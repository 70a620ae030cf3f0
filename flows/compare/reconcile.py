"""Reconciliation: one best value of a flow from two statements, always with its interval."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from flows.compare.margins import LogRatios, Margin, log_ratios
from flows.compare.mirror_pairs import FLOW_KEY, SIDES, MirrorPairs
from flows.compare.reconcile_audit import audit_lines
from flows.compare.reconcile_parts import (
    Believed,
    TextArray,
    believe,
    flow_kinds,
    fob_logs,
    has_value,
    quantile,
    reporter_variances,
)
from flows.compare.reconcile_result import Reconciled
from flows.compare.reliability_result import Reliability
from flows.models.results import check_level
from flows.models.sample import FloatArray


def reconcile(
    pairs: MirrorPairs,
    *,
    weights: Mapping[str, float] | Reliability,
    margin: Margin,
    level: float = 0.95,
) -> Reconciled:
    r"""
    Put the two statements of each flow together into one value FOB with an interval.

    Parameters
    ----------
    pairs : MirrorPairs
        One row a flow.
    weights : Mapping or Reliability
        Standard deviation of the log error of each reporter, given, or estimated by
        :func:`flows.compare.reliability.reliability`. The weights are the inverse variances.
    margin : MarginFit or tuple of float
        The CIF/FOB ratio, fitted, or as lowest and highest.
    level : float
        Coverage of the interval.

    Returns
    -------
    Reconciled

    Raises
    ------
    ValueError
        If a reporter has no standard deviation or one that is not positive, or ``level`` is not
        between 0 and 1.
    SampleError
        If a fitted margin has no covariates for a pair that needs a ratio.

    Notes
    -----
    With FOB logs :math:`x` and :math:`m`, variances :math:`v_x` and :math:`v_m` (the latter with
    that of a fitted margin) the value is :math:`w_x x + w_m m`, :math:`w_x = v_m / (v_x + v_m)`,
    with variance :math:`v_x v_m / (v_x + v_m)`. The interval:

    - uses Student's t, with the degrees of freedom that the uncertainty of estimated variances
      leaves [2]_, at least 2;
    - is widened by the Birge ratio :math:`|m - x| / \sqrt{v_x + v_m}` where that exceeds one
      [1]_: two statements that disagree by more than their variances allow show that these are too
      small;
    - is the union over the range of a given ratio and over the bounds that sources state, which
      have no probability: its coverage is at least ``level`` whichever value within is true.

    A flow that one side states, where the other makes no statements or says nothing of this flow,
    rests on the one statement and its reporter's variance; it is never averaged with nothing. "More
    than" (a low without a high) is a bound and no value: the other side's statement is then taken
    alone, its distribution cut off below the bound, and the value is the median of what is left.

    References
    ----------
    .. [1] Birge, R. T. (1932). The calculation of errors by the method of least squares. Physical
       Review 40 (2), 207-227.
    .. [2] Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance
       components. Biometrics Bulletin 2 (6), 110-114.

    Examples
    --------
    >>> one = pd.DataFrame({
    ...     "exporter": ["IRN"], "importer": ["ARM"], "importer_valuation": ["CIF"],
    ...     "start": pd.to_datetime(["2023-01-01"]), "end": pd.to_datetime(["2023-12-31"]),
    ...     "product": ["TOTAL"],
    ...     **{f"exporter_{name}": [100.0] for name in ("value", "low", "high")},
    ...     **{f"importer_{name}": [132.0] for name in ("value", "low", "high")},
    ...     "exporter_status": ["stated"], "importer_status": ["stated"],
    ... })
    >>> best = reconcile(MirrorPairs(one, "USD", 0.0), weights={"IRN": 0.1, "ARM": 0.1},
    ...                  margin=(1.1, 1.1))
    >>> best.table[["value", "interval_low", "interval_high"]].round(1).to_numpy().tolist()
    [[109.5, 91.6, 131.0]]
    """
    check_level(level)
    table = pairs.table.reset_index(drop=True)
    ratios = log_ratios(margin, table)
    variances = reporter_variances(weights, table, ratios)
    logs = fob_logs(table, ratios)
    kinds = flow_kinds(table, variances)
    believed = believe(weights, table, kinds, variances)
    widened = _birge(kinds, logs, variances)
    cuts = _cuts(kinds, logs)
    kinds, ends = _ends(kinds, logs, believed, widened, cuts, level=level)
    found = pd.DataFrame(
        {
            **{name: table[name] for name in FLOW_KEY},
            "kind": kinds,
            **dict(zip(("interval_low", "value", "interval_high"), ends, strict=True)),
            "at_least": _at_least(table, ratios),
            **{f"{side}_fob": np.exp(logs[side][1]) for side in SIDES},
            **{f"{side}_weight": believed.weights[side] for side in SIDES},
            **{f"{side}_std_dev": np.sqrt(variances[side]) for side in SIDES},
            "widened": widened,
            "df": believed.df,
        }
    )
    believed_columns = ["exporter_weight", "importer_weight", "widened", "df"]
    found.loc[pd.Series(~has_value(kinds)), believed_columns] = np.nan
    source = "estimated" if isinstance(weights, Reliability) else "given"
    found["audit"] = audit_lines(found, table, ratios, source=source)
    return Reconciled(table=found, unit=pairs.unit, level=level, pairs=pairs)


def _birge(
    kinds: TextArray, logs: Mapping[str, FloatArray], variances: Mapping[str, FloatArray]
) -> FloatArray:
    """Return by how much more two statements differ than their variances allow, 1 or more."""
    apart = np.abs(logs["importer"][1] - logs["exporter"][1])
    misfit = apart / np.sqrt(variances["exporter"] + variances["importer"])
    return np.where(kinds == "both", np.fmax(misfit, 1.0), 1.0)


def _cuts(kinds: TextArray, logs: Mapping[str, FloatArray]) -> FloatArray:
    """Return the bound below which a flow cannot lie at each end, minus infinity without one."""
    cases = [kinds == f"{side}'s bound" for side in SIDES]
    # A lower bound CIF is lowest FOB under the highest ratio, which fob_logs takes for low.
    return np.select(cases, [logs[side][0] for side in SIDES], -np.inf)


def _at_least(table: pd.DataFrame, ratios: LogRatios) -> FloatArray:
    """Return the largest of the bounds that sides state, FOB."""
    bounds = {
        side: np.where(table[f"{side}_status"] == "at least", table[f"{side}_low"], np.nan)
        for side in SIDES
    }
    return np.fmax(bounds["exporter"], bounds["importer"] / np.exp(ratios.high))


def _ends(
    kinds: TextArray,
    logs: Mapping[str, FloatArray],
    believed: Believed,
    widened: FloatArray,
    cuts: FloatArray,
    *,
    level: float,
) -> tuple[TextArray, FloatArray]:
    """Return the kinds with contradictions found, and low, value and high of each flow."""
    weighted = [
        np.where(believed.weights[side] == 0, 0.0, believed.weights[side] * logs[side])
        for side in SIDES
    ]
    centers = weighted[0] + weighted[1]
    variance, tail = widened**2 * believed.variance, (1 - level) / 2
    uncut = np.full(len(kinds), -np.inf)
    highest = quantile(centers[2], variance, believed.df, uncut, at=1 - tail)
    kinds = np.where(highest < cuts, "contradicted", kinds)
    places = zip(centers, (tail, 0.5, 1 - tail), strict=True)
    ends = [quantile(one, variance, believed.df, cuts, at=at) for one, at in places]
    return kinds, np.where(has_value(kinds), np.exp(ends), np.nan)
