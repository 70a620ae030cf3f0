"""The report that is committed was made from what is committed beside it."""

from pathlib import Path

from flows.report.manifest import package_sha256, read_manifest
from flows.sources import file_sha256

ROOT = Path(__file__).parents[1]
MANIFEST = read_manifest(ROOT / "reports" / "manifest.json")


def test_it_was_made_by_this_source() -> None:
    assert MANIFEST.code["sha256"] == package_sha256(), "run `flows build` and commit reports/"


def test_it_was_made_from_these_files() -> None:
    assert MANIFEST.inputs == {name: file_sha256(ROOT / name) for name in MANIFEST.inputs}


def test_every_file_of_it_is_there() -> None:
    kept = [name for name in MANIFEST.outputs if name.startswith("reports/")]
    assert "reports/appendix.pdf" in kept
    assert [name for name in kept if not (ROOT / name).is_file()] == []
