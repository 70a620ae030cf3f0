"""The manifest: what went into a report, with which code, and what came out."""

import ctypes
import hashlib
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from flows import __version__
from flows.canonical import ESTIMATE_DIGITS
from flows.errors import ReportError
from flows.notation import parse_json
from flows.safe_text import safe_json
from flows.sources import file_sha256

LIBRARIES = (
    "jinja2",
    "matplotlib",
    "numpy",
    "pandas",
    "persiantools",
    "pyarrow",
    "pypandoc_binary",
    "scipy",
    "statsmodels",
    "typst",
)
"""Distributions whose version can change a byte of the report; two of them carry a program."""

TOLERANCE = 10.0 ** (1 - ESTIMATE_DIGITS)
"""
Relative, and near zero absolute: values of two reports that differ by no more are the same numbers.

One unit of the last significant digit that an estimate is written with.
"""

PACKAGE = Path(__file__).parents[1]
"""Folder of the package."""

_LEFTOVERS = ("~", ".bak", ".orig", ".pyc", ".rej", ".swp")


@dataclass(frozen=True, slots=True)
class Output:
    """Hash and size of one file of the report."""

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """
    Everything that a report was made from and with, and the files it consists of.

    ``inputs``: path below the project's folder to sha256: raw files, their ``source.toml``, the
    text; ``parameters``: parameters of each study instance by its id; ``code``: ``version`` of the
    package and ``sha256`` of its source; ``outputs``: path below the project's folder to hash and
    size; ``tolerance``: within which values of a rebuilt report are the same numbers.
    """

    inputs: Mapping[str, str]
    parameters: Mapping[str, object]
    code: Mapping[str, str]
    outputs: Mapping[str, Output] = field(default_factory=dict)
    tolerance: float = TOLERANCE

    def with_outputs(self, root: Path, paths: Iterable[Path]) -> "Manifest":
        """Return the same manifest with these files as its outputs."""
        outputs = {
            path.relative_to(root).as_posix(): Output(file_sha256(path), path.stat().st_size)
            for path in paths
        }
        return replace(self, outputs=outputs)

    def has_outputs(self, root: Path) -> bool:
        """Say whether every output lies below ``root``, byte for byte."""
        return all(
            (root / name).is_file() and file_sha256(root / name) == output.sha256
            for name, output in self.outputs.items()
        )


def describe_inputs(
    root: Path, paths: Iterable[Path], parameters: Mapping[str, object]
) -> Manifest:
    """Return the manifest of a report that is not made yet: all but its outputs."""
    return Manifest(
        inputs={path.relative_to(root).as_posix(): file_sha256(path) for path in paths},
        parameters=parameters,
        code={"version": __version__, "sha256": package_sha256()},
    )


def manifest_json(manifest: Manifest) -> str:
    """Return a manifest as text: the same manifest gives the same bytes."""
    return safe_json(asdict(manifest), indent=2, sort_keys=True) + "\n"


def read_manifest(path: Path) -> Manifest:
    """Read a manifest that :func:`manifest_json` wrote."""
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise ReportError(f"{path}: expected the manifest of a built report, found none") from error
    return parse_manifest(content, place=str(path))


def parse_manifest(content: bytes, *, place: str) -> Manifest:
    """Return the manifest that a file holds."""
    try:
        entries = parse_json(content)
        outputs = {name: _parse_output(**output) for name, output in entries.pop("outputs").items()}
        for part in ("inputs", "parameters", "code"):
            entries[part] = dict(entries[part])
        return Manifest(**entries, outputs=outputs)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ReportError(f"{place}: expected a manifest, found {error!r}") from error


def check_published(path: Path, content: bytes) -> None:
    """Refuse a published file whose bytes are not those of the manifest beside it, if any."""
    beside = path.with_name("manifest.json")
    if not beside.is_file():
        return
    outputs = read_manifest(beside).outputs
    hashes = [output.sha256 for name, output in outputs.items() if Path(name).name == path.name]
    if hashes and hashlib.sha256(content).hexdigest() not in hashes:
        raise ReportError(
            f"{path}: expected the file whose hash {beside.name} beside it holds, found another: "
            "it was damaged or edited, or a build was stopped; flows build makes it again"
        )


def _parse_output(*, sha256: object, bytes: object) -> Output:  # noqa: A002 - the key in the file
    if not isinstance(sha256, str) or not isinstance(bytes, int):
        raise TypeError(f"expected a hash as text and a size, found {sha256!r} and {bytes!r}")
    return Output(sha256, bytes)


def read_environment() -> dict[str, Any]:
    """Return what a byte of the report might depend on besides code and inputs."""
    from importlib.metadata import version  # noqa: PLC0415 - not before it is needed

    import numpy as np  # noqa: PLC0415 - the same

    built = np.show_config(mode="dicts")
    blas = built.get("Build Dependencies", {}).get("blas", {})
    kernel = _openblas_kernel(Path(np.__file__).parents[1])
    return {
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in LIBRARIES},
        "system": platform.system(),
        "machine": platform.machine(),
        "libc": " ".join(platform.libc_ver()).strip(),
        "simd": list(built.get("SIMD Extensions", {}).get("found", [])),
        "blas": f"{blas.get('name', '')} {blas.get('version', '')} {kernel}".strip(),
    }


def _openblas_kernel(packages: Path) -> str:
    """Ask the OpenBLAS inside numpy's wheel, which has no other way of saying it."""
    for place in ("numpy.libs", "numpy/.dylibs"):
        for path in sorted((packages / place).glob("*openblas*")):
            ask = getattr(ctypes.CDLL(str(path)), "scipy_openblas_get_corename64_", None)
            if ask is not None:
                ask.restype = ctypes.c_char_p
                return str(ask().decode())
    return ""


def package_sha256(folder: Path = PACKAGE) -> str:
    """Return one hash of the source and data of the package: a changed line is another package."""
    digest = hashlib.sha256()
    for name, path in package_sources(folder).items():
        digest.update(f"{name}\n{file_sha256(path)}\n".encode())
    return digest.hexdigest()


def package_stamps(folder: Path = PACKAGE) -> dict[str, tuple[int, int, int]]:
    """Return by what it shows that a file of the package was edited, even if it was put back."""
    return {
        name: (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        for name, path in package_sources(folder).items()
        for stat in [path.stat()]
    }


def package_sources(folder: Path = PACKAGE) -> dict[str, Path]:
    """
    Return the source and the data of the package by name, in the order of the names.

    What Python, an editor or the system leave there (bytecode, hidden files, copies) is no part.
    """
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    return {
        name: files[name] for name in sorted(files) if files[name].is_file() and _is_source(name)
    }


def _is_source(name: str) -> bool:
    path = PurePosixPath(name)
    left = any(part.startswith(".") or part == "__pycache__" for part in path.parts)
    return not left and not name.endswith(_LEFTOVERS)
