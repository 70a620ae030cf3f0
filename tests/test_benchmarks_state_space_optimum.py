"""Our optimum is nowhere below a grid or statsmodels' best of some starts, and the page says so."""

from pathlib import Path

import numpy as np
import pytest
from state_space_optimum import ALLOWED, SEED, cases, compare, main


def test_optimum_is_not_below_grid_and_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("state_space_optimum.LONGEST", 40)
    monkeypatch.setattr("state_space_optimum.GRID", {1: (201, 1e-8), 2: (21, 1e-7), 3: (7, 1e-5)})
    drawn = list(cases(12, np.random.default_rng(SEED)))
    outcomes = [compare(number, case, 3) for number, case in enumerate(drawn)]
    assert {case.kind for case in drawn} == {"level", "trend"}
    assert any(case.seasons > 1 for case in drawn)
    assert any(case.y.isna().any() for case in drawn)
    assert any(one.zeros for one in outcomes)
    assert any(one.zeros == 0 for one in outcomes)
    assert max(one.deficit for one in outcomes) <= ALLOWED


def test_page_has_a_row_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("state_space_optimum.LONGEST", 20)
    monkeypatch.setattr("state_space_optimum.GRID", {1: (11, 1e-3), 2: (5, 1e-3), 3: (3, 1e-3)})
    out = tmp_path / "page.md"
    monkeypatch.setattr(
        "sys.argv", ["optimum", "--series", "2", "--starts", "1", "--out", str(out)]
    )
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    rows = out.read_text(encoding="utf-8").splitlines()
    assert any(row.startswith("| all | 2 |") for row in rows)
