"""All layouts that can be loaded, found by key or by the content of a file."""

from importlib import import_module
from pathlib import Path

import pandas as pd

from flows.errors import LayoutError, did_you_mean
from flows.loaders.examples import example_path
from flows.loaders.layout import Layout
from flows.loaders.records import beginning_of
from flows.loaders.strangers import is_open_document, tell_apart
from flows.loaders.text import (
    UTF16_MARKS,
    is_envelope,
    open_envelope,
    read_content,
    stream_content,
)
from flows.loaders.workbook_parts import is_workbook

_LOOKED_AT = 65_536
"""Bytes from the beginning of a file that decide what it is."""

_LOADERS = (
    "sipri_deals",
    "sipri_rtf",
    "sipri_tables",
    "covariates",
    "agreements",
    "wto",
    "prices",
    "rates",
    "armstat",
    "irica",
    "comext",
    "comext_bulk",
    "comtrade_monthly",
    "comtrade",
    "baci",
    "baci_totals",
    "cow",
    "eurostat",
    "imf",
    "wits",
    "wits_tables",
    "atlas",
    "itpd",
    "faostat",
    "us_census",
    "oec",
    "tradhist",
    "ready",
)
"""Modules that say their ``LAYOUTS``; no file is of two layouts, so that any order does."""

LAYOUTS: dict[str, Layout] = {
    layout.key: layout
    for name in _LOADERS
    for layout in import_module(f"flows.loaders.{name}").LAYOUTS
}
"""Every layout by its key."""


def layouts() -> pd.DataFrame:
    """
    Return every layout that can be loaded.

    Returns
    -------
    pandas.DataFrame
        One row a layout: ``key`` (what ``load(..., layout=)`` takes), ``publisher``, ``content``
        (what the file holds), ``header`` (its columns, as the reader finds them in an example, in
        the order of the file and with commas between them), ``documented`` (where its header is
        documented, if no file of the publisher was tried).

    Raises
    ------
    FlowsError
        If an example cannot be read.

    Examples
    --------
    >>> layouts().set_index("key").loc["armstat", ["publisher", "content"]].tolist()
    ['Armstat', 'trade of Armenia by country and month']
    """
    rows = []
    for key, layout in LAYOUTS.items():
        columns = layout.read(example_path(key)).rows.columns.drop("line")
        header = ", ".join(columns)
        rows.append((key, layout.publisher, layout.content, header, layout.documented))
    return pd.DataFrame(rows, columns=["key", "publisher", "content", "header", "documented"])


def find_layout(key: str) -> Layout:
    """Return the layout of this key."""
    if key not in LAYOUTS:
        raise ValueError(
            f"expected the key of a layout ({', '.join(LAYOUTS)}), found {key!r}"
            + did_you_mean(key, LAYOUTS)
        )
    return LAYOUTS[key]


def recognise_layout(path: Path) -> Layout:
    """Return the layout of a file from its content; its name does not count."""
    beginnings = [_beginning(path), *([saved] if (saved := beginning_of(path)) else [])]
    for beginning in beginnings:
        for layout in LAYOUTS.values():
            if layout.recognise(beginning):
                return layout
    what, instead = tell_apart(path, beginnings)
    raise LayoutError(
        f"{path}:1: expected a known layout (flows list --layouts shows them), found {what}; "
        f"{instead}"
    )


def _beginning(path: Path) -> str:
    """Return the beginning of a file as text, or as characters if it is none."""
    if is_workbook(path) or is_open_document(path):
        return ""
    head = next(stream_content(path, size=_LOOKED_AT), b"")
    if is_envelope(head):
        head = open_envelope(read_content(path), path=str(path))[:_LOOKED_AT]
    # Latin-1 gives every byte a character: enough to look, and the reader decodes strictly.
    encoding = "utf-16" if head.startswith(UTF16_MARKS) else "latin-1"
    text = head.removeprefix(b"\xef\xbb\xbf").decode(encoding, errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")
