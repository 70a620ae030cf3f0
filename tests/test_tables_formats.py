"""Tables in LaTeX, HTML, Markdown and Typst: everything escaped, numbers flush right."""

import io
from html.parser import HTMLParser
from typing import cast

import pypdf
import pytest
import typst
from hypothesis import given
from hypothesis import strategies as st
from small_findings import table

from flows.safe_text import show_controls
from flows.tables.formats import (
    escape_markdown,
    escape_tex,
    escape_typst,
    quote_attribute,
    table_html,
    table_markdown,
    table_tex,
    table_typst,
)


class Page(HTMLParser):
    """Collects start tags with attributes, and the text of each element by its tag."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open.append(tag)
        self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        for tag in self._open:
            self.texts[tag][-1] += data


def test_tex_is_a_booktabs_float_with_everything_escaped() -> None:
    assert table_tex(table(note="100% `data_raw`")).splitlines() == [
        r"\begin{table}[htbp]",
        r"  \centering",
        r"  \caption{Shares of \emph{A \& B\_C}}",
        r"  \label{tab:shares}",
        r"  \begin{tabular}{lrr}",
        r"    \toprule",
        r"    Supplier & Share, \% & Change \\",
        r"    \midrule",
        r"    A \& B\_C & 1,029.6 & \ensuremath{-}1.25 \\",
        r"    100\% \textless{}\#1\textgreater{} &  & 0.00 \\",
        r"    \bottomrule",
        r"  \end{tabular}",
        "",
        r"  \medskip",
        r"  \begin{minipage}{\linewidth}\footnotesize 100\% \texttt{data\_raw}\end{minipage}",
        r"\end{table}",
    ]


def test_tex_prints_the_address_of_a_link() -> None:
    assert r"terms (\texttt{https://example.org/a\_b})" in table_tex(table())


def test_tex_escapes_what_latex_reads_as_a_command() -> None:
    assert escape_tex(r"\input{~/x}^$") == (
        r"\textbackslash{}input\{\textasciitilde{}/x\}\textasciicircum{}\$"
    )


def test_html_is_semantic_and_shows_the_text_as_it_is() -> None:
    page = Page(table_html(table()))
    heads = [attributes for tag, attributes in page.tags if tag == "th"]
    assert heads == [
        {"scope": "col"},
        {"scope": "col", "class": "numeric"},
        {"scope": "col", "class": "numeric"},
    ]
    assert page.texts["td"] == ["A & B_C", "1,029.6", "−1.25", "100% <#1>", "", "0.00"]
    assert page.texts["caption"] == ["Shares of A & B_C"]
    assert page.texts["p"] == ["Source: terms, 100% data_raw."]
    assert ("a", {"href": "https://example.org/a_b"}) in page.tags


@given(st.text(max_size=30))
def test_html_shows_any_cell_as_it_is(text: str) -> None:
    visible = text.replace("\r\n", "\n").replace("\r", "\n")
    frame = table().frame.assign(supplier=visible)
    cells = Page(table_html(table(frame=frame))).texts["td"]
    assert cells[0] == show_controls(visible)


@pytest.mark.parametrize(
    ("note", "shown"),
    [
        ("**strong** and *emphasis*", "<strong>strong</strong> and <em>emphasis</em>"),
        ("_emphasis_ but snake_case_name", "<em>emphasis</em> but snake_case_name"),
        ("`a < b`", "<code>a &lt; b</code>"),
        (r"\*no\* 2 < 3", "*no* 2 &lt; 3"),
        ("*a **b** c* *d*", "<em>a <strong>b</strong> c</em> <em>d</em>"),
        ("<https://x.org/>", '<a href="https://x.org/">https://x.org/</a>'),
        ('[a](https://x.org/"q)', '<a href="https://x.org/&quot;q">a</a>'),
    ],
)
def test_notes_are_markdown(note: str, shown: str) -> None:
    assert f'<p class="note">{shown}</p>' in table_html(table(note=note))


def test_markdown_is_a_pipe_table_with_everything_escaped() -> None:
    assert table_markdown(table()).splitlines() == [
        "| Supplier | Share, % | Change |",
        "| :--- | ---: | ---: |",
        r"| A \& B\_C | 1,029.6 | −1.25 |",
        r"| 100% \<\#1\> |  | 0.00 |",
    ]


def test_markdown_has_no_way_out_of_a_cell_or_an_attribute() -> None:
    assert escape_markdown("a|b\nc") == r"a\|b c"
    assert quote_attribute('a\\ "b"\nc') == r'"a\\ \"b\" c"'


def typeset(source: str) -> str:
    """The text of the page that Typst makes, with single blanks."""
    page = cast("bytes", typst.compile(source.encode(), format="pdf"))
    return " ".join(pypdf.PdfReader(io.BytesIO(page)).pages[0].extract_text().split())


def test_typst_sets_caption_headings_cells_and_note() -> None:
    text = typeset(table_typst(table(note="100% `data_raw`")))
    for expected in ("Table 1: Shares of A & B_C", "Share, %", "1,029.6", "−1.25", "100% data_raw"):
        assert expected in text


@pytest.mark.parametrize(
    "plain",
    [
        "#x $y$ *z* _w_ `v`",
        "// no comment",
        "/* nor this */",
        "= no heading",
        "- no item",
        "1. one",
        "[a] <b> @c ~ \\",
        "https://example.org/a_b",
        'it\'s "so" -- yes',
    ],
)
def test_typst_prints_what_it_reads_as_markup(plain: str) -> None:
    assert typeset(f"#table([{escape_typst(plain)}])") == plain
