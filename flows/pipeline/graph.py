"""The build graph: the plan of a report, the steps it takes, and where each finds its files."""

import json
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flows.errors import ReportError, UnknownNameError, unknown_name
from flows.figures import FIGURE_FORMATS
from flows.notation import parse_toml
from flows.report import APPENDIX_FILES, NUMBER_FORMATS
from flows.report.appendices import FIRST, Appendix
from flows.report.markup import find_place
from flows.report.typed import check_typed_in_plan
from flows.safe_text import NAME_OF_A_FILE, is_name_of_a_file
from flows.sources import Source
from flows.tables import TABLE_FORMATS

ABOUT_SOURCES = "sources"
"""The one study that is not about tables but about the data sets that the others use."""

_KINDS: dict[str, type] = {
    "id": str,
    "study": str,
    "data": dict,
    "parameters": dict,
    "sections": list,
    "figures": list,
    "tables": list,
}
_IN_WORDS: dict[type, str] = {str: "text", dict: "a table", list: "a list"}

Files = Path | Sequence["Files"] | Mapping[str, "Files"]
"""A path, or paths in lists and mappings, as the function of a step takes them."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One study with its parameters: an entry ``[[study]]`` of ``appendix.toml``."""

    id: str
    study: str
    data: Mapping[str, str | list[str]] = field(default_factory=dict)
    parameters: Mapping[str, object] = field(default_factory=dict)
    sections: tuple[str, ...] | None = None
    of_sections: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    figures: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


CLAIMS = Instance("claims", "claims", tables=("claims",))
"""Claims are held against the numbers of all studies, so that they come after them."""


_COLOURS = "colours"
"""The step that gives names their colours, and the argument of the figures that have them."""


@dataclass(frozen=True, slots=True)
class Places:
    """
    Where a build reads and writes: the project, and the workshop in which everything is made.

    ``root``: folder of the project; ``workshop``: folder that may be deleted at any time; its
    ``stage`` mirrors the project; ``appendix``: whose files are meant, where each has its own.
    """

    root: Path
    workshop: Path
    appendix: Appendix = FIRST

    @property
    def plan(self) -> Path:
        """The plan that a person wrote."""
        return self.root / self.appendix.plan

    @property
    def claims(self) -> Path:
        """The claims that a person wrote, if there are any."""
        return self.root / self.appendix.claims

    @property
    def references(self) -> Path:
        """The references that a person wrote."""
        return self.root / self.appendix.references

    @property
    def text(self) -> Path:
        """The text that a person wrote."""
        return self.root / self.appendix.text

    @property
    def stage(self) -> Path:
        """Folder in which what will be published lies as it will lie in the project."""
        return self.workshop / "stage"

    @property
    def environment(self) -> Path:
        """Record of the Python, libraries and machine of the last whole build; never tracked."""
        return self.workshop / "environment.json"

    @property
    def data_manifest(self) -> Path:
        """Manifest of the tables of all data sets, which are made for every appendix."""
        return self.workshop / "data.json"

    def processed(self, dataset: str) -> Path:
        """Return where the table of a data set is made."""
        return self.stage / "data" / "processed" / f"{dataset}.parquet"

    def report(self, name: str) -> Path:
        """Return where a file of the report is made."""
        return self.stage / self.appendix.file(name)

    @property
    def colours(self) -> Path:
        """Which colour each name has in the figures of the appendix."""
        return self.findings(_COLOURS) / "places.json"

    def findings(self, instance: str) -> Path:
        """Return the folder of what a study found, which is not published."""
        return self.workshop / "findings" / self.appendix.name / instance


@dataclass(frozen=True, slots=True)
class Step:
    """
    One step of the build.

    ``name``: kind and id, ``"figure arms-by-supplier"``; ``task``: name of a function in
    :mod:`flows.pipeline.tasks`; it is called with ``reads``, ``writes`` and ``settings`` as keyword
    arguments; ``reads``, ``writes``: argument to the files that the function reads or makes;
    ``settings``: argument to a value that JSON can hold; another value makes the step run again;
    ``appendix``: name of the one that it belongs to; empty for data, which are everyone's.
    """

    name: str
    task: str
    reads: Mapping[str, Files]
    writes: Mapping[str, Files]
    settings: Mapping[str, object] = field(default_factory=dict)
    appendix: str = ""

    @property
    def title(self) -> str:
        """The name, with the appendix where that is a folder of its own."""
        inside = self.appendix not in {"", FIRST.name}
        return f"{self.appendix}: {self.name}" if inside else self.name

    @property
    def id(self) -> str:
        """The name without its kind."""
        return self.name.rpartition(" ")[2]

    @property
    def inputs(self) -> list[Path]:
        """Every file that the step reads."""
        return list(list_files(self.reads))

    @property
    def outputs(self) -> list[Path]:
        """Every file that the step makes."""
        return list(list_files(self.writes))


