"""The triangle: what went in in addition, what arrived, what went on, and what can follow."""

import math
from collections.abc import Callable, Iterator, Sequence
from operator import methodcaller

import pandas as pd

from flows.canonical import exact_sum, print_value
from flows.findings import Findings, Number, Table
from flows.measure.groups import is_group, members_between
from flows.origin import Made
from flows.studies.numbers import join_words, make_number
from flows.studies.section import About
from flows.studies.transit.question import (
    ARRIVALS,
    MILLION,
    TransitQuestion,
    decimals_of,
    rows_of,
    span_of,
)
from flows.studies.transit.triangle import NO_FREIGHT, RATIO_BEFORE, Triangle, others_of

ABOUT = About(
    needs=(
        "the statement of the country in the middle: what arrived in it, and its exports to "
        "`destination`"
    ),
    tables=("triangle",),
)

_LEAST = 0.1
"""Millions below which an amount is not named."""
_WHOLE_FROM = 10
"""Percent from which on a share is printed without decimals."""


def onward(question: TransitQuestion) -> Findings:
    """
    Say what of the additional exports can have gone on, within bounds that follow by logic.

    Additional is the sum over the years after that is above the yearly mean before. Numbers
    ``onward.additional.exports``, ``.arrivals.<basis>`` (as stated, CIF) and ``.onward``;
    ``onward.unmatched.<basis>``: what of the exports is not among the arrivals, in percent, as
    both are stated, with bounds over freight (none, both ends of the ratio) and over the ratio of
    arrivals to exports before; ``onward.through``: at most so much went on, at least nothing;
    ``onward.through.displacing``: the same if other exports to the destination fell;
    ``onward.not-theirs``: at least so much of the additional onward exports is none of these
    goods, without a mark-up, and ``onward.mark-up``, from which on nothing is;
    ``onward.not-theirs.all``: if all goods sent had gone on, and not only the additional. No share
    is made of a flow that fell. Words ``onward.missing``, ``onward.rose.<flow>``,
    ``onward.exceeds``, ``onward.exceeds-all``; table ``triangle``.
    """
    triangle = Triangle(question, question.before)
    return Findings(
        numbers=(*_additional(triangle), *_unmatched(triangle), *_gone_on(triangle)),
        tables=(_table(triangle),),
        words={f"{question.name}.onward.{key}": word for key, word in _words(triangle).items()},
    )


def _additional(triangle: Triangle) -> Iterator[Number]:
    question = triangle.question
    for flow, yearly in triangle.flows.items():
        value = triangle.more_of(flow)
        yield make_number(
            question.name,
            f"onward.additional.{flow.replace('-', '.')}",
            value,
            f"{question.currency} million",
            f"{question.title_of(flow)}: sum of {span_of(question.after)} above the yearly mean of "
            f"{span_of(triangle.base)}, {question.stated_by(flow)}.",
            digits=decimals_of(value.value),
            rows=rows_of(yearly),
        )


def _unmatched(triangle: Triangle) -> Iterator[Number]:
    """Yield what is not matched on each basis on which something was sent and arrived."""
    question = triangle.question
    for flow in triangle.arrivals if triangle.rose("exports") else []:
        if not triangle.rose(flow):
            continue
        shares = triangle.unmatched(flow)
        yield make_number(
            question.name,
            f"onward.unmatched.{_basis(flow)}",
            shares.part(lambda percent: percent[NO_FREIGHT]),
            "%",
            f"Additional exports to {question.words['via']} that are not among its additional "
            f"arrivals by {_basis(flow)}, both as stated; bounds: freight, and "
            "the ratio of arrivals to exports before.",
            digits=_digits(shares.value[NO_FREIGHT]),
            rows=rows_of(triangle.flows["exports"], triangle.flows[flow]),
            bounds=shares.part(lambda percent: (percent.min(), percent.max())),
        )


def _gone_on(triangle: Triangle) -> Iterator[Number]:
    """Yield how much can have gone on, and how much of what went on is something else."""
    question = triangle.question
    rows = rows_of(*triangle.flows.values())
    via, destination = question.words["via"], question.words["destination"]
    of = f"Most that can have reached {destination} of the additional exports to {via}"
    for key, made, about in (
        ("through", triangle.through, f"{of}, if other exports of {via} there did not fall."),
        ("through.displacing", triangle.displacing, f"{of}, whatever its other exports there."),
    ):
        if made is not None:
            yield make_number(
                question.name,
                f"onward.{key}",
                made,
                f"{question.currency} million",
                about,
                digits=decimals_of(made.value),
                rows=rows,
                bounds=made.part(lambda most: (0.0, most)),
            )
    for key, share, about in others_of(triangle):
        yield make_number(
            question.name,
            f"onward.{key}",
            share,
            "%",
            about,
            digits=_digits(share.value),
            rows=rows_of(triangle.flows["exports"], triangle.flows["onward"]),
            bounds=None if key == "mark-up" else share.part(lambda least: (least, 100.0)),
        )


