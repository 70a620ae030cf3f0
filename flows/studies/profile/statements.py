"""Statements: who states what about a pair, from when to when, how large, and how it moved."""

import math

import pandas as pd

from flows.canonical import MINUS, print_value, shared_decimals
from flows.findings import Findings, Table
from flows.scope import scope_of
from flows.studies.numbers import union_of
from flows.studies.profile.question import PairQuestion
from flows.studies.profile.stated import (
    FEWEST,
    LEVEL,
    TOTAL,
    Dynamics,
    Statement,
    basis_words,
    short_name,
)
from flows.studies.profile.tables import million_of, without_repeats
from flows.studies.section import About
from flows.table import Rows, million_label

ABOUT = About(tables=("statements", "levels", "stated"))

_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

_GROWTH = ("growth", "growth_low", "growth_high")
_UNBROKEN, _JOINER = "\N{NO-BREAK SPACE}", "\N{WORD JOINER}"


def statements(question: PairQuestion, *, short: bool = False) -> Findings:
    """
    List every statement of both directions, one row each.

    Tables ``statements`` and ``levels``, or both in one, ``stated``, where it has to be ``short``.
    """
    both = zip(question.statements, question.dynamics, strict=True)
    frame = pd.DataFrame([_entry(statement, moved) for statement, moved in both])
    rows = union_of(statement.lines for statement in question.statements)
    if short:
        return Findings(tables=(_short_table(frame, rows, question.name),))
    return Findings(
        tables=(
            _statements_table(frame, rows, question.name),
            _levels_table(frame, rows, question.name),
        )
    )


def _entry(statement: Statement, moved: Dynamics) -> dict[str, object]:
    years = statement.years
    return {
        "flow": statement.title,
        "says": statement.says,
        "dataset": statement.dataset,
        "basis": statement.basis,
        "by": f"{statement.by}s, {statement.calendar}"
        if statement.calendar != "gregorian"
        else f"{statement.by}s",
        "first": f"{statement.rows['start'].min():%Y-%m}",
        "last": f"{statement.rows['end'].max():%Y-%m}",
        "gaps": statement.gaps,
        "year": str(years.index[-1]) if len(years) else "",
        "level": years.iloc[-1] / million_of(statement.unit) if len(years) else math.nan,
        "unit": million_label(statement.unit),
        "growth": moved.growth,
        "growth_low": moved.low,
        "growth_high": moved.high,
        "breaks": ", ".join(moved.breaks),
        "note": moved.note,
        **_in_short(statement, moved),
    }


def _in_short(statement: Statement, moved: Dynamics) -> dict[str, str]:
    """Return the cells that say several of the others at once."""
    cells = {
        "source": short_name(statement.dataset),
        "counts": basis_words(_goods(statement), statement),
        "span": _span(statement),
        "missing": f"{statement.gaps} {statement.by}{'s' * (statement.gaps > 1)}"
        if statement.gaps
        else "",
        "amount": _amount(statement),
        "moved": _growth(moved),
    }
    narrow = ("source", "missing", "amount", "moved")
    return cells | {name: cells[name].replace(" ", _UNBROKEN) for name in narrow}


def _goods(statement: Statement) -> str:
    """Return what is counted, in the words of a narrow column."""
    scope = scope_of(statement.dataset)
    if scope is None or scope.largest is None or statement.classification != TOTAL:
        return statement.coverage
    count = _COUNTS[scope.largest] if scope.largest < len(_COUNTS) else str(scope.largest)
    return f"all goods, if of {count} largest"


def _span(statement: Statement) -> str:
    """Return from when to when, in the years of the statement."""
    ends = [str(statement.rows["start"].min().year), str(statement.rows["end"].max().year)]
    if statement.calendar != "gregorian" and len(statement.years):
        ends = [str(statement.years.index[0]), str(statement.years.index[-1])]
    return f"\N{EN DASH}{_JOINER}".join(dict.fromkeys(ends))


def _amount(statement: Statement) -> str:
    if not len(statement.years):
        return ""
    more = "> " if math.isinf(statement.high.iloc[-1]) else ""
    amount = statement.years.iloc[-1] / million_of(statement.unit)
    return f"{more}{statement.unit} {print_value(amount, shared_decimals([amount], most=1))}"


def _growth(moved: Dynamics) -> str:
    if math.isnan(moved.growth):
        return "\N{EN DASH}"
    printed = f"{moved.growth:.1f} ({moved.low:.1f} to {moved.high:.1f})"
    return printed.replace("-", MINUS)


def _statements_table(frame: pd.DataFrame, rows: Rows, name: str) -> Table:
    columns = {
        "flow": "Flow",
        "says": "Stated by",
        "dataset": "Data set",
        "basis": "Counts",
        "by": "By",
        "first": "From",
        "last": "To",
        "gaps": "Gaps",
    }
    return Table(
        id=f"{name}-statements",
        frame=frame[list(columns)],
        labels=columns,
        formats={},
        caption="Who states what, from when to when.",
        note="Gaps: periods between the first and the last that are not stated.",
        rows=rows,
    )


def _levels_table(frame: pd.DataFrame, rows: Rows, name: str) -> Table:
    """Return the levels, of the last whole year; the frame has the reason for a missing growth."""
    columns = {
        "flow": "Flow",
        "says": "Stated by",
        "dataset": "Data set",
        "year": "Year",
        "level": "Level",
        "unit": "Unit",
        "growth": "Growth, % a year",
        "growth_low": "Low",
        "growth_high": "High",
        "breaks": "Breaks",
    }
    decimals = shared_decimals(frame["level"], most=1)
    return Table(
        id=f"{name}-levels",
        frame=frame[[*columns, "basis", "note"]],
        labels=columns,
        formats={
            "level": f",.{decimals}f",
            **dict.fromkeys(_GROWTH, ".1f"),
        },
        caption="Level of each statement in its last whole year, its growth and its breaks.",
        note=(
            f"Growth in percent a year, log-linear, with a {LEVEL:.0%} interval (low, high) that "
            "allows for autocorrelation. Breaks: first periods of a new regime. Rows stand in the "
            "order of the table above."
        ),
        rows=rows,
    )


def _short_table(frame: pd.DataFrame, rows: Rows, name: str) -> Table:
    columns = {
        "flow": "Flow",
        "says": "Stated by",
        "source": "Source",
        "counts": "Counts",
        "span": "Years",
        "missing": "Gaps",
        "year": "Last",
        "amount": "Million",
        "moved": "Growth, %",
        "breaks": "Breaks",
    }
    if not frame["breaks"].any():
        del columns["breaks"]
    return Table(
        id=f"{name}-stated",
        frame=without_repeats(frame[list(columns)], "flow", "says"),
        labels=columns,
        formats={},
        caption="Who states what.",
        note=(
            "Years of the reporter’s calendar; gaps between them are not stated. Level of the last "
            "whole year. Growth in percent a year, log-linear, with its 95% interval: of at least "
            f"{FEWEST['month']} months or {FEWEST['year']} years, none of them zero, else a dash. "
            "Breaks: first periods of a new regime, months where months are stated."
        ),
        rows=rows,
    )
