"""Writing a new project, or an appendix of one: in a folder beside, renamed when it is whole."""

import datetime as dt
import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template

import pandas as pd

from flows.countries import country_name, find_country
from flows.errors import SourceError, UnknownNameError
from flows.files import folder_beside, whole_folder
from flows.loaders import load_source
from flows.pipeline.add import new_folder
from flows.pipeline.graph import list_datasets
from flows.pipeline.new.arms import draft_arms, wanted_arms
from flows.pipeline.new.downloads import enter_downloads, read_downloads
from flows.pipeline.new.draft import Draft, Tried, plan_toml, untried
from flows.pipeline.new.text import report_text
from flows.pipeline.new.trade import draft_trade, wanted_trade
from flows.pipeline.new.transit import draft_transit, find_origin, wanted_transit
from flows.report.appendices import Appendix, check_name, list_appendices
from flows.sources import file_sha256, find_root, list_sources

_PLAN_HEAD = """# The studies of this report: data sets, parameters and sections. The text,
# appendix.md, shows what they find; `flows build` makes both, and says what does not fit.

"""
_SOURCES = Tried(
    Draft("sources", "sources", {}, {}, {"rights": {}}),
    {"rights": [("table", "sources-rights")]},
    {},
)
_ALWAYS_MADE = {
    "arms": {
        "share": [("figure", "arms-by-supplier")],
        "suppliers": [("table", "arms-suppliers")],
    },
    "pair": {"lead": [], "statements": [("table", "pair-statements"), ("table", "pair-levels")]},
    "through": {
        "levels": [("figure", "through-months"), ("table", "through-levels")],
        "lost": [("table", "through-lost")],
    },
}
_WHERE = {
    "arms": "deliveries of major arms by deal and year, all suppliers (all recipients, to compare "
    "with): https://www.sipri.org/databases/armstransfers, as CSV",
    "trade": "both countries as reporters, the other as partner, all goods, by year or month: "
    "https://comtradeplus.un.org or a statistics office, as CSV",
    "exports": "exports by month to the country, to the one beyond it and to others beside, as the "
    "exporters state them: https://ec.europa.eu/eurostat/comext/newxtweb/ for members of the EU, "
    "as CSV; beside it, if there are any, the country's own trade by partner and month",
    "rates": "exchange rates by day: https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip",
}
"""What to get, and where, for each table of a question."""


_TEMPLATES = {
    "supplier": "arms",
    "transit": "transit",
    "profile": "trade",
    "mirror": "trade",
    "trend": "trade",
}
"""Study to the text and the notebook that a report of it begins with; the first one counts."""

