"""SIPRI's regions: left out between countries, refused alone or in a title."""

from pathlib import Path

import pytest

from flows.errors import LayoutError
from flows.loaders import load
from flows.loaders.examples import example_path
from tests.raw_files import changed

TOTALS, SITE = example_path("sipri_import_totals"), example_path("sipri_site_table")


def test_a_region_between_countries_is_left_out_and_counted(tmp_path: Path) -> None:
    path = changed(tmp_path, TOTALS, "African Union**,,3,0,3", "Sub-Saharan Africa,900,3,0,903")
    trade = load(path)
    assert set(trade["importer"]) == {"ARM"}
    assert trade.attrs["report"]["left_out"]["rows of regions"] == 1


def test_regions_alone_are_refused(tmp_path: Path) -> None:
    path = changed(tmp_path, TOTALS, "African Union**,", "Europe,")
    path.write_text(path.read_text(encoding="utf-8").replace("Armenia,", "Asia and Oceania,"))
    with pytest.raises(LayoutError, match=r"found regions alone \(Asia and Oceania, Europe\)"):
        load(path)


def test_a_region_in_the_title_is_refused(tmp_path: Path) -> None:
    path = changed(tmp_path, example_path("sipri_tiv_table"), "Azerbaijan", "Middle East")
    with pytest.raises(LayoutError, match=r"csv:1: .*found the region 'Middle East'"):
        load(path)


def test_regions_of_the_site_are_left_out(tmp_path: Path) -> None:
    trade = load(changed(tmp_path, SITE, "Israel,250", "Middle East,250"))
    assert trade["exporter"].unique().tolist() == ["BLR"]
    assert trade.attrs["report"]["left_out"]["rows of regions"] == 1
