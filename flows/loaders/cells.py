"""From cells to a checked table: numbers, countries and periods; every error names its line."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from flows.countries import Scheme, country_codes, country_name
from flows.errors import FlowsError, LayoutError
from flows.loaders.claims import as_text
from flows.loaders.names import CAPITALS, known_name, own_names
from flows.loaders.text import RawTable, Record, make_table
from flows.periods import Period
from flows.products import FLOAT, TOTAL
from flows.scope import Scope
from flows.sources import NAMES_FILE
from flows.table import check_flows

_NOTHING = "no row is left: all of them were left out"

_YEAR = re.compile(r"[0-9]{4}")

_EXAMPLES, _MOST_GAPS = 3, 10

_NUMBER = r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?"
_POWER = re.compile(r"-?([0-9]*)[.,]?([0-9]*)[eE]\+?([0-9]+)")
_ALL_DIGITS = 15
"""Digits of a number that a float holds whatever they are."""

_CELL = "cell"
"""Column of the cells of columns that became rows."""

NOT_AVAILABLE = "NA"
"""What R writes where a cell is missing."""

_INTEGER = r"[0-9]{1,15}(?:\.0+)?"
_FLAGS = {"Yes": True, "No": False, "": None}


def state(
    raw: RawTable,
    columns: Mapping[str, Any],
    *,
    rows_in: int,
    left_out: Mapping[str, Any] | None = None,
    warnings: Sequence[str] = (),
    scope: Scope | None = None,
) -> pd.DataFrame:
    """Return the flow table of a file, and what it claims to count in ``attrs["scope"]``."""
    value = columns["value"]
    defaults = {
        "low": value,
        "high": value,
        "estimate": False,
        "dataset": raw.dataset,
        "line": raw.rows["line"],
    }
    frame = pd.DataFrame({**defaults, **columns}, index=raw.rows.index)
    checked = check_flows(frame)
    claimed = scope or Scope()
    gaps = [] if claimed.years or "deal" in columns else _gaps(checked)
    reported = with_report(
        checked, raw, rows_in=rows_in, left_out=left_out, warnings=[*warnings, *gaps]
    )
    reported.attrs["scope"] = as_text(claimed)
    return reported


def with_report(
    frame: pd.DataFrame,
    raw: RawTable,
    *,
    rows_in: int,
    left_out: Mapping[str, Any] | None = None,
    warnings: Sequence[str] = (),
) -> pd.DataFrame:
    """Return a frame that says in ``attrs["report"]`` how it was made."""
    reported = frame.copy()
    reported.attrs["report"] = {
        "rows_in": rows_in,
        "rows_out": len(frame),
        "left_out": {reason: int(count) for reason, count in (left_out or {}).items() if count},
        "warnings": [*raw.warnings, *raw.remarks, *warnings, *([] if len(frame) else [_NOTHING])],
        "header": dict(raw.header),
    }
    return reported


def _gaps(frame: pd.DataFrame) -> list[str]:
    """Return the stretches of days inside the table that no row counts, in words."""
    starts, ends = (frame[side].to_numpy("datetime64[D]") for side in ("start", "end"))
    order = starts.argsort()
    first, last = starts[order][1:], np.maximum.accumulate(ends[order])[:-1]
    after = first > last + np.timedelta64(1, "D")
    gaps = [
        f"no row counts anything between {before} and {then}"
        for before, then in zip(last[after], first[after], strict=True)
    ]
    more = len(gaps) - _MOST_GAPS
    return gaps if more <= 0 else [*gaps[:_EXAMPLES], f"{len(gaps) - _EXAMPLES} more such gaps"]


def translate(raw: RawTable, column: str, meaning: Callable[[str], object]) -> pd.Series:
    """Return what a function makes of each cell, and where it fails."""
    cells = texts(raw, column)
    places, printed = pd.factorize(cells)
    meanings = np.empty(len(printed), dtype=object)
    for place, cell in enumerate(printed):
        try:
            meanings[place] = meaning(cell)
        except FlowsError as error:
            row = raw.rows[cells == cell].iloc[0]
            at = f"{raw.path}:{row['line']}: column {heading(raw, column, row)}"
            raise type(error)(f"{at}: {error}") from error
    return pd.Series(meanings[places].tolist(), index=cells.index)


def codes(raw: RawTable, column: str, *, scheme: Scheme, on: pd.Series | None = None) -> pd.Series:
    """Return a column of countries as alpha-3 codes."""
    return codes_of(raw, [column], scheme=scheme, on=on)[0]


def codes_of(
    raw: RawTable, columns: Sequence[str], *, scheme: Scheme, on: pd.Series | None = None
) -> list[pd.Series]:
    """
    Return several columns of countries as alpha-3 codes: what is unknown in any is told at once.

    Names that the user adds beside the file go before those of the crosswalk.
    """
    own = own_names(raw.path)
    parts: list[pd.Series] = []
    capitals: dict[str, str] = {}
    for column in columns:
        names, again = _known_names(raw, column, own, scheme=scheme)
        parts.append(names)
        capitals |= again
    _remark_on_capitals(raw, capitals)
    printed = pd.concat(parts, ignore_index=True)
    lines = pd.concat([raw.rows["line"]] * len(parts), ignore_index=True)
    days = None if on is None else pd.concat([on] * len(parts), ignore_index=True)
    named = printed.isin(list(own))
    if not named.any():
        coded = country_codes(printed, scheme=scheme, on=days, path=raw.path, lines=lines)
    else:
        used = ", ".join(map(repr, printed[named].unique()))
        remark(raw, f"{NAMES_FILE} beside the file names {used}")
        coded = printed.map(own).astype("str")
        rest = [None if part is None else part[~named] for part in (days, lines)]
        coded[~named] = country_codes(
            printed[~named], scheme=scheme, on=rest[0], path=raw.path, lines=rest[1]
        )
    height = len(raw.rows)
    return [
        coded.iloc[at * height : (at + 1) * height].set_axis(raw.rows.index).rename(column)
        for at, column in enumerate(columns)
    ]


def own_codes(raw: RawTable, column: str) -> pd.Series:
    """Return a column of the codes that this package itself writes, as they are."""
    translate(raw, column, country_name)
    return texts(raw, column).astype("str")


def _known_names(
    raw: RawTable, column: str, own: Mapping[str, str], *, scheme: Scheme
) -> tuple[pd.Series, dict[str, str]]:
    """
    Return names as the crosswalk has them, and those that differ in capitals alone, with what
    they were read as; remark on others that are read by a rule.
    """
    cells = plain_codes(raw, column)
    spelt, capitals = {}, {}
    for name in cells.unique():
        known, why = (name, "") if name in own else known_name(name, scheme=scheme)
        if not why:
            continue
        spelt[name] = known
        row = raw.rows[cells == name].iloc[0]
        if why == CAPITALS:
            capitals[name] = f"{name!r} (line {row['line']}) read as {known!r}"
        else:
            at = f"column {heading(raw, column, row)}: {name!r} (line {row['line']})"
            remark(raw, f"{at}: {why}")
    return (cells.replace(spelt) if spelt else cells), capitals


def _remark_on_capitals(raw: RawTable, read: Mapping[str, str]) -> None:
    """Say in one line which names of a file differ from those of the crosswalk in capitals."""
    if read:
        more = f" and {len(read) - _EXAMPLES} more" if len(read) > _EXAMPLES else ""
        shown = ", ".join(list(read.values())[:_EXAMPLES])
        names = "names differ" if len(read) > 1 else "name differs"
        remark(raw, f"{len(read)} {names} in capitals alone: {shown}{more}")


def plain_codes(raw: RawTable, column: str) -> pd.Series:
    """Return a column of codes without the points of programs that took them for numbers: 51.0."""
    cells = texts(raw, column)
    pointed = [cell for cell in cells.unique() if re.fullmatch(FLOAT, cell)]
    if not pointed:
        return cells
    floats = cells.isin(pointed)
    first = raw.rows[floats].iloc[0]
    at = f"(line {first['line']}: {first[column].strip()!r})"
    many = f"{int(floats.sum())} codes with a point {at}: it was taken out"
    remark(raw, f"column {heading(raw, column, first)}: {many}")
    return cells.mask(floats, cells.str.replace(r"\..*", "", regex=True))


def remark(raw: RawTable, text: str) -> None:
    """Add what was repaired or read by a rule to what the report says, once."""
    if text not in raw.remarks:
        raw.remarks.append(text)


def calendar_year(cell: str) -> Period:
    """Return the calendar year that a cell names."""
    digits = cell.removesuffix(".0")
    if not _YEAR.fullmatch(digits):
        raise LayoutError(f"expected a year, found {cell!r}")
    return Period.year(int(digits))


def spans(periods: pd.Series) -> dict[str, pd.Series]:
    """Return periods as the columns ``start`` and ``end``."""
    return {
        side: pd.Series([getattr(period, side) for period in periods], index=periods.index).astype(
            "datetime64[s]"
        )
        for side in ("start", "end")
    }


def texts(raw: RawTable, column: str) -> pd.Series:
    """Return a column without the blanks around its cells."""
    return bare(raw.rows[column])


def bare(cells: pd.Series) -> pd.Series:
    """Return cells without the blanks around them: the same cells, not a copy, where none has."""
    stripped = cells.str.strip()
    return cells if stripped.equals(cells) else stripped


def _present(raw: RawTable, column: str) -> pd.Series:
    return without_missing(raw, column, texts(raw, column))


def without_missing(raw: RawTable, column: str, cells: pd.Series) -> pd.Series:
    """Return cells of a column, empty where R wrote that they are missing, and remark on that."""
    missing = cells == NOT_AVAILABLE
    if not missing.any():
        return cells
    row = raw.rows[missing].iloc[0]
    name = heading(raw, column, row)
    remark(raw, f"column {name}: cells NA (line {row['line']}) are read as missing")
    return cells.mask(missing, "")


def all_present(raw: RawTable) -> RawTable:
    """Return rows in which no cell is R's mark of a missing one, and remark on the first."""
    cells = raw.rows.drop(columns="line")
    missing = cells == NOT_AVAILABLE
    if not missing.to_numpy().any():
        return raw
    column = str(missing.any().idxmax())
    line = raw.rows.loc[missing[column], "line"].iloc[0]
    remark(raw, f"cells NA (line {line}, column {column}) are read as missing")
    return replace(raw, rows=cells.mask(missing, "").assign(line=raw.rows["line"]))


