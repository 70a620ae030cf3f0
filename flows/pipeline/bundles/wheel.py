"""The package as it is installed: its source, and a wheel made of it without any other tool."""

import base64
import hashlib
from collections.abc import Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from flows import __version__
from flows.errors import BundleError
from flows.notation import parse_toml
from flows.pipeline.bundles.archives import zip_files
from flows.report.manifest import PACKAGE, package_sources

DISTRIBUTION = "flows-trade"

_BUILDING = ("pyproject.toml", "README.md", "LICENSE")
"""What a wheel is built from besides the source, where that lies in a working copy."""


def package_code() -> dict[str, bytes]:
    """Return the source of the package by name, in a working copy with what it is built by."""
    return {f"flows/{name}": path.read_bytes() for name, path in package_sources().items()} | {
        name: (PACKAGE.parent / name).read_bytes() for name in _BUILDING if _is_working_copy()
    }


def _is_working_copy() -> bool:
    pyproject = PACKAGE.parent / "pyproject.toml"
    if not pyproject.is_file():
        return False
    project = parse_toml(pyproject.read_text(encoding="utf-8")).get("project", {})
    return bool(project.get("name") == DISTRIBUTION)


def package_licence() -> str:
    """Return the licence of the package."""
    return _metadata(_installed(), "licenses/LICENSE")


def wheel_name() -> str:
    """Return the name of the wheel, which installers read."""
    return f"{DISTRIBUTION.replace('-', '_')}-{__version__}-py3-none-any.whl"


def package_wheel() -> bytes:
    """
    Return the wheel of the installed package: the same source gives the same bytes.

    It is put together and not built, so that it needs no working copy and no tool of packaging.
    """
    installed = _installed()
    info = f"{wheel_name().removesuffix('-py3-none-any.whl')}.dist-info"
    files = {f"flows/{name}": path.read_bytes() for name, path in package_sources().items()}
    for name in ("METADATA", "entry_points.txt", "licenses/LICENSE"):
        files[f"{info}/{name}"] = _metadata(installed, name).encode()
    about = f"Wheel-Version: 1.0\nGenerator: flows {__version__}\nRoot-Is-Purelib: true\n"
    files[f"{info}/WHEEL"] = f"{about}Tag: py3-none-any\n".encode()
    record = f"{info}/RECORD"
    files[record] = _record(files, record).encode()
    return zip_files(files)


def _record(files: Mapping[str, bytes], own: str) -> str:
    """Return the list by which an installer checks a wheel (PEP 427)."""
    lines = []
    for name in sorted(files):
        digest = base64.urlsafe_b64encode(hashlib.sha256(files[name]).digest())
        lines.append(f"{name},sha256={digest.decode().rstrip('=')},{len(files[name])}\n")
    return "".join([*lines, f"{own},,\n"])


def _installed() -> Distribution:
    try:
        installed = distribution(DISTRIBUTION)
    except PackageNotFoundError as error:
        raise BundleError(
            f"expected {DISTRIBUTION} to be installed, found none; pip install it"
        ) from error
    if installed.version != __version__:
        raise BundleError(
            f"expected {DISTRIBUTION} {__version__} as the source says, found "
            f"{installed.version} installed; install it again: pip install --editable {_copy()}"
        )
    return installed


def _copy() -> Path:
    return PACKAGE.parent


def _metadata(installed: Distribution, name: str) -> str:
    text = installed.read_text(name)
    if not text:
        raise BundleError(
            f"expected {name} among what {DISTRIBUTION} was installed with, found none"
        )
    return text
