"""How long a page takes until it answers, beside an empty page: printed, for machines differ."""

from pathlib import Path
from statistics import median
from typing import Any

import pytest
from browsing import PAGES, page_name, visit

_TIMES = 5
_EMPTY = (
    '<!doctype html><title>e</title><script>document.documentElement.dataset.ready="true"</script>'
)


@pytest.mark.parametrize("file", PAGES, ids=page_name)
def test_time_to_interactive(
    browser: Any, file: Path, tmp_path: Path, record_property: Any, capsys: Any
) -> None:
    empty = tmp_path / "index.html"
    empty.write_text(_EMPTY, encoding="utf-8")
    page, nothing = ready_after(browser, file), ready_after(browser, empty)
    assert page > 0
    record_property("interactive_ms", page)
    record_property("empty_page_ms", nothing)
    with capsys.disabled():
        print(f"\n{page_name(file)}: interactive {page:.0f} ms, {page / nothing:.1f} empty pages")  # noqa: T201


def ready_after(browser: Any, file: Path) -> float:
    """Return the milliseconds from asking for a page until its scripts have run, in the middle."""
    times = []
    for _ in range(_TIMES):
        with visit(browser, file) as (page, *_):
            times.append(page.evaluate("performance.getEntriesByType('navigation')[0].domComplete"))
    return median(times)
