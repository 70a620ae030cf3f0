"""Studies: a question with parameters in, numbers, tables and figures out."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

from flows.findings import Findings
from flows.studies.mirror import MIRROR
from flows.studies.profile import PROFILE
from flows.studies.section import Study
from flows.studies.sources import SOURCES
from flows.studies.supplier import SUPPLIER
from flows.studies.transit import TRANSIT
from flows.studies.trend import TREND

Kind = Literal["mirror", "profile", "sources", "supplier", "transit", "trend"]

STUDIES: dict[str, Study] = {
    "mirror": MIRROR,
    "profile": PROFILE,
    "sources": SOURCES,
    "supplier": SUPPLIER,
    "transit": TRANSIT,
    "trend": TREND,
}
"""Studies by the name under which ``reports/appendix.toml`` calls them."""


def study(
    kind: Kind,
    *,
    name: str,
    data: Mapping[str, Any],
    question: Mapping[str, Any],
    sections: Mapping[str, Mapping[str, Any]],
) -> Findings:
    """
    Answer a question by sections of one's choice, as an entry of ``appendix.toml`` does.

    Parameters
    ----------
    kind : {"mirror", "profile", "sources", "supplier", "transit", "trend"}
        Whose question and sections.
    name : str
        First part of every id.
    data : Mapping
        Tables by the name under which the question and the sections take them: ``arms`` of a
        supplier, ``trade`` of a mirror, a trend or a profile, ``events`` of a trend.
    question : Mapping
        The other arguments of the question: what stands under ``[study.parameters]``.
    sections : Mapping
        Section to its own arguments, in their order: what stands under ``[study.SECTION]``.

    Returns
    -------
    Findings
        Numbers, tables, figures and words of the sections.

    Raises
    ------
    ValueError
        If the kind, a section or an argument is unknown, or one that is needed is missing.
    FlowsError
        If the data do not allow the answer.

    Examples
    --------
    One value of each direction of a pair's trade, under errors that are assumed:

    >>> import flows as fl
    >>> ids = ("armstat-by-country@2025-02", "irica-press@2024-09")
    >>> findings = study(
    ...     "mirror", name="reconciled",
    ...     data={"trade": fl.join_flows([fl.load(dataset) for dataset in ids])},
    ...     question={
    ...         "exporter": "IRN", "importer": "ARM", "cif_fob_ratio": (1.06, 1.10),
    ...         "period": fl.Period.year(1402, calendar="solar-hijri"),
    ...     },
    ...     sections={"one_number": {"log_std_devs": {"IRN": 0.10, "ARM": 0.10}, "level": 0.95}},
    ... )
    >>> findings.words["reconciled.reverse.kind"], findings.words["reconciled.flow.kind"]
    ('both', "exporter's bound")
    """
    if kind not in STUDIES:
        raise ValueError(f"kind: expected {', '.join(get_args(Kind))}, found {kind!r}")
    return STUDIES[kind].find(
        name, data=data, question=question, parameters=sections, only=list(sections)
    )
