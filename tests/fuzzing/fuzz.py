"""
Fuzz the parsers, led by coverage: `make fuzz`.

``python tests/fuzzing/fuzz.py [--seconds S | --runs N | --total S] [--keep] [TARGET ...]``

Targets are those of fuzz_targets.py, by name or pattern. Each runs in a process of its own under
Atheris (libFuzzer), begins with the examples and the kept corpus, and goes on from every input
that reaches code which none did before. What is found goes to the folder ``.fuzz/found``, one file
a fault with its traceback beside it; the program then fails. ``--keep`` puts small inputs that
reached new code into the kept corpus.
"""

import argparse
import fnmatch
import hashlib
import io
import os
import random
import re
import shutil
import sys
import time
import traceback
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / ".fuzz"
FOUND = WORK / "found"
_LARGEST = 400_000
"""Bytes of an input."""

_MOST_KEPT, _LARGEST_KEPT = 10, 3_000
"""Inputs of a target in the corpus, and bytes of each."""

_LIMITS = ("-timeout=60", "-rss_limit_mb=3000")
_DONE = re.compile(r"#(\d+)\s+DONE\s+(?:cov: (\d+))?")
_PULSE = re.compile(r"#(\d+)\s+\w+\s+(?:cov: (\d+))?")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the run of a target came to; ``broken`` is how its process ended, if not by itself."""

    target: str
    cases: int
    seconds: float
    coverage: int
    found: int
    broken: str = ""

    def row(self) -> str:
        """Return a line of the table."""
        rate = self.cases / self.seconds if self.seconds else 0.0
        return (
            f"{self.target:28} {self.cases:>10,} {self.seconds:>8.0f} {rate:>9,.0f} "
            f"{self.coverage:>9,} {self.found:>6} {self.broken}"
        ).rstrip()


HEAD = f"{'target':28} {'cases':>10} {'seconds':>8} {'per s':>9} {'coverage':>9} {'faults':>6}"


def fuzz(target: Any, *, seconds: float, runs: int, seed: int, keep: bool = False) -> Outcome:
    """Fuzz one target in a process of its own, forked off when all is imported."""
    name = target.name
    corpus = WORK / "corpus" / name
    for folder in (corpus, FOUND):
        folder.mkdir(parents=True, exist_ok=True)
    begun = _begin(target, corpus)
    before = {*_found(name)}
    limits = [f"-max_total_time={max(1, round(seconds))}"] if seconds else []
    limits += [f"-runs={runs}"] if runs else []
    options = [str(corpus), *limits, f"-seed={seed}", f"-max_len={_LARGEST}", *_LIMITS]
    options += [f"-artifact_prefix={FOUND / name}-", *_dictionary(target)]
    log = WORK / f"{name}.log"
    start = time.monotonic()
    status = _in_child(target, options, log)
    took = time.monotonic() - start
    told = log.read_text(encoding="utf-8", errors="replace")
    counts = _DONE.search(told) or ([*_PULSE.finditer(told)] or [None])[-1]
    cases, coverage = (int(counts[1]), int(counts[2] or 0)) if counts else (0, 0)
    found = len({*_found(name)} - before)
    broken = f"ended with {status}, see .fuzz/{log.name}" if status else ""
    if keep and not broken:
        _keep(name, {*corpus.iterdir()} - begun)
    return Outcome(name, cases, took, coverage, found, broken)


def _in_child(target: Any, options: Sequence[str], log: Path) -> int:
    """Return how a process that fuzzes ended: libFuzzer ends it by itself."""
    sys.stdout.flush()
    process = os.fork()
    if process:
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    with log.open("wb") as told:
        os.dup2(told.fileno(), 1)
        os.dup2(told.fileno(), 2)
    try:
        _fuzz_here(target, options)
    finally:
        os._exit(70)


def _fuzz_here(target: Any, options: Sequence[str]) -> None:
    import atheris  # noqa: PLC0415 - only the fuzzer needs it

    seen: set[str] = set()

    def case(content: bytes) -> None:
        try:
            target.holds(content)
        except Exception as error:  # noqa: BLE001 - every kind is told apart below
            _note(target.name, content, error, seen)

    def mutated(content: bytes, largest: int, number: int) -> bytes:
        chance = random.Random(number)
        if target.change is None and chance.random() < 0.3:
            made: bytes = atheris.Mutate(content, largest)
            return made
        made = target.changed(content, chance)
        return made[:largest]

    atheris.Setup([sys.argv[0], *options], case, custom_mutator=mutated)
    atheris.Fuzz()


def _found(name: str) -> list[Path]:
    return [path for path in FOUND.glob(f"{name}-*") if path.suffix != ".txt"]


def _begin(target: Any, corpus: Path) -> set[Path]:
    """Put what a target begins with where libFuzzer looks for it."""
    begun = set()
    for content in (*target.seeds(), *(path.read_bytes() for path in target.corpus())):
        path = corpus / hashlib.sha1(content, usedforsecurity=False).hexdigest()
        path.write_bytes(content)
        begun.add(path)
    return begun


def _keep(name: str, reached: set[Path]) -> None:
    """Put small inputs that reached new code into the kept corpus."""
    kept = Path(__file__).with_name("corpus") / name
    small = (path for path in reached if 0 < path.stat().st_size <= _LARGEST_KEPT)
    for path in sorted(small, key=lambda path: (path.stat().st_size, path.name))[:_MOST_KEPT]:
        kept.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, kept / path.name[:16])


def _dictionary(target: Any) -> list[str]:
    """Write the words of a target as libFuzzer reads them; return the option for the file."""
    if not target.words:
        return []
    path = WORK / f"{target.name}.dict"
    lines = ("".join(f"\\x{byte:02x}" for byte in word.encode()) for word in target.words)
    path.write_text("".join(f'"{line}"\n' for line in lines), encoding="ascii")
    return [f"-dict={path}"]


def _note(name: str, content: bytes, error: Exception, seen: set[str]) -> None:
    """Write down a fault once: its input, and how it came."""
    kind = _kind(error)
    if kind in seen:
        return
    seen.add(kind)
    FOUND.mkdir(parents=True, exist_ok=True)
    digits = hashlib.sha1(kind.encode(), usedforsecurity=False).hexdigest()[:10]
    (FOUND / f"{name}-{digits}").write_bytes(content)
    told = "".join(traceback.format_exception(error))
    (FOUND / f"{name}-{digits}.txt").write_text(f"{kind}\n\n{told}", encoding="utf-8")


def _kind(error: Exception) -> str:
    """Return what tells a fault from others: its class, and where in the package it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/flows/" in frame.filename]
    place = f"{Path(ours[-1].filename).name}:{ours[-1].name}" if ours else ""
    if isinstance(error, AssertionError):
        place = re.sub(r"'.*?'|[0-9.]+", "_", str(error))[:80]
    return f"{type(error).__name__} {place}"


