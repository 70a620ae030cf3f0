"""Being stopped: by Ctrl-C, by the system that shuts down, or by whoever ends the program."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ASKED = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


class Stopped(KeyboardInterrupt):
    """The program is asked to end, and cleans up as after Ctrl-C; ``number``: of the signal."""

    def __init__(self, number: int, words: str = "") -> None:
        super().__init__(words)
        self.number = number


def code_of(stop: KeyboardInterrupt) -> int:
    """Return the exit code of a program that a signal ended, as shells count."""
    return 128 + (stop.number if isinstance(stop, Stopped) else signal.SIGINT)


@contextmanager
def stoppable() -> Iterator[None]:
    """End what runs here in order if the program is asked to end; Python's own end is at once."""
    with _handling(_ASKED, _stop):
        yield


@contextmanager
def postponed(done: str) -> Iterator[None]:
    """Let what takes a moment come to its end before a signal stops the program, saying so."""
    asked: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        asked.append(number)

    with _handling([signal.SIGINT, *_ASKED], note):
        yield
    if asked:
        raise Stopped(asked[0], done)


def _stop(number: int, _: FrameType | None) -> None:
    raise Stopped(number)


@contextmanager
def _handling(numbers: list[signal.Signals], handler: object) -> Iterator[None]:
    """Handle signals in this way; Python hands them to its main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {}
    try:
        for number in numbers:
            if signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, handler)  # type: ignore[arg-type]
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)