def numbers(raw: RawTable, column: str, *, blank: bool = False) -> pd.Series:
    """Return a column of numbers that are not negative."""
    cells = _present(raw, column) if blank else texts(raw, column)
    empty = cells == ""
    _demand(raw, column, cells.str.fullmatch(_NUMBER) | empty, "a number as 1250.5")
    if not blank:
        _demand(raw, column, ~empty, "a number")
    # Of -0 and 0 the sum is 0.
    values = cells.mask(empty, "nan").to_numpy(dtype=object).astype("float64") + 0.0
    result = pd.Series(values, index=cells.index)
    _demand(raw, column, result.ne(np.inf), "a finite number")
    _demand(raw, column, ~result.lt(0), "a number that is not negative")
    return result


def rounding(raw: RawTable, *columns: str) -> list[str]:
    """Say which columns have numbers that a program has rounded, as spreadsheets do: 3.25E+08."""
    return [warning for column in columns for warning in _rounding(raw, column)]


def _rounding(raw: RawTable, column: str) -> list[str]:
    cells = raw.rows[column]
    powers = cells[cells.str.contains("e", regex=False) | cells.str.contains("E", regex=False)]
    digits = [digits_left(cell) for cell in powers.str.strip()]
    rounded = pd.Series(digits, index=powers.index, dtype="int64").loc[lambda left: left > 0]
    if rounded.empty:
        return []
    at = rounded.index[0]
    first = rounded_warning(raw.rows["line"][at], cells[at].strip(), rounded[at])
    return [f"column {column}: {len(rounded)} {first}"]


