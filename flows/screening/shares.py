"""What each series is of the imports of one country, or the exports of the other, over time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from flows.canonical import exact_sum, exact_sums
from flows.errors import FlowsError
from flows.measure.checks import check_one_scope
from flows.measure.covering import PRINTED_TOTAL, claimed, not_all_partners
from flows.measure.shares import are_named
from flows.measure.totals import add_total
from flows.measure.whole_periods import Cut
from flows.models.sample import FloatArray, IntArray
from flows.scope import SIDES, Of
from flows.screening.panel import Frequency, Panel


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """
    Shares of the totals of one side.

    ``share``: 0 to 1, shape ``(series, periods)``, NaN where the total is not known or the other
    side speaks; ``rank``: 1 is the largest partner, equal ones share the better place, NaN for
    partners without a name; ``totals``: one row a country, reporter, product if each is a series,
    and period: ``total``, ``partners`` that traded, ``hhi`` (NaN where the total is a printed one),
    ``main``, the largest partner, and ``main_share``; ``unknown``: reason for each country and
    reporter whose totals are not known.
    """

    share: FloatArray
    rank: FloatArray
    totals: pd.DataFrame
    unknown: pd.DataFrame


def shares_over_time(panel: Panel, of: Of) -> Shares:
    """Return the share of each series in the imports of its importer, or its exporter's exports."""
    side, other = SIDES[of]
    speaks = panel.keys["voice"].isin([side, "organisation"]).to_numpy()
    series, period = np.nonzero(~np.isnan(panel.amounts) & speaks[:, None])
    of_what = [side, "reporter", *panel.keys.columns.intersection(["product"])]
    cells = panel.keys[[*of_what, other]].iloc[series].reset_index(drop=True)
    cells = cells.assign(period=period, value=panel.amounts[series, period])
    grouped = cells.groupby([*of_what, "period"], sort=True)
    number = np.asarray(grouped.ngroup(), dtype=np.int64)
    totals = grouped.size().rename("partners").reset_index()
    amounts = cells["value"].to_numpy()
    totals["partners"] = np.bincount(number, weights=amounts > 0, minlength=len(totals)).astype(int)
    totals["total"] = exact_sums(amounts, number, len(totals))
    totals, unknown = _with_scopes(totals, panel, of)
    total = totals["total"].to_numpy()[number]
    share = np.divide(amounts, total, out=np.full(len(cells), np.nan), where=total > 0)
    rank = _ranks(cells[other], amounts, number)
    totals = totals.assign(**_concentration(cells[other].to_numpy(), share, number, len(totals)))
    totals.loc[totals["scope"] == PRINTED_TOTAL, "hhi"] = np.nan
    totals["period"] = panel.periods[totals["period"]]
    shape = panel.amounts.shape
    return Shares(
        share=_laid(shape, series, period, share),
        rank=_laid(shape, series, period, np.where(np.isnan(share), np.nan, rank)),
        totals=totals[totals["total"].notna()].reset_index(drop=True),
        unknown=unknown,
    )


def _laid(
    shape: tuple[int, ...],
    series: IntArray,
    period: IntArray,
    cells: FloatArray,
) -> FloatArray:
    laid = np.full(shape, np.nan)
    laid[series, period] = cells
    return laid


def _ranks(partners: pd.Series, amounts: FloatArray, number: IntArray) -> FloatArray:
    """Return the place of each partner among those with a name."""
    codes, names = pd.factorize(partners)
    named = are_named(names)[codes]
    values = pd.Series(np.where(named, amounts, np.nan))
    ranks = values.groupby(number).rank(method="min", ascending=False)
    return np.asarray(ranks, dtype=np.float64)


def _concentration(
    partners: npt.NDArray[np.object_],
    share: FloatArray,
    number: IntArray,
    count: int,
) -> dict[str, npt.NDArray[Any]]:
    """Return the Herfindahl-Hirschman index of each total, and its largest partner."""
    order = np.lexsort((partners, -share, number))
    first = order[np.unique(number[order], return_index=True)[1]]
    return {
        "hhi": np.bincount(number, weights=share**2, minlength=count),
        "main": partners[first],
        "main_share": share[first],
    }


def _with_scopes(totals: pd.DataFrame, panel: Panel, of: Of) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the totals with what they rest on; those that are not known are missing."""
    side, _ = SIDES[of]
    found = pd.DataFrame(_scopes(panel, of), columns=[side, "reporter", "scope", "reason", "own"])
    merged = totals.merge(found, on=[side, "reporter"], how="left")
    merged.loc[merged["reason"] != "", "total"] = np.nan
    for place, own in merged.loc[merged["own"].notna(), ["own", "period"]].iterrows():
        merged.loc[place, "total"] = own["own"].get(int(own["period"]), np.nan)
    unknown = found.loc[found["reason"] != "", [side, "reporter", "reason"]]
    return merged.drop(columns=["own", "reason"]), unknown.reset_index(drop=True)


def _scopes(panel: Panel, of: Of) -> Iterator[tuple[str, str, str, str, dict[int, float] | None]]:
    """Yield country, reporter, scope, why there is none, and totals other than the sum of rows."""
    side, _ = SIDES[of]
    voices = pd.MultiIndex.from_frame(
        panel.keys.loc[panel.keys["voice"].isin([side, "organisation"]), [side, "reporter"]]
    ).unique()
    partial = pd.MultiIndex.from_frame(panel.left_out[[side, "reporter"]])
    rows = panel.rows
    mine = rows[pd.MultiIndex.from_frame(rows[[side, "reporter"]]).isin(voices)]
    alike = _all_alike(mine, of)
    for names, own in mine.groupby([side, "reporter"], sort=True):
        country, reporter = map(str, names)
        try:
            if not alike:
                check_one_scope(own, of=of)
            scope = claimed(own, country=country, of=of)
            if scope is not None and (country, reporter) not in partial:
                yield country, reporter, scope, "", None
                continue
            added, scope = _added(own, panel, country, of)
        except FlowsError as error:
            yield country, reporter, "", str(error), None
        else:
            yield country, reporter, scope, "", added


def _all_alike(rows: pd.DataFrame, of: Of) -> bool:
    """Say whether the rows of every country are alike, so that none has to be looked at alone."""
    try:
        check_one_scope(rows, of=of)
    except FlowsError:
        return False
    return True


def _added(rows: pd.DataFrame, panel: Panel, country: str, of: Of) -> tuple[dict[int, float], str]:
    """Return the totals of one country by number of the column, printed ones where they have to."""
    freq: Frequency = "month" if panel.periods.freqstr == "M" else "year"
    if "product" in panel.keys:
        span = f"{panel.periods[0]}-{panel.periods[-1]}"
        raise not_all_partners(rows, country=country, of=of, periods=span)
    added = add_total(rows, cut=Cut(freq), country=country, of=of)
    sums = added.used.groupby("at")["value"].agg(exact_sum)
    first = panel.periods[0].year if freq == "year" else panel.periods[0].ordinal + 1970 * 12
    return {
        int(at): float(value) for at, value in zip(sums.index - first, sums, strict=True)
    }, added.scope
