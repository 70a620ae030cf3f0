"""The terms of what is installed: accepted for each package, told for what lies inside."""

import json
import re
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest
from check_lock import read_lock

from flows.cli import DONE, FAULT, main
from flows.pipeline import licences
from flows.pipeline.bundles.requirements import needed_packages
from flows.pipeline.bundles.wheel import DISTRIBUTION
from flows.pipeline.licences import Licensed, check_licences, facts, is_accepted, licence_of

ROOT = Path(__file__).resolve().parents[1]
LOCKS = sorted(path.name for path in ROOT.glob("requirements*.lock"))
INSTALLED = {"requirements.lock", "requirements-dev.lock"}
"""Locks whose packages are here wherever tests run; of others, those are looked at that are."""

TOOLS = {
    "atheris": "no licence in the metadata; its text is Apache-2.0",
    "axe-playwright-python": "no licence in the metadata; its text is MIT, axe inside is MPL-2.0",
    "certifi": "MPL-2.0: a list of authorities, not changed",
    "docutils": "public domain, BSD and, for an editor's mode, GPL",
    "fqdn": "MPL-2.0: not changed",
    "hypothesis": "MPL-2.0: not changed",
    "pathspec": "MPL-2.0: of the builder of the wheel, not changed",
    "tqdm": "MPL-2.0 and MIT: of a peer of the benchmarks, not changed",
}
"""Packages of developers, which flows does not need; the MPL binds changes of their files."""

BOUND = re.compile(
    r"^\W*License: .*GPL|^\*\*\w+\*\*: L?GPL|^GNU (?:LESSER )?GENERAL PUBLIC", re.MULTILINE
)
"""How a text of licences begins the part on something under the GPL or LGPL."""

_ELF, _MACH, _WINDOWS = b"\x7fELF", b"\xcf\xfa\xed\xfe", b"MZ"
LIBRARY = re.compile(r"\.(?:so(?:\.[\d.]+)?|dylib|pyd|dll)\Z")


def installed(lock: str) -> Iterator[Distribution]:
    """Yield the packages of a lock that are here in the version of the lock."""
    for name, version in read_lock(ROOT / lock).items():
        try:
            found = distribution(name)
        except PackageNotFoundError:
            assert lock not in INSTALLED, f"{lock}: {name} is not installed"
            continue
        if found.version == version:
            yield found


def name_of(package: Distribution) -> str:
    return re.sub(r"[-_.]+", "-", package.metadata["Name"]).lower()


@pytest.mark.parametrize("lock", LOCKS)
def test_each_package_of_a_lock_has_a_licence_that_is_accepted(lock: str) -> None:
    refused = {
        name_of(package): licence_of(package)
        for package in installed(lock)
        if not is_accepted(licence_of(package))
    }
    assert refused.keys() <= TOOLS.keys(), refused


def test_flows_needs_no_package_that_is_accepted_as_a_tool_alone() -> None:
    assert not TOOLS.keys() & needed_packages().keys()
    assert all(package.accepted for package in check_licences())


@pytest.mark.parametrize(
    ("expression", "accepted"),
    [
        ("MIT", True),
        ("Apache-2.0 OR BSD-2-Clause", True),
        ("GPL-2.0-only OR MIT", True),
        ("BSD-3-Clause AND 0BSD AND MIT AND Zlib AND CC0-1.0", True),
        ("MIT AND GPL-3.0-or-later", False),
        ("AGPL-3.0-only", False),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", False),
        ("LicenseRef-Proprietary", False),
        ("mit", False),
        ("", False),
    ],
)
def test_which_expressions_are_accepted(expression: str, *, accepted: bool) -> None:
    assert is_accepted(expression) is accepted


def make_package(folder: Path, *lines: str, name: str = "other") -> Distribution:
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("\n".join(["Metadata-Version: 2.4", f"Name: {name}", *lines]))
    return Distribution.at(info)


@pytest.mark.parametrize(
    ("lines", "licence"),
    [
        (["License-Expression: ISC", "License: MIT"], "ISC"),
        (["License: BSD 3-Clause License"], "BSD-3-Clause"),
        (["License: GPL v3", "Classifier: License :: OSI Approved :: MIT License"], "MIT"),
        (["Classifier: License :: OSI Approved :: Apache Software License"], "Apache-2.0"),
        (
            [
                "Classifier: License :: OSI Approved :: BSD License",
                "Classifier: License :: OSI Approved :: GNU General Public License (GPL)",
            ],
            "",
        ),
        (["Classifier: License :: Other/Proprietary License"], ""),
        (["License: UNKNOWN"], ""),
        ([], ""),
    ],
)
def test_what_metadata_say(tmp_path: Path, lines: list[str], licence: str) -> None:
    assert licence_of(make_package(tmp_path, *lines)) == licence


