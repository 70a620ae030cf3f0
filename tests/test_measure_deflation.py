"""Constant prices by hand and against published figures, and what is refused."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import flows as fl
from flows.errors import PeriodError, SchemaError, ScopeError, UnitError
from flows.loaders.examples import example_path
from flows.loaders.prices import check_price_index, normalise_bls_index, read_bls_index
from flows.origin import call, code_lines
from flows.periods import Period

PRICES = fl.load("bls-cpi-u@2026-09")

PRINTED = 5e-4
"""Half of the last digit of an index that is printed with three decimals."""


def series(values: list[float], index: pd.Index, unit: str = "USD") -> pd.Series:
    y = pd.Series(values, index=index)
    y.attrs["unit"] = unit
    return y


def test_annual_averages_are_those_that_the_bureau_publishes() -> None:
    # CPI-U, all items, annual averages (Bureau of Labor Statistics, Historical CPI-U, table 24).
    published = {2007: 207.342, 2010: 218.056, 2015: 237.017, 2019: 255.657, 2023: 304.702}
    years = pd.period_range("2007", "2023", freq="Y")
    y = series([1.0] * len(years), years)
    factors = fl.deflate(y, PRICES, base=2023)
    for year, average in published.items():
        level = published[2023] / factors.loc[str(year)]
        assert level == pytest.approx(average, abs=2 * PRINTED)
    assert factors.loc["2023"] == pytest.approx(1, rel=1e-15)


def test_a_month_by_hand() -> None:
    months = pd.period_range("2006-01", "2006-02", freq="M")
    real = fl.deflate(series([198.3, 198.7], months), PRICES, base=Period.month(2006, 1))
    assert real.to_list() == pytest.approx([198.3, 198.3], rel=1e-15)
    assert real.attrs["unit"] == "USD at 2006-01 prices"
    assert real.attrs["rows"] == {"bls-cpi-u@2026-09": (2, 3)}


def test_years_of_another_calendar_weigh_months_by_days() -> None:
    levels = PRICES.set_index("start")["level"]
    inner = levels["2023-04-01":"2024-02-01"]
    # 21 March 2023 to 19 March 2024: 11 of 31 days of the first March, 19 of the last.
    parts = [11 / 31, *[1.0] * 11, 19 / 31]
    ends = levels["2023-03-01"], levels["2024-03-01"]
    expected = np.average([ends[0], *inner, ends[1]], weights=parts)
    y = series([1.0], pd.Index([1402]))
    factor = fl.deflate(y, PRICES, base=2023, calendar="solar-hijri").iloc[0]
    assert levels["2023"].mean() / factor == pytest.approx(expected, rel=1e-14)
    with pytest.raises(PeriodError, match="say whose years they are"):
        fl.deflate(y, PRICES, base=2023)


def test_a_table_is_deflated_row_by_row_and_says_so() -> None:
    trade = fl.load("armstat-by-country@2025-02")
    real = fl.deflate(trade, PRICES, base=2024)
    assert set(real["unit"]) == {"USD at 2024 prices"}
    flow = {"exporter": "IRN", "importer": "ARM", "partner_basis": "origin", "freq": "month"}
    of_table, of_series = (
        fl.series(real, **flow),
        fl.deflate(fl.series(trade, **flow), PRICES, base=2024),
    )
    assert of_table.to_numpy() == pytest.approx(of_series.to_numpy(), rel=1e-12)
    assert fl.check_flows(real) is not None
    with pytest.raises(UnitError, match="expected one unit"):
        fl.series(pd.concat([trade, real]), **flow)


def test_growth_by_month_differs_by_that_of_prices() -> None:
    trade = fl.load("armstat-by-country@2025-02")
    y = fl.series(trade, exporter="IRN", importer="ARM", partner_basis="origin", freq="month")
    prices = series(PRICES.iloc[12:228]["level"].to_list(), y.index)
    nominal, real, index = (
        fl.fit_trend(values, form="log").params["trend"]
        for values in (y, fl.deflate(y, PRICES, base=2010), prices)
    )
    assert nominal - real == pytest.approx(index, rel=1e-9)


def test_what_is_no_current_dollar_is_refused() -> None:
    years = pd.period_range("2016", "2017", freq="Y")
    with pytest.raises(UnitError, match="TIV is a volume of arms and not a price"):
        fl.deflate(series([1.0, 2.0], years, "TIV"), PRICES, base=2016)
    with pytest.raises(UnitError, match="found EUR: convert it first"):
        fl.deflate(series([1.0, 2.0], years, "EUR"), PRICES, base=2016)
    real = fl.deflate(series([1.0, 2.0], years), PRICES, base=2016)
    with pytest.raises(UnitError, match="at constant prices already"):
        fl.deflate(real, PRICES, base=2017)
    with pytest.raises(UnitError, match="found nothing"):
        fl.deflate(pd.Series([1.0, 2.0], years), PRICES, base=2016)


def test_a_month_that_is_missing_is_not_filled() -> None:
    # No prices were collected in October 2025.
    with pytest.raises(PeriodError, match="found none in 2025-10"):
        fl.deflate(series([1.0], pd.period_range("2025", "2025", freq="Y")), PRICES, base=2024)
    months = series([1.0], pd.period_range("2025-09", "2025-09", freq="M"))
    assert fl.deflate(months, PRICES, base=2024).iloc[0] < 1
    with pytest.raises(PeriodError, match="found none in 1990-01"):
        fl.deflate(months, PRICES, base=1990)


def test_one_index_is_needed() -> None:
    y = series([1.0], pd.period_range("2020", "2020", freq="Y"))
    with pytest.raises(SchemaError, match="expected a price index with the columns"):
        fl.deflate(y, PRICES.drop(columns="level"), base=2020)
    with pytest.raises(SchemaError, match="expected one index"):
        fl.deflate(y, pd.concat([PRICES, PRICES.assign(index="CUUR0000SA0L1E")]), base=2020)


def test_indices_are_held_against_the_shared_facts(shared_data: Path) -> None:
    facts = pd.read_csv(shared_data / "facts" / "us_cpi_u_monthly.csv")
    assert PRICES["start"].dt.strftime("%Y-%m").to_list() == facts["month"].to_list()
    assert PRICES["level"].to_list() == facts["index_1982_84_100"].to_list()


def test_an_index_that_is_no_index_is_refused() -> None:
    prices = normalise_bls_index(read_bls_index(example_path("bls_index")))
    assert prices.attrs["report"]["left_out"] == {"averages of a year or a half": 1}
    with pytest.raises(SchemaError, match="expected an index above 0"):
        check_price_index(prices.assign(level=0.0))
    with pytest.raises(SchemaError, match="each index and month once"):
        check_price_index(prices.assign(start=prices["start"].iloc[0]))


def test_the_step_stands_in_the_code_of_a_number() -> None:
    y = call(
        fl.series,
        call(fl.load, "armstat-by-country@2025-02").arg,
        exporter="IRN",
        importer="ARM",
        partner_basis="origin",
        freq="year",
    )
    real = call(fl.deflate, y.arg, call(fl.load, "bls-cpi-u@2026-09").arg, base=2024)
    number = real.part(lambda values: values.loc["2007"])
    code = code_lines({"value": number})
    assert any("fl.deflate(series, bls_cpi_u, base=2024)" in line for line in code)
    names: dict[str, object] = {"fl": fl}
    exec("\n".join(code), names)  # noqa: S102 - the code of a number is run as anyone would
    assert names["value"] == number.value


def test_printed_totals_are_no_totals_of_constant_prices() -> None:
    trade = fl.load(Path(__file__).parent / "fixtures" / "comtrade-v1-one-partner-and-world.csv")
    real = fl.deflate(trade, PRICES, base=2023)
    importer, year = trade["importer"].iloc[0], int(trade["start"].dt.year.iloc[0])
    whole = fl.series(trade, importer=importer, freq="year")
    assert whole.attrs["scope"] == "printed total"
    with pytest.raises(ScopeError):
        fl.series(real, importer=importer, freq="year")
    with pytest.raises(ScopeError):
        fl.partner_shares(real, importer=importer, start=year, end=year)
