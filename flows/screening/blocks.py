"""
Series in blocks: so few at a time that a block's arrays stay in the cache, a block a thread.

A kernel takes ``values`` of shape ``(series, periods)``, NaN where nothing is stated, columns
consecutive periods of one calendar, and returns a frozen dataclass of arrays whose first axis is
the series. NumPy leaves the interpreter to other threads while it works, so all cores share.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

import numpy as np

from flows.cores import count_cores
from flows.models.sample import FloatArray

Fitted = TypeVar("Fitted")

BLOCK = 512
"""Series of a block: of thirty periods each, an array of 120 kilobytes."""


def over_blocks(
    kernel: Callable[[FloatArray], Fitted], values: FloatArray, *, block: int = BLOCK
) -> Fitted:
    """Run a kernel over all series, as many blocks at once as there are cores."""
    parts = [values[start : start + block] for start in range(0, max(len(values), 1), block)]
    if len(parts) == 1:
        return kernel(values)
    with ThreadPoolExecutor(max_workers=count_cores()) as pool:
        return joined(list(pool.map(kernel, parts)))


def joined(parts: Sequence[Fitted]) -> Fitted:
    """Put the results of blocks together, array by array."""
    first: Any = parts[0]
    if not is_dataclass(first) or isinstance(first, type):
        raise TypeError(f"expected dataclasses of arrays, found {type(first).__name__}")
    columns = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])
        for field in fields(first)
    }
    return type(first)(**columns)  # type: ignore[return-value]
