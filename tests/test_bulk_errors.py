"""Faults are named with file and line on every engine, and nothing is left half written."""

import gzip
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from engine_files import baci_text, read_flows, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_loaders_fuzz import damaged

from flows.bulk.blocks import read_blocks
from flows.bulk.convert import convert
from flows.bulk.engines import EngineName, choose_engine, open_session
from flows.bulk.on_duckdb import DuckDBSession
from flows.errors import (
    CountryError,
    DoubleCountError,
    EngineError,
    FlowsError,
    LayoutError,
    SchemaError,
    SourceError,
)
from flows.loaders import load
from flows.loaders.cells import rounded_warning
from flows.loaders.examples import example_path
from flows.loaders.text import latin1_warning

HERE: list[EngineName] = ["pandas", "duckdb"]
GOOD = baci_text(
    [
        (2022, 4, 20, 210610, 0.357),
        (2022, 364, 51, 80211, 2.5),
        (2022, 842, 51, 843131, 0.313),
    ]
)


@pytest.mark.parametrize("engine", HERE)
@pytest.mark.parametrize("by", [[], ["exporter", "year"]])
@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ("2022,364,51", "2022,365,51", CountryError, "no alpha-3 code for '365'.*csv lines? 3"),
        ("080211", "8O211", LayoutError, "csv:3: column k: expected a product code"),
        ("080211", "0802", LayoutError, "csv:3: column k: .*with 6 digits, found '0802'"),
        ("080211", "802", LayoutError, "csv:3: column k: .*with 6 digits, found '802'"),
        ("        2.500", "   -2.500", LayoutError, "csv:3: column v: .*not negative"),
        ("        2.500", "nan", LayoutError, "csv:3: column v"),
        ("        2.500", "1e999", LayoutError, "csv:3: column v: expected a finite number"),
        ("        2.500", "", LayoutError, "csv:3: column v: expected a number"),
        ("2022,364", "22,364", LayoutError, "csv:3: column t: expected a year, found '22'"),
        ("2022,364,51", "2022,364", LayoutError, "csv:3: expected 6 cells, found 5"),
        ("t,i,j,k,v,q", "t,i,j,hs,v,q", LayoutError, "csv:1: .*missing 'k'"),
        ("t,i,j,k,v,q", "t;i;j;k;v;q", LayoutError, "csv:1: expected"),
        (
            "2022,364,51,080211",
            "2022,4,20,210610",
            SchemaError,
            "each statement .* once.* lines 2, 3",
        ),
        ("2022,842,51,843131", "t,i,j,k,v,q\n2022,842,51,843131", LayoutError, "csv:4: expected"),
    ],
)
def test_a_fault_is_named_and_nothing_is_written(  # noqa: PLR0917 - two engines, two kinds of output
    tmp_path: Path,
    engine: EngineName,
    by: list[str],
    old: str,
    new: str,
    error: type[FlowsError],
    message: str,
) -> None:
    assert old in GOOD
    path = written(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(error, match=message):
        convert([path], tmp_path / "out.parquet", engine=engine, by=by, layout="baci")
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("engine", HERE)
def test_statements_twice_far_apart_are_found(tmp_path: Path, engine: EngineName) -> None:
    rows = GOOD.splitlines(keepends=True)
    path = written(tmp_path, "".join([*rows, rows[1]]))
    with pytest.raises(SchemaError, match=r"rows at fault: BACI_.*csv lines 2, 5"):
        convert([path], tmp_path / "out.parquet", engine=engine)


def test_two_codes_of_one_country_are_one_statement(tmp_path: Path) -> None:
    text = baci_text([(2022, 840, 51, 10121, 1.0), (2022, 842, 51, 10121, 2.0)])
    with pytest.raises(SchemaError, match=r"each statement .* once"):
        convert([written(tmp_path, text)], tmp_path / "o", engine="duckdb", by=["exporter"])


@pytest.mark.parametrize("engine", HERE)
def test_what_programs_made_of_codes_is_read_as_by_the_loader(
    tmp_path: Path, engine: EngineName
) -> None:
    baci = GOOD.replace(",080211,", ",80211,").replace(",210610,", ",9999AA,")
    path = tmp_path / "floats.csv"
    path.write_text(
        "Year,Reporter Code,Trade Flow Code,Partner Code,Classification,Commodity Code,Value,"
        "Estimation Code\n2010,51,1.0,364.0,H3,10121.0,3.25E+08,0\n2010,51,1,0.0,H3,TOTAL,6,0\n",
        encoding="utf-8",
    )
    for file, warnings in (
        (written(tmp_path, baci), ()),
        (path, (f"floats.csv: {rounded_warning(2, '3.25E+08', 3)}",)),
    ):
        done = convert([file], tmp_path / "out.parquet", engine=engine)
        assert done.warnings == warnings
        flows, loaded = read_flows(tmp_path / "out.parquet"), load(file)
        assert flows["product"].tolist() == loaded["product"].tolist()
        assert flows["value"].tolist() == loaded["value"].tolist()


@pytest.mark.parametrize("by", [[], ["exporter", "year"]])
def test_latin1_in_a_column_that_nobody_reads_is_told(tmp_path: Path, by: list[str]) -> None:
    text = GOOD.replace("\n", ",ç\n").replace(",q,ç", ",q,note")
    path = written(tmp_path, text.encode("latin-1"))
    (warning,) = convert([path], tmp_path / "out.parquet", engine="pandas", by=by).warnings
    assert warning == f"{path.name}: {latin1_warning(2)}"
    assert load(path).attrs["report"]["warnings"] == [latin1_warning(2)]


@pytest.mark.parametrize("engine", HERE)
def test_sums_name_the_product_that_is_no_number(tmp_path: Path, engine: EngineName) -> None:
    path = written(tmp_path, GOOD.replace(",080211,", ",9999AA,"))
    convert([path], tmp_path / "sums.parquet", engine=engine, by=["product"])
    sums = pd.read_parquet(tmp_path / "sums.parquet")
    assert sums["product"].tolist() == ["210610", "843131", "9999AA"]


@pytest.mark.parametrize("engine", HERE)
def test_bytes_that_are_no_text_are_named_by_line(tmp_path: Path, engine: EngineName) -> None:
    path = written(tmp_path, GOOD.encode().replace(b"080211", b"08\x8111"))
    with pytest.raises(LayoutError, match="csv:3: expected text in utf-8, found byte 0x81"):
        convert([path], tmp_path / "out.parquet", engine=engine)


def test_a_truncated_archive_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(GOOD.encode() * 100)
    path = written(tmp_path, packed[: len(packed) - 12], "baci.csv.gz")
    with pytest.raises(LayoutError, match="expected an archive that can be unpacked"):
        convert([path], tmp_path / "out.parquet", layout="baci")


def test_a_release_is_read_from_its_archive(tmp_path: Path) -> None:
    path = tmp_path / "BACI_HS22_V202401b.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("BACI_HS22_Y2022_V202401b.csv", GOOD)
        archive.writestr("BACI_HS22_Y2023_V202401b.csv", GOOD.replace("2022,", "2023,"))
        archive.writestr("country_codes_V202401b.csv", "country_code,country_name\n4,A\n")
    out = tmp_path / "out.parquet"
    done = convert([path], out)
    assert (done.releases, done.rows_in, done.rows_out) == (("202401b",), 6, 6)
    assert read_flows(out)["dataset"].nunique() == 2
    assert convert([path], out, by=["exporter"], engine="duckdb").total == done.total


def test_plain_and_odd_lines_are_read_alike(tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    convert([written(tmp_path, GOOD)], out)
    plain = read_flows(out)
    odd = GOOD.replace("2022,364", "2022.0,364").replace("080211", '"080211"').replace("\n", "\r\n")
    convert([written(tmp_path, odd + "\r\n")], out)
    assert read_flows(out).equals(plain)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["BACI_HS22_Y2022_V202401b.csv", "BACI_HS22_Y2023_V202301.csv"], "one release"),
        (["BACI_HS22_Y2022_V202401b.csv", "BACI_HS17_Y2022_V202401b.csv"], "revision of the HS"),
        (["a.csv", "b.csv"], "CEPII states for 2022-01-01 in one file, found it in a.csv, b.csv"),
    ],
)
def test_releases_revisions_and_copies_are_never_summed(
    tmp_path: Path, names: list[str], message: str
) -> None:
    paths = [written(tmp_path, GOOD, name) for name in names]
    with pytest.raises(DoubleCountError, match=message):
        convert(paths, tmp_path / "out.parquet", by=["exporter"])


