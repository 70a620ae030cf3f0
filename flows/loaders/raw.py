"""The raw table: cells of one file as text, each row with its line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from flows.errors import LayoutError
from flows.loaders.text import Record, read_text, split_records

_HEADER_DEPTH = 40


@dataclass(frozen=True, slots=True)
class RawTable:
    """
    The cells of one file, read and not yet understood.

    Parameters
    ----------
    path : str
        The file as errors name it.
    dataset : str
        ``source@vintage`` of a catalogued file, the file name of any other.
    header : Mapping
        What stands around the table: ``title``, ``generated``, ``source``, ``footer``.
    rows : pandas.DataFrame
        Every cell as text, exactly as in the file, under the file's own column names; and ``line``,
        the line of the file that the row begins on, counted from 1.
    """

    path: str
    dataset: str
    header: Mapping[str, str]
    rows: pd.DataFrame


def find_header(records: Sequence[Record], columns: Sequence[str], *, path: str) -> int:
    """
    Return the position of the record that names the columns.

    Parameters
    ----------
    records : sequence of Record
        Of the whole file.
    columns : sequence of str
        Names that the header must hold; blanks around a name do not count.
    path : str
        The file as errors name it.

    Returns
    -------
    int
        Position in ``records``.

    Raises
    ------
    LayoutError
        If none of the first forty records holds all columns; the message names those that are
        missing from the nearest one.

    Examples
    --------
    >>> find_header([Record(1, ["title"]), Record(2, ["year", "value"])], ["year"], path="my.csv")
    1
    """
    wanted = set(columns)
    found = [wanted & {cell.strip() for cell in record.cells} for record in records[:_HEADER_DEPTH]]
    best = max(range(len(found)), key=lambda position: len(found[position]), default=None)
    if best is None or not found[best]:
        raise LayoutError(f"{path}:1: expected a header with {_shown(columns)}, found none of them")
    missing = [name for name in columns if name not in found[best]]
    if missing:
        raise LayoutError(
            f"{path}:{records[best].line}: expected a header with {_shown(columns)}, "
            f"missing {_shown(missing)}"
        )
    return best


def make_table(
    names: Sequence[str],
    records: Sequence[Record],
    *,
    path: str,
    dataset: str | None = None,
    header: Mapping[str, str] | None = None,
) -> RawTable:
    """
    Return records as a raw table; empty lines are not rows.

    Parameters
    ----------
    names : sequence of str
        Names of the columns; a name that comes again is numbered (``"?"``, ``"?.2"``), and so
        is ``line``.
    records : sequence of Record
        The lines under the header.
    path : str
        The file as errors name it.
    dataset : str, optional
        ``source@vintage``; the file name by default.
    header : Mapping, optional
        What stands around the table.

    Returns
    -------
    RawTable
        One row a record.

    Raises
    ------
    LayoutError
        If a record has more or fewer cells than there are columns or repeats the header, as in a
        table that was pasted twice; or if there is no record.

    Examples
    --------
    >>> make_table(["year", "value"], [Record(2, ["2020"])], path="my.csv")
    Traceback (most recent call last):
        ...
    flows.errors.LayoutError: my.csv:2: expected 2 cells, found 1: 2020
    """
    head, names = list(names), _unique([name.strip() for name in names])
    kept = [record for record in records if any(cell.strip() for cell in record.cells)]
    for line, cells in kept:
        if cells[1:] == head[1:] != []:
            raise LayoutError(f"{path}:{line}: expected a row, found the header again")
        if len(cells) != len(names):
            raise LayoutError(
                f"{path}:{line}: expected {len(names)} cells, found {len(cells)}: "
                f"{' | '.join(cells)[:60]}"
            )
    if not kept:
        raise LayoutError(f"{path}: expected rows under the header, found none")
    rows = pd.DataFrame([record.cells for record in kept], columns=names, dtype="str")
    rows["line"] = [record.line for record in kept]
    return RawTable(path, dataset or Path(path).name, dict(header or {}), rows)


def read_delimited(
    path: Path, columns: Sequence[str], *, dataset: str | None = None, delimiter: str = ","
) -> RawTable:
    """
    Read a file whose first record is the header: quoted cells, UTF-8, nothing around the table.

    Parameters
    ----------
    path : pathlib.Path
        File to read.
    columns : sequence of str
        Names that the header must hold; others are kept.
    dataset : str, optional
        ``source@vintage``; the file name by default.
    delimiter : str
        One character.

    Returns
    -------
    RawTable
        Every column of the file.

    Raises
    ------
    LayoutError
        If encoding, header or a record is not as expected.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_delimited(example_path("armstat"), ["country", "year"]).rows["country"][0]
    'Georgia'
    """
    records = list(split_records(read_text(path), path=str(path), delimiter=delimiter))
    start = find_header(records[:1], columns, path=str(path))
    return make_table(records[start].cells, records[start + 1 :], path=str(path), dataset=dataset)


def _unique(names: Sequence[str]) -> list[str]:
    seen = {"line": 1}
    unique = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name}.{seen[name]}")
    return unique


def _shown(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names)
