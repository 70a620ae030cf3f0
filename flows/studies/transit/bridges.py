"""The bridge from the exporters' report to the importer's, in each of some years."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from flows.compare.bridge import Bridge, Step, bridge
from flows.errors import PeriodError, SchemaError, UnreportedError
from flows.findings import Figure, Findings, Number, Table
from flows.measure.checks import rows_by_dataset
from flows.origin import Made, call
from flows.periods import Period
from flows.studies.mirror.bridge import residual_sign
from flows.studies.mirror.question import MILLION
from flows.studies.numbers import make_number, source_line
from flows.studies.section import About
from flows.studies.transit.pair import exporter_report, group_of, importer_report
from flows.studies.transit.question import TransitQuestion
from flows.table import Rows, million_label

ABOUT = About(
    needs=(
        "a table `hub` with the imports of the country in the middle by partner, a table `rates` "
        "where it states another currency, `cif_fob_ratio` of the question; a figure a year, "
        "`bridge-2021`"
    ),
    tables=("bridges",),
)

_SMALL = 10 * MILLION
"""Below it a step is printed with a decimal."""


def bridges(question: TransitQuestion, *, years: Sequence[int], ratio_source: str = "") -> Findings:
    """
    Lead from the exporters' report to the importer's in steps: currency, basis, freight, residual.

    ``years`` are those that are bridged; ``ratio_source`` says where the range of the ratio of CIF
    to FOB comes from. Where the importer states two partner bases its report is that by origin, and
    the step ``basis`` leads to it from that by consignment, which fits the exporters'. Numbers
    ``bridges.<year>.<step>`` with bounds; ``.by-month``, the exporters' report with each month at
    its own rate; ``.importer.consignment`` where ``basis`` is a step; ``.residual.share`` of the
    exporters' report. Words ``bridges.first`` and ``.last`` (years), ``bridges.<year>.steps``,
    ``.sign`` of the residual over its bounds (less, more or either) and ``bridges.refused``; a
    figure a year, and a table of all.
    """
    made, refused = _bridges(question, years, ratio_source)
    found = {year: leading.value for year, leading in made.items()}
    words = {
        "first": str(min(made, default="")),
        "last": str(max(made, default="")),
        "refused": "; ".join(f"{year}: {reason}" for year, reason in refused.items()),
        **{
            f"{year}.steps": " ".join(step.id for step in leading.steps)
            for year, leading in found.items()
        },
        **{
            f"{year}.sign": residual_sign(leading.step("residual"))
            for year, leading in found.items()
        },
    }
    return Findings(
        numbers=tuple(
            number
            for year, leading in made.items()
            for number in (*_steps(question, year, leading), *_derived(question, year, leading))
        ),
        tables=(_table(question, found),) if found else (),
        figures=tuple(_figure(question, year, leading) for year, leading in found.items()),
        words={f"{question.name}.bridges.{key}": word for key, word in words.items()},
    )


def _bridges(
    question: TransitQuestion, years: Sequence[int], ratio_source: str
) -> tuple[dict[int, Made[Bridge]], dict[int, str]]:
    """Return the bridge of each year, or the reason why there is none."""
    made: dict[int, Made[Bridge]] = {}
    refused: dict[int, str] = {}
    if question.hub is None or not question.bases:
        return made, refused
    for year in sorted(set(years)):
        try:
            made[year] = _bridge(question, question.hub, year, ratio_source)
        except (PeriodError, SchemaError, UnreportedError) as error:
            refused[year] = str(error)
    return made, refused


def _bridge(
    question: TransitQuestion, hub: Made[pd.DataFrame], year: int, ratio_source: str
) -> Made[Bridge]:
    by_basis = {basis: importer_report(question, hub, basis) for basis in question.bases}
    fitting, quoted = question.bases[0], question.bases[-1]
    sent = exporter_report(question, question.exports)
    ratio = question.cif_fob_ratio if _needs_ratio(sent.value, by_basis[quoted].value) else None
    period = Period.year(year)
    return call(
        bridge,
        exporter_report=sent.arg,
        importer_report=by_basis[quoted].arg,
        importer_other_basis=None if fitting == quoted else by_basis[fitting].arg,
        period=period,
        headline=period,
        rates=None if question.rates is None else question.rates.arg,
        group=group_of(question),
        cif_fob_ratio=ratio,
        sources={"valuation": ratio_source} if ratio_source else None,
    ).called("bridge")


def _needs_ratio(sent: pd.DataFrame, arrived: pd.DataFrame) -> bool:
    """Say whether goods are valued where they leave by the exporters, and where they arrive."""
    return bool((sent["valuation"] == "FOB").all() and (arrived["valuation"] == "CIF").all())


def _steps(question: TransitQuestion, year: int, made: Made[Bridge]) -> Iterator[Number]:
    for step in made.value.steps:
        part = _step_of(made, step.id)
        yield make_number(
            question.name,
            f"bridges.{year}.{step.id}",
            part.part(lambda step: step.value / MILLION),
            f"{made.value.unit} million",
            f"{step.name}: bridge from the exporters' report to the importer's, {year} "
            f"({step.assumption}).",
            digits=1 if abs(step.value) < _SMALL else 0,
            rows=_rows_of(made.value, step),
            bounds=part.part(lambda step: (step.low / MILLION, step.high / MILLION))
            if step.kind != "level"
            else None,
        )


def _step_of(made: Made[Bridge], name: str) -> Made[Step]:
    return made.part(lambda bridge: bridge.step(name))


def _rows_of(bridge: Bridge, step: Step) -> Rows:
    """Return what a step stands on: the exporters' report on the rates too, if it is converted."""
    if step.rows.empty:
        return _rows(bridge)
    beside = [other.rows for other in bridge.steps if other.id == "currency"]
    return rows_by_dataset(pd.concat([step.rows, *(beside if step.id == "exporter" else [])]))


