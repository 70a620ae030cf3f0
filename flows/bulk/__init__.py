"""Files of any size: the loaders' rules on blocks, run by pandas, by DuckDB or by Spark."""

import os
import sys

BATCH_ROWS = 122_880
"""Rows of a batch: those that DuckDB writes as one group."""


def choose_allocator() -> None:
    """
    Choose, before Arrow is imported, the allocator that wastes least on large files of Parquet.

    What the environment says already stays.
    """
    if sys.platform == "linux":
        os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc")
