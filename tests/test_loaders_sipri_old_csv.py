"""The old site's CSV: SIPRI's own codes are kept, never read as alpha-3."""

from pathlib import Path

import pytest

from flows.errors import CountryError, LayoutError, SchemaError
from flows.loaders import load
from flows.loaders.examples import example_path

EXAMPLE = example_path("sipri_old_csv")


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / EXAMPLE.name
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_deals() -> None:
    arms = load(EXAMPLE)
    assert arms["deal"].tolist() == ["63890", "63891"]
    assert arms["importer"].tolist() == ["AZE", "AZE"]
    assert arms["buyercod"].tolist() == ["AZB", "AZB"]
    assert arms["value"].tolist() == [4.96, 3.96]
    assert arms["estimate"].tolist() == [True, False]
    assert arms["order_year_estimated"].tolist() == [False, True]
    assert arms["status"].tolist() == ["New", "S"]
    assert arms["end"].dt.year.tolist() == [2020, 2010]
    assert arms.attrs["report"]["left_out"] == {"deals without a delivery": 1}


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ("16,X,2020", "16,?,2020", LayoutError, "csv:2: column .*expected X or nothing"),
        ("16,X,2020", "16,X,20", LayoutError, "csv:2: column Year"),
        (",Israel,N", ",ISR2,N", CountryError, "ISR2.*csv line 2"),
        ('63891,AZB,BLR,2009,X,9,X,,N/A,Example-2,AR,towed gun,L,9,,"2009,2010",Azerbaijan,Belarus',
         "63890,AZB,ISR,2009,X,9,X,,N/A,Example-2,AR,APC,L,9,,2020,Azerbaijan,Israel",
         SchemaError, "lines 2, 3"),
        ("tivdel\n", "tiv\n", LayoutError, "csv:1: expected one of the layouts"),
    ],
)  # fmt: skip
def test_a_fault_is_named(
    tmp_path: Path, old: str, new: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        load(changed(tmp_path, old, new))
