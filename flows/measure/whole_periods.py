"""Which periods rows cover as a whole: months, and spans as stated or put together from months."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

import pandas as pd

from flows.canonical import exact_sum
from flows.errors import PeriodError
from flows.measure.checks import check_periods, check_stated_once
from flows.periods import Calendar, Period, Span, numbered_periods, recut
from flows.table import where

Frequency = Literal["month", "quarter", "half-year", "year"]

_LONGEST_MONTH = 32
_FIRST_ORDINAL = {"year": 1970, "quarter": 1970 * 4, "month": 1970 * 12}
_FLOW = ["exporter", "importer", "product"]
_AMOUNTS = ["value", "low", "high"]


@dataclass(frozen=True, slots=True)
class Cut:
    """How time is cut: into months, or into spans of a calendar."""

    freq: Frequency
    calendar: Calendar = "gregorian"

    def whole(self, rows: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
        """
        Return the rows of each whole period, and the periods left out with the reason.

        The rows have the number of their period in ``at``, its name in ``label``, and amounts of
        their days inside it. A period counts if every flow with a row in it is whole: stated for
        the period, or in months that all flows together have without a gap. A partner without a
        row in one of these months had no trade then.
        """
        used, left_out = _months(rows) if self.freq == "month" else _spans(rows, self)
        if "unclear" not in used.columns:
            return used, left_out
        unclear = used[used["unclear"] != ""].drop_duplicates("label")
        reasons = {
            row["label"]: f"{row['label']}: {row['unclear']}" for _, row in unclear.iterrows()
        }
        return used[~used["label"].isin(reasons)], left_out | reasons

    def nothing(self, rows: pd.DataFrame, left_out: Mapping[str, str]) -> PeriodError:
        """Return the error that rows cover no period as a whole."""
        span = f"{self.calendar} {self.freq} or all of its months"
        why = f" ({next(iter(left_out.values()))})" if left_out else ""
        return PeriodError(
            f"expected a whole {span}, found none in {rows['start'].min().date()} to "
            f"{rows['end'].max().date()}{why}"
        )

    def index(self, used: pd.DataFrame, numbers: pd.Index) -> pd.Index:
        """Return the periods of these numbers as a model or a reader knows them."""
        if self.freq == "half-year" or (self.freq == "quarter" and self.calendar != "gregorian"):
            labels = dict(zip(used["at"], used["label"], strict=True))
            return numbers.map(labels).rename(self.freq.replace("-", "_"))
        if self.calendar != "gregorian":
            return numbers.rename(f"{self.calendar.replace('-', '_')}_year")
        ordinals = [int(number) - _FIRST_ORDINAL[self.freq] for number in numbers]
        letter = self.freq[0].upper()
        return pd.PeriodIndex(
            [pd.Period(ordinal=ordinal, freq=letter) for ordinal in ordinals], name=self.freq
        )


def _months(rows: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    wrong = ~are_months(rows)
    if wrong.any():
        raise PeriodError(
            f"expected months, found other periods at {where(rows[wrong])}; ask for freq='year'"
        )
    check_stated_once(rows)
    at = rows["start"].dt.year * 12 + rows["start"].dt.month - 1
    return rows.assign(at=at, label=rows["start"].dt.strftime("%Y-%m")), {}


def are_months(rows: pd.DataFrame) -> pd.Series:
    """Say which rows are of a month of the Gregorian calendar."""
    first = rows["start"].dt.day == 1
    last = rows["end"] == rows["start"] + pd.offsets.MonthEnd()
    both: pd.Series = first & last
    return both


def _spans(rows: pd.DataFrame, cut: Cut) -> tuple[pd.DataFrame, dict[str, str]]:
    used, left_out = [rows.head(0).assign(at=0, label="")], {}
    for number, period in _touched(rows, cut):
        try:
            parts = _parts_of(rows, period)
        except PeriodError as error:
            left_out[period.label] = str(error)
            continue
        used.append(parts.assign(at=number, label=period.label))
    return pd.concat(used[1:] or used), left_out


def _touched(rows: pd.DataFrame, cut: Cut) -> Iterator[tuple[int, Period]]:
    """Yield the periods for which there is a row, if only for some days of them."""
    first, last = date(rows["start"].min().year - 1, 1, 1), date(rows["end"].max().year + 1, 12, 31)
    span: Span = "year" if cut.freq == "month" else cut.freq
    for number, period in numbered_periods(first, last, calendar=cut.calendar, span=span):
        if _touching(rows, period).any():
            yield number, period


def _parts_of(rows: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return what each flow states of a period, or its months with what falls into it."""
    touching = rows[_touching(rows, period)]
    stated = touching[_same_days(touching, period)]
    others = touching if stated.empty else touching[~_index(touching).isin(_index(stated))]
    for part in (stated, others[_are_short(others)]):
        if len(part):
            check_periods(part)
    return stated if others.empty else pd.concat([stated, _from_months(others, period)])


def _from_months(rows: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return the months of some flows with the amounts of their days in a period."""
    short = _are_short(rows)
    months, uncut = rows[short], rows[~short]
    per_month = pd.DataFrame(
        months.groupby(["start", "end"], as_index=False)["value"].agg(exact_sum)
    )
    weights = recut(per_month, period).rows[["start", "end", "weight"]]
    if len(uncut := uncut[~_index(uncut).isin(_index(months))]):
        raise PeriodError(
            f"{period.label}: expected every flow for the period or by month, found other periods "
            f"at {where(uncut)}"
        )
    parts = months.merge(weights, on=["start", "end"])
    return parts.assign(**{name: parts[name] * parts["weight"] for name in _AMOUNTS})


def _index(rows: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows[_FLOW])


def _are_short(rows: pd.DataFrame) -> pd.Series:
    return (rows["end"] - rows["start"]).dt.days < _LONGEST_MONTH


def _touching(rows: pd.DataFrame, period: Period) -> pd.Series:
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    return (rows["start"] <= end) & (rows["end"] >= start)


def _same_days(rows: pd.DataFrame, period: Period) -> pd.Series:
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    return (rows["start"] == start) & (rows["end"] == end)
