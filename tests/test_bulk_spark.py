"""Spark, in a session of this machine and through Spark Connect, gives what DuckDB gives."""

import datetime as dt
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
import spark_work
from engine_files import baci_text, written
from spark_work import BY, MEANS, means
from statements import statement
from test_bulk_series import baci_years, flow_file

from flows.bulk.convert import convert
from flows.bulk.inputs import FileReader
from flows.bulk.read import Tally
from flows.bulk.series import FloatArray, map_files
from flows.errors import CountryError, DoubleCountError, EngineError, SchemaError

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
TESTS = Path(__file__).parent
IN_ORDER = {"by": list(BY), "ignore_index": True}


@pytest.fixture
def session(spark: Any) -> Iterator[Any]:
    """A session whose workers are sent what they do not see: the functions of this folder."""
    from pyspark import cloudpickle  # noqa: PLC0415 - an extra

    cloudpickle.register_pickle_by_value(spark_work)
    yield spark
    cloudpickle.unregister_pickle_by_value(spark_work)


def expected_means(paths: list[Path]) -> pd.DataFrame:
    return pa.Table.from_batches(map_files(paths, means, MEANS, engine="duckdb")).to_pandas()


def run(arguments: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python as a user does, without a server unless one is named."""
    inherited = {name: text for name, text in os.environ.items() if name != "SPARK_REMOTE"}
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=inherited | {"PYTHONPATH": str(TESTS.parent)} | environment,
    )


COMMAND = "import sys; from flows.cli import main; sys.exit(main())"


@pytest.mark.usefixtures("session")
def test_workers_map_series_as_they_are_mapped_here(tmp_path: Path) -> None:
    paths = baci_years(tmp_path)
    batches = map_files(paths, means, MEANS, engine="spark")
    found = pa.Table.from_batches(batches, MEANS).to_pandas().sort_values(**IN_ORDER)
    pd.testing.assert_frame_equal(found, expected_means(paths), rtol=1e-12)


def test_any_frame_of_spark_can_be_mapped(session: Any) -> None:
    from flows.bulk.on_spark import map_series  # noqa: PLC0415 - an extra

    rows = pa.table(
        {"pair": ["b", "a", "b", "a"], "year": [2003, 2001, 2000, 2003], "value": [1.0, 2, 3, 4]}
    )
    schema = pa.schema([("pair", pa.string()), ("values", pa.string()), ("first", pa.int64())])

    def printed(keys: pa.Table, values: FloatArray, first_year: int) -> pa.RecordBatch:
        texts = [str(row.tolist()) for row in values]
        first = [first_year] * len(texts)
        return pa.record_batch([keys["pair"].combine_chunks(), texts, first], schema.names)

    frame = session.createDataFrame(rows)
    found = map_series(frame, ["pair"], printed, schema).toArrow().sort_by("pair").to_pylist()
    assert found == [
        {"pair": "a", "values": "[nan, 2.0, nan, 4.0]", "first": 2000},
        {"pair": "b", "values": "[3.0, nan, nan, 1.0]", "first": 2000},
    ]
    with pytest.raises(SchemaError, match="expected a frame with product, found pair, year, value"):
        map_series(frame, ["pair", "product"], printed, schema)
    with pytest.raises(SchemaError, match="expected a frame with rows, found none"):
        map_series(frame.where("year < 0"), ["pair"], printed, schema)


@pytest.mark.usefixtures("session")
def test_a_worker_that_is_killed_is_an_error_of_the_engine(tmp_path: Path) -> None:
    def end(keys: pa.Table, values: FloatArray, _: int) -> pa.RecordBatch:
        os.kill(os.getpid(), signal.SIGKILL)
        return means(keys, values, 0)

    paths = baci_years(tmp_path)
    with pytest.raises(
        EngineError, match=r"engine spark: (.|\n)*Python worker exited unexpectedly"
    ):
        list(map_files(paths, end, MEANS, engine="spark"))
    assert len(list(map_files(paths, means, MEANS, engine="spark"))) > 0


@pytest.mark.usefixtures("session")
def test_what_a_worker_refuses_is_refused_as_here(tmp_path: Path) -> None:
    year = {"start": dt.date(2022, 1, 1), "end": dt.date(2022, 12, 31)}
    path = flow_file(tmp_path, statement(), statement(reporter="IRN", **year))
    with pytest.raises(DoubleCountError, match="one reporter in each series, found ARM, IRN for"):
        list(map_files([path], means, MEANS, engine="spark"))
    out = tmp_path / "out.parquet"
    faulty = written(tmp_path, baci_text([(2022, 4, 20, 10121, 1.0), (2022, 5, 20, 10121, 1.0)]))
    with pytest.raises(CountryError, match=r"no alpha-3 code for '5'.*csv line 3"):
        convert([faulty], out, engine="spark")
    assert not out.exists()


def test_a_file_that_workers_do_not_see_is_named(session: Any, tmp_path: Path) -> None:
    from flows.bulk.on_spark import SparkFrames  # noqa: PLC0415 - an extra

    frames = SparkFrames(session, None, ordered=False)
    reader = FileReader(tmp_path / "away.csv", "baci", "rows", 0)
    with pytest.raises(
        EngineError, match=r"away.csv: expected a file that each worker of Spark se"
    ):
        frames.read(pa.schema([("t", pa.int32())]), [reader], [Tally()])


@pytest.mark.usefixtures("session")
def test_workers_with_another_version_are_refused() -> None:
    from flows.bulk.on_spark import _take_in  # noqa: PLC0415 - an extra

    with pytest.raises(EngineError, match=r"expected flows .* on the workers as here, found 0\.0"):
        _take_in([(0, "0.0", Tally())], [Tally()])
    with pytest.raises(EngineError, match="expected 1 files to be read, found 0"):
        _take_in([], [Tally()])


@pytest.mark.usefixtures("session")
def test_the_command_starts_spark_itself_and_says_what_it_lacks(tmp_path: Path) -> None:
    paths = [str(path) for path in baci_years(tmp_path)]
    out, here = tmp_path / "spark.parquet", tmp_path / "here.parquet"
    arguments = ["-c", COMMAND, "convert", *paths, "--engine", "spark", "-o", str(out)]
    done = run(arguments)
    assert done.returncode == 0, done.stderr
    convert(paths, here, engine="duckdb")
    pd.testing.assert_frame_equal(pd.read_parquet(out), pd.read_parquet(here), rtol=1e-12)
    done = run(arguments, PATH=str(tmp_path), JAVA_HOME="")
    assert done.returncode == 1
    assert "error: engine spark: expected Java 17 or later (JAVA_HOME, or java on" in done.stderr


def test_a_server_gives_what_duckdb_gives(sail: str, tmp_path: Path) -> None:
    paths = baci_years(tmp_path)
    done = run([str(TESTS / "spark_work.py"), str(tmp_path), *map(str, paths)], SPARK_REMOTE=sail)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {}
    found = {name: pd.read_parquet(tmp_path / f"{name}.parquet") for name in ("sums", "rows")}
    table = pd.read_parquet(tmp_path / "means.parquet").sort_values(**IN_ORDER)
    for name, by in (("sums", ["importer", "year"]), ("rows", [])):
        convert(paths, tmp_path / "here.parquet", engine="duckdb", by=by)
        expected = pd.read_parquet(tmp_path / "here.parquet")
        pd.testing.assert_frame_equal(found[name], expected, rtol=1e-12, check_dtype=False)
    pd.testing.assert_frame_equal(table, expected_means(paths), rtol=1e-12)


def test_a_server_names_a_fault_as_it_is_named_here(sail: str, tmp_path: Path) -> None:
    paths = baci_years(tmp_path)
    lines = paths[1].read_text().splitlines(keepends=True)
    paths[1].write_text("".join([*lines, lines[17]]))
    done = run([str(TESTS / "spark_work.py"), str(tmp_path), *map(str, paths)], SPARK_REMOTE=sail)
    twice = (
        "SchemaError: expected each statement (reporter, pair, period, product) once; "
        f"rows at fault: {paths[1].name} lines 18, {len(lines) + 1}"
    )
    assert json.loads(done.stdout) == dict.fromkeys(("means", "sums", "rows"), twice)
    assert not (tmp_path / "rows.parquet").exists()


@pytest.mark.parametrize(
    ("remote", "message"),
    [
        ("sc://127.0.0.1:9", "expected a server of Spark Connect at sc://127.0.0.1:9"),
        ("sc://127.0.0.1:x", "the server at sc://127.0.0.1:x (SPARK_REMOTE): Port could not"),
        ("http://127.0.0.1", "[INVALID_CONNECT_URL] Invalid URL for Spark Connect"),
    ],
)
@pytest.mark.usefixtures("sail")
def test_a_server_that_is_not_there_is_said(tmp_path: Path, remote: str, message: str) -> None:
    patched = f"import flows.bulk.on_spark as s; s._SECONDS = 1.0; {COMMAND}"
    path = written(tmp_path, baci_text([(2022, 4, 20, 10121, 1.0)]))
    arguments = ["convert", str(path), "--engine", "spark", "-o", str(tmp_path / "out.parquet")]
    done = run(["-c", patched, *arguments], SPARK_REMOTE=remote)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Java" not in done.stderr
