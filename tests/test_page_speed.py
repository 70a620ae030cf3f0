"""How long a page takes until it answers, beside an empty page: noted, for machines differ."""

from pathlib import Path
from statistics import median
from typing import Any

import pytest
from browsing import PAGES, SCREENS, page_name, visit

_TIMES = 5
_EMPTY = (
    '<!doctype html><title>e</title><script>document.documentElement.dataset.ready="true"</script>'
)


@pytest.mark.parametrize("file", PAGES, ids=page_name)
def test_time_to_interactive(browser: Any, file: Path, tmp_path: Path) -> None:
    empty = tmp_path / "index.html"
    empty.write_text(_EMPTY, encoding="utf-8")
    page, nothing = ready_after(browser, file), ready_after(browser, empty)
    assert page > 0
    line = f"interactive after {page:.0f} ms, {page / nothing:.1f} times an empty page\n"
    SCREENS.mkdir(parents=True, exist_ok=True)
    (SCREENS / f"{page_name(file)}-speed.txt").write_text(line, encoding="utf-8")


def ready_after(browser: Any, file: Path) -> float:
    """Return the milliseconds from asking for a page until its scripts have run, in the middle."""
    times = []
    for _ in range(_TIMES):
        with visit(browser, file) as (page, *_):
            assert page.evaluate("document.documentElement.dataset.ready") == "true"
            assert page.evaluate("performance.getEntriesByType('resource').length") == 0
            times.append(page.evaluate("performance.getEntriesByType('navigation')[0].domComplete"))
    return median(times)
