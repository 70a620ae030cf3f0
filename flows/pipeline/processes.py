"""Steps made in processes of their own, several at once: each reads files and writes files."""

import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

from flows.errors import DiskError, FlowsError, ReportError, describe_os_error
from flows.pipeline.graph import Step, list_files
from flows.progress import silent

_START = "from flows.pipeline.processes import serve; serve()"


def make_step(step: Step) -> None:
    """Call the function of a step with its files and settings."""
    from flows.pipeline import tasks  # noqa: PLC0415 - takes two seconds to import

    try:
        getattr(tasks, step.task)(**step.reads, **step.writes, **step.settings)
    except OSError as error:
        if isinstance(error, FlowsError) or error.filename is not None:
            raise
        raise DiskError(describe_os_error(error, step.outputs[0].parent)) from error


@dataclass(eq=False, slots=True)
class Worker:
    """A process that makes one step at a time; ``busy``: whether it does."""

    process: subprocess.Popen[bytes]
    busy: bool = False

    @property
    def is_there(self) -> bool:
        """Whether the process has not ended."""
        return self.process.poll() is None

    def end(self) -> None:
        """Close what leads to the process, which was killed."""
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(OSError):
                cast("BinaryIO", pipe).close()

    def make(self, step: Step) -> None:
        """Have a step made, and raise what it raised."""
        try:
            pickle.dump(step, cast("BinaryIO", self.process.stdin))
            cast("BinaryIO", self.process.stdin).flush()
            error = pickle.load(cast("BinaryIO", self.process.stdout))  # noqa: S301 - our own
        except (OSError, EOFError, pickle.UnpicklingError):
            raise ReportError(_explain_end(step, self.process)) from None
        finally:
            self.busy = False
        if error is not None:
            raise error


@dataclass(slots=True)
class Processes(AbstractContextManager["Processes"]):
    """
    At most so many processes, which start when there is a step for them and end with the block.

    Studies of the same tables go to the same process: what one has computed, the next one has.
    """

    most: int
    _workers: list[Worker] = field(init=False, default_factory=list)
    _homes: dict[Hashable, Worker] = field(init=False, default_factory=dict)
    _threads: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        self._threads = ThreadPoolExecutor(self.most)

    def __exit__(self, *_: object) -> None:
        """End all processes, whatever they are at."""
        for worker in self._workers:
            worker.process.kill()
        self._threads.shutdown()
        for worker in self._workers:
            worker.end()

    def find(self, step: Step) -> Worker | None:
        """Return a process that is free for a step; none until the one that it belongs to is."""
        there = [worker for worker in self._workers if worker.is_there]
        home = _home(step)
        own = None if home is None else self._homes.get(home)
        if own in there:
            return None if own.busy else own
        idle = next((worker for worker in there if not worker.busy), None)
        if idle is None and len(there) < self.most:
            idle = Worker(_start())
            self._workers.append(idle)
        if idle is not None and home is not None:
            self._homes[home] = idle
        return idle

    def make(self, step: Step, worker: Worker) -> "Future[None]":
        """Have a step made by a process that is free; what it raises, the future has."""
        worker.busy = True
        return self._threads.submit(worker.make, step)


def _home(step: Step) -> Hashable:
    tables = step.reads.get("tables")
    return None if tables is None else frozenset(list_files(tables))


def _start() -> subprocess.Popen[bytes]:
    places = [path or os.getcwd() for path in sys.path]  # noqa: PTH109 - text, as Python takes it
    return subprocess.Popen(  # noqa: S603 - no shell, no argument from a text
        [sys.executable, "-P", "-c", _START],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(places)},
    )


def _explain_end(step: Step, process: subprocess.Popen[bytes]) -> str:
    code = process.wait()
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    return (
        f"{step.title}: expected the process that makes it to end after it, found that it ended "
        f"before, with {how}; if memory ran out, flows build --jobs 1 needs less at once"
    )


def serve() -> None:
    """Make the steps that come in, one after the other, for as long as the build is there."""
    from flows.origin import remember_calls  # noqa: PLC0415 - loads pandas

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks for steps stops them
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no reply
    asked: queue.SimpleQueue[Step] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(asked,), daemon=True).start()
    with silent(), remember_calls():
        while True:
            replies.write(_outcome(asked.get()))
            replies.flush()


def _listen(asked: "queue.SimpleQueue[Step]") -> None:
    """Take in steps; none can come any more where the build has ended, in whatever way."""
    try:
        while True:
            asked.put(pickle.load(sys.stdin.buffer))  # noqa: S301 - our own
    except (EOFError, OSError, pickle.UnpicklingError):
        os._exit(0)


def _outcome(step: Step) -> bytes:
    """Return none, or the error that a step raised, as they are sent."""
    try:
        make_step(step)
    except BaseException as error:  # noqa: BLE001 - raised again by the one who asks
        return _as_sent(error)
    return pickle.dumps(None)


def _as_sent(error: BaseException) -> bytes:
    error.add_note("".join(traceback.format_exception(error)))
    try:
        sent = pickle.dumps(error)
        pickle.loads(sent)  # noqa: S301 - our own
    except Exception:  # noqa: BLE001 - an error of another package may be of any form
        plain: Any = RuntimeError(f"{type(error).__name__}: {error}")
        plain.__notes__ = error.__notes__
        return pickle.dumps(plain)
    return sent
