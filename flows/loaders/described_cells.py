"""From the rows of a described table to one row a cell of values, with what is said of it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray

from flows.errors import FlowsError, LayoutError
from flows.loaders.cells import texts
from flows.loaders.descriptions import BESIDE, Description
from flows.loaders.figures import (
    OTHER_DIGITS,
    advice,
    ascii_digits,
    example_number,
    number_pattern,
    plain_numbers,
    with_hyphens,
    without_marks,
)
from flows.loaders.patterns import FIELDS, WHEN, fields_of, match_pattern
from flows.loaders.text import RawTable

SHEET = "{sheet}"
"""Column of the sheet that a row is from; braces part what is added from the file's own names."""

VALUE = "value"
_NUMERIC = ("m49", "comtrade")
_NUMBER_CODE = r"[0-9]{1,3}\.0"
"""A code that a program took for a number."""

_UNKNOWN = ("missing", "confidential")
_PRINTED = "partner as printed"
BESIDE_PARTNER = "beside the partner"
"""What stands first in a row whose partner is an empty cell."""

_NAMED = ("partner", "reporter", *WHEN)
"""Fields that may carry marks; a product's code may end with any sign."""


def value_columns(names: list[str], description: Description) -> dict[str, Mapping[str, str]]:
    """Return the columns that hold values, each with what its heading says."""
    pattern = description.value_heading
    if not fields_of(pattern):
        return {pattern: {}}
    if pattern == "{flow}":
        return {word: {"flow": word} for word in description.flows}
    others = {*description.named_columns, "line"}
    matches = {
        name: match_pattern(
            pattern,
            ascii_digits(_without_signs(name, description)),
            flows=description.flows,
            months=description.months,
        )
        for name in names
        if name not in others and name and not name.startswith("{")
    }
    return {heading: match for heading, match in matches.items() if match is not None}


def spread_cells(raw: RawTable, description: Description) -> RawTable:
    """Return one row a cell of values, with the fields of a row as the table prints them."""
    values = value_columns(list(raw.rows.columns), description)
    count, rows = len(values), len(raw.rows)
    row, place = np.divmod(np.arange(count * rows), max(count, 1))

    def along(column: pd.Series) -> ExtensionArray:
        """Return what the rows say, once for each of their cells."""
        cells: ExtensionArray = column.array
        return cells if count == 1 else cells.take(row)

    def across(texts: Sequence[str]) -> ExtensionArray:
        """Return what the headings say, in every row."""
        return pd.array(texts, dtype="str").take(place)

    stacked = pd.concat([raw.rows[name] for name in values] or [pd.Series(dtype="str")])
    columns: dict[str, Any] = {
        "cell": stacked.array if count == 1 else stacked.array.take(place * rows + row),
        "heading": across([*values]),
    }
    for what in FIELDS:
        if what in fields_of(description.value_heading):
            columns[what] = across([said[what] for said in values.values()])
        else:
            columns[what] = along(_along_rows(raw, what, description))
    if "partner" in description.columns:
        beside = _beside(raw, [*values], description)
        sums = beside.isin([description.total, *description.leave_out]) & (beside != "")
        columns["partner"] = along(_along_rows(raw, "partner", description).mask(sums, beside))
        columns[BESIDE_PARTNER] = along(beside)
    columns[_PRINTED] = columns["partner"]
    if "partner" in description.cells:
        columns[_PRINTED] = along(texts(raw, description.columns["partner"]))
    frame = pd.DataFrame(columns).assign(line=raw.rows["line"].to_numpy()[row])
    if SHEET in raw.rows:
        frame["sheet"] = along(raw.rows[SHEET])
    frame["row"] = row
    frame["estimate"] = np.array(_heading_estimates(values, description), dtype=np.bool_)[place]
    own = {what: name for what, name in description.columns.items() if what != VALUE}
    return _unmarked(replace(raw, rows=frame, headings=own), description)


def _beside(raw: RawTable, values: list[str], description: Description) -> pd.Series:
    """Return what stands first in rows without a partner: ``Total`` in a merged cell, mostly."""
    beside = pd.Series("", index=raw.rows.index, dtype="str")
    empty = texts(raw, description.columns["partner"]) == ""
    if not empty.any():
        return beside
    others = [name for name in raw.rows.columns if name not in {*values, "line"}]
    for name in others[::-1]:
        cells = texts(raw, name) if not name.startswith("{") else beside
        beside = beside.mask(empty & (cells != ""), cells)
    return beside


