"""Runs the code of a number for tests."""

from typing import Any

import pandas as pd

from flows.canonical import canonical
from flows.findings import Number
from flows.origin import runnable


def check_code(number: Number, **tables: pd.DataFrame) -> None:
    """Check that the code of a number gives it, from the tables under their names."""
    names: dict[str, Any] = dict(tables)
    exec("\n".join(runnable(number.code)), names)  # noqa: S102 - the code is what is tested
    ends = [names.get(end) for end in ("low", "high")]
    assert canonical(names["value"], exact=number.exact) == number.value
    assert [end if end is None else canonical(end) for end in ends] == [number.low, number.high]
