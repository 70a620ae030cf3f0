"""How a value was made: the calls that anyone can repeat, written down where they are made."""

import ast
import builtins
import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date
from types import ModuleType
from typing import Any, Generic, NoReturn, ParamSpec, TypeVar, cast

import numpy as np
import pandas as pd

from flows.periods import Period

P = ParamSpec("P")
T = TypeVar("T")
U = TypeVar("U")
V = TypeVar("V")
T_co = TypeVar("T_co", covariant=True)

_WIDTH = 96
_POWER = 1e5
"""The least power of ten that is written as one."""

_VERBS = ("check_", "compare_", "find_", "fit_", "join_", "list_", "read_", "select_")
_FLOWS = sys.modules[__name__.partition(".")[0]]
"""The head of the package: its public names are asked for when a call is written down."""

_NAMESPACES: Mapping[str, ModuleType] = {"fl": _FLOWS, "pd": pd, "np": np}

_ASSIGNED = re.compile(r"\w+(?:, \w+)* ?=(?!=) ?")
"""Names that a value is given to, or a keyword."""

_MODULES = ("rules", "trade_indices")
"""Public modules of the package in which functions of numbers stand."""

_COMPARED, _ADDED, _MULTIPLIED, _NEGATED, _WHOLE = range(5)
"""How tightly the operators of Python bind, loosest first."""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A call, and the name that its result has in the lines after it; none stands for itself."""

    name: str
    function: str
    arguments: tuple["Expression", ...] = ()


Expression = tuple[str | Step, ...]
"""Python in pieces: text, and the results of steps."""


class _Given(str):
    """The name of a value that somebody else made: the same name may be given to another value."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, eq=False)
class Made(Generic[T_co]):
    """
    A value, and the expression that gives it.

    Parameters
    ----------
    value : object
        The value.
    expression : tuple
        Text, and the steps whose results it names.
    binds : int
        How tightly its outermost operator binds.
    """

    value: T_co
    expression: Expression
    binds: int = _WHOLE

    @property
    def arg(self) -> T_co:
        """The value as an argument of :func:`call`, which sees where it comes from."""
        return cast("T_co", self)

    def part(self, take: Callable[[T_co], U]) -> "Made[U]":
        """
        Return a part of the value, or what is computed of it by attributes, items and arithmetic.

        >>> table = given("table", pd.DataFrame({"value": [1.0, 2.0]}))
        >>> half = table.part(lambda rows: rows["value"].sum() / 2)
        >>> half.value, code_lines({"value": half})
        (np.float64(1.5), ('value = table["value"].sum() / 2',))
        """
        written = _stand_in(take(cast("T_co", _Written(self.expression, self.binds))))
        return Made(take(self.value), written.bound_by(_COMPARED), written.binding)

    def combined(self, other: "Made[V]", take: Callable[[T_co, V], U]) -> "Made[U]":
        """
        Return what is computed of this value and another, as :meth:`part` does of one.

        >>> exports, imports = given("exports", 40.0), given("imports", 60.0)
        >>> both = exports.combined(imports, lambda one, other: one / (one + other))
        >>> both.value, code_lines({"value": both})
        (0.4, ('value = exports / (exports + imports)',))
        """
        stand_ins = (_Written(made.expression, made.binds) for made in (self, other))
        written = _stand_in(take(*cast("tuple[T_co, V]", tuple(stand_ins))))
        value = take(self.value, other.value)
        return Made(value, written.bound_by(_COMPARED), written.binding)

    def called(self, name: str) -> "Made[T_co]":
        """Return the same value, whose variable in the code has another name."""
        match self.expression:
            case (Step() as step,):
                return Made(self.value, (replace(step, name=name),))
        return self


def given(name: str, value: T) -> Made[T]:
    """Return a value that somebody else made; the code knows it by its name only."""
    return Made(value, (_Given(name),))


