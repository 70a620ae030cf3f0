"""What the sections `choices` of several studies share: the figure, numbers and words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flows.canonical import print_value
from flows.compare.choices import DOES_NOT_APPLY, ChoiceComparison
from flows.findings import Figure, Number
from flows.origin import Made, code_lines
from flows.results import print_with_unit
from flows.studies.numbers import Ends, make_number, union_of
from flows.table import Rows

Options = Mapping[str, Mapping[str, Any]]
"""Printed name of a choice to its options: printed label to what it stands for."""


_BESIDE = (
    "Beside each choice: how far apart its options lie on average, the other choices unchanged."
)

_MOST = 0.75
"""Part of the other combinations that a text calls most of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What one combination gives, with the code of it, its bounds if it has any, and its lines."""

    made: Made[float]
    rows: Rows
    bounds: Made[Ends] | None = None

    @property
    def value(self) -> float:
        """The value."""
        return self.made.value

    @property
    def low(self) -> float | None:
        """Lower bound."""
        return None if self.bounds is None else self.bounds.value[0]

    @property
    def high(self) -> float | None:
        """Upper bound."""
        return None if self.bounds is None else self.bounds.value[1]

    @property
    def code(self) -> str:
        """Lines of Python that give the value and its bounds."""
        wanted: dict[str, Made[object]] = {"value": self.made}
        if self.bounds is not None:
            wanted["low, high"] = self.bounds
        return "\n".join(code_lines(wanted))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Compared:
    """
    Every combination of a study's choices, and how they are printed.

    ``key``: first part of the ids of its numbers and words (``choices``), ``number``: id of the
    number of the report that is one of them, ``title``: what is measured, ``digits``: decimals.
    """

    study: str
    key: str
    number: str
    title: str
    unit: str
    digits: int
    comparison: ChoiceComparison

    def figure(self, name: str, *, unit_label: str, caption: str, source: str) -> Figure:
        """Return the figure of all combinations, each with its code."""
        drawing = self.comparison.drawing()
        answers = self.comparison.answers
        codes = [answer.code if isinstance(answer, Answer) else "" for answer in answers]
        return Figure(
            id=name,
            draw=drawing.draw,
            data=drawing.data.assign(code=codes),
            options={
                **drawing.options,
                "unit_label": unit_label,
                "decimals": self.digits,
                "number": self.number,
            },
            caption=f"{caption} {_BESIDE}",
            source=source,
            rows=self.rows,
        )

    @property
    def known(self) -> list[Answer]:
        """Those answers that there are, the lowest first."""
        return [answer for answer in self.comparison.answers if isinstance(answer, Answer)]

    @property
    def rows(self) -> Rows:
        """Every line of the raw files that is in one of the combinations."""
        return union_of(answer.rows for answer in self.known)

    def numbers(self) -> Iterator[Number]:
        """Yield the lowest, the median and the highest value."""
        known = self.known
        middle = (known[(len(known) - 1) // 2], known[len(known) // 2])
        median = middle[0].made
        if middle[0] is not middle[1]:
            median = median.combined(middle[1].made, lambda lower, upper: (lower + upper) / 2)
        for word, made, rows in (
            ("lowest", known[0].made, known[0].rows),
            ("median", median, union_of(answer.rows for answer in middle)),
            ("highest", known[-1].made, known[-1].rows),
        ):
            yield make_number(
                self.study,
                f"{self.key}.{word}",
                made,
                self.unit,
                f"The {word} value over all combinations of choices: {self.title}.",
                digits=self.digits,
                rows=rows,
            )

    def words(self) -> dict[str, str]:
        """Return how many combinations there are, where the own one stands, what moves it most."""
        found = self.comparison
        moves = found.moves.iloc[0]["moves"]
        words = {
            "combinations": len(found.frame),
            "computed": len(found.known),
            "without-value": found.refused or "",
            "below": found.below,
            "above": found.above,
            "others": self._others,
            "lowest.by": self._apart(0),
            "highest.by": self._apart(len(found.known) - 1),
            "most": _in_a_sentence(found.most),
            "asked": ", ".join(map(_in_a_sentence, found.asked)),
            "most.moves": print_with_unit(print_value(moves, self.digits), self._moved_in)
            if found.most
            else "",
        }
        return {f"{self.study}.{self.key}.{name}": str(word) for name, word in words.items()}

    @property
    def _others(self) -> str:
        """Say where most other combinations are: ``lower``, ``higher`` or, of neither, nothing."""
        found = self.comparison
        most = _MOST * (len(found.known) - 1)
        return "lower" if found.below >= most else "higher" if found.above >= most else ""

    def _apart(self, place: int) -> str:
        """Name the options in which a combination is another one than that of the report."""
        frame = self.comparison.frame
        row, own = frame.iloc[place], frame[frame["own"]].iloc[0]
        return ", ".join(
            f"{_in_a_sentence(choice)} ({row[choice]})"
            for choice in self.comparison.choices
            if row[choice] not in (own[choice], DOES_NOT_APPLY)
        )

    @property
    def _moved_in(self) -> str:
        return "points" if self.unit == "%" else self.unit


def _in_a_sentence(choice: str) -> str:
    return choice[:1].lower() + choice[1:]


def offered(choices: Options) -> dict[str, Mapping[str, Any]]:
    """Return the choices that are some: those with two options at least."""
    return {choice: options for choice, options in choices.items() if len(options) > 1}


def conditions_among(
    conditions: Mapping[str, Mapping[str, list[str]]], choices: Options
) -> dict[str, dict[str, list[str]]]:
    """Return what choices need, of those choices that are offered."""
    return {
        choice: {other: labels for other, labels in needed.items() if other in choices}
        for choice, needed in conditions.items()
        if choice in choices
    }
