"""A flow that one side states as nothing: what kind of silence it is, and by which evidence."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from flows.canonical import exact_sum
from flows.compare.differences import Side
from flows.errors import UnreportedError
from flows.measure.checks import check_one_statement, check_one_unit, rows_by_dataset, select_flows
from flows.periods import Period, recut
from flows.results import Card, Result, print_amount, print_count
from flows.table import Rows, where

_NOTHING = 0.01
"""Share of the other side's statement below which no known difference explains a gap: a bridge
refuses such a pair. Freight, calendars and bases move a statement by parts of it."""

CONFIDENTIAL = ("9999", "999999", "9999AA")
"""Codes under which Comtrade's reporters put goods that they do not show: HS 9999 and 9999AA are
commodities not specified according to kind."""

Silence = Literal[
    "reported", "below threshold", "confidential", "other partner", "not reported", "no statements"
]

_NOWHERE = "XXX"


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class MirrorClass(Result):
    """
    How the other side of a stated flow reports it.

    Parameters
    ----------
    exporter, importer : str
        Alpha-3 codes.
    reporter, partner : str
        Who states the flow, and whose statement of the same flow is looked for.
    period : Period
        The period asked about.
    kind : str
        ``"reported"``: both state it and the two can be compared. ``"below threshold"``: it is
        smaller than what the partner publishes. ``"confidential"``: the partner has rows without
        a size, or under codes of undisclosed goods, that can hold it. ``"other partner"``: its
        rows of areas not specified can hold it. ``"not reported"``: it reports the period, and
        nothing of this. ``"no statements"``: nothing at hand of the partner in that period.
    value : float
        What the reporter states, in ``unit``.
    unit : str
        ``"USD"`` or ``"TIV"``.
    answer : float
        What the partner states; missing where it states nothing.
    evidence : pandas.DataFrame
        One row a question: ``question``, ``found``, ``value`` (in ``unit``), ``holds``, ``rows``
        (how many), ``where`` (lines of raw files).
    rows : Mapping
        Lines of raw files behind the two statements and the evidence.
    negligible : float
        Share of ``value`` up to which another statement counts as none.
    statements : pandas.DataFrame
        Rows of the flow by the partner, of any period.
    """

    exporter: str
    importer: str
    reporter: str
    partner: str
    period: Period
    kind: Silence
    value: float
    unit: str
    answer: float
    evidence: pd.DataFrame
    rows: Rows
    negligible: float
    statements: pd.DataFrame

    @property
    def negligible_statements(self) -> pd.DataFrame:
        """Those of ``statements`` that are next to nothing beside ``value``."""
        return self.statements[self.statements["value"] <= self.negligible * self.value]

    @property
    def ratio(self) -> float:
        """
        Importer's statement divided by the exporter's, where there are two.

        Raises
        ------
        UnreportedError
            If one side does not state the flow: there is nothing to divide or to average.
        """
        if self.kind != "reported":
            raise UnreportedError(
                f"a ratio needs a report of both sides, but only {self.reporter} reports "
                f"{self.exporter} to {self.importer} in {self.period.label} "
                f"({self.partner}: {self.kind})"
            )
        return (
            self.answer / self.value if self.reporter == self.exporter else self.value / self.answer
        )

    def tidy(self) -> pd.DataFrame:
        """
        Return the evidence with the class beside it.

        Returns
        -------
        pandas.DataFrame
            One row a question: ``kind``, then the columns of ``evidence``.
        """
        return self.evidence.assign(kind=self.kind)[["kind", *self.evidence.columns]]

    def _card(self) -> Card:
        return Card(
            title=f"{self.exporter} to {self.importer} in {self.period.label}: {self.kind}",
            facts=(
                (self.reporter, print_amount(self.value, self.unit)),
                (self.partner, print_amount(self.answer, self.unit)),
                ("evidence", print_count(len(self.evidence), "question")),
            ),
            more=tuple(
                (str(question), str(found))
                for question, found in self.evidence[["question", "found"]].itertuples(
                    index=False, name=None
                )
            ),
            rows=self.rows,
        )


def classify_mirror(
    trade: pd.DataFrame,
    *,
    exporter: str,
    importer: str,
    reporter: str,
    period: Period,
    negligible: float,
    partner: str | None = None,
    threshold: float | None = None,
    confidential: Collection[str] = CONFIDENTIAL,
    product: str = "TOTAL",
) -> MirrorClass:
    """
    Say how a flow that one side states is reported by the other side.

    Parameters
    ----------
    trade : pandas.DataFrame
        Flow table with the reporter's statement and all that is at hand of the partner: other
        partners, areas not specified and undisclosed goods are the evidence.
    exporter, importer : str
        Alpha-3 codes.
    reporter : str
        Who states the flow: one of the two.
    period : Period
        The period in question.
    negligible : float
        Share of the reporter's statement, 0 to 1, up to which the other statement counts as none.
        No default: it decides which pairs are compared at all.
    partner : str, optional
        Who speaks for the other side; the other side itself by default, or an organisation that
        compiles its statements, such as ``"COW"``.
    threshold : float, optional
        Value below which the partner says that it publishes no flow, in the unit of ``trade``.
    confidential : collection of str
        Product codes of undisclosed goods.
    product : str
        Product of the flow.

    Returns
    -------
    MirrorClass
        The first of these that holds: reported, below threshold, confidential, other partner, not
        reported, no statements. Evidence for the others stays in the table: that areas not
        specified *can* hold a flow does not say that they do.

    Raises
    ------
    SchemaError
        If the reporter does not state the flow.
    UnitError
        If the two state in two units.
    DoubleCountError
        If either states it twice: filter ``trade`` first.
    PeriodError
        If the reporter's statement does not cover the period.
    ValueError
        If ``reporter`` is neither side, or ``negligible`` is not between 0 and 1.

    References
    ----------
    .. [1] Morgenstern, O. (1963). On the accuracy of economic observations, 2nd ed., chapter 9.
       Princeton University Press.

    Examples
    --------
    >>> import flows as fl
    >>> trade = fl.load("cow-trade@4.0")
    >>> israel = trade[trade["importer"] == "ISR"].assign(reporter="ISR")
    >>> azerbaijan = israel[israel["start"].dt.year == 2008].assign(
    ...     reporter="AZE", value=3605.8e6, low=3605.8e6, high=3605.8e6
    ... )
    >>> classify_mirror(
    ...     pd.concat([israel, azerbaijan]), exporter="AZE", importer="ISR", reporter="AZE",
    ...     period=fl.Period.year(2008), negligible=0.01,
    ... ).kind
    'not reported'
    """
    if reporter not in {exporter, importer}:
        raise ValueError(
            f"expected reporter to be one side of the flow, {exporter} or {importer}, "
            f"found {reporter!r}"
        )
    if not 0 <= negligible < 1:
        raise ValueError(
            f"expected negligible to be a share of the reported value, at least 0 and below 1, "
            f"found {negligible}"
        )
    partner = partner or (importer if reporter == exporter else exporter)
    reported = select_flows(
        trade, exporter=exporter, importer=importer, reporter=reporter, product=product
    )
    check_one_statement(reported)
    stated = recut(reported, period)
    by_partner = trade[trade["reporter"] == partner]
    check_one_unit(pd.concat([reported, by_partner]))
    statements = by_partner[
        (by_partner["exporter"] == exporter)
        & (by_partner["importer"] == importer)
        & (by_partner["product"] == product)
    ]
    evidence = _gather(
        by_partner,
        statements,
        exporter=exporter,
        importer=importer,
        silent=importer if reporter == exporter else exporter,
        period=period,
        product=product,
        stated=stated.value,
        negligible=negligible,
        threshold=threshold,
        confidential=confidential,
    )
    return MirrorClass(
        exporter=exporter,
        importer=importer,
        reporter=reporter,
        partner=partner,
        period=period,
        kind=_kind(evidence),
        value=stated.value,
        unit=str(reported["unit"].iloc[0]),
        answer=evidence[0].value,
        evidence=pd.DataFrame([_row(answer) for answer in evidence]),
        rows=rows_by_dataset(pd.concat([stated.rows, *(answer.rows for answer in evidence)])),
        negligible=negligible,
        statements=statements,
    )


def check_reported(
    exporter_report: pd.DataFrame, importer_report: pd.DataFrame, *, period: Period
) -> None:
    """Check that both sides state a flow with a size."""
    sides = {"exporter": exporter_report, "importer": importer_report}
    for name, other in (("exporter", "importer"), ("importer", "exporter")):
        if sides[name].empty and len(sides[other]):
            _refuse(sides[other], "not reported", f"the {name} has no row", period)
        unsized = _touching(sides[name], period)
        unsized = unsized[unsized["value"].isna()]
        if len(unsized):
            _refuse(unsized, "confidential", f"no value is given at {where(unsized)}", period)


def check_comparable(exporter: Side, importer: Side) -> None:
    """Check that neither side states next to nothing of what the other states."""
    for small, large in ((exporter, importer), (importer, exporter)):
        if small.cut.value < _NOTHING * large.cut.value:
            gap = (
                f"{small.reporter} reports {small.cut.value:g} ({where(small.cut.rows)}), "
                f"{large.reporter} {large.cut.value:g}"
            )
            _refuse(large.cut.rows, "not reported", gap, large.cut.period)


def _refuse(rows: pd.DataFrame, kind: Silence, reason: str, period: Period) -> None:
    flow = f"{rows['exporter'].iloc[0]} to {rows['importer'].iloc[0]}"
    raise UnreportedError(
        f"{flow} in {period.label}: the two reports cannot be compared ({kind}): {reason}; quote "
        "the one report with its reporter, and see flows.classify_mirror for the kind of gap"
    )


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """
    One question to the rows of a silent side.

    ``question``: what is asked; ``found``: the answer, in words; ``value``: the answer as a value,
    in the unit of the rows; missing where there is none; ``holds``: whether the answer is yes;
    ``kind``: what the flow then is; ``None`` for a question that decides nothing; ``rows``: rows
    that say so.
    """

    question: str
    found: str
    value: float
    holds: bool
    kind: Silence | None
    rows: pd.DataFrame


def _kind(evidence: tuple[Evidence, ...]) -> Silence:
    """Return the first kind of which the evidence holds."""
    for answer in evidence:
        if answer.holds and answer.kind is not None:
            return answer.kind
    return "no statements"


def _row(answer: Evidence) -> dict[str, object]:
    return {
        "question": answer.question,
        "found": answer.found,
        "value": answer.value,
        "holds": answer.holds,
        "rows": len(answer.rows),
        "where": where(answer.rows) if len(answer.rows) else "",
    }


def _gather(
    spoken: pd.DataFrame,
    flow: pd.DataFrame,
    *,
    exporter: str,
    importer: str,
    silent: str,
    period: Period,
    product: str,
    stated: float,
    negligible: float,
    threshold: float | None,
    confidential: Collection[str],
) -> tuple[Evidence, ...]:
    """Return the evidence on a flow, in the order in which it decides."""
    column, partners = ("importer", "exporter") if silent == importer else ("exporter", "importer")
    own = spoken[spoken[column] == silent]
    now = _touching(own, period)
    partner = exporter if silent == importer else importer
    return (
        _statement(_touching(flow, period), period, stated * negligible),
        _threshold(stated, threshold),
        _undisclosed(
            now[now[partners].isin([partner, _NOWHERE])], partner, partners, confidential, stated
        ),
        _elsewhere(now[(now[partners] == _NOWHERE) & (now["product"] == product)], stated),
        _others(now),
        _other_times(flow.drop(_touching(flow, period).index)),
    )


def _touching(rows: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return the rows that share a day with a period."""
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    return rows[(rows["start"] <= end) & (rows["end"] >= start)]


