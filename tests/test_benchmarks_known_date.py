"""What is simulated of a search and a known date is what the package does."""

import numpy as np
import pandas as pd
import pytest
from known_date import AT, LINE, MONTHS, STEP, is_found, main, noise, pvalue, step

from flows.models.breaks import find_breaks
from flows.models.interruption import fit_interruption


@pytest.fixture(scope="module")
def series() -> pd.Series:
    values = noise(1, 0.5, np.random.default_rng(1))[0] + step(3.0, months=1)
    return pd.Series(values, index=MONTHS)


def test_known_date_is_that_of_the_package(series: pd.Series) -> None:
    for regime, x in (("mean", STEP), ("trend", LINE)):
        fit = fit_interruption(series, at=AT, form="level", regime=regime, season="dummies")
        assert pvalue(series.to_numpy(), x) == pytest.approx(fit.pvalues["level_change"], rel=1e-6)


def test_search_is_that_of_the_package(series: pd.Series) -> None:
    flat = series - step(3.0, months=1)
    for y in (series, flat):
        breaks = find_breaks(y, regime="mean", season="dummies").break_dates
        assert is_found(y.to_numpy()) == (len(breaks) > 0)


def test_tables_are_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["known_date", "--samples", "5"])
    main()
    printed = capsys.readouterr().out
    assert printed.startswith("| rho | search | known date |")
    assert "over 6 months" in printed
