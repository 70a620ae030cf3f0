"""Names of models and comparisons in the release before: each answers, and says the new call."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from bridges import YEAR, armenia, iran
from mirrors import mirrors, ring

from flows.compare.bridge import bridge
from flows.compare.history import mirror_history
from flows.compare.mirror_pairs import pair_mirrors
from flows.compare.reconcile import reconcile
from flows.compare.reliability import reliability
from flows.former import estimate_growth, forecast_local_trend, holm, mark_breaks
from flows.models.breaks import find_breaks
from flows.models.growth import compare_growth
from flows.models.state_space import fit_local_trend

YEARS = pd.period_range("2011", "2022", freq="Y")
STEP = pd.Series([10.0, 11, 9, 10, 11, 10, 20, 21, 19, 20, 21, 20], index=YEARS)
EVENTS = pd.DataFrame({"date": ["2017-03-01"], "name": ["ban"], "kind": ["policy"]})


def test_holm_by_hand() -> None:
    # Sorted 0.01, 0.02, 0.4: times 3, 2, 1 and never falling.
    with pytest.warns(FutureWarning, match="multipletests"):
        assert holm([0.4, 0.01, 0.02]) == pytest.approx([0.4, 0.03, 0.04])
    with pytest.warns(FutureWarning), pytest.raises(ValueError, match="between 0 and 1"):
        holm([1.2])


def test_former_functions_give_what_the_new_calls_give() -> None:
    with pytest.warns(FutureWarning, match=r"is now flows\.compare_growth\(y\)\.estimates"):
        assert estimate_growth(STEP) == compare_growth(STEP).estimates
    with pytest.warns(FutureWarning, match="forecast_interval"):
        forecasts = forecast_local_trend(STEP, 2, kind="level")
    fit = fit_local_trend(STEP, kind="level", horizon=2)
    np.testing.assert_array_equal(forecasts, fit.forecast_interval()["fitted"])
    breaks = find_breaks(STEP)
    with pytest.warns(FutureWarning, match=r"fit\.beside\(events\)"):
        marked = mark_breaks(breaks.conf_int(), EVENTS)
    pd.testing.assert_frame_equal(marked, breaks.beside(EVENTS))


def test_former_arguments_are_taken_with_a_warning() -> None:
    with pytest.warns(FutureWarning, match=r"find_breaks\(errors=\.\.\.\) is now find_breaks\(se="):
        fit = find_breaks(STEP, errors="pooled")  # type: ignore[call-arg]
    assert fit.se == "pooled"
    former: dict[str, Any] = {"weights": {"IRN": 0.1, "ARM": 0.1}, "margin": (1.1, 1.1)}
    with pytest.warns(FutureWarning, match="log_std_devs|cif_fob_ratio"):
        reconcile(mirrors(100.0, 110.0), **former)


@pytest.mark.parametrize("compare", [bridge, mirror_history])
def test_reports_were_called_what_a_side_says(compare: Callable[..., Any]) -> None:
    asked: dict[str, Any] = (
        {"period": YEAR, "headline": YEAR, "cif_fob_ratio": (1.06, 1.10)}
        if compare is bridge
        else {"freq": "year"}
    )
    exports, imports = iran(100.0), armenia(120.0)
    with pytest.warns(FutureWarning) as warned:
        before = compare(exporter_says=exports, importer_says=imports, **asked)
    name = compare.__name__
    assert [str(warning.message) for warning in warned] == [
        f"{name}({side}_says=...) is now {name}({side}_report=...)"
        for side in ("exporter", "importer")
    ]
    assert warned[0].filename == __file__
    now = compare(exporter_report=exports, importer_report=imports, **asked)
    pd.testing.assert_frame_equal(before.tidy(), now.tidy())


def test_reliability_took_a_margin_and_a_seed() -> None:
    flows = ring({"AUT": 0.1, "DEU": 0.2, "FRA": 0.3}, years=4, seed=2)
    pairs = pair_mirrors(flows, nominal_below=0.0)
    asked: dict[str, Any] = {"importer_ratio": 1.0, "prior_df": 2.0, "draws": 10}
    margin: dict[str, Any] = {"margin": (1.1, 1.1), "seed": 1}
    with pytest.warns(FutureWarning) as warned:
        before = reliability(pairs, **margin, **asked)
    assert [str(warning.message) for warning in warned] == [
        "reliability(margin=...) is now reliability(cif_fob_ratio=...)",
        "reliability(seed=...) is now reliability(rng=...)",
    ]
    now = reliability(pairs, cif_fob_ratio=(1.1, 1.1), rng=1, **asked)
    pd.testing.assert_frame_equal(before.tidy(), now.tidy())