def test_a_file_given_twice_and_one_that_is_not_there(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    with pytest.raises(DoubleCountError, match="each file once"):
        convert([path, path], tmp_path / "out.parquet")
    with pytest.raises(SourceError, match="found none at"):
        convert([tmp_path / "none.csv"], tmp_path / "out.parquet")


def test_files_of_two_layouts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match=r"files of one layout, found baci in .*comtrade_v1 in"):
        convert([example_path("baci"), example_path("comtrade_v1")], tmp_path / "out.parquet")


def test_a_sum_never_mixes_levels_or_reporters(tmp_path: Path) -> None:
    with pytest.raises(DoubleCountError, match="expected one classification in each sum"):
        convert([example_path("comtrade_v1")], tmp_path / "out.parquet", by=["exporter"])
    bulk = example_path("comtrade_legacy_bulk")
    with pytest.raises(
        DoubleCountError, match=r"expected one level in each sum, found 2, 6.*by product"
    ):
        convert(
            [written(tmp_path, bulk.read_text().replace("699,2", "699,1"), "b.csv")],
            tmp_path / "out.parquet",
            by=["reporter"],
        )


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=damaged(), engine=st.sampled_from(HERE), summed=st.booleans())
def test_nothing_but_errors_of_the_package(
    tmp_path: Path,
    case: tuple[str, bytes],
    engine: EngineName,
    summed: bool,  # noqa: FBT001 - drawn
) -> None:
    path = written(tmp_path, case[1], "damaged.csv")
    out = tmp_path / "out.parquet"
    out.unlink(missing_ok=True)
    try:
        convert([path], out, engine=engine, by=["exporter", "year"] if summed else [])
    except FlowsError:
        assert not out.exists()
    else:
        assert out.exists()


