"""One measure under every combination of named choices, and what the result owes to each choice."""

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from numbers import Real

import numpy as np
import pandas as pd

from flows.canonical import canonical, exact_sum
from flows.errors import FlowsError, SampleError, did_you_mean
from flows.results import (
    Card,
    DrawingCall,
    Drawn,
    decimals_of,
    print_between,
    print_count,
    print_estimate,
    print_with_unit,
)

MOST_COMBINATIONS = 300
"""More of them nobody reads, and a figure cannot show."""

DOES_NOT_APPLY = "does not apply"
"""Stands in the column of a choice that a combination does not have."""

NO_VALUE = "the measure gives no value"

_OWN_COLUMNS = ("value", "low", "high", "own", "reason")

_Labels = tuple[str, ...]
"""One option of each choice, in the order of the choices."""

_Answer = tuple[object, str]
"""What the measure gives, or why it gives nothing."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class ChoiceComparison(Drawn):
    """
    One measure under every combination of choices, and how far each choice moves it.

    Combinations are no sample: nobody drew them, many share most of their data, and a choice with
    more options has more of them. So there is no p-value, and how many of them lie above some value
    is no evidence for it. What they show is the range that can be reached, and which choice has to
    be defended.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a combination, the lowest value first, those without a value last: one column a
        choice with the label of its option (``"does not apply"`` where the combination does not
        have the choice), ``value``, ``low`` and ``high`` (missing where the measure gives none),
        ``own`` (true for the combination that was named as one's own), ``reason`` (why there is no
        value; empty where there is one).
    moves : pandas.DataFrame
        One row a choice, the one that moves the result most first, then in the order of the
        alphabet: ``choice``, ``options`` (how many), ``moves`` (the highest less the lowest value
        over its options, mean over all combinations of the other choices), ``most`` (the largest of
        these), ``compared`` (how many combinations of the others have a value under two of its
        options at least; the mean is over these, and missing where there are none).
    answers : tuple
        What the measure returned, row by row; none where it gave no value.
    unit : str
        Unit of the values.
    """

    natural_table = "frame"

    frame: pd.DataFrame
    moves: pd.DataFrame
    answers: tuple[object, ...]
    unit: str

    @property
    def choices(self) -> list[str]:
        """Names of the choices, the one that moves the result most first."""
        return [str(choice) for choice in self.moves["choice"]]

    @property
    def asked(self) -> list[str]:
        """Names of the choices, in the order in which they were named."""
        return [str(column) for column in self.frame if column not in _OWN_COLUMNS]

    @property
    def most(self) -> str:
        """The choice that moves the result most; empty where none moves it."""
        first = self.moves.iloc[0]
        return str(first["choice"]) if first["moves"] > 0 else ""

    @property
    def known(self) -> "pd.Series[float]":
        """The values that there are, the lowest first."""
        known: pd.Series[float] = self.frame["value"].dropna()
        return known

    @property
    def lowest(self) -> float:
        """The lowest value."""
        return float(self.known.iloc[0])

    @property
    def highest(self) -> float:
        """The highest value."""
        return float(self.known.iloc[-1])

    @property
    def median(self) -> float:
        """The value in the middle, or the mean of the two there."""
        return float(self.known.median())

    @property
    def own(self) -> float:
        """The value of one's own combination."""
        return float(self.frame.loc[self.frame["own"], "value"].iloc[0])

    @property
    def below(self) -> int:
        """How many combinations have a lower value than one's own."""
        return sum(canonical(value) < canonical(self.own) for value in self.known)

    @property
    def above(self) -> int:
        """How many combinations have a higher value than one's own."""
        return sum(canonical(value) > canonical(self.own) for value in self.known)

    @property
    def rank(self) -> int:
        """Place of one's own among the values: 1 for the lowest, the better one of equals."""
        return self.below + 1

    @property
    def refused(self) -> int:
        """How many combinations have no value."""
        return len(self.frame) - len(self.known)

    def drawing(self) -> DrawingCall:
        """
        Return the combinations and the order of the choices.

        Returns
        -------
        DrawingCall
            For :func:`flows.figures.draw_choices`.
        """
        options = {
            "choices": self.choices,
            "unit_label": self.unit,
            "moves": [float(size) for size in self.moves["moves"]],
            "does_not_apply": DOES_NOT_APPLY,
            "decimals": decimals_of(max(abs(self.lowest), abs(self.highest))),
        }
        return DrawingCall("draw_choices", self.frame, options)

    def _card(self) -> Card:
        rank = f"{self.below} lower, {self.above} higher"
        sizes = zip(self.choices, self.moves["moves"], strict=True)
        return Card(
            title=f"{print_count(len(self.frame), 'combination')} of "
            f"{print_count(len(self.moves), 'choice')}",
            facts=(
                ("own", f"{self._print(self.own)}: {rank}"),
                ("range", print_between(self._print(self.lowest), self._print(self.highest))),
                ("median", self._print(self.median)),
                ("moves it most", self.most or "no choice moves it"),
                ("without a value", str(self.refused)),
            ),
            more=tuple((choice, f"moves it by {self._print(size)}") for choice, size in sizes),
            notes=("Combinations are no sample: how many of them agree is no evidence.",),
        )

    def _print(self, value: float) -> str:
        return print_with_unit(print_estimate(value), self.unit)


