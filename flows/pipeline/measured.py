"""What making an appendix took, as it was measured on one machine: ``measured.toml``."""

import datetime as dt
import os
import platform
import re
import sys
import time
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from flows import __version__
from flows.errors import ReportError, UnknownNameError
from flows.files import replace_file
from flows.notation import parse_toml
from flows.pipeline.bundles.requirements import needed_packages
from flows.pipeline.verify import Verification, verify_reports
from flows.report.appendices import Appendix, find_appendix
from flows.report.attachments import build_of
from flows.report.manifest import read_manifest
from flows.safe_text import safe_json

_KIBIBYTE = 1024

_HEADING = """# What making the report again took: written by flows verify {name} --measure.
# They differ on every machine and with every run; the README of a bundle quotes them rounded.
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """
    What verifying an appendix took.

    ``build``, ``version``: which build of it, and the version of flows; ``date``: day of the run;
    ``wall_seconds``, ``cpu_seconds``: time that passed, and that processors worked;
    ``peak_memory``: bytes, of the process and of the largest program that it started, added;
    ``bytes_made``: of all files of the report and of its processed data;
    ``bytes_installed``: of the packages that flows needs; ``cores``, ``memory`` (bytes),
    ``processor``, ``system``, ``python``: of the machine.
    """

    build: str
    version: str
    date: dt.date
    wall_seconds: float
    cpu_seconds: float
    peak_memory: int
    bytes_made: int
    bytes_installed: int
    cores: int
    memory: int
    processor: str
    system: str
    python: str


def measure_reports(
    root: Path,
    names: Sequence[str] = (),
    *,
    today: dt.date,
    announce: Callable[[str], None] = lambda _: None,
) -> dict[str, Verification]:
    """
    Verify one appendix and, if it is the same, write what that took beside its plan.

    Parameters
    ----------
    root : pathlib.Path
        Folder of the project.
    names : sequence of str, optional
        Name of the appendix; without it the only one, or ``reports/`` itself.
    today : datetime.date
        Day that the figures are of.
    announce : callable, optional
        Called with what is done next.

    Returns
    -------
    dict of str to Verification
        How the report made again compares, by its name; of one that differs nothing is written.

    Raises
    ------
    UnknownNameError
        If several are named: what one of them took would not be known.
    ReportError
        If the system does not tell how much memory a process took.
    """
    if len(names) > 1:
        raise UnknownNameError(f"expected one appendix beside --measure, found {', '.join(names)}")
    appendix = find_appendix(root, next(iter(names), None))
    before, start = _used(), time.perf_counter()
    verified = verify_reports(root, [appendix.name], announce=announce)
    wall, after = time.perf_counter() - start, _used()
    if verified[appendix.name].verdict != "different":
        manifest = read_manifest(root / appendix.manifest)
        measured = Measured(
            build=build_of(manifest, appendix),
            version=__version__,
            date=today,
            wall_seconds=round(wall, 1),
            cpu_seconds=round(after[0] - before[0], 1),
            peak_memory=after[1],
            bytes_made=sum(output.bytes for output in manifest.outputs.values()),
            **_machine(),
        )
        replace_file(root / appendix.measured, _toml(measured, appendix).encode())
    return verified


def _machine() -> dict[str, Any]:
    """Return what a report is made on."""
    return {
        "bytes_installed": _installed_bytes(),
        "cores": os.cpu_count() or 1,
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "processor": _processor(),
        "system": _system(),
        "python": platform.python_version(),
    }


def read_measured(path: Path) -> Measured | None:
    """Return what was measured, ``None`` where nobody has measured."""
    try:
        entries = parse_toml(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ReportError(f"{path}: expected TOML, found an error: {error}") from error
    kinds: dict[str, Any] = {field.name: field.type for field in fields(Measured)}
    wrong = sorted(entries.keys() ^ kinds.keys()) or [
        name
        for name, kind in kinds.items()
        if not isinstance(entries[name], (int, float) if kind is float else kind)
    ]
    if wrong:
        raise ReportError(
            f"{path}: expected {', '.join(kinds)} as flows verify --measure writes them, found "
            f"{wrong[0]} = {entries.get(wrong[0])!r}; measure again"
        )
    return Measured(**entries)


def _toml(measured: Measured, appendix: Appendix) -> str:
    lines = [
        f"{name} = {entry if isinstance(entry, dt.date) else safe_json(entry)}"
        for name, entry in asdict(measured).items()
    ]
    return _HEADING.format(name=appendix.name) + "\n".join(lines) + "\n"


def _used() -> tuple[float, int]:
    """Return seconds of processors and the peak of memory, of this process and its children."""
    try:
        import resource  # noqa: PLC0415 - not on every system
    except ModuleNotFoundError as error:
        raise ReportError(
            f"expected a system that tells what a process took, found {platform.system()}; "
            "measure on Linux or macOS, or without --measure verify only"
        ) from error
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    unit = 1 if sys.platform == "darwin" else _KIBIBYTE
    seconds = sum(usage.ru_utime + usage.ru_stime for usage in used)
    return seconds, unit * sum(usage.ru_maxrss for usage in used)


def _installed_bytes() -> int:
    """Return the size of the packages that a report is made with."""
    places = (
        Path(str(file.locate()))
        for name in needed_packages()
        for file in distribution(name).files or ()
    )
    return sum(place.stat().st_size for place in places if place.is_file())


def _processor() -> str:
    """Return the kind of processor, as the system names it."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    named = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return named[1] if named else platform.machine()


def _system() -> str:
    libc = " ".join(platform.libc_ver()).strip()
    return ", ".join(part for part in (platform.system(), platform.machine(), libc) if part)
