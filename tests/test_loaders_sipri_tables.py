"""SIPRI's TIV tables: a printed 0 is below 0.5, an empty cell is nothing, totals are left out."""

import base64
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from raw_files import changed

from flows.errors import CountryError, LayoutError, SchemaError
from flows.loaders import load
from flows.loaders.claims import from_text
from flows.loaders.examples import example_path
from flows.loaders.sipri_deals import normalise_sipri_deal_years, read_sipri_deal_years
from flows.loaders.sipri_tables import (
    normalise_sipri_tiv_table,
    normalise_sipri_totals,
    read_sipri_tiv_table,
)

IMPORTS = example_path("sipri_tiv_table")


def test_a_table_of_one_recipient() -> None:
    arms = normalise_sipri_tiv_table(read_sipri_tiv_table(IMPORTS))
    rows = zip(arms["exporter"], arms["start"].dt.year, arms["value"], arms["line"], strict=True)
    assert list(rows) == [
        ("BLR", 2016, 0, 12),
        ("BLR", 2017, 10, 12),
        ("ISR", 2016, 250, 13),
        ("ISR", 2018, 12, 13),
    ]
    assert set(arms["importer"]) == {"AZE"}
    assert arms["high"].tolist() == [0.5, 10, 250, 12]
    assert arms["low"].tolist() == [0, 10, 250, 12]
    assert arms.attrs["report"]["left_out"] == {
        "rows of totals": 1,
        "cells of columns of totals": 3,
        "empty cells: no deliveries identified": 2,
    }
    assert from_text(arms.attrs["scope"]).years == (2016, 2018)


def test_the_word_before_the_country_says_which_side_it_is(tmp_path: Path) -> None:
    path = changed(tmp_path, IMPORTS, "imports to Azerbaijan", "exports from Azerbaijan")
    arms = normalise_sipri_tiv_table(read_sipri_tiv_table(path))
    assert set(arms["exporter"]) == {"AZE"}
    assert set(arms["importer"]) == {"BLR", "ISR"}


