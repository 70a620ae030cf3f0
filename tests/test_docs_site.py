"""The documentation: every public name and every page has its place, and the blocks run."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from doc_pages import DOCS, ROOT, blocks, run_page

import flows
from flows.figures.drawing import find_drawings

REFERENCE = DOCS / "reference"
GROUPS = ("load", "prepare", "shares", "series", "fit", "compare", "screening", "report")
"""Pages of the reference, in the order of the docstring of the package."""

RUN = sorted(page for page in DOCS.rglob("*.md") if "decisions" not in page.parts)
SLOW = ("tutorial.md", "gallery.md", "hand-on.md")
TOP = ("index.md", "gravity.md", *SLOW)
"""Pages outside the folders that are run as well."""

TEXTS = (
    *RUN,
    *sorted((DOCS / "decisions").glob("*.md")),
    *(ROOT / name for name in ("README.md", "SECURITY.md", "CONTRIBUTING.md", "data/README.md")),
)

_SUMMARY = re.compile(
    r"(?:current)?module:: (\S+)\n\n\.\. autosummary::\n(?:   :.*\n)*\n((?:   .+\n)+)"
)
_TREE = re.compile(r"^```{toctree}\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#[^)]*)?\)")


def documented(page: Path) -> list[str]:
    """Return the names on a page of the reference, with their module."""
    tables = _SUMMARY.findall(page.read_text(encoding="utf-8"))
    return [f"{module}.{name}" for module, names in tables for name in names.split()]


def grouped() -> list[list[str]]:
    """Return the public names of each group of the package's docstring."""
    text = (inspect.getdoc(flows) or "").partition("\n1. ")[2].partition("\n\n")[0]
    return [re.findall(r"`(\w+)`", group) for group in re.split(r"\n\d\. ", text)]


def returned() -> Iterator[str]:
    """Yield the classes of results that public functions return."""
    for name in flows.__all__:
        if inspect.isfunction(function := getattr(flows, name)):
            result = inspect.signature(function).return_annotation
            if getattr(result, "__module__", "").startswith("flows."):
                yield f"{result.__module__}.{result.__name__}"


@pytest.mark.parametrize(("group", "number"), [(group, n) for n, group in enumerate(GROUPS)])
def test_a_page_of_the_reference_has_the_names_of_its_group(group: str, number: int) -> None:
    modules = {"rules", "trade_indices", "figures"}
    names = {f"flows.{name}" for name in grouped()[number] if name not in modules}
    assert names - {"flows.FlowsError"} <= set(documented(REFERENCE / f"{group}.md"))


def test_every_public_name_result_and_drawing_is_documented() -> None:
    names = {name for group in GROUPS for name in documented(REFERENCE / f"{group}.md")}
    modules = {name for name in flows.__all__ if inspect.ismodule(getattr(flows, name))}
    for module in modules:
        home = getattr(flows, module).__name__
        assert any(name.startswith(f"{home}.") for name in names), module
    assert {f"flows.{name}" for name in flows.__all__ if name not in modules} <= names
    assert set(returned()) <= names
    assert {f"flows.figures.{name}" for name in find_drawings()} <= names


def test_every_page_stands_in_a_contents() -> None:
    listed = {DOCS / "index.md"}
    for page in DOCS.rglob("index.md"):
        for tree in _TREE.findall(page.read_text(encoding="utf-8")):
            for entry in (line for line in tree.split("\n") if line and not line.startswith(":")):
                found = list(page.parent.glob(f"{entry}.*"))
                assert found, f"{page}: {entry}"
                listed |= {path.resolve() for path in found}
    pages = {path for end in ("md", "rst") for path in DOCS.rglob(f"*.{end}")}
    ours = {page for page in pages if not {"generated", "_build", "_templates"} & set(page.parts)}
    assert ours | set((ROOT / "notebooks").glob("*.ipynb")) <= listed


@pytest.mark.parametrize("page", TEXTS, ids=lambda page: page.stem)
def test_links_and_pictures_lead_to_files(page: Path) -> None:
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        assert not link or (page.parent / link).exists(), link


def test_every_promise_names_a_test_that_is_there() -> None:
    promises = re.findall(
        r"^\| .* \| (`test_.*) \|$", (ROOT / "SECURITY.md").read_text("utf-8"), re.MULTILINE
    )
    assert len(promises) > 10
    for tests in promises:
        page = ""
        for place, name in re.findall(r"`([\w.]*)::(\w+)`", tests):
            page = place or page
            assert f"def {name}(" in (ROOT / "tests" / page).read_text(encoding="utf-8"), name
        assert page


def test_the_gallery_has_every_figure_of_the_reports() -> None:
    text = (DOCS / "gallery.md").read_text(encoding="utf-8")
    figures = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("reports/**/*.png")}
    assert {f"../{figure}" for figure in figures} == set(re.findall(r"!\[.*?\]\((.*?)\)", text))


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder like a clone of the repository, beside which a reader may work."""
    folder = tmp_path / "flows"
    folder.mkdir()
    for name in ("data", "flows", "reports"):
        (folder / name).symlink_to(ROOT / name)
    return folder


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=[pytest.mark.slow] if page.name in SLOW else [], id=page.stem)
        for page in RUN
        if page.parent != DOCS or page.name in TOP
        if any(blocks(page))
    ],
)
def test_the_blocks_of_a_page_run_and_print_what_it_shows(page: Path, clone: Path) -> None:
    run_page(page, clone)
