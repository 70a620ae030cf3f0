"""The seeds behind what an appendix draws at random: in its plan, and where the package has one."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flows.notation import read_text
from flows.pipeline.bundles.programs import Place, package_name
from flows.report.appendices import Appendix
from flows.report.manifest import package_sources

_NAMES = ("rng", "seed")
_KEY = re.compile(r"\b(rng|seed)\s*=\s*(\d[\d_]*)")
_STUDY = re.compile(r"""^\s*id\s*=\s*["']([^"']+)["']""")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_NOT_COMPUTING = ("pipeline/", "fetch/", "cli.py")
"""Parts of the package that compute no number of a report."""


@dataclass(frozen=True, slots=True)
class Seed:
    """A seed, where it stands, and which study it is of; of none where it is the package's own."""

    value: int
    place: Place
    study: str = ""


def read_seeds(root: Path, appendix: Appendix) -> list[Seed]:
    """Return the seeds of an appendix: those of its plan, then those that act by default."""
    plan = read_text(root / appendix.plan)
    return [*_planned(plan, appendix.plan), *_defaults()]


def _planned(plan: str, name: str) -> Iterator[Seed]:
    study = ""
    for number, line in enumerate(plan.splitlines(), start=1):
        study = named[1] if (named := _STUDY.match(line)) else study
        for key in _KEY.finditer(_COMMENT.sub("", line)):
            yield Seed(int(key[2]), Place(name, number), study)


def _defaults() -> Iterator[Seed]:
    """Yield whole numbers that the package takes as a seed if it is given none."""
    for name, path in package_sources().items():
        if name.endswith(".py") and not name.startswith(_NOT_COMPUTING):
            content = path.read_bytes()
            if any(word.encode() in content for word in _NAMES):
                for node in ast.walk(ast.parse(content)):
                    yield from _seeds(node, package_name(path))


def _seeds(node: ast.AST, file: str) -> Iterator[Seed]:
    """Yield whole numbers that a function takes if it is given no seed, or a call is given."""
    match node:
        case ast.FunctionDef(args=takes):
            values = [value for name, value in _defaults_of(takes) if name in _NAMES]
        case ast.Call(func=ast.Attribute(attr="default_rng"), args=[seed]):
            values = [seed]
        case ast.Call(keywords=keywords):
            values = [keyword.value for keyword in keywords if keyword.arg in _NAMES]
        case _:
            return
    for value in values:
        if isinstance(value, ast.Constant) and isinstance(value.value, int):
            yield Seed(value.value, Place(file, value.lineno))


def _defaults_of(takes: ast.arguments) -> Iterator[tuple[str, ast.expr]]:
    """Yield the arguments of a function that have a default."""
    positional = [*takes.posonlyargs, *takes.args]
    last = positional[len(positional) - len(takes.defaults) :]
    pairs = [*zip(last, takes.defaults, strict=True)]
    pairs += [
        (argument, default)
        for argument, default in zip(takes.kwonlyargs, takes.kw_defaults, strict=True)
        if default is not None
    ]
    yield from ((argument.arg, default) for argument, default in pairs)
