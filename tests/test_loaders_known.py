"""Layouts are known by content, and ``load`` takes a file or an id of the catalogue."""

import hashlib
import zipfile
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

import flows.loaders
from flows.errors import FlowsError, HashError, LayoutError, SourceError
from flows.loaders import LAYOUTS, find_layout, load, paths_in, recognise_layout
from flows.loaders.examples import example_path
from flows.table import check_flows

SOURCE = """
id = "{id}"
publisher = "Nobody"
title = "Example"
vintage = "1"
retrieved = 2026-01-01
address = "none"
citation = "none"
licence = "none"
allows = "none"
coverage = "none"
loader = "{loader}"
remarks = "none"
[files]
{files}
"""


def catalogue(root: Path, loader: str, **files: bytes) -> None:
    folder = root / "data" / "raw" / "example" / "1"
    folder.mkdir(parents=True)
    hashes = []
    for name, content in files.items():
        (folder / f"{name}.csv").write_bytes(content)
        hashes.append(f'"{name}.csv" = "{hashlib.sha256(content).hexdigest()}"')
    text = SOURCE.format(id="example@1", loader=loader, files="\n".join(hashes))
    (folder / "source.toml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("key", LAYOUTS)
def test_every_example_is_known_by_content_and_by_one_layout_only(key: str) -> None:
    path = example_path(key)
    beginning = path.read_bytes().removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    assert [one.key for one in LAYOUTS.values() if one.recognise(beginning)] == [key]
    assert recognise_layout(path).key == key


@pytest.mark.parametrize("key", LAYOUTS)
def test_every_example_loads_and_says_how(key: str) -> None:
    table = load(example_path(key))
    layout = LAYOUTS[key]
    assert layout.check(table).equals(table)
    report = table.attrs["report"]
    assert report["layout"] == key
    assert report["rows_out"] == len(table)
    assert set(report) == {"layout", "rows_in", "rows_out", "left_out", "warnings", "header"}


def test_every_module_that_says_its_layouts_is_in_the_list() -> None:
    names = {module.name for module in iter_modules(flows.loaders.__path__)} - {"known"}
    modules = [import_module(f"flows.loaders.{name}") for name in names]
    said = {one.key for module in modules for one in getattr(module, "LAYOUTS", ())}
    assert said == set(LAYOUTS)


def test_every_example_is_of_a_layout() -> None:
    stems = {path.stem for path in example_path("baci").parent.iterdir() if path.is_file()}
    assert stems - {"__init__", "customs", "customs_description", "eu-exports-to-georgia"} == set(
        LAYOUTS
    )


def test_an_archive_of_a_release_is_its_years(tmp_path: Path) -> None:
    archive = tmp_path / "BACI_HS22_V202401b.zip"
    years = [f"BACI_HS22_Y{year}_V202401b.csv" for year in (2023, 2022)]
    with zipfile.ZipFile(archive, "w") as file:
        for name in (*years, "country_codes_V202401b.csv"):
            file.writestr(f"release/{name}", "t,i,j,k,v,q\n")
    assert paths_in(archive) == [archive / years[1], archive / years[0]]
    assert paths_in(example_path("baci")) == [example_path("baci")]


def test_the_name_of_a_file_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "trade-register.csv"
    path.write_bytes(example_path("cow_trade").read_bytes())
    assert load(path).attrs["report"]["layout"] == "cow_trade"


def test_an_unknown_layout_is_shown_with_what_was_tried(tmp_path: Path) -> None:
    path = tmp_path / "page.csv"
    path.write_text("<html>Service unavailable</html>", encoding="utf-8")
    with pytest.raises(LayoutError, match=r"page.csv:1: expected a known layout .*<html>Service"):
        load(path)


def test_a_named_layout_says_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("country,year,export\nIran,2023,1\n", encoding="utf-8")
    with pytest.raises(LayoutError, match=r"mine.csv:1: .* missing 'month', 'import_origin'"):
        load(path, layout="armstat")


def test_an_unknown_key_is_a_bad_argument(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected the key of a layout") as caught:
        find_layout("excel")
    assert not isinstance(caught.value, FlowsError)
    with pytest.raises(ValueError, match="expected a file"):
        load(tmp_path / "none.csv", layout="armstat")


def test_a_data_set_of_the_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWS_ROOT", str(tmp_path))
    catalogue(tmp_path, "cow_trade", pairs=example_path("cow_trade").read_bytes())
    trade = load("example@1")
    assert set(trade["dataset"]) == {"example@1"}
    assert trade["line"].tolist() == [2, 2, 3, 3, 4, 4]


def test_a_data_set_of_two_files_says_which_file_a_row_is_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWS_ROOT", str(tmp_path))
    first = example_path("cow_trade").read_bytes()
    catalogue(tmp_path, "cow_trade", a=first, b=first.replace(b"371,630,", b"373,666,"))
    trade = load("example@1")
    assert trade.groupby("file").size().to_dict() == {"a.csv": 6, "b.csv": 6}
    assert trade.attrs["report"]["rows_in"] == 8
    assert trade.attrs["report"]["left_out"] == {"flows that are missing (-9)": 4}


def test_a_changed_raw_file_is_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWS_ROOT", str(tmp_path))
    catalogue(tmp_path, "cow_trade", pairs=example_path("cow_trade").read_bytes())
    path = tmp_path / "data" / "raw" / "example" / "1" / "pairs.csv"
    path.write_bytes(path.read_bytes().replace(b"16", b"17"))
    with pytest.raises(HashError, match=r"pairs.csv: expected sha256"):
        load("example@1")


def test_an_id_without_vintage_lists_the_vintages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWS_ROOT", str(tmp_path))
    catalogue(tmp_path, "cow_trade", pairs=example_path("cow_trade").read_bytes())
    with pytest.raises(SourceError, match="its vintages: example@1"):
        load("example")


def test_an_unknown_loader_is_the_fault_of_the_catalogue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWS_ROOT", str(tmp_path))
    catalogue(tmp_path, "excel", pairs=b"a\n1\n")
    with pytest.raises(SourceError, match=r"expected a loader of .* found 'excel'"):
        load("example@1")


def test_every_data_set_of_the_repository_loads() -> None:
    root = Path(__file__).parents[1] / "data" / "raw"
    folders = sorted(folder for folder in root.glob("*/*") if folder.is_dir())
    for folder in folders:
        name = f"{folder.parent.name}@{folder.name}"
        table = load(name)
        assert set(table["dataset"]) == {name}
        if "value" in table:
            assert check_flows(table).equals(table)
    assert folders
