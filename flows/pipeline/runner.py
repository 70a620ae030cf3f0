"""Running steps with pytask: each runs once its inputs are there, and only if something changed."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytask

from flows.errors import ReportError
from flows.pipeline import tasks
from flows.pipeline.steps import Files, Step
from flows.sources import file_sha256

_CONFIG = "[tool.pytask.ini_options]\n"


@dataclass(kw_only=True)
class _File(pytask.PathNode):
    """A file whose state is its content: an edit that keeps the time of change is seen."""

    def state(self) -> str | None:
        path = Path(str(self.path))
        return file_sha256(path) if path.is_file() else None


@dataclass(kw_only=True)
class _Task(pytask.TaskWithoutPath):
    """A step whose state covers its settings, the package's source and the libraries."""

    step: Step
    foundation: str
    announce: Callable[[str], None]

    def state(self) -> str:
        content = json.dumps([self.foundation, self.step.task, self.step.settings], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()

    def execute(self, **files: Any) -> None:
        self.announce(self.step.name)
        self.function(**files, **self.step.settings)


def run_steps(
    steps: Sequence[Step],
    workshop: Path,
    *,
    foundation: Mapping[str, object],
    force: bool = False,
    announce: Callable[[str], None] = lambda _: None,
) -> list[str]:
    """
    Run those steps whose inputs, settings or foundation changed since they last ran.

    Parameters
    ----------
    steps : sequence of Step
        With everything that they need among them.
    workshop : pathlib.Path
        Folder in which pytask keeps what it knows of earlier runs.
    foundation : Mapping
        What every step rests on: another value makes all of them run.
    force : bool
        Run all of them.
    announce : callable
        Called with the name of each step before it runs.

    Returns
    -------
    list of str
        Names of the steps that ran, in order.

    Raises
    ------
    FlowsError
        If a step raises it: the first one ends the run.
    KeyboardInterrupt
        If the user stops a step; what has run is kept.
    ReportError
        If what pytask knows of earlier runs cannot be read.
    """
    made: list[str] = []

    def note(name: str) -> None:
        announce(name)
        made.append(name)

    base = json.dumps(foundation, sort_keys=True)
    session = _build([_as_task(step, base, note) for step in steps], workshop, force=force)
    for report in session.execution_reports:
        error = report.exc_info[1] if report.exc_info else None
        if report.outcome == pytask.TaskOutcome.FAIL and error is not None:
            raise error
    if session.exit_code != pytask.ExitCode.OK:
        raise ReportError(f"{workshop}: the state of earlier builds cannot be read; delete it")
    return made


def _build(wanted: list[_Task], workshop: Path, *, force: bool) -> pytask.Session:
    """Call pytask without its own output; its files stay in the workshop."""
    config = workshop / "pytask" / "pytask.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(_CONFIG, encoding="utf-8")
    quiet, pytask.console.quiet = pytask.console.quiet, True
    try:
        return pytask.build(
            tasks=wanted,
            config=config,
            database_url="sqlite://",
            capture="no",
            disable_warnings=True,
            force=force,
            stop_after_first_failure=True,
            verbose=0,
        )
    finally:
        pytask.console.quiet = quiet


def _as_task(step: Step, foundation: str, announce: Callable[[str], None]) -> _Task:
    return _Task(
        name=step.name,
        function=getattr(tasks, step.task),
        depends_on={name: _as_nodes(files) for name, files in step.reads.items()},
        produces={name: _as_nodes(files) for name, files in step.writes.items()},
        step=step,
        foundation=foundation,
        announce=announce,
    )


def _as_nodes(files: Files) -> Any:
    if isinstance(files, Path):
        return _File.from_path(files)
    if isinstance(files, Mapping):
        return {name: _as_nodes(one) for name, one in files.items()}
    return [_as_nodes(one) for one in files]