def call(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Made[T]:
    """
    Call a public function, and write the call down.

    Arguments that were made by a call themselves are handed over as :attr:`Made.arg`.

    >>> import flows
    >>> table = call(flows.join_flows, [call(flows.load, "cow-trade@4.0").arg])
    >>> code_lines({"value": table.part(lambda rows: rows.shape[0])})[0]
    'cow_trade = fl.load("cow-trade@4.0")'
    """
    values: Any = _values([args, kwargs])

    def result() -> T:
        return function(*values[0], **values[1])

    if (memory := _memory.get()) is not None:
        return memory.recall(result, function, *args, **kwargs)
    return noted(result(), function, *args, **kwargs)


def noted(value: T, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Made[T]:
    """Return a value that is known already, as that of a call."""
    arguments = [_expression_of(argument) for argument in args]
    arguments += [
        (f"{name}=", *_expression_of(argument))
        for name, argument in kwargs.items()
        if argument is not None or not _is_optional(function, name)
    ]
    return Made(value, (Step(_name_of(function, args), _public(function), tuple(arguments)),))


@contextmanager
def remember_calls() -> Iterator[None]:
    """
    Let a call inside the block give what the same call gave before.

    Calls are the same if their code is, down to the data sets that it loads; what rests on a value
    that somebody else made is computed each time.

    >>> import flows
    >>> with remember_calls():
    ...     first, again = (call(flows.load, "cow-trade@4.0") for _ in range(2))
    >>> first.value is again.value
    True
    """
    before = _memory.set(_Memory())
    try:
        yield
    finally:
        _memory.reset(before)


class _Memory:
    """Results of calls by their code, in which a call stands as a number."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[object, ...], int] = {}
        self._of_step: dict[Step, int | None] = {}
        self._results: dict[int, object] = {}

    def recall(
        self, result: Callable[[], T], function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> Made[T]:
        """Return the result of a call, which is made if it is not known."""
        try:
            made: Made[Any] = noted(None, function, *args, **kwargs)
        except TypeError:  # no code can hold it
            return noted(result(), function, *args, **kwargs)
        (step,) = cast("tuple[Step]", made.expression)
        number = self._number(step)
        if number is None:
            return replace(made, value=result())
        if number not in self._results:
            self._results[number] = result()
        return replace(made, value=cast("T", self._results[number]))

    def _number(self, step: Step) -> int | None:
        if step not in self._of_step:
            pieces = [self._pieces(argument) for argument in step.arguments]
            unknown = any(None in argument for argument in pieces)
            code = (step.function, *pieces)
            number = None if unknown else self._numbers.setdefault(code, len(self._numbers))
            self._of_step[step] = number
        return self._of_step[step]

    def _pieces(self, expression: Expression) -> tuple[object, ...]:
        """Return an expression with numbers for its calls, and none for what somebody else made."""
        return tuple(
            self._number(piece)
            if isinstance(piece, Step)
            else None
            if isinstance(piece, _Given)
            else piece
            for piece in expression
        )


_memory: ContextVar[_Memory | None] = ContextVar("memory", default=None)


def applied(function: Callable[[T], U], value: T) -> U:
    """
    Apply a function to a part: ``len``, ``np.exp``; see :meth:`Made.part`.

    >>> code_lines({"value": given("deals", [1, 2]).part(lambda deals: applied(len, deals))})
    ('value = len(deals)',)
    """
    if isinstance(value, _Written):
        return cast("U", value.as_argument_of(_public(function)))
    return function(value)


def present(made: Made[T | None]) -> Made[T] | None:
    """
    Return a value that may be missing, or none where it is.

    >>> present(given("largest", None)) is None
    True
    """
    return None if made.value is None else Made(made.value, made.expression, made.binds)


def code_lines(wanted: Mapping[str, Made[object]]) -> tuple[str, ...]:
    """
    Return Python that gives values their names, one statement each, made after what it needs.

    >>> share = Made(0.5, ("100 * ", Step("share", "fl.share", (("table",),)), ".value"))
    >>> code_lines({"value": share})
    ('share = fl.share(table)', 'value = 100 * share.value')
    """
    writer = _Writer(taken=set(wanted))
    return (*_lines(wanted, writer),)


def loaded_by(expression: Expression) -> set[str]:
    """
    Return the data sets that an expression loads, if it does no more than join them.

    >>> import flows
    >>> table = call(flows.join_flows, [call(flows.load, "cow-trade@4.0").arg])
    >>> loaded_by(table.expression), loaded_by(table.part(lambda rows: rows.head()).expression)
    ({'cow-trade@4.0'}, set())
    """
    if any(piece.strip("[], ") for piece in expression if isinstance(piece, str)):
        return set()
    datasets: set[str] = set()
    for step in [piece for piece in expression if isinstance(piece, Step)]:
        match step:
            case Step(function="fl.load", arguments=((str() as dataset,),)):
                datasets.add(ast.literal_eval(dataset))
            case Step(function="fl.join_flows", arguments=(joined,)):
                datasets |= loaded_by(joined)
            case _:
                return set()
    return datasets


def read_call(code: tuple[str, ...], function: str) -> dict[str, object] | None:
    """
    Return the keyword arguments of the last call of a function; those that are no literal not.

    >>> read_call(('share = fl.share(arms, supplier="ISR", start=2016)',), "fl.share")
    {'supplier': 'ISR', 'start': 2016}
    """
    calls = [
        node
        for line in code
        for node in ast.walk(ast.parse(line))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == function
    ]
    return dict(_literals(calls[-1])) if calls else None


def runnable(code: tuple[str, ...]) -> Iterator[str]:
    """Yield the imports that code needs, then the code."""
    names = {
        node.id for line in code for node in ast.walk(ast.parse(line)) if type(node) is ast.Name
    }
    names.add("fl")
    imports = {"dt": "datetime", "fl": "flows", "np": "numpy", "pd": "pandas"}
    yield from (f"import {imports[name]} as {name}" for name in sorted(imports.keys() & names))
    yield ""
    yield from code


@dataclass(slots=True)
class _Writer:
    """The names given so far: of each step, and of each line, so that none is written twice."""

    taken: set[str]
    names: dict[int, str] = field(default_factory=dict)
    of_line: dict[str, str] = field(default_factory=dict)

    def lines_before(self, expression: Expression) -> Iterator[str]:
        """Yield the lines of those steps that an expression needs and that have none yet."""
        for step in expression:
            if isinstance(step, str) or id(step) in self.names:
                continue
            for argument in step.arguments:
                yield from self.lines_before(argument)
            made = self._call(step)
            known = self.of_line.get(made)
            self.names[id(step)] = known or self._free(step.name)
            if known is None:
                self.of_line[made] = self.names[id(step)]
                yield f"{self.names[id(step)]} = {made}"

    def text(self, expression: Expression) -> str:
        """Return an expression with the names of its steps."""
        return "".join(
            piece if isinstance(piece, str) else self.names[id(piece)] for piece in expression
        )

    def _call(self, step: Step) -> str:
        arguments = [self.text(argument) for argument in step.arguments]
        short = f"{step.function}({', '.join(arguments)})"
        if len(step.name) + len(" = ") + len(short) <= _WIDTH:
            return short
        fitted = [_fitted(argument, indent=4) for argument in arguments]
        return "\n".join([f"{step.function}(", *(f"    {argument}," for argument in fitted), ")"])

    def _free(self, name: str) -> str:
        number, free = 1, name
        while free in self.taken:
            number += 1
            free = f"{name}_{number}"
        self.taken.add(free)
        return free


def _lines(wanted: Mapping[str, Made[object]], writer: _Writer) -> Iterator[str]:
    for made in wanted.values():
        yield from writer.lines_before(made.expression)
    for name, made in wanted.items():
        yield _fitted(f"{name} = {writer.text(made.expression)}")


def _fitted(line: str, *, indent: int = 0) -> str:
    """Return a line whose list, pair or dict has a row an item, where it would be too long."""
    before = match[0] if (match := _ASSIGNED.match(line)) else ""
    text = line.removeprefix(before)
    node = ast.parse(text, mode="eval").body
    if indent + len(line) <= _WIDTH or not isinstance(node, ast.List | ast.Tuple | ast.Dict):
        return line
    items = _items_of(node, text)
    space = " " * indent
    rows = "".join(f"{space}    {item},\n" for item in items)
    return f"{before}{text[0]}\n{rows}{space}{text[-1]}"


def _items_of(node: ast.List | ast.Tuple | ast.Dict, text: str) -> list[str]:
    """Return the items as they are written."""
    if isinstance(node, ast.Dict):
        pairs = zip(filter(None, node.keys), node.values, strict=True)
        return [": ".join(_source(text, part) for part in pair) for pair in pairs]
    return [_source(text, item) for item in node.elts]


def _source(text: str, node: ast.expr) -> str:
    return ast.get_source_segment(text, node) or ""


class _Written:
    """Stands in for a value, and writes down what is done with it."""

    __slots__ = ("_expression", "binding")
    __array_ufunc__ = None  # numpy leaves arithmetic to this class

    def __init__(self, expression: Expression, binds: int = _WHOLE) -> None:
        self._expression = expression
        self.binding = binds

    def as_argument_of(self, function: str) -> "_Written":
        return _Written((f"{function}(", *self._expression, ")"))

    def bound_by(self, binds: int) -> Expression:
        return self._expression if self.binding >= binds else ("(", *self._expression, ")")

    def __getattr__(self, name: str) -> "_Written":
        if name.startswith("_"):
            raise AttributeError(name)
        return _Written((*self.bound_by(_WHOLE), f".{name}"))

    def __getitem__(self, key: object) -> "_Written":
        inside = _expression_of(key)
        if isinstance(key, tuple):
            inside = inside[1:-1]
        return _Written((*self.bound_by(_WHOLE), "[", *inside, "]"))

    def __call__(self, *args: object, **kwargs: object) -> "_Written":
        arguments = [_expression_of(argument) for argument in args]
        arguments += [(f"{name}=", *_expression_of(one)) for name, one in kwargs.items()]
        return _Written((*self.bound_by(_WHOLE), "(", *_listed(arguments), ")"))

    def _join(self, sign: str, other: object, binds: int, *, after: bool = False) -> "_Written":
        mine, theirs = self, _stand_in(other)
        first, second = (theirs, mine) if after else (mine, theirs)
        pieces = (*first.bound_by(binds), f" {sign} ", *second.bound_by(binds + 1))
        return _Written(pieces, binds)

    def __add__(self, other: object) -> "_Written":
        return self._join("+", other, _ADDED)

    def __radd__(self, other: object) -> "_Written":
        return self._join("+", other, _ADDED, after=True)

    def __sub__(self, other: object) -> "_Written":
        return self._join("-", other, _ADDED)

    def __rsub__(self, other: object) -> "_Written":
        return self._join("-", other, _ADDED, after=True)

    def __mul__(self, other: object) -> "_Written":
        return self._join("*", other, _MULTIPLIED)

    def __rmul__(self, other: object) -> "_Written":
        return self._join("*", other, _MULTIPLIED, after=True)

    def __truediv__(self, other: object) -> "_Written":
        return self._join("/", other, _MULTIPLIED)

    def __rtruediv__(self, other: object) -> "_Written":
        return self._join("/", other, _MULTIPLIED, after=True)

    def __neg__(self) -> "_Written":
        return _Written(("-", *self.bound_by(_NEGATED)), _NEGATED)

    def __eq__(self, other: object) -> "_Written":  # type: ignore[override]
        return self._join("==", other, _COMPARED)

    def __ne__(self, other: object) -> "_Written":  # type: ignore[override]
        return self._join("!=", other, _COMPARED)

    def __lt__(self, other: object) -> "_Written":
        return self._join("<", other, _COMPARED)

    def __le__(self, other: object) -> "_Written":
        return self._join("<=", other, _COMPARED)

    def __gt__(self, other: object) -> "_Written":
        return self._join(">", other, _COMPARED)

    def __ge__(self, other: object) -> "_Written":
        return self._join(">=", other, _COMPARED)

    __hash__ = None  # type: ignore[assignment]

    def _refuse(self, *_: object) -> NoReturn:
        raise TypeError(
            "a part is made of attributes, items, calls and arithmetic; "
            "use applied(len, ...) or a method, and no condition"
        )

    __bool__ = __len__ = __iter__ = __float__ = __int__ = __index__ = __contains__ = _refuse


def _stand_in(value: object) -> _Written:
    return value if isinstance(value, _Written) else _Written(_expression_of(value))


def _values(argument: Any) -> Any:
    """Return an argument with every made value in it replaced by the value."""
    if isinstance(argument, Made):
        return argument.value
    if isinstance(argument, Mapping):
        return {name: _values(value) for name, value in argument.items()}
    if type(argument) in (list, tuple):
        return type(argument)(_values(value) for value in argument)
    return argument


def _expression_of(value: object) -> Expression:
    """Write a value as Python."""
    match value.item() if isinstance(value, np.generic) else value:
        case Made() as made:
            return made.expression
        case _Written() as written:
            return written.bound_by(_COMPARED)
        case str() as text:
            return (_quoted(text),)
        case None | bool() | int() | float() as plain:
            return (_plain(plain),)
        case date() as day:
            return (f"dt.date({day.year}, {day.month}, {day.day})",)
        case _:
            return _container(value)


def _plain(value: float | None) -> str:
    """Write a number, or none; a large power of ten as one, as in ``value / 1e6``."""
    if isinstance(value, float) and value >= _POWER:
        power = f"1e{len(f'{value:.0f}') - 1}"
        return power if float(power) == value else repr(value)
    return repr(value)


def _is_optional(function: Callable[..., object], argument: str) -> bool:
    """Say whether a function takes none for an argument that is not there."""
    parameter = inspect.signature(function).parameters.get(argument)
    return parameter is not None and parameter.default is None


def _container(value: object) -> Expression:
    match value:
        case Mapping():
            pairs = [(*_expression_of(key), ": ", *_expression_of(value[key])) for key in value]
            return ("{", *_listed(pairs), "}")
        case list():
            return ("[", *_listed(list(map(_expression_of, value))), "]")
        case tuple():
            listed = _listed(list(map(_expression_of, value)))
            return ("(", *listed, ",)" if len(value) == 1 else ")")
        case slice():
            ends = [() if one is None else _expression_of(one) for one in (value.start, value.stop)]
            return (*ends[0], ":", *ends[1])
        case _:
            return _object(value)


def _object(value: object) -> Expression:
    """Write one of the package's own objects as the call that makes it."""
    if isinstance(value, Period) and (named := repr(value)).startswith("Period."):
        return (f"fl.{named.replace(chr(39), chr(34))}",)
    if not is_dataclass(value) or isinstance(value, type):
        raise TypeError(
            f"expected an argument that code can hold, or one that was made by a call, "
            f"found {type(value).__name__}"
        )
    chosen = [one for one in fields(value) if getattr(value, one.name) != one.default]
    arguments = [(f"{one.name}=", *_expression_of(getattr(value, one.name))) for one in chosen]
    return (f"{_public(type(value))}(", *_listed(arguments), ")")


def _listed(expressions: list[Expression]) -> Expression:
    pieces: list[str | Step] = []
    for place, expression in enumerate(expressions):
        pieces += [", ", *expression] if place else expression
    return tuple(pieces)


def _quoted(text: str) -> str:
    """Write text in double quotes, as the code of the project does."""
    plain = repr(text)
    return plain if '"' in text or plain.startswith('"') else f'"{plain[1:-1]}"'


def _public(function: Callable[..., object]) -> str:
    """Return the name under which anyone calls a function."""
    name = function.__qualname__ if hasattr(function, "__qualname__") else function.__name__
    if getattr(builtins, name, None) is function:
        return name
    for short, namespace in _NAMESPACES.items():
        if _is_at(namespace, name, function):
            return f"{short}.{name}"
    for module in _MODULES:
        if _is_at(_FLOWS, f"{module}.{name}", function):
            return f"fl.{module}.{name}"
    raise TypeError(f"{name}: expected a public function, which anyone can call")


def _is_at(namespace: ModuleType, name: str, function: object) -> bool:
    if namespace is _FLOWS and name.partition(".")[0] not in _FLOWS.__all__:
        return False
    place: object = namespace
    for part in name.split("."):
        place = getattr(place, part, None)
    return place == function


def _name_of(function: Callable[..., object], args: tuple[object, ...]) -> str:
    """Return what a result is called: a data set by its own name, another by its function."""
    if function.__name__ == "load" and args and isinstance(args[0], str):
        stem = args[0].rpartition("/")[2].partition("@")[0].partition(".")[0]
        return "".join(sign if sign.isalnum() else "_" for sign in stem.lower())
    name = function.__qualname__.rpartition(".")[0] or function.__name__
    for verb in _VERBS:
        name = name.removeprefix(verb)
    return "rows" if name == "flows" else name.lower()


def _literals(node: ast.Call) -> Iterator[tuple[str, object]]:
    for keyword in node.keywords:
        try:
            yield str(keyword.arg), ast.literal_eval(keyword.value)
        except ValueError:
            continue
