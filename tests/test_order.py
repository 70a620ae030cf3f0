"""
Order never matters: the same rows in another order give the same result, to the last digit.

One table of what is asked of which rows; every case is asked again with its rows turned round and
shuffled. The amounts are such that adding them one by one does depend on the order.
"""

import operator
from collections.abc import Callable, Iterator
from functools import partial, reduce
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from bridges import IRANIAN, armenia, iran, lead
from deals import deal, deals
from matplotlib.axes import Axes
from mirrors import ring, said
from small_findings import findings
from statements import delivery, flow_table, months, statement, table

from flows.canonical import exact_sum
from flows.compare.history import mirror_history, record_changes
from flows.compare.mirror_pairs import pair_mirrors
from flows.compare.reliability import reliability
from flows.compare.share_revision import share_revision
from flows.compare.vintages import compare_vintages
from flows.errors import DoubleCountError
from flows.figures import draw_imports_by_supplier, draw_supplier_ranks
from flows.figures.style import new_figure
from flows.findings import Findings
from flows.measure.bounds import share_bounds
from flows.measure.box_extremes import Box, entropy_bounds, herfindahl_bounds, ratio_bounds
from flows.measure.checks import check_stated_once
from flows.measure.concentration import MEASURES, concentration
from flows.measure.context import supplier_context
from flows.measure.dissolved import settle_states
from flows.measure.indices import concentration_ratio, effective_number, entropy, herfindahl
from flows.measure.influence import deal_influence
from flows.measure.posterior import share_posterior
from flows.measure.rules import (
    LocalProduction,
    SecondHand,
    UncertainNumber,
    UncertainYear,
    UnknownPartner,
)
from flows.measure.shares import rolling_partner_shares, share
from flows.measure.timeseries import series, supplier_years
from flows.models.composition import find_composition_breaks
from flows.models.exact_break import find_exact_break
from flows.models.state_space import fit_local_trend
from flows.models.trend import fit_trend
from flows.periods import Period, recut
from flows.report.manifest import Manifest, manifest_json
from flows.report.numbers import numbers_json, numbers_tex
from flows.scope import Scope, remember
from flows.table import check_flows

AMOUNTS = np.random.default_rng(3).lognormal(2, 3, 36)
YEARS = pd.period_range("2001", periods=15, freq="Y", name="year")
YEARLY = pd.Series(AMOUNTS[:15], YEARS)
MONTHS = flow_table(*months("2021-01", AMOUNTS))
WINDOW = {"supplier": "ISR", "importer": "AZE", "start": 2014, "end": 2016}

FACTORS = {"New": 1.0, "Second hand": 0.4, "Second hand but modernized": 0.66}
"""What an item is worth of a new one."""


def arms() -> pd.DataFrame:
    """Thirty deliveries of ten deals by four suppliers and an unknown one, flags in turn."""
    suppliers = ("ISR", "RUS", "TUR", "BLR", "XXU")
    states = tuple(FACTORS)
    rows = []
    for at, tiv in enumerate(AMOUNTS[:30]):
        supplier, status = suppliers[at % 5], states[at % 3]
        rows.append(
            deal(
                supplier,
                2014 + at % 3,
                float(tiv),
                deal=f"{supplier} {at % 10}",
                status=status,
                tiv_per_new_unit=1 / FACTORS[status],
                number_estimated=at % 3 == 0,
                delivery_year_estimated=at % 4 == 0,
                local_production=at % 7 == 0,
            )
        )
    return deals(*rows)


def all_importers() -> pd.DataFrame:
    pairs = [
        (one, other) for one in ("AZE", "ARM", "GEO", "IRN") for other in ("RUS", "ISR", "XXU")
    ]
    windows = product(pairs, range(2011, 2017))
    rows = [
        delivery(supplier, year, AMOUNTS[line % 36], importer=importer, line=line)
        for line, ((importer, supplier), year) in enumerate(windows, start=2)
    ]
    return flow_table(*rows)


def one_flow(side: Callable[..., pd.DataFrame], *values: float) -> pd.DataFrame:
    years = [side(value, Period.year(2015 + at)) for at, value in enumerate(values)]
    return pd.concat(years, ignore_index=True)


def release(vintage: str, amounts: np.ndarray, **changes: Any) -> pd.DataFrame:
    """Two deliveries of each of six deals."""
    about = {"designation": "Kidd", "description": "boat", "product": "ships", "order_year": 2015}
    rows = [
        delivery(
            ("ISR", "RUS", "TUR")[at % 3],
            2016 + at // 6,
            tiv,
            deal=str(at % 6),
            number=float(at + 1),
            classification="SIPRI",
            dataset=f"sipri-deals@{vintage}",
            line=20 + at,
            **(about | changes),
        )
        for at, tiv in enumerate(amounts)
    ]
    made = flow_table(*rows)
    made["number"] = made["number"].astype("Float64")
    return made


