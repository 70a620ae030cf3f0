"""Verifying a report: made again from the raw files elsewhere, it must be the committed one."""

import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from flows.errors import VerifyError
from flows.pipeline.build import build_report
from flows.pipeline.compare import TOLERANCE, first_difference, list_values
from flows.pipeline.places import MANIFEST, NUMBERS
from flows.report.manifest import Manifest, read_manifest
from flows.sources import file_sha256

_VALUES = frozenset({".csv"})


@dataclass(frozen=True, slots=True)
class Verification:
    """
    How a rebuilt report compares with the committed one; any real difference raises instead.

    Parameters
    ----------
    identical : tuple of str
        Files that are the same byte for byte.
    within : tuple of str
        Files with the same values within :data:`flows.pipeline.compare.TOLERANCE`; only where the
        environment differs.
    not_compared : tuple of str
        Files with other bytes that hold no values to compare; the same holds.
    environment : tuple of str
        What differs between the environment of the committed report and this one.
    tolerance : float
        Relative, and near zero absolute, for ``within``.
    """

    identical: tuple[str, ...]
    within: tuple[str, ...]
    not_compared: tuple[str, ...]
    environment: tuple[str, ...]
    tolerance: float = TOLERANCE

    def summary(self) -> str:
        """
        Return what was compared, and what differs without a fault.

        Returns
        -------
        str
            A line each.

        Raises
        ------
        TypeError
            If a field is no tuple.

        Examples
        --------
        >>> print(Verification(("reports/numbers.json",), (), (), ()).summary())
        1 files identical to the committed report
        """
        told = [f"{len(self.identical)} files identical to the committed report"]
        within = f"{len(self.within)} files with the same values within {self.tolerance:g}:"
        others = f"{len(self.not_compared)} files with other bytes, not compared:"
        for heading, names in (
            ("the environment differs:", self.environment),
            (within, self.within),
            (others, self.not_compared),
        ):
            if names:
                told += [heading, *(f"  {name}" for name in names)]
        return "\n".join(told)


def verify_report(root: Path, *, announce: Callable[[str], None] = lambda _: None) -> Verification:
    """
    Make the report again from the raw files in a temporary folder and compare.

    Parameters
    ----------
    root : pathlib.Path
        Folder of the project; nothing in it is changed.
    announce : callable
        Called with the name of each step before it runs.

    Returns
    -------
    Verification

    Raises
    ------
    VerifyError
        If an input is not the one that the report was made from, a committed file is missing or
        was changed, or the rebuilt report differs: the message names the first difference.
    FlowsError
        If the report was never built, or cannot be built.
    """
    committed = read_manifest(root / MANIFEST)
    with tempfile.TemporaryDirectory(prefix="flows-verify-") as folder:
        place = Path(folder)
        build_report(root, out=place / "out", workshop=place / "work", announce=announce)
        rebuilt = read_manifest(place / "out" / MANIFEST)
        _check_inputs(committed, rebuilt)
        return _compare(root, committed, place / "out", rebuilt)


def _check_inputs(committed: Manifest, rebuilt: Manifest) -> None:
    for name in sorted(committed.inputs.keys() | rebuilt.inputs.keys()):
        was, now = committed.inputs.get(name), rebuilt.inputs.get(name)
        if was != now:
            raise VerifyError(
                f"{name}: the report was made from sha256 {was}, found {now}; run flows build"
            )


def _compare(root: Path, committed: Manifest, place: Path, rebuilt: Manifest) -> Verification:
    if odd := sorted(committed.outputs.keys() ^ rebuilt.outputs.keys()):
        side = "committed" if odd[0] in committed.outputs else "rebuilt"
        raise VerifyError(f"{odd[0]}: found in the {side} report only")
    environment = _environment_differences(committed.environment, rebuilt.environment)
    names: dict[str, list[str]] = {"identical": [], "within": [], "not_compared": []}
    for name in sorted(committed.outputs):
        sha256 = _committed_sha256(root, name, committed)
        if sha256 == committed.outputs[name].sha256 == rebuilt.outputs[name].sha256:
            names["identical"].append(name)
        elif not environment or sha256 != committed.outputs[name].sha256:
            raise VerifyError(f"{name}: {_describe_difference(root / name, place / name)}")
        elif Path(name).suffix in _VALUES or name == NUMBERS:
            _check_values(root / name, place / name, name)
            names["within"].append(name)
        else:
            names["not_compared"].append(name)
    return Verification(
        identical=tuple(names["identical"]),
        within=tuple(names["within"]),
        not_compared=tuple(names["not_compared"]),
        environment=environment,
    )


def _committed_sha256(root: Path, name: str, committed: Manifest) -> str:
    """Return the hash of a committed file; processed tables are not kept, only their hashes."""
    if (root / name).is_file():
        return file_sha256(root / name)
    if name.startswith("reports/"):
        raise VerifyError(f"{name}: expected this file of the report, found none")
    return committed.outputs[name].sha256


def _describe_difference(expected: Path, found: Path) -> str:
    """Name the first value that differs, or at least the hashes."""
    if not expected.is_file():
        return "expected the bytes that the manifest names, rebuilt others"
    if expected.suffix in {".json", *_VALUES}:
        with suppress(ValueError):
            if difference := first_difference(expected, found):
                return f"committed and rebuilt differ: {difference}"
    return f"expected sha256 {file_sha256(expected)} as committed, rebuilt {file_sha256(found)}"


def _check_values(expected: Path, found: Path, name: str) -> None:
    if difference := first_difference(expected, found, tolerance=TOLERANCE):
        raise VerifyError(f"{name}: beyond the tolerance of {TOLERANCE:g}: {difference}")


def _environment_differences(
    committed: Mapping[str, object], rebuilt: Mapping[str, object]
) -> tuple[str, ...]:
    was, now = dict(list_values("", committed)), dict(list_values("", rebuilt))
    return tuple(
        f"{place}: {was.get(place, 'none')} -> {now.get(place, 'none')}"
        for place in sorted(was.keys() | now.keys())
        if was.get(place) != now.get(place)
    )
