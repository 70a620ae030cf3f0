"""What was said, its verdict and what the data support stand in a text, with numbers that live."""

from pathlib import Path

import pytest

from flows.compare.claims import Claim, check_claims
from flows.errors import ReportError
from flows.findings import Findings, Number
from flows.origin import given
from flows.report.claims_file import read_claims
from flows.report.text import render_markdown
from flows.studies.claims_table import claims_findings

SOLD = Number("trade.sold", 412.0, "USD million", "412", "What was sold.", (), {"a@1": (2,)})
BOUGHT = Number("trade.bought", 45.0, "USD million", "45", "What was bought.", (), {"a@1": (3,)})
NUMBERS = {number.id: number for number in (SOLD, BOUGHT)}
QUOTE = "It sold $412m in 2023 and bought *only* $54m"


def claim(name: str, number: str, low: float, **changes: str) -> Claim:
    fields = {
        "quote": QUOTE,
        "citation": "article2023",
        "wording": f"In 2023 {{{number}}} million.",
    }
    return Claim(
        id=name,
        assumes="",
        place="claims.toml:1",
        number=number,
        low=low,
        high=low + 1,
        unit="USD million",
        **(fields | changes),
    )


def text_of(*claims: Claim) -> tuple[dict[str, str], Findings]:
    made = claims_findings(given("verdicts", check_claims(claims, NUMBERS)), NUMBERS)
    return dict(made.texts), Findings.union([Findings(numbers=(SOLD, BOUGHT)), made])


def test_a_sentence_of_two_claims_is_quoted_once_with_both_verdicts() -> None:
    first = claim("sold", "trade.sold", 411.5, part="sold $412m")
    second = claim("bought", "trade.bought", 53.5, part="bought *only* $54m")
    texts, findings = text_of(first, second)
    assert list(texts) == ["claims.sold"]
    written = render_markdown("{{ section('claims.sold') }}", findings)
    assert written.count("What was said") == 1
    assert "[@article2023]" in written
    assert "[Supported.]{.verdict .supported} In 2023 [412]{.number" in written
    assert "[Contradicted.]{.verdict .contradicted} In 2023 [45]{.number" in written
    assert "#claim-sold" in written
    assert "#claim-bought" in written


def test_sentences_of_others_are_shown_as_they_are_and_never_read_as_a_text() -> None:
    quote = "sold {{ n('trade.sold') }} [here](javascript:x) <b>"
    said = claim("sold", "trade.sold", 411.5, quote=quote, citation="https://example.org/a_b")
    _, findings = text_of(said)
    written = render_markdown("{{ section('claims.sold') }}", findings)
    assert r"\{\{ n('trade.sold') \}\} \[here\](javascript:x) \<b\>" in written
    assert r"(https://example.org/a\_b)" in written


@pytest.mark.parametrize("name", ["a b", "x'] }}", ""])
def test_an_id_is_what_an_address_can_end_with(tmp_path: Path, name: str) -> None:
    (tmp_path / "references.bib").write_text("@misc{k,\n}", encoding="utf-8")
    path = tmp_path / "claims.toml"
    path.write_text(
        f'[[claim]]\nid = "{name}"\nquote = "q"\ncitation = "k"\nassumes = ""\nwording = ""\n'
        'untestable = "because"\n',
        encoding="utf-8",
    )
    with pytest.raises(ReportError, match=r"claims.toml:2: .*expected letters, digits, . _ and -"):
        read_claims(path)
