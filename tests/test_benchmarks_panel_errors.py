"""The simulation of trends of pairs: the numbers of the public function, and who shares what."""

import numpy as np
import pandas as pd
import pytest
from compare_panel import yearly_flows
from panel_errors import CASES, YEARS, around_hubs, complete, main, panel_sizes, panels
from scipy import stats
from simulated import monte_carlo_error

from flows.models.panel import panel_covariance
from flows.models.panel_trend import fit_panel_trend
from flows.models.shared_errors import PairError

FAR = 4
"""Monte Carlo standard errors; chance goes further once in 16,000 times."""


@pytest.mark.parametrize("se", ["pair", "two-way", "dyads"])
def test_simulated_test_is_that_of_fit_panel_trend(se: PairError) -> None:
    pairs = complete(6)
    panel, line = next(panels(pairs, "log", "by country", draws=1, seed=1))
    covariance = panel_covariance(panel, line, se=se)
    ratio = abs(line.slopes[0]) / np.sqrt(covariance.matrix[0, 0])
    names = np.array([f"AA{letter}" for letter in "ABCDEF"])
    values = pd.DataFrame(
        {
            "exporter": names[pairs[0]].repeat(YEARS),
            "importer": names[pairs[1]].repeat(YEARS),
            "year": panel.years.astype(int) + 2001,
            "value": panel.values,  # noqa: PD011 - an array, of a class of ours
        }
    )
    fit = fit_panel_trend(yearly_flows(values), se=se)
    assert 2 * stats.t.sf(ratio, covariance.df) == pytest.approx(fit.pvalues["trend"], rel=1e-9)


def test_errors_by_country_need_dyads() -> None:
    sizes = panel_sizes(complete(20), "log", "by country", draws=300, seed=1)
    assert sizes["dyads"].size < 0.09 + FAR * monte_carlo_error(0.09, 300)
    assert sizes["two-way"].size > sizes["dyads"].size
    assert sizes["pair"].size > 0.4


def test_errors_by_pair_are_held_by_pair() -> None:
    sizes = panel_sizes(complete(10), "log", "by pair", draws=300, seed=1)
    assert sizes["pair"].size == pytest.approx(0.05, abs=FAR * monte_carlo_error(0.05, 300))
    assert {size.made for size in sizes.values()} == {300}


def test_hubs_are_in_every_pair() -> None:
    exporter, importer = around_hubs(60, 8)
    assert (np.minimum(exporter, importer) < 8).all()
    assert len(exporter) == 60 * 59 - 52 * 51


def test_the_table_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    designs = [("4, all pairs", "log", 1, complete(4)), ("6 unequal", "poisson", 2, complete(6))]
    monkeypatch.setattr("panel_errors.DESIGNS", designs)
    main(["--replications", "4"])
    lines = capsys.readouterr().out.splitlines()
    rows = [line for line in lines if line.startswith(("| 4, all", "| 6 unequal"))]
    assert len(rows) == 2 * len(CASES)
    # Four countries are refused as clusters, twelve pairs are not.
    assert rows[0].count("refused") == 4
