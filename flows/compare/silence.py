"""What a silent side's own rows say about a flow that it does not show."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from flows.canonical import exact_sum
from flows.measure.double_counting import check_one_statement
from flows.periods import Period, recut

Silence = Literal[
    "reported", "below threshold", "confidential", "other partner", "not reported", "no statements"
]

_NOWHERE = "XXX"


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """
    One question to the rows of a silent side.

    Parameters
    ----------
    question : str
        What is asked.
    found : str
        The answer, in words.
    value : float
        The answer as a value, in the unit of the rows; missing where there is none.
    holds : bool
        Whether the answer is yes.
    kind : str, optional
        What the flow then is; ``None`` for a question that decides nothing.
    rows : pandas.DataFrame
        Rows that say so.
    """

    question: str
    found: str
    value: float
    holds: bool
    kind: Silence | None
    rows: pd.DataFrame


def gather(
    spoken: pd.DataFrame,
    *,
    exporter: str,
    importer: str,
    silent: str,
    period: Period,
    product: str,
    stated: float,
    nothing: float,
    threshold: float | None,
    confidential: Collection[str],
) -> tuple[Evidence, ...]:
    """
    Return the evidence on a flow, in the order in which it decides.

    Parameters
    ----------
    spoken : pandas.DataFrame
        All rows of the one who speaks for the silent side.
    exporter, importer, silent : str
        Alpha-3 codes; ``silent`` is one of the two.
    period : Period
        The period in question.
    product : str
        Product of the flow.
    stated : float
        What the other side states.
    nothing : float
        Share of ``stated`` up to which an answer counts as none.
    threshold : float, optional
        Value below which the silent side publishes nothing.
    confidential : collection of str
        Product codes of undisclosed goods.

    Returns
    -------
    tuple of Evidence
        Its own statement first.

    Raises
    ------
    DoubleCountError
        If a flow is stated twice.
    PeriodError
        If its statement covers the period in part.
    """
    column, partners = ("importer", "exporter") if silent == importer else ("exporter", "importer")
    own = spoken[spoken[column] == silent]
    now = touching(own, period)
    partner = exporter if silent == importer else importer
    flow = own[(own[partners] == partner) & (own["product"] == product)]
    return (
        _statement(touching(flow, period), period, stated * nothing),
        _threshold(stated, threshold),
        _undisclosed(
            now[now[partners].isin([partner, _NOWHERE])], partner, partners, confidential, stated
        ),
        _elsewhere(now[(now[partners] == _NOWHERE) & (now["product"] == product)], stated),
        _others(now),
        _other_times(flow.drop(touching(flow, period).index)),
    )


def touching(rows: pd.DataFrame, period: Period) -> pd.DataFrame:
    """
    Return the rows that share a day with a period.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of a flow table.
    period : Period
        The period.

    Returns
    -------
    pandas.DataFrame
        With their index.

    Raises
    ------
    KeyError
        If ``start`` or ``end`` is missing.

    Examples
    --------
    >>> from flows.periods import gregorian_year
    >>> rows = pd.DataFrame({"start": pd.to_datetime(["2022-07-01", "2021-07-01"]),
    ...                      "end": pd.to_datetime(["2023-06-30", "2022-06-30"])})
    >>> touching(rows, gregorian_year(2023)).index.to_list()
    [0]
    """
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    return rows[(rows["start"] <= end) & (rows["end"] >= start)]


def _statement(rows: pd.DataFrame, period: Period, little: float) -> Evidence:
    value = float("nan")
    if len(rows) and rows["value"].notna().all():
        check_one_statement(rows)
        value = recut(rows, period).value
    return Evidence(
        question="Does it state the flow?",
        found=f"{value:,.0f}" if pd.notna(value) else "without a size" if len(rows) else "no row",
        value=value,
        holds=value > little,
        kind="reported",
        rows=rows,
    )


def _threshold(stated: float, threshold: float | None) -> Evidence:
    below = threshold is not None and stated < threshold
    return Evidence(
        question="Is the flow smaller than what it publishes?",
        found="no threshold is known" if threshold is None else f"threshold {threshold:,.0f}",
        value=float("nan") if threshold is None else threshold,
        holds=below,
        kind="below threshold",
        rows=pd.DataFrame(),
    )


def _undisclosed(
    rows: pd.DataFrame, partner: str, partners: str, codes: Collection[str], stated: float
) -> Evidence:
    """Look for rows of the flow without a size, and for undisclosed goods large enough."""
    unsized = rows[(rows[partners] == partner) & rows["value"].isna()]
    hidden = rows[rows["product"].isin(codes)]
    largest = (
        hidden.groupby("product")["value"].agg(exact_sum).max() if len(hidden) else float("nan")
    )
    return Evidence(
        question="Has it rows without a size, or undisclosed goods that can hold the flow?",
        found=f"{len(unsized)} rows without a size, {len(hidden)} of undisclosed goods",
        value=float(largest),
        holds=bool(len(unsized)) or largest >= stated,
        kind="confidential",
        rows=pd.concat([unsized, hidden]).drop_duplicates(["dataset", "line"]),
    )


def _elsewhere(rows: pd.DataFrame, stated: float) -> Evidence:
    if len(rows):
        check_one_statement(rows)
    value = exact_sum(rows["value"]) if len(rows) else float("nan")
    return Evidence(
        question="Has it goods of areas not specified that can hold the flow?",
        found=f"{value:,.0f}" if len(rows) else "no row",
        value=value,
        holds=value >= stated,
        kind="other partner",
        rows=rows,
    )


def _others(rows: pd.DataFrame) -> Evidence:
    return Evidence(
        question="Does it report this direction at all in the period?",
        found=f"{len(rows)} rows",
        value=float("nan"),
        holds=bool(len(rows)),
        kind="not reported",
        rows=rows,
    )


def _other_times(rows: pd.DataFrame) -> Evidence:
    """Say how large the flow is at other times: it decides nothing, and tells a habit."""
    sizes = rows["value"].dropna()
    return Evidence(
        question="Does it state the flow at other times?",
        found=f"{len(sizes)} statements, {sizes.min():,.0f} to {sizes.max():,.0f}"
        if len(sizes)
        else "no row",
        value=float(sizes.median()) if len(sizes) else float("nan"),
        holds=bool((sizes > 0).any()),
        kind=None,
        rows=rows,
    )
