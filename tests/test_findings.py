"""Findings: ids stay unique within a study and across studies, and the order of the report is kept."""

import pandas as pd
import pytest

from flows.errors import ReportError
from flows.findings import Figure, Findings, Number, Table

ROWS = {"sipri@2025-03": (12, 14)}


def number(name: str) -> Number:
    return Number(
        id=name,
        value=67.74,
        unit="%",
        printed="67.74",
        about="Israel's share.",
        function="flows.share",
        parameters={"supplier": "ISR"},
        rows=ROWS,
    )


def shown(name: str) -> Table:
    frame = pd.DataFrame({"share": [67.74]})
    return Table(name, frame, {"share": "Share"}, {"share": ".2f"}, "Shares.", "SIPRI.", ROWS)


def drawn(name: str) -> Figure:
    return Figure(name, "draw_shares", pd.DataFrame(), {}, "Shares.", "SIPRI.", ROWS)


def test_a_number_without_spread_has_none() -> None:
    one = number("arms.share")
    assert (one.low, one.high, one.spread, one.level) == (None, None, None, None)


def test_findings_are_empty_unless_something_was_found() -> None:
    nothing = Findings()
    assert (nothing.numbers, nothing.tables, nothing.figures, nothing.words) == ((), (), (), {})


@pytest.mark.parametrize(
    ("kind", "items"),
    [
        ("numbers", (number("b"), number("a"), number("b"), number("a"), number("c"))),
        ("tables", (shown("b"), shown("a"), shown("b"), shown("a"))),
        ("figures", (drawn("b"), drawn("a"), drawn("b"), drawn("a"))),
    ],
)
def test_an_id_that_stands_there_twice_is_named(kind: str, items: tuple[Number, ...]) -> None:
    with pytest.raises(ReportError, match=f"^{kind}: expected each id once, found twice: a, b$"):
        Findings(**{kind: items})


def test_a_number_a_table_and_a_figure_may_share_an_id() -> None:
    found = Findings(numbers=(number("a"),), tables=(shown("a"),), figures=(drawn("a"),))
    assert found.numbers[0].id == found.tables[0].id == found.figures[0].id


def test_union_keeps_everything_in_the_order_of_the_report() -> None:
    arms = Findings(
        (number("b"), number("a")), (shown("t"),), (drawn("f"),), {"arms.who": "Israel"}
    )
    trade = Findings((number("0"),), (), (drawn("e"),), {"trade.who": "Iran"})
    both = Findings.union(one for one in (arms, Findings(), trade))
    assert [one.id for one in both.numbers] == ["b", "a", "0"]
    assert [one.id for one in both.tables] == ["t"]
    assert [one.id for one in both.figures] == ["f", "e"]
    assert both.words == {"arms.who": "Israel", "trade.who": "Iran"}
    assert Findings.union([]) == Findings()


@pytest.mark.parametrize(
    ("several", "message"),
    [
        ((Findings(numbers=(number("a"),)),) * 2, "numbers: .* found twice: a"),
        ((Findings(tables=(shown("a"),)),) * 2, "tables: .* found twice: a"),
        ((Findings(figures=(drawn("a"),)),) * 2, "figures: .* found twice: a"),
        ((Findings(words={"who": "Israel"}), Findings(words={"who": "Iran"})), "words: .* who"),
    ],
)
def test_union_names_what_stands_in_two_studies(
    several: tuple[Findings, ...], message: str
) -> None:
    with pytest.raises(ReportError, match=message):
        Findings.union(several)
