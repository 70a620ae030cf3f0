"""Raw files as text: encodings, records, headers; nothing is replaced, every fault has its line."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.errors import FlowsError, LayoutError
from flows.loaders.examples import example_path
from flows.loaders.text import (
    Record,
    archive_of,
    decode,
    delimited,
    find_header,
    is_envelope,
    is_zip,
    make_table,
    open_envelope,
    read_delimited,
    read_json,
    read_text,
    records_of,
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
    assert read_text(path) == "country\nTürkiye\n"


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


def test_read_json() -> None:
    assert sorted(read_json(example_path("comtrade_api"))[1]) == [
        "count",
        "data",
        "elapsedTime",
        "error",
    ]


def test_records_of() -> None:
    assert records_of([{"a": 1, "b": None}], '[{"a": 1, "b": null}]', path="my.json") == (
        ["a", "b"],
        [Record(line=1, cells=["1", ""])],
    )


def test_speaks_against_latin1() -> None:
    assert (speaks_against_latin1("é".encode()), speaks_against_latin1("é".encode("latin-1"))) == (
        True,
        False,
    )


def test_is_envelope() -> None:
    assert (is_envelope(b'{"result": "a,b'), is_envelope(b"a,b")) == (True, False)


def test_open_envelope() -> None:
    assert open_envelope(b'{"result": "a,b\\n1,2"}', path="my.json") == b"a,b\n1,2"


def test_stream_content() -> None:
    assert next(stream_content(example_path("cow_trade"), size=6)) == b"ccode1"


def test_is_zip() -> None:
    assert not is_zip(Path())


def test_archive_of() -> None:
    assert archive_of(Path("table.csv")) is None
