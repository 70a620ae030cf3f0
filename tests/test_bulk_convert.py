"""Files of any size to Parquet, row by row or added up: what ``flows convert`` does."""

from pathlib import Path

from flows.bulk.convert import Conversion, describe_conversion


def test_describe_conversion() -> None:
    done = Conversion("baci", "duckdb", ("202401b",), 3, 3, {}, 3170.0, "USD")
    assert list(describe_conversion(done, Path("o.parquet"))) == [
        "o.parquet: layout baci, release 202401b, by duckdb",
        "  3 rows in, 3 rows out",
        "  sum 3170 USD",
    ]
