"""Opens pages in the system's Chromium, as a reader does, and says what is wrong with them."""

import importlib.util
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
WIDTHS = (390, 1024, 1600)
SCHEMES = ("light", "dark")
SEEN = ((390, "light"), (1600, "dark"))
"""Widths and schemes of tests that take long: each of them once."""

SCREENS = ROOT / ".flows" / "screens"
"""Where pictures of the pages are left for people to look at."""

PAGES = sorted(plan.with_name("index.html") for plan in ROOT.glob("reports/**/appendix.toml"))
"""The pages of the committed reports."""

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_FLAGS = (
    "--no-sandbox",  # as root Chromium has none
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def page_name(file: Path) -> str:
    """Return the name of the report whose page it is."""
    return file.parent.name


def find_chromium() -> str | None:
    """Return the program of the system's Chromium."""
    return next((place for name in _NAMES if (place := shutil.which(name))), None)


NEEDS: Mapping[str, Callable[[], bool]] = {
    "Chromium": lambda: find_chromium() is not None,
    "playwright": lambda: importlib.util.find_spec("playwright") is not None,
    "axe-playwright-python": lambda: importlib.util.find_spec("axe_playwright_python") is not None,
}


@contextmanager
def start_chromium() -> Iterator[Any]:
    """Start Chromium with an empty profile and without a window."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a developer's package

    with warnings.catch_warnings():
        # Its pipes to the browser are closed by the collector.
        warnings.simplefilter("ignore", ResourceWarning)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=[*_FLAGS])
            yield browser
            browser.close()


class Visit(NamedTuple):
    """An open page, what it asked of the network, and what its scripts complained of."""

    page: Any
    requests: list[str]
    complaints: list[str]


@contextmanager
def visit(
    browser: Any,
    file: Path,
    *,
    fragment: str = "",
    width: int = 1024,
    scheme: str = "light",
    scripts: bool = True,
    still: bool = False,
    site: Path | None = None,
) -> Iterator[Visit]:
    """Open a file in a window of its own; a request that leaves its folder or site is stopped."""
    context = browser.new_context(
        viewport={"width": width, "height": 844 if width < 500 else 900},
        color_scheme=scheme,
        java_script_enabled=scripts,
        reduced_motion="reduce" if still else "no-preference",
        accept_downloads=True,
    )
    requests: list[str] = []
    complaints: list[str] = []
    inside = (site or file.parent).as_uri()

    def pass_or_stop(route: Any) -> None:
        address = route.request.url
        if address.startswith((inside, "data:", "blob:")):
            route.continue_()
        else:
            requests.append(address)
            route.abort()

    context.route("**/*", pass_or_stop)
    page = context.new_page()
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    page.goto(file.as_uri() + fragment, wait_until="load")
    if scripts and file.name == "index.html" and site is None:
        page.wait_for_selector("html[data-ready]", state="attached")
    try:
        yield Visit(page, requests, complaints)
    finally:
        context.close()


def picture(page: Any, name: str, *, whole: bool = False) -> None:
    """Leave a picture of a page for people to look at."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"{name}.png", full_page=whole)


def accessibility_faults(page: Any) -> list[str]:
    """Return what axe finds against WCAG 2.1, levels A and AA: rule, element, what to mend."""
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - a developer's package

    levels = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
    options = {"runOnly": {"type": "tag", "values": levels}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{fault['id']}: {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for fault in found
        for node in fault["nodes"]
    ]


def width_faults(page: Any) -> list[str]:
    """Return what is wider than the window, or cut off, with nothing to scroll it by."""
    return list(page.evaluate(_WIDTH_FAULTS))


_WIDTH_FAULTS = """() => {
  const faults = [], wide = window.innerWidth, root = document.documentElement;
  const name = e => {
    const near = e.closest('[id]');
    const text = (e.textContent || '').trim().replace(/\\s+/g, ' ').slice(0, 40);
    return `${e.tagName.toLowerCase()} in #${near ? near.id : ''} "${text}"`;
  };
  if (root.scrollWidth > wide) faults.push(`the page is ${root.scrollWidth} wide in ${wide}`);
  const scroller = e => {
    for (let at = e; at && at !== root; at = at.parentElement)
      if (/auto|scroll/.test(getComputedStyle(at).overflowX)) return at;
    return null;
  };
  const seen = e => {
    const box = e.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && e.checkVisibility({visibilityProperty: true});
  };
  for (const e of document.body.querySelectorAll('*')) {
    if (e.ownerSVGElement || e.closest('math') || !seen(e)) continue;
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    if (!scroller(e) && (box.right > wide + 1 || box.left < -1))
      faults.push(`${name(e)} lies from ${Math.round(box.left)} to ${Math.round(box.right)}`);
    if (/hidden|clip/.test(style.overflowX) && e.scrollWidth > e.clientWidth + 1
        && style.textOverflow !== 'ellipsis' && e.clientWidth > 1)
      faults.push(`${name(e)} hides ${e.scrollWidth - e.clientWidth} of its width`);
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const e = node.parentElement;
    if (!node.data.trim() || e.closest('svg') || scroller(e) || !seen(e)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const right = range.getBoundingClientRect().right;
    if (right > wide + 1) faults.push(`text in ${name(e)} runs to ${Math.round(right)}`);
  }
  for (const svg of document.querySelectorAll('svg')) {
    if (!seen(svg) || svg.ownerSVGElement) continue;
    const box = svg.getBoundingClientRect();
    for (const text of svg.querySelectorAll('text, g[id^="text_"]')) {
      const at = text.getBoundingClientRect();
      if (at.width && (at.right > box.right + 1 || at.left < box.left - 1
          || at.top < box.top - 1 || at.bottom > box.bottom + 1))
        faults.push(`${name(svg)} cuts off ${text.id || text.textContent.slice(0, 40)}`);
    }
  }
  return faults;
}"""


def narrow_columns(page: Any) -> list[str]:
    """Return cells that hold a sentence in a column a word or two wide."""
    return list(page.evaluate(_NARROW))


_NARROW = """() => [...document.querySelectorAll('td')].flatMap(cell => {
  const text = cell.innerText.trim(), box = cell.getBoundingClientRect();
  if (text.length < 60 || !cell.checkVisibility()) return [];
  const letters = box.width / (parseFloat(getComputedStyle(cell).fontSize) * 0.5);
  return letters < 18 ? [`${Math.round(letters)} letters wide: ${text.slice(0, 50)}`] : [];
})"""


@contextmanager
def copied(file: Path) -> Iterator[Path]:
    """A page alone in a folder, without what lies beside it."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(shutil.copy(file, folder))
