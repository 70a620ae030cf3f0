"""Running steps with pytask: each runs once its inputs are there, and only if something changed."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from errno import ENOSPC
from inspect import signature
from pathlib import Path
from shutil import disk_usage
from typing import Any

import pytask

from flows.cores import count_cores
from flows.errors import DiskError, ReportError, describe_os_error
from flows.files import explained
from flows.pipeline.graph import Files, Step
from flows.pipeline.processes import Processes, make_step
from flows.sources import file_sha256

_CONFIG = "[tool.pytask.ini_options]\n"

_ROOM = 1_000_000
"""Bytes without which the state of a build is not written."""


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

    def execute(self, **_: Any) -> None:
        """Run the step here."""
        self.begin()
        make_step(self.step)

    def begin(self) -> None:
        """Say that the step runs, which never sees what it wrote the last time."""
        self.announce(self.step.title)
        for path in self.step.outputs:
            path.unlink(missing_ok=True)


def run_steps(
    steps: Sequence[Step],
    workshop: Path,
    *,
    foundation: Mapping[str, object],
    force: bool = False,
    jobs: int | None = 1,
    announce: Callable[[str], None] = lambda _: None,
) -> list[str]:
    """
    Run those steps whose inputs, settings or foundation changed since they last ran.

    ``jobs``: how many at once, each in a process of its own; one runs in this process. None: as
    many as there are cores.
    """
    made: list[str] = []

    def note(name: str) -> None:
        announce(f"{name} ({len(made) + 1} of {len(steps)})")
        made.append(name)

    base = json.dumps(foundation, sort_keys=True)
    wanted = [_as_task(step, workshop, base, note) for step in steps]
    with explained(workshop):
        session = _build(wanted, workshop, force=force, jobs=jobs or count_cores())
        _raise_first([step.title for step in steps], session)
    if session.exit_code != pytask.ExitCode.OK:
        if disk_usage(workshop).free < _ROOM:
            raise DiskError(describe_os_error(OSError(ENOSPC, ""), workshop))
        raise ReportError(f"{workshop}: the state of earlier builds cannot be read; delete it")
    return made


def _build(wanted: list[_Task], workshop: Path, *, force: bool, jobs: int) -> pytask.Session:
    """Call pytask without its own output; its files stay in the workshop."""
    config = workshop / "pytask" / "pytask.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(_CONFIG, encoding="utf-8")
    settings: dict[str, Any] = {
        "tasks": wanted,
        "config": config,
        "database_url": "sqlite://",
        "capture": "no",
        "disable_warnings": True,
        "force": force,
        "verbose": 0,
    }
    quiet, pytask.console.quiet = pytask.console.quiet, True
    try:
        if jobs == 1:
            return pytask.build(**settings)
        with Processes(jobs) as processes:
            return _build_with(_SeveralAtOnce(processes, wanted), settings)
    finally:
        pytask.console.quiet = quiet


def _build_with(plugin: object, settings: Mapping[str, Any]) -> pytask.Session:
    """Call pytask with a plugin, which its function takes in the form of its own command line."""
    pytask.storage.create().register(plugin)
    options = {
        option.name: option.default
        for command in pytask.cli.commands.values()
        for option in command.params
        if option.name not in signature(pytask.build).parameters
    }
    config = settings["config"].resolve()
    placed = {"config": config, "root": config.parent, "paths": [config.parent]}
    return pytask.build(**{**options, **settings, **placed, "command": "build"})


class _SeveralAtOnce:
    """Runs the tasks of a session in processes of their own, in the order of the steps."""

    def __init__(self, processes: Processes, tasks: Sequence[_Task]) -> None:
        self._processes = processes
        self._order = {task.signature: place for place, task in enumerate(tasks)}
        self._running: dict[Future[None], _Task] = {}

    @pytask.hookimpl
    def pytask_execute_build(self, session: Any) -> bool:
        """Take the place of pytask's own loop, which runs one task after the other."""
        waiting: list[_Task] = []
        try:
            while session.scheduler.is_active():
                waiting += self._take_ready(session)
                waiting = self._start(waiting)
                self._take_done(session)
        except KeyboardInterrupt as error:
            stopped = next(iter(self._running.values()), None)
            _report(session, stopped or next(iter(session.tasks)), error)
        return True

    def _take_ready(self, session: Any) -> Iterator[_Task]:
        """Yield the tasks that have to run and can; what need not run is done."""
        while ready := session.scheduler.get_ready(len(self._order)):
            for name in ready:
                task = session.dag.nodes[name]
                try:
                    session.hook.pytask_execute_task_setup(session=session, task=task)
                except Exception as error:  # noqa: BLE001 - pytask says with errors what is skipped
                    _report(session, task, error)
                else:
                    yield task

    def _start(self, waiting: Sequence[_Task]) -> list[_Task]:
        """Start the first tasks for which there is a process; returns the others."""
        left = []
        for task in sorted(waiting, key=lambda task: self._order[task.signature]):
            worker = self._processes.find(task.step)
            if worker is None:
                left.append(task)
            else:
                task.begin()
                self._running[self._processes.make(task.step, worker)] = task
        return left

    def _take_done(self, session: Any) -> None:
        done, _ = wait(self._running, return_when=FIRST_COMPLETED)
        for future in done:
            task, error = self._running.pop(future), future.exception()
            if error is None:
                error = _end(session, task)
            _report(session, task, error)


def _end(session: Any, task: _Task) -> Exception | None:
    """Return what pytask finds wrong with what a task left."""
    try:
        session.hook.pytask_execute_task_teardown(session=session, task=task)
    except Exception as error:  # noqa: BLE001 - raised once all is done that can be
        return error
    return None


def _report(session: Any, task: _Task, error: BaseException | None) -> None:
    """Tell pytask how a task ended."""
    report = (
        pytask.ExecutionReport.from_task(task)
        if error is None
        else pytask.ExecutionReport.from_task_and_exception(
            task, (type(error), error, error.__traceback__)
        )
    )
    session.hook.pytask_execute_task_process_report(session=session, report=report)
    session.hook.pytask_execute_task_log_end(session=session, task=task, report=report)
    session.execution_reports.append(report)
    session.scheduler.done(task.signature)


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
        function=make_step,
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
