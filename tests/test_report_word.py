"""The docx as a word processor shows it, and boxes and claims in every format."""

import zipfile
from pathlib import Path
from typing import Any

import pypdf
import pytest
from lxml import etree

from flows.report.render import write_docx, write_html, write_pdf

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

SENTENCE = "A sentence of this length, which no column of a few letters could hold in one line."

TABLE = f"""
::: {{#tbl-t .exhibit .table}}
::: caption
[Table 1.]{{.label}} Widths
:::

| Step | Year | Value | Estimate | What is left to say of it |
|:-----|:-----|------:|---------:|:--------------------------|
| Gas  | 2020 | 1,204.5 | 2.3229 | {SENTENCE} |
| Tax  | 2021 | 62      | (0.137) | A short remark |
| Oil  | 2022 | −3.25   | no      |                |

::: note
A note.
:::
:::
"""

TEXT = f"""---
title: A title
author: Ann Other
---

::: claim
> **What was said.** "Trade doubled."

**What the data say.** *Contradicted.* It did not.
:::

::: box
**What the data cannot say.** Where goods go.

- Nor when.
:::

# Section
{TABLE}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("word")
    (folder / "r.bib").touch()
    for write, kind in ((write_pdf, "pdf"), (write_html, "html"), (write_docx, "docx")):
        write(TEXT, folder / f"a.{kind}", resources=folder, bibliography=folder / "r.bib")
    return folder


def part(folder: Path, name: str) -> Any:
    with zipfile.ZipFile(folder / "a.docx") as archive:
        return etree.fromstring(archive.read(name))


def words(element: Any) -> str:
    return "".join(element.itertext(f"{W}t"))


def style(paragraph: Any) -> str:
    found = paragraph.find(f"{W}pPr/{W}pStyle")
    return "" if found is None else str(found.get(f"{W}val"))


def column(folder: Path, place: int) -> list[str]:
    rows = part(folder, "word/document.xml").iter(f"{W}tr")
    return [words(row.findall(f"{W}tc")[place]) for row in rows][1:]


def test_columns_are_as_wide_as_what_is_in_them(folder: Path) -> None:
    document = part(folder, "word/document.xml")
    widths = [int(column.get(f"{W}w")) for column in document.iter(f"{W}gridCol")]
    assert max(widths) == widths[-1] > 2 * sum(widths[:-1]) / len(widths[:-1])
    assert widths[0] < widths[2]
    size = document.find(f".//{W}pgSz")
    margins = document.find(f".//{W}pgMar")
    room = int(size.get(f"{W}w")) - sum(int(margins.get(f"{W}{x}")) for x in ("left", "right"))
    assert sum(widths) <= room + len(widths)


def test_numbers_are_flush_right_with_their_points_below_each_other(folder: Path) -> None:
    assert column(folder, 2) == ["1,204.5\u2007", "62\u2008\u2007\u2007", "−3.25"]
    assert column(folder, 3) == ["2.3229\u2004", "(0.137)\u2007", "no"]
    rows = list(part(folder, "word/document.xml").iter(f"{W}tr"))
    sides = [cell.find(f".//{W}jc").get(f"{W}val") for cell in rows[1].findall(f"{W}tc")]
    assert sides == ["left", "left", "right", "right", "left"]


def test_captions_rows_and_headings_stay_with_what_follows(folder: Path) -> None:
    styles = {
        entry.get(f"{W}styleId"): entry
        for entry in part(folder, "word/styles.xml").iter(f"{W}style")
    }
    used = {style(paragraph) for paragraph in part(folder, "word/document.xml").iter(f"{W}p")}
    assert used - {""} <= styles.keys()
    for name in ("TableCaption", "TableTextKept", "CaptionedFigure", "Heading1", "ClaimQuote"):
        assert styles[name].find(f"{W}pPr/{W}keepNext") is not None
    assert {"TableCaption", "TableTextKept", "ExhibitNote", "Heading1"} <= used


def test_the_foot_of_a_docx_has_the_number_of_the_page(folder: Path) -> None:
    assert "PAGE" in part(folder, "word/footer1.xml").find(f".//{W}fldSimple").get(f"{W}instr")


def test_a_claim_and_a_box_are_set_in_every_format(folder: Path) -> None:
    shown = {
        words(paragraph): style(paragraph)
        for paragraph in part(folder, "word/document.xml").iter(f"{W}p")
    }
    assert shown["What was said. “Trade doubled.”"] == "ClaimQuote"
    assert shown["What the data say. Contradicted. It did not."] == "Claim"
    assert shown["What the data cannot say. Where goods go."] == "Box"
    assert shown["•\N{NO-BREAK SPACE}Nor when."] == "Box"
    page = (folder / "a.html").read_text(encoding="utf-8")
    assert '<div class="claim">' in page
    assert '<div class="box">' in page
    text = " ".join(pypdf.PdfReader(folder / "a.pdf").pages[0].extract_text().split())
    for expected in ("Trade doubled.", "Contradicted. It did not.", "Where goods go.", "Nor when."):
        assert expected in text


def test_a_column_of_sentences_is_wide_in_the_page(folder: Path) -> None:
    page = etree.HTML((folder / "a.html").read_bytes())
    widths = [float(col.get("style").strip("width: %;")) for col in page.iter("col")]
    assert widths[-1] > 2 * max(widths[:-1])
