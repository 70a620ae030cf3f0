"""Rows of a described table that are parts of one statement: added up, or told apart."""

from typing import Any

import pandas as pd

from flows.errors import LayoutError, SchemaError
from flows.loaders.cells import select
from flows.loaders.described_cells import are_unknown, heading, place, value_columns
from flows.loaders.described_days import is_daily
from flows.loaders.descriptions import Description
from flows.loaders.patterns import WHEN
from flows.loaders.text import RawTable
from flows.table import where

_AMOUNTS = ("value", "low", "high", "estimate")
_FIGURE = r"-?[0-9][0-9 .,']*"
_SUMS = ("total", "all", "world", "sum")
"""What a sum is called among its parts."""


def added_up(
    cells: RawTable, columns: dict[str, Any], raw: RawTable, description: Description
) -> tuple[RawTable, dict[str, Any]]:
    """Return the statements summed over the columns of a description; each part counts once."""
    frame = pd.DataFrame(columns, index=cells.rows.index)
    corrections = frame["value"] < 0
    if not description.sum_over and not is_daily(cells):
        _check_once(select(cells, ~corrections), frame[~corrections], raw, description)
        return _summed(cells, frame, description) if corrections.any() else (cells, columns)
    parts = raw.rows[list(description.sum_over)].apply(lambda column: column.str.strip())
    _check_parts(parts.iloc[cells.rows["row"].unique()], raw, description)
    named = parts.iloc[cells.rows["row"]].reset_index(drop=True)
    named = named.assign(number=_statement(frame).to_numpy(), **cells.rows[[*WHEN]])
    stated = ~corrections.to_numpy()
    if (
        repeated := named[stated].duplicated(keep=False).reindex(named.index, fill_value=False)
    ).any():
        lines = pd.DataFrame({"dataset": raw.dataset, "line": cells.rows["line"]})
        raise SchemaError(
            f"expected each statement once for every {', '.join(description.sum_over) or 'day'}; "
            f"rows at fault: {where(lines[repeated.to_numpy()])}"
        )
    return _summed(cells, frame, description)


def _statement(frame: pd.DataFrame) -> pd.Series:
    """Return the number of the statement that each row is a part of."""
    keys = [name for name in frame.columns if name not in _AMOUNTS]
    return frame.groupby(keys, sort=False, dropna=False).ngroup()


def _summed(
    cells: RawTable, frame: pd.DataFrame, description: Description
) -> tuple[RawTable, dict[str, Any]]:
    """Return one row a statement, whose parts are added up; none where no part is known."""
    number = _statement(frame)
    groups = frame.groupby(number)
    first = ~number.duplicated()
    known = ~are_unknown(cells, description).groupby(number).transform("all")
    summed = frame[first].reset_index(drop=True)
    for name in _AMOUNTS[:3]:
        summed[name] = groups[name].sum(skipna=False).to_numpy()
    summed["estimate"] = groups["estimate"].any().to_numpy()
    summed["summed_rows"] = groups.size().to_numpy()
    _check_sums(summed["value"], select(cells, first), description)
    whole = known[first].reset_index(drop=True)
    rows = select(select(cells, first), whole)
    counted = summed[whole].reset_index(drop=True)
    return rows, {str(name): counted[name] for name in counted}


def _check_sums(values: pd.Series, cells: RawTable, description: Description) -> None:
    """Check that corrections leave something of what they correct."""
    negative = values < 0
    if negative.any():
        row = int(negative.to_numpy().argmax())
        raise LayoutError(
            f"{place(cells, row)}: column {heading(cells, 'cell', row, description)}: expected a "
            f"statement that is not negative with its corrections, found {values.iloc[row]:g} "
            f"{description.unit}; leave the row out by [only] in {description.path} if it corrects "
            "another period"
        )


def told_corrections(cells: RawTable) -> list[str]:
    """Say how many negative figures were added to the statements that they correct."""
    negative = cells.rows["cell"].str.startswith("-")
    if not negative.any():
        return []
    first = cells.rows[negative].iloc[0]
    many = f"{int(negative.sum())} corrections (line {first['line']}: {first['cell']!r})"
    return [f"{many} are added to the statements that they correct"]


def _check_once(
    cells: RawTable, frame: pd.DataFrame, raw: RawTable, description: Description
) -> None:
    """Check that no statement stands there twice, and say what tells two rows apart if one does."""
    frame = frame.reset_index(drop=True)
    said = frame.drop(columns=[name for name in _AMOUNTS if name in frame])
    repeated = said.duplicated(keep=False)
    if not repeated.any():
        return
    number = _statement(frame[repeated])
    rows = raw.rows.iloc[cells.rows["row"][repeated]].reset_index(drop=True)
    partner = description.columns.get("partner", "")
    named = {*description.named_columns, "line"} - {partner}
    others = rows.columns.difference(list(named), sort=False)
    values = value_columns(list(raw.rows.columns), description)
    apart = [
        name
        for name in others
        if name not in values and not rows[name].str.fullmatch(_FIGURE).all()
        if _tells_apart(rows[name], number)
    ]
    apart = [partner] if partner in apart else apart
    names = ", ".join(f'"{name}"' for name in apart)
    advice = (
        f"they differ in {names}: write sum_over = [{names}] in {description.path}, or which rows "
        "count under [only]"
        if apart
        else _without_difference(frame["value"][repeated], number)
    )
    lines = pd.DataFrame({"dataset": raw.dataset, "line": cells.rows["line"]})
    raise SchemaError(
        f"expected each statement (reporter, pair, period, product) once; rows at fault: "
        f"{where(lines[repeated])}; {advice}"
    )


def _without_difference(values: pd.Series, statement: pd.Series) -> str:
    """Say what to do about rows that nothing but their figures tells apart."""
    if values.groupby(statement).nunique().max() > 1:
        return (
            "only their figures differ: find out which counts, or whether they are parts of a sum "
            "that a column should tell apart"
        )
    return "they are identical: keep one of them"


def _tells_apart(column: pd.Series, statement: pd.Series) -> bool:
    """Say whether a column is another in each row of one statement."""
    rows = pd.DataFrame({"column": column.to_numpy(), "statement": statement.to_numpy()})
    return not rows.duplicated().any()


def _check_parts(parts: pd.DataFrame, raw: RawTable, description: Description) -> None:
    """Check that none of what is added up is itself a sum."""
    for name in parts.columns:
        sums = parts[name].str.casefold().isin(_SUMS)
        if sums.any():
            at = parts.index[sums][0]
            row = list(raw.rows.index).index(at)
            raise LayoutError(
                f"{place(raw, row)}: column {name}: expected parts to add up, found the sum "
                f'{parts[name][at]!r}; write "{name}" = "{parts[name][at]}" under '
                f"[only] in {description.path}, and do not sum over it"
            )
