"""What stands on the figures of models is what stands in their data."""

import numpy as np
import pandas as pd
import pytest
from axes import legend_names, words
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.dates import num2date
from matplotlib.lines import Line2D

from flows.errors import SchemaError
from flows.figures import (
    draw_autocorrelation,
    draw_break_path,
    draw_breaks,
    draw_estimates,
    draw_forecast,
    draw_regimes,
    draw_residuals,
)
from flows.figures.style import new_figure

NAN = float("nan")
YEARS = pd.to_datetime([f"{year}-01-01" for year in range(2016, 2021)])
MARK = {"date": "2018-01-01", "low": "2017-01-01", "high": "2019-12-31", "name": "2018"}
SERIES = pd.DataFrame(
    {
        "date": YEARS,
        "regime": [0, 0, 1, 1, 1],
        "value": [9.0, 11.0, 19.0, 21.0, 0.0],
        "fitted": [10.0, 10.0, 20.0, 20.0, 20.0],
    }
)
ESTIMATES = pd.DataFrame(
    [
        ("Exports", "OLS", 8.4, 5.9, 10.9),
        ("Exports", "Poisson", 9.6, NAN, 12.3),
        ("Imports", "OLS", -1.0, -2.0, 0.5),
    ],
    columns=["group", "name", "value", "low", "high"],
)
FORECAST = pd.DataFrame(
    {
        "date": YEARS,
        "value": [9.0, 11.0, 12.0, NAN, NAN],
        "fitted": [9.5, 10.5, 11.5, NAN, NAN],
        "forecast": [NAN, NAN, NAN, 12.0, 13.0],
        "low": [NAN, NAN, NAN, 10.0, 9.0],
        "high": [NAN, NAN, NAN, 15.0, 18.0],
        "inner_low": [NAN, NAN, NAN, 11.0, 10.0],
        "inner_high": [NAN, NAN, NAN, 13.0, 16.0],
    }
)


@pytest.fixture
def ax() -> Axes:
    return new_figure(width="double", height=80)[1]


def heights(line: Line2D) -> list[float]:
    return [float(height) for height in np.asarray(line.get_ydata(), dtype=float)]


def days(line: Line2D) -> set[str]:
    return {f"{num2date(day):%Y-%m-%d}" for day in line.get_xdata()}


def with_breaks(ax: Axes, *marks: dict[str, str | None], log: bool = True) -> Axes:
    return draw_breaks(
        ax, SERIES, unit_label="USD million", breaks=marks, interval_label="95%", log=log
    )


def test_breaks_draw_the_series_and_a_line_for_each_regime(ax: Axes) -> None:
    values, first, second, break_line = with_breaks(ax, MARK).lines
    assert heights(values)[:4] == [9.0, 11.0, 19.0, 21.0]
    assert [heights(first), heights(second)] == [[10.0, 10.0], [20.0, 20.0, 20.0]]
    assert days(break_line) == {"2018-01-01"}


def test_breaks_shade_the_interval_and_name_the_date(ax: Axes) -> None:
    (band,) = with_breaks(ax, MARK).patches
    ends = [num2date(edge).date().isoformat() for edge in (band.get_x(), band.get_x() + 1094)]
    assert ends == ["2017-01-01", "2019-12-31"]
    assert band.get_width() == 1094
    assert words(ax) == ["2018"]
    assert legend_names(ax) == ["reported", "regime", "break", "95%"]


def test_breaks_without_an_interval_have_no_band(ax: Axes) -> None:
    assert not with_breaks(ax, {**MARK, "low": None}).patches
    assert legend_names(ax) == ["reported", "regime", "break"]


def test_breaks_on_a_linear_axis_keep_the_zero(ax: Axes) -> None:
    values = with_breaks(ax, log=False).lines[0]
    assert heights(values) == SERIES["value"].tolist()
    assert ax.get_yscale() == "linear"
    assert legend_names(ax) == ["reported", "regime"]


def test_breaks_say_how_many_zeros_a_log_axis_leaves_out(ax: Axes) -> None:
    assert with_breaks(ax).get_title(loc="left") == "USD million; 1 value of 0 not shown"


def test_names_of_breaks_close_to_each_other_stand_apart_and_in_order(ax: Axes) -> None:
    marks = [{**MARK, "date": f"2018-0{month}-01", "name": f"2018-0{month}"} for month in (3, 1, 2)]
    with_breaks(ax, *marks)
    placed = sorted((text.xy[0], text.get_text()) for text in ax.texts if text.get_text())
    assert [name for _, name in placed] == ["2018-01", "2018-02", "2018-03"]
    assert len({place for place, _ in placed}) == 3


TWO = pd.concat(
    [SERIES.assign(series="Exports"), SERIES.assign(series="Imports", value=5.0, fitted=5.0)]
)


