"""One value of each direction from both reports, with its interval, under errors that are given."""

from collections.abc import Iterator, Mapping

import pandas as pd

from flows.compare.mirror_pairs import SIDES, pair_statements
from flows.compare.reconcile import Reconciled, reconcile
from flows.countries import country_name
from flows.errors import SchemaError
from flows.findings import Findings, Number
from flows.origin import Made, call
from flows.studies.mirror.question import MILLION, MirrorQuestion
from flows.studies.numbers import make_number
from flows.studies.section import About

ABOUT = About(
    needs="both sides’ reports of all goods in the period, `cif_fob_ratio` and `log_std_devs`"
)


def one_number(
    question: MirrorQuestion, *, log_std_devs: Mapping[str, float], level: float = 0.95
) -> Findings:
    """
    Put both reports of each direction together into one value FOB.

    ``log_std_devs`` is the standard deviation of the log error of each reporter: it decides the
    weights, and one pair of countries cannot show it. ``level`` is the coverage of the intervals if
    they are right. Numbers of the value, of a bound that a side states, of weights and errors, and
    ``<direction>.widened`` where the reports disagree by more than these. Words ``.kind``,
    ``.audit``, ``.bounded`` (who states a bound only), ``.believed`` (who is believed instead) and
    ``.widened``. A word ``one-number.<direction>.refused`` says why a direction is not there;
    reports that contradict each other stop.
    """
    answers, refused = question.both_ways(
        lambda direction, sender: _reconcile(question, direction, sender, log_std_devs, level)
    )
    words = question.refusals("one-number", refused)
    for direction, _ in question.directions:
        words[f"{question.name}.{direction}.widened"] = ""
    for direction, made in answers.items():
        for word, of in _words(question, made.value.table.iloc[0]).items():
            words[f"{question.name}.{direction}.{word}"] = of
    return Findings(
        numbers=tuple(
            number
            for direction, made in answers.items()
            for number in (
                *_values(question, direction, made),
                *_weights(question, direction, made),
            )
        ),
        words=words,
    )


def _words(question: MirrorQuestion, flow: pd.Series) -> dict[str, str]:
    """Return how a value was found, and whose bound leaves the other side to be believed."""
    bounded = next((side for side in SIDES if flow["kind"] == f"{side}'s bound"), None)
    other = None if bounded is None else question.other(flow[bounded])
    return {
        "kind": flow["kind"],
        "audit": flow["audit"],
        "bounded": "" if bounded is None else country_name(flow[bounded]),
        "believed": "" if other is None else country_name(other),
        "widened": "yes" if flow["widened"] > 1 else "",
    }


def _reconcile(
    question: MirrorQuestion,
    direction: str,
    sender: str,
    log_std_devs: Mapping[str, float],
    level: float,
) -> Made[Reconciled]:
    if question.cif_fob_ratio is None:
        raise ValueError(
            "question: expected cif_fob_ratio, the range of the ratio of CIF to FOB such as "
            "(1.06, 1.10), found none"
        )
    goods = {name: rows.arg for name, rows in question.left_out(direction).items()}
    pairs = call(
        pair_statements,
        question.exporter_report(sender).arg,
        question.importer_report(sender).arg,
        period=question.period,
        exporter_leaves_out=goods or None,
    ).called("pairs")
    return call(
        reconcile,
        pairs.arg,
        log_std_devs=log_std_devs,
        cif_fob_ratio=question.cif_fob_ratio,
        level=level,
    ).called("reconciled")


def _values(question: MirrorQuestion, direction: str, made: Made[Reconciled]) -> Iterator[Number]:
    """Yield the value of one direction, and the bound that a side states, if any."""
    flow, rows = made.value.table.iloc[0], made.value.pairs.rows
    title, period = question.title(flow["exporter"]), question.period
    if pd.isna(flow["value"]):
        raise SchemaError(
            f"{title}, {period.label}: expected statements that allow one value, found "
            f"{flow['audit']}; leave the section one_number out"
        )
    yield make_number(
        question.name,
        f"{direction}.value",
        _amount(made, "value"),
        "USD million",
        f"Trade from {title} in {period.label}, FOB, as both reports together have it: "
        f"{flow['audit']}.",
        digits=0,
        rows=rows,
        interval=made.part(
            lambda both: (
                both.table["interval_low"].iloc[0] / MILLION,
                both.table["interval_high"].iloc[0] / MILLION,
            )
        ),
        level=made.value.level,
    )
    if flow["widened"] > 1:
        yield make_number(
            question.name,
            f"{direction}.widened",
            made.part(lambda both: both.table["widened"].iloc[0]),
            "ratio",
            f"Factor by which the interval of the trade from {title} is widened (Birge).",
            digits=1,
            rows=rows,
        )
    if pd.notna(flow["at_least"]):
        yield make_number(
            question.name,
            f"{direction}.at-least",
            _amount(made, "at_least"),
            "USD million",
            f"Bound that a side states of the trade from {title}, FOB.",
            digits=0,
            rows=rows,
            bounds=made.part(lambda both: (both.table["at_least"].iloc[0] / MILLION, None)),
        )


def _amount(made: Made[Reconciled], column: str) -> Made[float]:
    return made.part(lambda both: both.table[column].iloc[0] / MILLION)


def _weights(question: MirrorQuestion, direction: str, made: Made[Reconciled]) -> Iterator[Number]:
    """Yield how far each side is believed."""
    title = question.title(made.value.table["exporter"].iloc[0])
    for side in SIDES:
        for name, column, unit, about in (
            ("weight", "weight", "%", "Weight of"),
            ("std-dev", "std_dev", "log points", "Standard deviation given to the log of"),
        ):
            yield make_number(
                question.name,
                f"{direction}.{side}-{name}",
                _percent(made, f"{side}_{column}"),
                unit,
                f"{about} the {side}'s report of the trade from {title}.",
                digits=0,
                rows={},
            )


def _percent(made: Made[Reconciled], column: str) -> Made[float]:
    return made.part(lambda both: 100 * both.table[column].iloc[0])
