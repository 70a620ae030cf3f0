r"""
Bias of gravity estimates with three effects, and standard errors that effects do not shrink.

What is corrected
-----------------
:math:`E(y_{ijt}) = \lambda_{ijt} = \exp(x_{ijt}'\beta + \alpha_{it} + \gamma_{jt} + \eta_{ij})`
has effects of pairs that few years know of. Poisson pseudo-likelihood does without them: given the
total of a pair, its years are multinomial with shares :math:`\theta_{ijt} = \lambda_{ijt} / \sum_s
\lambda_{ijs}`, in which :math:`\eta_{ij}` is gone, so that :math:`\hat\beta` is consistent. The
effects of exporter and year and of importer and year are learnt from N flows each. Their noise
moves :math:`\hat\beta` by order 1/N, as much as its standard error: intervals are off their centre.
With effects of exporters and importers alone that bias is zero (Fernandez-Val and Weidner 2016):
the second derivative of the likelihood by the constants does not depend on the flows, and its third
is the weight under which regressors, less effects, add up to zero. In both models effects fit a
part of the noise, so that residuals are too small, and with them errors clustered by pair.

The bias
--------
For the cells (years) of pair :math:`p`, with :math:`\Lambda_p = \iota'\lambda_p`, write

.. math::
    S_p = y_p - \theta_p \iota'y_p, \quad
    H_p = \iota'y_p (\mathrm{diag}\,\theta_p - \theta_p\theta_p'), \quad
    (G_p x)_{st} = -\Lambda_p (\theta_s x_s 1_{s=t} - \theta_s\theta_t (x_s + x_t)),

the score of the multinomial log-likelihood, minus its second derivative, and the mean of its third
one times a column :math:`x` with :math:`\theta_p'x = 0`; :math:`\bar H_p = E H_p`. Let
:math:`\tilde x` be what is left of :math:`x` after its projection on all effects with weights
:math:`\lambda`, :math:`W = \sum_p \tilde x_p' \bar H_p \tilde x_p`, :math:`D_p` the dummies of
exporter-years and importer-years in the cells of :math:`p`, and :math:`\mathcal H = \sum_p D_p'
\bar H_p D_p` the information of their constants :math:`\varphi`. To first order
:math:`\hat\varphi - \varphi = \mathcal H^{-1} \sum_q D_q'S_q`. The score :math:`\sum_p \tilde
x_p'S_p` of :math:`\beta`, expanded to second order around the true constants, has the expectation

.. math::
    b = -\sum_p E\left[S_p' D_p \mathcal H^{-1} D_p' H_p \tilde x_p\right]
        + \tfrac12 \sum_p \mathrm{tr}\left[G_p\tilde x_p \cdot D_p \mathcal H^{-1}
        \Bigl(\sum_q D_q' E[S_qS_q'] D_q\Bigr) \mathcal H^{-1} D_p'\right]:

scores of different pairs are independent, and what :math:`\hat\varphi` has of second order is
multiplied by :math:`\sum_p \tilde x_p' \bar H_p D_p = 0`. The bias of :math:`\hat\beta` is
:math:`W^{-1}b`. The blocks of :math:`\mathcal H` that join two exporters are empty, and those that
join exporter and importer have a single pair where those on the diagonal have N. To the order of
the bias :math:`\mathcal H^{-1}` is therefore made of inverses of T x T blocks, one for each
exporter and each importer, and :math:`b` is the sum of the terms of Weidner and Zylkin (2021),
section 3. Expectations are replaced by products of residuals. Those of an exporter add up to zero
over its importers in each year, as deviations from a mean do; the sums are multiplied by N / (N -
1), N the number of exporters (of importers), as in the authors' program.

Where the effect of a pair is undirected, a cell of i to j and one of j to i share a total, and the
block of :math:`\mathcal H` that joins country i as exporter with country i as importer has N pairs:
a block on the diagonal is then a country, with T cells of exports and T of imports. The paper has
directed effects; this case follows from the same expansion.

Panels need not be balanced: sums are over the cells that there are. Pairs without flows have none,
which makes N smaller than it looks and the bias larger (Czarnowske and Stammann 2022).

The standard errors
-------------------
The variance of :math:`\hat\beta` is :math:`W^{-1} \Omega W^{-1}`, :math:`\Omega = \sum_p \tilde
x_p' E[S_pS_p'] \tilde x_p`. The residuals of a cluster are to first order :math:`(I - Q_p) S_p`,
and a part of those of the others, with the leverage

.. math::
    Q_p = \bar H_p \left(\tilde x_p W^{-1} \tilde x_p' + D_p \mathcal H^{-} D_p'\right).

:math:`\hat\Omega = \sum_p \tilde x_p' (I - Q_p)^{-1} \hat S_p \hat S_p' \tilde x_p` has no bias
from it where variances are proportional to means, and less than :math:`\hat S_p \hat S_p'` has
elsewhere: a generalisation of HC2 (MacKinnon and White 1985; Weidner and Zylkin 2021, section 3,
and, for two effects, their appendix, where :math:`\mathrm{diag}\,\lambda_p` is in the place of
:math:`\bar H_p`; on two effects see also Jochmans 2017 and Pfaffermayr 2019). It is symmetrised and
multiplied by G / (G - 1), G the number of clusters. Here :math:`\mathcal H^{-}` is a generalised
inverse of the whole matrix (:mod:`flows.models.gravity.leverage`), and a cluster may hold both
directions of a pair.

References
----------
.. [1] Weidner, M. and Zylkin, T. (2021). Bias and consistency in three-way gravity models. Journal
   of International Economics 132, 103513.
.. [2] Fernandez-Val, I. and Weidner, M. (2016). Individual and time effects in nonlinear panel
   models with large N, T. Journal of Econometrics 192 (1), 291-312.
.. [3] MacKinnon, J. G. and White, H. (1985). Some heteroskedasticity-consistent covariance matrix
   estimators with improved finite sample properties. Journal of Econometrics 29 (3), 305-325.
.. [4] Jochmans, K. (2017). Two-way models for gravity. Review of Economics and Statistics 99 (3),
   478-485. Pfaffermayr, M. (2019). Gravity models, PPML estimation and the bias of the robust
   standard errors. Applied Economics Letters 26 (18), 1467-1471.
.. [5] Czarnowske, D. and Stammann, A. (2022). Latent unbalancedness in three-way gravity models.
   arXiv:2203.02235.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from flows.errors import SampleError
from flows.models.gravity.cells import Cells, ordered_cells
from flows.models.gravity.leverage import (
    NOTHING,
    Constants,
    pair_curvature,
    three_way_constants,
    two_way_constants,
)
from flows.models.quasi_likelihood import BoolArray
from flows.models.sample import FloatArray, IntArray

_ABSORBED = 1e-9
"""Part of a regressor's squares that is left where effects or others absorb it."""

