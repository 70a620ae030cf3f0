"""Building a report: check the raw files, run what changed, publish what is new."""

import hashlib
import json
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from flows.errors import ReportError
from flows.figures import FIGURE_FORMATS
from flows.files import replace_file
from flows.notation import parse_json
from flows.pipeline.graph import (
    Places,
    Step,
    list_inputs,
    list_parameters,
    list_raw,
    make_data_steps,
    make_steps,
    read_plan,
    select_steps,
    split_steps,
    used_sources,
)
from flows.pipeline.publish import (
    PROCESSED,
    WORKSHOP,
    finish_publishing,
    has_bytes,
    hold_workshop,
    leads_out,
    publish,
)
from flows.pipeline.snapshot import names_of_project, take_snapshot
from flows.report.appendices import Appendix, find_appendices
from flows.report.manifest import (
    PACKAGE,
    Manifest,
    describe_inputs,
    manifest_json,
    package_stamps,
    read_environment,
    read_manifest,
)
from flows.sources import Source, list_sources, verify_source
from flows.tables import TABLE_FORMATS

_FORMER_PAGE = "appendix.html"
"""What the page of an appendix was called before it opened its evidence."""

_AS_READ = package_stamps()
"""The files of the package when this program began to read them."""


@dataclass(frozen=True, slots=True)
class Build:
    """
    What a build did.

    ``steps``: how many steps were asked for; ``made``: names of those that ran; the others were up
    to date; ``written``, ``removed``: files that were published, and files of the last report that
    are no longer in it; ``kept``: files of the last report that are no longer in it and stay, since
    someone changed them.
    """

    steps: int
    made: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    def summary(self) -> str:
        """Return what was done."""
        if not (self.made or self.written or self.removed):
            return f"nothing to do: {self.steps} steps up to date"
        done = f"{len(self.made)} of {self.steps} steps made, {len(self.written)} files written"
        removed = f", {len(self.removed)} removed" if self.removed else ""
        left = (
            "no longer part of the report, but changed since it was made, or behind a link that "
            "leads out of the project, so it stays"
        )
        return "\n".join([done + removed, *(f"{name}: {left}" for name in self.kept)])


@dataclass(frozen=True, slots=True)
class _Part:
    """
    What is made, published and removed together, and has a manifest.

    ``appendix``: none for the data sets, whose manifest stays in the workshop; ``steps``: its own;
    ``place``: of its manifest; ``manifest``: as it will be, without outputs; ``outputs``: files in
    the stage, of an appendix with the tables of the data sets that its plan uses.
    """

    appendix: Appendix | None
    steps: Sequence[Step]
    place: Path
    manifest: Manifest
    outputs: Sequence[Path]

    @property
    def name(self) -> str:
        """Name of the manifest in the record of builds."""
        return self.appendix.manifest if self.appendix else self.place.name


def build_report(
    root: Path,
    *,
    appendices: Sequence[str] = (),
    only: Sequence[str] = (),
    force: bool = False,
    out: Path | None = None,
    workshop: Path | None = None,
    jobs: int | None = 1,
    announce: Callable[[str], None] = lambda _: None,
) -> Build:
    """
    Make the named appendices from the raw files, or all; what is up to date stays as it is.

    ``jobs``: how many steps at once, each in a process of its own, by default one, in this process;
    none: as many as there are cores.
    """
    target = out or root
    for folder in {root, target}:
        finish_publishing(folder)
    _check_code()
    writable = root if os.access(root, os.W_OK) else target
    places = Places(root, workshop or writable / WORKSHOP)
    wanted = [replace(places, appendix=own) for own in find_appendices(root, appendices)]
    parts = _plan(places, wanted, target)
    steps = _steps(parts, only)
    environment = read_environment()
    if not force and _is_current(parts, places, target, environment):
        return Build(len(steps))
    with hold_workshop(places.workshop):
        copies = replace(places, root=places.workshop / "inputs")
        inputs = dict.fromkeys(root / name for part in parts for name in part.manifest.inputs)
        take_snapshot(root, copies.root, inputs)
        with names_of_project(copies.root, root):
            parts = _plan(copies, [replace(own, root=copies.root) for own in wanted], target)
            steps = _steps(parts, only)
            _clear(wanted, _steps(parts))
            foundation = {"code": parts[0].manifest.code, "environment": environment}
            made = _run(steps, places, foundation, force=force, jobs=jobs, announce=announce)
        _check_code()
        done = Build(len(steps), made=tuple(made))
        if only:
            return _publish_some(done, parts, _staged(steps, places), places.stage, target)
        return _publish(done, parts, places, target=target, environment=environment)


