"""Lines through the years of many pairs of countries: slopes, scores, and their covariance."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import brentq

from flows.errors import SampleError
from flows.models.sample import FloatArray, IntArray
from flows.models.shared_errors import (
    RAISED,
    PairError,
    SharedProducts,
    effective_clusters,
    shared_products,
)

PanelForm = Literal["log", "poisson"]

FEWEST_CLUSTERS = 5.0
"""
Equal clusters that those of a test have to be worth.

One country in all pairs leaves fewer than four whatever their number, and says nothing of its own
errors. With six, tests of dyads at 5 % reject in up to 11 % (docs/monte-carlo.md).
"""

_CLOSE = 1e-15
_NAMES: dict[PairError, str] = {
    "pair": "clustered by pair",
    "exporter": "clustered by exporter",
    "importer": "clustered by importer",
    "two-way": "clustered by exporter and importer",
    "dyads": "dyads: shared by pairs with a country in common",
}


@dataclass(frozen=True, slots=True)
class Panel:
    """
    Values of pairs by year.

    ``exporter``, ``importer``: numbers of the members of each pair, from 0 on, in one numbering,
    and ``group``: of its group, shape ``(pairs,)``; ``pair``: number of the pair of each value,
    ``years``, ``values``: shape ``(nobs,)``.
    """

    exporter: IntArray
    importer: IntArray
    group: IntArray
    pair: IntArray
    years: FloatArray
    values: FloatArray

    @property
    def trends(self) -> int:
        """Number of slopes: one a group."""
        return int(self.group.max()) + 1

    def pair_sums(self, values: FloatArray) -> FloatArray:
        """Return sums over the years of each pair."""
        return _sums(self.pair, values, len(self.group))

    def group_sums(self, by_pair: FloatArray) -> FloatArray:
        """Return sums over the pairs of each group."""
        return _sums(self.group, by_pair, self.trends)

    def centred(self, values: FloatArray, weights: FloatArray) -> FloatArray:
        """Return values less the weighted mean of their pair."""
        means = self.pair_sums(weights * values) / self.pair_sums(weights)
        return np.asarray(values - means[self.pair])


@dataclass(frozen=True, slots=True)
class PanelLine:
    """
    A slope for each group, around a level for each pair.

    ``slopes``: log points a year, shape ``(k,)``; ``fitted``: the line, ``resids``: logarithms less
    the line, or values less fitted means, shape ``(nobs,)``; ``scores``: derivative of the
    objective by the slope, summed over the years of each pair, and ``information``: minus the
    second derivative, shape ``(pairs,)``.
    """

    slopes: FloatArray
    fitted: FloatArray
    resids: FloatArray
    scores: FloatArray
    information: FloatArray


@dataclass(frozen=True, slots=True)
class PanelCovariance:
    """
    Covariance of slopes with errors that pairs share.

    ``matrix``: shape ``(k, k)``; ``covariance_type``: in words; ``df``: degrees of freedom of
    Student's t; ``clusters``: how many there are of each kind; ``effective``: how many equal ones
    the fewest are worth.
    """

    matrix: FloatArray
    covariance_type: str
    df: float
    clusters: dict[str, int]
    effective: float


def _sums(codes: IntArray, values: FloatArray, count: int) -> FloatArray:
    return np.asarray(np.bincount(codes, weights=values, minlength=count), dtype=np.float64)


def fit_panel(panel: Panel, *, form: PanelForm) -> PanelLine:
    r"""
    Fit a common slope to the pairs of each group, with a level for each pair.

    ``"log"``: least squares of deviations from the means of pairs. ``"poisson"``: the level of a
    pair is concentrated out of the pseudo-likelihood, :math:`\hat\mu_{pt} = Y_p e^{\beta t} /
    \sum_s e^{\beta s}` with its sum :math:`Y_p` over the years, and the score is zero at the slope.

    Hausman, J., Hall, B. H. and Griliches, Z. (1984). Econometric models for count data with an
    application to the patents-R&D relationship. Econometrica 52 (4), 909-938.
    """
    return _log_line(panel) if form == "log" else _poisson_line(panel)


def _log_line(panel: Panel) -> PanelLine:
    equal = np.ones(len(panel.values))
    logs = np.log(panel.values)
    x, y = panel.centred(panel.years, equal), panel.centred(logs, equal)
    information = panel.pair_sums(x * x)
    slopes = panel.group_sums(panel.pair_sums(x * y)) / panel.group_sums(information)
    resids = y - x * slopes[panel.group[panel.pair]]
    return PanelLine(slopes, logs - resids, resids, panel.pair_sums(x * resids), information)


def _poisson_line(panel: Panel) -> PanelLine:
    _check_rate_exists(panel)
    of_group = panel.group[panel.pair]
    slopes = np.zeros(panel.trends)
    for group in range(panel.trends):
        slopes[group] = _root(_part(panel, of_group == group))
    fitted = _log_means(panel, slopes[of_group])
    mean = np.exp(fitted)
    x, resids = panel.centred(panel.years, mean), panel.values - mean
    scores, information = panel.pair_sums(x * resids), panel.pair_sums(mean * x * x)
    return PanelLine(slopes, fitted, resids, scores, information)


def _check_rate_exists(panel: Panel) -> None:
    """Refuse a group in which all trade is in the first, or the last, year of its pair."""
    for end in (np.minimum, np.maximum):
        edge = np.full(len(panel.group), panel.years[0])
        edge[panel.pair] = panel.years
        end.at(edge, panel.pair, panel.years)
        distance = panel.values * np.abs(panel.years - edge[panel.pair])
        if (panel.group_sums(panel.pair_sums(distance)) == 0).any():
            which = "first" if end is np.minimum else "last"
            raise SampleError(
                f"expected trade in several years, found it in the {which} year of every pair "
                "alone: growth would be infinite; take longer periods"
            )


def _part(panel: Panel, kept: np.ndarray) -> Panel:
    """Return the pairs of one group, numbered anew."""
    pairs, pair = np.unique(panel.pair[kept], return_inverse=True)
    return Panel(
        exporter=panel.exporter[pairs],
        importer=panel.importer[pairs],
        group=np.zeros_like(pairs),
        pair=pair,
        years=panel.years[kept],
        values=panel.values[kept],
    )


def _root(panel: Panel) -> float:
    """Return the slope at which the score is zero; it falls as the slope rises."""
    years = panel.centred(panel.years, np.ones(len(panel.years)))

    def score(slope: float) -> float:
        resids = panel.values - np.exp(_log_means(panel, np.full(len(years), slope)))
        return float(years @ resids)

    reach = 1.0
    while score(-reach) <= 0 or score(reach) >= 0:
        reach *= 2
    return float(brentq(score, -reach, reach, xtol=_CLOSE))


def _log_means(panel: Panel, slopes: FloatArray) -> FloatArray:
    """Return logarithms of fitted means that add up to the values of each pair."""
    line = slopes * panel.years
    top = np.full(len(panel.group), -np.inf)
    np.maximum.at(top, panel.pair, line)
    level = np.log(panel.pair_sums(panel.values) / panel.pair_sums(np.exp(line - top[panel.pair])))
    return np.asarray(line + (level - top)[panel.pair])


def panel_covariance(panel: Panel, line: PanelLine, *, se: PairError) -> PanelCovariance:
    """Estimate the covariance of the slopes with errors that pairs share, as ``se`` says."""
    clusters, fewest, effective = _count_clusters(panel, line, se)
    pairs, k = len(panel.group), panel.trends
    scores = np.zeros((pairs, k))
    scores[np.arange(pairs), panel.group] = line.scores
    shared = shared_products(scores, panel.exporter, panel.importer, se=se)
    bread = 1 / panel.group_sums(line.information)
    all_clusters, nobs = min(clusters.values()), len(panel.values)
    factor = all_clusters / (all_clusters - 1) * (nobs - 1) / (nobs - k - 1)
    return PanelCovariance(
        matrix=factor * shared.meat * np.outer(bread, bread),
        covariance_type=_in_words(se, shared),
        df=fewest - 1,
        clusters=clusters,
        effective=effective,
    )


def _in_words(se: PairError, shared: SharedProducts) -> str:
    raised = f"; {RAISED}" if shared.raised else ""
    return f"{_NAMES[se]}{raised}; factor G/(G-1) (n-1)/(n-k-1)"


def _count_clusters(
    panel: Panel, line: PanelLine, se: PairError
) -> tuple[dict[str, int], int, float]:
    """Return the number of clusters, the fewest of a trend, and what the fewest are worth."""
    counts, fewest, effective = {}, len(panel.group), np.inf
    for kind, codes, rows in _clusters(panel, se):
        counts[kind] = len(np.unique(codes))
        for group in range(panel.trends):
            mine = panel.group[rows] == group
            worth = effective_clusters(line.information[rows][mine], codes[mine])
            number = len(np.unique(codes[mine]))
            if worth < FEWEST_CLUSTERS:
                raise SampleError(
                    f"expected {kind} worth at least {FEWEST_CLUSTERS:g} equal clusters, found "
                    f"{number} worth {worth:.1f}: errors that they share cannot be estimated; take "
                    "more pairs, or fit_trend of their sum (another se leaves these errors out)"
                )
            fewest, effective = min(fewest, number), min(effective, worth)
    return counts, fewest, effective


def _clusters(panel: Panel, se: PairError) -> Iterator[tuple[str, IntArray, IntArray]]:
    """Yield each kind of cluster: its name, numbers of clusters, and the pairs that are in them."""
    rows = np.arange(len(panel.group))
    if se == "pair":
        yield "pairs", rows, rows
    if se in ("exporter", "two-way"):
        yield "exporters", panel.exporter, rows
    if se in ("importer", "two-way"):
        yield "importers", panel.importer, rows
    if se == "dyads":
        members = np.concatenate([panel.exporter, panel.importer])
        yield "countries", members, np.concatenate([rows, rows])