def _along_rows(raw: RawTable, what: str, description: Description) -> pd.Series:
    """Return what the rows of a table say outside of the headings of their values."""
    if what in description.columns:
        return _inside(texts(raw, description.columns[what]), what, description)
    if f"{{{what}}}" in raw.rows:
        return raw.rows[f"{{{what}}}"]
    only = next(iter(description.flows))
    constants = {"product": description.product, "flow": only, "partner": ""}
    constant = constants.get(what, getattr(description, what, ""))
    return pd.Series(constant, index=raw.rows.index, dtype="str")


def _inside(cells: pd.Series, what: str, description: Description) -> pd.Series:
    """Return the part of cells that is a field, where they hold more."""
    if what not in description.cells:
        return cells
    fitting = {
        cell: match_pattern(
            description.cells[what], cell, flows=description.flows, months=description.months
        )
        for cell in cells.unique()
    }
    return cells.map({cell: match[what] if match else cell for cell, match in fitting.items()})


def _signs(name: str, description: Description) -> list[str]:
    """Return the marks beside a heading, or beside a line of it: 2023* Exports."""
    beside = [mark for mark, meaning in description.marks.items() if meaning in BESIDE]
    return [mark for mark in beside if re.search(rf"(?<=\S)\s*{re.escape(mark)}(?=\s|$)", name)]


def _without_signs(name: str, description: Description) -> str:
    for mark in _signs(name, description):
        before = "[0-9]" if mark[-1].isalpha() else r"\S"
        name = re.sub(rf"(?<={before})\s*{re.escape(mark)}(?=\s|$)", "", name)
    return name.strip()


def _heading_estimates(
    values: Mapping[str, Mapping[str, str]], description: Description
) -> list[bool]:
    marks = description.marks
    return [any(marks[mark] == "estimate" for mark in _signs(name, description)) for name in values]


def _unmarked(cells: RawTable, description: Description) -> RawTable:
    """Return cells whose names and years are without marks."""
    rows = cells.rows.copy()
    warnings = [*_with_ascii_digits(rows, description), *_with_zeros(rows, description)]
    for what in _NAMED:
        marked = without_marks(rows[what], description, figures=False)
        rows[what] = marked.texts
        rows["estimate"] |= marked.estimates
        warnings += _counted(marked.counts, heading(cells, what, 0, description), description)
    return replace(cells, rows=rows, warnings=(*cells.warnings, *warnings))


def _with_ascii_digits(rows: pd.DataFrame, description: Description) -> list[str]:
    """Write figures and periods in the digits 0 to 9 that stand in those of another script."""
    warnings = []
    for what in ("cell", *WHEN):
        other = rows[what].str.contains(OTHER_DIGITS, regex=True)
        if other.any():
            first = rows.loc[other].iloc[0]
            warnings.append(
                f"{int(other.sum())} cells are in digits of another script (line {first['line']}: "
                f"{first[what]!r}): read as those of 0 to 9"
            )
            digits = rows[what].map(ascii_digits)
            decimals = digits.str.replace("\u066b", description.decimal, regex=False)
            rows[what] = decimals.str.replace("\u066c", description.thousands, regex=False)
    return warnings


def _with_zeros(rows: pd.DataFrame, description: Description) -> list[str]:
    """Put back what programs take from codes of countries that they read as numbers; say it."""
    warnings: list[str] = []
    if description.scheme not in _NUMERIC:
        return warnings
    for what in ("reporter", "partner"):
        printed = rows[what]
        codes = printed.where(~printed.str.fullmatch(_NUMBER_CODE), printed.str.removesuffix(".0"))
        if description.scheme == "m49":
            codes = codes.where(~codes.str.fullmatch("[0-9]{1,2}"), codes.str.zfill(3))
        if (changed := codes != printed).any():
            rows[what] = codes
            warnings.append(
                f"{int(changed.sum())} codes of {what}s were numbers (line "
                f"{rows.loc[changed, 'line'].iloc[0]}: {printed[changed].iloc[0]!r}): "
                f"read as {codes[changed].iloc[0]!r}"
            )
    return warnings


def _counted(counts: Mapping[str, int], column: str, description: Description) -> list[str]:
    return [
        f"column {column}: {count} cells have the mark {mark!r} ({description.marks[mark]})"
        for mark, count in counts.items()
    ]


def is_partner(cells: RawTable, names: list[str]) -> pd.Series:
    """Say which cells are about one of these partners, with the marks beside it or without."""
    return cells.rows["partner"].isin(names) | cells.rows[_PRINTED].isin(names)


def own_names(cells: RawTable, what: str, names: Mapping[str, str]) -> pd.Series:
    """Return codes that a description itself gives to names, as printed or without marks."""
    own = _looked_up(cells.rows[what], names)
    return own.fillna(_looked_up(cells.rows[_PRINTED], names)) if what == "partner" else own