def _words(triangle: Triangle) -> dict[str, str]:
    question = triangle.question
    absent = [
        part
        for part, there in (
            (f"what arrived from {question.origin_name}", triangle.arrivals),
            (f"its exports to {question.words['destination']}", "onward" in triangle.flows),
        )
        if not there
    ]
    return {
        "missing": join_words(absent, nothing=""),
        **{
            f"rose.{flow}": "yes" if triangle.rose(flow) else ""
            for flow in ("exports", *ARRIVALS, "onward")
        },
        **{f"there.{flow}": "yes" if flow in triangle.flows else "" for flow in ARRIVALS},
        "through": "yes" if triangle.is_whole else "",
        "displaces": "yes" if triangle.displaces else "",
        "exceeds": "yes" if triangle.exceeds else "",
        "exceeds-all": "yes" if triangle.exceeds_all else "",
        "base": str(question.before[1]) if len(question.bases_before) > 1 else "",
    }


class _Lines:
    """Rows of the table, each under a letter by which others name it."""

    def __init__(self, triangles: Sequence[Triangle]) -> None:
        self.triangles = triangles
        self._keys: list[str] = []
        self.rows: list[dict[str, object]] = []

    def letter(self, key: str) -> str:
        """Return the letter of a row."""
        return chr(ord("A") + self._keys.index(key))

    def add(
        self,
        key: str,
        what: str,
        unit: str,
        reckoned: str,
        value: Callable[[Triangle], float | None],
    ) -> None:
        """Add a row with its value against each base; missing where nothing follows."""
        self._keys.append(key)
        values = {span_of(triangle.base): value(triangle) for triangle in self.triangles}
        if any(one is not None for one in values.values()):
            of = {base: math.nan if one is None else one for base, one in values.items()}
            row = {"row": self.letter(key), "what": what, "unit": unit, "reckoned": reckoned}
            self.rows.append({**row, **of})
        else:
            self._keys.pop()


def _table(triangle: Triangle) -> Table:
    question = triangle.question
    lines = _Lines([triangle, *(Triangle(question, one) for one in question.bases_before[1:])])
    _add_amounts(lines, triangle)
    _add_unmatched(lines, triangle)
    _add_bounds(lines, triangle)
    columns = [span_of(one.base) for one in lines.triangles]
    return Table(
        id=f"{question.name}-triangle",
        frame=pd.DataFrame(lines.rows),
        labels={
            "row": "Row",
            "what": "What",
            "reckoned": "Calculated as",
            **{column: f"Above {column}" for column in columns},
            "unit": "Unit",
        },
        formats=dict.fromkeys(columns, ",.1f"),
        caption=(
            f"What {question.origin_name} sent to {question.words['via']} in addition in "
            f"{span_of(question.after)}, and what can be said of where it went."
        ),
        note=(
            f"Additional: sum of {span_of(question.after)}, less as many times the yearly mean of "
            f"the years in the heading.{_how_to_read(triangle)}{_unnamed(triangle)}"
        ),
        rows=rows_of(*triangle.flows.values()),
    )


def _add_amounts(lines: _Lines, triangle: Triangle) -> None:
    """Add the flows, and the ratios before, of which the other rows are made."""
    question = triangle.question
    million, years = f"{question.currency} million", span_of(question.after)
    for flow in triangle.flows:
        title, valued = question.title_of(flow), question.valuation_of(flow)
        lines.add(
            flow,
            f"Additional {title[0].lower()}{title[1:]}",
            million,
            ", ".join(word for word in ("as stated", valued) if word),
            methodcaller("amount_of", flow),
        )
    for flow in ("exports", "onward") if triangle.is_whole else ():
        title = f"All {question.title_of(flow).lower()[:7]}{question.title_of(flow)[7:]}"
        lines.add(
            f"all-{flow}", title, million, f"sum of {years}", methodcaller("amount_after", flow)
        )
    for flow in triangle.arrivals:
        lines.add(
            f"ratio-{flow}",
            f"Ratio before, {_basis(flow)}",
            "%",
            "mean of arrivals / mean of exports",
            methodcaller("percent_of_exports", flow),
        )