_WHOLE = 1e-9
"""What is left of a direction that effects and regressors fit whole: there no residual is."""

_ALONE = 1e-6
"""Part of a regressor's squares in a direction that one cluster fits by itself."""


@dataclass(frozen=True, slots=True, eq=False)
class Correction:
    """
    What the noise of effects does to coefficients and to their standard errors.

    ``bias``: to be taken from the coefficients, shape ``(k,)``, zeros where effects are two;
    ``covariance``: adjusted by leverage; ``unadjusted``: the same sandwich without leverage, with
    the same factor G / (G - 1), shape ``(k, k)``; ``clusters``: G; ``words``: what was done.
    """

    bias: FloatArray
    covariance: FloatArray
    unadjusted: FloatArray
    clusters: int
    words: str


def correct_three_way(
    x: FloatArray,
    y: FloatArray,
    mean: FloatArray,
    *,
    exporter: IntArray,
    importer: IntArray,
    time: IntArray,
    pair: IntArray | None = None,
    cluster: IntArray | None = None,
) -> Correction:
    r"""
    Correct a Poisson fit with effects of exporter and time, importer and time, and pair.

    The formulas stand at the head of :mod:`flows.models.gravity.weidner_zylkin`.

    Parameters
    ----------
    x : numpy.ndarray
        Regressors as they are, shape ``(nobs, k)``: the projection on the effects is done here.
    y, mean : numpy.ndarray
        Flows and their fitted means, shape ``(nobs,)``, of the rows that the fit used. The panel
        need not be balanced, and flows of a country to itself may be among them.
    exporter, importer, time : numpy.ndarray
        Numbers from 0 on, int64, shape ``(nobs,)``; a country has the same number in both.
    pair : numpy.ndarray, optional
        Numbers of the pair effects; by default each direction has one. One that both directions of
        two countries share is undirected.
    cluster : numpy.ndarray, optional
        Numbers of the clusters of standard errors, by default ``pair``. A cluster holds whole
        pairs, of the same two countries.

    Returns
    -------
    Correction
        ``bias`` is to be taken from the coefficients.

    Raises
    ------
    ValueError
        If the arrays do not fit each other.
    SampleError
        If ``mean`` is not the fit of these effects; if a regressor is absorbed, or its coefficient
        hangs on one cluster; if there is one period, one exporter or one importer alone; if there
        are more than 8,000 effects of exporters and importers by time.
    """
    cells = ordered_cells(
        x,
        y,
        mean,
        exporter=exporter,
        importer=importer,
        time=time,
        pair=pair,
        cluster=cluster,
    )
    if len(np.unique(cells.time)) == 1:
        raise SampleError(
            "expected two periods or more, found one: with effects of pairs it has no information; "
            "use effects of exporters and importers"
        )
    sides = [len(np.unique(side)) for side in (cells.exporter, cells.importer)]
    if min(sides) == 1:
        raise SampleError(f"expected several exporters and importers, found {sides[0]}, {sides[1]}")
    undirected = cells.undirected
    constants = three_way_constants(cells)
    pulls = _pulls(cells, _blocks(cells, undirected=undirected))
    sandwich = _sandwich(cells, constants)
    possible = int(cells.pair[-1] + 1) * len(np.unique(cells.time)) * (2 if undirected else 1)
    return Correction(
        bias=sandwich.bread @ (sandwich.x_tilde.T @ pulls),
        covariance=sandwich.covariance,
        unadjusted=sandwich.unadjusted,
        clusters=cells.clusters,
        words=(
            "Bias of order 1/N from the effects of exporter and time and of importer and time "
            f"(N = {sides[0]} and {sides[1]}), pair effects {'un' if undirected else ''}directed, "
            f"{len(cells.y):,} of {possible:,} cells of pairs and periods; {_words(cells)}"
        ),
    )


