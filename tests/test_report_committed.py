"""Every appendix that is committed was made from what is committed beside it."""

from pathlib import Path

import pytest

from flows.report.appendices import Appendix, list_appendices
from flows.report.manifest import package_sha256, read_manifest
from flows.sources import file_sha256

ROOT = Path(__file__).parents[1]

of_each = pytest.mark.parametrize(
    "appendix", list_appendices(ROOT), ids=lambda appendix: appendix.name
)


@of_each
def test_it_was_made_by_this_source(appendix: Appendix) -> None:
    manifest = read_manifest(ROOT / appendix.manifest)
    assert manifest.code["sha256"] == package_sha256(), "run `flows build` and commit reports/"


@of_each
def test_it_was_made_from_these_files(appendix: Appendix) -> None:
    manifest = read_manifest(ROOT / appendix.manifest)
    assert manifest.inputs == {name: file_sha256(ROOT / name) for name in manifest.inputs}


@of_each
def test_every_file_of_it_is_there(appendix: Appendix) -> None:
    manifest = read_manifest(ROOT / appendix.manifest)
    kept = [name for name in manifest.outputs if name.startswith(f"{appendix.folder}/")]
    assert appendix.file("appendix.pdf") in kept
    assert [name for name in kept if not (ROOT / name).is_file()] == []
