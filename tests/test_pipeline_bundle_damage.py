"""Damaged, cut, hostile and oversized bundles: each is refused with what to do, and by name."""

import copy
import io
import itertools
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from toy_bundle import project_to_bundle, sign
from toy_project import DATASETS

from flows.cli import main
from flows.errors import BundleError, FlowsError
from flows.pipeline.bundles import archives, verify
from flows.pipeline.bundles.archives import check_names, zip_files
from flows.pipeline.bundles.contents import bundle_files
from flows.pipeline.bundles.verify import verify_bundle
from flows.pipeline.bundles.wheel import wheel_name
from flows.pipeline.bundles.write import bundle_appendix
from flows.report.appendices import FIRST
from flows.report.manifest import package_sha256
from flows.sources import file_sha256

ARMSTAT, _ = DATASETS
NOTEBOOK = "notebooks/imports.ipynb"
WHEEL = f"wheel/{wheel_name()}"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A built project with a notebook that was run."""
    with project_to_bundle(tmp_path_factory.mktemp("damage") / "a project") as root:
        cell = {"cell_type": "code", "source": [f'fl.load("{ARMSTAT}")'], "execution_count": 1}
        (root / NOTEBOOK).parent.mkdir()
        (root / NOTEBOOK).write_text(json.dumps({"cells": [cell]}), encoding="utf-8")
        yield root


@pytest.fixture(scope="module")
def packed(made: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Its bundle as an archive."""
    place = tmp_path_factory.mktemp("written") / "bundle.zip"
    bundle_appendix(made, FIRST, place)
    return place.read_bytes()


