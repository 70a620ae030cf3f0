"""Lines that are read eight bytes at a time give what the loader gives, or are left to it."""

from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from engine_files import HEADER, baci_text, load_by_name, written
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from flows.bulk.baci import BACI
from flows.bulk.baci_lines import LineSums, add_lines
from flows.bulk.convert import convert
from flows.bulk.read import Tally, Wanted, parquet_parts, stream
from flows.errors import FlowsError, LayoutError
from flows.loaders import load

BY = ["exporter", "importer", "year"]
KEY = ["t", "i", "j"]

LINES = [
    (2022, 4, 20, 10121, 0.357),
    (2022, 4, 20, 271121, 1.5),
    (2022, 4, 364, 10121, 12_345_678.901),
    (2022, 31, 51, 10121, 99_999_999.999),
    (2022, 31, 51, 10122, 0.0),
    (2022, 251, 51, 930100, 10.0),
]
"""The second and the third differ in width, the third and the fourth in where the commas stand."""


def body(rows: list[tuple[int, int, int, int, float]]) -> bytes:
    return baci_text(rows).removeprefix(HEADER).encode()


def as_dict(sums: LineSums) -> dict[tuple[int, int], tuple[int, int]]:
    found: dict[tuple[int, int], tuple[int, int]] = {}
    columns = (sums.exporters, sums.importers, sums.thousandths, sums.statements)
    for i, j, value, count in zip(*(column.tolist() for column in columns), strict=True):
        before = found.get((i, j), (0, 0))
        found[i, j] = (before[0] + value, before[1] + count)
    return found


def test_sums_by_hand() -> None:
    sums = add_lines(body(LINES))
    assert sums is not None
    assert as_dict(sums) == {
        (4, 20): (1857, 2),
        (4, 364): (12_345_678_901, 1),
        (31, 51): (99_999_999_999, 2),
        (251, 51): (10_000, 1),
    }
    assert (sums.year, sums.first, sums.last) == (2022, 10121, 930100)


rising = st.dictionaries(
    st.tuples(
        st.sampled_from([4, 8, 20, 31, 51, 251, 364, 842]),
        st.sampled_from([4, 8, 20, 31, 757]),
        st.integers(10_000, 999_999),
    ),
    st.integers(0, 10**11 - 1),
    min_size=1,
    max_size=300,
).map(lambda found: [(2022, *key, found[key] / 1000) for key in sorted(found)])


@given(rows=rising)
def test_sums_are_those_of_the_rows(rows: list[tuple[int, int, int, int, float]]) -> None:
    sums = add_lines(body(rows))
    assert sums is not None
    expected: dict[tuple[int, int], tuple[int, int]] = {}
    for _, i, j, _, value in rows:
        before = expected.get((i, j), (0, 0))
        expected[i, j] = (before[0] + round(value * 1000), before[1] + 1)
    assert as_dict(sums) == expected


@pytest.mark.parametrize("times", [1, 63, 64, 65, 200])
def test_a_fault_in_any_tile_is_seen(times: int) -> None:
    rows = [(2022, 4, 20, 10_000 + place, 1.0) for place in range(times)]
    lines = body(rows).splitlines(keepends=True)
    assert add_lines(b"".join(lines)) is not None
    for place in {0, times // 2, times - 1}:
        broken = [*lines]
        broken[place] = broken[place].replace(b"  1.0", b"  x.0")
        assert add_lines(b"".join(broken)) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"2022,4,20,271121", b"2023,4,20,271121"),
        (b"2022,4,20,271121", b"2022,4,20,27112A"),
        (b"2022,4,20,271121", b"2022,4,20,010121"),
        (b"2022,4,20,271121", b"2022,4,20,010120"),
        (b"2022,4,20,271121", b"2022,4,02,271121"),
        (b"2022,4,20,271121", b"2022,0,20,271121"),
        (b"2022,4,20,271121", b"2022;4,20,271121"),
        (b"2022,31,51,010121", b"2022,3,51,010121"),
        (b"        1.500", b"       - 1.50"),
        (b"        1.500", b"       -1.500"),
        (b"        1.500", b"      1 1.500"),
        (b"        1.500", b"         .500"),
        (b"        1.500", b"        1.5e0"),
        (b"        1.500", b"        1,500"),
        (b"        1.500", b"          inf"),
        (b"        1.500", b"      1/1.500"),
        (b"        1.500", b"1       1.500"),
        (b"        1.500", b"         1.50"),
        (b"        1.500", b"1234567891.500"),
        (b"        0.750", b"       0.75,0"),
        (b"        0.750", b'      "0.750"'),
        (b"        0.750", b"      \xc3\xa90.75"),
        (b"        0.750", b"       0.750\r"),
        (b"        0.750", b"        0.\x00750"),
        (b"        0.750\n", b"        0.750,\n"),
        (b"        0.750\n", b"        0.750\n\n"),
    ],
)
def test_what_is_not_plain_is_left_to_the_loader(old: bytes, new: bytes) -> None:
    text = body(LINES)
    assert old in text
    assert add_lines(text.replace(old, new, 1)) is None


