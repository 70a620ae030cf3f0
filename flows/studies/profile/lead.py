"""The lead of a profile: the essential of a pair in a few sentences for each direction."""

import math
from collections.abc import Iterator, Sequence

from flows.canonical import MINUS, print_value, shared_decimals
from flows.countries import country_name
from flows.findings import Findings
from flows.studies.profile.question import PairQuestion
from flows.studies.profile.stated import Dynamics, Statement, preferred
from flows.studies.profile.tables import million_of
from flows.studies.section import About
from flows.table import ORGANISATIONS, TIV

ABOUT = About()


def lead(question: PairQuestion) -> Findings:
    """
    Say of each direction who states what, since when, its last level, growth and the gap.

    Words ``out`` and ``back``; that a side states nothing is said too.
    """
    sentences = [_sentence(question, *direction) for direction in question.directions]
    ways = zip(("out", "back"), sentences, strict=True)
    return Findings(words={f"{question.name}.{way}": sentence for way, sentence in ways})


def _sentence(question: PairQuestion, exporter: str, importer: str) -> str:
    direction = (exporter, importer)
    sides = {side: _last_stated(question, direction, side) for side in direction}
    stated = [statement for statement in sides.values() if statement]
    parts = [_statement(question, statement) for statement in stated]
    if len(stated) == len(sides):
        parts += _gap(question, *stated)
    else:
        parts.append(_silence(question, [side for side in direction if not sides[side]]))
    for organisation in ORGANISATIONS:
        statement = _last_stated(question, direction, organisation)
        if statement and (statement.unit == TIV or not stated):
            parts.append(_statement(question, statement))
    told = ". ".join(f"{part[0].upper()}{part[1:]}" for part in parts)
    return f"{country_name(exporter)} to {country_name(importer)}: {told}."


def _silence(question: PairQuestion, countries: Sequence[str]) -> str:
    if len(countries) > 1:
        return f"neither country states it in {question.place}"
    return f"{country_name(countries[0])} states nothing in {question.place}"


def _last_stated(
    question: PairQuestion, direction: tuple[str, str], reporter: str
) -> Statement | None:
    """Return what a reporter states of a flow to the latest day, the longer where two do."""
    own = [
        statement
        for statement in preferred(question.statements)
        if (statement.exporter, statement.importer) == direction
        and statement.reporter == reporter
        and len(statement.years)
    ]
    return max(
        own, key=lambda statement: (statement.rows["end"].max(), len(statement.years)), default=None
    )


def _statement(question: PairQuestion, statement: Statement) -> str:
    first, last = str(statement.years.index[0]), str(statement.years.index[-1])
    words = [
        statement.calendar.replace("-", " ") if statement.calendar != "gregorian" else "",
        f"since {first}" if first != last else "",
    ]
    since = f" ({', '.join(filter(None, words))})" if any(words) else ""
    moved = question.dynamics[question.statements.index(statement)]
    return f"{statement.says} states {_amount(statement)} for {last}{since}{_growth(moved)}"


def _amount(statement: Statement) -> str:
    """Return the last yearly level with its unit, ``more than`` where it is open upward."""
    unit, amount = statement.unit, statement.years.iloc[-1] / million_of(statement.unit)
    printed = print_value(amount, shared_decimals([amount], most=1))
    level = f"{printed} million TIV" if unit == TIV else f"{unit} {printed} million"
    return f"more than {level}" if math.isinf(statement.high.iloc[-1]) else level


def _growth(moved: Dynamics) -> str:
    if math.isnan(moved.growth):
        return ""
    if moved.low <= 0 <= moved.high:
        how = f"without a clear trend: {moved.growth:.1f}% a year"
    elif moved.growth > 0:
        how = f"growing {moved.growth:.1f}% a year"
    else:
        how = f"falling {-moved.growth:.1f}% a year"
    ends = f"{moved.low:.1f} to {moved.high:.1f}"
    return f", {how} (95% interval {ends})".replace("-", MINUS)


def _gap(question: PairQuestion, said: Statement, heard: Statement) -> Iterator[str]:
    """Yield how far the two sides are apart in the last year that both state."""
    both = question.asymmetries_of_one_basis
    of_flow = both[both["flow"] == said.title]
    if len(of_flow):
        last = of_flow.iloc[-1]
        ratio = f"{last['ratio']:.2f}"
        yield f"for {last['year']} {heard.says} states {ratio} times what {said.says} does"
