"""Levels, members and losses of a transit study, on tables small enough to work out by hand."""

import pandas as pd
import pytest
from number_code import check_code
from statements import flow_table, months
from transit_years import EXPORTS, YEARS, answer, exports_of, has, hub_of, text_of, yearly

import flows as fl
from flows.errors import PeriodError
from flows.figures.save import draw_figure
from flows.findings import Findings

GULF = {
    "ARE": (10.0, 10.0, 30.0, 50.0),
    "BHR": (0.2, 0.2, 0.2, 0.2),
    "KWT": (5.0, 5.0, 10.0, 10.0),
    "OMN": (4.0, 4.0, 4.0, 4.0),
    "QAT": (6.0, 6.0, 1.0, 1.0),
    "SAU": (20.0, 20.0, 45.0, 35.0),
}
"""Millions to Jordan by year, before and after; the means change by 30, 0, 5, 0, -5 and 20."""

LOST = {
    "IRQ": (1000.0, 1000.0, 800.0, 600.0),
    "SYR": (40.0, 60.0, 80.0, 100.0),
    "LBN": (70.0, 50.0, 60.0, 40.0),
}


def prices(level_after: float) -> pd.DataFrame:
    """Return an index of dollars that is 100 in the years before."""
    starts = pd.date_range("2019-01-01", "2022-12-01", freq="MS")
    return pd.DataFrame(
        {
            "index": "made up",
            "currency": "USD",
            "start": starts,
            "end": starts + pd.offsets.MonthEnd(0),
            "level": [level_after if start.year > 2020 else 100.0 for start in starts],
            "dataset": "prices@2025-01",
            "line": range(2, 2 + len(starts)),
        }
    )


@pytest.fixture(scope="module")
def levels() -> Findings:
    return answer("levels", exports=exports_of(), hub=hub_of(), prices=prices(200.0))


@pytest.fixture(scope="module")
def members() -> Findings:
    sent = exports_of(*(yearly(code, "JOR", values) for code, values in GULF.items()))
    return answer("members", exports=sent, origin="GCC")


@pytest.fixture(scope="module")
def lost() -> Findings:
    sent = exports_of(
        yearly("DEU", "JOR", EXPORTS),
        *(yearly("DEU", code, values) for code, values in LOST.items()),
    )
    return answer("lost", exports=sent, others=("SYR", "LBN", "TKM"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("exports.2021", 200),
        ("exports.before", 100),
        ("exports.after", 250),
        ("exports.ratio", 2.5),
        ("exports.ratio-real", 1.25),
        ("arrivals-consignment.ratio", 215 / 110),
        ("onward.ratio", 2),
        ("onward.ratio-real", 1),
    ],
)
def test_a_level_is_what_was_worked_out_by_hand(levels: Findings, name: str, value: float) -> None:
    assert levels.number(f"t.levels.{name}").value == pytest.approx(value, rel=1e-7)


def test_the_table_has_a_row_a_flow_and_kind_of_money(levels: Findings) -> None:
    frame = levels.table("t-levels").frame
    assert frame["money"].tolist() == ["USD, current", "USD, prices of 2020"] * 3
    assert frame["2022"].tolist() == [300, 150, 240, 120, 120, 60]


def test_years_have_no_figure_by_month(levels: Findings) -> None:
    assert not levels.figures
    assert "At constant prices, those of" in text_of(levels, "levels")


def test_months_are_drawn_beside_their_means() -> None:
    trade = {"exporter": "DEU", "importer": "JOR", "reporter": "DEU", "valuation": "FOB"}
    sent = flow_table(*months("2019-01", [1e6] * 24 + [3e6] * 30, **trade))
    found = answer("levels", exports=sent)
    data = found.figure("t-months").data
    assert data["fitted"].tolist() == [1.0] * 24 + [3.0] * 24, "the years that are compared"
    assert data["regime"].tolist() == [0] * 24 + [1] * 24
    assert draw_figure(found.figure("t-months")).axes


def test_without_an_index_of_the_currency_there_are_no_constant_prices() -> None:
    bare = answer("levels", exports=exports_of())
    assert "a price index of USD would be needed" in text_of(bare, "levels")
    assert "What Jordan itself states is not among the data" in text_of(bare, "levels")
    other = answer("levels", exports=exports_of(), prices=prices(1.0).assign(currency="EUR"))
    assert "the price index among the data is one of EUR" in text_of(other, "levels")
    short = answer("levels", exports=exports_of(), prices=prices(200.0).head(40))
    assert not has(short, "levels.exports.ratio-real")
    assert "2022" in short.words["t.levels.real.refused"]


