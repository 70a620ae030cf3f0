"""The sections `choices`: each combination is what a measure of the package gives by itself."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from bridges import armenia, iran
from deals import deal, deals
from number_code import check_code

import flows as fl
from flows.canonical import canonical
from flows.findings import Figure, Findings
from flows.measure.counting import Counting
from flows.origin import call, given, runnable
from flows.report.text import render_markdown
from flows.studies.mirror import MIRROR
from flows.studies.supplier import SUPPLIER

PRINTED = 0.005
"""Half a unit of the second decimal, to which the expected values are known."""

CANONICAL = 1e-7
"""Eight significant digits are kept."""

MAIN = "sipri-deal-years@2025-03"
RELEASES = {"2022-03": "sipri-deal-years@2022-03", "2025-03": MAIN}
LARGEST = "56470"
"""SIPRI's number of the deal of six OPV-62 boats, in both releases."""

DRAWN = 10
YEARS = {
    "1402": fl.Period.year(1402, calendar="solar-hijri"),
    "2023": fl.Period.year(2023),
}
TRADE = ("armstat-by-country@2025-02", "irica-press@2024-09", "comtrade-fuels@2025-06")


def joined(*ids: str) -> Any:
    return call(fl.join_flows, [call(fl.load, one).arg for one in ids])


def of_supplier(arms: Any, *names: str, **changes: Any) -> Findings:
    question = {"importer": "AZE", "supplier": "ISR", "window": (2016, 2020)} | changes
    own = [name for name in ("shift", "within") if name in question]
    return SUPPLIER.find(
        "arms",
        data={"arms": arms},
        question={name: value for name, value in question.items() if name not in own},
        parameters={"choices": {name: question[name] for name in own}},
        only=names or ["choices"],
    )


@pytest.fixture(scope="module")
def arms() -> Findings:
    made = joined(*RELEASES.values(), "sipri-tiv-table@2026-03")
    return of_supplier(made, "share", "choices", main=MAIN)


@pytest.fixture(scope="module")
def mirror() -> Findings:
    return MIRROR.find(
        "trade",
        data={"trade": joined(*TRADE)},
        question={
            "exporter": "IRN",
            "importer": "ARM",
            "period": YEARS["1402"],
            "cif_fob_ratio": (1.06, 1.10),
            "leaves_out": {"271121": "pipeline gas"},
        },
        parameters={},
        only=["bridge", "choices"],
    )


def drawn(figure: Figure, *, seed: int) -> list[dict[str, Any]]:
    """Ten combinations that have a value, at random."""
    known = figure.data[figure.data["reason"] == ""]
    chosen = np.random.default_rng(seed).choice(len(known), size=DRAWN, replace=False)
    records: list[dict[str, Any]] = known.iloc[chosen].to_dict("records")
    return records


def run(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec("\n".join(runnable((code,))), names)  # noqa: S102 - the code of the figure
    return names


def own_row(figure: Figure) -> pd.Series:
    (row,) = (row for _, row in figure.data[figure.data["own"]].iterrows())
    return row


def test_the_marked_share_is_that_of_the_report_to_the_last_digit(arms: Findings) -> None:
    figure = arms.figure("arms-choices")
    assert figure.options["number"] == "arms.share.main"
    assert own_row(figure)["value"] == arms.number("arms.share.main").value


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, 67.74),
        ({"Release": "2022-03"}, 69.47),
        ({"Release": "2026-03"}, 66.62),
        ({"Largest deal": "left out"}, 55.24),
        ({"Year that counts": "of order", "Uncertain years": "does not apply"}, 45.59),
        ({"Uncertain years": "left out"}, 60.45),
    ],
)
def test_shares_that_are_known_from_elsewhere(
    arms: Findings, chosen: dict[str, str], expected: float
) -> None:
    figure = arms.figure("arms-choices")
    own = own_row(figure)[figure.options["choices"]].to_dict() | chosen
    same = (figure.data[list(own)] == pd.Series(own)).all(axis="columns")
    assert figure.data.loc[same, "value"].tolist() == [pytest.approx(expected, abs=PRINTED)]


