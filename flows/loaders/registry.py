"""Finding a layout: by its key, or by the content of a file."""

from pathlib import Path

from flows.errors import LayoutError
from flows.loaders.archive import is_zip, list_tables, read_content, stream_content
from flows.loaders.envelope import is_envelope, open_envelope
from flows.loaders.known import LAYOUTS
from flows.loaders.layout import Layout
from flows.loaders.workbook import WORKBOOK

__all__ = ["LAYOUTS", "find_layout", "recognise_layout"]

_LOOKED_AT = 65_536


def find_layout(key: str) -> Layout:
    """
    Return the layout of this key.

    Parameters
    ----------
    key : str
        For example ``"armstat"``.

    Returns
    -------
    Layout

    Raises
    ------
    ValueError
        If there is none; the message lists all keys.

    Examples
    --------
    >>> find_layout("cow_trade").title
    'Correlates of War, dyadic trade'
    """
    if key not in LAYOUTS:
        raise ValueError(f"expected the key of a layout ({', '.join(LAYOUTS)}), found {key!r}")
    return LAYOUTS[key]


def recognise_layout(path: Path) -> Layout:
    """
    Return the layout of a file from its content; its name does not count.

    Parameters
    ----------
    path : pathlib.Path
        Any file.

    Returns
    -------
    Layout

    Raises
    ------
    LayoutError
        If no layout fits; the message shows the first line and lists what was tried.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> recognise_layout(example_path("sipri_deal_years")).key
    'sipri_deal_years'
    """
    if is_zip(path) and WORKBOOK in list_tables(path):
        raise LayoutError(
            f"{path}: expected a table, found a workbook: describe it in a small TOML and name "
            "that, load(path, layout='mine.toml')"
        )
    head = next(stream_content(path, size=_LOOKED_AT), b"")
    if is_envelope(head):
        head = open_envelope(read_content(path), path=str(path))[:_LOOKED_AT]
    head = head.removeprefix(b"\xef\xbb\xbf")
    # Latin-1 gives every byte a character: enough to look, and the reader decodes strictly.
    beginning = head.decode("latin-1")
    for layout in LAYOUTS.values():
        if layout.recognise(beginning):
            return layout
    first = beginning.strip().partition("\n")[0][:60]
    raise LayoutError(
        f"{path}:1: expected one of the layouts {', '.join(LAYOUTS)}; found none of them, but "
        f"{first!r}; if you know the layout, name it: load(path, layout=...) says what is missing"
    )
