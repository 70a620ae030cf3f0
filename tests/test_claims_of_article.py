"""The claims of the report quote what was printed, character by character, and name where."""

from pathlib import Path

from flows.report.claims_file import read_claims

ROOT = Path(__file__).resolve().parents[1]
KEY = "middleeasteye2025"
TRADE = (
    "Trade data from 2023 shows Iran exported just $412m worth of goods to Armenia and imported "
    "only $45m."
)
PRINTED = {
    "arsenal": "According to some reports, Israel provided nearly 70 percent of Azerbaijan's "
    "military arsenal between 2016 and 2020.",
    "exported-412": TRADE,
    "imported-45": TRADE,
    "oil-to-israel": "In recent years, Azerbaijan has become one of the leading suppliers of oil "
    "and gas to Israel",
    "border-43": "43km stretch of land between Armenia and Iran",
}
"""The sentences as the article has them, with straight quotation marks."""


def test_the_sentences_of_the_article_are_quoted_exactly() -> None:
    claims = read_claims(ROOT / "reports/claims.toml")
    assert {claim.id: claim.quote for claim in claims if claim.citation == KEY} == PRINTED


def test_one_sentence_with_two_figures_is_quoted_whole_and_tested_in_parts() -> None:
    tested = {claim.id: claim for claim in read_claims(ROOT / "reports/claims.toml")}
    assert tested["exported-412"].part == "exported just $412m worth of goods to Armenia"
    assert tested["imported-45"].part == "imported only $45m"
    assert [tested[name].qualifier for name in ("exported-412", "imported-45")] == ["just", "only"]


def test_the_reference_says_where_the_article_was_read() -> None:
    references = (ROOT / "reports/references.bib").read_text(encoding="utf-8")
    entry = references.partition(f"{{{KEY},")[2].partition("\n}\n")[0]
    assert "{{Middle East Eye}}" in entry
    assert "https://kinstranews.com/?p=24437" in entry
    assert "Read in a reprint, on which author and title do not stand" in entry
