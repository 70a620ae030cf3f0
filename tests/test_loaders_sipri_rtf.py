"""SIPRI's RTF register: brackets are uncertainty, letters are Mac Roman, there is no TIV."""

import csv
from pathlib import Path

import pandas as pd
import pytest
from raw_files import changed

from flows.errors import CountryError, LayoutError
from flows.loaders.examples import example_path
from flows.loaders.sipri_rtf import normalise_sipri_rtf, read_sipri_rtf

EXAMPLE = example_path("sipri_rtf")


def test_an_entry_keeps_its_brackets_as_flags() -> None:
    arms = normalise_sipri_rtf(read_sipri_rtf(EXAMPLE))
    assert arms["designation"].tolist() == ["Tank-1", "Gun-1 203mm"]
    assert set(arms["exporter"]) == {"BLR"}
    assert set(arms["importer"]) == {"AZE"}
    assert arms["number_ordered"].tolist() == [60, 9]
    assert arms["number_ordered_estimated"].tolist() == [True, False]
    assert arms["order_year_estimated"].tolist() == [True, False]
    assert arms["estimate"].tolist() == [False, True]
    assert arms["end"].dt.year.tolist() == [2006, 2009]
    assert arms["value"].isna().all()
    assert arms["comments"].tolist()[1] == "Second-hand; spécial"
    assert arms.attrs["report"]["left_out"] == {"deals without a delivery": 1}
    assert arms.attrs["report"]["header"]["generated"] == "10 March 2023"


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ("2005-2006", "2005/2006", LayoutError, r"rtf:5: column Year\(s\) of delivery"),
        ("(60)", "(many)", LayoutError, "rtf:5: column ordered"),
        ("Azerbaijan", "Azerbeidzhan", CountryError, "Azerbeidzhan.*rtf line"),
        (r"\tab Second-hand\par", r"\par", LayoutError, "rtf:5: expected an entry of 8 cells"),
        (r"{\rtf1", "PK", LayoutError, "rtf:1: expected RTF"),
        (r"sp\'8ecial", r"sp\u55357?ecial", LayoutError, "expected a character"),
    ],
)
def test_a_fault_is_named_with_file_and_line(
    tmp_path: Path, old: str, new: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        normalise_sipri_rtf(read_sipri_rtf(changed(tmp_path, EXAMPLE, old, new)))


def test_real_register_holds_the_deals_of_azerbaijan_as_compiled_by_hand(
    shared_data: Path,
) -> None:
    raw = read_sipri_rtf(shared_data / "sipri" / "Trade-Register-1950-2021.rtf")
    assert len(raw.rows) == 27_769
    arms: pd.DataFrame = normalise_sipri_rtf(raw)
    assert len(arms) == 27_769 - 837
    facts = shared_data / "facts" / "az_deals_rtf_release2022_generated_2023-03-10.csv"
    with facts.open(encoding="utf-8", newline="") as file:
        expected = [list(row.values()) for row in csv.DictReader(file)]
    found = raw.rows[raw.rows["Recipient"] == "Azerbaijan"].drop(columns="line")
    assert sorted(found.to_numpy().tolist()) == sorted(expected)
