"""How a country's suppliers changed over the years, and how sure that is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from flows.canonical import print_value
from flows.countries import country_name
from flows.errors import SampleError, SchemaError
from flows.findings import Figure, Findings, Number, Table
from flows.measure.timeseries import SupplierYears, supplier_years
from flows.models.composition import CompositionBreaks, find_composition_breaks
from flows.models.share_trend import fit_share_trend
from flows.models.trend import fit_trend
from flows.origin import Made, applied, call
from flows.renamed import renamed_arguments
from flows.studies.numbers import join_words, make_number, source_line
from flows.studies.section import About
from flows.studies.supplier.question import SupplierQuestion

ABOUT = About(
    needs="deliveries in enough years for a trend, by each of the `suppliers`",
    figures=("composition",),
    tables=("trends",),
)

_LEVEL = 0.95
_OTHERS = "others"
_PVALUES = ("break.pvalue", "break.pvalue.longer-block")
_HEADINGS = {
    "growth": "Growth, % a year",
    "since-first": "Growth since first delivery",
    "share": "Share, points a year: logit",
    "line": "Share: straight line",
}


@renamed_arguments(seed="rng")
def suppliers_over_time(
    question: SupplierQuestion,
    *,
    suppliers: Sequence[str],
    least: int,
    block: int,
    longer_block: int,
    draws: int,
    rng: int,
) -> Findings:
    """
    Follow suppliers over all years of a release: growth, trend of the share, breaks of the mix.

    ``suppliers`` are codes of those looked at one by one, that of the question among them; the mix
    is theirs and that of all others together. ``least`` (years of a regime) and ``draws`` are those
    of :func:`flows.find_composition_breaks`, which permutes ``block`` years together: the dates are
    those of ``block``, and ``longer_block`` shows what the likeness of neighbouring years does to
    the p-value.

    Numbers ``share.change``, ``share.change.line``, ``growth``, ``growth.since-first`` (those that
    exist), ``years``, ``years.without``, ``breaks``, ``break.pvalue`` and
    ``break.pvalue.longer-block``; table ``trends``; figure ``composition``. Words ``breaks``,
    ``regimes``, ``sure``, ``refused`` (estimates that do not exist, and why; of the question's
    supplier alone, ``supplier.refused``, empty where all exist), ``block`` and ``longer-block``.

    ``ValueError`` where ``longer_block`` is not longer or the question's supplier is not among
    ``suppliers``; ``SchemaError`` where one of them never delivered; else as the models refuse.
    """
    if longer_block <= block:
        raise ValueError(
            f"longer_block: expected more years than block={block}, found {longer_block}"
        )
    if question.supplier not in suppliers:
        raise ValueError(
            f"suppliers: expected {question.supplier}, whose share is in question, among them, "
            f"found {', '.join(suppliers)}"
        )
    years = call(
        supplier_years, question.deliveries.arg, importer=question.importer, dataset=question.main
    )
    _check_delivered(years.value.volumes, suppliers)
    breaks = {
        length: call(
            find_composition_breaks,
            years.part(lambda yearly: yearly.mix(list(suppliers), rest=_OTHERS)).arg,
            least=least,
            block=length,
            draws=draws,
            rng=rng,
        )
        for length in (block, longer_block)
    }
    trends = {code: _fit_supplier(years, code) for code in suppliers}
    fitted = {length: regimes.value for length, regimes in breaks.items()}
    mix = years.value.mix(list(suppliers), rest=_OTHERS)
    return Findings(
        numbers=(
            *_trend_numbers(trends[question.supplier], years.value, question),
            *_break_numbers(breaks, years, question),
        ),
        tables=(_trends_table(trends, years.value, question),),
        figures=(_composition_figure(mix, fitted[block], years.value, question),),
        words=question.own(_words(trends, fitted, question.supplier)),
    )


def _check_delivered(volumes: pd.DataFrame, suppliers: Sequence[str]) -> None:
    never = [code for code in suppliers if code not in volumes.columns]
    if never:
        raise SchemaError(
            f"expected deliveries of each supplier, found none of {', '.join(never)}; "
            f"there are: {', '.join(volumes.columns)}"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """An estimate in its unit, with its interval."""

    made: Made[float]
    interval: Made[tuple[float, float]]

    @property
    def value(self) -> float:
        """The estimate."""
        return float(self.made.value)

    @property
    def low(self) -> float:
        """Lower end of the interval."""
        return float(self.interval.value[0])

    @property
    def high(self) -> float:
        """Upper end of the interval."""
        return float(self.interval.value[1])


@dataclass(frozen=True, slots=True)
class SupplierTrend:
    """
    What several estimators say of one supplier.

    Parameters
    ----------
    supplier : str
        Alpha-3 code.
    years : int
        Years with deliveries.
    estimates : Mapping
        ``growth`` and ``since-first`` (Poisson, percent a year), ``share`` (fractional logit) and
        ``line`` (straight line), percentage points a year; those that exist.
    refused : str
        Why the others do not exist; empty if all do.
    """

    supplier: str
    years: int
    estimates: Mapping[str, Estimate]
    refused: str

    @property
    def sure(self) -> bool:
        """Whether all estimates exist, have one sign, and no interval holds zero."""
        signs = {(estimate.low > 0) - (estimate.high < 0) for estimate in self.estimates.values()}
        return not self.refused and len(signs) == 1 and signs != {0}


def _fit_supplier(years: Made[SupplierYears], supplier: str) -> SupplierTrend:
    """Estimate growth over all years and from the first delivery on, and the share's change."""
    volume = years.part(lambda yearly: yearly.volumes[supplier])
    share = years.part(lambda yearly: yearly.shares[supplier])
    delivered = volume.value > 0
    first = str(volume.value.index[delivered].min())
    ways: dict[str, Callable[[], Estimate]] = {
        "growth": lambda: _growth(volume),
        "since-first": lambda: _growth(volume.part(lambda values: values.loc[first:])),
        "share": lambda: _share_change(share),
        "line": lambda: _line(share),
    }
    estimates: dict[str, Estimate] = {}
    refused: list[str] = []
    for key, way in ways.items():
        try:
            estimates[key] = way()
        except SampleError as error:
            refused.append(f"{key}: {error}")
    return SupplierTrend(supplier, int(delivered.sum()), estimates, "; ".join(refused))


