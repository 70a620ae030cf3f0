"""Sums of a flow table that was written: by runs, sure only where each statement is there once."""

from pathlib import Path

import pandas as pd
import pytest
from engine_files import baci_text, written

from flows.bulk.convert import convert
from flows.bulk.flow_parquet import flow_schema, flow_sums
from flows.bulk.read import Tally
from flows.errors import LayoutError, SchemaError

BY = ["exporter", "importer", "year"]
ROWS = [
    (2022, 4, 20, 10121, 0.5),
    (2022, 4, 20, 271121, 1.5),
    (2022, 31, 51, 10121, 4.0),
    (2022, 364, 51, 10121, 3.0),
]


@pytest.fixture
def table(tmp_path: Path) -> pd.DataFrame:
    convert([written(tmp_path, baci_text(ROWS))], tmp_path / "whole.parquet")
    return pd.read_parquet(tmp_path / "whole.parquet")


def summed(folder: Path, table: pd.DataFrame) -> tuple[list[tuple[str, float, int]], bool]:
    """Return exporter, value and statements of each sum, and whether reading was sure of them."""
    path, tally = folder / "flows.parquet", Tally()
    table.to_parquet(path, index=False)
    rows = [row for batch in flow_sums(path, tally) for row in batch.to_pylist()]
    assert tally.rows_in == len(table) == sum(row["statements"] for row in rows)
    return [(row["exporter"], row["value"], row["statements"]) for row in rows], tally.rising


def test_runs_are_added_up_and_are_sure(tmp_path: Path, table: pd.DataFrame) -> None:
    assert summed(tmp_path, table) == (
        [("AFG", 2000.0, 2), ("AZE", 4000.0, 1), ("IRN", 3000.0, 1)],
        True,
    )


def test_a_run_that_goes_on_in_the_next_batch_is_sure(
    tmp_path: Path, table: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.bulk.flow_parquet.BATCH_ROWS", 1)
    rows, sure = summed(tmp_path, table)
    assert [row[1] for row in rows] == [500.0, 1500.0, 4000.0, 3000.0]
    assert sure


@pytest.mark.parametrize(
    ("order", "sure"),
    [
        ([0, 1, 1, 2, 3], False),
        ([0, 1, 2, 3, 0], False),
        ([1, 0, 2, 3], False),
        ([2, 3, 0, 1], True),
    ],
)
def test_what_is_repeated_or_falls_is_not_sure(
    tmp_path: Path,
    table: pd.DataFrame,
    order: list[int],
    sure: bool,  # noqa: FBT001 - a case
) -> None:
    assert summed(tmp_path, table.iloc[order])[1] == sure


def test_levels_of_products_stay_apart(tmp_path: Path, table: pd.DataFrame) -> None:
    mixed = table.assign(product=["01", "271121", "010121", "010121"])
    rows, sure = summed(tmp_path, mixed)
    assert [row[1] for row in rows] == [500.0, 1500.0, 4000.0, 3000.0]
    assert sure


def test_a_cell_that_is_missing_leaves_rows_as_they_are(
    tmp_path: Path, table: pd.DataFrame
) -> None:
    rows, sure = summed(tmp_path, table.assign(coverage=["x", None, "x", "x"]))
    assert len(rows) == len(table)
    assert not sure


def test_sums_equal_those_of_the_file_and_repetition_is_named(
    tmp_path: Path, table: pd.DataFrame
) -> None:
    out, path = tmp_path / "out.parquet", tmp_path / "flows.parquet"
    table.iloc[[3, 1, 0, 2]].to_parquet(path, index=False)
    done = convert([path], out, by=BY, engine="duckdb")
    assert (done.rows_in, done.rows_out, done.total) == (4, 3, 9000.0)
    pd.concat([table, table.iloc[:1]]).to_parquet(path, index=False)
    with pytest.raises(SchemaError, match=r"each statement .* once; rows at fault: flows.parquet"):
        convert([path], out, by=BY, engine="duckdb")


def test_what_is_no_flow_table_is_refused(tmp_path: Path, table: pd.DataFrame) -> None:
    path = tmp_path / "flows.parquet"
    table.assign(value="much").to_parquet(path, index=False)
    with pytest.raises(LayoutError, match="expected a flow table, found"):
        list(flow_sums(path, Tally()))


def test_flow_schema() -> None:
    assert flow_schema(("quantity_t",)).names[-2:] == ["line", "quantity_t"]
