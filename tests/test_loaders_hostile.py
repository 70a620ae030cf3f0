"""Hostile files: none takes much memory or time; archives load with what systems put in them."""

import gzip
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from hostile_files import (
    MEGABYTE,
    Hostile,
    allowed_memory,
    books,
    columns,
    cost,
    jsons,
    packed,
    texts,
    xmls,
    zipped,
)

from flows.bulk.convert import convert
from flows.errors import LayoutError
from flows.loaders import LAYOUTS, load
from flows.loaders.examples import example_path

SECONDS = 20
"""Far more than any takes on an idle machine, far less than what is quadratic."""

WORST = {
    "baci": ("line of empty cells", "wide and narrow lines", "blank lines", "short lines"),
    "packed": ("gz of blank lines", "gz of one row again", "bzip2 in zip"),
    "JSON": ("JSON of empty objects", "JSON of names all different", "JSON that nests"),
    "SDMX": ("SDMX with one long code", "series of one long attribute"),
    "XML": ("XML with an attribute an observation", "XML series of one long code"),
    "books": ("book of one longer text", "book of far rows", "book of a cell without an end"),
    "columns": ("Parquet of one long value", "Parquet of many columns", "Stata of one long text"),
}


def worst(folder: Path) -> Iterator[Hostile]:
    """Yield one of each kind that took gigabytes, or minutes, before it was refused."""
    made = {
        "baci": texts("baci", MEGABYTE),
        "packed": packed(MEGABYTE // 20),
        "JSON": (file for file in jsons(MEGABYTE // 2) if file.layout == "us_census"),
        "SDMX": (file for file in jsons(MEGABYTE // 2) if file.kind in WORST["SDMX"]),
        "XML": xmls(MEGABYTE // 2),
        "books": books(MEGABYTE // 5, folder),
        "columns": columns(MEGABYTE, folder),
    }
    for group, files in made.items():
        yield from (file for file in files if file.kind in WORST[group])


def test_no_file_takes_ten_times_its_size(tmp_path: Path) -> None:
    load(example_path("baci"))
    kinds = []
    for file in worst(tmp_path):
        path = tmp_path / file.name
        path.write_bytes(file.content)
        took = cost(path, lambda path=path, file=file: load(path, layout=file.layout))
        assert took.memory < allowed_memory(file.content), (file.kind, took)
        assert took.seconds < SECONDS, (file.kind, took)
        assert "Error: " in took.outcome, (file.kind, took)
        assert "!!" not in took.outcome, (file.kind, took)
        kinds.append(file.kind)
    assert set(kinds) == {kind for group in WORST.values() for kind in group}


BESIDE = {
    "__MACOSX/._table.csv": b"\0\5\x16\7 beside it",
    "__MACOSX/data/._table.csv": b"\0\5\x16\7 beside it",
    ".DS_Store": b"\0\0\0\1Bud1",
    "data/.DS_Store": b"\0\0\0\1Bud1",
    "data/Thumbs.db": b"\xd0\xcf\x11\xe0",
    "Thumbs.db": b"\xd0\xcf\x11\xe0",
    "desktop.ini": b"[.ShellClassInfo]",
    "Desktop.ini": b"[.ShellClassInfo]",
    "README.txt": b"Read me",
}
"""What systems put into archives beside a table."""


BY_NAME = ("eurostat_tsv",)
"""Layouts in which the name of the file says what its products are."""


def as_systems_pack(content: bytes, name: str) -> bytes:
    """Return an archive with a folder, the table in it, and what systems put beside it."""
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("data/", b"")
            for beside, bytes_of in BESIDE.items():
                archive.writestr(beside, bytes_of)
            archive.writestr(f"data/{name}", content)
        return file.getvalue()


@pytest.mark.parametrize("key", LAYOUTS)
def test_an_archive_of_a_system_loads_in_every_layout(tmp_path: Path, key: str) -> None:
    published = example_path(key)
    path = tmp_path / "mine.zip"
    path.write_bytes(as_systems_pack(published.read_bytes(), published.name))
    named = load(published)
    own = [name for name in named if name not in ("dataset", "file")]
    if key not in BY_NAME:
        pd.testing.assert_frame_equal(load(path)[own], named[own])
    inside = load(path / "data" / published.name)
    pd.testing.assert_frame_equal(inside[own], named[own])


@pytest.mark.parametrize("key", ["baci", "comtrade_v1", "comext_bulk"])
def test_an_engine_reads_an_archive_of_a_system(tmp_path: Path, key: str) -> None:
    published = example_path(key)
    path = tmp_path / "mine.zip"
    path.write_bytes(as_systems_pack(published.read_bytes(), published.name))
    convert([path], tmp_path / "mine.parquet")
    assert load(tmp_path / "mine.parquet")["value"].tolist() == load(published)["value"].tolist()


def test_two_tables_are_refused_with_their_names(tmp_path: Path) -> None:
    content = example_path("baci").read_bytes()
    path = tmp_path / "mine.zip"
    path.write_bytes(zipped({"a/one.csv": content, "b/two.csv": content} | BESIDE))
    with pytest.raises(LayoutError, match=r"found 2: a/one.csv, b/two.csv; name the one you mean"):
        load(path)
    assert len(load(path / "a/one.csv")) == len(load(example_path("baci")))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_every_method_of_python_unpacks(tmp_path: Path, method: int) -> None:
    path = tmp_path / "mine.zip"
    path.write_bytes(zipped({"baci.csv": example_path("baci").read_bytes()}, method))
    assert len(load(path)) == len(load(example_path("baci")))


@pytest.mark.parametrize(
    ("method", "called"), [(9, "Deflate64"), (93, "Zstandard"), (98, "PPMd"), (97, "method 97")]
)
def test_another_method_is_told(tmp_path: Path, method: int, called: str) -> None:
    path = tmp_path / "mine.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("baci.csv", example_path("baci").read_bytes())
    content = bytearray(path.read_bytes())
    for mark, place in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        at = content.index(mark) + place
        content[at : at + 2] = method.to_bytes(2, "little")
    path.write_bytes(content)
    with pytest.raises(LayoutError, match=rf"mine.zip: .*{called}.*unpack it"):
        load(path)


def test_an_encrypted_archive_is_told(tmp_path: Path) -> None:
    path = tmp_path / "mine.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("baci.csv", example_path("baci").read_bytes())
    content = bytearray(path.read_bytes())
    for mark, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        content[content.index(mark) + place] |= 1
    path.write_bytes(content)
    with pytest.raises(LayoutError, match=r"mine.zip: .*password.*unpack it"):
        load(path)


def test_an_archive_of_zip64_loads(tmp_path: Path) -> None:
    path = tmp_path / "mine.zip"
    with (
        zipfile.ZipFile(path, "w") as archive,
        archive.open("baci.csv", "w", force_zip64=True) as member,
    ):
        member.write(example_path("baci").read_bytes())
    assert len(load(path)) == len(load(example_path("baci")))


def test_a_table_packed_twice_says_so(tmp_path: Path) -> None:
    content = example_path("baci").read_bytes()
    path = tmp_path / "mine"
    for twice in (gzip.compress(gzip.compress(content)), zipped({"a.zip": zipped({"b": content})})):
        path.write_bytes(twice)
        with pytest.raises(LayoutError, match=r"mine:1: .*found an archive inside an archive"):
            load(path)
