"""Statements: who states what about a pair, from when to when, how large, and how it moved."""

import math

import pandas as pd

from flows.canonical import MINUS
from flows.findings import Findings, Table
from flows.studies.numbers import union_of
from flows.studies.profile.question import PairQuestion
from flows.studies.profile.stated import FEWEST, Dynamics, Statement, short_name
from flows.studies.profile.tables import MILLION, UNITS, without_repeats
from flows.table import Rows

_GROWTH = ("growth", "growth_low", "growth_high")
_UNBROKEN, _JOINER = "\N{NO-BREAK SPACE}", "\N{WORD JOINER}"


def statements(question: PairQuestion, *, short: bool = False) -> Findings:
    """
    List every statement of both directions, one row each.

    Tables ``statements`` and ``levels``, or both in one, ``stated``, where it has to be ``short``.
    """
    both = zip(question.statements, question.dynamics, strict=True)
    frame = pd.DataFrame([_entry(one, moved) for one, moved in both])
    rows = union_of(one.lines for one in question.statements)
    if short:
        return Findings(tables=(_short_table(frame, rows, question.name),))
    return Findings(
        tables=(
            _statements_table(frame, rows, question.name),
            _levels_table(frame, rows, question.name),
        )
    )


def _entry(one: Statement, moved: Dynamics) -> dict[str, object]:
    years = one.years
    return {
        "flow": one.title,
        "says": one.says,
        "dataset": one.dataset,
        "basis": one.basis,
        "by": f"{one.by}s, {one.calendar}" if one.calendar != "gregorian" else f"{one.by}s",
        "first": f"{one.rows['start'].min():%Y-%m}",
        "last": f"{one.rows['end'].max():%Y-%m}",
        "gaps": one.gaps,
        "year": str(years.index[-1]) if len(years) else "",
        "level": years.iloc[-1] / MILLION[one.unit] if len(years) else math.nan,
        "unit": UNITS[one.unit],
        "growth": moved.growth,
        "growth_low": moved.low,
        "growth_high": moved.high,
        "breaks": ", ".join(moved.breaks),
        "note": moved.note,
        **_in_short(one, moved),
    }


def _in_short(one: Statement, moved: Dynamics) -> dict[str, str]:
    """Return the cells that say several of the others at once."""
    cells = {
        "source": short_name(one.dataset),
        "counts": one.basis.replace("five largest partners only", "if of five largest"),
        "span": _span(one),
        "missing": f"{one.gaps} {one.by}{'s' * (one.gaps > 1)}" if one.gaps else "",
        "amount": _amount(one),
        "moved": _growth(moved),
    }
    narrow = ("source", "missing", "amount", "moved")
    return cells | {name: cells[name].replace(" ", _UNBROKEN) for name in narrow}


def _span(one: Statement) -> str:
    """Return from when to when, in the years of the statement."""
    ends = [str(one.rows["start"].min().year), str(one.rows["end"].max().year)]
    if one.calendar != "gregorian" and len(one.years):
        ends = [str(one.years.index[0]), str(one.years.index[-1])]
    return f"\N{EN DASH}{_JOINER}".join(dict.fromkeys(ends))


def _amount(one: Statement) -> str:
    if not len(one.years):
        return ""
    more = "> " if math.isinf(one.high.iloc[-1]) else ""
    return f"{more}{one.unit} {one.years.iloc[-1] / MILLION[one.unit]:,.1f}"


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
        "growth": "Growth",
        "growth_low": "Low",
        "growth_high": "High",
        "breaks": "Breaks",
    }
    return Table(
        id=f"{name}-levels",
        frame=frame[[*columns, "basis", "note"]],
        labels=columns,
        formats={"level": ",.1f", **dict.fromkeys(_GROWTH, ".1f")},
        caption="How large, and how it moved.",
        note=(
            "Level of the last whole year. Growth in percent a year, log-linear, with the 95% "
            "interval that allows for autocorrelation; breaks are first periods of a new regime. "
            "Rows stand in the order of the table above."
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
