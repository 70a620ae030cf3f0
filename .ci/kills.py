"""Programs that are killed: at any moment, and the next run finds all as it was, or as it is to be.

Run as ``python .ci/kills.py --kills 200 --seed 1``. Half of the kills come after a random time, the
other half before a random call that changes the disk, which most often is one that publishes. Each
work is done in a process of its own, which the system ends with SIGKILL. After each kill the files
are the old or the new ones, the next run succeeds and gives the bytes of one that nobody killed,
and nothing is left beside them.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from loopback import Answer, serving  # noqa: E402 - it is found by the lines above
from test_fetch_vintage import web  # noqa: E402
from toy_bundle import known_studies, project_to_bundle  # noqa: E402
from toy_project import edit, make_project, published, toys  # noqa: E402

from flows import cli  # noqa: E402
from flows.fetch.transfer import Limits  # noqa: E402
from flows.fetch.vintage import fetch_dataset  # noqa: E402
from flows.loaders.examples import example_path  # noqa: E402
from flows.pipeline import bundles, tasks  # noqa: E402, F401 - imported once for all processes
from flows.pipeline.build import build_report  # noqa: E402
from flows.pipeline.publish import finish_publishing  # noqa: E402
from flows.pipeline.screen import screen_asked  # noqa: E402, F401
from flows.sources import list_sources, verify_source  # noqa: E402

CALLS = ("replace", "rename", "unlink", "mkdir", "rmdir", "fsync")

Files = dict[str, bytes]


@dataclass(frozen=True)
class Work:
    """
    Something that can be killed.

    ``begin``: makes a folder in which ``do`` can be done; ``see``: which of its files a user sees;
    ``mend``: what the next command does before it reads anything.
    """

    name: str
    begin: Callable[[Path], None]
    do: Callable[[Path], None]
    see: Callable[[Path], Files]
    mend: Callable[[Path], None] = lambda _: None


def run(
    work: Callable[[], None], *, after: float | None = None, before: int = 0
) -> tuple[int, int]:
    """
    Do work in a process of its own, killed after a time or before a call of this number.

    Returns how the process ended, and how many calls it made that change the disk.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        code, done = 1, count_calls(before)
        try:
            work()
            code = 0
        except BaseException:  # noqa: BLE001 - the parent is told by the code
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os.write(writing, str(sum(done)).encode())
            os._exit(code)
    os.close(writing)
    if after is not None:
        time.sleep(after)
        os.kill(pid, signal.SIGKILL)
    with os.fdopen(reading) as told:
        calls = told.read()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), int(calls or 0)


def count_calls(last: int) -> list[int]:
    """Note the calls of this process that change the disk; kill it before the last of them."""
    done: list[int] = []

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            done.append(1)
            if len(done) == last:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)

        return call

    for name in CALLS:
        setattr(os, name, counted(getattr(os, name)))
    return done