def _statement(rows: pd.DataFrame, period: Period, little: float) -> Evidence:
    value = float("nan")
    if len(rows) and rows["value"].notna().all():
        check_one_statement(rows)
        value = recut(rows, period).value
    return Evidence(
        question="Does it state the flow?",
        found=f"{value:,.0f}" if pd.notna(value) else "without a size" if len(rows) else "no row",
        value=value,
        holds=value > little,
        kind="reported",
        rows=rows,
    )


def _threshold(stated: float, threshold: float | None) -> Evidence:
    below = threshold is not None and stated < threshold
    return Evidence(
        question="Is the flow smaller than what it publishes?",
        found="no threshold is known" if threshold is None else f"threshold {threshold:,.0f}",
        value=float("nan") if threshold is None else threshold,
        holds=below,
        kind="below threshold",
        rows=pd.DataFrame(),
    )


def _undisclosed(
    rows: pd.DataFrame, partner: str, partners: str, codes: Collection[str], stated: float
) -> Evidence:
    """Look for rows of the flow without a size, and for undisclosed goods large enough."""
    unsized = rows[(rows[partners] == partner) & rows["value"].isna()]
    hidden = rows[rows["product"].isin(codes)]
    largest = (
        hidden.groupby("product")["value"].agg(exact_sum).max() if len(hidden) else float("nan")
    )
    return Evidence(
        question="Has it rows without a size, or undisclosed goods that can hold the flow?",
        found=f"{len(unsized)} rows without a size, {len(hidden)} of undisclosed goods",
        value=float(largest),
        holds=bool(len(unsized)) or largest >= stated,
        kind="confidential",
        rows=pd.concat([unsized, hidden]).drop_duplicates(["dataset", "line"]),
    )


def _elsewhere(rows: pd.DataFrame, stated: float) -> Evidence:
    if len(rows):
        check_one_statement(rows)
    value = exact_sum(rows["value"]) if len(rows) else float("nan")
    return Evidence(
        question="Has it goods of areas not specified that can hold the flow?",
        found=f"{value:,.0f}" if len(rows) else "no row",
        value=value,
        holds=value >= stated,
        kind="other partner",
        rows=rows,
    )


def _others(rows: pd.DataFrame) -> Evidence:
    return Evidence(
        question="Does it report this direction at all in the period?",
        found=f"{len(rows)} rows",
        value=float("nan"),
        holds=bool(len(rows)),
        kind="not reported",
        rows=rows,
    )


def _other_times(rows: pd.DataFrame) -> Evidence:
    """Say how large the flow is at other times: it decides nothing, and tells a habit."""
    sizes = rows["value"].dropna()
    return Evidence(
        question="Does it state the flow at other times?",
        found=f"{len(sizes)} statements, {sizes.min():,.0f} to {sizes.max():,.0f}"
        if len(sizes)
        else "no row",
        value=float(sizes.median()) if len(sizes) else float("nan"),
        holds=bool((sizes > 0).any()),
        kind=None,
        rows=rows,
    )
