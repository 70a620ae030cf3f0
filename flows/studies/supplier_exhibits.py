"""Table and figures of the supplier study."""

from collections.abc import Sequence

import pandas as pd

from flows.countries import country_name
from flows.errors import SchemaError
from flows.findings import Figure, Number, Table
from flows.measure.selection import rows_by_dataset, select_flows
from flows.measure.shares import Share
from flows.studies.numbers import numbers_of
from flows.table import Rows

_NAMED = 7
_UNKNOWN = "XXU"


def published_shares(
    published: pd.DataFrame | None, *, importer: str, supplier: str
) -> pd.DataFrame:
    """
    Return what was published of this supplier's share, by window.

    Parameters
    ----------
    published : pandas.DataFrame, optional
        Table of published shares.
    importer, supplier : str
        Alpha-3 codes.

    Returns
    -------
    pandas.DataFrame
        Columns ``start``, ``end`` (years), ``share_pct``, ``dataset``, ``line``; may be empty.

    Raises
    ------
    KeyError
        If the table lacks a column.
    """
    columns = ["start", "end", "share_pct", "dataset", "line"]
    if published is None:
        return pd.DataFrame(columns=columns)
    rows = published[(published["importer"] == importer) & (published["exporter"] == supplier)]
    years = {"start": rows["start"].dt.year, "end": rows["end"].dt.year}
    return rows.assign(**years)[columns]


def published_numbers(shown: pd.DataFrame, window: tuple[int, int], name: str) -> list[Number]:
    """
    Return the published share of the window, if there is one.

    Parameters
    ----------
    shown : pandas.DataFrame
        From :func:`published_shares`.
    window : tuple of int
        First and last year.
    name : str
        First part of the id.

    Returns
    -------
    list of Number
        ``share.published``, or nothing.

    Raises
    ------
    SchemaError
        If two shares were published for one window.
    """
    rows = shown[(shown["start"] == window[0]) & (shown["end"] == window[1])]
    if len(rows) > 1:
        raise SchemaError(f"expected one published share for {window[0]}-{window[1]}, found two")
    make = numbers_of(name, "flows.load", {"start": window[0], "end": window[1]})
    return [
        make(
            "share.published",
            float(share_pct),
            "%",
            f"The share that SIPRI published for {window[0]}-{window[1]}.",
            digits=0,
            rows=rows,
        )
        for share_pct in rows["share_pct"]
    ]


def share_table(
    shares: Sequence[Share], shown: pd.DataFrame, *, name: str, supplier: str, importer: str
) -> Table:
    """
    Return the table of shares: one row a window, one column a release.

    Parameters
    ----------
    shares : sequence of Share
        Every window in every release.
    shown : pandas.DataFrame
        From :func:`published_shares`.
    name : str
        First part of the id.
    supplier, importer : str
        Alpha-3 codes.

    Returns
    -------
    Table
        Percent; a window that a release does not count is empty.

    Raises
    ------
    CountryError
        If a code has no name.
    """
    frame = pd.DataFrame(
        [
            {"window": _window(one), "release": _release(one), "share_pct": 100 * one.value}
            for one in shares
        ]
    ).pivot_table(index="window", columns="release", values="share_pct", sort=True)
    frame = frame.reset_index().rename_axis(columns=None)
    releases = [column for column in frame.columns if column != "window"]
    if len(shown):
        windows = _published_windows(shown)
        frame["published"] = frame["window"].map(
            dict(zip(windows, shown["share_pct"], strict=True))
        )
    last = ["published"] if len(shown) else []
    return Table(
        id=f"{name}-shares",
        frame=frame,
        labels={"window": "Window"}
        | {one: f"Release {one}" for one in releases}
        | dict.fromkeys(last, "Published"),
        formats=dict.fromkeys(releases, ".2f") | dict.fromkeys(last, ".0f"),
        caption=(
            f"{country_name(supplier)}’s share of {country_name(importer)}’s imports of major arms "
            "by five-year window and release, percent of TIV."
        ),
        note=(
            "Computed from SIPRI’s deliveries by deal and year or by supplier and year. An empty "
            "cell is a window that the release does not count in full. Published: the whole-number "
            "figures of SIPRI’s fact sheets of the following March."
        ),
        rows=_all_rows([one.rows for one in shares]),
    )