def german_states() -> pd.DataFrame:
    """Flows of 1985 among states of which some are no more, and their heirs."""
    days = {"start": "1985-01-01", "end": "1985-12-31"}
    pairs = product(("DDR", "DEU", "SUN"), ("YMD", "YEM", "RUS", "DEU", "DDR"))
    rows = [
        statement(exporter=one, importer=other, reporter=other, value=value, line=line, **days)
        for line, ((one, other), value) in enumerate(zip(pairs, AMOUNTS, strict=False), start=2)
    ]
    return check_flows(table(*rows).astype(dict.fromkeys(days, "datetime64[s]")))


ARMS = arms()
OLD, NEW = release("2022-03", AMOUNTS[:12]), release("2025-03", AMOUNTS[2:14])
TRADE = flow_table(
    *(statement(product=f"27{at:02}", value=AMOUNTS[at], line=at) for at in range(12))
)
REVISED = TRADE.iloc[3:].assign(
    dataset="armstat@2026-02", **{name: 1.1 * TRADE[name] for name in ("value", "low", "high")}
)
MIRRORS = flow_table(
    said("exporter", "IRN", "ARM", 100.0, line=2),
    said("importer", "IRN", "ARM", 120.0, line=3),
    said("exporter", "ARM", "IRN", 50.0, line=4),
)
RECORDED = months("2023-01", [1.0, 2.0, 3.0])
RECORDED[1]["valuation"] = "FOB"
STATED_TWICE = flow_table(
    statement(line=2),
    statement(line=3, reporter="IRN"),
    statement(line=4, exporter="RUS"),
    statement(line=5, exporter="RUS", start="2023-06-01"),
)
OVERLAPPING = table(
    *months("2022-11", [1.0, 1.0]), *months("2023-03", [1.0], line=4), statement(line=20)
)
STEPS = [0.1, 0.15, 0.05, 0.1, 0.12, 0.6, 0.65, 0.55, 0.6, 0.58, 0.2, 0.25, 0.3, 0.22, 0.24]
MIX = pd.DataFrame(
    {
        part: np.array(STEPS if weight == 0 else [weight * (1 - one) for one in STEPS])
        for part, weight in {"ISR": 0, "RUS": 0.75, "TUR": 0.25}.items()
    },
    YEARS,
)
DRAWN = pd.DataFrame(
    {
        "year": [2018, 2018, 2018, 2018, 2020, 2020, 2021],
        "supplier": [
            "Russia",
            "Israel",
            "Others",
            "Unknown supplier",
            "Israel",
            "Belarus",
            "Russia",
        ],
        "value": [52.0, 248.0, 20.0, 1.0, 21.0, 2.0, 600.0],
    }
)
RANKS = pd.DataFrame(
    {
        "window": ["2014-2018", "2014-2018", "2015-2019", "2016-2020", "2016-2020"],
        "supplier": ["Russia", "Israel", "Israel", "Israel", "Russia"],
        "rank": [1.0, 2.0, 1.0, 1.0, 1.0],
        "share_pct": [60.0, 40.0, 70.0, 40.0, 40.0],
    }
)
DOUBTS = (
    UncertainYear(1),
    UncertainNumber(0.25),
    UnknownPartner(),
    LocalProduction(),
    SecondHand((0.4, 1.0), (0.66, 0.8)),
)
INTERVALS = list(zip(AMOUNTS[:5], AMOUNTS[:5] + AMOUNTS[5:10], strict=True))


def counted(rows: pd.DataFrame) -> list[float]:
    found = share(rows, **WINDOW)
    return [found.value, found.numerator, found.denominator]


def bounded_share(rows: pd.DataFrame, rules: tuple[Any, ...]) -> list[Any]:
    found = share_bounds(rows, rules=rules, **WINDOW)
    ends = [(end.numerator, end.denominator) for end in (found.at_low, found.at_high)]
    return [found.low, found.value, found.high, ends]


def concentrated(rows: pd.DataFrame) -> list[Any]:
    rules = [UncertainNumber(0.3), UnknownPartner()]
    found = concentration(rows, importer="AZE", start=2014, end=2016, rules=rules)
    return [found.bounds, *(getattr(found, name) for name in MEASURES)]


def in_context(rows: pd.DataFrame) -> list[pd.DataFrame]:
    asked: dict[str, Any] = {"importer": "AZE", "min_volume": 0.1, "former": (2011, 2013)}
    found = supplier_context(rows, start=2014, end=2016, **asked)
    assert found.change is not None
    return [found.importers, found.change.importers]


