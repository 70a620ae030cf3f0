"""SIPRI's register: broken records are joined and named, equal rows are different deals."""

from pathlib import Path

import pandas as pd
import pytest

from flows.errors import CountryError, LayoutError
from flows.loaders.examples import example_path
from flows.loaders.sipri_deals import (
    normalise_sipri_deal_years,
    normalise_sipri_register,
    read_sipri_deal_years,
    read_sipri_register,
)

EXAMPLE = example_path("sipri_register")
ROW = "Azerbaijan,Belarus,2016,{},26,{},Gun-1,towed gun,26,{},2017,New,,0.4,10.4,10.4\n"


def load(path: Path) -> pd.DataFrame:
    return normalise_sipri_register(read_sipri_register(path))


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = EXAMPLE.read_text(encoding="latin-1")
    assert old in text
    path = tmp_path / EXAMPLE.name
    path.write_text(text.replace(old, new, 1), encoding="latin-1")
    return path


def with_rows(tmp_path: Path, rows: str) -> Path:
    text = EXAMPLE.read_text(encoding="latin-1")
    head = text[: text.index("Azerbaijan,Belarus")]
    path = tmp_path / EXAMPLE.name
    path.write_text(head + rows, encoding="latin-1")
    return path


def test_a_deal_runs_from_its_first_to_its_last_delivery() -> None:
    boats = load(EXAMPLE).iloc[1]
    assert (boats["start"].year, boats["end"].year) == (2014, 2017)
    assert boats["delivery_years"] == "2015; 2014; 2017"
    assert boats["value"] == 42
    assert bool(boats["estimate"])
    assert not bool(boats["number_ordered_estimated"])
    assert boats["comments"].endswith("Spécial version")


def test_a_line_break_in_comments_is_joined_and_named() -> None:
    arms = load(EXAMPLE)
    assert arms["line"].tolist() == [13, 14, 15]
    assert arms["comments"].tolist()[2] == "Ordered in two parts\n of 2 each"
    assert arms.attrs["report"]["warnings"] == [
        "lines 15-16: joined, split by a line break in Comments"
    ]


def test_a_printed_zero_for_a_delivery_is_below_a_half() -> None:
    missiles = load(EXAMPLE).iloc[2]
    assert (missiles["value"], missiles["low"], missiles["high"]) == (0, 0, 0.5)


def test_deals_without_a_delivery_are_counted() -> None:
    assert load(EXAMPLE).attrs["report"]["left_out"] == {"deals without a delivery": 1}


def test_equal_rows_are_different_deals(tmp_path: Path) -> None:
    arms = load(with_rows(tmp_path, ROW.format("", "", "") * 2))
    assert arms["deal"].tolist() == ["line 13", "line 14"]
    assert arms["value"].sum() == 20.8


def test_a_column_of_flags_that_lost_its_content_is_distrusted(tmp_path: Path) -> None:
    sound = load(with_rows(tmp_path, ROW.format("", "?", "?") * 100))
    assert sound.attrs["report"]["warnings"] == []
    broken = load(with_rows(tmp_path, ROW.format("", "?", "") * 100))
    (warning,) = broken.attrs["report"]["warnings"]
    assert warning.startswith("column 'Number delivered ?': 0 flags beside 100")


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        (",2017,Second", ",2017-2018,Second", LayoutError, "csv:13: column Year"),
        ("2016,?,26", "2016,x,26", LayoutError, r"csv:13: column Year of order \?: .*'x'"),
        (",10.4,10.4", ",10.4", LayoutError, "csv:13: expected 16 cells, found 15"),
        ("towed gun,26", "towed gun,some", LayoutError, "csv:13: column Number delivered"),
        ("Azerbaijan,Belarus", "Azerbaijan,Belorus", CountryError, "Belorus.*csv line 13"),
        ("Recipient,Supplier", "Recipient,Seller", LayoutError, "csv:12: .* missing 'Supplier'"),
        ("Spécial", "Sp\x8ecial", LayoutError, "csv:14: expected text in utf-8, found byte 0x8e"),
        ("Spécial", "Sp\xc3\xa9cial \xe9", LayoutError, "csv:14: .* found byte 0xe9"),
    ],
)
def test_a_fault_is_named_with_file_and_line(
    tmp_path: Path, old: str, new: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        load(changed(tmp_path, old, new))


def test_real_export_of_2024_has_two_broken_records(shared_data: Path) -> None:
    arms = load(shared_data / "sipri" / "register-2024-03.csv")
    report = arms.attrs["report"]
    assert report["rows_in"] == 29_054 + 2
    assert report["warnings"] == [
        "lines 24626-24627, 27049-27050: joined, split by a line break in Comments"
    ]


def test_real_export_of_2025_has_a_defective_column_of_flags(shared_data: Path) -> None:
    arms = load(shared_data / "sipri" / "register-2025-03-broken-flags.csv")
    report = arms.attrs["report"]
    assert report["rows_in"] == 29_511 + 4
    assert "column 'Number delivered ?': 2595 flags" in report["warnings"][1]


def test_real_exports_of_register_and_deal_years_agree_on_deals_inside_the_window(
    shared_data: Path,
) -> None:
    register = load(shared_data / "sipri" / "register-2025-03-broken-flags.csv")
    israel = register[(register["exporter"] == "ISR") & (register["importer"] == "AZE")]
    raw = read_sipri_deal_years(shared_data / "sipri" / "deal-years-2025-03.csv")
    years = normalise_sipri_deal_years(raw)
    same = years[(years["exporter"] == "ISR") & (years["importer"] == "AZE")]
    assert israel["value"].sum() == pytest.approx(same["value"].sum(), abs=1e-6)
