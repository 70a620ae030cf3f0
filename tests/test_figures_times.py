"""Estimates that say how many times one level is another."""

import numpy as np
import pandas as pd
import pytest

from flows.errors import SchemaError
from flows.figures.style import new_figure
from flows.figures.trend import draw_estimates


def estimates(*values: float) -> pd.DataFrame:
    names = [f"country {place}" for place, _ in enumerate(values)]
    return pd.DataFrame(
        {"group": "Exports to", "name": names, "value": values, "low": np.nan, "high": np.nan}
    )


def test_times_stand_on_a_logarithmic_axis_that_holds_one() -> None:
    _, axes = new_figure(height=60)
    draw_estimates(axes, estimates(2.0, 8.0), unit_label="Times the level before", times=True)
    assert axes.get_xscale() == "log"
    low, high = axes.get_xlim()
    assert low < 1
    assert high > 8
    assert [1.0, 1.0] in [list(line.get_xdata()) for line in axes.lines]


def test_times_are_positive() -> None:
    _, axes = new_figure(height=60)
    with pytest.raises(SchemaError, match="expected positive values with times=True, found -1"):
        draw_estimates(axes, estimates(2.0, -1.0), unit_label="Times", times=True)
