"""Limits of files: what they refuse, that the error says how to raise them, and that it does."""

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import flows as fl
from flows.cli import main
from flows.errors import LayoutError, UnknownNameError
from flows.file_limits import VARIABLE
from flows.loaders.baci import read_baci
from flows.loaders.examples import example_path


def example() -> bytes:
    return example_path("baci").read_bytes()


def packed(path: Path) -> Path:
    header, row, *_ = example().split(b"\n")
    noted = b"".join(b"%s,%s\n" % (row, b"a" * 100_000) for _ in range(105))
    path.write_bytes(gzip.compress(header + b",note\n" + noted))
    return path


def crowded(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("baci.csv", example())
        for number in range(30):
            archive.writestr(f"{number}.pdf", b"")
    return path


def long_note(path: Path) -> Path:
    header, row, *_ = example().split(b"\n")
    path.write_bytes(header + b",note\n" + row + b"," + b"a" * 2000 + b"\n")
    return path


def plain(path: Path) -> Path:
    path.write_bytes(example())
    return path


FILES: dict[str, tuple[Callable[[Path], Path], dict[str, int]]] = {
    "ratio": (packed, {}),
    "unpacked": (packed, {"unpacked": 1_000_000, "ratio": 10_000}),
    "members": (crowded, {"members": 20}),
    "characters": (long_note, {"characters": 1000}),
    "columns": (plain, {"columns": 5}),
}
"""Name of a limit to a file beyond it, and to what it takes for that."""


@pytest.mark.parametrize("name", FILES)
def test_an_error_names_the_limit_and_raising_it_helps(tmp_path: Path, name: str) -> None:
    write, changes = FILES[name]
    path = write(tmp_path / "mine")
    raised = {"ratio": 10_000, name: 100_000_000}
    with fl.limits(**changes):
        most = getattr(fl.limits(), name)
        with pytest.raises(LayoutError) as error:
            fl.load(path)
        with fl.limits(**raised):
            assert len(read_baci(path).rows) >= 1
    told = str(error.value)
    assert told.startswith(str(path))
    for part in (f"expected at most {most:,} ", "found", f"limits({name}=", f"{VARIABLE}={name}="):
        assert part in told


def test_a_limit_holds_inside_its_block_alone() -> None:
    before = fl.limits()
    with fl.limits(columns=7), fl.limits(cells="2KB"):
        assert (fl.limits().columns, fl.limits().cells) == (7, 2000)
    assert fl.limits() == before


def test_a_command_follows_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    call = ["convert", str(packed(tmp_path / "mine.gz")), "-o", str(tmp_path / "out.parquet")]

    def run(setting: str) -> tuple[int, str]:
        monkeypatch.setenv(VARIABLE, setting)
        return main(call), capsys.readouterr().err

    status, told = run("unpacked=8GB")
    assert (status, "at most 100 times the packed size" in told) == (1, True)
    status, told = run("ratio=1000, unpacked=1MB")
    assert (status, "at most 1,000,000 bytes in a packed file" in told) == (1, True)
    status, told = run("rato=1000")
    assert (status, "FLOWS_LIMITS: no limit 'rato'; the nearest: ratio" in told) == (2, True)
    status, told = run("ratio=much")
    assert (status, "FLOWS_LIMITS: expected a limit ratio above 0" in told) == (2, True)


@pytest.mark.parametrize("value", ["0", "-1", "8 GB", "many", "1.5GB", ""])
def test_what_is_no_number_is_no_limit(value: str) -> None:
    with pytest.raises(ValueError, match=r"expected a limit unpacked above 0, as 1000 or 8GB"):
        fl.limits(unpacked=value)


def test_what_is_no_limit_has_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="the nearest: columns"):
        fl.limits(column=3)
