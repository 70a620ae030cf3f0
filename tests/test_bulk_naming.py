"""Codes to names on any engine: the crosswalks as small tables, flow statements and their sums."""

from datetime import date

import narwhals as nw
import pandas as pd
import pyarrow.compute as pc
import pytest
from narwhals.exceptions import ColumnNotFoundError

from flows.bulk.naming import classification_table, finish, repeated, year_table


def test_finish() -> None:
    frame = nw.from_native(pd.DataFrame({"value": [1.0]})).lazy()
    with pytest.raises(ColumnNotFoundError):
        finish(frame, [])


def test_repeated() -> None:
    frame = nw.from_native(pd.DataFrame({"k": [1, 1, 2], "line": [2, 3, 4]})).lazy()
    assert repeated(frame, ["k"]).collect().to_native().to_dict("records") == [
        {"k": 1, "times": 2, "first": 2, "last": 3}
    ]


def test_year_table() -> None:
    assert year_table("t").filter(pc.field("t") == 1900)["end"].to_pylist() == [date(1900, 12, 31)]


def test_classification_table() -> None:
    table = classification_table("classification", "named")
    assert table.filter(pc.field("classification") == "H5")["named"].to_pylist() == ["HS2017"]
