"""Standard errors of gravity: printed tables, programs, brute force, and six rows by hand."""

import json
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.sandwich_covariance import cov_cluster, cov_cluster_2groups

from flows.errors import SampleError
from flows.models.covariance import classical
from flows.models.gravity.conventions import (
    NOT_POSITIVE,
    RAISED,
    TRUNCATED,
    GravityError,
    PairKind,
    Scores,
    SharedCovariance,
    clustered_covariance,
    gravity_covariance,
    spread_of,
)
from flows.models.gravity.effects import effect_of
from flows.models.gravity.poisson import fit_absorbed
from flows.models.least_squares import fit_least_squares
from flows.models.sample import FloatArray, IntArray

ROUNDING = 1e-12
"""Relative to the largest element; sums of the same products in another order."""

NAMED: tuple[GravityError, ...] = (
    "robust",
    "pair",
    "exporter",
    "importer",
    "two-way",
    "dyadic",
)


class Fitted(NamedTuple):
    names: list[str]
    params: FloatArray
    scores: Scores
    exporter: IntArray
    importer: IntArray

    def errors(self, se: GravityError, pair: PairKind = "directed") -> FloatArray:
        found = gravity_covariance(self.scores, self.exporter, self.importer, se=se, pair=pair)
        return np.asarray(np.sqrt(np.diag(found.matrix)))


def published(folder: Path, name: str) -> Any:
    return json.loads((folder / "gravity" / "expected.json").read_text(encoding="utf-8"))[name]


def members_of(exporter: pd.Series, importer: pd.Series) -> tuple[IntArray, IntArray]:
    both = pd.concat([exporter.astype("str"), importer.astype("str")])
    codes = pd.factorize(both, sort=True)[0].astype(np.int64)
    return codes[: len(exporter)], codes[len(exporter) :]


def poisson(
    data: pd.DataFrame,
    names: list[str],
    absorb: list[list[str]],
    *,
    pair: tuple[str, str] = ("exporter", "importer"),
) -> Fitted:
    x, y = data[names].to_numpy(dtype=float), data["trade"].to_numpy(dtype=float)
    fit = fit_absorbed(x, y, [effect_of(data, columns) for columns in absorb], names)
    scores = Scores(fit.x_tilde, fit.mean, y - fit.mean, fit.bread, spread_of(x))
    return Fitted(names, fit.params, scores, *members_of(data[pair[0]], data[pair[1]]))


def assert_printed(
    fitted: Fitted, errors: FloatArray, table: dict[str, list[float]], *, within: float
) -> None:
    for name, (estimate, std_error) in table.items():
        place = fitted.names.index(name)
        assert fitted.params[place] == pytest.approx(estimate, abs=within), name
        assert errors[place] == pytest.approx(std_error, abs=within), name


def test_seven_errors_of_rose_as_printed(shared_reference: Path) -> None:
    """Cameron and Miller (2014), table 4B: least squares with effects of years, three decimals."""
    data = pd.read_parquet(shared_reference / "gravity" / "rose-2004.parquet")
    left = ["ltrade", "ctry1", "ctry2", "pair", "year"]
    names = [name for name in data.columns if name not in left]
    centred = data[["ltrade", *names]] - data.groupby("year")[["ltrade", *names]].transform("mean")
    x, y = centred[names].to_numpy(), centred["ltrade"].to_numpy()
    fit = fit_least_squares(x, y)
    scores = Scores(x, np.ones(len(y)), fit.resids, fit.bread, spread_of(data[names].to_numpy()))
    rose = Fitted(names, fit.params, scores, *members_of(data["ctry1"], data["ctry2"]))
    found = [
        fit.params,
        np.sqrt(np.diag(classical(x, fit.resids))),
        *(rose.errors(se) for se in NAMED),
    ]
    expected = published(shared_reference, "rose-2004")
    for name in ("bothin", "onein", "gsp", "ldist"):
        here = [column[names.index(name)] for column in found]
        assert here == pytest.approx(expected[name], abs=0.0005), name


def test_errors_of_three_way_effects_as_printed_by_ppmlhdfe(shared_reference: Path) -> None:
    data = pd.read_csv(shared_reference / "gravity" / "ppmlhdfe-example-3.csv.gz", comment="#")
    effects = [["isoexp", "year"], ["isoimp", "year"], ["isoexp", "isoimp"]]
    fitted = poisson(data, ["fta"], effects, pair=("isoexp", "isoimp"))
    expected = published(shared_reference, "ppmlhdfe-example-3")
    table = {"fta": [expected["b"]["fta"], expected["se_cluster_pair"]["fta"]]}
    assert_printed(fitted, fitted.errors("pair"), table, within=5e-8)