def test_a_hub_in_another_currency_is_converted() -> None:
    starts = pd.date_range("2019-01-01", "2022-12-01", freq="MS")
    rates = pd.DataFrame(
        {
            "currency": "JOD",
            "base": "USD",
            "start": starts,
            "end": starts + pd.offsets.MonthEnd(0),
            "level": 0.5,
            "dataset": "rates@2025-01",
            "line": range(2, 2 + len(starts)),
        }
    )
    found = answer("levels", exports=exports_of(), hub=hub_of().assign(unit="JOD"), rates=rates)
    assert found.number("t.levels.onward.before").value == pytest.approx(100)
    assert not has(found, "levels.exports.own.ratio")


@pytest.mark.parametrize(
    ("name", "value"),
    [("count", 6), ("fell", 1), ("first", 60), ("first-three", 110), ("rule", 2)],
)
def test_a_part_is_what_was_worked_out_by_hand(members: Findings, name: str, value: float) -> None:
    assert members.number(f"t.members.{name}").value == pytest.approx(value, rel=1e-7)


def test_members_stand_in_the_order_of_their_parts(members: Findings) -> None:
    frame = members.table("t-members").frame
    assert frame["part"].tolist() == pytest.approx([60, 40, 10, 0, 0, -10], abs=1e-6)
    assert frame["cumulative"].iloc[-1] == pytest.approx(100)
    assert frame.loc[frame["rule"] == "yes", "times"].tolist() == pytest.approx([5, 2])
    assert frame["member"].tolist()[3:5] == ["Bahrain", "Oman"], "alike parts by name"


def test_the_figure_of_members_leads_from_one_mean_to_the_other(members: Findings) -> None:
    figure = members.figure("t-members")
    assert figure.data["cumulative_to"].iloc[-2] == pytest.approx(figure.data["value"].iloc[-1])
    assert draw_figure(figure).axes


def test_the_rule_has_a_size_and_a_number_of_times() -> None:
    sent = exports_of(*(yearly(code, "JOR", values) for code, values in GULF.items()))
    asked = {"members": {"least": 0.1, "times": 1.0}}
    found = answer("members", exports=sent, origin="GCC", parameters=asked)
    assert found.number("t.members.rule").value == 5, "all but the one that fell"


def test_the_rule_is_of_the_year_that_is_asked_for() -> None:
    sent = exports_of(*(yearly(code, "JOR", values) for code, values in GULF.items()))
    asked = {"members": {"rule_year": 2021}}
    found = answer("members", exports=sent, origin="GCC", parameters=asked)
    doubled = [code for code, by in GULF.items() if by[2] > 1 and by[2] >= 2 * (by[0] + by[1]) / 2]
    assert found.number("t.members.rule").value == len(doubled)
    assert "2021, USD" in found.table("t-members").labels.values()
    with pytest.raises(PeriodError, match="rule_year: expected a year that is compared"):
        answer("members", exports=sent, origin="GCC", parameters={"members": {"rule_year": 2031}})


def test_a_fall_is_divided_among_members_too() -> None:
    falling = {code: tuple(reversed(values)) for code, values in GULF.items()}
    sent = exports_of(*(yearly(code, "JOR", values) for code, values in falling.items()))
    found = answer("members", exports=sent, origin="GCC")
    assert found.number("t.members.first").value == pytest.approx(60)
    assert "of the fall" in text_of(found, "members")


def test_a_single_exporter_has_nothing_to_rank() -> None:
    found = answer("members", exports=exports_of())
    assert (found.numbers, found.tables, found.figures) == ((), (), ())
    assert text_of(found, "members").endswith("Germany is a single exporter.")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("before", 1000),
        ("after", 700),
        ("last-before", 1000),
        ("last-after", 600),
        ("fall", 600),
        ("offset.via", 50),
        ("offset.SYR", 100 * 80 / 600),
        ("offset.all", 100 * (300 + 80 - 20) / 600),
    ],
)
def test_a_loss_is_what_was_worked_out_by_hand(lost: Findings, name: str, value: float) -> None:
    assert lost.number(f"t.lost.{name}").value == pytest.approx(value, rel=1e-7)