def _add_unmatched(lines: _Lines, triangle: Triangle) -> None:
    """Add what is not matched on each basis, by assumption."""
    if not triangle.rose("exports"):
        return
    exports = lines.letter("exports")
    for flow in triangle.arrivals:
        arrivals, held = lines.letter(flow), lines.letter(f"ratio-{flow}")
        for key, ratio in triangle.ratios(flow).value.items():
            words, factor = {
                NO_FREIGHT: ("both as stated", ""),
                RATIO_BEFORE: ("at the ratio before", f"{held} × "),
            }.get(str(key), (f"freight at a ratio of {ratio:g}", f"{ratio:g} × "))
            below = f"({factor}{exports})" if factor else exports
            lines.add(
                f"{flow}-{key}",
                f"Not matched by {_basis(flow)}, {words}",
                "% of exports",
                f"1 − {arrivals} / {below}",
                methodcaller("share_unmatched", flow, key),
            )


def _add_bounds(lines: _Lines, triangle: Triangle) -> None:
    """Add what can have gone on, and what of the onward exports is something else."""
    if not triangle.is_whole:
        return
    question, million = triangle.question, f"{triangle.question.currency} million"
    exports, onward_ = lines.letter("exports"), lines.letter("onward")
    everything, total = lines.letter("all-exports"), lines.letter("all-onward")
    arrivals = [lines.letter(flow) for flow in triangle.arrivals]
    reckoned = (
        f"{exports} − max(0, min({exports}, {arrivals[0]} / r) − {{}}), the largest over "
        f"{join_words(arrivals)} and the ratios r"
    )
    to = f"can have reached {question.words['destination']}"
    lines.add(
        "through",
        f"At most so much of {exports} {to}",
        million,
        reckoned.format(onward_),
        lambda one: None if one.through is None else one.through.value,
    )
    lines.add(
        "displacing",
        f"The same, if other exports of {question.words['via']} there fell",
        million,
        reckoned.format(total),
        lambda one: None if one.displacing is None else one.displacing.value,
    )
    for key, what, formula in (
        (
            "not-theirs",
            f"At least so much of {onward_} is other goods",
            f"1 − {exports} / {onward_}",
        ),
        ("mark-up", "Freight and mark-up at which none has to be", f"{onward_} / {exports} − 1"),
        (
            "not-theirs.all",
            f"Other goods, if all of {everything} had gone on",
            f"1 − {everything} / {onward_}",
        ),
    ):
        unit = f"% of {exports}" if key == "mark-up" else f"% of {onward_}"
        lines.add(key, what, unit, formula, methodcaller("share_of_others", key))


def _digits(percent: float) -> int:
    return 0 if abs(percent) >= _WHOLE_FROM else 1


def _basis(flow: str) -> str:
    return flow.removeprefix("arrivals-")


def _how_to_read(triangle: Triangle) -> str:
    if not triangle.arrivals:
        return ""
    return (
        " An empty cell: nothing follows, or a flow fell, of which no share is made; in what can "
        "have gone on it counts as 0. Ratio r: arrivals for one of exports, 1 without freight. At "
        "the ratio before, the share is the same whether additional amounts are compared or all of "
        "the years after."
    )


def _unnamed(triangle: Triangle) -> str:
    """Return what of arrivals is from members that are not named, as a sentence, or nothing."""
    question = triangle.question
    if not is_group(question.origin):
        return ""
    parts = [
        f"{print_value(amount, 1)} by {_basis(flow)}"
        for flow in triangle.arrivals
        if (amount := _from_unnamed(question, triangle.flows[flow], _basis(flow))) >= _LEAST
    ]
    if not parts:
        return ""
    return (
        f" Arrivals include those from members of {question.origin_name} that "
        f"{question.words['via']} does not name: {question.currency} million in "
        f"{span_of(question.after)}, {join_words(parts)}."
    )


def _from_unnamed(question: TransitQuestion, flow: Made[pd.Series], basis: str) -> float:
    """Return what arrived in the years after under a code that stands for several members."""
    start, end = pd.Timestamp(question.after[0], 1, 1), pd.Timestamp(question.after[1], 12, 31)
    codes = {*flow.value.attrs["members"]} - {*members_between(question.origin, start, end)}
    table = question.table_of("onward")
    if table is None or not codes:
        return 0.0
    rows = table.value
    unnamed = rows[
        rows["exporter"].isin(codes)
        & (rows["importer"] == question.via)
        & (rows["partner_basis"] == basis)
        & rows["start"].between(start, end)
    ]
    return float(exact_sum(unnamed["value"])) / MILLION