def test_no_end_no_order_no_lines() -> None:
    text = body(LINES)
    assert add_lines(text[:-1]) is None
    assert add_lines(b"") is None
    assert add_lines(body([*LINES[1:], LINES[0]])) is None
    assert add_lines(text + text.splitlines(keepends=True)[-1]) is None
    ragged = b"".join(
        body([(2022, 4, 20, 10_000 + place, 1.0)]).replace(
            b",        0", b"," + b" " * (place % 7) + b"0"
        )
        for place in range(2000)
    )
    assert add_lines(ragged) is None


cells = st.sampled_from(
    [b"\n", b",", b" ", b"0", b"9", b".", b"-", b'"', b"e", b"\r", b"\x00", b"\xe9"]
)
places = st.integers(0, len(body(LINES)) - 1)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=places, cell=cells)
@example(place=0, cell=b"0")
@example(place=138, cell=b"0")
def test_a_byte_changed_is_read_as_the_loader_reads_it(
    tmp_path: Path, place: int, cell: bytes
) -> None:
    text = bytearray(body(LINES))
    text[place : place + 1] = cell
    path = written(tmp_path, HEADER.encode() + bytes(text))
    try:
        table = load(path, layout="baci")
    except FlowsError as error:
        # A sum of values does not read quantities, and a comma that ends a line begins no cell.
        if "column q" in str(error) or b",\n" in text + b"\n":
            return
        with pytest.raises(FlowsError):
            convert([path], tmp_path / "o", by=BY, layout="baci", engine="pandas")
        return
    convert([path], tmp_path / "o", by=BY, layout="baci", engine="pandas")
    summed = pd.read_parquet(tmp_path / "o")
    year = table["start"].dt.year
    expected = table.groupby(["exporter", "importer", year])["value"].agg(["sum", "size"])
    assert summed["value"].tolist() == pytest.approx(expected["sum"].tolist(), rel=1e-9)
    assert summed["statements"].tolist() == expected["size"].tolist()


def sums_of(path: Path, wanted: Wanted, *, expect_rising: bool) -> pd.DataFrame:
    tally = Tally()
    batches = list(stream(path, BACI, tally, wanted=wanted))
    assert (tally.rows_in, tally.rising) == (len(LINES), expect_rising)
    rows = pa.Table.from_batches(batches).to_pandas()
    return rows.groupby(KEY)[["v", "statements"]].sum()


@pytest.mark.parametrize(
    ("change", "expect_rising"),
    [
        (lambda text: text, True),
        (lambda text: text.replace("  ", ""), True),
        (lambda text: text.replace("2022,31", "2022,031"), True),
        (lambda text: text.replace("2022,31", "2022.0,31"), False),
        (lambda text: HEADER + "".join(sorted(text.splitlines(keepends=True)[1:])[::-1]), False),
    ],
    ids=["as printed", "without blanks", "zeros before a code", "a year with a point", "reversed"],
)
def test_each_way_to_read_gives_the_same_sums(
    tmp_path: Path,
    change: object,
    expect_rising: bool,  # noqa: FBT001 - drawn
) -> None:
    path = written(tmp_path, change(baci_text(LINES)))  # type: ignore[operator]
    found = sums_of(path, "sums", expect_rising=expect_rising)
    assert found["v"].to_dict() == pytest.approx(
        {
            (2022, 4, 20): 1.857,
            (2022, 4, 364): 12_345_678.901,
            (2022, 31, 51): 99_999_999.999,
            (2022, 251, 51): 10.0,
        },
        rel=1e-12,
    )
    assert found["statements"].sum() == len(LINES)
    pd.testing.assert_frame_equal(
        found, sums_of(path, "numbers", expect_rising=expect_rising), rtol=1e-12
    )


