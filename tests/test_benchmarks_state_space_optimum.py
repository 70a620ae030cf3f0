"""Our optimum is nowhere below a grid or statsmodels' best of some starts, and the page says so."""

from pathlib import Path

import numpy as np
import pytest
from state_space_optimum import ALLOWED, SEED, cases, compare, lasting_cases, main


def test_optimum_is_not_below_grid_and_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("state_space_optimum.LONGEST", 40)
    monkeypatch.setattr("state_space_optimum.GRID", {1: (201, 1e-8), 2: (21, 1e-7), 3: (7, 1e-5)})
    drawn = list(cases(12, np.random.default_rng(SEED)))
    outcomes = [compare(number, case, 3) for number, case in enumerate(drawn)]
    assert {case.kind for case in drawn} == {"level", "trend"}
    assert any(case.seasons > 1 for case in drawn)
    assert any(case.y.isna().any() for case in drawn)
    assert any(outcome.zeros for outcome in outcomes)
    assert any(outcome.zeros == 0 for outcome in outcomes)
    assert max(outcome.deficit for outcome in outcomes) <= ALLOWED


def test_nor_with_noise_that_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("state_space_optimum.LONGEST", 40)
    monkeypatch.setattr("state_space_optimum.LASTING_GRID", {2: (7, 1e-5), 3: (4, 1e-4)})
    drawn = list(lasting_cases(6, np.random.default_rng(SEED)))
    outcomes = [compare(number, case, 3) for number, case in enumerate(drawn)]
    fitted = [outcome for outcome in outcomes if not np.isnan(outcome.ours)]
    assert {case.kind for case in drawn} == {"level", "trend"}
    assert len(fitted) > len(drawn) / 2
    assert all(outcome.deficit <= outcome.allowed for outcome in fitted)


def test_page_has_a_row_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("state_space_optimum.LONGEST", 40)
    monkeypatch.setattr("state_space_optimum.GRID", {1: (11, 1e-3), 2: (5, 1e-3), 3: (3, 1e-3)})
    monkeypatch.setattr("state_space_optimum.LASTING_GRID", {2: (3, 1e-3), 3: (2, 1e-3)})
    out = tmp_path / "page.md"
    monkeypatch.setattr(
        "sys.argv", ["optimum", "--series", "3", "--starts", "1", "--out", str(out)]
    )
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    rows = out.read_text(encoding="utf-8").splitlines()
    assert any(row.startswith("| all | 4 |") for row in rows)
