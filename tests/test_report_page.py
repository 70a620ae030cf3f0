"""The page of a report: what it carries of raw files, tells programs, and lets run."""

import base64
import datetime as dt
import gzip
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_findings import ROWS, draw_figures, figure, findings, number

import flows.report.page
from flows.figures.style import ACCENT, FILLS, GREY, INK, LINES
from flows.findings import Findings, Table
from flows.report.edition import Edition
from flows.report.page import page_evidence, page_metadata, write_metadata, write_page
from flows.report.text import render_markdown
from flows.safe_text import show_controls
from flows.sources import Source

DATASET = next(iter(ROWS))
HOSTILE = "</script><script>document.title='run'</script><!-- \u202e =1+1"
TEXT = """---
title: Trade of A and B
author: [A. Author]
date: 2026-11-26
abstract: The share is known.
---

The share is {{ n("arms.share.2025-03") }}.

{{ figure("bars") }}

{{ table("shares") }}
"""
EDITION = Edition(b"{}\n", ())


def source(folder: Path, content: bytes, **changes: Any) -> Source:
    """Return a data set of one file, which may be passed on."""
    (folder / "register.csv").write_bytes(content)
    fields: dict[str, Any] = {
        "id": DATASET,
        "publisher": "SIPRI",
        "title": "Deals",
        "vintage": "2025-03",
        "retrieved": dt.date(2026, 11, 26),
        "address": "https://example.org/deals",
        "citation": "SIPRI (2025)",
        "licence": "As SIPRI says",
        "allows": "",
        "coverage": "major arms",
        "loader": "sipri-deal-years",
        "remarks": "",
        "files": {"register.csv": "0" * 64},
        "folder": folder,
        "redistribute": True,
    }
    return Source(**(fields | changes))


def lines_of(
    source: Source, *, text: str = TEXT, found: Findings | None = None
) -> Mapping[str, Any]:
    found = found or findings()
    markdown = render_markdown(text, found)
    evidence: Mapping[str, Any] = page_evidence(markdown, found, [source], EDITION)["sources"]
    return evidence[DATASET] if evidence else {}


def numbered(count: int, width: int = 0) -> bytes:
    return "".join(f"line {line}{' ' * width}\n" for line in range(1, count + 1)).encode()


def test_a_small_file_is_carried_whole(tmp_path: Path) -> None:
    carried = lines_of(source(tmp_path, numbered(20)))
    assert carried["file"] == "data/raw/sipri-deal-years/2025-03/register.csv"
    assert carried["total"] == 20
    assert carried["lines"] == {1: [f"line {line}" for line in range(1, 21)]}


def test_of_a_large_file_the_used_lines_and_their_neighbours(tmp_path: Path) -> None:
    carried = lines_of(source(tmp_path, numbered(1000, width=300)))
    first_lines = {first: len(lines) for first, lines in carried["lines"].items()}
    assert first_lines == {1: 1, 10: 11}, "12, 13, 14 and 18, two on either side, and the heading"
    assert carried["lines"][10][2].rstrip() == "line 12"


def test_of_a_file_that_may_not_be_passed_on_few_lines_are_quoted(tmp_path: Path) -> None:
    kept = source(tmp_path, numbered(60), redistribute=False)
    carried = lines_of(kept)
    assert carried["lines"] == {
        1: ["line 1"],
        12: ["line 12", "line 13", "line 14"],
        18: ["line 18"],
    }
    assert carried["note"] == "Its terms let this page quote a few lines."
    many = Findings(numbers=(number(rows={DATASET: tuple(range(2, 61))}),))
    carried = lines_of(kept, text='{{ n("arms.share.2025-03") }}', found=many)
    assert sum(map(len, carried["lines"].values())) == 25


@pytest.mark.parametrize(
    ("content", "files"),
    [(b"PK\3\4\0\0", {"register.csv": ""}), (b"a\n", {"register.csv": "", "second.csv": ""})],
)
def test_what_has_no_lines_says_so(tmp_path: Path, content: bytes, files: dict[str, str]) -> None:
    (tmp_path / "second.csv").write_bytes(b"b\n")
    carried = lines_of(source(tmp_path, content, files=files))
    assert "lines" not in carried
    assert carried["note"] == "Its rows are not the lines of one text file."


def test_lines_of_a_packed_file_are_left_to_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "register.csv.gz").write_bytes(gzip.compress(b"a\n"))
    carried = lines_of(source(tmp_path, b"", files={"register.csv.gz": ""}))
    assert "lines" not in carried
    assert "inside of a packed file: flows trace" in carried["note"]


def test_only_what_the_page_shows_is_on_it(tmp_path: Path) -> None:
    found, markdown = findings(), render_markdown(TEXT, findings())
    evidence = page_evidence(markdown, found, [source(tmp_path, b"a\n")], EDITION)
    assert evidence["exhibits"].keys() == {"fig-bars", "tbl-shares"}
    shown = evidence["exhibits"]["fig-bars"]
    assert (shown["csv"], shown["rows"]) == ("figures/bars.csv", {})
    assert shown["columns"] == ["year", "supplier", "value"]
    assert shown["data"] == [[2020, "Israel", 280.0], [2021, "Israel", 21.0]]
    assert evidence["exhibits"]["tbl-shares"] == {
        "csv": "tables/shares.csv",
        "rows": {DATASET: [(12, 14), (18, 18)]},
    }
    nothing = page_evidence(render_markdown("Nothing.\n", found), found, [], EDITION)
    assert (nothing["exhibits"], nothing["sources"]) == ({}, {})


