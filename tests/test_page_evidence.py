"""The evidence that a page opens: every number, its lines, the keyboard, the addresses."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from browsing import PAGES, ROOT, accessibility_faults, page_name, picture, visit, width_faults

EACH = pytest.mark.parametrize("file", PAGES, ids=page_name)

_FIRST_NUMBER = "p a[href^='#number-']:visible"


def numbers_of(file: Path) -> Mapping[str, Any]:
    """Return the numbers that the build wrote beside a page."""
    return json.loads((file.parent / "numbers.json").read_text("utf-8"))


def used_lines(runs: Sequence[int | Sequence[int]]) -> set[int]:
    """Return the lines that numbers.json writes as lines and as runs of lines."""
    pairs = [(run, run) if isinstance(run, int) else run for run in runs]
    return {line for first, last in pairs for line in range(first, last + 1)}


def raw_lines(file: str) -> list[str]:
    """Return the lines of a raw file as Python reads text, ends of lines of any kind."""
    for encoding in ("utf-8-sig", "latin-1"):
        try:
            with (ROOT / file).open(encoding=encoding) as text:
                return text.read().removesuffix("\n").split("\n")
        except UnicodeDecodeError:
            continue
    raise AssertionError(file)


@pytest.fixture(scope="module", params=PAGES, ids=page_name)
def opened(browser: Any, request: pytest.FixtureRequest) -> tuple[Mapping[str, Any], Any]:
    """The numbers that the build wrote, and what each shows when a click opens it."""
    file = request.param
    numbers = numbers_of(file)
    with visit(browser, file) as (page, requests, complaints):
        sources = json.loads(page.locator("#evidence-data").text_content())["sources"].values()
        files = {
            source["file"]: raw_lines(source["file"]) for source in sources if "file" in source
        }
        page.evaluate("files => { window.rawFiles = files; }", files)
        ids = page.locator(".number").evaluate_all("all => all.map(e => e.dataset.id)")
        shown = {name: page.evaluate(_OPEN, name) for name in dict.fromkeys(ids)}
        assert (requests, complaints) == ([], [])
    assert files
    return numbers, shown


_OPEN = """name => {
  document.querySelector(`.number[data-id="${name}"] a`).click();
  const dialog = document.getElementById('evidence');
  const plain = text => text.replaceAll('\\u00a0', ' ').trim();
  const shown = {
    open: dialog.open,
    address: decodeURIComponent(location.hash),
    title: dialog.querySelector('h2').textContent,
    about: dialog.querySelector('.content > p').textContent,
    code: dialog.querySelector('pre code')?.textContent ?? '',
    sources: [...dialog.querySelectorAll('section.source')].map(source => {
      const file = source.querySelector('.raw-file')?.getAttribute('aria-label') ?? null;
      const items = [...source.querySelectorAll('li[data-line]')];
      return {
        file,
        note: [...source.querySelectorAll(':scope > p.about')].at(-1).textContent,
        used: items.filter(li => li.querySelector('mark')).map(li => +li.dataset.line),
        others: items.filter(li =>
          plain(li.children[1].textContent) !== plain(window.rawFiles[file][li.dataset.line - 1])
        ).map(li => li.textContent),
      };
    }),
  };
  dialog.close();
  return shown;
}"""


def test_every_number_opens_its_value_its_code_and_its_data_sets(opened: Any) -> None:
    numbers, shown = opened
    assert len(shown) > 20
    for name, evidence in shown.items():
        number = numbers[name]
        assert evidence["open"], name
        assert evidence["address"] == f"#number-{name}"
        assert number["printed"] in evidence["title"], name
        assert number["about"] == evidence["about"], name
        assert all(line in evidence["code"] for line in number["code"]), name
        assert len(evidence["sources"]) == len(number["rows"]), name


def test_the_lines_shown_are_those_of_the_raw_file(opened: Any) -> None:
    numbers, shown = opened
    for name, evidence in shown.items():
        for runs, source in zip(numbers[name]["rows"].values(), evidence["sources"], strict=True):
            if not source["file"]:
                reasons = ("not the lines of one text file", "lines inside of a packed file")
                assert any(reason in source["note"] for reason in reasons), name
                continue
            assert source["others"] == [], name
            used, wanted = set(source["used"]), used_lines(runs)
            if "quote a few lines" in source["note"]:
                assert min(wanted) in used, name
                assert used <= wanted, name
            else:
                assert used == wanted, name


@EACH
def test_the_keyboard_alone_opens_and_closes_a_number(browser: Any, file: Path) -> None:
    with visit(browser, file) as (page, *_):
        for _ in range(300):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.matches('.number a')"):
                break
        name = page.evaluate("document.activeElement.parentElement.dataset.id")
        page.keyboard.press("Enter")
        dialog = page.locator("#evidence")
        assert dialog.is_visible()
        for _ in range(30):
            page.keyboard.press("Tab")
            assert page.evaluate(
                "document.activeElement === document.body"
                " || document.getElementById('evidence').contains(document.activeElement)"
            )
        page.keyboard.press("Escape")
        assert not dialog.is_visible()
        assert page.evaluate("document.activeElement.parentElement.dataset.id") == name
        assert page.evaluate("location.hash") == ""


@EACH
def test_back_closes_and_forward_opens(browser: Any, file: Path) -> None:
    with visit(browser, file) as (page, *_):
        page.locator(_FIRST_NUMBER).first.click()
        page.go_back()
        page.locator("#evidence").wait_for(state="hidden")
        page.go_forward()
        page.locator("#evidence").wait_for(state="visible")


@EACH
def test_an_address_opens_what_it_names(browser: Any, file: Path) -> None:
    with visit(browser, file) as (page, *_):
        links = page.locator("a[href^='#number-'], .tools a[href^='#data-']")
        addresses = sorted(set(links.evaluate_all("all => all.map(a => a.getAttribute('href'))")))
        claims = page.locator(".claim[id]").evaluate_all("all => all.map(e => '#' + e.id)")
    kinds = [[a for a in addresses if a.startswith(f"#{kind}-")] for kind in ("number", "data")]
    for address in (choice for kind in kinds for choice in kind[:: max(1, len(kind) // 4)]):
        with visit(browser, file, fragment=address) as (page, *_):
            assert page.locator("#evidence").is_visible(), address
            assert page.evaluate("decodeURIComponent(location.hash)") == address
    for address in claims:
        with visit(browser, file, fragment=address) as (page, *_):
            assert page.locator(address).is_visible()
            top = page.locator(address).bounding_box()["y"]
            assert 0 <= top < 900, address


@EACH
def test_the_citation_and_the_code_are_copied(browser: Any, file: Path) -> None:
    with visit(browser, file) as (page, *_):
        page.locator(_FIRST_NUMBER).first.click()
        for button in page.locator("#evidence button.copy").element_handles():
            button.click()
            page.wait_for_function("button => button.textContent === 'Copied'", arg=button)
        citation = page.locator("#evidence .citation").inner_text()
        content = page.locator("#evidence .content")
        content.evaluate("place => place.append(document.createElement('textarea'))")
        page.locator("#evidence textarea").focus()
        page.keyboard.press("Control+V")
        assert page.locator("#evidence textarea").input_value() == citation
        assert "#number-" in citation


@EACH
@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1600, "light")])
def test_open_evidence_is_for_everybody(browser: Any, file: Path, width: int, scheme: str) -> None:
    lines = {
        name: sum(len(used_lines(runs)) for runs in number["rows"].values())
        for name, number in numbers_of(file).items()
    }
    with visit(browser, file, width=width, scheme=scheme) as (page, *_):
        there = page.locator(".number:visible")
        ids = there.evaluate_all("all => all.map(e => e.dataset.id)")
        number = min(ids, key=lambda name: (not lines[name], lines[name]))
        links = {"number": f"[data-id='{number}'] a:visible", "figure": "a[href^='#data-fig']"}
        for kind, link in links.items():
            page.locator(link).first.click()
            picture(page, f"{page_name(file)}-{kind}-{width}-{scheme}")
            faults = [*width_faults(page), *accessibility_faults(page)]
            assert not faults, "\n".join(faults)
            page.keyboard.press("Escape")
