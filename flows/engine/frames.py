"""The type of a frame, whatever engine it is of."""

from typing import Any

import narwhals as nw

Frame = nw.LazyFrame[Any]
"""Rows of pandas, DuckDB or Spark behind the interface of Narwhals."""
