"""Manuscripts: filled from a report, filled again after a build, and looked through."""

import dataclasses
import re
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from documents import edit_part, paragraph, read_parts, run, write_docx, write_report
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from small_findings import bounded, findings, table

from flows.cli import main
from flows.errors import ReportError, UnknownNameError
from flows.findings import Findings
from flows.report.manuscripts.fill import Filled, check_manuscript, fill_manuscript
from flows.report.manuscripts.package import PREFIXES, Package

SHARE = "{{ n('arms.share.2025-03') }}"
BODY = "word/document.xml"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(tmp_path_factory.mktemp("report"))


@pytest.fixture
def root(drawn: Path, tmp_path: Path) -> Path:
    """A built report of which a test may change everything."""
    return shutil.copytree(drawn, tmp_path / "project")


def filled(root: Path, *blocks: str, **others: str) -> tuple[Path, Filled]:
    path = write_docx(root / "paper.docx", *blocks, others=others)
    return path, fill_manuscript(root, path)


def tree(path: Path, part: str = BODY) -> etree._Element:
    return etree.fromstring(read_parts(path)[part])


def find(element: etree._Element, query: str) -> list[etree._Element]:
    return element.xpath(query, namespaces=dict(PREFIXES))


def text(path: Path, part: str = BODY) -> str:
    return "".join(find(tree(path, part), "//w:t/text()"))


def rebuild(root: Path, **changes: object) -> None:
    """Build again with another share and another table."""
    share = bounded(value=68.02, printed="68.02", **changes)
    found = findings()
    numbers = (share, *(number for number in found.numbers if number.id != share.id))
    tables = (table(frame=table().frame.assign(change=[-1.5, 0.25])),)
    write_report(root, dataclasses.replace(found, numbers=numbers, tables=tables))


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        ("{{ n('arms.share.2025-03') }}", "67.74"),
        ("{{n(‘arms.share.2025-03’)}}", "67.74"),
        ("{{ n(“arms.share.2025-03”, unit=True) }}", "67.74%"),
        ("{{\u00a0n(«arms.share.2025-03»)\u00a0}}", "67.74"),
        ("{{ N(‘arms.share.2025-03’) }}", "67.74"),
        ("{{ bounds('arms.share.2025-03') }}", "64.16 to 68.26"),
        ("{{ between('arms.share.2025-03', unit=True) }}", "between 64.16 and 68.26%"),
        ("{{ between('mirror.report', unit=True) }}", "at least 412%"),
        ("{{ level('trend.growth') }}", "95%"),
        ("{{ n('mirror.gap', unit=True) }}", "USD\u00a0−1,068.2\u00a0million"),
        ("{{ typed('412', 'a quotation') }}", "412"),
    ],
)
def test_an_expression_prints_as_the_report_does(root: Path, expression: str, printed: str) -> None:
    path, done = filled(root, paragraph(f"It is {expression}, they say."))
    assert text(path) == f"It is {printed}, they say."
    assert [change.after for change in done.changes] == [printed]


def test_a_field_has_its_property_and_the_look_of_what_was_typed(root: Path) -> None:
    path, _ = filled(root, paragraph("About ", run(SHARE, "<w:b/>"), " percent."))
    field = [
        "".join(part.itertext()) or part.get(f"{{{PREFIXES['w']}}}fldCharType")
        for part in find(tree(path), "//w:r[w:rPr/w:b]/*[not(self::w:rPr)]")
    ]
    instruction = r' DOCPROPERTY "flows:n:arms.share.2025-03" \* MERGEFORMAT '
    assert field == ["begin", instruction, "separate", "67.74", "end"]
    package = Package(path)
    assert package.properties("flows:") == {
        "flows:appendix": "reports",
        "flows:n:arms.share.2025-03": "67.74",
    }
    kinds = [entry.get("ContentType") for entry in tree(path, "[Content_Types].xml")]
    assert "application/vnd.openxmlformats-officedocument.custom-properties+xml" in kinds
    assert find(tree(path, "_rels/.rels"), "//rel:Relationship[@Target='docProps/custom.xml']")


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(cuts=st.sets(st.integers(1, 40), max_size=8), data=st.data())
def test_however_a_word_processor_cuts_the_text_it_stays_the_same(
    drawn: Path, tmp_path: Path, cuts: set[int], data: st.DataObject
) -> None:
    written = f"Was {SHARE} or {SHARE}."
    places = [0, *sorted(cut for cut in cuts if cut < len(written)), len(written)]
    between = st.sampled_from(["", '<w:proofErr w:type="spellStart"/>', "<w:bookmarkEnd/>"])
    pieces = [
        run(written[start:end], data.draw(st.sampled_from(["", "<w:i/>"]))) + data.draw(between)
        for start, end in pairwise(places)
    ]
    path = write_docx(tmp_path / "cut.docx", f"<w:p>{''.join(pieces)}</w:p>")
    fill_manuscript(drawn, path)
    assert text(path) == "Was 67.74 or 67.74."
    assert len(find(tree(path), "//w:instrText")) == 2


