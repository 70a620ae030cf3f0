"""Both directions of a pair side by side: growth, breaks and events in one figure and one table."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

import pandas as pd

from flows.findings import Figure, Findings, Json, Table
from flows.models.break_fit import Regime
from flows.models.days import first_day, last_day
from flows.studies.examined import LEVEL, Examined
from flows.studies.flow_trend import FlowTrend, fit_flow
from flows.studies.numbers import print_value
from flows.studies.regimes_table import regime_lines
from flows.table import Rows

_ESTIMATORS = {
    "OLS-log": "line through logarithms",
    "Poisson": "Poisson pseudo-likelihood",
    "differences": "change from a year before",
    "Theil-Sen": "median pair (Theil–Sen)",
    "state space": "drifting slope (state space)",
}
_GROWTH, _BREAKS, _EVENTS = "Growth", "Break", "Event"
_SIDES = ("flow", "reverse")

Cell = tuple[str, float | None]
"""As printed, and unrounded."""


def two_trends_study(
    trade: pd.DataFrame,
    *,
    exporter: str,
    importer: str,
    partner_basis: str | None = None,
    reverse_basis: str | None = None,
    regime: Regime = "trend",
    events: pd.DataFrame | None = None,
    name: str = "trends",
) -> Findings:
    """
    Set growth, breaks and events of both directions of a pair side by side.

    Parameters
    ----------
    trade : pandas.DataFrame
        Flow table with months.
    exporter, importer : str
        Alpha-3 codes of the first direction.
    partner_basis, reverse_basis : str, optional
        Which statement of the first direction, and of the other, where the table holds several.
    regime : {"trend", "mean"}
        What is constant between breaks.
    events : pandas.DataFrame, optional
        Dated events as :func:`flows.loaders.events.normalise_events` returns them.
    name : str
        First part of every id.

    Returns
    -------
    Findings
        Table ``both`` and figure ``regimes``; the same fits as of two
        :func:`flows.studies.trend.trend_study`.

    Raises
    ------
    FlowsError
        If a direction is not stated, stated twice, or too short to be looked at.

    Examples
    --------
    >>> import flows as fl
    >>> findings = two_trends_study(
    ...     fl.load("armstat-by-country@2025-02"), exporter="IRN", importer="ARM",
    ...     partner_basis="origin", reverse_basis="destination",
    ... )
    >>> findings.tables[0].labels["flow"], findings.tables[0].labels["reverse"]
    ('Iran to Armenia', 'Armenia to Iran')
    """
    ways = ((exporter, importer, partner_basis), (importer, exporter, reverse_basis))
    both = [
        fit_flow(
            trade,
            exporter=source,
            importer=target,
            which={"partner_basis": basis},
            freqs=["month", "year"],
            calendar="gregorian",
            regime=regime,
            events=events,
        )
        for source, target, basis in ways
    ]
    return Findings(
        tables=(both_table(both, name=name),), figures=(regimes_figure(both, name=name),)
    )


def both_table(both: Sequence[FlowTrend], *, name: str) -> Table:
    """
    Return growth by estimator, break dates and p-values of events, a column a direction.

    Parameters
    ----------
    both : sequence of FlowTrend
        The first direction, the other.
    name : str
        First part of the id.

    Returns
    -------
    Table
        Columns ``part``, ``what``, ``flow``, ``reverse`` and, not printed, ``flow (value)`` and
        ``reverse (value)``: growth and p-values unrounded.
    """
    parts = [_growth, _breaks, _events]
    lines = [line for part in parts for line in part(both)]
    frame = pd.DataFrame([(part, what) for part, what, _ in lines], columns=["part", "what"])
    frame["part"] = frame["part"].where(~frame["part"].duplicated(), "")
    for place, side in enumerate(_SIDES):
        frame[side] = [cells[place][0] for _, _, cells in lines]
    for place, side in enumerate(_SIDES):
        frame[f"{side} (value)"] = pd.Series([cells[place][1] for *_, cells in lines], dtype=float)
    titles = dict(zip(_SIDES, (flow.title for flow in both), strict=True))
    return Table(
        id=f"{name}-both",
        frame=frame,
        labels={"part": "", "what": "", **titles},
        formats={},
        caption="Growth by estimator, dates of breaks, and events, in both directions.",
        note=(
            f"Months unless said otherwise, {LEVEL:.0%} intervals in brackets. Growth: percent a "
            "year. Break: first period of a regime. Event: p (Holm) that nothing changes."
        ),
        rows=_rows(both),
    )


def regimes_figure(both: Sequence[FlowTrend], *, name: str) -> Figure:
    """
    Return the figure of both directions with their regimes, break dates and events.

    Parameters
    ----------
    both : sequence of FlowTrend
        The first direction, the other.
    name : str
        First part of the id.

    Returns
    -------
    Figure
        Drawn by ``draw_regimes``.
    """
    log = all(flow.main.scale == "log" for flow in both)
    first = both[0].main
    months = first.y.index
    span = (first_day(months[0], of=months), last_day(months[-1], of=months))
    known = both[0].known
    inside = known[known["date"].between(*span)]
    named = zip(inside["date"].dt.strftime("%Y-%m-%d"), inside["name"], strict=True)
    rows = _rows(both)
    return Figure(
        id=f"{name}-regimes",
        draw="draw_regimes",
        data=pd.concat([_drawn(flow) for flow in both], ignore_index=True),
        options={
            "unit_label": f"{first.unit} a month{', log scale' if log else ''}",
            "breaks": [mark for flow in both for mark in _marks(flow)],
            "events": [{"date": date, "name": event} for date, event in named],
            "log": log,
        },
        caption=(
            f"Trade by month: regimes, the dates between them with {LEVEL:.0%} intervals, and "
            "events (dashed)."
        ),
        source=f"Source: {', '.join(sorted(rows))}.",
        rows=rows,
        exact=("value",),
    )


def _growth(both: Sequence[FlowTrend]) -> Iterator[tuple[str, str, list[Cell]]]:
    months = [flow.main.comparison.table for flow in both]
    for estimator in dict.fromkeys(name for table in months for name in table.index):
        yield _GROWTH, _ESTIMATORS[estimator], [_estimate(table, estimator) for table in months]
    years = [flow.several[1].comparison.table for flow in both]
    estimator = years[0].index[0]
    yield _GROWTH, f"{_ESTIMATORS[estimator]}, by year", [_estimate(t, estimator) for t in years]


def _estimate(table: pd.DataFrame, estimator: str) -> Cell:
    if estimator not in table.index:
        return "", None
    row = table.loc[estimator, ["growth_pct", "low", "high"]]
    value, low, high = (float(end) for end in row.to_numpy(dtype=float))
    ends = f"{print_value(low, 1)}, {print_value(high, 1)}"
    return f"{print_value(value, 1)} [{ends}]", value


def _breaks(both: Sequence[FlowTrend]) -> Iterator[tuple[str, str, list[Cell]]]:
    for freq, place in (("", 0), (", by year", 1)):
        columns = [_dates(flow.several[place]) for flow in both]
        for number, dates in enumerate(zip_longest(*columns, fillvalue=""), start=1):
            yield _BREAKS, f"no. {number}{freq}", [(date, None) for date in dates]


def _dates(one: Examined) -> list[str]:
    return [
        str(date) if pd.isna(low) else f"{date} [{low}, {high}]"
        for date, low, high in one.breaks.conf_int().itertuples(name=None)
    ]


def _events(both: Sequence[FlowTrend]) -> Iterator[tuple[str, str, list[Cell]]]:
    frames = [flow.tested.frame for flow in both]
    found = [dict(zip(frame["event"], frame["holm"], strict=True)) for frame in frames]
    for event in dict.fromkeys(name for pvalues in found for name in pvalues):
        values = [pvalues.get(event) for pvalues in found]
        cells = ["" if value is None else print_value(value, 3) for value in values]
        yield _EVENTS, str(event), list(zip(cells, values, strict=True))


def _drawn(flow: FlowTrend) -> pd.DataFrame:
    lines = regime_lines(flow.main)
    return pd.DataFrame(
        {
            "date": pd.DatetimeIndex(
                [first_day(period, of=flow.main.y.index) for period in lines.index]
            ),
            "series": flow.title,
            "regime": lines["regime"].to_numpy(),
            "value": flow.main.y.reindex(lines.index).to_numpy(),
            "fitted": lines["fitted"].to_numpy(),
        }
    )


def _marks(flow: FlowTrend) -> Iterator[Json]:
    of = flow.main.y.index
    for date, low, high in flow.main.breaks.conf_int().itertuples(name=None):
        yield {
            "series": flow.title,
            "date": f"{first_day(date, of=of):%Y-%m-%d}",
            "low": None if pd.isna(low) else f"{first_day(low, of=of):%Y-%m-%d}",
            "high": None if pd.isna(high) else f"{last_day(high, of=of):%Y-%m-%d}",
            "name": str(date),
        }


def _rows(both: Sequence[FlowTrend]) -> Rows:
    several = [one.rows for flow in both for one in flow.several]
    return {
        dataset: tuple(sorted({line for rows in several for line in rows.get(dataset, ())}))
        for dataset in sorted({dataset for rows in several for dataset in rows})
    }
