"""One value of each direction from both reports, with its interval, under errors that are given."""

import math
from collections.abc import Iterator, Mapping

import pandas as pd

from flows.compare.differences import Side, check_apart, check_one_flow, part_in, side_in
from flows.compare.mirror_pairs import SIDES, MirrorPairs
from flows.compare.reconcile import Reconciled, reconcile
from flows.errors import SchemaError
from flows.findings import Findings, Json, Number
from flows.studies.mirror.question import MILLION, MirrorQuestion
from flows.studies.numbers import numbers_of


def one_number(
    question: MirrorQuestion, *, log_std_devs: Mapping[str, float], level: float = 0.95
) -> Findings:
    """
    Put both reports of each direction together into one value FOB.

    ``log_std_devs`` is the standard deviation of the log error of each reporter: it decides the
    weights, and one pair of countries cannot show it. ``level`` is the coverage of the intervals if
    they are right. Numbers of the value, of a bound that a side states, of weights and errors; the
    audit line as a word. A word ``one-number.<direction>.refused`` says why a direction is not
    there; reports that contradict each other stop.
    """
    if question.cif_fob_ratio is None:
        raise ValueError("expected cif_fob_ratio, the range of the ratio of CIF to FOB, found none")
    ratio = question.cif_fob_ratio

    def answer(direction: str, sender: str) -> tuple[Reconciled, pd.DataFrame]:
        pairs, rows = _mirrors(question, direction, sender)
        return reconcile(pairs, log_std_devs=log_std_devs, cif_fob_ratio=ratio, level=level), rows

    answers, refused = question.both_ways(answer)
    numbers: list[Number] = []
    words = question.refusals("one-number", refused)
    for direction, (found, rows) in answers.items():
        numbers += _numbers(question, direction, found, rows, log_std_devs)
        for word in ("kind", "audit"):
            words[f"{question.name}.{direction}.{word}"] = found.table[word].iloc[0]
    return Findings(numbers=tuple(numbers), words=words)


def _mirrors(
    question: MirrorQuestion, direction: str, sender: str
) -> tuple[MirrorPairs, pd.DataFrame]:
    """Return the two statements of one direction in the period, and the rows that went in."""
    period = question.period
    both = question.both_statements(sender)
    says = {"exporter": both["exporter_report"], "importer": both["importer_report"]}
    goods = question.left_out(direction)
    check_apart(goods)
    unit = check_one_flow([says["exporter"]], [says["importer"], *goods.values()])
    sides = {side: side_in(rows, period=period, headline=period) for side, rows in says.items()}
    cuts = [part_in(rows, of=says["importer"], period=period) for rows in goods.values()]
    stated = {side: _stated(cut) for side, cut in sides.items()}
    for cut in cuts:
        stated["importer"] = {end: value - cut.value for end, value in stated["importer"].items()}
    table = pd.DataFrame(
        {
            "exporter": [sender],
            "importer": [question.other(sender)],
            "start": [pd.Timestamp(period.start)],
            "end": [pd.Timestamp(period.end)],
            "product": ["TOTAL"],
            **{f"{side}_{end}": [value] for side in SIDES for end, value in stated[side].items()},
            **{f"{side}_status": [_status(stated[side])] for side in SIDES},
            **{f"{side}_valuation": [sides[side].valuation] for side in SIDES},
        }
    )
    evidence = [sides[side].cut.rows for side in SIDES] + [cut.rows for cut in cuts]
    return MirrorPairs(table, unit, nominal_below=0.0), pd.concat(evidence)


def _stated(side: Side) -> dict[str, float]:
    """Return low, value and high of one side; ``high`` is missing where the source states none."""
    rows = side.cut.rows
    return {
        end: float((rows[end] * rows["weight"]).sum(skipna=False))
        for end in ("low", "value", "high")
    }


def _status(stated: Mapping[str, float]) -> str:
    if math.isnan(stated["high"]):
        return "at least"
    return "stated" if stated["value"] > 0 else "zero"


def _numbers(
    question: MirrorQuestion,
    direction: str,
    found: Reconciled,
    rows: pd.DataFrame,
    log_std_devs: Mapping[str, float],
) -> Iterator[Number]:
    flow, period = found.table.iloc[0], question.period
    title = question.title(flow["exporter"])
    if pd.isna(flow["value"]):
        raise SchemaError(f"{title}, {period.label}: expected a value, found {flow['audit']}")
    parameters: dict[str, Json] = {
        "exporter": flow["exporter"],
        "importer": flow["importer"],
        "period": period.label,
        "calendar": period.calendar,
        "cif_fob_ratio": [*(question.cif_fob_ratio or ())],
        "log_std_devs": dict(log_std_devs),
        "leaves_out": [*sorted(question.leaves_out)] if direction == "flow" else [],
        "basis": question.basis,
        "level": found.level,
    }
    make = numbers_of(question.name, "flows.reconcile", parameters)
    yield make(
        f"{direction}.value",
        flow["value"] / MILLION,
        "USD million",
        f"Trade from {title} in {period.label}, FOB, as both reports together have it: "
        f"{flow['audit']}.",
        digits=0,
        rows=rows,
        interval=(flow["interval_low"] / MILLION, flow["interval_high"] / MILLION),
        level=found.level,
    )
    if pd.notna(flow["at_least"]):
        yield make(
            f"{direction}.at-least",
            flow["at_least"] / MILLION,
            "USD million",
            f"Bound that a side states of the trade from {title}, FOB.",
            digits=0,
            rows=rows,
            bounds=(flow["at_least"] / MILLION, None),
        )
    for side in SIDES:
        for what, column, unit, about in (
            ("weight", "weight", "%", "Weight of"),
            ("std-dev", "std_dev", "log points", "Standard deviation given to the log of"),
        ):
            yield make(
                f"{direction}.{side}-{what}",
                100 * flow[f"{side}_{column}"],
                unit,
                f"{about} the {side}'s report of the trade from {title}.",
                digits=0,
                rows={},
            )
