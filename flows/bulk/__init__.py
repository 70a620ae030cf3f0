"""Files of any size: the loaders' rules on blocks, run by pandas, by DuckDB or by Spark."""

import os
import sys


def choose_allocator() -> None:
    """
    Choose, before Arrow is imported, the allocator that wastes least on large files of Parquet.

    What the environment says already stays.
    """
    if sys.platform == "linux":
        os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc")
