"""What a layout is: how it is known by its content, read and normalised."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from flows.loaders.raw import RawTable
from flows.table import check_flows


@dataclass(frozen=True, slots=True)
class Layout:
    """
    One way in which a publisher writes its figures.

    Parameters
    ----------
    key : str
        Name in ``source.toml`` and in ``load(..., layout=)``.
    title : str
        What it is, for a list.
    recognise : callable
        Whether the beginning of a file, as text, is of this layout; no two layouts say yes.
    read : callable
        ``read(path, dataset=)`` to a raw table.
    normalise : callable
        Raw table to the frame that is loaded.
    check : callable
        What that frame must pass: a flow table, or what else the layout holds.
    """

    key: str
    title: str
    recognise: Callable[[str], bool]
    read: Callable[..., RawTable]
    normalise: Callable[[RawTable], pd.DataFrame]
    check: Callable[[pd.DataFrame], pd.DataFrame] = check_flows

    def load(self, path: Path, *, dataset: str | None = None) -> pd.DataFrame:
        """
        Return the checked table of one file.

        Parameters
        ----------
        path : pathlib.Path
            A file of this layout.
        dataset : str, optional
            ``source@vintage``; the file name by default.

        Returns
        -------
        pandas.DataFrame
            A flow table, in most layouts.

        Raises
        ------
        FlowsError
            If the file is not of this layout, or its content is not what it should be.
        OSError
            If the file cannot be read.

        Examples
        --------
        >>> from flows.loaders.examples import example_path
        >>> from flows.loaders.known import LAYOUTS
        >>> len(LAYOUTS["armstat"].load(example_path("armstat")))
        9
        """
        table = self.normalise(self.read(path, dataset=dataset))
        table.attrs["report"] = {"layout": self.key, **table.attrs["report"]}
        return table


def starts_with(columns: Sequence[str]) -> Callable[[str], bool]:
    r"""
    Return a function that knows a file by the names in its first line.

    Parameters
    ----------
    columns : sequence of str
        All of them have to be there, in any order.

    Returns
    -------
    callable
        Beginning of a file to whether it has them.

    Raises
    ------
    TypeError
        If a column is not hashable.

    Examples
    --------
    >>> starts_with(["t", "i"])("t,i,j\n1,2,3")
    True
    """

    def recognise(beginning: str) -> bool:
        line = beginning.partition("\n")[0]
        return set(columns) <= {cell.strip('" \r') for cell in re.split("[,\t]", line)}

    return recognise


def matches(pattern: str) -> Callable[[str], bool]:
    r"""
    Return a function that knows a file by a regular expression.

    Parameters
    ----------
    pattern : str
        Searched in the beginning of the file; ``^`` is the start of any line.

    Returns
    -------
    callable
        Beginning of a file to whether the pattern is found.

    Raises
    ------
    re.error
        If the pattern is none.

    Examples
    --------
    >>> matches("^Deal ID;")("SIPRI\nDeal ID;Seller")
    True
    """
    compiled = re.compile(pattern, re.MULTILINE)
    return lambda beginning: compiled.search(beginning) is not None
