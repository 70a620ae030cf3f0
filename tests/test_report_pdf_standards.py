"""The PDF keeps what PDF/A-3a and PDF/UA-1 ask for, read from the file itself."""

import hashlib
import json
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest
from small_findings import draw_figures, findings

from flows import __version__
from flows.errors import ReportError
from flows.figures.save import alt_text
from flows.report.attachments import describe_edition
from flows.report.edition import Attachment, Edition
from flows.report.render import write_docx, write_html, write_pdf
from flows.report.text import render_markdown
from flows.tables.cells import table_csv

TEXT = """---
title: Shares
lang: en
---

# Question

The share $s_t = v_t / V_t$ stands in {{ figref("bars") }}, that of another year in
{{ figref("lines.by-year") }}.

{{ figure("bars") }}

## Answer

{{ table("shares") }}

$$ \\sum_t s_t $$

{{ figure("lines.by-year") }}

{{ table("again") }}

# Limits
"""
PARAMETERS = {"arms": {"study": "supplier", "window": [2016, 2020]}}
NAMESPACES = {
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "pdfuaid": "http://www.aiim.org/pdfua/ns/id/",
    "dc": "http://purl.org/dc/elements/1.1/",
}

Element = dict[str, Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with what a build makes before its pages, and what went in."""
    folder = tmp_path_factory.mktemp("reports")
    draw_figures(folder / "figures")
    (folder / "tables").mkdir()
    for table in findings().tables:
        (folder / "tables" / f"{table.id}.csv").write_text(table_csv(table), encoding="utf-8")
    (folder / "numbers.json").write_text("{}\n", encoding="utf-8")
    (folder / "references.bib").touch()
    (folder / "appendix.md").write_text(TEXT, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def edition(folder: Path) -> Edition:
    return edition_of(folder)


def edition_of(folder: Path, **changes: Any) -> Edition:
    asked = {"inputs": {"reports/appendix.md": folder / "appendix.md"}, "parameters": PARAMETERS}
    return describe_edition(findings(), folder, **{**asked, **changes})


@pytest.fixture(scope="module")
def pdf(folder: Path, edition: Edition) -> pypdf.PdfReader:
    target = folder / "appendix.pdf"
    write_pdf(
        render_markdown(TEXT, findings()),
        target,
        resources=folder,
        bibliography=folder / "references.bib",
        edition=edition,
    )
    return pypdf.PdfReader(target)


@pytest.fixture(scope="module")
def catalogue(pdf: pypdf.PdfReader) -> Element:
    return pdf.trailer["/Root"]


def elements(node: Any) -> Iterator[Element]:
    """Yield the elements of a tag tree from top to bottom."""
    node = node.get_object()
    if isinstance(node, list):
        for child in node:
            yield from elements(child)
    elif isinstance(node, dict) and "/S" in node:
        yield node
        yield from elements(node.get("/K", pypdf.generic.NullObject()))


@pytest.fixture(scope="module")
def tags(catalogue: Element) -> list[Element]:
    return list(elements(catalogue["/StructTreeRoot"]["/K"]))


def kinds(tags: list[Element]) -> list[str]:
    return [tag["/S"] for tag in tags]


def test_metadata_say_which_standards_it_keeps(catalogue: Element) -> None:
    metadata = ET.fromstring(catalogue["/Metadata"].get_data())  # noqa: S314 - written by this test

    def stated(name: str) -> str | None:
        found = metadata.find(f".//{name}", NAMESPACES)
        assert found is not None, name
        return "".join(found.itertext()).strip()

    assert (stated("pdfaid:part"), stated("pdfaid:conformance")) == ("3", "A")
    assert stated("pdfuaid:part") == "1"
    assert stated("dc:title") == "Shares"
    assert stated("dc:language") == "en"


def test_it_is_tagged_in_its_language_and_a_window_shows_its_title(catalogue: Element) -> None:
    assert catalogue["/MarkInfo"]["/Marked"].value
    assert catalogue["/Lang"] == "en"
    assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"].value


def test_colours_have_a_profile(catalogue: Element) -> None:
    (intent,) = catalogue["/OutputIntents"]
    assert intent["/S"] == "/GTS_PDFA1"
    assert len(intent["/DestOutputProfile"].get_data()) > 0


def test_headings_are_nested(tags: list[Element]) -> None:
    headings = [kind for kind in kinds(tags) if kind in ("/Title", "/H1", "/H2", "/H3")]
    assert headings == ["/Title", "/H1", "/H2", "/H1"]


def test_every_figure_says_what_it_shows(tags: list[Element]) -> None:
    spoken = [tag["/Alt"] for tag in tags if tag["/S"] == "/Figure"]
    assert spoken == [alt_text(figure) for figure in findings().figures]


def test_every_formula_is_said_as_it_was_written(tags: list[Element]) -> None:
    spoken = [tag["/Alt"].strip() for tag in tags if tag["/S"] == "/Formula"]
    assert spoken == ["s_t = v_t / V_t", r"\sum_t s_t"]


def test_tables_have_heads_over_their_cells(tags: list[Element]) -> None:
    tables = [tag for tag in tags if tag["/S"] == "/Table"]
    assert len(tables) == 2
    for table in tables:
        inside = kinds(list(elements(table)))
        assert inside.count("/TH") == 3
        assert inside.count("/TD") == 6
        scopes = [tag["/A"] for tag in elements(table) if tag["/S"] == "/TH"]
        assert all("/Column" in str(scope) for scope in scopes)


def test_every_font_is_inside(pdf: pypdf.PdfReader) -> None:
    described = [
        one
        for one in (pdf.get_object(number) for number in range(1, pdf.trailer["/Size"]))
        if isinstance(one, dict) and one.get("/Type") == "/FontDescriptor"
    ]
    assert described
    assert all({"/FontFile2", "/FontFile3"} & set(font) for font in described)


def test_data_of_exhibits_and_the_record_are_inside(
    folder: Path, pdf: pypdf.PdfReader, catalogue: Element, edition: Edition
) -> None:
    relations = {file["/UF"]: file["/AFRelationship"] for file in catalogue["/AF"]}
    assert relations == {
        "figure-bars.csv": "/Data",
        "figure-lines.by-year.csv": "/Data",
        "table-shares.csv": "/Data",
        "table-again.csv": "/Data",
        "numbers.json": "/Supplement",
        "build.json": "/Supplement",
    }
    attached = {name: contents for name, (*contents,) in pdf.attachments.items()}
    assert attached == {file.name: [file.content] for file in edition.attachments}
    assert attached["figure-bars.csv"] == [(folder / "figures/bars.csv").read_bytes()]
    described = {file["/UF"]: file["/Desc"] for file in catalogue["/AF"]}
    assert described["table-shares.csv"] == "Data of the table: Shares of A & B_C"


def test_a_description_is_text_and_no_code(folder: Path) -> None:
    described = 'A "table" \\ of \n#panic("B") and \u0007'
    held = Attachment("table-a.csv", b"a\n1\n", "data", described)
    target = folder / "described.pdf"
    options = {"resources": folder, "bibliography": folder / "references.bib"}
    write_pdf("---\ntitle: A\n---\n", target, edition=Edition(b"{}", (held,)), **options)
    files = pypdf.PdfReader(target).trailer["/Root"]["/AF"]
    assert described in [file["/Desc"] for file in files]


def test_the_first_page_names_the_build_by_the_hash_of_the_record(
    pdf: pypdf.PdfReader, edition: Edition
) -> None:
    (record,) = pdf.attachments["build.json"]
    build = hashlib.sha256(record).hexdigest()[:12]
    assert f"flows {__version__}, build {build}" in pdf.pages[0].extract_text()
    assert json.loads(record)["parameters"] == PARAMETERS
    assert edition.build == build


@pytest.mark.parametrize(("write", "ending"), [(write_html, "html"), (write_docx, "docx")])
def test_other_formats_name_the_build_as_well(
    folder: Path, edition: Edition, write: Any, ending: str
) -> None:
    target = folder / f"appendix.{ending}"
    options = {"resources": folder, "bibliography": folder / "references.bib"}
    write(render_markdown(TEXT, findings()), target, edition=edition, **options)
    assert edition.label in shown(target)


def shown(page: Path) -> str:
    """Return what a page says, of a docx its main part."""
    if page.suffix == ".docx":
        with zipfile.ZipFile(page) as archive:
            return archive.read("word/document.xml").decode()
    return page.read_text(encoding="utf-8")


def test_another_input_parameter_or_result_is_another_build(
    folder: Path, tmp_path: Path, edition: Edition
) -> None:
    other = tmp_path / "appendix.md"
    other.write_text(f"{TEXT}\n", encoding="utf-8")
    assert edition_of(folder).build == edition.build
    assert edition_of(folder, inputs={"reports/appendix.md": other}).build != edition.build
    assert edition_of(folder, parameters={}).build != edition.build
    numbers = folder / "numbers.json"
    numbers.write_text('{"a": 1}\n', encoding="utf-8")
    try:
        assert edition_of(folder).build != edition.build
    finally:
        numbers.write_text("{}\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no title", r"^appendix\.md: expected a title in the front matter, found none"),
        (
            "---\ntitle: A\n---\n\nfine\n\nby 百万\n",
            (
                r"^appendix\.md:7: expected characters that the fonts inside Typst have .*, "
                r"found '百' \(U\+767E\) in 'by 百万'"
            ),
        ),
        ("---\ntitle: A\n---\n\n![](figures/bars.svg)\n", r"^appendix\.md:5: expected an image"),
        ("---\ntitle: A\n---\n\n## B\n", r"PDF/UA-1"),
    ],
)
def test_what_the_standards_refuse_is_named_and_the_last_good_report_stays(
    folder: Path, tmp_path: Path, text: str, message: str
) -> None:
    target = tmp_path / "appendix.pdf"
    target.write_text("last good", encoding="utf-8")
    options = {"resources": folder, "bibliography": folder / "references.bib"}
    with pytest.raises(ReportError, match=message):
        write_pdf(text, target, texts={"appendix.md": text}, **options)
    assert target.read_text(encoding="utf-8") == "last good"


def test_a_font_that_is_not_there_is_named(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    templates = tmp_path / "templates"
    original = Path(write_pdf.__code__.co_filename).parent / "templates"
    templates.mkdir()
    for file in original.iterdir():
        text = file.read_text(encoding="utf-8")
        (templates / file.name).write_text(text.replace("Libertinus", "Lost"), encoding="utf-8")
    monkeypatch.setattr("flows.report.render._TEMPLATES", templates)
    options = {"resources": folder, "bibliography": folder / "references.bib"}
    with pytest.raises(ReportError, match=r"unknown font family: lost serif"):
        write_pdf("---\ntitle: A\n---\n\nText.\n", tmp_path / "appendix.pdf", **options)
