"""Bootstrap over deals: against Beta and Dirichlet, what it does not depend on, what it refuses."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from deals import deals_of
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statements import delivery, flow_table

import flows as fl
from flows.errors import DoubleCountError, SchemaError
from flows.measure.counting import Counting
from flows.measure.indices import concentration_ratio, effective_number, entropy, herfindahl
from flows.measure.posterior import (
    SharePosterior,
    draw_indices,
    draw_ranks,
    draw_shares,
    equal_tails,
    share_posterior,
    supplier_table,
    weighed_units,
)

ROUNDING = 1e-12
CHANCE = 0.01
"""Three standard errors of a part of 20,000 draws are 0.0106 at most; of a quantile of a share that
is spread over (0, 1), about the same."""

amounts = st.lists(
    st.tuples(st.sampled_from(["ISR", "RUS", "TUR"]), st.floats(min_value=0.01, max_value=1e4)),
    min_size=2,
    max_size=8,
).filter(lambda deals: "ISR" in {supplier for supplier, _ in deals})


def israel(rows: pd.DataFrame, **changes: Any) -> SharePosterior:
    asked = {"supplier": "ISR", "importer": "AZE", "start": 2016, "end": 2017}
    return share_posterior(rows, **(asked | {"draws": 200, "rng": 1, "level": 0.9} | changes))


def numbered(deals: list[tuple[str, float]]) -> pd.DataFrame:
    return deals_of(*((one, str(number), tiv) for number, (one, tiv) in enumerate(deals)))


@pytest.mark.parametrize(("own", "others"), [(1, 1), (2, 5), (6, 2)])
def test_equal_deals_have_a_share_of_beta(own: int, others: int) -> None:
    deals = [("ISR", 7.0)] * own + [("RUS", 7.0)] * others
    found = israel(numbered(deals), draws=20_000, level=0.8)
    beta = stats.beta(own, others)
    assert found.interval == pytest.approx(beta.interval(0.8), abs=CHANCE)
    assert found.prob_largest == pytest.approx(beta.sf(0.5), abs=CHANCE)
    assert found.value == pytest.approx(own / (own + others))
    assert found.effective_deals == pytest.approx(own + others)


def test_two_unequal_deals_have_their_own_quantiles() -> None:
    low, high = israel(numbered([("ISR", 9.0), ("RUS", 1.0)]), draws=20_000).interval
    expected = [9 * u / (9 * u + (1 - u)) for u in (0.05, 0.95)]
    assert [low, high] == pytest.approx(expected, abs=CHANCE)


def test_weights_have_the_moments_of_dirichlet() -> None:
    equal = np.full(4, 3.0)
    drawn = draw_shares(equal, np.arange(4), draws=20_000, rng=np.random.default_rng(5))
    dirichlet = stats.dirichlet(np.ones(4))
    assert drawn.mean(axis=0) == pytest.approx(dirichlet.mean(), abs=CHANCE)
    assert np.cov(drawn, rowvar=False) == pytest.approx(dirichlet.cov(), abs=CHANCE / 4)


def test_shares_of_groups_are_sums_of_their_units() -> None:
    units = draw_shares(np.ones(3), np.arange(3), draws=2500, rng=np.random.default_rng(2))
    groups = draw_shares(np.ones(3), np.array([0, 0, 1]), draws=2500, rng=np.random.default_rng(2))
    assert groups[:, 0] == pytest.approx(units[:, 0] + units[:, 1], abs=ROUNDING)
    assert groups.sum(axis=1) == pytest.approx(np.ones(2500), abs=ROUNDING)


def test_interval_covers_the_share_of_the_process_about_as_often_as_its_level() -> None:
    rng = np.random.default_rng(20)
    truth, deals, covered = 0.6, 60, 0
    for _ in range(400):
        sizes = rng.gamma(2.0, 10.0, size=deals)
        groups = np.sort((rng.random(deals) > truth).astype(np.int64))
        low, high = equal_tails(draw_shares(sizes, groups, draws=400, rng=rng)[:, 0], level=0.9)
        covered += bool(low <= truth <= high)
    assert 0.85 <= covered / 400 <= 0.94


def test_years_of_a_deal_come_and_go_together() -> None:
    rows = [delivery("ISR", year, 5.0, deal="1", line=year) for year in (2016, 2017)]
    other = delivery("RUS", 2016, 10.0, deal="2", line=9)
    by_deal = israel(flow_table(*rows, other), draws=20_000)
    assert by_deal.deals[["deal", "value", "rows"]].to_numpy().tolist() == [
        ["1", 10.0, 2],
        ["2", 10.0, 1],
    ]
    assert by_deal.interval == pytest.approx((0.05, 0.95), abs=CHANCE)
    by_row = israel(flow_table(*rows, other), draws=20_000, unit="row")
    assert by_row.deals["deal"].tolist() == ["1", "2", "3"]
    assert by_row.high - by_row.low < by_deal.high - by_deal.low - CHANCE
    assert "few rows" in by_row.meaning


def test_suppliers_by_hand() -> None:
    deals = [("ISR", "1", 60.0), ("RUS", "2", 20.0), ("RUS", "3", 10.0), ("XXU", "4", 10.0)]
    found = israel(deals_of(*deals))
    assert found.suppliers["supplier"].tolist() == ["ISR", "RUS", "XXU"]
    assert found.suppliers["share"].tolist() == [0.6, 0.3, 0.1]
    assert found.suppliers["rank"].tolist() == [1, 2, pd.NA]
    assert found.suppliers["rank_low"].tolist() == [1, 1, pd.NA]
    assert found.suppliers["rank_high"].tolist() == [2, 2, pd.NA]
    assert found.suppliers["prob_largest"].isna().tolist() == [False, False, True]
    assert found.suppliers["prob_largest"].sum() == pytest.approx(1)
    assert found.effective_deals == pytest.approx(100**2 / (60**2 + 20**2 + 10**2 + 10**2))
    values = found.concentration.set_index("measure")["value"]
    assert values.to_dict() == pytest.approx(
        {
            "hhi": 0.46,
            "effective_number": 1 / 0.46,
            "cr1": 0.6,
            "cr3": 1.0,
            "entropy": entropy([0.6, 0.3, 0.1]),
        }
    )


def test_indices_of_draws_are_those_of_amounts() -> None:
    drawn = draw_shares(np.arange(5.0), np.arange(5), draws=50, rng=np.random.default_rng(3))
    found = draw_indices(drawn)
    for place, shares in enumerate(drawn):
        expected = [
            herfindahl(shares),
            effective_number(shares),
            concentration_ratio(shares, 1),
            concentration_ratio(shares, 3),
            entropy(shares),
        ]
        assert [values[place] for values in found.values()] == pytest.approx(expected)


def test_two_largest_share_the_chance() -> None:
    drawn = np.tile([[0.4, 0.4, 0.2]], (40, 1))
    found = supplier_table(pd.Series({"ISR": 4.0, "RUS": 4.0, "TUR": 2.0}), drawn, level=0.9)
    assert found["prob_largest"].tolist() == [0.5, 0.5, 0.0]
    assert draw_ranks(drawn)[0].tolist() == [1, 1, 3]


def test_importer_with_unknown_suppliers_only_has_no_ranks() -> None:
    found = israel(deals_of(("XXU", "1", 2.0), ("XXU", "2", 2.0)), supplier="XXU")
    assert found.interval == (1.0, 1.0)
    assert found.suppliers["rank"].isna().all()
    assert np.isnan(found.prob_largest)


def test_tidy_holds_shares_ranks_and_indices() -> None:
    found = israel(deals_of(("ISR", "1", 60.0), ("XXU", "2", 40.0)))
    tidy = found.tidy()
    assert tidy["quantity"].tolist() == [
        *("share", "share", "rank"),
        *("hhi", "effective_number", "cr1", "cr3", "entropy"),
    ]
    assert tidy["supplier"].tolist() == ["ISR", "XXU", "ISR", "", "", "", "", ""]
    assert tidy.loc[0, ["value", "low", "high"]].tolist() == [0.6, found.low, found.high]
    assert (tidy["level"] == 0.9).all()
    assert (tidy["low"] <= tidy["high"]).all()


def test_summary_says_what_the_interval_means() -> None:
    found = israel(deals_of(("ISR", "1", 60.0), ("RUS", "2", 40.0)))
    text = found.summary()
    assert "ISR in the imports of AZE, 2016-2017 (sipri@2025-03): 0.6000, interval" in text
    assert "200 draws; 2 deals, effective number 1.9" in text
    assert "not a sample of them" in text
    assert "no error of measurement and no bound" in text
    assert text.endswith(found.meaning)
    assert found.rows is found.share.rows


@settings(max_examples=20)
@given(amounts)
def test_wider_levels_give_wider_intervals(deals: list[tuple[str, float]]) -> None:
    narrow, wide = (israel(numbered(deals), level=level).tidy() for level in (0.5, 0.9))
    assert (wide["low"] <= narrow["low"]).all()
    assert (wide["high"] >= narrow["high"]).all()


@settings(max_examples=10)
@given(amounts, st.sampled_from([1e-3, 1e3]))
def test_the_unit_does_not_matter(deals: list[tuple[str, float]], scale: float) -> None:
    scaled = [(supplier, scale * tiv) for supplier, tiv in deals]
    first, second = (israel(numbered(one)) for one in (deals, scaled))
    assert first.interval == pytest.approx(second.interval, rel=1e-9)


def test_chance_is_an_argument() -> None:
    rows = deals_of(("ISR", "1", 60.0), ("RUS", "2", 40.0))
    assert israel(rows).interval == israel(rows).interval
    assert israel(rows).interval != israel(rows, rng=2).interval


def test_rows_without_a_deal_are_refused_and_can_be_drawn_by_row() -> None:
    totals = flow_table(delivery("ISR", 2016, 5.0), delivery("RUS", 2016, 5.0, line=9))
    with pytest.raises(SchemaError, match=r"deal of every row, found none at sipri@2025-03 lines"):
        israel(totals, end=2016)
    with pytest.raises(SchemaError, match="ask for unit='row'"):
        israel(totals.assign(deal=["1", None]), end=2016)
    assert len(israel(totals, end=2016, unit="row").deals) == 2


@pytest.mark.parametrize(
    ("deals", "error", "message"),
    [
        ([("ISR", "1", 9.0)], SchemaError, "by at least 2 deals, found 1"),
        ([("ISR", "1", 9.0), ("RUS", "2", 0.0)], SchemaError, "by at least 2 deals, found 1"),
        ([("TUR", "1", 9.0), ("RUS", "2", 1.0)], SchemaError, "deals of ISR in 2016-2017, found n"),
        (
            [("ISR", "1", 9.0), ("RUS", "1", 1.0)],
            SchemaError,
            r"deal 1: expected one supplier, found ISR, RUS \(sipri@2025-03 lines 13, 14\)",
        ),
    ],
)
def test_what_cannot_be_weighed_is_refused(
    deals: list[tuple[str, str, float]], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        israel(deals_of(*deals))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"level": 95}, "level: expected between 0 and 1, found 95"),
        ({"draws": 19}, "interval at level 0.9, .* found 19"),
        ({"draws": 0}, "draws: expected at least 1, found 0"),
        ({"unit": "boat"}, "unit: expected one of deal, row, found 'boat'"),
    ],
)
def test_wrong_arguments_are_named(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        israel(deals_of(("ISR", "1", 60.0), ("RUS", "2", 40.0)), **wrong)


def test_groups_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="groups: expected one for each of 2 values, found 1"):
        draw_shares(np.ones(2), np.array([0]), draws=2, rng=np.random.default_rng(1))


def test_two_vintages_are_not_weighed_together() -> None:
    old = deals_of(("ISR", "1", 60.0), ("RUS", "2", 40.0), dataset="sipri@2022-03")
    new = deals_of(("ISR", "1", 90.0), ("RUS", "2", 10.0))
    both = fl.join_flows([old, new])
    with pytest.raises(DoubleCountError, match="expected one vintage"):
        israel(both)
    assert israel(both, dataset="sipri@2022-03").value == 0.6


def test_what_does_not_count_has_no_weight() -> None:
    rows = deals_of(("ISR", "a", 50.0), ("ISR", "b", 10.0), ("RUS", "c", 30.0))
    without = Counting(without_deals=("a",))
    found = israel(rows, counting=without)
    assert found.deals["deal"].tolist() == ["b", "c"]
    assert found.value == 0.25
    assert found.interval == israel(rows[rows["deal"] != "a"]).interval


def test_deals_are_weighed_with_all_their_years() -> None:
    arms = fl.load("sipri-deal-years@2025-03")
    found = fl.share(arms, supplier="ISR", importer="AZE", start=2016, end=2020)
    deals = weighed_units(found, unit="deal")
    assert (len(found.rows), len(deals), deals["value"].idxmax()) == (60, 35, 8)
