"""One build at a time: two that share a workshop would publish each other's half-made files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from flows.errors import ReportError


@contextmanager
def hold_workshop(workshop: Path) -> Iterator[None]:
    """
    Keep other builds out of a workshop for as long as this one is at work.

    The system lets go of it when the process ends, however it ends.

    Parameters
    ----------
    workshop : pathlib.Path
        Folder in which a build makes everything; it is made if need be.

    Yields
    ------
    None

    Raises
    ------
    ReportError
        If another build is at work there.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, hold_workshop(Path(folder, "work")):
    ...     print("alone")
    alone
    """
    workshop.mkdir(parents=True, exist_ok=True)
    lock = FileLock(workshop / "build.lock", is_singleton=False)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise ReportError(
            f"{workshop}: expected no build at work here, found one; wait until it ends"
        ) from None
    try:
        yield
    finally:
        lock.release()
