"""Fetched files as a vintage of a data set: beside those that are there, and only when whole."""

import random
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import chain, count
from pathlib import Path

from filelock import FileLock, Timeout

from flows.errors import FetchError, LayoutError
from flows.fetch.part import Part
from flows.fetch.request import check_address
from flows.fetch.services import Wanted
from flows.fetch.transfer import Limits, Transfer
from flows.files import explained, replace_file, sync_folder
from flows.loaders import recognise_layout
from flows.pipeline.add import draft_source, folder_of, new_folder
from flows.sources import file_sha256, read_catalogue, read_source

_WORKSHOP = ".fetch"
"""Folder in ``data/raw`` with what is on its way; hidden, so that it is no data set."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """
    What was fetched.

    ``id``: of the data set; ``folder``: where it is; ``new``: whether it was not there yet, byte
    for byte; ``loader``: layout of the files, empty where none was recognised; ``incomplete``: keys
    of ``source.toml`` that are left to write; ``warnings``: what to beware of.
    """

    id: str
    folder: Path
    new: bool
    loader: str
    incomplete: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    def in_words(self) -> Iterator[str]:
        """Yield what was done, and what is left to do."""
        if not self.new:
            yield f"{self.id}: not changed since, nothing written"
            return
        yield f"{self.id}: {self.folder}, {self.loader or 'a layout that is not known'}"
        yield from (f"  beware: {warning}" for warning in self.warnings)
        if self.incomplete:
            yield f"  {self.folder / 'source.toml'}: complete {', '.join(self.incomplete)}"


def fetch_dataset(
    root: Path,
    wanted: Wanted,
    *,
    today: date,
    vintage: str = "",
    limits: Limits = Limits(),  # noqa: B008 - frozen
    rng: random.Random,
    sleep: Callable[[float], None] = time.sleep,
    announce: Callable[[str], None] = lambda _: None,
    loopback: bool = False,
) -> Fetched:
    """
    Fetch files into ``data/raw``, as a new vintage with a ``source.toml``.

    Parameters
    ----------
    root : pathlib.Path
        Folder of the project.
    wanted : Wanted
        What to ask for.
    today : datetime.date
        The day of access.
    vintage : str
        The publisher's name of the release; the day of access by default.
    limits : Limits
        How much, and how long.
    rng : random.Random
        By how much waits differ, so that many who were sent away do not come back together.
    sleep : callable
        Waits for a number of seconds.
    announce : callable
        Told what goes on.
    loopback : bool
        Whether this machine may be asked without TLS, which tests do.

    Returns
    -------
    Fetched
        The vintage; an older one if the files have not changed since.

    Raises
    ------
    FetchError
        If a file does not come whole, is too large or is none; what has come of it is kept, and the
        same call goes on with it.
    SourceError
        If the name is none, or the vintage is there already.
    OSError
        If a file cannot be written.
    """
    name = f"{wanted.source}@{vintage or today}"
    folder = new_folder(root, name) if vintage else folder_of(root, name)
    workshop = root / "data" / "raw" / _WORKSHOP
    with _held(workshop, wanted.source):
        parts, warnings = {}, []
        for file, request in wanted.requests.items():
            part = Part(workshop / f"{request.digest}-{file}.part")
            transfer = Transfer(
                request, limits, rng, sleep, _named(announce, file), loopback=loopback
            )
            warnings += [f"{file}: {warning}" for warning in transfer.fetch(part)]
            _check(wanted, part, request.shown)
            parts[file] = part
        if not vintage and (known := _known_vintage(root, wanted.source, parts)):
            for part in parts.values():
                part.discard()
            return known
        place = folder if vintage else _free(folder)
        return _put_in_place(place, wanted, parts, today=today, warnings=warnings)


def describe_request(root: Path, wanted: Wanted, *, vintage: str, limits: Limits) -> Iterator[str]:
    """Yield lines on what would be asked, and where it would be put."""
    folder = folder_of(root, f"{wanted.source}@{vintage}")
    for name, request in wanted.requests.items():
        check_address(request.address)
        yield f"{request.method} {request.shown}"
        if request.key_header:
            yield f"  {request.key_header}: HIDDEN"
        if request.body:
            yield f"  {request.body}"
        yield f"  to {folder / name}, at most {limits.size:,} bytes"


def _named(announce: Callable[[str], None], name: str) -> Callable[[str], None]:
    return lambda words: announce(f"{name}: {words}")


def _check(wanted: Wanted, part: Part, address: str) -> None:
    """Refuse a file that came whole and is not what was wanted."""
    try:
        wanted.check(part.path)
    except (FetchError, LayoutError) as error:
        said = str(error).replace(f"{part.path}:1: ", "")
        part.discard()
        raise FetchError(f"{address}: {said}") from error


def _known_vintage(root: Path, source: str, parts: dict[str, Part]) -> Fetched | None:
    """Return the vintage that has the same files, if there is one."""
    hashes = {name: file_sha256(part.path) for name, part in parts.items()}
    for there in read_catalogue(root)[0]:
        if there.folder.parent.name == source and hashes.items() <= there.files.items():
            return Fetched(there.id, there.folder, False, there.loader, tuple(there.incomplete))
    return None


def _free(folder: Path) -> Path:
    """Return the folder of a day, or one beside it if something was fetched on that day before."""
    beside = (folder.with_name(f"{folder.name}.{number}") for number in count(2))
    return next(place for place in chain([folder], beside) if not place.exists())


def _put_in_place(
    folder: Path, wanted: Wanted, parts: dict[str, Part], *, today: date, warnings: Sequence[str]
) -> Fetched:
    """Make a vintage of whole files at once: its folder is there with everything, or not at all."""
    loader = _loader([part.path for part in parts.values()])
    stage = parts[next(iter(parts))].path.parent / f"{folder.parent.name}@{folder.name}.new"
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir()
    for name, part in parts.items():
        part.move_to(stage / name)
    asked = [
        f"{request.method} {request.shown} {request.body}".rstrip()
        for request in wanted.requests.values()
    ]
    known = {
        "address": next(iter(wanted.requests.values())).shown,
        **wanted.about,
        "loader": loader,
        "remarks": "\n".join([f"Fetched on {today}:", *asked, *warnings]),
    }
    name = f"{folder.parent.name}@{folder.name}"
    text = draft_source(name, stage, known=known, retrieved=str(today))
    replace_file(stage / "source.toml", text.encode())
    with explained(folder):
        folder.parent.mkdir(exist_ok=True)
        stage.replace(folder)
        sync_folder(folder.parent)
    source = read_source(folder)
    return Fetched(name, folder, True, loader, tuple(source.incomplete), tuple(warnings))


def _loader(paths: Sequence[Path]) -> str:
    """Return the layout of files that were fetched; empty if it is not known or not one."""
    try:
        layouts = {recognise_layout(path).key for path in paths}
    except LayoutError:
        return ""
    return layouts.pop() if len(layouts) == 1 else ""


@contextmanager
def _held(workshop: Path, source: str) -> Iterator[None]:
    """Keep another fetch of the same data set away; git does not see what is on its way."""
    workshop.mkdir(parents=True, exist_ok=True)
    (workshop / ".gitignore").write_text("*\n", encoding="utf-8")
    lock = FileLock(workshop / f"{source}.lock", is_singleton=False)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise FetchError(
            f"{workshop}: expected no other fetch of {source}, found one; wait until it ends"
        ) from None
    try:
        yield
    finally:
        lock.release()
