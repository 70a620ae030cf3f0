"""Files are held against themselves: what a file says twice has to be the same both times."""

import csv
import json
import re
from pathlib import Path

import pandas as pd
import pytest
from raw_files import changed

from flows.errors import LayoutError
from flows.loaders import load
from flows.loaders.claims import last_digit
from flows.loaders.examples import example_path

TIV, SITE = example_path("sipri_tiv_table"), example_path("sipri_site_table")
REGISTER, DEALS = example_path("sipri_register"), example_path("sipri_deal_years")


def saved_cells(path: Path) -> pd.DataFrame:
    """Return the cells of a CSV under its header, without the empty ones behind the last."""
    header, *rows = csv.reader(path.read_text(encoding="utf-8").splitlines())
    return pd.DataFrame([row[: len(header)] for row in rows if row], columns=header)


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


@pytest.mark.parametrize(
    ("cells", "digits"),
    [
        (["250.0", "12.0", "7"], [1, 1, 1]),  # what pandas writes of 250, 12 and 7
        (["5100.00", "3.25"], [0.01, 0.01]),
        (["250.0", "12.5"], [0.1, 0.1]),
    ],
)
def test_a_zero_that_a_program_wrote_is_no_digit(cells: list[str], digits: list[float]) -> None:
    assert last_digit(pd.Series(cells)).tolist() == pytest.approx(digits)


@pytest.mark.parametrize("source", [TIV, SITE])
@pytest.mark.parametrize(
    "heading", ["20l7", "2O17", "2017 p", "1017", "2071", "2016", "Total 2017", ""]
)
def test_a_damaged_year_is_no_column_of_totals(tmp_path: Path, source: Path, heading: str) -> None:
    path = changed(tmp_path, source, "2016,2017,2018", f"2016,{heading},2018")
    with pytest.raises(
        LayoutError, match=r"csv:[0-9]+: .*(a year|each year|each column once|without a gap)"
    ):
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
        (DEALS, ",5,Yes,2011", ",6,Yes,2011", r"6 weapons .* of 2\.5 million TIV each"),
        (DEALS, "2.5,12.5,Yes", "2.5,1.5,Yes", r"are 12\.5 together, and 1\.5 is printed"),
        (REGISTER, "0.4,10.4,10.4", "0.4,10.4,104", r"are 10\.4 together, and 104 is printed"),
        (REGISTER, "7,42,42", "7,24,42", "column SIPRI TIV for total order: .* 24 is printed"),
    ],
)
def test_a_deal_is_its_weapons_times_the_tiv_of_one(
    tmp_path: Path, source: Path, old: str, new: str, message: str
) -> None:
    told = warnings_of(load(changed(tmp_path, source, old, new, encoding="latin-1")))
    assert re.search(rf"line [0-9]+, .*{message}", told)


@pytest.mark.parametrize(
    "name",
    ["deal-years-2025-03.csv", "DealsAndTIVs-2022-03.txt", "register-2025-03-broken-flags.csv"],
)
def test_real_deals_are_their_weapons_times_the_tiv_of_one(shared_data: Path, name: str) -> None:
    arms = load(shared_data / "sipri" / name)
    assert len(arms) > 10_000
    assert "million TIV each" not in warnings_of(arms)


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


WITS, IMF, SDMX = (
    example_path("wits_summary"),
    example_path("imf_compact"),
    example_path("imf_sdmx_json"),
)
API, V1 = example_path("comtrade_api"), example_path("comtrade_v1")


@pytest.mark.parametrize(
    ("key", "old", "new", "message"),
    [
        ("wits_summary", "2019,2018,2017", "2019,2O18,2017", r"csv:1: column 7, '2O18': .*a year"),
        ("wits_summary", "2019,2018,2017", "2019,2018,2019", r"csv:1: .*'2019.2'.* 2019 again"),
        ("wits_summary", "2019,2018,2017", "2019,2018,", r"csv:1: column 8, ''"),
        ("wits_partner_years", "2021,2022", "2021,2O22", r"csv:1: column 6, '2O22': .*11750"),
        ("wits_partner_years", "2021,2022", "2021,Sum", r"csv:1: column 6, 'Sum'"),
        ("imf_portal", "2022,2023,2023-M01", "2022,2023 p,2023-M01", r"csv:1: column 10"),
        ("imf_portal", "2022,2023,2023-M01", "2022,2023,2023-M0l", r"csv:1: column 11"),
        ("imf_portal", "2022,2023,2023-M01", "2022,3023,2023-M01", r"a year from 1900 to 2099"),
        ("ecb_history", "USD", "U5D", "expected a known layout"),
        ("ecb_history", "CYP", "CPY", r"csv:1: expected columns of currencies, found 'CPY'"),
    ],
)
def test_a_damaged_heading_is_refused_where_columns_become_rows(
    tmp_path: Path, key: str, old: str, new: str, message: str
) -> None:
    with pytest.raises(LayoutError, match=message):
        load(changed(tmp_path, example_path(key), old, new))


