"""
Time local levels of 40,000 series of 30 years here, in simdkalman and in a loop of statsmodels.

Run as ``python tests/benchmarks/screen_local_level.py [--quick]`` where the extra ``bench`` is
installed. simdkalman has no search, only rounds of expectation and maximisation for all series at
once, which come near to the top slowly: what their likelihood lacks after them is printed, and
what they have in common is held to be equal, the likelihood at given variances.
"""

import warnings
from functools import partial

import numpy as np
from timed import Arrays, Row, agreement, in_turns, main, runs_of

from flows.models.sample import FloatArray
from flows.screening.blocks import over_blocks
from flows.screening.local_level import BLOCK, fit_local_levels, level_loglik

SEED = 20261127
SERIES, PERIODS = 40_000, 30
PART = {"simdkalman": 4_000, "statsmodels": 400, "statsmodels, Powell": 400}
"""Series of the peers, of which all would take minutes or hours."""

ROUNDS = 100
"""Rounds of simdkalman; five are its default."""

WORK = "local level of {:,} series"
GIVEN = "likelihood of {:,} local levels at given variances"


def walks_behind_noise(count: int) -> FloatArray:
    """Return random walks behind noise whose ratio of variances is of any size."""
    rng = np.random.default_rng(SEED)
    sizes = 10 ** rng.uniform(-1.5, 1, size=(count, 1))
    noise, shocks = rng.normal(size=(2, count, PERIODS))
    return np.asarray(noise + (sizes * shocks).cumsum(axis=1))


def of_flows(values: FloatArray) -> Arrays:
    """Find the most likely variances of all series."""
    fits = over_blocks(partial(fit_local_levels, form="level"), values, block=BLOCK)
    return {"noise": fits.noise_variance, "level": fits.level_variance, "loglik": fits.loglik}


def of_simdkalman(values: FloatArray) -> Arrays:
    """Improve the variances of all series, from the variance of their changes."""
    import simdkalman  # noqa: PLC0415 - a peer that tests do without

    noise, level = given(values)
    start = simdkalman.KalmanFilter(
        state_transition=[[1.0]],
        process_noise=level[:, None, None],
        observation_model=[[1.0]],
        observation_noise=noise[:, None, None],
    )
    found = start.em(
        values,
        n_iter=ROUNDS,
        initial_value=values[:, :1, None],
        initial_covariance=noise[:, None, None],
    )
    return {"noise": found.observation_noise[:, 0, 0], "level": found.process_noise[:, 0, 0]}


def of_statsmodels(values: FloatArray, method: str = "lbfgs") -> Arrays:
    """Find the same one series after the other, without covariances of the estimates."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents  # noqa: PLC0415

    params = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for row in values:
            model = UnobservedComponents(row, level="local level", use_exact_diffuse=True)
            params.append(model.fit(disp=False, cov_type="none", method=method).params)
    noise, level = np.array(params).T
    return {"noise": noise, "level": level}


def given(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return variances of noise and level that make up the changes of each series."""
    squares = np.mean(np.diff(values, axis=1) ** 2, axis=1)
    return squares / 4, squares / 2


def given_flows(values: FloatArray) -> Arrays:
    """Return the likelihood at given variances."""
    variances = np.array(given(values))
    parts = [np.s_[start : start + BLOCK] for start in range(0, len(values), BLOCK)]
    return {
        "loglik": np.concatenate(
            [level_loglik(values[part], *variances[:, part]) for part in parts]
        )
    }


def given_simdkalman(values: FloatArray) -> Arrays:
    """Return the same: the first value says where the level is, but for the noise."""
    import simdkalman  # noqa: PLC0415 - a peer that tests do without

    noise, level = (variances[:, None, None] for variances in given(values))
    model = simdkalman.KalmanFilter([[1.0]], level, [[1.0]], noise)
    found = model.compute(
        values[:, 1:],
        n_test=0,
        initial_value=values[:, :1, None],
        initial_covariance=noise + level,
        smoothed=False,
        observations=False,
        log_likelihood=True,
    )
    return {"loglik": found.log_likelihood - values.shape[1] * np.log(2 * np.pi) / 2}


WORKS = {
    "flows": of_flows,
    "simdkalman": of_simdkalman,
    "statsmodels": of_statsmodels,
    "statsmodels, Powell": partial(of_statsmodels, method="powell"),
    "flows, given": given_flows,
    "simdkalman, given": given_simdkalman,
}


def lacking(ours: Arrays, theirs: Arrays, values: FloatArray) -> str:
    """Say what the likelihood at a peer's variances lacks to the one found here."""
    peer = level_loglik(values, theirs["noise"], theirs["level"])
    lack = ours["loglik"][: len(peer)] - peer
    if lack.min() < -1e-9:
        raise ValueError(f"expected no higher likelihood, found one higher by {-lack.min():.3g}")
    if lack.max() <= 1e-6:
        return "the same"
    low = np.mean(lack > 1e-3)
    return f"log-likelihood lower by 0.001 or more in {low:.1%}, by {lack.max():.2g} at most"


def rows(*, quick: bool) -> list[Row]:
    """Time all works, and those of the package at sizes that grow."""
    share = 10 if quick else 1
    values = walks_behind_noise(SERIES // share)
    parts = {name: values[: size // share] for name, size in PART.items()}
    inputs = {"flows": values, **parts, "flows, given": values, "simdkalman, given": values}
    found = in_turns(__file__, inputs, runs=runs_of(quick=quick))
    ours, name = found["flows"], WORK.format(len(values))
    table = [Row(name, "flows", ours.runs, "the reference")]
    for peer, part in parts.items():
        agreed = lacking(ours.arrays, found[peer].arrays, part)
        by = f"{peer}, {ROUNDS} rounds" if peer == "simdkalman" else peer
        table.append(Row(name, by, found[peer].runs, agreed, times=len(values) / len(part)))
    own, peers = found["flows, given"], found["simdkalman, given"]
    agreed = agreement(own.arrays, peers.arrays, rtol=1e-9)
    table += [
        Row(GIVEN.format(len(values)), "flows", own.runs, "the reference"),
        Row(GIVEN.format(len(values)), "simdkalman", peers.runs, agreed),
    ]
    return [*table, *growth(quick=quick)]


def growth(*, quick: bool) -> list[Row]:
    """Time the package on a tenth of the series, and on ten times as many."""
    sizes = (SERIES // 100,) if quick else (SERIES // 10, SERIES * 10)
    return [
        Row(
            WORK.format(size),
            "flows",
            in_turns(__file__, {"flows": walks_behind_noise(size)}, runs=runs_of(quick=quick))[
                "flows"
            ].runs,
            "the reference",
        )
        for size in sizes
    ]


if __name__ == "__main__":
    main(WORKS, rows)