def build_possible(
    root: Path,
    appendix: Appendix,
    *,
    out: Path,
    workshop: Path,
    announce: Callable[[str], None] = lambda _: None,
) -> dict[str, list[Path]]:
    """
    Make what can be made of an appendix without raw files that are not there.

    Returns each exhibit that was not made, by the title of its step, with the files that it lacks.
    """
    places = Places(root, workshop, appendix)
    sources = list_sources(root)
    lacking = [path for source in sources for path in source.paths if not path.is_file()]
    for source in sources:
        if not {*source.paths} & {*lacking}:
            verify_source(source)
    steps = [
        *make_data_steps(places, sources),
        *make_steps(places, sources, read_plan(places.plan)),
    ]
    possible, blocked = split_steps(steps, lacking)
    foundation = {
        "code": describe_inputs(root, [], {}).code,
        "environment": read_environment(),
    }
    with hold_workshop(workshop):
        _run(possible, places, foundation, force=True, jobs=1, announce=announce)
        made = _named(_staged(possible, places), places.stage)
        publish(out, made, former={}, stale=set())
    return {
        step.title: lacks for step, lacks in blocked if _staged([step], places) and step.appendix
    }


def _check_code() -> None:
    """Check that the package is the one that this program has read, and its manifest names."""
    now = package_stamps()
    if changed := sorted(name for name, _ in now.items() ^ _AS_READ.items()):
        raise ReportError(
            f"{PACKAGE / changed[0]}: expected the package to stay as it was when this program "
            "began, found this file changed; nothing was published: run it again"
        )


def _plan(places: Places, wanted: Iterable[Places], target: Path) -> list[_Part]:
    """Return the data and the appendices as they are made from what lies in a folder."""
    sources = list_sources(places.root)
    for source in sources:
        verify_source(source)
    return [_data_part(places, sources), *(_appendix_part(own, sources, target) for own in wanted)]


def _steps(parts: Iterable[_Part], only: Sequence[str] = ()) -> list[Step]:
    every = [step for part in parts for step in part.steps]
    return select_steps(every, only) if only else every


def _data_part(places: Places, sources: Sequence[Source]) -> _Part:
    steps = make_data_steps(places, sources)
    manifest = describe_inputs(places.root, list_raw(sources), {})
    return _Part(None, steps, places.data_manifest, manifest, _staged(steps, places))


def _appendix_part(places: Places, sources: Sequence[Source], target: Path) -> _Part:
    plan = read_plan(places.plan)
    used = used_sources(sources, plan)
    steps = make_steps(places, sources, plan)
    inputs = list_inputs(places, used)
    if missing := [path for path in inputs if not path.is_file()]:
        raise ReportError(f"{missing[0]}: expected this part of the report, found no file")
    return _Part(
        places.appendix,
        steps,
        target / places.appendix.manifest,
        describe_inputs(places.root, inputs, list_parameters(plan)),
        [*(places.processed(source.id) for source in used), *_staged(steps, places)],
    )


def _staged(steps: Iterable[Step], places: Places) -> list[Path]:
    return [path for step in steps for path in step.outputs if path.is_relative_to(places.stage)]


def _is_current(
    parts: Iterable[_Part], places: Places, target: Path, environment: Mapping[str, object]
) -> bool:
    """
    Say whether the reports and data that lie there are what this build would make.

    That is known of those which the last builds in this workshop made, with these libraries on
    this machine; of one that came from elsewhere only its steps can tell.
    """
    record = _read_record(places, environment)
    try:
        made = [(part, read_manifest(part.place)) for part in parts]
    except ReportError:
        return False
    return all(
        record.get(part.name) == _sha256(manifest)
        and part.manifest == replace(manifest, outputs={})
        and manifest.has_outputs(target)
        for part, manifest in made
    )


def _read_record(places: Places, environment: Mapping[str, object]) -> dict[str, str]:
    """Return the hash of each manifest that was made in this environment, by its name."""
    try:
        record = parse_json(places.environment.read_text(encoding="utf-8"))
        return dict(record["manifests"]) if record["environment"] == environment else {}
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return {}


def _sha256(manifest: Manifest) -> str:
    return hashlib.sha256(manifest_json(manifest).encode()).hexdigest()


