"""A table of speed says what was run: medians, the part that was timed, whether results agree."""

import sys
from pathlib import Path

import numpy as np
import pytest
from own_process import Run
from timed import Row, agreement, in_turns, of_command, table

TOY = """
import numpy as np
from timed import main

def of_mean(values):
    return {"mean": values.mean(axis=1)}

def of_loop(values):
    return {"mean": np.array([row.mean() for row in values]), "own": values[:, 0]}

if __name__ == "__main__":
    main({"flows": of_mean, "loop": of_loop}, lambda *, quick: [])
"""


def run_of(clock: float) -> Run:
    return Run(clock, 2 * clock, 100.4, 10)


def test_the_table_scales_a_part_and_divides_by_the_packages_own() -> None:
    rows = [
        Row("mean", "flows", (run_of(1.0), run_of(3.0), run_of(2.0)), "the reference"),
        Row("mean", "loop", (run_of(5.0),), "the same", times=20),
        Row("sum", "flows", (run_of(4.0),), "the reference"),
    ]
    assert table(rows).splitlines()[2:] == [
        "| mean | flows | 2 | 1, 3 | 4 | 100 | 1 | the reference |",
        "| mean | loop, 1/20 of it | 100 | 100, 100 | 200 | 100 | 50 | the same |",
        "| sum | flows | 4 | 4, 4 | 8 | 100 | 1 | the reference |",
    ]


def test_works_run_in_processes_of_their_own_and_hand_back_what_they_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent / "benchmarks"), prepend=":")
    file = tmp_path / "toy.py"
    file.write_text(TOY)
    values = np.arange(600.0).reshape(200, 3)
    found = in_turns(str(file), {"flows": values, "loop": values[:100]}, runs=2)
    np.testing.assert_array_equal(found["flows"].arrays["mean"], values[:, 1])
    assert [len(timed.runs) for timed in found.values()] == [2, 2]
    assert [timed.runs[0].rows for timed in found.values()] == [200, 100]
    assert agreement(found["flows"].arrays, found["loop"].arrays, rtol=1e-12) == "the same"


def test_results_that_differ_are_counted() -> None:
    ours = {"slope": np.array([1.0, 2.0, np.nan]), "own": np.zeros(3)}
    assert agreement(ours, {"slope": np.array([1.0, 2.0, np.nan])}, rtol=1e-9) == "the same"
    found = agreement(ours, {"slope": np.array([1.0, 2.1, 3.0])}, rtol=1e-9)
    assert found == "differs: slope of 2 in 3"
    with pytest.raises(ValueError, match="arrays of one name"):
        agreement(ours, {"level": np.zeros(3)}, rtol=1e-9)


def test_a_command_is_timed_with_its_own_peak() -> None:
    small = of_command([sys.executable, "-c", "pass"])
    large = of_command([sys.executable, "-c", "bytearray(200_000_000)"])
    assert small.peak < 60
    assert large.peak > 180
    assert large.clock > 0
