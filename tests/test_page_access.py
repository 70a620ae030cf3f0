"""The pages of the reports for everybody: axe, the keyboard, no motion, no script."""

from pathlib import Path
from typing import Any

import pytest
from browsing import PAGES, SEEN, accessibility_faults, page_name, visit

EACH = pytest.mark.parametrize("file", PAGES, ids=page_name)


@EACH
@pytest.mark.parametrize(("width", "scheme"), SEEN)
def test_axe_finds_no_fault(browser: Any, file: Path, width: int, scheme: str) -> None:
    with visit(browser, file, width=width, scheme=scheme) as (page, *_):
        assert not (faults := accessibility_faults(page)), "\n".join(faults)


@EACH
def test_what_scrolls_is_reached_by_the_keyboard(browser: Any, file: Path) -> None:
    with visit(browser, file, width=390) as (page, *_):
        assert not (faults := page.evaluate(_SCROLLS_WITHOUT_KEYS)), "\n".join(faults)


_SCROLLS_WITHOUT_KEYS = """() => [...document.querySelectorAll('body *')].filter(e =>
  e.checkVisibility() && /auto|scroll/.test(getComputedStyle(e).overflowX)
  && e.scrollWidth > e.clientWidth + 1 && e.tabIndex < 0 && !e.querySelector('a, button, input')
).map(e => e.outerHTML.slice(0, 80))"""


@EACH
def test_nothing_moves_for_a_reader_who_wants_it_still(browser: Any, file: Path) -> None:
    with visit(browser, file, still=True) as (page, *_):
        assert not (faults := page.evaluate(_MOVES)), "\n".join(faults)


_MOVES = """() => [...document.querySelectorAll('*')].flatMap(e => {
  const style = getComputedStyle(e);
  const seconds = list => Math.max(...list.split(', ').map(parseFloat));
  const moves = style.scrollBehavior === 'smooth' || seconds(style.transitionDuration) > 0.01
    || (style.animationName !== 'none' && seconds(style.animationDuration) > 0.01);
  return moves ? [e.outerHTML.slice(0, 80)] : [];
})"""