def compare_choices(
    measure: Callable[..., object],
    choices: Mapping[str, Mapping[str, object]],
    *,
    own: Mapping[str, str],
    applies: Mapping[str, Mapping[str, Collection[str]]] | None = None,
    unit: str = "",
) -> ChoiceComparison:
    """
    Call a measure for every combination of named options, one's own among them.

    Parameters
    ----------
    measure : callable
        Takes an option of each choice under the name of the choice, as a keyword. Returns a number,
        or a result with ``value`` and, if it has them, ``low`` and ``high``: :func:`flows.share`
        with its other arguments filled in, a function of one's own.
    choices : Mapping
        Name of a choice to its options, two at least: label of an option to what the measure is
        handed.
    own : Mapping
        Choice to the label of one's own option. A choice that does not apply there is left out.
    applies : Mapping, optional
        Choice to the options that other choices must have for it to be one:
        ``{"ratio": {"report": ["ARM"]}}`` asks for a ratio where the report is that of ``ARM`` and
        nowhere else. Elsewhere the measure is called without it, and the combinations that differ
        in nothing else are one.
    unit : str
        Unit of the values, for what is printed and drawn.

    Returns
    -------
    ChoiceComparison
        Every combination, the range of the result, and which choice moves it most. A combination
        for which the measure raises a :class:`~flows.errors.FlowsError`, or gives no finite value,
        stays there with the reason.

    Raises
    ------
    ValueError
        If there are more than 300 combinations, a choice has fewer than two options or the name of
        a column of the result, or ``own`` or ``applies`` names what is not there, or a choice that
        does not always apply itself.
    TypeError
        If the measure returns neither a number nor a result with a value.
    FlowsError
        What the measure raises for one's own combination; ``SampleError`` if it gives no value
        there.

    Notes
    -----
    All combinations of reasonable choices together are a specification curve [1]_, or multiverse
    [2]_, without the tests that were proposed for it: these take the combinations for a sample.

    How far a choice moves the result is the mean, over all combinations of the other choices, of
    the highest less the lowest value over its options. A combination of the others counts once, and
    where a value is there under two options at least.

    References
    ----------
    .. [1] Simonsohn, U., Simmons, J. P. and Nelson, L. D. (2020). Specification curve analysis.
       Nature Human Behaviour 4, 1208-1214.
    .. [2] Steegen, S., Tuerlinckx, F., Gelman, A. and Vanpaemel, W. (2016). Increasing transparency
       through a multiverse analysis. Perspectives on Psychological Science 11 (5), 702-712.

    Examples
    --------
    >>> import flows as fl
    >>> arms = {day: fl.load(f"sipri-deal-years@{day}") for day in ("2022-03", "2025-03")}
    >>> def share(release, first):
    ...     return fl.share(
    ...         release, supplier="ISR", importer="AZE", start=first, end=first + 4
    ...     )
    >>> found = compare_choices(
    ...     share,
    ...     {"release": arms, "first": {"2015": 2015, "2016": 2016}},
    ...     own={"release": "2025-03", "first": "2016"},
    ... )
    >>> found.most, [round(100 * value, 2) for value in found.known]
    ('first', [59.69, 60.32, 67.74, 69.47])
    """
    conditions = applies or {}
    _check_choices(choices)
    _check_conditions(conditions, choices)
    if not conditions:
        _check_number(math.prod(map(len, choices.values())), choices)
    every = {labels: _asked(labels, choices, conditions) for labels in product(*choices.values())}
    combinations = list(dict.fromkeys(every.values()))
    _check_number(len(combinations), choices)
    mine = _own_combination(own, choices, conditions)
    answers = {
        labels: _answer(measure, labels, choices, own=labels == mine) for labels in combinations
    }
    frame = _frame(answers, choices, mine)
    values = dict(zip(_keys(frame, choices), frame["value"], strict=True))
    return ChoiceComparison(
        frame=frame,
        moves=_moves(every, values, choices),
        answers=tuple(answers[labels][0] for labels in values),
        unit=unit,
    )


