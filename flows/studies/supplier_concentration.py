"""How concentrated the suppliers of an importer are, by window."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from flows.countries import country_name
from flows.findings import Json, Number, Table
from flows.measure.concentration import Concentration, concentration
from flows.measure.posterior import SharePosterior
from flows.studies.choices import read_rules, rules_json
from flows.studies.numbers import numbers_of
from flows.studies.supplier_doubt import Doubt
from flows.studies.supplier_question import SupplierQuestion, rows_of


@dataclass(frozen=True, slots=True, eq=False)
class WindowConcentration:
    """
    Concentration of the imports of one window, with bounds and the interval over deals.

    Parameters
    ----------
    found : Concentration
        With bounds under the rules that the data allow.
    posterior : SharePosterior or None
        Of the supplier in question; none where the data do not allow it.
    """

    found: Concentration
    posterior: SharePosterior | None

    def interval(self, measure: str) -> tuple[float, float] | None:
        """
        Return the interval of a measure.

        Parameters
        ----------
        measure : str
            ``"hhi"`` or another of :data:`flows.measure.concentration.MEASURES`.

        Returns
        -------
        tuple of float or None
            None where there is no interval.

        Raises
        ------
        KeyError
            If there is no such measure.
        """
        if self.posterior is None:
            return None
        ends = self.posterior.concentration.set_index("measure")
        return float(ends["low"][measure]), float(ends["high"][measure])


def concentrate(
    arms: pd.DataFrame, doubts: Iterable[tuple[SupplierQuestion, Doubt]]
) -> list[WindowConcentration]:
    """
    Return how concentrated the imports of several windows are.

    Parameters
    ----------
    arms : pandas.DataFrame
        Flow table of deliveries.
    doubts : iterable of pairs
        Each window with the rules and the interval that the data allow.

    Returns
    -------
    list of WindowConcentration
        One a window, in their order.

    Raises
    ------
    FlowsError
        As :func:`flows.concentration`.
    """
    return [
        WindowConcentration(
            concentration(
                arms,
                country=one.importer,
                start=one.start,
                end=one.end,
                dataset=one.dataset,
                rules=tuple(read_rules(doubt.rules).values()),
            ),
            doubt.posterior,
        )
        for one, doubt in doubts
    ]


def concentration_numbers(
    several: Sequence[WindowConcentration], doubt: Doubt, question: SupplierQuestion
) -> list[Number]:
    """
    Return the concentration of the window in question, and of the first one.

    Parameters
    ----------
    several : sequence of WindowConcentration
        Of the main release, in the order of time.
    doubt : Doubt
        Of the window in question.
    question : SupplierQuestion
        What is asked.

    Returns
    -------
    list of Number
        ``hhi`` with bounds where there are rules, ``hhi.interval`` where there is one,
        ``hhi.first`` and ``suppliers.effective``.

    Raises
    ------
    CountryError
        If a code has no name.
    """
    here = next(one for one in several if _window(one) == (question.start, question.end))
    found, first = here.found, several[0].found
    make = _maker(found, question, rules=rules_json(doubt.rules))
    of_first = replace(question, start=first.start, end=first.end)
    about = "Herfindahl-Hirschman index of suppliers: "
    numbers = [
        make(
            "hhi",
            found.hhi,
            "ratio",
            f"{about}{question.imports}.",
            digits=3,
            rows=found.rows,
            bounds=found.bounds.get("hhi"),
        ),
        _maker(first, question)(
            "hhi.first",
            first.hhi,
            "ratio",
            f"{about}{of_first.imports}.",
            digits=3,
            rows=first.rows,
        ),
        make(
            "suppliers.effective",
            found.effective_number,
            "count",
            f"Suppliers of equal size with the same index: {question.imports}.",
            digits=1,
            rows=found.rows,
        ),
    ]
    interval, drawn = here.interval("hhi"), here.posterior
    if interval is None or drawn is None:
        return numbers
    weigh = question.make(
        "flows.share_posterior", draws=drawn.draws, seed=drawn.seed, level=drawn.level
    )
    numbers.append(
        weigh(
            "hhi.interval",
            found.hhi,
            "ratio",
            f"{about}{question.imports}.",
            digits=3,
            rows=found.rows,
            interval=interval,
            level=drawn.level,
        )
    )
    return numbers


def concentration_words(several: Sequence[WindowConcentration]) -> dict[str, str]:
    """
    Return the largest supplier of the first window and of the last.

    Parameters
    ----------
    several : sequence of WindowConcentration
        In the order of time.

    Returns
    -------
    dict
        ``first-window``, ``first-main``, ``last-window``, ``last-main``.

    Raises
    ------
    CountryError
        If a code has no name.
    """
    ends = {"first": several[0].found, "last": several[-1].found}
    windows = {f"{word}-window": f"{one.start}–{one.end}" for word, one in ends.items()}
    return windows | {f"{word}-main": country_name(one.main) for word, one in ends.items()}


def concentration_table(
    several: Sequence[WindowConcentration], question: SupplierQuestion
) -> Table:
    """
    Return the table of concentration by window.

    Parameters
    ----------
    several : sequence of WindowConcentration
        In the order of time.
    question : SupplierQuestion
        What is asked; its release.

    Returns
    -------
    Table
        One row a window: the index with bounds and interval, the largest supplier and its share.

    Raises
    ------
    CountryError
        If a code has no name.
    """
    records = [
        {
            "window": f"{one.found.start}-{one.found.end}",
            "hhi": one.found.hhi,
            "bounds": _pair(one.found.bounds.get("hhi")),
            "interval": _pair(one.interval("hhi")),
            "effective": one.found.effective_number,
            "main": country_name(one.found.main),
            "cr1_pct": 100 * one.found.cr1,
            "cr3_pct": 100 * one.found.cr3,
        }
        for one in several
    ]
    levels = {one.posterior.level for one in several if one.posterior is not None}
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
        rows=rows_of([one.found.rows for one in several]),
    )


def _maker(found: Concentration, question: SupplierQuestion, **more: Json) -> Callable[..., Number]:
    parameters: dict[str, Json] = {
        "dataset": found.dataset,
        "country": found.country,
        "start": found.start,
        "end": found.end,
    }
    return numbers_of(question.name, "flows.concentration", parameters | more)


def _window(one: WindowConcentration) -> tuple[int, int]:
    return one.found.start, one.found.end


def _pair(ends: tuple[float, float] | None) -> str:
    return "" if ends is None else f"{ends[0]:.3f} to {ends[1]:.3f}"
