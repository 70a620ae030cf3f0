"""Building a report: check the raw files, run what changed, publish what is new."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from flows.errors import ReportError
from flows.pipeline.graph import list_inputs, make_steps
from flows.pipeline.hold import hold_workshop
from flows.pipeline.places import MANIFEST, PLAN, Places
from flows.pipeline.plan import Instance, read_plan
from flows.pipeline.publish import publish_files, remove_stale, replace_file
from flows.pipeline.steps import Step, select_steps
from flows.report.manifest import Manifest, describe_inputs, manifest_json, read_manifest
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
    """

    steps: int
    made: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def summary(self) -> str:
        """
        Return what was done in a line.

        Returns
        -------
        str
            Counts of steps and files.

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
        told = f"{len(self.made)} of {self.steps} steps made, {len(self.written)} files written"
        return f"{told}, {len(self.removed)} removed" if self.removed else told


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
    if not force and _is_current(target, manifest):
        return Build(len(steps))
    with hold_workshop(places.workshop):
        made = _run(steps, places, manifest, force=force, announce=announce)
        written, removed = _publish(steps, places, target, None if only else manifest)
    return Build(len(steps), tuple(made), tuple(written), tuple(removed))


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


def _is_current(target: Path, manifest: Manifest) -> bool:
    """Say whether the report that lies there is what this build would make."""
    try:
        last = read_manifest(target / MANIFEST)
    except ReportError:
        return False
    return manifest == replace(last, outputs={}) and last.has_outputs(target)


def _run(
    steps: Sequence[Step],
    places: Places,
    manifest: Manifest,
    *,
    force: bool,
    announce: Callable[[str], None],
) -> list[str]:
    from flows.pipeline.runner import run_steps  # noqa: PLC0415 - pytask takes two seconds to import

    foundation = {"code": manifest.code, "environment": manifest.environment}
    return run_steps(steps, places.workshop, foundation=foundation, force=force, announce=announce)


def _publish(
    steps: Sequence[Step], places: Places, target: Path, manifest: Manifest | None
) -> tuple[list[str], list[str]]:
    """Publish the steps' files, and with a manifest the whole: it comes last."""
    staged = [path for step in steps for path in step.outputs if path.is_relative_to(places.stage)]
    written = publish_files(places.stage, target, staged)
    if manifest is None:
        return written, []
    complete = manifest.with_outputs(places.stage, staged)
    try:
        removed = remove_stale(target, read_manifest(target / MANIFEST), complete)
    except ReportError:
        removed = []
    replace_file(target / MANIFEST, manifest_json(complete).encode())
    return [*written, MANIFEST], removed