def test_years_of_faostat_side_by_side_are_all_read_or_refused(tmp_path: Path) -> None:
    head = (
        "Reporter Country Code,Reporter Country Code (M49),Reporter Countries,Partner Country Code,"
        "Partner Country Code (M49),Partner Countries,Item Code,Item Code (CPC),Item,Element Code,"
        "Element,Unit,Y2021,Y2021F,{},Y2022F"
    )
    row = (
        "1,'051,Armenia,185,'643,Russian Federation,15,'0111,Wheat,5622,Import value,1000 USD,"
        "48250.25,A,49000,A"
    )
    path = tmp_path / "wide.csv"
    path.write_text(f"{head.format('Y2022')}\n{row}\n", encoding="utf-8")
    assert load(path)["value"].tolist() == [48_250_250, 49_000_000]
    path.write_text(f"{head.format('Y2O22')}\n{row}\n", encoding="utf-8")
    with pytest.raises(LayoutError, match=r"csv:1: column 15, 'Y2O22': .*'49000'"):
        load(path)


def test_a_note_beside_years_is_no_damage(tmp_path: Path) -> None:
    text = WITS.read_text(encoding="utf-8").splitlines()
    path = tmp_path / "noted.csv"
    noted = [f"{text[0]},Note", *(f"{line},mine" for line in text[1:])]
    path.write_text("\n".join([*noted, ""]), encoding="utf-8")
    assert load(path)["value"].equals(load(WITS)["value"])


@pytest.mark.parametrize(
    ("old", "new"),
    [("321.50", "32.15"), ("6.36", "6.63"), ("5052.55", "5502.55"), ("177.25", "771.25")],
)
def test_a_printed_share_holds_value_and_total(tmp_path: Path, old: str, new: str) -> None:
    told = warnings_of(load(changed(tmp_path, WITS, old, new)))
    assert re.search(r"is [0-9.]+ % of trade with the world, .* % is printed \(line 4\)", told)


@pytest.mark.parametrize("reporter", ["ARM", "IRN"])
def test_real_shares_of_wits_hold(shared_data: Path, reporter: str) -> None:
    path = shared_data / "wits" / f"en_{reporter}_AllYears_WITS_Trade_Summary.CSV"
    trade = load(path)
    assert len(trade) >= 180
    assert "of trade with the world" not in warnings_of(trade)


def test_values_without_their_multiple_are_refused(tmp_path: Path) -> None:
    path = changed(tmp_path, IMF, '"@UNIT_MULT": "6"', '"@OTHER": "6"')
    with pytest.raises(LayoutError, match="UNIT_MULT"):
        load(path)


def test_a_series_that_lacks_its_multiple_beside_one_that_has_it_is_refused(
    tmp_path: Path,
) -> None:
    reply = json.loads(IMF.read_text(encoding="utf-8"))
    series = reply["CompactData"]["DataSet"]["Series"]
    one = series[0] if isinstance(series, list) else series
    other = {key: value for key, value in one.items() if key != "@UNIT_MULT"}
    reply["CompactData"]["DataSet"]["Series"] = [one, {**other, "@COUNTERPART_AREA": "GE"}]
    path = tmp_path / "imf.json"
    path.write_text(json.dumps(reply), encoding="utf-8")
    with pytest.raises(LayoutError, match=r"column UNIT_MULT: expected the power of ten"):
        load(path)


def test_rates_in_thousands_are_refused(tmp_path: Path) -> None:
    frame = pd.read_csv(example_path("ecb_portal"), dtype=str).assign(UNIT_MULT="3")
    path = tmp_path / "rates.csv"
    frame.to_csv(path, index=False)
    with pytest.raises(LayoutError, match="column UNIT_MULT: expected 0"):
        load(path)


