"""The README of a bundle: true of the bundle, the same in both forms, and held to it by scans."""

import csv
import datetime as dt
import io
import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from toy_bundle import project_to_bundle
from toy_project import DATASETS, PLAN, edit

from flows import __version__
from flows.cli import main
from flows.errors import ReportError, UnknownNameError
from flows.pipeline import measured as measuring
from flows.pipeline.build import build_report
from flows.pipeline.bundles.chance import read_seeds
from flows.pipeline.bundles.contents import bundle_files
from flows.pipeline.bundles.programs import CODE, exhibit_place, function_place, package_name
from flows.pipeline.bundles.readme import literal, plain, readme_pdf
from flows.pipeline.bundles.scans import Scan, scan_deposit
from flows.pipeline.bundles.scans_of_readme import _attached
from flows.pipeline.bundles.verify import verify_bundle
from flows.pipeline.bundles.write import bundle_appendix
from flows.pipeline.cite import find_references
from flows.pipeline.graph import CLAIMS, read_plan
from flows.pipeline.measured import measure_reports, read_measured
from flows.report.appendices import FIRST, list_appendices
from flows.report.deposit.styles import format_apa
from flows.report.manifest import PACKAGE
from flows.report.numbers import read_numbers
from flows.report.text import check_no_typed_numbers
from flows.sources import find_root