def test_no_share_is_made_of_what_fell_too(lost: Findings) -> None:
    assert not has(lost, "lost.offset.LBN")
    frame = lost.table("t-lost").frame.set_index("to")
    assert frame.loc["Lebanon", "more"] == -20
    assert pd.isna(frame.loc["Lebanon", "offset"])
    assert frame.loc["all three", "offset"] == pytest.approx(60)


def test_a_country_without_data_is_named(lost: Findings) -> None:
    assert "Nothing can be said of Turkmenistan" in text_of(lost, "lost")


def test_where_nothing_was_lost_nothing_is_held_against_it() -> None:
    sent = exports_of(yearly("DEU", "JOR", EXPORTS), yearly("DEU", "IRQ", EXPORTS))
    found = answer("lost", exports=sent)
    assert not has(found, "lost.offset.via")
    assert "there is no loss" in text_of(found, "lost")


def test_without_statements_of_the_destination_it_says_so() -> None:
    found = answer("lost", exports=exports_of())
    assert not found.numbers
    assert "expected rows with importer 'IRQ', found none" in text_of(found, "lost")


def test_every_number_is_given_by_its_code(levels: Findings) -> None:
    tables = {"exports": exports_of(), "hub": hub_of(), "prices": prices(200.0)}
    for number in levels.numbers:
        check_code(number, **tables)
        assert number.rows


def test_every_number_of_members_and_losses_is_given_by_its_code(
    members: Findings, lost: Findings
) -> None:
    gulf = exports_of(*(yearly(code, "JOR", values) for code, values in GULF.items()))
    germany = exports_of(
        yearly("DEU", "JOR", EXPORTS),
        *(yearly("DEU", code, values) for code, values in LOST.items()),
    )
    for findings, sent in ((members, gulf), (lost, germany)):
        for number in findings.numbers:
            check_code(number, exports=sent)
            assert number.rows


@pytest.fixture(scope="module")
def case() -> Findings:
    return answer(
        "levels",
        "members",
        "lost",
        exports=fl.load("eurostat-exports@2024-11"),
        hub=fl.load("armstat-partners@2025-02"),
        rates=fl.load("ecb-rates@2026-10"),
        origin="EU27_2020",
        via="ARM",
        destination="RUS",
        before=(2019, 2021),
        after=(2022, 2023),
    )


@pytest.mark.parametrize(
    ("flow", "millions"),
    [
        ("exports", (877.9, 817.5, 894.1, 1951.4, 2337.7)),
        ("arrivals-consignment", (1117.3, 935.5, 1029.6, 1769.0, 2249.0)),
        ("arrivals-origin", (1077.7, 856.8, 931.5, 1509.9, 1936.0)),
        ("onward", (741.4, 680.3, 840.7, 2462.8, 3540.2)),
    ],
)
def test_the_case_has_the_levels_of_a_first_calculation(
    case: Findings, flow: str, millions: tuple[float, ...]
) -> None:
    for year, million in zip(range(2019, 2024), millions, strict=True):
        assert case.number(f"t.levels.{flow}.{year}").value == pytest.approx(million, abs=0.05)


def test_the_case_has_what_was_lost(case: Findings) -> None:
    for name, billion in (("last-before", 89.2), ("last-after", 38.2)):
        number = case.number(f"t.lost.{name}")
        assert number.unit == "EUR million"
        assert number.value / 1000 == pytest.approx(billion, abs=0.05)


def test_the_members_of_the_case_are_the_whole_of_it(case: Findings) -> None:
    frame = case.table("t-members").frame
    assert len(frame) == 27
    assert frame["after"].sum() == pytest.approx((1951.4 + 2337.7) / 2, abs=0.05)


def test_a_level_names_the_lines_of_its_own_years() -> None:
    found = answer("levels", exports=exports_of(), prices=prices(1.0))
    assert found.number("t.levels.exports.2021").rows == {"exporters@2025-01": (2021,)}
    assert found.number("t.levels.exports.before").rows == {"exporters@2025-01": (2019, 2020)}
    real = found.number("t.levels.exports.ratio-real").rows
    assert real["exporters@2025-01"] == YEARS
    assert len(real) == 2, "and those of the index"
