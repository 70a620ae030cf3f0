"""Descriptions that come with the package: Brazil's Comex Stat."""

from pathlib import Path

import pytest

from flows.errors import CountryError, LayoutError
from flows.loaders import load
from flows.loaders.examples import example_path
from flows.loaders.known import LAYOUTS, layouts

EXPORTS = example_path("comex_stat_exports")


def test_rows_of_states_modes_and_offices_are_one_statement() -> None:
    table = load(EXPORTS)
    assert table["value"].tolist() == [1500.0, 550.0, 40.0]
    assert table["importer"].tolist() == ["CHN", "ESP", "XXX"], "stores of ships are no country"
    assert (table["exporter"] == "BRA").all()
    assert "taken for exports" in table.attrs["report"]["warnings"][0]


def test_imports_are_known_by_their_freight_and_valued_fob() -> None:
    table = load(example_path("comex_stat_imports"))
    assert table["exporter"].tolist() == ["IRN", "BLR"]
    assert set(table["valuation"]) == {"FOB"}


def test_imports_of_an_old_download_are_not_taken_for_exports(tmp_path: Path) -> None:
    path = tmp_path / "IMP_1997.csv"
    path.write_bytes(EXPORTS.read_bytes())
    with pytest.raises(LayoutError, match=r"layout='comex_stat_imports'"):
        load(path)
    assert (load(path, layout="comex_stat_imports")["importer"] == "BRA").all()


def test_a_code_that_mdic_does_not_list_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "EXP_2023.csv"
    path.write_text(EXPORTS.read_text(encoding="utf-8").replace('"160"', '"007"'))
    with pytest.raises(CountryError, match=r"column CO_PAIS: .*'007'"):
        load(path)


def test_what_no_file_was_tried_of_is_said_in_list_and_report() -> None:
    documented = layouts().set_index("key")["documented"]
    assert documented["comex_stat_exports"]
    assert not documented["faostat"]
    for key in documented[documented != ""].index:
        warnings = LAYOUTS[key].load(example_path(key)).attrs["report"]["warnings"]
        assert any("was not tried on a file of the publisher" in text for text in warnings)