@pytest.mark.parametrize(
    ("application", "names"),
    [
        ("application 1 (4)", ["log_dist", "cntg", "lang", "clny"]),
        ("application 2 (3)", []),
    ],
)
def test_errors_by_undirected_pair_of_the_advanced_guide(
    application: str, names: list[str], shared_reference: Path
) -> None:
    data = pd.read_csv(shared_reference / "gravity" / "advanced-guide.csv.gz", comment="#")
    table = dict(published(shared_reference, "advanced-guide")[application])
    nobs = table.pop("n")
    inside = data["exporter"] == data["importer"]
    data["log_dist"] = np.log(data["dist"])
    absorb = [["exporter", "year"], ["importer", "year"]]
    if names:
        data = data[~inside]
    else:
        years = sorted(data["year"].unique())
        for year in years:
            data[f"log_dist_{year}"] = data["log_dist"] * (data["year"] == year) * ~inside
        data["log_dist_intra"] = data["log_dist"] * inside
        others = ["cntg", "lang", "clny", "log_dist_intra"]
        names = [*(f"log_dist_{year}" for year in years), *others]
    fitted = poisson(data, names, absorb)
    assert len(data) == nobs
    assert_printed(fitted, fitted.errors("pair", "undirected"), table, within=5e-5)


def test_robust_errors_of_the_log_of_gravity(shared_reference: Path) -> None:
    data = pd.read_csv(shared_reference / "gravity" / "log-of-gravity.csv.gz", comment="#")
    data["one"] = 1.0
    tables = published(shared_reference, "log-of-gravity")
    countries = ("ex_feenstra", "im_feenstra")
    plain, structural = tables["table 3 PPML"], tables["table 5 PPML"]
    fitted = poisson(data, [*plain, "one"], [], pair=countries)
    # Two of the printed errors are cut off, not rounded.
    assert_printed(fitted, fitted.errors("robust"), plain, within=0.0006)
    absorb = [[country] for country in countries]
    fitted = poisson(data, list(structural), absorb, pair=countries)
    assert_printed(fitted, fitted.errors("robust"), structural, within=0.0005)


BY_HAND: dict[tuple[GravityError, PairKind], float] = {
    ("robust", "directed"): 0.25 * 20 * 6 / 5,
    ("pair", "directed"): 0.25 * 20 * 6 / 5,
    ("pair", "undirected"): 0.25 * 16 * 3 / 2,
    ("exporter", "directed"): 0.25 * 14 * 3 / 2,
    ("importer", "directed"): 0.25 * 38 * 3 / 2,
    ("two-way", "directed"): 0.25 * (14 + 38 - 20) * 3 / 2,
    ("dyadic", "directed"): 0.25 * (32 - 16) * 2 / 1,
}
"""
Sums of exporters are 3, 2, -1, of importers -3, 2, 5, of undirected pairs 0, 0, 4, of countries 0,
4, 4; the bread is a half.
"""


@pytest.mark.parametrize(("se", "pair"), BY_HAND)
def test_six_pairs_by_hand(se: GravityError, pair: PairKind) -> None:
    exporter, importer = np.array([0, 0, 1, 1, 2, 2]), np.array([1, 2, 0, 2, 0, 1])
    resids = np.array([1.0, 2, -1, 3, -2, 1])
    scores = Scores(np.ones((6, 1)), np.ones(6), resids, np.array([[0.5]]), np.ones(1))
    found = gravity_covariance(scores, exporter, importer, se=se, pair=pair)
    assert found.matrix.tolist() == [[pytest.approx(BY_HAND[se, pair])]]
    assert found.remedy == ""


def drawn(seed: int, *, nobs: int = 60, k: int = 3) -> Scores:
    """Return a fit by least squares."""
    rng = np.random.default_rng(seed)
    x, weights = rng.normal(size=(nobs, k)), rng.uniform(0.5, 2, size=nobs)
    bread = np.asarray(np.linalg.inv((x.T * weights) @ x))
    noise = rng.normal(size=nobs)
    resids = weights * (noise - x @ bread @ (x.T @ (weights * noise)))
    return Scores(x, weights, resids, bread, spread_of(x))


def codes(seed: int, *levels: int, nobs: int = 60) -> list[IntArray]:
    rng = np.random.default_rng(seed)
    return [rng.integers(0, number, size=nobs) for number in levels]


