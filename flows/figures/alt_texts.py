"""
What figures show, in sentences made from their data, for a reader who does not see them.

Each function belongs to the drawing of its name and takes what that takes: data and options.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from flows.figures.style import format_value

_LISTED = 6
"""Series or rows whose values are told one by one; of more, only the outermost."""

_DIGITS = 3


def imports_by_supplier(data: pd.DataFrame, *, unit_label: str, highlight: str) -> str:
    """Describe stacked bars by year and supplier."""
    totals = data.groupby("year")["value"].sum()
    own = _by_place(data[data["supplier"] == highlight], "year")
    suppliers = data.groupby("supplier")["value"].sum().sort_values(ascending=False, kind="stable")
    others = [str(name) for name in suppliers.index if name != highlight]
    return _sentences(
        f"Stacked bars by year, {_ends(totals.index)}, a layer for each supplier; upright: "
        f"{unit_label}",
        f"Total: {_range(totals)}",
        f"{highlight}: {_range(own)}" if len(own) else f"{highlight}: none",
        f"The other layers by their sum over the years: {_some(others)}" if others else "",
    )


def supplier_ranks(data: pd.DataFrame, *, highlight: str, importer: str) -> str:
    """Describe ranks by window."""
    windows = sorted(data["window"].unique())
    last = data[data["window"] == windows[-1]].sort_values(["rank", "supplier"])
    own = data[data["supplier"] == highlight].sort_values("window")
    ranks = [f"{row['rank']:.0f} in {row['window']}" for row in own.to_dict("records")]
    leading = [
        f"{row['supplier']} ({_print(row['share_pct'])}%)" for row in last.to_dict("records")
    ]
    return _sentences(
        f"Lines of the ranks of {data['supplier'].nunique()} suppliers of arms to {importer} by "
        f"window, {_ends(windows)}, the first at the top; the area of a mark is the share",
        f"{highlight} has rank {_join(ranks)}" if ranks else f"{highlight} has no rank",
        f"The order in {windows[-1]}: {_some(leading)}",
    )


def tornado(data: pd.DataFrame, *, supplier: str, importer: str) -> str:
    """Describe a bar for each deal left out."""
    without = data.set_index("deal")["without_pct"]
    return _sentences(
        f"Bars of the share of {supplier} in the arms imports of {importer}, in percent, without "
        f"each of {len(data)} deals, beside {_print(data['share_pct'].iloc[0])} with all deals",
        f"Without one deal it is {_range(without)}",
    )


def revision_waterfall(data: pd.DataFrame, *, unit_label: str) -> str:
    """Describe an old value, the parts of its change, and the new value."""
    steps = [f"{row['step']} {_step(row)}" for row in data.to_dict("records")]
    return _sentences(f"Waterfall from top to bottom. {unit_label}: {_join(steps)}")


def context_distribution(data: pd.DataFrame, *, unit_label: str, highlight: str) -> str:
    """Describe a dot for each importer."""
    own = data[data["importer"] == highlight]
    places = [
        f"{highlight} has {_print(row['value'])}, percentile {row['percentile']:.0f}"
        for row in own.to_dict("records")
    ]
    return _sentences(
        f"Dots for {len(data)} importers: {unit_label} across, percentile among them upright",
        f"The values are {_range(data.set_index('importer')['value'])}",
        *places,
    )


def bridge(data: pd.DataFrame, *, unit_label: str, decimals: int | None = None) -> str:
    """Describe levels, and the changes between them with their bounds."""
    del decimals
    steps = [
        f"{row['step']}: {_step(row)}{_bounds(row['low'], row['high'])}"
        for row in data.to_dict("records")
    ]
    return _sentences(f"Waterfall from top to bottom in {unit_label}. {_join(steps, '; ')}")


def mirror_ratio(data: pd.DataFrame, *, exporter: str, importer: str) -> str:
    """Describe ratios of two reports by period."""
    return _sentences(
        f"Points on a logarithmic axis by period, {_ends(sorted(data['period'].unique()))}: "
        f"{exporter} and {importer}, the importer’s report divided by the exporter’s; at 1 "
        "both agree",
        *_courses(data.rename(columns={"period": "place", "ratio": "value"}), "flow"),
    )


def levels(data: pd.DataFrame, *, unit_label: str) -> str:
    """Describe series by date."""
    dated = _dated(data)
    return _sentences(
        f"Lines by date, {_ends(dated['place'])}; upright: {unit_label}", *_courses(dated, "series")
    )


def breaks(
    data: pd.DataFrame,
    *,
    unit_label: str,
    breaks: Sequence[Mapping[str, str | None]],
    interval_label: str,
    events: Sequence[Mapping[str, str]] = (),
    log: bool = True,
    zero: bool = True,
) -> str:
    """Describe a series with its regimes."""
    del log, zero
    dated = _dated(data)
    return _sentences(
        f"Line by date, {_ends(dated['place'])}, with a fitted line for each of "
        f"{data['regime'].nunique()} regimes; upright: {unit_label}",
        f"Reported: {_course(dated)}",
        _breaks(breaks, interval_label),
        _events(events),
    )


def regimes(
    data: pd.DataFrame,
    *,
    unit_label: str,
    breaks: Sequence[Mapping[str, str | None]],
    events: Sequence[Mapping[str, str]] = (),
    log: bool = True,
    reference: Mapping[str, str | float] | None = None,
) -> str:
    """Describe several series with their regimes."""
    del log
    dated = _dated(data)
    return _sentences(
        f"Lines by date, {_ends(dated['place'])}, with a fitted line for each regime; upright: "
        f"{unit_label}",
        *_courses(dated, "series"),
        f"Level line: {reference['name']}, {_print(float(reference['value']))}"
        if reference
        else "",
        _breaks(breaks, "interval of its date"),
        _events(events),
    )


def break_path(
    data: pd.DataFrame,
    *,
    unit_label: str,
    critical_value: float,
    critical_label: str,
    breaks: Sequence[Mapping[str, str | None]] = (),
) -> str:
    """Describe a statistic by date."""
    dated = _dated(data)
    return _sentences(
        f"Line by date, {_ends(dated['place'])}; upright: {unit_label}, "
        f"{_range(dated.set_index('place')['statistic'])}",
        f"{critical_label}: {_print(critical_value)}",
        _breaks(breaks, "interval of its date"),
    )


def share_windows(data: pd.DataFrame, *, supplier: str, importer: str) -> str:
    """Describe shares by window and release."""
    labelled = data.assign(
        series=("Release " + data["release"]).where(data["kind"] == "computed", "As published")
    )
    return _sentences(_shares_of(supplier, importer, data), *_shares(labelled))


def share_bounds(
    data: pd.DataFrame,
    *,
    supplier: str,
    importer: str,
    bounds_label: str,
    interval_label: str,
) -> str:
    """Describe shares by window and release with their doubt."""
    marks = {"bound_low": f"boxes: {bounds_label}", "interval_low": f"whiskers: {interval_label}"}
    doubts = [label for column, label in marks.items() if data[column].notna().any()]
    return _sentences(
        "; ".join([_shares_of(supplier, importer, data), *doubts]),
        *_shares(data.assign(series="Release " + data["release"])),
    )


def trend(data: pd.DataFrame, *, unit_label: str, events: Sequence[Mapping[str, str]] = ()) -> str:
    """Describe series with their trends."""
    dated = _dated(data)
    fitted = dated.assign(value=dated["fitted"], series=dated["series"] + ", trend")
    return _sentences(
        f"Lines by date, {_ends(dated['place'])}, with trends and the bands around them; upright, "
        f"on a logarithmic axis: {unit_label}",
        *_courses(dated, "series"),
        *_courses(fitted, "series"),
        _events(events),
    )


def estimates(data: pd.DataFrame, *, unit_label: str, times: bool = False) -> str:
    """Describe estimates with their intervals."""
    groups = [f"{group}: {_estimates(rows)}" for group, rows in data.groupby("group", sort=False)]
    axis = " on a logarithmic axis, on which 1 says that nothing differs" if times else ""
    return _sentences(f"Markers with intervals{axis}. {unit_label}", *groups)


def forecast(
    data: pd.DataFrame,
    *,
    unit_label: str,
    interval_label: str,
    inner_label: str,
    log: bool = True,
) -> str:
    """Describe a series with its forecasts."""
    del log
    dated = _dated(data)
    future = dated[dated["forecast"].notna()]
    fans = [
        f"{label} at the end{_bounds(row[low], row[high])}"
        for row in future.tail(1).to_dict("records")
        for label, low, high in (
            (interval_label, "low", "high"),
            (inner_label, "inner_low", "inner_high"),
        )
    ]
    ahead = future.assign(value=future["forecast"])
    return _sentences(
        f"Line by date, {_ends(dated['place'])}, with its level and forecasts within two "
        f"intervals; upright: {unit_label}",
        f"Reported: {_course(dated)}",
        f"Forecast: {_course(ahead)}" if len(ahead) else "",
        *fans,
    )


def residuals(data: pd.DataFrame, *, unit_label: str, spread: float) -> str:
    """Describe residuals by date."""
    dated = _dated(data)
    return _sentences(
        f"Stems from zero by date, {_ends(dated['place'])}; upright: {unit_label}, "
        f"{_range(dated.set_index('place')['value'])}",
        f"Lines at two standard deviations, {_print(-2 * spread)} and {_print(2 * spread)}",
    )


def autocorrelation(data: pd.DataFrame, *, unit_label: str, band_label: str) -> str:
    """Describe correlations by lag."""
    by_lag = _by_place(data, "lag")
    low, high = _print(data["low"].min()), _print(data["high"].max())
    return _sentences(
        f"Bars by lag, {_ends(by_lag.index)}; upright: {unit_label}, {_range(by_lag)}",
        f"{band_label}: {_ends([low, high])}",
    )


def choices(
    data: pd.DataFrame,
    *,
    choices: Sequence[str],
    unit_label: str,
    moves: Sequence[float],
    decimals: int,
    does_not_apply: str = "",
    number: str = "",
) -> str:
    """Describe the values of all combinations of choices."""
    del decimals, number
    known = data[data["value"].notna()].sort_values(["value", *sorted(choices)])
    without = len(data) - len(known)
    ends = {"Lowest": known.iloc[0], "Highest": known.iloc[-1]}
    own = [f"This report: {_print(value)}" for value in known.loc[known["own"], "value"]]
    moved = [
        f"{choice} by {_print(size)}"
        for choice, size in zip(choices, moves, strict=True)
        if size > 0
    ]
    return _sentences(
        f"Dots of {len(known)} combinations of choices, the lowest value first, above a matrix of "
        f"their options; upright: {unit_label}",
        *(
            f"{word}: {_print(row['value'])} ({_chosen(row, choices, does_not_apply)})"
            for word, row in ends.items()
        ),
        *own,
        f"Further combinations without a value: {without}" if without else "",
        f"What moves the value, most first: {_some(moved)}" if moved else "No choice moves it",
    )


def _chosen(row: "pd.Series[Any]", choices: Sequence[str], does_not_apply: str) -> str:
    return _join(f"{choice}: {row[choice]}" for choice in choices if row[choice] != does_not_apply)


def _shares_of(supplier: str, importer: str, data: pd.DataFrame) -> str:
    return (
        f"Points of the share of {supplier} in the arms imports of {importer}, in percent, by "
        f"window, {_ends(sorted(data['window'].unique()))}, and release"
    )


def _shares(data: pd.DataFrame) -> list[str]:
    named = data.rename(columns={"window": "place", "share_pct": "value"})
    return _courses(named, "series")


def _estimates(rows: pd.DataFrame) -> str:
    if len(rows) > _LISTED:
        return _range(rows.set_index("name")["value"])
    return _join(
        f"{row['name']} {_print(row['value'])}{_bounds(row['low'], row['high'])}"
        for row in rows.to_dict("records")
    )


def _dated(data: pd.DataFrame) -> pd.DataFrame:
    """Return the rows by date with a column ``place``: their year, month or day in words."""
    dates = pd.to_datetime(data["date"])
    firsts = dates.dt.day == 1
    years = firsts & (dates.dt.month == 1)
    form = "%Y" if years.all() else "%Y-%m" if firsts.all() else "%Y-%m-%d"
    return data.assign(place=dates.dt.strftime(form), date=dates).sort_values("date")


def _by_place(rows: pd.DataFrame, place: str) -> "pd.Series[float]":
    return rows.set_index(place)["value"].sort_index()


def _courses(rows: pd.DataFrame, by: str) -> list[str]:
    """Return a sentence for each of a few series, or one that names the outermost of many."""
    with_values = rows.dropna(subset="value").sort_values("place", kind="stable")
    if with_values[by].nunique() <= _LISTED:
        return [f"{name}: {_course(own)}" for name, own in with_values.groupby(by, sort=True)]
    last = with_values.groupby(by)["value"].last()
    return [f"The last values of {len(last)} series are {_range(last)}"]


def _course(rows: pd.DataFrame) -> str:
    """Return where a series starts and ends, and its extremes where they lie between."""
    values = rows.dropna(subset="value").set_index("place")["value"].astype(float)
    ends = [f"{_print(values.iloc[end])} in {values.index[end]}" for end in (0, -1)[: len(values)]]
    if not ends:
        return "none"
    extremes = {
        "lowest": (values.min(), values.idxmin()),
        "highest": (values.max(), values.idxmax()),
    }
    between = [
        f"{name} {_print(value)} in {place}"
        for name, (value, place) in extremes.items()
        if place not in (values.index[0], values.index[-1])
    ]
    return _join([" to ".join(ends), *between])


def _range(values: "pd.Series[float]") -> str:
    """Return the least and the greatest of labelled values."""
    known = values.dropna().astype(float)
    if known.empty:
        return "none"
    low, high = _print(known.min()), _print(known.max())
    if low == high:
        return low if len(known) == 1 else f"always {low}"
    return f"between {low} ({known.idxmin()}) and {high} ({known.idxmax()})"


def _breaks(marks: Sequence[Mapping[str, str | None]], interval: str) -> str:
    named = [
        f"{_of(mark)}{mark['name']}"
        + (
            f" ({interval}: {_ends([mark['low'], mark['high']])})"
            if mark["low"] and mark["high"]
            else ""
        )
        for mark in marks
    ]
    return f"Breaks: {_join(named)}" if named else "No break"


def _of(mark: Mapping[str, str | None]) -> str:
    return f"{mark['series']} " if mark.get("series") else ""


def _events(events: Sequence[Mapping[str, str]]) -> str:
    named = [f"{event['name']} ({event['date']})" for event in events]
    return f"Marked: {_join(named)}" if named else ""


def _step(row: Mapping[Hashable, Any]) -> str:
    """Return the value of a step of a waterfall, with its sign where it is a change."""
    return _print(row["value"], signed=row["kind"] != "level")


def _bounds(low: Any, high: Any) -> str:
    if pd.isna(low) and pd.isna(high):
        return ""
    if pd.isna(high):
        return f" (at least {_print(low)})"
    if pd.isna(low):
        return f" (at most {_print(high)})"
    return f" ({_ends([_print(low), _print(high)])})"


def _ends(places: Iterable[object]) -> str:
    """Return the first and the last of ordered places."""
    listed = list(dict.fromkeys(places))
    return f"{listed[0]} to {listed[-1]}" if len(listed) > 1 else f"{listed[0]}"


def _print(value: float, *, signed: bool = False) -> str:
    """Print three significant digits, and every digit of a larger number before its point."""
    exponent = int(f"{value:.{_DIGITS - 1}e}".partition("e")[2])
    decimals = max(0, _DIGITS - 1 - exponent) if value else 0
    return format_value(value, decimals=decimals, signed=signed)


def _some(names: Sequence[str]) -> str:
    left = len(names) - _LISTED
    return _join([*names[:_LISTED], *([f"and {left} more"] if left > 0 else [])])


def _join(parts: Iterable[str], between: str = ", ") -> str:
    return between.join(parts)


def standing(data: pd.DataFrame, *, pair: str) -> str:
    """Describe percentiles by measure and group."""
    told = [
        f"{measure}: "
        + _join([f"{row['percentile']:.0f} among {row['among']}" for row in own.to_dict("records")])
        for measure, own in data.groupby("measure", sort=False)
    ]
    return _sentences(
        f"Marks of the percentile of {pair} on a scale from 0 to 100, a row a measure and a mark "
        "for each group of others",
        *told,
    )


def flow_context(data: pd.DataFrame, *, unit_label: str, outer_label: str, inner_label: str) -> str:
    """Describe predictions of flows with their ranges, and what is stated of them."""
    told = [
        f"{flow}, {year}: "
        + _join(
            [_in_context(row, inner_label, outer_label) for row in own.to_dict("records")], "; "
        )
        for (flow, year), own in data.groupby(["flow", "year"], sort=False)
    ]
    return _sentences(
        f"Bars of predicted ranges and markers of what is stated, a row a flow and year; across: "
        f"{unit_label}",
        *told,
    )


def _in_context(row: Mapping[Hashable, Any], inner_label: str, outer_label: str) -> str:
    """Return a prediction with its ranges, or what a source states."""
    ranges = [
        f"{label}: {_ends([_print(row[low]), _print(row[high])])}"
        for label, low, high in (
            (inner_label, "inner_low", "inner_high"),
            (outer_label, "low", "high"),
        )
        if pd.notna(row[low])
    ]
    return f"{row['source']} {_print(row['value'])}" + (f" ({_join(ranges)})" if ranges else "")


def _sentences(*parts: str) -> str:
    return " ".join(f"{part.rstrip('.')}." for part in parts if part)
