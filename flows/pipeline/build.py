"""Building a report: check the raw files, run what changed, publish what is new."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from flows.errors import ReportError
from flows.pipeline.graph import list_inputs, make_steps
from flows.pipeline.hold import hold_workshop
from flows.pipeline.places import MANIFEST, PLAN, Places
from flows.pipeline.plan import Instance, read_plan
from flows.pipeline.publish import publish_files, remove_stale, replace_file
from flows.pipeline.steps import Step, select_steps
from flows.report.manifest import (
    Manifest,
    describe_inputs,
    manifest_json,
    read_environment,
    read_manifest,
)
from flows.sources import Source, list_sources, verify_source


@dataclass(frozen=True, slots=True)
class Build:
    """
    What a build did.

    Parameters
    ----------
    steps : int
        How many steps were asked for.
    made : tuple of str
        Names of those that ran; the others were up to date.
    written, removed : tuple of str
        Files that were published, and files of the last report that are no longer in it.
    kept : tuple of str
        Files of the last report that are no longer in it and stay, since someone changed them.
    """

    steps: int
    made: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    def summary(self) -> str:
        """
        Return what was done.

        Returns
        -------
        str
            Counts of steps and files in a line; below it, files that are left over.

        Raises
        ------
        TypeError
            If a field is no tuple.

        Examples
        --------
        >>> print(Build(steps=8).summary())
        nothing to do: 8 steps up to date
        """
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
    """
    Make the report from the raw files; what is up to date stays as it is.

    Parameters
    ----------
    root : pathlib.Path
        Folder of the project.
    only : sequence of str
        Ids of exhibits, ``"numbers"`` or ``"appendix"``: only these are made and published, with
        all that they need, and the manifest stays as it was.
    force : bool
        Run every step.
    out : pathlib.Path, optional
        Folder that the results go to instead of ``root``, with the same folders in it.
    workshop : pathlib.Path, optional
        Folder in which everything is made before it is published; ``.flows`` in ``root`` by
        default.
    announce : callable
        Called with the name of each step before it runs.

    Returns
    -------
    Build

    Raises
    ------
    HashError
        If a raw file was changed: nothing is made then.
    FlowsError
        If data or text are not as they should be, or another build is at work in the workshop: what
        was published before is untouched.
    UnknownNameError
        If ``only`` names nothing that is made.
    KeyboardInterrupt
        If the user stops it: the same holds.
    """
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
        one.id: {
            "study": one.study,
            "data": dict(one.data),
            **one.parameters,
            **({} if one.sections is None else {"sections": list(one.sections)}),
            **one.of_sections,
        }
        for one in plan
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
