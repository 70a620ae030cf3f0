"""How a text ends: whether the file was cut, as far as its last line shows it."""

import re
from collections.abc import Sequence

import numpy as np

from flows.errors import LayoutError
from flows.loaders.grids import Grid, Record, grid_of

_NUMBER_OR_NOTHING = re.compile(r"[-+0-9.,eE]*")


def check_closed(closed: Sequence[bool], records: Sequence[Record], *, path: str) -> None:
    """Check that the last record of a file is closed by the same sign as the one before it."""
    if len(closed) > 1 and closed[-2] and not closed[-1]:
        line, cells = records[-1]
        raise LayoutError(
            f"{path}:{line}: expected a line that ends as the others do, found one that breaks off "
            f"behind {cells[-1]!r}; the file was cut there: download it again"
        )


def cut_warning(text: str, records: Sequence[Record]) -> tuple[str, ...]:
    """Say that the last number of a text may be cut off, if no end of a line stands behind it."""
    if not records or text.endswith(("\n", "\r")):
        return ()
    line, cells = records[-1]
    last = cells[-1].strip() if cells else ""
    if not _NUMBER_OR_NOTHING.fullmatch(last):
        return ()
    said = f"line {line} is the last and has no end: if the file was cut there, {last!r} is the"
    return (f"{said} beginning of a longer number; compare it with the source",)


def without_empty_end(records: Sequence[Record], width: int, *, path: str) -> Grid:
    """Return records without the empty cell behind a delimiter that ends a line."""
    grid = records if isinstance(records, Grid) else grid_of(records)
    last_two = [grid[int(at)] for at in np.flatnonzero(grid.written())[-2:]]
    check_closed([len(record.cells) == width + 1 for record in last_two], last_two, path=path)
    if len(grid.columns) <= width:
        return grid
    ended = (grid.widths == width + 1) & ~grid.written_in(width)
    return grid.shortened(width, ended)
