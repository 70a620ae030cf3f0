"""Rows of a described table that are parts of one statement: added up, or told apart."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from flows.errors import LayoutError, SchemaError
from flows.loaders.cells import select
from flows.loaders.described_cells import are_unknown, place, value_columns
from flows.loaders.descriptions import Description
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
    if not description.sum_over:
        _check_once(cells, columns, raw, description)
        return cells, columns
    parts = raw.rows[list(description.sum_over)].apply(lambda column: column.str.strip())
    _check_parts(parts.iloc[cells.rows["row"].unique()], raw, description)
    frame = pd.DataFrame(columns, index=cells.rows.index)
    keys = [name for name in frame.columns if name not in _AMOUNTS]
    number = frame.groupby(keys, sort=False, dropna=False).ngroup()
    named = parts.iloc[cells.rows["row"]].reset_index(drop=True).assign(number=number.to_numpy())
    if (repeated := named.duplicated(keep=False)).any():
        lines = pd.DataFrame({"dataset": raw.dataset, "line": cells.rows["line"]})
        raise SchemaError(
            f"expected each statement once for every {', '.join(description.sum_over)}; "
            f"rows at fault: {where(lines[repeated.to_numpy()])}"
        )
    groups = frame.groupby(number)
    first = ~number.duplicated()
    known = ~are_unknown(cells, description).groupby(number).transform("all")
    summed = frame[first].reset_index(drop=True)
    for name in _AMOUNTS[:3]:
        summed[name] = groups[name].sum(skipna=False).to_numpy()
    summed["estimate"] = groups["estimate"].any().to_numpy()
    summed["summed_rows"] = groups.size().to_numpy()
    whole = known[first].reset_index(drop=True)
    rows = select(select(cells, first), whole)
    counted = summed[whole].reset_index(drop=True)
    return rows, {str(name): counted[name] for name in counted}


def _check_once(
    cells: RawTable, columns: Mapping[str, Any], raw: RawTable, description: Description
) -> None:
    """Check that no statement stands there twice, and say what tells two rows apart if one does."""
    said = {name: column for name, column in columns.items() if name not in _AMOUNTS}
    frame = pd.DataFrame(said, index=cells.rows.index)
    repeated = frame.duplicated(keep=False)
    if not repeated.any():
        return
    number = frame[repeated].groupby(list(frame.columns), sort=False, dropna=False).ngroup()
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
        else "nothing tells them apart; keep one of them"
    )
    lines = pd.DataFrame({"dataset": raw.dataset, "line": cells.rows["line"]})
    raise SchemaError(
        f"expected each statement (reporter, pair, period, product) once; rows at fault: "
        f"{where(lines[repeated])}; {advice}"
    )


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
