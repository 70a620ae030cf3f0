"""The study of suppliers over the years: numbers, words, table and figure."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest
from statements import counting_years, delivery, flow_table

import flows as fl
from flows.canonical import canonical
from flows.errors import PeriodError, SchemaError
from flows.findings import Findings, Number
from flows.models.composition import find_composition_breaks
from flows.origin import given
from flows.report.text import render_markdown
from flows.studies.supplier.suppliers_over_time import Estimate, SupplierTrend

ASKED: dict[str, Any] = {
    "suppliers": ["ISR", "RUS"],
    "least": 3,
    "block": 1,
    "longer_block": 2,
    "draws": 99,
    "rng": 1,
}
RUSSIA = {year: 30.0 + 4 * (year % 3) for year in range(2000, 2008)}
ISRAEL = {year: 5.0 + 3 * (year % 2) + 6 * max(0, year - 2007) for year in range(2002, 2016)}
TURKIYE = dict.fromkeys(range(2000, 2016, 2), 4.0)


def arms(span: tuple[int, int] = (1999, 2016), **more: Mapping[int, float]) -> pd.DataFrame:
    by_supplier = {"RUS": RUSSIA, "ISR": ISRAEL, "TUR": TURKIYE, **more}
    rows = [
        delivery(supplier, year, tiv)
        for supplier, years in by_supplier.items()
        for year, tiv in years.items()
    ]
    found = flow_table(*(row | {"line": line} for line, row in enumerate(rows, start=2)))
    return counting_years(found, span)


def found_by(
    table: pd.DataFrame | None = None, *, supplier: str = "ISR", **changes: Any
) -> Findings:
    return fl.study(
        "supplier",
        name="mix",
        data={"arms": arms() if table is None else table},
        question={"importer": "AZE", "supplier": supplier},
        sections={"suppliers_over_time": ASKED | changes},
    )


def numbers(found: Findings) -> dict[str, Number]:
    return {number.id.removeprefix("mix."): number for number in found.numbers}


def test_numbers_words_and_exhibits() -> None:
    found = found_by()
    told = numbers(found)
    assert set(told) == {
        "share.change",
        "share.change.line",
        "growth",
        "growth.since-first",
        "years",
        "years.without",
        "breaks",
        "break.pvalue",
        "break.pvalue.longer-block",
    }
    assert (told["years"].value, told["years.without"].value) == (16, 2)
    assert told["share.change"].value > 0
    assert told["share.change"].level == told["growth"].level == 0.95
    assert told["growth"].low < told["growth"].value < told["growth"].high  # type: ignore[operator]
    assert found.words["mix.breaks"].startswith("2008")
    assert "2000–2007 Russia (" in found.words["mix.regimes"]
    assert found.words["mix.regimes"].rpartition(", ")[2].startswith("2")
    assert (found.words["mix.block"], found.words["mix.longer-block"]) == ("1", "2")
    assert found.words["mix.refused"] == "none"
    [table], [figure] = found.tables, found.figures
    assert table.frame["supplier"].tolist() == ["Israel", "Russia"]
    assert table.frame["years"].tolist() == [14, 8]
    assert table.frame.loc[0, "growth (value)"] == told["growth"].value
    assert figure.data.groupby("year")["value"].sum().to_list() == pytest.approx([100.0] * 16)
    assert figure.options["highlight"] == "Israel"
    fl.draw_figure(figure)


def test_the_numbers_are_those_of_the_public_functions() -> None:
    told = numbers(found_by())
    years = fl.supplier_years(arms(), importer="AZE")
    volumes, shares = years.volumes, years.shares
    assert told["share.change"].value == canonical(fl.fit_share_trend(shares["ISR"]).change)
    counted = fl.series(arms(), exporter="ISR", importer="AZE", freq="year", absent="zero")
    pd.testing.assert_series_equal(counted, volumes["ISR"], check_names=False)
    assert told["growth"].value == canonical(fl.fit_trend(counted, form="poisson").growth_pct)
    assert find_composition_breaks is fl.find_composition_breaks


def test_a_trend_that_does_not_exist_is_an_empty_cell_with_its_reason() -> None:
    once = arms(UKR={2016: 9.0})
    found = found_by(once, suppliers=["ISR", "UKR"])
    [table] = found.tables
    ukraine = table.frame.iloc[1]
    assert (ukraine["years"], ukraine["since-first"], ukraine["growth"]) == (1, "", "")
    refused = found.words["mix.refused"]
    assert "Ukraine: growth: expected at least 5 periods that are not zero" in refused
    assert "since-first: expected at least 3 observations" in found.words["mix.refused"]


def test_numbers_of_estimates_that_do_not_exist_are_not_there() -> None:
    once = arms(UKR={2016: 9.0})
    found = found_by(once, supplier="UKR", suppliers=["ISR", "UKR"])
    assert "growth" not in numbers(found)


TEXT = "{{ section('mix.suppliers_over_time') }}"


def test_the_text_names_the_estimates_of_the_supplier() -> None:
    found = found_by()
    said = render_markdown(TEXT, found)
    assert f"[{numbers(found)['growth'].printed}% a year]" in said
    assert "not every estimate exists" not in said


def test_the_text_says_which_estimates_do_not_exist() -> None:
    once = arms(UKR={2016: 9.0})
    found = found_by(once, supplier="UKR", suppliers=["ISR", "UKR"])
    said = render_markdown(TEXT, found)
    assert "Not every estimate exists for Ukraine: growth: expected at least 5 periods" in said
    assert "deliveries grow by" not in said
    assert found_by().words["mix.supplier.refused"] == ""


def test_refusals() -> None:
    with pytest.raises(ValueError, match="longer_block: expected more years than block=1, found 1"):
        found_by(longer_block=1)
    with pytest.raises(ValueError, match=r"suppliers: expected UKR, .* found ISR, RUS"):
        found_by(supplier="UKR")
    with pytest.raises(SchemaError, match="none of UKR; there are: ISR, RUS, TUR"):
        found_by(suppliers=["ISR", "UKR"])
    unsaid = arms().assign(dataset="sipri@2024-03")
    with pytest.raises(PeriodError, match="says which years it counts"):
        found_by(unsaid)


def test_the_same_seed_gives_the_same_numbers_in_any_order_of_rows() -> None:
    mixed = arms().sample(frac=1, random_state=5)
    assert numbers(found_by(mixed)) == numbers(found_by())


@pytest.mark.parametrize(
    ("ends", "refused", "sure"),
    [
        ([(1.0, 3.0), (0.5, 2.0)], "", True),
        ([(-3.0, -1.0), (-2.0, -0.5)], "", True),
        ([(1.0, 3.0), (-0.5, 2.0)], "", False),
        ([(1.0, 3.0), (-2.0, -0.5)], "", False),
        ([(-1.0, 3.0), (-2.0, 0.5)], "", False),
        ([(1.0, 3.0)], "share: separated", False),
    ],
)
def test_a_sign_is_sure_if_all_estimators_share_it(
    ends: list[tuple[float, float]], refused: str, *, sure: bool
) -> None:
    estimates = {
        str(low): Estimate(given("slope", (low + high) / 2), given("ends", (low, high)))
        for low, high in ends
    }
    assert SupplierTrend("ISR", 9, estimates, refused).sure == sure


def test_the_case() -> None:
    found = found_by(
        fl.load("sipri-deal-years@2025-03"), suppliers=["ISR", "RUS", "UKR", "BLR", "TUR"]
    )
    assert found.words["mix.regimes"].partition(",")[0].startswith("2000–")
    # No deliveries in 1995-1999, 2001, 2003 and 2021.
    assert numbers(found)["years.without"].value == 8