def likely_share(rows: pd.DataFrame, *, unit: Any) -> list[Any]:
    found = share_posterior(rows, unit=unit, draws=200, rng=1, level=0.9, **WINDOW)
    return [found.tidy(), found.prob_largest]


def of_box(bounds: Callable[[Box], Any], pairs: list[tuple[float, float]]) -> Any:
    low, high = zip(*pairs, strict=True)
    return bounds(Box(low=low, high=high, anyone=((0.0, 3.0),)))


def revised(*releases: pd.DataFrame) -> pd.DataFrame:
    return share_revision(*releases, supplier="ISR", importer="AZE", start=2016, end=2017).by_deal()


def over_time(exports: pd.DataFrame, imports: pd.DataFrame) -> list[pd.DataFrame]:
    found = mirror_history(exporter_report=exports, importer_report=imports, freq="year")
    assert found.breaks is not None
    return [found.tidy(), found.breaks.tidy()]


def reliable(rows: pd.DataFrame) -> pd.DataFrame:
    pairs = pair_mirrors(rows, nominal_below=0.0)
    asked: dict[str, Any] = {"cif_fob_ratio": (1.1, 1.1), "importer_ratio": 1.0, "prior_df": 0.1}
    return reliability(pairs, draws=10, rng=1, **asked).tidy()