_MARCH = 3
"""Until it ends, the release of a year may not be out."""


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
    through : three of str, optional
        Exporter or group of exporters, the country in the middle, and the one beyond it.
    window : pair of int, optional
        First and last year of the question about arms.
    """

    arms: tuple[str, str] | None = None
    trade: tuple[str, str] | None = None
    through: tuple[str, str, str] | None = None
    window: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class NewProject:
    """
    A project, or another appendix of one, that was written.

    Parameters
    ----------
    folder : pathlib.Path
        Where it is.
    datasets : tuple of str
        Ids of the data sets in it, of an appendix of those that it uses.
    wanted : Mapping
        Id of a data set that is still to be got, to what it is and where.
    remarks : tuple of str
        What was left out, and why.
    appendix : str
        Name of the appendix; empty where the project is new.
    """

    folder: Path
    datasets: tuple[str, ...]
    wanted: Mapping[str, str]
    remarks: tuple[str, ...]
    appendix: str = ""

    def in_words(self) -> Iterator[str]:
        """Yield lines for a reader: what is there, what is not, and what comes next."""
        yield f"{self.folder}: {', '.join(self.datasets) or 'no data yet'}"
        yield from (f"  {remark}" for remark in self.remarks)
        for name, what in self.wanted.items():
            yield f"  get {what}"
            yield f"  and enter it as {name}"
        yield "next:"
        if not self.appendix:
            yield f"  cd {shlex.quote(str(self.folder))}"
        yield from (f"  flows add FILE --id {name}" for name in self.wanted)
        yield f"  flows build {self.appendix}".rstrip()


def find_project(folder: Path, root: Path | None = None) -> Path | None:
    """
    Return the project of which a new folder would be an appendix; none outside of any.

    A name alone is looked for from the working directory, or from ``root``; a path from where it
    leads. A folder ``data/raw`` without a data set and without a plan beside it is no project.
    """
    start = root if root or folder == Path(folder.name) else folder.resolve().parent
    try:
        project = find_root(start)
    except SourceError:
        return None
    has_plan = any((project / appendix.plan).is_file() for appendix in list_appendices(project))
    return project if has_plan or list_sources(project) else None


def new_appendix(
    project: Path, folder: Path, question: Question, paths: Sequence[Path], *, today: dt.date
) -> NewProject:
    """
    Write another appendix of a project: its plan, text, claims and references.

    Downloads are entered into the project's ``data/raw``, except those that are there already;
    without any, all data sets of the project are tried. ``folder``: the name of the appendix, or
    ``reports/NAME``.

    Raises
    ------
    SourceError
        If the folder is there with something in it, the files are not about the question, or a
        data set of their name is there already.
    ReportError
        If the name cannot be one of an appendix.
    UnknownNameError
        If a country is none, or nothing is asked.
    FlowsError
        If a file does not load.
    OSError
        If something cannot be read or written.
    """
    question = _with_codes(question)
    place = _appendix_place(project, folder)
    there = list_sources(project)
    known = {digest: source for source in there for digest in source.files.values()}
    already = {path: known[digest] for path in paths if (digest := file_sha256(path)) in known}
    with (
        _taken_back() as placed,
        whole_folder(place) as workshop,
        folder_beside(project / "data" / "raw" / "new") as beside,
    ):
        downloads = read_downloads(path for path in paths if path not in already)
        entered = list(enter_downloads(beside, downloads))
        moves = {source.folder: _free_place(project, source.id) for source in entered}
        chosen = {source.id: source for source in (*already.values(), *entered)}
        tried = chosen.values() if paths else [source for source in there if source.loader]
        draft = _draft(question, {source.id: load_source(source) for source in tried}, today)
        _write_reports(workshop, draft.studies)
        for entry, target in moves.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            entry.rename(target)
            placed.append(target)
    remarks = [f"{path.name} is {source.id} already" for path, source in already.items()]
    return NewProject(place, draft.used, draft.wanted, (*remarks, *draft.remarks), place.name)


@contextmanager
def _taken_back() -> Iterator[list[Path]]:
    """Take noted copies of downloads out of the catalogue again if something goes wrong."""
    placed: list[Path] = []
    try:
        yield placed
    except BaseException:
        for folder in placed:
            shutil.rmtree(folder, ignore_errors=True)
            with suppress(OSError):
                folder.parent.rmdir()
        raise


def _appendix_place(project: Path, folder: Path) -> Path:
    """Return where an appendix belongs that is called by its name or its folder."""
    place = project / Appendix(folder.name).folder
    if folder != Path(folder.name) and folder.resolve() != place.resolve():
        raise SourceError(
            f"{folder}: expected the name of an appendix of the project in {project}, or a folder "
            "outside of it, found another folder in it"
        )
    check_name(folder.name, place=place)
    _check_free(place)
    return place


def _free_place(project: Path, name: str) -> Path:
    try:
        return new_folder(project, name)
    except SourceError as error:
        raise SourceError(
            f"{error}; if the file is another data set: flows add FILE --id ANOTHER@VINTAGE, "
            "and this command again"
        ) from error


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
        If a country is none, or nothing is asked.
    FlowsError
        If a file does not load.
    OSError
        If something cannot be read or written.
    """
    question = _with_codes(question)
    _check_free(folder)
    downloads = read_downloads(paths)
    with whole_folder(folder) as workshop:
        (workshop / "data" / "raw").mkdir(parents=True)
        sources = list(enter_downloads(workshop, downloads))
        draft = _draft(question, {source.id: load_source(source) for source in sources}, today)
        (workshop / "reports").mkdir()
        _write_reports(workshop / "reports", draft.studies)
        _write_around(workshop, folder.resolve().name, draft.studies)
    datasets = tuple(source.id for source in sources)
    return NewProject(folder, datasets, draft.wanted, draft.remarks)


@dataclass(frozen=True, slots=True)
class _Draft:
    """Studies of a plan, what is still to be got for them, and what was left out."""

    studies: Sequence[Tried]
    wanted: Mapping[str, str]
    remarks: tuple[str, ...]

    @property
    def used(self) -> tuple[str, ...]:
        """Ids of the data sets that the studies ask for, and that are there."""
        asked = {name for tried in self.studies for name in list_datasets(tried.draft.data)}
        return tuple(sorted(asked - self.wanted.keys()))


