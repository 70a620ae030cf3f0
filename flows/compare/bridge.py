"""The mirror bridge: from the exporter's statement of a flow to the importer's, step by step."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from flows.canonical import exact_sum, shared_decimals
from flows.compare.differences import (
    Ledger,
    Range,
    Side,
    Term,
    basis_terms,
    check_one_flow,
    coverage_terms,
    factor_terms,
    joiner,
    re_export_terms,
    revision_terms,
    side_in,
)
from flows.compare.exchange import Exchange, exchange_between, exchange_terms
from flows.compare.silence import check_comparable, check_reported
from flows.errors import DoubleCountError, SchemaError, UnitError
from flows.measure.checks import rows_by_dataset
from flows.measure.groups import printed_name
from flows.periods import Period, Recut
from flows.renamed import renamed_arguments
from flows.results import (
    Card,
    DrawingCall,
    Drawn,
    Result,
    print_amount,
    print_between,
    print_count,
    print_own,
)
from flows.table import million_label

_MILLION = 1e6
_MOST_DECIMALS = 2

StepKind = Literal["level", "change", "residual"]


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Step(Result):
    """
    One step of a bridge.

    Parameters
    ----------
    id : str
        ``exporter``, ``calendar``, ``vintage-exporter``, ``vintage-importer``, ``currency``,
        ``re-exports``, ``basis``, ``coverage`` (a second one ``coverage-2``), ``valuation``,
        ``residual`` or ``importer``.
    name : str
        What is printed.
    kind : {"level", "change", "residual"}
        A statement, an explained difference, or what stays unexplained.
    value : float
        Level or change, in the unit of the bridge.
    low, high : float
        The step under the assumptions that can be made instead, each alone; ``high`` of a level is
        missing where its source states none.
    rows : pandas.DataFrame
        Rows that went in, with ``weight`` where a part of a row did; none where the step follows
        from the others.
    assumption : str
        What the value and its low and high rest on.
    """

    in_lists = True

    id: str
    name: str
    kind: StepKind
    value: float
    low: float
    high: float
    rows: pd.DataFrame
    assumption: str

    def _card(self) -> Card:
        low, high = (print_own(end) for end in (self.low, self.high))
        return Card(
            title=f"{self.name}: {print_own(self.value)}",
            facts=(("range", print_between(low, high)), ("rests on", self.assumption)),
        )


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Bridge(Drawn):
    """
    The steps from the exporter's statement to the importer's; they add up to the last one.

    Parameters
    ----------
    steps : tuple of Step
        First and last are levels.
    unit : str
        Unit of every value.
    period : Period
        The period in which the two statements are compared.
    cif_fob_ratio : tuple of float, optional
        Lowest and highest CIF/FOB ratio, as the caller gave them.
    exporter, importer : Recut
        The two statements in ``period``: value, and rows with their weights.
    ledger : Ledger
        The same two values and what is taken out of them, in the order of the steps.
    """

    steps: tuple[Step, ...]
    unit: str
    period: Period
    cif_fob_ratio: tuple[float, float] | None
    exporter: Recut
    importer: Recut
    ledger: Ledger

    @property
    def decimals(self) -> int:
        """With how many decimals amounts in million are printed: those of the vaguer statement."""
        stated = [side.value for side in (self.exporter, self.importer) if side.is_whole]
        return shared_decimals([value / _MILLION for value in stated], most=_MOST_DECIMALS)

    def _amount(self, value: float) -> str:
        """Print an amount; in a bridge in million with the decimals of the vaguer report."""
        if max(abs(step.value) for step in self.steps) < _MILLION:
            return print_amount(value, self.unit)
        return print_amount(round(value / _MILLION, self.decimals) * _MILLION, self.unit)

    def _printed(self, step: Step) -> str:
        """Print a step; a level whose source states no upper bound is "more than" it."""
        more = "more than " if step.kind == "level" and not math.isfinite(step.high) else ""
        return more + self._amount(step.value)

    def step(self, name: str) -> Step:
        """
        Return the step with this id.

        Parameters
        ----------
        name : str
            Id of the step.

        Returns
        -------
        Step

        Raises
        ------
        ValueError
            If the bridge has no such step.
        """
        for step in self.steps:
            if step.id == name:
                return step
        raise ValueError(f"expected one of {[step.id for step in self.steps]}, found {name!r}")

    def tidy(self) -> pd.DataFrame:
        """
        Return the steps as a table.

        Returns
        -------
        pandas.DataFrame
            One row a step: ``id``, ``step``, ``kind``, ``value``, ``low``, ``high``,
            ``assumption``, and ``cumulative_from``, ``cumulative_to``: where it begins and ends.
        """
        values = np.array([step.value for step in self.steps])
        levels = np.array([step.kind == "level" for step in self.steps])
        changing = np.where(levels & (np.arange(len(values)) > 0), 0.0, values)
        reached = np.array([math.fsum(changing[:end]) for end in range(1, len(values) + 1)])
        return pd.DataFrame(
            {
                "id": [step.id for step in self.steps],
                "step": [step.name for step in self.steps],
                "kind": [step.kind for step in self.steps],
                "value": values,
                "low": [step.low for step in self.steps],
                "high": [step.high for step in self.steps],
                "assumption": [step.assumption for step in self.steps],
                "cumulative_from": np.where(levels, 0.0, reached - values),
                "cumulative_to": np.where(levels, values, reached),
            }
        )

    def orders(self) -> pd.DataFrame:
        """
        Return how large each step would be if the steps were taken in another order.

        A factor takes its share of what is there when it comes: valuation after coverage does not
        touch the goods left out, valuation before it takes freight off them too.

        Returns
        -------
        pandas.DataFrame
            One row a step that can change its place (all but the calendar) and the residual:
            ``id``, ``step``, ``value`` (in this order), ``lowest`` and ``highest`` over all
            orders, factors at the middle of their ranges. The residual is the same in each.
        """
        names = [*(term.id for term in self.ledger.terms), "residual"]
        steps = [(self.step(name), self.over_orders(name)) for name in names]
        sizes = [(step.id, step.name, size.value, size.low, size.high) for step, size in steps]
        return pd.DataFrame(sizes, columns=["id", "step", "value", "lowest", "highest"])

    def over_orders(self, name: str) -> Range:
        """
        Return the smallest and largest size of one step over all orders; see :meth:`orders`.

        Parameters
        ----------
        name : str
            Id of a step that can change its place, or ``"residual"``.

        Returns
        -------
        Range
            ``value`` in the order of this bridge, ``low`` and ``high`` over all orders.

        Raises
        ------
        ValueError
            If the bridge has no such step, or it cannot change its place.
        """
        movable = {term.id: term for term in self.ledger.terms}
        if name in movable:
            return Range(self.step(name).value, *self.ledger.over_orders(movable[name]))
        if name != "residual":
            raise ValueError(f"expected one of {[*movable, 'residual']}, found {name!r}")
        left = self.step(name).value
        return Range(left, left, left)

    def drawing(self) -> DrawingCall:
        """
        Return the steps in million.

        Returns
        -------
        DrawingCall
            For :func:`flows.figures.draw_bridge`.
        """
        data = self.tidy()
        data[["value", "low", "high", "cumulative_from", "cumulative_to"]] /= _MILLION
        data[["low", "high"]] = data[["low", "high"]].where(data["low"] != data["high"])
        options = {"unit_label": million_label(self.unit), "decimals": self.decimals}
        return DrawingCall("draw_bridge", data.drop(columns=["id", "assumption"]), options)

    def _card(self) -> Card:
        residual = self.step("residual")
        low, high = (self._amount(end) for end in (residual.low, residual.high))
        steps = tuple((step.name, self._printed(step)) for step in self.steps)
        changes = len([step for step in self.steps if step.kind == "change"])
        return Card(
            title=f"exporter's report to importer's, {self.period.label}",
            facts=(
                steps[0],
                ("explained", print_count(changes, "step")),
                ("residual", f"{self._printed(residual)}, {print_between(low, high)}"),
                steps[-1],
            ),
            more=steps[1:-1],
            rows=rows_by_dataset(pd.concat([side.rows for side in (self.exporter, self.importer)])),
        )


@renamed_arguments(exporter_says="exporter_report", importer_says="importer_report")
def bridge(
    *,
    exporter_report: pd.DataFrame,
    importer_report: pd.DataFrame,
    period: Period,
    headline: Period,
    exporter_leaves_out: Mapping[str, pd.DataFrame] | None = None,
    exporter_re_exports: pd.DataFrame | None = None,
    exporter_revised: pd.DataFrame | None = None,
    exporter_rate: tuple[float, float] | None = None,
    rates: pd.DataFrame | None = None,
    importer_revised: pd.DataFrame | None = None,
    importer_other_basis: pd.DataFrame | None = None,
    cif_fob_ratio: tuple[float, float] | None,
    sources: Mapping[str, str] | None = None,
    order: Sequence[str] | None = None,
    group: str | None = None,
) -> Bridge:
    r"""
    Lead from the exporter's statement of a flow to the importer's statement of the same flow.

    The two are compared in ``period``, the year of the side that publishes years only; the side
    that publishes months is cut to it. What that changes is the calendar step.

    Parameters
    ----------
    exporter_report, importer_report : pandas.DataFrame
        Rows of a flow table: one statement a side, for ``period`` itself or by month.
    period : Period
        The period in which both sides are compared, such as the Iranian year 1402.
    headline : Period
        The period under which a side with months is usually quoted, such as the year 2023.
    exporter_leaves_out : Mapping, optional
        Name of goods that the exporter's statement does not count to the importer's rows of them.
    exporter_re_exports : pandas.DataFrame, optional
        The exporter's rows of goods of another origin among its exports; the importer's statement
        is then by origin, where they stand under another country.
    exporter_revised, importer_revised : pandas.DataFrame, optional
        A side's statement in another release, in which it is to be compared.
    exporter_rate : tuple of float, optional
        Lowest and highest number by which the exporter's amounts are to be multiplied: another
        rate of exchange than the one they were converted at, relative to it, or another unit.
    rates : pandas.DataFrame, optional
        Rates of exchange as for :func:`flows.convert_currency`, where the exporter states another
        currency than the importer. Its statement, by month, enters at the mean rate of
        ``headline``; the step ``currency`` is what converting each month at its own rate changes.
        Where both state one currency they change nothing.
    importer_other_basis : pandas.DataFrame, optional
        The importer's statement on the partner basis that fits the exporter's: imports by
        consignment beside exports by last known destination.
    cif_fob_ratio : tuple of float, optional
        Lowest and highest CIF/FOB ratio, given or estimated. It moves the result and has no
        default; ``None`` only where the importer's statement is not CIF or the exporter's not FOB.
    sources : Mapping, optional
        Where the ranges come from, ``valuation`` and ``currency``; printed with the step.
    order : sequence of str, optional
        Ids of all steps but the calendar, the residual and the statements, in the order in which
        they are taken out; by default releases, rate, re-exports, basis, coverage, valuation.
    group : str, optional
        Name of a group of countries, such as ``"EU27_2020"``: the exporters, or the importers, are
        its members, and what each states (or is stated of each) is added up as by
        :func:`flows.series`, in every table handed in. Rows of others are not looked at.

    Returns
    -------
    Bridge
        Steps ``exporter``, ``calendar``, those of ``order`` (``coverage`` once for each of
        ``exporter_leaves_out``), ``residual``, ``importer``. The value of a step is that of the
        middle of the ranges given, and its low and high the smallest and largest over them; those
        of the residual are the exact extremes over all ranges together, both statements taken as
        they are. The low and high of the calendar step come from moving whole months instead of
        days: the twelve that begin with the month of the first day, or with the next. Those of the
        step ``currency`` come from converting each month at the rate of the month before, of the
        same or of the month after, whichever is least or most: the importer's customs take the rate
        of another day than the exporter's. ``orders()`` says what another order would change.

    Raises
    ------
    UnitError
        If the sides have two units and no ``rates`` of both are given; if the ratio does not fit
        their valuations, goods that are left out are valued otherwise, or on another basis, than
        the importer's statement, or two statements on two bases are not.
    DoubleCountError
        If a side makes more than one statement, goods are left out twice, or both re-exports and
        another basis are given: goods that pass through a country are in either.
    SchemaError
        If a side has no rows, the sides state two flows or one reports for the other, or parts are
        worth more than the whole; if ``group`` is named and neither the exporters nor the importers
        are several, or both are.
    CountryError
        If ``group`` is no group of countries.
    ScopeError
        If rows of members were filtered out of a table, or a source does not name a member.
    UnreportedError
        If one side states the flow as nothing, or next to nothing: that is no difference to be
        explained in steps. See :func:`flows.classify_mirror`.
    PeriodError
        If a side states neither ``period`` nor all months of ``period`` and ``headline``, or has no
        row of a member of ``group`` in it; with ``rates``, if the exporter does not state months,
        or a rate of one of them or of those beside them is missing.
    ValueError
        If the ratios are below 1 or not in order, ``order`` does not hold each step once, or both
        ``rates`` and ``exporter_rate`` are given.

    Notes
    -----
    FOB is CIF divided by the ratio. With the exporter's statement :math:`X` and the importer's
    :math:`M` in ``period``, goods :math:`G` that the exporter leaves out and the ratio :math:`r`,
    the residual is :math:`(M - G) / r - X`; in general both :math:`M - G` and :math:`X` stand for
    all that is taken off, and :math:`X` is multiplied by the rate. Steps are calculated in
    fractions of whole numbers and rounded once: the order moves no digit of the residual.

    With ``rates`` the exporter's :math:`X = \bar{e} \sum_m x_m`, its months :math:`x_m` at the mean
    rate :math:`\bar{e}`, is multiplied by :math:`\sum_m e_m x_m / X` with the rate :math:`e_m` of
    each month. At its lowest and highest each :math:`e_m` is the least or the greatest of
    :math:`e_{m-1}, e_m, e_{m+1}`, every month for itself: how long goods travel is not known, and
    need not be the same all year. Of releases and re-exports what is left of the months is taken.

    Examples
    --------
    >>> from flows.periods import Period
    >>> def report(reporter, value, valuation):
    ...     return pd.DataFrame({
    ...         "exporter": ["IRN"], "importer": ["ARM"], "reporter": [reporter],
    ...         "start": pd.to_datetime(["2023-01-01"]), "end": pd.to_datetime(["2023-12-31"]),
    ...         "product": ["TOTAL"], "classification": ["TOTAL"], "value": [value],
    ...         "unit": ["USD"], "low": [value], "high": [value], "valuation": [valuation],
    ...         "partner_basis": [""], "coverage": ["all goods"], "dataset": ["d@1"], "line": [2],
    ...     })
    >>> steps = bridge(
    ...     exporter_report=report("IRN", 100.0, "FOB"),
    ...     importer_report=report("ARM", 132.0, "CIF"),
    ...     period=Period.year(2023), headline=Period.year(2023), cif_fob_ratio=(1.1, 1.1),
    ... )
    >>> [(step.id, round(step.value, 9)) for step in steps.steps]
    [('exporter', 100.0), ('valuation', 12.0), ('residual', 20.0), ('importer', 132.0)]

    What the members of the European Union state in euro, and Armenia in dollars:

    >>> import flows as fl
    >>> union = fl.load("eurostat-exports@2024-11")
    >>> armenia = fl.load("armstat-partners@2025-02")
    >>> steps = bridge(
    ...     exporter_report=fl.select_flows(union, importer="ARM"),
    ...     importer_report=fl.select_flows(
    ...         armenia, importer="ARM", partner_basis="consignment"
    ...     ),
    ...     group="EU27_2020", rates=fl.load("ecb-rates@2026-10"),
    ...     period=Period.year(2022), headline=Period.year(2022), cif_fob_ratio=(1.06, 1.10),
    ... )
    >>> {step.id: round(step.value / 1e6) for step in steps.steps}
    {'exporter': 1987, 'currency': -36, 'valuation': 131, 'residual': -313, 'importer': 1769}
    """
    _check_together(exporter_rate, rates, exporter_re_exports, importer_other_basis)
    check_reported(exporter_report, importer_report, period=period)
    join = joiner(group, [exporter_report, importer_report])
    by_exporter = _joined(
        join, report=exporter_report, re_exports=exporter_re_exports, revised=exporter_revised
    )
    by_importer = _joined(
        join, report=importer_report, revised=importer_revised, other_basis=importer_other_basis
    )
    goods = _joined(join, **(exporter_leaves_out or {}))
    exchange = exchange_between(by_exporter, by_importer, rates, usual=headline)
    if exchange is not None:
        by_exporter = {name: exchange.at_mean(table) for name, table in by_exporter.items()}
    unit = check_one_flow([*by_exporter.values()], [*by_importer.values(), *goods.values()])
    exporter = side_in(by_exporter["report"], period=period, headline=headline)
    importer = side_in(by_importer["report"], period=period, headline=headline)
    check_comparable(exporter, importer)
    _check_ratio(cif_fob_ratio, exporter, importer)
    cited = sources or {}
    terms = [
        *_release_terms(by_exporter, by_importer, exporter, importer),
        *exchange_terms(exchange, by_exporter, period=period, source=cited.get("currency")),
        *factor_terms(
            "currency",
            exporter_rate,
            side="exporter",
            title="Rate of exchange, or unit",
            label="factor",
            source=cited.get("currency"),
        ),
        *_part_terms(by_exporter, by_importer, goods, importer),
        *factor_terms(
            "valuation",
            cif_fob_ratio,
            side="importer",
            title="Freight and insurance (FOB to CIF)",
            label="CIF/FOB ratio",
            source=cited.get("valuation"),
        ),
    ]
    ledger = Ledger(exporter.cut.value, importer.cut.value, _ordered(terms, order))
    _check_parts(ledger, exporter, importer)
    return Bridge(
        steps=(
            _level_step("exporter", exporter, exchange),
            *_calendar_steps(exporter, importer),
            *(_change_step(ledger, place) for place in range(len(terms))),
            _residual_step(ledger),
            _level_step("importer", importer),
        ),
        unit=unit,
        period=period,
        cif_fob_ratio=cif_fob_ratio,
        exporter=exporter.cut,
        importer=importer.cut,
        ledger=ledger,
    )


def _check_together(
    exporter_rate: tuple[float, float] | None,
    rates: pd.DataFrame | None,
    re_exports: pd.DataFrame | None,
    other_basis: pd.DataFrame | None,
) -> None:
    """Check that nothing is asked for twice."""
    if rates is not None and exporter_rate is not None:
        raise ValueError(
            "expected rates= (the exporter states another currency) or exporter_rate= (its amounts "
            "were converted at another rate), found both"
        )
    if re_exports is not None and other_basis is not None:
        raise DoubleCountError(
            "expected re-exports or the importer's other partner basis, found both: goods that "
            "pass through the exporter are in either"
        )


def _joined(
    join: Callable[[pd.DataFrame], pd.DataFrame], /, **reports: pd.DataFrame | None
) -> dict[str, pd.DataFrame]:
    """Return the tables that are there, each the statement of a pair."""
    return {name: join(report) for name, report in reports.items() if report is not None}


def _release_terms(
    by_exporter: Mapping[str, pd.DataFrame],
    by_importer: Mapping[str, pd.DataFrame],
    exporter: Side,
    importer: Side,
) -> list[Term]:
    """Return what other releases of the two statements change."""
    return [
        *revision_terms(
            by_exporter.get("revised"),
            of=by_exporter["report"],
            value=exporter.cut.value,
            side="exporter",
            period=exporter.cut.period,
        ),
        *revision_terms(
            by_importer.get("revised"),
            of=by_importer["report"],
            value=importer.cut.value,
            side="importer",
            period=importer.cut.period,
        ),
    ]


def _part_terms(
    by_exporter: Mapping[str, pd.DataFrame],
    by_importer: Mapping[str, pd.DataFrame],
    goods: Mapping[str, pd.DataFrame],
    importer: Side,
) -> list[Term]:
    """Return what the two statements count differently: re-exports, partners, goods."""
    period, imports = importer.cut.period, by_importer["report"]
    return [
        *re_export_terms(
            by_exporter.get("re_exports"),
            of=by_exporter["report"],
            importer_report=imports,
            period=period,
        ),
        *basis_terms(
            by_importer.get("other_basis"), of=imports, value=importer.cut.value, period=period
        ),
        *coverage_terms(goods, of=imports, period=period),
    ]


def _ordered(terms: Sequence[Term], order: Sequence[str] | None) -> tuple[Term, ...]:
    """Return the terms in the order that is asked for."""
    if order is None:
        return tuple(terms)
    by_id = {term.id: term for term in terms}
    if sorted(order) != sorted(by_id):
        raise ValueError(
            f"order: expected each of {', '.join(by_id) or 'no steps'} once (the calendar comes "
            f"first: parts are stated in the period compared only), found {', '.join(order)}"
        )
    return tuple(by_id[name] for name in order)


def _check_parts(ledger: Ledger, exporter: Side, importer: Side) -> None:
    """Check that no more is taken off a statement than it holds."""
    for name, side in (("exporter", exporter), ("importer", importer)):
        parts = [term for term in ledger.terms if term.side == name and term.amount]
        left = math.fsum([side.cut.value, *(-term.amount for term in parts)])
        if left < 0:
            raise SchemaError(
                f"expected {', '.join(term.name for term in parts)} to be a part of the "
                f"{name}'s statement of "
                f"{side.cut.value:g} in {side.cut.period.label}, found {side.cut.value - left:g}"
            )


def _check_ratio(ratio: tuple[float, float] | None, exporter: Side, importer: Side) -> None:
    """Check that there is a ratio where the sides value the goods differently, and only there."""
    needs_ratio = exporter.valuation == "FOB" and importer.valuation == "CIF"
    if needs_ratio != (ratio is not None):
        raise UnitError(
            f"expected a CIF/FOB ratio if the exporter says FOB and the importer CIF, found the "
            f"ratio {ratio}, {exporter.reporter} {exporter.valuation or 'unstated'} and "
            f"{importer.reporter} {importer.valuation or 'unstated'}"
        )
    if ratio is not None and not 1 <= ratio[0] <= ratio[1]:
        raise ValueError(f"expected 1 <= lowest <= highest CIF/FOB ratio, found {ratio}")


def _level_step(name: str, side: Side, exchange: Exchange | None = None) -> Step:
    """Return a side's statement as it is usually quoted."""
    rows = side.usual.rows
    return Step(
        id=name,
        name=f"{printed_name(side.reporter)} reports, {side.usual.period.label}",
        kind="level",
        value=side.usual.value,
        low=exact_sum(rows["low"] * rows["weight"]),
        high=exact_sum(rows["high"] * rows["weight"]),
        rows=rows,
        assumption="as published" if exchange is None else exchange.in_words,
    )


