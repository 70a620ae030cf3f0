"""Totals of BACI by pair: thousands, who states them, and what a missing row means."""

from pathlib import Path

import pytest

from flows.errors import CountryError, FlowsError, LayoutError, SchemaError
from flows.loaders import load
from flows.loaders.examples import example_path
from flows.measure.timeseries import series
from flows.scope import scope_of
from tests.raw_files import changed

EXAMPLE = example_path("baci_totals")


def test_thousands_become_dollars_stated_by_the_organisation() -> None:
    trade = load(EXAMPLE)
    assert trade["value"].tolist() == [92_500_500.0, 302_000_250.0, 1_000_000.0]
    assert set(trade["reporter"]) == {"CEPII"}
    assert set(trade["valuation"]) == {"FOB"}


def test_a_pair_without_a_row_had_no_trade_in_the_years_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "totals.csv"
    path.write_text(
        "exporter,importer,year,thousand_usd\nIRN,ARM,2018,288\nIRN,GEO,2020,1\n", encoding="utf-8"
    )
    trade = load(path)
    scope = scope_of(trade["dataset"].iloc[0])
    assert scope is not None
    assert scope.years == (2018, 2020)
    years = series(trade, exporter="IRN", importer="ARM", freq="year", absent="zero")
    assert years.tolist() == [288_000.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("edit", "error", "message"),
    [
        (("92500.5", "92,500"), LayoutError, r"csv:2"),
        (("ARM,IRN,2019", "ARM,IRN,19"), LayoutError, r"csv:2: column year: .*'19'"),
        (("IRN,GEO", "IRN,QQQ"), CountryError, "QQQ"),
        (("IRN,GEO", "IRN,ARM"), SchemaError, "lines? 3, 4"),
    ],
)
def test_a_fault_is_named_with_its_line(
    tmp_path: Path, edit: tuple[str, str], error: type[FlowsError], message: str
) -> None:
    with pytest.raises(error, match=message):
        load(changed(tmp_path, EXAMPLE, *edit))
