"""Run the notebooks from top to bottom and keep what they show: `make notebooks`."""

import os
import re
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from flows.progress import SWITCH

FOLDER = Path(__file__).parents[1] / "notebooks"
_STYLE = re.compile(r"T_[0-9a-f]{5}")
_PLACE = re.compile(r" at 0x[0-9a-f]+")
_METADATA = ("kernelspec", "language_info")


def read(path: Path) -> nbformat.NotebookNode:
    """Return a notebook as it is on the disk."""
    return nbformat.read(path, as_version=4)


def run(path: Path) -> nbformat.NotebookNode:
    """Return a notebook with what it shows, without what differs from run to run."""
    notebook = read(path)
    os.environ[SWITCH] = "0"
    names = {key: notebook.metadata[key] for key in _METADATA}
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": path.parent}}).execute()
    notebook.metadata = nbformat.from_dict(names)
    for place, cell in enumerate(notebook.cells):
        cell.metadata = nbformat.from_dict({})
        for output in cell.get("outputs", []):
            for kind, text in output.get("data", {}).items():
                if kind.startswith("text/"):
                    output["data"][kind] = _STYLE.sub(f"T_{place}", _PLACE.sub("", text))
    return notebook


def texts(notebook: nbformat.NotebookNode) -> list[str]:
    """Return all that a notebook shows but for pictures, one text an output."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    shown = [output.get("text") or output.get("data", {}).get("text/plain") for output in outputs]
    return ["".join(text or "") for text in shown]


def main() -> int:
    """Write every notebook anew, or those that are named."""
    named = [Path(name) for name in sys.argv[1:]]
    for path in named or sorted(FOLDER.glob("*.ipynb")):
        nbformat.write(run(path.resolve()), path)
        print(path.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
