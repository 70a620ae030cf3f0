"""The mirror study: what two countries say of their trade with each other, and why it differs."""

from collections.abc import Mapping, Sequence

import pandas as pd

from flows.findings import Findings
from flows.periods import Period
from flows.renamed import renamed_arguments
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
        there, and a word ``<part>.<direction>.refused`` says why.

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
    ...     join_flows([fl.load(one) for one in ids]), exporter="IRN", importer="ARM",
    ...     period=fl.solar_hijri_year(1402), cif_fob_ratio=(1.06, 1.10),
    ... )
    >>> [number.printed for number in findings.numbers if number.id == "trade.flow.importer-report"]
    ['580.00']
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


@renamed_arguments(teller="reporter", speaker="partner", nothing="negligible")
def silence_study(
    trade: pd.DataFrame,
    *,
    exporter: str,
    importer: str,
    reporter: str,
    period: Period | Mapping[str, object],
    negligible: float,
    partner: str | None = None,
    threshold: float | None = None,
    name: str = "silence",
) -> Findings:
    """
    Class a flow that one side states, by what is at hand of the other side.

    Parameters
    ----------
    trade : pandas.DataFrame
        Flow table with the statement and all rows of the one who speaks for the other side.
    exporter, importer, reporter : str
        Alpha-3 codes; ``reporter`` is one of the two.
    period : Period or Mapping
        The period in question.
    negligible : float
        Share of the statement up to which another one counts as none.
    partner : str, optional
        Who speaks for the other side; the other side itself by default.
    threshold : float, optional
        Value below which the partner publishes nothing, in the unit of ``trade``.
    name : str
        First part of every id.

    Returns
    -------
    Findings
        Of the section ``silence``: the statement, how often and how high the partner states the
        flow at other times, a table of evidence; the class as a word. No ratio and no mean: there
        is nothing to divide.

    Raises
    ------
    FlowsError
        If the statement is missing or made twice.

    Examples
    --------
    >>> import flows as fl
    >>> ids = ("wits-summary-azerbaijan@2019", "cow-trade@4.0")
    >>> findings = silence_study(
    ...     fl.join_flows([fl.load(one) for one in ids]), exporter="AZE", importer="ISR",
    ...     reporter="AZE", partner="COW", period=fl.gregorian_year(2019), negligible=0.01,
    ... )
    >>> findings.numbers[0].printed, findings.words["silence.class"]
    ('1,331.62', 'no statements')
    """
    own = {
        "reporter": reporter,
        "negligible": negligible,
        "partner": partner,
        "threshold": threshold,
    }
    return MIRROR.find(
        name,
        data={"trade": trade},
        question={"exporter": exporter, "importer": importer, "period": period},
        parameters={"silence": own},
        only=("silence",),
    )


def reconciliation_study(
    trade: pd.DataFrame,
    *,
    exporter: str,
    importer: str,
    period: Period | Mapping[str, object],
    cif_fob_ratio: Sequence[float],
    log_std_devs: Mapping[str, float],
    level: float = 0.95,
    months: str | None = None,
    leaves_out: Mapping[str, str] | None = None,
    basis: str = "origin",
    name: str = "reconciled",
) -> Findings:
    """
    Reconcile both directions of a pair's trade under errors that are given.

    Parameters
    ----------
    trade : pandas.DataFrame
        Flow table with both countries' statements of all goods (``TOTAL``), and those goods that
        the side without months does not count, as the other reports them.
    exporter, importer : str
        Alpha-3 codes.
    period : Period or Mapping
        The year in which the reports are compared.
    cif_fob_ratio : pair of float
        Lowest and highest ratio of CIF to FOB.
    log_std_devs : Mapping
        Standard deviation of the log error of each of the two reporters. No default: it decides
        the weights, and one pair of countries cannot show it.
    level : float
        Coverage of the intervals, if the standard deviations are right.
    months : str, optional
        Which of the two publishes months; the importer by default.
    leaves_out : Mapping, optional
        Product code to name, of goods that the side without months does not count as exports; they
        are taken off the importer's statement.
    basis : str
        Partner basis of the imports of the side with months.
    name : str
        First part of every id.

    Returns
    -------
    Findings
        Of the section ``one_number``: for each direction the value FOB with its interval, what each
        statement weighs, the bound if one side states one, and the audit line as a word. A
        direction that a side does not report is not there, and a word says why.

    Raises
    ------
    FlowsError
        If a statement is made twice, or a direction has no value: the statements contradict each
        other, or both are bounds.
    ValueError
        If a standard deviation is missing or not positive, or the ratios are not in order.

    Examples
    --------
    >>> import flows as fl
    >>> from flows.table import join_flows
    >>> ids = ("armstat-by-country@2025-02", "irica-press@2024-09")
    >>> findings = reconciliation_study(
    ...     join_flows([fl.load(one) for one in ids]), exporter="IRN", importer="ARM",
    ...     period=fl.solar_hijri_year(1402), cif_fob_ratio=(1.06, 1.10),
    ...     log_std_devs={"IRN": 0.10, "ARM": 0.10},
    ... )
    >>> findings.words["reconciled.reverse.kind"], findings.words["reconciled.flow.kind"]
    ('both', "exporter's bound")
    """
    question = {
        "exporter": exporter,
        "importer": importer,
        "period": period,
        "months": months,
        "basis": basis,
        "cif_fob_ratio": cif_fob_ratio,
        "leaves_out": leaves_out,
    }
    return MIRROR.find(
        name,
        data={"trade": trade},
        question=question,
        parameters={"one_number": {"log_std_devs": log_std_devs, "level": level}},
        only=("one_number",),
    )
