"""Every variable of the repository's data sets and exhibits has a label that somebody wrote."""

import csv
import re
from dataclasses import astuple
from importlib import resources
from pathlib import Path

import pandas as pd
import pytest

from flows.loaders import load_source
from flows.report.deposit.codebook import Entry, codebook_markdown, describe_columns
from flows.report.deposit.variables import find_variable, value_meanings
from flows.sources import Source, list_sources

ROOT = Path(__file__).resolve().parents[1]
EXHIBITS = sorted((ROOT / "reports").rglob("figures/*.csv")) + sorted(
    (ROOT / "reports").rglob("tables/*.csv")
)
PRINTED = re.compile(r".*[A-Z ].*")
"""Columns that are named by their printed heading, or by it and the word value."""


@pytest.mark.parametrize("path", EXHIBITS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_column_of_an_exhibit_is_labelled(path: Path) -> None:
    names = pd.read_csv(path, nrows=0).columns
    unknown = [
        name
        for name in names
        if not find_variable(name, kind="exhibit", of=path.stem) and not PRINTED.fullmatch(name)
    ]
    assert unknown == [], "add them to flows/report/deposit/variables.csv"


@pytest.mark.parametrize("source", list_sources(ROOT), ids=lambda source: source.id)
def test_every_column_of_a_data_set_is_labelled(source: Source) -> None:
    table = load_source(source)
    unknown = [
        name for name in table if not find_variable(str(name), kind="data", of=source.loader)
    ]
    assert unknown == [], "add them to flows/report/deposit/variables.csv"


def test_no_variable_is_listed_twice() -> None:
    text = resources.files("flows.report.deposit").joinpath("variables.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    places = [(row["variable"], row["of"]) for row in rows]
    assert len(places) == len(set(places))
    assert all(row["label"] for row in rows)


def test_what_is_listed_for_a_place_goes_before_what_is_listed_for_all() -> None:
    def label(name: str, of: str) -> str:
        variable = find_variable(name, kind="exhibit", of=of)
        assert variable is not None
        return variable.label

    assert label("value", "arms-by-supplier") == "Deliveries"
    assert label("value", "trade-monthly") == "Value of the month"
    assert label("line", "suppliers-trends") != label("line", "trade-trends")
    assert find_variable("of_no_list", kind="exhibit", of="trade-trends") is None


def test_values_are_explained_and_countries_named() -> None:
    assert value_meanings("exporter", ["XXX", "SUN", "nowhere"]) == {
        "XXX": "areas not specified",
        "SUN": "Soviet Union",
    }


def described(**columns: object) -> dict[str, tuple[str, str, str]]:
    """Return label, type and values of each column of a table."""
    found = describe_columns(pd.DataFrame(columns), "a.csv", of="a")
    return {
        variable: (label, kind, values)
        for _, variable, label, _, kind, values in map(astuple, found)
    }


def test_values_in_words() -> None:
    columns = described(
        kind=["level", "change", None],
        value=[1.5, 20.0, None],
        odd=[True, False, True],
        date=pd.to_datetime(["2020-01-01", "2021-01-31", None]),
        deal=[f"deal {number}" for number in range(3)],
        nothing=[None, None, None],
    )
    assert {name: column[1:] for name, column in columns.items()} == {
        "kind": ("text", "change = a change to the figure; level = a figure"),
        "value": ("number", "1.5 to 20"),
        "odd": ("true or false", ""),
        "date": ("date", "2020-01-01 to 2021-01-31"),
        "deal": ("text", "deal 0; deal 1; deal 2"),
        "nothing": ("empty", ""),
    }


def test_many_or_long_texts_are_counted() -> None:
    many = described(deal=[f"deal {number}" for number in range(13)], note=["long " * 13] * 13)
    assert [values for *_, values in many.values()] == ["13 different", "1 different"]


def test_a_column_without_a_label_is_told_by_its_name() -> None:
    columns = described(**{"some_thing": [1], "Years, log": ["0.1"], "Years, log (value)": [0.1]})
    assert [label for label, *_ in columns.values()] == [
        "Some thing",
        "Years, log: as it is printed",
        "Years, log: the value as a number",
    ]


def test_a_cell_of_the_codebook_breaks_no_table() -> None:
    entry = Entry("a.csv", "a_b", "a | b", "", "text", "x")
    assert r"| a\_b | a \| b |  | text | x |" in codebook_markdown([entry])
