"""Bulk engines: one normalisation, on pandas, on DuckDB out of core, or on Spark."""

import os
import sys


def choose_allocator() -> None:
    """
    Choose, before Arrow is imported, the allocator that wastes least on large files of Parquet.

    What the environment says already stays.

    Raises
    ------
    OSError
        If the environment cannot be changed.

    Examples
    --------
    >>> choose_allocator()
    """
    if sys.platform == "linux":
        os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc")