def _check_choices(choices: Mapping[str, Mapping[str, object]]) -> None:
    if not choices:
        raise ValueError("choices: expected one at least, found none")
    for choice, options in choices.items():
        if choice in _OWN_COLUMNS:
            raise ValueError(
                f"choices: expected a name that no column of the result has "
                f"({', '.join(_OWN_COLUMNS)}), found {choice!r}"
            )
        if len(options) < 2 or DOES_NOT_APPLY in options:  # noqa: PLR2004 - one is no choice
            raise ValueError(
                f"choices: expected two options at least of {choice!r}, none of them called "
                f"{DOES_NOT_APPLY!r}, found {', '.join(map(repr, options)) or 'none'}"
            )


def _check_conditions(
    conditions: Mapping[str, Mapping[str, Collection[str]]],
    choices: Mapping[str, Mapping[str, object]],
) -> None:
    for choice, needed in conditions.items():
        _check_named("applies", choice, choices)
        for other, labels in needed.items():
            _check_named(f"applies, {choice!r}", other, choices)
            if other in conditions or isinstance(labels, str):
                raise ValueError(
                    f"applies, {choice!r}: expected choices that always apply themselves, each "
                    f"with a list of labels, found {other!r} with {labels!r}"
                )
            for label in labels:
                _check_named(f"applies, {choice!r}, {other!r}", label, choices[other])


def _check_named(what: str, name: str, there: Collection[str]) -> None:
    if name not in there:
        raise ValueError(
            f"{what}: expected one of {', '.join(map(repr, there))}, found "
            f"{name!r}{did_you_mean(name, there)}"
        )


def _check_number(number: int, choices: Mapping[str, Mapping[str, object]]) -> None:
    if number > MOST_COMBINATIONS:
        sizes = ", ".join(f"{choice} {len(options)}" for choice, options in choices.items())
        raise ValueError(
            f"choices: expected at most {MOST_COMBINATIONS} combinations, found {number} (options: "
            f"{sizes}); leave a choice out, or options of one"
        )


def _asked(
    labels: _Labels,
    choices: Mapping[str, object],
    conditions: Mapping[str, Mapping[str, Collection[str]]],
) -> _Labels:
    """Return a combination with those choices struck out that it does not have."""
    chosen = dict(zip(choices, labels, strict=True))
    return tuple(
        label
        if all(chosen[other] in there for other, there in conditions.get(choice, {}).items())
        else DOES_NOT_APPLY
        for choice, label in chosen.items()
    )


def _own_combination(
    own: Mapping[str, str],
    choices: Mapping[str, Mapping[str, object]],
    conditions: Mapping[str, Mapping[str, Collection[str]]],
) -> _Labels:
    for choice, label in own.items():
        _check_named("own", choice, choices)
        _check_named(f"own, {choice!r}", label, choices[choice])
    labels = _asked(tuple(own.get(choice, "") for choice in choices), choices, conditions)
    if missing := [choice for choice, label in zip(choices, labels, strict=True) if not label]:
        raise ValueError(f"own: expected an option of {missing[0]!r}, found none")
    return labels


