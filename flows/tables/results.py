"""A result as a table of the report: for LaTeX, HTML and Typst, and for what writes files."""

import pandas as pd

from flows.findings import Table
from flows.results import Result, decimals_of
from flows.tables.formats import escape_markdown, table_html, table_tex, table_typst

_DECIMALS = 4
"""A column with fewer is printed with those that it has."""

_YEARS = ("year", "start", "end")
"""Columns whose numbers have no thousands."""


def as_table(result: Result) -> Table:
    """Return what a result writes: a table of the report as it is, else that of ``tidy``."""
    if isinstance(result, Table):
        return result
    card = result._card()  # noqa: SLF001 - what a result says of itself
    frame = result.tidy()
    named = any(name is not None for name in frame.index.names)
    frame = (frame.reset_index() if named else frame).rename(columns=str)
    shown = pd.DataFrame({name: _printable(column) for name, column in frame.items()})
    name = type(result).__name__
    return Table(
        id=name.lower(),
        frame=shown,
        labels={str(column): str(column).replace("_", " ") for column in shown},
        formats={str(name): _number_format(shown[name]) for name in shown.select_dtypes("number")},
        caption=escape_markdown(f"{name}: {card.title}"),
        note=escape_markdown("; ".join(f"{label}: {printed}" for label, printed in card.facts)),
        rows=card.rows,
    )


def _printable(column: pd.Series) -> pd.Series:
    """Return numbers as they are, and anything else as text."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return pd.Series(column.dt.strftime("%Y-%m-%d"))
    if pd.api.types.is_bool_dtype(column):
        return pd.Series(column.map({True: "yes", False: "no"}))
    if pd.api.types.is_numeric_dtype(column):
        return column
    return pd.Series(column.map(str, na_action="ignore"))


def _number_format(column: pd.Series) -> str:
    """Return one format for a column: its own decimals if few, else four digits of the largest."""
    finite = column[column.abs() < float("inf")].astype("float64")
    if finite.empty:
        return ",.0f"
    own = (places for places in range(_DECIMALS) if (finite.round(places) == finite).all())
    decimals = next(own, decimals_of(float(finite.abs().max())))
    return f"{'' if column.name in _YEARS else ','}.{decimals}f"


def result_tex(result: Result) -> str:
    """Return the table of a result as a LaTeX float."""
    return table_tex(as_table(result))


def result_html(result: Result) -> str:
    """Return the table of a result as an HTML page."""
    return table_html(as_table(result))


def result_typst(result: Result) -> str:
    """Return the table of a result as a Typst figure."""
    return table_typst(as_table(result))
