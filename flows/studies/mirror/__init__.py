"""The mirror study: what two countries say of their trade with each other, and why it differs."""

from collections.abc import Mapping, Sequence

import pandas as pd

from flows.findings import Findings
from flows.periods import Period
from flows.studies.mirror.question import ask
from flows.studies.section import Study

MIRROR = Study("flows.studies.mirror", ask)


def mirror_study(
    trade: pd.DataFrame,
    *,
    exporter: str,
    importer: str,
    period: Period | Mapping[str, object],
    cif_fob_ratio: Sequence[float],
    headline: int | None = None,
    months: str | None = None,
    leaves_out: Mapping[str, str] | None = None,
    basis: str = "origin",
    ratio_source: str = "",
    odd: Mapping[str, str] | None = None,
    name: str = "trade",
) -> Findings:
    """
    Set the two reports of a pair's trade side by side and bridge from one to the other.

    Parameters
    ----------
    trade : pandas.DataFrame
        Flow table with both countries' statements of all goods (``TOTAL``), and those goods that
        the exporter does not count, as the importer reports them.
    exporter, importer : str
        Alpha-3 codes.
    period : Period or Mapping
        The year in which the reports are compared, as the side without months publishes it.
    cif_fob_ratio : pair of float
        Lowest and highest ratio of CIF to FOB. No default: it moves the result.
    headline : int, optional
        The calendar year under which the side with months is quoted; by default the one in which
        ``period`` begins.
    months : str, optional
        Which of the two publishes months; the importer by default.
    leaves_out : Mapping, optional
        Product code to name, of goods that the side without months does not count as exports.
    basis : str
        Partner basis of the imports of the side with months.
    ratio_source : str
        Where the range of the ratio comes from; printed with its step.
    odd : Mapping, optional
        Year to reason, of statements known to be out of line; they are shown, and marked.
    name : str
        First part of every id.

    Returns
    -------
    Findings
        Of the sections ``reports``, ``bridge`` and ``history``: numbers of both directions in the
        headline year and in ``period``, the steps of both bridges, ratios by year, growth by month;
        tables of trends and mirrors; four figures. What the data do not allow in a direction is not
        there, and a word ``<part>.<direction>.refused`` says why. What other choices would have
        given is a section for :func:`flows.study`, ``choices``.

    Raises
    ------
    FlowsError
        If a statement is made twice, or two cannot be compared.

    Examples
    --------
    >>> import flows as fl
    >>> from flows.table import join_flows
    >>> ids = ("armstat-by-country@2025-02", "irica-press@2024-09")
    >>> findings = mirror_study(
    ...     join_flows([fl.load(dataset) for dataset in ids]), exporter="IRN", importer="ARM",
    ...     period=fl.Period.year(1402, calendar="solar-hijri"), cif_fob_ratio=(1.06, 1.10),
    ... )
    >>> [number.printed for number in findings.numbers if number.id == "trade.flow.importer-report"]
    ['580']
    """
    question = {
        "exporter": exporter,
        "importer": importer,
        "period": period,
        "headline": headline,
        "months": months,
        "basis": basis,
        "cif_fob_ratio": cif_fob_ratio,
        "leaves_out": leaves_out,
    }
    return MIRROR.find(
        name,
        data={"trade": trade},
        question=question,
        parameters={"bridge": {"ratio_source": ratio_source}, "history": {"odd": odd}},
        only=("reports", "bridge", "history"),
    )