def test_damaged_parquet_is_refused(tmp_path: Path) -> None:
    for content in (b"PAR1", b"PAR1" + b"x" * 100 + b"PAR1"):
        path = written(tmp_path, content, "a.parquet")
        with pytest.raises(LayoutError, match="expected sound Parquet"):
            convert([path], tmp_path / "out.parquet")


def test_duckdb_keeps_to_its_memory_and_cleans_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with open_session("duckdb", memory_limit="64MB") as session:
        assert isinstance(session, DuckDBSession)
        shown = session._connection.execute("SELECT current_setting('memory_limit')").fetchone()
        assert shown == ("61.0 MiB",)
        folder = session._connection.execute("SELECT current_setting('temp_directory')").fetchone()
        assert folder is not None
        assert Path(folder[0]).parent == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_rows_keep_their_order() -> None:
    schema = pa.schema([("a", pa.int64()), ("b", pa.int64())])
    whole = pa.table({"a": np.arange(400_000), "b": np.arange(400_000) % 7}, schema)
    with open_session("duckdb", ordered=True) as session:
        other = session.lift(pa.table({"b": range(7), "c": range(7)}))
        assert isinstance(session, DuckDBSession)
        rows = session.frame(schema, whole.to_batches(2050)).join(other, on="b")
        found = pa.Table.from_batches(session.batches(rows))
    assert found["a"].equals(whole["a"])


def test_an_engine_that_fails_says_so(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="engine duckdb: Out of Memory Error"):
        convert([example_path("baci")], tmp_path / "o", engine="duckdb", memory_limit="0KB")
    with pytest.raises(ValueError, match=r"engine: expected pandas, duckdb, spark, found 'dask'"):
        convert([example_path("baci")], tmp_path / "o", engine="dask")  # type: ignore[arg-type]


