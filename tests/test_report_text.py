"""The text of a report: placeholders, their errors, and no number typed by hand."""

import json
import re

import pytest
from small_findings import findings

from flows.errors import ReportError
from flows.report.text import check_no_typed_numbers, render_markdown
from flows.results import print_lines


def filled(text: str) -> str:
    """Return the text with its placeholders filled, without attributes and traces."""
    markdown = render_markdown(text, findings(), name="appendix.md").partition("\n::: html-only")[0]
    return re.sub(r"(?<=\])\{[^}]*\}", "", markdown).replace("\N{NO-BREAK SPACE}", " ").strip()


@pytest.mark.parametrize(
    ("placeholder", "printed"),
    [
        ('n("arms.share.2025-03")', "[67.74]"),
        ('n("arms.share.2025-03", unit=True)', "[67.74%]"),
        ('n("mirror.gap", unit=True)', "[USD −1,068.2 million]"),
        ('bounds("arms.share.2025-03")', "[64.16 to 68.26]"),
        ('bounds("trend.growth", unit=True)', "[7.1 to 11.6% a year]"),
        ('bounds("mirror.report")', "[at least 412]"),
        ('level("trend.growth")', "95%"),
        ('word("importer")', "Azerbaijan"),
        ('word("odd")', r"\*A\*\_b\_ \<c\>"),
        ('typed("G7", "a name")', "G7"),
    ],
)
def test_a_placeholder_prints_what_the_findings_hold(placeholder: str, printed: str) -> None:
    assert filled("{{ " + placeholder + " }}") == printed


def test_a_number_carries_its_id_and_what_it_is() -> None:
    markdown = render_markdown('{{ n("arms.share.2025-03") }}', findings())
    assert markdown.splitlines()[0] == (
        r'[67.74]{.number data-id="arms.share.2025-03" '
        r'title="Share of \"major arms\", R&D left out."}'
    )


def traces(text: str) -> list[dict[str, object]]:
    """Return how each number of the text was made, as the page for a browser lists it."""
    entries = render_markdown(text, findings()).partition("\n``` traces\n")[2]
    return [json.loads(entry) for entry in entries.partition("\n```\n")[0].splitlines()]


def test_every_printed_number_is_traced_once() -> None:
    text = '{{ n("mirror.gap") }} {{ n("mirror.gap") }} {{ bounds("trend.growth") }}'
    assert [trace["id"] for trace in traces(text)] == ["mirror.gap", "trend.growth"]


def test_a_trace_names_code_bounds_and_lines() -> None:
    (trace,) = traces('{{ n("trend.growth") }}')
    assert trace == {
        "id": "trend.growth",
        "printed": "9.3% a year",
        "about": "Growth.",
        "bounds": "95% interval: 7.1 to 11.6% a year",
        "code": "import flows as fl\n\nshare = fl.share(arms)\nvalue = 100 * share.value\n"
        "print(fl.print_value(value, digits=1))  # 9.3 % a year",
        "rows": ["sipri-deal-years@2025-03: lines 12–14, 18"],
        "runs": '{"sipri-deal-years@2025-03": [[12, 14], [18, 18]]}',
    }


@pytest.mark.parametrize(("limit", "shown"), [("mirror.gap", "above"), ("mirror.report", "below")])
def test_conditions_compare_values(limit: str, shown: str) -> None:
    condition = f'{{% if value("trend.growth") > value("{limit}") %}}'
    assert filled(f"{condition}\nabove\n{{% else %}}\nbelow\n{{% endif %}}") == shown


def test_names_of_headings_are_not_comments() -> None:
    assert render_markdown("# Data {#data}\n", findings()) == "# Data {#data}\n"