def files_below(folder: Path) -> Files:
    """Return every file below a folder, hidden ones as well."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def begin_build(folder: Path) -> None:
    """Make a built report, and a change that makes most of it again."""
    with toys():
        build_report(make_project(folder / "project"))
    edit(folder / "project/reports/appendix.toml", '"IRN" }', '"IRN", factor = 2.0 }')
    edit(folder / "project/reports/appendix.md", "shows them", "shows all of them")


def do_build(folder: Path) -> None:
    """Make what changed."""
    with toys():
        build_report(folder / "project")


def flows(*arguments: object) -> None:
    """Run a command that has to succeed."""
    if code := cli.main([str(argument) for argument in arguments]):
        raise SystemExit(code)


def begin_file(folder: Path) -> None:
    """Make a folder with a file that is to be replaced."""
    folder.mkdir()
    (folder / "out.parquet").write_bytes(b"an older table")


def do_convert(folder: Path) -> None:
    """Replace the file."""
    flows("convert", example_path("armstat"), "-o", folder / "out.parquet")


def do_screen(folder: Path) -> None:
    """Screen into a new folder."""
    if not (folder / "out").exists():
        flows("screen", example_path("cow_trade"), "-o", folder / "out")


def begin_bundle(folder: Path) -> None:
    """Make a built report that can be handed on."""
    with project_to_bundle(folder / "project"):
        (folder / "out").mkdir()


def do_bundle(folder: Path, name: str) -> None:
    """Hand it on, as an archive or as a folder."""
    with known_studies():
        if not (folder / "out" / name).exists():
            flows("--root", folder / "project", "bundle", "-o", folder / "out" / name)


def do_new(folder: Path) -> None:
    """Make a project of a download."""
    if not (folder / "project").exists():
        files = ("--files", example_path("armstat"))
        flows("new", folder / "project", "--trade", "IRN", "ARM", *files)


def begin_project(folder: Path) -> None:
    """Make a project without data."""
    (folder / "data/raw").mkdir(parents=True)


def do_add(folder: Path) -> None:
    """Put a file into the catalogue."""
    if not (folder / "data/raw/armenia/2025").exists():
        flows("--root", folder, "add", example_path("armstat"), "--id", "armenia@2025")


def do_fetch(folder: Path) -> None:
    """Fetch a file from this machine."""
    body = example_path("armstat").read_bytes() + b"\n" * 2_000_000
    with serving(Answer(body, headers={"ETag": '"1"'}, ranges=True)) as server:
        wanted = web(f"{server.address}/armenia.csv", source="armenia")
        fetch_dataset(
            folder,
            wanted,
            today=date(2025, 3, 10),
            limits=Limits(timeout=10, tries=2),
            rng=Random(1),  # noqa: S311 - how long it waits
            loopback=True,
        )


def vintages(folder: Path) -> Files:
    """Return the files of the catalogue, whose descriptions hold; what is on its way is none."""
    for source in list_sources(folder):
        verify_source(source)
    return {
        name: b"" if name.endswith("source.toml") else content  # it names the server's port
        for name, content in files_below(folder / "data").items()
        if ".fetch/" not in name
    }


def all_works() -> Iterator[Work]:
    """Yield what is killed, builds most often."""

    def report(folder: Path) -> Files:
        return published(folder / "project")

    def out_of(folder: Path) -> Files:
        return files_below(folder / "out")

    def mend(folder: Path) -> None:
        finish_publishing(folder / "project")

    yield from [Work("build", begin_build, do_build, report, mend)] * 5
    for kind, name in (("archive", "deposit.zip"), ("folder", "deposit")):
        yield Work(f"bundle, {kind}", begin_bundle, partial(do_bundle, name=name), out_of)
    yield Work("convert", begin_file, do_convert, files_below)
    yield Work("screen", lambda folder: folder.mkdir(), do_screen, files_below)
    yield Work("new", lambda folder: folder.mkdir(), do_new, files_below)
    yield Work("add", begin_project, do_add, vintages)
    yield Work("fetch", begin_project, do_fetch, vintages)


@dataclass(frozen=True)
class Measured:
    """What a run that nobody kills begins with, gives and takes."""

    begun: Path
    old: Files
    new: Files
    seconds: float
    calls: int


def measure(work: Work, place: Path) -> Measured:
    """Do the work once."""
    begun, done = place / "begun", place / "done"
    place.mkdir()
    demand(run(lambda: work.begin(begun))[0] == 0, f"{work.name} could not be begun")
    shutil.copytree(begun, done, symlinks=True)
    old, start = work.see(begun), time.monotonic()
    code, calls = run(lambda: work.do(done))
    demand(code == 0, f"{work.name} could not be done")
    return Measured(begun, old, work.see(done), time.monotonic() - start, calls)


def kill_once(work: Work, known: Measured, folder: Path, rng: Random) -> str:
    """Kill a work once, check what is there and do it again; return what lay there."""
    shutil.copytree(known.begun, folder, symlinks=True)
    if rng.choice([True, False]):
        code, _ = run(lambda: work.do(folder), after=rng.uniform(0, known.seconds))
    else:
        code, _ = run(lambda: work.do(folder), before=rng.randint(1, known.calls))
    demand(code in (0, -signal.SIGKILL), f"{work.name}: expected a kill, found code {code}")
    demand(run(lambda: work.mend(folder))[0] == 0, f"{work.name}: not mended")
    lying = shown(work.see(folder))
    outcome = next((name for name in ("old", "new") if lying == getattr(known, name)), "")
    demand(bool(outcome), f"{work.name}: neither the old nor the new in {folder}")
    demand(run(lambda: work.do(folder))[0] == 0, f"{work.name}: the next run fails in {folder}")
    again = work.see(folder)
    others = sorted(name for name, _ in again.items() ^ known.new.items())
    demand(not others, f"{work.name}: killed with {outcome}, the next run differs in {others}")
    shutil.rmtree(folder)
    return outcome


def shown(files: Files) -> Files:
    """Return what is no hidden file: those that a kill leaves, the next run takes away."""
    return {name: content for name, content in files.items() if ".flows-" not in name}


def demand(is_so: bool, words: str) -> None:  # noqa: FBT001 - a check in words
    """End with an error where something is not so."""
    if not is_so:
        sys.exit(f"error: {words}")


def main() -> int:
    """Kill as often as asked; print how often each was old and new afterwards."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="one kind of work")
    options = parser.parse_args()
    rng = Random(options.seed)  # noqa: S311 - when to kill
    works = [work for work in all_works() if options.only in (None, work.name)]
    found: Counter[tuple[str, str]] = Counter()
    with tempfile.TemporaryDirectory(prefix="flows-kills-") as name:
        known: dict[str, Measured] = {}
        for number in range(options.kills):
            work = works[number % len(works)]
            if work.name not in known:
                known[work.name] = measure(work, Path(name) / work.name)
            outcome = kill_once(work, known[work.name], Path(name) / str(number), rng)
            found[work.name, outcome] += 1
    for (work_name, outcome), count in sorted(found.items()):
        print(f"{work_name}: {count} times the {outcome} files, {known[work_name].calls} calls")
    print(f"{found.total()} kills, 0 damaged")
    return 0


if __name__ == "__main__":
    sys.exit(main())
