"""UN Comtrade: re-exports and the world left out, valuation from its column, zeros of codes."""

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from engine_files import read_flows
from raw_files import changed

from flows.bulk.convert import convert
from flows.errors import CountryError, FlowsError, LayoutError, PeriodError, SchemaError
from flows.loaders import load
from flows.loaders.comtrade import (
    as_period,
    as_product,
    find_columns,
    kept_rows,
    normalise_comtrade,
    our_names,
    read_comtrade,
    read_comtrade_api,
)
from flows.loaders.comtrade_monthly import normalise_comtrade_monthly, read_comtrade_monthly
from flows.loaders.examples import example_path

V1 = example_path("comtrade_v1")
BULK = (
    "Year,Reporter Code,Trade Flow Code,Partner Code,Classification,Commodity Code,"
    "Quantity Unit Code,Supplementary Quantity,Netweight (kg),Value,Estimation Code\n"
)


def load_csv(path: Path) -> pd.DataFrame:
    return normalise_comtrade(read_comtrade(path))


def bulk(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "bulk.csv"
    path.write_text(BULK + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_the_trailing_comma_of_the_site_shifts_nothing() -> None:
    trade = load_csv(V1)
    assert trade["exporter"].tolist() == ["IRN", "IRN", "ARM"]
    assert trade["value"].tolist() == [324_700_000, 1250.5, 84_000_000]
    assert trade["product"].tolist() == ["TOTAL", "010121", "TOTAL"]
    assert trade["classification"].tolist() == ["TOTAL", "HS2017", "TOTAL"]
    assert trade["line"].tolist() == [2, 3, 4]


def test_valuation_is_that_of_the_column_that_holds_the_value() -> None:
    trade = load_csv(V1)
    assert trade["valuation"].tolist() == ["CIF", "CIF", "FOB"]
    assert trade["partner_basis"].tolist() == ["origin", "origin", "destination"]


def test_where_both_columns_hold_the_value_none_is_named(tmp_path: Path) -> None:
    path = changed(tmp_path, V1, '"324700000",,"324700000"', '"324700000","324700000","324700000"')
    assert load_csv(path)["valuation"].tolist() == ["", "CIF", "FOB"]


def test_what_would_count_twice_is_left_out_and_counted() -> None:
    assert load_csv(V1).attrs["report"]["left_out"] == {
        "rows of re-exports and re-imports": 1,
        "rows of the world and groups of countries": 1,
        "rows of one partner2": 1,
        "rows of one transport": 1,
    }


def test_the_reply_of_the_interface_gives_the_same_as_the_file() -> None:
    reply = normalise_comtrade(read_comtrade_api(example_path("comtrade_api")))
    own = ["dataset", "line"]
    assert reply.drop(columns=own).equals(load_csv(V1).iloc[[0]].drop(columns=own))


def test_layouts_until_2022(tmp_path: Path) -> None:
    legacy = load_csv(example_path("comtrade_legacy"))
    assert legacy[["exporter", "importer", "reporter"]].to_numpy().tolist() == [
        ["IRN", "ARM", "ARM"],
        ["ARM", "IND", "ARM"],
    ]
    assert set(legacy["valuation"]) == {""}
    narrow = tmp_path / "22.csv"
    wide = pd.read_csv(example_path("comtrade_legacy"), dtype="str", keep_default_na=False)
    wide.drop(columns=list(wide.columns[14:21]) + list(wide.columns[26:29]) + [
        "Gross weight (kg)", "CIF Trade Value (US$)", "FOB Trade Value (US$)",
    ]).to_csv(narrow, index=False)  # fmt: skip
    assert len(narrow.read_text(encoding="utf-8").partition("\n")[0].split(",")) == 22
    assert load(narrow).drop(columns="dataset").equals(legacy.drop(columns="dataset"))


def test_the_bulk_file_of_today_is_separated_by_tabs(tmp_path: Path) -> None:
    table = read_comtrade(V1).rows.drop(columns="line")
    path = tmp_path / "bulk.txt"
    table.to_csv(path, sep="\t", index=False)
    assert load(path).drop(columns="dataset").equals(load_csv(V1).drop(columns="dataset"))


def test_a_lost_zero_is_put_back_and_said(tmp_path: Path) -> None:
    trade = load_csv(
        bulk(tmp_path, "2010,51,1,364,H3,10121,1,,,5,0", "2010,51,1,364,H3,271121,1,,,6,0")
    )
    assert trade["product"].tolist() == ["010121", "271121"]
    assert trade.attrs["report"]["warnings"] == [
        "1 HS codes without their first zero (line 2): it was put back"
    ]


def test_numbers_that_a_spreadsheet_rounded_are_told(tmp_path: Path) -> None:
    trade = load_csv(
        bulk(tmp_path, "2010,51,1,364,H3,TOTAL,1,,,3.25E+08,0", "2010,51,1,268,H3,TOTAL,1,,,6,0")
    )
    assert trade["value"].tolist() == [325_000_000.0, 6.0]
    (warning,) = trade.attrs["report"]["warnings"]
    assert warning.startswith(
        "column Value: 1 numbers are rounded (line 2: '3.25E+08', 3 digits are left)"
    )


def test_codes_that_became_numbers_are_the_codes(tmp_path: Path) -> None:
    path = bulk(
        tmp_path, "2010,51.0,1.0,364.0,H3,9999AA,1,,,5,0", "2010,51.0,1.0,0.0,H3,10121.0,1,,,6,0"
    )
    trade = load_csv(path)
    assert trade[["exporter", "importer", "product"]].to_numpy().tolist() == [
        ["IRN", "ARM", "9999AA"]
    ]
    report = trade.attrs["report"]
    assert report["left_out"] == {"rows of the world and groups of countries": 1}
    told = "column Reporter Code: 2 codes with a point (line 2: '51.0'): it was taken out"
    assert told in report["warnings"]


def test_what_r_writes_for_missing_is_missing(tmp_path: Path) -> None:
    table = read_comtrade(V1).rows.drop(columns="line")
    path = tmp_path / "from_r.csv"
    table.replace("", "NA").to_csv(path)
    plain = load(V1).drop(columns=["dataset", "line"])
    assert load(path).drop(columns=["dataset", "line"]).equals(plain)
    convert([path], tmp_path / "out.parquet")
    assert read_flows(tmp_path / "out.parquet")["value"].tolist() == plain["value"].tolist()


def test_codes_of_dissolved_states_and_of_france_with_monaco(tmp_path: Path) -> None:
    trade = load_csv(
        bulk(tmp_path, "1990,251,1,810,H0,TOTAL,1,,,5,0", "1990,251,1,842,H0,TOTAL,1,,,6,0")
    )
    assert trade["exporter"].tolist() == ["SUN", "USA"]
    assert set(trade["importer"]) == {"FRA"}


def test_a_file_of_the_world_only_leaves_nothing_and_says_so(tmp_path: Path) -> None:
    trade = load_csv(bulk(tmp_path, "2010,51,1,0,H3,TOTAL,1,,,5,0"))
    assert len(trade) == 0
    assert trade.attrs["report"]["warnings"] == ["no row is left: all of them were left out"]


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ('"364"', '"3640"', CountryError, "3640.*csv line 2"),
        ('"H5"', '"H9"', LayoutError, "csv:2: column classificationCode: .*'H9'"),
        ('"H5"', '"TM"', LayoutError, "csv:2: column classificationCode: .*the trade matrix"),
        ('"TOTAL"', '"01012100"', LayoutError, "csv:2: column cmdCode: .*are tariff lines"),
        ('"TOTAL"', '"2711.2"', LayoutError, "csv:2: column cmdCode"),
        ('"2019","51"', '"2019 Q1","51"', LayoutError, "csv:2: column period"),
        ('"324700000","0"', '"324,700,000","0"', LayoutError, "csv:2: column primaryValue"),
        ('"010121"', '"TOTAL"', SchemaError, "lines 2, 3"),
        ("primaryValue", "worth", LayoutError, "csv:1: .* missing 'primaryValue'"),
        ('"true","false",\n', '"true","false"\n', None, ""),
        (
            '"true","false",\n',
            '"true","false","x"\n',
            LayoutError,
            "csv:2: expected 47 cells, found 48",
        ),
    ],
)
def test_a_fault_is_named_with_file_and_line(
    tmp_path: Path, old: str, new: str, error: type[FlowsError] | None, message: str
) -> None:
    path = changed(tmp_path, V1, old, new)
    if error is None:
        assert len(load_csv(path)) == 3
        return
    with pytest.raises(error, match=message):
        load_csv(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"elapsedTime": "0", "count": 0, "data": [], "error": ""}', "found an empty reply"),
        ('{"elapsedTime": "0", "data": [], "error": "limit"}', "found the error 'limit'"),
        ('{"statusCode": 401, "message": "Access denied"}', "found Access denied"),
        ("[1, 2]", "found list"),
        ('{"data": [{"a": [1]}]}', "found another thing as number 1"),
        ('{"data": [', "page.json:1: expected JSON"),
        ("[" * 100_000, "page.json:1: expected at most 200 levels of brackets"),
        ('{"data": [' + "9" * 5000 + "]}", "page.json:1: expected JSON"),
    ],
)
def test_a_reply_without_data_is_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "page.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(LayoutError, match=message):
        read_comtrade_api(path)


