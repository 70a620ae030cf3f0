"""Series of files are the sums that ``convert --by`` writes, whole and once, or are refused."""

import datetime as dt
import re
import subprocess
import sys
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from engine_files import baci_text, written
from statements import delivery, months, statement

from flows.bulk import series as room
from flows.bulk.convert import convert
from flows.bulk.engines import EngineName
from flows.bulk.series import SeriesBlock, SeriesSource, map_files, stream_series
from flows.errors import (
    DoubleCountError,
    LayoutError,
    PeriodError,
    SchemaError,
    UnknownNameError,
)
from flows.loaders.examples import example_path
from flows.table import check_flows

HERE: list[EngineName] = ["pandas", "duckdb"]
YEARS = range(2017, 2023)
COUNTRIES = (4, 20, 31, 51, 364, 842)
PRODUCTS = (10121, 271121, 930100)
A_YEAR_BEFORE = {"start": dt.date(2022, 1, 1), "end": dt.date(2022, 12, 31)}


def baci_years(folder: Path, seed: int = 1) -> list[Path]:
    """Write years in which many statements are missing, and a year of which all are."""
    rng = np.random.default_rng(seed)
    paths = []
    for year in YEARS:
        cells = [cell for cell in product(COUNTRIES, COUNTRIES, PRODUCTS) if cell[0] != cell[1]]
        rows = [
            (year, *cell, round(float(rng.lognormal(3, 4)), 3))
            for cell in cells
            if rng.random() < 0.4
        ]
        if year != YEARS[2]:
            paths.append(written(folder, baci_text(rows), f"BACI_HS12_Y{year}_V202401b.csv"))
    return paths


def table_of(blocks: Sequence[SeriesBlock], by: Sequence[str]) -> pd.DataFrame:
    """Return a row a stated year of each series."""
    parts = []
    for block in blocks:
        keys = block.keys.to_pandas()[list(by)]
        wide = pd.DataFrame(block.values, columns=[block.first_year + at for at in range(6)])
        parts.append(keys.join(wide).melt(list(by), var_name="year", value_name="value"))
    table = pd.concat(parts).dropna(subset="value").astype({"year": "int64"})
    return table.sort_values([*by, "year"], ignore_index=True)


def flow_file(folder: Path, *rows: dict[str, Any], name: str = "flows.parquet") -> Path:
    table = check_flows(pd.DataFrame(list(rows)).assign(line=range(2, len(rows) + 2)))
    table.to_parquet(folder / name, index=False)
    return folder / name


