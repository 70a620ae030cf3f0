"""A project of two data sets and one study, small enough to be built many times."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from flows.findings import Figure, Findings, Number, Table
from flows.loaders.examples import example_path
from flows.pipeline.build import build_report
from flows.report import manifest, page, render
from flows.studies import STUDIES
from flows.table import where

DATASETS = ("armstat-by-country@2025-02", "cow-trade@4.0")
LOADERS = {"armstat-by-country": "armstat", "cow-trade": "cow_trade"}

_SOURCE = """id = "{id}"
publisher = "A statistics office"
title = "Trade"
vintage = "{vintage}"
retrieved = 2025-02-25
address = "https://example.org"
citation = "A statistics office, Trade, https://example.org"
licence = "Open"
allows = "Everything."
redistribute = true
coverage = "A few rows."
loader = "{loader}"
remarks = ""

[files]
"{file}" = "{sha256}"
"""

PLAN = """[[study]]
id = "trade"
study = "toy"
figures = ["trade-by-year"]
tables = ["trade-total"]
data = { trade = ["armstat-by-country@2025-02"] }
parameters = { partner = "IRN" }
"""

TEXT = """Imports were {{ n("trade.total", unit=True) }}; {{ figref("trade-by-year") }} shows them.

{{ figure("trade-by-year") }}

{{ table("trade-total") }}
"""


def make_project(root: Path) -> Path:
    """Write the project; returns its folder."""
    for name in DATASETS:
        vintage = name.replace("@", "/")
        folder = root / "data" / "raw" / vintage
        folder.mkdir(parents=True)
        for file, content in vintage_files(vintage).items():
            (folder / file).write_bytes(content)
    reports = root / "reports"
    reports.mkdir()
    (reports / "appendix.toml").write_text(PLAN, encoding="utf-8")
    (reports / "appendix.md").write_text(TEXT, encoding="utf-8")
    (reports / "references.bib").write_text("", encoding="utf-8")
    return root


def vintage_files(vintage: str, *, digit: str = "500") -> dict[str, bytes]:
    """Return the raw file and the description of one folder of a data set."""
    source, _, release = vintage.partition("/")
    loader = LOADERS[source]
    raw = example_path(loader)
    content = raw.read_bytes().replace(b",500,", f",{digit},".encode())
    description = _SOURCE.format(
        id=f"{source}@{release}",
        vintage=release,
        loader=loader,
        file=raw.name,
        sha256=hashlib.sha256(content).hexdigest(),
    )
    return {raw.name: content, "source.toml": description.encode()}


def raw_file(root: Path) -> Path:
    """Return the raw file that the study rests on."""
    return root / "data/raw/armstat-by-country/2025-02/armstat.csv"


def toy_study(trade: pd.DataFrame, *, partner: str, name: str, factor: float = 1.0) -> Findings:
    """Add up what came from one partner."""
    rows = trade[(trade["exporter"] == partner) & (trade["partner_basis"] == "origin")]
    if rows.empty:
        raise ValueError(f"expected rows of {partner}; {where(trade)} have none")
    total = rows["value"].sum() / 1e6 * factor
    lines = {"armstat-by-country@2025-02": tuple(int(line) for line in rows["line"])}
    yearly = rows.groupby(rows["start"].dt.year)["value"].sum().rename("value")
    frame = yearly.rename_axis("year").reset_index().assign(supplier=partner)
    return Findings(
        numbers=(
            Number(
                id=f"{name}.total",
                value=total,
                unit="USD million",
                printed=f"{total:.3f}",
                about="Imports by origin.",
                code=("value = trade['value'].sum() / 1e6",),
                rows=lines,
            ),
        ),
        tables=(
            Table(
                id=f"{name}-total",
                frame=frame,
                labels={"year": "Year", "value": "USD"},
                formats={"value": ".0f"},
                caption="Imports.",
                note="Source: a statistics office.",
                rows=lines,
            ),
        ),
        figures=(
            Figure(
                id=f"{name}-by-year",
                draw="draw_imports_by_supplier",
                data=frame,
                options={"unit_label": "USD", "highlight": partner},
                caption="Imports.",
                source="Source: a statistics office.",
                rows=lines,
            ),
        ),
    )


PAGES = ((page, "write_page"), (render, "write_pdf"))
"""What sets the pages that take seconds."""


class ToyStudy:
    """A kind of study without sections."""

    def find(
        self, name: str, *, data: Mapping[str, Any], question: Mapping[str, Any], **_: object
    ) -> Findings:
        tables = {argument: made.value for argument, made in data.items()}
        return toy_study(**tables, **question, name=name)


@contextmanager
def toys() -> Iterator[None]:
    """Let a build know the study; setting pages takes seconds and has its own tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(STUDIES, "toy", ToyStudy())
        patch.setattr(manifest, "package_sha256", lambda: "the package as it is")
        for module, write in PAGES:
            patch.setattr(module, write, _write_plainly)
        yield


@contextmanager
def built_project(root: Path) -> Iterator[Path]:
    """Write and build the project."""
    with toys():
        make_project(root)
        build_report(root)
        yield root


def edit(path: Path, old: str, new: str) -> None:
    """Replace a piece of a text file."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def published(root: Path) -> dict[str, bytes]:
    """Return every file of the report and of the processed data."""
    folders = (root / "data" / "processed", root / "reports")
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file()
    }


def _write_plainly(
    markdown: str, path: Path, *, resources: Path, bibliography: Path, **_: object
) -> None:
    assert resources.is_dir()
    assert bibliography.is_file()
    path.write_text(markdown, encoding="utf-8")