def test_headers_notes_cells_boxes_and_insertions_are_filled(root: Path) -> None:
    box = (
        "<w:r><mc:AlternateContent><mc:Choice Requires='wps'><wps:txbx><w:txbxContent>"
        f"{paragraph(SHARE)}</w:txbxContent></wps:txbx></mc:Choice><mc:Fallback><w:pict><v:textbox>"
        f"<w:txbxContent>{paragraph(SHARE)}</w:txbxContent></v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )
    cell = f"<w:tbl><w:tr><w:tc>{paragraph(SHARE)}</w:tc></w:tr></w:tbl>"
    inserted = f'<w:ins w:id="1" w:author="A">{run(SHARE)}</w:ins>'
    deleted = (
        '<w:del w:id="2" w:author="A"><w:r><w:delText>{{ n("gone") }}</w:delText></w:r></w:del>'
    )
    note = f'<w:footnote w:id="1">{paragraph(SHARE)}</w:footnote>'
    path, _ = filled(
        root,
        paragraph("A", box),
        cell,
        f"<w:p>{inserted}{deleted}</w:p>",
        header1=paragraph(SHARE),
        footer1=paragraph(SHARE),
        footnotes=note,
    )
    assert text(path) == "A67.7467.7467.7467.74"
    assert all(text(path, f"word/{part}.xml") == "67.74" for part in ("header1", "footer1"))
    assert text(path, "word/footnotes.xml") == "67.74"
    assert len(find(tree(path), "//w:ins//w:instrText")) == 1
    assert len(find(tree(path), "//w:delText[contains(., 'gone')]")) == 1


def test_what_is_not_filled_keeps_its_bytes_and_its_prefixes(root: Path) -> None:
    untouched = '<w:p w14:paraId="1A2B3C4D"><w:r><w:t>As it was.</w:t></w:r></w:p>'
    path = write_docx(root / "a.docx", untouched, paragraph(SHARE), others={"header1": untouched})
    before = read_parts(path)
    fill_manuscript(root, path, out=root / "b.docx")
    assert read_parts(path) == before
    after = read_parts(root / "b.docx")
    assert {name for name in before if after[name] != before[name]} == {
        "[Content_Types].xml",
        "_rels/.rels",
        BODY,
    }
    assert untouched in after[BODY].decode()
    assert b'mc:Ignorable="w14"' in after[BODY]


def test_a_second_fill_writes_nothing_and_one_after_a_build_says_what_changed(root: Path) -> None:
    path, _ = filled(root, paragraph(f"It is {SHARE}; growth {{{{ n('trend.growth') }}}}."))
    before = path.read_bytes()
    assert not fill_manuscript(root, path).written
    assert path.read_bytes() == before
    rebuild(root)
    done = fill_manuscript(root, path)
    assert text(path) == "It is 68.02; growth 9.3."
    assert list(done.in_words())[1:] == [
        "  n arms.share.2025-03: 67.74 -> 68.02, in “It is 67.74; growth 9.3.”"
    ]
    assert Package(path).properties("flows:n:arms")["flows:n:arms.share.2025-03"] == "68.02"


def test_fields_are_known_again_in_what_word_and_others_make_of_them(root: Path) -> None:
    simple = (
        '<w:fldSimple w:instr=" docproperty flows:n:arms.share.2025-03 ">'
        f"{run('6', '<w:b/>')}{run('1')}</w:fldSimple>"
    )
    cut = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>DOCPROP</w:instrText></w:r>'
        '<w:r><w:instrText>ERTY "flows:bounds:arms.share.2025-03:unit"</w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    other = simple.replace("flows:n:arms.share.2025-03", "Author")
    path, _ = filled(root, f"<w:p>{simple}{cut}{other}</w:p>")
    assert text(path) == "67.7464.16 to 68.26%61"


def test_a_table_is_a_control_with_its_caption_and_note(root: Path) -> None:
    first, second = paragraph("{{ table('shares') }}"), paragraph("{{ table(‘again’) }}")
    path, _ = filled(root, paragraph("Before."), first, second)
    body = tree(path)[0]
    captions = find(body, "w:p[w:pPr/w:pStyle[@w:val='Beschriftung']]")
    assert ["".join(find(caption, ".//w:t/text()")) for caption in captions] == [
        "Table 1. Shares of A & B_C",
        "Table 2. Again",
    ]
    assert find(captions[0], ".//w:r[w:rPr/w:i]/w:t/text()") == ["A & B_C"]
    (control,) = find(body, "w:sdt[w:sdtPr/w:tag[@w:val='flows:table:shares']]")
    rows = [
        ["".join(find(cell, ".//w:t/text()")) for cell in find(row, "w:tc")]
        for row in find(control, ".//w:tr")
    ]
    assert rows == [
        ["Supplier", "Share, %", "Change"],
        ["A & B_C", "1,029.6", "−1.25"],
        ["100% <#1>", "", "0.00"],
    ]
    note = "".join(find(control, "w:sdtContent/w:p//w:t/text()"))
    assert note == "Source: terms (https://example.org/a_b), 100% data_raw."


def test_bookmarks_and_comments_of_a_paragraph_outlive_its_table(root: Path) -> None:
    around = (
        '<w:bookmarkStart w:id="7" w:name="here"/><w:commentRangeStart w:id="1"/>{}'
        '<w:commentRangeEnd w:id="1"/><w:r><w:commentReference w:id="1"/></w:r>'
        '<w:bookmarkEnd w:id="7"/>'
    )
    inserted = f'<w:ins w:id="2" w:author="A">{run("{{ table(")}{run("‘again’) }}")}</w:ins>'
    cell = f"<w:tbl><w:tr><w:tc><w:p>{around.format(inserted)}</w:p></w:tc></w:tr></w:tbl>"
    path, _ = filled(root, cell)
    caption, control, last = find(tree(path), "/w:document/w:body/w:tbl/w:tr/w:tc/*")
    assert "".join(find(caption, ".//w:t/text()")) == "Table 1. Again"
    assert len(find(caption, "w:bookmarkStart | w:bookmarkEnd | w:r/w:commentReference")) == 3
    assert control.tag.endswith("sdt")
    assert last.tag.endswith("}p"), "a cell ends with a paragraph"
    assert find(last, ".//w:t") == []


def test_a_table_changes_in_the_look_that_its_author_gave_it(root: Path) -> None:
    path, _ = filled(root, paragraph("{{ table('shares') }}"))
    edit_part(path, BODY, "−1.25</w:t>", "−1.25</w:t><w:cr/>")
    old = '<w:r><w:t xml:space="preserve">−1.25'
    edit_part(path, BODY, old, old.replace("<w:r>", "<w:r><w:rPr><w:b/></w:rPr>"))
    assert not fill_manuscript(root, path).written
    rebuild(root)
    done = fill_manuscript(root, path)
    assert [(change.what, change.before, change.after) for change in done.changes] == [
        ("table shares", "−1.25", "−1.50"),
        ("table shares", "0.00", "0.25"),
    ]
    assert find(tree(path), "//w:tc//w:r[w:rPr/w:b]/w:t/text()") == ["−1.50"]


def test_a_table_of_another_shape_is_made_anew(root: Path) -> None:
    path, _ = filled(root, paragraph("{{ table('shares') }}"))
    longer = table(frame=table().frame.loc[[0, 1, 1]], caption="Shares of *C*")
    write_report(root, dataclasses.replace(findings(), tables=(longer,)))
    done = fill_manuscript(root, path)
    assert len(find(tree(path), "//w:tr")) == 4
    assert [change.in_words() for change in done.changes] == [
        "table shares: 3 rows -> 4 rows, in the table",
        "table shares: Shares of A & B_C -> Shares of C, in the caption",
    ]


def test_a_figure_is_a_picture_with_its_text_and_follows_the_build(root: Path) -> None:
    path, _ = filled(root, paragraph("{{ figure('bars') }}"))
    drawing = find(tree(path), "//w:drawing")[0]
    assert find(drawing, ".//wp:docPr/@descr") == ["Bars of A & B."]
    assert "".join(find(tree(path), "//w:body/w:p//w:t/text()")) == "Figure 1. The figure bars"
    picture = (root / "reports/figures/bars.png").read_bytes()
    assert read_parts(path)["word/media/flows-bars.png"] == picture
    related = find(drawing, ".//a:blip/@r:embed")[0]
    assert Package(path).target(BODY, related) == "word/media/flows-bars.png"
    width, height = (int(find(drawing, f".//wp:extent/@{side}")[0]) for side in ("cx", "cy"))
    edit_part(path, BODY, f'cx="{width}" cy="{height}"', 'cx="1000000" cy="500"')
    other = (root / "reports/figures/lines.by-year.png").read_bytes() + b" "
    (root / "reports/figures/bars.png").write_bytes(other)
    done = fill_manuscript(root, path)
    assert [change.what for change in done.changes] == ["figure bars"]
    assert read_parts(path)["word/media/flows-bars.png"] == other
    drawing = find(tree(path), "//w:drawing")[0]
    assert find(drawing, ".//wp:extent/@cx") == ["1000000"]
    assert int(find(drawing, ".//a:ext/@cy")[0]) == pytest.approx(1e6 * height / width, abs=2)
    assert not fill_manuscript(root, path).written


def test_all_that_the_report_does_not_have_is_said_at_once_and_nothing_written(root: Path) -> None:
    path = write_docx(
        root / "paper.docx",
        paragraph("Here {{ n('arms.shore.2025-03') }}."),
        paragraph("{{ n('arms.share.2025-03') | upper }}"),
        paragraph("{{ n(arms.share) }} and {{ 1 }}"),
        paragraph("{{ level('mirror.gap') }}"),
        paragraph("{{ typed('412', '') }}"),
        paragraph("{{ table('share') }}"),
        paragraph("See {{ table('shares') }}"),
        paragraph("{{ figure('lines.by-year') }}"),
        paragraph(SHARE),
    )
    before = path.read_bytes()
    with pytest.raises(ReportError) as caught:
        fill_manuscript(root, path)
    lines = str(caught.value).splitlines()
    expected = [
        "no number 'arms.shore.2025-03'; the nearest: arms.share.2025-03",
        "found a filter",
        "found an attribute",
        "expected one call, such as",
        "expected an interval with a level, found none",
        "expected a reason, found none",
        "no table 'share'; the nearest: shares",
        "expected table 'shares' alone in its paragraph, found text",
        "expected figure 'lines.by-year' in the text of",
    ]
    assert len(lines) == len(expected)
    for line, part in zip(lines, expected, strict=True):
        assert part in line
        assert line.startswith(f"{path}: “")
    assert "“Here {{ n('arms.shore.2025-03') }}.”" in lines[0]
    assert path.read_bytes() == before
    assert list(root.glob(".*new")) == []


def test_a_number_that_a_later_build_lacks_is_an_error(root: Path) -> None:
    path, _ = filled(root, paragraph(SHARE), paragraph("{{ table('shares') }}"))
    write_report(root, Findings(numbers=findings().numbers[1:]))
    (root / "reports/tables/shares.html").unlink()
    with pytest.raises(
        ReportError, match=r"no number 'arms.share.2025-03'(.|\n)*no table 'shares'"
    ):
        fill_manuscript(root, path)


@pytest.mark.parametrize("lock", ["~$paper.docx", "~$per.docx", ".~lock.paper.docx#"])
def test_a_document_that_is_open_is_left_alone(root: Path, lock: str) -> None:
    path = write_docx(root / "paper.docx", paragraph(SHARE))
    (root / lock).touch()
    with pytest.raises(ReportError, match="expected it closed"):
        fill_manuscript(root, path)
    assert fill_manuscript(root, path, out=root / "other.docx").written


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.docx", b"no archive", "expected a docx, found another file"),
        ("a.doc", b"", r"expected .docx, .tex, .md, .qmd, found .doc"),
        ("a.tex", b"", "expected a docx to fill; LaTeX"),
    ],
)
def test_another_file_is_refused(root: Path, name: str, content: bytes, message: str) -> None:
    path = root / name
    path.write_bytes(content)
    with pytest.raises(ReportError, match=message):
        fill_manuscript(root, path)