def test_rows_of_a_reply_have_their_lines(tmp_path: Path) -> None:
    reply = json.loads(example_path("comtrade_api").read_text(encoding="utf-8"))
    assert read_comtrade_api(example_path("comtrade_api")).rows["line"].tolist() == [6, 31]
    path = tmp_path / "flat.json"
    path.write_text(json.dumps(reply), encoding="utf-8")
    assert read_comtrade_api(path).rows["line"].tolist() == [1, 1]


def test_real_export_partners_add_up_to_the_world(shared_data: Path) -> None:
    raw = read_comtrade(shared_data / "comtrade" / "v1-web-export.csv")
    trade = normalise_comtrade(raw)
    assert trade.attrs["report"]["left_out"] == {"rows of the world and groups of countries": 11}
    world = raw.rows[raw.rows["partnerCode"] == "0"].set_index("period")["primaryValue"]
    summed = trade.groupby(trade["start"].dt.year.astype("str"))["value"].sum()
    rounding = 1e-9  # the sum of whole dollars is off by up to three in ten billion
    assert summed.to_dict() == pytest.approx(world.astype("float64").to_dict(), rel=rounding)


def test_real_exports_of_the_layouts_until_2022(shared_data: Path) -> None:
    legacy = load(shared_data / "comtrade" / "legacy.csv")
    assert legacy.attrs["report"]["left_out"] == {
        "rows of re-exports and re-imports": 62,
        "rows of the world and groups of countries": 226,
    }
    india = load(shared_data / "comtrade" / "legacy-bulk-h3.csv")
    assert len(india) == 8739
    assert set(india["reporter"]) == {"IND"}