def _derived(question: TransitQuestion, year: int, made: Made[Bridge]) -> Iterator[Number]:
    """Yield both reports on common terms, and the residual as a part of the exporters'."""
    steps = {step.id for step in made.value.steps}
    sent = made.part(lambda bridge: bridge.step("exporter").value)
    if "currency" in steps:
        sent = made.part(
            lambda bridge: bridge.step("exporter").value + bridge.step("currency").value
        )
    rows, unit = _rows(made.value), f"{made.value.unit} million"
    about = f"What the exporters report for {year}, each month at its own rate."
    yield make_number(
        question.name,
        f"bridges.{year}.by-month",
        sent.part(lambda value: value / MILLION),
        unit,
        about,
        digits=0,
        rows=rows,
    )
    if "basis" in steps:
        fitting = made.part(
            lambda bridge: (bridge.step("importer").value - bridge.step("basis").value) / MILLION
        )
        about = f"What the importer reports for {year} by country of {question.bases[0]}."
        name = f"bridges.{year}.importer.{question.bases[0]}"
        yield make_number(question.name, name, fitting, unit, about, digits=0, rows=rows)
    residual = _step_of(made, "residual")
    yield make_number(
        question.name,
        f"bridges.{year}.residual.share",
        residual.combined(sent, lambda step, value: 100 * step.value / value),
        "%",
        f"What the bridge of {year} does not explain, as a part of the exporters' report.",
        digits=0,
        rows=rows,
        bounds=residual.combined(
            sent, lambda step, value: (100 * step.low / value, 100 * step.high / value)
        ),
    )


def _table(question: TransitQuestion, found: Mapping[int, Bridge]) -> Table:
    amounts = ["value", "low", "high"]
    frame = pd.concat(
        [bridge.tidy().assign(year=str(year)) for year, bridge in found.items()], ignore_index=True
    )
    frame[amounts] /= MILLION
    frame[["low", "high"]] = frame[["low", "high"]].where(frame["low"] != frame["high"])
    return Table(
        id=f"{question.name}-bridges",
        frame=frame[["year", "step", *amounts, "assumption"]],
        labels={
            "year": "Year",
            "step": "Step",
            "value": "Value",
            "low": "Low",
            "high": "High",
            "assumption": "Rests on",
        },
        formats=dict.fromkeys(amounts, ",.1f"),
        caption=(
            f"From what {question.words['origin']} states to send to {question.words['via']} to "
            f"what {question.words['via']} states to receive, {_unit(found)}."
        ),
        note=(
            "Low and high: the step under the other assumptions, each alone; of what is not "
            "explained, under all of them together. Empty where nothing moves it."
        ),
        rows=_rows(*found.values()),
    )


def _figure(question: TransitQuestion, year: int, bridge: Bridge) -> Figure:
    drawing = bridge.drawing()
    rows = _rows(bridge)
    via, origin = question.words["via"], question.words["origin"]
    residual = bridge.step("residual")
    remains = {
        "less": f"{via} records less than {origin} states, by more than the known steps explain",
        "more": f"{via} records more than {origin} states, by more than the known steps explain",
        "either": f"the known steps can explain how far {via}’s report is from that of {origin}",
    }[residual_sign(residual)]
    return Figure(
        id=f"{question.name}-bridge-{year}",
        draw=drawing.draw,
        data=drawing.data,
        options={**drawing.options, "decimals": 1},
        caption=(
            f"{year}: {remains} ({million_label(bridge.unit)}). Whiskers: range of each step under "
            "the other assumptions."
        ),
        source=source_line(rows),
        rows=rows,
    )


def _unit(found: Mapping[int, Bridge]) -> str:
    return million_label(next(iter(found.values())).unit)


def _rows(*bridges: Bridge) -> Rows:
    return rows_by_dataset(
        pd.concat([step.rows for bridge in bridges for step in bridge.steps if len(step.rows)])
    )
