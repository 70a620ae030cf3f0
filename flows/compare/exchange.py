"""The exporter's statement in the importer's currency: at one rate, then month by month."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from flows.canonical import exact_sum
from flows.compare.differences import Term, cut_to
from flows.errors import PeriodError
from flows.measure.checks import check_one_unit
from flows.measure.currency import convert_currency
from flows.measure.whole_periods import are_months
from flows.periods import Period
from flows.table import where

_AMOUNTS = ("value", "low", "high")
_SHIFTS = (-1, 0, 1)
"""By how many months the importer's declaration of the same goods is later."""


@dataclass(frozen=True, slots=True, eq=False)
class Exchange:
    """
    Rates between two currencies, and the one at which a statement enters.

    ``rates``: as for :func:`flows.convert_currency`; ``unit``, ``to``: the two currencies;
    ``usual``: the period of which ``mean`` is the mean rate, units of ``to`` for one of ``unit``.
    """

    rates: pd.DataFrame
    unit: str
    to: str
    usual: Period
    mean: float

    @property
    def source(self) -> str:
        """Data sets of the rates."""
        return ", ".join(sorted(self.rates["dataset"].unique()))

    @property
    def in_words(self) -> str:
        """How a statement enters."""
        rate = f"{self.mean:.4f} {self.to} for one {self.unit}"
        return f"as published, at the mean rate of {self.usual.label}, {rate} ({self.source})"

    def at_mean(self, statement: pd.DataFrame) -> pd.DataFrame:
        """Return a statement with all amounts at the mean rate."""
        amounts = {name: statement[name] * self.mean for name in _AMOUNTS}
        return statement.assign(**amounts, unit=self.to)

    def by_month(self, months: pd.PeriodIndex) -> pd.DataFrame:
        """Return the rates of months relative to the mean, a column a shift of ``_SHIFTS``."""
        shifted = {
            shift: _rates(
                self.rates,
                self.unit,
                self.to,
                starts=(months + shift).start_time,
                ends=(months + shift).end_time.normalize(),
            )
            for shift in _SHIFTS
        }
        return pd.DataFrame({shift: level.to_numpy() for shift, level in shifted.items()}).div(
            self.mean
        )

    def lines(self, months: pd.PeriodIndex) -> pd.DataFrame:
        """Return the rows of the rates on which :meth:`by_month` stands."""
        first, last = (months.min() - 1).start_time, (months.max() + 1).end_time
        inside = (self.rates["start"] <= last) & (self.rates["end"] >= first)
        return self.rates[inside & self.rates["currency"].isin({self.unit, self.to})]


def exchange_between(
    by_exporter: Mapping[str, pd.DataFrame],
    by_importer: Mapping[str, pd.DataFrame],
    rates: pd.DataFrame | None,
    *,
    usual: Period,
) -> Exchange | None:
    """Return how the exporter's currency becomes the importer's; nothing where they are one."""
    if rates is None:
        return None
    unit, to = (check_one_unit(pd.concat(side.values())) for side in (by_exporter, by_importer))
    if unit == to:
        return None
    starts, ends = (pd.DatetimeIndex([day]) for day in (usual.start, usual.end))
    mean = float(_rates(rates, unit, to, starts=starts, ends=ends).iloc[0])
    return Exchange(rates, unit, to, usual, mean)


def exchange_terms(
    exchange: Exchange | None,
    by_exporter: Mapping[str, pd.DataFrame],
    *,
    period: Period,
    source: str | None,
) -> list[Term]:
    """
    Return what the rates of months change in a statement at the mean rate.

    What the exporter states is what is left of it: in its other release, without re-exports.
    """
    if exchange is None:
        return []
    left = _by_month(by_exporter.get("revised", by_exporter["report"]), period)
    if "re_exports" in by_exporter:
        left = left - _by_month(by_exporter["re_exports"], period)
    at_mean = exact_sum(left)
    if at_mean == 0:
        return []
    months = pd.PeriodIndex(left.index)
    sizes = exchange.by_month(months).set_index(left.index).mul(left, axis="index")
    low, same, high = (
        exact_sum(size) / at_mean for size in (sizes.min(axis=1), sizes[0], sizes.max(axis=1))
    )
    return [
        Term(
            id="currency",
            name=f"Currency: by month against the mean of {exchange.usual.label}",
            side="exporter",
            amount=0.0,
            factor=(low, high),
            rows=exchange.lines(months),
            assumption=(
                "each month at its own mean rate; range: those of the months before and after "
                f"({source or exchange.source})"
            ),
            central=same,
        )
    ]


def _by_month(statement: pd.DataFrame, period: Period) -> pd.Series:
    """Return a statement by month of a period, edge months by days."""
    rows = cut_to(statement, period).rows
    others = rows[~are_months(rows)]
    if len(others):
        raise PeriodError(
            "rates: expected what the exporter states by month, so that each month takes its own "
            f"rate, found another period at {where(others)}; take its months, or convert the "
            "statement with flows.convert_currency and give the range as exporter_rate="
        )
    return (rows["value"] * rows["weight"]).set_axis(pd.PeriodIndex(rows["start"], freq="M"))


def _rates(
    rates: pd.DataFrame, unit: str, to: str, *, starts: pd.DatetimeIndex, ends: pd.DatetimeIndex
) -> pd.Series:
    """Return the mean rates of periods: what one of a unit is in another."""
    ones = pd.DataFrame({"start": starts, "end": ends, "unit": unit, "value": 1.0})
    return convert_currency(ones.assign(low=1.0, high=1.0), rates, to=to)["value"]