@pytest.fixture(scope="module")
def bundle(packed: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("unpacked") / "a bundle"
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        archive.extractall(place)
    return place


@pytest.fixture
def handed_on(bundle: Path, tmp_path: Path) -> Path:
    """The same in a copy, which a test may change."""
    return Path(shutil.copytree(bundle, tmp_path / "handed on"))


def refused(content: bytes, place: Path) -> str:
    """Return what is said of an archive that is no bundle."""
    place.write_bytes(content)
    with pytest.raises(FlowsError) as raised:
        verify_bundle(place, rebuild=False)
    assert str(place) in str(raised.value)
    return str(raised.value)


def archive_of(*names: str, content: bytes = b"1", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    with io.BytesIO() as target:
        with zipfile.ZipFile(target, "w", method) as archive:
            for name in names:
                archive.writestr(name, content)
        return target.getvalue()


def test_one_flipped_byte_of_any_kind_of_file_is_named(bundle: Path) -> None:
    """One file of each folder and ending, in turn at its first, middle and last byte."""
    files = [path.relative_to(bundle) for path in sorted(bundle.rglob("*")) if path.is_file()]
    kinds = {(file.parent, file.suffix): file.as_posix() for file in files}
    named = sorted({*kinds.values()} - {"SHA256SUMS"})
    assert {NOTEBOOK, WHEEL, "reports/appendix.pdf", "reports/appendix.docx"} <= {*named}
    for name, place in zip(named, itertools.cycle([0.0, 0.5, 1.0])):
        path = bundle / name
        content = path.read_bytes()
        flipped = bytearray(content)
        flipped[round(place * (len(content) - 1))] ^= 1
        path.write_bytes(flipped)
        with pytest.raises(BundleError, match=r"lists, found others; get the bundle") as raised:
            verify_bundle(bundle, rebuild=False)
        (fault,) = str(raised.value).splitlines()[1:]
        assert fault.strip().startswith(f"{name}: expected sha256 ")
        path.write_bytes(content)
    assert verify_bundle(bundle, rebuild=False).verdict == "same files"


@pytest.mark.parametrize("name", ["reports/appendix.md", "reports/appendix.toml", "bundle.json"])
def test_a_changed_text_is_told_by_its_hash_before_anything_is_read(
    name: str, handed_on: Path, tmp_path: Path
) -> None:
    mark = tmp_path / "ran"
    attack = f"{{{{ cycler.__init__.__globals__.os.system('touch {mark}') }}}}"
    path = handed_on / name
    path.write_text(f"{path.read_text('utf-8')}\n{attack}\n", encoding="utf-8")
    with pytest.raises(
        BundleError, match=rf"{name}: expected sha256 \w+, found {file_sha256(path)}"
    ):
        verify_bundle(handed_on)
    assert not mark.exists()


@pytest.mark.parametrize("left", [4, 30, 1_000, 0.5, -30_000, -100, -22, -1])
def test_an_archive_that_was_cut_off_is_got_again(
    packed: bytes, tmp_path: Path, left: float
) -> None:
    """What is left can end in the wheel, which is an archive itself."""
    cut = packed[: left if isinstance(left, int) else int(len(packed) * left)]
    message = refused(cut, tmp_path / "b.zip")
    assert "cut off; get it again" in message or "damaged one; download it again" in message


def test_an_archive_that_was_packed_again_with_its_folders_is_the_bundle(
    bundle: Path, tmp_path: Path
) -> None:
    place = shutil.make_archive(str(tmp_path / "again"), "zip", bundle)
    with zipfile.ZipFile(place) as archive:
        assert archive.infolist()[0].is_dir()
    assert verify_bundle(Path(place), rebuild=False).packed_again


def as_latin(packed: bytes) -> bytes:
    """Name the README in an encoding that no archive states."""
    return packed.replace(b"README.md", b"READM\xc9.md")


def as_broken_utf8(packed: bytes) -> bytes:
    """State UTF-8 for a name that is none."""
    renamed = bytearray(as_latin(packed))
    start = renamed.find(b"READM\xc9.md")
    while start >= 0:
        for mark, name, flags in ((b"PK\3\4", 30, 7), (b"PK\1\2", 46, 9)):
            if renamed[start - name :].startswith(mark):
                renamed[start - name + flags] |= 8
        start = renamed.find(b"READM\xc9.md", start + 1)
    return bytes(renamed)


@pytest.mark.parametrize("change", [as_latin, as_broken_utf8])
def test_names_in_a_wrong_encoding_are_refused(
    packed: bytes, tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    assert "download it again" in refused(change(packed), tmp_path / "b.zip")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("a/b", "a"), "expected 'a' as a file or as a folder, found it as both"),
        (("A/b", "a"), "expected 'a' as a file or as a folder, found it as both"),
        (("caf\u00e9.csv", "cafe\u0301.csv"), "differ in more than capital letters and accents"),
        (("data/NUL.csv",), r"expected names inside the folder, .* found 'data/NUL\.csv'"),
        (("com1",), "expected names inside the folder"),
    ],
)
def test_names_mean_one_file_on_every_system(
    names: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    with pytest.raises(BundleError, match=message):
        check_names(names, place="bundle")
    refused(archive_of(*names), tmp_path / "b.zip")


def overlapping() -> bytes:
    """Return an archive whose many names stand for one packed file."""
    with io.BytesIO() as target:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("0", bytes(60_000_000))
            for number in range(1, 100):
                again = copy.copy(archive.filelist[0])
                again.filename = again.orig_filename = str(number)
                archive.filelist.append(again)
        return target.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_unpacks_to_far_more_than_its_size_is_refused(tmp_path: Path, method: int) -> None:
    bomb = archive_of("a", content=bytes(80_000_000), method=method)
    assert "times the packed size" in refused(bomb, tmp_path / "b.zip")


def test_other_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused(overlapping(), tmp_path / "overlapping.zip")
    many = archive_of(*map(str, range(20_001)))
    assert "expected at most 20,000 files" in refused(many, tmp_path / "many.zip")
    monkeypatch.setattr(archives, "LARGEST_BUNDLE", 1_000)
    large = archive_of("a", "b", content=bytes(range(250)) * 3)
    assert "expected at most 250 bytes" in refused(large, tmp_path / "large.zip")


def test_a_wheel_that_is_gone_is_named(handed_on: Path) -> None:
    (handed_on / WHEEL).unlink()
    sign(handed_on)
    with pytest.raises(BundleError, match=r"bundle\.json: expected its wheel, .*, found none"):
        verify_bundle(handed_on, rebuild=False)


@pytest.mark.parametrize("name", ["reports/manifest.json", "bundle.json"])
def test_two_versions_in_one_bundle_are_no_bundle(handed_on: Path, name: str) -> None:
    content = json.loads((handed_on / name).read_text(encoding="utf-8"))
    content["code" if "code" in content else "software"]["version"] = "99.0"
    (handed_on / name).write_text(json.dumps(content), encoding="utf-8")
    sign(handed_on)
    with pytest.raises(BundleError, match=r"expected one package throughout, .* in its manifest"):
        verify_bundle(handed_on, rebuild=False)


def test_a_bundle_of_a_later_version_says_which_whatever_its_manifest_holds(
    handed_on: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its package differs, and so may everything that this version would look for."""
    for name, part in (("reports/manifest.json", "code"), ("bundle.json", "software")):
        content = json.loads((handed_on / name).read_text(encoding="utf-8"))
        content[part]["version"] = "99.0"
        content |= {"a key that this version does not know": True}
        (handed_on / name).write_text(json.dumps(content), encoding="utf-8")
    sign(handed_on)
    hashed = package_sha256
    monkeypatch.setattr(
        verify, "package_sha256", lambda *folder: hashed(*folder) if folder else "0" * 64
    )
    assert verify_bundle(handed_on, rebuild=False).verdict == "same files"
    with pytest.raises(BundleError, match=r"was made with flows-trade 99\.0 .* Install its wheel"):
        verify_bundle(handed_on)


def test_more_than_can_be_held_is_refused_before_it_is_read(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(archives, "LARGEST_BUNDLE", 100_000)
    with pytest.raises(BundleError, match=r"the largest: reports/.* MB.*redistribute = false"):
        bundle_files(made, FIRST)
    for command in (["bundle", "-o", str(tmp_path / "b.zip")], ["check", "--deposit"]):
        assert main(["--root", str(made), *command]) == 1
        assert "MB for a bundle, found " in capsys.readouterr().err
    assert not [*tmp_path.iterdir()], "nothing is written"


def test_an_archive_is_written_as_the_bytes_of_its_files(tmp_path: Path) -> None:
    files = {"b/c.txt": b"2", "a.txt": b"1"}
    archives.write_archive(files, tmp_path / "a.zip")
    assert (tmp_path / "a.zip").read_bytes() == zip_files(files)
