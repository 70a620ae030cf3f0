"""Progress is seen on a terminal and in a notebook, nowhere else, and changes no result."""

import io
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from test_results import CASE, arms

import flows as fl
from flows import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    screen = Terminal()
    # Not sys.stderr itself, which pytest sets anew between the fixture and the test.
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=screen, modules=sys.modules))
    monkeypatch.delenv(progress.SWITCH, raising=False)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))
    clock = iter(range(10_000))
    monkeypatch.setattr(progress.time, "monotonic", lambda: float(next(clock)))
    return screen


def test_a_terminal_shows_a_line_and_clears_it(terminal: Terminal) -> None:
    assert list(progress.track(range(8), "counting", total=8)) == list(range(8))
    lines = terminal.getvalue().split("\r\x1b[2K")
    assert lines[1].startswith("counting [")
    assert "%, " in lines[1]
    assert lines[-1] == ""


def test_short_work_says_nothing(terminal: Terminal) -> None:
    assert list(progress.track(range(2), "counting", total=2)) == [0, 1]
    assert terminal.getvalue() == ""


def test_a_line_is_cleared_when_work_stops(terminal: Terminal) -> None:
    def stop() -> None:
        for number in progress.track(range(9), "counting", total=9):
            if number == 6:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop()
    assert terminal.getvalue().endswith("\r\x1b[2K")
    assert list(progress.track(range(9), "again", total=9))
    assert "again" in terminal.getvalue()


def test_work_inside_of_work_says_nothing_of_its_own(terminal: Terminal) -> None:
    for _ in progress.track(range(5), "outer", total=5):
        list(progress.track(range(5), "inner", total=5))
    with progress.silent():
        list(progress.track(range(5), "silent", total=5))
    assert "outer" in terminal.getvalue()
    assert "inner" not in terminal.getvalue()
    assert "silent" not in terminal.getvalue()


def test_the_switch_turns_it_off(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(progress.SWITCH, "0")
    list(progress.track(range(8), "counting", total=8))
    assert terminal.getvalue() == ""


def test_a_pipe_shows_nothing(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    del terminal
    pipe = io.StringIO()
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=pipe, modules=sys.modules))
    list(progress.track(range(8), "counting", total=8))
    assert pipe.getvalue() == ""


def test_a_notebook_shows_one_line_in_one_place(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    class ZMQInteractiveShell:
        pass

    shown: list[str] = []

    class Handle:
        def update(self, content: dict[str, str], *, raw: bool) -> None:
            assert raw
            shown.append(content["text/plain"])

    def display(content: dict[str, str], **_: Any) -> Handle:
        shown.append(content["text/plain"])
        return Handle()

    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=ZMQInteractiveShell))
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display))
    list(progress.track(range(8), "counting", total=8))
    assert shown[0].startswith("counting [")
    assert shown[-1] == ""
    assert terminal.getvalue() == ""


def test_results_are_the_same_with_and_without(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {**CASE, "level": 0.95, "draws": 20_000, "rng": 1}
    seen = fl.share_posterior(arms(), **asked)
    assert "draws of the deals" in terminal.getvalue()
    monkeypatch.setenv(progress.SWITCH, "0")
    assert fl.share_posterior(arms(), **asked).interval == seen.interval
