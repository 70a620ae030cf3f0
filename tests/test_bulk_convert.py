"""Files of any size to Parquet, row by row or added up: what ``flows convert`` does."""

from pathlib import Path

from flows.bulk.convert import Conversion, convert, describe_conversion
from flows.loaders import load


def test_describe_conversion() -> None:
    done = Conversion("baci", "duckdb", ("202401b",), 3, 3, {}, 3170.0, "USD")
    assert list(describe_conversion(done, Path("o.parquet"))) == [
        "o.parquet: layout baci, release 202401b, by duckdb",
        "  3 rows in, 3 rows out",
        "  sum 3170 USD",
    ]


def test_a_year_of_baci_before_2020_is_converted(tmp_path: Path) -> None:
    path, out = tmp_path / "baci92_1996.csv", tmp_path / "out.parquet"
    path.write_text("t,hs6,i,j,v,q\n1996,910119,36,711,2.154,0.08\n", encoding="utf-8")
    convert([path], out)
    stated = ["exporter", "importer", "product", "classification", "value"]
    assert load(out)[stated].equals(load(path)[stated])