def test_bounds_of_the_share_are_those_of_its_uncertain_years(arms: Findings) -> None:
    own = own_row(arms.figure("arms-choices"))
    assert (own["low"], own["high"]) == pytest.approx((64.16, 68.26), abs=PRINTED)


def test_there_is_a_row_for_each_combination_that_means_something(arms: Findings) -> None:
    data = arms.figure("arms-choices").data
    releases, windows = 3, 3
    years = 4 + 1  # what is uncertain is the year of delivery, not of order
    deals_and_licences = 2 + 1  # the largest deal was built under licence
    assert len(data) == releases * windows * years * deals_and_licences
    table = data[data["Release"] == "2026-03"]
    assert (table["reason"] != "").sum() == len(table) - windows
    assert arms.words["arms.choices.without-value"] == str(len(table) - windows)
    reasons = table.loc[table["Largest deal"] == "left out", "reason"]
    assert reasons.str.startswith("the release does not tell the deals").all()


def test_ten_shares_are_what_the_measure_gives(arms: Findings) -> None:
    tables = {label: fl.load(dataset) for label, dataset in RELEASES.items()}
    tables["2026-03"] = fl.load("sipri-tiv-table@2026-03")
    for row in drawn(arms.figure("arms-choices"), seed=1):
        table, first = tables[row["Release"]], int(row["Window"][:4])
        if row["Uncertain years"].startswith("moved"):
            expected = share_moved(table, first, row)
        else:
            expected = fl.share(
                table,
                supplier="ISR",
                importer="AZE",
                start=first,
                end=first + 4,
                counting=Counting(
                    by="order" if row["Year that counts"] == "of order" else "delivery",
                    year_estimated=False if row["Uncertain years"] == "left out" else None,
                    local_production=False if row["Built under licence"] == "left out" else None,
                    without_deals=(LARGEST,) if row["Largest deal"] == "left out" else (),
                ),
            ).value
        assert 100 * expected == pytest.approx(row["value"], rel=CANONICAL)


def share_moved(table: pd.DataFrame, first: int, row: Mapping[str, Any]) -> float:
    """Return a share by plain sums, uncertain deliveries near an edge of the window moved."""
    if row["Largest deal"] == "left out":
        table = table[table["deal"] != LARGEST]
    if row["Built under licence"] == "left out":
        table = table[~table["local_production"].astype("bool")]
    years, last = table["start"].dt.year, first + 4
    marked = table["delivery_year_estimated"].fillna(value=False).astype("bool")
    if row["Uncertain years"] == "moved into the window":
        inside = years.between(first, last) | marked & years.between(first - 1, last + 1)
    else:
        inside = years.between(first, last) & ~(marked & years.isin([first, last]))
    return table.loc[inside & (table["exporter"] == "ISR"), "value"].sum() / (
        table.loc[inside, "value"].sum()
    )


def test_code_of_the_figure_gives_its_values(arms: Findings, mirror: Findings) -> None:
    for figure in (arms.figure("arms-choices"), mirror.figure("trade-choices")):
        rows = [*drawn(figure, seed=2)[:4], own_row(figure).to_dict()]
        for row in rows:
            names = run(row["code"])
            ends = [names.get(end, np.nan) for end in ("low", "high")]
            assert canonical(names["value"]) == row["value"]
            known = [np.nan if end is None else canonical(end) for end in ends]
            assert known == pytest.approx([row["low"], row["high"]], nan_ok=True)


def test_numbers_are_the_ends_and_the_middle_of_the_figure(
    arms: Findings, mirror: Findings
) -> None:
    for findings, name, figure in (
        (arms, "arms.choices", "arms-choices"),
        (mirror, "trade.choices.flow", "trade-choices"),
        (mirror, "trade.choices.reverse", "trade-choices-reverse"),
    ):
        values = findings.figure(figure).data["value"].dropna()
        expected = {"lowest": values.min(), "median": values.median(), "highest": values.max()}
        for word, value in expected.items():
            number = findings.number(f"{name}.{word}")
            assert number.value == pytest.approx(value, rel=CANONICAL)
            check_code(number)


