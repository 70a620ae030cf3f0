"""Files that only the loader reads: `flows convert` gives what `load` gives, or says why not."""

import csv
import io
import re
from pathlib import Path

import pytest
from engine_files import read_flows

from flows.bulk import convert as conversion
from flows.bulk.convert import convert
from flows.cli import DONE, FAULT, USAGE, main
from flows.errors import LayoutError, UnknownNameError
from flows.loaders import load
from flows.loaders.examples import example_path

LAYOUTS = ("baci", "comtrade_v1", "comtrade_legacy", "comtrade_legacy_bulk")


def saved_again(folder: Path, layout: str, *, comma: bool) -> Path:
    """Write an example as a spreadsheet of a country with semicolons does."""
    text = example_path(layout).read_text(encoding="latin-1")
    path = folder / f"{layout}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=";")
        for cells in csv.reader(io.StringIO(text)):
            turned = [re.sub(r"^(\s*[0-9]+)\.([0-9]+)$", r"\1,\2", cell) for cell in cells]
            writer.writerow(turned if comma else cells)
    return path


@pytest.mark.parametrize("comma", [False, True], ids=["points", "commas"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_file_that_was_saved_again_is_converted_as_it_is_loaded(
    tmp_path: Path, layout: str, *, comma: bool
) -> None:
    path, out = saved_again(tmp_path, layout, comma=comma), tmp_path / "out.parquet"
    done = convert([path], out)
    loaded = load(path)
    assert (done.engine, done.layout) == ("loader", layout)
    assert "a program saved the file again" in done.warnings[0]
    assert read_flows(out).equals(loaded)


def test_countries_that_the_user_names_are_used_in_a_conversion(tmp_path: Path) -> None:
    path, out = tmp_path / "baci.csv", tmp_path / "out.parquet"
    path.write_text(
        "t,i,j,k,v,q\n2022,998,51,210610,1.5,\n2022,364,51,210610,2,\n", encoding="utf-8"
    )
    names = tmp_path / "names.toml"
    names.write_text('[names]\n998 = "AFG"\n', encoding="utf-8")
    convert([path], out)
    assert read_flows(out)["exporter"].tolist() == ["AFG", "IRN"]
    names.write_text('[names]\n"Nowhere" = "AFG"\n', encoding="utf-8")
    path.write_text("t,i,j,k,v,q\n2022,364,51,210610,2,\n", encoding="utf-8")
    assert convert([path], out).engine == "pandas"


@pytest.mark.parametrize("asked", [{"engine": "duckdb"}, {"by": ["exporter"]}])
def test_what_only_engines_do_is_refused_of_such_a_file(
    tmp_path: Path, asked: dict[str, object]
) -> None:
    path, out = saved_again(tmp_path, "baci", comma=False), tmp_path / "out.parquet"
    expected = (
        r"baci\.csv:1: expected a header .*; a program saved the file again.*"
        r"expected one file, no sums and no --engin"
    )
    with pytest.raises(LayoutError, match=expected):
        convert([path], out, **asked)  # type: ignore[arg-type]
    assert not out.exists()


def test_a_file_too_large_for_the_loader_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved_again(tmp_path, "baci", comma=False)
    monkeypatch.setattr(conversion, "LARGEST_LOADED", 10)
    with pytest.raises(LayoutError, match="expected at most 10 bytes for the loader, found 1"):
        convert([path], tmp_path / "out.parquet")


@pytest.mark.parametrize("name", ["a.csv", "a.CSV", "a.xlsx", "a.dta"])
def test_a_name_of_another_format_is_refused(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / name
    with pytest.raises(UnknownNameError, match=r"expected the name of a Parquet file \(\.parquet"):
        convert([example_path("baci")], out)
    assert main(["convert", str(example_path("armstat")), "-o", str(out)]) == USAGE
    assert "makes CSV" in capsys.readouterr().err
    assert not out.exists()


def test_a_name_without_an_end_is_taken(tmp_path: Path) -> None:
    assert main(["convert", str(example_path("baci")), "-o", str(tmp_path / "out")]) == DONE


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("describe none.csv", "expected a file, found none at 'none.csv'"),
        ("convert none.csv -o out.parquet", "expected a file, found none at 'none.csv'"),
        ("describe {customs} -o none/mine.toml", "none: expected a folder, found none; make it"),
        ("describe {customs} -o mine.toml", "expected no file at 'mine.toml', found one; remove"),
        ("--root . add none.csv --id a@1", "expected a file, found none at 'none.csv'"),
        ("--root . add {customs} --id a@1 --description none.toml", "found no file of that name"),
    ],
)
def test_what_is_not_there_is_said_in_words(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data" / "raw").mkdir(parents=True)
    (tmp_path / "mine.toml").touch()
    words = command.format(customs=example_path("customs")).split()
    assert main(words) == FAULT
    printed = capsys.readouterr().err
    assert message in printed
    assert "Errno" not in printed
