"""What a text may say to the template engine: a few calls and conditions, and nothing that runs."""

from collections.abc import Callable, Collection, Iterator, Mapping

import jinja2
from jinja2 import nodes
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from flows.errors import ReportError

Calls = Mapping[str, Callable[..., object]]

_ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template,
    nodes.TemplateData,
    nodes.Output,
    nodes.If,
    nodes.Assign,
    nodes.Name,
    nodes.Const,
    nodes.Call,
    nodes.Keyword,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Concat,
    nodes.Neg,
    nodes.Add,
    nodes.Sub,
    nodes.Mul,
    nodes.Div,
)

_IN_WORDS: Mapping[type[nodes.Node], str] = {
    nodes.For: "a loop",
    nodes.FromImport: "an import",
    nodes.AssignBlock: "{% set %} around a passage",
    nodes.Getattr: "an attribute, a.b",
    nodes.Getitem: "an item, a[b]",
    nodes.Filter: "a filter, a | b",
    nodes.FilterBlock: "a filter",
    nodes.Test: "a test, a is b",
    nodes.Pow: "a power, a ** b",
}

_GRAMMAR = (
    "calls such as n(...), {% if %} with comparisons, and, or, not, in, + - * / and ~, "
    "or {% set name = call %}"
)


class GrammarError(jinja2.TemplateSyntaxError):
    """What Jinja2 knows and a text may not say."""


class TextEnvironment(ImmutableSandboxedEnvironment):
    """
    Jinja2 cut down to what a text needs.

    A text is checked before any of it is evaluated. Nothing in it reaches an attribute, repeats a
    passage or doubles a text, so that what it gives is no longer than it and what it names.
    """

    intercepted_binops = frozenset("+-*/")

    def __init__(self, texts: Mapping[str, str], calls: Calls) -> None:
        super().__init__(
            loader=jinja2.FunctionLoader(lambda name: (texts[name], name, None)),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            comment_start_string="{##",  # "{#" starts the name of a heading in Pandoc's Markdown
            comment_end_string="##}",
        )
        self.texts = texts
        self.globals = dict(calls)

    def fill(self, name: str, own_calls: Calls | None = None) -> str:
        """Return a text filled; its own calls come before those that all texts have."""
        own_calls = own_calls or {}
        tree = self.parse(self.texts[name], name)
        faults = sorted(_faults(tree, sorted({*self.globals, *own_calls})))
        if faults:
            line, fault = faults[0]
            raise GrammarError(fault, line, name)
        return self.get_template(name).render(own_calls)

    def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
        """Calculate with numbers only: a text times a number is a text of any length."""
        if not (isinstance(left, int | float) and isinstance(right, int | float)):
            raise ReportError(f"expected numbers around {operator}, found {left!r} and {right!r}")
        return super().call_binop(context, operator, float(left), float(right))


def _faults(tree: nodes.Template, calls: Collection[str]) -> Iterator[tuple[int, str]]:
    """Yield lines and what stands there outside of the grammar."""
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _ALLOWED):
            found = _IN_WORDS.get(type(node), type(node).__name__.lower())
            yield node.lineno or 1, f"expected {_GRAMMAR}; found {found}"
    for assignment in tree.find_all(nodes.Assign):
        if not isinstance(assignment.target, nodes.Name) or assignment.find(nodes.Concat):
            yield assignment.lineno, "expected {% set name = call %}, found another form of set"
    yield from _faults_of_names(tree, calls)


def _faults_of_names(tree: nodes.Template, calls: Collection[str]) -> Iterator[tuple[int, str]]:
    """Yield what is not called by the name of a call, or not known by the name of a value."""
    called = {id(call.node): call for call in tree.find_all(nodes.Call)}
    names = list(tree.find_all(nodes.Name))
    assigned = {name.name for name in names if name.ctx == "store"}
    for name in names:
        if name.name not in (calls if id(name) in called else assigned):
            yield name.lineno, _unknown_name(name.name, calls)
    for call in called.values():
        if not isinstance(call.node, nodes.Name) or call.dyn_args or call.dyn_kwargs:
            yield call.lineno, f"expected {_GRAMMAR}; found a call of another form"


def _unknown_name(name: str, calls: Collection[str]) -> str:
    if name in calls:
        return f"expected a call, {name}(...), found {name!r} alone"
    return f"expected one of the names of a text, {', '.join(calls)}; found {name!r}"
