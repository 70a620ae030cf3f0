"""Packed files: one table comes out, and never more than the limit."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from flows.errors import LayoutError
from flows.loaders import load
from flows.loaders.examples import example_path
from flows.loaders.text import list_tables, read_content

CSV = example_path("cow_trade").read_bytes()


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)
    return path


def test_a_packed_table_loads_as_the_table(tmp_path: Path) -> None:
    plain = load(example_path("cow_trade")).drop(columns="dataset")
    packed = tmp_path / "cow.csv.gz"
    packed.write_bytes(gzip.compress(CSV))
    assert load(packed).drop(columns="dataset").equals(plain)
    zipped(tmp_path / "cow.zip", a_csv=CSV, readme_txt=b"read me", codebook_pdf=b"%PDF")
    assert load(tmp_path / "cow.zip").drop(columns="dataset").equals(plain)


@pytest.mark.parametrize("count", [0, 2])
def test_an_archive_without_one_table_is_refused(tmp_path: Path, count: int) -> None:
    members = {f"t{number}_csv": CSV for number in range(count)}
    path = zipped(tmp_path / "tables.zip", **members, notes_pdf=b"%PDF")
    with pytest.raises(LayoutError, match=f"tables.zip: expected one table .* found {count}"):
        read_content(path)


def test_a_bomb_is_stopped_before_it_fills_the_memory(tmp_path: Path) -> None:
    path = zipped(tmp_path / "bomb.zip", a_csv=b"0" * 80_000_000)
    with pytest.raises(LayoutError, match="200 times the packed size"):
        read_content(path)


def test_the_limit_holds_for_gzip_too(tmp_path: Path) -> None:
    path = tmp_path / "big.csv.gz"
    path.write_bytes(gzip.compress(CSV * 100))
    with pytest.raises(LayoutError, match="expected at most 1000 bytes"):
        read_content(path, limit=1000)


@pytest.mark.parametrize("cut", [12, 40, 120])
def test_a_truncated_archive_is_damaged(tmp_path: Path, cut: int) -> None:
    whole = gzip.compress(CSV)
    for name, content in {"a.gz": whole[:cut], "a.zip": _zip_bytes()[:cut]}.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(LayoutError, match=f"{name}.*damaged"):
            read_content(path)


def test_a_damaged_member_is_named(tmp_path: Path) -> None:
    content = bytearray(_zip_bytes())
    content[60:80] = bytes(20)
    path = tmp_path / "my.zip"
    path.write_bytes(content)
    assert list_tables(path) == ["a.csv"]
    with pytest.raises(LayoutError, match=r"my.zip/a.csv: .*damaged"):
        read_content(path / "a.csv")


def test_a_table_of_an_archive_can_be_named(tmp_path: Path) -> None:
    path = zipped(tmp_path / "two.zip", a_csv=CSV, b_csv=b"nothing")
    assert read_content(path / "a.csv") == CSV
    assert len(load(path / "a.csv")) == 6
    with pytest.raises(LayoutError, match=r"two.zip: expected a table c.csv"):
        read_content(path / "c.csv")


def _zip_bytes() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", CSV)
    return buffer.getvalue()
