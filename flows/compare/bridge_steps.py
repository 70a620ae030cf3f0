"""The steps of a bridge: levels, calendar, changes and what is left."""

from typing import Any

import pandas as pd

from flows.compare.sides import Side
from flows.compare.steps import Step
from flows.compare.terms import Ledger, Range
from flows.countries import country_name


def level_step(name: str, side: Side) -> Step:
    """
    Return a side's statement as it is usually quoted.

    Parameters
    ----------
    name : str
        ``exporter`` or ``importer``.
    side : Side
        The side.

    Returns
    -------
    Step
        Bounds are those that its source states.

    Raises
    ------
    CountryError
        If its code has no name.
    """
    rows = side.usual.rows
    return Step(
        id=name,
        name=f"{country_name(side.reporter)} reports, {side.usual.period.label}",
        kind="level",
        value=side.usual.value,
        low=float((rows["low"] * rows["weight"]).sum(skipna=False)),
        high=float((rows["high"] * rows["weight"]).sum(skipna=False)),
        rows=rows,
        assumption="as published",
    )


def calendar_steps(exporter: Side, importer: Side) -> list[Step]:
    """
    Return the step from the usual period of a side with months to the one compared, if any.

    Parameters
    ----------
    exporter, importer : Side
        The two sides.

    Returns
    -------
    list of Step
        Low and high come from moving whole months.

    Raises
    ------
    KeyError
        If rows lack a column.
    """
    sides = [side for side in (exporter, importer) if side.usual is not side.cut]
    if not sides:
        return []
    signs = [1 if side is exporter else -1 for side in sides]
    changes = [
        [sign * (value - side.usual.value) for value in (side.cut.value, *side.moved)]
        for sign, side in zip(signs, sides, strict=True)
    ]
    usual, compared = sides[0].usual.period.label, sides[0].cut.period.label
    return [
        Step(
            id="calendar",
            name=f"Calendar: {compared} against {usual}",
            kind="change",
            value=sum(change[0] for change in changes),
            low=sum(min(change) for change in changes),
            high=sum(max(change) for change in changes),
            rows=pd.concat([side.cut.rows for side in sides], ignore_index=True),
            assumption="edge months by days; range: by whole months",
        )
    ]


def change_step(ledger: Ledger, place: int) -> Step:
    """
    Return the step of one term of a ledger.

    Parameters
    ----------
    ledger : Ledger
        Two statements and what is taken out of them.
    place : int
        Which of its terms.

    Returns
    -------
    Step
        Its size once the terms before it are taken out.

    Raises
    ------
    IndexError
        If there are fewer terms.
    """
    term = ledger.terms[place]
    return _step(
        ledger.change(term, after=ledger.terms[:place]),
        name=term.name,
        kind="change",
        rows=term.rows,
        assumption=term.assumption,
        id=term.id,
    )


def residual_step(ledger: Ledger) -> Step:
    """
    Return what the terms of a ledger leave unexplained.

    Parameters
    ----------
    ledger : Ledger
        Two statements and what is taken out of them.

    Returns
    -------
    Step
        Low and high are exact over all ranges together.

    Raises
    ------
    ZeroDivisionError
        If a factor is zero.
    """
    ranged = [term.id for term in ledger.terms if term.factor[0] != term.factor[1]]
    return _step(
        ledger.residual(),
        id="residual",
        name="Not explained",
        kind="residual",
        rows=pd.DataFrame(),
        assumption=f"what is left, over the range of {' and '.join(ranged) or 'nothing'}",
    )


def _step(size: Range, **other: Any) -> Step:
    return Step(value=size.value, low=size.low, high=size.high, **other)