@pytest.mark.parametrize("engine", HERE)
@pytest.mark.parametrize(
    "by", [("exporter", "importer"), ("importer",), ("product", "exporter", "importer")]
)
@pytest.mark.parametrize("small", [False, True])
def test_series_are_the_sums_of_convert(
    tmp_path: Path,
    engine: EngineName,
    by: tuple[str, ...],
    small: bool,  # noqa: FBT001 - a case
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paths = baci_years(tmp_path)
    convert(paths, tmp_path / "sums.parquet", by=[*by, "year"])
    expected = pd.read_parquet(tmp_path / "sums.parquet")[[*by, "year", "value"]]
    if small:
        monkeypatch.setattr(room, "BLOCK_ROWS", 7)
        monkeypatch.setattr(room, "BLOCK_SERIES", 3)
    blocks = list(stream_series(paths, by=by, engine=engine))
    found = table_of(blocks, by)
    pd.testing.assert_frame_equal(
        found, expected.sort_values([*by, "year"], ignore_index=True), rtol=1e-12, check_dtype=False
    )
    keys = pa.concat_tables([block.keys for block in blocks]).select(list(by)).to_pandas()
    assert not keys.duplicated().any()
    assert keys.equals(keys.sort_values(list(by), ignore_index=True))
    assert {np.shape(block.values)[1] for block in blocks} == {len(YEARS)}
    assert 2019 not in set(found["year"])
    assert (len(blocks) > 1) == small


@pytest.mark.parametrize("engine", HERE)
def test_a_series_by_hand(tmp_path: Path, engine: EngineName) -> None:
    rows = [
        *months("2021-01", [10.0, 20.0, 0.0] + [1.0] * 9),
        statement(start=dt.date(2023, 1, 1), end=dt.date(2023, 12, 31), value=7.0),
        delivery("ISR", 2022, 5.0, unit="TIV"),
    ]
    (block,) = stream_series([flow_file(tmp_path, *rows)], engine=engine)
    assert block.keys.select(["exporter", "importer", "unit"]).to_pylist() == [
        {"exporter": "IRN", "importer": "ARM", "unit": "USD"},
        {"exporter": "ISR", "importer": "AZE", "unit": "TIV"},
    ]
    nan = float("nan")
    np.testing.assert_array_equal(block.values, [[39.0, nan, 7.0], [nan, 5.0, nan]])
    assert (block.first_year, block.source.years) == (2021, range(2021, 2024))
    assert (block.source.rows_in, block.source.layout) == (14, "flow_table")


@pytest.mark.parametrize("engine", HERE)
def test_a_year_of_which_months_are_missing_is_missing(tmp_path: Path, engine: EngineName) -> None:
    """A pair without trade in a month has a whole year; one that nobody states has not."""
    whole = months("2022-01", [1.0] * 12)
    few = months("2022-01", [4.0] * 11, exporter="GEO")
    begun = months("2023-01", [9.0] * 11)
    path = flow_file(tmp_path, *whole, *few, *begun)
    (block,) = stream_series([path], by=("exporter",), engine=engine)
    assert block.keys["exporter"].to_pylist() == ["GEO", "IRN"]
    np.testing.assert_array_equal(block.values, [[44.0, np.nan], [12.0, np.nan]])
    assert block.source.begun == (("ARM", "origin", 2023),)


@pytest.mark.parametrize("engine", HERE)
@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [statement(), statement(reporter="IRN", **A_YEAR_BEFORE)],
            "one reporter in each series, found ARM, IRN for exporter IRN, importer ARM; sum by",
        ),
        (
            [statement(), *months("2023-01", [1.0] * 12)],
            "one period in each sum, found months, years for exporter IRN, importer ARM, year 2023",
        ),
        (
            [statement(), statement(product="27", classification="HS2017")],
            "one level in each series, found 2, 5 for exporter IRN, importer ARM; sum by product",
        ),
        (
            [statement(), statement(unit="EUR", **A_YEAR_BEFORE)],
            "one unit in each series, found EUR, USD",
        ),
        (
            [
                statement(product="010121", classification="HS2012"),
                statement(product="010129", classification="HS2017"),
            ],
            "one classification in each sum, found HS2012, HS2017",
        ),
    ],
)  # fmt: skip
def test_what_would_count_twice_is_refused(
    tmp_path: Path, engine: EngineName, rows: list[dict[str, Any]], message: str
) -> None:
    with pytest.raises(DoubleCountError, match=message):
        list(stream_series([flow_file(tmp_path, *rows)], engine=engine))


def test_a_change_of_revision_ends_the_series_of_a_product_only(tmp_path: Path) -> None:
    path = flow_file(
        tmp_path,
        statement(product="010121", classification="HS2012"),
        statement(
            product="010121",
            classification="HS2017",
            start=dt.date(2024, 1, 1),
            end=dt.date(2024, 12, 31),
        ),
    )
    (block,) = stream_series([path])
    assert np.shape(block.values) == (1, 2)
    by = ("exporter", "importer", "product")
    with pytest.raises(DoubleCountError, match="one classification in each series"):
        list(stream_series([path], by=by))
    (block,) = stream_series([path], by=(*by, "classification"))
    assert np.shape(block.values) == (2, 2)


def test_a_statement_that_stands_there_twice_is_named_before_the_first_block(
    tmp_path: Path,
) -> None:
    paths = baci_years(tmp_path)
    lines = paths[1].read_text().splitlines(keepends=True)
    paths[1].write_text("".join([*lines, lines[17]]))
    message = rf"once; rows at fault: {paths[1].name} lines 18, {len(lines) + 1}"
    with pytest.raises(SchemaError, match=message):
        next(stream_series(paths, engine="duckdb"))


