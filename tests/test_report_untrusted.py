"""Texts are data: no text of a report runs code, shows a file or fetches anything."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_findings import draw_figures, findings, table
from toy_project import edit, published

from flows.errors import ReportError
from flows.findings import Findings
from flows.pipeline.build import build_report
from flows.pipeline.graph import read_plan
from flows.report.render import write_docx, write_html, write_pdf
from flows.report.text import render_markdown
from flows.tables.formats import table_html

HIDDEN = "what only the file holds"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the figures of a build, and a file beside it that is none of its."""
    folder = tmp_path_factory.mktemp("project") / "reports"
    folder.mkdir()
    draw_figures(folder / "figures")
    (folder / "references.bib").write_text("", encoding="utf-8")
    (folder.parent / "secret.txt").write_text(HIDDEN, encoding="utf-8")
    picture = f'<svg xmlns="http://www.w3.org/2000/svg"><text>{HIDDEN}</text></svg>'
    (folder.parent / "secret.svg").write_text(picture, encoding="utf-8")
    return folder


def page(folder: Path, text: str, **changes: Any) -> str:
    """Return a text as a page for a browser."""
    target = folder.parent / "page.html"
    options = {"resources": folder, "bibliography": folder / "references.bib", **changes}
    write_html(text, target, texts={"appendix.md": text}, **options)
    return target.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "expression",
    [
        "''.__class__.__mro__",
        "n.__globals__",
        "n.__self__",
        "cycler.__init__.__globals__.os.popen('id').read()",
        "lipsum.__globals__",
        "cycler('a')",
        "range(9)",
        "namespace(a=1)",
        "joiner()",
        "self._TemplateReference__context",
        "'%s' | format(n)",
        "'{0.__class__}'.format(n)",
        "n | attr('__globals__')",
        "word('importer') | center(1000000000)",
        "word('importer')[0]",
        "n is defined",
        "'a' * 1000000000",
        "word('importer') * 1000000000",
        "9 ** 9 ** 9",
        "[1, 2]",
        "('a', 'b')",
        "{'a': 1}",
        "n",
        "n(*word('importer'))",
        "n('a')('b')",
    ],
)
def test_an_expression_reaches_nothing_but_the_calls_of_a_text(expression: str) -> None:
    with pytest.raises(ReportError, match=r"^appendix\.md:3: expected "):
        render_markdown(f"First.\n\n{{{{ {expression} }}}}", findings(), name="appendix.md")


@pytest.mark.parametrize(
    "statement",
    [
        "{% include '/etc/passwd' %}",
        "{% import '/etc/passwd' as a %}",
        "{% from 'appendix.md' import a %}",
        "{% extends '/etc/passwd' %}",
        "{% for a in range(9) %}{% endfor %}",
        "{% for a in word('importer') %}{% endfor %}",
        "{% macro a() %}{{ a() }}{% endmacro %}",
        "{% block a %}{% endblock %}",
        "{% filter upper %}a{% endfilter %}",
        "{% with a = 1 %}{% endwith %}",
        "{% set a %}b{% endset %}",
        "{% set a, b = 'a', 'b' %}",
        "{% set a = 'b' ~ 'b' %}",
        "{% set a.b = 1 %}",
        "{% do a %}",
    ],
)
def test_a_statement_is_a_condition_or_names_a_value(statement: str) -> None:
    with pytest.raises(ReportError, match=r"^appendix\.md:3: expected "):
        render_markdown(f"First.\n\n{statement}", findings(), name="appendix.md")


def test_what_a_text_may_use_is_listed() -> None:
    with pytest.raises(ReportError) as caught:
        render_markdown("{{ interval('trend.growth') }}", findings(), name="appendix.md")
    assert str(caught.value) == (
        "appendix.md:1: expected one of the names of a text, between, bounds, citations, figref, "
        "figure, level, n, section, table, tableref, typed, value, word; found 'interval'"
    )


def test_no_lines_double_a_text_or_a_number() -> None:
    squared = "".join(f"{{% set a{i + 1} = a{i} * a{i} %}}" for i in range(60))
    text = f"{{% set a0 = value('trend.growth') %}}{squared}{{% if a60 > 0 %}}large{{% endif %}}"
    assert render_markdown(text, findings()) == "large\n"


def test_nested_brackets_without_end_are_refused() -> None:
    text = "{{ " + "(" * 100_000 + "1" + ")" * 100_000 + " }}"
    with pytest.raises(ReportError, match="expected"):
        render_markdown(text, findings())


def test_conditions_names_and_sums_are_kept() -> None:
    text = (
        "{% set which = 'trend' if value('trend.growth') > 0 and 'A' in word('importer') "
        "else 'mirror' %}{% if 2 * value('trend.growth') - 1 > -1 / 2 %}{{ n(which ~ '.growth') }}"
        "{% elif not value('trend.growth') %}none{% endif %}"
    )
    assert render_markdown(text, findings()).startswith("[9.3]{.number ")