def window_figure(
    shares: Sequence[Share], shown: pd.DataFrame, *, name: str, supplier: str, importer: str
) -> Figure:
    """
    Return the figure of shares by window and release.

    Parameters
    ----------
    shares, shown, name, supplier, importer
        As in :func:`share_table`.

    Returns
    -------
    Figure
        Drawn by ``draw_share_windows``.

    Raises
    ------
    CountryError
        If a code has no name.
    """
    computed = pd.DataFrame(
        {
            "window": [_window(one) for one in shares],
            "release": [_release(one) for one in shares],
            "share_pct": [100 * one.value for one in shares],
            "kind": "computed",
        }
    )
    printed = pd.DataFrame(
        {
            "window": _published_windows(shown),
            "release": "published",
            "share_pct": shown["share_pct"].astype("float64").to_numpy(),
            "kind": "published",
        }
    )
    printed = printed[printed["window"].isin(computed["window"])]
    data = pd.concat([computed, printed], ignore_index=True) if len(printed) else computed
    return Figure(
        id=f"{name}-share-by-window",
        draw="draw_share_windows",
        data=data.assign(low=float("nan"), high=float("nan")),
        options={"supplier": country_name(supplier), "importer": country_name(importer)},
        caption=(
            f"{country_name(supplier)}’s share of {country_name(importer)}’s imports of major arms "
            "by five-year window, in each release of the data and as published at the time."
        ),
        source=_source([one.rows for one in shares]),
        rows=_all_rows([one.rows for one in shares]),
    )


def by_supplier_figure(release: pd.DataFrame, *, name: str, supplier: str, importer: str) -> Figure:
    """
    Return the figure of imports by supplier and year.

    Parameters
    ----------
    release : pandas.DataFrame
        Flow table of one release.
    name : str
        First part of the id.
    supplier, importer : str
        Alpha-3 codes; the supplier is drawn in the accent colour and always named.

    Returns
    -------
    Figure
        Drawn by ``draw_imports_by_supplier``: the largest suppliers, then others and unknown.

    Raises
    ------
    SchemaError
        If the importer has no rows.
    """
    rows = select_flows(release, importer=importer)
    totals = rows.groupby("exporter")["value"].sum().drop(_UNKNOWN, errors="ignore")
    largest = totals.sort_index().sort_values(ascending=False, kind="stable").index[:_NAMED]
    named = {code: country_name(code) for code in {*largest, supplier}}
    named[_UNKNOWN] = "Unknown supplier"
    data = pd.DataFrame(
        rows.assign(
            year=rows["start"].dt.year, supplier=rows["exporter"].map(named).fillna("Others")
        )
        .groupby(["year", "supplier"], as_index=False)["value"]
        .sum()
    )
    return Figure(
        id=f"{name}-by-supplier",
        draw="draw_imports_by_supplier",
        data=data,
        options={"unit_label": "million TIV", "highlight": country_name(supplier)},
        caption=(
            f"{country_name(importer)}’s imports of major arms by supplier and year of delivery, "
            "million TIV. TIV is a volume of arms, not a price."
        ),
        source=_source([rows]),
        rows=rows_by_dataset(rows),
    )


def _window(one: Share) -> str:
    return f"{one.start}-{one.end}"


def _release(one: Share) -> str:
    return one.dataset.partition("@")[2]


def _published_windows(shown: pd.DataFrame) -> list[str]:
    return [f"{start}-{end}" for start, end in zip(shown["start"], shown["end"], strict=True)]


def _all_rows(frames: Sequence[pd.DataFrame]) -> Rows:
    return rows_by_dataset(pd.concat([frame[["dataset", "line"]] for frame in frames]))


def _source(frames: Sequence[pd.DataFrame]) -> str:
    vintages = sorted({one.partition("@")[2] for frame in frames for one in frame["dataset"]})
    word = "release" if len(vintages) == 1 else "releases"
    return f"Source: SIPRI Arms Transfers Database, {word} {', '.join(vintages)}."
