"""Raw files for tests: an example in which one thing is changed."""

from pathlib import Path


def changed(folder: Path, source: Path, old: str, new: str, *, encoding: str = "utf-8") -> Path:
    """Write the file, its first ``old`` made ``new``, under its own name, and return its path."""
    content = source.read_bytes()
    assert old.encode(encoding) in content
    path = folder / source.name
    path.write_bytes(content.replace(old.encode(encoding), new.encode(encoding), 1))
    return path