MARKUP = [
    ('<iframe src="../secret.txt"></iframe>', 'found html, .*: <iframe src="../secret.txt">'),
    ("Some <b>text</b>.", "found html, .*: <b>"),
    ("<script>alert()</script>", "found html, .*: <script>"),
    ('<img src="../secret.svg">', "found html, .*: <img"),
    ("<!-- a --> <i> <!-- b -->", "found html, .*: <i>"),
    ("```{=html}\n<script src='x.js'></script>\n```", "found html, .*: <script"),
    ("```{=latex}\n\\input{../secret.txt}\n```", r"found latex, .*: \\input"),
    ('```{=typst}\n#read("../secret.txt")\n```', "found typst, .*: #read"),
    ("```{=openxml}\n<w:p/>\n```", "found openxml, .*: <w:p/>"),
    ('`#read("../secret.txt")`{=typst}', "found typst, .*: #read"),
    ("\\input{../secret.txt}", r"found tex, .*: \\input"),
    ("\\newcommand{\\a}{\\b\\b}", r"found tex, .*: \\newcommand"),
    ("![](../secret.svg)", r"found the image \.\./secret\.svg"),
    ("![](/etc/hostname)", "found the image /etc/hostname"),
    ("![](file:///etc/hostname)", "found the image file:///etc/hostname"),
    ("![](http://127.0.0.1:9/a.png)", r"found the image http://127\.0\.0\.1:9/a\.png"),
    ("![](figures/../../secret.svg)", "found the image figures/"),
    ("![a][b]\n\n[b]: ../secret.svg", "found the image"),
    ("![](figures/other.svg)", r"figure\(.*found the image figures/other\.svg"),
    ("[a](javascript:alert)", "link to https://, .*found javascript:alert"),
    ("[a](JavaScript:alert)", "found JavaScript:alert"),
    ("[a](data:text/html,x)", "found data:text/html,x"),
    ("[a](file:///etc/passwd)", "found file:///etc/passwd"),
    ("[a](../secret.txt)", r"found \.\./secret\.txt"),
    ("<javascript:alert>", "found javascript:alert"),
    ("[a][b]\n\n[b]: javascript:alert", "found javascript:alert"),
    ("[a](//example.org)", "found //example"),
    ('[a](#b>#read("c"))', "found #b"),
    ('[a]{onclick="alert()"}', "no attribute, found onclick=alert"),
    ('[a]{style="background:url(http://127.0.0.1)"}', "no attribute, found style="),
    ('[a]{typst:text:fill="black)#read(a)"}', "no attribute, found typst:text:fill="),
    ('::: {#a custom-style="b"}\nc\n:::', "no attribute, found custom-style=b"),
    ('<div class="a" onclick="b">c</div>', "no attribute, found onclick=b"),
    ('<div id="a&quot;&gt;" class="exhibit">b</div>', "name or class without quotes"),
    ('<span class="a&quot;b">c</span>', "name or class without quotes"),
    ("| a |\n|---|\n| b |\n\n: c {#tbl-d onclick=e}", "no attribute, found onclick=e"),
    ("---\nbibliography: ../secret.txt\n---\n", "only abstract, .* found 'bibliography'"),
    ("---\ncsl: http://127.0.0.1:9/a.csl\n---\n[@a]", "found 'csl'"),
    ("---\nheader-includes: a\n---\n", "found 'header-includes'"),
    ('---\ntitle: |\n  `#read("a")`{=typst}\n---\n', "found typst"),
    ("---\nauthor:\n  - name: '[a](javascript:alert)'\n---\n", "found javascript:alert"),
    ("---\nlang: 'en\")#read(\"a'\n---\n", "the code of a language"),
    ("a\n\n---\ncss: http://127.0.0.1:9/a.css\n...\n", "found 'css'"),
]


@pytest.mark.parametrize(("text", "message"), MARKUP)
def test_markup_that_shows_runs_or_fetches_something_is_refused(
    folder: Path, text: str, message: str
) -> None:
    with pytest.raises(ReportError, match=message) as caught:
        page(folder, text)
    assert re.match(r"appendix\.md(:\d+| or what it shows): expected ", str(caught.value))


@pytest.mark.parametrize("write", [write_pdf, write_html, write_docx])
def test_every_format_refuses_and_keeps_the_last_page(
    folder: Path, tmp_path: Path, write: Callable[..., None]
) -> None:
    target = tmp_path / "page"
    target.write_text("last good", encoding="utf-8")
    with pytest.raises(ReportError, match="expected Markdown, found typst"):
        write(
            '```{=typst}\n#read("../secret.txt")\n```',
            target,
            resources=folder,
            bibliography=folder / "references.bib",
        )
    assert target.read_text(encoding="utf-8") == "last good"


