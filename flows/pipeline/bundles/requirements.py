"""The packages that a report was made with: from the lock of the project, else as installed."""

from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from flows.errors import BundleError
from flows.pipeline.bundles.wheel import DISTRIBUTION

LOCK, READABLE = "requirements.lock", "requirements.txt"


def read_requirements(root: Path) -> dict[str, bytes]:
    """
    Return ``requirements.txt`` for people and, where the project has it, ``requirements.lock``.

    A project without a lock is given the versions that are installed, without hashes.
    """
    lock, readable = root / LOCK, root / READABLE
    if not lock.is_file():
        return {READABLE: _installed().encode()}
    if not readable.is_file():
        raise BundleError(f"{readable}: expected the versions of {LOCK} for people, found no file")
    return {LOCK: lock.read_bytes(), READABLE: readable.read_bytes()}


def _installed() -> str:
    versions = needed_packages()
    heading = "# The versions that the report was made with."
    return "\n".join([heading, *(f"{name}=={there}" for name, there in versions.items())]) + "\n"


def needed_packages() -> dict[str, str]:
    """Return every package that flows needs here, and its version, by name."""
    return dict(sorted(_needed(DISTRIBUTION)))


def _needed(name: str) -> Iterator[tuple[str, str]]:
    """Yield every package that one needs here, and its version; the package itself is a wheel."""
    waiting, seen = [*_needs(distribution(name))], {str(canonicalize_name(name))}
    while waiting:
        needed = waiting.pop()
        if needed not in seen:
            seen.add(needed)
            package = distribution(needed)
            yield needed, package.version
            waiting += _needs(package)


def _needs(package: Distribution) -> Iterator[str]:
    for text in package.requires or ():
        need = Requirement(text)
        if need.marker is None or need.marker.evaluate({"extra": ""}):
            yield canonicalize_name(need.name)
