"""A file that is on its way: what has come of it, and what says that the rest belongs to it."""

import json
import os
from collections.abc import Iterable
from pathlib import Path

from flows.errors import FetchError
from flows.files import explained
from flows.notation import parse_json


class Part:
    """
    The bytes of a file that have come, which a later run can go on from.

    ``path``: where they are; the state beside it has the ``validator`` by which the server says
    that the file is still the same (ETag or date), and its ``total`` size; empty and None where the
    server states none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.validator = ""
        self.total: int | None = None
        self._state = path.with_name(f"{path.name}.json")
        if path.is_file():
            self._read_state()

    @property
    def size(self) -> int:
        """Bytes that are here."""
        return self.path.stat().st_size if self.path.is_file() else 0

    @property
    def resumable(self) -> bool:
        """Whether the rest can be asked for and told to belong to what is here."""
        return bool(self.validator) and self.size > 0

    def begin(self, validator: str, total: int | None) -> None:
        """Throw away what is here, and keep what the server says of the file that begins."""
        self.discard()
        with explained(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._state.write_text(json.dumps({"validator": validator, "total": total}), "utf-8")
            self.path.touch()
        self.validator, self.total = validator, total

    def append(self, pieces: Iterable[bytes], *, limit: int) -> None:
        """Write pieces behind what is here, and see that they are on the disk."""
        size = self.size
        with explained(self.path), self.path.open("ab") as file:
            try:
                for piece in pieces:
                    size += len(piece)
                    if size > limit:
                        raise too_large(limit, f"more than {limit:,} bytes")
                    file.write(piece)
            finally:
                file.flush()
                os.fsync(file.fileno())

    def discard(self) -> None:
        """Remove what is here."""
        self.path.unlink(missing_ok=True)
        self._state.unlink(missing_ok=True)
        self.validator, self.total = "", None

    def move_to(self, place: Path) -> None:
        """Put the whole file in its place."""
        self.path.replace(place)
        self._state.unlink(missing_ok=True)

    def _read_state(self) -> None:
        try:
            state = parse_json(self._state.read_text("utf-8"))
            self.validator, self.total = str(state["validator"]), state["total"]
        except (OSError, ValueError, KeyError, TypeError):
            self.discard()


def too_large(limit: int, size: str) -> FetchError:
    """Return the error for a file over the limit."""
    return FetchError(
        f"expected at most {limit:,} bytes, found {size}; --max-size 10GB allows more"
    )
