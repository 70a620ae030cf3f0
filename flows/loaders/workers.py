"""Some pieces of work at the same time, their results in order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Piece = TypeVar("Piece")
Result = TypeVar("Result")

WORKERS = 2
"""Pieces that are worked on at the same time: more only take memory."""


def at_once(work: Callable[[Piece], Result], pieces: Iterable[Piece]) -> Iterator[Result]:
    """
    Work on some pieces at the same time, and yield what comes of them in their order.

    Parameters
    ----------
    work : callable
        A piece to its result.
    pieces : iterable
        They are taken as they are needed, so that few are held.

    Yields
    ------
    object
        The result of each piece.

    Raises
    ------
    TypeError
        If the pieces cannot be iterated over.

    Examples
    --------
    >>> list(at_once(abs, [-1, 2, -3]))
    [1, 2, 3]
    """
    waiting: deque[Future[Result]] = deque()
    left = iter(pieces)
    with ThreadPoolExecutor(WORKERS) as pool:
        waiting.extend(pool.submit(work, piece) for piece in islice(left, WORKERS + 1))
        while waiting:
            result = waiting.popleft().result()
            waiting.extend(pool.submit(work, piece) for piece in islice(left, 1))
            yield result
