"""Names of the release before: they still answer, and say what they are called now."""

import functools
import warnings
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


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
            for old in now.keys() & kwargs.keys():
                name = function.__name__
                if now[old] in kwargs:
                    raise TypeError(f"{name}: {old} is now {now[old]}; give {now[old]} alone")
                warn_renamed(f"{name}({old}=...)", f"{name}({now[old]}=...)")
                kwargs[now[old]] = kwargs.pop(old)
            return function(*args, **kwargs)

        return call

    return decorate


def warn_renamed(old: str, new: str, *, stacklevel: int = 2) -> None:
    """Warn that ``old`` is called ``new`` now; ``stacklevel`` is that of :func:`warnings.warn`."""
    warnings.warn(f"{old} is now {new}", FutureWarning, stacklevel=stacklevel + 1)
