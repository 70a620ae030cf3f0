"""
Standard errors of gravity under named conventions: which errors are shared, which factor is taken.

Every matrix is a sandwich: the inverse of the information around sums of products of scores. What
has a name here is which scores are multiplied with one another, and by what the sums are scaled.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from flows.errors import SampleError
from flows.models.sample import FloatArray, IntArray, check_choice
from flows.models.shared_errors import (
    FEW,
    TOO_FEW,
    clustered_products,
    common_clusters,
    count_clusters,
    effective_clusters,
    shared_products,
)
from flows.models.standard_errors import SmallSample

GravityError = Literal["robust", "pair", "exporter", "importer", "two-way", "dyadic"]
PairKind = Literal["directed", "undirected"]

NOT_POSITIVE = "not positive"
TRUNCATED = "not positive: negative eigenvalues set to zero"
RAISED = "not positive: raised to that of the smallest clusters alone where it was negative"
"""What the covariance of errors that are shared in several ways says of itself."""

_SINGULAR = {
    "pairs": "pair",
    "undirected pairs": "undirected pair",
    "exporters": "exporter",
    "importers": "importer",
    "countries": "country",
}

_FACTORS = ("factor n/(n-1)", "factor G/(G-1)", "factor G/(G-1) of the fewest")
"""Without clusters, with those of one kind, and of several."""

_SHOWN = 3
_FEWEST = 2
_FEWEST_MEMBERS = 3
_ROUNDING = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """
    What the covariance of a fit by pseudo-likelihood, or by least squares, is made of.

    ``x_tilde``: regressors less their weighted projection on absorbed effects, shape ``(nobs, k)``;
    ``weights``: fitted means, for least squares ones, ``resids``: values less fitted values, shape
    ``(nobs,)``; ``bread``: inverse of the information, shape ``(k, k)``; ``spread``: standard
    deviation of each regressor itself, zero of a constant, shape ``(k,)``. Scores are ``x_tilde``
    times ``resids``.
    """

    x_tilde: FloatArray
    weights: FloatArray
    resids: FloatArray
    bread: FloatArray
    spread: FloatArray

    @property
    def influence(self) -> FloatArray:
        """What each observation adds to each coefficient, shape ``(nobs, k)``."""
        influence = np.asarray(self.x_tilde @ self.bread)
        influence *= self.resids[:, None]
        return influence

    def worth(self, clusters: IntArray, again: IntArray | None = None) -> FloatArray:
        """
        Return how many equal clusters would be worth these, for each coefficient.

        ``clusters``: number of the cluster of each observation, and after them of those that are in
        a second one, whose rows are ``again``.
        """
        worth = np.empty(len(self.bread))
        weights = self.weights / self.weights.max()  # in no unit: squares stay in the range
        for place, column in enumerate(self.bread.T):
            alone = self.x_tilde @ column
            information = weights * (alone / np.abs(alone).max()) ** 2
            if again is not None:
                information = np.concatenate([information, information[again]])
            worth[place] = effective_clusters(information, clusters)
        return worth


def spread_of(x: FloatArray) -> FloatArray:
    """Return the standard deviation of each regressor, zero of a constant."""
    return np.where(np.ptp(x, axis=0) > 0, x.std(axis=0), 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class SharedCovariance:
    """
    Covariance of coefficients with errors that observations share.

    ``matrix``: shape ``(k, k)``; ``covariance_type``: which errors are shared and the factor, in
    words; ``clusters``: how many there are of each kind, none where no errors are shared;
    ``effective``: how many equal clusters the fewest are worth for each coefficient, shape
    ``(k,)``; ``remedy``: what was done about a combination of coefficients with a negative
    variance, empty where there is none; ``df``: degrees of freedom of Student's t, infinite: the
    normal distribution, which ppmlhdfe and fixest take for pseudo-likelihood whatever the number of
    clusters.
    """

    matrix: FloatArray
    covariance_type: str
    clusters: dict[str, int]
    effective: FloatArray
    remedy: str
    df: float = np.inf

    def few_clusters(self, names: Sequence[str]) -> str:
        """Say for which of the named coefficients clusters are few; empty where they are not."""
        order = np.argsort(self.effective, kind="stable")
        few = order[self.effective[order] < FEW]
        if not len(few):
            return ""
        named = [f"{self.effective[place]:.1f} for {names[place]}" for place in few[:_SHOWN]]
        if len(few) > _SHOWN:
            named.append(f"few for {len(few) - _SHOWN} more")
        return f"in equal clusters worth {_listed(named)}: {TOO_FEW}"


def gravity_covariance(
    scores: Scores,
    exporter: IntArray,
    importer: IntArray,
    *,
    se: GravityError,
    pair: PairKind = "directed",
    small_sample: SmallSample = "stata",
    effects: Sequence[IntArray] = (),
) -> SharedCovariance:
    r"""
    Estimate the covariance under a named convention.

    ``exporter``, ``importer``: numbers of the members of each observation's pair, in one numbering,
    shape ``(nobs,)``. ``se``: ``"robust"``, no errors are shared; ``"pair"``, by all years of a
    pair, with those of its reverse if ``pair="undirected"``; ``"exporter"``, ``"importer"``: by all
    with the same one; ``"two-way"``: by all with the same exporter or the same importer;
    ``"dyadic"``: by all with a country in common, as exporter or importer, with the factor
    :math:`(N-1)/(N-2)` of :math:`N` countries. Others: see :func:`clustered_covariance`.

    Cameron, A. C. and Miller, D. L. (2014). Robust inference for dyadic data. University of
    California, Davis.
    """
    check_choice("se", se, get_args(GravityError))
    check_choice("pair", pair, get_args(PairKind))
    if se == "dyadic":
        return _dyadic(scores, exporter, importer, small_sample)
    clusters: dict[str, IntArray] = {}
    if se == "pair":
        clusters = _pairs(exporter, importer, pair)
    if se in {"exporter", "two-way"}:
        clusters["exporters"] = exporter
    if se in {"importer", "two-way"}:
        clusters["importers"] = importer
    return clustered_covariance(scores, clusters, small_sample=small_sample, effects=effects)


def clustered_covariance(
    scores: Scores,
    clusters: Mapping[str, IntArray],
    *,
    small_sample: SmallSample = "stata",
    effects: Sequence[IntArray] = (),
) -> SharedCovariance:
    r"""
    Estimate the covariance with errors that are shared within clusters of one or several kinds.

    ``clusters``: by name of the kind, the number of the cluster of each observation, from 0 on,
    shape ``(nobs,)``; without any, each observation is its own. Several kinds are added up by
    inclusion and exclusion. ``small_sample``: ``"stata"``, the factor :math:`G/(G-1)` with the
    fewest clusters :math:`G` of any kind, :math:`n/(n-1)` without clusters, as ppmlhdfe has it;
    ``"fixest"``, in addition :math:`(n-1)/(n-K)`, with :math:`K` coefficients and constants of
    ``effects``, where an effect whose levels lie within clusters counts as one constant;
    ``"none"``, no factor. ``effects``: number of the level of each observation, one array an
    absorbed effect.
    """
    check_choice("small_sample", small_sample, get_args(SmallSample))
    counts = {kind: int(np.count_nonzero(np.bincount(codes))) for kind, codes in clusters.items()}
    for kind, number in counts.items():
        _check_enough(kind, number, _FEWEST)
    nobs, k = scores.x_tilde.shape
    fewest = min(counts.values(), default=nobs)
    factor, words = fewest / (fewest - 1), _FACTORS[min(len(clusters), 2)]
    if small_sample == "none":
        factor, words = 1.0, "no factor"
    if small_sample == "fixest":
        constants = k + _absorbed(list(clusters.values()), effects)
        factor *= (nobs - 1) / (nobs - constants)
        words = f"{words} times (n-1)/(n-K), K = {constants}"
    names = [_SINGULAR.get(kind, kind) for kind in clusters]
    codes = list(clusters.values())

    def products(influence: FloatArray, least: float | None) -> FloatArray:
        if not codes:
            return np.asarray(influence.T @ influence)
        return clustered_products(influence, codes, least=least).meat

    matrix, remedy = _sandwich(scores, products, factor, keeps_negative=small_sample == "fixest")
    return SharedCovariance(
        matrix=matrix,
        covariance_type=_in_words(
            f"clustered by {_listed(names)}" if names else "robust", words, remedy
        ),
        clusters=counts,
        effective=_fewest_worth(scores, codes),
        remedy=remedy,
    )


def _dyadic(
    scores: Scores, exporter: IntArray, importer: IntArray, small_sample: SmallSample
) -> SharedCovariance:
    check_choice("small_sample", small_sample, ("stata", "none"))
    apart = exporter != importer
    members = np.concatenate([exporter, importer[apart]])
    number = count_clusters(members)
    _check_enough("countries", number, _FEWEST_MEMBERS)
    factor, words = (number - 1) / (number - 2), "factor (N-1)/(N-2)"
    if small_sample == "none":
        factor, words = 1.0, "no factor"

    def products(influence: FloatArray, least: float | None) -> FloatArray:
        return shared_products(influence, exporter, importer, se="dyads", least=least).meat

    matrix, remedy = _sandwich(scores, products, factor)
    return SharedCovariance(
        matrix=matrix,
        covariance_type=_in_words(
            "dyadic: shared by pairs with a country in common", words, remedy
        ),
        clusters={"countries": number},
        effective=scores.worth(members, np.flatnonzero(apart)),
        remedy=remedy,
    )


def _sandwich(
    scores: Scores,
    products: Callable[[FloatArray, float | None], FloatArray],
    factor: float,
    *,
    keeps_negative: bool = False,
) -> tuple[FloatArray, str]:
    """
    Return the covariance, and what was done if that of the slopes was not positive.

    ``products``: sums of products of what observations add to coefficients, by the least part that
    a variance may have of that of the smallest clusters; ``keeps_negative``: whether negative
    eigenvalues stay where no slope's own variance is negative, as fixest leaves them.

    reghdfe sets negative eigenvalues to zero, with regressors in units of their standard
    deviations, once with and once without the constant, and so does this. (ppmlhdfe has an earlier
    version of it in which the constant, whose level has no variance by exporter once they have
    effects, moves the errors of slopes in their fourth digit.) Where a slope's own variance is
    negative, that would leave it next to nothing: negative variances are then raised to those of
    the smallest clusters alone.
    """
    influence, slopes = scores.influence, scores.spread > 0
    units = np.where(slopes, scores.spread, 1.0)
    within = np.ix_(slopes, slopes)
    whole = factor * products(influence, None)
    own, remedy = whole[within], ""
    if (np.diag(own) < 0).any():
        own, remedy = factor * products(influence[:, slopes], 0.0), RAISED
    elif _is_negative(own, units[slopes]):
        remedy = NOT_POSITIVE if keeps_negative else TRUNCATED
        own = own if keeps_negative else _truncated(own, units[slopes])
    whole = _truncated(whole, units)
    whole[within] = own
    return whole, remedy


def _is_negative(matrix: FloatArray, units: FloatArray) -> bool:
    """Say whether a matrix has a negative eigenvalue that is not rounding."""
    values = np.linalg.eigvalsh(matrix * np.outer(units, units))
    return bool(len(values) and values[0] < -_ROUNDING * values[-1])


def _truncated(matrix: FloatArray, units: FloatArray) -> FloatArray:
    """
    Return a matrix whose negative eigenvalues are set to zero, in units of its rows.

    Cameron, A. C., Gelbach, J. B. and Miller, D. L. (2011). Robust inference with multiway
    clustering. Journal of Business & Economic Statistics 29 (2), 238-249.
    """
    if not _is_negative(matrix, units):
        return matrix
    scale = np.outer(units, units)
    values, vectors = np.linalg.eigh(matrix * scale)
    return np.asarray((vectors * np.maximum(values, 0.0)) @ vectors.T / scale)


def _in_words(what: str, factor: str, remedy: str) -> str:
    return f"{what}, {factor}; {remedy}" if remedy else f"{what}, {factor}"


def _pairs(exporter: IntArray, importer: IntArray, pair: PairKind) -> dict[str, IntArray]:
    if pair == "directed":
        return {"pairs": common_clusters([exporter, importer])}
    low, high = np.minimum(exporter, importer), np.maximum(exporter, importer)
    return {"undirected pairs": common_clusters([low, high])}


def _check_enough(kind: str, number: int, fewest: int) -> None:
    if number < fewest:
        raise SampleError(
            f"expected at least {fewest} clusters by {_SINGULAR.get(kind, kind)}, found {number}: "
            "errors that they share cannot be estimated; take more of them or another choice of "
            "errors"
        )


def _fewest_worth(scores: Scores, clusters: Sequence[IntArray]) -> FloatArray:
    """Return how many equal clusters the fewest of any kind are worth, for each coefficient."""
    worth = [scores.worth(codes) for codes in clusters]
    return np.min(worth, axis=0) if worth else np.full(len(scores.bread), np.inf)


def _absorbed(clusters: Sequence[IntArray], effects: Sequence[IntArray]) -> int:
    """
    Count the constants of effects as fixest does.

    All levels but one of each effect after the first, whether or not more of them are redundant;
    one of an effect that is nested in clusters.
    """
    if not effects:
        return 0
    return 1 + sum(_levels(effect, clusters) - 1 for effect in effects)


def _levels(effect: IntArray, clusters: Sequence[IntArray]) -> int:
    """Return the number of levels of an effect, one if each lies within one cluster."""
    number = count_clusters(effect)
    joint = (count_clusters(common_clusters([effect, codes])) for codes in clusters)
    return 1 if number in joint else number


def _listed(names: Sequence[str]) -> str:
    *before, last = names
    return f"{', '.join(before)} and {last}" if before else last
