"""Findings: ids are unique within a study and across studies, in the order of the report."""

from typing import Any

import pytest
from small_findings import figure, number, table

from flows.errors import ReportError, UnknownNameError
from flows.findings import Findings, Number


def test_findings_are_empty_unless_something_was_found() -> None:
    nothing = Findings()
    assert (nothing.numbers, nothing.tables, nothing.figures, nothing.words) == ((), (), (), {})


@pytest.mark.parametrize(
    ("kind", "items"),
    [
        ("numbers", (number(id="b"), number(id="a")) * 2),
        ("tables", (table(id="b"), table(id="a")) * 2),
        ("figures", (figure("b"), figure("a")) * 2),
    ],
)
def test_an_id_that_stands_there_twice_is_named(kind: str, items: tuple[Number, ...]) -> None:
    with pytest.raises(ReportError, match=f"^{kind}: expected each id once, found twice: a, b$"):
        Findings(**{kind: items})


def test_a_number_a_table_and_a_figure_may_share_an_id() -> None:
    found = Findings(numbers=(number(id="a"),), tables=(table(id="a"),), figures=(figure("a"),))
    assert found.numbers[0].id == found.tables[0].id == found.figures[0].id


def test_union_keeps_everything_in_the_order_of_the_report() -> None:
    arms = Findings(
        (number(id="b"), number(id="a")), (table(id="t"),), (figure("f"),), {"arms.who": "Israel"}
    )
    trade = Findings((number(id="0"),), (), (figure("e"),), {"trade.who": "Iran"})
    both = Findings.union(one for one in (arms, Findings(), trade))
    assert [one.id for one in both.numbers] == ["b", "a", "0"]
    assert [one.id for one in both.tables] == ["t"]
    assert [one.id for one in both.figures] == ["f", "e"]
    assert both.words == {"arms.who": "Israel", "trade.who": "Iran"}
    assert Findings.union([]) == Findings()


@pytest.mark.parametrize(
    ("several", "message"),
    [
        ((Findings(numbers=(number(id="a"),)),) * 2, "numbers: .* found twice: a"),
        ((Findings(tables=(table(id="a"),)),) * 2, "tables: .* found twice: a"),
        ((Findings(figures=(figure("a"),)),) * 2, "figures: .* found twice: a"),
        ((Findings(words={"who": "Israel"}), Findings(words={"who": "Iran"})), "words: .* who"),
    ],
)
def test_union_names_what_stands_in_two_studies(
    several: tuple[Findings, ...], message: str
) -> None:
    with pytest.raises(ReportError, match=message):
        Findings.union(several)


@pytest.mark.parametrize(
    "changes",
    [
        {"low": 1.0},
        {"spread": "bounds"},
        {"low": 1.0, "spread": "interval"},
        {"low": 1.0, "spread": "bounds", "level": 0.95},
        {"level": 0.95},
    ],
)
def test_a_number_says_what_its_low_and_high_are(changes: dict[str, Any]) -> None:
    with pytest.raises(ReportError, match=r"number a\.b: expected low or high with a spread"):
        Number("a.b", 1.0, "%", "1", "A share.", (), {}, **changes)


def test_findings_hand_out_what_has_an_id() -> None:
    findings = Findings(numbers=(number(id="arms.share.main"),))
    assert findings.number("arms.share.main").id == "arms.share.main"
    with pytest.raises(UnknownNameError, match=r"no number 'arms.share.man'; the nearest: arms"):
        findings.number("arms.share.man")
    with pytest.raises(UnknownNameError, match="no figure 'arms-deals'; there are: none"):
        findings.figure("arms-deals")
