"""How a layout is read in bulk, and what is counted on the way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

import pyarrow as pa

from flows.loaders.raw import RawTable

Wanted = Literal["rows", "numbers", "sums"]
"""All columns of each row, only those of a sum by products, or sums over products."""


class Part(NamedTuple):
    """
    Rows of one block.

    Parameters
    ----------
    rows : pyarrow.Table
        That count.
    rows_in : int
        All of them.
    left_out : Mapping
        Reason to number of rows.
    first, last : int
        Key of the first and of the last row, where the keys rise from row to row; else both -1.
    codes : frozenset of int
        Of countries, as numbers.
    """

    rows: pa.Table
    rows_in: int
    left_out: Mapping[str, int]
    first: int = -1
    last: int = -1
    codes: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Head:
    """
    What the first line of a file says.

    Parameters
    ----------
    names : tuple of str
        Of the columns, without blanks.
    delimiter : str
        One character.
    path : str
        The file as errors name it.
    dataset : str
        The file as its rows name it.
    latin1 : bool
        Whether the layout is also published in Latin-1.
    """

    names: tuple[str, ...]
    delimiter: str
    path: str
    dataset: str
    latin1: bool = False


@dataclass(frozen=True, slots=True)
class BulkLayout:
    """
    How a layout is read in bulk.

    Parameters
    ----------
    key : str
        Of the layout.
    head : callable
        Path and first line to :class:`Head`, or an error if names are missing.
    columns : callable
        Head, and what is wanted, to name in the file and Arrow type.
    schema : callable
        What is wanted to the schema of the rows of a part.
    check : callable
        A parsed table, its first line and what is wanted to a part; ``None`` where anything is not
        plain.
    slow : callable
        The same from cells of text, by the loader's rules: an error, or the part.
    plain : callable
        Whether Arrow reads the numbers of a block as the loader does.
    scan : callable
        Sums straight from the bytes of a block; ``None`` where they are not as usual.
    missing : tuple of str
        What stands where there is no number.
    """

    key: str
    head: Callable[[Path, str], Head]
    columns: Callable[[Head, Wanted], Mapping[str, pa.DataType]]
    schema: Callable[[Wanted], pa.Schema]
    check: Callable[[pa.Table, Head, int, Wanted], Part | None]
    slow: Callable[[RawTable, Wanted], Part]
    plain: Callable[[bytes], bool] = lambda _: True
    scan: Callable[[bytes, Head], Part | None] = lambda _, __: None
    missing: tuple[str, ...] = ("",)


@dataclass(slots=True)
class Tally:
    """
    What has been read so far.

    Parameters
    ----------
    rows_in : int
        Rows under the header.
    left_out : dict
        Reason to number of rows.
    rising : bool
        Whether the keys have risen from row to row: then none stands there twice.
    last : int
        The last key.
    codes : set of int
        Of countries, as numbers.
    """

    rows_in: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    rising: bool = True
    last: int = -1
    codes: set[int] = field(default_factory=set)

    def add(self, part: Part) -> None:
        """Count a part."""
        self.rows_in += part.rows_in
        for reason, count in part.left_out.items():
            self.left_out[reason] = self.left_out.get(reason, 0) + count
        self.rising = self.rising and part.first > self.last
        self.last = part.last
        self.codes |= part.codes
