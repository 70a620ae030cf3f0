"""A toy project of two studies that rest on a data set each, built by the package as it is."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from toy_project import PAGES, ToyStudy, make_project, toy_study

from flows.findings import Findings
from flows.pipeline.build import build_report
from flows.pipeline.bundles import contents
from flows.studies import STUDIES

PLAN = """
[[study]]
id = "dyads"
study = "dyads"
figures = ["dyads-by-year"]
tables = ["dyads-total"]
data = { trade = ["cow-trade@4.0"] }
parameters = { partner = "IRN" }
"""
FRONT = """---
title: Trade
author: [Ann Roe]
deposit:
  kept: ten years by the authors
  geography: Armenia
---

"""


class DyadStudy:
    """The toy's study of a data set that has one statement of each flow."""

    def find(
        self, name: str, *, data: Mapping[str, Any], question: Mapping[str, Any], **_: object
    ) -> Findings:
        return toy_study(data["trade"].value.assign(partner_basis="origin"), **question, name=name)


@contextmanager
def known_studies(*, pages: bool = False) -> Iterator[None]:
    """Know the toy's studies; setting pages takes seconds and is left to who asks for it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(STUDIES, "toy", ToyStudy())
        patch.setitem(STUDIES, "dyads", DyadStudy())
        for module, write in () if pages else PAGES:
            patch.setattr(module, write, write_page)
        yield


def write_page(markdown: str, path: Path, **_: object) -> None:
    path.write_text(f"<title>Trade</title>\n{markdown}", encoding="utf-8")


@contextmanager
def project_to_bundle(root: Path, *, pages: bool = False, end: str = "") -> Iterator[Path]:
    """Write and build the project, with an end of its text; its studies stay known for as long."""
    make_project(root)
    text = root / "reports/appendix.md"
    text.write_text(f"{FRONT}{text.read_text(encoding='utf-8')}{end}", encoding="utf-8")
    plan = root / "reports/appendix.toml"
    plan.write_text(plan.read_text(encoding="utf-8") + PLAN, encoding="utf-8")
    (root / "reports/references.bib").write_text("% Nothing is cited.\n", encoding="utf-8")
    with known_studies(pages=pages):
        build_report(root)
        yield root


def sign(folder: Path) -> None:
    """Write the list of hashes as if the files had always been so."""
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "SHA256SUMS"
    }
    (folder / "SHA256SUMS").write_text(contents._sums(files), encoding="utf-8")
