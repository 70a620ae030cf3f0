"""The rooms of the package: imports go down and never round, and the command line starts light."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

import flows

PACKAGE = Path(flows.__file__).parent

LAYERS = (
    "cli",
    "completion",
    "examples",
    "fetch",
    "pipeline",
    "report",
    "tables",
    "figures",
    "former",
    "studies",
    "origin",
    "findings",
    "screening",
    "compare",
    "models",
    "measure",
    "bulk",
    "loaders",
    "sources",
    "products",
    "geography",
    "countries",
    "periods",
    "scope",
    "table",
    "results",
    "canonical",
    "files",
    "file_limits",
    "notation",
    "errors",
    "stops",
    "progress",
    "safe_text",
    "cores",
    "renamed",
    "renderers",
)
"""From top to bottom; a module imports from its own layer and from those below it."""

DRAWING = {"canonical", "figures", "findings", "errors", "safe_text"}
"""What a drawing may import of the package: it computes nothing and opens nothing."""

HEAVY = {
    "IPython",
    "duckdb",
    "jinja2",
    "lxml",
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
    "urllib3",
}

NETWORK = {
    "aiohttp",
    "asyncio",
    "ftplib",
    "http",
    "httpx",
    "requests",
    "smtplib",
    "socket",
    "socketserver",
    "ssl",
    "urllib",
    "urllib3",
    "xmlrpc",
}
"""What reaches a network, or can; ``urllib.parse`` only takes addresses apart."""

LARGEST = 400
"""Lines of code that a room may have, without docstrings, comments and blank lines."""

STARTS = ("flows", "flows.cli", "flows.pipeline.build")
"""What the command line imports before it knows what it is asked, each after those before it."""


class Import(NamedTuple):
    """An import at a line, also one for types or inside a function."""

    line: int
    module: str
    name: str = ""

    @property
    def whole(self) -> str:
        return f"{self.module}.{self.name}" if self.name else self.module


def imports_of(tree: ast.Module) -> Iterator[Import]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield Import(node.lineno, "." * node.level + (node.module or ""), alias.name)


def dotted(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


PATHS = {dotted(path): path for path in sorted(PACKAGE.rglob("*.py"))}
"""Path of each module, by its dotted name."""

TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in PATHS.items()}
IMPORTS = {name: list(imports_of(tree)) for name, tree in TREES.items() if name != "flows"}
"""Imports of each module but the head of the package, which names all and imports on demand."""


def layer_of(module: str) -> str:
    return module.partition(".")[2].partition(".")[0]


def own_imports(module: str) -> Iterator[Import]:
    """Yield what comes from the package; its version belongs to no layer."""
    for found in IMPORTS[module]:
        if found.whole.split(".")[0] == "flows" and found.whole != "flows.__version__":
            yield found


def places(faults: dict[str, list[int]]) -> list[str]:
    """Return a place a fault, as an editor opens it."""
    return [f"{PATHS[module]}:{line}" for module, lines in faults.items() for line in lines]


def test_every_module_has_a_place_among_the_layers() -> None:
    assert {layer_of(module) for module in IMPORTS} == set(LAYERS)


def test_no_import_is_relative() -> None:
    hidden = {
        module: [found.line for found in imports if found.module.startswith(".")]
        for module, imports in IMPORTS.items()
    }
    assert not places(hidden), "a relative import hides its layer"


def test_imports_go_down() -> None:
    floors = {layer: floor for floor, layer in enumerate(LAYERS)}
    upward = [
        f"{PATHS[module]}:{found.line}: {layer_of(module)} imports {layer_of(found.whole)}"
        for module in IMPORTS
        for found in own_imports(module)
        if floors.get(layer_of(found.whole), -1) < floors[layer_of(module)]
    ]
    assert not upward


def test_imports_never_go_round() -> None:
    arrows = {
        module: {
            found.whole if found.whole in PATHS else found.module for found in own_imports(module)
        }
        for module in IMPORTS
    }

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        ahead = set(arrows[start])
        while ahead:
            seen |= ahead
            ahead = {two for one in ahead for two in arrows[one]} - seen
        return seen

    circling = {module for module in arrows if module in reached(module)}
    assert not {module: arrows[module] & circling for module in circling}


def test_only_one_function_prints() -> None:
    """It shows what would act upon a terminal; the program of a bundle knows no package."""
    printing = {
        module: [
            node.lineno
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "print"
        ]
        for module, tree in TREES.items()
        if module not in ("flows.safe_text", "flows.pipeline.bundles.main")
    }
    assert not places(printing)


def test_only_figures_draw() -> None:
    drawing = {
        module: [found.line for found in imports if found.module.split(".")[0] == "matplotlib"]
        for module, imports in IMPORTS.items()
        if layer_of(module) != "figures"
    }
    assert not places(drawing)


def test_one_module_uses_the_network() -> None:
    using = {
        module: [
            found.line
            for found in imports
            if found.module.split(".")[0] in NETWORK and found.module != "urllib.parse"
        ]
        for module, imports in IMPORTS.items()
        if module != "flows.fetch.transfer"
    }
    assert not places(using)


def test_only_the_command_fetches() -> None:
    fetching = {
        module: [found.line for found in own_imports(module) if layer_of(found.whole) == "fetch"]
        for module in IMPORTS
        if layer_of(module) not in {"cli", "fetch"}
    }
    assert not places(fetching)


def test_drawing_computes_nothing() -> None:
    computing = {
        module: [
            found.line for found in own_imports(module) if layer_of(found.whole) not in DRAWING
        ]
        for module in IMPORTS
        if layer_of(module) == "figures"
    }
    assert not places(computing)


def lines_of_code(module: str) -> int:
    text = PATHS[module].read_text(encoding="utf-8")
    lines = {
        number
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip() and not line.lstrip().startswith("#")
    }
    told = [
        node
        for node in ast.walk(TREES[module])
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    ]
    return len(lines.difference(*(range(one.lineno, (one.end_lineno or 0) + 1) for one in told)))


def test_a_module_is_a_room_not_a_hall() -> None:
    sizes = {module: lines_of_code(module) for module in PATHS}
    assert not {module: size for module, size in sizes.items() if size > LARGEST}


def test_nothing_heavy_is_imported_at_the_start() -> None:
    code = (
        "import importlib, json, sys\n"
        "for start in sys.argv[1:]:\n"
        "    importlib.import_module(start)\n"
        "    print(json.dumps([start, sorted(sys.modules)]))\n"
    )
    command = [sys.executable, "-c", code, *STARTS]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    loaded = dict(json.loads(line) for line in done.stdout.splitlines())
    heavy = {
        start: {name.partition(".")[0] for name in names} & HEAVY for start, names in loaded.items()
    }
    assert heavy == {start: set() for start in STARTS}
    assert "numpy" not in loaded["flows.cli"], "a third of the time until help is there"


def test_a_step_that_computes_nothing_loads_no_statistics() -> None:
    code = "import sys, flows.pipeline.tasks; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert not {"scipy", "statsmodels", "flows.studies", "flows.models"} & {*done.stdout.split()}


def test_every_public_name_has_a_home() -> None:
    assert {"load", "share_bounds", "draw_figure"} < set(flows.__all__)
    for name in flows.__all__:
        public = getattr(flows, name)
        assert callable(public) or isinstance(public, ModuleType)
    assert set(flows.__all__) < set(dir(flows))


def test_other_names_are_not_there() -> None:
    with pytest.raises(AttributeError, match="module 'flows' has no attribute 'shore'"):
        flows.shore  # noqa: B018
    with pytest.raises(AttributeError, match=r"did you mean fit_trend\?"):
        flows.fit_trends  # noqa: B018
