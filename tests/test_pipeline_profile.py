"""The page of a pair: what its tables and sentences say, and that it is one page."""

import datetime as dt
import math
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib.text import Annotation
from statements import delivery, flow_table, months, statement

from flows.cli import main
from flows.errors import CountryError, ReportError
from flows.figures.marks import LineEnd, label_line_ends
from flows.figures.save import draw_figure
from flows.figures.style import new_figure
from flows.findings import Findings
from flows.origin import given
from flows.pipeline.profile import page_of, profile_pair, write_profile
from flows.studies.profile import PROFILE, profile_study
from flows.studies.profile.question import PairQuestion, ask
from flows.studies.profile.stated import latest_releases

ROOT = Path(__file__).resolve().parents[1]
PAIR = {"exporter": "IRN", "importer": "ARM"}
IRAN = {
    "reporter": "IRN",
    "start": dt.date(2023, 3, 21),
    "end": dt.date(2024, 3, 19),
    "value": 412e6,
    "high": math.nan,
    "valuation": "FOB",
    "partner_basis": "destination",
    "coverage": "non-oil goods",
    "dataset": "irica-press@2024-09",
}


def years(first: int, values: list[float], **changes: Any) -> list[dict[str, Any]]:
    return [
        statement(
            start=dt.date(year, 1, 1),
            end=dt.date(year, 12, 31),
            value=value,
            line=year,
            **changes,
        )
        for year, value in enumerate(values, start=first)
    ]


def described(*rows: dict[str, Any]) -> PairQuestion:
    return ask(given("trade", flow_table(*rows)), **PAIR, name="p")


def lead_sentences(pair: PairQuestion) -> list[str]:
    words = PROFILE.answer(pair, only=["lead"]).words
    return [words[f"{pair.name}.{way}"] for way in ("out", "back")]


def table_of(findings: Findings, name: str) -> pd.DataFrame:
    return next(table.frame for table in findings.tables if table.id == name)


def test_a_sentence_says_level_growth_and_gap() -> None:
    growing = [50e6 * 1.01**month for month in range(36)]
    pair = described(
        *months("2022-01", growing),
        *months("2022-01", growing, partner_basis="consignment", line=99),
        statement(**IRAN),
    )
    out, back = lead_sentences(pair)
    assert out.startswith("Iran to Armenia: Iran states more than USD 412 million for 1402 (solar")
    last = sum(growing[24:]) / 1e6
    assert f"Armenia states USD {last:,.1f} million for 2024 (since 2022)" in out
    assert "growing 12.7% a year (95% interval" in out  # 1.01 ** 12 = 1.1268
    ratio = pair.asymmetries["ratio"].iloc[0]
    assert out.endswith(f"For 1402 Armenia states {ratio:.2f} times what Iran does.")
    assert back == "Armenia to Iran: Neither country states it in this catalogue."


def test_falling_and_uncertain_growth_are_told_apart() -> None:
    falling = lead_sentences(described(*months("2021-01", [9e6 * 0.99**k for k in range(48)])))[0]
    assert "falling 11.4% a year" in falling  # 1 - 0.99 ** 12 = 0.1136
    wave = [9e6 * (1 + 0.5 * math.sin(k / 2)) for k in range(48)]
    assert "without a clear trend: " in lead_sentences(described(*months("2021-01", wave)))[0]


def test_silence_is_of_countries_and_names_where_it_was_looked_for() -> None:
    arms = {"exporter": "ISR", "importer": "AZE"}
    pair = ask(given("arms", flow_table(delivery("ISR", 2020, 21.8))), **arms, name="p")
    assert lead_sentences(pair)[0] == (
        "Israel to Azerbaijan: Neither country states it in this catalogue. "
        "SIPRI states 21.8 million TIV for 2020."
    )
    assert "SIPRI" not in pair.silent
    files = flow_table(delivery("ISR", 2020, 21.8, dataset="my.csv"))
    assert ask(given("files", files), **arms, name="p").place == "these files"


def test_one_side_alone_is_said_to_be_alone() -> None:
    sentence = lead_sentences(described(statement()))[0]
    assert sentence == (
        "Iran to Armenia: Armenia states USD 597.9 million for 2023. "
        "Iran states nothing in this catalogue."
    )


