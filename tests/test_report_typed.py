"""Results typed by hand are refused in claims, plans and captions; years and quotes are not."""

import ast
import re
from pathlib import Path

import pytest
from test_report_claims import ENTRY, UNTESTABLE, written

import flows
from flows.errors import ReportError
from flows.findings import Number
from flows.pipeline.graph import read_plan
from flows.report.claims_file import read_claims
from flows.report.manuscripts.built import known_numbers
from flows.report.typed import find_known, typed_in_prose, typed_in_wording

ROOT = Path(__file__).resolve().parents[1]
PERIODS = [
    "in 2016-20 and 2019–2021",
    "its year 1402 (21 March 2023 to 19 March 2024)",
    "release 2025-03 of 2025-03-10",
    "in 2022, all months; post-2022",
    "“nearly 70 percent”, as the article says",
    "EU27 and the C-130; HS 2711 and chapter 93",
    "no digit at all",
]


@pytest.mark.parametrize("text", PERIODS)
def test_periods_quotations_and_names_are_no_results(text: str) -> None:
    assert typed_in_wording(text) == []
    assert typed_in_prose(text) == []


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("It was 67.74% in 2016-20.", "67.74%"),
        ("It was 67.7 percent.", "67.7 percent"),
        ("fell by −1.73 points", "−1.73 points"),
        ("2019 million dollars", "2019 million"),
        ("of 1,029.61 in all", "1,029.61"),
        ("USD 598 of it", "USD 598"),
        ("a sum of 412", "412"),
        ("about 12 % of it", "12 %"),
    ],
)
def test_results_are_found_in_every_text(text: str, typed: str) -> None:
    assert typed_in_prose(text) == [typed]
    assert typed_in_wording(text) != []


def test_small_counts_and_levels_may_explain_but_not_state() -> None:
    text = "of 27 members, significant at 5 %, nearer to 70 than to 65"
    assert typed_in_prose(text) == []
    assert typed_in_wording(text) == ["27", "5", "70", "65"]


def test_an_explanation_may_repeat_the_sentence_and_its_range() -> None:
    assert typed_in_prose("“Just” 412 is below 412.5 million.", ["just $412m", "412.5"]) == []
    assert typed_in_prose("412 is not 413.", ["just $412m"]) == ["413"]


@pytest.mark.parametrize(
    ("old", "new", "line", "fault"),
    [
        (
            "{arms.share}%",
            "{arms.share}%, before 67.7%",
            15,
            "found 67.7 typed by hand under wording",
        ),
        ("{arms.share}%", "one of 8 suppliers", 15, "expected {id of the number}, found 8"),
        ("Nearer to 70", "With 67.74% nearer to 70", 10, "found 67.74% typed by hand under tol"),
        ('"the arsenal"', '"an arsenal of 1,029.61"', 11, "expected no result, found 1,029.61"),
        ('"imports"', '"imports, USD 598"', 12, "found USD 598 typed by hand under counts"),
        ("That imports", "That 95.2 percent of imports", 14, "found 95.2 percent typed by hand"),
        ("No lengths.", "No lengths; 43.5 in all.", 21, "found 43.5 typed by hand under untest"),
    ],
)
def test_a_claim_with_a_typed_result_is_refused_where_it_stands(
    tmp_path: Path, old: str, new: str, line: int, fault: str
) -> None:
    text = (ENTRY + UNTESTABLE).replace(old, new)
    path, references = written(tmp_path, text)
    with pytest.raises(ReportError) as caught:
        read_claims(path, references)
    assert str(caught.value).startswith(f"{path}:{line}: claim ")
    assert fault in str(caught.value)


@pytest.mark.parametrize("folder", ["reports", "reports/through-armenia"])
def test_our_claims_and_plans_have_none(folder: str) -> None:
    assert read_claims(ROOT / folder / "claims.toml")
    assert read_plan(ROOT / folder / "appendix.toml")


def test_a_plan_with_a_typed_result_is_refused_where_it_stands(tmp_path: Path) -> None:
    plan = tmp_path / "appendix.toml"
    text = (
        '[[study]]\nid = "a"\nstudy = "toy"\n[study.history]\nodd = { 1398 = "“over 430”, %s" }\n'
    )
    plan.write_text(text % "in 2019-20 the 2nd of 12", encoding="utf-8")
    assert read_plan(plan)
    plan.write_text(text % "12.5% too high", encoding="utf-8")
    with pytest.raises(ReportError, match=r"appendix.toml:5: .* found 12.5% in '“over 430”, 12.5%"):
        read_plan(plan)


def literals(tree: ast.AST) -> list[ast.Constant]:
    """Return what stands in captions and the like as it is: not what is put in, nor its format."""
    said = [
        keyword.value
        for keyword in ast.walk(tree)
        if isinstance(keyword, ast.keyword) and keyword.arg in {"caption", "note", "about"}
    ]
    put_in = {
        id(inner)
        for text in said
        for value in ast.walk(text)
        if isinstance(value, ast.FormattedValue)
        for inner in ast.walk(value)
    }
    return [
        constant
        for text in said
        for constant in ast.walk(text)
        if isinstance(constant, ast.Constant)
        and isinstance(constant.value, str)
        and id(constant) not in put_in
    ]


def test_no_caption_of_the_package_holds_a_result() -> None:
    conventions = r"the 95% interval|its 95% interval|95% intervals"
    typed = [
        (path.name, constant.lineno, results)
        for path in Path(flows.__file__).parent.rglob("*.py")
        for constant in literals(ast.parse(path.read_text(encoding="utf-8")))
        if (results := typed_in_prose(re.sub(conventions, "", constant.value)))
    ]
    assert [place for place in typed if place[2] != ["100"]] == [], "100 is the base of an index"


def number(name: str, printed: str, **changes: object) -> Number:
    return Number(name, float(printed.replace(",", "")), "%", printed, "", (), {}, **changes)


def test_only_numbers_that_are_no_coincidence_are_known_again() -> None:
    numbers = {
        one.id: one
        for one in (
            number("share", "67.74", low=64.1, high=70.0, spread="bounds"),
            number("sum", "1,029.61"),
            number("count", "12"),
            number("round", "1200"),
            number("year", "2023"),
            number("small", "0.031"),
            number("same", "67.74"),
        )
    }
    known = known_numbers(numbers)
    assert known == {
        "67.74": ["same", "share"],
        "64.10": ["share"],
        "70.00": ["share"],
        "1029.61": ["sum"],
    }
    text = "67.74, 1029.61, 1\u00a0029.61, 12, 2023, 167.74, 67.741 and “67.74”."
    assert [written for _, written, _ in find_known(text, known)] == [
        "67.74",
        "1029.61",
        "1,029.61",
    ]
