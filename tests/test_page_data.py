"""Data of the exhibits on a page: the same as the CSV beside it, in tables that sort."""

import csv
import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from browsing import PAGES, page_name, visit

EACH = pytest.mark.parametrize("file", PAGES, ids=page_name)

_PLAIN = re.compile(r"[\w \-–.]*")
"""Texts that dictionaries and Python put in one order."""

Cell = str | float | bool | None


def as_text(cell: Cell, printed: str) -> str:
    """Return a cell of a page as its CSV prints it: a number in the digits of the CSV."""
    if cell is None:
        return ""
    if isinstance(cell, bool | str):
        return str(cell)
    return printed if float(printed) == float(cell) else str(cell)


@EACH
def test_the_data_on_the_page_are_those_of_the_files_beside_it(browser: Any, file: Path) -> None:
    with visit(browser, file) as (page, *_):
        exhibits = json.loads(page.locator("#evidence-data").text_content())["exhibits"]
    assert exhibits
    for name, exhibit in exhibits.items():
        with (file.parent / exhibit["csv"]).open(encoding="utf-8", newline="") as lines:
            header, *rows = csv.reader(lines)
        if name.startswith("fig-"):
            assert header == exhibit["columns"], name
            shown = [
                [as_text(cell, printed) for cell, printed in zip(row, printed_row, strict=True)]
                for row, printed_row in zip(exhibit["data"], rows, strict=True)
            ]
            assert shown == rows, name


@EACH
def test_a_table_of_data_sorts_and_loses_nothing(browser: Any, file: Path) -> None:
    with visit(browser, file) as (page, *_):
        figures = page.locator("figure.figure").evaluate_all("all => all.map(e => e.id)")
        for figure in figures:
            page.locator(f"a[href='#data-{figure}']").click()
            page.wait_for_selector("#evidence .data table", state="attached")
            sorted_by = page.evaluate(_SORT)
            page.keyboard.press("Escape")
            assert sorted_by, figure
            for column in sorted_by:
                assert column["same"], (figure, column)
                if all(_PLAIN.fullmatch(str(cell)) for cell in column["up"]):
                    assert column["up"] == sorted(column["up"], key=_place), (figure, column)
                assert column["down"] == [*reversed(column["up"])] or _has_ties(column["up"])
                assert column["states"] == ["ascending", "descending"]


def _place(cell: Cell) -> tuple[bool, bool, Any]:
    """Say where a cell stands: numbers, texts as a dictionary has them, what is missing."""
    letters = unicodedata.normalize("NFD", str(cell)).casefold()
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return cell is None, isinstance(cell, str), plain if isinstance(cell, str) else cell or 0


def _has_ties(cells: list[Cell]) -> bool:
    return len(set(map(str, cells))) < len(cells) or None in cells


_SORT = """() => {
  const table = document.querySelector('#evidence .data table');
  if (!table) return [];
  const read = () => [...table.tBodies[0].rows].map(row => [...row.cells].map(cell => {
    if (cell.className !== 'numeric') return cell.textContent === '' ? null : cell.textContent;
    return Number(cell.textContent.replace('\\u2212', '-'));
  }));
  const key = rows => JSON.stringify(rows.map(row => JSON.stringify(row)).sort());
  const before = key(read());
  return [...table.tHead.rows[0].cells].map((head, place) => {
    const states = [], orders = [];
    for (const turn of [0, 1]) {
      head.querySelector('button').click();
      states.push(head.getAttribute('aria-sort'));
      orders.push(read());
    }
    return {
      name: head.textContent, states, same: orders.every(rows => key(rows) === before),
      up: orders[0].map(row => row[place]), down: orders[1].map(row => row[place]),
    };
  });
}"""