def brute_force(influence: FloatArray, kinds: list[IntArray]) -> FloatArray:
    """Add the products of all couples that share a cluster of any kind."""
    meat = np.zeros((influence.shape[1],) * 2)
    for i, j in product(range(len(influence)), repeat=2):
        if any(kind[i] == kind[j] for kind in kinds):
            meat += np.outer(influence[i], influence[j])
    return meat


def close(found: FloatArray, expected: FloatArray) -> bool:
    return bool(np.abs(found - expected).max() < 1e-10 * np.abs(expected).max())


@pytest.mark.parametrize("levels", [(9,), (9, 7), (9, 7, 5), (9, 7, 5, 4)])
@pytest.mark.parametrize("seed", range(8))
def test_clusters_of_several_kinds_are_counted_once(levels: tuple[int, ...], seed: int) -> None:
    scores, kinds = drawn(seed), codes(seed, *levels)
    found = clustered_covariance(
        scores, {f"kind {place}": kind for place, kind in enumerate(kinds)}
    )
    factor = min(levels) / (min(levels) - 1)
    expected = factor * brute_force(scores.influence, kinds)
    if found.remedy:
        assert np.linalg.eigvalsh(expected)[0] < 0
        assert np.linalg.eigvalsh(found.matrix)[0] > -1e-12
    else:
        assert close(found.matrix, expected)


@pytest.mark.parametrize("seed", range(8))
def test_named_choices_are_clusters(seed: int) -> None:
    scores, (exporter, importer) = drawn(seed), codes(seed, 8, 8)
    both = {"exporter": exporter, "importer": importer}
    pairs = {"pair": exporter * 8 + importer}
    for se, clusters in {"two-way": both, "pair": pairs, "robust": {}}.items():
        named = gravity_covariance(scores, exporter, importer, se=se)  # type: ignore[arg-type]
        assert close(named.matrix, clustered_covariance(scores, clusters).matrix)


@pytest.mark.parametrize("se", NAMED)
@given(seed=st.integers(0, 10_000))
def test_neither_order_nor_names_nor_units_matter(se: GravityError, seed: int) -> None:
    scores, (exporter, importer) = drawn(seed), codes(seed, 8, 8)
    before = gravity_covariance(scores, exporter, importer, se=se)
    rng = np.random.default_rng(seed)
    order, names = rng.permutation(60), rng.permutation(8)
    unit = np.array([1e9, 1e-3, 1.0])
    turned = Scores(
        scores.x_tilde[order] * unit,
        scores.weights[order] * 1e9,
        scores.resids[order] * 1e9,
        scores.bread / np.outer(unit, unit) / 1e9,
        scores.spread * unit,
    )
    after = gravity_covariance(turned, names[exporter][order], names[importer][order], se=se)
    length = np.sqrt(np.diag(before.matrix))
    assert after.covariance_type == before.covariance_type
    assert after.matrix * np.outer(unit, unit) / np.outer(length, length) == pytest.approx(
        before.matrix / np.outer(length, length), abs=1e-9
    )
    assert after.effective == pytest.approx(before.effective)


@pytest.mark.parametrize("se", NAMED)
def test_order_of_many_rows_changes_nothing_beyond_rounding(se: GravityError) -> None:
    scores, (exporter, importer) = drawn(3, nobs=20_000), codes(3, 40, 40, nobs=20_000)
    order = np.random.default_rng(0).permutation(20_000)
    turned = replace(
        scores,
        x_tilde=scores.x_tilde[order],
        weights=scores.weights[order],
        resids=scores.resids[order],
    )
    before = gravity_covariance(scores, exporter, importer, se=se).matrix
    after = gravity_covariance(turned, exporter[order], importer[order], se=se).matrix
    assert np.abs(after - before).max() < ROUNDING * np.abs(before).max()


def test_clusters_of_one_row_are_robust() -> None:
    scores = drawn(1)
    alone = clustered_covariance(scores, {"row": np.arange(60)})
    assert close(alone.matrix, clustered_covariance(scores, {}).matrix)


def test_dyads_of_pairs_that_share_nobody_are_pairs() -> None:
    scores = drawn(2)
    exporter = np.repeat(np.arange(0, 40, 2), 3)
    importer = exporter + 1
    reverse = np.arange(60) % 3 == 0
    exporter, importer = (
        np.where(reverse, importer, exporter),
        np.where(reverse, exporter, importer),
    )
    dyadic, pairs = (
        gravity_covariance(
            scores, exporter, importer, se=se, pair="undirected", small_sample="none"
        )
        for se in ("dyadic", "pair")
    )
    assert close(dyadic.matrix, pairs.matrix)
    assert (dyadic.clusters, pairs.clusters) == ({"countries": 40}, {"undirected pairs": 20})


