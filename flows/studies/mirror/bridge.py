"""The bridge from the exporter's report of a flow to the importer's, in both directions."""

from collections.abc import Iterator, Mapping

import pandas as pd

from flows.canonical import print_value
from flows.compare.bridge import Bridge, Step
from flows.compare.bridge import bridge as find_bridge
from flows.compare.differences import Range
from flows.countries import country_name
from flows.findings import Figure, Findings, Number, Table
from flows.measure.checks import rows_by_dataset
from flows.origin import Made, call
from flows.periods import Recut
from flows.studies.mirror.question import MILLION, MirrorQuestion, is_bound
from flows.studies.numbers import make_number, source_line
from flows.studies.section import About
from flows.table import Rows

ABOUT = About(
    needs="both sides’ reports of all goods in the period, and `cif_fob_ratio` of the question",
    figures=("bridge", "bridge-reverse"),
    tables=("bridge-steps",),
)


def bridge(question: MirrorQuestion, *, ratio_source: str = "") -> Findings:
    """
    Lead from one report to the other in steps: calendar, basis, coverage, valuation, residual.

    ``ratio_source`` says where the range of the ratio of CIF to FOB comes from; it is printed with
    its step. Numbers of every step, of what its place in the order moves, and of both reports;
    ``<direction>.residual.share`` of the gap between the reports of the period, where the steps
    explain a part of it; the step and the residual on the other partner basis of the importer; a
    figure a direction and a table of both. Words ``bridge.<direction>.explained`` (all, part or
    none of the gap), ``.sign`` of the residual over its bounds (less, more or either), ``.steps``,
    and ``.refused``, which says why a direction has no bridge.
    """
    sources = {"valuation": ratio_source} if ratio_source else None
    made, refused = question.both_ways(
        lambda direction, sender: _find(question, direction, sender, sources=sources)
    )
    bridges = {direction: bridge.value for direction, bridge in made.items()}
    others = _other_bases(question) if "flow" in bridges else {}
    return Findings(
        numbers=(
            *(
                number
                for direction, bridge in made.items()
                for number in _numbers(question, direction, bridge)
            ),
            *_other_basis_numbers(question, others),
        ),
        tables=(_steps_table(question, bridges),) if bridges else (),
        figures=tuple(
            _figure(question, direction, bridge) for direction, bridge in bridges.items()
        ),
        words={
            f"{question.name}.other-basis": " ".join(others),
            **_qualifiers(question, bridges),
            **question.refusals("bridge", refused),
            **{
                f"{question.name}.bridge.{direction}.{key}": word
                for direction, bridge in bridges.items()
                for key, word in _words(bridge).items()
            },
        },
    )


def _words(bridge: Bridge) -> dict[str, str]:
    return {
        "steps": ", ".join(step.id for step in bridge.steps),
        "sign": residual_sign(bridge.step("residual")),
        "explained": _explained(bridge),
    }


def residual_sign(residual: Step) -> str:
    """Say whether the importer reports less or more than is explained, over all ranges."""
    if residual.high < 0:
        return "less"
    return "more" if residual.low > 0 else "either"


def _explained(bridge: Bridge) -> str:
    """Say whether the steps explain all, part or none of the gap between reports of one period."""
    residual, gap = bridge.step("residual"), bridge.importer.value - bridge.exporter.value
    if residual_sign(residual) == "either":
        return "all"
    return "part" if 0 < residual.value * gap < gap**2 else "none"


def _find(
    question: MirrorQuestion,
    direction: str,
    sender: str,
    *,
    other_basis: Made[pd.DataFrame] | None = None,
    sources: Mapping[str, str] | None = None,
) -> Made[Bridge]:
    goods = {name: rows.arg for name, rows in question.left_out(direction).items()}
    return call(
        find_bridge,
        exporter_report=question.exporter_report(sender).arg,
        importer_report=question.importer_report(sender).arg,
        period=question.period,
        headline=question.headline,
        exporter_leaves_out=goods or None,
        importer_other_basis=None if other_basis is None else other_basis.arg,
        cif_fob_ratio=question.cif_fob_ratio,
        sources=sources,
    )


