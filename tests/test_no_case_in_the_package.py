"""The package knows no case: countries come from the data and the plan."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import flows
from flows.countries import country_name

PACKAGE = Path(flows.__file__).parent

OF_THE_CASES = {"ARM", "AZE", "EU27_2020", "GEO", "IRN", "ISR", "KAZ", "KGZ", "RUS", "UZB"}
PUBLISHERS = {"loaders/armstat.py", "loaders/irica.py"}
"""Layouts of one country's statistics, which that country reports."""

NAMED = re.compile(
    "|".join(rf"\b{re.escape(country_name(code))}" for code in sorted(OF_THE_CASES - {"EU27_2020"}))
)


def texts_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_no_code_asks_for_a_country_of_a_case() -> None:
    asking = {
        path.relative_to(PACKAGE).as_posix(): found
        for path in PACKAGE.rglob("*.py")
        if (found := OF_THE_CASES & set(texts_in(path)))
    }
    assert asking, "some layouts are of one country, so that the test can find something"
    assert asking.keys() <= PUBLISHERS


def test_no_text_of_a_section_names_a_country_of_a_case() -> None:
    texts = [*PACKAGE.glob("studies/**/*.md"), *PACKAGE.glob("pipeline/new/template/*.md")]
    naming = [path.name for path in texts if NAMED.search(path.read_text(encoding="utf-8"))]
    assert len(texts) > len(list(PACKAGE.glob("studies/*/"))), "texts were looked at"
    assert not naming
