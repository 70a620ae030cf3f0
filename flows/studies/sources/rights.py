"""The table of data sets and the terms on which they are used."""

import pandas as pd

from flows.findings import Findings, Table
from flows.origin import applied
from flows.studies.numbers import make_number
from flows.studies.section import About
from flows.studies.source_names import source_name
from flows.studies.sources.question import SourcesQuestion

ABOUT = About(tables=("rights",))

_UNSTATED = "not stated yet in source.toml"


def rights(question: SourcesQuestion) -> Findings:
    """List the data sets with their terms, and count them."""
    sources = question.sources.value
    frame = pd.DataFrame(
        {
            "name": [source_name(source) for source in sources],
            "id": [source.id for source in sources],
            "publisher": [source.publisher for source in sources],
            "coverage": [source.coverage or _UNSTATED for source in sources],
            "licence": [source.licence or _UNSTATED for source in sources],
            "retrieved": [source.retrieved.isoformat() for source in sources],
            "sha256": [
                ", ".join(source.files[path.name] for path in source.paths) for source in sources
            ],
        }
    )
    count = make_number(
        question.name,
        "count",
        question.sources.part(lambda listed: applied(len, listed)),
        "data sets",
        "Data sets that the report uses.",
        digits=0,
        rows={},
    )
    table = Table(
        id=f"{question.name}-rights",
        frame=frame,
        labels={
            "name": "Data set",
            "id": "Id",
            "coverage": "What is in it",
            "licence": "Terms",
        },
        formats={},
        caption="Data sets and the terms on which they are used.",
        note=(
            "The id is what `flows trace` calls the data set. Full references stand at the end; "
            "the terms are those of the data, not of the code."
        ),
        rows={},
    )
    return Findings(numbers=(count,), tables=(table,))
