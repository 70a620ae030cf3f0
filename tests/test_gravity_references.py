"""Gravity against papers and other programs, and against what must not change it."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from compare_gravity import CUT_OFF, compare_gravity, sum_of, table
from comparison import Comparison
from gravity_coverage import draw

import flows as fl

SAME = 1e-10
"""Of a number, whatever the order, the unit, the threads, the hashes and the kernels."""

CHOICES = ("robust", "pair", "exporter", "importer", "two-way", "dyadic")
KERNELS = ("Nehalem", "Haswell", "SkylakeX")


@cache
def compared(folder: Path) -> list[Comparison]:
    return list(compare_gravity(folder))


@pytest.fixture(scope="module")
def rows(shared_reference: Path) -> list[Comparison]:
    return compared(shared_reference / "gravity")


def test_every_number_rounds_to_what_is_printed(rows: list[Comparison]) -> None:
    apart = [row for row in rows if not row.holds]
    assert {row.statistic for row in apart} <= set(CUT_OFF), table(apart)
    for row in apart:
        assert np.floor(row.found * 1000) / 1000 == row.expected


def test_all_numbers_of_the_file_are_compared(
    rows: list[Comparison], shared_reference: Path
) -> None:
    expected = json.loads((shared_reference / "gravity" / "expected.json").read_text("utf-8"))
    numbers = sorted(abs(number) for number in numbers_of(expected))
    # The constants of pairs, all redundant, and one n of Log of Gravity's two tables.
    assert len(rows) >= len(numbers)
    assert {abs(row.expected) for row in rows} >= set(numbers)


def numbers_of(part: object) -> list[float]:
    """Return all numbers of a file, those of words left out."""
    if isinstance(part, dict):
        return [number for value in part.values() for number in numbers_of(value)]
    if isinstance(part, list):
        return [number for value in part for number in numbers_of(value)]
    return [float(part)] if isinstance(part, int | float) else []


def test_redundant_constants_are_taken_off() -> None:
    assert [sum_of(part) for part in ["175", "175-5", "1190-1190"]] == [175, 170, 0]


def drawn() -> pd.DataFrame:
    """Return a panel with zeros, two regressors and a pair that never trades."""
    rng = np.random.default_rng(20261127)
    sample = draw("constant in logs", 9, 4, rng)
    names = np.array([f"AA{letter}" for letter in "ABCDEFGHI"])
    flows = np.where(rng.random(len(sample.y)) < 0.2, 0.0, sample.y)
    never = (sample.exporter == 0) & (sample.importer == 1)
    return pd.DataFrame(
        {
            "exporter": names[sample.exporter],
            "importer": names[sample.importer],
            "year": 2001 + sample.year,
            "value": np.where(never, 0.0, flows),
            "first": sample.x,
            "second": rng.normal(size=len(sample.x)),
        }
    )


def answers(panel: pd.DataFrame) -> dict[str, list[float]]:
    """Return coefficients and errors of every choice, with and without effects of pairs."""
    found = {}
    for effects in ("two-way", "three-way"):
        for se in CHOICES:
            fit = fl.fit_gravity(panel, effects=effects, se=se)
            found[f"{effects}, {se}"] = [*fit.params, *fit.std_errors]
        fit = fl.fit_gravity(panel, effects=effects, correct=True)
        found[f"{effects}, corrected"] = [*fit.params, *fit.std_errors, *fit.bias]
        found[f"{effects}, fit"] = fit.fitted.sort_index().tolist()
    return found


@cache
def here() -> dict[str, list[float]]:
    return answers(drawn())


def assert_same(found: dict[str, list[float]], *, unit: float = 1.0) -> None:
    for name, values in here().items():
        scale = unit if name.endswith("fit") else 1.0
        assert np.array(found[name]) / scale == pytest.approx(values, rel=SAME, abs=SAME), name


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_rows_changes_nothing(seed: int) -> None:
    assert_same(answers(drawn().sample(frac=1, random_state=seed)))


@pytest.mark.parametrize("unit", [1e9, 1e-9])
def test_the_unit_changes_nothing(unit: float) -> None:
    panel = drawn()
    assert_same(answers(panel.assign(value=panel["value"] * unit)), unit=unit)


def test_the_order_of_regressors_changes_their_places_alone() -> None:
    first = fl.fit_gravity(drawn(), regressors=["first", "second"], effects="three-way")
    second = fl.fit_gravity(drawn(), regressors=["second", "first"], effects="three-way")
    for name in ("params", "std_errors"):
        ours, theirs = getattr(first, name), getattr(second, name)
        assert theirs[ours.index].to_numpy() == pytest.approx(ours.to_numpy(), rel=SAME)


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        {"PYTHONHASHSEED": "4242", "OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2"},
        *({"OPENBLAS_CORETYPE": kernel} for kernel in KERNELS),
    ],
    ids=lambda variables: " ".join("=".join(pair) for pair in variables.items()),
)
def test_neither_hashes_nor_threads_nor_kernels_change_anything(
    variables: dict[str, str],
) -> None:
    script = (
        "import json, sys; sys.path[:0] = ['tests', 'tests/benchmarks'];"
        "from test_gravity_references import answers, drawn;"
        "print(json.dumps(answers(drawn())))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).resolve().parents[1],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode < 0 and "OPENBLAS_CORETYPE" in variables:
        pytest.skip("this processor does not run the kernel")
    assert done.returncode == 0, done.stderr
    assert_same(json.loads(done.stdout))