@pytest.mark.parametrize(
    ("name", "message"),
    [("v1-api-small.json", "found an empty reply"), ("v1-api-other.json", "missing 'flowCode'")],
)
def test_real_replies_without_rows_are_refused(shared_data: Path, name: str, message: str) -> None:
    with pytest.raises(LayoutError, match=message):
        load(shared_data / "comtrade" / name)


def test_real_reply(shared_data: Path) -> None:
    trade = load(shared_data / "comtrade" / "v1-api.json")
    assert trade["exporter"].tolist()[:2] == ["ARG", "DEU"]
    assert trade["valuation"].tolist() == ["CIF", "CIF", "FOB", "FOB"]


def test_levels_of_products_side_by_side_are_warned_of(tmp_path: Path) -> None:
    rows = "2010,51,1,364,H3,27,1,,,5,0", "2010,51,1,364,H3,271121,1,,,5,0"
    trade = load_csv(bulk(tmp_path, *rows))
    assert trade.attrs["report"]["warnings"] == [
        "products of the levels 2, 6 (digits): each counts all goods again"
    ]


def test_re_exports_are_left_out_and_kept_rows_have_our_names() -> None:
    left_out, kept = kept_rows(read_comtrade(example_path("comtrade_v1")))
    assert (left_out["rows of re-exports and re-imports"], len(kept.rows)) == (1, 3)
    assert kept.rows.loc[0, ["reporter", "partner2"]].tolist() == ["51", "0"]


def test_our_names_are_the_first_spelling_that_a_header_has() -> None:
    assert our_names(["Year", "Period", "Trade Flow Code"]) == {
        "period": "Period",
        "flow": "Trade Flow Code",
    }


