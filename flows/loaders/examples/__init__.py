"""A few lines of every layout, written for this package: what a loader expects to find."""

from importlib.resources import files
from pathlib import Path


def example_path(layout: str) -> Path:
    """
    Return the path of the example of a layout.

    Parameters
    ----------
    layout : str
        Key of the layout, ``"armstat"``.

    Returns
    -------
    pathlib.Path
        A file of a few lines; its name without the ending is the key.

    Raises
    ------
    ValueError
        If there is no example of that name.

    Examples
    --------
    >>> example_path("armstat").name
    'armstat.csv'
    """
    folder = Path(str(files(__name__)))
    for path in folder.iterdir():
        if path.stem == layout and path.suffix != ".py":
            return path
    raise ValueError(f"expected the key of a layout, found {layout!r}")
