from pathlib import Path

import pytest

from flows.pipeline.publish import publish_files, remove_stale, replace_file
from flows.report.manifest import Manifest, Output

EMPTY = Manifest(inputs={}, parameters={}, code={}, environment={})


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    stage, target = tmp_path / "stage", tmp_path / "target"
    for name, content in {"same": b"1", "new": b"2", "changed": b"3"}.items():
        replace_file(stage / "reports" / name, content)
    replace_file(target / "reports" / "same", b"1")
    replace_file(target / "reports" / "changed", b"old")
    before = (target / "reports" / "same").stat().st_ino
    staged = [stage / "reports" / name for name in ("same", "new", "changed")]
    assert publish_files(stage, target, staged) == ["reports/new", "reports/changed"]
    assert (target / "reports" / "same").stat().st_ino == before
    assert (target / "reports" / "changed").read_bytes() == b"3"


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "a.txt"
    place.write_bytes(b"old")

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        replace_file(place, b"new")
    assert place.read_bytes() == b"old"


def test_stale_files_are_removed_from_generated_folders_only(tmp_path: Path) -> None:
    names = ["reports/a.pdf", "data/processed/b.parquet", "flows/c.py", "reports/../d.txt"]
    for name in names:
        replace_file(tmp_path / name, b"1")
    (tmp_path / "reports/kept.pdf").write_bytes(b"1")
    output = Output("0", 1)
    kept = Manifest({}, {}, {}, {}, {"reports/kept.pdf": output})
    old = Manifest({}, {}, {}, {}, dict.fromkeys([*names, "reports/kept.pdf"], output))
    assert remove_stale(tmp_path, old, kept) == ["data/processed/b.parquet", "reports/a.pdf"]
    assert {path.name for path in tmp_path.rglob("*.*")} == {"kept.pdf", "c.py", "d.txt"}


def test_an_input_is_never_stale(tmp_path: Path) -> None:
    replace_file(tmp_path / "reports/appendix.md", b"1")
    old = Manifest({}, {}, {}, {}, {"reports/appendix.md": Output("0", 1)})
    new = Manifest({"reports/appendix.md": "0"}, {}, {}, {})
    assert remove_stale(tmp_path, old, new) == []
    assert remove_stale(tmp_path, EMPTY, EMPTY) == []
