"""The parts of a reconciliation, each for all flows at once: logs, variances, quantiles."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from flows.compare.margins import LogRatios
from flows.compare.mirror_pairs import SIDES
from flows.compare.reconcile_result import ESTIMATED
from flows.compare.reliability_result import Reliability
from flows.models.sample import FloatArray

_LEAST_DF = 2.0
"""Below, quantiles of t grow without limit: an interval would say nothing."""

TextArray = np.ndarray[tuple[int, ...], np.dtype[np.str_]]
BoolArray = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Believed:
    """
    How far each side is believed.

    Parameters
    ----------
    weights : Mapping
        Side to the weight of its statement; zero where it is left aside.
    variance : numpy.ndarray
        Of the log of the value.
    df : numpy.ndarray
        Degrees of freedom of ``variance``, infinite where it is given.
    """

    weights: Mapping[str, FloatArray]
    variance: FloatArray
    df: FloatArray


def fob_logs(table: pd.DataFrame, ratios: LogRatios) -> dict[str, FloatArray]:
    """
    Return the logs of both statements, FOB.

    Parameters
    ----------
    table : pandas.DataFrame
        Of :class:`flows.compare.mirror_pairs.MirrorPairs`.
    ratios : LogRatios
        Of every flow.

    Returns
    -------
    dict
        Side to an array of shape ``(3, flows)``: lowest, middle and highest.

    Raises
    ------
    KeyError
        If a column is missing.
    """
    ends = ("low", "value", "high")
    stated = {
        side: np.array([table[f"{side}_{end}"].to_numpy(dtype="float64") for end in ends])
        for side in SIDES
    }
    # A source may state zero as the lower bound of a positive value.
    smallest = np.finfo(np.float64).tiny
    logs = {side: np.log(np.maximum(values, smallest)) for side, values in stated.items()}
    return logs | {"importer": logs["importer"] - [ratios.high, ratios.middle, ratios.low]}


def reporter_variances(
    weights: Mapping[str, float] | Reliability, table: pd.DataFrame, ratios: LogRatios
) -> dict[str, FloatArray]:
    """
    Return the variance of each side's log statement, FOB.

    Parameters
    ----------
    weights : Mapping or Reliability
        Standard deviations that are given, or estimated variances.
    table : pandas.DataFrame
        The flows.
    ratios : LogRatios
        Their variance is added to that of an importer.

    Returns
    -------
    dict
        Side to variances; missing for a reporter that is not identified.

    Raises
    ------
    ValueError
        If a reporter has no standard deviation, or one that is not positive.
    """
    if isinstance(weights, Reliability):
        known = weights.variances
        factors = {"exporter": 1.0, "importer": weights.importer_ratio}
    else:
        known, factors = _given(weights, table) ** 2, dict.fromkeys(SIDES, 1.0)
    found = {
        side: factors[side] * table[side].map(known).to_numpy(dtype="float64") for side in SIDES
    }
    return found | {"importer": found["importer"] + ratios.variance}


def flow_kinds(table: pd.DataFrame, variances: Mapping[str, FloatArray]) -> TextArray:
    """
    Say what the value of each flow rests on, before the two sides are compared.

    Parameters
    ----------
    table : pandas.DataFrame
        The flows, with the status of each side.
    variances : Mapping
        Side to variances.

    Returns
    -------
    numpy.ndarray
        Kinds, all but ``contradicted``.

    Raises
    ------
    KeyError
        If a status is missing.
    """
    status = {side: table[f"{side}_status"].to_numpy() for side in SIDES}
    sized = {side: status[side] == "stated" for side in SIDES}
    known = {side: np.isfinite(variances[side]) for side in SIDES}
    both = sized["exporter"] & sized["importer"]
    cases = [(both & ~(known["exporter"] & known["importer"]), "not identified"), (both, "both")]
    for side, other in zip(SIDES, SIDES[::-1], strict=True):
        cases += [
            (sized[side] & ~known[side], "not identified"),
            (sized[side] & (status[other] == "at least"), f"{other}'s bound"),
            (sized[side] & (status[other] == "no reporter"), f"{side} only"),
            (sized[side], f"{side} only, concealed"),
        ]
    cases += [(status[side] == "at least", "bound only") for side in SIDES]
    return np.select([case for case, _ in cases], [name for _, name in cases], "none stated")


def believe(
    weights: Mapping[str, float] | Reliability,
    table: pd.DataFrame,
    kinds: TextArray,
    variances: Mapping[str, FloatArray],
) -> Believed:
    """
    Weigh the sides by their inverse variances.

    Parameters
    ----------
    weights : Mapping or Reliability
        As in :func:`reporter_variances`.
    table : pandas.DataFrame
        The flows.
    kinds : numpy.ndarray
        Of :func:`flow_kinds`.
    variances : Mapping
        Side to variances.

    Returns
    -------
    Believed
        Missing where a flow has no value.

    Raises
    ------
    KeyError
        If a column is missing.
    """
    v_exporter, v_importer = (variances[side] for side in SIDES)
    cases = [
        kinds == "both",
        np.isin(kinds, ["exporter only", "exporter only, concealed", "importer's bound"]),
        np.isin(kinds, ["importer only", "importer only, concealed", "exporter's bound"]),
    ]
    share = np.select(cases, [v_importer / (v_exporter + v_importer), 1.0, 0.0], np.nan)
    shares = dict(zip(SIDES, (share, 1 - share), strict=True))
    parts = [
        np.where(shares[side] == 0, 0.0, shares[side] ** 2 * variances[side]) for side in SIDES
    ]
    variance = parts[0] + parts[1]
    if not isinstance(weights, Reliability):
        return Believed(shares, variance, np.full(len(table), np.inf))
    df = 2 * variance**2 / _uncertainty(weights, table, shares)
    return Believed(shares, variance, np.maximum(df, _LEAST_DF))


def quantile(
    center: FloatArray, variance: FloatArray, df: FloatArray, cut: FloatArray, *, at: float
) -> FloatArray:
    """
    Return a quantile of Student's t around ``center``, cut off below ``cut``.

    Parameters
    ----------
    center, variance, df : numpy.ndarray
        Of the distribution.
    cut : numpy.ndarray
        Lowest possible value; minus infinity where there is none.
    at : float
        Probability of lying below the quantile.

    Returns
    -------
    numpy.ndarray
        Same shape.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    Half of what a normal distribution leaves above its middle lies below the upper quartile.

    >>> one = np.ones(1)
    >>> quantile(0 * one, one, np.inf * one, 0 * one, at=0.5).round(4)
    array([0.6745])
    """
    scale = np.sqrt(variance)
    left_out = stats.t.cdf((cut - center) / scale, df)
    return np.asarray(center + scale * stats.t.ppf(left_out + at * (1 - left_out), df))


def has_value(kinds: TextArray) -> BoolArray:
    """
    Say which flows have a value.

    Parameters
    ----------
    kinds : numpy.ndarray
        Of :func:`flow_kinds`.

    Returns
    -------
    numpy.ndarray
        Booleans.

    Raises
    ------
    TypeError
        If the kinds are no array of text.

    Examples
    --------
    >>> has_value(np.array(["both", "none stated"])).tolist()
    [True, False]
    """
    return np.isin(kinds, ESTIMATED)


def _given(weights: Mapping[str, float], table: pd.DataFrame) -> pd.Series:
    """Return the given standard deviations, all reporters with a statement among them."""
    needed = {
        name for side in SIDES for name in table.loc[table[f"{side}_status"] == "stated", side]
    }
    if missing := sorted(needed - weights.keys()):
        raise ValueError(f"expected a standard deviation of every reporter, none for {missing}")
    given = pd.Series(weights, dtype="float64")
    wrong = given[~((given > 0) & (given < np.inf))]
    if len(wrong):
        raise ValueError(f"expected positive standard deviations, found {wrong.to_dict()}")
    return given


def _uncertainty(
    weights: Reliability, table: pd.DataFrame, shares: Mapping[str, FloatArray]
) -> FloatArray:
    """Return the variance of the estimated variance of each value, at fixed weights."""
    covariance = weights.covariance.to_numpy()
    places = {side: weights.covariance.index.get_indexer(pd.Index(table[side])) for side in SIDES}
    exporter, importer = (places[side] for side in SIDES)
    squares = shares["exporter"] ** 2, weights.importer_ratio * shares["importer"] ** 2
    return np.asarray(
        squares[0] ** 2 * covariance[exporter, exporter]
        + squares[1] ** 2 * covariance[importer, importer]
        + 2 * squares[0] * squares[1] * covariance[exporter, importer]
    )