def correct_two_way(
    x: FloatArray,
    y: FloatArray,
    mean: FloatArray,
    *,
    exporter: IntArray,
    importer: IntArray,
    time: IntArray,
    pair: IntArray | None = None,
) -> Correction:
    r"""
    Adjust standard errors of a Poisson fit with effects of exporter and time, importer and time.

    The coefficients have no bias of order 1/N (Fernandez-Val and Weidner 2016): ``bias`` is zero.
    Errors clustered by pair, which with one period are those robust to heteroskedasticity, are
    biased downward; the formula is at the head of :mod:`flows.models.gravity.weidner_zylkin`.

    Parameters
    ----------
    x, y, mean, exporter, importer, time
        As in :func:`correct_three_way`; with one period ``time`` is zero everywhere.
    pair : numpy.ndarray, optional
        Numbers of the clusters of standard errors; by default each direction is one. A cluster
        holds flows between the same two countries.

    Returns
    -------
    Correction
        ``bias`` is zero.

    Raises
    ------
    ValueError
        If the arrays do not fit each other.
    SampleError
        If ``mean`` is not the fit of these effects; if a regressor is absorbed, or its coefficient
        hangs on one cluster; if there are more than 8,000 exporters and importers, or more periods
        than memory allows.
    """
    cells = ordered_cells(
        x, y, mean, exporter=exporter, importer=importer, time=time, pair=pair, cluster=pair
    )
    sandwich = _sandwich(cells, two_way_constants(cells))
    return Correction(
        bias=np.zeros(x.shape[1]),
        covariance=sandwich.covariance,
        unadjusted=sandwich.unadjusted,
        clusters=cells.clusters,
        words=(
            "No bias of order 1/N in coefficients with effects of exporter and time and of "
            f"importer and time (Fernandez-Val and Weidner 2016); {_words(cells)}"
        ),
    )


