"""Files of another kind than their name, packed or cut off, and columns that programs renamed."""

import gzip
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from flows.errors import LayoutError
from flows.loaders import load
from flows.loaders.examples import example_path
from flows.loaders.proposals import propose_description

DESCRIPTION = """reporter = "GEO"
unit = "USD"
calendar = "gregorian"
coverage = "all goods"
[columns]
partner = "Country"
year = "Year"
[flows.Imports]
direction = "import"
"""
TABLE = "Country,Year,Imports\nIran,2023,5\n"


def described(path: Path) -> pd.DataFrame:
    description = path.parent / "mine.toml"
    description.write_text(DESCRIPTION, encoding="utf-8")
    return load(path, layout=str(description))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"<table><tr><td>Country</td></tr></table>", "a web page; .*save it as .xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"an Excel workbook of the old kind \(.xls\)"),
        (b"%PDF-1.7", "a PDF"),
        ("Country,Year,Imports\nCôte d'Ivoire,2023,5\n".encode("latin-1"), 'encoding = "cp1252"'),
    ],
)
def test_a_described_file_of_another_kind_is_told(
    content: bytes, what: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine.xls"
    path.write_bytes(content)
    with pytest.raises(LayoutError, match=rf"mine.xls:[12]: .*{what}"):
        described(path)


def test_described_tables_are_packed_or_of_other_programs(tmp_path: Path) -> None:
    packed = tmp_path / "mine.csv.gz"
    packed.write_bytes(gzip.compress(TABLE.encode()))
    marked = tmp_path / "unicode.txt"
    marked.write_bytes(TABLE.encode("utf-16"))
    archive = tmp_path / "mine.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("mine.csv", TABLE)
        opened.writestr("__MACOSX/._mine.csv", "beside it")
        opened.writestr(".DS_Store", "beside it")
    parquet = tmp_path / "mine.parquet"
    pd.DataFrame({"Country": ["Iran"], "Year": [2023], "Imports": [5]}).to_parquet(parquet)
    for path in (packed, marked, archive, parquet):
        assert described(path)["value"].tolist() == [5.0]


def test_a_file_that_ends_inside_a_row_is_told(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(example_path("baci").read_text(encoding="utf-8").rstrip()[:-30])
    with pytest.raises(LayoutError, match="the file ends inside a row: download it again"):
        load(path)


def test_a_line_under_a_known_table_is_told(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(f"{example_path('baci').read_text(encoding='utf-8')}\nSource: CEPII\n")
    with pytest.raises(LayoutError, match="delete the lines under the table"):
        load(path)


@pytest.mark.parametrize(
    "key", ["itpd", "faostat", "atlas", "imf_portal", "eurostat_csv", "wits_partner", "tradhist"]
)
def test_columns_in_small_letters_are_the_columns(key: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    header, _, rows = example_path(key).read_text(encoding="utf-8-sig").partition("\n")
    path.write_text(f"{header.lower()}\n{rows}", encoding="utf-8")
    columns = ["exporter", "importer", "start", "end", "product", "value", "estimate"]
    pd.testing.assert_frame_equal(load(path)[columns], load(example_path(key))[columns])


def test_flags_that_pandas_made_floats_are_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    frame = pd.read_csv(example_path("itpd"))
    frame.astype({"flag_mirror": "float64"}).to_csv(path, index=False)
    published = load(example_path("itpd"))
    assert load(path)["mirror"].tolist() == published["mirror"].tolist()


@pytest.mark.parametrize("key", ["oec", "us_census"])
def test_replies_are_json_with_marks_or_tables_of_programs(key: str, tmp_path: Path) -> None:
    published = load(example_path(key))["value"].tolist()
    text = example_path(key).read_text(encoding="utf-8")
    path = tmp_path / "mine.json"
    for encoding in ("utf-8-sig", "utf-16"):
        path.write_text(text, encoding=encoding)
        assert load(path)["value"].tolist() == published


def test_a_proposal_takes_rows_with_marks_for_rows(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("Country,Year,Imports\nArmenia,2023,x\nIran,2023,<0.5\n", encoding="utf-8")
    proposal = propose_description(path)
    assert proposal.columns == {"partner": '"Country"', "year": '"Year"'}
    assert '# "<0.5" = "below 0.5"' in proposal.to_toml()


def test_a_proposal_has_quarters_days_and_corrections(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("Country,2023 Q1,2023 Q2\nIran,5,6\n", encoding="utf-8")
    assert propose_description(path).columns["value"] == '"{quarter}"'
    path.write_text("Country,Date,Imports\nIran,2023-01-05,5\nIran,2023-01-06,-1\n")
    proposal = propose_description(path)
    assert proposal.columns["day"] == '"Date"'
    assert "negative figures" in proposal.unsure["corrections"]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b'{"statusCode":429,"message":"Rate limit is exceeded"}', "a reply of a service without"),
        (
            b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>',
            "a workbook saved as XML; open it",
        ),
        (b"\0" * 12 + b"\xc2\xea\x81\x60" + b"\0" * 40, "a table of SAS"),
    ],
)
def test_what_is_no_table_is_told_apart(content: bytes, what: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(content)
    with pytest.raises(LayoutError, match=f"found {what}"):
        load(path)


def test_industries_without_flags_may_be_filled_by_a_model(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    frame = pd.read_csv(example_path("itpd")).drop(columns=["flag_mirror", "flag_zero"])
    frame.to_csv(path, index=False)
    assert any("ITPD-S" in text for text in load(path).attrs["report"]["warnings"])


def test_series_that_are_no_prices_are_no_price_index(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("Series ID,Year,Period,Value\nLNS14000000,2015,M01,5.7\n", encoding="utf-8")
    with pytest.raises(LayoutError, match="expected series of prices"):
        load(path)


def test_the_census_leaves_a_code_without_a_name(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    rows = ["CTY_CODE,CTY_NAME,ALL_VAL_MO,YEAR,MONTH", "8220,,5,2023,01", "7630,CONGO,6,2023,01"]
    path.write_text("\n".join([*rows, ""]), encoding="utf-8")
    assert load(path)["importer"].tolist() == ["XXX", "COG"]
