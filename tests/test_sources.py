"""The catalogue: folders with their source.toml, files with their hashes, and the root."""

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

import pytest

from flows.errors import HashError, SourceError
from flows.sources import (
    file_sha256,
    find_root,
    find_source,
    list_sources,
    read_source,
    verify_source,
)

CONTENT = b"exporter,value\nIRN,1\n"
DIGEST = hashlib.sha256(CONTENT).hexdigest()
TEXTS = (
    "publisher",
    "title",
    "address",
    "citation",
    "licence",
    "allows",
    "coverage",
    "loader",
    "remarks",
)


@pytest.fixture(autouse=True)
def _no_root_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLOWS_ROOT", raising=False)


def toml_of(name: str, **changes: Any) -> str:
    """Return a source.toml; a value is TOML as it stands, ``None`` leaves the key out."""
    keys = {key: f'"{key} of {name}"' for key in TEXTS}
    keys |= {"id": f'"{name}"', "vintage": f'"{name.partition("@")[2]}"', "retrieved": "2025-03-10"}
    keys |= {"files": f'{{ "trade.csv" = "{DIGEST}" }}'} | changes
    return "".join(f"{key} = {value}\n" for key, value in keys.items() if value is not None)


def put(root: Path, name: str = "armstat@2025-02", **changes: Any) -> Path:
    source, _, vintage = name.partition("@")
    folder = root / "data" / "raw" / source / vintage
    folder.mkdir(parents=True)
    (folder / "source.toml").write_text(toml_of(name, **changes), encoding="utf-8")
    (folder / "trade.csv").write_bytes(CONTENT)
    return folder


def test_a_source_is_what_its_toml_says(tmp_path: Path) -> None:
    folder = put(tmp_path)
    found = read_source(folder)
    assert (found.id, found.vintage, found.folder) == ("armstat@2025-02", "2025-02", folder)
    assert found.retrieved == dt.date(2025, 3, 10)
    assert [getattr(found, key) for key in TEXTS] == [f"{key} of armstat@2025-02" for key in TEXTS]
    assert found.files == {"trade.csv": DIGEST}
    assert found.paths == [folder / "trade.csv"]
    verify_source(found)


def test_sources_are_listed_in_the_order_of_their_ids(tmp_path: Path) -> None:
    names = ["sipri@2025-03", "sipri@2022-03", "sipri-totals@2021-03", "armstat@2025-02"]
    for name in names:
        put(tmp_path, name)
    (tmp_path / "data" / "raw" / "README.md").write_text("What lies here.")
    (tmp_path / "data" / "raw" / "sipri" / "notes.txt").write_text("Not a vintage.")
    assert [one.id for one in list_sources(tmp_path)] == sorted(names)


def test_no_data_sets_are_an_empty_list(tmp_path: Path) -> None:
    (tmp_path / "data" / "raw").mkdir(parents=True)
    assert list_sources(tmp_path) == []
    with pytest.raises(SourceError, match=r"no data set 'sipri@1' in .*; there are: none$"):
        find_source("sipri@1", tmp_path)


def test_a_folder_without_toml_is_named(tmp_path: Path) -> None:
    folder = put(tmp_path)
    (folder / "source.toml").unlink()
    with pytest.raises(SourceError, match=r"armstat/2025-02: expected a file source\.toml"):
        list_sources(tmp_path)