def _instrumented() -> Mapping[str, Any]:
    """Return the targets, with the package so imported that it tells which of its code runs."""
    try:
        import atheris  # noqa: PLC0415 - only the fuzzer needs it
    except ImportError:
        sys.exit(
            "expected Atheris, found none: make fuzz installs it, on Linux (x86-64) with Python "
            "3.11 to 3.13; the kept corpus runs without it, in make test"
        )
    sys.path.append(str(ROOT / "tests"))
    silent = redirect_stderr(io.StringIO())
    with warnings.catch_warnings(), silent, atheris.instrument_imports(include=["flows"]):
        import fuzz_targets  # noqa: PLC0415 - what is imported here is instrumented
    warnings.simplefilter("ignore")
    targets: Mapping[str, Any] = fuzz_targets.TARGETS
    return targets


def chosen(patterns: Sequence[str], names: Sequence[str]) -> Iterator[str]:
    """Yield the names that were asked for; all of them if none was."""
    for pattern in patterns or ["*"]:
        of_it = fnmatch.filter(names, pattern)
        if not of_it:
            sys.exit(f"no target {pattern!r}; there are: {', '.join(names)}")
        yield from of_it


def main(arguments: Sequence[str]) -> int:
    """Fuzz the targets that are asked for; print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="name or pattern; all without")
    parser.add_argument("--seconds", type=float, default=0.0, help="of each target; 60 by default")
    parser.add_argument(
        "--total", type=float, default=0.0, help="seconds of as many targets as it has room for"
    )
    parser.add_argument("--runs", type=int, default=0, help="cases of each target")
    parser.add_argument("--seed", type=int, default=1, help="another one tries other inputs")
    parser.add_argument(
        "--keep", action="store_true", help="add what reached new code to the corpus"
    )
    parser.add_argument(
        "--tell", action="store_true", help="end well whatever is found: new inputs are chance"
    )
    asked = parser.parse_args(arguments)
    targets = _instrumented()
    names = list(dict.fromkeys(chosen(asked.targets, list(targets))))
    if asked.total:
        most = min(len(names), max(1, round(asked.total)))
        names = sorted(random.Random(asked.seed).sample(names, most))
    seconds = asked.total / len(names) or asked.seconds or (0.0 if asked.runs else 60.0)
    print(HEAD, flush=True)
    outcomes = []
    for name in names:
        outcome = fuzz(
            targets[name], seconds=seconds, runs=asked.runs, seed=asked.seed, keep=asked.keep
        )
        print(outcome.row(), flush=True)
        outcomes.append(outcome)
    cases, faults = sum(one.cases for one in outcomes), sum(one.found for one in outcomes)
    print(f"{cases:,} cases of {len(names)} targets, {faults} faults; those are in {FOUND}")
    found = any(one.found for one in outcomes) and not asked.tell
    return int(found or any(one.broken for one in outcomes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