def make_data_steps(places: Places, sources: Sequence[Source]) -> list[Step]:
    """Return the steps that load each data set once, for every appendix."""
    return [
        *(_dataset_step(places, source) for source in sources),
        _package_step(places, sources),
    ]


def make_steps(places: Places, sources: Sequence[Source], plan: Sequence[Instance]) -> list[Step]:
    """Return every step of an appendix in an order in which they can run, once the data are."""
    ids = [source.id for source in sources]
    for instance in plan:
        for dataset in list_datasets(instance.data):
            if dataset not in ids:
                raise ReportError(
                    f"{places.plan}: study {instance.id}: "
                    f"{unknown_name('data set', dataset, ids)}; enter its file: "
                    f"flows add FILE --id {dataset}"
                )
    has_claims = places.claims.is_file()
    instances = [*plan, CLAIMS] if has_claims else list(plan)
    exhibits = [
        *(_figure_step(places, study, name) for study in instances for name in study.figures),
        *(_table_step(places, study, name) for study in instances for name in study.tables),
        _numbers_step(places, instances),
    ]
    steps = [
        *(_study_step(places, sources, plan, instance) for instance in plan),
        *([_claims_step(places, plan)] if has_claims else []),
        _colours_step(places, instances),
        *exhibits,
        _appendix_step(places, sources, plan, instances, exhibits),
    ]
    return [replace(step, appendix=places.appendix.name) for step in steps]


def list_inputs(places: Places, sources: Iterable[Source]) -> list[Path]:
    """Return what an appendix is made from: its data sets, and what a person wrote for it."""
    claims = [places.claims] if places.claims.is_file() else []
    return [*list_raw(sources), places.plan, places.text, places.references, *claims]


def list_raw(sources: Iterable[Source]) -> list[Path]:
    """Return the files of data sets as their publishers made them, with their descriptions."""
    return [path for source in sources for path in (source.folder / "source.toml", *source.paths)]


def used_sources(sources: Iterable[Source], plan: Iterable[Instance]) -> list[Source]:
    """Return those data sets that a study asks for."""
    used = {dataset for instance in plan for dataset in list_datasets(instance.data)}
    return [source for source in sources if source.id in used]


def list_datasets(data: Mapping[str, str | list[str]]) -> list[str]:
    """Return the ids of the data sets of a study, from the table of its plan."""
    return [name for ids in data.values() for name in ([ids] if isinstance(ids, str) else ids)]


def list_parameters(plan: Iterable[Instance]) -> dict[str, object]:
    """Return what a plan asks of each study, by its id."""
    return {
        instance.id: {
            "study": instance.study,
            "data": dict(instance.data),
            **instance.parameters,
            **({} if instance.sections is None else {"sections": list(instance.sections)}),
            **instance.of_sections,
        }
        for instance in plan
    }


def _dataset_step(places: Places, source: Source) -> Step:
    return Step(
        name=f"data {source.id}",
        task="write_dataset",
        reads={"description": source.folder / "source.toml", "files": source.paths},
        writes={"target": places.processed(source.id)},
    )


def _package_step(places: Places, sources: Sequence[Source]) -> Step:
    return Step(
        name="data package",
        task="write_datapackage",
        reads={
            "descriptions": [source.folder / "source.toml" for source in sources],
            "tables": [places.processed(source.id) for source in sources],
        },
        writes={"target": places.stage / "data" / "processed" / "datapackage.json"},
    )


def _study_step(
    places: Places, sources: Sequence[Source], plan: Sequence[Instance], instance: Instance
) -> Step:
    tables = {
        argument: places.processed(wanted)
        if isinstance(wanted, str)
        else [places.processed(dataset) for dataset in wanted]
        for argument, wanted in instance.data.items()
    }
    described = used_sources(sources, plan if instance.study == ABOUT_SOURCES else [instance])
    return Step(
        name=f"study {instance.id}",
        task="write_study",
        reads={
            "tables": tables,
            "descriptions": [source.folder / "source.toml" for source in described],
        },
        writes={"findings": _findings_files(places, instance)},
        settings={
            "plan": places.appendix.plan,
            "name": instance.id,
            "study": instance.study,
            "parameters": dict(instance.parameters),
            "sections": None if instance.sections is None else list(instance.sections),
            "of_sections": {name: dict(own) for name, own in instance.of_sections.items()},
        },
    )


