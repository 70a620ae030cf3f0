"""What results show of themselves: few lines in a terminal, an escaped table in a notebook."""

import dataclasses
import importlib
import math
import pkgutil
from collections.abc import Callable
from functools import cache
from html import escape
from typing import Any

import pandas as pd
import pytest
from bridges import armenia, iran, lead
from hypothesis import given
from hypothesis import strategies as st
from mirrors import RING, mirrors, ring
from small_findings import bounded, figure, findings, table
from statements import delivery, flow_table, statement

import flows as fl
from flows.compare.claims import Claim
from flows.figures.style import new_figure
from flows.measure.rules import UncertainYear
from flows.results import Card, Result
from flows.tables.formats import table_html, table_in_notebook, table_tex, table_typst

SCREEN = 100
LINES = 6
SCRIPT = '<script>alert("x")</script>'

CASE = {"supplier": "ISR", "importer": "AZE", "start": 2016, "end": 2020}
WINDOW = {"importer": "AZE", "start": 2016, "end": 2020}
RULES = (UncertainYear(within=1),)


@cache
def arms(release: str = "2025-03") -> pd.DataFrame:
    return fl.load(f"sipri-deal-years@{release}")


@cache
def imports() -> pd.Series:
    asked = {"exporter": "IRN", "importer": "ARM", "reporter": "ARM", "partner_basis": "origin"}
    return fl.series(fl.load("armstat-by-country@2025-02"), **asked, freq="year")


@cache
def step() -> pd.Series:
    years = pd.period_range("2001", "2012", freq="Y")
    return pd.Series([10, 11, 9, 10, 11, 10, 20, 21, 19, 20, 21, 20.5], index=years)


@cache
def ring_pairs() -> Any:
    std_devs = dict(zip(RING, (0.1, 0.1, 0.3, 0.3), strict=True))
    return fl.pair_mirrors(ring(std_devs, years=8, seed=2), nominal_below=0.0)


def reliability() -> Any:
    asked = {"cif_fob_ratio": (1.1, 1.1), "importer_ratio": 1.0, "prior_df": 0.1}
    return fl.reliability(ring_pairs(), **asked, draws=40, rng=1)


def ring_panel() -> pd.DataFrame:
    trade = covariates().merge(pd.DataFrame({"year": range(2000, 2004)}), how="cross")
    trade = trade.assign(year=trade["year_y"], distance=(trade["dist"] * 7919 % 4001) / 1000)
    return trade.assign(value=100 / (1 + trade["distance"]) + trade.index % 5)


def covariates() -> pd.DataFrame:
    pairs = [(exporter, importer) for exporter in RING for importer in RING if exporter != importer]
    return pd.DataFrame(pairs, columns=["exporter", "importer"]).assign(
        year=2000,
        dist=range(300, 300 * len(pairs) + 300, 300),
        contig=[1.0, 0.0, 0.0] * len(RING),
        dataset="gravity@1",
        line=range(2, len(pairs) + 2),
    )


def events() -> pd.DataFrame:
    dates = ["2013-03-01", "2019-10-27"]
    return pd.DataFrame({"date": dates, "name": ["treaty", "agreement"], "kind": "policy"})


def last_value(known: pd.Series, horizon: int) -> list[float]:
    return [float(known.iloc[-1])] * horizon


def claims() -> Any:
    sentence = Claim(
        id="nearly-70",
        quote="nearly 70 percent",
        citation="author2025",
        assumes="deliveries",
        place="claims.toml:1",
        number="arms.share.2025-03",
        low=65.0,
        high=70.0,
        unit="%",
        tolerance="rounds to it",
        says="imports",
        counts="imports",
    )
    return fl.check_claims([sentence], {bounded().id: bounded()})


def history() -> Any:
    statements = {
        "importer_report": armenia(100.0, fl.Period.year(2020)),
        "exporter_report": iran(90.0, fl.Period.year(2020)),
    }
    for number in (2021, 2022, 2023):
        period = fl.Period.year(number)
        statements["importer_report"] = pd.concat(
            [statements["importer_report"], armenia(100.0, period, line=number)]
        )
        statements["exporter_report"] = pd.concat(
            [statements["exporter_report"], iran(90.0, period, line=number)]
        )
    return fl.mirror_history(**statements, freq="year")