def test_regimes_of_two_series_have_their_own_lines_and_dates(ax: Axes) -> None:
    marks = [{**MARK, "series": "Exports"}, {**MARK, "series": "Imports", "low": None}]
    draw_regimes(ax, TWO, unit_label="USD million", breaks=marks, log=False)
    values, first, second, *others, interval, date, _, _ = ax.lines
    assert heights(values) == SERIES["value"].tolist()
    assert [heights(first), heights(second)] == [[10.0, 10.0], [20.0, 20.0, 20.0]]
    # The date stands between the ends of the lines that it parts.
    assert heights(date) == [15.0]
    assert days(date) == {"2018-01-01"}
    assert days(interval) == {"2017-01-01", "2019-12-31"}
    assert len({line.get_color() for line in (first, second, interval, date)}) == 1
    assert {line.get_color() for line in others}.isdisjoint({date.get_color()})
    assert words(ax)[:2] == ["2018", "2018"]


def test_regimes_on_a_log_axis_are_dated_in_the_middle_of_the_jump(ax: Axes) -> None:
    draw_regimes(ax, TWO, unit_label="USD million", breaks=[{**MARK, "series": "Exports"}])
    assert heights(ax.lines[-1]) == [pytest.approx(np.sqrt(200))]
    assert ax.get_title(loc="left") == "USD million; 1 value of 0 not shown"


def test_path_shows_the_statistics_and_what_they_have_to_exceed(ax: Axes) -> None:
    data = pd.DataFrame({"date": YEARS[1:4], "statistic": [3.0, 12.0, 6.0]})
    options = {"critical_value": 8.58, "critical_label": "5%", "breaks": [MARK]}
    path, bound, chosen = draw_break_path(ax, data, unit_label="F", **options).lines
    assert heights(path) == [3.0, 12.0, 6.0]
    assert heights(bound) == [8.58, 8.58]
    assert days(chosen) == {"2018-01-01"}
    assert ax.get_ylim()[0] == 0.0


def test_residuals_are_stems_from_zero_between_two_deviations(ax: Axes) -> None:
    data = pd.DataFrame({"date": YEARS[:2], "value": [0.3, -0.1]})
    draw_residuals(ax, data, unit_label="Residuals", spread=0.2)
    (stems,) = ax.collections
    ends = [[float(y) for _, y in path.vertices] for path in stems.get_paths()]
    assert ends == [[0.0, 0.3], [0.0, -0.1]]
    assert [heights(line)[0] for line in ax.lines] == [-0.4, 0.4, 0.0]


def test_autocorrelation_bars_stand_at_their_lags(ax: Axes) -> None:
    data = pd.DataFrame({"lag": [2, 1], "value": [0.1, 0.5], "low": -0.2, "high": 0.2})
    draw_autocorrelation(ax, data, unit_label="Correlation", band_label="95%")
    (bars,) = (one for one in ax.containers if isinstance(one, BarContainer))
    assert [(bar.get_x() + 0.25, bar.get_height()) for bar in bars] == [(1.0, 0.5), (2.0, 0.1)]
    assert ax.get_ylim()[0] < -0.2 < 0.5 < ax.get_ylim()[1]


def test_estimates_stand_under_each_other_with_their_intervals(ax: Axes) -> None:
    draw_estimates(ax, ESTIMATES, unit_label="Percent a year")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["OLS", "Poisson", "OLS"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    whiskers = [list(line.get_xdata()) for line in ax.lines if line.get_marker() == "|"]
    assert whiskers == [[5.9, 10.9], [9.6, 12.3], [-2.0, 0.5]]
    assert words(ax) == ["8.4", "9.6", "−1.0"]
    assert legend_names(ax) == ["Exports", "Imports"]


def test_estimates_open_on_one_side_have_an_arrow(ax: Axes) -> None:
    draw_estimates(ax, ESTIMATES, unit_label="Percent a year")
    (arrow,) = [text for text in ax.texts if text.arrow_patch is not None]
    assert arrow.xy == (9.6, 1.0)
    assert arrow.xyann[0] < 0


def test_estimates_of_one_group_need_no_legend(ax: Axes) -> None:
    draw_estimates(ax, ESTIMATES.head(2), unit_label="Percent a year")
    assert ax.get_legend() is None


def test_forecast_opens_from_the_last_level(ax: Axes) -> None:
    labels = {"interval_label": "95%", "inner_label": "80%"}
    _, level, ahead = draw_forecast(ax, FORECAST, unit_label="USD million", **labels).lines
    assert heights(level) == [9.5, 10.5, 11.5]
    assert heights(ahead) == [11.5, 12.0, 13.0]
    wide, narrow = (band.get_datalim(ax.transData) for band in ax.collections)
    assert (wide.y0, wide.y1) == (9.0, 18.0)
    assert (narrow.y0, narrow.y1) == (10.0, 16.0)
    assert legend_names(ax) == ["reported", "level", "forecast", "95%", "80%"]


def test_a_date_that_stands_there_twice_is_refused(ax: Axes) -> None:
    twice = pd.concat([SERIES, SERIES.head(1)])
    with pytest.raises(SchemaError, match="expected each date once"):
        draw_breaks(ax, twice, unit_label="USD", breaks=[], interval_label="95%")
