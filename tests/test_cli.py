import gzip
import json
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from toy_project import edit, raw_file

from flows import __version__
from flows.cli import main
from flows.pipeline import trace

ARMSTAT = "armstat-by-country@2025-02"


def run(root: Path, *arguments: str) -> int:
    alone = ["--jobs", "1"] if arguments[0] == "build" else []  # the toy study is here only
    return main(["--root", str(root), *arguments, *alone])


def test_a_second_build_says_that_there_is_nothing_to_do(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(built, "build") == 0
    assert capsys.readouterr() == ("nothing to do: 9 steps up to date\n", "")


def test_a_build_says_what_it_did(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(project / "reports/appendix.toml", 'tables = ["trade-total"]\n', "")
    edit(project / "reports/appendix.md", '{{ table("trade-total") }}', "")
    assert run(project, "build") == 0
    out = capsys.readouterr().out
    assert out == "5 of 8 steps made, 5 files written, 4 removed\n"


def test_only_takes_several_names_and_out_a_folder(
    built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    only = ("--only", "trade-by-year", "numbers")
    assert run(built, "build", *only, "--out", str(tmp_path), "--force") == 0
    done, manifest = capsys.readouterr().out.splitlines()
    assert done == "5 of 5 steps made, 8 files written"
    assert manifest == "the manifest is still that of the last whole build"
    assert (tmp_path / "reports/numbers.json").is_file()


def test_an_error_of_the_data_is_one_line_and_exit_code_1(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(raw_file(project), "1000.5", "1000.6")
    assert run(project, "build") == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert "armstat.csv: expected sha256" in err
    assert "Traceback" not in err


def test_check_tells_rows_totals_hashes_terms_and_names(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(built, "check") == 0
    covered = "partners: not stated; no printed totals"
    printed = capsys.readouterr().out.splitlines()
    assert printed[:4] == [
        f"{ARMSTAT}: 9 rows; {covered}",
        "  files     armstat.csv: sha256 as source.toml states",
        "  terms     may be passed on: Open; https://example.org, retrieved 2025-02-25",
        "  names     3 countries",
    ]
    assert f"cow-trade@4.0: 6 rows; {covered}" in printed
    assert printed[-2] == "2 data sets; all as they should be"
    assert "Pandoc inside pypandoc-binary is GPL-2.0-or-later" in printed[-1]


def test_check_of_a_changed_file_exits_with_1_and_names_all(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(raw_file(project), "1000.5", "1000.6")
    assert run(project, "check", "--json") == 1
    first, second = json.loads(capsys.readouterr().out)
    assert "expected sha256" in first["fault"]
    assert (first["good"], first["sha256"]) == (False, None)
    assert (second["id"], second["rows"], second["fault"]) == ("cow-trade@4.0", 6, None)
    assert second["totals"] == {"printed": 0, "compared": 0, "outside": []}
    assert second["terms"]["redistribute"] is True
    assert run(project, "check") == 1
    assert f"2 data sets; 1 not as they should be: {ARMSTAT}" in capsys.readouterr().out


def test_list_names_publisher_and_licence(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(built, "list") == 0
    line = f"{ARMSTAT}  A statistics office; Open\n"
    assert capsys.readouterr().out.startswith(line)
    assert run(built, "list", "--json") == 0
    entries = json.loads(capsys.readouterr().out)
    assert [entry["id"] for entry in entries] == [ARMSTAT, "cow-trade@4.0"]


def test_trace_prints_the_raw_lines(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(built, "trace", "trade.total") == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "trade.total = 1.001 USD million"
    assert out[out.index("  made by") + 1] == "    value = trade['value'].sum() / 1e6"
    place = "data/raw/armstat-by-country/2025-02/armstat.csv"
    assert out[-2] == f'    {place}:3: "Iran",2023,12,0,500,510,"2023-12-01"'


def test_lines_of_a_packed_file_are_those_inside(capsys: pytest.CaptureFixture[str]) -> None:
    project = Path(__file__).parents[1]
    (packed,) = (project / "data/raw/baci-totals/2020").glob("*.gz")
    inside = gzip.decompress(packed.read_bytes()).decode().splitlines()
    assert main(["--root", str(project), "trace", "trade.flow.gravity.2019.predicted"]) == 0
    place = packed.relative_to(project).as_posix()
    (line,) = (text for text in capsys.readouterr().out.splitlines() if place in text)
    number, _, text = line.rpartition(f"{place}:")[2].partition(": ")
    assert text == inside[int(number) - 1]
    assert text.startswith("IRN,ARM,2019,")


def test_many_lines_are_counted(built: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(trace, "_SHOWN", 1)
    assert run(built, "trace", "trade.total") == 0
    assert capsys.readouterr().out.endswith("    and 1 more lines; --json has all of them\n")


def test_trace_as_json_holds_number_and_lines(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(built, "trace", "trade.total", "--json") == 0
    content = json.loads(capsys.readouterr().out)
    assert content["number"]["id"] == "trade.total"
    assert [line["line"] for line in content["lines"]] == [3, 4]


def test_trace_of_an_unknown_number_exits_with_2_and_names_the_nearest(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(built, "trace", "trade.totl") == 2
    message = "error: no number 'trade.totl'; the nearest: trade.total\n"
    assert capsys.readouterr().err == message


def test_verify_counts_the_files(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(built, "verify") == 0
    first, *_, last = capsys.readouterr().out.splitlines()
    assert first.startswith("same bytes: 16 of 16 files in the folder (")
    assert last.startswith("rebuilt on Python ")
    assert run(built, "verify", "--json") == 0
    content = json.loads(capsys.readouterr().out)
    assert content["verdict"] == "same bytes"
    assert len(content["same"]) == 16
    assert content["environment"]["python"] == platform.python_version()


def test_verify_of_a_changed_digit_exits_with_1(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(project / "reports/figures/trade-by-year.csv", "500000", "500001")
    assert run(project, "verify") == 1
    out, err = capsys.readouterr()
    assert out.startswith("different: 15 of 16 files")
    assert "trade-by-year.csv: 1 of 6 values differs" in out
    assert "(line 2, value: 500001.0 -> 500000.0)" in out
    assert err == ""


def test_verify_says_in_its_help_what_it_compares(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["verify", "--help"])
    out = " ".join(capsys.readouterr().out.split())
    assert "files of the last commit (without git, those in the folder)" in out
    assert "Exit code 1 if one is different" in out


def test_an_interruption_exits_with_130(
    built: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("flows.cli.read_catalogue", interrupt)
    assert run(built, "list") == 130
    assert capsys.readouterr().err.startswith("error: interrupted")


def test_a_folder_without_data_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, "list") == 1
    assert "expected a folder data/raw" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["bild"], ["trace"], ["build", "--fast"]])
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2


def test_the_version_is_the_package_s(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"flows {__version__}\n"


def test_a_closed_pipe_is_no_error(built: Path) -> None:
    code = "import sys; from flows.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "--root", str(built), "list"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.close()
        assert process.stderr
        assert process.stderr.read() == b""
        assert process.wait() == 0
