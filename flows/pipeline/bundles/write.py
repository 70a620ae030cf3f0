"""Writing a bundle: whole, or not at all."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from flows.pipeline.bundles.archives import write_archive, write_folder
from flows.pipeline.bundles.contents import FACTS, SUMS, bundle_files
from flows.report.appendices import Appendix


@dataclass(frozen=True, slots=True)
class Bundle:
    """
    A bundle that was written.

    ``place``: folder or archive; ``bundle``: sha256 of its ``SHA256SUMS``, by which it can be
    cited; ``files``, ``bytes``: how many there are; ``left_out``: ids of data sets whose files are
    not in it.
    """

    place: str
    bundle: str
    files: int
    bytes: int
    left_out: tuple[str, ...]

    def summary(self) -> str:
        """Return what was written, and what was not."""
        size = f"{self.files} files, {self.bytes / 1e6:.1f} MB"
        lines = [f"{self.place}: {size}", f"bundle {self.bundle}"]
        if self.left_out:
            lines.append(f"left out, since they may not be passed on: {', '.join(self.left_out)}")
        return "\n".join(lines)


def bundle_appendix(root: Path, appendix: Appendix, place: Path) -> Bundle:
    """
    Write a built appendix with everything behind it, to be handed on.

    Parameters
    ----------
    root : pathlib.Path
        Folder of the project.
    appendix : Appendix
        One that is built.
    place : pathlib.Path
        Archive to write if it ends in ``.zip``, else a folder; nothing may lie there.

    Returns
    -------
    Bundle
        What was written.

    Raises
    ------
    BundleError
        If something lies in the place, or the appendix is not fit to be handed on.
    """
    files = bundle_files(root, appendix)
    write = write_archive if place.suffix == ".zip" else write_folder
    write(files, place)
    facts = json.loads(files[FACTS])
    return Bundle(
        str(place),
        hashlib.sha256(files[SUMS]).hexdigest(),
        files=len(files),
        bytes=sum(map(len, files.values())),
        left_out=tuple(entry["id"] for entry in facts["left_out"]),
    )