@pytest.mark.parametrize("key", ["imf_compact", "imf_sdmx_json", "comtrade_api", "oec"])
def test_json_that_has_a_name_twice_is_refused(tmp_path: Path, key: str) -> None:
    source = example_path(key)
    text = source.read_text(encoding="utf-8")
    name, value = re.search(
        r'"(@OBS_VALUE|id|primaryValue|Trade Value)": ?("?[^",}]+"?)', text
    ).groups()
    path = tmp_path / source.name
    path.write_text(text.replace(f'"{name}"', f'"{name}": {value}, "{name}"', 1), encoding="utf-8")
    with pytest.raises(LayoutError, match=f"each name once in an object, found '{name}' twice"):
        load(path)


@pytest.mark.parametrize("place", ["-1", "9", "0.0", "+0", " 0", "true", "٠", "1_0", ""])
def test_a_place_in_a_list_of_sdmx_json_is_a_number_that_is_there(
    tmp_path: Path, place: str
) -> None:
    reply = json.loads(SDMX.read_text(encoding="utf-8"))
    series = reply["data"]["dataSets"][0]["series"]
    key = next(iter(series))
    path = tmp_path / "sdmx.json"
    for at in range(len(key.split(":"))):
        parts = [place if n == at else part for n, part in enumerate(key.split(":"))]
        wrong = {":".join(parts) if name == key else name: told for name, told in series.items()}
        reply["data"]["dataSets"][0]["series"] = wrong
        path.write_text(json.dumps(reply), encoding="utf-8")
        with pytest.raises(LayoutError, match="expected the parts of SDMX-JSON"):
            load(path)
    observations = {place: next(iter(series[key]["observations"].values()))}
    reply["data"]["dataSets"][0]["series"] = {key: {"observations": observations}}
    path.write_text(json.dumps(reply), encoding="utf-8")
    with pytest.raises(LayoutError, match="expected the parts of SDMX-JSON"):
        load(path)


@pytest.mark.parametrize("key", ["comtrade_api", "comtrade_legacy_api"])
def test_a_reply_has_as_many_rows_as_it_counts(tmp_path: Path, key: str) -> None:
    reply = json.loads(example_path(key).read_text(encoding="utf-8"))
    (rows,) = (name for name in ("data", "dataset") if name in reply)
    path = tmp_path / "reply.json"
    path.write_text(json.dumps({**reply, rows: reply[rows][:-1]}), encoding="utf-8")
    message = rf"expected the {len(reply[rows])} rows that the reply counts, found"
    with pytest.raises(LayoutError, match=message):
        load(path)


def test_records_of_a_reply_have_the_same_names(tmp_path: Path) -> None:
    reply = json.loads(API.read_text(encoding="utf-8"))
    del reply["data"][1]["motCode"]
    path = tmp_path / "reply.json"
    path.write_text(json.dumps(reply), encoding="utf-8")
    with pytest.raises(LayoutError, match=r"every record, found number 2 .* in motCode"):
        load(path)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("comtrade_v1", "primaryValue"),
        ("armstat", "export"),
        ("baci", "v"),
        ("eurostat_csv", "flow"),
    ],
)
def test_a_column_that_counts_stands_there_once(tmp_path: Path, key: str, name: str) -> None:
    frame = pd.read_csv(example_path(key), dtype=str, keep_default_na=False)
    frame.insert(0, name, "1", allow_duplicates=True)
    path = tmp_path / example_path(key).name
    frame.to_csv(path, index=False)
    with pytest.raises(LayoutError, match=f"csv:1: expected each column once, found '{name}' as"):
        load(path)


def test_a_column_that_an_interface_repeats_is_read_if_both_say_the_same(tmp_path: Path) -> None:
    source = example_path("us_census")
    assert len(load(source)) == 2
    with pytest.raises(LayoutError, match="'E_COMMODITY' as columns 4 and 7, which differ"):
        load(changed(tmp_path, source, '"2023","01","87"', '"2023","01","86"'))