def _answer(
    measure: Callable[..., object],
    labels: _Labels,
    choices: Mapping[str, Mapping[str, object]],
    *,
    own: bool,
) -> _Answer:
    """Ask for one combination."""
    arguments = {
        choice: options[label]
        for (choice, options), label in zip(choices.items(), labels, strict=True)
        if label != DOES_NOT_APPLY
    }
    try:
        answer = measure(**arguments)
    except FlowsError as error:
        if own:
            raise
        return None, str(error)
    if math.isfinite(_ends(answer)["value"]):
        return answer, ""
    if own:
        named = ", ".join(
            f"{choice} {label}" for choice, label in zip(choices, labels, strict=True)
        )
        raise SampleError(f"own: expected a finite value of {named}, found none")
    return None, NO_VALUE


def _ends(answer: object) -> dict[str, float]:
    """Return the value of an answer and the ends that it has."""
    if isinstance(answer, Real):
        return {"value": float(answer), "low": math.nan, "high": math.nan}
    if not isinstance(getattr(answer, "value", None), Real):
        raise TypeError(
            "measure: expected a number, or a result with a number as its value, found "
            f"{type(answer).__name__}"
        )
    ends = {name: getattr(answer, name, None) for name in ("value", "low", "high")}
    return {name: math.nan if end is None else float(end) for name, end in ends.items()}


def _frame(
    answers: Mapping[_Labels, _Answer], choices: Mapping[str, object], mine: _Labels
) -> pd.DataFrame:
    """Return one row a combination: by value, those of one value by their labels."""
    nothing = {"value": math.nan, "low": math.nan, "high": math.nan}
    rows = [
        {
            **dict(zip(choices, labels, strict=True)),
            **(nothing if reason else _ends(answer)),
            "own": labels == mine,
            "reason": reason,
        }
        for labels, (answer, reason) in answers.items()
    ]
    frame = pd.DataFrame(rows, columns=[*choices, *_OWN_COLUMNS])
    places = frame.assign(value=frame["value"].map(_known)).sort_values(["value", *sorted(choices)])
    return frame.loc[places.index].reset_index(drop=True)


def _known(value: float) -> float:
    """Return a value without digits that are noise, so that they decide no order."""
    return value if math.isnan(value) else canonical(value)


def _keys(frame: pd.DataFrame, choices: Mapping[str, object]) -> list[_Labels]:
    return list(frame[list(choices)].itertuples(index=False, name=None))


def _moves(
    every: Mapping[_Labels, _Labels],
    values: Mapping[_Labels, float],
    choices: Mapping[str, Mapping[str, object]],
) -> pd.DataFrame:
    """Return how far each choice moves the result."""
    rows = []
    for place, (choice, options) in enumerate(choices.items()):
        ranges = list(_ranges(every, values, place))
        moves = exact_sum(np.array(ranges)) / len(ranges) if ranges else math.nan
        rows.append((choice, len(options), moves, max(ranges, default=math.nan), len(ranges)))
    moved = pd.DataFrame(rows, columns=["choice", "options", "moves", "most", "compared"])
    places = moved.assign(moves=-moved["moves"].map(_known)).sort_values(["moves", "choice"])
    return moved.loc[places.index].reset_index(drop=True)


def _ranges(
    every: Mapping[_Labels, _Labels], values: Mapping[_Labels, float], place: int
) -> Iterator[float]:
    """Yield the highest less the lowest value over the options of a choice, the others fixed."""
    groups: dict[_Labels, set[_Labels]] = {}
    for labels, asked in every.items():
        if asked[place] != DOES_NOT_APPLY and not math.isnan(values[asked]):
            groups.setdefault(labels[:place] + labels[place + 1 :], set()).add(asked)
    for group in sorted({tuple(sorted(group)) for group in groups.values()}):
        if len(group) > 1:
            alike = [values[asked] for asked in group]
            yield max(alike) - min(alike)