@pytest.mark.parametrize("content", [b"id = ", b'id = "\xff"'])
def test_what_is_not_toml_is_named(tmp_path: Path, content: bytes) -> None:
    folder = put(tmp_path)
    (folder / "source.toml").write_bytes(content)
    with pytest.raises(
        SourceError, match=r"source\.toml(:1: expected UTF-8|: expected TOML), found "
    ):
        read_source(folder)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"licence": None, "id": None}, "expected the keys id, licence, found none of them"),
        ({"license": '"CC BY"', "colour": '"red"'}, "those of a source, found colour, license"),
        ({"title": "12"}, "expected text in title, found 12"),
        ({"retrieved": '"March"'}, "expected a date in retrieved, found 'March'"),
        ({"files": '"trade.csv"'}, "expected file names and their sha256 in files, found 'trade"),
        ({"files": '{ trade.csv = "ab" }'}, "and their sha256 in files, found {'trade': {'csv'"),
        ({"redistribute": '"perhaps"'}, "expected redistribute = true or false, found 'perhaps'"),
        ({"short_title": "12"}, "expected text in short_title, found 12"),
        ({"totals_differ": "true"}, "expected text in totals_differ, found True"),
        ({"doi": '"zenodo.1234"'}, "expected doi as 10.1000/example, found 'zenodo.1234'"),
        ({"id": '"armstat@2024-02"'}, "expected id 'armstat@2025-02' as the folders say, found '"),
    ],
)
def test_a_toml_at_fault_is_named_with_the_fault(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    folder = put(tmp_path, **changes)
    with pytest.raises(SourceError) as caught:
        read_source(folder)
    assert str(caught.value).startswith(f"{folder / 'source.toml'}: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("stated", "read"),
    [("true", (True, [])), ("false", (False, [])), (None, (None, ["redistribute"]))],
)
def test_whether_files_may_be_passed_on_is_yes_no_or_yet_to_be_written(
    tmp_path: Path, stated: str | None, read: tuple[object, list[str]]
) -> None:
    source = read_source(put(tmp_path, redistribute=stated))
    assert (source.redistribute, source.incomplete) == read


def test_a_doi_is_kept_where_there_is_one(tmp_path: Path) -> None:
    assert read_source(put(tmp_path)).doi == ""
    other = put(tmp_path, "other@1", doi='"10.5281/zenodo.1234"')
    assert read_source(other).doi == "10.5281/zenodo.1234"


def test_a_short_title_stands_for_publisher_and_title(tmp_path: Path) -> None:
    assert read_source(put(tmp_path)).short_name == (
        "publisher of armstat@2025-02, title of armstat@2025-02"
    )
    other = put(tmp_path, "other@1", short_title='"Arms database"')
    assert read_source(other).short_name == "Arms database"


def test_find_by_id(tmp_path: Path) -> None:
    put(tmp_path)
    put(tmp_path, "sipri@2025-03")
    assert find_source("sipri@2025-03", tmp_path).id == "sipri@2025-03"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("sipri@2024-03", "its vintages: sipri@2022-03, sipri@2025-03"),
        ("sipri", "its vintages: sipri@2022-03, sipri@2025-03"),
        ("sipri@", "its vintages: sipri@2022-03, sipri@2025-03"),
        ("imf@2025-03", "there are: armstat@2025-02, sipri@2022-03, sipri@2025-03"),
        ("sipri@../sipri/2025-03", "its vintages: sipri@2022-03, sipri@2025-03"),
    ],
)
def test_an_unknown_id_is_told_the_vintages_or_all_ids(
    tmp_path: Path, name: str, told: str
) -> None:
    for one in ("sipri@2025-03", "armstat@2025-02", "sipri@2022-03"):
        put(tmp_path, one)
    with pytest.raises(SourceError) as caught:
        find_source(name, tmp_path)
    assert str(caught.value) == f"no data set {name!r} in {tmp_path / 'data' / 'raw'}; {told}"


def test_a_changed_file_is_named_with_both_hashes(tmp_path: Path) -> None:
    folder = put(tmp_path)
    changed = CONTENT.replace(b"1", b"2")
    (folder / "trade.csv").write_bytes(changed)
    with pytest.raises(HashError) as caught:
        verify_source(read_source(folder))
    found = hashlib.sha256(changed).hexdigest()
    assert str(caught.value).startswith(
        f"{folder / 'trade.csv'}: expected sha256 {DIGEST}, found {found}; "
    )


def test_a_changed_line_end_is_a_changed_file(tmp_path: Path) -> None:
    folder = put(tmp_path)
    (folder / "trade.csv").write_bytes(CONTENT.replace(b"\n", b"\r\n"))
    with pytest.raises(HashError, match=r"trade\.csv: expected sha256"):
        verify_source(read_source(folder))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    folder = put(tmp_path)
    (folder / "trade.csv").unlink()
    with pytest.raises(SourceError, match=r"2025-02: expected the file trade\.csv, found none"):
        verify_source(read_source(folder))


def test_a_file_without_hash_is_named(tmp_path: Path) -> None:
    folder = put(tmp_path)
    (folder / "more.csv").write_bytes(CONTENT)
    with pytest.raises(
        SourceError, match=r"more\.csv: expected only files that source\.toml has under"
    ):
        verify_source(read_source(folder))


def test_the_hash_is_the_one_that_fips_180_prints_for_abc(tmp_path: Path) -> None:
    file = tmp_path / "abc"
    file.write_bytes(b"abc")
    assert file_sha256(file) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    with pytest.raises(OSError, match="none"):
        file_sha256(tmp_path / "none")


def test_the_root_is_found_from_below(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = put(tmp_path)
    assert find_root(folder) == tmp_path
    monkeypatch.chdir(folder)
    assert find_root() == tmp_path
    assert [one.id for one in list_sources()] == ["armstat@2025-02"]
    assert find_source("armstat@2025-02").folder == folder


def test_the_nearest_root_wins(tmp_path: Path) -> None:
    put(tmp_path)
    inner = tmp_path / "copies" / "of-mine"
    assert find_root(put(inner)) == inner


def test_the_environment_names_the_root_outright(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "here")
    put(tmp_path / "there", "sipri@2025-03")
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("FLOWS_ROOT", str(tmp_path / "there"))
    assert find_root() == tmp_path / "there"
    assert [one.id for one in list_sources()] == ["sipri@2025-03"]
    assert find_root(tmp_path / "here") == tmp_path / "here"
    monkeypatch.setenv("FLOWS_ROOT", str(tmp_path / "there" / "data"))
    with pytest.raises(SourceError, match=r"data/raw in .*there/data, which FLOWS_ROOT names, fo"):
        find_root()


def test_no_root_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="or above it, found none; go into the project's folder"):
        find_root(tmp_path)