ARMSTAT, COW = DATASETS
SOURCE = "data/raw/armstat-by-country/2025-02/source.toml"
TODAY = dt.date(2026, 11, 26)
END = "\n# References {.unnumbered}\n\n{{ citations() }}\n"

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The toy with its pages; one of its two data sets may not be passed on."""
    root = tmp_path_factory.mktemp("readme") / "a project"
    with project_to_bundle(root, pages=True, end=END):
        edit(root / SOURCE, "redistribute = true", "redistribute = false")
        build_report(root)
        yield root


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Path:
    """The same in a copy, which a test may change."""
    return Path(shutil.copytree(made, tmp_path / "project"))


@pytest.fixture(scope="module")
def files(made: Path) -> Files:
    return bundle_files(made, FIRST)


def readme_of(files: Files) -> str:
    return files["README.md"].decode("utf-8")


def scans(files: Files) -> dict[int, Scan]:
    return {scan.number: scan for scan in scan_deposit(files)}


def rows_of(files: Files) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files["exhibits.csv"].decode("utf-8"))))


def test_both_forms_are_one_text_and_the_same_bytes_each_time(files: Files) -> None:
    pdf = files["README.pdf"]
    assert pdf.startswith(b"%PDF")
    assert _attached(pdf) == [files["README.md"]]
    assert readme_pdf(readme_of(files)) == pdf


def test_a_data_set_is_cited_in_the_words_of_the_command(made: Path, files: Files) -> None:
    page = (made / FIRST.page).read_text(encoding="utf-8")
    words = " ".join(re.sub(r"<[^>]+>", "", page).split())
    for reference in find_references(list(DATASETS), made):
        citation = format_apa(reference)
        assert citation in words
        assert plain(readme_of(files)).count(citation) == len(["its entry", "References"])


def test_it_says_what_is_left_out_and_which_exhibits_need_it(files: Files) -> None:
    text = readme_of(files)
    assert (
        f"**Some** of the data are in this bundle: 1 of 2 data sets. Not in it: {ARMSTAT}." in text
    )
    assert "- Kept: ten years by the authors" in text
    needs = {row["name"]: row["not_in_bundle"] for row in rows_of(files)}
    assert needs["trade-by-year"] == needs["trade.total"] == ARMSTAT
    assert needs["dyads-by-year"] == ""


def test_no_program_is_in_it_and_the_terms_of_pandoc_are_told(files: Files) -> None:
    programs = (b"\x7fELF", b"MZ", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
    assert not [name for name, content in files.items() if content.startswith(programs)]
    (wheel,) = [content for name, content in files.items() if name.endswith(".whl")]
    with zipfile.ZipFile(io.BytesIO(wheel)) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    assert not [name for name, content in members.items() if content.startswith(programs)]
    said = " ".join(readme_of(files).split())
    assert "Pandoc, inside `pypandoc-binary`, is under the GNU General Public License" in said
    assert "(source: https://github.com/jgm/pandoc)" in said


@pytest.mark.parametrize(
    "name",
    [
        ".zenodo.json",
        "LICENSE.txt",
        "README.md",
        "codebook.csv",
        "data/raw/cow-trade/4.0/source.toml",
        "main.py",
        "reports/numbers.json",
        "ro-crate-metadata.json",
        "tro.jsonld",
    ],
)
def test_a_bundle_of_a_stranger_is_scanned_to_its_end(files: Files, name: str) -> None:
    points = scans(files).keys()
    for content in (b"[" * 100_000, b"a = " + b"[" * 5000, b"\xff\xfe", b"[]", b"{}", b"\n"):
        found = scans({**files, name: content})
        assert found.keys() == points
        assert any(scan.faults for scan in found.values())


def test_the_map_numbers_exhibits_as_the_page_does(files: Files) -> None:
    rows = {row["name"]: row for row in rows_of(files)}
    assert rows["trade-by-year"]["number"] == "Figure 1"
    assert rows["trade-total"]["number"] == "Table 1"
    assert rows["trade-total"]["title"] == "Imports."
    assert rows["dyads-total"]["number"] == "", "the text does not show it"
    assert "reports/tables/trade-total.csv" in rows["trade-total"]["output_files"].split("; ")


def test_the_map_leads_from_a_number_to_its_code_and_its_line(files: Files) -> None:
    (number,) = [row for row in rows_of(files) if row["kind"] == "number"]
    assert number["code"] == "value = trade['value'].sum() / 1e6"
    file, _, line = number["text"].rpartition(":")
    assert 'n("trade.total"' in files[file].decode("utf-8").splitlines()[int(line) - 1]
    file, _, line = number["output_files"].rpartition(":")
    assert '"trade.total"' in files[file].decode("utf-8").splitlines()[int(line) - 1]
    assert "The text prints 1 number." in readme_of(files)


def replaced(name: str, old: str, new: str) -> Callable[[Files], Files]:
    def change(files: Files) -> Files:
        assert old.encode() in files[name]
        return files | {name: files[name].replace(old.encode(), new.encode())}

    return change


def without(name: str) -> Callable[[Files], Files]:
    return lambda files: {other: text for other, text in files.items() if other != name}


@pytest.mark.parametrize(
    ("number", "change", "fault"),
    [
        (3, replaced("README.md", "## List of exhibits", "## Tables"), "'List of exhibits'"),
        (3, without("README.pdf"), "README.pdf: none"),
        (3, replaced("README.md", "one report", "a report"), "is not made of this README.md"),
        (
            4,
            replaced("README.md", "Retrieved February", "Retrieved in"),
            "README.md: does not cite",
        ),
        (4, replaced("reports/index.html", "(Version 4.0)", "(4.0)"), f"does not cite {COW}"),
        (6, replaced("exhibits.csv", "trade-by-year", "other"), "nothing makes reports/figures"),
        (6, replaced("exhibits.csv", "code/flows/pipeline/tasks.py", "a.py"), "no line a.py:"),
        (
            6,
            replaced("exhibits.csv", "\nnumber,trade.total,", "\nnumber,other,"),
            "no number trade",
        ),
        (
            6,
            replaced("exhibits.csv", "appendix.md:", "appendix.md:9"),
            "no line reports/appendix.md",
        ),
        (6, without("reports/tables/trade-total.typ"), "trade-total.typ is not here"),
        (17, replaced("reports/numbers.json", "['value']", "(rng=7)"), "where the seed 7 stands"),
        (19, replaced("README.md", ", build ", ", build 0"), "README.md: is not of flows"),
        (19, replaced("reports/index.html", ", build ", ", build 0"), "html: is not of flows"),
        (19, without("reports/appendix.pdf"), "pdf: is not of flows"),
    ],
)
def test_a_scan_sees_its_fault(
    files: Files, number: int, change: Callable[[Files], Files], fault: str
) -> None:
    before, after = scans(files)[number], scans(change(files))[number]
    assert any(fault in text for text in set(after.faults) - set(before.faults))


def test_what_a_run_can_know_has_no_fault(files: Files) -> None:
    faults = {number: scan.faults for number, scan in scans(files).items()}
    assert not any(faults[number] for number in (1, 3, 4, 6, 19))
    (fault,) = faults[17]
    assert "not measured (flows verify reports --measure" in fault


def test_the_bundle_names_the_build_that_page_one_prints(made: Path, files: Files) -> None:
    build = json.loads(files["bundle.json"])["build"]
    assert f"build {build}" in (made / FIRST.page).read_text(encoding="utf-8")
    assert f"build {build}." in readme_of(files).split("\n## ")[0]


def test_what_it_took_is_measured_once_and_quoted(project: Path, tmp_path: Path) -> None:
    before = bundle_files(project, FIRST)
    (verified,) = measure_reports(project, today=TODAY).values()
    assert verified.verdict == "same bytes"
    took = read_measured(project / FIRST.measured)
    assert took is not None
    assert (took.date, took.cores) == (TODAY, measuring.os.cpu_count())
    assert took.cpu_seconds > 0
    assert took.bytes_made < took.bytes_installed
    after = bundle_files(project, FIRST)
    assert before["reports/manifest.json"] == after["reports/manifest.json"], "it is no input"
    assert "- Time: under 10 minutes" in readme_of(after)
    assert "Measured on 2026-11-26" in readme_of(after)
    assert not scans(after)[17].faults
    bundle_appendix(project, FIRST, tmp_path / "b.zip")
    assert verify_bundle(tmp_path / "b.zip").verdict == "same bytes"
    edit(project / FIRST.measured, took.build, "0123456789ab")
    assert f"figures are of flows {__version__}, build 0123456789ab" in readme_of(
        bundle_files(project, FIRST)
    )


def test_of_a_report_that_differs_nothing_is_measured(project: Path) -> None:
    edit(project / "reports/tables/trade-total.csv", "500000", "900000")
    (verified,) = measure_reports(project, today=TODAY).values()
    assert verified.verdict == "different"
    assert read_measured(project / FIRST.measured) is None


def test_several_appendices_or_other_figures_are_refused(made: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="expected one appendix beside --measure"):
        measure_reports(made, ["reports", "other"], today=TODAY)
    file = tmp_path / "measured.toml"
    file.write_text('build = "0"\n', encoding="utf-8")
    with pytest.raises(
        ReportError, match=r"measured\.toml: expected build, version.*measure again"
    ):
        read_measured(file)


def test_seeds_stand_with_their_lines(project: Path) -> None:
    plan = project / FIRST.plan
    text = plan.read_text(encoding="utf-8")
    plan.write_text(
        f"{text}\n[study.parameters.posterior]\nrng = 42  # rng = 7\n", encoding="utf-8"
    )
    (seed,) = read_seeds(project, FIRST)
    assert (seed.value, seed.study) == (42, "dyads")
    assert "rng = 42" in plan.read_text(encoding="utf-8").splitlines()[seed.place.line - 1]


def test_the_package_has_no_seed_of_its_own(tmp_path: Path) -> None:
    plan = tmp_path / FIRST.plan
    plan.parent.mkdir()
    plan.write_text(PLAN, encoding="utf-8")
    assert read_seeds(tmp_path, FIRST) == []


def test_every_exhibit_of_the_project_has_the_line_that_makes_it() -> None:
    root = find_root()
    for appendix in list_appendices(root):
        for study in (*read_plan(root / appendix.plan), CLAIMS):
            for kind, names in (("figure", study.figures), ("table", study.tables)):
                for name in names:
                    place = exhibit_place(kind, name, study.study)  # type: ignore[arg-type]
                    source = PACKAGE.parent / place.file.removeprefix(f"{CODE}/")
                    line = source.read_text(encoding="utf-8").splitlines()[place.line - 1]
                    assert re.search(rf"\b{kind.capitalize()}\(|^def ", line), (name, place)
                    assert package_name(source) == place.file


def test_every_number_of_the_project_has_the_function_that_gives_it() -> None:
    root = find_root()
    for appendix in list_appendices(root):
        for number in read_numbers(root / appendix.numbers).values():
            if place := function_place(number.code):
                source = PACKAGE.parent / place.file.removeprefix(f"{CODE}/")
                line = source.read_text(encoding="utf-8").splitlines()[place.line - 1]
                name = re.match(r"(?:def|class) (\w+)", line)
                assert name, (number.id, place)
                assert f"{name[1]}(" in "\n".join(number.code)
            else:
                assert "fl." not in "\n".join(number.code)


def test_plain_text_comes_back_from_markdown() -> None:
    text = r"A * [b](c) `d` <e> @f a@b $5 x_y C:\n | ~"
    assert plain(literal(text)) == text


def test_a_front_matter_states_facts_in_digits_and_the_text_does_not() -> None:
    front = "---\ntitle: A\nlicence: BSD-3-Clause\ndate: 2026-11-26\ndeposit:\n  jel: F14\n---\n"
    assert check_no_typed_numbers(f"{front}\nText.\n")
    for text in (f"{front}\ndate: 2026\n", front.replace("title: A", "title: 27 members")):
        with pytest.raises(ReportError, match="found a typed number"):
            check_no_typed_numbers(text)


def test_a_project_that_states_nothing_is_bundled_and_told(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = project / FIRST.text
    content = text.read_text(encoding="utf-8")
    text.write_text(re.sub(r"deposit:\n(?:  .*\n)+", "", content), encoding="utf-8")
    build_report(project)
    text = readme_of(bundle_files(project, FIRST))
    assert "- Kept: not stated" in text
    assert "Time and memory were not measured: `flows verify reports --measure` does that." in text
    assert main(["--root", str(project), "check", "--deposit"]) == 1
    assert f"{ARMSTAT}: how long it is kept is not stated" in capsys.readouterr().out