def share_history() -> Any:
    releases = fl.join_flows([arms("2022-03"), arms()])
    return fl.share_history(releases, supplier="ISR", importer="AZE", windows=[(2016, 2020)])


def panel() -> Any:
    countries = dict.fromkeys((*RING, "AZE", "TUR"), 0.1)
    trade = ring(countries, years=8, seed=2)
    return fl.fit_panel_trend(trade[trade["reporter"] == trade["importer"]])


def context() -> Any:
    suppliers = (("AZE", "RUS", 90.0), ("AZE", "ISR", 10.0), ("ARM", "RUS", 99.0))
    rows = [
        delivery(supplier, year, tiv, importer=importer, line=line)
        for year in (2015, 2016)
        for line, (importer, supplier, tiv) in enumerate(suppliers, start=year)
    ]
    asked = {"importer": "AZE", "start": 2016, "end": 2016, "min_volume": 20.0}
    return fl.supplier_context(flow_table(*rows), **asked, former=(2015, 2015))


def oils() -> pd.DataFrame:
    return flow_table(
        statement(product="271011", classification="HS2007", line=2),
        statement(product="271019", classification="HS2007", line=3),
    )


def trade_class() -> Any:
    trade = fl.join_flows([iran(100.0), armenia(120.0)])
    return fl.classify_mirror(
        trade,
        exporter="IRN",
        importer="ARM",
        reporter="IRN",
        period=fl.Period.year(2023),
        negligible=0.01,
    )


