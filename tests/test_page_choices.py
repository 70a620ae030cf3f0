"""What if: the controls of a page give the values of the CSV beside it, for every combination."""

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from browsing import PAGES, ROOT, accessibility_faults, picture, visit, width_faults

PAGE = ROOT / "reports" / "index.html"
NOTHING = "does not apply"

Row = Mapping[str, str]


def rows_of(figure: str) -> list[Row]:
    """Return the combinations that the build wrote beside the page."""
    file = PAGE.parent / "figures" / f"{figure.removeprefix('fig-')}.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def page(browser: Any) -> Iterator[Any]:
    """The page of the first report, open."""
    with visit(browser, PAGE, width=1600) as (page, requests, complaints):
        yield page
        assert (requests, complaints) == ([], [])


@pytest.fixture(scope="module")
def figures(page: Any) -> list[str]:
    """The figures that have choices."""
    return page.locator("figure:has(form.choices)").evaluate_all("all => all.map(e => e.id)")


def test_both_questions_have_choices(figures: list[str]) -> None:
    assert len(figures) >= 2


def test_every_combination_gives_the_value_and_the_bounds_of_the_csv(
    page: Any, figures: list[str]
) -> None:
    for figure in figures:
        rows = rows_of(figure)
        for row, shown in zip(rows, page.evaluate(_CHOOSE, [figure, rows, NOTHING]), strict=True):
            where = (figure, row, shown)
            if row["value"]:
                assert is_printed(shown["output"], row["value"]), where
                if row["low"] and row["high"] and row["low"] != row["high"]:
                    low, high = re.findall(r"between (\S+) and (\S+?)\. ", shown["output"])[0]
                    assert is_printed(low, row["low"]), where
                    assert is_printed(high, row["high"]), where
            else:
                assert row["reason"] in shown["output"], where
            assert shown["code"].strip() == row["code"].strip(), where
            assert ("As in the report" in shown["output"]) == (row["own"] == "True"), where


def is_printed(text: str, value: str) -> bool:
    """Say whether a text begins with a value, in the decimals that the text has."""
    printed = re.match(r"\u2212?[\d,]+(?:\.(\d+))?", text)
    assert printed, text
    half = 0.5 * 10.0 ** -len(printed[1] or "")
    shown = float(printed[0].replace("\u2212", "-").replace(",", ""))
    return abs(shown - float(value)) <= half * (1 + 1e-9)


_CHOOSE = """([id, rows, nothing]) => {
  const figure = document.getElementById(id), form = figure.querySelector('form.choices');
  const controls = new Map([...form.querySelectorAll('select')].map(
    select => [form.querySelector(`label[for="${select.id}"]`).textContent, select]));
  return rows.map(row => {
    for (const [name, select] of controls)
      if (row[name] !== nothing) select.value = row[name];
    form.dispatchEvent(new Event('change', {bubbles: true}));
    const chosen = figure.querySelectorAll('svg .chosen');
    return {
      output: form.querySelector('output').textContent,
      code: form.querySelector('.snippet code').textContent,
      idle: [...controls].filter(([_, select]) => select.disabled).map(([name]) => name),
      dots: [...chosen].map(dot => dot.getBoundingClientRect().x),
      address: location.hash,
    };
  });
}"""


def test_the_dot_of_a_combination_is_marked(page: Any, figures: list[str]) -> None:
    for figure in figures:
        rows = [row for row in rows_of(figure) if row["value"]]
        seen = page.evaluate(_CHOOSE, [figure, rows, NOTHING])
        places = [place for shown in seen for place in shown["dots"]]
        assert len(places) == len(rows), figure
        assert places == sorted(places), figure


def test_a_choice_that_decides_nothing_is_idle(page: Any, figures: list[str]) -> None:
    for figure in figures:
        rows = rows_of(figure)
        for row, shown in zip(rows, page.evaluate(_CHOOSE, [figure, rows, NOTHING]), strict=True):
            idle = {name for name, label in row.items() if label == NOTHING}
            assert set(shown["idle"]) == idle, (figure, row)


def test_an_address_brings_a_choice_back(browser: Any, page: Any, figures: list[str]) -> None:
    for figure in figures:
        rows = [row for row in rows_of(figure) if row["value"]]
        for row in (rows[0], rows[-1]):
            (shown,) = page.evaluate(_CHOOSE, [figure, [row], NOTHING])
            with visit(browser, PAGE, fragment=shown["address"]) as (fresh, *_):
                assert fresh.locator(f"#{figure} output").inner_text() == shown["output"]
                assert fresh.locator(f"#{figure} form").is_visible()


def test_the_keyboard_alone_chooses_and_goes_back(browser: Any, figures: list[str]) -> None:
    with visit(browser, PAGE) as (page, *_):
        form = page.locator(f"#{figures[0]} form")
        before = form.locator("output").inner_text()
        assert "As in the report" in before
        select = form.locator("select:enabled").first
        select.focus()
        options = select.locator("option").count()
        for key in ["ArrowUp"] * options + ["ArrowDown"] * options:
            page.keyboard.press(key)
            if "As in the report" not in form.locator("output").inner_text():
                break
        assert form.locator("output").inner_text() != before
        form.get_by_role("button", name="As in the report").focus()
        page.keyboard.press("Enter")
        assert form.locator("output").inner_text() == before


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1600, "light")])
def test_choices_are_for_everybody(
    browser: Any, figures: list[str], width: int, scheme: str
) -> None:
    with visit(browser, PAGE, width=width, scheme=scheme) as (page, *_):
        for figure in figures:
            page.locator(f"#{figure} form").scroll_into_view_if_needed()
            picture(page, f"{figure}-{width}-{scheme}")
        faults = [*width_faults(page), *accessibility_faults(page)]
        assert not faults, "\n".join(faults)


def test_every_report_has_a_page() -> None:
    assert [file for file in PAGES if not Path(file).is_file()] == []
