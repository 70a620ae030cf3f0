"""The package knows no case: countries come from the data and the plan."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import flows
from flows.countries import country_name

PACKAGE = Path(flows.__file__).parent

OF_THE_CASES = (
    *("ARM", "AZE", "GEO", "IRN", "ISR", "KAZ", "KGZ", "RUS", "UZB"),
    "EU27_2020",
)
PUBLISHERS = {"loaders/armstat.py", "loaders/irica.py"}
"""Layouts of one country's statistics, which that country reports."""

NAMED = re.compile(
    "|".join(rf"\b{re.escape(country_name(code))}" for code in OF_THE_CASES if "_" not in code)
)


def constants(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize("code", OF_THE_CASES)
def test_no_code_asks_for_a_country_of_a_case(code: str) -> None:
    asking = [
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if code in constants(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert set(asking) <= PUBLISHERS


def test_no_text_of_a_section_names_a_country_of_a_case() -> None:
    texts = [*PACKAGE.glob("studies/**/*.md"), *PACKAGE.glob("pipeline/new/template/*.md")]
    naming = [path.name for path in texts if NAMED.search(path.read_text(encoding="utf-8"))]
    assert len(texts) > len(list(PACKAGE.glob("studies/*/"))), "texts were looked at"
    assert not naming
