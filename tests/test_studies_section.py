"""A study is a question and its sections: which are made, what they are given, what they say."""

from typing import Any

import pandas as pd
import pytest
from toy_sections import ask

from flows.errors import ReportError
from flows.findings import Findings
from flows.origin import given
from flows.report.text import render_markdown
from flows.studies.section import Study

TRADE = pd.DataFrame({"exporter": ["IRN", "IRN", "RUS"], "value": [1.5, 2.0, 7.0]})
TOY = Study("toy_sections", ask)


def found(**changes: Any) -> Findings:
    asked = {
        "data": {"trade": TRADE},
        "question": {"partner": "IRN"},
        "parameters": {"total": {"factor": 2}},
    }
    return TOY.find("toy", **{**asked, **changes})


def test_sections_are_the_modules_with_a_function_of_their_name() -> None:
    assert list(TOY.sections) == ["beside", "total"]


def test_what_the_sections_find_adds_up() -> None:
    assert found().numbers[0].value == 7.0
    assert found().words == {"toy.partner": "IRN", "toy.beside": "none"}
    assert list(found().texts) == ["toy.total"], "a section without a text says nothing"


def test_a_section_gets_the_tables_that_it_names() -> None:
    assert found(data={"trade": TRADE, "other": TRADE}).words["toy.beside"] == "3"


def test_only_the_sections_asked_for_are_made() -> None:
    assert found(only=["beside"], parameters={}).numbers == ()


def test_what_the_question_says_is_there_whatever_sections_are_made() -> None:
    assert found(only=["beside"], parameters={}).words["toy.partner"] == "IRN"


def test_a_question_is_answered_again_without_being_asked_again() -> None:
    asked = ask(given("trade", TRADE), partner="IRN", name="again")
    one = TOY.answer(asked, parameters={"total": {"factor": 2}}, only=["total"])
    other = TOY.answer(asked, parameters={"total": {"factor": 3}}, only=["total"])
    assert [found.numbers[0].value for found in (one, other)] == [7.0, 10.5]
    assert list(one.texts) == ["again.total"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"only": ["totl"]}, r"no section 'totl'; there are: total, beside"),
        ({"parameters": {"totals": {}}}, r"no section 'totals'"),
        ({"parameters": {}}, r"section total: expected a value for 'factor', found none"),
        (
            {"parameters": {"total": {"factor": 1, "rate": 2}}},
            r"section total: no parameter 'rate'; there are: factor",
        ),
        ({"question": {}}, r"question: expected a value for 'partner', found none"),
        ({"question": {"partner": "IRN", "name": "x", "to": 1}}, r"question: no parameter 'to'"),
        ({"data": {"trade": TRADE, "events": TRADE}}, r"data: expected tables .* found 'events'"),
        ({"data": {}}, r"question: expected a value for 'trade', found none"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_does(changes: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        found(**changes)


def test_the_text_of_a_section_names_what_its_study_found() -> None:
    markdown = render_markdown("First. {{ section('toy.total') }}", found())
    assert markdown.startswith('First. IRN sent [7.0]{.number data-id="toy.total"')


def test_another_study_is_named_in_full() -> None:
    texts = {"b.x": "{{ n('total', of='toy') }}"}
    both = Findings.union([found(), Findings(texts=texts)])
    assert '[7.0]{.number data-id="toy.total"' in render_markdown("{{ section('b.x') }}", both)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ n('totl') }}", r"toy\.total:1: expected the id of a number, found 'toy\.totl'"),
        ("One.\n{{ n( }}", r"toy\.total:2: expected Jinja2"),
        ("7 of them.", r"toy\.total:1: expected"),
    ],
)
def test_an_error_in_a_sections_text_names_the_section(text: str, message: str) -> None:
    findings = Findings.union(
        [Findings(numbers=found().numbers), Findings(texts={"toy.total": text})]
    )
    with pytest.raises(ReportError, match=message):
        render_markdown("{{ section('toy.total') }}", findings)


def test_an_unknown_section_is_named() -> None:
    with pytest.raises(ReportError, match=r"appendix\.md:1: expected the id of a section"):
        render_markdown("{{ section('toy.sum') }}", found(), name="appendix.md")


@pytest.mark.parametrize(
    "code", ["{{ n.__globals__ }}", "{{ ''.__class__.__mro__ }}", "{{ section.__code__ }}"]
)
def test_a_text_runs_no_code(code: str) -> None:
    with pytest.raises(ReportError):
        render_markdown(code, found())
