"""A build is a function of its inputs: whatever was built before, the same files or error."""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_pipeline_claims import CLAIMS
from toy_project import PAGES, ToyStudy, make_project, published, vintage_files

from flows.errors import FlowsError
from flows.figures import FIGURE_FORMATS
from flows.findings import Figure
from flows.pipeline import tasks
from flows.pipeline.build import build_report
from flows.report import manifest, render
from flows.sources import file_sha256
from flows.studies import STUDIES

TRADE = "armstat-by-country@2025-02"


@dataclass(frozen=True)
class Study:
    id: str = "trade"
    partner: str = "IRN"
    factor: float = 1.0
    data: tuple[str, ...] = (TRADE,)
    figure: bool = True
    table: bool = True

    def toml(self) -> str:
        figures = [f"{self.id}-by-year"] if self.figure else []
        tables = [f"{self.id}-total"] if self.table else []
        return (
            f'[[study]]\nid = "{self.id}"\nstudy = "toy"\n'
            f"figures = {json.dumps(figures)}\ntables = {json.dumps(tables)}\n"
            f"data = {{ trade = {json.dumps(list(self.data))} }}\n"
            f'parameters = {{ partner = "{self.partner}", factor = {self.factor} }}\n'
        )


@dataclass(frozen=True)
class Inputs:
    """What a person can edit; the defaults make a report."""

    studies: tuple[Study, ...] = (Study(),)
    text: tuple[str, ...] = ("number", "figure", "table")
    names: str = "trade"
    claims: str | None = None
    references: str = ""
    vintages: frozenset[str] = frozenset({"cow-trade/4.0"})
    digit: str = "500"

    def write(self, root: Path) -> None:
        reports = root / "reports"
        plan = "\n".join(study.toml() for study in self.studies)
        text = "\n\n".join(PIECES[piece].replace("NAME", self.names) for piece in self.text)
        (reports / "appendix.toml").write_text(plan, encoding="utf-8")
        (reports / "appendix.md").write_text(text, encoding="utf-8")
        (reports / "references.bib").write_text(self.references, encoding="utf-8")
        (reports / "claims.toml").unlink(missing_ok=True)
        if self.claims is not None:
            (reports / "claims.toml").write_text(self.claims, encoding="utf-8")
        shutil.rmtree(root / "data" / "raw")
        for vintage in {"armstat-by-country/2025-02", *self.vintages}:
            for name, content in vintage_files(vintage, digit=self.digit).items():
                path = root / "data" / "raw" / vintage / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)


PIECES = {
    "number": 'Imports were {{ n("NAME.total", unit=True) }}.',
    "figure": '{{ figref("NAME-by-year") }} shows them.\n\n{{ figure("NAME-by-year") }}',
    "table": '{{ table("NAME-total") }}',
    "claims": '{{ table("claims") }}',
    "words": "They grew.",
}

STUDY = st.builds(
    Study,
    id=st.sampled_from(["trade", "deals"]),
    partner=st.sampled_from(["IRN", "IRN", "IRN", "USA"]),
    factor=st.sampled_from([1.0, 2.0]),
    data=st.sampled_from([(TRADE,), (TRADE,), (TRADE, "cow-trade@4.0"), ("cow-trade@4.0", TRADE)]),
    figure=st.booleans(),
    table=st.booleans(),
)

CHANGES: Mapping[str, st.SearchStrategy[Any]] = {
    "studies": st.lists(STUDY, min_size=1, max_size=2).map(tuple),
    "text": st.lists(st.sampled_from(sorted(PIECES)), unique=True).map(tuple),
    "names": st.sampled_from(["trade", "deals"]),
    "claims": st.sampled_from(
        [None, CLAIMS.format(low=0, high=1e6), CLAIMS.format(low=2, high=3), "[[claim]]\n"]
    ),
    "references": st.sampled_from(["", "@misc{a, title = {A}}\n"]),
    "vintages": st.frozensets(st.sampled_from(["cow-trade/4.0", "cow-trade/4.1"])),
    "digit": st.sampled_from(["500", "600"]),
}

EDITS = st.sampled_from(sorted(CHANGES)).flatmap(
    lambda name: st.tuples(st.just(name), CHANGES[name])
)
"""One thing changed at a time, as a person does; most edits after a sound report are sound."""


def _write_all(
    markdown: str, path: Path, *, resources: Path, bibliography: Path, **_: object
) -> None:
    """Stand for a page that shows all it can: every exhibit; pages are set beside each other."""
    beside = [
        f"{file.relative_to(resources).as_posix()} {file_sha256(file)}"
        for file in sorted(resources.rglob("*"))
        if file.is_file() and file.parent != resources
    ]
    references = bibliography.read_text(encoding="utf-8")
    path.write_text("\n".join([markdown, references, *beside]), encoding="utf-8")


def _draw_plainly(figure: Figure, **_: object) -> dict[str, bytes]:
    content = f"{figure.caption}\n{figure.data.to_csv(index=False)}".encode()
    return {f"{figure.id}.{kind}": content for kind in FIGURE_FORMATS}


@pytest.fixture(scope="module", autouse=True)
def plain_pages() -> Iterator[None]:
    """Drawing and setting have tests of their own; here the way from input to file counts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(STUDIES, "toy", ToyStudy())
        patch.setattr(manifest, "package_sha256", lambda: "the package as it is")
        patch.setattr(tasks, "render_figure", _draw_plainly)
        for module, write in (*PAGES, (render, "write_docx")):
            patch.setattr(module, write, _write_all)
        yield


def outcome(root: Path) -> dict[str, bytes] | str:
    """Build; return every file, or the error as it would be anywhere."""
    try:
        build_report(root)
    except FlowsError as error:
        return f"{type(error).__name__}: {error}".replace(str(root), "ROOT")
    return published(root)


CLEAN: dict[Inputs, dict[str, bytes] | str] = {}


def clean_outcome(inputs: Inputs, folder: Path) -> dict[str, bytes] | str:
    if inputs not in CLEAN:
        shutil.rmtree(folder, ignore_errors=True)
        inputs.write(make_project(folder))
        CLEAN[inputs] = outcome(folder)
    return CLEAN[inputs]


def check_edits(folder: Path, edits: list[tuple[str, Any]]) -> None:
    """Build after each edit, and each time from nothing as well."""
    shutil.rmtree(folder, ignore_errors=True)
    root = make_project(folder / "edited")
    inputs = Inputs()
    inputs.write(root)
    build_report(root)
    for name, content in edits:
        inputs = Inputs(**{**vars(inputs), name: content})
        inputs.write(root)
        assert outcome(root) == clean_outcome(inputs, folder / "clean"), inputs


@settings(max_examples=settings().max_examples // 16)
@given(st.lists(EDITS, min_size=1, max_size=4))
@example([("studies", (Study(figure=False),))])
@example([("studies", (Study(), Study(id="deals"))), ("studies", (Study(id="deals"), Study()))])
@example([("claims", CLAIMS.format(low=0, high=1e6)), ("text", ("claims",)), ("claims", None)])
@example([("studies", (Study(id="deals"),)), ("names", "deals")])
@example(
    [("studies", (Study(partner="USA"),)), ("claims", "[[claim]]\n"), ("vintages", frozenset())]
)
def test_whatever_was_built_before_the_files_or_the_error_are_the_same(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[str, Any]]
) -> None:
    check_edits(tmp_path_factory.getbasetemp() / "edits", edits)
