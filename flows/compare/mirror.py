"""The mirror bridge: from the exporter's statement of a flow to the importer's, step by step."""

import math
from collections.abc import Mapping

import pandas as pd

from flows.compare.sides import Side, check_one_flow, left_out_in, side_in
from flows.compare.steps import Bridge, Step
from flows.countries import country_name
from flows.errors import SchemaError, UnitError
from flows.periods import Period, Recut


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
        If the sides have two units, the ratio does not fit their valuations, or goods that are
        left out are valued otherwise, or on another basis, than the importer's statement.
    DoubleCountError
        If a side makes more than one statement.
    SchemaError
        If a side has no rows, the sides state two flows or one reports for the other, or the goods
        left out are worth more than all that the importer states.
    PeriodError
        If a side states neither ``period`` nor all months of ``period`` and ``headline``.
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
    goods = exporter_leaves_out or {}
    unit = check_one_flow(exporter_says, [importer_says, *goods.values()])
    exporter = side_in(exporter_says, period=period, headline=headline)
    importer = side_in(importer_says, period=period, headline=headline)
    ratio = _check_ratio(cif_fob_ratio, exporter, importer)
    left_out = {
        name: left_out_in(rows, of=importer_says, period=period) for name, rows in goods.items()
    }
    comparable = _comparable(importer.cut, left_out)
    return Bridge(
        steps=(
            _level("exporter", exporter),
            *_calendar_steps(exporter, importer),
            *(
                _coverage_step(place, name, cut)
                for place, (name, cut) in enumerate(left_out.items(), start=1)
            ),
            *_valuation_steps(comparable, ratio),
            _residual(comparable, ratio, exporter.cut.value),
            _level("importer", importer),
        ),
        unit=unit,
        period=period,
        cif_fob_ratio=cif_fob_ratio,
        exporter=exporter.cut,
        importer=importer.cut,
    )


def _comparable(importer: Recut, left_out: Mapping[str, Recut]) -> float:
    """Return the importer's statement without the goods that the exporter leaves out."""
    comparable = importer.value - math.fsum(cut.value for cut in left_out.values())
    if comparable < 0:
        raise SchemaError(
            f"expected {', '.join(left_out)} to be a part of the importer's statement of "
            f"{importer.value:g} in {importer.period.label}, found {importer.value - comparable:g}"
        )
    return comparable


def _check_ratio(
    ratio: tuple[float, float] | None, exporter: Side, importer: Side
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


def _level(name: str, side: Side) -> Step:
    rows = side.usual.rows
    return Step(
        id=name,
        name=f"{country_name(side.reporter)} reports, {side.usual.period.label}",
        kind="level",
        value=side.usual.value,
        low=float((rows["low"] * rows["weight"]).sum(skipna=False)),
        high=float((rows["high"] * rows["weight"]).sum(skipna=False)),
        rows=rows,
        assumption="as published",
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


def _coverage_step(place: int, name: str, cut: Recut) -> Step:
    return Step(
        id="coverage" if place == 1 else f"coverage-{place}",
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
