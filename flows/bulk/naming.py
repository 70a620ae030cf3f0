"""Codes to names on any engine: the crosswalks as small tables, flow statements and their sums."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import narwhals as nw
import pyarrow as pa
import pyarrow.compute as pc

from flows.countries import Scheme, entries, read_rows
from flows.periods import Period, rules_of
from flows.table import COLUMNS

Frame = nw.LazyFrame[Any]
"""Rows of pandas, DuckDB or Spark behind the interface of Narwhals."""

Lift = Callable[[pa.Table], Frame]
"""A small Arrow table as a frame of the engine."""

SUMMED_BY = (
    "exporter",
    "importer",
    "reporter",
    "year",
    "start",
    "end",
    "product",
    "classification",
    "valuation",
    "partner_basis",
)
"""What sums can be asked by."""

APART = ("reporter", "classification", "level", "unit", "valuation", "partner_basis")
"""What must not differ inside one sum: it would count goods twice, or add different measures."""

YEARS = rules_of("gregorian").years
"""Calendar years that the engines know."""


def finish(frame: Frame, own: Sequence[str]) -> Frame:
    """Return a frame with the columns of the flow table in their order."""
    filled = frame.with_columns(
        low=nw.col("value"), high=nw.col("value"), estimate=nw.lit(value=False)
    )
    return filled.select(*COLUMNS, *own)


def parts_by(frame: Frame, by: Sequence[str]) -> Frame:
    """Return rows with what a sum is asked by, what must stay apart, and what is added up."""
    level = nw.col("product").str.len_chars().alias("level")
    statements = nw.col("statements").cast(nw.Int64())
    return frame.with_columns(level).select(*_apart(by), "value", statements)


def sum_by(frame: Frame, by: Sequence[str]) -> Frame:
    """Return sums by what is asked and by what must stay apart."""
    return (
        parts_by(frame, by)
        .group_by(*_apart(by))
        .agg(nw.col("value").sum(), nw.col("statements").sum())
        .with_columns(nw.col("statements").cast(nw.Int64()))
    )


def _apart(by: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([*by, *APART, "start", "end", "file"]))


def repeated(frame: Frame, key: Sequence[str]) -> Frame:
    """Return what stands there more than once."""
    counted = frame.group_by(*key).agg(
        nw.len().alias("times"),
        nw.col("line").min().alias("first"),
        nw.col("line").max().alias("last"),
    )
    return counted.filter(nw.col("times") > 1)


def country_table(scheme: Scheme, code: str, alpha3: str) -> pa.Table:
    """Return the codes of a scheme that stand for one country at all times."""
    codes_of = {
        name: {entry.alpha3 for entry in several} for name, several in entries(scheme).items()
    }
    stable = {name: codes.pop() for name, codes in codes_of.items() if len(codes) == 1}
    return pa.table({code: list(stable), alpha3: list(stable.values())})


def numbered(table: pa.Table, code: str) -> pa.Table:
    """Return the rows of a table of codes whose code is a number, as a number."""
    digits = table.filter(pc.utf8_is_digit(table[code]))
    cast = digits[code].cast(pa.int32())
    return digits.set_column(digits.schema.get_field_index(code), code, cast)


@cache
def year_table(column: str) -> pa.Table:
    """Return calendar years by their number."""
    periods = [Period.year(year) for year in YEARS]
    return pa.table(
        {
            column: pa.array(YEARS, pa.int32()),
            "start": [period.start for period in periods],
            "end": [period.end for period in periods],
            "year": list(YEARS),
        }
    )


def classification_table(code: str, name: str) -> pa.Table:
    """Return the codes of classifications."""
    rows = read_rows("classifications.csv")
    return pa.table(
        {code: [row["code"] for row in rows], name: [row["classification"] for row in rows]}
    )
