"""The two reports of what goes from the exporters to the country in the middle."""

import pandas as pd

from flows.measure.checks import select_flows
from flows.measure.groups import is_group
from flows.origin import Made, call
from flows.studies.transit.question import TransitQuestion


def group_of(question: TransitQuestion) -> str | None:
    """Return the group whose members export; none where one country does."""
    return question.origin if is_group(question.origin) else None


def exporter_report(question: TransitQuestion, table: Made[pd.DataFrame]) -> Made[pd.DataFrame]:
    """Return what a table of the exporters' says they send to the country in the middle."""
    chosen = _exporter(question) | {"importer": question.via}
    return call(select_flows, table.arg, **chosen).called("exporter_report")


def importer_report(
    question: TransitQuestion, table: Made[pd.DataFrame], basis: str
) -> Made[pd.DataFrame]:
    """Return what a table of the country in the middle says of the same flow, on one basis."""
    chosen = _exporter(question) | {
        "importer": question.via,
        "reporter": question.via,
        "partner_basis": basis,
    }
    return call(select_flows, table.arg, **chosen).called(basis)


def _exporter(question: TransitQuestion) -> dict[str, str]:
    return {} if group_of(question) else {"exporter": question.origin}