def test_a_code_with_zeros_before_it_is_the_code(tmp_path: Path) -> None:
    text = baci_text(LINES)
    plain = load_by_name(written(tmp_path, text))
    padded = written(tmp_path, text.replace("2022,4,", "2022,004,").replace(",51,", ",051,"))
    pd.testing.assert_frame_equal(load_by_name(padded), plain)
    done = convert([padded], tmp_path / "o", by=BY, engine="duckdb")
    assert done.total == pytest.approx(plain["value"].sum(), rel=1e-12)


@pytest.mark.parametrize("by", [[], BY, ["product"]])
@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2022,4,20,271121", "02022,4,20,271121", "csv:3: column t: expected a year"),
        ("2022,4,20,271121", "0x7E6,4,20,271121", "csv:3: column t: expected a year"),
        ("2022,4,20,271121", "2022,4,20,0271121", "csv:3: column k: expected a product code"),
        ("2022,4,20,271121", "2022,4,20,0x27", "csv:3: column k: expected a product code"),
    ],
)
def test_numbers_that_only_a_program_reads_are_refused(
    tmp_path: Path, by: list[str], old: str, new: str, message: str
) -> None:
    path = written(tmp_path, baci_text(LINES).replace(old, new, 1))
    with pytest.raises(LayoutError, match=message):
        convert([path], tmp_path / "o", by=by, layout="baci", engine="duckdb")


def packed(folder: Path, rows: int) -> Path:
    found = {"t": 2022, "i": 4, "j": 20, "v": 1.5, "q": 1.0}
    table = pa.table({name: [cell] * rows for name, cell in found.items()})
    path = folder / "BACI_HS22_Y2022_V202401b.parquet"
    pq.write_table(table.append_column("k", pa.array(range(10_000, 10_000 + rows))), path, 1000)
    return path


@pytest.mark.parametrize("large", [1, 1000])
def test_groups_of_rows_of_any_size_are_added_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: int
) -> None:
    monkeypatch.setattr("flows.bulk.read._MOST_ROWS_AT_ONCE", large)
    monkeypatch.setattr("flows.bulk.read._MOST_ROWS_TOGETHER", 1)
    parts = list(parquet_parts(packed(tmp_path, 2500), BACI, "sums"))
    assert [part.rows.to_pylist() for part in parts] == [
        [{"t": 2022, "i": 4, "j": 20, "v": 1.5 * rows, "statements": rows}]
        for rows in (1000, 1000, 500)
    ]
    assert parts[1].first > parts[0].last


@pytest.mark.parametrize("by", [BY, ["product"]])
def test_a_fault_in_parquet_is_named_by_its_row(tmp_path: Path, by: list[str]) -> None:
    path = packed(tmp_path, 2500)
    table = pq.read_table(path)
    values = table["v"].to_pylist()
    values[2100] = -1.0
    pq.write_table(table.set_column(3, "v", pa.array(values)), path, 1000)
    with pytest.raises(LayoutError, match=r"parquet:2101: column v: .*not negative, found '-1.0'"):
        convert([path], tmp_path / "o", by=by)


@pytest.mark.parametrize(
    ("cell", "kind", "read"), [("80211.5", "INTEGER", 80212), ("inf", "DOUBLE", float("inf"))]
)
def test_duckdb_alone_would_accept_what_the_loader_refuses(
    tmp_path: Path, cell: str, kind: str, read: float
) -> None:
    path = written(tmp_path, f"a\n{cell}\n", "a.csv")
    types = f"{{'a': '{kind}'}}"
    query = f"SELECT a FROM read_csv('{path}', auto_detect=false, header=true, columns={types})"  # noqa: S608 - own path
    found = duckdb.sql(query).fetchall()
    assert found == [(read,)]


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_spark_alone_would_make_a_null_of_it(spark: object, tmp_path: Path) -> None:
    path = written(tmp_path, "a\n80211.5\n", "a.csv")
    found = spark.read.csv(str(path), header=True, schema="a INT").collect()  # type: ignore[attr-defined]
    assert [row["a"] for row in found] == [None]
