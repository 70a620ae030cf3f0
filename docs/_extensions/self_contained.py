"""A page that requests something from another address: a warning, and so an error of the build."""

import re
from collections.abc import Iterator
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging

_ELSEWHERE = r"(?P<address>(?:https?:)?//[^\"')]+)"
_LOADED = {
    ".html": re.compile(
        rf'<(?:script|img|iframe|link(?![^>]*rel="canonical"))\b[^>]*(?:src|href)="{_ELSEWHERE}'
    ),
    ".css": re.compile(rf"""(?:url\(|@import\s+)["']?{_ELSEWHERE}"""),
}


def requested(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield each file of a site with an address from which it loads something."""
    for path in sorted(folder.rglob("*")):
        if pattern := _LOADED.get(path.suffix):
            for match in pattern.finditer(path.read_text(encoding="utf-8")):
                yield path.relative_to(folder), match["address"]


def _check(app: Sphinx, error: Exception | None) -> None:
    if error is None:
        for path, address in requested(Path(app.outdir)):
            logging.getLogger(__name__).warning("%s: requests %s", path, address)


def setup(app: Sphinx) -> dict[str, bool]:
    """Look when the pages are written."""
    app.connect("build-finished", _check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
