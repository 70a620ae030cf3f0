"""Where a flow leads if level, slope and season drift as they did."""

from flows.findings import Figure, Findings
from flows.measure.whole_periods import Frequency
from flows.models.state_space import fit_local_trend
from flows.studies.numbers import source_line
from flows.studies.section import About
from flows.studies.trend.fitted import LEVEL
from flows.studies.trend.question import TrendQuestion

ABOUT = About(needs="periods enough for a level that drifts", figures=("forecast",))

_INNER = 0.8
_AHEAD: dict[Frequency, int] = {"month": 12, "quarter": 4, "half-year": 2, "year": 3}


def forecast(question: TrendQuestion) -> Findings:
    """Smooth the first series by a local linear trend and lead it on: figure ``forecast``."""
    series = question.main
    ahead = _AHEAD[series.freq]
    seasonal = series.season != "none"
    fit = fit_local_trend(series.y, form=series.scale, season=seasonal, horizon=ahead)
    fan = fit.fan(inner=_INNER)
    figure = Figure(
        id=f"{question.name}-forecast",
        draw="draw_forecast",
        data=fan.reset_index(drop=True).assign(date=series.first_days(fan.index)),
        options={
            "unit_label": series.unit_label,
            "interval_label": f"{LEVEL:.0%} interval",
            "inner_label": f"{_INNER:.0%} interval",
            "log": series.scale == "log",
        },
        caption=(
            f"{question.title} by {series.freq}: smoothed level of a local linear trend"
            f"{' beside AR(1) noise' if fit.noise == 'ar1' else ''}, and "
            f"{ahead} {series.freq}s ahead if "
            f"{'level, slope and season' if seasonal else 'level and slope'} drift as they did."
        ),
        source=source_line(series.rows),
        rows=series.rows,
    )
    return Findings(figures=(figure,))