def _draft(question: Question, tables: Mapping[str, pd.DataFrame], today: dt.date) -> _Draft:
    if not tables:
        studies, wanted = _wishes(question, today)
        return _Draft(studies, wanted, ())
    studies, remarks = _studies(question, tables)
    return _Draft(studies, {}, tuple(remarks))


def _with_codes(question: Question) -> Question:
    if not (question.arms or question.trade or question.through):
        raise UnknownNameError(
            "expected a question, --arms IMPORTER SUPPLIER, --trade EXPORTER IMPORTER or --through "
            "ORIGIN COUNTRY DESTINATION, found none; such as: flows new mine --arms Armenia Russia "
            "--files deals.csv"
        )
    pairs = {
        kind: (find_country(pair[0]), find_country(pair[1]))
        for kind, pair in (("arms", question.arms), ("trade", question.trade))
        if pair is not None
    }
    through = None
    if question.through is not None:
        origin, via, destination = question.through
        through = (find_origin(origin), find_country(via), find_country(destination))
    return Question(**pairs, through=through, window=question.window)


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
    if question.through:
        tried, about = draft_transit(*question.through, tables)
        studies.append(tried)
        remarks += about
    remarks += [
        f"{tried.draft.id}: no {section}: {reason}"
        for tried in studies
        for section, reason in tried.left_out.items()
    ]
    kept = [tried for tried in studies if tried.draft.of_sections]
    if not kept:
        raise SourceError(
            f"expected files that answer the question, found none; {'; '.join(remarks)}"
        )
    return kept, remarks


def _wishes(question: Question, today: dt.date) -> tuple[list[Tried], dict[str, str]]:
    """Return studies of data that are still to be got, and what these are."""
    drafts: dict[str, Draft] = {}
    if question.arms:
        release = f"{today.year if today.month > _MARCH else today.year - 1}-03"
        drafts["arms"] = wanted_arms(*question.arms, release=release, window=question.window)
    if question.trade:
        drafts["trade"] = wanted_trade(*question.trade, vintage=str(today))
    if question.through:
        drafts["through"] = wanted_transit(*question.through, vintage=str(today))
    studies = [untried(draft, _ALWAYS_MADE[draft.id]) for draft in drafts.values()]
    return studies, {
        str(name): _WHERE[argument]
        for draft in drafts.values()
        for argument, name in draft.data.items()
    }


def _write_reports(reports: Path, studies: Sequence[Tried]) -> None:
    head = _template(f"{_template_of(studies)}.md")
    _write(reports / "appendix.toml", _PLAN_HEAD + plan_toml([*studies, _SOURCES]))
    _write(reports / "appendix.md", report_text(head, studies))
    for name in ("claims.toml", "references.bib"):
        _write(reports / name, _template(name))


def _write_around(root: Path, name: str, studies: Sequence[Tried]) -> None:
    """Write what stands beside the report: how to use it, and a notebook to go on with."""
    asked = studies[0].draft
    first = next(iter(asked.data.values()))
    words = {
        "name": name,
        "question": _in_words(asked),
        "dataset": first
        if isinstance(first, str)
        else str(asked.parameters.get("main", first[-1])),
        **{key: str(value) for key, value in asked.parameters.items()},
    }
    if "window" in asked.parameters:
        words["start"], words["end"] = map(str, asked.parameters["window"])
    _write(root / "README.md", Template(_template("README.md")).substitute(words))
    _write(root / "Makefile", _template("Makefile"))
    kind = _template_of(studies)
    _write(root / f"{kind}.ipynb", Template(_template(f"{kind}.ipynb")).substitute(words))


def _template_of(studies: Sequence[Tried]) -> str:
    """Return which text and notebook the studies begin with."""
    return _TEMPLATES[min((tried.draft.study for tried in studies), key=list(_TEMPLATES).index)]


def _in_words(draft: Draft) -> str:
    asked = draft.parameters
    if draft.study == "transit":
        return (
            f"Did goods from {asked['origin']} go to {country_name(asked['via'])} to go on to "
            f"{country_name(asked['destination'])}?"
        )
    importer = country_name(asked["importer"])
    if draft.study == "supplier":
        start, end = asked["window"]
        supplier = country_name(asked["supplier"])
        return (
            f"What share of the major arms that {importer} imported in {start}-{end} came from "
            f"{supplier}?"
        )
    return f"How much do {country_name(asked['exporter'])} and {importer} trade, and who says so?"


def _template(name: str) -> str:
    return files(__package__).joinpath("template", name).read_text(encoding="utf-8")


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _check_free(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SourceError(
            f"{folder}: expected a folder that is new or empty, found something in it; choose "
            "another name"
        )
