"""Kinds of parameters: whether a value of a plan is what a question or a section takes."""

from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

_KINDS: tuple[tuple[Any, Any, str], ...] = (
    (bool, bool, "true or false"),
    (int, Integral, "a whole number"),
    (float, Real, "a number"),
    (str, str, "text"),
    (Mapping, Mapping, "a table"),
    (Sequence, Sequence, "a list"),
    (Iterable, Iterable, "a list"),
)
"""What an annotation says, what a value may be, and the word of a plan for it."""


def check_kind(what: str, argument: str, value: object, annotation: Any) -> None:
    """
    Check a value that a plan gives for an argument; kinds that a plan does not know pass.

    >>> check_kind("section deals", "below", 0.5, float)
    >>> check_kind("section deals", "below", "half", float)
    Traceback (most recent call last):
    ValueError: section deals: expected a number for 'below', found 'half'
    """
    kinds = list(_kinds_of(annotation))
    if not all(known for _, known, _ in kinds) or any(fits(value) for fits, _, _ in kinds):
        return
    words = " or ".join(dict.fromkeys(word for *_, word in kinds if word))
    raise ValueError(f"{what}: expected {words} for {argument!r}, found {value!r}")


def kind_words(annotation: Any) -> str:
    """
    Return what an annotation allows, in the words of a plan.

    >>> kind_words(Sequence[int] | None), kind_words(Literal["log", "level"])
    ('a list', '"log" or "level"')
    """
    return " or ".join(dict.fromkeys(word for *_, word in _kinds_of(annotation) if word))


def _kinds_of(annotation: Any) -> Iterable[tuple[Any, bool, str]]:
    """Yield a test of each kind that an annotation names, whether it is known, and its word."""
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        for part in get_args(annotation):
            yield from _kinds_of(part)
    elif origin is Literal:
        choices = get_args(annotation)
        yield choices.__contains__, True, " or ".join(f'"{choice}"' for choice in choices)
    elif annotation is NoneType:
        yield (lambda value: value is None), True, ""
    else:
        yield from _plain(annotation, origin)


def _plain(annotation: Any, origin: Any) -> Iterable[tuple[Any, bool, str]]:
    for named, allowed, word in _KINDS:
        if named in (annotation, origin):
            yield _test(allowed, word), True, word
            return
    yield (lambda _: True), False, ""


def _test(allowed: Any, word: str) -> Any:
    if word == "a list":
        return lambda value: isinstance(value, allowed) and not isinstance(value, str)
    if allowed in (Integral, Real):
        return lambda value: isinstance(value, allowed) and not isinstance(value, bool)
    return lambda value: isinstance(value, allowed)
