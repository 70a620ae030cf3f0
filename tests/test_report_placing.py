"""Exhibits of a PDF stand near the text that speaks of them, and no page is left half empty."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pypdf
import pytest
from lxml import html

from flows.report.placing import place_exhibits

PDFS = sorted((Path(__file__).parents[1] / "reports").rglob("appendix.pdf"))

POINTS_PER_MM = 72 / 25.4
TOP, FOOT = (297 - 26) * POINTS_PER_MM, 28 * POINTS_PER_MM
"""First and last line of the text of a page, from its lower edge."""

_LABEL = re.compile(r"(Figure|Table)\s(\d+)\.")
_SPACES = re.compile(r"\s+")


class Place(NamedTuple):
    """Page and points from its upper edge: the order in which one reads."""

    page: int
    down: float


@pytest.fixture(scope="module", params=PDFS, ids=lambda path: path.parent.name)
def built(request: pytest.FixtureRequest) -> tuple[Path, pypdf.PdfReader]:
    return request.param, pypdf.PdfReader(request.param)


def texts(page: pypdf.PageObject) -> list[tuple[str, float, bool]]:
    """Return the pieces of text between head and foot of a page: height, and whether it is bold."""
    pieces: list[tuple[str, float, bool]] = []

    def visit(text: str, cm: list[float], tm: list[float], font: Any, size: float) -> None:
        del size
        up = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        if text.strip() and FOOT - 1 <= up <= TOP + 1:
            pieces.append((text, up, "Bold" in str((font or {}).get("/BaseFont", ""))))

    page.extract_text(visitor_text=visit)
    return pieces


def captions(pdf: pypdf.PdfReader) -> dict[str, Place]:
    return {
        f"{match[1]} {match[2]}": Place(number, -up)
        for number, page in enumerate(pdf.pages)
        for text, up, bold in texts(page)
        if bold and (match := _LABEL.match(text.strip()))
    }


def headings(pdf: pypdf.PdfReader) -> list[tuple[str, Place, int]]:
    """Return title, place and level of each heading."""

    def walk(entries: list[Any], level: int) -> Iterator[tuple[str, Place, int]]:
        for entry in entries:
            if isinstance(entry, list):
                yield from walk(entry, level + 1)
            else:
                place = Place(pdf.get_destination_page_number(entry), -float(entry.top))
                yield _SPACES.sub(" ", str(entry.title)).strip(), place, level

    return list(walk(pdf.outline, 1))


def shown_in(page: Path) -> dict[str, str]:
    """Return each exhibit of the web page and the heading of the section that shows it."""
    found = {}
    for figure in html.fromstring(page.read_bytes()).iter("figure"):
        label = figure.find(".//span[@class='label']")
        section = next(figure.iterancestors("section"), None)
        if label is None or section is None:
            continue
        words = section.xpath("./*[self::h1 or self::h2 or self::h3][1]")[0]
        name = _SPACES.sub(" ", label.text_content()).strip(" .")
        found[name] = _SPACES.sub(" ", words.text_content()).strip()
    return found


def test_every_exhibit_stands_in_the_section_that_shows_it(
    built: tuple[Path, pypdf.PdfReader],
) -> None:
    path, pdf = built
    exhibits, begins = captions(pdf), headings(pdf)
    sections = shown_in(path.with_name("index.html"))
    assert sections.keys() == exhibits.keys()
    strays = []
    for name, section in sections.items():
        start = next(place for title, place, _ in begins if title == section)
        after = [place for _, place, level in begins if level == 1 and place > start]
        if not start < exhibits[name] < min(after, default=Place(len(pdf.pages), 0.0)):
            strays.append(name)
    assert strays == []


def test_exhibits_stand_in_the_order_of_their_numbers(built: tuple[Path, pypdf.PdfReader]) -> None:
    _, pdf = built
    for kind in ("Figure", "Table"):
        numbered = {name: place for name, place in captions(pdf).items() if name.startswith(kind)}
        assert list(numbered) == [f"{kind} {number}" for number in range(1, len(numbered) + 1)]
        assert sorted(numbered.values()) == list(numbered.values())


def test_no_page_but_the_last_is_under_a_third_full(built: tuple[Path, pypdf.PdfReader]) -> None:
    _, pdf = built
    lowest = [min(up for _, up, _ in texts(page)) for page in pdf.pages]
    third = TOP - (TOP - FOOT) / 3
    assert [number for number, up in enumerate(lowest[:-1], start=1) if up > third] == []


Layout = Callable[[str], str]


def column(*blocks: tuple[str, float]) -> Layout:
    """
    Return what sets blocks, texts (named ``""``) and exhibits, in pages of 689 points below 74.

    Text runs on over pages; an exhibit that does not fit begins a page, or floats to it.
    """

    def query(floats: str) -> str:
        page, y, placed, waiting = 1, 74.0, [], 0.0
        for name, height in blocks:
            anchor = {"id": name, "page": page, "y": y, "height": height, "long": False}
            if name in floats.split():
                placed.append({"value": {**anchor, "shown": page + 1}})
                waiting += height
            elif name:
                if y + height > 763:
                    page, y, waiting = page + 1, 74.0 + waiting, 0.0
                placed.append({"value": {**anchor, "shown": page}})
                y += height
            else:
                y += height
                while y > 763:
                    page, y, waiting = page + 1, y - 689 + waiting, 0.0
        return json.dumps(placed)

    return query


def test_what_fits_stands_in_the_text_and_what_does_not_floats() -> None:
    layout = column(("", 300), ("fits", 200), ("", 100), ("too-high", 200), ("", 400))
    assert place_exhibits(layout) == "too-high"


def test_an_exhibit_does_not_pass_one_that_waits_for_the_next_page() -> None:
    layout = column(("", 300), ("too-high", 500), ("small", 50), ("", 400), ("later", 50))
    assert place_exhibits(layout) == "too-high small"


def test_text_without_exhibits_has_no_floats() -> None:
    assert place_exhibits(column(("", 5_000))) == ""
