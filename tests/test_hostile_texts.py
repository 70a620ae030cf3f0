"""Each writer with the same list of hostile texts: they are shown, and nothing acts upon them."""

import csv
import datetime as dt
import io
import json
import re
import subprocess
import tomllib
import unicodedata
import zipfile
from collections.abc import Callable, Sequence
from html import escape as html_escape
from pathlib import Path
from typing import Any, cast

import pandas as pd
import pypdf
import pytest
import typst
from hostile import HOSTILE, REAL
from lxml import etree, html
from python_calamine import CalamineWorkbook
from rich.console import Console
from small_findings import number, table

from flows.errors import FlowsError, unknown_name
from flows.figures.save import render_figure
from flows.findings import Figure, Findings, Table
from flows.pipeline.add import draft_source
from flows.pipeline.bundles.readme import literal
from flows.pipeline.new.draft import Draft, Tried, plan_toml
from flows.pipeline.profile import _rich_table
from flows.report.deposit.metadata import citation_cff, codemeta_json, write_json, zenodo_json
from flows.report.deposit.reference import Author, Reference
from flows.report.deposit.styles import format_references
from flows.report.numbers import numbers_json, numbers_tex, read_numbers
from flows.report.render import _pandoc, write_docx, write_html, write_pdf
from flows.report.text import render_markdown
from flows.results import Card
from flows.safe_text import safe_cell, safe_json, say, show_controls
from flows.tables.cells import table_csv
from flows.tables.formats import escape_tex, table_html, table_in_notebook, table_tex, table_typst

ACTING = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]"
    r"|[\ud800-\udfff]"
)
"""What no file for people may hold, and no terminal get."""

ACTIVE = {"script", "iframe", "object", "embed", "img", "svg", "link", "meta", "form", "a", "base"}
"""Elements that run, fetch or lead away."""

EVERY = [pytest.param(one.text, id=one.name) for one in HOSTILE]
STORED = [one for one in HOSTILE if not re.search("[\ud800-\udfff]", one.text)]
"""Those that a cell can hold: half a character is only in names of files."""

IN_CELLS = [pytest.param(one.text, id=one.name) for one in STORED]
CELLS = [*(one.text for one in STORED), *REAL]


_ENDS = re.compile(r"\\u(?:000[bcd]|001[c-f]|0085|202[89])|\s")
"""Ends of lines of all kinds, which some writers make blanks and others show."""


def printed(text: str) -> str:
    """Return a text as every reader shows it: blanks and ends of lines as one blank."""
    return " ".join(_ENDS.sub(" ", show_controls(text)).split())


def straight(text: str) -> str:
    """Return a text without blanks, and what Pandoc makes of quotation marks, dashes and dots."""
    for curly, plain in zip("‘’“”–—…", "''\"\"--.", strict=True):
        text = text.replace(curly, plain)
    return re.sub(
        r"-+", "-", re.sub(r"\.+", ".", re.sub(r"\s", "", unicodedata.normalize("NFC", text)))
    )


def shares(*cells: str) -> Table:
    """Return a table with texts in its cells."""
    frame = pd.DataFrame({"supplier": list(cells), "share": 1.0, "change": -2.5})
    return table(frame=frame, caption="A table", note="")


def labelled(text: str) -> Table:
    """Return a table with a text wherever a text can stand."""
    columns = {"supplier": text, "share": text, "change": "Change"}
    return table(frame=shares(text).frame, labels=columns, caption=text, note=text)


def figure(texts: Sequence[str]) -> Figure:
    """Return a figure with texts in its legend, and one of them wherever else it can stand."""
    values = {"value": 280.0, "year": 2020}
    data = pd.DataFrame([{**values, "supplier": text} for text in ("Israel", *texts)])
    options = {"unit_label": texts[0], "highlight": "Israel"}
    return Figure("bars", "draw_imports_by_supplier", data, options, "A figure", texts[0], {})


# The terminal


