"""The documentation in a browser, opened as files: axe, widths, search, nothing from elsewhere."""

import os
from pathlib import Path
from typing import Any

import pytest
from browsing import ROOT, SEEN, accessibility_faults, picture, visit, width_faults

PAGES = (
    "docs/index",
    "docs/tutorial",
    "docs/reference/shares",
    "docs/reference/generated/flows.share",
    "notebooks/01_arms_share",
)


@pytest.fixture(scope="module")
def site() -> Path:
    """The built site; without it the test is skipped, in CI it fails."""
    folder = ROOT / "docs" / "_build" / "html"
    if not folder.is_dir():
        message = f"{folder} is missing: make docs makes it"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return folder


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("width", "scheme"), SEEN)
def test_pages_of_the_documentation_are_for_everybody(
    browser: Any, site: Path, name: str, width: int, scheme: str
) -> None:
    with visit(browser, site / f"{name}.html", site=site, width=width, scheme=scheme) as visited:
        page, requests, complaints = visited
        assert (requests, complaints) == ([], [])
        picture(page, f"{name.replace('/', '-')}-{width}-{scheme}")
        faults = [*width_faults(page), *accessibility_faults(page)]
        assert not faults, "\n".join(faults)


def test_the_search_finds_a_page_without_a_server(browser: Any, site: Path) -> None:
    with visit(browser, site / "search.html", site=site, fragment="?q=mirror") as visited:
        page, requests, complaints = visited
        page.get_by_role("link", name="Mirror statistics", exact=True).wait_for()
        assert (requests, complaints) == ([], [])
