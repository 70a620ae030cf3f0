"""What is said of the errors of seasonal dummies is what is simulated."""

import numpy as np
import pytest
from season_errors import error_ratios, main


def test_errors_of_dummies_are_right_with_autocorrelation_and_without() -> None:
    none = error_ratios(72, 0.0, draws=60, rng=np.random.default_rng(1))
    much = error_ratios(72, 0.5, draws=60, rng=np.random.default_rng(1))
    assert none[1:] == pytest.approx(1, abs=0.15)
    assert much[1:] == pytest.approx(1, abs=0.15)


def test_table_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("season_errors.DRAWS", 2)
    main()
    assert capsys.readouterr().out.startswith("| 72 | 0 | ")