def _claims_step(places: Places, plan: Sequence[Instance]) -> Step:
    if CLAIMS.id in [instance.id for instance in plan]:
        raise ReportError(
            f"{places.plan}: expected no study {CLAIMS.id!r} beside {places.claims}, found one"
        )
    return Step(
        name="study claims",
        task="write_claims",
        reads={
            "claims": places.claims,
            "references": places.references,
            "evidence": [_findings_files(places, instance) for instance in plan],
        },
        writes={"findings": _findings_files(places, CLAIMS)},
        settings={"appendix": places.appendix.name},
    )


def _findings_files(places: Places, instance: Instance) -> dict[str, Path | dict[str, Path]]:
    folder = places.findings(instance.id)
    return {
        "values": folder / "findings.json",
        "figures": {name: folder / "figures" / f"{name}.parquet" for name in instance.figures},
        "tables": {name: folder / "tables" / f"{name}.parquet" for name in instance.tables},
    }


def _colours_step(places: Places, instances: Sequence[Instance]) -> Step:
    drawn = [instance for instance in instances if instance.figures]
    return Step(
        name=_COLOURS,
        task="write_colours",
        reads={"findings": [_findings_files(places, instance) for instance in drawn]},
        writes={"target": places.colours},
    )


def _figure_step(places: Places, instance: Instance, name: str) -> Step:
    return Step(
        name=f"figure {name}",
        task="write_figure",
        reads={"findings": _findings_files(places, instance), _COLOURS: places.colours},
        writes={
            "targets": {kind: places.report(f"figures/{name}.{kind}") for kind in FIGURE_FORMATS}
        },
        settings={"name": name},
    )


def _table_step(places: Places, instance: Instance, name: str) -> Step:
    return Step(
        name=f"table {name}",
        task="write_table",
        reads={"findings": _findings_files(places, instance)},
        writes={
            "targets": {kind: places.report(f"tables/{name}.{kind}") for kind in TABLE_FORMATS}
        },
        settings={"name": name},
    )


def _numbers_step(places: Places, plan: Sequence[Instance]) -> Step:
    return Step(
        name="numbers",
        task="write_numbers",
        reads={"findings": [_findings_files(places, instance) for instance in plan]},
        writes={
            "targets": {kind: places.report(f"numbers.{kind}") for kind in NUMBER_FORMATS},
        },
    )


def _appendix_step(
    places: Places,
    sources: Sequence[Source],
    plan: Sequence[Instance],
    instances: Sequence[Instance],
    beside: Sequence[Step],
) -> Step:
    """The text may show or read any file that is made before it; the pages name what went in."""
    inputs = list_inputs(places, used_sources(sources, plan))
    return Step(
        name="appendix",
        task="write_appendix",
        reads={
            "text": places.text,
            "references": places.references,
            "findings": [_findings_files(places, instance) for instance in instances],
            "beside": [path for step in beside for path in step.outputs],
            "inputs": {path.relative_to(places.root).as_posix(): path for path in inputs},
        },
        writes={
            "targets": {kind: places.report(name) for kind, name in APPENDIX_FILES.items()},
        },
        settings={"name": places.appendix.text, "parameters": list_parameters(plan)},
    )


