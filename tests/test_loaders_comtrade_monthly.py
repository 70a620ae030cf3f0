"""Monthly fuels: zeros in front of codes come back, World and re-exports stay out."""

from pathlib import Path

import pytest

from flows.errors import CountryError, LayoutError, PeriodError, SchemaError
from flows.loaders.comtrade import normalise_comtrade_monthly, read_comtrade_monthly

HEADER = (
    "period,trade_code,reporter,partner_iso,partner,commodity_code,netweight_kg,trade_value_us\n"
)
ROW = "2010-01-01,M,Armenia,IRN,Iran,271121,29278200,6875668.8\n"


def written(tmp_path: Path, rows: str) -> Path:
    path = tmp_path / "fuels.csv"
    path.write_text(HEADER + rows, encoding="utf-8")
    return path


def test_a_row(tmp_path: Path) -> None:
    trade = normalise_comtrade_monthly(read_comtrade_monthly(written(tmp_path, ROW)))
    row = trade.iloc[0]
    assert (row["exporter"], row["importer"], row["reporter"]) == ("IRN", "ARM", "ARM")
    assert (row["product"], row["classification"]) == ("271121", "HS")
    assert (row["value"], row["netweight_kg"]) == (6875668.8, 29278200)
    assert (row["start"].day, row["end"].day) == (1, 31)


def test_zeros_in_front_come_back_and_exports_go_the_other_way(tmp_path: Path) -> None:
    rows = "2010-02-01,X,Armenia,IRN,Iran,10121,,5\n"
    row = normalise_comtrade_monthly(read_comtrade_monthly(written(tmp_path, rows))).iloc[0]
    assert (row["product"], row["exporter"], row["importer"]) == ("010121", "ARM", "IRN")


def test_world_and_trade_that_is_in_exports_already_are_left_out(tmp_path: Path) -> None:
    rows = ROW + ROW.replace("IRN,Iran", "W00,World") + ROW.replace(",M,", ",RX,")
    trade = normalise_comtrade_monthly(read_comtrade_monthly(written(tmp_path, rows)))
    assert trade["line"].tolist() == [2]
    assert trade.attrs["report"]["left_out"] == {
        "rows of World and groups of countries": 1,
        "rows of re-trade": 1,
    }


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ("2010-01-01", "2010-01-02", LayoutError, "fuels.csv:2: column period"),
        ("2010-01-01", "2010-13-01", PeriodError, "fuels.csv:2: column period"),
        (",M,", ",I,", LayoutError, "fuels.csv:2: column trade_code: .* found 'I'"),
        ("271121", "2711.21", LayoutError, "fuels.csv:2: column commodity_code"),
        ("Armenia", "Armenien", CountryError, "Armenien.*fuels.csv line 2"),
        ("6875668.8", "", LayoutError, "fuels.csv:2: column trade_value_us"),
        ("6875668.8\n", "6875668.8\n" + ROW, SchemaError, "lines 2, 3"),
    ],
)
def test_a_fault_is_named_with_file_and_line(
    tmp_path: Path, old: str, new: str, error: type[Exception], message: str
) -> None:
    path = written(tmp_path, ROW.replace(old, new, 1))
    with pytest.raises(error, match=message):
        normalise_comtrade_monthly(read_comtrade_monthly(path))


def test_real_export_in_two_encodings_at_once_is_refused_at_its_first_broken_line(
    shared_data: Path,
) -> None:
    path = shared_data / "comtrade" / "fuel-imports-monthly-mixed-encoding.csv"
    with pytest.raises(LayoutError, match=r":4888: expected text in utf-8, found byte 0xe7"):
        read_comtrade_monthly(path)
