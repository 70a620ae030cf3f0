"""The locks: what they hold, and that `make` installs them as they are."""

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from check_lock import find_faults, project_needs, read_lock

ROOT = Path(__file__).resolve().parents[1]
EXTRAS = {
    "requirements.lock": ("build",),
    "requirements-dev.lock": ("build", "dev"),
    "requirements-spark.lock": ("spark",),
    "requirements-docs.lock": ("docs",),
    "requirements-bench.lock": ("bench",),
    "requirements-fuzz.lock": ("fuzz",),
    "requirements-mutate.lock": ("mutate",),
}
PYTHONS = [
    {"python_version": version, "python_full_version": f"{version}.7"}
    for version in ("3.11", "3.12", "3.13")
]
SYSTEMS = [
    {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"},
    {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin"},
    {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"},
]


@pytest.mark.parametrize("python", PYTHONS, ids=lambda python: python["python_version"])
@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system["sys_platform"])
@pytest.mark.parametrize("name", EXTRAS)
def test_a_lock_holds_what_the_project_needs(
    name: str, system: dict[str, str], python: dict[str, str]
) -> None:
    needs = project_needs(ROOT / "pyproject.toml", EXTRAS[name])
    locked = read_lock(ROOT / name, system | python)
    assert list(find_faults(locked, needs, system | python)) == []


@pytest.mark.parametrize("name", EXTRAS)
def test_each_line_of_a_lock_has_hashes_and_none_names_an_index(name: str) -> None:
    text = re.sub(r"^ *#.*\n", "", (ROOT / name).read_text("utf-8"), flags=re.MULTILINE)
    hashes = r"( \\\n    --hash=sha256:[0-9a-f]{64})+\n"
    assert re.fullmatch(rf"([a-z0-9-]+==[\w.]+( ; [^\\\n]+)?{hashes})+", text)


def test_people_read_the_versions_that_are_installed() -> None:
    readable = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    locked = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    assert readable[1:] == [line.removesuffix(" \\") for line in locked if line[0] not in " #"]


def test_the_locks_agree_on_the_versions() -> None:
    report, dev, *others = (read_lock(ROOT / name).items() for name in EXTRAS)
    assert report <= dev
    for other in others:
        assert dict(other) | dict(dev) == dict(dev) | dict(other)


ALPHA = ("alpha", "1.0", ["beta[toml]>=1", "hatchet; extra == 'axe'"])
BETA = ("beta", "1.0", ["gamma>=2; extra == 'toml'"])
GAMMA = ("gamma", "2.0", [])
LOCKED = (ALPHA, BETA, GAMMA)
NEWER = (("beta", "1.1", ["gamma>=2; extra == 'toml'", "delta"]), ("gamma", "2.1", ["delta"]))
"""Releases after the lock: they need a package that nobody has."""

PYPROJECT = """[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "toy"
version = "1.0"
dependencies = ["alpha>=1"]

[project.optional-dependencies]
build = []
dev = ["gamma"]
"""

BACKEND = """import shutil

def build_editable(folder, config_settings=None, metadata_directory=None):
    return shutil.copy("toy-1.0-py3-none-any.whl", folder).rpartition("/")[2]
"""


def write_wheel(folder: Path, name: str, version: str, needs: Sequence[str]) -> str:
    """Write a package without code; returns its line in a lock."""
    described = "".join(f"Requires-Dist: {need}\n" for need in needs)
    extras = "".join(f"Provides-Extra: {extra}\n" for extra in ("toml", "axe"))
    info = f"{name}-{version}.dist-info"
    files = {
        f"{info}/METADATA": (
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{extras}{described}"
        ),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},{_digest(text)},{len(text)}\n" for path, text in files.items())
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(path, text)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return f"{name}=={version} \\\n    --hash=sha256:{digest}\n    # via toy\n"


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256={base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with our Makefile, its own locks, and an index where newer releases lie."""
    for name in ("Makefile", ".ci/check_lock.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    index = tmp_path / "index"
    index.mkdir()
    lines = "".join(write_wheel(index, *package) for package in LOCKED)
    for package in NEWER:
        write_wheel(index, *package)
    write_wheel(tmp_path, "toy", "1.0", ["alpha>=1"])
    files = {"pyproject.toml": PYPROJECT, "backend.py": BACKEND}
    files |= dict.fromkeys(("requirements.lock", "requirements-dev.lock"), lines)
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def make(project: Path, target: str) -> subprocess.CompletedProcess[str]:
    """Run make with an index in a folder, and none in the network."""
    pip = {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(project / "index"),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    return subprocess.run(
        ["make", f"PYTHON={sys.executable}", f".venv/{target}"],
        cwd=project,
        env={**_without_make(), **pip},
        capture_output=True,
        text=True,
        check=False,
    )


def _without_make() -> dict[str, str]:
    """Return the environment without what a make that runs the tests has put there."""
    ours = ("MAKE", "MFLAGS", "PIP_", "PYTHONPATH", "VENV", "PYTHON=")
    return {key: value for key, value in os.environ.items() if not f"{key}=".startswith(ours)}


def installed(project: Path) -> dict[str, str]:
    """Return what is installed besides the tools that an environment starts with."""
    folders = (project / ".venv").glob("lib/python*/site-packages/*.dist-info")
    found = dict(folder.name.removesuffix(".dist-info").split("-") for folder in folders)
    return {name: found[name] for name in found if name not in {"pip", "setuptools"}}


def test_a_missing_line_is_named_and_later_releases_change_nothing(project: Path) -> None:
    lock = project / "requirements.lock"
    whole = lock.read_text()
    lock.write_text(re.sub(r"^gamma(.*\n){3}", "", whole, flags=re.MULTILINE))
    done = make(project, ".report-ready")
    assert done.returncode != 0
    expected = """requirements.lock does not hold all that pyproject.toml and the packages need:
  beta 1.0 needs gamma>=2; extra == "toml", and there is no line for gamma
Bring the file back (git checkout requirements.lock), or write the locks anew (make lock).
"""
    assert expected in done.stderr
    lock.write_text(whole)
    done = make(project, ".dev-ready")
    assert done.returncode == 0, done.stderr
    assert installed(project) == {name: version for name, version, _ in LOCKED} | {"toy": "1.0"}


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ("beta==1.0\ngamma==2.0\n", "toy needs alpha>=1, and there is no line for alpha"),
        ("alpha==0.9\n", "toy needs alpha>=1, and the line says alpha==0.9"),
        ("alpha==1.0 ; os_name == 'other'\n", "toy needs alpha>=1, and there is no line for alpha"),
    ],
)
def test_what_a_lock_lacks_is_said(tmp_path: Path, lines: str, fault: str) -> None:
    (tmp_path / "a.lock").write_text(lines)
    found = list(find_faults(read_lock(tmp_path / "a.lock"), ["alpha>=1"]))
    assert found == [fault.replace("toy", "pyproject.toml")]