def read_plan(path: Path) -> list[Instance]:
    """Read the study instances of a report."""
    content = _read_toml(path)
    entries = content.pop("study", [])
    if content or not isinstance(entries, list):
        unknown = ", ".join(sorted(content)) or "another form of study"
        raise ReportError(f"{path}: expected entries [[study]] only, found {unknown}")
    instances = [_read_instance(path, entry) for entry in entries]
    for kind, ids in (
        ("study", [instance.id for instance in instances]),
        ("figure", [name for instance in instances for name in instance.figures]),
        ("table", [name for instance in instances for name in instance.tables]),
    ):
        if twice := sorted({name for name in ids if ids.count(name) > 1}):
            raise ReportError(f"{path}: expected each {kind} once, found twice: {twice[0]}")
    return instances


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        content = parse_toml(text)
    except FileNotFoundError as error:
        raise ReportError(f"{path}: expected the plan of a report, found no file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ReportError(f"{path}: expected TOML, found an error: {error}") from error
    check_typed_in_plan(path, text, content)
    return content


def _read_instance(path: Path, entry: dict[str, Any]) -> Instance:
    place = f"{path}: study {entry.get('id', 'without id')}"
    if missing := sorted({"id", "study"} - entry.keys()):
        raise ReportError(f"{place}: expected the key {missing[0]}, found none")
    of_sections = {key: part for key, part in entry.items() if key not in _KINDS}
    if unknown := sorted(key for key, table in of_sections.items() if not isinstance(table, dict)):
        raise ReportError(
            f"{place}: expected the keys {', '.join(_KINDS)} or the table of a section, "
            f"found {unknown[0]!r}"
        )
    own_keys = {key: content for key, content in entry.items() if key in _KINDS}
    for key, content in own_keys.items():
        if not isinstance(content, _KINDS[key]):
            kind = _IN_WORDS[_KINDS[key]]
            raise ReportError(f"{place}: expected {kind} under {key}, found {content!r}")
    for name in (entry["id"], *entry.get("figures", ()), *entry.get("tables", ())):
        if not is_name_of_a_file(name):
            line = find_place(str(name), {str(path): path.read_text(encoding="utf-8")})
            raise ReportError(
                f"{line}: study {entry['id']!r}: expected an id of {NAME_OF_A_FILE}, since files "
                f"are named by it, found {name!r}"
            )
    try:
        json.dumps(entry, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ReportError(f"{place}: expected text, numbers and lists, found: {error}") from error
    lists = {key: tuple(content) for key, content in own_keys.items() if _KINDS[key] is list}
    return Instance(**{**own_keys, **lists}, of_sections=of_sections)


def list_files(files: Files) -> Iterator[Path]:
    """Yield every path in nested lists and mappings."""
    if isinstance(files, Path):
        yield files
    elif isinstance(files, Mapping):
        yield from list_files(list(files.values()))
    elif isinstance(files, list | tuple):
        for inner in files:
            yield from list_files(inner)
    else:
        raise TypeError(f"expected paths, found {files!r}")


def select_steps(steps: Sequence[Step], names: Iterable[str]) -> list[Step]:
    """Return the named steps and all that they need, in the order of ``steps``."""
    makers = {path: step for step in steps for path in step.outputs}
    waiting = [step for name in names for step in _find_steps(steps, name)]
    chosen = set()
    while waiting:
        step = waiting.pop()
        if step.title not in chosen:
            chosen.add(step.title)
            waiting.extend(makers[path] for path in _needs(step) if path in makers)
    return _with_colours(steps, {step.title for step in steps if step.title in chosen})


def _needs(step: Step) -> list[Path]:
    """Return what a step cannot do without: a figure has colours of its own where none are made."""
    return list(list_files({name: read for name, read in step.reads.items() if name != _COLOURS}))


def _with_colours(steps: Sequence[Step], chosen: Collection[str]) -> list[Step]:
    """Return the chosen steps; colours of the appendix are made if all that they need is."""
    makers = {path: step.title for step in steps for path in step.outputs}
    made = {
        step.title: step
        for step in steps
        if step.title in chosen
        or (step.name == _COLOURS and all(makers.get(path) in chosen for path in step.inputs))
    }
    there = {path for step in made.values() for path in step.outputs}
    return [
        step
        if step.reads.get(_COLOURS) is None or step.reads[_COLOURS] in there
        else replace(
            step, reads={name: step.reads[name] for name in step.reads if name != _COLOURS}
        )
        for step in made.values()
    ]


def split_steps(
    steps: Iterable[Step], lacking: Iterable[Path]
) -> tuple[list[Step], list[tuple[Step, list[Path]]]]:
    """Return the steps that can run without some files, and for each other step which it lacks."""
    behind = {path: {path} for path in lacking}
    possible, blocked = [], []
    steps = list(steps)
    for step in steps:
        if step.name == _COLOURS:
            continue
        if lacks := {path for read in _needs(step) for path in behind.get(read, ())}:
            blocked.append((step, sorted(lacks)))
            behind |= dict.fromkeys(step.outputs, lacks)
        else:
            possible.append(step.title)
    return _with_colours(steps, possible), blocked


def _find_steps(steps: Sequence[Step], name: str) -> list[Step]:
    named = [step for step in steps if step.id == name]
    if not named:
        raise unknown_name("exhibit", name, {step.id for step in steps})
    owners = list(dict.fromkeys(step.appendix for step in named))
    if len(owners) > 1:
        raise UnknownNameError(
            f"expected an exhibit of one appendix, found {name!r} in {', '.join(owners)}; "
            f"name the appendix as well: flows build {owners[-1]} --only {name}"
        )
    return named
