"""The notebooks run from top to bottom, define nothing and show what they show here."""

import ast
import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("notebooks", ROOT / ".ci" / "notebooks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TOOL = _tool()


def _code(path: Path) -> list[Any]:
    return [cell for cell in TOOL.read(path).cells if cell.cell_type == "code"]


def _trees(path: Path) -> list[ast.Module]:
    return [
        ast.parse("\n".join(line for line in cell.source.splitlines() if not line.startswith("%")))
        for cell in _code(path)
    ]


def test_they_are_numbered_and_the_first_is_for_a_file_of_ones_own() -> None:
    assert [path.name[:2] for path in NOTEBOOKS] == [f"{n:02}" for n in range(len(NOTEBOOKS))]
    assert NOTEBOOKS[0].stem == "00_your_own_file"


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_shows_what_was_kept_of_it(path: Path) -> None:
    executed = TOOL.run(path)
    outputs = [output for cell in executed.cells for output in cell.get("outputs", [])]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert not [output for output in outputs if output.get("name") == "stderr"]
    assert TOOL.texts(executed) == TOOL.texts(TOOL.read(path)), "run `make notebooks`"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_begins_with_a_question(path: Path) -> None:
    first = TOOL.read(path).cells[0]
    assert first.cell_type == "markdown"
    assert first.source.splitlines()[0].endswith("?")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_defines_nothing_and_uses_public_names_only(path: Path) -> None:
    for tree in _trees(path):
        nodes = list(ast.walk(tree))
        assert not [n for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)]
        imported = [
            name.name if isinstance(n, ast.Import) else str(n.module)
            for n in nodes
            if isinstance(n, ast.Import | ast.ImportFrom)
            for name in n.names
        ]
        assert not [name for name in imported if name.startswith("flows.")]
        private = [n.attr for n in nodes if isinstance(n, ast.Attribute) and n.attr[0] == "_"]
        assert not private
        by_place = [
            n
            for n in nodes
            if isinstance(n, ast.Subscript)
            and isinstance(n.value, ast.Attribute)
            and n.value.attr in {"figures", "tables", "numbers"}
        ]
        assert not by_place
