"""Other machines on one machine: the report is rebuilt under each, and must be the committed one.

Run as ``make everywhere``; with ``--kernels`` only the kernels of the linear algebra that are not
this machine's own, as CI does beside ``make report``. What this machine cannot imitate is named and
left out; no kernel beside its own is a failure, for then nothing was tested.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KERNELS = ("Nehalem", "Sandybridge", "Haswell", "Zen", "SkylakeX")
PYTHONS = ("3.11", "3.12", "3.13")
LONG_AGO = "2001-02-03 04:05:06"

PROBE = """
import hashlib, numpy as np
rng = np.random.default_rng(1)
a = rng.normal(size=(60, 60))
q, r = np.linalg.qr(a)
print(hashlib.sha256((a @ a).tobytes() + r.tobytes() + np.linalg.inv(a).tobytes()).hexdigest())
"""

FEATURES = """
import numpy as np
print(*np.show_config("dicts")["SIMD Extensions"].get("found", []))
"""


@dataclass(frozen=True)
class Machine:
    """An environment to build in, or the reason why it cannot be had here."""

    name: str
    variables: dict[str, str] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    elsewhere: bool = False
    python: str = ""
    missing: str = ""


@dataclass(frozen=True)
class Outcome:
    """What a build under a machine gave."""

    machine: Machine
    differing: int
    seconds: float
    words: str


def kernels() -> Iterator[Machine]:
    """Yield this machine, then the kernels that compute in another way than those before."""
    own = run([sys.executable, "-c", PROBE], {}).stdout.strip()
    seen = {own: "this machine"}
    yield Machine("this machine")
    for kernel in KERNELS:
        variables = {"OPENBLAS_CORETYPE": kernel}
        answer = run([sys.executable, "-c", PROBE], variables)
        if answer.returncode:
            yield Machine(kernel, missing="this processor does not run it")
        elif (digest := answer.stdout.strip()) in seen:
            yield Machine(kernel, missing=f"computes as {seen[digest]} does")
        else:
            seen[digest] = kernel
            yield Machine(kernel, variables)


def others() -> Iterator[Machine]:
    """Yield everything else that a machine can have otherwise."""
    answer = run([sys.executable, "-c", FEATURES], {})
    features = answer.stdout.strip()
    if features:
        yield Machine("numpy without SIMD", {"NPY_DISABLE_CPU_FEATURES": features})
    for threads in ("1", "2"):
        names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
        yield Machine(f"threads: {threads}", dict.fromkeys(names, threads))
    for seed in ("0", "4242"):
        yield Machine(f"hash seed {seed}", {"PYTHONHASHSEED": seed})
    for zone in ("Pacific/Kiritimati", "America/St_Johns"):
        yield Machine(f"time zone {zone}", {"TZ": zone})
    yield Machine("locale C", {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0"})
    yield turkish()
    yield Machine("a folder named «mein Ordner é»", elsewhere=True)
    yield clock()


def turkish() -> Machine:
    """Return the locale in which i and I are no pair."""
    name = "locale tr_TR.UTF-8"
    folder = Path(tempfile.gettempdir()) / "flows-locales"
    folder.mkdir(exist_ok=True)
    if shutil.which("localedef"):
        made = run(["localedef", "-i", "tr_TR", "-f", "UTF-8", str(folder / "tr_TR.UTF-8")], {})
        if made.returncode == 0:
            return Machine(name, {"LC_ALL": "tr_TR.UTF-8", "LOCPATH": str(folder)})
    return Machine(name, missing="needs Debian's package locales")


def clock() -> Machine:
    """Return a clock that is far behind."""
    name = f"clock of {LONG_AGO}"
    if shutil.which("faketime"):
        return Machine(name, before=("faketime", LONG_AGO))
    return Machine(name, missing="needs Debian's package faketime")


def pythons() -> Iterator[Machine]:
    """Yield every other Python, each with an environment of its own from the lock."""
    mine = f"{sys.version_info.major}.{sys.version_info.minor}"
    for version in PYTHONS:
        if version != mine:
            found = find_python(version)
            yield Machine(
                f"Python {version}",
                elsewhere=True,
                python=found,
                missing="" if found else "not installed",
            )


def find_python(version: str) -> str:
    """Return the program of a Python version, on the path or among those of pyenv."""
    folder = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    places = [shutil.which(f"python{version}"), *folder.glob(f"{version}.*/bin/python3")]
    for place in filter(None, places):
        if run([str(place), "--version"], {}).returncode == 0:
            return str(place)
    return ""


def run(
    command: list[str], variables: dict[str, str], folder: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """Run a program in an environment of its own."""
    environment = {**os.environ, **variables}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def verify(machine: Machine) -> Outcome:
    """Rebuild every report under a machine and count the files that are not the committed ones."""
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="flows-everywhere-") as place:
        folder, flows, variables = ROOT, Path(sys.executable).with_name("flows"), {}
        if machine.elsewhere:
            folder = Path(place) / "mein Ordner é"
            run(["git", "clone", "--quiet", str(ROOT), str(folder)], {})
            variables = {"PYTHONPATH": str(folder)}
        if machine.python:
            made = run(["make", ".venv/.report-ready", f"PYTHON={machine.python}"], {}, folder)
            if made.returncode:
                return Outcome(machine, -1, time.monotonic() - begin, last_line(made))
            flows, variables = folder / ".venv/bin/flows", {}
        command = [*machine.before, str(flows), "verify", "--json"]
        answer = run(command, {**machine.variables, **variables}, folder)
    seconds = time.monotonic() - begin
    try:
        found = json.loads(answer.stdout)
    except json.JSONDecodeError:
        return Outcome(machine, -1, seconds, last_line(answer))
    reports = [found] if "verdict" in found else found.values()
    differing = [
        entry
        for report in reports
        for entry in [*(one["file"] for one in report["differences"]), *report["manifest"]]
    ]
    return Outcome(machine, len(differing), seconds, ", ".join(differing[:3]))


def last_line(answer: subprocess.CompletedProcess[str]) -> str:
    """Return what a program said last."""
    return (answer.stderr.strip() or answer.stdout.strip() or "no word").splitlines()[-1]


def main() -> int:
    """Build under every machine, two at a time, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kernels", action="store_true", help="only the kernels of others")
    asked = parser.parse_args()
    own, *other_kernels = kernels()
    if all(kernel.missing for kernel in other_kernels):
        sys.exit("expected two kernels of the linear algebra that differ, found fewer")
    machines = other_kernels if asked.kernels else [own, *other_kernels, *others(), *pythons()]
    print("| machine | files that differ | seconds | |\n|---|---|---|---|")
    bad = 0
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for outcome in pool.map(verify, [one for one in machines if not one.missing]):
            bad += outcome.differing != 0
            count = "could not be built" if outcome.differing < 0 else outcome.differing
            words = f"{outcome.machine.name} | {count} | {outcome.seconds:.0f} | {outcome.words}"
            print(f"| {words} |", flush=True)
    for machine in machines:
        if machine.missing:
            print(f"| {machine.name} | left out | | {machine.missing} |")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
