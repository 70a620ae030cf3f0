"""SIPRI's deals: by year, the register, the old site's CSV; every flag survives."""

from pathlib import Path

import pandas as pd
import pytest
from raw_files import changed

from flows.errors import CountryError, LayoutError, SchemaError
from flows.loaders import load
from flows.loaders.claims import from_text
from flows.loaders.examples import example_path
from flows.loaders.sipri_deals import (
    normalise_sipri_deal_years,
    normalise_sipri_register,
    read_sipri_deal_years,
    read_sipri_register,
)

FIXTURES = Path(__file__).parent / "fixtures"
NEW = FIXTURES / "sipri-deal-years.csv"
OLD = FIXTURES / "sipri-deal-years-old-site.txt"

TOLERANCE = 1e-6  # sums of at most four decimals each


def load_deal_years(path: Path) -> pd.DataFrame:
    return normalise_sipri_deal_years(read_sipri_deal_years(path))


def test_the_new_layout_row_by_row() -> None:
    arms = load_deal_years(NEW)
    assert len(arms) == 12
    assert arms["line"].tolist() == list(range(13, 25))
    first = arms.iloc[0]
    assert first["exporter"] == "ISR"
    assert first["importer"] == "AZE"
    assert (first["start"], first["end"]) == (
        pd.Timestamp("2016-01-01"),
        pd.Timestamp("2016-12-31"),
    )
    assert (first["value"], first["low"], first["high"], first["unit"]) == (100, 100, 100, "TIV")
    assert (first["deal"], first["order_year"], first["number"]) == ("101", 2013, 2)
    assert bool(first["local_production"])
    assert first["coverage"] == "major arms"


def test_an_empty_flag_stays_missing_and_any_delivery_flag_makes_an_estimate() -> None:
    arms = load_deal_years(NEW)
    assert arms["number_estimated"].tolist()[4] is pd.NA
    assert arms["order_year_estimated"].tolist()[5] is pd.NA
    assert arms["estimate"].tolist() == [
        False, True, True, False, True, False, True, True, False, False, False, False,
    ]  # fmt: skip


def test_non_states_and_unknown_suppliers_are_kept_under_codes() -> None:
    arms = load_deal_years(NEW)
    assert arms["exporter"].tolist()[6] == "XXU"
    assert (arms["exporter"].tolist()[9], arms["importer"].tolist()[9]) == ("SUN", "YUG")


def test_both_layouts_share_columns_and_categories() -> None:
    new, old = load_deal_years(NEW), load_deal_years(OLD)
    assert new.columns.tolist() == old.columns.tolist()
    assert new.dtypes.equals(old.dtypes)
    assert new["product"].tolist()[3] == old["product"].tolist()[2] == "air-defence systems"


def test_the_old_layout_says_what_it_is_and_keeps_its_footer_out_of_the_rows() -> None:
    arms = load_deal_years(OLD)
    assert arms["line"].tolist() == [7, 8, 9, 10, 11, 12]
    header = arms.attrs["report"]["header"]
    assert (header["years"], header["generated"]) == ("2011-2021", "11-03-2023")
    assert header["footer"].startswith("© Stockholm")


