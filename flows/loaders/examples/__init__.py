"""A few lines of every layout, written for this package, and a download to try things on."""

from importlib.resources import files
from pathlib import Path

from flows.errors import unknown_name


def example_path(name: str) -> Path:
    """
    Return the path of an example file of the package.

    Parameters
    ----------
    name : str
        ``"eu-exports-to-georgia"``, a download to try things on: exports of each member of the
        European Union to Georgia and the Union's total by month, January 2019 to August 2024, EUR,
        in the layout of Easy Comext (Eurostat, extraction of 16 November 2024, CC BY 4.0). Or the
        key of a layout, see :func:`flows.layouts`: some invented lines of it.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    UnknownNameError
        If there is no example of that name; the message has the nearest.

    Examples
    --------
    >>> import flows as fl
    >>> trade = fl.load(fl.example_path("eu-exports-to-georgia"))
    >>> germany = {"supplier": "DEU", "importer": "GEO", "among": "EU27_2020"}
    >>> round(100 * fl.share(trade, **germany, start=2023, end=2023).value, 2)
    22.5
    """
    paths = {path.stem: path for path in sorted(_folder().iterdir()) if path.suffix != ".py"}
    if name not in paths:
        raise unknown_name("example", name, paths, all_in="fl.layouts()")
    return paths[name]


def _folder() -> Path:
    return Path(str(files(__name__)))