def _calendar_steps(exporter: Side, importer: Side) -> list[Step]:
    """Return the step from the usual period of a side with months to the one compared, if any."""
    sides = [side for side in (exporter, importer) if side.usual is not side.cut]
    if not sides:
        return []
    signs = [1 if side is exporter else -1 for side in sides]
    changes = [
        [sign * (value - side.usual.value) for value in (side.cut.value, *side.moved)]
        for sign, side in zip(signs, sides, strict=True)
    ]
    usual, compared = sides[0].usual.period.label, sides[0].cut.period.label
    return [
        Step(
            id="calendar",
            name=f"Calendar: {compared} against {usual}",
            kind="change",
            value=sum(change[0] for change in changes),
            low=sum(min(change) for change in changes),
            high=sum(max(change) for change in changes),
            rows=pd.concat([side.cut.rows for side in sides], ignore_index=True),
            assumption="edge months by days; range: by whole months",
        )
    ]


def _change_step(ledger: Ledger, place: int) -> Step:
    """Return the step of one term of a ledger."""
    term = ledger.terms[place]
    return _step(
        ledger.change(term, after=ledger.terms[:place]),
        name=term.name,
        kind="change",
        rows=term.rows,
        assumption=term.assumption,
        id=term.id,
    )


def _residual_step(ledger: Ledger) -> Step:
    """Return what the terms of a ledger leave unexplained."""
    ranged = [term.id for term in ledger.terms if term.factor[0] != term.factor[1]]
    return _step(
        ledger.residual(),
        id="residual",
        name="Not explained",
        kind="residual",
        rows=pd.DataFrame(),
        assumption=f"what is left, over the range of {' and '.join(ranged) or 'nothing'}",
    )


def _step(size: Range, **other: Any) -> Step:
    return Step(value=size.value, low=size.low, high=size.high, **other)
