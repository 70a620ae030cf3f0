"""``flows screen``: what it writes, says, and exits with, in memory and whole series at a time."""

import errno
import json
import math
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from engine_files import read_flows
from screens import all_pairs

from flows.cli import main
from flows.loaders import load
from flows.measure.timeseries import series
from flows.models.trend import fit_trend
from flows.screening.screen import screen
from flows.table import COLUMNS


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("screen") / "trade.parquet"
    all_pairs(4, gaps=0.0).to_parquet(path, index=False)
    return path


def test_it_says_what_was_found_and_where_a_pair_stands(
    table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["screen", str(table), "--fit", "log,poisson", "--pair", "IRN", "ARM"]
    assert main(arguments) == 0
    said = capsys.readouterr().out
    assert said.startswith("56 series\n")
    assert "of Iran to Armenia, as CEPII states it" in said
    assert main([*arguments, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["series"], told["unit"], told["tables"]) == (56, "USD", [])
    assert {row["among"] for row in told["standing"]} == {
        "all pairs",
        "suppliers of Armenia",
        "customers of Iran",
    }


def test_tables_in_memory(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main(["screen", str(table), "--fit", "log", "-o", str(out)]) == 0
    assert f"tables: {out}/series.parquet" in capsys.readouterr().out
    over_time = pd.read_parquet(out / "over_time.parquet")
    assert over_time["period"].min() == 2001
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_large_files_give_the_same_tables(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["screen", str(table), "--engine", "duckdb", "-o", str(out)]) == 0
    expected = screen(read_flows(table))
    found = pd.read_parquet(out / "series.parquet").drop(columns="unit")
    # Nobody says that all partners are in the file: large ones have no shares then.
    unknown = [name for name in found.columns if name.endswith(("_share", "_rank"))]
    assert found[unknown].isna().all(axis=None)
    found = found.drop(columns=unknown)
    alike = expected.series[found.columns.intersection(expected.series.columns)]
    years = {name: alike[name].dt.year for name in ("first", "last")}
    pd.testing.assert_frame_equal(
        found[alike.columns], alike.assign(**years), check_dtype=False, rtol=1e-9
    )
    breaks = pd.read_parquet(out / "breaks.parquet")
    assert breaks["break_date"].tolist() == expected.breaks["break_date"].dt.year.tolist()
    cells = pd.read_parquet(out / "over_time.parquet")
    assert cells["value"].sum() == pytest.approx(expected.over_time["value"].sum(), rel=1e-12)
    assert {path.name for path in out.iterdir()} >= {"series.parquet", "breaks.parquet"}
    assert not list(out.glob("blocks*"))


def test_other_fits_and_choices_of_large_files(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    asked = ["screen", str(table), "--engine", "duckdb", "--fit", "breaks,local"]
    assert main([*asked, "--choose", "bic", "--regime", "mean", "-o", str(out)]) == 0
    found = pd.read_parquet(out / "series.parquet")
    expected = screen(read_flows(table), fits=["breaks", "local"], choose="bic", regime="mean")
    for name in ("breaks", "break_reason", "local_reason"):
        assert found[name].tolist() == expected.series[name].tolist()
    assert found["breaks"].sum() > 0
    pd.testing.assert_series_equal(found["local_level"], expected.series["local_level"])
    assert main([*asked, "--choose", "2", "-o", str(tmp_path / "two")]) == 0
    counts = pd.read_parquet(tmp_path / "two" / "series.parquet")["breaks"]
    assert set(counts) <= {0, 2}


def test_shares_of_large_files_where_all_partners_are_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "BACI_HS92_Y2020_V202501.csv"
    rows = ["t,i,j,k,v,q", "2020,364,51,080211,10.0,1", "2020,643,51,080211,30.0,1"]
    path.write_text("\n".join([*rows, "2020,364,268,080211,5.0,1", ""]), encoding="utf-8")
    out = tmp_path / "out"
    asked = ["screen", str(path), "--engine", "duckdb", "--fit", "log", "-o", str(out)]
    assert main([*asked, "--pair", "IRN", "ARM"]) == 0
    assert "share of the imports of Armenia" in capsys.readouterr().out
    cells = pd.read_parquet(out / "over_time.parquet").set_index(["exporter", "importer"])
    assert cells["import_share"].to_dict() == {
        ("IRN", "ARM"): 0.25,
        ("IRN", "GEO"): 1.0,
        ("RUS", "ARM"): 0.75,
    }
    assert cells["import_rank"].loc[("IRN", "ARM")] == 2
    assert cells["export_share"].loc[("IRN", "ARM")] == pytest.approx(2 / 3)
    totals = pd.read_parquet(out / "totals.parquet")
    armenia = totals[(totals["of"] == "imports") & (totals["country"] == "ARM")].iloc[0]
    assert (armenia["total"], armenia["main"]) == (40_000.0, "RUS")
    assert armenia["hhi"] == pytest.approx(0.25**2 + 0.75**2)


def test_products_apart(tmp_path: Path) -> None:
    path = tmp_path / "BACI_HS92_Y2020_V202501.csv"
    rows = ["t,i,j,k,v,q", "2020,364,51,080211,10.0,1", "2020,364,51,080212,30.0,1", ""]
    path.write_text("\n".join(rows), encoding="utf-8")
    for engine in ([], ["--engine", "duckdb"]):
        out = tmp_path / f"out{len(engine)}"
        asked = ["--by", "exporter,importer,product", "--fit", "log", "-o", str(out)]
        assert main(["screen", str(path), *engine, *asked]) == 0
        found = pd.read_parquet(out / "series.parquet")
        assert found["product"].tolist() == ["080211", "080212"]
        assert found["log_reason"].tolist() == ["fewer than 3 periods have a value"] * 2


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--fit", "logs"], 2, "fit"),
        (["--by", "exporter,partner"], 2, "partner"),
        (["--engine", "duckdb"], 1, "expected -o FOLDER"),
        (["--pair", "IRN", "USA"], 1, "exporter IRN, importer USA"),
        (["--reporter", "IRN"], 1, "reporter 'IRN'"),
    ],
)
def test_what_is_wrong_is_said(
    table: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    message: str,
) -> None:
    assert main(["screen", str(table), *arguments]) == code
    assert message in capsys.readouterr().err


def test_a_level_or_a_rule_that_is_not_there_is_wrong_usage(
    table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["screen", str(table), "--choose", "aic"])
    assert "expected sequential, bic, lwz or a number, found 'aic'" in capsys.readouterr().err
    for level in ("1.5", "much"):
        with pytest.raises(SystemExit, match="2"):
            main(["screen", str(table), "--level", level])
        assert f"from 0.8 to 0.99, found '{level}'" in capsys.readouterr().err


def test_a_folder_that_is_there_is_left_alone(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    assert main(["screen", str(table), "--fit", "log", "-o", str(tmp_path)]) == 1
    assert "expected the name of a new folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_fault_leaves_nothing_behind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "BACI_HS92_Y2020_V202501.csv"
    path.write_text("t,i,j,k,v,q\n2020,364,51,080211,1,1\n2020,364,51,080211,2,1\n", "utf-8")
    asked = ["screen", str(path), "--engine", "duckdb", "-o", str(tmp_path / "out")]
    assert main(asked) == 1
    assert "lines 2, 3" in capsys.readouterr().err
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


def test_a_number_of_the_tables_is_that_of_the_function(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    asked = ["screen", str(table), "--engine", "duckdb", "--fit", "poisson", "-o", str(out)]
    assert main(asked) == 0
    found = pd.read_parquet(out / "series.parquet").set_index(["exporter", "importer"])
    years = series(read_flows(table), exporter="IRN", importer="ARM", freq="year")
    growth = fit_trend(years, form="poisson").growth_pct
    assert math.isclose(found["poisson_growth_pct"].loc[("IRN", "ARM")], growth, rel_tol=1e-9)


def test_a_disk_that_is_full_leaves_nothing_behind(
    table: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_batch", full)
    out = tmp_path / "out"
    assert main(["screen", str(table), "--engine", "duckdb", "--fit", "log", "-o", str(out)]) == 1
    assert f"{out}: expected room on the disk" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_shares_of_a_large_file_are_those_of_the_totals_that_it_holds(tmp_path: Path) -> None:
    """A table of all suppliers of one importer says nothing of all customers of a supplier."""
    path, out = tmp_path / "arms.parquet", tmp_path / "out"
    arms = load("sipri-tiv-table@2026-03")[list(COLUMNS)]
    arms.to_parquet(path, index=False)
    years = ["screen", str(path), "--engine", "duckdb", "--fit", "poisson"]
    assert main([*years, "-o", str(out)]) == 0
    cells = pd.read_parquet(out / "over_time.parquet")
    assert cells["export_share"].isna().all()
    expected = screen(arms, fits=["poisson"]).over_time
    pd.testing.assert_series_equal(cells["import_share"], expected["import_share"])
    assert set(pd.read_parquet(out / "totals.parquet")["of"]) == {"imports"}


def test_a_large_file_that_was_filtered_has_no_shares(tmp_path: Path) -> None:
    path, out = tmp_path / "some.parquet", tmp_path / "out"
    arms = load("sipri-tiv-table@2026-03")[list(COLUMNS)]
    arms[arms["exporter"] != "RUS"].to_parquet(path, index=False)
    asked = ["screen", str(path), "--engine", "duckdb", "--fit", "poisson", "-o", str(out)]
    assert main(asked) == 0
    assert pd.read_parquet(out / "over_time.parquet")["import_share"].isna().all()


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (["--reporter", "ARM"], "--reporter: expected files that fit into memory"),
        (["--product", "TOTAL"], "--product: "),
        (["--partner-basis", "origin", "--pair", "IRN", "ARM"], "--partner-basis: "),
        (["--absent", "zero"], "--absent zero: "),
    ],
)
def test_no_choice_is_passed_over_where_files_are_large(
    table: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    option: list[str],
    message: str,
) -> None:
    out = tmp_path / "out"
    assert main(["screen", str(table), "--engine", "duckdb", "-o", str(out), *option]) == 1
    assert message in capsys.readouterr().err
    assert not out.exists()


def test_series_are_of_pairs_wherever_they_are_screened(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for engine in ([], ["--engine", "duckdb", "-o", str(tmp_path / "out")]):
        assert main(["screen", str(table), *engine, "--by", "exporter,product"]) == 2
        assert "--by: expected importer" in capsys.readouterr().err
    by_reporter = ["--by", "exporter,importer,reporter", "--fit", "log"]
    pair = ["--pair", "IRN", "ARM", "--reporter", "CEPII"]
    asked = ["screen", str(table), "--engine", "duckdb", "-o", str(tmp_path / "out")]
    assert main([*asked, *by_reporter, *pair]) == 0
    assert "as CEPII states it" in capsys.readouterr().out