def test_a_decimal_cell_is_exact(tmp_path: Path) -> None:
    path = changed(tmp_path, IMPORTS, "Belarus,0,10", "Belarus,0.28,10")
    first = normalise_sipri_tiv_table(read_sipri_tiv_table(path)).iloc[0]
    assert (first["value"], first["low"], first["high"]) == (0.28, 0.28, 0.28)


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ('"TIV of arms imports', '"TIV imports', LayoutError, "csv:1: expected a title"),
        (
            ",2016,2017,2018,",
            ",2016,2018,2018,",
            LayoutError,
            "csv:11: .* '2018' as columns 3 and 4",
        ),
        (",2016,2017,2018,", ",2018,2017,2016,", LayoutError, "in their order"),
        ("Belarus,0,10", "Belarus,0,x", LayoutError, "csv:12: column 2017: .* found 'x'"),
        ("Belarus,0,10,,11", "Belarus,0,10,11", LayoutError, "csv:12: expected 5 cells, found 4"),
        ("Belarus,", "Byelorussia2,", CountryError, "Byelorussia2.*table.csv line 12"),
        ("Israel,250,,12,262", "Belarus,1,,,1", SchemaError, "lines 12, 13"),
        ("to Azerbaijan,", "to Aserbaidschan,", CountryError, "Aserbaidschan.*table.csv line 1"),
        ("to Azerbaijan,", "to all,", LayoutError, "csv:1: expected the title of one country"),
    ],
)
def test_a_fault_is_named_with_file_and_line(
    tmp_path: Path, old: str, new: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        normalise_sipri_tiv_table(read_sipri_tiv_table(changed(tmp_path, IMPORTS, old, new)))


def test_a_table_pasted_twice_is_refused(tmp_path: Path) -> None:
    text = IMPORTS.read_text(encoding="utf-8")
    path = tmp_path / "twice.csv"
    path.write_text(text + text.partition("\n,2016")[2].join(["\n,2016", ""]), encoding="utf-8")
    with pytest.raises(LayoutError, match=r"twice.csv:17: expected a row, found the header again"):
        read_sipri_tiv_table(path)


def test_totals_name_no_partner() -> None:
    raw = read_sipri_tiv_table(example_path("sipri_import_totals"))
    arms = normalise_sipri_totals(raw)
    assert set(arms["exporter"]) == {"XXX"}
    assert arms["value"].tolist() == [110, 18, 3, 0]
    raw = read_sipri_tiv_table(example_path("sipri_export_totals"))
    arms = normalise_sipri_totals(raw)
    assert set(arms["importer"]) == {"XXX"}
    assert set(arms["coverage"]) == {"major arms, all recipients together"}


def test_the_table_of_one_country_is_not_one_of_totals() -> None:
    with pytest.raises(LayoutError, match="expected 'from all' or 'to all'"):
        normalise_sipri_totals(read_sipri_tiv_table(IMPORTS))


@pytest.fixture(scope="module")
def tables(shared_data: Path) -> pd.DataFrame:
    paths = sorted((shared_data / "sipri" / "tiv-tables-2022-03").glob("*.csv"))
    assert len(paths) == 134
    return pd.concat(
        [normalise_sipri_tiv_table(read_sipri_tiv_table(path)) for path in paths],
        ignore_index=True,
    )


def test_real_export_tables_give_armenia_94_percent_from_russia(tables: pd.DataFrame) -> None:
    years = tables["start"].dt.year.between(2016, 2020)
    armenia = tables[(tables["importer"] == "ARM") & years]
    by = armenia.groupby("exporter")["value"].sum() / armenia["value"].sum() * 100
    assert by.round(1).to_dict() == {"RUS": 94.4, "JOR": 5.6}


def test_real_export_tables_are_deal_years_of_their_release_rounded_half_up(
    tables: pd.DataFrame, shared_data: Path
) -> None:
    raw = read_sipri_deal_years(shared_data / "sipri" / "DealsAndTIVs-2022-03.txt")
    key = ["exporter", "importer", "start"]
    summed = normalise_sipri_deal_years(raw).groupby(key)["value"].sum().round(6)
    printed = tables[tables["start"].dt.year >= 2011].set_index(key)["value"]
    both = pd.DataFrame({"summed": summed, "printed": printed})
    assert len(both) == 4879
    differs = both[np.floor(both["summed"] + 0.5) != both["printed"]]
    assert [(one[0], one[1], one[2].year) for one in differs.index] == [("CHN", "IRN", 2011)]


@pytest.mark.parametrize("name", ["Import", "Export"])
def test_real_export_tables_of_totals(shared_data: Path, name: str) -> None:
    path = shared_data / "sipri" / f"TIV-{name}-All-Country-1950-2022.csv"
    arms = normalise_sipri_totals(read_sipri_tiv_table(path))
    assert set(arms["importer" if name == "Export" else "exporter"]) == {"XXX"}


def test_real_export_without_preamble_is_refused(shared_data: Path) -> None:
    path = shared_data / "sipri" / "TIV-Import-All-1950-2020-preamble-lost.csv"
    with pytest.raises(LayoutError, match=r":1: expected a title .* found 'Country'"):
        read_sipri_tiv_table(path)


SITE = example_path("sipri_site_table")


def site_table(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    text = SITE.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / SITE.name
    path.write_text(text, encoding="utf-8")
    return path


def test_suppliers_of_one_recipient() -> None:
    arms = load(SITE)
    assert arms[["exporter", "importer", "value", "high"]].to_numpy().tolist() == [
        ["BLR", "AZE", 0.0, 0.5],
        ["BLR", "AZE", 10.0, 10.0],
        ["ISR", "AZE", 250.0, 250.0],
        ["ISR", "AZE", 12.0, 12.0],
    ]
    assert arms.attrs["report"]["left_out"] == {
        "rows of totals": 1,
        "cells of columns of totals": 3,
        "empty cells: no deliveries identified": 2,
    }


def test_recipients_of_one_supplier(tmp_path: Path) -> None:
    path = site_table(
        tmp_path, ("Supplier,", "Recipient,"), ("exports to Azerbaijan", "exports from Azerbaijan")
    )
    arms = load(path)
    assert set(arms["exporter"]) == {"AZE"}
    assert set(arms["importer"]) == {"BLR", "ISR"}


@pytest.mark.parametrize(
    ("first", "side", "total"),
    [("Exports by", "importer", "export"), ("Imports by", "exporter", "import")],
)
def test_all_countries(tmp_path: Path, first: str, side: str, total: str) -> None:
    path = site_table(
        tmp_path,
        ("Supplier,", f"{first},"),
        ("Total exports to Azerbaijan", f"Total world {total}"),
    )
    arms = load(path)
    assert set(arms[side]) == {"XXX"}
    assert "together" in arms["coverage"].iloc[0]


def test_replies_of_the_interface_hold_the_table(tmp_path: Path) -> None:
    text = SITE.read_text(encoding="utf-8")
    plain = load(SITE).drop(columns="dataset")
    as_text, as_bytes = tmp_path / "a.json", tmp_path / "b.json"
    as_text.write_text(json.dumps({"result": text}), encoding="utf-8")
    packed = base64.b64encode(text.encode()).decode()
    as_bytes.write_text(json.dumps({"bytes": packed}), encoding="utf-8")
    assert load(as_text).drop(columns="dataset").equals(plain)
    assert load(as_bytes).drop(columns="dataset").equals(plain)


@pytest.mark.parametrize(
    "reply",
    ['{"result": ""}', '{"bytes": "?"}', '{"result": 5}', '{"bytes": null}', '{"result": "a'],
)
def test_a_reply_without_a_table_is_refused(tmp_path: Path, reply: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(reply, encoding="utf-8")
    with pytest.raises(LayoutError, match=r"a.json:1: expected a table under"):
        load(path)


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ("Total exports to Azerbaijan", "Sum", LayoutError, "expected one row of sums"),
        ("exports to Azerbaijan,", "exports to Aserbaidschan,", CountryError, "csv line 8"),
        ("2016,2017,2018,2016-2018", "2016,2018,2019,2016-2018", LayoutError, "without a gap"),
        ("Belarus,0 ,", "Belarus,0 x,", LayoutError, "csv:6: column 2016"),
        ("Israel,250", "Belarus,250", SchemaError, "lines 6, 7"),
    ],
)
def test_a_fault_of_the_site_s_table_is_named(
    tmp_path: Path, old: str, new: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        load(site_table(tmp_path, (old, new)))
