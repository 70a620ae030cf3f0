"""The mirror bridge: from the exporter's statement of a flow to the importer's, step by step."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from flows.compare.steps import Bridge, Step
from flows.errors import UnitError
from flows.measure.selection import check_one_statement, check_one_unit
from flows.periods import Period, Recut, recut


def bridge(
    *,
    exporter_says: pd.DataFrame,
    importer_says: pd.DataFrame,
    period: Period,
    headline: Period,
    exporter_leaves_out: Mapping[str, pd.DataFrame] | None = None,
    cif_fob_ratio: tuple[float, float] | None,
) -> Bridge:
    """
    Lead from the exporter's statement of a flow to the importer's statement of the same flow.

    The two are compared in ``period``, the year of the side that publishes years only; the side
    that publishes months is cut to it. What that changes is the calendar step.

    Parameters
    ----------
    exporter_says, importer_says : pandas.DataFrame
        Rows of a flow table: one statement a side, for ``period`` itself or by month.
    period : Period
        The period in which both sides are compared, such as the Iranian year 1402.
    headline : Period
        The period under which a side with months is usually quoted, such as the year 2023.
    exporter_leaves_out : Mapping, optional
        Name of goods that the exporter's statement does not count to the importer's rows of them.
    cif_fob_ratio : tuple of float, optional
        Lowest and highest CIF/FOB ratio. It moves the result and has no default; ``None`` only
        where the importer's statement is not CIF or the exporter's is not FOB.

    Returns
    -------
    Bridge
        Steps ``exporter``, ``calendar``, ``coverage`` (one for each of ``exporter_leaves_out``),
        ``valuation``, ``residual``, ``importer``. The value of the valuation step is that of the
        middle ratio, and its low and high those of the two given; the residual has the range that
        these leave. The low and high of the calendar step come from moving whole months instead
        of days: the twelve that begin with the month of the first day, or with the next.

    Raises
    ------
    UnitError
        If the two sides have two units, or the ratio does not fit their valuations.
    DoubleCountError
        If a side makes more than one statement.
    PeriodError
        If a side states neither ``period`` nor all of its months.
    ValueError
        If the ratios are below 1 or not in order.

    Notes
    -----
    FOB is CIF divided by the ratio. With the exporter's statement :math:`X` and the importer's
    :math:`M` in ``period``, goods :math:`G` that the exporter leaves out and the ratio :math:`r`,
    the residual is :math:`(M - G) / r - X`.

    Examples
    --------
    >>> from flows.periods import gregorian_year
    >>> def says(reporter, value, valuation):
    ...     return pd.DataFrame({
    ...         "exporter": ["IRN"], "importer": ["ARM"], "reporter": [reporter],
    ...         "start": pd.to_datetime(["2023-01-01"]), "end": pd.to_datetime(["2023-12-31"]),
    ...         "product": ["TOTAL"], "classification": ["TOTAL"], "value": [value],
    ...         "unit": ["USD"], "low": [value], "high": [value], "valuation": [valuation],
    ...         "partner_basis": [""], "coverage": ["all goods"], "dataset": ["d@1"], "line": [2],
    ...     })
    >>> found = bridge(
    ...     exporter_says=says("IRN", 100.0, "FOB"), importer_says=says("ARM", 132.0, "CIF"),
    ...     period=gregorian_year(2023), headline=gregorian_year(2023), cif_fob_ratio=(1.1, 1.1),
    ... )
    >>> [(step.id, round(step.value, 9)) for step in found.steps]
    [('exporter', 100.0), ('valuation', 12.0), ('residual', 20.0), ('importer', 132.0)]
    """
    exporter = _side(exporter_says, period, headline)
    importer = _side(importer_says, period, headline)
    unit = check_one_unit(pd.concat([exporter_says, importer_says]))
    ratio = _check_ratio(cif_fob_ratio, exporter, importer)
    left_out = {
        name: _side(rows, period, headline) for name, rows in (exporter_leaves_out or {}).items()
    }
    comparable = importer.cut.value - sum(side.cut.value for side in left_out.values())
    return Bridge(
        steps=(
            _level("exporter", exporter),
            *_calendar_steps(exporter, importer),
            *(_coverage_step(name, side.cut) for name, side in left_out.items()),
            *_valuation_steps(comparable, ratio),
            _residual(comparable, ratio, exporter.cut.value),
            _level("importer", importer),
        ),
        unit=unit,
        period=period,
        cif_fob_ratio=cif_fob_ratio,
        exporter_value=exporter.cut.value,
        importer_value=importer.cut.value,
    )


@dataclass(frozen=True, slots=True)
class _Side:
    """One side in the period that is compared, under its usual period, and by whole months."""

    reporter: str
    valuation: str
    cut: Recut
    usual: Recut
    moved: tuple[float, ...]


def _side(says: pd.DataFrame, period: Period, headline: Period) -> _Side:
    check_one_statement(says)
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    stated = says[(says["start"] == start) & (says["end"] == end)]
    if len(stated):
        cut = usual = recut(stated, period)
        moved: tuple[float, ...] = ()
    else:
        cut, usual = recut(says, period), recut(says, headline)
        moved = tuple(recut(says, months).value for months in _whole_months(period))
    return _Side(
        reporter=str(says["reporter"].iloc[0]),
        valuation=str(says["valuation"].iloc[0]),
        cut=cut,
        usual=usual,
        moved=moved,
    )


def _whole_months(period: Period) -> tuple[Period, ...]:
    """Return the whole months that begin with the month of the first day, and with the next."""
    first, last = pd.Period(period.start, freq="M"), pd.Period(period.end, freq="M")
    if first.start_time.date() == period.start and last.end_time.date() == period.end:
        return ()
    runs = ((first, last - 1), (first + 1, last))
    return tuple(
        Period(start.start_time.date(), end.end_time.date(), f"{start}..{end}", "gregorian")
        for start, end in runs
    )


def _check_ratio(
    ratio: tuple[float, float] | None, exporter: _Side, importer: _Side
) -> tuple[float, float]:
    """Return the ratio, or 1 where both sides value the goods alike."""
    needs_ratio = exporter.valuation == "FOB" and importer.valuation == "CIF"
    if needs_ratio != (ratio is not None):
        raise UnitError(
            f"expected a CIF/FOB ratio if the exporter says FOB and the importer CIF, found the "
            f"ratio {ratio}, {exporter.reporter} {exporter.valuation or 'unstated'} and "
            f"{importer.reporter} {importer.valuation or 'unstated'}"
        )
    if ratio is None:
        return (1.0, 1.0)
    if not 1 <= ratio[0] <= ratio[1]:
        raise ValueError(f"expected 1 <= lowest <= highest CIF/FOB ratio, found {ratio}")
    return ratio


def _level(name: str, side: _Side) -> Step:
    rows = side.usual.rows
    return Step(
        id=name,
        name=f"{side.reporter} reports, {side.usual.period.label}",
        kind="level",
        value=side.usual.value,
        low=float((rows["low"] * rows["weight"]).sum(skipna=False)),
        high=float((rows["high"] * rows["weight"]).sum(skipna=False)),
        rows=rows,
        assumption="as published",
    )


def _calendar_steps(exporter: _Side, importer: _Side) -> list[Step]:
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


def _coverage_step(name: str, cut: Recut) -> Step:
    return Step(
        id="coverage",
        name=f"Not counted by the exporter: {name}",
        kind="change",
        value=cut.value,
        low=cut.value,
        high=cut.value,
        rows=cut.rows,
        assumption="as the importer reports them",
    )


def _valuation_steps(comparable: float, ratio: tuple[float, float]) -> list[Step]:
    if ratio == (1.0, 1.0):
        return []
    low, middle, high = (comparable - comparable / one for one in _low_middle_high(ratio))
    return [
        Step(
            id="valuation",
            name="Freight and insurance (FOB to CIF)",
            kind="change",
            value=middle,
            low=low,
            high=high,
            rows=pd.DataFrame(),
            assumption=f"CIF/FOB ratio {ratio[0]:.2f} to {ratio[1]:.2f}",
        )
    ]


def _residual(comparable: float, ratio: tuple[float, float], exporter_value: float) -> Step:
    high, middle, low = (comparable / one - exporter_value for one in _low_middle_high(ratio))
    return Step(
        id="residual",
        name="Not explained",
        kind="residual",
        value=middle,
        low=low,
        high=high,
        rows=pd.DataFrame(),
        assumption="what is left, over the range of the ratio",
    )


def _low_middle_high(ratio: tuple[float, float]) -> tuple[float, float, float]:
    return ratio[0], (ratio[0] + ratio[1]) / 2, ratio[1]
