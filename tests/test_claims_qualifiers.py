"""A qualifier such as "just" rests on second numbers: what it fits is computed and said."""

from pathlib import Path
from typing import Any

import pytest

from flows.compare.claims import Claim, Verdict, Yardstick, check_claims
from flows.errors import ReportError, UnitError
from flows.findings import Number
from flows.origin import given
from flows.report.claims_file import read_claims
from flows.studies.claims_table import claims_findings

LARGE = Yardstick("what others sell ({others} times)", "others", high=1.0, unit="ratio")
SMALL = Yardstick("the year before", "before", high=1.0, unit="ratio")
OPEN = Yardstick("the year after", "after", high=1.0, unit="ratio")
SILENT = Yardstick("other markets", missing="they are not among the data")

NUMBERS = {
    number.id: number
    for number in (
        Number("sold", 412.0, "USD million", "412", "", (), {"a@1": (2,)}),
        Number("others", 2.5, "ratio", "2.50", "", (), {"a@1": (3,)}),
        Number("before", 0.8, "ratio", "0.80", "", (), {"a@1": (4,)}),
        Number("after", 0.9, "ratio", "0.90", "", (), {"a@1": (5,)}, 0.9, None, "bounds"),
    )
}


def claim(*yardsticks: Yardstick, **changes: Any) -> Claim:
    fields: dict[str, Any] = {
        "id": "sold",
        "quote": "It sold just $412m and bought more.",
        "part": "sold just $412m",
        "citation": "article",
        "assumes": "",
        "place": "claims.toml:3",
        "number": "sold",
        "low": 411.5,
        "high": 412.5,
        "unit": "USD million",
        "wording": "It sold {sold}.",
        "qualifier": "just",
        "yardsticks": yardsticks,
    }
    return Claim(**(fields | changes))


def judge(*yardsticks: Yardstick, **changes: Any) -> Verdict:
    (verdict,) = check_claims([claim(*yardsticks, **changes)], NUMBERS)
    return verdict


def test_a_qualifier_that_fits_all_leaves_the_claim_supported() -> None:
    verdict = judge(SMALL)
    assert (verdict.ruling, verdict.reasons) == ("supported", ())
    assert verdict.wording == "It sold 412. Compared with the year before, “just” is fair."


@pytest.mark.parametrize(
    ("yardstick", "compared"),
    [
        (LARGE, "what others sell (2.50 times), “just” is not fair"),
        (OPEN, "the year after, the data leave “just” open"),
        (SILENT, "other markets, “just” cannot be tested: they are not among the data"),
    ],
)
def test_a_qualifier_that_does_not_fit_or_is_not_tested_qualifies(
    yardstick: Yardstick, compared: str
) -> None:
    verdict, sentence = judge(SMALL, yardstick), f"Compared with {compared}"
    assert (verdict.ruling, verdict.reasons) == ("supported with qualification", (sentence,))
    assert verdict.wording.endswith(f"{sentence}.")


def test_a_qualifier_never_contradicts_and_never_saves() -> None:
    assert judge(LARGE).ruling == "supported with qualification"
    contradicted = judge(SMALL, low=1.0, high=2.0)
    assert (contradicted.ruling, len(contradicted.reasons)) == ("contradicted", 1)


def test_what_fits_alike_is_one_sentence_and_each_number_is_evidence_once() -> None:
    more = Yardstick("what it bought", "others", high=1.0, unit="ratio")
    verdict = judge(LARGE, more, beside=("others",))
    assert "with what others sell (2.50 times) and what it bought, “just” is not fair." in (
        verdict.wording
    )
    assert [(evidence.id, evidence.place) for evidence in verdict.evidence] == [
        ("sold", "inside"),
        ("others", "beside"),
    ]


def test_numbers_of_yardsticks_are_checked_like_others() -> None:
    with pytest.raises(ReportError, match=r"claims.toml:3: claim sold: .* found 'otters'"):
        judge(Yardstick("x", "otters", high=1.0, unit="ratio"))
    with pytest.raises(UnitError, match=r"expected others in '%', found it in 'ratio'"):
        judge(Yardstick("x", "others", high=1.0, unit="%"))


