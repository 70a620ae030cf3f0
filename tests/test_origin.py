"""Every number of the report is given by the code that stands beside it."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import flows as fl
from flows.canonical import canonical
from flows.findings import Number
from flows.pipeline.trace import number_code
from flows.report.numbers import read_numbers

ROOT = Path(fl.__file__).parents[1]
NUMBERS = read_numbers(ROOT / "reports" / "numbers.json")


class Runner:
    """Runs code line by line; the same line of the same results is run once."""

    def __init__(self) -> None:
        self.results: dict[str, Any] = {}

    def run(self, code: str) -> dict[str, Any]:
        names: dict[str, Any] = {}
        keys: dict[str, str] = {}
        for statement in ast.parse(code).body:
            if isinstance(statement, ast.Assign):
                key = ast.unparse(_Keyed(keys).visit(ast.parse(ast.unparse(statement.value))))
                if key not in self.results:
                    self.results[key] = eval(ast.unparse(statement.value), names)
                _assign(statement.targets[0], self.results[key], key, names, keys)
            elif not isinstance(statement, ast.Expr):
                exec(ast.unparse(statement), names)
        return names


class _Keyed(ast.NodeTransformer):
    def __init__(self, keys: dict[str, str]) -> None:
        self.keys = keys

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(f"<{self.keys[node.id]}>" if node.id in self.keys else node.id)


def _assign(
    target: ast.expr, value: Any, key: str, names: dict[str, Any], keys: dict[str, str]
) -> None:
    ends = target.elts if isinstance(target, ast.Tuple) else [target]
    values = value if isinstance(target, ast.Tuple) else [value]
    for name, part in zip(_names(ends), values, strict=True):
        names[name], keys[name] = part, f"{key}: {name}"


def _names(targets: list[ast.expr]) -> Iterator[str]:
    for target in targets:
        assert isinstance(target, ast.Name)
        yield target.id


@pytest.fixture(scope="module")
def runner() -> Runner:
    return Runner()


@pytest.mark.parametrize("name", sorted(NUMBERS))
def test_its_code_gives_the_number(
    name: str, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    number = NUMBERS[name]
    names = runner.run("\n".join(number_code(number)))
    value = float(names["value"])
    assert canonical(value, exact=number.exact) == number.value
    digits = len(number.printed.partition(".")[2])
    assert fl.print_value(value, digits, exact=number.exact) == number.printed
    ends = [names.get(end) for end in ("low", "high")]
    assert [None if end is None else canonical(end, exact=number.exact) for end in ends] == [
        number.low,
        number.high,
    ]


@pytest.mark.parametrize("name", ["arms.share.main"])
def test_its_code_prints_the_number(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    exec("\n".join(number_code(NUMBERS[name])), {})
    assert capsys.readouterr().out == f"{NUMBERS[name].printed}\n"


def test_the_code_of_a_number_without_any_is_no_number() -> None:
    number = Number("a.b", 1.0, "%", "1", "A.", "", {}, {}, ())
    assert "value" not in "\n".join(number.code)