def test_a_part_with_entities_is_refused(root: Path) -> None:
    path = write_docx(root / "a.docx", paragraph(SHARE))
    declared = '<!DOCTYPE a [<!ENTITY e "x">]>\n<w:document '
    edit_part(path, BODY, "<w:document ", declared)
    with pytest.raises(ReportError, match="expected no DOCTYPE"):
        fill_manuscript(root, path)


def test_a_check_says_what_is_not_filled_what_is_old_and_what_was_typed(root: Path) -> None:
    path, _ = filled(
        root, paragraph(f"It is {SHARE}, 67.74 percent or “67.74”; not 68.26 in 2025.")
    )
    faults = check_manuscript(root, path)
    wanted = "expected {{ n('arms.share.2025-03') }} or the like, found "
    reason = " typed by hand, which the report has as arms.share.2025-03"
    assert [fault.partition("2025.”: ")[2] for fault in faults] == [
        f"{wanted}{written}{reason}" for written in ("67.74", "68.26")
    ]
    before = path.read_bytes()
    rebuild(root)
    assert "expected 68.02 (n arms.share.2025-03), found 67.74" in check_manuscript(root, path)[0]
    fresh = write_docx(root / "fresh.docx", paragraph(SHARE))
    assert check_manuscript(root, fresh)[0].endswith("found it not filled")
    assert path.read_bytes() == before