@pytest.mark.parametrize("engine", HERE)
def test_two_files_of_one_year_are_refused(tmp_path: Path, engine: EngineName) -> None:
    first, second = (flow_file(tmp_path, statement(), name=name) for name in ("a.pq", "b.pq"))
    with pytest.raises(DoubleCountError, match=r"ARM states for 2023-01-01 in one file.*a.pq, b.p"):
        next(stream_series([first, second], engine=engine))


def test_a_year_of_another_calendar_is_refused(tmp_path: Path) -> None:
    row = statement(start=dt.date(2023, 3, 21), end=dt.date(2024, 3, 19))
    with pytest.raises(PeriodError, match="one calendar year, found 2023-03-21 to 2024-03-19 by"):
        next(stream_series([flow_file(tmp_path, row)]))


@pytest.mark.parametrize(
    ("by", "message"),
    [
        ((), "expected columns to tell series apart by, found none; there are exporter"),
        (("exporter", "year"), "no column to tell series apart by 'year'"),
        (("exporter", "exporter"), "expected each column to sum by once"),
    ],
)
def test_what_cannot_tell_series_apart_is_refused_at_once(
    by: tuple[str, ...], message: str
) -> None:
    with pytest.raises(UnknownNameError, match=message):
        stream_series([example_path("baci")], by=by)


def test_files_that_no_engine_reads_are_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match=r"a layout that engines read .* for series, found wits"):
        stream_series([example_path("wits_query")])
    releases = [
        written(tmp_path, baci_text([(2022, 4, 20, 10121, 1.0)]), f"BACI_HS12_Y2022_V{release}.csv")
        for release in ("202401b", "202501")
    ]
    with pytest.raises(DoubleCountError, match="files of one release, found 202401b, 202501"):
        stream_series(releases)


@pytest.mark.parametrize("engine", HERE)
def test_a_function_of_blocks_is_one_of_series(tmp_path: Path, engine: EngineName) -> None:
    paths = baci_years(tmp_path)
    schema = pa.schema([("exporter", pa.string()), ("mean", pa.float64()), ("first", pa.int32())])

    def mean(keys: pa.Table, values: room.FloatArray, first_year: int) -> pa.RecordBatch:
        first = [first_year] * len(values)
        columns = {"first": first, "mean": np.nanmean(values, axis=1), "exporter": keys["exporter"]}
        return pa.table(columns).combine_chunks().to_batches()[0]

    told: list[SeriesSource] = []
    batches = map_files(paths, mean, schema, by=("exporter",), engine=engine, told=told.append)
    found = pa.Table.from_batches(batches, schema).to_pandas()
    assert [source.years for source in told] == [YEARS]
    expected = table_of(list(stream_series(paths, by=("exporter",))), ["exporter"])
    means = expected.groupby("exporter")["value"].mean()
    np.testing.assert_allclose(found.set_index("exporter")["mean"], means, rtol=1e-12)
    assert set(found["first"]) == {YEARS[0]}


_NO_SPACE = """
import resource, signal, sys
from flows.bulk.series import stream_series
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
try:
    print(len(list(stream_series(sys.argv[2:], engine="duckdb", by=("exporter", "importer")))))
except Exception as error:
    print(type(error).__name__, error)
"""


def test_no_space_left_is_said_with_the_place_and_nothing_stays_behind(tmp_path: Path) -> None:
    """A file may grow to a limit only, as on a disk that is full; so may what Python compiles."""
    paths = baci_years(tmp_path)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    done = subprocess.run(
        [sys.executable, "-B", "-c", _NO_SPACE, "100", *map(str, paths)],
        capture_output=True,
        text=True,
        check=True,
        env={"TMPDIR": str(scratch), "PYTHONPATH": str(Path(room.__file__).parents[2])},
    )
    assert re.fullmatch(
        rf"EngineError engine duckdb: IO Error: .* \(its files lie in {scratch}/flows-\w+\)\n",
        done.stdout,
    )
    assert list(scratch.iterdir()) == []
