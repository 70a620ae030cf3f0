"""Tests of constancy on a series: those of R on the Nile, a season by hand, what is refused."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from comparison import nile, read

from flows.errors import SampleError
from flows.models.fluctuation import ols_cusum
from flows.models.stability import FluctuationKind, chow_test, fluctuation_test

STRUCCHANGE = read("strucchange")
CASE = STRUCCHANGE["cases"]["nile-const"]
NILE = pd.Series(nile(), index=pd.period_range("1871", "1970", freq="Y"))
SHORT = pd.Series([1.0, 2.5, 2.0, 4.5, 9.0, 11.5], index=pd.Index(range(1395, 1401)))


def test_chow_of_the_nile_is_that_of_r() -> None:
    # R dates the break by the last year of the old regime, 1898.
    test = chow_test(NILE.sample(frac=1.0, random_state=1), at="1899")
    assert (test.statistic, test.pvalue) == pytest.approx(
        tuple(STRUCCHANGE["chow_nile_1898"]), rel=1e-10
    )


@pytest.mark.parametrize(
    ("kind", "name"), [("recursive-cusum", "Rec-CUSUM"), ("ols-cusum", "OLS-CUSUM")]
)
def test_cusum_of_the_nile_is_that_of_r(kind: FluctuationKind, name: str) -> None:
    found = fluctuation_test(NILE, kind=kind)
    expected = CASE["fluctuation"][name]
    assert found.test.statistic == pytest.approx(expected[0], rel=1e-8)
    assert found.pvalue == pytest.approx(expected[1], rel=1e-6)
    assert str(found.process.index[-1]) == "1970"
    assert len(found.process) == (99 if kind == "recursive-cusum" else 100)


def test_mosum_of_the_nile_is_that_of_r() -> None:
    first, second = (
        fluctuation_test(NILE, kind="ols-mosum", bandwidth=CASE["mosum_bandwidth"], rng=1995)
        for _ in range(2)
    )
    assert first.test.statistic == pytest.approx(CASE["fluctuation"]["OLS-MOSUM"][0], rel=1e-9)
    assert first.pvalue == second.pvalue
    window = int(CASE["mosum_bandwidth"] * 100)
    assert str(first.process.index[0]) == str(1870 + window)


def test_ols_cusum_by_hand_and_its_frame() -> None:
    found = fluctuation_test(SHORT, kind="ols-cusum")
    deviations = SHORT - SHORT.mean()
    by_hand = deviations.cumsum() / (deviations.std(ddof=1) * np.sqrt(6))
    pd.testing.assert_series_equal(found.process, by_hand.rename("process"))
    assert found.tidy()["process"].to_list() == pytest.approx(by_hand.to_list())
    assert "furthest from zero in 1398" in found.summary()


def test_a_season_stays_the_same_on_both_sides() -> None:
    quarters = pd.period_range("2018Q1", periods=16, freq="Q")
    season = np.tile([3.0, -1.0, 1.0, -3.0], 4)
    noise = np.random.default_rng(4).normal(scale=0.1, size=16)
    y = pd.Series(season + noise + np.where(np.arange(16) >= 8, 2.0, 0.0), index=quarters)
    test = chow_test(y, at="2020Q1", season="dummies")
    assert test.df == (1.0, 11.0)
    # Against the same regression with a dummy for the second half, by its squared t ratio.
    x = np.column_stack([np.eye(4)[np.arange(16) % 4], np.arange(16) >= 8])
    params, rss, *_ = np.linalg.lstsq(x, y.to_numpy(), rcond=None)
    t = params[4] / np.sqrt(rss[0] / 11 * np.linalg.inv(x.T @ x)[4, 4])
    assert test.statistic == pytest.approx(t**2, rel=1e-9)
    steady = fluctuation_test(y - np.where(np.arange(16) >= 8, 2.0, 0.0), season="dummies")
    assert not steady.test.rejects()


def test_fluctuation_does_not_hang_on_the_order_of_rows() -> None:
    x = np.ones((6, 1))
    shuffled = SHORT.iloc[[3, 1, 0, 5, 4, 2]]
    found = fluctuation_test(shuffled, kind="ols-cusum")
    assert found.process.to_list() == ols_cusum(x, SHORT.to_numpy()).process[1:].tolist()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"kind": "cusum"}, ValueError, "kind to be one of recursive-cusum, ols-cusum, ols-mosum"),
        ({"regime": "level"}, ValueError, "regime to be one of mean, trend"),
        ({"kind": "ols-mosum"}, ValueError, "expected rng, a seed"),
        ({"kind": "ols-cusum", "rng": 1}, ValueError, "with kind='ols-mosum' and only there"),
        ({"kind": "ols-mosum", "rng": 1, "bandwidth": 0.01}, ValueError, "expected a window of 1"),
        ({"season": "dummies"}, SampleError, "a series of years has no season"),
    ],
)
def test_fluctuation_requests_that_are_refused(
    options: dict[str, Any], error: type[ValueError], message: str
) -> None:
    with pytest.raises(error, match=message):
        fluctuation_test(SHORT, **options)


def test_samples_that_carry_no_test_are_refused() -> None:
    with pytest.raises(SampleError, match=r"2 observations on each side .* found 1 before and 5"):
        chow_test(SHORT, at=1396, regime="trend")
    with pytest.raises(SampleError, match="fits every value exactly"):
        chow_test(SHORT.where(SHORT > 4, 1.0).where(SHORT < 4, 5.0), at=1398)
    with pytest.raises(SampleError, match="at least 4 observations for 2 coefficients, found 3"):
        fluctuation_test(SHORT.iloc[:3], regime="trend")
    with pytest.raises(ValueError, match="a date like 1395"):
        chow_test(SHORT, at="soon")
