import hashlib
import json
import platform
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import __version__
from flows.errors import ReportError
from flows.report.manifest import (
    LIBRARIES,
    Manifest,
    Output,
    describe_inputs,
    manifest_json,
    package_sha256,
    parse_manifest,
    read_environment,
    read_manifest,
)

TEXTS = st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.text("abc"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_bytes(b"a")
    (tmp_path / "text.md").write_bytes(b"text")
    return tmp_path


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_inputs_are_named_from_the_folder(folder: Path) -> None:
    found = describe_inputs(folder, [folder / "data" / "a.csv", folder / "text.md"], {"arms": 1})
    assert found.inputs == {"data/a.csv": sha256(b"a"), "text.md": sha256(b"text")}
    assert found.parameters == {"arms": 1}
    assert found.code["version"] == __version__
    assert found.outputs == {}


def test_a_manifest_comes_back_as_it_was(folder: Path) -> None:
    made = describe_inputs(folder, [folder / "text.md"], {"arms": {"window": [2016, 2020]}})
    made = made.with_outputs(folder, [folder / "data" / "a.csv"])
    assert made.outputs == {"data/a.csv": Output(sha256(b"a"), 1)}
    path = folder / "manifest.json"
    path.write_text(manifest_json(made), encoding="utf-8")
    assert read_manifest(path) == made


@given(TEXTS)
def test_inputs_come_back_whatever_their_names(inputs: dict[str, str]) -> None:
    assert json.loads(manifest_json(Manifest(inputs, {}, {})))["inputs"] == inputs


def test_nothing_of_the_machine_or_of_the_day_is_in_it(folder: Path) -> None:
    text = manifest_json(describe_inputs(folder, [folder / "text.md"], {}))
    assert set(json.loads(text)) == {"inputs", "parameters", "code", "outputs", "tolerance"}
    assert platform.python_version() not in text
    assert str(folder) not in text
    assert str(Path.home()) not in text
    assert "date" not in text
    assert text == manifest_json(describe_inputs(folder, [folder / "text.md"], {}))


def test_outputs_are_there_only_byte_for_byte(folder: Path) -> None:
    made = Manifest({}, {}, {}).with_outputs(folder, [folder / "text.md"])
    assert made.has_outputs(folder)
    (folder / "text.md").write_bytes(b"texT")
    assert not made.has_outputs(folder)
    (folder / "text.md").unlink()
    assert not made.has_outputs(folder)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"outputs": {}}',
        '{"outputs": {"a": 1}}',
        '{"inputs": {}, "parameters": {}, "code": {}, "outputs": {"a": {"sha256": 1, "bytes": 1}}}',
        '{"inputs": 1, "parameters": {}, "code": {}, "outputs": {}}',
        '{"inputs": {}, "parameters": {}, "code": {}, "outputs": {}, "environment": {}}',
    ],
)
def test_what_is_no_manifest_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ReportError, match=r"manifest\.json: expected a manifest, found"):
        read_manifest(path)


def test_a_missing_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="expected the manifest of a built report, found none"):
        read_manifest(tmp_path / "manifest.json")


def test_the_environment_names_every_library() -> None:
    libraries = read_environment()["libraries"]
    assert isinstance(libraries, dict)
    assert tuple(libraries) == LIBRARIES


def test_the_environment_names_the_kernel_of_the_linear_algebra() -> None:
    blas = read_environment()["blas"]
    configured = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    assert blas.startswith(f"{configured['name']} {configured['version']}")


def test_the_package_s_hash_covers_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"1")
    (tmp_path / "a.lua").write_bytes(b"1")
    first = package_sha256(tmp_path)
    (tmp_path / "a.py").write_bytes(b"2")
    second = package_sha256(tmp_path)
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    third = package_sha256(tmp_path)
    (tmp_path / "a.lua").unlink()
    assert len({first, second, third, package_sha256(tmp_path)}) == 4


@pytest.mark.parametrize(
    "name",
    ["__pycache__/a.pyc", "a.pyc", ".DS_Store", ".a.py.swp", "a.py~", "a.py.orig", ".idea/x"],
)
def test_what_python_and_editors_leave_is_no_part_of_the_package(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.py").write_bytes(b"1")
    first = package_sha256(tmp_path)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(b"2")
    assert package_sha256(tmp_path) == first


def test_a_manifest_is_read_from_its_bytes() -> None:
    empty = Manifest(inputs={}, parameters={}, code={})
    assert parse_manifest(manifest_json(empty).encode(), place="manifest.json") == empty
