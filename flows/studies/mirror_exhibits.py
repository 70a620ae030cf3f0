"""Table and figures of the mirror study."""

from collections.abc import Iterable

import pandas as pd

from flows.compare.steps import Bridge
from flows.countries import country_name
from flows.findings import Figure, Table
from flows.measure.selection import rows_by_dataset
from flows.studies.mirror_history import History
from flows.studies.pair import MILLION, Pair
from flows.studies.trends import DirectionTrend, trend_data


def monthly_figure(trends: list[DirectionTrend], pair: Pair, *, name: str) -> Figure:
    """
    Return the figure of monthly trade in both directions with its trends.

    Parameters
    ----------
    trends : list of DirectionTrend
        Both directions.
    pair : Pair
        The two countries.
    name : str
        First part of the id.

    Returns
    -------
    Figure
        Drawn by ``draw_trend``.

    Raises
    ------
    CountryError
        If a code has no name.
    """
    rows = trends[0].y.attrs["rows"] | trends[1].y.attrs["rows"]
    says = country_name(pair.months)
    return Figure(
        id=f"{name}-monthly",
        draw="draw_trend",
        data=trend_data(trends),
        options={"unit_label": "USD million"},
        caption=(
            f"Monthly trade between {country_name(pair.exporter)} and "
            f"{country_name(pair.importer)} as {says} reports it, USD million, logarithmic axis, "
            "with log-linear trends and the 95% intervals of the lines."
        ),
        source=_source(rows.keys()),
        rows=rows,
        exact=("value",),
    )


def bridge_figure(found: Bridge, pair: Pair, *, name: str, exporter: str | None = None) -> Figure:
    """
    Return the figure of the bridge between the two reports.

    Parameters
    ----------
    found : Bridge
        From the exporter's report to the importer's.
    pair : Pair
        The two countries.
    name : str
        First part of the id.
    exporter : str, optional
        Whose exports; those of the pair by default.

    Returns
    -------
    Figure
        Drawn by ``draw_bridge``, in USD million.

    Raises
    ------
    CountryError
        If a code has no name.
    """
    sender = exporter or pair.exporter
    sends, receives = country_name(sender), country_name(pair.other(sender))
    data = found.tidy()
    amounts = ["value", "low", "high", "cumulative_from", "cumulative_to"]
    data[amounts] /= MILLION
    ranged = data["low"] != data["high"]
    data[["low", "high"]] = data[["low", "high"]].where(ranged)
    rows = rows_by_dataset(pd.concat([step.rows for step in found.steps if len(step.rows)]))
    return Figure(
        id=f"{name}-bridge" if sender == pair.exporter else f"{name}-bridge-reverse",
        draw="draw_bridge",
        data=data.drop(columns=["id", "assumption"]),
        options={"unit_label": "USD million"},
        caption=(
            f"From {sends}’s report of its exports to {receives} to {receives}’s report of the "
            "same imports, USD million. Whiskers: range of each step under the other assumptions."
        ),
        source=_source(rows.keys()),
        rows=rows,
    )


def ratio_figure(history: History, pair: Pair, *, name: str) -> Figure:
    """
    Return the figure of the ratio of the two reports by year.

    Parameters
    ----------
    history : History
        Both directions.
    pair : Pair
        The two countries.
    name : str
        First part of the id.

    Returns
    -------
    Figure
        Drawn by ``draw_mirror_ratio``; the ratio to a lower bound has no low of its own.

    Raises
    ------
    CountryError
        If a code has no name.
    """
    frame = history.frame
    titles = {direction: pair.title(exporter) for direction, exporter in pair.directions}
    data = pd.DataFrame(
        {
            "period": frame["year"],
            "flow": frame["direction"].map(titles),
            "ratio": frame["ratio"],
            "low": float("nan"),
            "high": frame["ratio"].where(frame["bound"]),
            "odd": frame["odd"] != "",
        }
    )
    rows = rows_by_dataset(history.rows)
    return Figure(
        id=f"{name}-ratio",
        draw="draw_mirror_ratio",
        data=_with_gaps(data),
        options={
            "exporter": country_name(pair.exporter),
            "importer": country_name(pair.importer),
        },
        caption=(
            "Importer’s report divided by exporter’s report of the same flow, by year of "
            f"{country_name(pair.years)}’s calendar, logarithmic axis. A hollow mark is a "
            "statement known to be out of line; an open whisker, a statement that is a lower bound."
        ),
        source=_source(rows.keys()),
        rows=rows,
    )


def mirror_table(history: History, pair: Pair, *, name: str) -> Table:
    """
    Return the table of both reports by year and direction.

    Parameters
    ----------
    history : History
        Both directions.
    pair : Pair
        The two countries.
    name : str
        First part of the id.

    Returns
    -------
    Table
        USD million, ratio, and what is particular about a year.

    Raises
    ------
    CountryError
        If a code has no name.
    """
    frame = history.frame
    titles = {direction: pair.title(exporter) for direction, exporter in pair.directions}
    bound = frame["bound"].map({True: "lower bound", False: ""})
    remark = [
        "; ".join(word for word in words if word) for words in zip(bound, frame["odd"], strict=True)
    ]
    return Table(
        id=f"{name}-mirror",
        frame=pd.DataFrame(
            {
                "year": frame["year"],
                "flow": frame["direction"].map(titles),
                "exporter_report": frame["exporter_report"],
                "importer_report": frame["importer_report"],
                "ratio": frame["ratio"],
                "remark": remark,
            }
        ),
        labels={
            "year": "Year",
            "flow": "Flow",
            "exporter_report": "Exporter reports",
            "importer_report": "Importer reports",
            "ratio": "Ratio",
            "remark": f"On {country_name(pair.years)}’s figure",
        },
        formats={"exporter_report": ".2f", "importer_report": ".2f", "ratio": ".2f"},
        caption=(
            f"Both reports of the trade between {country_name(pair.exporter)} and "
            f"{country_name(pair.importer)}, USD million, by year of "
            f"{country_name(pair.years)}’s calendar."
        ),
        note=(
            f"{country_name(pair.months)}’s months are cut to these years, the first and last "
            "month by days. Ratio: importer’s report divided by exporter’s. The reports differ in "
            "coverage and valuation; the bridge takes these apart for one year."
        ),
        rows=rows_by_dataset(history.rows),
    )


def _with_gaps(data: pd.DataFrame) -> pd.DataFrame:
    """Return the ratios with an empty row for each year between the first and last without one."""
    years = data["period"].astype("int64")
    places = pd.MultiIndex.from_product(
        [range(years.min(), years.max() + 1), data["flow"].unique()], names=["period", "flow"]
    )
    whole = data.assign(period=years).set_index(["period", "flow"]).reindex(places).reset_index()
    return whole.assign(period=whole["period"].astype("str"), odd=whole["odd"].eq(other=True))


def _source(datasets: Iterable[str]) -> str:
    return f"Source: {', '.join(sorted(datasets))}."
