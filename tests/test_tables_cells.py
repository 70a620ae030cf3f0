"""Cells as printed, and the raw values beside them."""

import io
from html import escape

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_findings import table

from flows.errors import ReportError
from flows.tables.cells import (
    Markup,
    format_cells,
    format_inline,
    numeric_columns,
    table_csv,
)


def test_cells_take_the_format_of_their_column_and_gaps_are_empty() -> None:
    assert format_cells(table()).to_dict("list") == {
        "supplier": ["A & B_C", "100% <#1>"],
        "share": ["1,029.6", ""],
        "change": ["−1.25", "0.00"],
    }


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT])
def test_every_kind_of_missing_value_is_empty(missing: object) -> None:
    frame = pd.DataFrame({"x": pd.Series([missing, 1.5], dtype=object)})
    assert list(format_cells(table(frame=frame, labels={"x": "X"}, formats={"x": ".1f"}))["x"]) == [
        "",
        "1.5",
    ]


def test_columns_without_label_are_not_printed_and_labels_give_the_order() -> None:
    cells = format_cells(table(labels={"change": "Change", "supplier": "Supplier"}))
    assert list(cells.columns) == ["change", "supplier"]


def test_cells_of_an_empty_table_are_text_columns() -> None:
    empty = table(frame=table().frame.iloc[:0])
    assert format_cells(empty).shape == (0, 3)


def test_numbers_are_columns_with_a_format_or_a_numeric_type() -> None:
    frame = pd.DataFrame({"year": [2016], "name": ["x"], "sure": [True], "p": ["<0.1"]})
    labels = {name: name for name in frame.columns}
    assert numeric_columns(table(frame=frame, labels=labels, formats={"p": ""})) == ("year", "p")


def test_a_value_that_does_not_take_its_format_is_named_with_its_place() -> None:
    with pytest.raises(ReportError, match=r"'shares', column 'supplier', row 1: .*'A & B_C'"):
        format_cells(table(formats={"supplier": ".1f"}))


@pytest.mark.parametrize("change", [{"labels": {"sharee": "Share"}}, {"formats": {"sharee": ""}}])
def test_an_unknown_column_is_named(change: dict[str, object]) -> None:
    with pytest.raises(ReportError, match=r"table 'shares': expected .*; found sharee in"):
        numeric_columns(table(**change))


def test_csv_holds_raw_values_of_all_columns() -> None:
    assert pd.read_csv(io.StringIO(table_csv(table()))).equals(table().frame)


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_printed_numbers_read_back_and_zero_has_no_sign(value: float) -> None:
    frame = pd.DataFrame({"x": [value]})
    one = table(frame=frame, labels={"x": "X"}, formats={"x": ",.3f"})
    printed = format_cells(one)["x"][0]
    read = float(printed.replace("−", "-").replace(",", ""))
    assert read == pytest.approx(one.frame["x"][0], abs=0.0005001)
    assert printed.startswith("−") == (read < 0)


def test_emphasis_in_a_note_becomes_markup() -> None:
    web = Markup(escape, "<em>{}</em>", "<b>{}</b>", "<code>{}</code>", "{text}: {address}")
    assert format_inline("*Note:* R&D in **2023**", web) == "<em>Note:</em> R&amp;D in <b>2023</b>"
