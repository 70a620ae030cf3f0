"""The pages of the reports for everybody: axe, the keyboard, no motion, no script."""

import pytest
from browsing import PAGES, SCHEMES, accessibility_faults, page_name, visit

EACH = pytest.mark.parametrize("file", PAGES, ids=page_name)


@EACH
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [390, 1600])
def test_axe_finds_no_fault(browser, file, width, scheme) -> None:
    with visit(browser, file, width=width, scheme=scheme) as (page, *_):
        assert not (faults := accessibility_faults(page)), "\n".join(faults)


@EACH
def test_what_scrolls_is_reached_by_the_keyboard(browser, file) -> None:
    with visit(browser, file, width=390) as (page, *_):
        assert not (faults := page.evaluate(_SCROLLS_WITHOUT_KEYS)), "\n".join(faults)


_SCROLLS_WITHOUT_KEYS = """() => [...document.querySelectorAll('body *')].filter(e =>
  e.checkVisibility() && /auto|scroll/.test(getComputedStyle(e).overflowX)
  && e.scrollWidth > e.clientWidth + 1 && e.tabIndex < 0 && !e.querySelector('a, button, input')
).map(e => e.outerHTML.slice(0, 80))"""


@EACH
def test_nothing_moves_for_a_reader_who_wants_it_still(browser, file) -> None:
    with visit(browser, file, still=True) as (page, *_):
        assert not (faults := page.evaluate(_MOVES)), "\n".join(faults)


_MOVES = """() => [...document.querySelectorAll('*')].flatMap(e => {
  const style = getComputedStyle(e), seconds = list => Math.max(...list.split(', ').map(parseFloat));
  const moves = style.scrollBehavior === 'smooth' || seconds(style.transitionDuration) > 0.01
    || (style.animationName !== 'none' && seconds(style.animationDuration) > 0.01);
  return moves ? [e.outerHTML.slice(0, 80)] : [];
})"""
