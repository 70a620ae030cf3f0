"""What data editors look for: each scan passes on a bundle, and sees a fault where there is one."""

import json
import shutil
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from toy_bundle import project_to_bundle
from toy_project import DATASETS, edit

from flows.cli import main
from flows.pipeline.build import build_report
from flows.pipeline.bundles.contents import bundle_files
from flows.pipeline.bundles.scans import Scan, scan_deposit
from flows.pipeline.bundles.scans_of_readme import scan_readme
from flows.pipeline.bundles.write import bundle_appendix
from flows.report.appendices import FIRST

ARMSTAT, _ = DATASETS
RAW = "data/raw/armstat-by-country/2025-02/armstat.csv"
SOURCE = "data/raw/armstat-by-country/2025-02/source.toml"

Files = dict[str, bytes]
OPEN = {2, 3, 4, 8, 16, 17, 19, 20}
"""
What the toy does not say: licence, lock, subject of the data, what was measured, ORCID; and what
its pages, which are not set here, do not show: citations, the build, the README as PDF.
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with project_to_bundle(tmp_path_factory.mktemp("scans") / "a project") as root:
        yield root


@pytest.fixture(scope="module")
def bundled(made: Path) -> Files:
    """The files of its bundle, without the package's examples, which are the toy's data."""
    files = bundle_files(made, FIRST)
    return {name: content for name, content in files.items() if "/loaders/examples/" not in name}


def scans(files: Files) -> dict[int, Scan]:
    return {scan.number: scan for scan in scan_deposit(files)}


def replaced(name: str, old: str, new: str) -> Callable[[Files], Files]:
    def change(files: Files) -> Files:
        assert old.encode() in files[name]
        return files | {name: files[name].replace(old.encode(), new.encode())}

    return change


def added(name: str, content: str) -> Callable[[Files], Files]:
    return lambda files: files | {name: content.encode()}


def without(*names: str) -> Callable[[Files], Files]:
    return lambda files: {name: text for name, text in files.items() if name not in names}


def test_what_a_bundle_can_know_passes(bundled: Files) -> None:
    found = scans(bundled)
    faults = {number: scan.faults for number, scan in found.items() if scan.faults}
    assert faults.keys() - {11} == OPEN
    assert not found[1].remark
    assert all("reports/" in fault for fault in found[11].faults), "the toy draws one thing twice"
    assert "fires" in found[10].remark
    assert "forms that flows new fills in" in found[9].remark
    assert "bundle.json: geography is not stated" not in " ".join(found[16].faults)


def test_exhibits_of_data_that_are_left_out_are_named(made: Path, tmp_path: Path) -> None:
    """Their values are facts in an exhibit; the authors decide whether that is too much."""
    root = Path(shutil.copytree(made, tmp_path / "project"))
    edit(root / SOURCE, "redistribute = true", "redistribute = false")
    build_report(root)
    remark = scans(bundle_files(root, FIRST))[1].remark
    assert remark.startswith("2 exhibits show values of data that are left out")
    assert remark.endswith("reports/figures/trade-by-year, reports/tables/trade-total")


NOTEBOOK = json.dumps({"cells": [{"cell_type": "code", "source": ["1"], "execution_count": None}]})


@pytest.mark.parametrize(
    ("number", "change", "fault"),
    [
        (1, replaced(SOURCE, "redistribute = true", "redistribute = false"), "do not allow"),
        (1, replaced(SOURCE, "redistribute = true\n", ""), "redistribute is not stated"),
        (2, without("LICENSE.txt"), "LICENSE.txt: none"),
        (2, replaced("LICENSE.txt", ARMSTAT, "another"), "says nothing of data/raw/armstat"),
        (3, without("README.md"), "README.md: none"),
        (5, without("codebook.csv"), "codebook.csv: none"),
        (5, without("reports/tables/trade-total.csv"), "trade-total: not as CSV"),
        (6, replaced("reports/numbers.json", '"code": ["', '"code": [], "was": ["'), "no code"),
        (7, added("run.sh", "make"), "found main.py, run.sh"),
        (8, added("requirements.txt", "pandas>=3\n"), "requirements.txt: pandas>=3"),
        (9, added("notebooks/a.ipynb", NOTEBOOK), "notebooks/a.ipynb: its cells were not run"),
        (10, added("code/a.py", 'open("C:\\\\data\\\\my file.csv")'), "code/a.py: C:"),
        (11, added("a.txt", ""), "a.txt: empty"),
        (12, added("a.zip", "PK"), "a.zip: packed"),
        (12, added("__MACOSX/._a", "x"), "__MACOSX/._a: packed, or left by a system"),
        (12, lambda files: files | {f"{n}.txt": b"1" for n in range(1_000)}, "more than 1,000"),
        (15, added("README.md", "other"), "does not hold README.md as it is"),
        (16, replaced(".zenodo.json", "Data and Code for: ", ""), "does not begin with"),
        (20, without("reports/numbers.tex"), "reports/numbers.tex is not here"),
        (20, replaced("codecheck.yml", "Numbers", "TODO"), "the placeholder TODO"),
        (21, without("tro.jsonld"), "no hashes before and after"),
        (21, replaced(RAW, ",500,", ",501,"), f"another hash than that of {RAW}"),
        (22, added("readme.MD", "x"), "differ in more than capital letters"),
        (22, added("a.txt", "/home/ann/data.csv"), "a.txt: /home/ann"),
    ],
)
def test_a_scan_sees_its_fault(
    bundled: Files, number: int, change: Callable[[Files], Files], fault: str
) -> None:
    before, after = scans(bundled)[number], scans(change(bundled))[number]
    new = set(after.faults) - set(before.faults)
    assert any(fault in text for text in new)


def test_the_command_line(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle_appendix(made, FIRST, tmp_path / "b.zip")
    assert main(["check", "--deposit", str(tmp_path / "b.zip")]) == 1
    shown = capsys.readouterr().out
    assert "ok      7  one main program" in shown
    assert "FAULT   3  README" in shown
    assert main(["--root", str(made), "check", "--deposit"]) == 1
    assert capsys.readouterr().out == shown
    assert main(["--root", str(made), "check", "--deposit", "reports", "--json"]) == 1
    assert {"number", "name", "faults", "remark"} == json.loads(capsys.readouterr().out)[0].keys()


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_what_lies_in_a_pdf_may_end_as_a_line_does(line_end: bytes) -> None:
    texts = (b"%d" % number for number in range(100_000))
    text = next(text for text in texts if zlib.compress(text).endswith(b"\r"))
    stream = zlib.compress(text) + line_end
    pdf = b"<< /Type /EmbeddedFile >>\nstream\n" + stream + b"endstream"
    fault = "README.pdf: is not made of this README.md"
    assert fault not in [*scan_readme({"README.md": text, "README.pdf": pdf})]
    assert fault in [*scan_readme({"README.md": text + b"0", "README.pdf": pdf})]
