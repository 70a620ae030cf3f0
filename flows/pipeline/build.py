"""Building a report: check the raw files, run what changed, publish what is new."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from filelock import FileLock, Timeout

from flows.errors import ReportError
from flows.figures import FIGURE_FORMATS
from flows.pipeline.graph import (
    MANIFEST,
    PLAN,
    Instance,
    Places,
    Step,
    list_inputs,
    make_steps,
    read_plan,
    select_steps,
)
from flows.report.manifest import (
    Manifest,
    describe_inputs,
    manifest_json,
    read_environment,
    read_manifest,
)
from flows.sources import Source, file_sha256, list_sources, verify_source
from flows.tables import TABLE_FORMATS

_REMOVABLE = {
    "data/processed": ("parquet",),
    "reports/figures": FIGURE_FORMATS,
    "reports/tables": TABLE_FORMATS,
}
"""Folder to the kinds of file that a build writes there and another plan has no more."""


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
        left = "no longer part of the report, but changed since it was made, so it stays"
        return "\n".join([done + removed, *(f"{name}: {left}" for name in self.kept)])


def build_report(
    root: Path,
    *,
    only: Sequence[str] = (),
    force: bool = False,
    out: Path | None = None,
    workshop: Path | None = None,
    announce: Callable[[str], None] = lambda _: None,
) -> Build:
    """Make the report from the raw files; what is up to date stays as it is."""
    places = Places(root, workshop or root / ".flows")
    target = out or root
    sources = list_sources(root)
    for source in sources:
        verify_source(source)
    plan = read_plan(places.reports / PLAN)
    every = make_steps(places, sources, plan)
    steps = select_steps(every, only) if only else every
    manifest = _describe(places, sources, plan)
    environment = read_environment()
    if not force and _is_current(places, target, manifest, environment):
        return Build(len(steps))
    with hold_workshop(places.workshop):
        _clear(places, every)
        foundation = {"code": manifest.code, "environment": environment}
        made = _run(steps, places, foundation, force=force, announce=announce)
        done = Build(len(steps), made=tuple(made))
        if only:
            return replace(done, written=tuple(_publish(steps, places, target)))
        return _publish_whole(
            done, steps, places, target=target, manifest=manifest, environment=environment
        )


def _describe(places: Places, sources: Sequence[Source], plan: Iterable[Instance]) -> Manifest:
    parameters = {
        instance.id: {
            "study": instance.study,
            "data": dict(instance.data),
            **instance.parameters,
            **({} if instance.sections is None else {"sections": list(instance.sections)}),
            **instance.of_sections,
        }
        for instance in plan
    }
    inputs = list_inputs(places, sources)
    if missing := [path for path in inputs if not path.is_file()]:
        raise ReportError(f"{missing[0]}: expected this part of the report, found no file")
    return describe_inputs(places.root, inputs, parameters)


def _is_current(
    places: Places, target: Path, manifest: Manifest, environment: Mapping[str, object]
) -> bool:
    """
    Say whether the report that lies there is what this build would make.

    That is known of a report which the last build in this workshop made, with these libraries on
    this machine; of one that came from elsewhere only its steps can tell.
    """
    try:
        last = read_manifest(target / MANIFEST)
        record = places.environment.read_text(encoding="utf-8")
    except (ReportError, FileNotFoundError):
        return False
    return (
        record == _record(last, environment)
        and manifest == replace(last, outputs={})
        and last.has_outputs(target)
    )


def _record(manifest: Manifest, environment: Mapping[str, object]) -> str:
    """Return the text that says which report was made in which environment."""
    made = hashlib.sha256(manifest_json(manifest).encode()).hexdigest()
    return json.dumps({"environment": environment, "manifest": made}, indent=2) + "\n"


def _clear(places: Places, steps: Iterable[Step]) -> None:
    """Take what earlier plans made out of the workshop: no step may find it."""
    current = {path for step in steps for path in step.outputs}
    for folder in (places.stage, places.workshop / "findings"):
        for path in folder.rglob("*"):
            if path.is_file() and path not in current:
                path.unlink()


def _run(
    steps: Sequence[Step],
    places: Places,
    foundation: Mapping[str, object],
    *,
    force: bool,
    announce: Callable[[str], None],
) -> list[str]:
    from flows.pipeline.runner import run_steps  # noqa: PLC0415 - pytask takes two seconds to import

    return run_steps(steps, places.workshop, foundation=foundation, force=force, announce=announce)


def _publish(steps: Sequence[Step], places: Places, target: Path) -> list[str]:
    return publish_files(places.stage, target, _staged(steps, places))


def _staged(steps: Sequence[Step], places: Places) -> list[Path]:
    return [path for step in steps for path in step.outputs if path.is_relative_to(places.stage)]


def _publish_whole(
    done: Build,
    steps: Sequence[Step],
    places: Places,
    *,
    target: Path,
    manifest: Manifest,
    environment: Mapping[str, object],
) -> Build:
    """Publish every file, take away those of the last report, and write the manifest last."""
    written = _publish(steps, places, target)
    complete = manifest.with_outputs(places.stage, _staged(steps, places))
    try:
        last = read_manifest(target / MANIFEST)
    except ReportError:
        last = complete
    removed, kept = remove_stale(target, last, complete)
    content = manifest_json(complete).encode()
    if not (target / MANIFEST).is_file() or (target / MANIFEST).read_bytes() != content:
        replace_file(target / MANIFEST, content)
        written.append(MANIFEST)
    replace_file(places.environment, _record(complete, environment).encode())
    return replace(done, written=tuple(written), removed=tuple(removed), kept=tuple(kept))


def publish_files(stage: Path, target: Path, paths: Iterable[Path]) -> list[str]:
    """Bring staged files to their place, those that differ from what lies there."""
    written = []
    for path in paths:
        place = target / path.relative_to(stage)
        if not (place.is_file() and file_sha256(place) == file_sha256(path)):
            replace_file(place, path.read_bytes())
            written.append(place.relative_to(target).as_posix())
    return written


def replace_file(place: Path, content: bytes) -> None:
    """Write a file beside its place and rename it into place."""
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_name(f".{place.name}.new")
    beside.write_bytes(content)
    beside.replace(place)


def remove_stale(target: Path, old: Manifest, new: Manifest) -> tuple[list[str], list[str]]:
    """
    Remove what a build wrote for the last report and the new one has no more.

    A manifest is a text that anyone can edit. A file goes only if a build makes files of its kind
    and it still has the bytes that the last build wrote.
    """
    stale = [
        name
        for name in sorted(old.outputs.keys() - new.outputs.keys() - new.inputs.keys())
        if is_removable(name) and (target / name).is_file()
    ]
    written = [name for name in stale if file_sha256(target / name) == old.outputs[name].sha256]
    for name in written:
        (target / name).unlink()
    return written, [name for name in stale if name not in written]


def is_removable(name: str) -> bool:
    """Say whether a build writes files of this kind that another plan has no more."""
    path = PurePosixPath(name)
    kinds = _REMOVABLE.get(path.parent.as_posix(), ())
    return "\\" not in name and path.suffix.removeprefix(".") in kinds


@contextmanager
def hold_workshop(workshop: Path) -> Iterator[None]:
    """
    Keep other builds out of a workshop for as long as this one is at work.

    The system lets go of it when the process ends, however it ends.
    """
    workshop.mkdir(parents=True, exist_ok=True)
    lock = FileLock(workshop / "build.lock", is_singleton=False)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise ReportError(
            f"{workshop}: expected no build at work here, found one; wait until it ends"
        ) from None
    try:
        yield
    finally:
        lock.release()
