"""SIPRI's site since 2024: the row of sums says whose table it is; replies hold tables."""

import base64
import json
from pathlib import Path

import pytest

from flows.errors import CountryError, LayoutError, SchemaError
from flows.loaders import load
from flows.loaders.examples import example_path

EXAMPLE = example_path("sipri_site_table")


def changed(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    text = EXAMPLE.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / EXAMPLE.name
    path.write_text(text, encoding="utf-8")
    return path


def test_suppliers_of_one_recipient() -> None:
    arms = load(EXAMPLE)
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
    path = changed(
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
    path = changed(
        tmp_path,
        ("Supplier,", f"{first},"),
        ("Total exports to Azerbaijan", f"Total world {total}"),
    )
    arms = load(path)
    assert set(arms[side]) == {"XXX"}
    assert "together" in arms["coverage"].iloc[0]


def test_replies_of_the_interface_hold_the_table(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    plain = load(EXAMPLE).drop(columns="dataset")
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
        ("Belarus,0 ,", "Belarus,0 x,", LayoutError, "csv:6: column cell"),
        ("Israel,250", "Belarus,250", SchemaError, "lines 6, 7"),
    ],
)
def test_a_fault_is_named(
    tmp_path: Path, old: str, new: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        load(changed(tmp_path, (old, new)))
