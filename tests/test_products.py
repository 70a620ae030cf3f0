"""Products: classifications and revisions, chapters, SIPRI's categories, and what is not added."""

import csv
import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statements import flow_table, statement

from flows.countries import read_rows
from flows.errors import DoubleCountError, LayoutError
from flows.measure.checks import check_one_statement
from flows.products import (
    TOTAL,
    chapter_name,
    classification_name,
    hs_code,
    hs_revision,
    product_of,
    sipri_category,
)

RESERVED, NOT_SPECIFIED = "77", "99"


@pytest.mark.parametrize(
    ("comtrade", "baci", "revision"),
    [
        ("H0", "HS92", "HS1992"),
        ("H1", "HS96", "HS1996"),
        ("H2", "HS02", "HS2002"),
        ("H3", "HS07", "HS2007"),
        ("H4", "HS12", "HS2012"),
        ("H5", "HS17", "HS2017"),
        ("H6", "HS22", "HS2022"),
    ],
)
def test_a_revision_has_one_name_in_comtrade_and_baci(
    comtrade: str, baci: str, revision: str
) -> None:
    assert hs_revision(comtrade) == hs_revision(baci) == revision
    assert classification_name(comtrade) == revision


@pytest.mark.parametrize("code", ["HS", "S3", "H7", "", "hs"])
def test_what_is_no_revision_of_the_hs_is_named(code: str) -> None:
    with pytest.raises(LayoutError, match=f"{code!r}"):
        hs_revision(code)


def test_every_classification_has_one_name() -> None:
    codes = [row["code"] for row in read_rows("classifications.csv")]
    assert len(codes) == len(set(codes)) == 22


@pytest.mark.parametrize("classification", ["HS", "HS2017", "SITC3", "BEC5", "office"])
def test_the_total_is_one_product_in_every_classification(classification: str) -> None:
    assert product_of(TOTAL, classification=classification) == ("TOTAL", "TOTAL")


def test_a_section_of_sitc_is_no_total() -> None:
    assert product_of("0", classification="SITC3") == ("0", "SITC3")


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("1", "01"),
        ("101", "0101"),
        ("10121", "010121"),
        ("0101210000", "0101210000"),
        ("27112100.0", "27112100"),
        ("10121.0", "010121"),
        ("0101.21", "010121"),
        ("0101.21.00", "01012100"),
        ("9999AA", "9999AA"),
    ],
)
def test_a_code_of_the_hs_has_digits_in_pairs(cell: str, code: str) -> None:
    assert product_of(cell, classification="HS2017") == (code, "HS2017")


@pytest.mark.parametrize("cell", ["1.0121E+05", "101.21", "8703.1", "01.01", "HS01", "", "1" * 11])
def test_what_is_no_code_of_the_hs_is_refused(cell: str) -> None:
    with pytest.raises(LayoutError, match=r"expected a product code of the HS with 2, 4, 6"):
        product_of(cell, classification="HS2017")


def test_there_are_97_chapters() -> None:
    chapters = [row["chapter"] for row in read_rows("hs_chapters.csv")]
    assert chapters == [f"{number:02}" for number in range(1, 98)]
    assert len({chapter_name(one) for one in chapters}) == 97


@given(st.integers(1, 97), st.from_regex("([0-9]{2}){0,2}", fullmatch=True))
def test_a_code_has_the_name_of_its_chapter(chapter: int, rest: str) -> None:
    assert chapter_name(f"{chapter:02}{rest}") == chapter_name(f"{chapter:02}")


@pytest.mark.parametrize("code", ["00", "98", "9999AA", "TOTAL", "1", ""])
def test_what_is_in_no_chapter_has_no_name(code: str) -> None:
    with pytest.raises(LayoutError, match=r"add it to flows/crosswalks/hs_chapters\.csv"):
        chapter_name(code)


def test_an_unknown_category_is_not_guessed() -> None:
    assert sipri_category("Air defence systems") == "air-defence systems"
    with pytest.raises(LayoutError, match="'air-defence systems'"):
        sipri_category("air-defence systems")


def in_two_revisions(code: str) -> pd.DataFrame:
    """Armenia states a product by HS 2012 for 2016, and by HS 2017 for 2017."""
    stated = []
    for year, revision in ((2016, "H4"), (2017, "H5")):
        product, classification = product_of(code, classification=hs_revision(revision))
        days = {"start": dt.date(year, 1, 1), "end": dt.date(year, 12, 31)}
        stated.append(statement(product=product, classification=classification, line=year, **days))
    return flow_table(*stated)


def test_two_revisions_of_one_flow_are_not_added() -> None:
    with pytest.raises(DoubleCountError, match=r"one classification .*'HS2012', 'HS2017'"):
        check_one_statement(in_two_revisions("271121"))


def test_totals_reported_in_two_revisions_are_one_product() -> None:
    check_one_statement(in_two_revisions(TOTAL))


def test_chapters_in_real_export_of_baci_products(shared_data: Path) -> None:
    path = shared_data / "baci" / "product_codes_HS17_V202301 copy.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        codes = [row["code"].zfill(6) for row in csv.DictReader(lines)]
    chapters = {row["chapter"] for row in read_rows("hs_chapters.csv")}
    assert {code[:2] for code in codes} - {NOT_SPECIFIED} == chapters - {RESERVED}


def test_classifications_in_real_export_of_comtrade(shared_data: Path) -> None:
    named = set()
    for file, column in (
        ("legacy.csv", "Classification"),
        ("legacy-bulk-h3.csv", "Classification"),
        ("v1-web-export.csv", "classificationCode"),
    ):
        with (shared_data / "comtrade" / file).open(encoding="latin-1", newline="") as lines:
            named |= {hs_revision(row[column]) for row in csv.DictReader(lines)}
    assert {"HS2002", "HS2007", "HS2012", "HS2017"} <= named


@pytest.mark.parametrize("cell", ["0802", "802", "8O211", "0080211", "TOTAL"])
def test_a_code_of_another_length_is_none_of_six_digits(cell: str) -> None:
    assert hs_code("80211", digits=6) == "080211"
    with pytest.raises(LayoutError, match=f"with 6 digits, found '{cell}'"):
        hs_code(cell, digits=6)