def rounded_warning(line: int, cell: str, digits: int) -> str:
    """Return what to beware of where numbers are rounded, from a line on."""
    return (
        f"numbers are rounded (line {line}: {cell!r}, {digits} digits are left); "
        "take the file as it was published"
    )


def digits_left(cell: str) -> int:
    """Return the digits of a number that a program has rounded, 0 if it has all of them."""
    match = _POWER.fullmatch(cell)
    if match is None:
        return 0
    whole, decimals, exponent = match.groups(default="")
    digits = len((whole + decimals).lstrip("0"))
    return digits if len(decimals) < int(exponent) and digits < _ALL_DIGITS else 0


def repaired(raw: RawTable, column: str, products: pd.Series) -> list[str]:
    """Say which codes of a column were not as the Harmonized System has them."""
    cells = texts(raw, column)
    changed = cells != products
    if not changed.any():
        return []
    pointed = changed & cells.str.contains(".", regex=False)
    lost = changed & ~cells.str.startswith("0") & products.str.startswith("0")
    return [
        f"{int(rows.sum())} HS codes {fault} (line {raw.rows.loc[rows, 'line'].iloc[0]}): "
        f"it was {repair}"
        for rows, fault, repair in (
            (pointed, "with a point", "taken out"),
            (lost, "without their first zero", "put back"),
        )
        if rows.any()
    ]


