"""Reconciliation: one best value of a flow from two statements, always with its interval."""

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special, stats

from flows.canonical import canonical
from flows.compare.mirror_pairs import (
    FLOW_KEY,
    SIDES,
    CifFobRatio,
    LogRatios,
    MirrorPairs,
    log_ratios,
)
from flows.compare.reliability import Reliability
from flows.models.results import check_level
from flows.models.sample import FloatArray
from flows.renamed import renamed_arguments
from flows.results import Card, Result, print_amount, print_count, print_interval

_ESTIMATED = (
    "both",
    "exporter only",
    "importer only",
    "exporter only, concealed",
    "importer only, concealed",
    "exporter's bound",
    "importer's bound",
)
"""Kinds of flows with a value: what it rests on."""

_NOT_ESTIMATED = ("bound only", "contradicted", "not identified", "none stated")
"""Kinds of flows without one."""

_GOLDEN = (math.sqrt(5) - 1) / 2
_HALVINGS = 80
"""Steps of a search: a range of any width shrinks to its rounding."""

_LEAST_DF = 2.0
"""Below, quantiles of t grow without limit: an interval would say nothing."""

TextArray = np.ndarray[tuple[int, ...], np.dtype[np.str_]]
BoolArray = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

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


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Reconciled(Result):
    """
    One best value of each flow, FOB, with its interval.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a flow, as in ``pairs.table``: ``exporter``, ``importer``, ``start``, ``end``,
        ``product``; ``kind``, such as ``both`` or ``exporter only``; ``value``,
        ``interval_low``, ``interval_high`` (all three missing where there is no value);
        ``at_least``, the bound that a side states, which is no end of an interval;
        ``exporter_fob``, ``importer_fob`` (the two statements, at the middle ratio);
        ``exporter_weight``, ``importer_weight``; ``exporter_std_dev``, ``importer_std_dev`` of the
        log; ``widened`` (by the Birge ratio, 1 or more); ``df``; ``audit``: who was believed, with
        what weight and why.
    unit : str
        Of every value.
    level : float
        Coverage of the intervals.
    pairs : MirrorPairs
        What the two sides state, with the data set and the line of each statement.
    """

    table: pd.DataFrame
    unit: str
    level: float
    pairs: MirrorPairs

    def tidy(self) -> pd.DataFrame:
        """
        Return the flows with a value.

        Returns
        -------
        pandas.DataFrame
            Rows of ``table``, with its index.
        """
        return self.table[self.table["kind"].isin(_ESTIMATED)]

    def summary(self) -> str:
        """
        Return how many flows rest on what, as text.

        Returns
        -------
        str
            One line a kind.
        """
        counts = self.table["kind"].value_counts()
        lines = [
            f"{kind:26}{counts[kind]:9}"
            for kind in (*_ESTIMATED, *_NOT_ESTIMATED)
            if kind in counts
        ]
        return "\n".join([f"{len(self.table)} flows, {self.unit}, {self.level:.0%} level", *lines])

    def _card(self) -> Card:
        counts = self.table["kind"].value_counts()
        kinds = tuple(
            (kind, print_count(int(counts[kind]), "flow"))
            for kind in (*_ESTIMATED, *_NOT_ESTIMATED)
            if kind in counts
        )
        valued = self.tidy()
        flows = tuple(
            (
                f"{row['exporter']} to {row['importer']}",
                print_interval(
                    row["value"], row["interval_low"], row["interval_high"], level=self.level
                ),
            )
            for row in valued.to_dict("records")
        )
        return Card(
            title=f"{print_count(len(self.table), 'flow')}, {len(valued)} with a value FOB",
            facts=(*kinds[:4], ("unit", self.unit)),
            more=(*kinds[4:], *flows),
        )