def test_of_many_releases_the_main_one_and_the_latest_are_compared() -> None:
    rows = [deal("ISR", year, 10.0) for year in range(2010, 2020)]
    rows += [deal("RUS", year, 5.0 + year % 3) for year in range(2010, 2020)]
    releases = [
        deals(*rows).assign(dataset=f"sipri-deal-years@{year}-03") for year in range(2016, 2026)
    ]
    main = "sipri-deal-years@2017-03"
    found = of_supplier(
        given("arms", fl.join_flows(releases)), window=(2013, 2017), main=main, shift=1
    )
    data = found.figure("arms-choices").data
    shown = ["2017-03", *(f"{year}-03" for year in range(2022, 2026))]
    assert sorted(data["Release"].unique()) == shown
    assert len(data) <= 300


def test_the_marked_trade_is_the_report_of_the_side_with_months(mirror: Findings) -> None:
    for name, number in (
        ("trade-choices", "trade.flow.importer-report"),
        ("trade-choices-reverse", "trade.reverse.exporter-report"),
    ):
        figure = mirror.figure(name)
        assert figure.options["number"] == number
        assert own_row(figure)["value"] == mirror.number(number).value


def test_combinations_of_trade_that_mean_nothing_are_one(mirror: Findings) -> None:
    flow = mirror.figure("trade-choices").data
    bases, goods, ratios, years, months = 2, 2, 3, 2, 3
    exporter = years
    importer = bases * goods * ratios * (months + 1)
    assert len(flow) == exporter + importer
    assert mirror.words["trade.choices.flow.without-value"] == "1"
    (reason,) = flow.loc[flow["reason"] != "", "reason"]
    assert reason == "Iran publishes no months, and no figure for 2023, from 1 January 2023"
    assert flow.loc[flow["Whose report"] == "Iran", "value"].dropna().tolist() == [412.0]


def test_ten_values_of_trade_are_those_of_bridges(mirror: Findings) -> None:
    table = fl.join_flows([fl.load(one) for one in TRADE])
    flow = fl.select_flows(table, exporter="IRN", importer="ARM")
    iran = fl.select_flows(flow, reporter="IRN", product="TOTAL")
    gas = fl.select_flows(flow, reporter="ARM", product="271121")
    data = mirror.figure("trade-choices").data
    bridged = data[(data["Year"].str[:4] == "1402") & (data["Cut months"] == "by days")]
    assert len(bridged) == 2 * 2 * 3
    for row in bridged.to_dict("records"):
        ratio = (
            1.0
            if row["Freight and insurance"] == "as stated"
            else float(row["Freight and insurance"][-4:])
        )
        bridge = fl.bridge(
            exporter_report=iran,
            importer_report=fl.select_flows(
                flow, reporter="ARM", product="TOTAL", partner_basis=row["Partner basis"]
            ),
            period=YEARS["1402"],
            headline=YEARS["2023"],
            exporter_leaves_out=(
                {"gas": gas} if row["Goods the exporter omits"].endswith("left out") else None
            ),
            cif_fob_ratio=(ratio, ratio),
        )
        on_common_terms = bridge.step("residual").value + bridge.exporter.value
        assert on_common_terms / 1e6 == pytest.approx(row["value"], rel=CANONICAL)


def test_months_that_the_year_cuts_are_added_up_whole(mirror: Findings) -> None:
    table = fl.join_flows([fl.load(one) for one in TRADE])
    months = (
        fl.select_flows(
            table,
            exporter="IRN",
            importer="ARM",
            reporter="ARM",
            product="TOTAL",
            partner_basis="origin",
        )
        .set_index("start")["value"]
        .sort_index()
    )
    data = mirror.figure("trade-choices").data
    whole = data[
        (data["Freight and insurance"] == "as stated")
        & (data["Partner basis"] == "origin")
        & data["Goods the exporter omits"].str.endswith("counted")
    ].set_index("Cut months")["value"]
    for first, last in (("2023-03", "2024-02"), ("2023-04", "2024-03")):
        label = f"whole, from {pd.Timestamp(first):%B %Y}"
        assert whole[label] == pytest.approx(months[first:last].sum() / 1e6, rel=CANONICAL)
    calendar = whole["does not apply"]
    assert calendar == pytest.approx(597.947, abs=PRINTED)