def _growth(volume: Made[pd.Series]) -> Estimate:
    fit = call(fit_trend, volume.arg, form="poisson", level=_LEVEL)
    return Estimate(
        fit.part(lambda trend: trend.growth_pct), fit.part(lambda trend: trend.growth_interval())
    )


def _share_change(share: Made[pd.Series]) -> Estimate:
    fit = call(fit_share_trend, share.arg, level=_LEVEL)
    return Estimate(
        fit.part(lambda trend: trend.change), fit.part(lambda trend: trend.change_interval())
    )


def _line(share: Made[pd.Series]) -> Estimate:
    fit = call(fit_trend, share.arg, form="level", level=_LEVEL)
    ends = fit.part(lambda trend: trend.conf_int())
    return Estimate(
        fit.part(lambda trend: 100 * trend.slope),
        ends.part(lambda end: (100 * end["low"].loc["trend"], 100 * end["high"].loc["trend"])),
    )


def _trend_numbers(
    trend: SupplierTrend, years: SupplierYears, question: SupplierQuestion
) -> Iterator[Number]:
    of_share = f"Change of the share of {country_name(trend.supplier)}"
    of_growth = f"Growth of the deliveries of {country_name(trend.supplier)}, Poisson"
    points, percent = "points a year", "% a year"
    for way, key, unit, about in (
        ("share", "share.change", points, f"{of_share}, fractional logit on annual shares."),
        ("line", "share.change.line", points, f"{of_share}, straight line through annual shares."),
        ("growth", "growth", percent, f"{of_growth}, all years that are counted."),
        ("since-first", "growth.since-first", percent, f"{of_growth}, from its first delivery on."),
    ):
        if (estimate := trend.estimates.get(way)) is not None:
            yield make_number(
                question.name,
                key,
                estimate.made,
                unit,
                about,
                digits=1,
                rows=years.rows,
                interval=estimate.interval,
                level=_LEVEL,
            )


def _break_numbers(
    breaks: Mapping[int, Made[CompositionBreaks]],
    years: Made[SupplierYears],
    question: SupplierQuestion,
) -> Iterator[Number]:
    rows = years.value.rows
    main = next(iter(breaks.values()))
    for key, value, unit, about in (
        ("years", main.part(lambda fit: fit.nobs), "years", "Years with imports."),
        (
            "years.without",
            years.part(lambda yearly: applied(len, yearly.left_out)),
            "years",
            "Years without imports.",
        ),
        (
            "breaks",
            main.part(lambda fit: applied(len, fit.break_dates)),
            "count",
            "Breaks of the mix.",
        ),
    ):
        yield make_number(question.name, key, value, unit, about, digits=0, rows=rows)
    for key, (block, fit) in zip(_PVALUES, breaks.items(), strict=True):
        yield make_number(
            question.name,
            key,
            fit.part(lambda regimes: regimes.tests[0].pvalue),
            "p-value",
            f"First break of the mix, blocks of {block}, {fit.value.draws} permutations.",
            digits=2,
            rows=rows,
        )


