"""A few lines of every layout, written for this package: what a loader expects to find."""

from importlib.resources import files
from pathlib import Path


def example_path(layout: str) -> Path:
    """Return the path of the example of a layout."""
    folder = Path(str(files(__name__)))
    for path in folder.iterdir():
        if path.stem == layout and path.suffix != ".py":
            return path
    raise ValueError(f"expected the key of a layout, found {layout!r}")