def levels(products: pd.Series) -> list[str]:
    """Say if a table has codes of several lengths, each of which counts all goods again."""
    lengths = sorted({TOTAL if code == TOTAL else str(len(code)) for code in products.unique()})
    if len(lengths) <= 1:
        return []
    return [f"products of the levels {', '.join(lengths)} (digits): each counts all goods again"]


def integers(raw: RawTable, column: str, *, blank: bool = False) -> pd.Series:
    """Return a column of whole numbers."""
    cells = _present(raw, column) if blank else texts(raw, column)
    allowed = cells.str.fullmatch(_INTEGER) | ((cells == "") & blank)
    _demand(raw, column, allowed, "a whole number")
    return cells.str.replace(r"\..*", "", regex=True).mask(cells == "").astype("Int64")


def flags(raw: RawTable, column: str) -> pd.Series:
    """Return a column of ``Yes``, ``No`` or nothing."""
    cells = _present(raw, column)
    _demand(raw, column, cells.isin(list(_FLAGS)), "Yes, No or nothing")
    return cells.map(_FLAGS).astype("boolean")


def fail(raw: RawTable, wrong: pd.Series, column: str, expected: str) -> NoReturn:
    """Raise for the first row at fault."""
    faults = raw.rows[wrong]
    first = faults.iloc[0]
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    raise LayoutError(
        f"{raw.path}:{first['line']}: column {heading(raw, column, first)}: expected {expected}, "
        f"found {first[column]!r}{more}"
    )


def heading(raw: RawTable, column: str, row: pd.Series) -> str:
    """Return what the file calls a column, of this row where columns became rows."""
    name = raw.headings.get(column, column)
    return str(row[name]) if name != column and name in row else name


def _demand(raw: RawTable, column: str, right: pd.Series, expected: str) -> None:
    if not right.all():
        fail(raw, ~right, column, expected)


def _example(cell: str) -> RawTable:
    return make_table(["cell"], [Record(2, [cell])], path="my.csv")


def melt(raw: RawTable, columns: Sequence[str], *, name: str, keep: Sequence[str]) -> RawTable:
    """Return a raw table with one row a cell, for files that have the years side by side."""
    repeated = raw.rows[[*keep, "line"]].loc[raw.rows.index.repeat(len(columns))]
    cells = raw.rows[list(columns)].to_numpy(dtype=object).ravel()
    long = repeated.reset_index(drop=True).assign(
        **{
            name: pd.Series([*columns] * len(raw.rows), dtype="str"),
            _CELL: pd.Series(cells, dtype="str"),
        }
    )
    return replace(raw, rows=long, headings={**raw.headings, _CELL: name})


def filled(raw: RawTable) -> RawTable:
    """Return the rows of a table with one row a cell whose cell holds something."""
    cells = _present(raw, _CELL)
    return select(raw, cells != "")


def select(raw: RawTable, rows: pd.Series) -> RawTable:
    """Return some rows of a raw table."""
    if rows.all() and isinstance(raw.rows.index, pd.RangeIndex):
        return raw
    return replace(raw, rows=raw.rows[rows].reset_index(drop=True))


def under_names(raw: RawTable, names: Mapping[str, Sequence[str]]) -> RawTable:
    """
    Return the columns that count under our names of them, an absent one as empty cells.

    ``names``: ours, and what files call them; ``cell`` for columns that became rows.
    """
    there = {
        ours: next((name for name in spellings if name in raw.rows), "")
        for ours, spellings in names.items()
    }
    columns = {ours: raw.rows[name] if name else "" for ours, name in there.items()}
    rows = pd.DataFrame({**columns, "line": raw.rows["line"]}).astype(dict.fromkeys(columns, "str"))
    renamed = {ours: name for ours, name in there.items() if name and name != ours}
    return replace(raw, rows=rows, headings={**raw.headings, **renamed})


def with_columns(raw: RawTable, **columns: pd.Series) -> RawTable:
    """Return a raw table with columns that follow from its own."""
    return replace(raw, rows=raw.rows.assign(**columns))
