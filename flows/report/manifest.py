"""The manifest: what went into a report, what came out, and in which environment."""

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from flows import __version__
from flows.errors import ReportError
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

_PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Output:
    """Hash and size of one file of the report."""

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """
    Everything that a report was made from, by and with, and the files it consists of.

    Parameters
    ----------
    inputs : Mapping
        Path below the project's folder to sha256: raw files, their ``source.toml``, the text.
    parameters : Mapping
        Parameters of each study instance by its id.
    code : Mapping
        ``version`` of the package and ``sha256`` of its source.
    environment : Mapping
        Versions of Python and libraries, facts of the platform; see :func:`read_environment`.
    outputs : Mapping
        Path below the project's folder to hash and size.
    """

    inputs: Mapping[str, str]
    parameters: Mapping[str, object]
    code: Mapping[str, str]
    environment: Mapping[str, object]
    outputs: Mapping[str, Output] = field(default_factory=dict)

    def with_outputs(self, root: Path, paths: Iterable[Path]) -> "Manifest":
        """
        Return the same manifest with these files as its outputs.

        Parameters
        ----------
        root : pathlib.Path
            Folder that the paths are named from.
        paths : iterable of pathlib.Path
            Files below it.

        Returns
        -------
        Manifest

        Raises
        ------
        OSError
            If a file cannot be read.
        """
        outputs = {
            path.relative_to(root).as_posix(): Output(file_sha256(path), path.stat().st_size)
            for path in paths
        }
        return replace(self, outputs=outputs)

    def has_outputs(self, root: Path) -> bool:
        """
        Say whether every output lies below ``root``, byte for byte.

        Parameters
        ----------
        root : pathlib.Path
            Folder that the outputs are named from.

        Returns
        -------
        bool

        Raises
        ------
        OSError
            If a file is there and cannot be read.
        """
        return all(
            (root / name).is_file() and file_sha256(root / name) == output.sha256
            for name, output in self.outputs.items()
        )


def describe_inputs(
    root: Path, paths: Iterable[Path], parameters: Mapping[str, object]
) -> Manifest:
    """
    Return the manifest of a report that is not made yet: all but its outputs.

    Parameters
    ----------
    root : pathlib.Path
        Folder of the project.
    paths : iterable of pathlib.Path
        Files that the report is made from, below ``root``.
    parameters : Mapping
        Parameters of each study instance by its id, as JSON can hold them.

    Returns
    -------
    Manifest
        Of this moment, package and machine.

    Raises
    ------
    OSError
        If a file cannot be read.
    """
    return Manifest(
        inputs={path.relative_to(root).as_posix(): file_sha256(path) for path in paths},
        parameters=parameters,
        code={"version": __version__, "sha256": package_sha256()},
        environment=read_environment(),
    )


def manifest_json(manifest: Manifest) -> str:
    """
    Return a manifest as text: the same manifest gives the same bytes.

    Parameters
    ----------
    manifest : Manifest

    Returns
    -------
    str
        JSON, keys in alphabetical order, with a final line end.

    Raises
    ------
    TypeError
        If a parameter is nothing that JSON can hold.

    Examples
    --------
    >>> empty = Manifest(inputs={}, parameters={}, code={}, environment={})
    >>> manifest_json(empty).splitlines()[1]
    '  "code": {},'
    """
    return json.dumps(asdict(manifest), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def read_manifest(path: Path) -> Manifest:
    """
    Read a manifest that :func:`manifest_json` wrote.

    Parameters
    ----------
    path : pathlib.Path
        ``reports/manifest.json``.

    Returns
    -------
    Manifest

    Raises
    ------
    ReportError
        If there is no such file, or it is not a manifest.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        outputs = {name: Output(**output) for name, output in content.pop("outputs").items()}
        return Manifest(**content, outputs=outputs)
    except FileNotFoundError as error:
        raise ReportError(f"{path}: expected the manifest of a built report, found none") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ReportError(f"{path}: expected a manifest, found {error!r}") from error


def read_environment() -> dict[str, object]:
    """
    Return what a byte of the report may depend on besides code and inputs.

    Returns
    -------
    dict
        ``python``, ``libraries`` (distribution to version), ``system``, ``machine``, ``libc`` and
        ``simd``: which instruction sets numpy found, since sums differ by them in the last digit.

    Raises
    ------
    importlib.metadata.PackageNotFoundError
        If a library of the package is not installed.

    Examples
    --------
    >>> sorted(read_environment())
    ['libc', 'libraries', 'machine', 'python', 'simd', 'system']
    """
    from importlib.metadata import version  # noqa: PLC0415 - not before it is needed

    import numpy as np  # noqa: PLC0415 - the same

    build = np.show_config(mode="dicts")
    return {
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in LIBRARIES},
        "system": platform.system(),
        "machine": platform.machine(),
        "libc": " ".join(platform.libc_ver()),
        "simd": build["SIMD Extensions"].get("found", []) if build else [],
    }


def package_sha256(folder: Path = _PACKAGE) -> str:
    """
    Return one hash of all files of the package: a changed line is another package.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of the package.

    Returns
    -------
    str
        sha256 over names and contents, in the order of the names.

    Raises
    ------
    OSError
        If a file cannot be read.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(f"{path.relative_to(folder).as_posix()}\n{file_sha256(path)}\n".encode())
    return digest.hexdigest()
