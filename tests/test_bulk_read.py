"""Large files as checked streams of Arrow batches: quick where a block is plain, strict always."""

from pathlib import Path

from flows.bulk.read import is_parquet


def test_is_parquet() -> None:
    assert not is_parquet(Path())