def test_what_a_document_was_filled_from_is_remembered(root: Path) -> None:
    other = root / "reports" / "other"
    shutil.copytree(root / "reports", other)
    path = write_docx(root / "paper.docx", paragraph(SHARE))
    fill_manuscript(root, path, appendix="other")
    rebuild(root)
    assert not fill_manuscript(root, path).written
    assert fill_manuscript(root, path, appendix="reports").written
    with pytest.raises(UnknownNameError, match="no appendix 'others'; did you mean other"):
        fill_manuscript(root, path, appendix="others")


TEX = r"""\documentclass{article} % 67.74 in a comment
\input{numbers.tex}
\begin{document}
\section{\flowsnumberunit{arms.share.2025-03}}
\flowsbounds{arms.shore.2025-03} and \flowsnumber{trend.growth} and \flowslevel{mirror.gap}
It was 67.74\,\% and ``67.74''; \flowstyped{67.74}{a quotation}, 67.74pt, \cite{a67.74}.
$-$1{,}068.2 million; \begin{verbatim}67.74\end{verbatim}
\end{document}
"""


def test_a_source_of_latex_is_looked_through(root: Path, capsys: pytest.CaptureFixture) -> None:
    path = root / "paper.tex"
    path.write_text(TEX, encoding="utf-8")
    assert main(["--root", str(root), "fill", str(path), "--check"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.removeprefix(f"{path}:").partition(": ")[0] for line in lines] == list("5567")
    assert "no number 'arms.shore.2025-03'; the nearest: arms.share.2025-03" in lines[0]
    assert "expected an interval with a level, found none" in lines[1]
    assert r"expected \flowsnumber{arms.share.2025-03} or the like, found 67.74" in lines[2]
    assert r"expected \flowsnumber{mirror.gap} or the like, found 1,068.2" in lines[3]


def test_a_source_of_markdown_is_looked_through(root: Path) -> None:
    path = root / "paper.md"
    path.write_text(
        'It is {{ n("arms.share.2025-03") }}, `67.74`, “67.74”, in 2025.\n'
        '\nNot 67.74, nor {{ n("trend.grown") }} or {{ later("x") }}; 412 and 95.\n',
        encoding="utf-8",
    )
    faults = check_manuscript(root, path)
    assert [fault.removeprefix(f"{path}:").partition(": ")[0] for fault in faults] == ["3"] * 3
    assert [re.search(r"(?:found|number) '?([\w.-]+)", fault)[1] for fault in faults] == [
        "67.74",
        "412",
        "trend.grown",
    ]


def test_a_source_in_another_encoding_is_refused_where_it_begins(root: Path) -> None:
    path = root / "paper.tex"
    path.write_bytes("First.\nDünn.\n".encode("latin-1"))
    with pytest.raises(ReportError, match=r"paper\.tex:2: expected UTF-8, found the byte 0xfc"):
        check_manuscript(root, path)


def test_the_command_says_what_it_did(root: Path, capsys: pytest.CaptureFixture) -> None:
    path = write_docx(root / "paper.docx", paragraph(SHARE))
    command = ["--root", str(root), "fill", str(path)]
    assert main([*command, "--check"]) == 1
    assert main(command) == 0
    assert main([*command, "--check"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[1:] == [
        f"{path}: 1 filled, 0 changed",
        f"  n arms.share.2025-03: 67.74, in “{SHARE}”",
        f"{path}: as the report has it",
    ]
