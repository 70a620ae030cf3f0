"""The references that ``flows cite`` prints, by the names that it is given."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from flows.pipeline.graph import read_plan, used_sources
from flows.report.appendices import Appendix, find_appendix
from flows.report.deposit.reference import (
    Reference,
    appendix_reference,
    dataset_reference,
    package_hash,
    software_reference,
)
from flows.sources import Source, find_root, find_source, list_sources


def find_references(
    names: Sequence[str], root: Path | None, *, with_data: bool = False
) -> list[Reference]:
    """Return what is to be cited, each once: the software where nothing is named."""
    if not names and not with_data:
        return [replace(software_reference(), hashes=package_hash())]
    project = find_root(root)
    references: list[Reference] = []
    for name in names or [""]:
        if "@" in name:
            references.append(dataset_reference(find_source(name, project)))
            continue
        appendix = find_appendix(project, name or None)
        sources = sources_of(project, appendix)
        references.append(appendix_reference(project / appendix.folder, sources))
        references.extend(map(dataset_reference, sources) if with_data else ())
    return list({reference.key: reference for reference in references}.values())


def sources_of(root: Path, appendix: Appendix) -> list[Source]:
    """Return the data sets that the studies of an appendix ask for, by id."""
    return used_sources(list_sources(root), read_plan(root / appendix.plan))
