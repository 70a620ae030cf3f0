"""
Change the code of measure, models and compare, one place at a time: a test must notice.

``python tests/mutation/mutate.py [--share S | --each N] [--seed N] [MODULE ...]``

mutmut makes the changes, finds which tests of the layer run which function, and runs those on each
change in a process of its own, with fewer examples of each property than usual. Here a sample of
the changes is drawn, the same for the same seed: a share of them all, or as many of each module.
Changes that no test notices are printed. Those listed in survivors.toml with a reason do not count.
The program fails below 95 in a hundred.

What errors say is left out: tests of errors hold it, and there are as many changes of a text as it
has letters. So is what runs only when a module is imported: mutmut changes functions.
"""

import argparse
import fnmatch
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from mutation_scores import LEAST, Change, is_listed, listed, sample, score, table
from mutmut.__main__ import _run, create_mutants
from mutmut.configuration import config
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import copy_also_copy_files, copy_src_dir

ROOT = Path(__file__).resolve().parents[2]
_NOTICED = ("killed", "timeout", "segfault", "suspicious")


def make_changes(paths: Sequence[Path], jobs: int) -> dict[str, list[str]]:
    """Make the changes of some modules in a copy of the project; return their names by module."""
    config().only_mutate = [str(path) for path in paths]
    (ROOT / "mutants").mkdir(exist_ok=True)
    copy_src_dir()
    copy_also_copy_files()
    for path in paths:
        if not _meta(str(path)).is_file():
            # A run that changed other modules has copied it; mutmut takes it for changed already.
            (ROOT / "mutants" / path).unlink(missing_ok=True)
    create_mutants(jobs)
    return {str(path): list(outcomes(str(path))) for path in paths}


def _meta(path: str) -> Path:
    return ROOT / "mutants" / f"{path}.meta"


def outcomes(path: str) -> dict[str, str]:
    """Return what came of the changes of a module."""
    codes = json.loads(_meta(path).read_text(encoding="utf-8"))["exit_code_by_key"]
    return {name: status_by_exit_code[code] for name, code in codes.items()}


def described(name: str, path: str) -> Change:
    """Return a change with the lines that it takes out and puts in."""
    lines = get_diff_for_mutant(name, path=path).splitlines()
    before = [line[1:].strip() for line in lines if line[:1] == "-" and line[:3] != "---"]
    after = [line[1:].strip() for line in lines if line[:1] == "+" and line[:3] != "+++"]
    return Change(name, path, "\n".join(before), "\n".join(after))


def main(arguments: Sequence[str]) -> int:
    """Try a sample of changes; print what no test noticed, and the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="such as flows/measure/*.py")
    parser.add_argument("--share", type=float, default=0.02, help="of all changes; 0.02 by default")
    parser.add_argument("--each", type=int, default=0, help="instead: as many of each module")
    parser.add_argument("--seed", type=int, default=1, help="another one draws other changes")
    parser.add_argument("--jobs", type=int, default=1, help="changes that are tried at once")
    parser.add_argument("--tests", nargs="+", help="files of tests; those of the layers without")
    parser.add_argument("--names", nargs="*", default=[], help="instead: these, by mutmut's names")
    asked = parser.parse_args(arguments)
    paths = sorted(
        path.relative_to(ROOT)
        for pattern in asked.modules or config().only_mutate
        for path in ROOT.glob(pattern)
        if path.suffix == ".py"
    )
    if not paths:
        sys.exit(f"no module {' '.join(asked.modules)}; such as flows/measure/shares.py")
    os.chdir(ROOT)
    with _printed_to(ROOT / "mutants.log"):
        names = make_changes(paths, asked.jobs)
    drawn = sample(names, share=asked.share, each=asked.each, seed=asked.seed)
    if asked.names:
        drawn = {path: fnmatch_any(of_it, asked.names) for path, of_it in names.items()}
    wanted = [name for of_it in drawn.values() for name in of_it]
    print(f"{len(wanted):,} of {sum(map(len, names.values())):,} changes of {len(paths)} modules")
    os.environ["HYPOTHESIS_PROFILE"] = "mutation"
    config().pytest_add_cli_args_test_selection = asked.tests or tests_of(paths)
    with _printed_to(ROOT / "mutants.log"):
        _run(wanted, asked.jobs)
    return report(drawn)


def tests_of(paths: Iterable[Path]) -> list[str]:
    """Return where pytest finds the tests of the layers that hold some modules."""
    layers = sorted({path.parts[1] for path in paths})
    files = [path for layer in layers for path in sorted(ROOT.glob(f"tests/test_{layer}_*.py"))]
    examples = [f"flows/{layer}" for layer in layers]
    return [*(path.relative_to(ROOT).as_posix() for path in files), *examples]


@contextmanager
def _printed_to(log: Path) -> Iterator[None]:
    """Let what is printed, by this process and by those it starts, go to a file."""
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        with log.open("wb") as file:
            os.dup2(file.fileno(), 1)
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)


def fnmatch_any(names: Iterable[str], patterns: Sequence[str]) -> list[str]:
    """Return the names that one of the patterns fits."""
    return [name for name in names if any(fnmatch.fnmatch(name, one) for one in patterns)]


def report(drawn: Mapping[str, Sequence[str]]) -> int:
    """Print what no test noticed, and the table; say if that is too much."""
    entries, rows, total = listed(), [], Counter[str]()
    for path, of_it in drawn.items():
        came = outcomes(path)
        unnoticed = [described(name, path) for name in of_it if came[name] not in _NOTICED]
        excused = [change for change in unnoticed if is_listed(change, entries)]
        for change in unnoticed:
            if change not in excused:
                print(f"\n{change.path}: {change.function} ({came[change.name]}, {change.name})")
                print("".join(f"  - {line}\n" for line in change.before.splitlines()), end="")
                print("".join(f"  + {line}\n" for line in change.after.splitlines()), end="")
        row = len(of_it), len(of_it) - len(unnoticed), len(excused)
        total.update(dict(zip(("tried", "noticed", "excused"), row, strict=True)))
        rows += [(path, *row)] if of_it else []
    print("\n".join(["", *table(rows), *list(table([("all", *total.values())]))[1:]]))
    return int(score(total["tried"], total["noticed"], total["excused"]) < LEAST)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
