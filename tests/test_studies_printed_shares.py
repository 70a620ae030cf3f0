"""Shares as SIPRI prints them."""

import csv
from pathlib import Path

import pytest

from flows.studies.numbers import print_share


@pytest.mark.parametrize(
    ("percent", "printed"),
    [
        (100, "100"),
        (67.739, "68"),
        (10.5, "11"),
        (10.0, "10"),
        (9.95, "10"),
        (9.949, "9.9"),
        (6.25, "6.3"),
        (6.0, "6.0"),
        (0.05, "0.1"),
        (0.0499, "<0.05"),
        (1e-9, "<0.05"),
        (0.0, "0"),
    ],
)
def test_shares_are_printed_as_sipri_does(percent: float, printed: str) -> None:
    assert print_share(percent) == printed


@pytest.mark.parametrize("percent", [-0.1, 100.1, float("nan")])
def test_no_percentage_is_refused(percent: float) -> None:
    with pytest.raises(ValueError, match="expected a share of 0 to 100 percent"):
        print_share(percent)


def test_cells_of_a_fact_sheet_are_printed_as_they_are_in_real_export(
    shared_reference: Path,
) -> None:
    path = shared_reference / "sipri" / "fact_sheet_2024-03_table1_exporters_2019-23.csv"
    with path.open(encoding="utf-8") as lines:
        records = list(csv.DictReader(lines))
    names = ["share_2019_23", "share_2014_18", "rec1_share", "rec2_share", "rec3_share"]
    cells = [record[name] for record in records for name in names if record[name][:1] != "<"]
    assert [print_share(float(cell)) for cell in cells] == cells
