"""What several tests share: real files, where they are there, a small project and Spark."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import browsing
import pytest
from hypothesis import settings

from flows import scope

_ABOVE = Path(__file__).resolve().parents[2:4]
SHARED = next(
    (path for above in _ABOVE if (path := above / "shared").is_dir()), _ABOVE[0] / "shared"
)
"""Beside the repository; a copy of it inside, which mutation testing makes, looks one further."""

settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile("local", deadline=None)
settings.register_profile("thorough", deadline=None, max_examples=800)
settings.register_profile("mutation", deadline=None, derandomize=True, max_examples=15)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "local")
)


def _beside(name: str) -> Path:
    """Return a folder of real files; without it the test is skipped, in CI it fails."""
    folder = SHARED / name
    if not folder.is_dir():
        message = f"{folder} is missing: real files for this test lie outside the repository"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return folder


def pytest_collection_finish() -> None:
    """Forget what tables said that files of tests make when they are imported."""
    scope._known.clear()


@contextmanager
def _known_for_a_while() -> Iterator[None]:
    before = dict(scope._known)
    yield
    scope._known.clear()
    scope._known.update(before)


@pytest.fixture(autouse=True)
def scopes_of_each_test() -> Iterator[None]:
    """What a test says of a data set is not known to the next one."""
    with _known_for_a_while():
        yield


@pytest.fixture(autouse=True, scope="module")
def scopes_of_each_module() -> Iterator[None]:
    """What a file of tests says of a data set is not known to the next file."""
    with _known_for_a_while():
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real exports, as their publishers made them."""
    return _beside("data")


@pytest.fixture(scope="session")
def shared_reference() -> Path:
    """Folder of results from other programs."""
    return _beside("reference")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A small project, built once a file of tests, which these leave as it is."""
    from toy_project import built_project  # noqa: PLC0415 - it imports the whole pipeline

    with built_project(tmp_path_factory.mktemp("built")) as root:
        yield root


@pytest.fixture
def project(built: Path, tmp_path: Path) -> Path:
    """The same in a copy, which a test may change."""
    return Path(shutil.copytree(built, tmp_path / "project"))


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """Chromium; without it the test is skipped, in CI it fails.

    It is closed after each file of tests: while it runs, no other test can start a loop of asyncio.
    """
    _require(browsing.NEEDS, "make browser installs what tests of pages need")
    with browsing.start_chromium() as started:
        yield started


def _require(needs: Mapping[str, Callable[[], bool]], how: str) -> None:
    missing = [name for name, there in needs.items() if not there()]
    if missing:
        message = f"{' and '.join(missing)} missing: {how}"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)


@pytest.fixture(scope="session")
def spark() -> Iterator[object]:
    """A session of Spark with two workers; without it the test is skipped, in CI it fails."""
    _require(_SPARK_NEEDS, "make spark installs what Spark needs")
    with warnings.catch_warnings():
        # pyspark opens sockets and files that it leaves to the collector.
        warnings.simplefilter("ignore", ResourceWarning)
        from flows.bulk.on_spark import start_spark  # noqa: PLC0415 - an extra

        with tempfile.TemporaryDirectory() as folder:
            session = start_spark(Path(folder), "512MB")
            yield session
            session.stop()


@pytest.fixture(scope="session")
def sail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server of Spark Connect that needs no Java, with one process for its work."""
    _require(_SAIL_NEEDS, "make spark installs what Spark needs")
    log = tmp_path_factory.mktemp("sail") / "log"
    command = [sys.executable, "-W", "ignore", "-m", "pysail", "spark", "server", "--port", "0"]
    with log.open("w") as told, subprocess.Popen(command, stdout=told, stderr=told) as server:
        try:
            yield f"sc://{_printed_address(log)}"
        finally:
            server.terminate()


def _printed_address(log: Path) -> str:
    for _ in range(600):
        if found := re.search(r"server on ([\d.]+:\d+)", log.read_text(encoding="utf-8")):
            return found[1]
        time.sleep(0.1)
    message = f"expected the address of a server, found {log.read_text(encoding='utf-8')!r}"
    raise TimeoutError(message)


def _installed(*names: str) -> Callable[[], bool]:
    return lambda: all(importlib.util.find_spec(name) is not None for name in names)


_SPARK_NEEDS = {
    "pyspark": _installed("pyspark"),
    "Java": lambda: shutil.which("java") is not None,
}
_SAIL_NEEDS = {"pyspark[connect]": _installed("pyspark", "grpc"), "pysail": _installed("pysail")}