def test_one_release_without_marks_leaves_the_window_to_choose() -> None:
    plain = deals(*(deal("ISR", year, 10.0) for year in range(2013, 2020)), deal("RUS", 2016, 30.0))
    columns = ["deal", "local_production", "order_year", "delivery_year_estimated"]
    found = of_supplier(
        given_table(plain.drop(columns=[*columns, "order_year_estimated"])), window=(2014, 2016)
    )
    figure = found.figure("arms-choices")
    assert figure.options["choices"] == ["Window"]
    assert figure.data["Window"].tolist() == ["2014–2016", "2015–2017", "2013–2015"]
    assert figure.data["value"].tolist() == [50.0, 50.0, 100.0]


def test_deliveries_near_an_edge_are_moved_by_hand() -> None:
    sure = [deal("ISR", 2015, 40.0), deal("RUS", 2015, 60.0), deal("RUS", 2010, 1.0)]
    late = deal("ISR", 2017, 100.0, delivery_year_estimated=True)
    early = deal("RUS", 2014, 30.0, delivery_year_estimated=True)
    far = deal("ISR", 2019, 500.0, delivery_year_estimated=True)
    found = of_supplier(given_table(deals(*sure, late, early, far)), window=(2014, 2016), shift=3)
    data = found.figure("arms-choices").data
    chosen = data[
        (data["Window"] == "2014–2016")
        & (data["Year that counts"] == "of delivery")
        & (data["Largest deal"] == "counted")
    ]
    assert chosen.set_index("Uncertain years")["value"].to_dict() == {
        "as printed": canonical(100 * 40 / 130),
        "left out": 40.0,
        "moved into the window": canonical(100 * 140 / 230),
        "moved out of it": 40.0,
    }


def given_table(table: pd.DataFrame) -> Any:
    return given("arms", table)


def test_the_text_says_what_moves_the_share_and_what_it_does_not_mean(arms: Findings) -> None:
    text = render_markdown("{{ section('arms.choices') }}", arms)
    assert "“uncertain years”" in text
    assert "not a sample" in text
    counts = [int(arms.words[f"arms.choices.{name}"]) for name in ("below", "above", "computed")]
    assert sum(counts[:2]) == counts[2] - 1


def test_the_text_of_trade_tells_both_directions(mirror: Findings) -> None:
    text = render_markdown("{{ section('trade.choices') }}", mirror)
    assert "In the other direction" in text
    assert "“whose report”" in text


def of_mirror(trade: pd.DataFrame, **changes: Any) -> Findings:
    question = {"exporter": "IRN", "importer": "ARM", "period": YEARS["2023"]} | changes
    return MIRROR.find(
        "t", data={"trade": trade}, question=question, parameters={}, only=["choices"]
    )


def test_of_two_yearly_reports_the_side_and_the_freight_are_left_to_choose() -> None:
    trade = fl.join_flows([iran(100e6), armenia(132e6, line=8)])
    found = of_mirror(trade, cif_fob_ratio=(1.1, 1.2))
    figure = found.figure("t-choices")
    assert sorted(figure.options["choices"]) == ["Freight and insurance", "Whose report"]
    assert figure.data["value"].tolist() == pytest.approx([100.0, 110.0, 120.0, 132.0])
    assert figure.data["own"].tolist() == [False, False, False, True]
    assert found.words["t.choices.reverse.refused"].startswith("Armenia to Iran: expected rows")
    without = of_mirror(trade).figure("t-choices")
    assert without.data["value"].tolist() == [100.0, 132.0]


def test_one_report_alone_leaves_nothing_to_choose_and_the_text_says_so() -> None:
    found = of_mirror(armenia(132e6))
    assert (found.numbers, found.figures) == ((), ())
    text = render_markdown("{{ section('t.choices') }}", found)
    assert "cannot be said: Iran to Armenia: expected rows with reporter 'IRN', found none" in text