def _other_bases(question: MirrorQuestion) -> dict[str, Made[pd.DataFrame]]:
    """Return the importer's report on its other partner basis, if it is the side with months."""
    return question.on_other_bases() if question.months == question.importer else {}


def _numbers(question: MirrorQuestion, direction: str, made: Made[Bridge]) -> Iterator[Number]:
    """Yield every step of one direction, its size over all orders, and both reports."""
    bridge = made.value
    every = pd.concat([step.rows for step in bridge.steps if len(step.rows)])
    compared = f"comparison of the two reports in {bridge.period.label}"
    for step in bridge.steps:
        if step.kind != "level":
            yield _step_number(
                question,
                f"{direction}.{step.id}",
                _step_of(made, step.id),
                f"{step.name}: step of the {compared} ({step.assumption}).",
                step.rows if len(step.rows) else every,
                digits=bridge.decimals,
            )
    for _, row in bridge.orders().iterrows():
        yield _step_number(
            question,
            f"{direction}.order.{row['id']}",
            _over_orders(made, str(row["id"])),
            f"{row['step']}: smallest and largest size of the step over all orders of the "
            f"{compared}.",
            every,
            digits=bridge.decimals,
        )
    for side, report in (
        ("exporter", made.part(lambda bridge: bridge.exporter)),
        ("importer", made.part(lambda bridge: bridge.importer)),
    ):
        yield _report_number(question, direction, side, report, digits=bridge.decimals)
    if _explained(bridge) == "part":
        yield _share_number(question, direction, made, every)


def _step_of(made: Made[Bridge], name: str) -> Made[Step]:
    return made.part(lambda bridge: bridge.step(name))


def _over_orders(made: Made[Bridge], name: str) -> Made[Range]:
    return made.part(lambda bridge: bridge.over_orders(name))


def _step_number(
    question: MirrorQuestion,
    name: str,
    size: Made[Step] | Made[Range],
    about: str,
    rows: pd.DataFrame,
    *,
    digits: int,
) -> Number:
    return make_number(
        question.name,
        name,
        size.part(lambda step: step.value / MILLION),
        "USD million",
        about,
        digits=digits,
        rows=rows,
        bounds=size.part(lambda step: (step.low / MILLION, step.high / MILLION)),
    )


def _share_number(
    question: MirrorQuestion, direction: str, made: Made[Bridge], rows: pd.DataFrame
) -> Number:
    """Return the part of the gap between the reports of the period that no step explains."""
    gap = made.part(lambda bridge: bridge.importer.value - bridge.exporter.value)
    residual = _step_of(made, "residual")
    first, last = ("low", "high") if gap.value > 0 else ("high", "low")
    return make_number(
        question.name,
        f"{direction}.residual.share",
        residual.combined(gap, lambda step, apart: 100 * step.value / apart),
        "%",
        "What no step explains, as a part of the gap between the two reports in "
        f"{made.value.period.label}.",
        digits=0,
        rows=rows,
        bounds=residual.combined(
            gap,
            lambda step, apart: (
                100 * getattr(step, first) / apart,
                100 * getattr(step, last) / apart,
            ),
        ),
    )


def _report_number(
    question: MirrorQuestion, direction: str, side: str, report: Made[Recut], *, digits: int
) -> Number:
    bound = report.part(lambda cut: (cut.value / MILLION, None))
    sender = dict(question.directions)[direction]
    sends, receives = country_name(sender), country_name(question.other(sender))
    told_by = sends if side == "exporter" else receives
    return make_number(
        question.name,
        f"{direction}.{side}-report",
        report.part(lambda cut: cut.value / MILLION),
        "USD million",
        f"Trade from {sends} to {receives} in {report.value.period.label} as {told_by} reports it.",
        digits=digits,
        rows=report.value.rows,
        exact=report.value.is_whole,
        bounds=bound if is_bound(report.value) else None,
    )


