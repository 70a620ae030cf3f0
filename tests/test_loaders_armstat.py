"""Armstat: three flows a line, thousand dollars, one country under two names."""

from pathlib import Path

import pytest
from raw_files import changed

from flows.errors import CountryError, LayoutError, SchemaError
from flows.loaders.armstat import normalise_armstat, read_armstat
from flows.loaders.examples import example_path

EXAMPLE = example_path("armstat")


def test_one_line_gives_three_statements() -> None:
    trade = normalise_armstat(read_armstat(EXAMPLE)).iloc[:3]
    assert trade["value"].tolist() == [1_000_500, 250_000, 260_250]
    assert trade["exporter"].tolist() == ["ARM", "GEO", "GEO"]
    assert trade["importer"].tolist() == ["GEO", "ARM", "ARM"]
    assert trade["valuation"].tolist() == ["FOB", "CIF", "CIF"]
    assert trade["partner_basis"].tolist() == ["destination", "origin", "consignment"]
    assert set(trade["reporter"]) == {"ARM"}
    assert set(trade["line"]) == {2}


def test_a_country_that_changes_its_name_stays_one_country() -> None:
    trade = normalise_armstat(read_armstat(EXAMPLE))
    iran = trade[trade["exporter"] == "IRN"]
    assert iran["start"].dt.strftime("%Y-%m").unique().tolist() == ["2023-12", "2024-01"]


def test_a_zero_is_stated_and_an_empty_cell_is_not(tmp_path: Path) -> None:
    path = changed(tmp_path, EXAMPLE, '"Iran",2023,12,0,500', '"Iran",2023,12,0,')
    trade = normalise_armstat(read_armstat(path))
    december = trade[trade["line"] == 3]
    assert december["value"].tolist() == [0, 510_000]
    assert trade.attrs["report"]["left_out"] == {"empty cells": 1}


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ("1000.5", '"1,000.5"', LayoutError, "csv:2: column export: .* found '1,000.5'"),
        ("2023,1,", "2023,2,", LayoutError, "csv:2: column date: expected the first day"),
        ('"Georgia"', '"Gruzia"', CountryError, "Gruzia.*armstat.csv line 2"),
        ('"Islamic Republic of Iran",2024,1,12,501,511,"2024-01-01"',
         '"Iran",2023,12,0,500,510,"2023-12-01"', SchemaError, "lines 3, 3, 3, 4, 4"),
        ('"import_origin"', '"imports"', LayoutError, "csv:1: .* missing 'import_origin'"),
        (',"2023-12-01"', "", LayoutError, "csv:3: expected 7 cells, found 6"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_file_and_line(
    tmp_path: Path, old: str, new: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        normalise_armstat(read_armstat(changed(tmp_path, EXAMPLE, old, new)))


@pytest.mark.parametrize("month", ["13", "0", "x"])
def test_a_month_that_does_not_exist_is_refused(tmp_path: Path, month: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        f"country,year,month,export,import_origin,import_consignment\nIran,2023,{month},1,2,3\n",
        encoding="utf-8",
    )
    with pytest.raises(ValueError, match=r"a.csv:2: column month"):
        normalise_armstat(read_armstat(path))


@pytest.mark.parametrize("vintage", ["2024-02", "2025-02"])
def test_a_real_export_gives_three_statements_a_line(shared_data: Path, vintage: str) -> None:
    raw = read_armstat(shared_data / "armstat" / f"trade-by-country-{vintage}.csv")
    trade = normalise_armstat(raw)
    assert len(trade) == 3 * len(raw.rows)


def test_real_export_2023_with_all_partners(shared_data: Path) -> None:
    path = shared_data / "armstat" / "trade-by-country-2025-02.csv"
    trade = normalise_armstat(read_armstat(path))
    in_2023 = trade[trade["start"].dt.year == 2023]
    sums = in_2023.groupby("partner_basis")["value"].sum() / 1e6
    assert round(sums["destination"]) == 8552
    assert round(sums["origin"]) == 12758
