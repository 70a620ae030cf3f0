"""Files and folders are whole or not there, and what the system refuses is said of which."""

import errno
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.cli import main
from flows.errors import DiskError, FlowsError, SourceError
from flows.files import folder_beside, replace_file, whole_file, whole_folder, write_new_file
from flows.loaders.examples import example_path


def fail(code: int) -> Callable[..., None]:
    def call(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    return call


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("ENOSPC", "expected room on the disk, found none; free some"),
        ("EDQUOT", "expected room within your quota, found none"),
        ("EROFS", "expected a disk that can be written to"),
        ("EACCES", "expected the right to read or write here, found none"),
        ("EIO", "expected the disk to work, found it at fault"),
        ("EMFILE", "expected to open one more file, found the limit reached; raise it"),
        ("EFBIG", "expected a disk that takes files of this size"),
    ],
)
def test_a_fault_of_the_disk_names_the_file_and_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, words: str
) -> None:
    place = tmp_path / "a.txt"
    place.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", fail(getattr(errno, code)))
    with pytest.raises(DiskError) as error:
        replace_file(place, b"new")
    assert str(error.value).startswith(f"{place}: {words}")
    with pytest.raises(DiskError, match=words), whole_folder(tmp_path / "folder") as beside:
        (beside / "a").write_bytes(b"1")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert place.read_bytes() == b"old"


def test_faults_of_names_are_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DiskError, match="missing: expected a folder, found none; make it"):
        write_new_file(tmp_path / "missing/a.txt", "")
    with pytest.raises(DiskError, match="expected a folder, found a file in its path"):
        replace_file(tmp_path / "file/below/a.txt", b"")
    with pytest.raises(DiskError, match="expected a name that the system takes"):
        replace_file(tmp_path / ("x" * 300), b"")
    with pytest.raises(DiskError, match=r"expected no file at .*file', found one"):
        write_new_file(tmp_path / "file", "")
    (tmp_path / "folder").mkdir()
    with pytest.raises(DiskError, match="expected a file, found a folder"):
        replace_file(tmp_path / "folder", b"")


def test_a_long_name_that_the_system_takes_is_written(tmp_path: Path) -> None:
    place = tmp_path / f"{'ö' * 120}.parquet"
    replace_file(place, b"1")
    assert [path.name for path in tmp_path.iterdir()] == [place.name]


def test_an_error_of_the_one_who_writes_stays_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="mine"), whole_file(tmp_path / "a"):
        raise SourceError("mine")
    with pytest.raises(FileNotFoundError, match="read"), whole_file(tmp_path / "a"):
        (tmp_path / "read").read_bytes()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_program_left_is_gone_with_the_next_one(tmp_path: Path) -> None:
    for make in (whole_file, whole_folder):
        child = os.fork()
        if child == 0:
            with make(tmp_path / "out") as beside:
                if make is whole_folder:
                    (beside / "a").touch()
                os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(child, 0)
    assert len(list(tmp_path.iterdir())) == 1, "the second took the first one's away"
    with whole_folder(tmp_path / "another"):
        pass
    assert len(list(tmp_path.iterdir())) == 2, "what belongs to other names is left alone"
    with whole_folder(tmp_path / "out") as beside:
        (beside / "a").write_bytes(b"1")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["another", "out"]


def test_two_who_write_the_same_do_not_disturb_each_other(tmp_path: Path) -> None:
    place = tmp_path / "a.txt"
    with whole_file(place) as slow:
        slow.write_bytes(b"slow")
        replace_file(place, b"quick")
        assert place.read_bytes() == b"quick"
        assert slow.read_bytes() == b"slow"
    assert place.read_bytes() == b"slow"
    with whole_folder(tmp_path / "out") as slow:
        with folder_beside(tmp_path / "out") as quick:
            assert quick != slow
        (slow / "a").write_bytes(b"1")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "out"]


def test_a_folder_with_something_in_it_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine").touch()
    words = "expected an empty folder, found something in it"
    with pytest.raises(FlowsError, match=words), whole_folder(tmp_path / "out") as beside:
        (beside / "a").touch()
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "mine"]


ARMSTAT, COW = str(example_path("armstat")), str(example_path("cow_trade"))


@pytest.mark.parametrize(
    "command",
    [
        ["convert", ARMSTAT, "-o", "out.parquet"],
        ["screen", COW, "-o", "out"],
        ["describe", ARMSTAT, "-o", "table.toml"],
        ["add", ARMSTAT, "--id", "armenia@2025"],
        ["new", "project", "--trade", "IRN", "ARM", "--files", ARMSTAT],
    ],
    ids=lambda command: command[0],
)
def test_a_full_disk_is_said_and_no_command_leaves_a_part(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
) -> None:
    (tmp_path / "data/raw").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "fsync", fail(errno.ENOSPC))
    assert main(command) == 1
    error = capsys.readouterr().err
    assert "expected room on the disk, found none; free some and run the same again" in error
    assert "Errno" not in error
    assert ".flows-part" not in error
    assert [path.name for path in tmp_path.rglob("*")] == ["data", "raw"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_command_that_is_stopped_leaves_nothing_and_says_so(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    number: int,
    code: int,
) -> None:
    out = tmp_path / "out.parquet"
    out.write_bytes(b"old")
    before = signal.getsignal(number)
    monkeypatch.setattr(os, "fsync", lambda _: os.kill(os.getpid(), number))
    assert main(["convert", ARMSTAT, "-o", str(out)]) == code
    assert "interrupted; what was there before is as it was" in capsys.readouterr().err
    assert out.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["out.parquet"]
    assert signal.getsignal(number) == before