def _other_basis_numbers(
    question: MirrorQuestion, others: Mapping[str, Made[pd.DataFrame]]
) -> Iterator[Number]:
    for basis, imports in others.items():
        made = _find(question, "flow", question.exporter, other_basis=imports)
        rows = made.value.step("basis").rows
        for name, step in (
            ("basis", _step_of(made, "basis")),
            ("residual.other-basis", _step_of(made, "residual")),
        ):
            about = f"Bridge with the importer's report by country of {basis}: {step.value.name}."
            digits = made.value.decimals
            yield _step_number(question, f"flow.{name}", step, about, rows, digits=digits)


def _steps_table(question: MirrorQuestion, bridges: Mapping[str, Bridge]) -> Table:
    """Return each step with its low and high, and its smallest and largest size in any order."""
    senders = dict(question.directions)
    frames = []
    for direction, bridge in bridges.items():
        orders = bridge.orders().set_index("id")[["lowest", "highest"]]
        steps = bridge.tidy().join(orders, on="id")
        frames.append(steps.assign(flow=question.title(senders[direction])))
    frame = pd.concat(frames, ignore_index=True)
    decimals = min(bridge.decimals for bridge in bridges.values())
    amounts = ["value", "low", "high", "lowest", "highest"]
    frame[amounts] /= MILLION
    for low, high in (("low", "high"), ("lowest", "highest")):
        frame[[low, high]] = frame[[low, high]].where(frame[low] != frame[high])
    return Table(
        id=f"{question.name}-bridge-steps",
        frame=frame[["flow", "step", *amounts, "assumption"]],
        labels={
            "flow": "Flow",
            "step": "Step",
            "value": "Value",
            "low": "Low",
            "high": "High",
            "lowest": "Smallest",
            "highest": "Largest",
            "assumption": "Rests on",
        },
        formats=dict.fromkeys(amounts, f".{decimals}f"),
        caption=(
            f"From one report to the other of the trade between {country_name(question.exporter)} "
            f"and {country_name(question.importer)}, step by step, USD million."
        ),
        note=(
            "Low and high: range of the step under the other assumptions, open where the source "
            "states a bound on one side only. Smallest and largest: over all orders of the steps "
            "after the calendar, factors at the middle of their ranges. Empty where nothing moves "
            "the step. What is not explained is the same in every order."
        ),
        rows=_rows(*bridges.values()),
    )


def _figure(question: MirrorQuestion, direction: str, bridge: Bridge) -> Figure:
    sender = dict(question.directions)[direction]
    sends, receives = country_name(sender), country_name(question.other(sender))
    drawing = bridge.drawing()
    rows = _rows(bridge)
    return Figure(
        id=f"{question.name}-bridge" + ("" if direction == "flow" else f"-{direction}"),
        draw=drawing.draw,
        data=drawing.data,
        options=drawing.options,
        caption=(
            f"From {sends}’s report of its exports to {receives} to {receives}’s report of the "
            f"same imports, USD million: {_remains(bridge)}. Whiskers: range of each step under "
            "the other assumptions."
        ),
        source=source_line(rows),
        rows=rows,
    )


def _remains(bridge: Bridge) -> str:
    """Say what of the gap between the reports the steps leave."""
    if _explained(bridge) == "all":
        return "the known steps can explain the whole gap"
    residual = bridge.step("residual")
    ends = (print_value(end / MILLION, bridge.decimals) for end in (residual.low, residual.high))
    return f"{' to '.join(ends)} remain unexplained"


def _qualifiers(question: MirrorQuestion, bridges: Mapping[str, Bridge]) -> dict[str, str]:
    """Return "more than" for each report that is a lower bound, "" for each that is not."""
    return {
        f"{question.name}.{direction}.{side}-qualifier": ("more than " if is_bound(report) else "")
        for direction, bridge in bridges.items()
        for side, report in (("exporter", bridge.exporter), ("importer", bridge.importer))
    }


def _rows(*bridges: Bridge) -> Rows:
    parts = [step.rows for bridge in bridges for step in bridge.steps if len(step.rows)]
    return rows_by_dataset(pd.concat(parts))
