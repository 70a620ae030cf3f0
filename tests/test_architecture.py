"""The layers of the package: imports go down only, and the command line starts light."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import flows

PACKAGE = Path(flows.__file__).parent

LAYERS = (
    "cli",
    "pipeline",
    "report",
    "tables",
    "figures",
    "studies",
    "findings",
    "compare",
    "models",
    "measure",
    "bulk",
    "loaders",
    "sources",
    "products",
    "countries",
    "periods",
    "table",
    "canonical",
    "errors",
)
"""From top to bottom; a module imports from its own layer and from those below it."""

DRAWING = {"figures", "findings", "errors"}
"""What a drawing may import of the package: it computes nothing and opens nothing."""

HEAVY = {
    "IPython",
    "duckdb",
    "jinja2",
    "matplotlib",
    "narwhals",
    "pandas",
    "pyarrow",
    "pypandoc",
    "pyspark",
    "pytask",
    "rich",
    "scipy",
    "statsmodels",
    "typst",
}

MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def layer_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and name of every import, also of those for types and inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import hides its layer"
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def own_imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and layer of every import from the package; its version belongs to none."""
    for line, name in imported(path):
        head, _, rest = name.partition(".")
        if head == "flows" and rest != "__version__":
            yield line, rest.partition(".")[0]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down(path: Path) -> None:
    layer = layer_of(path)
    assert layer in LAYERS, f"{path}: {layer} has no place among the layers"
    upward = [
        f"{path}:{line}: {layer} imports {other}"
        for line, other in own_imports(path)
        if other not in LAYERS[LAYERS.index(layer) :]
    ]
    assert not upward


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if layer_of(path) != "figures"],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_only_figures_draw(path: Path) -> None:
    drawing = [line for line, name in imported(path) if name.partition(".")[0] == "matplotlib"]
    assert not drawing


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if layer_of(path) == "figures"],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_drawing_computes_nothing(path: Path) -> None:
    assert {layer for _, layer in own_imports(path)} <= DRAWING


@pytest.mark.parametrize(
    "start", ["import flows", "import flows.cli", "import flows.pipeline.build"]
)
def test_nothing_heavy_is_imported_at_the_start(start: str) -> None:
    code = f"import json, sys; {start}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert not loaded & HEAVY


def test_every_public_name_has_a_home() -> None:
    assert {"load", "share_bounds", "draw_figure"} < set(flows.__all__)
    for name in flows.__all__:
        assert callable(getattr(flows, name))
    assert set(flows.__all__) < set(dir(flows))


def test_other_names_are_not_there() -> None:
    with pytest.raises(AttributeError, match="module 'flows' has no attribute 'shore'"):
        flows.shore  # noqa: B018