def test_cells_are_those_of_the_file_beside_it() -> None:
    data = pd.DataFrame(
        {
            "month": pd.to_datetime(["2024-01-01", None]),
            "value": [1.5, float("inf")],
            "count": pd.array([1, None], dtype="Int64"),
            "own": [True, False],
            "text": ["a", None],
        }
    )
    shown = figure("bars")
    object.__setattr__(shown, "data", data)
    found = Findings(figures=(shown,))
    exhibit = page_evidence("{#fig-bars .exhibit}", found, [], EDITION)["exhibits"]["fig-bars"]
    assert exhibit["data"] == [["2024-01-01", 1.5, 1, True, "a"], [None, "inf", None, False, None]]


def test_metadata_name_the_address_of_every_part(tmp_path: Path) -> None:
    claims = Table(
        "claims",
        pd.DataFrame(
            {
                "claim": ["sold"],
                "quote": ["It sold."],
                "citation": ["article"],
                "verdict": ["supported"],
                "wording": ["It sold 412."],
            }
        ),
        {"quote": "What was said"},
        {},
        "Claims *of all*.",
        "",
        {},
    )
    found = Findings.union([findings(), Findings(tables=(claims,))])
    text = f'{TEXT}\n\n{{{{ table("claims") }}}}\n'
    markdown = render_markdown(text, found)
    about = page_metadata(markdown, found, [source(tmp_path, b"a\n")], EDITION)
    assert (about["name"], about["identifier"]) == ("Trade of A and B", EDITION.label)
    parts = {part["@id"]: part for part in about["hasPart"]}
    assert parts["index.html#fig-bars"]["distribution"]["contentUrl"] == "figures/bars.csv"
    assert parts["index.html#tbl-shares"]["name"] == "Shares of A & B_C"
    (review,) = (part for part in about["hasPart"] if part["@type"] == "ClaimReview")
    assert review["@id"] == "index.html#tbl-claims", "the text shows no block of this claim"
    assert review["reviewRating"]["alternateName"] == "supported"
    block = markdown + "\n::: {#claim-sold .claim}\nIt sold.\n:::\n"
    reviewed = page_metadata(block, found, [], EDITION)["hasPart"][-1]
    assert reviewed["@id"] == "index.html#claim-sold"


def test_a_claim_that_the_page_does_not_show_has_no_address() -> None:
    entry = {name: ["x"] for name in ("claim", "quote", "citation", "verdict", "wording")}
    claims = Table("claims", pd.DataFrame(entry), {"quote": "Said"}, {}, "Claims", "", {})
    found = Findings.union([findings(), Findings(tables=(claims,))])
    about = page_metadata(render_markdown(TEXT, found), found, [], EDITION)
    assert [part for part in about["hasPart"] if part["@type"] == "ClaimReview"] == []


def test_every_colour_of_a_figure_can_be_seen_on_dark_paper() -> None:
    style = (Path(flows.report.page.__file__).parent / "templates" / "page.css").read_text("utf-8")
    dark = dict(re.findall(r"--c([0-9a-f]{6}): (#[0-9a-f]{6});", style))
    for colour in {INK, GREY, ACCENT, *FILLS, *LINES}:
        shown = dark.get(colour[1:], colour)
        assert contrast(shown, dark["ffffff"]) >= 3.0, f"WCAG 1.4.11: {colour} shown as {shown}"


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, as WCAG 2.1 defines it."""
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a page whose raw file, title and data hold what would run if it were not data."""
    folder = tmp_path_factory.mktemp("reports")
    draw_figures(folder / "figures")
    (folder / "references.bib").write_text("", encoding="utf-8")
    raw = source(folder, f"{HOSTILE}\n".encode(), title=HOSTILE, address="javascript:alert(1)")
    found = findings()
    behind: dict[str, Any] = {"findings": found, "sources": [raw], "edition": EDITION}
    markdown = render_markdown(TEXT, found)
    write_page(
        markdown,
        folder / "index.html",
        resources=folder,
        bibliography=folder / "references.bib",
        texts={"appendix.md": TEXT},
        **behind,
    )
    write_metadata(markdown, folder / "metadata.json", **behind)
    text = (folder / "index.html").read_text(encoding="utf-8")
    written = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
    embedded = re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    assert embedded is not None
    assert json.loads(embedded[1]) == written
    return text


def test_what_a_file_says_stays_data(page: str) -> None:
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL)
    assert [kind for kind, _ in scripts] == [
        ' type="application/ld+json"',
        ' type="application/json" id="evidence-data"',
        "",
    ]
    evidence = json.loads(scripts[1][1])
    assert evidence["sources"][DATASET]["lines"] == {"1": [show_controls(HOSTILE)]}
    assert evidence["sources"][DATASET]["title"] == show_controls(HOSTILE)


def test_its_policy_lets_its_own_script_run_and_nothing_be_fetched(page: str) -> None:
    script = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">', page)
    assert policy is not None
    assert policy[1].startswith(f"default-src 'none'; script-src 'sha256-{digest}';")
    assert page.index("Content-Security-Policy") < page.index("<title>")


def test_the_abstract_is_open_where_no_claim_answers(page: str) -> None:
    assert '<details class="abstract" open>' in page


def test_files_beside_it_are_linked_and_colours_follow_the_scheme(page: str) -> None:
    assert '<a href="figures/bars.csv" download>' in page
    assert '<a href="tables/shares.csv" download>' in page
    drawing = re.search(r"<svg\b.*?</svg>", page, re.DOTALL)
    assert drawing is not None
    assert "var(--c222222,#222222)" in drawing[0]
    assert not re.search(r"(?<!,)#[0-9a-f]{6}\b", drawing[0])
