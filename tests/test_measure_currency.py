"""Amounts in another currency, by hand and by published averages, and what is refused."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import flows as fl
from flows.errors import LayoutError, PeriodError, SchemaError, UnitError
from flows.loaders.examples import example_path


def rates_by_month(**levels: list[float]) -> pd.DataFrame:
    """Return rates for one euro from January 2024 on, a currency a list."""
    parts = []
    for currency, values in levels.items():
        months = pd.period_range("2024-01", periods=len(values), freq="M")
        parts.append(
            pd.DataFrame(
                {
                    "currency": currency,
                    "base": "EUR",
                    "start": months.start_time.astype("datetime64[s]"),
                    "end": months.end_time.normalize().astype("datetime64[s]"),
                    "level": values,
                    "dataset": "rates@1",
                }
            )
        )
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(line=range(2, len(frame) + 2))


def series(values: list[float], index: pd.Index, unit: str = "EUR") -> pd.Series:
    y = pd.Series(values, index=index)
    y.attrs["unit"] = unit
    return y


MONTHS = pd.period_range("2024-01", "2024-02", freq="M")
RATES = rates_by_month(USD=[1.25, 1.0], GBP=[0.5, 0.8])


def test_months_by_hand_and_the_lines_they_stand_on() -> None:
    dollars = fl.convert_currency(series([100.0, 200.0], MONTHS), RATES, to="USD")
    assert dollars.tolist() == [125.0, 200.0]
    assert dollars.attrs["unit"] == "USD"
    assert dollars.attrs["rows"] == {"rates@1": (2, 3)}


def test_there_and_back_and_by_a_third_currency() -> None:
    euros = series([100.0, 200.0], MONTHS)
    dollars = fl.convert_currency(euros, RATES, to="USD")
    pounds = fl.convert_currency(dollars, RATES, to="GBP")
    assert pounds.tolist() == [50.0, 160.0]
    assert fl.convert_currency(pounds, RATES, to="EUR").tolist() == euros.tolist()
    assert pounds.attrs["rows"] == {"rates@1": (2, 3, 4, 5)}


def test_a_year_takes_the_mean_of_its_months_and_not_each() -> None:
    rates = rates_by_month(USD=[1.0] * 6 + [2.0] * 6)
    months = pd.period_range("2024-01", "2024-12", freq="M")
    y = series([1.0] * 6 + [3.0] * 6, months)
    by_month = fl.convert_currency(y, rates, to="USD").sum()
    year = series([24.0], pd.period_range("2024", "2024", freq="Y"))
    assert by_month == 42.0
    assert fl.convert_currency(year, rates, to="USD").iloc[0] == 36.0


def test_years_of_another_calendar_weigh_months_by_days() -> None:
    rates = rates_by_month(USD=[*np.linspace(1.0, 1.3, 12), 1.4, 1.5, 1.6])
    levels = rates["level"].to_numpy()
    # 20 March 2024 to 20 March 2025: 12 of 31 days of the first March, 20 of the last.
    weights = [12 / 31, *[1.0] * 11, 20 / 31]
    expected = np.average(levels[2:15], weights=weights)
    y = series([1.0], pd.Index([1403]))
    dollars = fl.convert_currency(y, rates, to="USD", calendar="solar-hijri")
    assert dollars.iloc[0] == pytest.approx(expected, rel=1e-14)
    with pytest.raises(PeriodError, match="say whose years they are"):
        fl.convert_currency(y, rates, to="USD")


def test_a_table_is_converted_row_by_row_with_its_bounds() -> None:
    trade = fl.load(example_path("eu-exports-to-georgia"))
    rates = rates_by_month(USD=[1.1] * 8)
    late = fl.state_whole(trade[trade["start"] >= "2024-01-01"], reason="months with a rate")
    dollars = fl.convert_currency(late, rates, to="USD")
    assert set(dollars["unit"]) == {"USD"}
    for name in ("value", "low", "high"):
        assert dollars[name].to_numpy() == pytest.approx(late[name].to_numpy() * 1.1, rel=1e-15)
    assert len(fl.check_flows(dollars)) == len(late)
    again = fl.convert_currency(dollars, rates, to="USD")
    pd.testing.assert_frame_equal(again, dollars)


def test_what_is_no_money_and_what_has_no_rate_is_refused() -> None:
    with pytest.raises(UnitError, match="a volume of arms has no price"):
        fl.convert_currency(series([1.0, 2.0], MONTHS, "TIV"), RATES, to="USD")
    with pytest.raises(UnitError, match="convert first, and deflate afterwards"):
        fl.convert_currency(series([1.0, 2.0], MONTHS, "USD at 2023 prices"), RATES, to="EUR")
    with pytest.raises(UnitError, match=r"expected rates of CHF, found EUR and 2 currencies"):
        fl.convert_currency(series([1.0, 2.0], MONTHS, "CHF"), RATES, to="USD")
    with pytest.raises(UnitError, match="to: expected a currency"):
        fl.convert_currency(series([1.0, 2.0], MONTHS), RATES, to="dollars")
    with pytest.raises(UnitError, match="expected rates of nothing"):
        fl.convert_currency(pd.Series([1.0, 2.0], MONTHS), RATES, to="USD")


def test_a_month_without_a_rate_is_not_filled() -> None:
    later = pd.period_range("2024-02", "2024-03", freq="M")
    with pytest.raises(PeriodError, match=r"a rate of USD for one EUR in every month.*2024-03"):
        fl.convert_currency(series([1.0, 2.0], later), RATES, to="USD")


def test_days_are_averaged_and_a_gap_is_not_filled() -> None:
    days = pd.bdate_range("2024-01-01", "2024-01-31")
    daily = pd.DataFrame(
        {
            "currency": "USD",
            "base": "EUR",
            "start": days.astype("datetime64[s]"),
            "end": days.astype("datetime64[s]"),
            "level": np.linspace(1.0, 1.2, len(days)),
            "dataset": "daily@1",
            "line": range(2, len(days) + 2),
        }
    )
    january = series([100.0], pd.period_range("2024-01", "2024-01", freq="M"))
    dollars = fl.convert_currency(january, daily, to="USD")
    assert dollars.iloc[0] == pytest.approx(100 * daily["level"].mean(), rel=1e-15)
    gap = daily[~daily["start"].between("2024-01-10", "2024-01-20")]
    with pytest.raises(PeriodError, match="more than 7 days after 2024-01-09"):
        fl.convert_currency(january, gap, to="USD")
    begun = daily[daily["start"] < "2024-01-15"]
    with pytest.raises(PeriodError, match="more than 7 days after 2024-01-12"):
        fl.convert_currency(january, begun, to="USD")


def test_rates_have_one_base_and_one_length() -> None:
    y = series([1.0, 2.0], MONTHS)
    with pytest.raises(SchemaError, match="expected exchange rates with the columns"):
        fl.convert_currency(y, RATES.drop(columns="base"), to="USD")
    with pytest.raises(SchemaError, match="found the bases EUR, GBP"):
        fl.convert_currency(y, pd.concat([RATES, RATES.assign(base="GBP")]), to="USD")
    with pytest.raises(SchemaError, match="by day and by month"):
        fl.convert_currency(y, pd.concat([RATES, RATES.assign(end=RATES["start"])]), to="USD")


def test_files_of_the_bank_are_read_and_faults_are_told(tmp_path: Path) -> None:
    rates = fl.load(example_path("ecb_history"))
    assert rates.attrs["report"]["layout"] == "ecb_history"
    assert set(rates["currency"]) == {"USD", "JPY", "BGN", "GBP", "RUB"}
    assert rates.query("currency == 'RUB'")["line"].tolist() == [4]
    text = example_path("ecb_history").read_text(encoding="utf-8")
    wrong = tmp_path / "eurofxref-hist.csv"
    for old, new, message in (
        ("1.0826", "1,0826x", "column USD: expected a number"),
        ("2024-02-29", "29.02.2024", "column Date: expected a day as 2024-01-31"),
        ("2024-02-29", "2024-03-01", "each pair of currencies and period once"),
        ("1.0826", "0", "expected a rate above 0"),
    ):
        wrong.write_text(text.replace(f"{old},", f'"{new}",'), encoding="utf-8")
        with pytest.raises((LayoutError, SchemaError), match=message):
            fl.load(wrong)


def test_a_day_whose_rate_was_lost_is_told(tmp_path: Path) -> None:
    text = example_path("ecb_history").read_text(encoding="utf-8")
    lost = tmp_path / "eurofxref-hist.csv"
    lost.write_text(text.replace("1.0826", ""), encoding="utf-8")
    rates, whole = fl.load(lost), fl.load(example_path("ecb_history"))
    assert len(rates) == len(whole) - 1
    assert rates.attrs["report"]["left_out"]["cells without a rate"] == 1
    assert "cells without a rate" not in whole.attrs["report"]["left_out"]


def test_only_spot_rates_of_the_portal_are_rates(tmp_path: Path) -> None:
    rates = fl.load(example_path("ecb_portal"))
    assert rates.attrs["report"]["left_out"] == {"other series than spot rates": 1}
    lines = example_path("ecb_portal").read_text(encoding="utf-8").splitlines()
    effective = tmp_path / "effective.csv"
    effective.write_text("\n".join([lines[0], lines[3]]) + "\n", encoding="utf-8")
    with pytest.raises(LayoutError, match="column EXR_TYPE: expected spot rates, SP00"):
        fl.load(effective)


def test_averages_by_month_of_the_example_are_those_of_the_bank(shared_data: Path) -> None:
    facts = pd.read_csv(shared_data / "facts" / "ecb_eur_usd_monthly.csv", index_col="month")
    rates = fl.load(example_path("ecb_portal"))
    for row in rates.itertuples():
        published = facts.loc[f"{row.start:%Y-%m}", "usd_per_eur_average"]
        assert row.level == pytest.approx(published, abs=5e-5)
