"""The benchmark of gravity: its panels are whole, and both programs fit the same."""

import numpy as np
import pandas as pd
import pytest
from gravity_speed import (
    MODELS,
    PEERS,
    YEARS,
    among_few,
    apart,
    of_flows,
    of_pyfixest,
    panel,
    totals,
    world,
)

import flows as fl

COUNTRIES = 8
SMALL = world(COUNTRIES)


def test_a_world_has_every_pair_in_every_year() -> None:
    cells = pd.DataFrame(SMALL[:, :3], columns=["exporter", "importer", "year"])
    assert len(cells) == COUNTRIES * (COUNTRIES - 1) * YEARS
    assert not cells.duplicated().any()
    assert (cells["exporter"] != cells["importer"]).all()
    assert 0 < np.mean(SMALL[:, 3] == 0) < 1 / 2


def test_a_world_is_decided_by_its_seed() -> None:
    assert (world(COUNTRIES) == SMALL).all()
    assert (world(COUNTRIES, seed=1) != SMALL).any()


def test_effects_have_a_number_for_each_country_and_year_and_each_pair() -> None:
    levels = panel(SMALL)[list(MODELS["three-way"])].nunique()
    by_year = COUNTRIES * YEARS
    assert levels.tolist() == [by_year, by_year, COUNTRIES * (COUNTRIES - 1)]


def test_the_totals_are_those_of_baci_with_zeros_beside() -> None:
    values = totals("two-way")
    stated = fl.load("baci-totals@2020")
    known = set(fl.pair_covariates().dropna(subset=["log_distance"])["exporter"])
    among = stated[stated["exporter"].isin(known) & stated["importer"].isin(known)]
    assert values[:, 3].sum() == pytest.approx(among["value"].sum(), rel=1e-12)
    assert np.sum(values[:, 3] > 0) == len(among)
    countries = len({*among["exporter"]} | {*among["importer"]})
    assert len(values) == countries * (countries - 1) * 6


def test_regressors_of_pairs_change_over_time_where_pairs_have_effects() -> None:
    fixed, changing = totals("two-way"), totals("three-way")
    assert (changing[:, 4] == fixed[:, 4] * fixed[:, 2]).all()


def test_a_work_is_run_on_few_countries_first() -> None:
    part = among_few(world(30))
    assert len(part) == 25 * 24 * YEARS


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_both_programs_find_the_same(model: str) -> None:
    pytest.importorskip("pyfixest", reason="a peer, not a need: pip install .[bench]")
    ours = of_flows(MODELS[model], SMALL)
    *_, exact = PEERS.values()
    theirs = of_pyfixest(MODELS[model], exact, SMALL)
    assert theirs["params"] == pytest.approx(ours["params"], rel=1e-12)
    # pyfixest weighs its scores by the means of the round before the last one.
    assert theirs["std_errors"] == pytest.approx(ours["std_errors"], rel=1e-7)


def test_how_far_apart_results_are_is_said_of_the_worst() -> None:
    ours = {"params": np.array([1.0, 2.0]), "std_errors": np.array([0.1, 0.2])}
    assert apart(ours, ours) == "the same"
    theirs = ours | {"std_errors": np.array([0.1, 0.2 * (1 + 3e-6)])}
    assert apart(ours, theirs) == "errors differ by 3e-06"
