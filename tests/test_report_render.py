"""The report as PDF, HTML and docx: same bytes each time, complete, errors that name the fault."""

import re
import zipfile
from pathlib import Path
from pkgutil import resolve_name

import pandas as pd
import pypdf
import pytest
from small_findings import draw_figures, findings, table

from flows.errors import ReportError
from flows.findings import Findings
from flows.report import REPORT_FORMATS, render
from flows.report.render import write_html, write_pdf
from flows.report.text import render_markdown

TEXT = """---
title: |
  Trade of {{ word("importer") }}, {{ word("window") }}
author:
  - name: Zoë O'Neil
    affiliation: An institute
  - Ann Other
keywords: [arms transfers, mirror statistics]
abstract: |
  The share is {{ n("arms.share.2025-03", unit=True) }}.
---

# Question {#question}

See {{ figref("bars") }} and {{ tableref("shares") }} [@newey1987, p. 703], as the
[question](#question) asks; the gap is {{ n("mirror.gap", unit=True) }}.^[A footnote.]

{{ figure("bars") }}

{{ table("shares") }}

$$ \\log y_t = \\alpha + \\beta t $$

{{ table("again") }}

{{ figure("lines.by-year") }}

# References {.unnumbered}

::: {#refs}
:::
"""

WRITERS = [
    (resolve_name(function), f"appendix.{kind}") for kind, function in REPORT_FORMATS.items()
]
BIBLIOGRAPHY = """@article{newey1987,
  author = {Newey, Whitney K. and West, Kenneth D.}, title = {A Simple Matrix},
  journal = {Econometrica}, year = 1987, doi = {10.2307/1913610}
}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with figures, bibliography and a report of every format."""
    folder = tmp_path_factory.mktemp("reports")
    draw_figures(folder / "figures")
    (folder / "references.bib").write_text(BIBLIOGRAPHY, encoding="utf-8")
    markdown = render_markdown(TEXT, findings())
    for write, name in WRITERS:
        write(markdown, folder / name, resources=folder, bibliography=folder / "references.bib")
    return folder


@pytest.fixture(scope="module")
def pdf(folder: Path) -> pypdf.PdfReader:
    return pypdf.PdfReader(folder / "appendix.pdf")


