"""The table of data sets: what the report rests on, and on which terms."""

from collections.abc import Sequence

import pandas as pd

from flows.findings import Findings, Number, Table
from flows.sources import Source
from flows.studies.numbers import numbers_of


def sources_study(sources: Sequence[Source], *, name: str = "sources") -> Findings:
    """
    List the data sets of a report with their terms.

    Parameters
    ----------
    sources : sequence of Source
        Those that the report uses.
    name : str
        First part of every id.

    Returns
    -------
    Findings
        A table of data sets and rights, and the number of data sets.

    Raises
    ------
    ValueError
        If there is none.
    """
    if not sources:
        raise ValueError("expected at least one data set, found none")
    ordered = sorted(sources, key=lambda source: source.id)
    frame = pd.DataFrame(
        {
            "id": [source.id for source in ordered],
            "publisher": [source.publisher for source in ordered],
            "coverage": [source.coverage for source in ordered],
            "licence": [source.licence for source in ordered],
            "retrieved": [source.retrieved.isoformat() for source in ordered],
            "sha256": [
                ", ".join(source.files[path.name] for path in source.paths) for source in ordered
            ],
        }
    )
    counted: list[Number] = [
        numbers_of(name, "flows.list_sources", {})(
            "count", len(ordered), "data sets", "Data sets that the report uses.", digits=0, rows={}
        )
    ]
    table = Table(
        id=f"{name}-rights",
        frame=frame,
        labels={
            "id": "Data set",
            "publisher": "Publisher",
            "coverage": "What is in it",
            "licence": "Terms",
        },
        formats={},
        caption="Data sets and the terms on which they are used.",
        note=(
            "The terms are those of the data, not of the code. Addresses, full citations and "
            "hashes stand in the `source.toml` beside each raw file."
        ),
        rows={},
    )
    return Findings(numbers=tuple(counted), tables=(table,))
