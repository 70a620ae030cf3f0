"""How concentrated the suppliers are, and who leads, by window."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from flows.countries import country_name
from flows.findings import Figure, Findings, Number, Table
from flows.measure.checks import years_counted
from flows.measure.concentration import Concentration
from flows.measure.concentration import concentration as measure_concentration
from flows.measure.drawn_shares import first_partners, ranks_drawn
from flows.measure.posterior import SharePosterior
from flows.measure.shares import Share, rolling_partner_shares
from flows.origin import Made, call
from flows.studies.numbers import make_number, read_rules, source_line
from flows.studies.section import About
from flows.studies.supplier.question import SupplierQuestion, rows_of

ABOUT = About(
    needs="`rules` and `posterior` of the question, and suppliers by name",
    figures=("ranks",),
    tables=("concentration",),
)

_INDEX = "Herfindahl-Hirschman index of suppliers: "


@dataclass(frozen=True, slots=True, eq=False)
class _Window:
    """Concentration of one window, with the interval over deals where the data allow it."""

    share: Share
    made: Made[Concentration]
    posterior: Made[SharePosterior] | None

    @property
    def measured(self) -> Concentration:
        return self.made.value

    @property
    def interval(self) -> Made[tuple[float, float]] | None:
        if self.posterior is None:
            return None
        ends = self.posterior.part(lambda drawn: drawn.concentration.set_index("measure"))
        return ends.part(lambda table: (table["low"].loc["hhi"], table["high"].loc["hhi"]))


def concentration(question: SupplierQuestion) -> Findings:
    """
    Measure the concentration of every window of the main release, and rank its suppliers.

    Numbers ``hhi``, ``hhi.interval`` where the data allow one, ``hhi.first`` of the first window,
    and ``suppliers.effective``; table ``concentration``; figure ``ranks``. Words ``first-window``,
    ``first-main``, ``last-window`` and ``last-main`` (the largest suppliers),
    ``hhi.interval.point`` (empty where the interval has two ends), ``hhi.interval.refused`` and
    ``ranks.refused``: why they are not there; empty where they are.
    """
    main = question.share.value
    windows = [_measure(made.value, question) for made in question.of_main]
    here = next(window for window in windows if window.share is main)
    ends = {"first": windows[0].measured, "last": windows[-1].measured}
    words = {f"{end}-window": f"{window.start}–{window.end}" for end, window in ends.items()}
    words |= {f"{end}-main": country_name(window.main) for end, window in ends.items()}
    words["hhi.interval.refused"] = question.interval_of(main)[1]
    interval = here.interval
    words["hhi.interval.point"] = "yes" if interval and len(set(interval.value)) == 1 else ""
    ranks = _ranks(question)
    words["ranks.refused"] = "" if len(ranks) else "the release names no supplier"
    return Findings(
        numbers=tuple(_numbers(here, windows[0], question)),
        tables=(_table(windows, question),),
        figures=(_figure(ranks, question),) if len(ranks) else (),
        words=question.own(words),
    )


def _measure(measured: Share, question: SupplierQuestion) -> _Window:
    rules = tuple(read_rules(question.bounds_of(measured).rules).values())
    made = call(
        measure_concentration,
        question.rows_of_release(measured.dataset).arg,
        importer=question.importer,
        start=measured.start,
        end=measured.end,
        rules=rules,
    )
    return _Window(measured, made, question.interval_of(measured)[0])


def _numbers(here: _Window, first: _Window, question: SupplierQuestion) -> Iterator[Number]:
    rows = here.measured.rows
    index = here.made.part(lambda suppliers: suppliers.hhi)
    about = f"{_INDEX}{question.imports}."
    has_bounds = "hhi" in here.measured.bounds
    yield make_number(
        question.name,
        "hhi",
        index,
        "ratio",
        about,
        digits=3,
        rows=rows,
        bounds=here.made.part(lambda suppliers: suppliers.bounds["hhi"]) if has_bounds else None,
    )
    yield make_number(
        question.name,
        "hhi.first",
        first.made.part(lambda suppliers: suppliers.hhi),
        "ratio",
        f"{_INDEX}{question.of(first.share).imports}.",
        digits=3,
        rows=first.measured.rows,
    )
    yield make_number(
        question.name,
        "suppliers.effective",
        here.made.part(lambda suppliers: suppliers.effective_number),
        "count",
        f"Suppliers of equal size with the same index: {question.imports}.",
        digits=1,
        rows=rows,
    )
    if here.posterior is not None:
        yield make_number(
            question.name,
            "hhi.interval",
            index,
            "ratio",
            about,
            digits=3,
            rows=rows,
            interval=here.interval,
            level=here.posterior.value.level,
        )


def _table(windows: Sequence[_Window], question: SupplierQuestion) -> Table:
    """One row a window: the index with bounds and interval, the largest supplier, its share."""
    records = [
        {
            "window": f"{window.measured.start}-{window.measured.end}",
            "hhi": window.measured.hhi,
            "bounds": _pair(window.measured.bounds.get("hhi")),
            "interval": _pair(None if interval is None else interval.value),
            "effective": window.measured.effective_number,
            "main": country_name(window.measured.main),
            "cr1_pct": 100 * window.measured.cr1,
            "cr3_pct": 100 * window.measured.cr3,
        }
        for window in windows
        for interval in [window.interval]
    ]
    levels = {window.posterior.value.level for window in windows if window.posterior is not None}
    level = f"{min(levels):.0%} interval" if levels else "Interval"
    return Table(
        id=f"{question.name}-concentration",
        frame=pd.DataFrame(records),
        labels={
            "window": "Window",
            "hhi": "HHI",
            "bounds": "Bounds",
            "interval": level,
            "effective": "Equal suppliers",
            "main": "Largest",
            "cr1_pct": "Its share, %",
            "cr3_pct": "Three largest, %",
        },
        formats={"hhi": ".3f", "effective": ".1f", "cr1_pct": ".1f", "cr3_pct": ".1f"},
        caption=f"Concentration of {country_name(question.importer)}’s suppliers by window.",
        note=(
            "HHI: Herfindahl-Hirschman index, the sum of squared shares, at most one. Equal "
            "suppliers: its inverse. Bounds: all rules together. Interval: bootstrap over deals. "
            "Unknown suppliers count as one supplier."
        ),
        rows=rows_of([window.measured.rows for window in windows]),
    )


def _pair(ends: tuple[float, float] | None) -> str:
    return "" if ends is None else f"{ends[0]:.3f} to {ends[1]:.3f}"


def _ranks(question: SupplierQuestion) -> pd.DataFrame:
    """Rank those suppliers that were among the first in a window of the length in question."""
    first, last = _years(question)
    rolling = rolling_partner_shares(
        question.release.value,
        importer=question.importer,
        start=first,
        end=last,
        years=question.end - question.start + 1,
    ).frame
    return first_partners(rolling, also=[question.supplier])


def _leaders(ranks: pd.DataFrame) -> str:
    """Say who led in the first and in the last window."""
    leaders = ranks[ranks["rank"] == 1].sort_values("window")
    windows = leaders["window"].str.replace("-", "–")
    (first, last), (since, until) = leaders["name"].iloc[[0, -1]], windows.iloc[[0, -1]]
    if first == last:
        return f"{first} led in {since} and in {until}."
    return f"{first} led in {since}, {last} in {until}."


def _years(question: SupplierQuestion) -> tuple[int, int]:
    """Return the first year of the first window and the last one that the release counts."""
    first = min(made.value.start for made in question.of_main)
    return first, years_counted(question.release.value)[question.dataset][1]


def _figure(ranks: pd.DataFrame, question: SupplierQuestion) -> Figure:
    arms = question.release.value
    inside = arms["start"].dt.year.between(*_years(question))
    rows = arms[(arms["importer"] == question.importer) & inside]
    lines = rows_of([rows])
    return Figure(
        id=f"{question.name}-ranks",
        draw="draw_supplier_ranks",
        data=ranks_drawn(ranks),
        options={
            "highlight": country_name(question.supplier),
            "importer": country_name(question.importer),
        },
        caption=(
            f"{_leaders(ranks)} Ranks of {country_name(question.importer)}’s suppliers of major "
            "arms by window, of those that were among the first five at least once."
        ),
        source=source_line(lines),
        rows=lines,
    )