@pytest.fixture(scope="module")
def pdf_text(pdf: pypdf.PdfReader) -> str:
    """Return the text of all pages with single blanks."""
    return " ".join(" ".join(page.extract_text() for page in pdf.pages).split())


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    return (folder / "appendix.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("write", "name"), WRITERS)
def test_a_second_render_elsewhere_and_later_gives_the_same_bytes(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    write: type[write_pdf],
    name: str,
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    monkeypatch.setenv("TZ", "Asia/Tehran")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    elsewhere = tmp_path / "figures"
    elsewhere.symlink_to(folder / "figures")
    markdown = render_markdown(TEXT, findings())
    write(markdown, tmp_path / name, resources=tmp_path, bibliography=folder / "references.bib")
    assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {name, "figures"}


def test_a_text_is_read_once_for_all_of_its_formats(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "---\ntitle: Shares\n---\n\nAs in @newey1987.\n"
    read: list[str] = []
    run = render._run_pandoc

    def note(content: bytes, *options: str, folder: Path) -> bytes:
        read.extend(option for option in options if option in {"--sandbox", "--citeproc"})
        return run(content, *options, folder=folder)

    monkeypatch.setattr(render, "_run_pandoc", note)
    (tmp_path / "references.bib").write_text(BIBLIOGRAPHY, encoding="utf-8")
    asked = {"resources": folder, "bibliography": tmp_path / "references.bib"}
    for write, name in WRITERS:
        write(text, tmp_path / name, **asked)
    assert read == ["--sandbox", "--citeproc"]
    (tmp_path / "references.bib").write_text(BIBLIOGRAPHY.replace("1987, doi", "1988, doi"))
    write_html(text, tmp_path / "again.html", **asked)
    assert "1988" in (tmp_path / "again.html").read_text(encoding="utf-8")


def test_pdf_shows_text_numbers_captions_and_references(pdf_text: str) -> None:
    for expected in (
        "Trade of Azerbaijan, 2016–2020",
        "The share is 67.74%.",
        "See Figure 1 and Table 1 (Newey and West 1987, 703)",
        "USD −1,068.2 million",
        "Figure 1. The figure bars",
        "Figure 2. The figure lines.by",
        "Table 1. Shares of A & B_C",
        "100% <#1>",
        "Newey, Whitney K., and Kenneth D. West. 1987.",
    ):
        assert expected in pdf_text


def test_docx_shows_text_captions_and_figures_and_holds_no_date(folder: Path) -> None:
    with zipfile.ZipFile(folder / "appendix.docx") as archive:
        document = archive.read("word/document.xml").decode()
        pictures = [name for name in archive.namelist() if name.startswith("word/media/")]
        years = {entry.date_time[0] for entry in archive.infolist()}
    text = re.sub(r"<[^>]+>", "", document)
    shown = " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())
    for expected in ("67.74%", "Figure 1.", "Table 1.", "Shares of", "Newey, Whitney K."):
        assert expected in shown
    assert [name.rpartition(".")[2] for name in pictures] == ["png", "png"]
    assert len(re.findall(r'<wp:docPr descr="Stacked bars by year, ', document)) == 2
    assert years == {1980}
    assert "flows.share" not in shown


def test_pdf_leaves_out_how_each_number_was_made(pdf_text: str) -> None:
    assert "flows.share" not in pdf_text


def test_pdf_has_figures_as_vectors_with_their_text(pdf: pypdf.PdfReader, pdf_text: str) -> None:
    assert "axis of bars" in pdf_text
    assert [image.name for one in pdf.pages for image in one.images] == []


def fonts(resources: pypdf.generic.DictionaryObject) -> list[pypdf.generic.DictionaryObject]:
    """Return the fonts of a page and of the drawings on it."""
    found = [font.get_object() for font in resources.get("/Font", {}).values()]
    for drawing in resources.get("/XObject", {}).values():
        found += fonts(drawing.get_object().get("/Resources", {}))
    return found


def test_every_font_of_the_pdf_is_embedded_and_comes_with_the_packages(
    pdf: pypdf.PdfReader,
) -> None:
    names = set()
    for font in (font for one in pdf.pages for font in fonts(one["/Resources"])):
        descendant = font["/DescendantFonts"][0].get_object()
        assert {"/FontFile2", "/FontFile3"} & set(descendant["/FontDescriptor"].get_object())
        names.add(re.match(r"/[A-Z]{6}\+([A-Za-z]+)", descendant["/BaseFont"])[1])
    assert names == {"LibertinusSerif", "NewCMMath", "DejaVuSans", "DejaVuSansMono"}


def test_pdf_names_title_authors_and_keywords_and_a_date_that_is_always_the_same(
    pdf: pypdf.PdfReader,
) -> None:
    assert pdf.metadata.title == "Trade of Azerbaijan, 2016–2020"
    assert pdf.metadata.author == "Zoë O’Neil, Ann Other"
    assert pdf.metadata["/Keywords"] == "arms transfers, mirror statistics"
    assert pdf.metadata["/CreationDate"] == pdf.metadata["/ModDate"] == "D:19800101000000Z"


def test_a_table_longer_than_a_page_runs_on_under_its_headings(
    folder: Path, tmp_path: Path
) -> None:
    frame = pd.concat([table().frame] * 40)
    text = '---\ntitle: Shares\n---\n\n{{ table("shares") }}'
    markdown = render_markdown(text, Findings(tables=(table(frame=frame),)))
    report = tmp_path / "report.pdf"
    write_pdf(markdown, report, resources=folder, bibliography=folder / "references.bib")
    pages = [page.extract_text() for page in pypdf.PdfReader(report).pages]
    assert ["Share, %" in page for page in pages] == [True, True]
    assert sum(page.count("100% <#1>") for page in pages) == 40


def test_html_needs_no_other_file_and_no_connection(page: str) -> None:
    assert "<script" not in page
    assert not re.search(r"<(?:img|link|iframe|object|embed)\b", page)
    assert not re.search(r"""\b(?:src|xlink:href)\s*=\s*["'](?!#)""", page)
    assert not re.search(r"url\((?!#)|@import", page)
    assert page.count("<svg") == 2


def test_html_links_each_number_to_its_trace(page: str) -> None:
    linked = set(re.findall(r'href="#number-([^"]*)"', page))
    traced = set(re.findall(r'id="number-([^"]*)"', page))
    assert linked == traced == {"arms.share.2025-03", "mirror.gap"}
    assert re.search(
        r'<span class="number" data-id="arms\.share\.2025-03" '
        r'title="Share of &quot;major arms&quot;, R&amp;D left out\.">'
        r'<a href="#number-arms\.share\.2025-03">67\.74%</a></span>',
        page,
    )


def test_html_has_no_link_into_nothing(page: str) -> None:
    names = re.findall(r'\bid="([^"]*)"', page)
    assert len(names) == len(set(names))
    assert set(re.findall(r'href="#([^"]*)"', page)) <= set(names)


def test_html_is_semantic(page: str) -> None:
    assert page.count('<th style="text-align: right;" scope="col">') == 4
    assert page.count("<figcaption>") == 4
    assert '<figure id="tbl-shares" class="exhibit table">' in page
    assert re.search(r'aria-label="Stacked bars by year, .* Source: “SIPRI”, 2025\."', page)
    assert '<td style="text-align: left;">100% &lt;#1&gt;</td>' in page
    assert '<meta name="citation_author" content="Ann Other">' in page
    assert '<nav id="contents"' in page
    assert "<math" in page


@pytest.mark.parametrize("write", [write_pdf, write_html])
@pytest.mark.parametrize(
    ("markdown", "message"),
    [
        ("[@nobody2020]", "nobody2020"),
        (
            "::: {#fig-x .exhibit .figure}\n![](figures/no.svg){.inline-svg alt=s}\n:::",
            "figures/no",
        ),
    ],
)
def test_what_is_missing_is_named_and_the_last_good_report_stays(
    folder: Path, tmp_path: Path, write: type[write_pdf], markdown: str, message: str
) -> None:
    report = tmp_path / "report"
    report.write_text("last good", encoding="utf-8")
    with pytest.raises(ReportError, match=message):
        write(markdown, report, resources=folder, bibliography=folder / "references.bib")
    assert list(tmp_path.iterdir()) == [report]
    assert report.read_text(encoding="utf-8") == "last good"


def test_a_link_into_nothing_stops_the_pdf(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"Typst.*nowhere"):
        write_pdf(
            "[x](#nowhere)",
            tmp_path / "report.pdf",
            resources=folder,
            bibliography=folder / "references.bib",
        )


def test_a_bibliography_that_is_not_one_is_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.bib").write_text("@article{", encoding="utf-8")
    with pytest.raises(ReportError, match=r"broken\.bib"):
        write_html(
            "[@x]",
            tmp_path / "report.html",
            resources=folder,
            bibliography=tmp_path / "broken.bib",
        )
