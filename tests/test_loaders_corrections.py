"""Negative figures of described tables: corrections where the description says so."""

from pathlib import Path

import pandas as pd
import pytest

from flows.errors import LayoutError, SchemaError
from flows.loaders import load

DESCRIPTION = """reporter = "GEO"
unit = "USD"
calendar = "gregorian"
coverage = "all goods"
{}
[columns]
partner = "Country"
year = "Year"
[flows.Imports]
direction = "import"
"""


def table_of(tmp_path: Path, rows: list[str], keys: str = "corrections = true") -> pd.DataFrame:
    path, description = tmp_path / "mine.csv", tmp_path / "mine.toml"
    path.write_text("\n".join(["Country,Year,Office,Imports", *rows, ""]), encoding="utf-8")
    description.write_text(DESCRIPTION.format(keys), encoding="utf-8")
    return load(path, layout=str(description))


@pytest.mark.parametrize("minus", ["-", "\u2212"])
def test_corrections_are_added_to_their_statement(minus: str, tmp_path: Path) -> None:
    table = table_of(tmp_path, ["Iran,2023,A,50", f"Iran,2023,A,{minus}5", "Armenia,2023,A,7"])
    assert table["value"].tolist() == [45.0, 7.0]
    assert table["low"].tolist() == table["high"].tolist() == [45.0, 7.0]
    said = table.attrs["report"]["warnings"]
    assert said == ["1 corrections (line 3: '-5') are added to the statements that they correct"]


def test_corrections_of_parts_are_added_with_them(tmp_path: Path) -> None:
    rows = ["Iran,2023,A,50", "Iran,2023,B,9", "Iran,2023,A,-5"]
    table = table_of(tmp_path, rows, 'corrections = true\nsum_over = ["Office"]')
    assert table["value"].tolist() == [54.0]


def test_a_negative_sum_stays_refused(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match=r"mine.csv:2: column Imports: .*found -5 USD"):
        table_of(tmp_path, ["Iran,2023,A,-5", "Armenia,2023,A,7"])


def test_two_statements_stay_refused_beside_a_correction(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match=r"lines 2, 3; .*only their figures differ|Office"):
        table_of(tmp_path, ["Iran,2023,A,50", "Iran,2023,A,6", "Iran,2023,A,-5"])


def test_without_the_key_negative_figures_say_it(tmp_path: Path) -> None:
    with pytest.raises(
        LayoutError, match=r"if negative figures correct .* write corrections = true"
    ):
        table_of(tmp_path, ["Iran,2023,A,-5"], "")


@pytest.mark.parametrize(
    ("cell", "hint"),
    [
        ("(5)", "accounts write a negative figure so: write -5"),
        ("5-", "accounts write a negative figure so: write -5"),
        ("5%", "a share is no value"),
        ("<0.5", r'write "<0.5" = "below 0.5"'),
        ("500[1]", r'write "\[1\]" = "estimate" or "note"'),
        ("#DIV/0!", r'its formula failed: .*"#DIV/0!" = "missing"'),
    ],
)
def test_what_is_no_figure_says_what_to_write(cell: str, hint: str, tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match=rf"mine.csv:2: column Imports: .*{hint}"):
        table_of(tmp_path, [f"Iran,2023,A,{cell}"])


def test_rows_that_are_identical_are_told_from_those_that_differ(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="they are identical: keep one of them"):
        table_of(tmp_path, ["Iran,2023,A,5", "Iran,2023,A,5"])
    with pytest.raises(SchemaError, match="only their figures differ"):
        table_of(tmp_path, ["Iran,2023,A,5", "Iran,2023,A,6"])
