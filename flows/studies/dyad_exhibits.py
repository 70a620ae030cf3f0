"""Tables of the profile of a pair."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from flows.findings import Table
from flows.studies.dyad_statements import Dynamics, Statement
from flows.table import Rows

MILLION = {"USD": 1e6, "TIV": 1.0}
UNITS = {"USD": "USD million", "TIV": "TIV million"}
_RECENT = 5


def statements_table(statements: Sequence[Statement], *, name: str) -> Table:
    """
    Return who states what about a pair, from when to when.

    Parameters
    ----------
    statements : sequence of Statement
        All of a pair.
    name : str
        First part of the id.

    Returns
    -------
    Table
        One row a statement.

    Raises
    ------
    CountryError
        If a code has no name.
    """
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
    entries = [
        {
            **_which(one),
            "by": f"{one.by}s, {one.calendar}" if one.calendar != "gregorian" else f"{one.by}s",
            "first": f"{one.rows['start'].min():%Y-%m}",
            "last": f"{one.rows['end'].max():%Y-%m}",
            "gaps": one.gaps,
        }
        for one in statements
    ]
    return Table(
        id=f"{name}-statements",
        frame=pd.DataFrame(entries, columns=list(columns)),
        labels=columns,
        formats={},
        caption="Who states what, from when to when.",
        note="Gaps: periods between the first and the last that are not stated.",
        rows=union_of(one.lines for one in statements),
    )


def levels_table(
    statements: Sequence[Statement], dynamics: Sequence[Dynamics], *, name: str
) -> Table:
    """
    Return how large each stated flow is and how it moved.

    Parameters
    ----------
    statements : sequence of Statement
        All of a pair.
    dynamics : sequence of Dynamics
        Of each.
    name : str
        First part of the id.

    Returns
    -------
    Table
        One row a statement; the level is that of the last whole year, in million of its unit;
        the frame has the reason too where growth or breaks were not estimated.

    Raises
    ------
    ValueError
        If the two sequences differ in length.
    """
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
    entries = [
        {
            **_which(one),
            "year": str(one.years.index[-1]) if len(one.years) else "",
            "level": one.years.iloc[-1] / MILLION[one.unit] if len(one.years) else np.nan,
            "unit": UNITS[one.unit],
            "growth": moved.growth,
            "growth_low": moved.low,
            "growth_high": moved.high,
            "breaks": ", ".join(moved.breaks),
            "note": moved.note,
        }
        for one, moved in zip(statements, dynamics, strict=True)
    ]
    return Table(
        id=f"{name}-levels",
        frame=pd.DataFrame(entries, columns=[*columns, "basis", "note"]),
        labels=columns,
        formats={"level": ",.1f", **dict.fromkeys(("growth", "growth_low", "growth_high"), ".1f")},
        caption="How large, and how it moved.",
        note=(
            "Level of the last whole year. Growth in percent a year, log-linear, with the 95% "
            "interval that allows for autocorrelation; breaks are first periods of a new regime. "
            "Rows stand in the order of the table above."
        ),
        rows=union_of(one.lines for one in statements),
    )


def _which(one: Statement) -> dict[str, object]:
    return {"flow": one.title, "says": one.says, "dataset": one.dataset, "basis": one.basis}


def balance_exhibit(frame: pd.DataFrame, *, name: str) -> Table:
    """
    Return the balances of the last years.

    Parameters
    ----------
    frame : pandas.DataFrame
        Of :func:`flows.studies.dyad_balance.balance_table`.
    name : str
        First part of the id.

    Returns
    -------
    Table
        Amounts in million of the unit; shares in percent.

    Raises
    ------
    KeyError
        If a column is missing.
    """
    recent = frame.groupby(["dataset", "country"], sort=False).tail(_RECENT)
    scale = recent["unit"].map(MILLION)
    printed = recent.assign(
        unit=recent["unit"].map(UNITS),
        **{column: recent[column] / scale for column in ("exports", "imports", "balance")},
        import_share=recent["import_share"] * 100,
        bound=np.where(np.isinf(recent["balance_high"]), "at least", "")
        + np.where(np.isinf(recent["balance_low"]), "at most", ""),
    )
    columns = {
        "country": "Country",
        "dataset": "Data set",
        "year": "Year",
        "unit": "Unit",
        "exports": "Exports",
        "imports": "Imports",
        "bound": "",
        "balance": "Balance",
        "normalised": "Normalised",
        "import_share": "Imports, % of both",
    }
    return Table(
        id=f"{name}-balance",
        frame=printed[list(columns)].reset_index(drop=True),
        labels=columns,
        formats={
            **dict.fromkeys(("exports", "imports", "balance"), ",.1f"),
            "normalised": ".2f",
            "import_share": ".2f",
        },
        caption="Balance of trade as each reporter states it.",
        note=(
            "Exports less imports of the country; normalised by both together. A source that "
            "states “more than” leaves the balance open on one side."
        ),
        rows=union_of(recent["rows"]),
    )


def asymmetry_exhibit(frame: pd.DataFrame, *, name: str) -> Table:
    """
    Return how far the two sides lie apart.

    Parameters
    ----------
    frame : pandas.DataFrame
        Of :func:`flows.studies.dyad_balance.asymmetry_table`.
    name : str
        First part of the id.

    Returns
    -------
    Table
        One row a flow, pair of statements and year.

    Raises
    ------
    KeyError
        If a column is missing.
    """
    scale = frame["unit"].map(MILLION)
    columns = {
        "flow": "Flow",
        "year": "Year",
        "importer_says": "Importer’s statement",
        "exporter_report": "Exporter",
        "importer_report": "Importer",
        "ratio": "Ratio",
        "asymmetry_log": "Log ratio",
    }
    printed = frame.assign(
        exporter_report=frame["exporter_report"] / scale,
        importer_report=frame["importer_report"] / scale,
    )
    return Table(
        id=f"{name}-asymmetry",
        frame=printed[list(columns)],
        labels=columns,
        formats={
            **dict.fromkeys(("exporter_report", "importer_report"), ",.1f"),
            **dict.fromkeys(("ratio", "asymmetry_log"), ".2f"),
        },
        caption="The two sides' statements of one flow, million.",
        note="Ratio: the importer's statement divided by the exporter's, in the exporter's years.",
        rows=union_of(frame["rows"]),
    )


def union_of(several: Iterable[Rows]) -> Rows:
    """
    Return the lines of several findings together.

    Parameters
    ----------
    several : iterable of Mapping
        Lines of raw files by data set.

    Returns
    -------
    Mapping
        Every line once, sorted.

    Raises
    ------
    AttributeError
        If an element is no mapping.

    Examples
    --------
    >>> union_of([{"a@1": (3, 2)}, {"a@1": (2,), "b@1": (5,)}])
    {'a@1': (2, 3), 'b@1': (5,)}
    """
    lines: dict[str, set[int]] = {}
    for rows in several:
        for dataset, found in rows.items():
            lines.setdefault(dataset, set()).update(found)
    return {dataset: tuple(sorted(found)) for dataset, found in sorted(lines.items())}
