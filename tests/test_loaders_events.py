"""Events: a frame of their own, in the order of time, checked like a flow table."""

from pathlib import Path

import pandas as pd
import pytest

from flows.errors import LayoutError, SchemaError
from flows.loaders.covariates import normalise_events, read_events
from flows.loaders.examples import example_path

EXAMPLE = example_path("events")


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / EXAMPLE.name
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_events_stand_in_the_order_of_their_days_and_may_have_no_end() -> None:
    events = normalise_events(read_events(EXAMPLE))
    assert events["id"].tolist() == ["agreement", "ban"]
    assert events["start"].tolist() == [pd.Timestamp("2019-10-27"), pd.Timestamp("2021-01-01")]
    assert events["end"].isna().tolist() == [True, False]
    assert events["line"].tolist() == [3, 2]


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ("2021-12-31", "2020-12-31", SchemaError, "expected start to be no later than end"),
        ("agreement,2019", "ban,2019", SchemaError, "expected each id once, found at .* 3, 2"),
        ("2021-01-01", "1 January", LayoutError, "csv:2: column start: expected a day"),
        ("2021-01-01", "", LayoutError, "csv:2: column start: expected a day"),
        ("2021-12-31", "soon", LayoutError, "csv:2: column end: expected a day"),
        ("example.org/ban", "", LayoutError, "csv:2: column address"),
    ],
)
def test_a_fault_is_named(
    tmp_path: Path, old: str, new: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        normalise_events(read_events(changed(tmp_path, old, new)))
