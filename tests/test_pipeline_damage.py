"""Files of the workshop and of the report that a disk or a hand changed: made again, or refused."""

from collections.abc import Callable
from pathlib import Path

import pytest
from toy_project import edit, published

from flows.errors import FlowsError, ReportError
from flows.pipeline.build import build_report
from flows.pipeline.graph import Places
from flows.pipeline.tasks import read_findings, read_frame
from flows.report.manifest import read_manifest
from flows.report.numbers import read_numbers

DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "a byte": lambda content: _flipped(content, len(content) // 2),
    "a digit": lambda content: content.translate(bytes.maketrans(b"12345", b"23456")),
    "cut": lambda content: content[: len(content) // 2],
    "empty": lambda _: b"",
    "no text": lambda content: b"\xff\xfe\x00" + content[3:],
    "deep": lambda _: b"[" * 100_000,
}


def _flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 0x04]) + content[place + 1 :]


def workshop_files(root: Path) -> list[Path]:
    """Return what earlier builds left in the workshop, but for pytask's own state."""
    files = (path for path in sorted((root / ".flows").rglob("*")) if path.is_file())
    return [path for path in files if path.name != "build.lock" and "pytask" not in path.parts]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_workshop_is_made_again(project: Path, built: Path, damage: str) -> None:
    """None of it is published, whether steps have to run again or not."""
    files = workshop_files(project)
    assert {path.suffix for path in files} >= {".json", ".parquet"}
    for path in files:
        if path.stat().st_size:
            path.write_bytes(DAMAGES[damage](path.read_bytes()))
    (project / "reports/numbers.json").unlink()
    (project / "reports/appendix.pdf").unlink()
    build_report(project)
    assert published(project) == published(built)


@pytest.mark.parametrize("damage", ["a byte", "a digit"])
def test_a_published_file_that_was_damaged_is_put_right(
    project: Path, built: Path, damage: str
) -> None:
    outputs = read_manifest(project / "reports/manifest.json").outputs
    assert len(outputs) > 10
    for name in outputs:
        path = project / name
        if path.stat().st_size:
            path.write_bytes(DAMAGES[damage](path.read_bytes()))
    build_report(project)
    assert published(project) == published(built)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_number_is_not_read_from_a_file_that_was_changed(project: Path, damage: str) -> None:
    path = project / "reports/numbers.json"
    assert read_numbers(path)["trade.total"].value > 0
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    with pytest.raises(ReportError, match=r"numbers\.json: .*flows build makes it again"):
        read_numbers(path)
    (project / "reports/manifest.json").write_bytes(DAMAGES[damage](b'{"outputs": {"a": 1}}'))
    with pytest.raises(ReportError, match=r"manifest\.json: expected a manifest"):
        read_numbers(path)


@pytest.mark.parametrize("damage", ["cut", "empty", "no text", "deep"])
def test_what_a_step_reads_of_another_is_named_where_it_is_damaged(
    project: Path, damage: str
) -> None:
    findings = {"values": project / "values.json", "figures": {}, "tables": {}}
    findings["values"].write_bytes(DAMAGES[damage](b'{"numbers": [], "words": {}}'))
    with pytest.raises(ReportError, match=r"values\.json: expected what a step"):
        read_findings(findings)
    for path in workshop_files(project):
        if path.suffix == ".parquet":
            path.write_bytes(DAMAGES[damage](path.read_bytes()))
            with pytest.raises(FlowsError, match=path.stem):
                read_frame(path)


def test_a_text_that_changed_is_set_with_findings_that_were_made_again(project: Path) -> None:
    edit(project / "reports/appendix.md", "Imports were", "All imports were")
    plain = build_report(project)
    expected = published(project)
    edit(project / "reports/appendix.md", "All imports", "Imports")
    build_report(project)
    for path in Places(project, project / ".flows").findings("").rglob("*.json"):
        path.write_bytes(DAMAGES["a digit"](path.read_bytes()))
    edit(project / "reports/appendix.md", "Imports were", "All imports were")
    done = build_report(project)
    assert len(done.made) > len(plain.made)
    assert published(project) == expected