def _trends_table(
    trends: Mapping[str, SupplierTrend], years: SupplierYears, question: SupplierQuestion
) -> Table:
    """One row a supplier; columns ``... (value)``, not printed, hold the estimates unrounded."""
    records = []
    for code, trend in trends.items():
        record: dict[str, object] = {"supplier": country_name(code), "years": trend.years}
        estimates = {key: trend.estimates.get(key) for key in _HEADINGS}
        record |= {key: _printed(estimate) for key, estimate in estimates.items()}
        record |= {
            f"{key} (value)": estimate and estimate.value for key, estimate in estimates.items()
        }
        records.append(record)
    span = f"{years.volumes.index[0]}–{years.volumes.index[-1]}"
    return Table(
        id=f"{question.name}-trends",
        frame=pd.DataFrame(records),
        labels={"supplier": "Supplier", "years": "Years with deliveries", **_HEADINGS},
        formats={"years": ".0f"},
        caption=(
            f"Trends of deliveries of major arms to {country_name(question.importer)} by supplier, "
            f"{span}: growth of the volume and change of the share, two estimators each."
        ),
        note=(
            f"{_LEVEL:.0%} intervals in brackets; standard errors by orthogonal series. Growth: "
            "Poisson pseudo-likelihood, a year without deliveries counts as zero. Share: "
            "fractional logit (mean effect of a year) and least squares, years with imports only. "
            "An empty cell: no estimate exists."
        ),
        rows=years.rows,
    )


def _printed(estimate: Estimate | None) -> str:
    if estimate is None:
        return ""
    value, low, high = (
        print_value(end, 1) for end in (estimate.value, estimate.low, estimate.high)
    )
    return f"{value} [{low}, {high}]"


def _composition_figure(
    mix: pd.DataFrame, breaks: CompositionBreaks, years: SupplierYears, question: SupplierQuestion
) -> Figure:
    """Draw the shares of each year, that of the question in the accent colour."""
    rows = years.rows
    named = mix.set_axis([*map(country_name, mix.columns[:-1]), _OTHERS.title()], axis="columns")
    data = (100 * named).rename_axis("year").reset_index()
    long = data.melt(id_vars="year", var_name="supplier", value_name="value")
    long = long[long["value"] > 0].assign(year=long["year"].dt.year)
    return Figure(
        id=f"{question.name}-composition",
        draw="draw_imports_by_supplier",
        data=long.sort_values(["year", "supplier"], ignore_index=True),
        options={
            "unit_label": "percent of the year’s imports",
            "highlight": country_name(question.supplier),
        },
        caption=(
            f"{_changes(breaks)} Shares of suppliers in {country_name(question.importer)}’s "
            "imports of major arms by year of delivery."
            f"{' A year without imports has no bar.' if years.left_out else ''}"
        ),
        source=source_line(rows),
        rows=rows,
    )


def _words(
    trends: Mapping[str, SupplierTrend], breaks: Mapping[int, CompositionBreaks], supplier: str
) -> dict[str, str]:
    sure = [country_name(code) for code, trend in trends.items() if trend.sure]
    refused = [
        f"{country_name(code)}: {trend.refused}" for code, trend in trends.items() if trend.refused
    ]
    block, longer_block = breaks
    return {
        "breaks": _dates(breaks[block]),
        "regimes": _regimes(breaks[block]),
        "sure": join_words(sure),
        "supplier.refused": trends[supplier].refused,
        "refused": "; ".join(refused) or "none",
        "block": str(block),
        "longer-block": str(longer_block),
    }


def _dates(breaks: CompositionBreaks) -> str:
    return join_words([str(date) for date in breaks.break_dates])


def _changes(breaks: CompositionBreaks) -> str:
    if not breaks.break_dates:
        return "No change in the mix of suppliers can be dated."
    return f"Estimated dates of change in the mix of suppliers: {_dates(breaks)}."


def _regimes(breaks: CompositionBreaks) -> str:
    """Name the largest supplier of each regime: ``2010–2015 Russia (74 percent), ...``."""
    parts = breaks.regimes.columns[3:-1]
    regimes = []
    for row in breaks.regimes.to_dict("records"):
        largest = max(parts, key=lambda part: (row[part], part))
        percent = print_value(100 * row[largest], 0)
        regimes.append(f"{row['start']}–{row['end']} {country_name(largest)} ({percent} percent)")
    return ", ".join(regimes)