def test_all_faults_are_named_with_their_lines(folder: Path) -> None:
    with pytest.raises(ReportError) as caught:
        page(folder, "<b>\n\n[a](data:b) and\n[a](javascript:c)")
    assert re.findall(r"^appendix\.md:(\d)", str(caught.value), re.MULTILINE) == ["1", "3", "4"]


def test_words_captions_and_cells_are_held_to_the_same(folder: Path) -> None:
    linked = table(caption="A [caption](javascript:alert)")
    markdown = render_markdown('{{ table("shares") }}', Findings(tables=(linked,)))
    with pytest.raises(ReportError, match=r"^appendix\.md or what it shows: .*javascr"):
        write_html(
            markdown,
            folder.parent / "page.html",
            resources=folder,
            bibliography=folder / "references.bib",
            texts={"appendix.md": '{{ table("shares") }}'},
        )
    assert "href" not in table_html(linked).partition("</caption>")[0]


def test_words_from_data_are_no_markup(folder: Path) -> None:
    word = '<iframe src="../secret.txt">[a](javascript:b)![](../secret.svg)`a`{=html}'
    markdown = render_markdown("{{ word('a') }}", Findings(words={"a": word}))
    shown = page(folder, markdown)
    assert "&lt;iframe src=" in shown
    assert HIDDEN not in shown
    assert 'href="javascript' not in shown


@pytest.mark.parametrize(
    ("field", "message"),
    [
        (r"\href{javascript:alert(1)}{click}", r"references\.bib:1: .*found javascript:alert"),
        (r"\includegraphics{../secret.svg}", r"references\.bib:1: .*found the image \.\./secret"),
    ],
)
def test_references_are_held_to_the_same(
    folder: Path, tmp_path: Path, field: str, message: str
) -> None:
    references = tmp_path / "references.bib"
    references.write_text(f"@misc{{a, title={{A {field}}}, year=2000}}", encoding="utf-8")
    with pytest.raises(ReportError, match=message):
        page(folder, "[@a]", bibliography=references)


def test_front_matter_without_end_is_stopped(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.report.render._SECONDS", 2)
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 8)}]" for i in range(1, 12)]
    with pytest.raises(ReportError, match="within 2 seconds"):
        page(folder, "\n".join(["---", *lines, "---", ""]))


def test_quotations_without_end_are_refused(folder: Path) -> None:
    with pytest.raises(ReportError, match=r"^appendix\.md: expected .* of a few levels"):
        page(folder, ">" * 2000 + " a")


def test_markdown_of_a_report_is_kept(folder: Path) -> None:
    shown = page(
        folder,
        "---\ntitle: A<!-- b -->\nauthor: [{name: B, affiliation: C}]\nlang: en\n---\n\n"
        "# Heading {#a .unnumbered}\n\n<!-- left out -->\n\n"
        "*a*, **b**, `<b>`, [c](https://example.org), <d@example.org>, <http://example.org>, "
        "[e](#a), $x^2$.^[f]<!-- out -->\n\n::: new-page\n:::\n\n"
        "| a |\n|---|\n| b |\n\n![g](figures/bars.svg)\n",
    )
    for expected in (
        "<em>a</em>",
        "<code>&lt;b&gt;</code>",
        'href="https://example.org"',
        'href="mailto:d@example.org"',
        'href="#a"',
        "<math",
    ):
        assert expected in shown
    assert "<!--" not in shown
    assert "new-page" not in shown


def test_a_trace_is_data(folder: Path) -> None:
    shown = page(
        folder,
        '``` traces\n{"id": "a\\"b", "printed": "<i>", "about": "", "bounds": "", "code": "", '
        '"rows": ["</div><script>"]}\n```\n',
    )
    assert 'id="number-a&quot;b"' in shown
    assert "<b>&lt;i&gt;</b>" in shown
    assert "<script" not in shown


@pytest.mark.parametrize("name", ["../a", "/a", "a/b", ".a", 'a"b', ""])
def test_an_id_of_a_study_is_no_path(tmp_path: Path, name: str) -> None:
    plan = tmp_path / "appendix.toml"
    plan.write_text(f"[[study]]\nid = '{name}'\nstudy = 'toy'\n", encoding="utf-8")
    with pytest.raises(ReportError, match="expected an id of letters, digits"):
        read_plan(plan)


def test_a_build_stops_and_nothing_has_run(project: Path, tmp_path: Path) -> None:
    before = published(project)
    mark = tmp_path / "mark"
    attack = f"cycler.__init__.__globals__.os.system('touch {mark}')"
    edit(project / "reports/appendix.md", "Imports were", f"{{{{ {attack} }}}} Imports were")
    with pytest.raises(
        ReportError, match=r"appendix\.md:1: expected .*found a call of another form"
    ):
        build_report(project)
    assert not mark.exists()
    del before["reports/appendix.md"]
    assert before.items() <= published(project).items()
