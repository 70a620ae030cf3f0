"""BACI: zeros of codes, blanks of numbers, its own country codes, the archive of a release."""

import zipfile
from pathlib import Path

import pandas as pd
import pytest

from flows.errors import CountryError, LayoutError, SchemaError
from flows.loaders import load
from flows.loaders.baci import (
    check_codes,
    classification_of,
    normalise_baci,
    normalise_baci_countries,
    normalise_baci_products,
    read_baci,
    read_baci_codes,
)
from flows.loaders.examples import example_path

EXAMPLE = example_path("baci")


def written(tmp_path: Path, text: str, name: str = "BACI_HS22_Y2022_V202401b.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_rows_are_flows_in_dollars_fob_by_cepii() -> None:
    trade = normalise_baci(read_baci(EXAMPLE))
    assert trade["value"].tolist() == [357, 2500, 313]
    assert trade["quantity_t"].isna().tolist() == [False, False, True]
    assert trade["product"].tolist() == ["210610", "080211", "843131"]
    assert (trade["exporter"].tolist()[2], trade["importer"].tolist()[2]) == ("FRA", "USA")
    assert set(trade["valuation"]) == {"FOB"}
    assert set(trade["reporter"]) == {"CEPII"}


def test_the_revision_of_hs_stands_in_the_name_only(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    named = normalise_baci(read_baci(written(tmp_path, text)))
    assert set(named["classification"]) == {"HS2022"}
    old = normalise_baci(read_baci(written(tmp_path, text, "BACI_HS92_Y1995_V202301.csv")))
    assert set(old["classification"]) == {"HS1992"}
    unnamed = normalise_baci(read_baci(EXAMPLE))
    assert set(unnamed["classification"]) == {"HS"}
    assert unnamed.attrs["report"]["warnings"] == [
        "the file's name does not say its revision of HS",
        "1 HS codes without their first zero (line 3): it was put back",
    ]


def test_what_a_program_made_of_numbers_is_told(tmp_path: Path) -> None:
    text = "t,i,j,k,v,q\n2022,364,51,271121,3.25E+05,1\n2022,364,51,9999AA,2.5,NA\n"
    trade = load(written(tmp_path, text))
    assert trade["product"].tolist() == ["271121", "9999AA"]
    (warning,) = trade.attrs["report"]["warnings"]
    assert warning.startswith(
        "column v: 1 numbers are rounded (line 2: '3.25E+05', 3 digits are left)"
    )


def test_classification_of_a_file_is_in_its_name() -> None:
    assert classification_of(Path("BACI_HS92_Y2020_V202401b.csv")) == "HS1992"
    assert classification_of(Path("baci.csv")) == "HS"


def test_the_archive_of_a_release_is_read_from_inside(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    path = tmp_path / "BACI_HS22_V202401b.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("BACI_HS22_Y2022_V202401b.csv", text)
        archive.writestr("BACI_HS22_Y2023_V202401b.csv", text.replace("2022,", "2023,"))
        archive.writestr("country_codes_V202401b.csv", "country_code,country_name\n4,Afghanistan\n")
        archive.writestr("Readme.txt", "BACI")
    trade = load(path)
    assert trade.groupby("file").size().tolist() == [3, 3]
    assert trade["start"].dt.year.unique().tolist() == [2022, 2023]
    one = load(path / "BACI_HS22_Y2023_V202401b.csv")
    assert one["start"].dt.year.unique().tolist() == [2023]


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ("2022,364,51", "2022,365,51", CountryError, "365.*csv line 3"),
        ("80211", "8O211", LayoutError, "csv:3: column k"),
        ("        2.500", "NA", LayoutError, "csv:3: column v"),
        ("        2.500", "   -2.500", LayoutError, "csv:3: column v: .*not negative"),
        ("t,i,j,k,v,q", "t,i,j,hs,v,q", LayoutError, "csv:1: .* missing 'k'"),
        ("2022,364,51,80211", "2022,4,20,210610", SchemaError, "lines 2, 3"),
    ],
)
def test_a_fault_is_named_with_file_and_line(
    tmp_path: Path, old: str, new: str, error: type[Exception], message: str
) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(error, match=message):
        normalise_baci(read_baci(written(tmp_path, text.replace(old, new, 1))))


def test_namibia_is_no_missing_value() -> None:
    countries = normalise_baci_countries(read_baci_codes(example_path("baci_countries")))
    assert countries.set_index("code")["alpha3"].to_dict()["516"] == "NAM"
    assert countries.attrs["report"]["warnings"] == []


def test_a_name_with_broken_accents_is_named_and_its_code_is_used(tmp_path: Path) -> None:
    path = written(tmp_path, "country_code,country_name\n384,CÃ´te d'Ivoire\n51,Armenia\n", "c.csv")
    countries = normalise_baci_countries(read_baci_codes(path))
    assert countries["alpha3"].tolist() == ["CIV", "ARM"]
    assert countries.attrs["report"]["warnings"] == [
        'line 2: "CÃ´te d\'Ivoire" has broken accents; CIV is known by its code'
    ]


def test_a_code_that_stands_there_twice_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "code,description\n10121,a\n010121,b\n", "p.csv")
    with pytest.raises(
        SchemaError, match=r"expected each code once, found twice at p.csv lines 2, 3"
    ):
        normalise_baci_products(read_baci_codes(path))


def test_real_export_of_nine_rows(shared_data: Path) -> None:
    trade = load(shared_data / "baci" / "BACI_HS22_Y2022_V202401b_head9.csv")
    assert trade["product"].tolist()[4:6] == ["080211", "081310"]
    assert trade["value"].sum() == pytest.approx(20_320, abs=1e-6)
    assert set(trade["classification"]) == {"HS2022"}


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("country_codes.csv", {"CIV", "CUW", "BLM"}),
        ("country_codes_V202301 copy.csv", set()),
        ("pare5__country_codes.csv", {"CIV", "CUW", "BLM", "TUR"}),
    ],
)
def test_real_tables_of_country_codes(shared_data: Path, name: str, broken: set[str]) -> None:
    countries = load(shared_data / "baci" / name)
    warned = countries.attrs["report"]["warnings"]
    lines = countries.set_index("line")["alpha3"]
    named = {lines[int(warning.split(":")[0].removeprefix("line "))] for warning in warned}
    assert named == broken
    assert countries.set_index("code")["alpha3"][["251", "842", "699", "757", "579"]].tolist() == [
        "FRA", "USA", "IND", "CHE", "NOR",
    ]  # fmt: skip


def test_real_table_of_product_codes_has_its_zeros_back(shared_data: Path) -> None:
    products: pd.DataFrame = load(shared_data / "baci" / "product_codes_HS17_V202301 copy.csv")
    assert products["code"].str.len().eq(6).all()
    assert products["code"].iloc[0] == "010121"


def test_a_code_that_stands_twice_is_refused() -> None:
    with pytest.raises(
        SchemaError, match=r"expected each code once, found twice at a@1 lines 2, 3"
    ):
        check_codes(pd.DataFrame({"code": ["1", "1"], "dataset": "a@1", "line": [2, 3]}))
