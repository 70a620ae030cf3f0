"""Iran's customs by Iranian year: true days, lower bounds, and the figure known to be odd."""

import math
from pathlib import Path

import pandas as pd
import pytest
from raw_files import changed

from flows.errors import CountryError, LayoutError, PeriodError, SchemaError
from flows.loaders.examples import example_path
from flows.loaders.irica import normalise_irica_press, read_irica_press

EXAMPLE = example_path("irica_press")


def test_more_than_is_a_lower_bound_without_an_upper_one() -> None:
    trade = normalise_irica_press(read_irica_press(EXAMPLE))
    exports, imports = trade.iloc[0], trade.iloc[1]
    assert (exports["value"], exports["low"]) == (412e6, 412e6)
    assert math.isnan(exports["high"])
    assert (imports["value"], imports["low"], imports["high"]) == (45e6, 45e6, 45e6)


def test_sides_and_conventions() -> None:
    trade = normalise_irica_press(read_irica_press(EXAMPLE))
    assert trade["exporter"].tolist() == ["IRN", "ARM", "IRN"]
    assert trade["importer"].tolist() == ["ARM", "IRN", "ARM"]
    assert trade["valuation"].tolist() == ["FOB", "CIF", "FOB"]
    assert trade["partner_basis"].tolist() == ["destination", "", "destination"]
    assert set(trade["reporter"]) == {"IRN"}


def test_iranian_years_and_parts_of_them_have_their_true_days() -> None:
    trade = normalise_irica_press(read_irica_press(EXAMPLE))
    assert trade["start"].tolist()[0] == pd.Timestamp("2023-03-21")
    assert trade["end"].tolist()[0] == pd.Timestamp("2024-03-19")
    assert trade["start"].tolist()[2] == pd.Timestamp("2021-03-21")
    assert trade["end"].tolist()[2] == pd.Timestamp("2021-08-22")


def test_a_known_oddity_is_named_in_the_report(tmp_path: Path) -> None:
    path = changed(
        tmp_path, EXAMPLE, "1402,,export,Armenia,412,more than", "1398,,export,Armenia,430,over"
    )
    trade = normalise_irica_press(read_irica_press(path))
    odd, gap, later_gap = trade.attrs["report"]["warnings"]
    assert odd.startswith("line 2: 'over 430' is out of line")
    assert gap == "no row counts anything between 2020-03-19 and 2021-03-21"
    assert later_gap == "no row counts anything between 2021-08-22 and 2023-03-21"


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ("more than", "about", LayoutError, "csv:2: column qualifier: .* found 'about'"),
        ("export,Armenia,412", "both,Armenia,412", LayoutError, "csv:2: column flow: .*'both'"),
        ("412", "412m", LayoutError, "csv:2: column value_million_usd"),
        ("1402,,export", "1402,5-1,export", PeriodError, "csv:2: column period"),
        ("1402,,export", "1402,1-13,export", PeriodError, "csv:2: column period"),
        ("1402,,export", "2023,,export", PeriodError, "csv:2: column period"),
        ("1402,,export", "1402,first half,export", LayoutError, "csv:2: column period"),
        ("export,Armenia,412", "export,Arminia,412", CountryError, "Arminia.*press.csv line 2"),
        ("1402,,import", "1402,,export", SchemaError, "lines 2, 3"),
    ],
)
def test_a_fault_is_named_with_file_and_line(
    tmp_path: Path, old: str, new: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        normalise_irica_press(read_irica_press(changed(tmp_path, EXAMPLE, old, new)))