def test_what_was_read_in_a_text_goes_before_a_classifier(tmp_path: Path) -> None:
    line = "Classifier: License :: Public Domain"
    assert licence_of(make_package(tmp_path, line, name="click_default_group")) == "BSD-3-Clause"


def test_each_fact_is_of_a_package_in_a_lock_and_says_where_it_was_read() -> None:
    locked = {name for lock in LOCKS for name in read_lock(ROOT / lock)}
    for fact in (*facts()["stated"], *facts()["inside"]):
        assert fact["package"] in locked
        assert fact["from"]
        assert fact["seen"].year >= 2026
        assert fact["licence"]


@pytest.mark.parametrize(
    "part", facts()["inside"], ids=lambda part: f"{part['package']} {part['what'][:12]}"
)
def test_what_is_said_to_lie_inside_a_package_lies_there(part: dict[str, str]) -> None:
    if part["package"] not in needed_packages():
        return
    files = distribution(part["package"]).files or ()
    assert any(file.match(part["file"]) for file in files)


@pytest.mark.parametrize("font", ["Libertinus Serif", "NewComputerModern", "DejaVu Sans Mono"])
def test_typst_holds_the_fonts_that_are_told(font: str) -> None:
    (library,) = [f for f in distribution("typst").files or () if f.match("typst/_typst*")]
    assert font.encode() in Path(str(library.locate())).read_bytes()


def test_pandoc_says_of_itself_what_is_told() -> None:
    files = distribution("pypandoc-binary").files or ()
    (terms,) = [file for file in files if file.name == "copyright.pandoc"]
    said = " ".join(terms.read_text(encoding="utf-8").split())
    assert "released under the [GPL], version 2 or later" in said
    assert "https://github.com/jgm/pandoc/tree/X.Y.Z" in said


def test_each_program_and_each_text_of_the_gpl_in_a_package_is_told() -> None:
    told = {part["package"] for part in facts()["inside"]}
    found = set()
    for name in needed_packages():
        for file in distribution(name).files or ():
            path = Path(str(file.locate()))
            if path.is_file() and (_is_program(path) or _is_bound(path)):
                found.add(name)
    assert {"pypandoc-binary", "numpy", "scipy", "lxml"} <= found
    assert found <= told


def _is_program(path: Path) -> bool:
    if LIBRARY.search(path.name):
        return False
    with path.open("rb") as file:
        return file.read(4).startswith((_ELF, _MACH, _WINDOWS))


def _is_bound(path: Path) -> bool:
    named = ".dist-info" in path.parent.as_posix() and re.search(
        "licen|copying|notice", path.name, re.IGNORECASE
    )
    return bool(named) and bool(BOUND.search(path.read_text(encoding="utf-8", errors="replace")))


def test_the_command_lists_what_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--licences"]) == DONE
    printed = capsys.readouterr().out
    assert "  Pandoc, a program, in pypandoc-binary: GPL-2.0-or-later\n" in printed
    assert "https://github.com/jgm/pandoc/tree/VERSION" in printed
    assert main(["check", "--licences", "--json"]) == DONE
    packages = json.loads(capsys.readouterr().out)
    assert {package["name"] for package in packages} == needed_packages().keys()
    assert DISTRIBUTION not in {package["name"] for package in packages}
    (pandoc,) = [package for package in packages if package["name"] == "pypandoc-binary"]
    assert (pandoc["licence"], pandoc["inside"][0]["licence"]) == ("MIT", "GPL-2.0-or-later")


def test_a_package_under_other_terms_is_a_fault(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        licences, "needed_packages", lambda: {"pypandoc-binary": "", "certifi": "", "fqdn": ""}
    )
    assert main(["check", "--licences"]) == FAULT
    printed = capsys.readouterr().out
    assert re.search(r"accepts, found certifi \S+ \(MPL-2\.0\), fqdn \S+ \(MPL-2\.0\)", printed)
    assert "read the terms before this is handed on" in printed


def test_a_check_of_data_tells_the_terms_and_does_not_fail_for_them(
    built: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = Licensed("odd", "1.0", "", accepted=False)
    monkeypatch.setattr(licences, "check_licences", lambda: [odd])
    assert main(["--root", str(built), "check"]) == DONE
    assert "found odd 1.0 (not stated)" in capsys.readouterr().out


def test_a_package_that_pip_does_not_know_is_told(
    built: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(licences, "needed_packages", lambda: {"no-such-package": "1.0"})
    assert main(["check", "--licences"]) == FAULT
    said = "expected the package no-such-package to be installed by pip, found nothing"
    assert said in capsys.readouterr().err
    assert main(["--root", str(built), "check"]) == DONE
    assert said in capsys.readouterr().out
