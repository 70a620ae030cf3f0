"""The IMF's portal: names beside the series' code, and a scale that multiplies."""

from pathlib import Path

import pandas as pd
import pytest

from flows.errors import CountryError, FlowsError, LayoutError, SchemaError
from flows.loaders import load
from flows.loaders.examples import example_path
from flows.scope import scope_of
from tests.raw_files import changed

EXAMPLE = example_path("imf_portal")


def test_values_are_multiplied_and_months_stay_months() -> None:
    trade = load(EXAMPLE)
    assert trade["value"].tolist() == [94_550_250.0, 38_500_000.0]
    assert trade["valuation"].tolist() == ["FOB", "CIF"]
    assert trade["exporter"].tolist() == ["ARM", "IRN"]
    assert trade["end"].tolist() == [pd.Timestamp("2023-12-31"), pd.Timestamp("2023-01-31")]
    report = trade.attrs["report"]
    assert report["rows_in"] == 4
    assert report["left_out"] == {
        "observations of other indicators": 1,
        "observations of groups of countries": 2,
        "empty cells": 7,
    }


def test_the_world_is_the_total_of_a_country() -> None:
    scope = scope_of(load(EXAMPLE)["dataset"].iloc[0])
    assert scope is not None
    assert scope.totals["value"].tolist() == [5_360_000_000.0, 8_552_000_000.0]
    assert set(scope.totals["of"]) == {"exports"}


def test_periods_below_each_other_are_read_by_the_same_codes(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text(
        "SERIES_CODE,COUNTRY,INDICATOR,COUNTERPART_COUNTRY,FREQUENCY,SCALE,TIME_PERIOD,OBS_VALUE\n"
        'ARM.XG_FOB_USD.IRN.A,"Armenia, Republic of",Exports,Iran,Annual,Units,2023,94550250\n',
        encoding="utf-8",
    )
    trade = load(path)
    assert trade.attrs["report"]["layout"] == "imf_portal"
    assert trade["value"].tolist() == [94_550_250.0]


@pytest.mark.parametrize(
    ("edit", "error", "message"),
    [
        (("Annual,Millions,,94", "Annual,,,94"), LayoutError, r"csv:2: column SCALE: .* found ''"),
        (("Annual,Millions,,94", "Annual,6,,94"), LayoutError, "csv:2: .*one of Units, Thousands"),
        (("ARM.XG_FOB_USD.IRN.A", "ARM.XG_FOB_USD.IRN"), LayoutError, r"csv:2: column SERIES_CODE"),
        (("ARM.XG_FOB_USD.IRN.A", "ARM.XG_FOB_USD.QQQ.A"), CountryError, "QQQ"),
        (("94.55025", "94,6 e"), LayoutError, "csv:2: expected 11 cells, found 12"),
        (("94.55025", "n.a."), LayoutError, r"csv:2: column 2023: expected a number"),
        ((",2022,2023,2023-M01", ",a,b,c"), LayoutError, "csv:1: column 9, 'a': expected a year"),
        (("ARM.XG_FOB_USD.G001.A", "ARM.XG_FOB_USD.IRN.A"), SchemaError, "lines? 2, 4"),
    ],
)
def test_a_fault_is_named_with_line_and_heading(
    tmp_path: Path, edit: tuple[str, str], error: type[FlowsError], message: str
) -> None:
    with pytest.raises(error, match=message):
        load(changed(tmp_path, EXAMPLE, *edit))
