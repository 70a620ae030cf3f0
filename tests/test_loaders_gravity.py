"""CEPII Gravity: covariates beside the flows, one row a pair and year."""

from pathlib import Path

import pandas as pd
import pytest

from flows.errors import CountryError, LayoutError, SchemaError
from flows.loaders import load
from flows.loaders.covariates import normalise_gravity, read_gravity
from flows.loaders.examples import example_path

EXAMPLE = example_path("gravity")


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / EXAMPLE.name
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_covariates_are_numbers_and_missing_ones_stay_missing() -> None:
    pairs = load(EXAMPLE)
    assert pairs["year"].tolist() == [2019, 2020]
    assert pairs["dist"].tolist() == [786, 786]
    assert pairs["gdp_o"].isna().tolist() == [False, True]
    assert pairs["rta_type"].isna().all()
    assert pairs.attrs["report"]["left_out"] == {
        "rows of countries that did not exist in the year": 1
    }


def test_the_stata_file_gives_the_same(tmp_path: Path) -> None:
    frame = pd.read_csv(EXAMPLE)
    frame["rta_type"] = frame["rta_type"].astype("float64")
    path = tmp_path / "gravity.dta"
    frame.to_stata(path, write_index=False)
    own = ["dataset", "line"]
    stata = load(path).drop(columns=own)
    assert stata.equals(load(EXAMPLE).drop(columns=own))


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ("780.4,786", "780.4,near", LayoutError, "csv:2: column dist"),
        ("IRN,ARM,364", "IRQ?,ARM,364", CountryError, r"IRQ\?.*csv line 2"),
        ("2020,IRN", "2019,IRN", SchemaError, "lines 2, 3"),
        ("iso3_d,", "iso3,", LayoutError, "csv:1: .* missing 'iso3_d'"),
    ],
)
def test_a_fault_is_named(
    tmp_path: Path, old: str, new: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        normalise_gravity(read_gravity(changed(tmp_path, old, new)))


def test_a_file_that_is_none_of_stata_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gravity.dta"
    path.write_bytes(b"<stata_dta>")
    with pytest.raises(LayoutError, match="expected a sound file of Stata"):
        read_gravity(path)
