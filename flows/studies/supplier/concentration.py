"""How concentrated the suppliers are, and who leads, by window."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from flows.countries import country_name
from flows.findings import Figure, Findings, Json, Number, Table
from flows.measure.checks import years_counted
from flows.measure.concentration import Concentration
from flows.measure.concentration import concentration as measure_concentration
from flows.measure.posterior import SharePosterior
from flows.measure.shares import Share, rolling_partner_shares
from flows.studies.numbers import numbers_of, read_rules, rules_json
from flows.studies.supplier.question import SupplierQuestion, rows_of, source_of

_DEEPEST = 5
"""Rank that a supplier must have reached in a window to be drawn."""

_INDEX = "Herfindahl-Hirschman index of suppliers: "


@dataclass(frozen=True, slots=True, eq=False)
class _Window:
    """Concentration of one window, with the interval over deals where the data allow it."""

    share: Share
    found: Concentration
    posterior: SharePosterior | None

    @property
    def interval(self) -> tuple[float, float] | None:
        if self.posterior is None:
            return None
        ends = self.posterior.concentration.set_index("measure")
        return float(ends["low"]["hhi"]), float(ends["high"]["hhi"])


def concentration(question: SupplierQuestion) -> Findings:
    """
    Measure the concentration of every window of the main release, and rank its suppliers.

    Numbers ``hhi``, ``hhi.interval`` where the data allow one, ``hhi.first`` of the first window,
    and ``suppliers.effective``; table ``concentration``; figure ``ranks``. Words ``first-window``,
    ``first-main``, ``last-window`` and ``last-main`` (the largest suppliers),
    ``hhi.interval.refused`` and ``ranks.refused``: why they are not there; empty where they are.
    """
    main = question.share
    windows = [_measure(one, question) for one in question.of_main]
    here = next(one for one in windows if one.share is main)
    ends = {"first": windows[0].found, "last": windows[-1].found}
    words = {f"{end}-window": f"{one.start}–{one.end}" for end, one in ends.items()}
    words |= {f"{end}-main": country_name(one.main) for end, one in ends.items()}
    words["hhi.interval.refused"] = question.interval_of(main)[1]
    ranks = _ranks(question)
    words["ranks.refused"] = "" if len(ranks) else "the release names no supplier"
    return Findings(
        numbers=tuple(_numbers(here, windows[0], question)),
        tables=(_table(windows, question),),
        figures=(_figure(ranks, question),) if len(ranks) else (),
        words=question.own(words),
    )


def _measure(one: Share, question: SupplierQuestion) -> _Window:
    found = measure_concentration(
        question.arms,
        importer=question.importer,
        start=one.start,
        end=one.end,
        dataset=one.dataset,
        rules=tuple(read_rules(question.bounds_of(one).rules).values()),
    )
    return _Window(one, found, question.interval_of(one)[0])


def _numbers(here: _Window, first: _Window, question: SupplierQuestion) -> Iterator[Number]:
    found, rows = here.found, here.found.rows
    make = _maker(found, question, rules=rules_json(question.bounds_of(here.share).rules))
    about = f"{_INDEX}{question.imports}."
    bounds = found.bounds.get("hhi")
    yield make("hhi", found.hhi, "ratio", about, digits=3, rows=rows, bounds=bounds)
    about_first = f"{_INDEX}{question.of(first.share).imports}."
    yield _maker(first.found, question)(
        "hhi.first", first.found.hhi, "ratio", about_first, digits=3, rows=first.found.rows
    )
    yield make(
        "suppliers.effective",
        found.effective_number,
        "count",
        f"Suppliers of equal size with the same index: {question.imports}.",
        digits=1,
        rows=rows,
    )
    if (drawn := here.posterior) is not None:
        draw = question.make("flows.share_posterior", **question.drawn)
        yield draw(
            "hhi.interval",
            found.hhi,
            "ratio",
            about,
            digits=3,
            rows=rows,
            interval=here.interval,
            level=drawn.level,
        )


def _maker(found: Concentration, question: SupplierQuestion, **more: Json) -> Callable[..., Number]:
    parameters: dict[str, Json] = {
        "dataset": found.dataset,
        "importer": found.importer,
        "start": found.start,
        "end": found.end,
    }
    return numbers_of(question.name, "flows.concentration", parameters | more)


def _table(windows: Sequence[_Window], question: SupplierQuestion) -> Table:
    """One row a window: the index with bounds and interval, the largest supplier, its share."""
    records = [
        {
            "window": f"{one.found.start}-{one.found.end}",
            "hhi": one.found.hhi,
            "bounds": _pair(one.found.bounds.get("hhi")),
            "interval": _pair(one.interval),
            "effective": one.found.effective_number,
            "main": country_name(one.found.main),
            "cr1_pct": 100 * one.found.cr1,
            "cr3_pct": 100 * one.found.cr3,
        }
        for one in windows
    ]
    levels = {one.posterior.level for one in windows if one.posterior is not None}
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
        caption=(f"Concentration of the suppliers of {country_name(question.importer)} by window."),
        note=(
            "HHI: Herfindahl-Hirschman index, the sum of squared shares, highest at one; equal "
            "suppliers: its inverse. Bounds under all rules together; interval by the bootstrap "
            "over deals. Unknown suppliers count as one."
        ),
        rows=rows_of([one.found.rows for one in windows]),
    )


def _pair(ends: tuple[float, float] | None) -> str:
    return "" if ends is None else f"{ends[0]:.3f} to {ends[1]:.3f}"


def _ranks(question: SupplierQuestion) -> pd.DataFrame:
    """Rank those suppliers that were among the first in a window of the length in question."""
    first, last = _years(question)
    rolling = rolling_partner_shares(
        question.release,
        importer=question.importer,
        start=first,
        end=last,
        years=question.end - question.start + 1,
    ).frame
    ranked = rolling[rolling["rank"].notna() & (rolling["value"] > 0)]
    near = ranked.loc[ranked["rank"] <= _DEEPEST, "partner"].unique()
    drawn: pd.DataFrame = ranked[ranked["partner"].isin([*near, question.supplier])]
    return drawn


def _years(question: SupplierQuestion) -> tuple[int, int]:
    """Return the first year of the first window and the last one that the release counts."""
    first = min(one.start for one in question.of_main)
    return first, years_counted(question.release)[question.dataset][1]


def _figure(ranks: pd.DataFrame, question: SupplierQuestion) -> Figure:
    arms = question.release
    inside = arms["start"].dt.year.between(*_years(question))
    rows = arms[(arms["importer"] == question.importer) & inside]
    return Figure(
        id=f"{question.name}-ranks",
        draw="draw_supplier_ranks",
        data=pd.DataFrame(
            {
                "window": ranks["window"],
                "supplier": ranks["name"].to_numpy(),
                "rank": ranks["rank"].astype("float64"),
                "share_pct": 100 * ranks["share"],
            }
        ),
        options={
            "highlight": country_name(question.supplier),
            "importer": country_name(question.importer),
        },
        caption=(
            f"Ranks of {country_name(question.importer)}’s suppliers by window: those that were "
            "among the first five at least once."
        ),
        source=source_of([rows]),
        rows=rows_of([rows]),
    )
