"""Names and arguments of the release before: each warns once, names the new call, and does it."""

import math
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import flows as fl
from flows import former
from flows.findings import Findings

SINCE_2016: dict[str, Any] = {"start": 2016, "end": 2020}
PAIR: dict[str, Any] = {"exporter": "IRN", "importer": "ARM"}
POSTERIOR: dict[str, Any] = {"draws": 200, "level": 0.9}
MIX: dict[str, Any] = {
    "suppliers": ["ISR", "RUS", "TUR"],
    "least": 3,
    "block": 1,
    "longer_block": 2,
    "draws": 99,
}


@pytest.fixture(scope="module")
def arms() -> pd.DataFrame:
    return fl.load("sipri-deal-years@2025-03")


@pytest.fixture(scope="module")
def trade() -> pd.DataFrame:
    return fl.load("armstat-by-country@2025-02")


def old(name: str) -> Callable[..., Any]:
    """Return a public name that the stub does not know any more."""
    answer: Callable[..., Any] = getattr(fl, name)
    return answer


def explained(cells: list[int], printed: float) -> former.PrintedTotal:
    with pytest.warns(FutureWarning, match="explain_total leaves flows with the next"):
        return former.explain_total(cells, printed=printed, half=0.5)


def same(first: Findings, second: Findings) -> bool:
    return (first.numbers, first.words) == (second.numbers, second.words)


IRANIAN = {"calendar": "solar-hijri"}
DAYS = (date(2023, 1, 1), date(2023, 12, 31))