def settled(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the flows in an order of their own; the line is that of the first of those joined."""
    found = settle_states(check_flows(rows), policy="fold", successors={"SUN": "RUS"}).table
    return found.sort_values(["exporter", "importer", "reporter"], ignore_index=True).drop(
        columns="line"
    )


def yearly(rows: pd.DataFrame, calendar: Any) -> list[Any]:
    found = series(rows, exporter="IRN", importer="ARM", freq="year", calendar=calendar)
    return [found, found.attrs]


def of_a_year(rows: pd.DataFrame) -> list[Any]:
    found = recut(rows, Period.year(1401, calendar="solar-hijri"))
    return [found.value, found.rows]


def broken(table: pd.DataFrame, columns: list[str]) -> list[Any]:
    found = find_composition_breaks(
        table[columns], least=3, block=1, draws=19, rng=np.random.default_rng(7)
    )
    return [found.break_dates, [one.pvalue for one in found.tests]]


def trend_of(y: pd.Series) -> list[pd.Series]:
    fit = fit_trend(y)
    return [fit.params, fit.std_errors, fit.pvalues, fit.resids]


def refusal(check: Callable[..., object], *asked: Any) -> str:
    with pytest.raises(DoubleCountError) as caught:
        check(*asked)
    return str(caught.value)


def drawn(draw: Callable[..., Axes], rows: pd.DataFrame, **asked: Any) -> list[Any]:
    axes = draw(new_figure(height=80)[1], rows, highlight="Israel", **asked)
    return [
        [text.get_text() for text in axes.get_legend().get_texts()],
        [patch.get_bbox().bounds for patch in axes.patches],
        [pd.DataFrame(line.get_xydata()) for line in axes.lines],
    ]


class Case(NamedTuple):
    """What is asked, and the rows of which the order must not matter."""

    ask: Callable[..., Any]
    rows: tuple[Any, ...]


def case(ask: Callable[..., Any], *rows: Any) -> Case:
    return Case(ask, rows)


CASES: dict[str, Case] = {
    "exact sum": case(exact_sum, list(AMOUNTS)),
    "check of a flow table": case(
        lambda rows: check_flows(rows).sort_values("line", ignore_index=True), TRADE
    ),
    "refusal of two reporters": case(partial(refusal, check_stated_once), STATED_TWICE),
    "refusal of two periods": case(
        partial(refusal, check_stated_once), STATED_TWICE[STATED_TWICE["exporter"] == "RUS"]
    ),
    "refusal of months and their year": case(partial(refusal, check_stated_once), OVERLAPPING),
    "recut of months": case(of_a_year, MONTHS),
    "years from months": case(partial(yearly, calendar="gregorian"), MONTHS),
    "Iranian years from months": case(partial(yearly, calendar="solar-hijri"), MONTHS),
    "share": case(counted, ARMS),
    "bounds of a share, rules too": case(bounded_share, ARMS[:10], DOUBTS),
    "share without each deal": case(
        lambda rows: [(found := deal_influence(rows, **WINDOW)).deals, found.jackknife_error], ARMS
    ),
    "share by weights of deals": case(partial(likely_share, unit="deal"), ARMS),
    "share by weights of rows": case(partial(likely_share, unit="row"), ARMS),
    "ranks of suppliers": case(
        lambda rows: rolling_partner_shares(rows, importer="AZE", years=2).frame, ARMS
    ),
    "shares by year": case(lambda rows: supplier_years(rows, importer="AZE").shares, ARMS),
    "concentration": case(concentrated, ARMS),
    "one importer among all": case(in_context, all_importers()),
    "dissolved states": case(settled, german_states()),
    **{
        f"index {index.__name__}": case(index, list(AMOUNTS))
        for index in (herfindahl, effective_number, entropy)
    },
    "index of the largest two": case(lambda rows: concentration_ratio(rows, 2), list(AMOUNTS)),
    "extremes of the HHI": case(partial(of_box, herfindahl_bounds), INTERVALS),
    "extremes of the largest": case(partial(of_box, lambda box: ratio_bounds(box, 1)), INTERVALS),
    "extremes of two": case(partial(of_box, lambda box: ratio_bounds(box, 2)), INTERVALS),
    "extremes of the entropy": case(partial(of_box, entropy_bounds), INTERVALS),
    "trend": case(trend_of, YEARLY),
    "state space": case(lambda y: fit_local_trend(y, kind="level", form="level").states, YEARLY),
    "one exact break": case(lambda y: find_exact_break(y).tidy(), YEARLY[:8]),
    "breaks of a composition, columns too": case(broken, MIX, list(MIX.columns)),
    "bridge": case(
        lambda rows: lead(iran(150.0, IRANIAN), rows, period=IRANIAN).tidy(),
        flow_table(*months("2023-01", 5 + AMOUNTS[:15] % 10)),
    ),
    "two sides over time": case(
        over_time,
        one_flow(iran, *[100.0] * 5),
        one_flow(armenia, *AMOUNTS[:5]),
    ),
    "changes of the records": case(record_changes, flow_table(*RECORDED)),
    "pairs of mirrors": case(lambda rows: pair_mirrors(rows, nominal_below=0.0).table, MIRRORS),
    "reliability": case(
        reliable, ring({"ARM": 0.1, "GEO": 0.1, "IRN": 0.3, "RUS": 0.3}, years=4, seed=2)
    ),
    "revision of a share": case(revised, OLD, NEW),
    "releases of trade": case(lambda *two: compare_vintages(*two).tidy(), TRADE, REVISED),
    "releases of deals": case(lambda *two: compare_vintages(*two).tidy(), OLD, NEW),
    "bars of imports": case(
        partial(drawn, draw_imports_by_supplier, unit_label="TIV, million"), DRAWN
    ),
    "lines of ranks": case(partial(drawn, draw_supplier_ranks, importer="Azerbaijan"), RANKS),
    "files of numbers": case(
        lambda numbers: [write(Findings(numbers=numbers)) for write in (numbers_json, numbers_tex)],
        findings().numbers,
    ),
    "manifest": case(
        lambda inputs: manifest_json(Manifest(dict(inputs), {}, {})),
        [(f"data/{name}.csv", name * 8) for name in "bacde"],
    ),
}


def orders(count: int) -> Iterator[list[int]]:
    yield list(range(count))[::-1]
    for seed in (1, 2):
        yield np.random.default_rng(seed).permutation(count).tolist()


def in_order(rows: Any, order: list[int]) -> Any:
    if isinstance(rows, pd.DataFrame | pd.Series):
        return rows.iloc[order]
    return type(rows)(rows[place] for place in order)


def check_same(one: Any, other: Any) -> None:
    """Two results are the same to the last digit."""
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other, check_exact=True)
    elif isinstance(one, pd.Series):
        pd.testing.assert_series_equal(one, other, check_exact=True)
    elif isinstance(one, list):
        for each, again in zip(one, other, strict=True):
            check_same(each, again)
    else:
        assert one == other


@pytest.fixture(autouse=True)
def years_that_are_counted() -> None:
    remember("sipri@2025-03", Scope(years=(2010, 2024)))
    for dataset in ("sipri-deals@2025-03", "sipri-deals@2022-03"):
        remember(dataset, Scope(years=(2015, 2018)))


@pytest.mark.parametrize("name", CASES)
def test_the_order_of_rows_changes_no_digit(name: str) -> None:
    ask, rows = CASES[name]
    first = ask(*rows)
    for shuffle in zip(*(orders(len(one)) for one in rows), strict=True):
        check_same(first, ask(*map(in_order, rows, shuffle)))


def add_plainly(amounts: list[float]) -> float:
    """Return the sum of one amount after the other; from Python 3.12 on, ``sum`` compensates."""
    return reduce(operator.add, amounts)


def test_the_amounts_are_such_that_a_plain_sum_hangs_on_the_order() -> None:
    for count in (5, 12, 14, 15, len(AMOUNTS)):
        amounts = AMOUNTS[:count].tolist()
        sums = {add_plainly(in_order(amounts, order)) for order in orders(count)}
        assert {add_plainly(amounts)} != sums