MAKERS: dict[str, tuple[Callable[[], Any], str]] = {
    "Contents": (lambda: fl.show(arms()), "all partners in the imports of AZE"),
    "Share": (lambda: fl.share(arms(), **CASE), "67.74%"),
    "PartnerShares": (lambda: fl.partner_shares(arms(), **WINDOW), "Israel 67.7%"),
    "RollingShares": (
        lambda: fl.rolling_partner_shares(arms(), importer="AZE", years=5, start=2014, end=2020),
        "Israel 67.7%",
    ),
    "ShareBounds": (
        lambda: fl.share_bounds(arms(), **CASE, rules=RULES),
        "between 64.16% and 68.26%",
    ),
    "Extreme": (lambda: made("ShareBounds").at_low, "64.16%"),
    "Effect": (lambda: made("ShareBounds").effects[0], "uncertain years"),
    "SharePosterior": (
        lambda: fl.share_posterior(arms(), **CASE, level=0.95, draws=99, rng=1),
        "95% of the draws",
    ),
    "DealInfluence": (lambda: fl.deal_influence(arms(), **CASE), "between 55.24%"),
    "Removal": (lambda: made("DealInfluence").to_lose_first, "6 deals"),
    "Concentration": (lambda: fl.concentration(arms(), **WINDOW, rules=RULES), "ISR, 67.74%"),
    "RollingConcentration": (
        lambda: fl.rolling_concentration(arms(), importer="AZE", years=5, start=2014, end=2020),
        "HHI 0.4923, ISR",
    ),
    "SupplierYears": (lambda: fl.supplier_years(arms(), importer="AZE"), "15 suppliers"),
    "ProductFamilies": (
        lambda: fl.product_families("HS2012", "HS2017", digits=6),
        "HS2012-HS2017",
    ),
    "Recut": (
        lambda: fl.recut(armenia(412.5), fl.Period.year(2023)),
        "412.5",
    ),
    "Settled": (lambda: fl.settle_states(armenia(412.5), policy="keep"), "policy keep"),
    "TrendFit": (lambda: fl.fit_trend(imports()), "% a year, between"),
    "Diagnostics": (lambda: made("TrendFit").diagnostics, "of 18 observations"),
    "ShareTrend": (
        lambda: fl.fit_share_trend(fl.supplier_years(arms(), importer="AZE").shares["ISR"]),
        "points a year",
    ),
    "PanelTrendFit": (panel, "30 pairs"),
    "SupplierContext": (context, "AZE among 2 importers"),
    "MainSupplierChange": (lambda: made("SupplierContext").change, "RUS to RUS"),
    "HarmonisedProducts": (lambda: fl.harmonise_products(oils(), last="HS2012"), "1 row"),
    "ConvertedProducts": (
        lambda: fl.convert_products(oils(), to="HS2012", weights="equal"),
        "products in HS2012",
    ),
    "BreakFit": (lambda: fl.find_breaks(step()), "2007, no other date"),
    "ExactBreak": (lambda: fl.find_exact_break(step().iloc[:8]), "10.17 to 20.50"),
    "Fluctuation": (lambda: fl.fluctuation_test(imports()), "left out"),
    "HypothesisTest": (lambda: fl.chow_test(step(), at="2007"), "Chow"),
    "InterruptionFit": (lambda: fl.fit_interruption(imports(), at="2021"), "level change"),
    "EventTests": (lambda: fl.fit_events(imports(), events()), "2 events"),
    "LocalTrendFit": (lambda: fl.fit_local_trend(imports()), "18 of 18 periods"),
    "Persistence": (lambda: made("LocalTrendFit").persistence, "not tested"),
    "Backtest": (
        lambda: fl.backtest(imports(), {"last": last_value}, first=12),
        "mean absolute error",
    ),
    "Comparison": (lambda: fl.compare_growth(imports()), "5 estimators"),
    "GrowthEstimate": (
        lambda: made("Comparison").estimates["OLS-log"],
        "growth of the median",
    ),
    "CompositionBreaks": (
        lambda: fl.find_composition_breaks(
            fl.supplier_years(arms(), importer="AZE").mix(["ISR", "RUS"], rest="others"),
            least=3,
            block=1,
            draws=99,
            rng=1,
        ),
        "99 permutations",
    ),
    "Bridge": (lambda: lead(iran(412.0), armenia(598.0)), "598"),
    "Step": (lambda: made("Bridge").step("exporter"), "412"),
    "MirrorHistory": (history, "4 periods"),
    "MirrorClass": (trade_class, "reported"),
    "MirrorPairs": (ring_pairs, "stated by both sides"),
    "MarginFit": (lambda: fl.fit_margin(ring_pairs(), covariates()), "log distance"),
    "Reliability": (reliability, "best: "),
    "Component": (lambda: made("Reliability").components[0], "identified"),
    "Reconciled": (
        lambda: fl.reconcile(
            mirrors(100.0, 110.0),
            log_std_devs={"IRN": 0.1, "ARM": 0.1},
            cif_fob_ratio=(1.1, 1.1),
        ),
        "1 with a value FOB",
    ),
    "VintageChange": (lambda: fl.compare_vintages(arms("2022-03"), arms()), "to sipri-deal-years@"),
    "ChoiceComparison": (
        lambda: fl.compare_choices(
            lambda release, end: fl.share(release, **(CASE | {"end": end})),
            {"release": {"2022": arms("2022-03"), "2025": arms()}, "end": {"5": 2020, "4": 2019}},
            own={"release": "2025", "end": "5"},
        ),
        "moves it most",
    ),
    "ShareRevision": (
        lambda: fl.share_revision(arms("2022-03"), arms(), **CASE, match="id"),
        "69.47% (sipri-deal-years@2022-03) to 67.74%",
    ),
    "ShareHistory": (share_history, "67.74%"),
    "Screen": (lambda: fl.screen(arms(), absent="zero", fits=["poisson"]), "p-values are adjusted"),
    "Standing": (
        lambda: made("Screen").standing(exporter="ISR", importer="AZE"),
        "Israel to Azerbaijan",
    ),
    "Dependence": (
        lambda: fl.dependence(arms(), rule=fl.DependenceRule(hhi=0.4), horizons=(1, 5)),
        "after 1 year, between",
    ),
    "MirrorGaps": (
        lambda: fl.mirror_gaps(ring(dict.fromkeys(RING, 0.2), years=9, seed=2), nominal_below=0.01),
        "by both 108 flows, pairs 12",
    ),
    "SupplierDependence": (
        lambda: fl.supplier_dependence(arms(), window=5, start=2015, end=2020, rules=RULES),
        "1 of 1 recipients from one supplier in the last window",
    ),
    "DeliveryLags": (
        lambda: fl.delivery_lags(fl.load_orders(fl.example_path("sipri_register"))),
        "first delivery of any part",
    ),
    "PoissonFit": (
        lambda: fl.fit_poisson(ring_panel(), "value", ["distance"], absorb=["exporter"]),
        "robust, factor n/(n-1)",
    ),
    "GravityFit": (
        lambda: fl.fit_gravity(ring_panel(), regressors=["distance"]),
        "clustered by pair, factor G/(G-1)",
    ),
    "LogEstimates": (lambda: made("GravityFit").logs, "that an effect fits alone"),
    "FlowContext": (
        lambda: fl.flow_in_context(
            fl.load("baci-totals@2020"), exporter="IRN", importer="ARM", year=2019
        ),
        "of 200 flows like it",
    ),
    "Verdicts": (claims, "supported"),
    "Verdict": (lambda: next(iter(made("Verdicts"))), "nearly-70, supported"),
    "Claim": (lambda: next(iter(made("Verdicts"))).claim, "nearly 70 percent"),
    "Number": (bounded, "67.74%"),
    "Table": (table, "shares"),
    "Figure": (lambda: figure("arms"), "arms"),
    "Findings": (findings, "numbers"),
    "Source": (lambda: fl.list_sources(only=["bls-cpi-u@2026-09"])[0], "bls-cpi-u@2026-09"),
}
"""How to make one result of each class, and what its lines have to say."""


