"""Names of the release before: they still answer, and say what they are called now."""

import functools
import warnings
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_SIDES = {"imports": "importer", "exports": "exporter"}


def renamed_arguments(**now: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """
    Take arguments of a function by their former names too, with a warning.

    >>> @renamed_arguments(country="importer")
    ... def total(*, importer: str) -> str:
    ...     return importer
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     total(country="AZE")
    'AZE'
    >>> str(caught[0].message)
    'total(country=...) is now total(importer=...)'
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            rename_arguments(function.__name__, kwargs, now, stacklevel=3)
            return function(*args, **kwargs)

        vars(call)["renamed_arguments"] = now
        return call

    return decorate


def rename_arguments(
    name: str, arguments: dict[str, Any], now: Mapping[str, str], *, stacklevel: int = 2
) -> None:
    """Give arguments of ``name`` their new names, in place, with a warning for each former one."""
    for old in sorted(now.keys() & arguments.keys()):
        if now[old] in arguments:
            raise TypeError(f"{name}: {old} is now {now[old]}; give {now[old]} alone")
        warn_renamed(f"{name}({old}=...)", f"{name}({now[old]}=...)", stacklevel=stacklevel)
        arguments[now[old]] = arguments.pop(old)


def country_by_side(function: Callable[P, T]) -> Callable[P, T]:
    """Take ``country=`` with ``of=`` for ``importer=`` or ``exporter=``, with a warning."""

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        if "country" in kwargs:
            of = kwargs.pop("of", "imports")
            if of not in _SIDES:
                raise ValueError(f"of: expected {' or '.join(_SIDES)}, found {of!r}")
            side = _SIDES[str(of)]
            name = function.__name__
            if kwargs.keys() & _SIDES.values():
                raise TypeError(f"{name}: country is now importer or exporter; give one of them")
            warn_renamed(f"{name}(country=..., of={of!r})", f"{name}({side}=...)")
            kwargs[side] = kwargs.pop("country")
        return function(*args, **kwargs)

    return call


def warn_renamed(old: str, new: str, *, stacklevel: int = 2) -> None:
    """Warn that ``old`` is called ``new`` now; ``stacklevel`` is that of :func:`warnings.warn`."""
    warnings.warn(f"{old} is now {new}", FutureWarning, stacklevel=stacklevel + 1)
