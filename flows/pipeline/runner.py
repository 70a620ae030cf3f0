"""Running steps with pytask: each runs once its inputs are there, and only if something changed."""

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytask

from flows.errors import ReportError
from flows.pipeline import tasks
from flows.pipeline.graph import Files, Step
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
    """
    A step whose state covers its settings, the package's source and the libraries.

    It covers as well which files the step reads and writes, in their order: pytask sees that a file
    changed or came, not that one was taken away or that two changed places.
    """

    step: Step
    workshop: Path
    foundation: str
    announce: Callable[[str], None]

    def state(self) -> str:
        files = [_named_files(part, self.workshop) for part in (self.step.reads, self.step.writes)]
        content = json.dumps([self.foundation, self.step.task, self.step.settings, files])
        return hashlib.sha256(content.encode()).hexdigest()

    def execute(self, **files: Any) -> None:
        """Run the step, which never sees what it wrote the last time."""
        self.announce(self.step.title)
        for path in self.step.outputs:
            path.unlink(missing_ok=True)
        self.function(**files, **self.step.settings)


def run_steps(
    steps: Sequence[Step],
    workshop: Path,
    *,
    foundation: Mapping[str, object],
    force: bool = False,
    announce: Callable[[str], None] = lambda _: None,
) -> list[str]:
    """Run those steps whose inputs, settings or foundation changed since they last ran."""
    made: list[str] = []

    def note(name: str) -> None:
        announce(f"{name} ({len(made) + 1} of {len(steps)})")
        made.append(name)

    base = json.dumps(foundation, sort_keys=True)
    wanted = [_as_task(step, workshop, base, note) for step in steps]
    session = _build(wanted, workshop, force=force)
    _raise_first([step.title for step in steps], session)
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
            verbose=0,
        )
    finally:
        pytask.console.quiet = quiet


def _raise_first(order: Sequence[str], session: pytask.Session) -> None:
    """Raise what a user stopped, else the error of the first step; pytask's own order is chance."""
    errors = {
        report.task.name: error
        for report in session.execution_reports
        for error in [report.exc_info[1] if report.exc_info else None]
        if report.outcome == pytask.TaskOutcome.FAIL and error is not None
    }
    stops = [error for error in errors.values() if not isinstance(error, Exception)]
    for error in (*stops, *(errors[name] for name in order if name in errors)):
        raise error


def _as_task(step: Step, workshop: Path, foundation: str, announce: Callable[[str], None]) -> _Task:
    return _Task(
        name=step.title,
        function=getattr(tasks, step.task),
        depends_on={name: _as_nodes(files) for name, files in step.reads.items()},
        produces={name: _as_nodes(files) for name, files in step.writes.items()},
        step=step,
        workshop=workshop,
        foundation=foundation,
        announce=announce,
    )


def _as_nodes(files: Files) -> Any:
    if isinstance(files, Path):
        return _File.from_path(files)
    if isinstance(files, Mapping):
        return {name: _as_nodes(inner) for name, inner in files.items()}
    return [_as_nodes(inner) for inner in files]


def _named_files(files: Files, workshop: Path) -> Any:
    """Return the names in place of the paths, as they are seen from the workshop."""
    if isinstance(files, Path):
        try:
            return Path(os.path.relpath(files, workshop)).as_posix()
        except ValueError:  # another drive
            return files.as_posix()
    if isinstance(files, Mapping):
        return {name: _named_files(inner, workshop) for name, inner in files.items()}
    return [_named_files(inner, workshop) for inner in files]
