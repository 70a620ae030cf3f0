"""``flows convert``: what it writes, says, and exits with."""

import json
from pathlib import Path

import pandas as pd
import pytest
from engine_files import read_flows

from flows.cli import main
from flows.loaders import load
from flows.loaders.examples import example_path

V1 = str(example_path("comtrade_v1"))
BACI = str(example_path("baci"))


def test_it_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.parquet"
    assert main(["convert", V1, "-o", str(out), "--engine", "duckdb"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{out}: layout comtrade_v1, by duckdb",
        "  7 rows in, 3 rows out",
        "  left out: 1 rows of re-exports and re-imports",
        "  left out: 1 rows of the world and groups of countries",
        "  left out: 1 rows of one partner2",
        "  left out: 1 rows of one transport",
        "  sum 408701250.5 USD",
    ]
    loaded = load(V1)
    assert read_flows(out).equals(loaded.assign(dataset=loaded["dataset"].str.partition("@")[0]))


def test_sums_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.parquet"
    by = "exporter,importer,year"
    assert main(["convert", BACI, "-o", str(out), "--by", by, "--memory", "100MB", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["layout"], told["engine"], told["total"]) == ("baci", "pandas", 3170)
    assert told["warnings"] == ["the file's name does not say its revision of HS"]
    assert pd.read_parquet(out)["value"].sum() == 3170


def test_a_layout_without_bulk_engine_is_loaded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.parquet"
    armstat = str(example_path("armstat"))
    assert main(["convert", armstat, "-o", str(out), "--as", "armstat"]) == 0
    assert "layout armstat, by loader\n  3 rows in, 9 rows out" in capsys.readouterr().out
    assert read_flows(out).equals(load(armstat))
    countries = str(example_path("baci_countries"))
    assert main(["convert", countries, "-o", str(out)]) == 0
    assert "sum" not in capsys.readouterr().out
    assert main(["convert", armstat, "-o", str(out), "--by", "year"]) == 1
    assert "for sums, found armstat; convert one file at a time" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([BACI, "--as", "bacci"], 2, "no layout 'bacci'; the nearest: baci"),
        ([BACI, "--by", "exporters"], 2, "no column to sum by 'exporters'; the nearest: export"),
        ([BACI, "--by", "year,year"], 2, "each column to sum by once, found year, year"),
        ([BACI, "--memory", "much"], 2, "expected a size of memory as 500MB, found 'much'"),
        ([BACI, "--as", "comtrade_v1"], 1, "baci.csv:1: expected a header"),
        (["none.csv"], 1, "expected a file, found none at 'none.csv'"),
        ([BACI, V1], 1, "expected files of one layout"),
    ],
)
def test_exit_codes(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    message: str,
) -> None:
    assert main(["convert", *arguments, "-o", str(tmp_path / "out.parquet")]) == code
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["convert", BACI, "-o", str(tmp_path / "o"), "--engine", "dask"])