def test_domestic_trade_is_in_the_dyads_of_its_country_once() -> None:
    scores, (exporter, importer) = drawn(5), codes(5, 8, 8)
    scores = replace(scores, resids=np.abs(scores.resids) * exporter)
    influence = scores.influence
    meat = np.zeros((3, 3))
    for i, j in product(range(60), repeat=2):
        if {exporter[i], importer[i]} & {exporter[j], importer[j]}:
            meat += np.outer(influence[i], influence[j])
    found = gravity_covariance(scores, exporter, importer, se="dyadic")
    assert (exporter == importer).any()
    assert found.remedy == ""
    assert close(found.matrix, 7 / 6 * meat)


@pytest.mark.parametrize("seed", range(4))
def test_least_squares_as_in_statsmodels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(60, 3)), rng.normal(size=60)
    first, second = codes(seed, 9, 7)
    fit = OLS(y, x).fit()
    scores = Scores(x, np.ones(60), fit.resid, np.asarray(np.linalg.inv(x.T @ x)), spread_of(x))
    one = clustered_covariance(scores, {"first": first}, small_sample="fixest")
    assert close(one.matrix, cov_cluster(fit, first))
    two = clustered_covariance(scores, {"first": first, "second": second}, small_sample="none")
    expected, *_ = cov_cluster_2groups(fit, first, second, use_correction=False)
    if not two.remedy:
        assert close(two.matrix, expected)
    robust = clustered_covariance(scores, {}, small_sample="fixest")
    assert close(robust.matrix, fit.cov_HC1)


def test_constants_of_effects_are_counted_as_by_fixest() -> None:
    """K of one slope with effects of 6 pairs and 2 years; by pair only years and one remain."""
    pair, year = np.repeat(np.arange(6), 10), np.tile([0, 1], 30)
    scores = drawn(1, k=1)
    words = {
        name: clustered_covariance(
            scores, clusters, small_sample="fixest", effects=[pair, year]
        ).covariance_type
        for name, clusters in {
            "robust": {},
            "pair": {"pair": pair},
            "both": {"pair": pair, "year": year},
            "other": {"other": np.arange(60) % 7},
        }.items()
    }
    assert {name: text.rpartition(" = ")[2] for name, text in words.items()} == {
        "robust": str(1 + 6 + 2 - 1),
        "pair": str(1 + 2),
        "both": str(1 + 1),
        "other": str(1 + 6 + 2 - 1),
    }
    plain = clustered_covariance(scores, {"pair": pair})
    scaled = clustered_covariance(
        scores, {"pair": pair}, small_sample="fixest", effects=[pair, year]
    )
    assert scaled.matrix == pytest.approx(plain.matrix * 59 / (60 - 3))


def not_positive() -> tuple[Scores, dict[str, IntArray]]:
    """Return slopes with variances of their own, and a combination of them without."""
    for seed in range(200):
        scores = drawn(seed)
        clusters = dict(zip(("exporter", "importer"), codes(seed, 4, 4), strict=True))
        values = brute_force(scores.influence, list(clusters.values()))
        if (np.diag(values) > 0).all() and np.linalg.eigvalsh(values)[0] < 0:
            return scores, clusters
    raise AssertionError


def test_negative_eigenvalues_are_set_to_zero_as_by_reghdfe() -> None:
    scores, clusters = not_positive()
    found = clustered_covariance(scores, clusters)
    assert found.remedy == TRUNCATED
    assert found.covariance_type.endswith(TRUNCATED)
    assert np.linalg.eigvalsh(found.matrix)[0] == pytest.approx(0, abs=1e-15)
    as_it_is = clustered_covariance(scores, clusters, small_sample="fixest")
    assert as_it_is.remedy == NOT_POSITIVE
    plain = brute_force(scores.influence, list(clusters.values()))
    units = np.outer(scores.spread, scores.spread)
    added = (found.matrix * 3 / 4 - plain) * units
    values, vectors = np.linalg.eigh(plain * units)
    lost = vectors[:, values < 0] * -values[values < 0] @ vectors[:, values < 0].T
    assert close(added, lost)


def test_a_slope_with_a_negative_variance_gets_that_of_pairs() -> None:
    exporter, importer = np.array([0, 0, 1, 1]), np.array([2, 3, 2, 3])
    resids = np.array([1.0, -1, -1, 1])
    scores = Scores(np.ones((4, 1)), np.ones(4), resids, np.eye(1), np.ones(1))
    found = gravity_covariance(scores, exporter, importer, se="two-way")
    assert found.remedy == RAISED
    assert found.matrix.tolist() == [[pytest.approx(4 * 2 / 1)]]


