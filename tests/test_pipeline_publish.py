import errno
import hashlib
import json
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from flows.errors import DiskError, FlowsError, ReportError
from flows.files import replace_file
from flows.pipeline.build import find_stale
from flows.pipeline.publish import finish_publishing, hold_workshop, publish
from flows.report.appendices import FIRST, JOURNAL, find_appendices
from flows.report.manifest import Manifest, Output
from flows.stops import Stopped

EMPTY = Manifest(inputs={}, parameters={}, code={})
ONE = hashlib.sha256(b"1").hexdigest()

OLD = {
    "data/processed/gone.parquet": b"1",
    "reports/figures/gone.pdf": b"1",
    "reports/figures/same.pdf": b"same",
    "reports/numbers.json": b"old numbers",
    "reports/manifest.json": b"old manifest",
}
STALE = {"data/processed/gone.parquet", "reports/figures/gone.pdf"}
NEW = {
    "data/processed/came.parquet": b"data",
    "reports/figures/same.pdf": b"same",
    "reports/numbers.json": b"new numbers",
    "reports/tables/came.csv": b"table",
    "reports/manifest.json": b"new manifest",
}


class PowerOff(BaseException):
    """The machine is off: nothing is done any more, whatever the program would clean up."""


class Disk:
    """Stands before the calls that change a disk, counts them and fails in one of them."""

    def __init__(self, patch: pytest.MonkeyPatch, fails: Callable[[int], None]) -> None:
        self.done: list[tuple[str, str]] = []
        self._fails = fails
        for module, name in (
            (os, "replace"),
            (os, "rename"),
            (os, "unlink"),
            (os, "mkdir"),
            (os, "rmdir"),
            (os, "fsync"),
            (Path, "write_bytes"),
            (Path, "touch"),
            (shutil, "copyfile"),
            (tempfile, "mkstemp"),
        ):
            real = (lambda _: None) if name == "fsync" else getattr(module, name)
            patch.setattr(module, name, self._before(name, real))

    def _before(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            about = args[1] if name in {"replace", "rename"} else args[0] if args else ""
            self.done.append((name, str(about)))
            try:
                self._fails(len(self.done))
            except BaseException:
                if name in {"write_bytes", "copyfile"}:  # half of it is written
                    with Path(args[-1] if name == "copyfile" else args[0]).open("wb") as half:
                        half.write(b"ha")
                raise
            return real(*args, **kwargs)

        return call


def never(_: int) -> None:
    """Every call is done."""


def fails_once(number: int, code: int) -> Callable[[int], None]:
    def fail(done: int) -> None:
        if done == number:
            raise OSError(code, os.strerror(code))

    return fail


def off_from(number: int) -> Callable[[int], None]:
    def fail(done: int) -> None:
        if done >= number:
            raise PowerOff

    return fail


@contextmanager
def disk(fails: Callable[[int], None]) -> Iterator[Disk]:
    with pytest.MonkeyPatch.context() as patch:
        yield Disk(patch, fails)


def make_old(target: Path) -> Path:
    """Write what the last build left, and what the next one has made."""
    staged = {f".flows/stage/{name}": content for name, content in NEW.items()}
    for name, content in {**OLD, **staged}.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(content)
    return target


def publish_new(target: Path) -> list[str]:
    """Publish as a build does: staged files, the manifest as bytes, its workshop held."""
    files: dict[str, Path | bytes] = {name: target / ".flows/stage" / name for name in NEW}
    former = {name: hashlib.sha256(content).hexdigest() for name, content in OLD.items()}
    with hold_workshop(target / ".flows"):
        return publish(
            target,
            files | {"reports/manifest.json": NEW["reports/manifest.json"]},
            former=former,
            stale=STALE,
        )


def lying(target: Path, *, hidden: bool = True) -> dict[str, bytes]:
    """Return what lies outside of the workshop."""
    return {
        path.relative_to(target).as_posix(): path.read_bytes()
        for folder in ("data", "reports")
        for path in (target / folder).rglob("*")
        if path.is_file() and (hidden or not path.name.startswith("."))
    }


def workshop_of(target: Path) -> list[str]:
    return sorted(path.name for path in (target / ".flows").iterdir())


def error_of(call: Callable[[Path], object], target: Path) -> str:
    """Return what a call says that fails as it should."""
    try:
        call(target)
    except FlowsError as error:
        return str(error)
    return ""


def count_calls(tmp_path: Path) -> int:
    target = make_old(tmp_path / "counted")
    with disk(never) as whole:
        publish_new(target)
    assert lying(target) == NEW
    return len(whole.done)


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    target = make_old(tmp_path)
    before = (target / "reports/figures/same.pdf").stat().st_ino
    written = publish_new(target)
    assert written == [name for name in NEW if name != "reports/figures/same.pdf"]
    assert (target / "reports/figures/same.pdf").stat().st_ino == before
    assert lying(target) == NEW
    assert workshop_of(target) == ["build.lock", "stage"]
    assert publish(target, {}, former={}, stale=set()) == []


@pytest.mark.parametrize("code", ["ENOSPC", "EIO", "EACCES"])
def test_whichever_call_fails_the_report_is_old_or_becomes_new(tmp_path: Path, code: str) -> None:
    calls = count_calls(tmp_path)
    for number in range(1, calls + 1):
        target = make_old(tmp_path / str(number))
        with disk(fails_once(number, getattr(errno, code))):
            error = error_of(publish_new, target)
        begun = (target / JOURNAL).is_file()
        assert begun == ("the report is published in part" in error), error
        assert begun or lying(target) == (OLD if error else NEW), number
        assert not error or str(target) in error
        assert "Errno" not in error
        finish_publishing(target)
        assert lying(target) in (OLD, NEW), number
        publish_new(target)
        assert lying(target) == NEW
        assert workshop_of(target) == ["build.lock", "stage"]


def test_wherever_the_power_goes_the_report_is_old_or_new(tmp_path: Path) -> None:
    calls = count_calls(tmp_path)
    outcomes = []
    for number in range(1, calls + 1):
        target = make_old(tmp_path / str(number))
        with disk(off_from(number)), pytest.raises(PowerOff):
            publish_new(target)
        if (target / JOURNAL).is_file():
            with pytest.raises(ReportError, match="run flows build, which publishes the rest"):
                find_appendices(target)
        else:
            assert lying(target, hidden=False) in (OLD, NEW)
        finish_publishing(target)
        outcomes.append(lying(target, hidden=False))
        assert outcomes[-1] in (OLD, NEW), number
        publish_new(target)
        assert lying(target) == NEW
    assert outcomes == sorted(outcomes, key=lambda outcome: outcome == NEW), "from old to new"
    assert outcomes[0] == OLD
    assert outcomes[-1] == NEW


def test_power_may_go_again_while_the_journal_is_followed(tmp_path: Path) -> None:
    calls = count_calls(tmp_path)
    for number in range(calls // 2, calls + 1):
        target = make_old(tmp_path / str(number))
        with disk(off_from(number)), pytest.raises(PowerOff):
            publish_new(target)
        for again in range(1, calls):
            if not (target / JOURNAL).is_file():
                break
            with disk(off_from(again)):
                try:
                    finish_publishing(target)
                except PowerOff:
                    continue
        assert lying(target, hidden=False) in (OLD, NEW), number


def test_what_takes_its_place_is_on_the_disk_before(tmp_path: Path) -> None:
    target = make_old(tmp_path)
    with disk(never) as whole:
        synced: list[int] = []
        real = os.fsync

        def note(handle: int) -> None:
            synced.append(os.fstat(handle).st_ino)
            real(handle)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "fsync", note)
            publish_new(target)
    names = [name for name, _ in whole.done]
    journal = next(at for at, call in enumerate(whole.done) if call[1].endswith(JOURNAL))
    moves = [at for at, (name, about) in enumerate(whole.done) if name == "replace"][-4:]
    assert journal < moves[0], "the journal comes before the first file"
    assert {(target / name).stat().st_ino for name in NEW if "same" not in name} <= {*synced}
    last = max(at for at, name in enumerate(names) if name == "fsync")
    assert moves[-1] < last, "names are on the disk as well"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_waits_until_all_is_published_and_says_so(tmp_path: Path, number: int) -> None:
    target = make_old(tmp_path)

    def stop(done: int) -> None:
        if (target / JOURNAL).is_file() and not stopped:
            stopped.append(done)
            os.kill(os.getpid(), number)

    stopped: list[int] = []
    before = signal.getsignal(number)
    with disk(stop), pytest.raises(Stopped, match="what was made was published before") as error:
        publish_new(target)
    assert lying(target) == NEW
    assert error.value.number == number
    assert signal.getsignal(number) == before


def test_a_signal_before_that_leaves_all_as_it_was(tmp_path: Path) -> None:
    target = make_old(tmp_path)

    def stop(done: int) -> None:
        if done == 3:
            os.kill(os.getpid(), signal.SIGINT)

    with disk(stop), pytest.raises(KeyboardInterrupt):
        publish_new(target)
    assert lying(target) == OLD
    assert not (target / JOURNAL).exists()


def test_a_folder_on_another_disk_is_published_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = make_old(tmp_path)
    real = os.replace

    def across(ready: Path, place: Path) -> None:
        if ".flows/publishing" in str(ready) and "tables" in str(place):
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        real(ready, place)

    monkeypatch.setattr(os, "replace", across)
    publish_new(target)
    assert lying(target) == NEW


def test_a_place_that_is_a_folder_is_named_before_anything_is_published(tmp_path: Path) -> None:
    target = make_old(tmp_path)
    (target / "reports/tables/came.csv").mkdir(parents=True)
    with pytest.raises(DiskError, match=r"came.csv: expected a file, found a folder; remove it"):
        publish_new(target)
    assert lying(target) == OLD


def test_a_link_to_a_file_is_replaced_and_not_followed(tmp_path: Path) -> None:
    target = make_old(tmp_path / "project")
    foreign = tmp_path / "mine.txt"
    foreign.write_bytes(NEW["reports/numbers.json"])
    (target / "reports/numbers.json").unlink()
    (target / "reports/numbers.json").symlink_to(foreign)
    (target / "reports/figures/gone.pdf").unlink()
    (target / "reports/figures/gone.pdf").symlink_to(foreign)
    publish_new(target)
    assert not (target / "reports/numbers.json").is_symlink()
    assert foreign.read_bytes() == NEW["reports/numbers.json"]
    assert (target / "reports/figures/gone.pdf").is_symlink(), "no build makes links"


def test_behind_a_link_only_files_of_a_build_are_replaced(tmp_path: Path) -> None:
    target, elsewhere = make_old(tmp_path / "project"), tmp_path / "elsewhere"
    elsewhere.mkdir()
    (target / "reports/tables").symlink_to(elsewhere)
    (elsewhere / "came.csv").write_bytes(b"my own")
    with pytest.raises(ReportError, match=r"came\.csv there is a file that no build wrote"):
        publish_new(target)
    assert (elsewhere / "came.csv").read_bytes() == b"my own"
    assert (target / "reports/numbers.json").read_bytes() == OLD["reports/numbers.json"]
    (elsewhere / "came.csv").unlink()
    publish_new(target)
    assert (elsewhere / "came.csv").read_bytes() == NEW["reports/tables/came.csv"]


def test_behind_a_link_nothing_is_removed(tmp_path: Path) -> None:
    target, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    replace_file(elsewhere / "a.pdf", b"1")
    (target / "reports").mkdir(parents=True)
    (target / "reports/figures").symlink_to(elsewhere)
    last = {"reports/figures/a.pdf": ONE}
    assert find_stale(target, last, EMPTY, FIRST) == (set(), ["reports/figures/a.pdf"])


@pytest.mark.parametrize(
    "place", ["../mine.txt", "/etc/passwd", "flows/cli.py", "reports/../mine.txt", "mine.txt", 3]
)
def test_a_journal_of_a_stranger_names_files_of_a_report_only(
    tmp_path: Path, place: object
) -> None:
    target = make_old(tmp_path / "project")
    (tmp_path / "mine.txt").write_bytes(b"1")
    (target / "mine.txt").write_bytes(b"1")
    replace_file(target / ".flows/publishing/0", b"2")
    two = hashlib.sha256(b"2").hexdigest()
    move = {"place": place, "ready": ".flows/publishing/0", "sha256": two, "former": ONE}
    for journal in ({"moves": [move], "stale": {}}, {"moves": [], "stale": {str(place): ONE}}):
        (target / JOURNAL).write_text(json.dumps(journal), encoding="utf-8")
        if journal["moves"] or place != 3:
            with pytest.raises(ReportError, match=r"publishing.json: expected what a build was"):
                finish_publishing(target)
    assert (tmp_path / "mine.txt").read_bytes() == b"1"
    assert (target / "mine.txt").read_bytes() == b"1"


@pytest.mark.parametrize("name", ["stage", "stage/reports", "findings", "publishing", "inputs"])
def test_a_workshop_with_links_is_refused(tmp_path: Path, name: str) -> None:
    mine = tmp_path / "mine"
    replace_file(mine / "letter.txt", b"1")
    link = tmp_path / "project/.flows" / name
    link.parent.mkdir(parents=True)
    link.symlink_to(mine)
    with (
        pytest.raises(ReportError, match="expected only what builds leave in their workshop"),
        hold_workshop(tmp_path / "project/.flows"),
    ):
        pass
    assert (mine / "letter.txt").read_bytes() == b"1"


def manifest(*names: str) -> Manifest:
    return Manifest({}, {}, {}, dict.fromkeys(names, Output(ONE, 1)))


def last(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, ONE)


def test_only_exhibits_and_tables_that_a_build_wrote_are_removed(tmp_path: Path) -> None:
    data = ["data/processed/b.parquet"]
    stale = ["reports/appendix.html", "reports/figures/a.pdf", "reports/tables/a.csv"]
    foreign = [
        "reports/other/figures/a.pdf",
        "flows/c.py",
        "reports/mine.txt",
        "reports/mine.pdf",
        "reports/figures/a.txt",
        "reports/figures/old/a.pdf",
        "reports/figures/../../d.pdf",
        "../mine.pdf",
        str(tmp_path / "reports/figures/absolute.pdf"),
    ]
    (tmp_path / "reports" / "figures" / "old").mkdir(parents=True)
    for name in (*data, *stale, *foreign, "reports/figures/kept.pdf"):
        replace_file(tmp_path / name, b"1")
    was = last(*data, *stale, *foreign, "reports/figures/kept.pdf")
    new = manifest("reports/figures/kept.pdf")
    assert find_stale(tmp_path, was, new, FIRST) == ({*stale}, [])
    assert find_stale(tmp_path, was, new) == ({*data}, [])


def test_a_stale_file_that_someone_changed_stays(tmp_path: Path) -> None:
    replace_file(tmp_path / "reports/tables/a.csv", b"by hand")
    was = last("reports/tables/a.csv", "reports/tables/gone.csv")
    assert find_stale(tmp_path, was, EMPTY, FIRST) == (set(), ["reports/tables/a.csv"])


def test_an_input_is_never_stale(tmp_path: Path) -> None:
    replace_file(tmp_path / "reports/figures/map.png", b"1")
    new = Manifest({"reports/figures/map.png": ONE}, {}, {})
    assert find_stale(tmp_path, last("reports/figures/map.png"), new, FIRST) == (set(), [])
    assert find_stale(tmp_path, {}, EMPTY) == (set(), [])