@pytest.mark.parametrize(
    ("name", "arguments", "keywords", "message", "now"),
    [
        ("gregorian_year", (2023,), {}, "Period.year(2023)", fl.Period.year(2023)),
        ("gregorian_month", (2023, 3), {}, "Period.month(2023, 3)", fl.Period.month(2023, 3)),
        (
            "solar_hijri_year",
            (1402,),
            {},
            "Period.year(1402, calendar='solar-hijri')",
            fl.Period.year(1402, calendar="solar-hijri"),
        ),
        (
            "solar_hijri_months",
            (1402, 1, 9),
            {},
            "Period.months(1402, 1, 9, calendar='solar-hijri')",
            fl.Period.months(1402, 1, 9, calendar="solar-hijri"),
        ),
        (
            "calendar_year",
            (1402,),
            IRANIAN,
            "Period.year(1402, calendar='solar-hijri')",
            fl.Period.year(1402, calendar="solar-hijri"),
        ),
        (
            "half_year",
            (1402, 1),
            IRANIAN,
            "Period.half_year(1402, 1, calendar='solar-hijri')",
            fl.Period.half_year(1402, 1, calendar="solar-hijri"),
        ),
        (
            "quarter",
            (1402, 1),
            IRANIAN,
            "Period.quarter(1402, 1, calendar='solar-hijri')",
            fl.Period.quarter(1402, 1, calendar="solar-hijri"),
        ),
        (
            "fiscal_year",
            ("2022/23",),
            {"start_month": 7, "named_by": "end"},
            "Period.fiscal_year('2022/23', ...)",
            fl.Period.fiscal_year("2022/23", start_month=7, named_by="end"),
        ),
        ("window", (2016, 2020), {}, "Period.window(2016, 2020)", fl.Period.window(2016, 2020)),
        (
            "periods_between",
            DAYS,
            {"calendar": "gregorian", "span": "quarter"},
            "Period.between(...)",
            fl.Period.between(*DAYS, span="quarter"),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isidentifier() else "",
)
def test_periods(
    name: str, arguments: tuple[Any, ...], keywords: dict[str, Any], message: str, now: Any
) -> None:
    with pytest.warns(FutureWarning) as warned:
        assert old(name)(*arguments, **keywords) == now
    assert str(warned[0].message).startswith(f"flows.{name}(")
    assert str(warned[0].message).endswith(f" is now flows.{message}")
    assert warned[0].filename == __file__


@pytest.mark.parametrize(
    "name",
    [
        "LocalProduction",
        "RoundedCell",
        "SecondHand",
        "UncertainNumber",
        "UncertainYear",
        "UnknownPartner",
    ],
)
def test_a_rule_is_the_same_class(name: str) -> None:
    with pytest.warns(FutureWarning) as warned:
        assert getattr(fl, name) is getattr(fl.rules, name)
    assert str(warned[0].message) == f"flows.{name} is now flows.rules.{name}"
    assert warned[0].filename == __file__


def test_ranks_of_suppliers(arms: pd.DataFrame) -> None:
    asked: dict[str, Any] = {"importer": "AZE", "years": 5}
    with pytest.warns(FutureWarning, match=r"now flows.rolling_partner_shares\(...\).frame"):
        ranks = old("supplier_ranks")(arms, **asked)
    assert list(ranks) == ["window", "start", "end", "supplier", "value", "share", "rank"]
    frame = fl.rolling_partner_shares(arms, **asked).frame
    first = frame[frame["rank"] == 1]
    assert ranks.loc[ranks["rank"] == 1, "supplier"].tolist() == first["partner"].tolist()
    assert ranks.groupby("window")["value"].is_monotonic_decreasing.all()
    assert ranks["window"].is_monotonic_increasing


def test_shares_by_year(arms: pd.DataFrame) -> None:
    years = fl.supplier_years(arms, importer="AZE")
    for volumes in (years, years.volumes):
        with pytest.warns(FutureWarning, match=r"is now flows.supplier_years\(...\).shares"):
            pd.testing.assert_frame_equal(old("share_years")(volumes), years.shares)


@pytest.mark.parametrize(
    "name",
    ["partner_shares", "concentration", "rolling_partner_shares", "rolling_concentration"],
)
@pytest.mark.parametrize(
    ("of", "side", "country"),
    [("imports", "importer", "AZE"), ("exports", "exporter", "ISR")],
)
def test_a_country_is_an_importer_or_an_exporter(
    arms: pd.DataFrame, name: str, of: str, side: str, country: str
) -> None:
    measure = getattr(fl, name)
    arms = fl.state_whole(arms, reason="the file holds one recipient")
    asked = SINCE_2016 | ({"years": 3} if name.startswith("rolling") else {})
    with pytest.warns(FutureWarning) as warned:
        before = measure(arms, country=country, of=of, **asked)
    assert str(warned[0].message) == f"{name}(country=..., of={of!r}) is now {name}({side}=...)"
    assert warned[0].filename == __file__
    now = measure(arms, **{side: country}, **asked)
    tables = [getattr(found, "frame", getattr(found, "partners", None)) for found in (before, now)]
    pd.testing.assert_frame_equal(*tables)


def test_an_unknown_side_is_refused(arms: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="of: expected imports or exports, found 'transit'"):
        fl.concentration(arms, country="AZE", of="transit", **SINCE_2016)
    with pytest.raises(TypeError, match="country is now importer or exporter; give one of them"):
        fl.concentration(arms, country="AZE", importer="AZE", **SINCE_2016)


def test_a_seed_is_what_draws(arms: pd.DataFrame) -> None:
    asked = POSTERIOR | SINCE_2016 | {"supplier": "ISR", "importer": "AZE"}
    with pytest.warns(FutureWarning, match=r"share_posterior\(seed=...\) is now share_post.*rng="):
        before = fl.share_posterior(arms, seed=1, **asked)
    for rng in (1, np.random.default_rng(1)):
        assert fl.share_posterior(arms, rng=rng, **asked).interval == before.interval
    with pytest.raises(TypeError, match="share_posterior: seed is now rng; give rng alone"):
        fl.share_posterior(arms, seed=1, rng=1, **asked)


def test_a_plan_of_the_release_before_is_read(arms: pd.DataFrame) -> None:
    def interval(posterior: dict[str, Any]) -> Findings:
        return fl.study(
            "supplier",
            name="arms",
            data={"arms": arms},
            question={
                "importer": "AZE",
                "supplier": "ISR",
                "window": (2016, 2020),
                "posterior": posterior,
            },
            sections={"interval": {}},
        )

    with pytest.warns(FutureWarning, match=r"posterior\(seed=...\) is now posterior\(rng=...\)"):
        before = interval(POSTERIOR | {"seed": 1})
    now = interval(POSTERIOR | {"rng": 1})
    assert same(before, now)


def test_profile_of_a_pair(trade: pd.DataFrame) -> None:
    with pytest.warns(FutureWarning, match=r"dyad_study\(...\) is now flows.profile_study\(...\)"):
        before = old("dyad_study")(trade, **PAIR)
    assert same(before, fl.profile_study(trade, **PAIR, name="dyad"))


def test_suppliers_over_the_years(arms: pd.DataFrame) -> None:
    question = {"importer": "AZE", "supplier": "ISR"}
    with pytest.warns(FutureWarning) as warned:
        before = old("arms_trend_study")(arms, **question, **MIX, seed=1)
    first, second = (str(warning.message) for warning in warned)
    assert first.endswith("flows.study('supplier', ..., sections={'suppliers_over_time': {...}})")
    assert second.endswith("is now section suppliers_over_time(rng=...)")
    now = fl.study(
        "supplier",
        name="arms-trend",
        data={"arms": arms},
        question=question,
        sections={"suppliers_over_time": MIX | {"rng": 1}},
    )
    assert same(before, now)


def test_studies_of_a_mirror() -> None:
    ids = ("armstat-by-country@2025-02", "irica-press@2024-09")
    tables = fl.join_flows([fl.load(dataset) for dataset in ids])
    question = PAIR | {"period": {"calendar": "solar-hijri", "year": 1402}}
    own: dict[str, Any] = {"log_std_devs": {"IRN": 0.1, "ARM": 0.1}, "level": 0.95}
    ratio = {"cif_fob_ratio": (1.06, 1.10)}
    with pytest.warns(FutureWarning, match=r"study\('mirror', .*sections={'one_number'"):
        before = old("reconciliation_study")(tables, **question, **ratio, **own)
    now = fl.study(
        "mirror",
        name="reconciled",
        data={"trade": tables},
        question=question | ratio,
        sections={"one_number": own},
    )
    assert same(before, now)


def test_a_flow_that_one_side_conceals() -> None:
    oil = fl.load("wits-summary-azerbaijan@2019")
    question: dict[str, Any] = {
        "exporter": "AZE",
        "importer": "ISR",
        "period": fl.Period.year(2019),
    }
    own = {"teller": "AZE", "nothing": 0.01}
    with pytest.warns(FutureWarning) as warned:
        before = old("silence_study")(oil, **question, **own)
    assert "study('mirror', ..., sections={'silence'" in str(warned[0].message)
    assert len(warned) == 1 + len(own)
    now = fl.study(
        "mirror",
        name="silence",
        data={"trade": oil},
        question=question,
        sections={"silence": {"reporter": "AZE", "negligible": 0.01}},
    )
    assert same(before, now)


def test_trends_of_both_directions(trade: pd.DataFrame) -> None:
    with pytest.warns(FutureWarning, match=r"study\('trend', .*sections={'both_directions'"):
        before = old("two_trends_study")(
            trade, **PAIR, partner_basis="origin", reverse_basis="destination"
        )
    now = fl.study(
        "trend",
        name="trends",
        data={"trade": trade},
        question=PAIR | {"partner_basis": "origin"},
        sections={"both_directions": {"reverse_basis": "destination"}},
    )
    assert same(before, now)


def test_a_table_of_fits() -> None:
    years = pd.period_range("2019", "2022", freq="Y")
    fit = fl.fit_trend(pd.Series([100.0, 110.0, 121.0, 135.0], index=years))
    with pytest.warns(FutureWarning, match="is now flows.studies.trend.fits.fits_table"):
        table = old("fits_table")({"Log": fit}, name="fits", caption="Exports.")
    assert table.id == "fits"


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_every_former_name_is_public_no_more() -> None:
    assert not set(former.NAMES) & set(fl.__all__)
    assert all(getattr(fl, name) is getattr(former, name) for name in former.NAMES)
    with pytest.raises(AttributeError, match="module 'flows' has no attribute 'gregorian_week'"):
        old("gregorian_week")
    with pytest.raises(AttributeError, match=r"module 'flows\.former' has no attribute 'week'"):
        former.__getattr__("week")


@pytest.mark.parametrize(
    ("cells", "printed", "cause", "words"),
    [
        ([2, 3], 5, "equal", "2 printed cells add up to 5, as the printed total."),
        ([3, 0, 0], 4, "rounding", r"total is 4 \(\+1\): cells and total are each rounded"),
        ([2, 3], 8, "not rounding", r"total is 8 \(\+3\): that is more than rounding, .* 3.5 to"),
    ],
)
def test_a_printed_total_is_explained(
    cells: list[int], printed: int, cause: str, words: str
) -> None:
    found = explained(cells, printed)
    assert (found.cause, found.difference) == (cause, printed - sum(cells))
    assert pd.Series([found.summary()]).str.contains(words).all()


@given(st.lists(st.floats(0, 500), min_size=1, max_size=12))
def test_what_is_rounded_from_the_same_raw_values_is_rounding(raw: list[float]) -> None:
    cells = [math.floor(value + 0.5) for value in raw]
    found = explained(cells, math.floor(math.fsum(raw) + 0.5))
    assert found.cause in {"equal", "rounding"}
    assert found.low <= math.fsum(cells) <= found.high


@pytest.mark.parametrize(
    ("cells", "printed", "half", "message"),
    [
        ([], 1, 0.5, "cells: expected at least one, found none"),
        ([-1], 1, 0.5, "finite numbers of at least 0, found -1"),
        ([1], math.nan, 0.5, "finite numbers of at least 0, found nan"),
        ([1], 1, 0.0, "half: expected more than 0, found 0"),
    ],
)
def test_no_printed_total(cells: list[float], printed: float, half: float, message: str) -> None:
    with pytest.raises(ValueError, match=message), pytest.warns(FutureWarning):
        former.explain_total(cells, printed=printed, half=half)