def _words(cells: Cells) -> str:
    return (
        f"standard errors by pair, G/(G-1) with G = {cells.clusters:,}, adjusted for the leverage "
        "of effects and regressors, computed exactly (Weidner and Zylkin 2021)"
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Blocks:
    """
    The blocks on the diagonal of the information of constants that count for the bias.

    ``sent``, ``received``: block of a row's constants; ``sent_place``, ``received_place``: where in
    it they are, shape ``(nobs,)``; ``factors``: of each block, N / (N - 1); ``width``: of a block.
    """

    sent: IntArray
    sent_place: IntArray
    received: IntArray
    received_place: IntArray
    factors: FloatArray
    width: int

    def entries(self, index: IntArray) -> Iterator[tuple[IntArray, BoolArray]]:
        """Yield where in all blocks each two cells of pairs meet, and whether they do."""
        sides = ((self.sent, self.sent_place), (self.received, self.received_place))
        for block, place in sides:
            for other, other_place in sides:
                meet = block[index][:, :, None] == other[index][:, None, :]
                if meet.any():
                    rows = block[index] * self.width + place[index]
                    entries = rows[:, :, None] * self.width + other_place[index][:, None, :]
                    yield entries, meet

    def sums(self, index: IntArray, values: FloatArray) -> FloatArray:
        """Return values of cells of pairs, summed by block, shape ``(blocks, width, width)``."""
        shape = (len(self.factors), self.width, self.width)
        total = np.zeros(int(np.prod(shape)))
        for entries, meet in self.entries(index):
            total += np.bincount(entries[meet], values[meet], minlength=len(total))
        return total.reshape(shape)

    def spread(self, index: IntArray, blocks: FloatArray) -> FloatArray:
        """Return the values that blocks have for the cells of pairs, shape ``(pairs, m, m)``."""
        return np.asarray(
            sum(
                np.where(meet, blocks.ravel()[entries], 0.0)
                for entries, meet in self.entries(index)
            )
        )


def _blocks(cells: Cells, *, undirected: bool) -> _Blocks:
    """Return a block for each exporter and each importer, or for each country."""
    times, time = np.unique(cells.time, return_inverse=True)
    if undirected:
        countries = np.unique(np.concatenate([cells.exporter, cells.importer]))
        return _Blocks(
            sent=np.searchsorted(countries, cells.exporter),
            sent_place=time,
            received=np.searchsorted(countries, cells.importer),
            received_place=time + len(times),
            factors=np.full(len(countries), len(countries) / (len(countries) - 1)),
            width=2 * len(times),
        )
    exporters, sent = np.unique(cells.exporter, return_inverse=True)
    importers, received = np.unique(cells.importer, return_inverse=True)
    numbers = [len(exporters), len(importers)]
    return _Blocks(
        sent=sent,
        sent_place=time,
        received=received + numbers[0],
        received_place=time,
        factors=np.repeat([number / (number - 1) for number in numbers], numbers),
        width=len(times),
    )


def _pulls(cells: Cells, blocks: _Blocks) -> FloatArray:
    r"""
    Return how the noise of the constants pulls at each row, so that b is the sum of x times it.

    With :math:`P = D_p\mathcal H^{-1}D_p'` and :math:`K = D_p\mathcal H^{-1} (\sum_q
    D_q'S_qS_q'D_q) \mathcal H^{-1}D_p'` a pair has the pull :math:`-H_pPS_p + \lambda_p (K\theta_p
    - \mathrm{diag}(K) / 2)`, shape ``(nobs,)``.
    """
    information: FloatArray | float = 0.0
    products: FloatArray | float = 0.0
    for index, present in cells.groups(cells.pair):
        shares, curvature = pair_curvature(cells.mean[index] * present)
        scores = _scores(cells, index, present, shares)
        information = information + blocks.sums(index, curvature)
        products = products + blocks.sums(index, scores[:, :, None] * scores[:, None, :])
    inverse = _pseudo_inverse(np.asarray(information)) * blocks.factors[:, None, None]
    middle = inverse @ products @ inverse / blocks.factors[:, None, None]
    pulls = np.zeros(len(cells.y))
    for index, present in cells.groups(cells.pair):
        shares, curvature = pair_curvature(cells.mean[index] * present)
        scores = _scores(cells, index, present, shares)
        noise = blocks.spread(index, middle)
        first = curvature @ (blocks.spread(index, inverse) @ scores[:, :, None])
        second = noise @ shares[:, :, None]
        half = np.diagonal(noise, axis1=1, axis2=2) / 2
        pull = cells.mean[index] * (second[:, :, 0] - half) - first[:, :, 0]
        here = present > 0
        pulls[index[here]] = pull[here]
    return pulls


def _scores(cells: Cells, index: IntArray, present: FloatArray, shares: FloatArray) -> FloatArray:
    """Return flows of cells less what their share in the pair's total lets expect."""
    flows = cells.y[index] * present
    return np.asarray(flows - shares * flows.sum(axis=1, keepdims=True))


def _pseudo_inverse(blocks: FloatArray) -> FloatArray:
    """Return generalised inverses of symmetric matrices, scaled to a diagonal of ones for it."""
    root = np.sqrt(np.diagonal(blocks, axis1=1, axis2=2))
    scale = np.divide(1.0, root, out=np.zeros_like(root), where=root > 0)
    both = scale[:, :, None] * scale[:, None, :]
    values, vectors = np.linalg.eigh(blocks * both)
    inverted = np.divide(1.0, values, out=np.zeros_like(values), where=values > NOTHING)
    return np.asarray((vectors * inverted[:, None, :]) @ vectors.transpose(0, 2, 1) * both)


@dataclass(frozen=True, slots=True, eq=False)
class _Sandwich:
    """Regressors less effects, inverse of their information, covariances with and without."""

    x_tilde: FloatArray
    bread: FloatArray
    covariance: FloatArray
    unadjusted: FloatArray


def _check_independent(information: FloatArray, squares: FloatArray) -> None:
    """Refuse a regressor that effects, or the regressors before it, leave nothing of."""
    within = np.diag(information)
    for place in range(len(within)):
        alone = within[place]
        if alone > _ABSORBED * squares[place]:
            others, along = information[:place, :place], information[:place, place]
            alone = alone - along @ np.linalg.solve(others, along)
        if not alone > _ABSORBED * max(within[place], _ABSORBED * squares[place]):
            raise SampleError(
                f"expected regressors that vary within the effects, each on its own, found number "
                f"{place + 1} of {len(within)} to be absorbed; leave it out"
            )


def _sandwich(cells: Cells, constants: Constants) -> _Sandwich:
    """Return covariances of coefficients, adjusted for leverage and not."""
    centred = constants.centred(cells.x - cells.x.mean(axis=0))
    x_tilde = constants.residuals(centred)
    information = (x_tilde * cells.mean[:, None]).T @ x_tilde
    _check_independent(information, cells.mean @ centred**2)
    length = np.sqrt(np.diag(information))
    bread = np.linalg.inv(information / np.outer(length, length))
    resids = constants.centred(((cells.y - cells.mean) / cells.mean)[:, None])[:, 0]
    plain, freed = [], []
    for index, present in cells.groups(cells.cluster):
        root = np.sqrt(cells.mean[index] * present)
        columns = (x_tilde / length)[index] * root[:, :, None]
        standard = resids[index] * root
        plain.append(np.einsum("gmk,gm->gk", columns, standard))
        freed.append(_freed(constants.leverage(index, present), columns, standard, bread))
    scores, adjusted = np.concatenate(plain), np.concatenate(freed)
    meat = adjusted.T @ scores
    factor = len(scores) / (len(scores) - 1) / np.outer(length, length)
    return _Sandwich(
        x_tilde=x_tilde,
        bread=bread / np.outer(length, length),
        covariance=bread @ ((meat + meat.T) / 2) @ bread * factor,
        unadjusted=bread @ (scores.T @ scores) @ bread * factor,
    )


def _freed(
    leverage: FloatArray, columns: FloatArray, standard: FloatArray, bread: FloatArray
) -> FloatArray:
    """
    Return scores of clusters whose residuals are freed from leverage, shape ``(clusters, k)``.

    ``leverage``: of effects, shape ``(clusters, m, m)``; ``columns``, ``standard``: regressors and
    residuals times the root of their weights, shape ``(clusters, m, k)`` and ``(clusters, m)``.
    """
    turned = columns.transpose(0, 2, 1)
    left = np.eye(columns.shape[1]) - leverage - columns @ bread @ turned
    # No eigenvalue is above 1, so that none is below the determinant.
    sign, size = np.linalg.slogdet(left)
    whole = (sign <= 0) | (size <= np.log(_WHOLE))
    freed = np.empty((len(left), columns.shape[2]))
    solved = np.linalg.solve(left[~whole], standard[~whole, :, None])
    freed[~whole] = (turned[~whole] @ solved)[:, :, 0]
    values, vectors = np.linalg.eigh(left[whole])
    free = values > _WHOLE
    loads = turned[whole] @ vectors
    alone = ((np.abs(bread @ loads) > _ALONE) & ~free[:, None, :]).any(axis=(0, 2))
    if alone.any():
        raise SampleError(
            "expected each coefficient to rest on several pairs, found that of regressor "
            f"{int(np.argmax(alone)) + 1} to rest on one pair alone: it has no standard error; "
            "leave the regressor out"
        )
    parts = (standard[whole, None, :] @ vectors)[:, 0, :]
    parts = np.divide(parts, values, out=np.zeros_like(parts), where=free)
    freed[whole] = (loads @ parts[:, :, None])[:, :, 0]
    return freed