def test_a_constant_without_a_variance_leaves_slopes_alone() -> None:
    """Where residuals of each exporter and importer add up to zero, those of a constant do too."""
    exporter, importer = (place.ravel() for place in np.indices((6, 6)))
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(6, 6))
    resids = (noise - noise.mean(0) - noise.mean(1)[:, None] + noise.mean()).ravel()
    x = np.column_stack([resids * np.where(exporter % 2, 1, -1), np.ones(36)])
    scores = Scores(x, np.ones(36), resids, np.eye(2) / 36, spread_of(x))
    assert scores.spread[1] == 0
    found = gravity_covariance(scores, exporter, importer, se="two-way")
    plain = brute_force(scores.influence, [exporter, importer])
    assert plain[1, 1] < 0
    assert found.remedy == ""
    assert found.matrix[0, 0] == pytest.approx(6 / 5 * plain[0, 0])
    assert found.matrix[1, 1] >= 0


def test_too_few_clusters_are_refused_in_words() -> None:
    scores = drawn(1)
    one = np.zeros(60, dtype=np.int64)
    with pytest.raises(SampleError, match="at least 2 clusters by exporter, found 1"):
        gravity_covariance(scores, one, np.arange(60), se="two-way")
    with pytest.raises(SampleError, match="at least 3 clusters by country, found 2"):
        gravity_covariance(scores, one, np.ones(60, dtype=np.int64), se="dyadic")
    with pytest.raises(SampleError, match="at least 2 clusters by firm, found 1"):
        clustered_covariance(scores, {"firm": one})


def test_few_clusters_are_named_with_their_coefficients() -> None:
    scores = drawn(1)
    five = clustered_covariance(scores, {"firm": np.arange(60) % 5})
    assert five.clusters == {"firm": 5}
    words = five.few_clusters(["a", "b", "c"])
    assert words.startswith("in equal clusters worth ")
    assert " for a" in words
    assert "tests reject too often" in words
    assert clustered_covariance(scores, {}).few_clusters(["a", "b", "c"]) == ""


def test_equal_clusters_are_worth_their_number() -> None:
    x = np.tile(np.array([[1.0], [-1.0]]), (30, 1))
    scores = Scores(x, np.ones(60), np.ones(60), np.eye(1) / 60, np.ones(1))
    found = clustered_covariance(scores, {"firm": np.repeat(np.arange(6), 10)})
    assert found.effective == pytest.approx([6.0])


@pytest.mark.parametrize(
    ("se", "pair", "words"),
    [
        ("robust", "directed", "robust, factor n/(n-1)"),
        ("pair", "directed", "clustered by pair, factor G/(G-1)"),
        ("pair", "undirected", "clustered by undirected pair, factor G/(G-1)"),
        (
            "two-way",
            "directed",
            "clustered by exporter and importer, factor G/(G-1) of the fewest",
        ),
        (
            "dyadic",
            "directed",
            "dyadic: shared by pairs with a country in common, factor (N-1)/(N-2)",
        ),
    ],
)
def test_the_convention_stands_in_the_result(se: GravityError, pair: PairKind, words: str) -> None:
    exporter, importer = np.array([0, 0, 1, 1, 2, 2]), np.array([1, 2, 0, 2, 0, 1])
    resids = np.array([1.0, 2, -1, 3, -2, 1])
    scores = Scores(np.ones((6, 1)), np.ones(6), resids, np.array([[0.5]]), np.ones(1))
    found: SharedCovariance = gravity_covariance(scores, exporter, importer, se=se, pair=pair)
    assert found.covariance_type == words
    assert found.df == np.inf


def test_unknown_names_are_refused() -> None:
    scores, (exporter, importer) = drawn(1), codes(1, 8, 8)
    with pytest.raises(ValueError, match="did you mean dyadic"):
        gravity_covariance(scores, exporter, importer, se="dyads")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="small_sample to be one of stata, none"):
        gravity_covariance(scores, exporter, importer, se="dyadic", small_sample="fixest")


def test_without_regressors_there_is_nothing_to_estimate() -> None:
    scores = Scores(np.empty((60, 0)), np.ones(60), np.ones(60), np.empty((0, 0)), np.empty(0))
    found = clustered_covariance(scores, {"firm": np.arange(60) % 5, "year": np.arange(60) % 4})
    assert found.matrix.shape == (0, 0)
