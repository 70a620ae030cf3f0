"""Raw files as text, packed ones too: encodings, records, headers; every fault has its line."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import limits
from flows.errors import FlowsError, LayoutError
from flows.loaders import load
from flows.loaders.examples import example_path
from flows.loaders.json_records import read_json, records_of
from flows.loaders.records import delimited, read_delimited
from flows.loaders.text import (
    Record,
    archive_of,
    decode,
    find_header,
    is_envelope,
    is_zip,
    list_tables,
    make_table,
    open_envelope,
    read_content,
    read_text,
    speaks_against_latin1,
    split_records,
    stream_content,
)


def test_a_delimited_file_is_read_with_all_its_columns_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("year,note,flow\n2023,, 1.50\n", encoding="utf-8")
    read = delimited(("year", "flow"))
    assert read(path).rows.to_dict("records") == [
        {"year": "2023", "note": "", "flow": " 1.50", "line": 2}
    ]
    assert (read(path).dataset, read(path, dataset="own@1").dataset) == ("a.csv", "own@1")
    with pytest.raises(LayoutError, match=r"a\.csv:1: expected a header with 'month'"):
        delimited(("month",))(path)


@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_utf8_is_read_with_and_without_byte_order_mark(tmp_path: Path, start: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{start}country\nTürkiye\n", encoding="utf-8")
    assert read_text(path) == ("country\nTürkiye\n", ())


def test_a_latin1_byte_in_utf8_is_named_with_its_line() -> None:
    content = "a\nTürkiye\n".encode() + "Curaçao".encode("latin-1")
    with pytest.raises(LayoutError, match=r"my.csv:3: .* found byte 0xe7 after 'Cura'"):
        decode(content, path="my.csv")


def test_a_nul_byte_is_named_with_its_line() -> None:
    with pytest.raises(LayoutError, match=r"my.csv:2: .* NUL"):
        decode(b"a\nb\0\n", path="my.csv")


def test_an_empty_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_bytes(b" \n")
    with pytest.raises(LayoutError, match=r"empty.csv:1: expected a table, found an empty file"):
        read_text(path)


def test_lines_count_the_breaks_inside_quotes() -> None:
    records = list(split_records('a,b\r\n"1\r\n2",3\r\n\r\n4,5', path="my.csv"))
    assert [record.line for record in records] == [1, 2, 4, 5]
    assert records[1].cells == ["1\r\n2", "3"]


def test_an_open_quote_does_not_swallow_the_file() -> None:
    with pytest.raises(LayoutError, match=r"my.csv:2: expected cells"):
        list(split_records('a,b\n"1,2\n3,4\n', path="my.csv"))


def test_where_a_layout_has_no_quotes_a_quote_is_a_character() -> None:
    records = list(split_records('5" gun;1\n', path="my.csv", delimiter=";", quoted=False))
    assert records == [Record(1, ['5" gun', "1"])]


def test_a_missing_column_is_named_at_the_line_of_the_nearest_header() -> None:
    records = [Record(1, ["title"]), Record(2, ["year", "valeur"])]
    with pytest.raises(LayoutError, match=r"my.csv:2: expected .*, missing 'value'"):
        find_header(records, ["year", "value"], path="my.csv")


def test_no_header_at_all_is_said(tmp_path: Path) -> None:
    path = tmp_path / "page.csv"
    path.write_text("<!DOCTYPE html>\n<html></html>\n", encoding="utf-8")
    with pytest.raises(LayoutError, match=r"page.csv:1: expected a header with 'year'"):
        read_delimited(path, ["year"])


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["2020"], "expected 2 cells, found 1"),
        (["2020", "1", ""], "expected 2 cells, found 3"),
        (["year", "value"], "expected a row, found the header again"),
    ],
)
def test_a_row_at_fault_stops_with_its_line(cells: list[str], message: str) -> None:
    records = [Record(2, ["2019", "1"]), Record(3, cells)]
    with pytest.raises(LayoutError, match=f"my.csv:3: {message}"):
        make_table(["year", "value"], records, path="my.csv")


def test_empty_lines_are_no_rows_and_cells_are_kept_as_they_are() -> None:
    records = [Record(2, [" 1 "]), Record(3, []), Record(4, ["007"])]
    raw = make_table(["code"], records, path="folder/my.csv")
    assert raw.rows.to_dict("list") == {"code": [" 1 ", "007"], "line": [2, 4]}
    assert raw.dataset == "my.csv"


def test_a_table_without_rows_is_an_error() -> None:
    with pytest.raises(LayoutError, match="expected rows under the header"):
        make_table(["year"], [Record(2, [""])], path="my.csv")


def test_columns_of_one_name_are_told_apart() -> None:
    raw = make_table(["year", " ", " "], [Record(2, ["2020", "?", ""])], path="my.csv")
    assert raw.rows.columns.tolist() == ["year", "", ".2", "line"]


@given(st.binary(max_size=300))
def test_any_bytes_give_records_or_a_flows_error(content: bytes) -> None:
    message = "my.csv:"
    try:
        records = list(split_records(decode(content, path="my.csv"), path="my.csv"))
        make_table(["a", "b"], records, path="my.csv")
    except FlowsError as error:
        message = str(error)
    assert message.startswith("my.csv:")


def test_the_parts_of_a_reply_in_json_are_kept() -> None:
    assert sorted(read_json(example_path("comtrade_api"))[1]) == [
        "count",
        "data",
        "elapsedTime",
        "error",
    ]


def test_objects_become_records_and_null_an_empty_cell() -> None:
    names, records = records_of([{"a": 1, "b": None}], '[{"a": 1, "b": null}]', path="my.json")
    assert (names, list(records)) == (["a", "b"], [Record(line=1, cells=["1", ""])])


def test_utf8_speaks_against_latin1() -> None:
    assert (speaks_against_latin1("é".encode()), speaks_against_latin1("é".encode("latin-1"))) == (
        True,
        False,
    )


def test_letters_that_are_lost_are_told(tmp_path: Path) -> None:
    path = tmp_path / "my.csv"
    path.write_text("country\nT\ufffdrkiye\nC\ufffdte d'Ivoire\n", encoding="utf-8")
    assert read_text(path).warnings == (
        "letters are lost in 2 lines (line 2): a program wrote U+FFFD in their place",
    )


def test_a_reply_that_holds_a_table_is_an_envelope() -> None:
    assert (is_envelope(b'{"result": "a,b'), is_envelope(b"a,b")) == (True, False)


def test_the_table_of_an_envelope_comes_out() -> None:
    assert open_envelope(b'{"result": "a,b\\n1,2"}', path="my.json") == b"a,b\n1,2"


def test_content_comes_in_pieces() -> None:
    assert next(stream_content(example_path("cow_trade"), size=6)) == b"ccode1"


def test_a_folder_is_no_zip() -> None:
    assert not is_zip(Path())


def test_a_table_outside_an_archive_has_none() -> None:
    assert archive_of(Path("table.csv")) is None


CSV = example_path("cow_trade").read_bytes()


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)
    return path


def test_a_packed_table_loads_as_the_table(tmp_path: Path) -> None:
    plain = load(example_path("cow_trade")).drop(columns="dataset")
    packed = tmp_path / "cow.csv.gz"
    packed.write_bytes(gzip.compress(CSV))
    assert load(packed).drop(columns="dataset").equals(plain)
    zipped(tmp_path / "cow.zip", a_csv=CSV, readme_txt=b"read me", codebook_pdf=b"%PDF")
    assert load(tmp_path / "cow.zip").drop(columns="dataset").equals(plain)


@pytest.mark.parametrize("count", [0, 2])
def test_an_archive_without_one_table_is_refused(tmp_path: Path, count: int) -> None:
    members = {f"t{number}_csv": CSV for number in range(count)}
    path = zipped(tmp_path / "tables.zip", **members, notes_pdf=b"%PDF")
    with pytest.raises(LayoutError, match=f"tables.zip: expected one table .* found {count}"):
        read_content(path)


def test_a_bomb_is_stopped_before_it_fills_the_memory(tmp_path: Path) -> None:
    path = zipped(tmp_path / "bomb.zip", a_csv=b"0" * 80_000_000)
    with pytest.raises(LayoutError, match="100 times the packed size"):
        read_content(path)


def test_the_limit_holds_for_gzip_too(tmp_path: Path) -> None:
    path = tmp_path / "big.csv.gz"
    path.write_bytes(gzip.compress(CSV * 100))
    with limits(unpacked=1000), pytest.raises(LayoutError, match="at most 1,000 bytes in a packed"):
        read_content(path)


@pytest.mark.parametrize("cut", [12, 40, 120])
def test_a_truncated_archive_is_damaged(tmp_path: Path, cut: int) -> None:
    whole = gzip.compress(CSV)
    for name, content in {"a.gz": whole[:cut], "a.zip": _zip_bytes()[:cut]}.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(LayoutError, match=f"{name}.*damaged"):
            read_content(path)


def test_a_damaged_member_is_named(tmp_path: Path) -> None:
    content = bytearray(_zip_bytes())
    content[60:80] = bytes(20)
    path = tmp_path / "my.zip"
    path.write_bytes(content)
    assert list_tables(path) == ["a.csv"]
    with pytest.raises(LayoutError, match=r"my.zip/a.csv: .*damaged"):
        read_content(path / "a.csv")


def test_a_table_of_an_archive_can_be_named(tmp_path: Path) -> None:
    path = zipped(tmp_path / "two.zip", a_csv=CSV, b_csv=b"nothing")
    assert read_content(path / "a.csv") == CSV
    assert len(load(path / "a.csv")) == 6
    with pytest.raises(LayoutError, match=r"two.zip: expected a table c.csv"):
        read_content(path / "c.csv")


def _zip_bytes() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", CSV)
    return buffer.getvalue()
