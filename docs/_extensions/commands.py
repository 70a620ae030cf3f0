"""The page of the commands, read off the parser of the command line."""

# ruff: noqa: SLF001 - argparse has no other way to ask a parser what it takes

import argparse
from collections.abc import Iterator
from functools import partial
from textwrap import dedent

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from flows.cli import _parser

_UNDERLINES = "-~^"
_EXAMPLES = "examples:\n"
_WIDTH = 72


def command_lines(name: str, parser: argparse.ArgumentParser, *, depth: int = 0) -> Iterator[str]:
    """Yield the section of a command and of the commands in it, reStructuredText."""
    parser.formatter_class = partial(argparse.RawDescriptionHelpFormatter, width=_WIDTH)
    yield from (name, _UNDERLINES[depth] * len(name), "", f".. program:: {name}", "")
    yield from _literal(parser.format_usage().removeprefix("usage: "), "text")
    yield from ((parser.description or "").capitalize(), "")
    below = {}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            below = action.choices
        elif not isinstance(action, argparse._HelpAction):
            about = (action.help or "") % {**vars(action), "prog": parser.prog}
            yield from (f".. option:: {_signature(action)}", "", f"   {about}", "")
    yield from _epilog_lines(parser.epilog or "")
    for inner in below.values():
        yield from command_lines(inner.prog, inner, depth=depth + 1)


def _signature(action: argparse.Action) -> str:
    metavar = "|".join(map(str, action.choices)) if action.choices else action.dest.upper()
    values = argparse.HelpFormatter("flows")._format_args(action, metavar)
    return ", ".join(f"{name} {values}".strip() for name in action.option_strings) or values


def _epilog_lines(epilog: str) -> Iterator[str]:
    about, _, examples = epilog.partition(_EXAMPLES)
    yield from (about.strip(), "")
    yield from _literal(dedent(examples), "sh")


def _literal(text: str, language: str) -> Iterator[str]:
    if lines := text.strip().splitlines():
        yield from (f".. code-block:: {language}", "", *(f"   {line}" for line in lines), "")


class Commands(SphinxDirective):
    """``flows-commands``: a section for each command."""

    def run(self) -> list[nodes.Node]:
        """Parse what the parser of the command line says."""
        lines = command_lines("flows", _parser())
        return self.parse_text_to_nodes("\n".join(lines), allow_section_headings=True)


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx of the directive."""
    app.add_directive("flows-commands", Commands)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