@pytest.mark.parametrize("text", EVERY)
def test_a_terminal_gets_what_can_be_read(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    say(text)
    say(text, error=True)
    for shown in capsys.readouterr():
        assert not ACTING.search(shown)
        assert "\r" not in shown.replace("\r\n", "\n")


@pytest.mark.parametrize("text", EVERY)
def test_an_error_shows_what_it_quotes(text: str) -> None:
    kinds = [FlowsError, *FlowsError.__subclasses__()]
    for error in (
        *(kind(f"a.csv:1: found {text}") for kind in kinds),
        unknown_name(text, text, []),
    ):
        assert not ACTING.search(str(error))


def test_names_as_offices_write_them_stay() -> None:
    for name in REAL:
        assert show_controls(name) == name
        assert unicodedata.normalize("NFC", json.loads(safe_json(name))) == name


@pytest.mark.parametrize("text", EVERY)
def test_a_result_shows_texts_in_terminal_and_notebook(text: str) -> None:
    card = Card(text, facts=((text, text),), notes=(text,), rows={text: (1,)})
    for shown in (card.brief("Share"), card.text(), card.html("Share")):
        assert not ACTING.search(shown)
    page = html.fromstring(f"<div>{card.html('Share')}</div>")
    assert not ACTIVE & {element.tag for element in page.iter()}
    assert [printed(cell.text_content()) for cell in page.iter("td")] == [printed(text)]
    _assert_no_handler(page)


@pytest.mark.parametrize("text", IN_CELLS)
def test_a_profile_prints_texts_and_no_markup(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Console(width=10_000).print(_rich_table(labelled(text)))
    shown = capsys.readouterr().out
    assert not ACTING.search(shown)
    assert {*printed(text).split()} <= {*printed(shown).split()}


# Tables


def test_a_page_shows_every_cell_and_nothing_else() -> None:
    for write in (table_html, table_in_notebook):
        page = html.fromstring(write(shares(*CELLS)))
        rows = page.xpath("//tbody/tr")
        assert [printed(row[0].text_content()) for row in rows] == [*map(printed, CELLS)]
        assert not ACTIVE & {element.tag for element in page.iter() if element.tag != "meta"}
        _assert_no_handler(page)


@pytest.mark.parametrize("text", IN_CELLS)
def test_a_page_shows_headings_captions_and_notes(text: str) -> None:
    page = html.fromstring(table_html(labelled(text)))
    assert not (ACTIVE - {"a"}) & {element.tag for element in page.xpath("//body//*")}
    assert not page.xpath("//@href[starts-with(., 'javascript')]")
    assert printed(page.xpath("//th")[0].text_content()) == printed(text)
    _assert_no_handler(page)


def _assert_no_handler(page: Any) -> None:
    attributes = {name for element in page.iter() for name in element.attrib}
    assert not [name for name in attributes if name.startswith("on")]


@pytest.mark.parametrize("text", IN_CELLS)
def test_typst_sets_what_stands_in_a_cell(text: str) -> None:
    source = f"#set page(width: auto, height: auto)\n{table_typst(shares(text))}"
    pdf = cast("bytes", typst.compile(source.encode(), format="pdf"))
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    shown = "".join(page.extract_text() for page in pages)
    unseen = str.maketrans("", "", "\u200b\u2060 ")
    assert printed(text).translate(unseen) in printed(shown).translate(unseen)


def test_latex_is_given_no_command() -> None:
    known = {
        r"\textbackslash{}": "\\",
        r"\textasciitilde{}": "~",
        r"\textasciicircum{}": "^",
        r"\textless{}": "<",
        r"\textgreater{}": ">",
        r"\textbar{}": "|",
        **{rf"\{special}": special for special in "&%$#_{}"},
    }
    pattern = re.compile("|".join(map(re.escape, sorted(known, key=len, reverse=True))))
    for cell in CELLS:
        escaped = escape_tex(cell).replace("~", "\N{NO-BREAK SPACE}")
        assert not re.search(r"[\\{}$&#^_%~\n]", pattern.sub("", escaped))
        shown = pattern.sub(lambda match: known[match[0]], escaped)
        assert printed(shown) == printed(cell).replace("\N{EN DASH}", "--")
    assert not ACTING.search(table_tex(shares(*CELLS)))


@pytest.mark.parametrize("text", IN_CELLS)
def test_a_spreadsheet_calculates_nothing(text: str, tmp_path: Path) -> None:
    content = table_csv(shares(text))
    _, row = csv.reader(io.StringIO(content, newline=""))
    assert row[0] == safe_cell(text)
    assert row[0][:1] not in tuple("=+-@\t\r\n") or not row[0]
    assert row[1:3] == ["1.0", "-2.5"]
    assert not ACTING.search(content)
    path = tmp_path / "a.xlsx"
    labelled(text).to_excel(path)
    sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("shares").to_python()
    assert sheet[1][0] == show_controls(text)
    with zipfile.ZipFile(path) as parts:
        for name in parts.namelist():
            assert b"<f>" not in parts.read(name)
            assert b"External" not in parts.read(name)


def test_headings_of_csv_are_no_formulas_and_numbers_stay() -> None:
    frame = pd.DataFrame({"=1+1": [-1.5, 2.0], "@a": ["+1.5", "+3% (−1 to +4)"], "b": [True, None]})
    made = Table("a", frame, {}, {}, "", "", {})
    assert table_csv(made) == "'=1+1,'@a,b\n-1.5,+1.5,True\n2.0,+3% (−1 to +4),\n"


# Documents


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "references.bib").touch()
    return folder


def write(folder: Path, name: str, text: str, made: Callable[..., None]) -> Path:
    made(text, folder / name, resources=folder, bibliography=folder / "references.bib")
    return folder / name


def everything(words: str = "") -> str:
    """Return a report with every text in a cell and as a word, alone in a paragraph."""
    words_of = {one.name: one.text for one in STORED}
    calls = "\n\n".join(f"{{{{ word('{name}') }}}}" for name in words_of)
    found = Findings(tables=(shares(*CELLS),), words=words_of)
    filled = render_markdown(f'{{{{ table("shares") }}}}\n\n{calls}{words}\n', found)
    return f"---\ntitle: A\n---\n\n{filled}"


def test_a_page_of_a_report_shows_words_and_cells(folder: Path) -> None:
    page = html.fromstring(write(folder, "a.html", everything(), write_html).read_text("utf-8"))
    rows = page.xpath("//table//tbody/tr")
    assert [straight(printed(row[0].text_content())) for row in rows] == [
        straight(printed(cell)) for cell in CELLS
    ]
    paragraphs = [
        straight(printed(paragraph.text_content())) for paragraph in page.xpath("//body//p")
    ]
    for one in STORED:
        assert straight(printed(one.text)) in ["", *paragraphs], one.name
    assert not {"iframe", "img", "link", "object", "form"} & {
        element.tag for element in page.xpath("//body//*")
    }
    assert not page.xpath("//body//script")
    assert not page.xpath("//body//pre | //body//li | //body//hr | //body//h2 | //body//dl")
    _assert_no_handler(page)


W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def test_a_document_holds_text_and_no_field(folder: Path) -> None:
    path = write(folder, "a.docx", everything(), write_docx)
    with zipfile.ZipFile(path) as parts:
        read = {name: parts.read(name) for name in parts.namelist()}
    document = etree.fromstring(read["word/document.xml"])
    first = [row.find(f"{W}tc") for row in document.iter(f"{W}tr")][1:]
    cells = ["".join(cell.itertext(f"{W}t")) for cell in first]
    assert [straight(printed(cell)) for cell in cells] == [straight(printed(one)) for one in CELLS]
    for name, content in read.items():
        assert b"instrText" not in content, name
        assert b"External" not in content, name
        assert b"altChunk" not in content, name
        if name.endswith((".xml", ".rels")):
            etree.fromstring(content)
    assert read["word/footer1.xml"].count(b"fldSimple") == 2, "the number of the page alone"


def test_a_pdf_has_no_action_and_only_its_own_attachments(folder: Path) -> None:
    path = write(folder, "a.pdf", everything(), write_pdf)
    pdf = pypdf.PdfReader(path)
    catalogue = cast("Any", pdf.trailer["/Root"])
    assert not {"/OpenAction", "/AA", "/AcroForm"} & catalogue.keys()
    assert not pdf.attachments
    for page in pdf.pages:
        assert "/AA" not in page
        for annotation in page.get("/Annots", []):
            assert annotation.get_object().get("/A", {}).get("/S", "/GoTo") == "/GoTo"
    shown = "".join("".join(page.extract_text().split()) for page in pdf.pages)
    assert "\\u202eevitagen\\u202c" in shown
    assert "\\u001b[31mred" in shown


BY_AUTHORS = [
    pytest.param(one.text, id=one.name) for one in STORED if one.origin in ("toml", "any")
]


def _written(folder: Path, text: str) -> str:
    """Return the page of a text, or what it was refused with."""
    try:
        return write(folder, "b.html", text, write_html).read_text("utf-8")
    except FlowsError as error:
        return f"<html><head></head><body>refused: {html_escape(str(error))}</body></html>"


@pytest.mark.parametrize("text", BY_AUTHORS)
def test_what_an_author_writes_acts_upon_nothing(folder: Path, text: str) -> None:
    """A text is Markdown: what it may hold is shown, the rest is refused with its place."""
    front = f"---\ntitle: {json.dumps(text)}\nauthor: {json.dumps(text)}\n---\n\nA\n"
    for shown in (
        _written(folder, f"---\ntitle: A\n---\n\nA\n\n{text}\n"),
        _written(folder, front),
    ):
        assert not ACTING.search(shown)
        page = html.fromstring(shown)
        assert not page.xpath("//body//script | //body//iframe | //body//img | //head/link")
        assert not page.xpath("//@href[starts-with(., 'javascript')]")
        _assert_no_handler(page)


# Figures


SHORT = [text for text in CELLS if len(text) < 1000]


@pytest.mark.parametrize("first", range(0, len(SHORT), 10))
def test_a_figure_draws_labels_and_runs_nothing(first: int) -> None:
    texts = SHORT[first : first + 10]
    drawn = figure(texts)
    files = render_figure(drawn)
    for kind in ("svg", "text.svg"):
        picture = etree.fromstring(files[f"bars.{kind}"])
        tags = {etree.QName(each).localname for each in picture.iter() if isinstance(each.tag, str)}
        assert not tags & {"script", "foreignObject", "image", "a", "iframe"}
        assert not picture.xpath("//@*[starts-with(name(), 'on')]")
    words = printed("".join(etree.fromstring(files["bars.text.svg"]).itertext()))
    for text in texts:
        assert printed(text).replace(" ", "") in words.replace(" ", "")
    assert not ACTING.search(files["bars.csv"].decode())
    markdown = render_markdown('{{ figure("bars") }}', Findings(figures=(drawn,)))
    assert not ACTING.search(markdown)
    assert not ACTING.search(write_alone(markdown))


def write_alone(markdown: str) -> str:
    """Return what Pandoc makes of the text that stands in for a figure."""
    command = [str(_pandoc()), "--from=markdown", "--to=html", "--sandbox"]
    done = subprocess.run(command, input=markdown.encode(), capture_output=True, check=True)
    page = html.fromstring(done.stdout.decode())
    _assert_no_handler(page)
    (image,) = page.iter("img")
    assert image.get("src") == "figures/bars.svg"
    return str(image.get("alt"))


# Numbers, references and metadata


@pytest.mark.parametrize("text", EVERY)
def test_json_keeps_a_text_and_holds_nothing_that_acts(text: str, tmp_path: Path) -> None:
    for content in (write_json({text: [text]}), safe_json({text: [text]})):
        assert not ACTING.search(content)
        assert json.loads(content) == {text: [text]}
    path = tmp_path / "numbers.json"
    path.write_text(numbers_json(Findings(numbers=(number(about=text),))), encoding="utf-8")
    assert not ACTING.search(path.read_text("utf-8"))
    assert read_numbers(path)[number().id].about == text


@pytest.mark.parametrize("text", IN_CELLS)
def test_macros_of_latex_are_given_no_command(text: str) -> None:
    macros = numbers_tex(Findings(numbers=(number(printed=text, unit=text),)))
    defined = [line for line in macros.splitlines() if line.startswith(r"\flowsdefine{arms")]
    assert len(defined) == 3, "value, value with unit, unit: a line each"
    assert escape_tex(text).strip() in macros
    assert not ACTING.search(macros)


def reference(text: str) -> Reference:
    """Return a reference with a text wherever a text can stand."""
    return Reference(
        "a@1",
        "dataset",
        text,
        (Author(text), Author(text, family=text, given=text, affiliation=text)),
        version=text,
        issued="2025-03",
        accessed=dt.date(2025, 3, 1),
        address=f"https://example.org/{text}",
        licence=text,
        about=text,
        keywords=(text,),
        hashes={text: "0" * 64},
        asked=text,
    )


def entries(written: str, form: str) -> list[dict[str, Any]]:
    """Return the entries that another program reads, as items of CSL."""
    command = [str(_pandoc()), f"--from={form}", "--to=csljson", "--sandbox"]
    done = subprocess.run(command, input=written.encode(), capture_output=True, check=True)
    return cast("list[dict[str, Any]]", json.loads(done.stdout))


@pytest.mark.parametrize("style", ["bibtex", "ris"])
def test_a_reference_stays_one_entry(style: str) -> None:
    written = format_references([reference(one.text) for one in HOSTILE], style)
    assert not ACTING.search(written)
    read = entries(written, style)
    assert len(read) == len(HOSTILE)
    for one, entry in zip(HOSTILE, read, strict=True):
        title, wanted = entry.get("title", ""), printed(" ".join(one.text.split()))
        if style == "ris":
            assert printed(title) == wanted
        else:  # pandoc does not know how LaTeX writes a brace that has no other
            assert re.findall(r"\w", title) == re.findall(r"\w", wanted), one.name


def test_a_record_of_ris_has_a_line_a_field() -> None:
    tags = [*("TY", "ID", "AU", "AU", "TI", "PY", "ET", "UR", "Y2", "N1", "ER")]
    for one in HOSTILE:
        lines = format_references([reference(f"A {one.text}")], "ris").split("\n")
        assert [line.partition("  -")[0] for line in lines] == tags


@pytest.mark.parametrize("text", EVERY)
def test_metadata_keep_a_text_and_hold_nothing_that_acts(text: str) -> None:
    facts = reference(f"A {text}")
    assert json.loads(format_references([facts], "csl-json"))[0]["title"] == facts.title
    assert json.loads(codemeta_json(facts))["name"] == facts.title
    assert facts.title in json.loads(zenodo_json(facts))["title"]
    shown = [format_references([facts], style) for style in ("csl-json", "apa", "chicago")]
    for content in (*shown, codemeta_json(facts), zenodo_json(facts), citation_cff(facts)):
        assert not ACTING.search(content)
    assert citation_cff(facts).count("\n") == citation_cff(reference("A")).count("\n")


def test_a_readme_shows_a_text() -> None:
    written = "\n\n".join(f"A {literal(text)} B" for text in CELLS)
    assert not ACTING.search(written)
    command = [str(_pandoc()), "--from=gfm", "--to=html", "--wrap=none", "--sandbox"]
    done = subprocess.run(command, input=written.encode(), capture_output=True, check=True)
    page = html.fromstring(f"<div>{done.stdout.decode()}</div>")
    assert {element.tag for element in page.iter()} <= {"div", "p", "br", "a"}
    paragraphs = [straight(printed(one.text_content())) for one in page.iter("p")]
    wanted = [straight(printed(f"A {text} B")) for text in CELLS]
    bare = str.maketrans("", "", "\\")  # an address without brackets takes a backslash with it
    assert [one.translate(bare) for one in paragraphs] == [one.translate(bare) for one in wanted]


# Projects


@pytest.mark.parametrize("text", EVERY)
def test_the_description_of_a_data_set_reads_back(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").touch()
    if re.search("[\ud800-\udfff]", text):
        text = show_controls(text)
    written = draft_source("a@1", tmp_path, known={"coverage": text}, retrieved="2025-03-01")
    assert not ACTING.search(written)
    read = tomllib.loads(written)
    assert (read["id"], read["coverage"]) == ("a@1", text)
    assert list(read["files"]) == ["a.csv"]


@pytest.mark.parametrize("text", IN_CELLS)
def test_a_plan_reads_back_with_what_was_left_out_as_a_comment(text: str) -> None:
    draft = Draft("arms", "supplier", {"arms": text}, {"importer": text}, {"share": {"a": text}})
    plan = plan_toml([Tried(draft, {"share": [("figure", text)]}, {"deals": text})])
    (read,) = tomllib.loads(plan)["study"]
    assert read["data"] == {"arms": text}
    assert read["parameters"] == {"importer": text}
    assert read["figures"] == [text]
    assert not ACTING.search(plan)
