"""
Time what a person waits for at the keyboard: the start of the command, and builds of the reports.

Run as ``python tests/benchmarks/build_speed.py [--quick]``. Builds are those of a clone of what is
committed, first with nothing made, then again as it is, with a sentence more in the text, and with
all steps by force. ``--quick`` makes one figure.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from own_process import Run
from timed import Row, main, of_command, runs_of

ROOT = Path(__file__).parents[2]
FLOWS = [sys.executable, "-c", "import sys; from flows.cli import main; sys.exit(main())"]
BUILDS = 3
"""How often builds are timed, of some minutes each."""

FIGURE = "trade-bridge"
TEXT = Path("reports/appendix.md")
SENTENCE = "\nThis sentence was not there before.\n"


def starts(*, quick: bool) -> Row:
    """Time the command's help."""
    runs = tuple(of_command([*FLOWS, "--help"]) for _ in range(1 + runs_of(quick=quick)))
    # The first run makes bytecode.
    return Row("flows --help", "flows", runs[1:], "")


def builds(*options: str) -> Iterator[tuple[str, Run, str]]:
    """Yield each build of a clone: what was asked, what it took, whether files are as committed."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)
        clone = Path(folder)

        def built(*more: str) -> Run:
            return of_command([*FLOWS, "build", *options, *more], cwd=clone)

        yield "nothing made before", built(), _beside_committed(clone)
        yield "unchanged", built(), ""
        text = clone / TEXT
        text.write_text(text.read_text("utf-8") + SENTENCE, encoding="utf-8")
        yield "one sentence more", built(), ""
        yield "all steps by force", built("--force"), ""


def _beside_committed(clone: Path) -> str:
    command = ["git", "status", "--porcelain"]
    done = subprocess.run(command, cwd=clone, check=True, stdout=subprocess.PIPE, text=True)
    changed = len(done.stdout.splitlines())
    return f"{changed} files not as committed" if changed else "the committed files"


def rows(*, quick: bool) -> list[Row]:
    """Time the command's start, all reports, and the first of them."""
    asked = {f"flows build --only {FIGURE}": ("reports", "--only", FIGURE)}
    if not quick:
        asked = {"flows build, all reports": (), "flows build, the first report": ("reports",)}
    found = [starts(quick=quick)]
    for name, options in asked.items():
        several = [list(builds(*options)) for _ in range(1 if quick else BUILDS)]
        for stages in zip(*several, strict=True):
            stage, _, words = stages[0]
            runs = tuple(run for _, run, _ in stages)
            found.append(Row(f"{name}: {stage}", "flows", runs, words))
    return found


if __name__ == "__main__":
    main({}, rows)
