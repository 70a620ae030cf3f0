"""The first difference between a file of the report and its rebuilt counterpart."""

import csv
import json
import math
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

TOLERANCE = 1e-9
"""
For values that were computed in another environment: relative, and near zero absolute.

Another order of additions changes the sixteenth digit, no printed form of a report has ten.
"""


def first_difference(expected: Path, found: Path, *, tolerance: float = 0.0) -> str | None:
    r"""
    Say where two files of values first differ.

    Parameters
    ----------
    expected, found : pathlib.Path
        Two JSON or two CSV files.
    tolerance : float
        Numbers within this, relative or near zero absolute, are taken as equal.

    Returns
    -------
    str or None
        For example ``arms.share.value: expected 67.74, found 67.75``; ``None`` without difference.

    Raises
    ------
    OSError
        If a file cannot be read.
    ValueError
        If a JSON file is none.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     a, b = Path(folder, "a.csv"), Path(folder, "b.csv")
    ...     _ = a.write_text("year,share\n2020,0.5\n"), b.write_text("year,share\n2020,0.6\n")
    ...     first_difference(a, b)
    'line 2, share: expected 0.5, found 0.6'
    """
    read = _json_cells if expected.suffix == ".json" else _csv_cells
    pairs = zip_longest(read(expected), read(found), fillvalue=("end of file", ""))
    for (place, one), (other_place, other) in pairs:
        if place != other_place:
            return f"expected {place}, found {other_place}"
        if not _is_equal(one, other, tolerance):
            return f"{place}: expected {one}, found {other}"
    return None


def list_values(place: str, content: object) -> Iterator[tuple[str, str]]:
    """
    Yield every value of nested mappings and lists with its place.

    Parameters
    ----------
    place : str
        Where ``content`` stands; empty for the whole.
    content : object
        As JSON holds it.

    Yields
    ------
    tuple of str
        Place, with dots between the keys, and value as text.

    Raises
    ------
    TypeError
        If there is something else than JSON holds.

    Examples
    --------
    >>> list(list_values("", {"share": {"value": 0.5, "rows": [12]}}))
    [('share.value', '0.5'), ('share.rows.0', '12')]
    """
    if isinstance(content, dict | list):
        entries = content.items() if isinstance(content, dict) else enumerate(content)
        for key, value in entries:
            yield from list_values(f"{place}.{key}" if place else str(key), value)
    else:
        yield place, content if isinstance(content, str) else json.dumps(content)


def _json_cells(path: Path) -> Iterator[tuple[str, str]]:
    return list_values("", json.loads(path.read_text(encoding="utf-8")))


def _csv_cells(path: Path) -> Iterator[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = next(rows, [])
        for line, row in enumerate(rows, start=2):
            for name, cell in zip_longest(header, row, fillvalue=""):
                yield f"line {line}, {name}", cell


def _is_equal(one: str, other: str, tolerance: float) -> bool:
    if one == other:
        return True
    try:
        return math.isclose(float(one), float(other), rel_tol=tolerance, abs_tol=tolerance)
    except ValueError:
        return False
