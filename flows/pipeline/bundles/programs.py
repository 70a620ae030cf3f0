"""Where in the source of the package something is made: a program of a bundle, and a line."""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from flows.report.manifest import PACKAGE
from flows.studies import STUDIES
from flows.studies.section import Study

_FLOWS = sys.modules[__name__.partition(".")[0]]
"""The head of the package: its public names are asked for when a program is looked up."""

CODE = "code"
"""Folder of a bundle in which the source of the package lies."""

_MADE_BY = {"figure": "write_figure", "table": "write_table"}
"""Steps of the build, for exhibits of a study whose source is not in the package."""

_CLAIMS = "flows.studies.claims_table"
_HOLE = r"[\w.-]+"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A file of a bundle and a line in it."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def exhibit_place(kind: Literal["figure", "table"], name: str, study: str) -> Place:
    """
    Return where a figure or table is put together, from its id and the kind of its study.

    >>> exhibit_place("table", "arms-shares", "supplier").file
    'code/flows/studies/supplier/windows.py'
    """
    fits = [
        (len(literal), place)
        for module in _modules(study)
        for pattern, literal, place in _made_in(module, kind.capitalize())
        if re.fullmatch(pattern, name)
    ]
    if fits:
        return max(fits)[1]
    return _by_its_end(name, study) or _definition("flows.pipeline.tasks", _MADE_BY[kind])


def function_place(code: Iterable[str]) -> Place | None:
    """
    Return where the function is defined that gives a number: the last one of flows in its code.

    >>> function_place(["rows = fl.load('a@1')", "value = fl.share(rows).value"]).file
    'code/flows/measure/shares.py'
    """
    calls = [
        node.func
        for statement in ast.parse("\n".join(code)).body
        for node in _inside_out(statement)
        if isinstance(node, ast.Call)
    ]
    for called in reversed(calls):
        names = ast.unparse(called).split(".")
        if names[0] == "fl" and all(map(str.isidentifier, names)):
            public: Any = _FLOWS
            for name in names[1:]:
                public = getattr(public, name)
            return _definition(public.__module__, public.__qualname__.rpartition(".")[2])
    return None


def text_file(study: str, section: str) -> str:
    """Return the file of a bundle that holds what a section says."""
    known = STUDIES.get(study)
    folder = known.folder.replace(".", "/") if isinstance(known, Study) else ""
    return f"{CODE}/{folder}/{section}.md"


def package_name(path: Path) -> str:
    """Return the name that a file of the package has in a bundle."""
    return f"{CODE}/{PACKAGE.name}/{path.relative_to(PACKAGE).as_posix()}"


def _inside_out(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node after what it consists of: calls in the order in which they are made."""
    for child in ast.iter_child_nodes(node):
        yield from _inside_out(child)
    yield node


def _modules(study: str) -> list[str]:
    """Return the modules in which a kind of study is written."""
    known = STUDIES.get(study)
    if study == "claims":
        return [_CLAIMS]
    if not isinstance(known, Study):
        return []
    folder = Path(str(import_module(known.folder).__file__)).parent
    return [f"{known.folder}.{path.stem}" for path in sorted(folder.glob("[!_]*.py"))]


@cache
def _made_in(module: str, kind: str) -> list[tuple[str, str, Place]]:
    """Return the ids, as patterns with what is literal in them, that calls of a module give."""
    path, tree = _source(module)
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [
        (*_pattern(keyword.value), Place(package_name(path), call.lineno))
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == kind
        for keyword in call.keywords
        if keyword.arg == "id" and _pattern(keyword.value)[1]
    ]


def _pattern(expression: ast.expr) -> tuple[str, str]:
    """Return a text of the source as a pattern, and what of it is literal."""
    match expression:
        case ast.Constant(value=str(text)):
            return re.escape(text), text
        case ast.JoinedStr(values=parts):
            patterns = [_pattern(part) for part in parts]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            patterns = [_pattern(left), _pattern(right)]
        case ast.IfExp(body=first, orelse=second):
            (first_pattern, _), (second_pattern, literal) = _pattern(first), _pattern(second)
            return f"(?:{first_pattern}|{second_pattern})", literal
        case _:
            return _HOLE, ""
    return "".join(pattern for pattern, _ in patterns), "".join(text for _, text in patterns)


def _by_its_end(name: str, study: str) -> Place | None:
    """Return the section that says it makes an exhibit which ends like this one."""
    known = STUDIES.get(study)
    if not isinstance(known, Study):
        return None
    for section, about in known.about.items():
        if any(name.endswith(f"-{end}") for end in (*about.figures, *about.tables)):
            return _definition(f"{known.folder}.{section}", section)
    return None


@cache
def _definition(module: str, name: str) -> Place:
    """Return where a function or class of a module is defined; its first line if it is not."""
    path, tree = _source(module)
    defined = (ast.FunctionDef, ast.ClassDef)
    lines = (
        node.lineno for node in ast.walk(tree) if isinstance(node, defined) and node.name == name
    )
    return Place(package_name(path), next(lines, 1))


@cache
def _source(module: str) -> tuple[Path, ast.Module]:
    path = Path(str(import_module(module).__file__))
    return path, ast.parse(path.read_bytes())