@renamed_arguments(weights="log_std_devs", margin="cif_fob_ratio")
def reconcile(
    pairs: MirrorPairs,
    *,
    log_std_devs: Mapping[str, float] | Reliability,
    cif_fob_ratio: CifFobRatio,
    level: float = 0.95,
) -> Reconciled:
    r"""
    Put the two statements of each flow together into one value FOB with an interval.

    Parameters
    ----------
    pairs : MirrorPairs
        One row a flow.
    log_std_devs : Mapping or Reliability
        Standard deviation of the log error of each reporter, by its code, or estimated by
        :func:`flows.reliability`. The two reports are weighted by the inverse variances.
    cif_fob_ratio : tuple of float or MarginFit
        Lowest and highest ratio of CIF to FOB, or a margin fitted by :func:`flows.fit_margin`.
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
      have no probability: its coverage is at least ``level`` whichever value within is true. The
      union is exact: the Birge ratio is taken at each value within, and its extremes are at the
      ends of the ranges (``widened`` states it at the middle ratio).

    A flow that one side states, where the other makes no statements or says nothing of this flow,
    rests on the one statement and its reporter's variance; it is never averaged with nothing. "More
    than" (a low without a high) is a bound and no value: the other side's statement is then taken
    alone, its distribution cut off below the bound, and the value is the median of what is left.

    **Values are medians and are not to be added up.** The median of a sum is not the sum of the
    medians: errors of logs, symmetric, make means larger than medians, by half of their variance.
    Add up one side's statements, or draw all flows together.

    References
    ----------
    .. [1] Birge, R. T. (1932). The calculation of errors by the method of least squares. Physical
       Review 40 (2), 207-227.
    .. [2] Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance
       components. Biometrics Bulletin 2 (6), 110-114.

    Examples
    --------
    >>> flow = pd.DataFrame({
    ...     "exporter": ["IRN"], "importer": ["ARM"], "importer_valuation": ["CIF"],
    ...     "start": pd.to_datetime(["2023-01-01"]), "end": pd.to_datetime(["2023-12-31"]),
    ...     "product": ["TOTAL"],
    ...     **{f"exporter_{name}": [100.0] for name in ("value", "low", "high")},
    ...     **{f"importer_{name}": [132.0] for name in ("value", "low", "high")},
    ...     "exporter_status": ["stated"], "importer_status": ["stated"],
    ... })
    >>> best = reconcile(MirrorPairs(flow, "USD", 0.0), log_std_devs={"IRN": 0.1, "ARM": 0.1},
    ...                  cif_fob_ratio=(1.1, 1.1))
    >>> best.table[["value", "interval_low", "interval_high"]].round(1).to_numpy().tolist()
    [[109.5, 91.6, 131.0]]
    """
    check_level(level)
    table = pairs.table.reset_index(drop=True)
    ratios = log_ratios(cif_fob_ratio, table)
    variances = _reporter_variances(log_std_devs, table, ratios)
    logs = _fob_logs(table, ratios)
    kinds = _flow_kinds(table, variances)
    believed = _believe(log_std_devs, table, kinds, variances)
    widened = _birge(kinds, logs["exporter"][1], logs["importer"][1], variances)
    cuts = _cuts(kinds, logs, ratios)
    kinds, ends = _ends(kinds, logs, believed, cuts, level=level)
    flows = pd.DataFrame(
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
    flows.loc[pd.Series(~_has_value(kinds)), believed_columns] = np.nan
    source = "estimated" if isinstance(log_std_devs, Reliability) else "given"
    flows["audit"] = _audit_lines(flows.assign(unit=pairs.unit), table, ratios, source=source)
    return Reconciled(table=flows, unit=pairs.unit, level=level, pairs=pairs)


def _birge(
    kinds: TextArray,
    exporter: FloatArray,
    importer: FloatArray,
    variances: Mapping[str, FloatArray],
) -> FloatArray:
    """Return by how much more two statements differ than their variances allow, 1 or more."""
    misfit = np.abs(importer - exporter) / np.sqrt(variances["exporter"] + variances["importer"])
    return np.where(kinds == "both", np.fmax(misfit, 1.0), 1.0)


def _cuts(kinds: TextArray, logs: Mapping[str, FloatArray], ratios: LogRatios) -> FloatArray:
    """Return the lowest and the highest place of the bound that cuts a flow off, if one does."""
    cases = [kinds == f"{side}'s bound" for side in SIDES]
    # A lower bound CIF is lowest FOB under the highest ratio, which fob_logs takes for low.
    lowest = np.select(cases, [logs[side][0] for side in SIDES], -np.inf)
    return np.array([lowest, lowest + np.where(cases[1], ratios.high - ratios.low, 0.0)])


def _at_least(table: pd.DataFrame, ratios: LogRatios) -> FloatArray:
    """Return the largest of the bounds that sides state, FOB."""
    bounds = {
        side: np.where(table[f"{side}_status"] == "at least", table[f"{side}_low"], np.nan)
        for side in SIDES
    }
    return np.fmax(bounds["exporter"], bounds["importer"] / np.exp(ratios.high))


@dataclass(frozen=True, slots=True)
class Believed:
    """
    How far each side is believed.

    ``weights``: side to the weight of its statement; zero where it is left aside; ``variances``: of
    each side's log; ``variance``: of the log of the value; ``df``: degrees of freedom of
    ``variance``, infinite where it is given.
    """

    weights: Mapping[str, FloatArray]
    variances: Mapping[str, FloatArray]
    variance: FloatArray
    df: FloatArray


def _ends(
    kinds: TextArray,
    logs: Mapping[str, FloatArray],
    believed: Believed,
    cuts: FloatArray,
    *,
    level: float,
) -> tuple[TextArray, FloatArray]:
    """Return the kinds with contradictions found, and low, value and high of each flow."""
    tail = (1 - level) / 2
    low, middle, high = _uncut_ends(kinds, logs, believed, tail=tail)
    kinds = np.where(high < cuts[0], "contradicted", kinds)
    cut = np.isfinite(cuts[0])
    if cut.any():
        centers = np.array([_center(logs, believed, (end, end))[cut] for end in range(3)])
        spread = np.sqrt(believed.variance[cut]), believed.df[cut]
        ends = _cut_ends(centers, *spread, cuts[:, cut], tail=tail)
        low[cut], middle[cut], high[cut] = ends
    return kinds, np.where(_has_value(kinds), np.exp([low, middle, high]), np.nan)


def _center(
    logs: Mapping[str, FloatArray], believed: Believed, ends: tuple[int, int]
) -> FloatArray:
    """Return the log of the value at an end of each side's statement: 0 low, 1 itself, 2 high."""
    weighted = [
        np.where(believed.weights[side] == 0, 0.0, believed.weights[side] * logs[side][end])
        for side, end in zip(SIDES, ends, strict=True)
    ]
    return np.asarray(weighted[0] + weighted[1])


def _uncut_ends(
    kinds: TextArray, logs: Mapping[str, FloatArray], believed: Believed, *, tail: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """
    Return the ends of the union over what is not known of each statement, and the value.

    The upper end is a sum of the two logs plus a multiple of the larger of 1 and their distance: a
    convex function of them, which is highest at a corner of their box; the lower one is concave.
    """
    half = stats.t.isf(tail, believed.df) * np.sqrt(believed.variance)
    lows, highs = [], []
    for ends in itertools.product((0, 2), (0, 2)):
        center = _center(logs, believed, ends)
        sides = [logs[side][end] for side, end in zip(SIDES, ends, strict=True)]
        reach = half * _birge(kinds, sides[0], sides[1], believed.variances)
        lows.append(center - reach)
        highs.append(center + reach)
    return np.minimum.reduce(lows), _center(logs, believed, (1, 1)), np.maximum.reduce(highs)


def _cut_ends(
    centers: FloatArray, scale: FloatArray, df: FloatArray, cuts: FloatArray, *, tail: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """
    Return low, value and high of distributions that are cut off below a bound.

    A quantile rises with the bound. In the centre it first falls, then rises, since the hazard of
    Student's t does the opposite: it is highest at an end, and lowest where a search by halves of
    the golden section ends.
    """
    first, last = centers[0].copy(), centers[2].copy()
    for _ in range(_HALVINGS):
        inner = _GOLDEN * (last - first)
        ends = [
            _quantile(center, scale, df, cuts[0], at=tail)
            for center in (last - inner, first + inner)
        ]
        first, last = (
            np.where(ends[0] > ends[1], last - inner, first),
            np.where(ends[0] > ends[1], last, first + inner),
        )
    candidates = [*centers[[0, 2]], (first + last) / 2]
    low = [_quantile(center, scale, df, cuts[0], at=tail) for center in candidates]
    high = [_quantile(center, scale, df, cuts[1], at=1 - tail) for center in centers[[0, 2]]]
    middle = _quantile(centers[1], scale, df, cuts[0], at=0.5)
    return np.minimum.reduce(low), middle, np.maximum.reduce(high)


def _fob_logs(table: pd.DataFrame, ratios: LogRatios) -> dict[str, FloatArray]:
    """Return the logs of both statements, FOB."""
    ends = ("low", "value", "high")
    stated = {
        side: np.array([table[f"{side}_{end}"].to_numpy(dtype="float64") for end in ends])
        for side in SIDES
    }
    # A source may state zero as the lower bound of a positive value.
    smallest = np.finfo(np.float64).tiny
    logs = {side: np.log(np.maximum(values, smallest)) for side, values in stated.items()}
    return logs | {"importer": logs["importer"] - [ratios.high, ratios.middle, ratios.low]}


def _reporter_variances(
    log_std_devs: Mapping[str, float] | Reliability, table: pd.DataFrame, ratios: LogRatios
) -> dict[str, FloatArray]:
    """Return the variance of each side's log statement, FOB."""
    if isinstance(log_std_devs, Reliability):
        variance_of = log_std_devs.variances
        factors = {"exporter": 1.0, "importer": log_std_devs.importer_ratio}
    else:
        variance_of, factors = (
            _std_devs_by_reporter(log_std_devs, table) ** 2,
            dict.fromkeys(SIDES, 1.0),
        )
    variances = {
        side: factors[side] * table[side].map(variance_of).to_numpy(dtype="float64")
        for side in SIDES
    }
    return variances | {"importer": variances["importer"] + ratios.variance}


def _flow_kinds(table: pd.DataFrame, variances: Mapping[str, FloatArray]) -> TextArray:
    """Say what the value of each flow rests on, before the two sides are compared."""
    status = {side: table[f"{side}_status"].to_numpy() for side in SIDES}
    sized = {side: status[side] == "stated" for side in SIDES}
    has_variance = {side: np.isfinite(variances[side]) for side in SIDES}
    both = sized["exporter"] & sized["importer"]
    cases = [
        (both & ~(has_variance["exporter"] & has_variance["importer"]), "not identified"),
        (both, "both"),
    ]
    for side, other in zip(SIDES, SIDES[::-1], strict=True):
        cases += [
            (sized[side] & ~has_variance[side], "not identified"),
            (sized[side] & (status[other] == "at least"), f"{other}'s bound"),
            (sized[side] & (status[other] == "no reporter"), f"{side} only"),
            (sized[side], f"{side} only, concealed"),
        ]
    cases += [(status[side] == "at least", "bound only") for side in SIDES]
    return np.select([case for case, _ in cases], [name for _, name in cases], "none stated")


def _believe(
    log_std_devs: Mapping[str, float] | Reliability,
    table: pd.DataFrame,
    kinds: TextArray,
    variances: Mapping[str, FloatArray],
) -> Believed:
    """Weigh the sides by their inverse variances."""
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
    if not isinstance(log_std_devs, Reliability):
        return Believed(shares, variances, variance, np.full(len(table), np.inf))
    df = 2 * variance**2 / _uncertainty(log_std_devs, table, shares)
    return Believed(shares, variances, variance, np.maximum(df, _LEAST_DF))


def _quantile(
    center: FloatArray, scale: FloatArray, df: FloatArray, cut: FloatArray, *, at: float
) -> FloatArray:
    """Return a quantile of Student's t around ``center``, cut off below ``cut``."""
    below = (cut - center) / scale
    # By logarithms, since no number is left of a normal distribution far from its centre.
    normal = -special.ndtri_exp(np.log1p(-at) + special.log_ndtr(-below))
    student = stats.t.isf((1 - at) * stats.t.sf(below, df), df)
    return np.asarray(center + scale * np.where(np.isinf(df), normal, student))


def _has_value(kinds: TextArray) -> BoolArray:
    """Say which flows have a value."""
    return np.isin(kinds, _ESTIMATED)


def _std_devs_by_reporter(log_std_devs: Mapping[str, float], table: pd.DataFrame) -> pd.Series:
    """Return the given standard deviations, all reporters with a statement among them."""
    needed = {
        name for side in SIDES for name in table.loc[table[f"{side}_status"] == "stated", side]
    }
    if missing := sorted(needed - log_std_devs.keys()):
        raise ValueError(
            "log_std_devs: expected a standard deviation for every reporter, "
            f"found none for {', '.join(missing)}"
        )
    std_devs = pd.Series(log_std_devs, dtype="float64")
    wrong = std_devs[~((std_devs > 0) & (std_devs < np.inf))]
    if len(wrong):
        pairs = ", ".join(f"{name} {value:g}" for name, value in wrong.items())
        raise ValueError(f"log_std_devs: expected positive standard deviations, found {pairs}")
    return std_devs


def _uncertainty(
    estimated: Reliability, table: pd.DataFrame, shares: Mapping[str, FloatArray]
) -> FloatArray:
    """Return the variance of the estimated variance of each value, at fixed weights."""
    covariance = estimated.covariance.to_numpy()
    places = {side: estimated.covariance.index.get_indexer(pd.Index(table[side])) for side in SIDES}
    exporter, importer = (places[side] for side in SIDES)
    squares = shares["exporter"] ** 2, estimated.importer_ratio * shares["importer"] ** 2
    return np.asarray(
        squares[0] ** 2 * covariance[exporter, exporter]
        + squares[1] ** 2 * covariance[importer, importer]
        + 2 * squares[0] * squares[1] * covariance[exporter, importer]
    )


def _audit_lines(
    flows: pd.DataFrame, table: pd.DataFrame, ratios: LogRatios, *, source: str
) -> list[str]:
    """Say of every flow who was believed."""
    named = flows.assign(
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
            bound = print_amount(flow.at_least, flow.unit)
            cut = f", less than {bound} is cut off" if flow.kind.endswith("bound") else ""
            return (
                f"{_statement(flow, side)} alone: {_says(flow, other)}{cut}; {source} standard "
                f"deviation of the log {getattr(flow, f'{side}_std_dev'):.2f}"
            )
    if flow.kind == "not identified":
        return "no value: the reliability of a reporter is not identified"
    return f"no value: {_says(flow, 'exporter')}; {_says(flow, 'importer')}"


def _both(flow: Any, source: str) -> str:
    first, second = sorted(SIDES, key=lambda side: -canonical(getattr(flow, f"{side}_weight")))
    weighed = [
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
        f"{weighed[0]}, {weighed[1]}: {source} standard deviations of the log "
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
