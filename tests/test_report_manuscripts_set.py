"""The two manuscripts that are shipped, set by LaTeX and by a word processor with real numbers."""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest
from documents import read_parts, write_parts

from flows.findings import Findings
from flows.report.appendices import FIRST
from flows.report.manuscripts.fill import check_manuscript, fill_manuscript
from flows.report.numbers import numbers_tex, read_numbers
from flows.results import print_with_unit

ROOT = Path(__file__).resolve().parents[1]
MANUSCRIPTS = ROOT / "tests" / "fixtures" / "manuscripts"
ENGINES = ("pdflatex", "xelatex", "lualatex")


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


@pytest.fixture(scope="module")
def printed() -> list[str]:
    """What both manuscripts say, as the report has it now."""
    numbers = read_numbers(ROOT / FIRST.numbers)
    share, bounds, revision = (
        numbers[name] for name in ("arms.share.main", "arms.share.bounds.all", "arms.revision")
    )
    ends = print_with_unit(f"{bounds.low:.2f} and {bounds.high:.2f}", "%")
    return [f"{share.printed}%", f"between {ends}", f"{revision.printed} points".replace("-", "−")]


def plain(text: str) -> str:
    """Return text with a blank for every line end and blank of another width."""
    return " ".join(text.split())


def written_in(pdf: Path) -> str:
    done = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, check=True)
    return plain(done.stdout.decode())


@cache
def macros() -> str:
    numbers = tuple(read_numbers(ROOT / FIRST.numbers).values())
    return numbers_tex(Findings(numbers=numbers))


def latex(folder: Path, text: str, engine: str = "pdflatex") -> subprocess.CompletedProcess[str]:
    """Set a text twice beside the numbers and tables of the report."""
    (folder / "numbers.tex").write_text(macros(), encoding="utf-8")
    shutil.copytree(ROOT / FIRST.folder / "tables", folder / "tables", dirs_exist_ok=True)
    (folder / "paper.tex").write_text(text, encoding="utf-8")
    command = [engine, "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    for _ in range(2):
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, errors="replace"
        )
    return done


@pytest.mark.parametrize("engine", [pytest.param(name, marks=needs(name)) for name in ENGINES])
@needs("pdftotext")
def test_latex_sets_the_manuscript(tmp_path: Path, engine: str, printed: list[str]) -> None:
    text = (MANUSCRIPTS / "manuscript.tex").read_text(encoding="utf-8")
    done = latex(tmp_path, text, engine)
    assert done.returncode == 0, done.stdout[-2000:]
    set_text = written_in(tmp_path / "paper.pdf")
    assert all(number in set_text for number in printed)
    assert set_text.count("The deals that move the share most") == 2, "in the list and above it"
    assert "The first 15 of" in set_text


@needs("pdflatex")
@pytest.mark.parametrize(
    ("wrong", "nearest"),
    [
        ("arms.share.mian", "arms.share.main"),
        ("amrs.share.main", "arms.share.main"),
        ("arms.share.main.", "arms.share.main"),
        ("trade.flow.headlin", "trade.flow.headline"),
    ],
)
@pytest.mark.parametrize("place", ["{}", r"\section{{{}}}", r"\caption{{{}}}"])
def test_an_unknown_id_is_answered_with_the_nearest(
    tmp_path: Path, wrong: str, nearest: str, place: str
) -> None:
    asked = place.format(rf"\flowsnumber{{{wrong}}}")
    text = (
        r"\documentclass{article}\input{numbers.tex}\begin{document}\begin{table}"
        rf"{asked}\end{{table}}\end{{document}}"
    )
    done = latex(tmp_path, text)
    assert done.returncode != 0
    assert f"! flows: no number '{wrong}'; nearest: {nearest}." in done.stdout.replace("\n", "")


@needs("pdflatex")
def test_a_field_that_a_number_lacks_is_said(tmp_path: Path) -> None:
    text = (
        r"\documentclass{article}\input{numbers.tex}\begin{document}"
        r"\flowsbounds{arms.deals}\end{document}"
    )
    assert "! flows: number 'arms.deals' has no bounds." in latex(tmp_path, text).stdout


@needs("pdflatex")
def test_numbers_may_come_after_the_text_began(tmp_path: Path) -> None:
    text = (
        r"\documentclass{article}\begin{document}\input{numbers.tex}\input{numbers.tex}"
        r"\section{\flowsnumber{arms.share.main}}\edef\x{\flowsnumber{arms.share.main}}\x"
        r"\end{document}"
    )
    assert latex(tmp_path, text).returncode == 0


@needs("soffice")
@needs("pdftotext")
def test_a_word_processor_shows_the_filled_manuscript(tmp_path: Path, printed: list[str]) -> None:
    path = tmp_path / "manuscript.docx"
    shutil.copy(MANUSCRIPTS / path.name, path)
    fill_manuscript(ROOT, path)
    shown = office(path, "pdf")
    text = written_in(shown)
    assert all(number in text for number in printed)
    assert "Table 1. The deals on which the share depends most" in text
    assert "DOCPROPERTY" not in text


@needs("soffice")
def test_fields_outlive_another_word_processor(tmp_path: Path) -> None:
    path = tmp_path / "manuscript.docx"
    shutil.copy(MANUSCRIPTS / path.name, path)
    fill_manuscript(ROOT, path)
    (tmp_path / "saved").mkdir()
    saved = office(path, "docx:MS Word 2007 XML", tmp_path / "saved")
    old = read_parts(saved)["word/document.xml"].decode()
    share = read_numbers(ROOT / FIRST.numbers)["arms.share.main"].printed
    changed = re.sub(re.escape(share), "11.11", old).encode()
    assert changed.count(b"11.11") == 2
    edited = {**read_parts(saved), "word/document.xml": changed}
    write_parts(saved, edited)
    done = fill_manuscript(ROOT, saved)
    assert [(change.before, change.after) for change in done.changes] == [
        ("11.11%", f"{share}%"),
        ("11.11%", f"{share}%"),
    ]


def office(path: Path, kind: str, folder: Path | None = None) -> Path:
    """Save a document as another, by a word processor with a profile of its own."""
    folder = folder or path.parent
    profile = f"-env:UserInstallation={(path.parent / 'profile').as_uri()}"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", folder, path],
        check=True,
        capture_output=True,
        timeout=180,
    )
    return folder / path.with_suffix(f".{kind[:4].rstrip(':')}").name


def test_the_shipped_manuscripts_hold_nothing_typed_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "manuscript.docx"
    shutil.copy(MANUSCRIPTS / path.name, path)
    fill_manuscript(ROOT, path)
    assert check_manuscript(ROOT, path) == []
    assert check_manuscript(ROOT, MANUSCRIPTS / "manuscript.tex") == []