def test_an_engine_that_is_not_installed_says_how(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> object:
        raise ModuleNotFoundError(name, name="pyspark")

    monkeypatch.setattr("flows.bulk.engines.import_module", absent)
    with pytest.raises(EngineError, match=r"expected the package pyspark.*pip install pyspark"):
        convert([example_path("baci")], tmp_path / "o", engine="spark")


def test_large_files_go_to_duckdb() -> None:
    assert choose_engine(50 * 1024**2) == "pandas"
    assert choose_engine(50 * 1024**2 + 1) == "duckdb"


def test_blocks_end_with_records(tmp_path: Path) -> None:
    path = written(tmp_path, 'a,b\n1,"x\ny"\n2,z\n3,last')
    blocks = list(read_blocks(path, size=9))
    assert b"".join(block.content for block in blocks) == path.read_bytes()
    assert [block.line for block in blocks][:2] == [1, 2]
    assert all(block.content.count(b'"') % 2 == 0 for block in blocks)
    with pytest.raises(LayoutError, match="a quote may not be closed"):
        list(read_blocks(written(tmp_path, 'a\n"' + "x\n" * 200), size=8))
    with pytest.raises(LayoutError, match="found an empty file"):
        list(read_blocks(written(tmp_path, "")))


@pytest.mark.parametrize("engine", HERE)
@pytest.mark.parametrize("end", ["", "junk"])
def test_a_cell_too_many_is_refused_as_the_loader_refuses_it(
    tmp_path: Path, engine: EngineName, end: str
) -> None:
    header, *rows = GOOD.splitlines()
    path = written(tmp_path, "\n".join([header, *(f"{row},{end}" for row in rows)]))
    with pytest.raises(LayoutError, match=r"csv:2: expected 6 cells, found 7"):
        convert([path], tmp_path / "out.parquet", engine=engine, layout="baci")


@pytest.mark.parametrize("engine", HERE)
def test_only_an_empty_cell_may_end_a_line_of_comtrade(tmp_path: Path, engine: EngineName) -> None:
    header, *rows = example_path("comtrade_v1").read_text(encoding="utf-8").splitlines()
    lines = [header, *(f"{row.removesuffix(',')}," for row in rows)]
    good = written(tmp_path, "\n".join(lines), "good.csv")
    assert convert([good], tmp_path / "out.parquet", engine=engine).rows_out == 3
    bad = written(tmp_path, "\n".join([*lines[:-1], f"{lines[-1]}junk"]), "bad.csv")
    with pytest.raises(LayoutError, match=rf"bad.csv:{len(lines)}: expected 47 cells, found 48"):
        convert([bad], tmp_path / "out.parquet", engine=engine)


@pytest.mark.parametrize("engine", HERE)
def test_a_last_number_that_may_be_cut_is_told_as_the_loader_tells_it(
    tmp_path: Path, engine: EngineName
) -> None:
    path = written(tmp_path, GOOD.rstrip("\n"))
    (expected,) = load(path, layout="baci").attrs["report"]["warnings"]
    assert "is the beginning of a longer number" in expected
    for by in ([], ["exporter"]):
        done = convert([path], tmp_path / "out.parquet", engine=engine, by=by)
        assert done.warnings == (f"{path.name}: {expected}",)


@pytest.mark.parametrize("engine", HERE)
@pytest.mark.parametrize(
    ("old", "new"),
    [(b'"ARM","Armenia"', b'"IRN","Armenia"'), (b'0101","2019"', b'0101","2018"')],
)
def test_what_a_row_of_comtrade_contradicts_is_refused_as_the_loader_refuses_it(
    tmp_path: Path, engine: EngineName, old: bytes, new: bytes
) -> None:
    content = example_path("comtrade_v1").read_bytes()
    assert old in content
    path = written(tmp_path, content.replace(old, new, 1), "comtrade.csv")
    for read in (load, lambda path: convert([path], tmp_path / "out.parquet", engine=engine)):
        with pytest.raises(LayoutError, match=r"csv:2: expected the same in the columns"):
            read(path)
