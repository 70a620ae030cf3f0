"""One share in every release at hand, beside what was published at the time."""

import math
from collections.abc import Hashable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

from flows.canonical import canonical, exact_sum
from flows.countries import country_name
from flows.errors import PeriodError, SchemaError
from flows.measure.checks import (
    UNNAMED,
    check_span,
    rows_by_dataset,
    select_flows,
    years_counted,
)
from flows.measure.drawn_shares import check_arms
from flows.measure.shares import Share, share
from flows.results import Card, DrawingCall, Drawn, print_between, print_percent
from flows.scope import release_of

_SHARES = ["start", "end", "dataset", "share_pct", "rounded_sums_pct", "numerator", "denominator"]
_PUBLISHED = ["start", "end", "published_pct", "edition", "dataset", "share_pct"]
_WAYS = ("share_pct", "rounded_sums_pct")
_JUDGED = ["rounded_sums_pct", "apart", "verdict", "numerator_low", "numerator_high"]

VERDICTS = (
    "rounds to it",
    "its rounded sums do",
    "within the tolerance",
    "differs",
    "names no suppliers",
)
"""What can be said of a published share in a release; the last where suppliers are not named."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class ShareHistory(Drawn):
    """
    A share by window and release, and published shares beside it.

    Parameters
    ----------
    shares : tuple of Share
        Every window in every release that names suppliers and counts all of its years.
    frame : pandas.DataFrame
        One row a window and data set: ``start``, ``end``, ``dataset``, ``share_pct``,
        ``rounded_sums_pct`` (each supplier's sum rounded to a whole number first, halves up, as
        SIPRI's tables print it), ``numerator``, ``denominator``. Of a data set that names no
        suppliers only the denominator is known.
    published : pandas.DataFrame
        One row a published share and data set that counts its window: ``start``, ``end``,
        ``published_pct``, ``edition``, ``dataset``, ``share_pct``, ``rounded_sums_pct``, ``apart``
        (percentage points from what would round to it, 0 if it does), ``verdict`` (one of
        :data:`~flows.compare.share_history.VERDICTS`), ``numerator_low`` and ``numerator_high``
        (what the supplier must have delivered for the published share to be right, given the
        denominator).
    """

    natural_table = "frame"

    shares: tuple[Share, ...]
    frame: pd.DataFrame
    published: pd.DataFrame

    def wide(self) -> pd.DataFrame:
        """
        Return shares in percent, one row a window and one column a data set.

        Returns
        -------
        pandas.DataFrame
            Index ``start``, ``end``; missing where a data set does not count the window or names
            no suppliers.
        """
        table = self.frame.pivot_table(
            index=["start", "end"], columns="dataset", values="share_pct", sort=True
        )
        return table.rename_axis(columns=None)

    def drawing(self) -> DrawingCall:
        """
        Return each share by window and release, published ones beside them.

        Returns
        -------
        DrawingCall
            For :func:`flows.figures.draw_share_windows`.

        Raises
        ------
        ValueError
            If no data set names suppliers, or the amounts are no TIV: the figure is one of arms.
        """
        if not self.shares:
            raise ValueError("expected a share to draw, found data sets that name no suppliers")
        check_arms(self.shares[0].unit)
        published = self.published.drop_duplicates(["start", "end", "edition"])
        parts = (
            self.frame.dropna(subset="share_pct").assign(
                kind="computed", release=lambda rows: rows["dataset"].map(release_of)
            ),
            published.assign(
                kind="published", share_pct=published["published_pct"], release=published["edition"]
            ),
        )
        data = pd.concat(
            [
                part.assign(window=[f"{start}-{end}" for start, end in _windows(part)])
                for part in parts
            ]
        )[["window", "release", "share_pct", "kind"]]
        return DrawingCall(
            "draw_share_windows",
            data.assign(low=math.nan, high=math.nan).reset_index(drop=True),
            {
                "supplier": country_name(self.shares[0].supplier),
                "importer": country_name(self.shares[0].importer),
            },
        )

    def _card(self) -> Card:
        whose = {f"{share.supplier} in the imports of {share.importer}" for share in self.shares}
        percent = self.frame["share_pct"] / 100
        low, high = (print_percent(end) for end in (percent.min(), percent.max()))
        rows = [share.rows for share in self.shares]
        return Card(
            title=", ".join(sorted(whose)) or "no supplier is named",
            facts=(
                (
                    "shares",
                    print_between(low, high),
                ),
                ("windows", str(len(self.frame[["start", "end"]].drop_duplicates()))),
                ("releases", ", ".join(sorted(self.frame["dataset"].unique()))),
                ("published", _verdict_counts(self.published)),
            ),
            more=tuple(
                (f"{row['start']}-{row['end']}, {row['dataset']}", print_percent(share))
                for row, share in zip(self.frame.to_dict("records"), percent, strict=True)
            ),
            rows=rows_by_dataset(pd.concat(rows)) if rows else {},
        )


def _windows(rows: pd.DataFrame) -> Iterator[tuple[int, int]]:
    return rows[["start", "end"]].itertuples(index=False, name=None)


def _verdict_counts(published: pd.DataFrame) -> str:
    counts = published["verdict"].value_counts().sort_index()
    return ", ".join(f"{number} {verdict}" for verdict, number in counts.items()) or "none"


def share_history(
    arms: pd.DataFrame,
    *,
    supplier: str,
    importer: str,
    windows: Sequence[Sequence[int]],
    published: pd.DataFrame | None = None,
    tolerance: float | None = None,
) -> ShareHistory:
    """
    Compute a share in every release, and say which of them a published share can come from.

    Parameters
    ----------
    arms : pandas.DataFrame
        Flow table, one or several data sets, in one unit.
    supplier, importer : str
        Alpha-3 codes.
    windows : sequence of pairs of int
        First and last years. A data set that does not count all of a window is left out there.
    published : pandas.DataFrame, optional
        Shares as published, a table such as ``fl.load("sipri-published-shares@2022-03")``; their
        windows are looked at too.
    tolerance : float, optional
        Percentage points that a share may lie beyond what rounds to the published one and still be
        called near it. It has to be given with ``published``.

    Returns
    -------
    ShareHistory
        Shares by window and release; published ones with a verdict a release.

    Raises
    ------
    PeriodError
        If no data set counts any of the windows.
    ValueError
        If ``published`` comes without a ``tolerance``, or it is negative.
    FlowsError
        As :func:`flows.share`.

    Examples
    --------
    >>> import flows as fl
    >>> history = share_history(
    ...     fl.load("sipri-deal-years@2022-03"), supplier="ISR", importer="AZE",
    ...     windows=[(2016, 2020)], published=fl.load("sipri-published-shares@2022-03"),
    ...     tolerance=0.1,
    ... )
    >>> history.published.loc[2, "verdict"]
    'rounds to it'
    """
    if published is not None and (tolerance is None or not tolerance >= 0):
        raise ValueError(f"expected a tolerance in percentage points, found {tolerance}")
    printed = _printed(published, supplier=supplier, importer=importer)
    spans = {(int(first), int(last)) for first, last in windows}
    spans |= set(zip(printed["start"], printed["end"], strict=True))
    shares = tuple(_shares(arms, sorted(spans), supplier=supplier, importer=importer))
    rows = [_row(measured) for measured in shares] + list(_totals(arms, sorted(spans), importer))
    if not rows:
        raise PeriodError(
            f"expected a data set that counts one of {_window_words(spans)}, found "
            + ", ".join(
                f"{dataset} of {first}-{last}"
                for dataset, (first, last) in sorted(years_counted(arms).items())
            )
        )
    frame = pd.DataFrame(rows, columns=_SHARES)
    ordered = frame.sort_values(["start", "end", "dataset"], ignore_index=True)
    judged = printed.merge(ordered, on=["start", "end"]) if len(printed) else printed
    verdicts = [_judge(row, tolerance or 0.0) for row in judged.to_dict("records")]
    return ShareHistory(shares, ordered, pd.DataFrame(verdicts, columns=[*_PUBLISHED, *_JUDGED]))


def _printed(published: pd.DataFrame | None, *, supplier: str, importer: str) -> pd.DataFrame:
    columns = ["start", "end", "published_pct", "edition"]
    if published is None:
        return pd.DataFrame(columns=columns)
    rows = published[(published["importer"] == importer) & (published["exporter"] == supplier)]
    years = {"start": rows["start"].dt.year, "end": rows["end"].dt.year}
    named = rows.rename(columns={"share_pct": "published_pct"}).assign(**years)[columns]
    return named.sort_values(columns, ignore_index=True)


def _shares(
    arms: pd.DataFrame, windows: Sequence[tuple[int, int]], *, supplier: str, importer: str
) -> Iterator[Share]:
    named = arms[arms["exporter"] != UNNAMED]
    for dataset in sorted(named["dataset"].unique()):
        for start, end in windows:
            arguments = {"supplier": supplier, "importer": importer, "start": start, "end": end}
            with suppress(PeriodError):
                yield share(named, **arguments, dataset=dataset)  # type: ignore[arg-type]


def _row(measured: Share) -> dict[str, Any]:
    sums = measured.rows.groupby("exporter")["value"].agg(exact_sum).map(_whole)
    total = int(sums.sum())
    own = int(sums.get(measured.supplier, 0))
    return {
        "start": measured.start,
        "end": measured.end,
        "dataset": measured.dataset,
        "share_pct": 100 * measured.value,
        "rounded_sums_pct": 100 * own / total if total else math.nan,
        "numerator": measured.numerator,
        "denominator": measured.denominator,
    }


def _totals(
    arms: pd.DataFrame, windows: Sequence[tuple[int, int]], importer: str
) -> Iterator[dict[str, Any]]:
    """Yield the denominators of data sets that name no suppliers."""
    named = arms["exporter"] != UNNAMED
    for dataset in sorted(set(arms["dataset"]) - set(arms.loc[named, "dataset"])):
        rows = select_flows(arms, dataset=dataset)
        for start, end in windows:
            with suppress(PeriodError, SchemaError):
                check_span(rows, start=start, end=end)
                inside = select_flows(rows, importer=importer)
                years = inside["start"].dt.year.between(start, end)
                total = exact_sum(inside.loc[years, "value"])
                total_row = {"start": start, "end": end, "dataset": dataset, "denominator": total}
                yield dict.fromkeys(_SHARES, math.nan) | total_row


def _judge(row: dict[Hashable, Any], tolerance: float) -> dict[str, Any]:
    """Say how a published share stands to that of one release."""
    digits = 0 if float(row["published_pct"]).is_integer() else 1
    half = 0.5 * 10**-digits
    low, high = row["published_pct"] - half, row["published_pct"] + half
    apart = canonical(max(low - row["share_pct"], row["share_pct"] - high, 0.0))
    judged: dict[str, Any] = {name: row[name] for name in [*_PUBLISHED, "rounded_sums_pct"]}
    ends = {"numerator_low": low, "numerator_high": high}
    implied = {name: end / 100 * row["denominator"] for name, end in ends.items()}
    if math.isnan(row["share_pct"]):
        return judged | implied | {"apart": math.nan, "verdict": VERDICTS[4]}
    rounds = [_rounds(row[name], digits, row["published_pct"]) for name in _WAYS]
    reasons = [*rounds, apart <= tolerance, True]
    return judged | implied | {"apart": apart, "verdict": VERDICTS[reasons.index(True)]}


def _rounds(value: float, digits: int, published: float) -> bool:
    step = Decimal(1).scaleb(-digits)
    return Decimal(repr(canonical(value))).quantize(step, ROUND_HALF_UP) == Decimal(repr(published))


def _whole(value: float) -> int:
    """Round as SIPRI does: halves up."""
    return math.floor(value + 0.5)


def _window_words(windows: set[tuple[int, int]]) -> str:
    return ", ".join(f"{first}-{last}" for first, last in sorted(windows))
