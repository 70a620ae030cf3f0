"""Waiting until a file changes that the report is made from."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

WRITTEN = (".md", ".toml", ".bib")
"""Endings, in the folders of appendices, of what people write; everything else there is made."""

_SECONDS = 0.5


def changes(
    root: Path, *, wait: Callable[[], None] = lambda: time.sleep(_SECONDS)
) -> Iterator[list[str]]:
    """Yield what is new, changed or gone since the last time, whenever that is anything."""
    before = _stamps(root)
    while True:
        wait()
        now = _stamps(root)
        if now != before:
            yield sorted(
                path for path in before.keys() | now.keys() if before.get(path) != now.get(path)
            )
            before = now


def _stamps(root: Path) -> dict[str, tuple[int, int]]:
    """Return when each file was written and how large it is; one that just went has none."""
    reports = root / "reports"
    files = (*reports.glob("*"), *reports.glob("[!.]*/*"))
    written = (path for path in files if path.suffix in WRITTEN)
    stamps = {}
    for path in (*written, *(root / "data" / "raw").rglob("*")):
        try:
            stat = path.stat()
        except FileNotFoundError:
            continue
        if path.is_file():
            stamps[path.relative_to(root).as_posix()] = (stat.st_mtime_ns, stat.st_size)
    return stamps
