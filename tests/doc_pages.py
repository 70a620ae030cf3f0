"""Runs the blocks of a page of the documentation, as a reader would."""

import ast
import contextlib
import doctest
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
RUN = ("python", "sh")
"""Kinds of blocks that are run; ``console`` is for what installs or needs a network."""

_BLOCK = re.compile(r"^```(?P<kind>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
_WHERE = "\x00"


class Block(NamedTuple):
    """A block of a page, its first line, and what the text block after it shows."""

    kind: str
    body: str
    line: int
    output: str | None


def blocks(page: Path) -> Iterator[Block]:
    """Yield the blocks of a page that are run, each with the output that the page shows."""
    text = page.read_text(encoding="utf-8")
    found = list(_BLOCK.finditer(text))
    for match, after in zip_longest(found, found[1:]):
        if match["kind"] in RUN:
            shown = after["body"] if after is not None and after["kind"] == "text" else None
            line = text.count("\n", 0, match.start()) + 1
            yield Block(match["kind"], match["body"], line, shown)


def run_page(page: Path, folder: Path) -> None:
    """Run a page from top to bottom in a folder; stop where it shows another output."""
    names: dict[str, Any] = {}
    for block in blocks(page):
        if block.kind == "python":
            output = _run_python(block.body, names, folder)
        else:
            output, folder = _run_shell(block.body, folder)
        if block.output is not None:
            assert doctest.OutputChecker().check_output(block.output, output, _FLAGS), (
                f"{page.name}:{block.line} prints\n{output}"
            )


def _run_python(body: str, names: dict[str, Any], folder: Path) -> str:
    """Run statements, and print the value of a last expression as a notebook does."""
    tree = ast.parse(body)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    output = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(output):
        exec(compile(tree, "page", "exec"), names)  # noqa: S102 - the page is what is tested
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "page", "eval"), names)  # noqa: S307
            if value is not None:
                print(value if isinstance(value, str) else repr(value))  # noqa: T201
    return output.getvalue()


def _run_shell(body: str, folder: Path) -> tuple[str, Path]:
    """Run lines of a shell that stops at a fault; returns what it prints and where it ends."""
    place = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-e", "-c", f"{body}\nprintf '\\0%s' \"$PWD\""],
        cwd=folder,
        env={**os.environ, "PATH": place, "COLUMNS": "96"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{body}\n{done.stdout}\n{done.stderr}"
    output, _, end = done.stdout.rpartition(_WHERE)
    return output, Path(end)
