"""The synthetic worlds: built as they say, and reconciled as well as the page about them says."""

import numpy as np
import pandas as pd
import pytest
from synthetic_world import (
    CASES,
    FIRST_YEAR,
    NOMINAL,
    STD_DEVS,
    Case,
    World,
    judge,
    main,
    make_world,
    percent,
    root_mean_square,
    simulate,
)

from flows.compare.mirror_pairs import pair_mirrors
from flows.table import check_flows

FAR = 4
"""Standard errors; chance goes further once in 16,000 times."""
IDEAL = World(bias=0.0, lasting=0.0, late=0.0, silent=0.0, absent=0.0, concealed=0.0)


def test_statements_differ_from_the_truth_by_the_errors_of_their_reporters() -> None:
    made = make_world(IDEAL, (1, 1))
    exports = made.flows[made.flows["valuation"] == "FOB"]
    keys = [exports["exporter"], exports["importer"], exports["start"].dt.year]
    miss = np.log(exports["value"]) - made.truth.loc[pd.MultiIndex.from_arrays(keys)].to_numpy()
    spread = miss.groupby(exports["exporter"]).std()
    assert len(check_flows(made.flows)) == 2 * 20 * 19 * 6
    # 114 flows an exporter: a standard deviation is known to one part in 15.
    assert (spread / made.std_devs).between(1 - FAR / 15, 1 + FAR / 15).all()
    assert sorted(set(made.std_devs.round(12))) == list(STD_DEVS)


def test_silent_reporters_and_concealed_flows_are_there() -> None:
    world = World(silent=0.3, absent=0.0, concealed=0.1)
    made = make_world(world, (1, 1))
    assert made.flows["reporter"].nunique() < world.countries
    assert (made.flows["value"] == 0).mean() == pytest.approx(0.05, abs=0.02)
    statuses = pair_mirrors(made.flows, nominal_below=NOMINAL).counts()
    assert {"zero", "no reporter", "stated"} <= set(statuses.index)
    assert made.flows["start"].dt.year.min() == FIRST_YEAR


def test_a_world_is_the_same_from_the_same_seed() -> None:
    first, second = (judge(Case(World(countries=8)), (3, 4)) for _ in range(2))
    pd.testing.assert_frame_equal(first.flows, second.flows)
    pd.testing.assert_frame_equal(first.reporters, second.reporters)


def test_truth_is_covered_and_weights_beat_their_rivals() -> None:
    worlds = simulate(CASES["as the method assumes"], worlds=6, seed=1).worlds
    for column in ("both", "one", "unwidened"):
        error = worlds[column].std(ddof=1) / np.sqrt(len(worlds))
        assert worlds[column].mean() > 0.95 - max(FAR * error, 0.01)
    assert (worlds["both"] >= worlds["unwidened"]).all()
    for rival in ("equal", "importers_fob", "importers", "mean"):
        assert (worlds["rms_error"] < worlds[f"rms_{rival}"]).all()


def test_reliabilities_are_recovered() -> None:
    reporters = simulate(CASES["as the method assumes"], worlds=4, seed=1).reporters
    for _, rows in reporters.groupby("designed"):
        assert root_mean_square(rows["found"]) == pytest.approx(
            root_mean_square(rows["true"]), rel=0.15
        )


def test_what_all_exporters_understate_is_not_seen() -> None:
    fair, low = (
        simulate(Case(World(common=common), divisor=1), worlds=3, seed=1).worlds
        for common in (0.0, -0.1)
    )
    assert (low["bias"] - fair["bias"]).to_numpy() == pytest.approx(-0.1, abs=0.01)
    assert low["both"].mean() < fair["both"].mean() - 0.05


def test_error_of_a_share_is_that_between_worlds() -> None:
    assert percent(pd.Series([0.9, 1.0])) == "95.0 (5.0)"
    assert root_mean_square(pd.Series([3.0, 4.0])) == pytest.approx(np.sqrt(12.5))


def test_quick_run_prints_every_table(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--quick"])
    printed = capsys.readouterr().out
    assert [line for line in printed.splitlines() if line.startswith("###")] == [
        "### Coverage of the truth",
        "### Errors of the values, in logs",
        "### Reliabilities",
    ]
    assert all(printed.count(f"| {name} |") == 2 + len(STD_DEVS) for name in CASES)
    assert "seed 20261123" in printed
