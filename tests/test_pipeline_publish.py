import hashlib
from pathlib import Path

import pytest

from flows.pipeline.build import publish_files, remove_stale, replace_file
from flows.report.appendices import FIRST
from flows.report.manifest import Manifest, Output

EMPTY = Manifest(inputs={}, parameters={}, code={})
WRITTEN = Output(hashlib.sha256(b"1").hexdigest(), 1)


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


def manifest(*names: str) -> Manifest:
    return Manifest({}, {}, {}, dict.fromkeys(names, WRITTEN))


def test_only_exhibits_and_tables_that_a_build_wrote_are_removed(tmp_path: Path) -> None:
    data = ["data/processed/b.parquet"]
    stale = ["reports/appendix.html", "reports/figures/a.pdf", "reports/tables/a.csv"]
    foreign = [
        "reports/other/figures/a.pdf",
        "flows/c.py",
        "reports/mine.txt",
        "reports/mine.pdf",
        "reports/figures/a.txt",
        "reports/figures/old/a.pdf",
        "reports/figures/../../d.pdf",
    ]
    (tmp_path / "reports" / "figures" / "old").mkdir(parents=True)
    for name in (*data, *stale, *foreign, "reports/figures/kept.pdf"):
        replace_file(tmp_path / name, b"1")
    old = manifest(*data, *stale, *foreign, "reports/figures/kept.pdf")
    new = manifest("reports/figures/kept.pdf")
    assert remove_stale(tmp_path, old, new, FIRST) == (stale, [])
    assert remove_stale(tmp_path, old, new) == (data, [])
    assert [name for name in (*data, *stale) if (tmp_path / name).exists()] == []
    assert all((tmp_path / name).exists() for name in (*foreign, "reports/figures/kept.pdf"))


def test_a_stale_file_that_someone_changed_stays(tmp_path: Path) -> None:
    replace_file(tmp_path / "reports/tables/a.csv", b"by hand")
    old = manifest("reports/tables/a.csv", "reports/tables/gone.csv")
    assert remove_stale(tmp_path, old, EMPTY, FIRST) == ([], ["reports/tables/a.csv"])
    assert (tmp_path / "reports/tables/a.csv").read_bytes() == b"by hand"


def test_an_input_is_never_stale(tmp_path: Path) -> None:
    replace_file(tmp_path / "reports/figures/map.png", b"1")
    new = Manifest({"reports/figures/map.png": WRITTEN.sha256}, {}, {})
    assert remove_stale(tmp_path, manifest("reports/figures/map.png"), new, FIRST) == ([], [])
    assert remove_stale(tmp_path, EMPTY, EMPTY) == ([], [])
