"""What several tests share: the real files that lie beside the repository, when they are there."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

SHARED = Path(__file__).resolve().parents[2] / "shared"

settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile("local", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "local")


def _beside(name: str) -> Path:
    """Return a folder of real files; without it the test is skipped, in CI it fails."""
    folder = SHARED / name
    if not folder.is_dir():
        message = f"{folder} is missing: real files for this test lie outside the repository"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return folder


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real exports, as their publishers made them."""
    return _beside("data")


@pytest.fixture(scope="session")
def shared_reference() -> Path:
    """Folder of results from other programs."""
    return _beside("reference")
