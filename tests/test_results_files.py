"""What every result gives besides its card: a frame, and files in the formats of the report."""

import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from small_findings import table
from test_results import FITS, MAKERS, arms, made

import flows as fl
from flows.errors import ReportError
from flows.results import tidy_rows
from flows.tables.results import as_table


@pytest.mark.parametrize("name", MAKERS)
def test_every_result_gives_a_frame_and_a_table_in_each_format(name: str) -> None:
    result = made(name)
    frame = result.tidy()
    assert isinstance(frame, pd.DataFrame)
    exported = as_table(result)
    shown = exported.frame[list(exported.labels)]
    assert len(shown) == len(frame)
    for text in (result.to_html(), result.to_latex(), result.to_typst()):
        assert exported.id in text


@pytest.mark.parametrize("name", MAKERS)
def test_a_frame_is_new(name: str) -> None:
    frame = made(name).tidy()
    frame["other"] = 1.0
    assert "other" not in made(name).tidy()


def test_a_result_without_a_table_is_a_row_of_its_texts_and_numbers() -> None:
    removal = made("Removal").tidy()
    assert removal.loc[0, "deals"].count(", ") == 5
    assert removal.loc[0, "value"] == made("Removal").value
    assert made("Recut").tidy().loc[0, ["value", "period"]].tolist() == [412.5, "2023"]
    assert made("Diagnostics").tidy()["name"].tolist() == list(made("TrendFit").diagnostics.tests)
    assert tidy_rows([]).empty


def test_lists_of_results_are_lists_that_show_themselves() -> None:
    sources = fl.list_sources()
    assert isinstance(sources, list)
    assert sources == list(sources)
    lines = repr(sources).splitlines()
    assert lines[0] == f"Sources: {len(sources)} data sets"
    assert len(lines) == 6
    assert all(source.id in sources._repr_html_() for source in sources)
    assert sources.tidy()["id"].tolist() == [source.id for source in sources]
    claims = fl.read_claims()
    assert claims.tidy()["id"].tolist() == [claim.id for claim in claims]


def test_numbers_are_a_dictionary_that_shows_itself() -> None:
    numbers = fl.read_numbers()
    assert dict(numbers) == numbers
    assert repr(numbers).splitlines()[0] == f"Numbers: {len(numbers)} numbers"
    assert numbers.tidy()["id"].tolist() == list(numbers)
    assert numbers.tidy().set_index("id").loc["arms.share.main", "printed"] == "67.74"


def test_a_column_is_printed_in_one_format() -> None:
    shares = made("PartnerShares").to_latex()
    assert "697.45" in shares
    assert "169.00" in shares
    windows = made("RollingShares").to_html()
    assert "2,016" not in windows
    assert ">2016<" in windows


def test_a_document_has_the_table_and_its_note(tmp_path: Path) -> None:
    path = tmp_path / "shares.docx"
    path.write_text("of before")
    table().to_docx(path)
    with zipfile.ZipFile(path) as document:
        text = document.read("word/document.xml").decode()
    for words in ("A &amp; B_C", "1,029.6", "Source:"):
        assert words in text
    assert [place.name for place in tmp_path.iterdir()] == ["shares.docx"]
    first = path.read_bytes()
    table().to_docx(path)
    assert path.read_bytes() == first


@pytest.mark.parametrize("name", ["Share", *FITS, "Verdicts"])
def test_any_result_becomes_a_document(name: str, tmp_path: Path) -> None:
    path = tmp_path / "result.docx"
    made(name).to_docx(str(path))
    assert zipfile.is_zipfile(path)


def test_what_cannot_be_written_leaves_no_part_of_it(tmp_path: Path) -> None:
    for write, ending in ((made("Share").to_docx, ".docx"), (made("Share").to_excel, ".xlsx")):
        with pytest.raises(ReportError, match=rf"expected a file \{ending}, found .txt"):
            write(tmp_path / "share.txt")
    with pytest.raises(OSError, match="nowhere"):
        made("Share").to_docx(tmp_path / "nowhere" / "share.docx")
    assert list(tmp_path.iterdir()) == []


def test_a_workbook_needs_a_package_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(ReportError, match="pip install XlsxWriter"):
        made("Share").to_excel(tmp_path / "share.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_a_figure_of_arms_is_not_drawn_of_dollars() -> None:
    dollars = arms().assign(unit="USD")
    shares = fl.rolling_partner_shares(dollars, importer="AZE", years=5, start=2016, end=2020)
    with pytest.raises(ValueError, match="found amounts in USD"):
        shares.plot()
