"""What a transit study asks: whether goods go to a country to go on from there to a third."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from flows.countries import country_name
from flows.errors import FlowsError, PeriodError
from flows.measure.currency import convert_currency
from flows.measure.groups import is_group
from flows.measure.timeseries import series
from flows.measure.whole_periods import Frequency
from flows.origin import Made, call
from flows.studies.numbers import union_of
from flows.table import Rows

BASES = ("consignment", "origin")
"""Partner bases of imports, the one that fits exports by last known destination first."""


@dataclass(frozen=True, eq=False)
class TransitQuestion:
    """
    Three flows: into a country, out of it to another, and to others beside it; see :func:`ask`.

    Series are by month in one currency; a flow that the data do not have is not there.

    Parameters
    ----------
    name : str
        First part of every id.
    exports : Made of pandas.DataFrame
        What the exporters state, in the currency in which they state it.
    hub : Made of pandas.DataFrame, optional
        What the country in the middle states.
    rates : Made of pandas.DataFrame, optional
        Exchange rates, where the two are in different currencies.
    origin : str
        Alpha-3 code, or a group of countries.
    via, destination : str
        Alpha-3 codes of the country in the middle, and of the one to which goods may go on.
    others : tuple of str
        Alpha-3 codes of countries that might play the same part.
    before, after : tuple of int
        First and last year of what is compared.
    currency : str
        In which everything is told.
    cif_fob_ratio : tuple of float
        Lowest and highest.
    """

    name: str
    exports: Made[pd.DataFrame]
    hub: Made[pd.DataFrame] | None
    rates: Made[pd.DataFrame] | None
    origin: str
    via: str
    destination: str
    others: tuple[str, ...]
    before: tuple[int, int]
    after: tuple[int, int]
    currency: str
    cif_fob_ratio: tuple[float, float]

    @property
    def words(self) -> dict[str, str]:
        """What the texts of all sections may say of the question."""
        return {
            "origin": self.origin_name,
            "via": country_name(self.via),
            "destination": country_name(self.destination),
            "before": span_of(self.before),
            "after": span_of(self.after),
            "last-before": str(self.before[1]),
            "first-after": str(self.after[0]),
            "last-after": str(self.after[1]),
            "currency": self.currency,
            "stated-in": self.stated_in,
            "hub": "" if self.hub is None else country_name(self.via),
        }

    @property
    def origin_name(self) -> str:
        """``EU27_2020`` or ``Germany``."""
        return self.origin if is_group(self.origin) else country_name(self.origin)

    @property
    def stated_in(self) -> str:
        """Currency in which the exporters state."""
        return str(self.exports.value["unit"].iloc[0])

    @property
    def years(self) -> list[int]:
        """All years that are compared, before and after."""
        return [
            *range(self.before[0], self.before[1] + 1),
            *range(self.after[0], self.after[1] + 1),
        ]

    @property
    def receivers(self) -> tuple[str, ...]:
        """The country in the middle and those beside it."""
        return (self.via, *self.others)

    @cached_property
    def converted(self) -> Made[pd.DataFrame]:
        """What the exporters state, in the currency of the question, converted month by month."""
        if self.stated_in == self.currency:
            return self.exports
        if self.rates is None:
            raise FlowsError(
                f"expected a table rates to convert {self.stated_in} into {self.currency}, found "
                "none; name one under data"
            )
        made = call(convert_currency, self.exports.arg, self.rates.arg, to=self.currency)
        return made.called("converted")

    def sent(
        self, country: str, *, freq: Frequency = "month", own: bool = False
    ) -> Made[pd.Series]:
        """Return what the exporters state to send to a country; ``own``: in their currency."""
        table = self.exports if own else self.converted
        return call(series, table.arg, exporter=self.origin, importer=country, freq=freq)

    def arrived(self, basis: str, *, freq: Frequency = "month") -> Made[pd.Series] | None:
        """Return what the country in the middle states to receive from there, on a basis."""
        return self._of_hub(self.origin, self.via, basis, freq)

    def went_on(self, *, freq: Frequency = "month") -> Made[pd.Series] | None:
        """Return what the country in the middle states to send on."""
        return self._of_hub(self.via, self.destination, None, freq)

    def _of_hub(
        self, exporter: str, importer: str, basis: str | None, freq: Frequency
    ) -> Made[pd.Series] | None:
        if self.hub is None:
            return None
        return call(
            series,
            self.hub.arg,
            exporter=exporter,
            importer=importer,
            freq=freq,
            reporter=self.via,
            partner_basis=basis,
        )

    @cached_property
    def bases(self) -> tuple[str, ...]:
        """Partner bases on which the country in the middle states its imports."""
        if self.hub is None:
            return ()
        imports = self.hub.value[self.hub.value["importer"] == self.via]
        return tuple(basis for basis in BASES if basis in set(imports["partner_basis"]))

    def mean_of(self, span: tuple[int, int], of: Made[pd.Series]) -> Made[float]:
        """Return the mean of a yearly series over years."""
        first, last = str(span[0]), str(span[1])
        return of.part(lambda y: y[first:last].mean())

    def total_of(self, span: tuple[int, int], of: Made[pd.Series]) -> Made[float]:
        """Return the sum of a yearly series over years."""
        first, last = str(span[0]), str(span[1])
        return of.part(lambda y: y[first:last].sum())


def rows_of(*flows: Made[pd.Series] | None) -> Rows:
    """Return the lines of the raw files on which series stand."""
    return union_of(flow.value.attrs["rows"] for flow in flows if flow is not None)


def span_of(years: tuple[int, int]) -> str:
    """
    Return years as a sentence has them.

    >>> span_of((2019, 2021)), span_of((2022, 2022))
    ('2019-2021', '2022')
    """
    return str(years[0]) if years[0] == years[1] else f"{years[0]}-{years[1]}"


def ask(
    exports: Made[pd.DataFrame],
    hub: Made[pd.DataFrame] | None = None,
    rates: Made[pd.DataFrame] | None = None,
    *,
    origin: str,
    via: str,
    destination: str,
    before: Sequence[int],
    after: Sequence[int],
    others: Sequence[str] = (),
    currency: str = "USD",
    cif_fob_ratio: Sequence[float] = (1.0, 1.0),
    name: str,
) -> TransitQuestion:
    """Ask whether goods go through a country; see :func:`flows.transit_study`."""
    spans = {"before": _as_span("before", before), "after": _as_span("after", after)}
    if spans["before"][1] >= spans["after"][0]:
        raise PeriodError(
            f"after: expected years that begin after {spans['before'][1]}, found {list(after)}"
        )
    low, high = cif_fob_ratio
    return TransitQuestion(
        name=name,
        exports=exports,
        hub=hub,
        rates=rates,
        origin=origin,
        via=via,
        destination=destination,
        others=tuple(others),
        before=spans["before"],
        after=spans["after"],
        currency=currency,
        cif_fob_ratio=(float(low), float(high)),
    )


def _as_span(what: str, years: Sequence[int]) -> tuple[int, int]:
    if len(years) != 2 or years[0] > years[1]:  # noqa: PLR2004 - the first and the last
        raise PeriodError(f"{what}: expected the first and the last year, found {list(years)}")
    return (int(years[0]), int(years[1]))
