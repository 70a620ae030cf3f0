"""The supplier study on the files of the case: its numbers are those of the sources themselves."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from deals import deal, deals

import flows as fl
from flows.errors import PeriodError, SchemaError
from flows.findings import Findings, Number
from flows.pipeline.trace import trace_number
from flows.report.numbers import numbers_json
from flows.report.text import render_markdown
from flows.studies.supplier import SUPPLIER, question
from flows.table import join_flows

ROOT = Path(__file__).parents[1]
PRINTED = 0.005
"""Half a unit of the second decimal, to which the expected values are known."""

TENTH = 0.05
THREE_DIGITS = 0.0005
STATED = 2e-6
"""Sums of a few percentages: each is stated to eight significant digits."""


RULES: dict[str, dict[str, Any]] = {
    "uncertain_years": {"within": 1},
    "uncertain_numbers": {"fraction": 0.25},
    "unknown_partners": {},
    "local_production": {},
    "second_hand": {"used": [0.3, 0.5], "modernised": [0.56, 0.76]},
}
POSTERIOR: dict[str, Any] = {"draws": 10_000, "rng": 1, "level": 0.95}
FEW: dict[str, Any] = {"draws": 200, "rng": 1, "level": 0.9}
MAIN = "sipri-deal-years@2025-03"
SIDES = ("before", "after")


def study(arms: pd.DataFrame, **asked: Any) -> Findings:
    given = {"importer": "AZE", "supplier": "ISR", "window": (2016, 2020), "below": 0.5}
    return fl.supplier_study(arms, **(given | {"rules": RULES, "posterior": FEW} | asked))


def number(findings: Findings, name: str) -> Number:
    return next(one for one in findings.numbers if one.id == f"arms.{name}")


def ids(findings: Findings) -> set[str]:
    return {one.id.removeprefix("arms.") for one in findings.numbers}


QUESTION: dict[str, Any] = {
    "importer": "AZE",
    "supplier": "ISR",
    "window": (2016, 2020),
    "rules": RULES,
    "posterior": FEW,
}


def sections(arms: pd.DataFrame, *names: str, asked: Any = QUESTION, **own: Any) -> Findings:
    return SUPPLIER.find("arms", data={"arms": arms}, question=asked, parameters=own, only=names)


def page(findings: Findings, section: str) -> str:
    """Return a text of one section, with those of its exhibits below that stand elsewhere."""
    text = findings.texts.get(f"arms.{section}", "")
    kinds = {"figure": findings.figures, "table": findings.tables}
    calls = [f"{kind}('{one.id}')" for kind, several in kinds.items() for one in several]
    below = [call for call in calls if call.replace("arms-", "") not in text]
    shown = [f"section('arms.{section}')"] if text else []
    return "\n\n".join(f"{{{{ {call} }}}}" for call in shown + below)


def said(findings: Findings, section: str) -> str:
    return render_markdown(page(findings, section), findings)


@pytest.fixture(scope="module")
def arms() -> pd.DataFrame:
    named = ("sipri-deal-years@2022-03", MAIN, "sipri-tiv-table@2026-03")
    return join_flows([fl.load(one) for one in named])


@pytest.fixture(scope="module")
def found(arms: pd.DataFrame) -> Findings:
    return study(
        arms,
        windows=[
            (2011, 2015),
            (2012, 2016),
            (2013, 2017),
            (2014, 2018),
            (2015, 2019),
            (2017, 2021),
        ],
        main=MAIN,
        before="sipri-deal-years@2022-03",
        published=fl.load("sipri-published-shares@2022-03"),
        tolerance=0.1,
        posterior=POSTERIOR,
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("share.2022-03", 100 * 695.45 / 1001.06),
        ("share.2025-03", 100 * 697.45 / 1029.61),
        ("share.2026-03", 100 * 696.95 / 1046.11),
        ("numerator.2025-03", 697.45),
        ("denominator.2025-03", 1029.61),
        ("share.main", 67.74),
        ("share.lowest", 66.62),
        ("share.highest", 69.47),
        ("share.certain-years", 60.45),
        ("share.without-largest-deal", 55.24),
        ("share.without-local-production", 54.32),
        ("share.new-weapons", 71.12),
        ("share.by-order-year", 45.59),
        ("numerator.by-order-year", 167.6),
        ("denominator.by-order-year", 367.6),
        ("largest-deal", 287.5),
        ("share.published", 69.0),
        ("revision", -1.73),
        ("revision.largest-deal.before", 6.25),
        ("revision.largest-deal.after", 28.8),
    ],
)
def test_numbers_of_the_case(found: Findings, name: str, expected: float) -> None:
    assert number(found, name).value == pytest.approx(expected, abs=PRINTED)


def test_bounds_have_no_level_and_each_rule_its_own(found: Findings) -> None:
    years = number(found, "share.bounds.uncertain-years")
    assert (years.low, years.high) == pytest.approx((64.16, 68.26), abs=PRINTED)
    assert (years.spread, years.level) == ("bounds", None)
    assert "fl.rules.UncertainYear(within=1)" in "".join(years.code)
    assert years.code[-1].count("effects[0]") == 2
    local = number(found, "share.bounds.local-production")
    assert local.low == pytest.approx(54.32, abs=PRINTED)
    whole = number(found, "share.bounds.all")
    for one in found.numbers:
        if one.id.startswith("arms.share.bounds."):
            assert whole.low <= one.low <= one.value <= one.high <= whole.high  # type: ignore[operator]


def test_the_interval_over_deals_has_its_level_and_its_seed(found: Findings) -> None:
    share = number(found, "share.interval")
    assert (share.low, share.high) == pytest.approx((42.4, 85.8), abs=TENTH)
    assert (share.spread, share.level) == ("interval", 0.95)
    assert "rng=1" in "".join(share.code)
    assert number(found, "prob-largest").value == pytest.approx(98.65, abs=PRINTED)


def test_concentration_has_bounds_and_an_interval(found: Findings) -> None:
    hhi, interval = number(found, "hhi"), number(found, "hhi.interval")
    assert hhi.value == interval.value == pytest.approx(0.492, abs=THREE_DIGITS)
    assert (hhi.spread, interval.spread) == ("bounds", "interval")
    assert hhi.low is not None
    assert hhi.high is not None
    assert hhi.low < hhi.value < hhi.high
    assert found.words["arms.first-main"] == "Russia"
    assert found.words["arms.last-main"] == "Israel"


def test_the_change_between_releases_adds_up_and_the_drone_leads(found: Findings) -> None:
    parts = [number(found, f"revision.{one}").value for one in ("numerator", "denominator")]
    whole = number(found, "share.2025-03").value - number(found, "share.2022-03").value
    assert sum(parts) == pytest.approx(whole, abs=STATED)
    assert number(found, "revision").value == pytest.approx(whole, abs=STATED)
    assert found.words["arms.revision.largest-deal"] == "Bayraktar TB-2 armed UAV"
    steps = next(one for one in found.figures if one.id == "arms-revision").data
    assert steps["value"].iloc[1:-1].sum() == pytest.approx(whole, abs=STATED)
    assert steps["value"].abs().iloc[1:-1].idxmax() == 1


def test_published_shares_are_judged(found: Findings) -> None:
    assert found.words["arms.published.printed"] == "43, 60, 69 and 61"
    assert found.words["arms.published.unconfirmed"] == "2014–2018"
    assert number(found, "published.confirmed").value == 3
    shares = found.tables[0].frame.set_index("window")
    assert shares.loc["2015-2019", "agrees"] == "2022-03, 2025-03"
    assert shares.loc["2016-2020", "agrees"] == "2022-03"
    assert shares.loc["2014-2018", "published"] == "43"
    assert shares.loc["2014-2018", "agrees"] == "none; 2022-03 by 0.9"
    verdicts = next(one for one in found.tables if one.id == "arms-published").frame
    # Four windows in three releases.
    assert len(verdicts) == 12


@pytest.mark.parametrize(
    ("window", "old", "new"),
    [
        ("2011-2015", 100 * 175.25 / 2272.429, 100 * 170.0 / 2321.57),
        ("2014-2018", 100 * 784.95 / 1888.64, 100 * 780.95 / 1909.41),
        ("2015-2019", 100 * 789.2 / 1308.27, 100 * 787.2 / 1318.8),
        ("2017-2021", 100 * 445.0 / 727.21, 100 * 447.0 / 753.76),
    ],
)
def test_windows_by_release(found: Findings, window: str, old: float, new: float) -> None:
    row = found.tables[0].frame.set_index("window").loc[window]
    assert (row["2022-03"], row["2025-03"]) == pytest.approx((old, new), abs=PRINTED)


def test_the_boats_carry_the_share(found: Findings) -> None:
    assert found.words["arms.largest-deal"].startswith("OPV-62")
    deals_shown = next(one for one in found.tables if one.id == "arms-deals").frame
    assert deals_shown.loc[0, "without_pct"] == pytest.approx(55.24, abs=PRINTED)
    assert number(found, "deals.to-lose-first").value == 6
    assert number(found, "deals.to-fall-below").value == 2


def test_suppliers_stand_as_sipri_prints_them(found: Findings) -> None:
    suppliers = next(one for one in found.tables if one.id == "arms-suppliers").frame
    assert suppliers["share_pct"].sum() == pytest.approx(100, abs=STATED)
    printed = suppliers.set_index("name")["printed"]
    assert (printed["Israel"], printed["Türkiye"]) == ("68", "6.0")


def test_a_release_without_flags_has_neither_box_nor_whisker(found: Findings) -> None:
    data = next(one for one in found.figures if one.id == "arms-share-by-window").data
    ends = data.set_index("release")[["bound_low", "bound_high", "interval_low", "interval_high"]]
    assert ends.loc["2026-03"].isna().all(axis=None)
    assert ends.loc["2025-03"].notna().all(axis=None)


def test_every_number_leads_to_lines_and_every_exhibit_is_labelled(found: Findings) -> None:
    for one in found.numbers:
        assert one.rows, one.id
        assert all(min(lines) > 1 for lines in one.rows.values()), one.id
    for table in found.tables:
        assert set(table.labels) <= set(table.frame.columns)
        assert table.rows


def test_figure_of_suppliers_adds_up_to_the_data(found: Findings, arms: pd.DataFrame) -> None:
    data = found.figures[0].data
    release = arms[arms["dataset"] == MAIN]
    assert data["value"].sum() == pytest.approx(release["value"].sum(), rel=1e-12)
    assert {"Israel", "Others", "Unknown supplier"} <= set(data["supplier"])


def test_the_order_of_rows_changes_nothing() -> None:
    rows = fl.load(MAIN)
    mixed = rows.sample(frac=1.0, random_state=7)
    mixed.attrs = rows.attrs
    assert study(rows).numbers == study(mixed).numbers


def test_another_supplier_is_a_parameter(arms: pd.DataFrame) -> None:
    other = study(arms, supplier="TUR", window=(2011, 2015), main=MAIN)
    assert other.words["arms.supplier"] == "Türkiye"
    assert 0 < number(other, "share.main").value < 5
    assert number(other, "prob-largest").value < 5


@pytest.fixture(scope="module")
def full(shared_data: Path) -> pd.DataFrame:
    return fl.load(shared_data / "sipri" / "deal-years-2025-03.csv")


def test_another_pair_is_a_parameter(full: pd.DataFrame) -> None:
    armenia = study(
        full,
        importer="ARM",
        supplier="RUS",
        full_export=full,
        context={
            "min_volume": 90.0,
            "former": [2006, 2010],
            "beside": ["AZE", "KAZ", "SAU", "IND", "EGY", "TUR"],
        },
    )
    hhi = {
        "arm": 0.896,
        "aze": 0.492,
        "kaz": 0.812,
        "sau": 0.598,
        "ind": 0.313,
        "egy": 0.267,
        "tur": 0.227,
    }
    for code, expected in hhi.items():
        one = number(armenia, f"context.hhi.{code}")
        assert one.value == pytest.approx(expected, abs=THREE_DIGITS)
        assert one.rows
    assert number(armenia, "hhi").value == pytest.approx(0.896, abs=THREE_DIGITS)
    assert armenia.words["arms.context.refused"] == ""
    assert armenia.words["arms.context.main"] == "Russia"
    assert armenia.figures[-1].id == "arms-context"
    assert {"context.percentile", "context.loss", "context.changed"} <= ids(armenia)


def test_a_window_before_with_too_little_leaves_the_place_and_not_the_change(
    full: pd.DataFrame,
) -> None:
    # Armenia received 21.1 million TIV in 2011-15.
    words = SUPPLIER.find(
        "arms",
        data={"arms": full, "full_export": full},
        question={"importer": "ARM", "supplier": "RUS", "window": (2016, 2020)},
        parameters={"context": {"min_volume": 90.0, "former": [2011, 2015]}},
        only=["context"],
    ).words
    assert (words["arms.context.refused"], words["arms.context.former"]) == ("", "")
    assert "at least 90, found 21.1" in words["arms.context.change.refused"]


def test_without_deals_only_what_the_data_allow_is_found() -> None:
    findings = study(fl.load("sipri-tiv-table@2026-03"))
    assert "share.2026-03" in ids(findings)
    assert not ids(findings) & {"largest-deal", "share.interval", "share.certain-years"}
    assert "share.bounds.unknown-partners" in ids(findings)
    assert "local production: " in findings.words["arms.bounds.refused"]
    assert "by year of order: " in findings.words["arms.countings.refused"]
    for part in ("deals", "interval"):
        assert findings.words[f"arms.{part}.refused"] == "the release does not list deals"
    assert findings.words["arms.largest-deal"] == ""


def test_an_importer_with_one_deal_has_no_interval_and_says_so() -> None:
    one = deals(deal("ISR", 2016, 10.0))
    findings = study(one, window=(2016, 2016))
    assert number(findings, "share.main").value == 100
    assert "at least 2 deals, found 1" in findings.words["arms.interval.refused"]
    assert "share.interval" not in ids(findings)
    assert {one.id for one in findings.figures} == {
        "arms-by-supplier",
        "arms-share-by-window",
        "arms-ranks",
    }


def test_a_supplier_without_uncertain_rows_has_bounds_of_no_width() -> None:
    sure = deals(deal("ISR", 2016, 30.0), deal("RUS", 2016, 10.0))
    findings = study(sure, window=(2016, 2016), rules={"uncertain_years": {"within": 1}})
    bounds = number(findings, "share.bounds.all")
    assert bounds.low == bounds.value == bounds.high == 75


def test_a_country_that_delivered_nothing_has_a_share_of_zero_and_no_deal() -> None:
    none = deals(deal("ISR", 2016, 30.0), deal("RUS", 2016, 10.0))
    findings = study(none, supplier="TUR", window=(2016, 2016))
    assert number(findings, "share.main").value == 0
    assert "largest-deal" not in ids(findings)
    assert "nothing to weigh" in findings.words["arms.interval.refused"]


def test_releases_are_only_compared_where_both_count_the_window(arms: pd.DataFrame) -> None:
    findings = study(
        arms, window=(2005, 2009), supplier="UKR", main=MAIN, before="sipri-deal-years@2022-03"
    )
    assert "expected the years 2005-2009" in findings.words["arms.revision.refused"]
    assert "revision" not in ids(findings)
    unnamed = study(fl.load(MAIN))
    assert unnamed.words["arms.revision.refused"] == "no former release is named"


def test_a_window_that_the_main_release_does_not_count_is_refused(arms: pd.DataFrame) -> None:
    with pytest.raises(
        PeriodError, match=r"sipri-deal-years@2022-03: expected a data set that counts all"
    ):
        study(arms, window=(2005, 2009), main="sipri-deal-years@2022-03")


def test_two_published_shares_of_one_window_are_refused() -> None:
    published = fl.load("sipri-published-shares@2022-03")
    with pytest.raises(SchemaError, match="expected one published share for 2016-2020, found 2"):
        study(fl.load(MAIN), published=pd.concat([published, published]), tolerance=0.1)


def test_a_full_export_needs_a_volume_to_be_compared_by() -> None:
    with pytest.raises(ValueError, match="context: expected min_volume beside full_export"):
        study(fl.load(MAIN), full_export=fl.load(MAIN))


def test_an_importer_that_is_not_in_the_full_export_is_not_placed() -> None:
    findings = study(fl.load(MAIN), full_export=fl.load(MAIN), context={"min_volume": 100.0})
    assert "expected a full export with many importers" in findings.words["arms.context.refused"]
    assert not [one for one in ids(findings) if one.startswith("context")]


@pytest.mark.parametrize(
    ("name", "lines", "holds"),
    [
        ("share.main", 60, "Israel,Azerbaijan"),
        ("share.by-order-year", 32, "Israel,Azerbaijan"),
        ("share.bounds.uncertain-years", 64, "Israel,Azerbaijan"),
        ("share.interval", 60, "Israel,Azerbaijan"),
        ("largest-deal", 3, "OPV-62"),
        ("revision.largest-deal", 2, "Bayraktar TB-2"),
        ("revision", 120, "Israel"),
        ("hhi", 60, "Russia,Azerbaijan"),
        ("share.published", 1, "AZE,ISR,2016,2020,69"),
        ("published.confirmed", 4, "AZE,ISR,2017,2021,61"),
    ],
)
def test_numbers_of_each_kind_are_traced_to_their_lines(
    found: Findings, tmp_path: Path, name: str, lines: int, holds: str
) -> None:
    (tmp_path / "data").symlink_to(ROOT / "data")
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "numbers.json").write_text(numbers_json(found), encoding="utf-8")
    trace = trace_number(tmp_path, f"arms.{name}")
    assert len(trace.lines) == lines
    assert any(holds in one.text for one in trace.lines)


def test_bounds_rest_on_the_rows_that_their_rule_can_bring_in(found: Findings) -> None:
    edges, all_rules = (number(found, f"share.bounds.{one}") for one in ("uncertain-years", "all"))
    main = number(found, "share.main")
    for one in (edges, all_rules):
        assert set(main.rows[MAIN]) <= set(one.rows[MAIN])
    assert len(edges.rows[MAIN]) > len(main.rows[MAIN])
    local = number(found, "share.bounds.local-production")
    assert local.rows == main.rows


def test_an_importer_of_unknown_suppliers_only_has_shares_and_no_ranks() -> None:
    findings = study(deals(deal("XXU", 2016, 30.0), deal("XXU", 2017, 10.0)), window=(2016, 2017))
    assert number(findings, "share.main").value == 0
    assert number(findings, "share.bounds.unknown-partners").high == 100
    assert "arms-ranks" not in {one.id for one in findings.figures}


def test_the_smallest_changes_between_releases_are_one_step() -> None:
    old = [deal("ISR", 2016, 20.0, deal="0", dataset="sipri@2022-03")]
    old += [deal("RUS", 2016, 1.0, deal=str(one), dataset="sipri@2022-03") for one in range(1, 8)]
    new = [deal("ISR", 2016, 20.0, deal="0", dataset="sipri@2025-03")]
    new += [
        deal("RUS", 2016, 1.0 + one, deal=str(one), dataset="sipri@2025-03") for one in range(1, 8)
    ]
    findings = study(
        deals(*old, *new), window=(2016, 2016), main="sipri@2025-03", before="sipri@2022-03"
    )
    steps = next(one for one in findings.figures if one.id == "arms-revision").data
    assert steps["step"].iloc[-2] == "2 other deals"
    assert number(findings, "revision").value == pytest.approx(
        100 * (20 / 55 - 20 / 27), abs=STATED
    )
    assert steps["value"].iloc[1:-1].sum() == pytest.approx(number(findings, "revision").value)


def test_releases_without_deals_are_split_by_supplier() -> None:
    tables = join_flows([fl.load(f"sipri-tiv-table@{one}") for one in ("2024-03", "2026-03")])
    findings = study(tables, before="sipri-tiv-table@2024-03")
    assert findings.words["arms.revision.largest-deal"] == "all deliveries"
    largest = {word: number(findings, f"revision.largest-deal.{word}") for word in SIDES}
    supplier = findings.words["arms.revision.largest-deal.supplier"]
    assert all(supplier in one.about for one in largest.values())
    assert largest["before"].value != largest["after"].value
    assert all(one.rows for one in largest.values())


WITH_OWN: dict[str, dict[str, Any]] = {"deals": {"below": 0.5}}
OF_A_WINDOW = sorted(SUPPLIER.sections.keys() - {"suppliers_over_time", "choices"})


@pytest.fixture(scope="module")
def whole() -> Findings:
    return study(fl.load(MAIN))


@pytest.mark.parametrize("name", OF_A_WINDOW)
def test_a_section_alone_finds_and_says_what_it_does_among_all(whole: Findings, name: str) -> None:
    own = {name: WITH_OWN[name]} if name in WITH_OWN else {}
    alone = sections(fl.load(MAIN), name, **own)
    among_all = {one.id: one for one in whole.numbers}
    assert list(alone.numbers) == [among_all[one.id] for one in alone.numbers]
    assert alone.words.items() <= whole.words.items()
    assert said(alone, name) == render_markdown(page(alone, name), whole)


def test_the_sections_are_the_study(whole: Findings) -> None:
    together = sections(fl.load(MAIN), *OF_A_WINDOW, **WITH_OWN)
    assert ids(together) == ids(whole)
    assert (together.words, together.texts) == (whole.words, whole.texts)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "countings",
            "Some of these counts cannot be made from this release: certain delivery years",
        ),
        ("bounds", "Some rules cannot be applied to this release: uncertain years: "),
        ("deals", "How much depends on single deals cannot be said: "),
        ("interval", "An interval over deals cannot be given: "),
        ("revision", "What changed between two releases is not examined here: no former release"),
        ("context", "How this compares with other importers cannot be said here: no full export"),
    ],
)
def test_a_section_whose_data_are_not_there_says_so(name: str, sentence: str) -> None:
    own = {name: WITH_OWN[name]} if name in WITH_OWN else {}
    assert sentence in said(sections(fl.load("sipri-tiv-table@2026-03"), name, **own), name)


def test_concentration_without_deals_has_no_interval_in_its_text() -> None:
    findings = sections(fl.load("sipri-tiv-table@2026-03"), "concentration")
    assert "interval over deals" not in said(findings, "concentration")
    unknown = deals(deal("XXU", 2016, 30.0), deal("XXU", 2017, 10.0))
    nobody = sections(unknown, "concentration", asked=QUESTION | {"window": (2016, 2017)})
    assert nobody.words["arms.ranks.refused"] == "the release names no supplier"
    assert nobody.figures == ()


def test_the_deals_of_a_supplier_without_any_carry_nothing() -> None:
    others = deals(deal("ISR", 2016, 30.0), deal("RUS", 2016, 10.0))
    asked = QUESTION | {"supplier": "TUR", "window": (2016, 2016)}
    findings = sections(others, "deals", asked=asked, deals={"below": 0.5})
    assert "Türkiye delivered nothing in 2016," in said(findings, "deals")


@pytest.mark.parametrize("name", ["window", "rules", "posterior"])
def test_a_section_names_what_its_question_lacks(name: str) -> None:
    rows = deals(deal("ISR", 2016, 30.0), deal("RUS", 2016, 10.0))
    lacking = {key: value for key, value in QUESTION.items() if key != name}
    with pytest.raises(ValueError, match=f"question: expected a value for '{name}', .* found none"):
        sections(rows, "windows", asked=lacking)
    bare = {key: QUESTION[key] for key in ("importer", "supplier", "window")}
    assert ids(sections(fl.load(MAIN), "share", asked=bare)) == {
        "share.main",
        "numerator.main",
        "denominator.main",
    }


def test_what_several_sections_need_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[str, int, int]] = []

    make = question.call

    def counted(function: Callable[..., object], *args: object, **asked: Any) -> object:
        if function.__name__ in {"share_posterior", "share_bounds"}:
            calls.append((function.__name__, asked["start"], asked["end"]))
        return make(function, *args, **asked)

    monkeypatch.setattr(question, "call", counted)
    asked = QUESTION | {"windows": [(2014, 2018), (2017, 2021)]}
    sections(fl.load(MAIN), "bounds", "concentration", "interval", "windows", asked=asked)
    assert len(calls) == len(set(calls)) == 2 * 3


THREE = (
    deal("ISR", 2016, 40.0, deal="1"),
    deal("ISR", 2016, 20.0, deal="2"),
    deal("RUS", 2016, 10.0, deal="3"),
)


def caption(findings: Findings, exhibit: str) -> str:
    exhibits = (*findings.figures, *findings.tables)
    return next(one.caption for one in exhibits if one.id == f"arms-{exhibit}")


def test_the_caption_of_the_deals_says_which_one_moves_the_share_and_how_far_the_others() -> None:
    asked = QUESTION | {"window": (2016, 2016)}
    findings = sections(deals(*THREE), "deals", asked=asked, deals={"below": 0.5})
    # 60 of 70; without the first 20 of 30, without the last 60 of 60.
    shown = caption(findings, "deals")
    assert (
        "the share is 66.7%; no other deal changes it by more than 14.3 percentage points" in shown
    )
    text = " ".join(said(findings, "deals").split())
    assert "Israel would lose its place as the largest supplier only without its [2]" in text


def test_a_supplier_that_is_not_the_largest_has_no_place_to_lose() -> None:
    asked = QUESTION | {"supplier": "RUS", "window": (2016, 2016)}
    findings = sections(deals(*THREE), "deals", asked=asked, deals={"below": 0.5})
    assert "would lose its place" not in said(findings, "deals")


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ((20.0, 25.0), "Each later release gives a lower share. "),
        ((40.0, 50.0), "Each later release gives a higher share. "),
        ((30.0, 30.0), ""),
        ((20.0, 40.0), ""),
    ],
)
def test_the_caption_of_shares_says_how_releases_differ_where_all_windows_agree(
    later: tuple[float, float], expected: str
) -> None:
    years, old, new = (2015, 2016), "sipri@2022-03", "sipri@2025-03"
    rows = [deal("RUS", year, 30.0, dataset=release) for year in years for release in (old, new)]
    rows += [deal("ISR", year, 30.0, dataset=old) for year in years]
    rows += [
        deal("ISR", year, value, dataset=new) for year, value in zip(years, later, strict=True)
    ]
    asked = QUESTION | {"window": (2016, 2016), "windows": [(2015, 2015)], "main": new}
    findings = sections(deals(*rows), "windows", asked=asked)
    assert caption(findings, "shares").startswith(f"{expected}Israel in Azerbaijan’s")


def test_captions_of_definitions_and_bounds_state_their_ends(found: Findings) -> None:
    assert caption(found, "countings").startswith("The share ranges from 45.59 to 71.12%")
    assert "shares between 35.24 and 77.76%" in caption(found, "bounds")
    assert caption(found, "by-supplier").startswith("Israel delivered 67.74% of the major arms")
    assert caption(found, "ranks").startswith("Russia led in 2011–2015, Türkiye in 2020–2024.")