def test_a_code_of_six_digits_is_a_product() -> None:
    assert as_product("271121") == "271121"


def test_a_month_ends_with_its_last_day() -> None:
    assert as_period("202302").end == date(2023, 2, 28)


def test_columns_of_no_layout_are_refused_with_what_is_missing() -> None:
    with pytest.raises(LayoutError, match=r"my\.csv:1: expected a header with 'Year', 'flowCode',"):
        find_columns(["Year", "Value"], path="my.csv")


MONTHLY = (
    "period,trade_code,reporter,partner_iso,partner,commodity_code,netweight_kg,trade_value_us\n"
)
MONTH = "2010-01-01,M,Armenia,IRN,Iran,271121,29278200,6875668.8\n"


def fuels(tmp_path: Path, rows: str) -> Path:
    path = tmp_path / "fuels.csv"
    path.write_text(MONTHLY + rows, encoding="utf-8")
    return path


def test_a_month_of_fuels_is_one_statement(tmp_path: Path) -> None:
    trade = normalise_comtrade_monthly(read_comtrade_monthly(fuels(tmp_path, MONTH)))
    row = trade.iloc[0]
    assert (row["exporter"], row["importer"], row["reporter"]) == ("IRN", "ARM", "ARM")
    assert (row["product"], row["classification"]) == ("271121", "HS")
    assert (row["value"], row["netweight_kg"]) == (6875668.8, 29278200)
    assert (row["start"].day, row["end"].day) == (1, 31)


def test_zeros_in_front_come_back_and_exports_go_the_other_way(tmp_path: Path) -> None:
    rows = "2010-02-01,X,Armenia,IRN,Iran,10121,,5\n"
    row = normalise_comtrade_monthly(read_comtrade_monthly(fuels(tmp_path, rows))).iloc[0]
    assert (row["product"], row["exporter"], row["importer"]) == ("010121", "ARM", "IRN")


def test_world_and_trade_that_is_in_exports_already_are_left_out(tmp_path: Path) -> None:
    rows = MONTH + MONTH.replace("IRN,Iran", "W00,World") + MONTH.replace(",M,", ",RX,")
    trade = normalise_comtrade_monthly(read_comtrade_monthly(fuels(tmp_path, rows)))
    assert trade["line"].tolist() == [2]
    assert trade.attrs["report"]["left_out"] == {
        "rows of World and groups of countries": 1,
        "rows of re-trade": 1,
    }


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ("2010-01-01", "2010-01-02", LayoutError, "fuels.csv:2: column period"),
        ("2010-01-01", "2010-13-01", PeriodError, "fuels.csv:2: column period"),
        (",M,", ",I,", LayoutError, "fuels.csv:2: column trade_code: .* found 'I'"),
        ("271121", "2711", LayoutError, "fuels.csv:2: column commodity_code"),
        ("Armenia", "Armenien", CountryError, "Armenien.*fuels.csv line 2"),
        ("6875668.8", "", LayoutError, "fuels.csv:2: column trade_value_us"),
        ("6875668.8\n", "6875668.8\n" + MONTH, SchemaError, "lines 2, 3"),
    ],
)
def test_a_fault_of_monthly_fuels_is_named(
    tmp_path: Path, old: str, new: str, error: type[Exception], message: str
) -> None:
    path = fuels(tmp_path, MONTH.replace(old, new, 1))
    with pytest.raises(error, match=message):
        normalise_comtrade_monthly(read_comtrade_monthly(path))


def test_real_export_in_two_encodings_at_once_is_refused_at_its_first_broken_line(
    shared_data: Path,
) -> None:
    path = shared_data / "comtrade" / "fuel-imports-monthly-mixed-encoding.csv"
    with pytest.raises(LayoutError, match=r":4888: expected text in utf-8, found byte 0xe7"):
        read_comtrade_monthly(path)


def test_an_empty_reply_of_the_interface_until_2022_is_said(tmp_path: Path) -> None:
    path = tmp_path / "reply.json"
    path.write_text('{"validation": {"status": {"name": "Ok"}}, "dataset": []}', encoding="utf-8")
    with pytest.raises(LayoutError, match=r"reply.json:1: .* found an empty reply"):
        load(path)
