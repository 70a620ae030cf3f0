"""Published files that went through a spreadsheet, R, pandas or Stata: the same table, and said."""

import csv
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from flows.errors import LayoutError
from flows.loaders import load
from flows.loaders.examples import example_path
from flows.loaders.records import bare_name, published_names

PLAIN = ("comtrade_v1", "comtrade_legacy", "baci", "baci_countries", "wits_summary", "armstat")
SIPRI = ("sipri_deal_years", "sipri_register", "sipri_tiv_table", "sipri_site_table")
Rows = list[list[str]]

STATED = ["exporter", "importer", "start", "end", "product", "value", "low", "high"]


def rows_of(key: str) -> Rows:
    """Return the cells of an example, as a spreadsheet has them."""
    content = example_path(key).read_bytes()
    text = content.decode("latin-1" if key == "sipri_register" else "utf-8-sig")
    if key in ("sipri_register", "sipri_deal_years"):
        rows = [line.split(",") for line in text.splitlines()]
    else:
        rows = list(csv.reader(io.StringIO(text, newline="")))
    width = max(map(len, rows))
    return [[*row, *[""] * (width - len(row))] for row in rows]


def joined(rows: Rows, delimiter: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def with_commas(rows: Rows) -> str:
    """Return rows as a spreadsheet of the continent saves them, and lines of nothing below."""
    shown = [
        [cell.replace(".", ",") if cell.replace(".", "", 1).isdigit() else cell for cell in row]
        for row in rows
    ]
    return joined([*shown, *[[""] * len(rows[0])] * 3], ";")


def with_columns_behind(rows: Rows) -> str:
    return joined([[*row, "", ""] for row in rows])


SPREADSHEETS: dict[str, Callable[[Rows], bytes]] = {
    "saved again": lambda rows: joined(rows).encode(),
    "semicolons": lambda rows: with_commas(rows).encode(),
    "columns behind": lambda rows: with_columns_behind(rows).encode(),
    "carriage returns": lambda rows: joined(rows).replace("\r\n", "\r").encode(),
    "Unicode text": lambda rows: joined(rows, "\t").encode("utf-16"),
}


def assert_same(path: Path, key: str) -> list[str]:
    """Check that a file says what the example says, and return what is said beside that."""
    again, published = load(path), load(example_path(key))
    columns = [name for name in STATED if name in published] or ["code", "alpha3"]
    pd.testing.assert_frame_equal(again[columns], published[columns])
    report = again.attrs["report"]
    assert report["layout"] == key
    known = published.attrs["report"]["warnings"]
    return [text for text in report["warnings"] if text not in known]


@pytest.mark.parametrize("how", SPREADSHEETS)
@pytest.mark.parametrize("key", [*PLAIN, *SIPRI])
def test_a_file_that_a_spreadsheet_saved_is_the_file(key: str, how: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(SPREADSHEETS[how](rows_of(key)))
    said = assert_same(path, key)
    if how in ("semicolons", "columns behind"):
        assert said
    if how == "Unicode text":
        assert any("UTF-16" in text for text in said)


@pytest.mark.parametrize("key", [*PLAIN, *SIPRI])
def test_a_workbook_of_a_known_table_is_the_table(key: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.xlsx"
    write_workbook(path, rows_of(key))
    assert any("read from a workbook" in text for text in assert_same(path, key))


def frame_of(key: str) -> pd.DataFrame:
    """Return an example as pandas reads it: codes are numbers, in part with a point."""
    return pd.read_csv(example_path(key), index_col=False, keep_default_na=key != "baci_countries")


@pytest.mark.parametrize("key", PLAIN)
def test_a_table_of_pandas_is_the_table(key: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    frame_of(key).to_csv(path)
    assert_same(path, key)
    parquet = tmp_path / "mine.parquet"
    frame_of(key).to_parquet(parquet)
    assert any("read from Parquet" in text for text in assert_same(parquet, key))


def test_a_table_of_stata_is_the_table(tmp_path: Path) -> None:
    path = tmp_path / "mine.dta"
    frame = frame_of("cow_trade")
    frame.rename(columns={"ccode1": "CCODE1"}).to_stata(path, write_index=False)
    said = assert_same(path, "cow_trade")
    assert any("file of Stata" in text for text in said)
    assert any("'CCODE1' for 'ccode1'" in text for text in said)


def test_a_table_of_r_is_the_table(tmp_path: Path) -> None:
    frame = frame_of("comtrade_legacy").astype("object")
    dotted = [
        ("X" if name[0].isdigit() else "") + "".join(c if c.isalnum() else "." for c in name)
        for name in frame.columns
    ]
    frame.set_axis(dotted, axis="columns").set_axis(range(1, len(frame) + 1)).to_csv(
        tmp_path / "mine.csv", na_rep="NA"
    )
    said = assert_same(tmp_path / "mine.csv", "comtrade_legacy")
    assert any("'Aggregate.Level'" in text or "for 'Trade Flow Code'" in text for text in said)
    assert any("cells NA (line 2) are read as missing" in text for text in said)


def test_numbers_of_rows_without_a_header_are_told(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    header, *rows = example_path("baci").read_text(encoding="utf-8").splitlines()
    numbered = [f"{number},{row}" for number, row in enumerate(rows, start=1)]
    path.write_text("\n".join([header, *numbered]), encoding="utf-8")
    assert assert_same(path, "baci") == ["the first cell of each row is its number, as R writes it"]


def test_names_in_snake_case_are_the_published_ones() -> None:
    published = ["reporterCode", "Trade Value (US$)", "2nd Partner Code"]
    for spelt in (
        ["reporter_code", "trade_value_usd", "x2nd_partner_code"],
        ["Reporter.Code", "Trade.Value..US..", "X2nd.Partner.Code"],
        ["reportercode", "tradevalueus", "_2ndpartnercode"],
    ):
        assert published_names(spelt, published) == published
    assert published_names(["X2019", "v2019", "_2019", "yr2019"], ["2018"]) == ["2019"] * 4
    assert bare_name("Exports") != bare_name("Export")


def test_an_exact_name_goes_before_one_that_is_like_it() -> None:
    assert published_names(["Period", "period"], ["period"]) == ["Period", "period"]


def register_of(*rows: str, header: str | None = None) -> bytes:
    lines = example_path("sipri_register").read_bytes().split(b"\n")
    return b"\n".join([(header.encode() if header else lines[11]), *(row.encode() for row in rows)])


BLANK_NAMES = {
    "R": "Recipient,Supplier,Year.of.order,X.,Number.ordered,X..1,Weapon.designation,"
    "Weapon.description,Number.delivered,X..2,Year.s..of.delivery,status,Comments,"
    "SIPRI.TIV.per.unit,SIPRI.TIV.for.total.order,SIPRI.TIV.of.delivered.weapons",
    "pandas": "Recipient,Supplier,Year of order, ,Number ordered, .1,Weapon designation,"
    "Weapon description,Number delivered, .2,Year(s) of delivery,status,Comments,"
    "SIPRI TIV per unit,SIPRI TIV for total order,SIPRI TIV of delivered weapons",
    "janitor": "recipient,supplier,year_of_order,x,number_ordered,x_2,weapon_designation,"
    "weapon_description,number_delivered,x_3,year_s_of_delivery,status,comments,"
    "sipri_tiv_per_unit,sipri_tiv_for_total_order,sipri_tiv_of_delivered_weapons",
}
DEAL = "Azerbaijan,Israel,2016,?,26,NA,Gun-1,towed gun,26,?,2017,New,NA,0.4,10.4,10.4"


@pytest.mark.parametrize("program", BLANK_NAMES)
def test_blank_names_of_the_register_are_found_again(program: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(register_of(DEAL, header=BLANK_NAMES[program]))
    deals = load(path)
    assert deals.loc[0, ["order_year_estimated", "number_ordered_estimated"]].tolist() == [
        True,
        False,
    ]
    assert deals.loc[0, "estimate"]
    assert any("cells NA" in text for text in deals.attrs["report"]["warnings"])


def test_a_record_that_is_torn_and_padded_is_joined(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    first = "Azerbaijan,Israel,2020,,4,?,Missile-1,SAM,4,,2021,New,Ordered in two parts,,,"
    path.write_bytes(register_of(first, " of 2 each,0.1,0.4,0,,,,,,,,,,,,"))
    deals = load(path)
    assert len(deals) == 1
    assert deals.loc[0, ["comments", "tiv_per_unit", "high"]].tolist() == [
        "Ordered in two parts\n of 2 each",
        0.1,
        0.5,
    ]
    assert any("lines 2-3: joined" in text for text in deals.attrs["report"]["warnings"])


def test_a_register_without_its_flags_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(register_of(DEAL, header=BLANK_NAMES["pandas"].replace(" .2", "flag")))
    with pytest.raises(LayoutError, match=r"mine.csv:1: .* none for Number delivered"):
        load(path)


def test_a_column_with_commas_and_points_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("t;i;j;k;v;q\n2022;364;51;80211;2,5;\n2022;364;52;80211;1.5;\n")
    with pytest.raises(LayoutError, match=r"mine.csv:2: column v: expected a number .* '2,5'"):
        load(path)


def test_baci_before_2020_is_read(tmp_path: Path) -> None:
    path = tmp_path / "baci92_1996.csv"
    path.write_text("t,hs6,i,j,v,q\n1996,910119,36,711,2.154,0.08\n", encoding="utf-8")
    trade = load(path)
    assert trade.loc[
        0, ["exporter", "importer", "product", "classification", "value"]
    ].tolist() == [
        "AUS",
        "XSU",
        "910119",
        "HS1992",
        2154.0,
    ]


STRANGERS: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "an empty file; download it again"),
    "blanks": (b"\r\n \r\n", "an empty file"),
    "old workbook": (
        b"\xd0\xcf\x11\xe0\xa1\xb1" + b"\0" * 600,
        "an Excel .*save it as .xlsx",
    ),
    "PDF": (b"%PDF-1.7\n", "a PDF; take the publisher's table"),
    "web page": (b"<!DOCTYPE html><html>", "a web page that begins with '<!DOCTYPE"),
    "UTF-16": ("a,b\n1,2\n".encode("utf-16-le"), "text in UTF-16 without .*save it as UTF-8"),
    "Direction of Trade": (
        b"Country Name,Country Code,Indicator Code,Counterpart Country Code,Attribute,2018\n",
        "the bulk file of the IMF's Direction of Trade .*take the same series as IMTS",
    ),
    "national totals": (
        b"ccode,statename,stateabb,year,imports,exports\n2,USA,USA,1870,1,1\n",
        "national trade of the Correlates of War, .*take the dyadic file",
    ),
}


@pytest.mark.parametrize("kind", STRANGERS)
def test_a_file_that_is_not_known_is_told_apart(kind: str, tmp_path: Path) -> None:
    content, message = STRANGERS[kind]
    path = tmp_path / "mine.csv"
    path.write_bytes(content)
    with pytest.raises(
        LayoutError, match=rf"mine.csv:1: expected a known layout .*found {message}"
    ):
        load(path)


def test_a_document_of_openoffice_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "mine.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<office/>")
    with pytest.raises(LayoutError, match=r"OpenOffice; save its sheet as .xlsx"):
        load(path)


def write_workbook(path: Path, rows: Rows) -> None:
    """Write rows as a workbook whose numbers are numbers, codes with zeros in front are text."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    body = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in rows)
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/'
        f'package/2006/relationships"><Relationship Id="rId1" Type="{office}/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData>'
        "</worksheet>",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def _cell(cell: str) -> str:
    printed = cell.strip()
    whole, _, decimals = printed.partition(".")
    if (whole + decimals).isdigit() and (whole == "0" or not whole.startswith("0")):
        return f"<c><v>{printed}</v></c>"
    escaped = cell.replace("&", "&amp;").replace("<", "&lt;")
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escaped}</t></is></c>'
