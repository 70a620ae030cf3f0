"""SIPRI deal years: both layouts give the same columns, and every flag survives."""

from pathlib import Path

import pandas as pd
import pytest

from flows.errors import CountryError, LayoutError, SchemaError
from flows.loaders.sipri_deals import normalise_sipri_deal_years, read_sipri_deal_years

FIXTURES = Path(__file__).parent / "fixtures"
NEW = FIXTURES / "sipri-deal-years.csv"
OLD = FIXTURES / "sipri-deal-years-old-site.txt"

TOLERANCE = 1e-6  # sums of at most four decimals each


def load(path: Path) -> pd.DataFrame:
    return normalise_sipri_deal_years(read_sipri_deal_years(path))


def changed(tmp_path: Path, source: Path, old: str, new: str) -> Path:
    text = source.read_bytes().decode()
    assert old in text
    path = tmp_path / source.name
    path.write_bytes(text.replace(old, new, 1).encode())
    return path


def test_the_new_layout_row_by_row() -> None:
    arms = load(NEW)
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
    arms = load(NEW)
    assert arms["number_estimated"].tolist()[4] is pd.NA
    assert arms["order_year_estimated"].tolist()[5] is pd.NA
    assert arms["estimate"].tolist() == [
        False, True, True, False, True, False, True, True, False, False, False, False,
    ]  # fmt: skip


def test_non_states_and_unknown_suppliers_are_kept_under_codes() -> None:
    arms = load(NEW)
    assert arms["exporter"].tolist()[6] == "XXU"
    assert (arms["exporter"].tolist()[9], arms["importer"].tolist()[9]) == ("SUN", "YUG")


def test_both_layouts_share_columns_and_categories() -> None:
    new, old = load(NEW), load(OLD)
    assert new.columns.tolist() == old.columns.tolist()
    assert new.dtypes.equals(old.dtypes)
    assert new["product"].tolist()[3] == old["product"].tolist()[2] == "air-defence systems"


def test_the_old_layout_says_what_it_is_and_keeps_its_footer_out_of_the_rows() -> None:
    arms = load(OLD)
    assert arms["line"].tolist() == [7, 8, 9, 10, 11, 12]
    header = arms.attrs["report"]["header"]
    assert (header["years"], header["generated"]) == ("2011-2021", "11-03-2023")
    assert header["footer"].startswith("© Stockholm")


def test_the_years_counted_are_those_of_the_title_as_far_as_the_release_goes() -> None:
    assert load(NEW).attrs["spans"] == {"sipri-deal-years.csv": (2010, 2024)}
    assert load(OLD).attrs["spans"] == {"sipri-deal-years-old-site.txt": (2011, 2021)}


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
        load(changed(tmp_path, NEW, old, new))


def test_real_export_of_2025(shared_data: Path) -> None:
    arms = load(shared_data / "sipri" / "deal-years-2025-03.csv")
    assert len(arms) == 25_024
    israel = arms[(arms["exporter"] == "ISR") & arms["start"].dt.year.between(2016, 2020)]
    total = israel["value"].sum()
    assert total == pytest.approx(4347.47, abs=TOLERANCE)
    to = israel.groupby("importer")["value"].sum() / total * 100
    assert to[["IND", "AZE", "VNM"]].round(1).tolist() == [43.8, 16.0, 11.0]


def test_real_export_of_2022(shared_data: Path) -> None:
    arms = load(shared_data / "sipri" / "DealsAndTIVs-2022-03.txt")
    assert len(arms) == 10_126
    assert arms.attrs["spans"] == {"DealsAndTIVs-2022-03.txt": (2011, 2021)}
    israel = arms[(arms["exporter"] == "ISR") & (arms["importer"] == "AZE")]
    window = israel["start"].dt.year.between(2016, 2020)
    assert israel.loc[window, "value"].sum() == pytest.approx(695.45, abs=TOLERANCE)
