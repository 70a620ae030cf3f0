"""The package as others install it: a wheel that has all files and needs no repository."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

USE = """
import sys
sys.path.insert(0, sys.argv.pop(1))
from importlib.metadata import distribution

import flows as fl
from flows.loaders.examples import example_path

print(fl.__file__)
package = distribution("flows-trade")
print(package.version == fl.__version__)
print(len(fl.load(example_path("armstat"))))
(command,) = package.entry_points.select(group="console_scripts", name="flows")
sys.exit(command.load()(sys.argv[1:]))
"""


def build_wheel(folder: Path) -> Path:
    """Build the wheel with what is installed; nothing is fetched."""
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--no-index", "--wheel-dir", str(folder), str(ROOT)], check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that a wheel is unpacked to."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def use(installed: Path, there: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Use the package and run its command, in another folder and without the repository."""
    return subprocess.run(
        [sys.executable, "-I", "-c", USE, str(installed), *arguments],
        cwd=there,
        env={key: value for key, value in os.environ.items() if key != "FLOWS_ROOT"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_wheel_has_every_file_of_the_package(wheel: Path) -> None:
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "flows"]
    listed = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True)
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == {name for name in listed.stdout.splitlines() if (ROOT / name).exists()}


def test_the_wheel_works_without_the_repository(installed: Path, tmp_path: Path) -> None:
    done = use(installed, tmp_path, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    where, same_version, rows, usage, *_ = done.stdout.splitlines()
    assert Path(where).is_relative_to(installed)
    assert same_version == "True"
    assert int(rows) > 0
    assert usage.startswith("usage: flows")


def test_a_build_outside_a_project_says_where_it_looked(installed: Path, tmp_path: Path) -> None:
    done = use(installed, tmp_path, "build")
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: expected a folder data/raw in {tmp_path} or above it")


def test_the_wheel_is_the_same_file_each_time(wheel: Path, tmp_path: Path) -> None:
    assert build_wheel(tmp_path).read_bytes() == wheel.read_bytes()