def test_exhibits_are_numbered_in_the_order_of_the_text_and_references_follow() -> None:
    references = '{{ figref("bars") }}, {{ tableref("shares") }}'
    shown = '{{ figure("lines.by-year") }}\n\n{{ table("shares") }}\n\n{{ figure("bars") }}'
    markdown = filled(f"{references}\n\n{shown}")
    assert markdown.startswith("[Figure 2](#fig-bars), [Table 1](#tbl-shares)")
    assert re.findall(r"^\[((?:Figure|Table) \d)\.\]", markdown, re.MULTILINE) == [
        "Figure 1",
        "Table 1",
        "Figure 2",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'One.\n\n{{ n("mirror.gab") }}',
            "appendix.md:3: expected the id of a number, found 'mirror.gab'; nearest: mirror.gap",
        ),
        ('{{ word("zzz") }}', "appendix.md:1: expected the id of a word, found 'zzz'"),
        ('{{ figure("bar") }}', "nearest: bars"),
        ('{{ tableref("shares") }}', "expected table 'shares' in the text, found only a reference"),
        (
            '{{ table("shares") }}\n\n{{ table("shares") }}',
            "appendix.md:3: expected table 'shares' once, found it twice",
        ),
        (
            '\n{{ m("mirror.gap") }}',
            "appendix.md:2: expected one of the names of a text, between, bounds, ",
        ),
        ('\n{{ n("mirror.gap", units=True) }}', "appendix.md:2: "),
        ('{% if value("mirror.gap") > "x" %}{% endif %}', "appendix.md:1: "),
        ("\n{{ n( }}", "appendix.md:2: expected Jinja2"),
        ('{% if value("mirror.gap") %}', "appendix.md:1: expected Jinja2"),
        ('{{ level("mirror.gap") }}', "expected an interval with a level"),
        ('{{ bounds("mirror.gap") }}', "expected a low or a high, found neither"),
        ('{{ typed("G7", "") }}', "expected a reason"),
    ],
)
def test_an_error_names_file_and_line(text: str, message: str) -> None:
    with pytest.raises(ReportError, match=re.escape(message)):
        render_markdown(text, findings(), name="appendix.md")


@pytest.mark.parametrize(
    "text",
    [
        "The share is {{ n('s.2020') }} percent.",
        "{% if value('s') > 50 %}yes{% endif %}",
        "As [@newey1987, pp. 703-708] and @west1987 show.",
        "# 2 Data\n\n## 2.1 Trade {#trade-2}",
        "1. First\n2) Second",
        "`HS 271121` and\n\n```\nx = 1\n```\n",
        "[terms](https://example.org/2025) <https://example.org/1> https://example.org/2",
        "A footnote.[^1]\n\n[^1]: Its text.",
        "[x]{.a width=80%} and <!-- 2016 -->",
    ],
)
def test_digits_that_are_no_results_pass(text: str) -> None:
    assert check_no_typed_numbers(text) == text


@pytest.mark.parametrize(
    "typed",
    [
        "nearly 70 percent",
        "in 2023,",
        "# Trade in 2023",
        "abstract: 67.74",
        "$y_1$",
        "x²",
        "٣",
        "½",
        "[see 5](https://example.org)",
        "`code` 5 `code`",
        "100. What a number",
    ],
)
def test_a_typed_number_stops_with_its_line(typed: str) -> None:
    with pytest.raises(ReportError, match=r"^appendix\.md:3: .*found a typed number in ") as caught:
        render_markdown(f"One.\n\n{typed}\n\nTwo.", findings(), name="appendix.md")
    assert typed in str(caught.value)


@pytest.mark.parametrize("opening", ["`", "[", "@", "](", "{", "<", "*"])
def test_what_is_left_open_hides_no_number_of_the_next_paragraph(opening: str) -> None:
    closing = {"[": "@a]", "](": ")", "{": "}", "<": ">"}.get(opening, opening)
    with pytest.raises(ReportError, match=r"^text:3: "):
        check_no_typed_numbers(f"Open {opening} here\n\nin 2016,\n\nclosed {closing} here.")


def test_all_typed_numbers_are_named_at_once() -> None:
    with pytest.raises(ReportError) as caught:
        check_no_typed_numbers("In 2016.\nNone.\nAnd 2020.", name="a.md")
    assert re.findall(r"^a\.md:(\d)", str(caught.value), re.MULTILINE) == ["1", "3"]


def test_print_lines() -> None:
    assert print_lines([14, 12, 13, 18]) == "12–14, 18"
