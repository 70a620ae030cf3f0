"""`make bench`: every file has rows, and its table takes the place of the last one on the page."""

import inspect
from importlib import import_module

import pytest
from bench import FILES, MARK, PACKAGES, PAGE, ROOT, written


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_benchmarks_has_rows(name: str) -> None:
    asked = inspect.signature(import_module(name).rows).parameters
    assert {parameter.name: parameter.kind for parameter in asked.values()} == {
        "quick": inspect.Parameter.KEYWORD_ONLY
    }


def test_the_table_takes_the_place_of_the_last_one() -> None:
    once = written(f"Words.\n\n{MARK}\n\nold table\n", "new table\n")
    assert once == f"Words.\n\n{MARK}\n\nnew table\n"
    assert written(once, "new table\n") == once
    with pytest.raises(ValueError, match="expected the line <!-- written by"):
        written("Words alone.\n", "table")


def test_the_page_has_the_place_of_the_table() -> None:
    assert PAGE.read_text("utf-8").count(MARK) == 1


def test_the_versions_printed_are_those_that_are_locked() -> None:
    lock = (ROOT / "requirements-bench.lock").read_text("utf-8")
    assert [name for name in PACKAGES if f"\n{name}==" not in f"\n{lock}"] == []
