"""The pages of the reports alone: no network, no faults of scripts, no script, every address."""

import json
from pathlib import Path
from typing import Any

import pytest
from browsing import PAGES, ROOT, copied, page_name, visit

EACH = pytest.mark.parametrize("file", PAGES, ids=page_name)
LARGEST = 3_000_000


@EACH
def test_a_page_alone_asks_for_nothing_and_complains_of_nothing(browser: Any, file: Path) -> None:
    with copied(file) as alone, visit(browser, alone) as (page, requests, complaints):
        page.mouse.wheel(0, 100_000)
        assert (requests, complaints) == ([], [])


@EACH
def test_a_page_is_small_enough_to_send(file: Path) -> None:
    assert file.stat().st_size < LARGEST


@EACH
def test_links_within_the_page_lead_somewhere(browser: Any, file: Path) -> None:
    with visit(browser, file) as (page, *_):
        assert not (faults := page.evaluate(_LOST)), "\n".join(faults)


_LOST = """() => [...document.querySelectorAll('a[href^="#"]')]
  .map(a => decodeURIComponent(a.hash.slice(1)).replace(/^data-(?=fig-|tbl-)/, ''))
  .filter(id => id && !document.getElementById(id))"""


@EACH
def test_a_link_of_the_contents_leads_to_its_heading(browser: Any, file: Path) -> None:
    with visit(browser, file, width=1600) as (page, *_):
        for link in page.locator("#contents a").all():
            heading = link.get_attribute("href")
            link.click()
            assert page.evaluate("decodeURIComponent(location.hash)") == heading
            assert not page.locator("dialog").is_visible(), heading


@EACH
@pytest.mark.parametrize(
    "fragment", ["#%E0%A4%A", "#number-none", "#data-fig-none", "#choice-none?"]
)
def test_an_address_of_nothing_shows_the_page(browser: Any, file: Path, fragment: str) -> None:
    with visit(browser, file, fragment=fragment) as (page, _, complaints):
        assert complaints == []
        assert not page.locator("dialog").is_visible()


@EACH
def test_without_scripts_numbers_lead_to_their_entries(browser: Any, file: Path) -> None:
    with visit(browser, file, scripts=False) as (page, *_):
        number = page.locator("a[href^='#number-']:visible").first
        entry = number.get_attribute("href")
        number.click()
        assert page.url.endswith(entry)
        assert page.locator(f"[id='{entry[1:]}']").is_visible()


@EACH
def test_each_link_beside_the_page_leads_to_a_file(browser: Any, file: Path) -> None:
    with visit(browser, file) as (page, *_):
        links = page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.href)")
    beside = [link for link in links if link.startswith("file:") and "#" not in link]
    root = ROOT.as_uri()
    for link in beside:
        assert link.startswith(root), link
        assert (ROOT / link.removeprefix(f"{root}/")).is_file(), link


@EACH
def test_the_page_prints_the_numbers_of_the_file_beside_it(browser: Any, file: Path) -> None:
    entries = json.loads((file.parent / "numbers.json").read_text("utf-8"))
    printed = {name: number["printed"] for name, number in entries.items()}
    with visit(browser, file) as (page, *_):
        shown = page.evaluate(
            "[...document.querySelectorAll('.number')].map(e => [e.dataset.id, e.textContent])"
        )
    assert shown
    for name, text in shown:
        assert name in printed, name
        assert text