def _clear(wanted: Sequence[Places], steps: Iterable[Step]) -> None:
    """Take what earlier plans made out of the workshop: no step may find it."""
    current = {path for step in steps for path in step.outputs}
    for places in wanted:
        folders = [places.stage / PROCESSED, *map(places.report, ("", "figures", "tables"))]
        staged = (path for folder in folders for path in folder.glob("*"))
        for path in (*staged, *places.findings("").rglob("*")):
            if path.is_file() and path not in current:
                path.unlink()


def _run(
    steps: Sequence[Step],
    places: Places,
    foundation: Mapping[str, object],
    *,
    force: bool,
    jobs: int | None,
    announce: Callable[[str], None],
) -> list[str]:
    from flows.pipeline.runner import run_steps  # noqa: PLC0415 - pytask takes a second to import

    return run_steps(
        steps, places.workshop, foundation=foundation, force=force, jobs=jobs, announce=announce
    )


def _publish_some(
    done: Build, parts: Iterable[_Part], staged: Iterable[Path], stage: Path, target: Path
) -> Build:
    """Publish what was made of a report, whose manifest stays as it is."""
    former = {name: digest for part in parts for name, digest in _last_outputs(part).items()}
    written = publish(target, _named(staged, stage), former=former, stale=set())
    return replace(done, written=tuple(written))


def _publish(
    done: Build,
    parts: Sequence[_Part],
    places: Places,
    *,
    target: Path,
    environment: Mapping[str, object],
) -> Build:
    """Publish data and appendices as a whole, and keep what is known of them in the workshop."""
    record = _read_record(places, environment)
    files: dict[str, Path | bytes] = {}
    manifests: dict[str, bytes] = {}
    former: dict[str, str] = {}
    stale: set[str] = set()
    kept: list[str] = []
    for part in parts:
        last = _last_outputs(part)
        complete = part.manifest.with_outputs(places.stage, part.outputs)
        gone, left = find_stale(target, last, complete, part.appendix)
        files |= _named(part.outputs, places.stage)
        manifests[part.name] = manifest_json(complete).encode()
        former = {**last, **former}
        stale |= gone
        kept += left
    own = {part.name: manifests[part.name] for part in parts if part.appendix}
    written = publish(target, {**files, **own}, former=former, stale=stale)
    for part in parts:
        record[part.name] = hashlib.sha256(manifests[part.name]).hexdigest()
        if part.appendix is None:
            replace_file(part.place, manifests[part.name])
    text = json.dumps({"environment": environment, "manifests": record}, indent=2) + "\n"
    replace_file(places.environment, text.encode())
    return replace(done, written=tuple(written), removed=tuple(sorted(stale)), kept=tuple(kept))


def _named(paths: Iterable[Path], stage: Path) -> dict[str, Path | bytes]:
    """Return staged files by their names in the project."""
    return {path.relative_to(stage).as_posix(): path for path in paths}


def _last_outputs(part: _Part) -> dict[str, str]:
    """Return what the last build wrote, name to sha256; nothing where no manifest tells."""
    try:
        return {name: file.sha256 for name, file in read_manifest(part.place).outputs.items()}
    except ReportError:
        return {}


def find_stale(
    target: Path, last: Mapping[str, str], new: Manifest, appendix: Appendix | None = None
) -> tuple[set[str], list[str]]:
    """
    Return what the last build wrote for an appendix, or of the data, and the new manifest has not.

    A manifest is a text that anyone can edit. A file goes only if a build makes files of its kind
    there and it still has the bytes that the last build wrote. Returns those that go, then those
    that stay though they are no longer part of the report.
    """
    names = [
        name
        for name in sorted(last.keys() - new.outputs.keys() - new.inputs.keys())
        if is_removable(name, appendix) and (target / name).is_file()
    ]
    stale = {
        name
        for name in names
        if has_bytes(target / name, last[name]) and not leads_out(target / name, target)
    }
    return stale, [name for name in names if name not in stale]


def is_removable(name: str, appendix: Appendix | None = None) -> bool:
    """Say whether a build writes files of this kind, and an appendix or the data may lose them."""
    kinds: Mapping[str, Collection[str]] = {PROCESSED: ("parquet",)}
    if appendix:
        if name == appendix.file(_FORMER_PAGE):
            return True
        kinds = {appendix.file("figures"): FIGURE_FORMATS, appendix.file("tables"): TABLE_FORMATS}
    path = PurePosixPath(name)
    written = kinds.get(path.parent.as_posix(), ())
    return "\\" not in name and path.suffix.removeprefix(".") in written
