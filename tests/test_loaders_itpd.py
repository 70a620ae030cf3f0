"""ITPD-E: millions, domestic trade, zeros that nobody reported; and USITC's covariates."""

from pathlib import Path

import pandas as pd
import pytest

from flows.errors import CountryError, FlowsError, LayoutError, SchemaError
from flows.loaders import load
from flows.loaders.examples import example_path
from tests.raw_files import changed

EXAMPLE, GRAVITY = example_path("itpd"), example_path("usitc_gravity")


def test_domestic_trade_and_assumed_zeros_are_no_flows() -> None:
    trade = load(EXAMPLE)
    assert trade["value"].tolist() == [62_500_000.0, 0.0, 3_750_000.0]
    assert trade["mirror"].tolist() == [False, False, True]
    assert set(trade["reporter"]) == {"USITC"}
    assert trade.attrs["report"]["left_out"] == {
        "rows of domestic trade": 1,
        "zeros that no country reported": 1,
    }


def test_the_third_release_and_stata_are_the_same(tmp_path: Path) -> None:
    third = changed(tmp_path, EXAMPLE, "exporter_dynamic_code", "exporter_iso3_dynamic")
    stata = tmp_path / "itpd.dta"
    pd.read_csv(EXAMPLE).to_stata(stata, write_index=False)
    for path in (third, stata):
        assert load(path)["value"].tolist() == [62_500_000.0, 0.0, 3_750_000.0]


@pytest.mark.parametrize(
    ("edit", "error", "message"),
    [
        (("62.5,0,p", "62;5,0,p"), LayoutError, r"csv:2: column trade: expected a number"),
        (("62.5,0,p", "-62.5,0,p"), LayoutError, r"csv:2: column trade: .*not negative"),
        (("62.5,0,p", "62.5,2,p"), LayoutError, r"csv:2: column flag_mirror: .*found '2'"),
        (("62.5,0,p", "62.5,0,x"), LayoutError, r"csv:2: column flag_zero: .*found 'x'"),
        (("2019,34,", "2019,oil,"), LayoutError, r"csv:2: column industry_id: .*found 'oil'"),
        (("2019,34,", "19,34,"), LayoutError, r"csv:2: column year: .*found '19'"),
        (("IRN,IRN,", "QQQ,IRN,"), CountryError, "QQQ.*line 2"),
        (
            ("GEO,GEO,Georgia,ARM,ARM,Armenia,2019,35", "IRN,IRN,Iran,ARM,ARM,Armenia,2019,34"),
            SchemaError,
            r"lines? 2, 6",
        ),
    ],
)
def test_a_fault_is_named_with_line_and_heading(
    tmp_path: Path, edit: tuple[str, str], error: type[FlowsError], message: str
) -> None:
    with pytest.raises(error, match=message):
        load(changed(tmp_path, EXAMPLE, *edit))


def test_covariates_of_the_usitc_are_told_from_those_of_cepii(tmp_path: Path) -> None:
    stata = tmp_path / "gravity.dta"
    pd.read_csv(GRAVITY).to_stata(stata, write_index=False)
    for path in (GRAVITY, stata):
        table = load(path)
        assert table.attrs["report"]["layout"] == "usitc_gravity"
        assert table["distance"].tolist() == [956.5, 212.25]
        assert table["lat_o"].tolist() == [32.4, -40.1]
        assert "region_o" not in table
    assert load(example_path("gravity")).attrs["report"]["layout"] == "gravity"


def test_a_covariate_that_is_no_number_is_named(tmp_path: Path) -> None:
    path = changed(tmp_path, GRAVITY, "956.5", "near")
    with pytest.raises(LayoutError, match=r"csv:2: column distance: .*found 'near'"):
        load(path)
