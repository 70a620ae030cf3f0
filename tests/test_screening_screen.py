"""Every series at once: the same values, fits, breaks and shares as the functions of one series."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from screens import all_pairs, state_all
from statements import flow_table, months, statement

from flows.errors import (
    DoubleCountError,
    FlowsError,
    PeriodError,
    SampleError,
    SchemaError,
    ScopeError,
    UnitError,
)
from flows.measure.concentration import concentration
from flows.measure.shares import partner_shares
from flows.measure.timeseries import series
from flows.models.breaks import find_breaks
from flows.models.several_tests import adjust_pvalues
from flows.models.state_space import fit_local_trend
from flows.models.trend import fit_trend
from flows.screening.screen import Screen, screen

CLOSE = 1e-9
"""Two ways of adding up in double precision, after a root has been sought to 1e-12."""


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return state_all(all_pairs(2))


@pytest.fixture(scope="module")
def found(table: pd.DataFrame) -> Screen:
    return screen(table)


def one_by_one(table: pd.DataFrame, screened: Screen) -> list[tuple[dict[str, Any], pd.Series]]:
    return [
        (row, series(table, exporter=row["exporter"], importer=row["importer"], freq="year"))
        for row in screened.series.to_dict("records")
    ]


def test_values_are_those_of_series(table: pd.DataFrame, found: Screen) -> None:
    for row, y in one_by_one(table, found):
        pair = (found.over_time["exporter"] == row["exporter"]) & (
            found.over_time["importer"] == row["importer"]
        )
        own = found.over_time[pair].set_index("period")["value"]
        assert own.to_dict() == y.to_dict()
        assert (row["first"], row["last"], row["nobs"]) == (y.index[0], y.index[-1], len(y))
        assert row["zeros"] == (y == 0).sum()
        assert row["mean"] == pytest.approx(y.mean(), rel=CLOSE)


@pytest.mark.parametrize("form", ["log", "poisson", "level"])
def test_growth_is_that_of_fit_trend(table: pd.DataFrame, found: Screen, form: Any) -> None:
    fitted = 0
    for row, y in one_by_one(table, found):
        try:
            fit = fit_trend(y, form=form)
        except SampleError:
            assert row[f"{form}_reason"]
            continue
        assert row[f"{form}_reason"] == ""
        change = "level_change" if form == "level" else f"{form}_growth_pct"
        ends = fit.conf_int().loc["trend"] if form == "level" else fit.growth_interval()
        expected = [fit.slope if form == "level" else fit.growth_pct, *ends, fit.pvalues["trend"]]
        names = (change, f"{form}_low", f"{form}_high", f"{form}_pvalue")
        assert [row[name] for name in names] == pytest.approx(expected, rel=CLOSE, abs=1e-12)
        fitted += 1
    assert fitted > 15


@pytest.mark.parametrize("regime", ["mean", "trend"])
def test_breaks_are_those_of_find_breaks(regime: Any) -> None:
    table = all_pairs(5, years=24, zeros=0.0, gaps=0.05)
    table = table[table["importer"].isin(["ARM", "DEU"])].reset_index(drop=True)
    step = table["exporter"].isin(["IRN", "RUS"]) & (table["start"].dt.year >= 2013)
    table["value"] = table["value"].where(~step, table["value"] * 60)
    table = table.assign(low=table["value"], high=table["value"])
    found = screen(table, fits=["breaks"], regime=regime)
    keyed = found.breaks.set_index(["exporter", "importer"])
    several = 0
    for row, y in one_by_one(table, found):
        fit = find_breaks(np.log(y), regime=regime)
        own = keyed.loc[[(row["exporter"], row["importer"])]] if row["breaks"] else keyed.iloc[:0]
        assert list(own["break_date"]) == list(fit.break_dates)
        ends = fit.conf_int()
        assert list(own["low"]) == list(ends["low"])
        assert list(own["high"]) == list(ends["high"])
        levels = np.exp(fit.tidy()[["before", "after"]].to_numpy(dtype=np.float64))
        assert own[["before", "after"]].to_numpy() == pytest.approx(levels, rel=CLOSE)
        several += len(own)
    assert several


@pytest.mark.parametrize("choose", ["bic", "lwz", 1, 4])
def test_breaks_of_another_choice_are_those_of_find_breaks(choose: Any) -> None:
    table = all_pairs(8, years=20, zeros=0.0, gaps=0.1)
    table = table[table["importer"].isin(["ARM", "DEU"])].reset_index(drop=True)
    found = screen(table, fits=["breaks"], choose=choose)
    keyed = found.breaks.set_index(["exporter", "importer"])
    several = 0
    for row, y in one_by_one(table, found):
        try:
            fit = find_breaks(np.log(y), regime="trend", choose=choose)
        except ValueError:
            assert row["break_reason"] == "no room for two regimes"
            continue
        assert row["break_reason"] == ""
        own = keyed.loc[[(row["exporter"], row["importer"])]] if row["breaks"] else keyed.iloc[:0]
        assert list(own["break_date"]) == list(fit.break_dates)
        assert list(own["low"]) == list(fit.conf_int()["low"])
        assert list(own["high"]) == list(fit.conf_int()["high"])
        assert row["break_pvalue"] == pytest.approx(fit.tests["supLR(1|0)"].pvalue, rel=CLOSE)
        several += len(own)
    assert several


def test_local_levels_are_those_of_fit_local_trend() -> None:
    table = all_pairs(9, years=18, zeros=0.02, gaps=0.1)
    table = table[table["importer"].isin(["ARM", "DEU"])].reset_index(drop=True)
    found = screen(table, fits=["local"])
    fitted = 0
    for row, y in one_by_one(table, found):
        try:
            fit = fit_local_trend(y, kind="level", noise="white")
        except SampleError:
            assert row["local_reason"]
            continue
        assert row["local_reason"] == ""
        variances = [row["local_noise_sd"] ** 2, row["local_shock_sd"] ** 2]
        expected = fit.variances[["irregular", "level"]].to_list()
        assert variances == pytest.approx(expected, rel=1e-5, abs=1e-12)
        last = fit.states.iloc[-1]
        assert row["local_level"] == pytest.approx(np.exp(last["level"]), rel=1e-5)
        assert row["local_std_error"] == pytest.approx(last["level_std_error"], rel=1e-4, abs=1e-9)
        fitted += 1
    assert fitted
    assert f"{fitted} fitted" in found.summary()


def test_shares_ranks_and_concentration_are_those_of_one_country(
    table: pd.DataFrame, found: Screen
) -> None:
    last = found.over_time["period"].max()
    latest = found.over_time[found.over_time["period"] == last]
    year = last.year
    for of, side, partner in (
        ("imports", "importer", "exporter"),
        ("exports", "exporter", "importer"),
    ):
        name = of.removesuffix("s")
        for country in ("ARM", "RUS"):
            whole = {side: country, "start": year, "end": year}
            expected = partner_shares(table, **whole).frame.set_index("partner")
            own = latest[latest[side] == country].set_index(partner)
            assert own[f"{name}_share"].to_dict() == pytest.approx(
                expected["share"].loc[own.index].to_dict(), rel=CLOSE
            )
            ranks = expected["rank"].loc[own.index].astype("float64")
            assert own[f"{name}_rank"].to_dict() == ranks.to_dict()
            row = found.totals[
                (found.totals["of"] == of)
                & (found.totals["country"] == country)
                & (found.totals["period"] == last)
            ].iloc[0]
            measured = concentration(table, **whole)
            assert row["hhi"] == pytest.approx(measured.hhi, rel=CLOSE)
            assert row["total"] == measured.total
            assert (row["main"], row["scope"]) == (measured.main, measured.scope)


def test_pvalues_are_adjusted_for_all_tests_of_all_fits(found: Screen) -> None:
    names = ["log", "poisson", "level", "break"]
    pvalues = np.concatenate([found.series[f"{name}_pvalue"] for name in names])
    adjusted = np.concatenate([found.series[f"{name}_adjusted"] for name in names])
    expected = adjust_pvalues(pvalues, method="benjamini-hochberg")
    np.testing.assert_array_equal(adjusted, expected)
    assert found.tests == np.isfinite(pvalues).sum()


def test_the_order_of_rows_changes_nothing(table: pd.DataFrame, found: Screen) -> None:
    again = screen(table.sample(frac=1, random_state=3))
    pd.testing.assert_frame_equal(again.series, found.series)
    pd.testing.assert_frame_equal(again.over_time, found.over_time)


def test_zeros_where_a_census_counts_the_year(table: pd.DataFrame) -> None:
    found = screen(table, absent="zero", fits=["poisson"])
    row = found.series.iloc[0]
    y = series(
        table, exporter=row["exporter"], importer=row["importer"], freq="year", absent="zero"
    )
    assert row["nobs"] == len(y) == 20
    assert row["poisson_growth_pct"] == pytest.approx(
        fit_trend(y, form="poisson").growth_pct, rel=CLOSE
    )


def test_a_window_is_a_screen_of_its_own(table: pd.DataFrame) -> None:
    found = screen(table, start=2005, end=2012, fits=["log"])
    assert found.over_time["period"].min().year == 2005
    assert found.over_time["period"].max().year == 2012
    row = found.series[found.series["log_reason"] == ""].iloc[0]
    y = series(table, exporter=row["exporter"], importer=row["importer"], freq="year")
    window = y[(y.index.year >= 2005) & (y.index.year <= 2012)]
    assert row["log_growth_pct"] == pytest.approx(fit_trend(window).growth_pct, rel=CLOSE)


def test_years_of_twelve_months_and_months_themselves() -> None:
    table = flow_table(*months("2020-01", list(np.arange(30.0) + 1)))
    by_year = screen(table, fits=["level"])
    assert by_year.left_out["period"].tolist() == ["2022"]
    assert by_year.over_time["value"].tolist() == [78.0, 222.0]
    assert by_year.left_out.iloc[0]["reason"] == "6 of 12 months"
    assert by_year.series["level_reason"].iloc[0] == "fewer than 3 periods have a value"
    by_month = screen(table, fits=["level"], freq="month").series.iloc[0]
    assert by_month["nobs"] == 30
    assert by_month["level_change"] == pytest.approx(12.0)


def test_each_product_is_a_series_if_asked() -> None:
    rows = [
        statement(
            product=code,
            classification="HS2017",
            value=value + year,
            line=line,
            start=f"{year}-01-01",
            end=f"{year}-12-31",
        )
        for line, (code, value, year) in enumerate(
            [
                (code, value, year)
                for code, value in (("01", 5.0), ("02", 9.0))
                for year in (2019, 2020)
            ],
            start=2,
        )
    ]
    table = flow_table(*rows)
    assert screen(table, fits=["log"]).series["mean"].tolist() == [2 * 2019.5 + 14]
    apart = screen(table, by_product=True, fits=["log"])
    assert apart.series["product"].tolist() == ["01", "02"]
    assert apart.series["mean"].tolist() == [2024.5, 2028.5]
    assert apart.series["import_share"].tolist() == [1.0, 1.0]
    assert set(apart.totals["scope"]) == {"scope not stated"}


def test_two_reports_of_a_flow_are_two_series_and_their_distance() -> None:
    def report(reporter: str, value: float, year: int, line: int) -> dict[str, Any]:
        return statement(
            reporter=reporter,
            value=value,
            line=line,
            start=f"{year}-01-01",
            end=f"{year}-12-31",
            valuation="CIF" if reporter == "ARM" else "FOB",
            partner_basis="origin" if reporter == "ARM" else "",
            dataset="armstat@1" if reporter == "ARM" else "irica@1",
        )

    table = flow_table(
        report("ARM", 120.0, 2019, 2),
        report("ARM", 300.0, 2020, 3),
        report("ARM", 7.0, 2021, 4),
        report("IRN", 100.0, 2019, 2),
        report("IRN", 100.0, 2020, 3),
        report("IRN", 0.0, 2021, 4),
    )
    found = screen(table, fits=["log"]).series.set_index("reporter")
    assert found["voice"].to_dict() == {"ARM": "importer", "IRN": "exporter"}
    assert found["asymmetry"].tolist() == pytest.approx([(1.2 * 3.0) ** 0.5] * 2)
    assert found["asymmetry_periods"].tolist() == [2, 2]


@pytest.mark.parametrize(
    ("rows", "arguments", "error", "message"),
    [
        ([statement(), statement(unit="EUR", line=8)], {}, UnitError, "EUR and USD"),
        (
            [statement(), statement(partner_basis="consignment", line=8)],
            {},
            DoubleCountError,
            "filter partner_basis",
        ),
        ([statement(), statement(dataset="armstat@2024-02")], {}, DoubleCountError, "vintage"),
        ([statement(start="2023-03-21", end="2024-03-19")], {}, PeriodError, "calendar years or m"),
        ([statement(end="2023-06-30")], {}, PeriodError, "other periods at armstat@2025-02 line 7"),
        ([statement()], {"freq": "month"}, PeriodError, "expected months"),
        ([statement(value=float("nan"))], {}, SchemaError, "unpublished size"),
        ([statement()], {"start": 2030}, SchemaError, "2030"),
        ([statement()], {"reporter": "IRN"}, SchemaError, "reporter 'IRN'"),
        ([statement()], {"absent": "zero"}, PeriodError, "which years it counts"),
        ([statement()], {"fits": ["logs"]}, ValueError, "did you mean"),
        ([statement()], {"freq": "years"}, ValueError, "freq"),
        ([statement()], {"absent": "zero", "freq": "month"}, ValueError, "freq='year'"),
        ([statement()], {"start": 2024, "end": 2023}, ValueError, "start <= end"),
        ([statement()], {"level": 1.0}, ValueError, "level"),
    ],
)
def test_what_cannot_be_right_is_refused(
    rows: list[dict[str, Any]], arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        screen(flow_table(*rows), **arguments)


def test_rows_that_were_filtered_out_are_missed(table: pd.DataFrame) -> None:
    first = table[(table["exporter"] == "IRN") & (table["importer"] == "ARM")].index[:1]
    with pytest.raises(ScopeError, match="not in the table any more"):
        screen(table.drop(index=first), absent="zero", fits=["log"])


def test_a_series_without_an_answer_says_why() -> None:
    def years(exporter: str, values: list[float]) -> list[dict[str, Any]]:
        return [
            statement(
                exporter=exporter,
                value=value,
                line=line,
                start=f"{2000 + at}-01-01",
                end=f"{2000 + at}-12-31",
            )
            for at, (line, value) in enumerate(enumerate(values, start=2))
        ]

    table = flow_table(
        *years("AZE", [0.0] * 9),
        *years("DEU", [5.0]),
        *years("GEO", [3.0, 0.0, 4.0] * 3),
        *years("IRN", [4.0] * 9),
    )
    found = screen(table).series.set_index("exporter")
    assert found["log_reason"].to_dict() == {
        "AZE": "all values are the same",
        "DEU": "fewer than 3 periods have a value",
        "GEO": "a value is zero or below, which has no logarithm",
        "IRN": "all values are the same",
    }
    assert found["break_reason"].loc["GEO"] == "a value is zero or below, which has no logarithm"
    assert found["poisson_reason"].loc["GEO"] == ""
    assert found[["log_pvalue", "log_growth_pct"]].isna().all(axis=None)


def test_what_it_shows(found: Screen) -> None:
    assert repr(found).startswith("Screen: 56 series\n")
    assert "for all of which p-values are adjusted" in found.summary()
    assert "a value is zero or below, which has no logarithm" in found.summary()
    assert len(found.tidy()) == 56


def test_standing_by_hand(found: Screen) -> None:
    standing = found.standing(exporter="IRN", importer="ARM")
    frame = standing.frame.set_index(["measure", "among"])
    latest = found.series.set_index(["exporter", "importer"])["latest"].dropna()
    own = latest[("IRN", "ARM")]
    everybody = frame.loc[("latest", "all pairs")]
    assert everybody["others"] == len(latest) - 1
    assert everybody["rank"] == (latest > own).sum() + 1
    assert everybody["percentile"] == 100 * (latest < own).sum() / (len(latest) - 1)
    suppliers = latest.xs("ARM", level="importer")
    assert frame.loc[("latest", "suppliers of Armenia"), "rank"] == (suppliers > own).sum() + 1
    assert "percentile" in standing.summary()
    assert standing.drawing().draw == "draw_standing"
    assert standing.plot() is not None


def test_standing_of_a_pair_that_is_not_there_or_twice(found: Screen) -> None:
    with pytest.raises(SchemaError, match="exporter IRN, importer USA"):
        found.standing(exporter="IRN", importer="USA")
    both = screen(
        flow_table(statement(), statement(reporter="IRN", dataset="irica@1", partner_basis="")),
        fits=["log"],
    )
    with pytest.raises(SchemaError, match="name one by reporter="):
        both.standing(exporter="IRN", importer="ARM")
    alone = both.standing(exporter="IRN", importer="ARM", reporter="IRN")
    assert alone.frame["percentile"].isna().all()
    with pytest.raises(SchemaError, match="others to compare with"):
        alone.drawing()
    with pytest.raises(FlowsError):
        both.standing(exporter="IRN", importer="ARM", reporter="USA")
