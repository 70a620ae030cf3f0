"""All engines give the table that the loader gives, and the same sums."""

from pathlib import Path

import pandas as pd
import pytest
from engine_files import BACI_NAME, baci_text, load_by_name, read_flows, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.bulk.convert import convert
from flows.bulk.engines import EngineName
from flows.loaders.examples import example_path

HERE: list[EngineName] = ["pandas", "duckdb"]
KEYS = [
    "baci",
    "comtrade_v1",
    "comtrade_legacy",
    "comtrade_legacy_bulk",
    "comext_bulk",
    "comext_bulk_former",
]
REAL = [
    "baci/BACI_HS22_Y2022_V202401b_head9.csv",
    "comtrade/v1-web-export.csv",
    "comtrade/legacy.csv",
    "comtrade/legacy-bulk-h3.csv",
]

ROWS = [
    (2022, 4, 20, 10121, 0.357),
    (2022, 4, 20, 271121, 1.5),
    (2022, 364, 51, 271121, 10.0),
    (2022, 842, 51, 10121, 2.5),
]
"""Codes of Afghanistan, Andorra, Iran, Armenia and, in BACI only, the United States."""


def assert_as_loaded(path: Path, out: Path, engine: EngineName) -> None:
    done = convert([path], out, engine=engine)
    table = load_by_name(path)
    pd.testing.assert_frame_equal(read_flows(out), table, rtol=1e-9)
    report = table.attrs["report"]
    assert (done.layout, done.rows_in, done.rows_out, dict(done.left_out)) == (
        report["layout"], report["rows_in"], report["rows_out"], report["left_out"],
    )  # fmt: skip
    assert done.total == pytest.approx(table["value"].sum(), rel=1e-9)


@pytest.mark.parametrize("engine", HERE)
@pytest.mark.parametrize("key", KEYS)
def test_an_example_is_as_loaded(tmp_path: Path, key: str, engine: EngineName) -> None:
    assert_as_loaded(example_path(key), tmp_path / "out.parquet", engine)


@pytest.mark.parametrize("engine", HERE)
@pytest.mark.parametrize("name", REAL)
def test_a_real_file_is_as_loaded(
    shared_data: Path, tmp_path: Path, name: str, engine: EngineName
) -> None:
    assert_as_loaded(shared_data / name, tmp_path / "out.parquet", engine)


@pytest.mark.usefixtures("spark")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("name", ["baci", "comtrade_v1"])
def test_spark_is_as_loaded(tmp_path: Path, name: str) -> None:
    assert_as_loaded(example_path(name), tmp_path / "out.parquet", "spark")


@pytest.mark.usefixtures("spark")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_sums_of_spark_are_those_of_pandas(tmp_path: Path) -> None:
    path = written(tmp_path, baci_text(ROWS))
    tables = []
    for engine in ("pandas", "spark"):
        convert([path], tmp_path / "out.parquet", engine=engine, by=["importer", "year"])
        tables.append(pd.read_parquet(tmp_path / "out.parquet"))
    pd.testing.assert_frame_equal(*tables, rtol=1e-9, check_dtype=False)


@pytest.mark.parametrize("engine", HERE)
def test_sums_by_hand(tmp_path: Path, engine: EngineName) -> None:
    out = tmp_path / "out.parquet"
    done = convert(
        [written(tmp_path, baci_text(ROWS))],
        out,
        engine=engine,
        by=["exporter", "importer", "year"],
    )
    table = pd.read_parquet(out)
    assert table[["exporter", "importer", "year"]].to_numpy().tolist() == [
        ["AFG", "AND", 2022],
        ["IRN", "ARM", 2022],
        ["USA", "ARM", 2022],
    ]
    assert table["value"].tolist() == pytest.approx([1857, 10_000, 2500], rel=1e-12)
    assert table["statements"].tolist() == [2, 1, 1]
    assert set(table["unit"]) == {"USD"}
    assert set(table["classification"]) == {"HS2022"}
    assert (done.rows_in, done.rows_out) == (4, 3)
    assert done.total == pytest.approx(14_357, rel=1e-12)


rows_of_baci = st.dictionaries(
    st.tuples(
        st.just(2022),
        st.sampled_from([4, 51, 364, 842, 251]),
        st.sampled_from([20, 31, 757]),
        st.sampled_from([10121, 271121, 930100]),
    ),
    st.integers(0, 10**9).map(lambda thousandths: thousandths / 1000),
    min_size=1,
    max_size=20,
).map(lambda found: [(*key, value) for key, value in found.items()])


@pytest.mark.parametrize("engine", HERE)
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=rows_of_baci, order=st.randoms(use_true_random=False))
def test_order_never_matters_and_the_sum_is_kept(
    tmp_path: Path, engine: EngineName, rows: list[tuple[int, int, int, int, float]], order: object
) -> None:
    by = ["exporter", "importer"]
    tables = []
    for _ in range(2):
        out = tmp_path / "out.parquet"
        done = convert([written(tmp_path, baci_text(rows))], out, engine=engine, by=by)
        assert done.total == pytest.approx(1000 * sum(row[-1] for row in rows), rel=1e-9)
        tables.append(pd.read_parquet(out))
        order.shuffle(rows)  # type: ignore[attr-defined]
    pd.testing.assert_frame_equal(*tables, rtol=1e-9)


@pytest.mark.parametrize("engine", HERE)
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=rows_of_baci)
def test_to_sum_then_to_choose_is_to_choose_then_to_sum(
    tmp_path: Path, engine: EngineName, rows: list[tuple[int, int, int, int, float]]
) -> None:
    by = ["exporter", "importer"]
    out = tmp_path / "out.parquet"
    chosen = [row for row in rows if row[2] == rows[0][2]]
    convert([written(tmp_path, baci_text(rows))], out, engine=engine, by=by)
    summed = pd.read_parquet(out)
    convert([written(tmp_path, baci_text(chosen))], out, engine=engine, by=by)
    few = pd.read_parquet(out)
    same = summed[summed["importer"] == few["importer"][0]].reset_index(drop=True)
    pd.testing.assert_frame_equal(same, few, rtol=1e-9)


@pytest.mark.parametrize("engine", HERE)
def test_what_was_written_and_parquet_of_baci_can_be_read_again(
    tmp_path: Path, engine: EngineName
) -> None:
    path = written(tmp_path, baci_text(ROWS))
    out, again = tmp_path / "out.parquet", tmp_path / "again.parquet"
    convert([path], out, engine=engine)
    assert convert([out], again, engine=engine).layout == "flow_table"
    pd.testing.assert_frame_equal(pd.read_parquet(out), pd.read_parquet(again))
    typed = tmp_path / BACI_NAME.replace("csv", "parquet")
    pd.read_csv(path).to_parquet(typed)
    for source in (out, typed):
        convert([source], again, engine=engine, by=["importer"])
        sums = pd.read_parquet(again).set_index("importer")["value"].to_dict()
        assert sums == pytest.approx({"AND": 1857, "ARM": 12_500}, rel=1e-12)
