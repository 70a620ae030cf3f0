"""The steps of a report, from the catalogue of raw files and the plan."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from flows.errors import ReportError
from flows.pipeline.places import CLAIMS, PLAN, REFERENCES, TEXT, Places
from flows.pipeline.plan import Instance
from flows.pipeline.steps import Step, unknown_name
from flows.sources import Source

FIGURE_FORMATS = ("pdf", "svg", "png", "csv")
TABLE_FORMATS = ("csv", "tex", "html", "typ")
REPORT_FORMATS = ("pdf", "html", "docx")

ABOUT_SOURCES = "sources"
"""The one study that is not about tables but about the data sets that the others use."""


_CLAIMS = Instance("claims", "claims", tables=("claims",))
"""Claims are held against the numbers of all studies, so that they come after them."""


def make_steps(places: Places, sources: Sequence[Source], plan: Sequence[Instance]) -> list[Step]:
    """
    Return every step of the report in an order in which they can run.

    Parameters
    ----------
    places : Places
    sources : sequence of Source
        The catalogue; all of it is processed.
    plan : sequence of Instance
        The studies of the report.

    Returns
    -------
    list of Step

    Raises
    ------
    ReportError
        If a study asks for a data set that the catalogue does not hold.
    """
    known = [source.id for source in sources]
    for instance in plan:
        for dataset in _datasets(instance):
            if dataset not in known:
                raise ReportError(
                    f"{places.reports / PLAN}: study {instance.id}: "
                    f"{unknown_name('data set', dataset, known)}"
                )
    has_claims = (places.reports / CLAIMS).is_file()
    told = [*plan, _CLAIMS] if has_claims else list(plan)
    exhibits = [
        *(_figure_step(places, one, name) for one in told for name in one.figures),
        *(_table_step(places, one, name) for one in told for name in one.tables),
        _numbers_step(places, told),
    ]
    return [
        *(_dataset_step(places, source) for source in sources),
        _package_step(places, sources),
        *(_study_step(places, sources, plan, instance) for instance in plan),
        *([_claims_step(places, plan)] if has_claims else []),
        *exhibits,
        _appendix_step(places, told, exhibits),
    ]


def list_inputs(places: Places, sources: Iterable[Source]) -> list[Path]:
    """
    Return every file that the report is made from, as a person or a publisher wrote it.

    Parameters
    ----------
    places : Places
    sources : iterable of Source

    Returns
    -------
    list of pathlib.Path

    Raises
    ------
    TypeError
        If a source is none.
    """
    raw = [path for source in sources for path in (source.folder / "source.toml", *source.paths)]
    claims = [CLAIMS] if (places.reports / CLAIMS).is_file() else []
    return [*raw, *(places.reports / name for name in (PLAN, TEXT, REFERENCES, *claims))]


def _datasets(instance: Instance) -> list[str]:
    ids: list[str] = []
    for wanted in instance.data.values():
        ids.extend([wanted] if isinstance(wanted, str) else wanted)
    return ids


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
    described = _used(sources, plan) if instance.study == ABOUT_SOURCES else []
    return Step(
        name=f"study {instance.id}",
        task="write_study",
        reads={"tables": tables, "descriptions": described},
        writes={"findings": _findings_files(places, instance)},
        settings={
            "name": instance.id,
            "study": instance.study,
            "parameters": dict(instance.parameters),
            "sections": None if instance.sections is None else list(instance.sections),
            "of_sections": {name: dict(own) for name, own in instance.of_sections.items()},
        },
    )


def _claims_step(places: Places, plan: Sequence[Instance]) -> Step:
    if _CLAIMS.id in [instance.id for instance in plan]:
        raise ReportError(
            f"{places.reports / PLAN}: expected no study {_CLAIMS.id!r} beside "
            f"{places.reports / CLAIMS}, found one"
        )
    return Step(
        name="study claims",
        task="write_claims",
        reads={
            "claims": places.reports / CLAIMS,
            "references": places.reports / REFERENCES,
            "evidence": [_findings_files(places, instance) for instance in plan],
        },
        writes={"findings": _findings_files(places, _CLAIMS)},
    )


def _used(sources: Sequence[Source], plan: Sequence[Instance]) -> list[Path]:
    """Return the descriptions of those data sets that a study asks for."""
    used = {dataset for instance in plan for dataset in _datasets(instance)}
    return [source.folder / "source.toml" for source in sources if source.id in used]


def _findings_files(places: Places, instance: Instance) -> dict[str, Path | dict[str, Path]]:
    folder = places.findings(instance.id)
    return {
        "values": folder / "findings.json",
        "figures": {name: folder / "figures" / f"{name}.parquet" for name in instance.figures},
        "tables": {name: folder / "tables" / f"{name}.parquet" for name in instance.tables},
    }


def _figure_step(places: Places, instance: Instance, name: str) -> Step:
    return Step(
        name=f"figure {name}",
        task="write_figure",
        reads={"findings": _findings_files(places, instance)},
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
            "targets": {kind: places.report(f"numbers.{kind}") for kind in ("json", "tex")},
        },
    )


def _appendix_step(places: Places, plan: Sequence[Instance], beside: Sequence[Step]) -> Step:
    """The text may show or read any file that is made before it."""
    return Step(
        name="appendix",
        task="write_appendix",
        reads={
            "text": places.reports / TEXT,
            "references": places.reports / REFERENCES,
            "findings": [_findings_files(places, instance) for instance in plan],
            "beside": [path for step in beside for path in step.outputs],
        },
        writes={
            "targets": {kind: places.report(f"appendix.{kind}") for kind in REPORT_FORMATS},
        },
    )