def test_releases_of_one_organisation_are_one_data_set() -> None:
    rows = flow_table(
        delivery("ISR", 2020, 21.8, dataset="sipri-tiv-table@2026-03"),
        delivery("ISR", 2020, 22.0, dataset="sipri-deal-years@2025-03", line=8),
        delivery("RUS", 2020, 5.0, dataset="sipri-deal-years@2025-03", line=9),
        *years(2020, [1e6], exporter="ISR", importer="AZE", reporter="AZE", dataset="a@4.0"),
        *years(2020, [2e6], exporter="ISR", importer="AZE", reporter="AZE", dataset="a@10.0"),
    )
    kept, older = latest_releases(rows, exporter="AZE", importer="ISR")
    assert older == ("a@4.0", "sipri-deal-years@2025-03")
    assert kept["dataset"].tolist() == ["sipri-tiv-table@2026-03", "a@10.0"]
    findings = profile_study(rows, exporter="ISR", importer="AZE", name="x")
    assert findings.words["x.older"] == "a@4.0, sipri-deal-years@2025-03"


def test_the_table_says_a_word_once_and_what_was_not_estimated() -> None:
    pair = described(
        *years(2010, [*[5e6] * 6, 0.0, 7e6]),
        *months("2020-01", [1e6] * 3, dataset="other@1", line=500),
        statement(**IRAN),
    )
    frame = table_of(page_of(pair), "p-stated")
    assert frame["flow"].tolist() == ["Iran to Armenia", "", ""]
    assert frame["says"].tolist() == ["Armenia", "", "Iran"]
    plain = frame.map(lambda cell: cell.replace("\xa0", " ").replace("\u2060", ""))
    assert plain["span"].tolist() == ["2010–2017", "2020", "1402"]
    assert plain["amount"].tolist() == ["USD 7", "", "> USD 412"]
    assert plain["moved"].tolist() == ["–", "–", "–"]
    assert plain["source"].tolist() == [
        "armstat@2025-02".replace("armstat@", "Armstat "),
        "other 1",
        "IRICA 2024-09",
    ]


def test_gaps_are_counted_in_their_periods() -> None:
    rows = [*months("2022-01", [1e6] * 3), *months("2022-06", [1e6], line=90)]
    frame = table_of(page_of(described(*rows)), "p-stated")
    assert frame["missing"].tolist() == ["2\xa0months"]


def test_reports_and_balances_by_hand() -> None:
    back = {"exporter": "ARM", "importer": "IRN", "partner_basis": "destination"}
    iran = {"reporter": "IRN", "dataset": "irica@2"}
    pair = described(
        *years(2023, [6e6]),
        *years(2023, [4e6], **iran),
        *years(2023, [2e6], **back),
        *years(2023, [1e6], **{**back, **iran}, low=1e6, high=math.nan),
    )
    page = page_of(pair)
    mirror = table_of(page, "p-mirror")
    assert mirror.to_numpy().tolist() == [
        ["Iran to Armenia", "2023", 4.0, 6.0, 1.5],
        ["Armenia to Iran", "2023", 2.0, 1.0, 0.5],
    ]
    balances = table_of(page, "p-balances")
    assert balances.to_numpy().tolist() == [
        ["Iran", "2023", 4.0, 1.0, 3.0, 20.0],
        ["Armenia", "2023", 2.0, 6.0, -4.0, 75.0],
    ]
    assert page.words["p.mirror"] == ""


def test_arms_have_no_balance_in_dollars() -> None:
    there = delivery("ISR", 2020, 21.8)
    back = delivery("AZE", 2020, 1.0, importer="ISR", line=8)
    pair = ask(given("arms", flow_table(there, back)), exporter="ISR", importer="AZE", name="p")
    (full,) = PROFILE.answer(pair, only=["balance"]).tables
    assert full.frame["unit"].tolist() == ["TIV million"]
    assert [table.id for table in page_of(pair).tables] == ["p-stated"]


def test_zeros_are_named_in_the_caption_and_not_drawn() -> None:
    pair = described(*years(2010, [0.0, 0.0, 5e6, 0.0, 7e6]))
    (figure,) = page_of(pair).figures
    assert figure.caption.endswith("Stated as 0 and not on the axis: Armenia 2010–2011, 2013.")
    assert figure.data["value"].tolist() == [5.0, 7.0]
    assert "not shown" not in draw_figure(figure).axes[0].get_title(loc="left")


