"""
Hold a lock to what the project needs; `make` runs this after it has installed a lock as it is.

``python .ci/check_lock.py requirements-dev.lock build dev`` names the lock and the extras of
pyproject.toml that it covers. pip resolves nothing, so it does not see that a line is missing, and
`pip check` follows no extras (``coverage[toml]``) and minds what else lies in the environment.
"""

import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

# pip's own copy is there whatever a lock lacks.
from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.utils import canonicalize_name

parse = cache(Requirement)
HERE: Mapping[str, str] = {}
"""What markers are read for: this Python on this system."""


def read_lock(path: Path, system: Mapping[str, str] = HERE) -> dict[str, str]:
    """Return the version of each package that a lock holds for a system."""
    lines = (line.rstrip("\\ ") for line in path.read_text("utf-8").splitlines())
    needs = [parse(line) for line in lines if line and line[0] not in " #"]
    return {
        canonicalize_name(need.name): str(need.specifier).removeprefix("==")
        for need in needs
        if need.marker is None or need.marker.evaluate({**system})
    }


def project_needs(pyproject: Path, extras: Iterable[str]) -> list[str]:
    """Return what the project needs, and what its extras need on top."""
    project = tomllib.loads(pyproject.read_text("utf-8"))["project"]
    optional = project.get("optional-dependencies", {})
    return [*project["dependencies"], *(need for extra in extras for need in optional[extra])]


def find_faults(
    locked: Mapping[str, str], needs: Iterable[str], system: Mapping[str, str] = HERE
) -> Iterator[str]:
    """Follow each need through the needs of the packages; say what the lock lacks."""
    waiting = [("pyproject.toml", parse(need)) for need in needs]
    seen: set[tuple[str, str]] = set()
    while waiting:
        user, need = waiting.pop()
        name = canonicalize_name(need.name)
        if name not in locked:
            yield f"{user} needs {need}, and there is no line for {name}"
        elif not need.specifier.contains(locked[name], prereleases=True):
            yield f"{user} needs {need}, and the line says {name}=={locked[name]}"
        else:
            parts = {(name, extra) for extra in ("", *need.extras)} - seen
            seen |= parts
            package = f"{name} {locked[name]}"
            waiting += (
                (package, of)
                for _, extra in sorted(parts)
                for of in _package_needs(name, locked[name], {**system, "extra": extra})
            )


def _package_needs(name: str, version: str, system: Mapping[str, str]) -> Iterator[Requirement]:
    """Yield what an installed package needs; of another version, for another system, nothing."""
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return
    if found.version != version:
        return
    for text in found.requires or ():
        need = parse(text)
        if need.marker is None or need.marker.evaluate({**system}):
            yield need


def main(lock: str, *extras: str) -> None:
    """Stop with what the lock lacks."""
    needs = project_needs(Path("pyproject.toml"), extras)
    faults = sorted(set(find_faults(read_lock(Path(lock)), needs)))
    if faults:
        lines = "\n  ".join(faults)
        sys.exit(
            f"{lock} does not hold all that pyproject.toml and the packages need:\n  {lines}\n"
            f"Bring the file back (git checkout {lock}), or write the locks anew (make lock)."
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