def test_the_table_prints_the_whole_quote_and_the_part_tested() -> None:
    verdicts = check_claims([claim(SMALL)], NUMBERS)
    (table,) = claims_findings(given("verdicts", verdicts), NUMBERS).tables
    assert table.frame["quote"].tolist() == [
        "“It sold just $412m and bought more.” Tested: “sold just $412m”."
    ]
    assert verdicts.tidy()["part"].tolist() == ["sold just $412m"]


ENTRY = """[[claim]]
id = "sold"
quote = "It sold just $412m and bought more."
part = "sold just $412m"
citation = "https://example.org/article"
number = "sold"
compare = "between"
low = 411.5
high = 412.5
unit = "USD million"
tolerance = "Rounded."
says = "goods"
counts = "goods"
assumes = ""
wording = ""
qualifier = "just"
yardsticks = [
  { against = "before", number = "before", unit = "ratio", high = 1 },
  { against = "other markets", missing = "not at hand" },
]
"""


def read(folder: Path, text: str) -> Claim:
    (folder / "references.bib").write_text("", encoding="utf-8")
    path = folder / "claims.toml"
    path.write_text(text, encoding="utf-8")
    return read_claims(path)[0]


def test_qualifiers_are_read_from_the_file(tmp_path: Path) -> None:
    entry = read(tmp_path, ENTRY)
    assert (entry.part, entry.qualifier) == ("sold just $412m", "just")
    assert entry.yardsticks == (
        Yardstick("before", "before", high=1, unit="ratio"),
        Yardstick("other markets", missing="not at hand"),
    )


@pytest.mark.parametrize(("number", "told"), [("others", "is not fair"), ("none", "not yet")])
def test_a_reason_holds_until_the_report_has_the_number(number: str, told: str) -> None:
    later = Yardstick("what may come", number, high=1.0, unit="ratio", missing="not yet")
    verdict = judge(SMALL, later)
    assert verdict.ruling == "supported with qualification"
    assert verdict.wording.endswith(f"{told}.")
    shown = [evidence.id for evidence in verdict.evidence if evidence.place == "beside"]
    assert shown == [name for name in ("before", number) if name in NUMBERS]


def test_a_number_and_the_reason_why_it_may_be_missing_are_read(tmp_path: Path) -> None:
    before, after = 'number = "before", unit', 'missing = "not yet", number = "before", unit'
    (later, _) = read(tmp_path, ENTRY.replace(before, after)).yardsticks
    assert later == Yardstick("before", "before", high=1, unit="ratio", missing="not yet")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('part = "sold just', 'part = "sold only', r":4: .* words of 'It sold just .* 'sold only"),
        ('qualifier = "just"', 'qualifier = "bought"', r":16: .* words of 'sold just \$412m'"),
        ('qualifier = "just"\n', "", r"a qualifier with its yardsticks"),
        (", high = 1 }", " }", r":17: .* expected low, high or both, found neither"),
        ("high = 1 }", "low = 2, high = 1 }", r"expected low up to high, found 2 and 1"),
        ("high = 1 }", 'high = "1" }', r"expected a number under high, found '1'"),
        ('number = "before", ', "", r"expected the key number, found none"),
        ('against = "before"', 'beside = "before"', r"expected no key beside, found it"),
        (
            'against = "before"',
            'against = "2.3 times"',
            r":17: .* of the number}, found 2\.3 typed",
        ),
        ('missing = "not', 'missing = "of 598 USD, not', r":17: .* no result, found 598 USD typed"),
        ('missing = "not', 'unit = "%", missing = "not', r"no key unit without a number"),
        (
            'against = "before", ',
            'against = "before, {before}", missing = "not yet", ',
            r":17: .* expected no {before} under against, found it beside missing",
        ),
        ('{ against = "other markets", missing = "not at hand" }', '"x"', r"a list of tables"),
    ],
)
def test_a_fault_of_a_qualifier_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in ENTRY
    with pytest.raises(ReportError, match=message):
        read(tmp_path, ENTRY.replace(old, new))
