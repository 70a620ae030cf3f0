"""What is timed is the same result: totals by hand, and those of the peers that are installed."""

from pathlib import Path

import pytest
from baci_years import write_years
from engine_files import baci_text, written
from engines_speed import of_duckdb, of_flows, of_pandas, of_polars, of_table, run_alone, table

from flows.loaders import load

WORKS = {"flows": of_flows, "duckdb": of_duckdb, "pandas": of_pandas}


@pytest.mark.parametrize("name", WORKS)
def test_totals_by_hand(tmp_path: Path, name: str) -> None:
    rows = [(2022, 4, 20, 10121, 0.5), (2022, 4, 20, 271121, 1.5), (2022, 842, 51, 10121, 3.0)]
    totals = WORKS[name]([written(tmp_path, baci_text(rows))])
    assert totals == {("AFG", "AND", 2022): 2000, ("USA", "ARM", 2022): 3000}


def test_synthetic_years_are_baci(tmp_path: Path) -> None:
    paths = write_years(tmp_path, range(2020, 2022), rows=3000)
    trade = load(paths[0])
    assert 2500 < len(trade) < 3500
    assert trade.attrs["report"]["layout"] == "baci"
    assert 0 < trade["quantity_t"].isna().mean() < 0.1
    again = tmp_path / "again"
    again.mkdir()
    assert write_years(again, range(2020, 2021), rows=3000)[0].read_bytes() == paths[0].read_bytes()
    packed = [path.with_suffix(".parquet") for path in paths]
    for work in WORKS.values():
        assert work(packed) == pytest.approx(of_pandas(paths), rel=1e-9)
    pytest.importorskip("polars", reason="polars is a peer, not a need: pip install .[bench]")
    assert of_polars(paths) == pytest.approx(of_pandas(paths), rel=1e-9)
    assert of_polars(packed) == pytest.approx(of_pandas(paths), rel=1e-9)


def test_the_whole_table_has_the_same_sum(tmp_path: Path) -> None:
    path = written(tmp_path, baci_text([(2022, 4, 20, 10121, 0.5), (2022, 4, 31, 10121, 1.5)]))
    assert sum(of_table([path]).values()) == sum(of_flows([path]).values()) == 2000


def test_a_run_in_its_own_process(tmp_path: Path) -> None:
    path = written(tmp_path, baci_text([(2022, 4, 20, 10121, 0.5)]))
    found = run_alone("flows on DuckDB", [path])
    assert (found["dyads"], found["usd"]) == (1, 500)
    assert found["s"] > 0
    assert found["mb"] > 10


def test_the_table_divides_by_each_peer() -> None:
    found = {
        "flows on DuckDB": {"s": 1.0, "cpu": 1.5, "mb": 300.4},
        "pandas": {"s": 4.0, "cpu": 4.0, "mb": 1000.0},
    }
    assert table({"CSV": found}).splitlines()[2:] == [
        "| CSV | flows on DuckDB | 1.00 | 1.50 | 300 | 1.00 |",
        "| CSV | pandas | 4.00 | 4.00 | 1000 | 0.25 |",
    ]
