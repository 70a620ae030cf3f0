"""Two centuries of trade: pounds that are no dollars, states by number and year, filled values."""

from pathlib import Path

import pandas as pd
import pytest

from flows.errors import CountryError, FlowsError, LayoutError, SchemaError
from flows.loaders import load
from flows.loaders.examples import example_path
from tests.raw_files import changed

TRADHIST, GLEDITSCH = example_path("tradhist"), example_path("gleditsch")


def test_pounds_stay_pounds_and_assumed_zeros_are_no_rows() -> None:
    trade = load(TRADHIST)
    assert trade["value"].tolist() == [446_000.5, 3_100_000.0, 34_235_000.0]
    assert set(trade["unit"]) == {"GBP"}
    assert trade.attrs["report"]["left_out"] == {"rows without a value": 1}


def test_stata_and_small_letters_are_the_same(tmp_path: Path) -> None:
    stata = tmp_path / "tradhist.dta"
    pd.read_csv(TRADHIST).rename(columns=str.lower).to_stata(stata, write_index=False)
    assert load(stata)["value"].tolist() == load(TRADHIST)["value"].tolist()


def test_either_state_states_a_flow_and_filled_values_are_estimates() -> None:
    trade = load(GLEDITSCH)
    german = trade[(trade["exporter"] == "DEU") & (trade["importer"] == "IRN")]
    assert german[["reporter", "value", "estimate"]].to_numpy().tolist() == [
        ["DEU", 1_500_250_000.0, False],
        ["IRN", 1_600_000_000.0, True],
    ]
    assert {"SUN"} == set(trade.loc[trade["start"].dt.year == 1985, "exporter"]) - {"USA"}
    assert trade.attrs["report"]["left_out"] == {"values that are missing (-9)": 1}


def test_a_csv_of_the_same_is_read(tmp_path: Path) -> None:
    path = tmp_path / "expdata.csv"
    path.write_text(GLEDITSCH.read_text(encoding="utf-8").replace(" ", ","), encoding="utf-8")
    assert load(path)["value"].tolist() == load(GLEDITSCH)["value"].tolist()


@pytest.mark.parametrize(
    ("source", "edit", "error", "message"),
    [
        (TRADHIST, ("446000.5,446", "446 000,446"), LayoutError, r"csv:2: column FLOW: .*446 000"),
        (TRADHIST, ("FRA,1830,446", "QQQ,1830,446"), CountryError, "QQQ.*line 2"),
        (TRADHIST, ("1830,3100000", "183,3100000"), LayoutError, r"csv:3: column year: .*'183'"),
        (TRADHIST, ("FRA,GBR,1830", "GBR,FRA,1830"), SchemaError, r"lines? 2, 3"),
        (GLEDITSCH, ("1500.25", "1500,25"), LayoutError, r"csv:2: column expab: .*'1500,25'"),
        (GLEDITSCH, ("630 IRN", "999 IRN"), CountryError, "999.*line 2"),
        (GLEDITSCH, ("1995", "95"), LayoutError, r"csv:2: column year: .*'95'"),
        (
            GLEDITSCH,
            ("2 USA 365 RUS 1985", "260 GFR 630 IRN 1995"),
            SchemaError,
            r"lines 2, 2, 2, 3",
        ),
    ],
)
def test_a_fault_is_named_with_line_and_heading(
    tmp_path: Path, source: Path, edit: tuple[str, str], error: type[FlowsError], message: str
) -> None:
    with pytest.raises(error, match=message):
        load(changed(tmp_path, source, *edit))