@cache
def made(name: str) -> Any:
    return MAKERS[name][0]()


def classes_of_results() -> set[str]:
    for module in pkgutil.walk_packages(fl.__path__, "flows."):
        if module.name != "flows.bulk.on_spark":  # needs Spark, and has no results
            importlib.import_module(module.name)
    found, ahead = set(), [Result]
    while ahead:
        children = ahead.pop().__subclasses__()
        ahead += children
        found |= {child.__name__ for child in children if dataclasses.is_dataclass(child)}
    return found


@pytest.mark.parametrize("name", MAKERS)
def test_a_result_is_a_few_lines_in_a_terminal_and_a_table_in_a_notebook(name: str) -> None:
    result, words = made(name), MAKERS[name][1]
    lines = repr(result).splitlines()
    assert lines[0].startswith(f"{name}: ")
    assert len(lines) <= LINES
    assert max(map(len, lines)) <= SCREEN
    assert words in repr(result)
    card = result._card()
    for text in (card.title, *(printed for _, printed in card.facts)):
        assert escape(" ".join(text.split())) in card.html(name)
    if name != "Table":  # that shows itself
        assert result._repr_html_() == card.html(name)
    assert result.summary()
    assert "nan" not in repr(result).split()


def test_every_class_of_results_has_its_maker() -> None:
    assert classes_of_results() == set(MAKERS)


def test_names_out_of_files_are_data() -> None:
    share = dataclasses.replace(fl.share(arms(), **CASE), dataset=SCRIPT, supplier=SCRIPT)
    number = dataclasses.replace(bounded(), about=SCRIPT, rows={SCRIPT: (1, 2)})
    for result in (share, number):
        assert "<script" not in result._repr_html_()
        assert escape(SCRIPT) in result._repr_html_()


def test_what_is_not_known_is_said() -> None:
    missing = dict.fromkeys(("value", "numerator", "denominator"), math.nan)
    share = dataclasses.replace(made("Share"), **missing)
    bounds = dataclasses.replace(made("ShareBounds"), share=share, value=math.nan)
    assert "share     not known" in repr(share)
    assert "share     not known" in repr(bounds)
    assert "between 64.16% and 68.26%" in repr(bounds)
    concentration = dataclasses.replace(made("Concentration"), hhi=math.nan)
    assert "HHI       not known, between 0.4547 and 0.4984" in repr(concentration)
    step = dataclasses.replace(made("Step"), high=math.inf)
    bridge = dataclasses.replace(made("Bridge"), steps=(step, *made("Bridge").steps[1:]))
    assert "more than USD 412" in repr(bridge)
    assert "at least 412" in step.summary()


def test_what_has_a_natural_table_gives_it() -> None:
    share = made("Share").tidy()
    assert share.loc[0, "share"] == share.loc[0, "numerator"] / share.loc[0, "denominator"]
    assert made("PartnerShares").tidy()["value"].sum() == pytest.approx(made("PartnerShares").total)
    for name in ("RollingShares", "RollingConcentration"):
        assert made(name).tidy().equals(made(name).frame)
    years = made("SupplierYears")
    sums = years.tidy().groupby("supplier")["value"].sum()
    assert sums.to_dict() == pytest.approx(years.volumes.sum().to_dict())
    assert years.tidy().groupby("year")["share"].sum(min_count=1).dropna().eq(1).sum() > 1
    assert made("Findings").tidy()["id"].tolist() == [number.id for number in findings().numbers]


