"""Bundles: the same bytes each time, nothing that may not go, verified from nothing but itself."""

import hashlib
import io
import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from toy_bundle import project_to_bundle, sign
from toy_project import DATASETS, edit

from flows import __version__
from flows.cli import main
from flows.errors import BundleError, FlowsError
from flows.pipeline.build import build_report
from flows.pipeline.bundles import contents, verify
from flows.pipeline.bundles.archives import zip_files
from flows.pipeline.bundles.contents import bundle_files
from flows.pipeline.bundles.verify import verify_bundle
from flows.pipeline.bundles.wheel import package_wheel, wheel_name
from flows.pipeline.bundles.write import bundle_appendix
from flows.report.appendices import FIRST
from flows.report.manifest import package_sha256
from flows.sources import file_sha256

ARMSTAT, COW = DATASETS
RAW = "data/raw/armstat-by-country/2025-02/armstat.csv"
FIGURE = "reports/figures/trade-by-year.svg"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with project_to_bundle(tmp_path_factory.mktemp("bundle") / "a project") as root:
        yield root


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Path:
    """The same in a copy, which a test may change."""
    return Path(shutil.copytree(made, tmp_path / "project"))


@pytest.fixture(scope="module")
def bundle(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its bundle, in a folder whose name has blanks."""
    place = tmp_path_factory.mktemp("written") / "a bundle of it"
    bundle_appendix(made, FIRST, place)
    return place


@pytest.fixture
def handed_on(bundle: Path, tmp_path: Path) -> Path:
    """The same in a copy, which a test may change."""
    return Path(shutil.copytree(bundle, tmp_path / "handed on"))


def withhold(root: Path, dataset: str = ARMSTAT) -> None:
    """Say that a data set may not be passed on, and build."""
    source = root / "data/raw" / dataset.replace("@", "/") / "source.toml"
    edit(source, "redistribute = true", "redistribute = false")
    build_report(root)


def test_the_same_appendix_gives_the_same_bytes_elsewhere(made: Path, tmp_path: Path) -> None:
    moved = Path(shutil.copytree(made, tmp_path / "elsewhere"))
    for path in moved.rglob("*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    places = [tmp_path / name for name in ("first.zip", "second.zip")]
    for root, place in zip((made, moved), places, strict=True):
        bundle_appendix(root, FIRST, place)
    assert places[0].read_bytes() == places[1].read_bytes()


def test_a_folder_holds_what_the_archive_holds(made: Path, bundle: Path, tmp_path: Path) -> None:
    done = bundle_appendix(made, FIRST, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        members = archive.infolist()
        assert {(member.date_time, member.external_attr >> 16) for member in members} == {
            ((1980, 1, 1, 0, 0, 0), 0o100644)
        }
        inside = {member.filename: archive.read(member) for member in members}
    assert list(inside) == sorted(inside)
    assert inside == {
        path.relative_to(bundle).as_posix(): path.read_bytes()
        for path in bundle.rglob("*")
        if path.is_file()
    }
    assert done.files == len(inside)
    assert done.bundle == hashlib.sha256(inside["SHA256SUMS"]).hexdigest()
    assert "0 left out" not in done.summary()


def test_what_a_deposit_needs_is_there_and_nothing_else(made: Path) -> None:
    files = bundle_files(made, FIRST)
    assert {
        "README.md",
        "LICENSE.txt",
        "SHA256SUMS",
        "bundle.json",
        "main.py",
        "requirements.txt",
        "CITATION.cff",
        "codecheck.yml",
        "ro-crate-metadata.json",
        "tro.jsonld",
        "codebook.csv",
        f"wheel/{wheel_name()}",
        "code/flows/cli.py",
        "code/pyproject.toml",
        "data/processed/datapackage.json",
        RAW,
        "reports/appendix.toml",
        "reports/manifest.json",
        FIGURE,
    } <= files.keys()
    assert not [name for name in files if "test" in name.split("/") or "__pycache__" in name]
    assert not [name for name, content in files.items() if not content]
    assert not [name for name in files if name.endswith((".zip", ".pyc"))]
    assert not [name for name, content in files.items() if str(made).encode() in content]


def test_every_file_of_the_crate_is_in_the_bundle(bundle: Path) -> None:
    crate = json.loads((bundle / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    files = [entity for entity in crate["@graph"] if entity["@type"] == "File"]
    assert files
    for entity in files:
        assert file_sha256(bundle / entity["@id"].replace("%20", " ")) == entity["sha256"]


def test_pip_takes_the_wheel_and_it_is_the_package(tmp_path: Path) -> None:
    wheel = tmp_path / wheel_name()
    wheel.write_bytes(package_wheel())
    assert package_wheel() == wheel.read_bytes()
    target = tmp_path / "installed"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--no-compile", "--target", str(target), str(wheel)], check=True)
    assert package_sha256(target / "flows") == package_sha256()


def test_a_bundle_is_verified_from_itself_without_network(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(*_: object, **__: object) -> None:
        raise AssertionError("verifying needs no network")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    monkeypatch.chdir(tmp_path)
    before = sorted(bundle.rglob("*"))
    verified = verify_bundle(bundle)
    assert verified.verdict == "same bytes"
    assert verified.bundle == file_sha256(bundle / "SHA256SUMS")
    assert sorted(bundle.rglob("*")) == before, "nothing is written into it"
    assert f"all {verified.files} files are as SHA256SUMS lists them" in verified.summary()


def test_a_flipped_byte_in_the_list_is_an_error(handed_on: Path) -> None:
    sums = handed_on / "SHA256SUMS"
    content = sums.read_bytes()
    for place in range(0, len(content), 97):
        sums.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(BundleError):
            verify_bundle(handed_on, rebuild=False)


def test_files_too_many_or_missing_are_named(handed_on: Path) -> None:
    (handed_on / "extra.txt").write_text("more", encoding="utf-8")
    (handed_on / FIGURE).unlink()
    with pytest.raises(BundleError, match=r"extra\.txt: not in the list\n.*svg: missing"):
        verify_bundle(handed_on)


def test_a_flipped_byte_of_an_archive_never_passes_in_silence(made: Path, tmp_path: Path) -> None:
    place = tmp_path / "b.zip"
    bundle_appendix(made, FIRST, place)
    content = place.read_bytes()
    assert not verify_bundle(place, rebuild=False).packed_again
    ends = (*range(0, 60, 7), len(content) - 300, len(content) - 12)
    for flipped in (*ends, *range(61, len(content), len(content) // 7)):
        place.write_bytes(
            content[:flipped] + bytes([content[flipped] ^ 1]) + content[flipped + 1 :]
        )
        try:
            verified = verify_bundle(place, rebuild=False)
        except FlowsError:
            continue
        assert verified.packed_again
        assert "packed again" in verified.summary()


def test_a_falsified_report_whose_hashes_agree_is_different(handed_on: Path) -> None:
    """The list of hashes is no signature: who changes a table can change the list."""
    table, manifest = (
        handed_on / "reports/tables/trade-total.csv",
        handed_on / "reports/manifest.json",
    )
    was = file_sha256(table)
    edit(table, "500000", "900000")
    edit(manifest, was, file_sha256(table))
    sign(handed_on)
    verified = verify_bundle(handed_on)
    assert verified.verdict == "different"
    assert "reports/tables/trade-total.csv" in verified.summary()


def test_code_that_is_not_the_package_is_an_error(handed_on: Path) -> None:
    edit(handed_on / "code/flows/cli.py", '"""', '"""X')
    sign(handed_on)
    with pytest.raises(BundleError, match=r"expected one package throughout, .* in code"):
        verify_bundle(handed_on)


def test_a_bundle_of_another_version_says_what_to_install(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hashed = package_sha256
    monkeypatch.setattr(
        verify, "package_sha256", lambda *folder: hashed(*folder) if folder else "0" * 64
    )
    with pytest.raises(BundleError, match=rf"was made with flows-trade {__version__} .* Install"):
        verify_bundle(bundle)
    assert main(["verify", str(bundle), "--hashes"]) == 0
    assert capsys.readouterr().out.endswith("nothing was made again\n")


def test_a_bundle_of_a_later_form_says_what_to_install(handed_on: Path) -> None:
    edit(handed_on / "bundle.json", '"form": 1', '"form": 2')
    edit(handed_on / "bundle.json", f'"version": "{__version__}"', '"version": "9.0"')
    sign(handed_on)
    with pytest.raises(BundleError, match=r"found form 2, written by flows-trade 9\.0"):
        verify_bundle(handed_on, rebuild=False)


def test_what_may_not_be_passed_on_is_left_out_and_can_be_brought(
    project: Path, tmp_path: Path
) -> None:
    withhold(project)
    place = tmp_path / "b.zip"
    done = bundle_appendix(project, FIRST, place)
    assert done.left_out == (ARMSTAT,)
    with zipfile.ZipFile(place) as archive:
        names = archive.namelist()
        facts = json.loads(archive.read("bundle.json"))
        readme = archive.read("README.md").decode()
    assert RAW not in names
    assert f"data/processed/{ARMSTAT}.parquet" not in names
    assert f"data/processed/{COW}.parquet" in names
    (entry,) = facts["left_out"]
    assert entry["files"] == {RAW: file_sha256(project / RAW)}
    assert entry["kept"] == "ten years by the authors"
    for fact in (entry["address"], entry["version"], entry["filter"], entry["terms"]):
        assert fact
        assert fact in readme

    alone = verify_bundle(place)
    assert alone.verdict == "same bytes"
    assert alone.report is not None
    assert "reports/figures/dyads-by-year.svg" in alone.report.same
    assert FIGURE not in alone.report.same
    assert "figure trade-by-year, which rests on armstat-by-country" in alone.report.missing
    assert f"left out, {ARMSTAT}: missing" in alone.summary()

    downloads = tmp_path / "my downloads" / "2025"
    downloads.mkdir(parents=True)
    shutil.copyfile(project / RAW, downloads / "armstat.csv")
    whole = verify_bundle(place, data=downloads.parent)
    assert whole.report is not None
    assert FIGURE in whole.report.same
    assert not whole.report.missing


def test_another_file_of_that_name_is_not_taken(project: Path, tmp_path: Path) -> None:
    withhold(project)
    bundle_appendix(project, FIRST, tmp_path / "b")
    edit(project / RAW, ",500,", ",501,")
    verified = verify_bundle(tmp_path / "b", data=project / "data")
    assert verified.left_out == {ARMSTAT: [RAW]}


def test_unknown_terms_stop_the_bundle(project: Path, tmp_path: Path) -> None:
    source = (project / RAW).with_name("source.toml")
    edit(source, "redistribute = true\n", "")
    with pytest.raises(BundleError, match=r"source\.toml: expected redistribute = true or false"):
        bundle_appendix(project, FIRST, tmp_path / "b.zip")
    assert not [*tmp_path.glob("*b.zip*")], "nothing is written"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("reports/tables/trade-total.csv", "500000", "900000"),
        ("reports/appendix.md", "shows them", "shows it"),
        (RAW.replace("armstat.csv", "source.toml"), 'remarks = ""', 'remarks = "new"'),
    ],
)
def test_a_file_that_changed_since_the_build_stops_the_bundle(
    project: Path, name: str, old: str, new: str
) -> None:
    edit(project / name, old, new)
    with pytest.raises(BundleError, match="expected the file of the last build") as raised:
        bundle_files(project, FIRST)
    assert name in str(raised.value)


def test_a_report_of_other_code_stops_the_bundle(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "package_sha256", lambda: "0" * 64)
    with pytest.raises(BundleError, match="expected a report made by the code that goes into"):
        bundle_files(made, FIRST)


def test_files_that_no_deposit_may_have_stop_the_bundle(project: Path) -> None:
    text = project / "reports/references.bib"
    text.write_text(f"% {project}/references.bib\n", encoding="utf-8")
    build_report(project)
    with pytest.raises(BundleError, match=r"references\.bib: expected no path of this machine"):
        bundle_files(project, FIRST)
    text.write_text("", encoding="utf-8")
    build_report(project)
    with pytest.raises(BundleError, match=r"references\.bib: expected no empty file in a bundle"):
        bundle_files(project, FIRST)


def notebook(*cells: tuple[str, int | None]) -> str:
    return json.dumps(
        {
            "cells": [
                {"cell_type": "code", "source": [source], "execution_count": count}
                for source, count in cells
            ]
        }
    )


def test_notebooks_of_its_data_sets_come_along_if_they_were_run(project: Path) -> None:
    folder = project / "notebooks"
    folder.mkdir()
    load = f'fl.load("{ARMSTAT}")'
    (folder / "own.ipynb").write_text(notebook((load, 1), ("2", 2)), encoding="utf-8")
    (folder / "other.ipynb").write_text(notebook(("1", 1)), encoding="utf-8")
    names = [name for name in bundle_files(project, FIRST) if name.startswith("notebooks/")]
    assert names == ["notebooks/own.ipynb"]
    (folder / "own.ipynb").write_text(notebook((load, 2), ("2", 1)), encoding="utf-8")
    with pytest.raises(BundleError, match="expected a notebook that was run from top to bottom"):
        bundle_files(project, FIRST)


def test_a_lock_is_handed_on_with_the_versions_for_people(project: Path) -> None:
    assert b"pandas==" in bundle_files(project, FIRST)["requirements.txt"]
    (project / "requirements.lock").write_text("a==1 --hash=sha256:0\n", encoding="utf-8")
    with pytest.raises(BundleError, match=r"requirements\.txt: expected the versions"):
        bundle_files(project, FIRST)
    (project / "requirements.txt").write_text("a==1\n", encoding="utf-8")
    files = bundle_files(project, FIRST)
    assert (files["requirements.txt"], files["requirements.lock"][:4]) == (b"a==1\n", b"a==1")


def test_nothing_is_written_over(made: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a").write_text("a", encoding="utf-8")
    (tmp_path / "b.zip").write_text("a", encoding="utf-8")
    for name in ("full", "b.zip"):
        with pytest.raises(BundleError, match="expected nothing at"):
            bundle_appendix(made, FIRST, tmp_path / name)
    (tmp_path / "empty").mkdir()
    bundle_appendix(made, FIRST, tmp_path / "empty")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.zip", "empty", "full"]


def hostile(name: str, *, link: bool = False) -> bytes:
    """Return an archive of one member that no bundle may have."""
    member = zipfile.ZipInfo(name)
    member.external_attr = (stat.S_IFLNK if link else stat.S_IFREG) << 16
    with io.BytesIO() as target:
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr(member, b"/etc/passwd")
        return target.getvalue()


@pytest.mark.parametrize(
    "name", ["../out.txt", "/out.txt", "a/../../out", "C:\\out", "a\\b", "a/./b", "a ", "CON\n"]
)
def test_an_archive_writes_nowhere_else(tmp_path: Path, name: str) -> None:
    (tmp_path / "b.zip").write_bytes(hostile(name))
    with pytest.raises(BundleError, match="expected names inside the folder"):
        verify_bundle(tmp_path / "b.zip")


def test_an_archive_holds_no_links_twins_or_bombs(tmp_path: Path) -> None:
    place = tmp_path / "b.zip"
    place.write_bytes(hostile("link", link=True))
    with pytest.raises(BundleError, match="expected files only, found the link 'link'"):
        verify_bundle(place)
    place.write_bytes(zip_files({"a.txt": b"1", "A.txt": b"2"}))
    with pytest.raises(BundleError, match="differ in more than capital letters"):
        verify_bundle(place)
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", bytes(80_000_000))
    with pytest.raises(FlowsError, match="times the packed size"):
        verify_bundle(place)
    place.write_text("no archive", encoding="utf-8")
    with pytest.raises(BundleError, match="expected a bundle, a folder or a zip archive"):
        verify_bundle(place)


def test_a_folder_holds_no_links(handed_on: Path) -> None:
    (handed_on / "link").symlink_to("/etc/passwd")
    with pytest.raises(BundleError, match="expected files only, found the link 'link'"):
        verify_bundle(handed_on)


@pytest.mark.parametrize(
    ("old", "new"),
    [('"appendix": "reports"', '"appendix": "../x"'), ("wheel/flows", "../wheel/flows")],
)
def test_facts_of_a_stranger_name_nothing_elsewhere(handed_on: Path, old: str, new: str) -> None:
    edit(handed_on / "bundle.json", old, new)
    sign(handed_on)
    with pytest.raises(FlowsError, match="expected"):
        verify_bundle(handed_on, rebuild=False)


def test_the_one_program_checks_and_verifies(bundle: Path, tmp_path: Path) -> None:
    command = [sys.executable, str(bundle / "main.py"), "--installed", "--hashes"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0].endswith("every file is as SHA256SUMS lists it")
    assert done.stdout.splitlines()[-1] == "nothing was made again"
    assert sorted(path.name for path in bundle.parent.iterdir()) == [bundle.name]


def test_the_one_program_stops_at_a_changed_file(handed_on: Path) -> None:
    edit(handed_on / "reports/numbers.tex", "1.001", "9.001")
    command = [sys.executable, str(handed_on / "main.py"), "--installed"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("error: reports/numbers.tex: expected sha256 ")


def test_the_one_program_installs_into_no_folder_of_others(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work", encoding="utf-8")
    command = [sys.executable, str(bundle / "main.py"), "--environment", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "expected an empty folder to install into" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_the_command_line(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = str(tmp_path / "b.zip")
    assert main(["--root", str(made), "bundle", "-o", place]) == 0
    assert capsys.readouterr().out.startswith(f"{place}: ")
    assert main(["--root", str(made), "bundle", "-o", place]) == 1
    assert "expected nothing at" in capsys.readouterr().err
    assert main(["verify", place, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["verdict"], said["report"]["verdict"]) == ("same bytes", "same bytes")
    assert main(["--root", str(made), "verify", "--hashes"]) == 2
    assert "expected a bundle" in capsys.readouterr().err
    assert main(["verify", place, "--measure"]) == 2
    assert "expected an appendix beside --measure, found a bundle" in capsys.readouterr().err