def test_parts_and_a_second_basis_are_left_to_the_table() -> None:
    pair = described(
        *years(2020, [9e6, 9e6]),
        *years(2020, [8e6, 8e6], partner_basis="consignment"),
        *years(2020, [1e6, 1e6], dataset="fuel@1", classification="HS2017", product="2711"),
    )
    page = page_of(pair)
    assert page.figures[0].data["series"].unique().tolist() == ["Armenia"]
    assert len(table_of(page, "p-stated")) == 3


def test_lines_that_differ_in_their_value_only_have_names_of_their_own() -> None:
    pair = described(*years(2020, [9e6, 9e6]), *years(2020, [8e6, 8e6], valuation="FOB"))
    names = page_of(pair).figures[0].data["series"].unique().tolist()
    assert names == [
        "Armenia, Armstat 2025-02, all goods, CIF, origin, TOTAL",
        "Armenia, Armstat 2025-02, all goods, FOB, origin, TOTAL",
    ]


def test_names_at_the_ends_of_lines_stay_within_the_axes() -> None:
    _, ax = new_figure(width="single", height=60)
    label_line_ends(ax, [LineEnd(1.0, "high", "k"), LineEnd(0.0, "low", "k")], inside=True)
    high, low = (text.xy[1] for text in ax.texts if isinstance(text, Annotation))
    assert 0 < low < high < 1


@pytest.fixture(scope="module", params=["IRN-ARM", "AZE-ISR", "AZE-TUR"])
def pair(request: pytest.FixtureRequest) -> PairQuestion:
    exporter, _, importer = request.param.partition("-")
    return profile_pair(exporter=exporter, importer=importer, root=ROOT)


def test_it_is_one_page(pair: PairQuestion, tmp_path: Path) -> None:
    write_profile(pair, tmp_path / "page.pdf")
    counts = re.findall(
        rb"/Type */Pages.*?/Count (\d+)", (tmp_path / "page.pdf").read_bytes(), re.DOTALL
    )
    assert counts == [b"1"]


def test_each_release_is_shown_once(pair: PairQuestion) -> None:
    sources = {one.dataset.partition("@")[0] for one in pair.statements}
    assert len({one.dataset for one in pair.statements}) == len(sources)
    assert sum(one.says == "SIPRI" for one in pair.statements) <= 2


def test_its_page_in_a_browser_has_everything_and_no_contents(
    pair: PairQuestion, tmp_path: Path
) -> None:
    write_profile(pair, tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    page = page_of(pair)
    assert f"<title>{pair.pair}</title>" in text
    assert '<main class="sheet">' in text
    assert '<nav id="contents"' not in text
    assert text.count("<figure id=") == len(page.tables) + len(page.figures)
    assert text.count('class="cell"') == len(page.tables) + len(page.figures) - 1


def test_a_word_processor_gets_it_too_and_other_endings_are_refused(
    pair: PairQuestion, tmp_path: Path
) -> None:
    write_profile(pair, tmp_path / "page.docx")
    assert (tmp_path / "page.docx").read_bytes()[:2] == b"PK"
    with pytest.raises(ReportError, match=r"expected a file .html, .pdf or .docx, found '.txt'"):
        write_profile(pair, tmp_path / "page.txt")


def test_codes_are_checked_before_anything_is_read() -> None:
    with pytest.raises(CountryError, match="IRR"):
        profile_pair(exporter="IRR", importer="ARM", files=[Path("none.csv")])
    with pytest.raises(CountryError, match="expected two countries, found IRN twice"):
        profile_pair(exporter="IRN", importer="IRN", files=[Path("none.csv")])


def test_the_terminal_begins_with_the_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["--root", str(ROOT), "profile", "--exporter", "AZE", "--importer", "ISR"]
    assert main(command) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "Azerbaijan states USD 1,331.6 million for 2019. Israel states nothing" in told
    assert "Nothing stated in this catalogue by: Israel on Azerbaijan to Israel" in told
    assert "Older releases, not shown: sipri-deal-years@2022-03" in told


@pytest.mark.parametrize("partner", ["RUS", "CHN", "GEO", "DEU", "USA"])
def test_a_real_export_gives_a_page_of_any_partner(
    shared_data: Path, partner: str, tmp_path: Path
) -> None:
    file = shared_data / "armstat" / "trade-by-country-2025-02.csv"
    pair = profile_pair(exporter=partner, importer="ARM", files=[file])
    page = page_of(pair)
    assert table_of(page, "profile-place")["flow"].tolist() == ["imports", "exports"]
    assert all("nothing in these files" in sentence for sentence in lead_sentences(pair))
    write_profile(pair, tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").read_bytes()[:5] == b"%PDF-"
