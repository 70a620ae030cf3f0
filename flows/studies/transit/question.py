"""What a transit study asks: whether goods go to a country to go on from there to a third."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from flows.countries import country_name
from flows.errors import FlowsError, PeriodError, SchemaError, ScopeError
from flows.measure.checks import rows_by_dataset
from flows.measure.currency import convert_currency
from flows.measure.groups import printed_name
from flows.measure.timeseries import series
from flows.measure.whole_periods import Frequency
from flows.origin import Made, call
from flows.studies.numbers import union_of
from flows.table import Rows

BASES = ("consignment", "origin")
"""Partner bases of imports, the one that fits exports by last known destination first."""

ARRIVALS = tuple(f"arrivals-{basis}" for basis in BASES)
FLOWS = ("exports", *ARRIVALS, "onward")
"""Names of the flows in ids."""

Span = tuple[int, int]
"""First and last year."""

MILLION = 1e6
_WHOLE_FROM = 100
"""Millions from which on an amount is printed without decimals."""


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
    before: Span
    after: Span
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
        """``EU-27`` or ``Germany``."""
        return printed_name(self.origin)

    @property
    def stated_in(self) -> str:
        """Currency in which the exporters state."""
        return str(self.exports.value["unit"].iloc[0])

    @property
    def hub_states_in(self) -> str:
        """Currency in which the country in the middle states."""
        return "" if self.hub is None else str(self.hub.value["unit"].iloc[0])

    @property
    def years(self) -> list[int]:
        """All years that are compared, before and after."""
        return [
            *range(self.before[0], self.before[1] + 1),
            *range(self.after[0], self.after[1] + 1),
        ]

    @property
    def bases_before(self) -> list[Span]:
        """The years before, and the last of them alone."""
        last = (self.before[1], self.before[1])
        return [self.before] if self.before == last else [self.before, last]

    @property
    def receivers(self) -> tuple[str, ...]:
        """The country in the middle and those beside it."""
        return (self.via, *self.others)

    @cached_property
    def converted(self) -> Made[pd.DataFrame]:
        """What the exporters state, in the currency of the question, converted month by month."""
        return self._converted(self.exports, "converted")

    @cached_property
    def hub_converted(self) -> Made[pd.DataFrame] | None:
        """What the country in the middle states, in the currency of the question."""
        return None if self.hub is None else self._converted(self.hub, "hub_converted")

    def _converted(self, table: Made[pd.DataFrame], name: str) -> Made[pd.DataFrame]:
        units = set(table.value["unit"])
        if units == {self.currency}:
            return table
        if self.rates is None:
            raise FlowsError(
                f"expected a table rates to convert {', '.join(sorted(units))} into "
                f"{self.currency}, found none; name one under data"
            )
        made = call(convert_currency, table.arg, self.rates.arg, to=self.currency)
        return made.called(name)

    def sent(
        self, country: str, *, freq: Frequency = "month", own: bool = False
    ) -> Made[pd.Series]:
        """Return what the exporters state to send to a country; ``own``: in their currency."""
        table = self.exports if own else self.converted
        made = call(series, table.arg, exporter=self.origin, importer=country, freq=freq)
        return self._with_rates(made, self.currency if own else self.stated_in)

    def arrived(self, basis: str, *, freq: Frequency = "month") -> Made[pd.Series] | None:
        """Return what the country in the middle states to receive from there, on a basis."""
        return self._of_hub(self.origin, self.via, basis, freq, self.hub_converted)

    def went_on(self, *, freq: Frequency = "month") -> Made[pd.Series] | None:
        """Return what the country in the middle states to send on."""
        return self._of_hub(self.via, self.destination, None, freq, self.hub_converted)

    def _of_hub(
        self,
        exporter: str,
        importer: str,
        basis: str | None,
        freq: Frequency,
        table: Made[pd.DataFrame] | None,
    ) -> Made[pd.Series] | None:
        if table is None:
            return None
        made = call(
            series,
            table.arg,
            exporter=exporter,
            importer=importer,
            freq=freq,
            reporter=self.via,
            partner_basis=basis,
        )
        return self._with_rates(made, self.hub_states_in)

    def _with_rates(self, made: Made[pd.Series], stated_in: str) -> Made[pd.Series]:
        """Return a series that names the lines of the rates too, where it was converted."""
        if self.rates is None or stated_in == self.currency:
            return made
        rates = self.rates.value
        return with_lines(made, rates[rates["currency"].isin([stated_in, self.currency])])

    def rows_in(self, flow: Made[pd.Series], years: Span, *besides: Made[pd.DataFrame]) -> Rows:
        """Return those lines on which a flow stands that are about some years."""
        start, end = pd.Timestamp(years[0], 1, 1), pd.Timestamp(years[1], 12, 31)
        tables = [self.exports, self.hub, self.rates, *besides]
        stated = [table.value for table in tables if table is not None]
        inside = [rows[(rows["start"] <= end) & (rows["end"] >= start)] for rows in stated]
        about = union_of(rows_by_dataset(rows) for rows in inside)
        return {
            dataset: tuple(line for line in lines if line in set(about.get(dataset, ())))
            for dataset, lines in flow.value.attrs["rows"].items()
        }

    @cached_property
    def bases(self) -> tuple[str, ...]:
        """Partner bases on which the country in the middle states its imports."""
        if self.hub is None:
            return ()
        imports = self.hub.value[self.hub.value["importer"] == self.via]
        return tuple(basis for basis in BASES if basis in set(imports["partner_basis"]))

    @cached_property
    def by_year(self) -> dict[str, Made[pd.Series]]:
        """Flows by year under their names in ids, those that the data have in all years."""
        return self._stated[0]

    @cached_property
    def refused(self) -> dict[str, str]:
        """Why a flow that the country in the middle states is not there, by its name in ids."""
        return self._stated[1]

    @cached_property
    def _stated(self) -> tuple[dict[str, Made[pd.Series]], dict[str, str]]:
        stated, refused = {"exports": self.sent(self.via, freq="year")}, {}
        self.check_years(stated["exports"])
        for flow in FLOWS[1:] if self.hub is not None else ():
            try:
                made = self.flow(flow, freq="year")
                if made is not None:
                    self.check_years(made)
                    stated[flow] = made
            except (PeriodError, SchemaError, ScopeError) as error:
                refused[flow] = str(error)
        return stated, refused

    def flow(
        self, name: str, *, freq: Frequency = "month", of: Made[pd.DataFrame] | None = None
    ) -> Made[pd.Series] | None:
        """
        Return a flow by its name in ids: exports, arrivals-consignment, arrivals-origin, onward.

        ``of``: its table in other money, where it is not that of :meth:`table_of`.
        """
        table = of or self.table_of(name)
        if name == "exports" and table is not None:
            made = call(series, table.arg, exporter=self.origin, importer=self.via, freq=freq)
            return self._with_rates(made, self.stated_in)
        if name == "onward":
            return self._of_hub(self.via, self.destination, None, freq, table)
        basis = name.removeprefix("arrivals-")
        if basis not in self.bases:
            return None
        return self._of_hub(self.origin, self.via, basis, freq, table)

    def table_of(self, flow: str) -> Made[pd.DataFrame] | None:
        """Return the table that states a flow, in the currency of the question."""
        return self.converted if flow == "exports" else self.hub_converted

    def title_of(self, flow: str) -> str:
        """Return what a flow is, as a table has it."""
        via = country_name(self.via)
        if flow == "exports":
            return f"Exports of {self.origin_name} to {via}"
        if flow == "onward":
            return f"Exports of {via} to {country_name(self.destination)}"
        return f"Arrivals in {via} from {self.origin_name}, {flow.removeprefix('arrivals-')}"

    def valuation_of(self, flow: str) -> str:
        """Return FOB or CIF, or nothing where it is not stated or not the same in all rows."""
        table = self.table_of(flow)
        if table is None:
            return ""
        rows = table.value
        ends = (self.via, self.destination) if flow == "onward" else (None, self.via)
        rows = rows[rows["importer"] == ends[1]]
        rows = rows if ends[0] is None else rows[rows["exporter"] == ends[0]]
        stated = set(rows["valuation"])
        return stated.pop() if len(stated) == 1 else ""

    def short_title_of(self, flow: str) -> str:
        """Return what a flow is, as a figure has it."""
        via, destination = country_name(self.via), country_name(self.destination)
        if flow == "exports":
            return f"{self.origin_name} to {via}, exporters"
        if flow == "onward":
            return f"{via} to {destination}"
        return f"{self.origin_name} to {via}, {flow.removeprefix('arrivals-')}"

    def stated_by(self, flow: str) -> str:
        """Return who states a flow, and how it is valued."""
        if flow == "exports":
            return "as the exporters state them"
        return f"as {country_name(self.via)} states them"

    def check_years(self, of: Made[pd.Series]) -> None:
        """Check that a yearly series has all years that are compared."""
        there = {str(year) for year in of.value.index}
        absent = [str(year) for year in self.years if str(year) not in there]
        if absent:
            reason = of.value.attrs["left_out"].get(absent[0], "no rows")
            raise PeriodError(
                f"{of.value.name}: expected all years of {span_of(self.before)} and "
                f"{span_of(self.after)}, found nothing whole in {', '.join(absent)} ({reason})"
            )

    def in_year(self, year: int, of: Made[pd.Series]) -> Made[float]:
        """Return what a yearly series is in a year, in million."""
        return of.part(lambda y: y[str(year)] / MILLION)

    def mean_of(self, span: Span, of: Made[pd.Series]) -> Made[float]:
        """Return the mean of a yearly series over years."""
        first, last = str(span[0]), str(span[1])
        return of.part(lambda y: y[first:last].mean())

    def total_of(self, span: Span, of: Made[pd.Series]) -> Made[float]:
        """Return the sum of a yearly series over years."""
        first, last = str(span[0]), str(span[1])
        return of.part(lambda y: y[first:last].sum())

    def additional(self, of: Made[pd.Series], *, base: Span) -> Made[float]:
        """Return the sum of a yearly series after, less as many yearly means of the base."""
        first, last = str(self.after[0]), str(self.after[1])
        start, end = str(base[0]), str(base[1])
        years = self.after[1] - self.after[0] + 1
        return of.part(lambda y: (y[first:last].sum() - years * y[start:end].mean()) / MILLION)


def with_lines(made: Made[pd.Series], levels: pd.DataFrame) -> Made[pd.Series]:
    """Return a series that names the lines of rates, or of an index, in its periods too."""
    first, last = made.value.index[0].start_time, made.value.index[-1].end_time
    used = levels[(levels["start"] <= last) & (levels["end"] >= first)]
    made.value.attrs["rows"] = union_of([made.value.attrs["rows"], rows_by_dataset(used)])
    return made


def rows_of(*flows: Made[pd.Series] | None) -> Rows:
    """Return the lines of the raw files on which series stand."""
    return union_of(flow.value.attrs["rows"] for flow in flows if flow is not None)


def decimals_of(*amounts: float) -> int:
    """
    Return with how many decimals millions are printed in a sentence.

    >>> decimals_of(863.2, 2144.5), decimals_of(0.4, 12.1)
    (0, 1)
    """
    return 0 if max(map(abs, amounts)) >= _WHOLE_FROM else 1


def span_of(years: Span) -> str:
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


def _as_span(what: str, years: Sequence[int]) -> Span:
    if len(years) != 2 or years[0] > years[1]:  # noqa: PLR2004 - the first and the last
        raise PeriodError(f"{what}: expected the first and the last year, found {list(years)}")
    return (int(years[0]), int(years[1]))