@given(st.text(), st.text())
def test_no_text_leaves_its_cell_or_its_line(label: str, printed: str) -> None:
    card = Card(label, ((label, printed),), ((printed, label),), (printed,), {label: (1,)})
    plain = Card("", (("", ""),), (("", ""),), ("",), {"": (1,)})
    assert len(card.brief("Share").splitlines()) == 2
    assert len(card.text().splitlines()) <= 4
    for sign in "<>":
        assert card.html("Share").count(sign) == plain.html("Share").count(sign)


def test_what_is_long_is_cut_and_said() -> None:
    many = tuple((f"partner {number}", "1%") for number in range(50))
    card = Card("x" * 200, (("label", "y" * 200),), many, (), {"data@1": tuple(range(1, 999, 2))})
    assert {len(line) for line in card.brief("Share").splitlines()} == {SCREEN}
    assert "and 20 more" in card.html("Share")
    assert "and further ones" in card.html("Share")
    assert "partner 49" in card.text()


DRAWN = (
    "TrendFit",
    "BreakFit",
    "Bridge",
    "ChoiceComparison",
    "DealInfluence",
    "ShareRevision",
    "ShareBounds",
    "SharePosterior",
    "ShareHistory",
    "RollingShares",
    "SupplierYears",
    "SupplierContext",
    "Comparison",
    "LocalTrendFit",
    "MirrorHistory",
)


@pytest.mark.parametrize("name", DRAWN)
def test_a_result_draws_itself_in_a_new_figure_or_on_axes(name: str) -> None:
    result = made(name)
    (drawn,) = result.plot().axes
    assert result.plot()._repr_png_().startswith(b"\x89PNG")
    canvas, ax = new_figure(height=80)
    assert result.plot(ax) is canvas
    assert len(ax.get_children()) == len(drawn.get_children())


def test_a_finding_draws_itself_as_the_report_does() -> None:
    study = fl.study(
        "supplier",
        name="arms",
        data={"arms": arms()},
        question={"supplier": "ISR", "importer": "AZE", "window": (2016, 2020)},
        sections={"share": {}},
    )
    (finding,) = study.figures
    canvas = finding.plot()
    assert len(canvas.axes[0].patches) == len(fl.draw_figure(finding).axes[0].patches)


def test_a_line_that_is_none_on_the_axis_of_the_report_is_not_drawn() -> None:
    with pytest.raises(ValueError, match="level"):
        fl.fit_trend(imports(), form="level").plot()
    of_numbers = step().set_axis(range(1390, 1402))
    with pytest.raises(ValueError, match="calendar"):
        fl.find_breaks(of_numbers).plot()


def test_a_table_writes_itself_as_the_files_of_the_report() -> None:
    shares = table()
    assert shares.to_latex() == table_tex(shares)
    assert shares.to_html() == table_html(shares)
    assert shares.to_typst() == table_typst(shares)
    assert shares._repr_html_() == table_in_notebook(shares)
    assert shares._repr_html_().count("text-align: left") == 4
    assert "100% &lt;#1&gt;" in shares._repr_html_()


FITS = ("TrendFit", "ShareTrend", "PanelTrendFit", "InterruptionFit", "MarginFit")


@pytest.mark.parametrize("name", FITS)
def test_a_fit_has_what_maketables_asks_for(name: str) -> None:
    fit = made(name)
    coefficients = fit.__maketables_coef_table__
    assert coefficients.index.name == "Coefficient"
    assert list(coefficients) == ["b", "se", "t", "p", "ci95l", "ci95u"]
    tidied = fit.tidy().loc[coefficients.index]
    for ours, theirs in zip(tidied, ("b", "se", "p", "ci95l", "ci95u"), strict=True):
        assert tidied[ours].tolist() == coefficients[theirs].tolist()
    assert (coefficients["t"] * coefficients["se"]).tolist() == pytest.approx(fit.params.tolist())
    keys = fit.__maketables_default_stat_keys__
    assert {key: fit.__maketables_stat__(key) for key in keys}["N"] == fit.nobs
    assert fit.__maketables_stat__("no such statistic") is None
    assert fit.__maketables_vcov_info__["vcov_type"] == fit.__maketables_stat__("se_type")
    assert fit.__maketables_depvar__
    effects = "exporter^importer" if name == "PanelTrendFit" else None
    assert fit.__maketables_fixef_string__ == effects
