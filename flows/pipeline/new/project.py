"""Writing a new project: everything in a folder beside, which is renamed when it is whole."""

import datetime as dt
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pandas as pd

from flows.countries import country_name, find_country
from flows.errors import SourceError
from flows.loaders import load_source
from flows.pipeline.new.arms import draft_arms
from flows.pipeline.new.downloads import enter_downloads, read_downloads
from flows.pipeline.new.draft import Draft, Tried, plan_toml, untried
from flows.pipeline.new.text import report_text
from flows.pipeline.new.trade import draft_trade

_PLAN_HEAD = """# The studies of this report: which data sets, which parameters, which sections. The text
# (appendix.md) shows what they find; `flows build` makes both, and says what does not fit.

"""
_SOURCES = Draft("sources", "sources", {}, {}, {"rights": {}})


@dataclass(frozen=True, slots=True)
class Question:
    """
    What a new project asks.

    Parameters
    ----------
    arms : pair of str, optional
        Importer and supplier.
    trade : pair of str, optional
        Exporter and importer.
    window : pair of int, optional
        First and last year of the question about arms.
    """

    arms: tuple[str, str] | None = None
    trade: tuple[str, str] | None = None
    window: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class NewProject:
    """
    A project that was written.

    Parameters
    ----------
    folder : pathlib.Path
        Where it is.
    datasets : tuple of str
        Ids of the data sets in it.
    remarks : tuple of str
        What was left out, and why.
    """

    folder: Path
    datasets: tuple[str, ...]
    remarks: tuple[str, ...]

    def in_words(self) -> Iterator[str]:
        """Yield lines for a reader: what is there, what is not, and what comes next."""
        yield f"{self.folder}: {', '.join(self.datasets) or 'no data yet'}"
        yield from (f"  {remark}" for remark in self.remarks)
        yield "next:"
        yield f"  cd {self.folder}"
        yield "  flows build"


def new_project(
    folder: Path, question: Question, paths: Sequence[Path], *, today: dt.date
) -> NewProject:
    """
    Write a project: data, plan, text, claims, references, notebook, Makefile and README.

    Parameters
    ----------
    folder : pathlib.Path
        Of the project; it is made, and may be there if it is empty.
    question : Question
        Countries by name or code.
    paths : sequence of pathlib.Path
        Downloads as published.
    today : datetime.date
        By which a release that is still to be got is named.

    Raises
    ------
    SourceError
        If the folder is there with something in it, or the files are not about the question.
    UnknownNameError
        If a country is none.
    FlowsError
        If a file does not load.
    OSError
        If something cannot be read or written.
    """
    question = _with_codes(question)
    downloads = read_downloads(paths)
    with _whole_or_nothing(folder) as workshop:
        (workshop / "data" / "raw").mkdir(parents=True)
        sources = list(enter_downloads(workshop, downloads))
        tables = {source.id: load_source(source) for source in sources}
        studies, remarks = _studies(question, tables)
        _write_reports(workshop, studies)
    return NewProject(folder, tuple(tables), tuple(remarks))


def _with_codes(question: Question) -> Question:
    pairs = {
        kind: (find_country(pair[0]), find_country(pair[1]))
        for kind, pair in (("arms", question.arms), ("trade", question.trade))
        if pair is not None
    }
    return Question(**pairs, window=question.window)


def _studies(
    question: Question, tables: Mapping[str, pd.DataFrame]
) -> tuple[list[Tried], list[str]]:
    studies: list[Tried] = []
    remarks: list[str] = []
    if question.arms:
        tried, about = draft_arms(*question.arms, tables, window=question.window)
        studies.append(tried)
        remarks += about
    if question.trade:
        several, about = draft_trade(*question.trade, tables)
        studies += several
        remarks += about
    remarks += [
        f"{tried.draft.id}: no {section}: {reason}"
        for tried in studies
        for section, reason in tried.left_out.items()
    ]
    return studies, remarks


def _write_reports(root: Path, studies: Sequence[Tried]) -> None:
    reports = root / "reports"
    reports.mkdir()
    template = "arms.md" if studies[0].draft.study == "supplier" else "trade.md"
    sources = Tried(_SOURCES, {"rights": [("table", "sources-rights")]}, {})
    _write(reports / "appendix.toml", _PLAN_HEAD + plan_toml([*studies, sources]))
    _write(reports / "appendix.md", report_text(_template(template), studies))
    for name in ("claims.toml", "references.bib"):
        _write(reports / name, _template(name))


def _template(name: str) -> str:
    return files(__package__).joinpath("template", name).read_text(encoding="utf-8")


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


@contextmanager
def _whole_or_nothing(folder: Path) -> Iterator[Path]:
    """Yield a folder beside, which takes the place when everything is in it."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SourceError(
            f"{folder}: expected a folder that is new or empty, found something in it"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield workshop
        if folder.exists():
            folder.rmdir()
        workshop.chmod(0o755)
        workshop.rename(folder)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