def test_the_years_counted_are_those_of_the_title_as_far_as_the_release_goes() -> None:
    assert from_text(load_deal_years(NEW).attrs["scope"]).years == (2010, 2024)
    assert from_text(load_deal_years(OLD).attrs["scope"]).years == (2011, 2021)


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        (",100,Yes;", ",1oo,Yes;", LayoutError, "csv:13: column TIV delivery values: .* '1oo'"),
        (",100,Yes;", ",-100,Yes;", LayoutError, "csv:13: .* not negative"),
        (",100,Yes;", ",100;", LayoutError, "csv:13: expected 17 cells, found 16"),
        ("Ships,2013", "Boats,2013", LayoutError, "csv:13: column Armament category: .*'Boats'"),
        ("No,2016,No,New,50", "No,16,No,New,50", LayoutError, "csv:13: column Delivery year"),
        ("2013,No,2,No", "2013,?,2,No", LayoutError, "csv:13: column Order date is estimate"),
        ("101,Israel", "101,Isreal", CountryError, "Isreal.*years.csv line 13"),
        ("101,Israel,Azerbaijan,Boat-1,patrol craft,Ships,2013,No,1,Yes,2017",
         "101,Israel,Azerbaijan,Boat-1,patrol craft,Ships,2013,No,1,Yes,2016",
         SchemaError, "lines 13, 14"),
        ("Delivery year,", "Year,", LayoutError, "csv:12: .* missing 'Delivery year'"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_file_and_line(
    tmp_path: Path, old: str, new: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        load_deal_years(changed(tmp_path, NEW, old, new))


def test_real_export_of_2025(shared_data: Path) -> None:
    arms = load_deal_years(shared_data / "sipri" / "deal-years-2025-03.csv")
    assert len(arms) == 25_024
    israel = arms[(arms["exporter"] == "ISR") & arms["start"].dt.year.between(2016, 2020)]
    total = israel["value"].sum()
    assert total == pytest.approx(4347.47, abs=TOLERANCE)
    to = israel.groupby("importer")["value"].sum() / total * 100
    assert to[["IND", "AZE", "VNM"]].round(1).tolist() == [43.8, 16.0, 11.0]


def test_real_export_of_2022(shared_data: Path) -> None:
    arms = load_deal_years(shared_data / "sipri" / "DealsAndTIVs-2022-03.txt")
    assert len(arms) == 10_126
    assert from_text(arms.attrs["scope"]).years == (2011, 2021)
    israel = arms[(arms["exporter"] == "ISR") & (arms["importer"] == "AZE")]
    window = israel["start"].dt.year.between(2016, 2020)
    assert israel.loc[window, "value"].sum() == pytest.approx(695.45, abs=TOLERANCE)


REGISTER = example_path("sipri_register")
ROW = "Azerbaijan,Belarus,2016,{},26,{},Gun-1,towed gun,26,{},2017,New,,0.4,10.4,10.4\n"


def load_register(path: Path) -> pd.DataFrame:
    return normalise_sipri_register(read_sipri_register(path))


def with_rows(tmp_path: Path, rows: str) -> Path:
    text = REGISTER.read_text(encoding="latin-1")
    head = text[: text.index("Azerbaijan,Belarus")]
    path = tmp_path / REGISTER.name
    path.write_text(head + rows, encoding="latin-1")
    return path


def test_a_deal_runs_from_its_first_to_its_last_delivery() -> None:
    boats = load_register(REGISTER).iloc[1]
    assert (boats["start"].year, boats["end"].year) == (2014, 2017)
    assert boats["delivery_years"] == "2015; 2014; 2017"
    assert boats["value"] == 42
    assert bool(boats["estimate"])
    assert not bool(boats["number_ordered_estimated"])
    assert boats["comments"].endswith("Spécial version")


def test_a_line_break_in_comments_is_joined_and_named() -> None:
    arms = load_register(REGISTER)
    assert arms["line"].tolist() == [13, 14, 15]
    assert arms["comments"].tolist()[2] == "Ordered in two parts\n of 2 each"
    assert arms.attrs["report"]["warnings"] == [
        "the file is not in UTF-8: it was read as Latin-1, see the accents in line 14",
        "lines 15-16: joined, split by a line break in Comments",
    ]


def test_a_printed_zero_for_a_delivery_is_below_a_half() -> None:
    missiles = load_register(REGISTER).iloc[2]
    assert (missiles["value"], missiles["low"], missiles["high"]) == (0, 0, 0.5)


def test_deals_without_a_delivery_are_counted() -> None:
    assert load_register(REGISTER).attrs["report"]["left_out"] == {"deals without a delivery": 1}


def test_equal_rows_are_different_deals(tmp_path: Path) -> None:
    arms = load_register(with_rows(tmp_path, ROW.format("", "", "") * 2))
    assert arms["deal"].tolist() == ["line 13", "line 14"]
    assert arms["value"].sum() == 20.8


def test_a_column_of_flags_that_lost_its_content_is_distrusted(tmp_path: Path) -> None:
    sound = load_register(with_rows(tmp_path, ROW.format("", "?", "?") * 100))
    (again,) = sound.attrs["report"]["warnings"]
    assert again.startswith("1 records stand in the file again")
    broken = load_register(with_rows(tmp_path, ROW.format("", "?", "") * 100))
    warning, _ = broken.attrs["report"]["warnings"]
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
def test_a_fault_of_the_register_is_named(
    tmp_path: Path, old: str, new: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        load_register(changed(tmp_path, REGISTER, old, new, encoding="latin-1"))


def test_real_export_of_2024_has_two_broken_records(shared_data: Path) -> None:
    arms = load_register(shared_data / "sipri" / "register-2024-03.csv")
    report = arms.attrs["report"]
    assert report["rows_in"] == 29_054 + 2
    _, joined, again = report["warnings"]
    assert joined == "lines 24626-24627, 27049-27050: joined, split by a line break in Comments"
    assert again.startswith(
        "9 records stand in the file again, every cell the same (lines 15639 and 15640, "
    )


def test_real_export_of_2025_has_a_defective_column_of_flags(shared_data: Path) -> None:
    arms = load_register(shared_data / "sipri" / "register-2025-03-broken-flags.csv")
    report = arms.attrs["report"]
    assert report["rows_in"] == 29_511 + 4
    assert "column 'Number delivered ?': 2595 flags" in report["warnings"][2]


def test_real_exports_of_register_and_deal_years_agree_on_deals_inside_the_window(
    shared_data: Path,
) -> None:
    register = load_register(shared_data / "sipri" / "register-2025-03-broken-flags.csv")
    israel = register[(register["exporter"] == "ISR") & (register["importer"] == "AZE")]
    raw = read_sipri_deal_years(shared_data / "sipri" / "deal-years-2025-03.csv")
    years = normalise_sipri_deal_years(raw)
    same = years[(years["exporter"] == "ISR") & (years["importer"] == "AZE")]
    assert israel["value"].sum() == pytest.approx(same["value"].sum(), abs=1e-6)


OLD_CSV = example_path("sipri_old_csv")


def test_the_old_csv_keeps_the_codes_of_sipri() -> None:
    arms = load(OLD_CSV)
    assert arms["deal"].tolist() == ["63890", "63891"]
    assert arms["importer"].tolist() == ["AZE", "AZE"]
    assert arms["buyercod"].tolist() == ["AZB", "AZB"]
    assert arms["value"].tolist() == [4.96, 3.96]
    assert arms["estimate"].tolist() == [True, False]
    assert arms["order_year_estimated"].tolist() == [False, True]
    assert arms["status"].tolist() == ["New", "S"]
    assert arms["end"].dt.year.tolist() == [2020, 2010]
    assert arms.attrs["report"]["left_out"] == {"deals without a delivery": 1}


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ("16,X,2020", "16,?,2020", LayoutError, "csv:2: column .*expected X or nothing"),
        ("16,X,2020", "16,X,20", LayoutError, "csv:2: column Year"),
        (",Israel,N", ",ISR2,N", CountryError, "ISR2.*csv line 2"),
        ('63891,AZB,BLR,2009,X,9,X,,N/A,Example-2,AR,towed gun,L,9,,"2009,2010",Azerbaijan,Belarus',
         "63890,AZB,ISR,2009,X,9,X,,N/A,Example-2,AR,APC,L,9,,2020,Azerbaijan,Israel",
         SchemaError, "lines 2, 3"),
        ("tivdel\n", "tiv\n", LayoutError, "csv:1: expected a known layout"),
    ],
)  # fmt: skip
def test_a_fault_of_the_old_csv_is_named(
    tmp_path: Path, old: str, new: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        load(changed(tmp_path, OLD_CSV, old, new))
