"""The simulation of gravity: what is drawn, and that the public function is what is tested."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from gravity_coverage import (
    CASES,
    PERSISTENCE,
    SHARED,
    VARIANCES,
    Place,
    Sample,
    coverage,
    draw,
    estimates,
    log_normal,
    main,
    one_sample,
    peer_estimates,
    remembered,
    symmetric_normal,
)
from simulated import monte_carlo_error

import flows as fl

FAR = 4
"""Monte Carlo standard errors; chance goes further once in 16,000 times."""

CHOICES = ("robust", "pair", "exporter", "importer", "two-way", "dyadic")


def drawn(case: str, countries: int = 8, years: int = 3) -> Sample:
    return draw(case, countries, years, np.random.default_rng(1))


def as_panel(sample: Sample) -> pd.DataFrame:
    names = np.array([f"AA{letter}" for letter in "ABCDEFGH"])
    return pd.DataFrame(
        {
            "exporter": names[sample.exporter],
            "importer": names[sample.importer],
            "year": 2001 + sample.year,
            "value": sample.y,
            "x": sample.x,
        }
    )


@pytest.mark.parametrize("variance", [0.2, 1.0, 4.0])
def test_errors_have_mean_one_and_their_variance(variance: float) -> None:
    normal = np.random.default_rng(1).normal(size=400_000)
    errors = np.exp(log_normal(normal, np.full(len(normal), variance)))
    spread = np.std(errors) / np.sqrt(len(errors))
    assert errors.mean() == pytest.approx(1, abs=FAR * spread)
    of_squares = np.std((errors - 1) ** 2) / np.sqrt(len(errors))
    assert errors.var() == pytest.approx(variance, abs=FAR * of_squares)


def test_a_pair_remembers_its_errors() -> None:
    errors = remembered(np.random.default_rng(1).normal(size=(40_000, 4)))
    found = np.corrcoef(errors, rowvar=False)
    lag = np.abs(np.subtract.outer(np.arange(4), np.arange(4)))
    assert np.abs(found - PERSISTENCE**lag).max() < FAR / np.sqrt(len(errors))
    assert errors.std(axis=0) == pytest.approx(np.ones(4), abs=FAR / np.sqrt(len(errors)))


def test_distance_is_the_same_both_ways() -> None:
    distance = symmetric_normal(np.random.default_rng(1), 200)
    assert (distance == distance.T).all()
    assert np.std(distance[np.triu_indices(200, 1)]) == pytest.approx(1, abs=FAR / 141)


def test_cases_of_one_number_differ_in_their_errors_alone() -> None:
    samples = [drawn(case) for case in VARIANCES]
    for other in samples[1:]:
        assert (other.x == samples[0].x).all()
        assert (other.y != samples[0].y).all()


@pytest.mark.parametrize("case", CASES)
def test_a_sample_is_a_square_of_countries_and_years(case: str) -> None:
    sample = drawn(case)
    cells = as_panel(sample)[["exporter", "importer", "year"]]
    assert len(cells) == 8 * 7 * 3
    assert not cells.duplicated().any()
    assert (sample.y > 0).all()
    assert (pd.Series(sample.codes["pair"]).groupby(cells["year"]).nunique() == 8 * 7).all()


@pytest.mark.parametrize("years", [1, 3])
def test_simulated_errors_are_those_of_fit_gravity(years: int) -> None:
    sample = drawn(SHARED, years=years)
    found = estimates(sample)
    fit = partial(
        fl.fit_gravity, as_panel(sample), effects="two-way" if years == 1 else "three-way"
    )
    for se in CHOICES:
        assert fit(se=se).std_errors["x"] == pytest.approx(found[se].error, rel=1e-9)
        assert fit(se=se).params["x"] == pytest.approx(found[se].value, rel=1e-9)
    corrected = fit(correct=True)
    assert corrected.std_errors["x"] == pytest.approx(found["adjusted"].error, rel=1e-9)
    assert corrected.params["x"] == pytest.approx(found["corrected"].value, rel=1e-9)


def test_errors_of_countries_need_more_than_pairs() -> None:
    samples = 60
    place = Place(SHARED, 20, 2)
    found = [one_sample(place, number, seed=1, peer=False) for number in range(samples)]
    covered = coverage(found).covered
    assert covered["pair"] < 0.95 - FAR * monte_carlo_error(0.95, samples)
    assert covered["dyadic"] > covered["pair"]


def test_leverage_makes_errors_by_pair_larger() -> None:
    for number in range(5):
        found = one_sample(Place("constant in logs", 10, 2), number, seed=1, peer=False)
        assert found["adjusted"].error > found["pair"].error


def test_coverage_by_hand() -> None:
    two = [{"pair": (1.1, 0.06)}, {"pair": (0.8, 0.01)}]
    summary = coverage(two)  # type: ignore[arg-type]
    assert summary.covered["pair"] == 0.5
    assert summary.bias["pair"] == pytest.approx(100 * -0.05 / np.std([1.1, 0.8], ddof=1))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_peer_has_the_same_estimate() -> None:
    pytest.importorskip("pyfixest", reason="a peer, not a need: pip install .[bench]")
    sample = drawn("constant in logs")
    theirs = peer_estimates(sample)["pyfixest"]
    assert theirs.value == pytest.approx(estimates(sample)["pair"].value, rel=1e-6)


def test_the_tables_are_printed_and_processes_change_no_digit(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gravity_coverage.THREE_WAY", ((6, 2),))
    monkeypatch.setattr("gravity_coverage.TWO_WAY", ((6, 1),))
    main(["--samples", "4", "--no-peer"])
    alone = capsys.readouterr().out
    main(["--samples", "4", "--no-peer", "--processes", "2"])
    assert capsys.readouterr().out == alone
    assert alone.count("| variance as the mean | 6 |") == 2
    assert "4 samples, seed 20261127;" in alone