@pytest.mark.parametrize(
    ("key", "old", "new"),
    [
        ("comtrade_v1", "motCode", "motC0de"),
        ("comtrade_v1", "customsCode", "customCode"),
        ("comtrade_legacy", "2nd Partner Code", "2nd Partnr Code"),
        ("eurostat_csv", "CONF_STATUS", "CONF_STATUSS"),
    ],
)
def test_a_column_that_only_some_files_have_is_not_lost_by_a_letter(
    tmp_path: Path, key: str, old: str, new: str
) -> None:
    with pytest.raises(LayoutError, match=f"found '{new}' as column .* is '{old}' but for one"):
        load(changed(tmp_path, example_path(key), old, new))


@pytest.mark.parametrize(
    ("key", "column", "cell"),
    [
        ("comtrade_v1", "period", "2018"),
        ("comtrade_v1", "reporterCode", "31"),
        ("comtrade_v1", "reporterISO", "GEO"),
        ("comtrade_legacy", "Trade Flow Code", "2"),
        ("faostat", "Year", "2020"),
        ("faostat", "Element Code", "5922"),
        ("wits_query", "PartnerName", "Georgia"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(
    tmp_path: Path, key: str, column: str, cell: str
) -> None:
    frame = saved_cells(example_path(key))
    counts = frame["Element"].eq("Import value") if "Element" in frame else frame.index >= 0
    frame.loc[frame.index[counts & ~frame[column].isin(["", "0", "World"])][0], column] = cell
    path = tmp_path / example_path(key).name
    frame.to_csv(path, index=False)
    with pytest.raises(LayoutError, match="expected the same in the columns"):
        load(path)


@pytest.mark.parametrize("key", ["cow_trade", "comtrade_legacy_bulk", "baci_totals"])
def test_a_file_that_may_be_cut_inside_its_last_number_is_told(tmp_path: Path, key: str) -> None:
    source = example_path(key)
    text = source.read_text(encoding="utf-8").rstrip("\r\n")
    path = tmp_path / source.name
    path.write_text(text[:-1], encoding="utf-8")
    assert "is the last and has no end: if the file was cut there" in warnings_of(load(path))
    path.write_text(f"{text}\n", encoding="utf-8")
    assert "has no end" not in warnings_of(load(path))


@pytest.mark.parametrize("key", ["sipri_deal_years", "comtrade_v1"])
def test_a_file_whose_last_line_lacks_the_sign_that_closes_the_others_is_refused(
    tmp_path: Path, key: str
) -> None:
    text = example_path(key).read_text(encoding="utf-8").rstrip("\r\n")
    assert text[-1] in ",;"
    path = tmp_path / example_path(key).name
    path.write_text(text[:-1], encoding="utf-8")
    with pytest.raises(LayoutError, match=r"csv:[0-9]+: expected a line that ends as the others"):
        load(path)


def test_a_register_as_rtf_that_was_cut_is_refused(tmp_path: Path) -> None:
    content = example_path("sipri_rtf").read_bytes().rstrip()
    path = tmp_path / "register.rtf"
    path.write_bytes(content[:-1])
    with pytest.raises(LayoutError, match="8 opened and 7 closed"):
        load(path)


def test_a_register_is_read_in_any_order_of_its_columns(tmp_path: Path) -> None:
    text = REGISTER.read_text(encoding="latin-1").splitlines()
    head = next(at for at, line in enumerate(text) if line.startswith("Recipient,"))
    cells = list(csv.reader(text[head:]))
    whole = [row for row in cells if len(row) == len(cells[0])]
    groups = [[0], [1], [2, 3], [4, 5], [6], [7], [8, 9], [10], [11], [12], [13], [14], [15]]
    path = tmp_path / "register.csv"
    kept = [name for name in load(REGISTER) if name not in ("dataset", "line", "deal")]
    tables = []
    for order in (groups, groups[::-1], groups[5:] + groups[:5]):
        rows = [[row[at] for group in order for at in group] for row in whole]
        lines = [",".join(row) for row in rows]
        path.write_text("\n".join([*text[:head], *lines, ""]), encoding="latin-1")
        tables.append(load(path)[kept])
    assert len(tables[0]) == 2
    assert tables[1].equals(tables[0])
    assert tables[2].equals(tables[0])


def test_a_flag_of_the_register_away_from_its_column_is_refused(tmp_path: Path) -> None:
    path = changed(
        tmp_path,
        REGISTER,
        "Year of order, ,Number ordered, ,",
        "Year of order,Number ordered, , ,",
        encoding="latin-1",
    )
    with pytest.raises(LayoutError, match="expected a column without a name, of flags, after each"):
        load(path)
