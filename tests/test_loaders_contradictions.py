"""Files are held against themselves: what a file says twice has to be the same both times."""

from pathlib import Path

import pandas as pd
import pytest
from raw_files import changed

from flows.errors import LayoutError
from flows.loaders import load
from flows.loaders.examples import example_path

TIV, SITE = example_path("sipri_tiv_table"), example_path("sipri_site_table")
REGISTER, DEALS = example_path("sipri_register"), example_path("sipri_deal_years")


def warnings_of(table: pd.DataFrame) -> str:
    return "\n".join(table.attrs["report"]["warnings"])


CHANGED = (
    r"column (Total|2016-2018): .*'Israel' add up to, found 262 printed and a sum of 37: "
    r"225 apart, where rounding makes 1.5 at most; .* take the file as SIPRI gives it"
)


@pytest.mark.parametrize("source", [TIV, SITE])
@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Israel,250,,12,262", "Israel,25,,12,262", CHANGED),
        ("Israel,250,,12,262\n", "", r"column 2016: .* 250 printed and a sum of 0: 250 apart"),
        ("250,10,12,273", "250,10,12,293", r"years of 'Total.*' add up to, found 293 printed"),
        ("250,10,12,273", "250,16,6,273", r"column 2017: .* 16 printed and a sum of 10: 6 apart"),
        ("Israel,250,,12,262", "Israel,262,,,262", r"column 2016: .*250 printed"),
        ("Israel,250,,12,262", "Israel,250,,12,", r"'Israel' .* found 0 printed"),
    ],
)
def test_a_table_that_is_not_the_sum_it_prints_is_refused(
    tmp_path: Path, source: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(LayoutError, match=message):
        load(changed(tmp_path, source, old, new))


@pytest.mark.parametrize("total", [10, 11])
def test_what_rounding_can_do_is_no_contradiction(tmp_path: Path, total: int) -> None:
    # Belarus delivered less than 0.5 and 9.5 to 10.5: 9.5 to 11 in all, printed as 10 or 11.
    path = changed(tmp_path, TIV, "Belarus,0,10,,11", f"Belarus,0,10,,{total}")
    assert load(path)["value"].sum() == 272


def test_more_than_rounding_can_do_is_one(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match="12 printed and a sum of 10: 2 apart"):
        load(changed(tmp_path, TIV, "Belarus,0,10,,11", "Belarus,0,10,,12"))


def test_real_tables_of_sipri_add_up_to_what_they_print(shared_data: Path) -> None:
    folder = shared_data / "sipri"
    tables = [*folder.glob("tiv-tables-2022-03/*.csv"), *folder.glob("TIV-*-Country-*.csv")]
    assert len(tables) == 136
    assert all(len(load(path)) for path in tables)


@pytest.mark.parametrize("zero", ["0.0", "0.", "00", "-0", "0e0", "-0.0"])
def test_a_printed_zero_is_below_one_half_however_it_is_written(tmp_path: Path, zero: str) -> None:
    arms = load(changed(tmp_path, TIV, "Belarus,0,10", f"Belarus,{zero},10"))
    assert arms.loc[0, ["value", "low", "high"]].tolist() == [0, 0, 0.5]
    assert str(arms.loc[0, "value"]) == "0.0"
    assert f"1 figures as {zero!r} (line 12) are SIPRI's 0: below 0.5" in warnings_of(arms)


def test_a_table_saved_by_pandas_is_as_rounded_as_before(tmp_path: Path) -> None:
    text = TIV.read_text(encoding="utf-8")
    head = text.partition(",2016,2017")[0]
    frame = pd.read_csv(TIV, skiprows=head.count("\n"), skip_blank_lines=False)
    path = tmp_path / "saved.csv"
    saved = frame.rename(columns={frame.columns[0]: ""}).to_csv(index=False)
    assert "Belarus,0.0,10.0,,11.0" in saved
    path.write_text(head + saved, encoding="utf-8")
    kept = ["exporter", "importer", "start", "value", "low", "high"]
    assert load(path)[kept].equals(load(TIV)[kept])


@pytest.mark.parametrize("source", [TIV, SITE])
@pytest.mark.parametrize(
    "heading", ["20l7", "2O17", "2017 p", "1017", "2071", "2016", "Total 2017", ""]
)
def test_a_damaged_year_is_no_column_of_totals(tmp_path: Path, source: Path, heading: str) -> None:
    path = changed(tmp_path, source, "2016,2017,2018", f"2016,{heading},2018")
    with pytest.raises(LayoutError, match=r"csv:[0-9]+: .*(a year|each year|without a gap)"):
        load(path)


@pytest.mark.parametrize("source", [TIV, SITE])
@pytest.mark.parametrize(
    ("years", "told"),
    [
        ("2016.0,2017.0,2018.0", "3 columns are named as '2016.0': read as the year 2016"),
        ("2016 , 2017,2018 ", ""),
        ("X2016,X2017,X2018", "columns have another name than published"),
        ("2016,2017*,2018", "columns have another name than published (line "),
        ("2016,201 7,2018", "'201 7' for '2017'"),
    ],
)
def test_harmless_forms_of_years_are_read_and_told(
    tmp_path: Path, source: Path, years: str, told: str
) -> None:
    arms = load(changed(tmp_path, source, "2016,2017,2018", years))
    assert arms["start"].dt.year.tolist() == [2016, 2017, 2016, 2018]
    assert told in warnings_of(arms)


@pytest.mark.parametrize(
    ("source", "old", "new", "message"),
    [
        (DEALS, ",5,Yes,2011", ",6,Yes,2011", "expected 6 weapons .* of 2.5 million TIV each"),
        (DEALS, "2.5,12.5,Yes", "2.5,1.5,Yes", "12.5 together, found 1.5"),
        (REGISTER, "0.4,10.4,10.4", "0.4,10.4,104", "10.4 together, found 104"),
        (REGISTER, "7,42,42", "7,24,42", "column SIPRI TIV for total order: .* found 24"),
    ],
)
def test_a_deal_is_its_weapons_times_the_tiv_of_one(
    tmp_path: Path, source: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(LayoutError, match=message):
        load(changed(tmp_path, source, old, new, encoding="latin-1"))


@pytest.mark.parametrize(
    "name",
    ["deal-years-2025-03.csv", "DealsAndTIVs-2022-03.txt", "register-2025-03-broken-flags.csv"],
)
def test_real_deals_are_their_weapons_times_the_tiv_of_one(shared_data: Path, name: str) -> None:
    assert len(load(shared_data / "sipri" / name)) > 10_000


def test_a_record_that_stands_in_a_register_again_is_told_with_its_lines(tmp_path: Path) -> None:
    line = "Azerbaijan,Israel,2013,?,6,,Boat-1,missile boat"
    whole = next(
        row for row in REGISTER.read_text(encoding="latin-1").splitlines() if row.startswith(line)
    )
    arms = load(changed(tmp_path, REGISTER, whole, f"{whole}\n{whole}", encoding="latin-1"))
    assert (
        "1 records stand in the file again, every cell the same (lines 14 and 15)"
        in warnings_of(arms)
    )