def _looked_up(cells: pd.Series, names: Mapping[str, str]) -> pd.Series:
    """Return what names stand for, each of them looked up once."""
    number, printed = pd.factorize(cells)
    codes = pd.array([names.get(name) for name in printed], dtype="str")
    return pd.Series(codes.take(number), index=cells.index)


def with_figures(cells: RawTable, description: Description) -> RawTable:
    """Return cells with plain numbers, an empty text where a mark stands for the figure."""
    marks = texts(cells, "cell")
    instead = marks.isin([mark.strip() for mark in description.marks])
    plain = with_hyphens(marks.mask(instead, ""))
    marked = without_marks(plain, description, figures=True)
    wrong = ~marked.texts.str.fullmatch(number_pattern(description)) & (marked.texts != "")
    if wrong.any():
        example = example_number(description)
        expected = f"a number as {example!r}, described so in {description.path}"
        refuse(cells, wrong, "cell", expected, description)
    negative = marked.texts.str.startswith("-") & (not description.corrections)
    if negative.any():
        refuse(cells, negative, "cell", "a number that is not negative", description)
    rows = cells.rows.assign(
        cell=plain_numbers(marked.texts, description),
        mark=marks.where(instead, ""),
        estimate=cells.rows["estimate"] | marked.estimates,
    )
    warnings = _counted(marked.counts, "of values", description)
    return replace(cells, rows=rows, warnings=(*cells.warnings, *warnings))


def are_unknown(cells: RawTable, description: Description) -> pd.Series:
    """Say which cells are marked as missing or confidential."""
    unknown = [mark.strip() for mark, kind in description.marks.items() if kind in _UNKNOWN]
    return cells.rows["mark"].isin(unknown)


def heading(cells: RawTable, what: str, row: int, description: Description) -> str:
    """Return the file's own name of what holds a field of a row of cells."""
    if what in description.columns and what != VALUE:
        return description.columns[what]
    if what == "cell" or what in fields_of(description.value_heading):
        return str(cells.rows["heading"].iloc[row]) if len(cells.rows) else what
    for key in ("sheet", "title", "file"):
        if what in fields_of(getattr(description, key)):
            return f"({key})"
    return what


def refuse(
    cells: RawTable, wrong: pd.Series, what: str, expected: str, description: Description
) -> NoReturn:
    """Raise for the first cell at fault, with what to write where."""
    row = int(wrong.to_numpy().argmax())
    printed = str(cells.rows[what].iloc[row])
    more = f" (and {int(wrong.sum()) - 1} more)" if wrong.sum() > 1 else ""
    todo = advice(printed, description)
    where = f"{place(cells, row)}: column {heading(cells, what, row, description)}"
    raise LayoutError(
        f"{where}: expected {expected}, found {printed!r}{more}"
        + (f"{todo} in {description.path}" if todo else "")
    )


def place(cells: RawTable, row: int) -> str:
    """Return file, line and sheet of a row of cells."""
    sheet = f" (sheet {cells.rows['sheet'].iloc[row]!r})" if "sheet" in cells.rows else ""
    return f"{cells.path}:{cells.rows['line'].iloc[row]}{sheet}"


@dataclass(frozen=True, slots=True)
class Meanings:
    """What is said in cells: ``few`` has each thing once, ``number`` which of them a cell says."""

    few: list[Any]
    number: NDArray[np.integer[Any]]

    def each(self, part: Callable[[Any], object], dtype: str = "str") -> pd.Series:
        """Return a part of what each cell says."""
        parts = pd.Series([part(meaning) for meaning in self.few], dtype=dtype)
        return parts.take(self.number).reset_index(drop=True)


def translated(
    cells: RawTable, what: tuple[str, ...], meaning: Callable[..., object], description: Description
) -> Meanings:
    """Return what a function makes of the fields of each cell; its errors get their place."""
    keys = cells.rows[list(what)]
    number = keys.groupby(list(what), sort=False, dropna=False).ngroup().to_numpy()
    first = keys.drop_duplicates()
    few = []
    for at, printed in enumerate(first.itertuples(index=False)):
        try:
            few.append(meaning(*printed))
        except FlowsError as error:
            row = int((number == at).argmax())
            held = [name for name in what if cells.rows[name].iloc[row]] or [what[0]]
            columns = ", ".join(
                dict.fromkeys(heading(cells, name, row, description) for name in held)
            )
            raise type(error)(
                f"{place(cells, row)}: column {columns}: {error} ({description.path})"
            ) from error
    return Meanings(few, number)
