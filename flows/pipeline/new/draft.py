"""A study as a plan will name it: tried on the data, so that only what they allow stands there."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flows.errors import FlowsError
from flows.findings import Findings
from flows.origin import Made
from flows.safe_text import one_line, safe_json
from flows.studies import STUDIES

_EMPTY = ("", "none")
"""Words of a section that found nothing."""


@dataclass(frozen=True, slots=True)
class Draft:
    """
    A study of a plan to be written.

    Parameters
    ----------
    id, study : str
        As in ``appendix.toml``.
    data : Mapping
        Argument to the id of a data set, or to several.
    parameters : Mapping
        Of the question.
    of_sections : Mapping
        Section to its parameters, in the order of the text; every section is named.
    about : Mapping
        Parameter to what a reader of the plan should know of it.
    quick : Mapping
        Parameters of the question, under ``parameters``, and of sections that are others while the
        draft is tried: what takes long finds the same exhibits in short.
    without : tuple of str
        Ends of the ids of exhibits that the report does without.
    """

    id: str
    study: str
    data: Mapping[str, str | list[str]]
    parameters: Mapping[str, Any]
    of_sections: Mapping[str, Mapping[str, Any]]
    about: Mapping[str, str] = field(default_factory=dict)
    quick: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    without: tuple[str, ...] = ()

    def shows(self, exhibit: str) -> bool:
        """Say whether the report has an exhibit that a section made."""
        return exhibit.removeprefix(f"{self.id}-") not in self.without


@dataclass(frozen=True, slots=True)
class Tried:
    """
    A draft that was tried on data.

    Parameters
    ----------
    draft : Draft
        With those sections that found something.
    exhibits : Mapping
        Section to the ids of its figures and tables, in their order; ``figure`` or ``table`` first.
    left_out : Mapping
        Section to why it found nothing.
    """

    draft: Draft
    exhibits: Mapping[str, Sequence[tuple[str, str]]]
    left_out: Mapping[str, str]

    def exhibits_of(self, kind: str) -> list[str]:
        """Return the ids of all figures, or of all tables."""
        every = [exhibit for exhibits in self.exhibits.values() for exhibit in exhibits]
        return [name for which, name in every if which == kind]


def ask(draft: Draft, tables: Mapping[str, Made[Any]]) -> Any:
    """Return the question of a draft, in short where it takes long."""
    asked = {**draft.parameters, **draft.quick.get("parameters", {})}
    return STUDIES[draft.study].ask(draft.id, data=tables, question=asked)


def try_draft(draft: Draft, tables: Mapping[str, Made[Any]], *, asked: Any = None) -> Tried:
    """
    Run every section of a draft; one that finds nothing is left out with its reason.

    ``asked``: its question, where it was asked before.
    """
    study = STUDIES[draft.study]
    question = ask(draft, tables) if asked is None else asked
    of_question = {f"{draft.id}.{key}" for key in getattr(question, "words", {})}
    kept: dict[str, Mapping[str, Any]] = {}
    exhibits: dict[str, list[tuple[str, str]]] = {}
    left_out: dict[str, str] = {}
    for section, own in draft.of_sections.items():
        trial = {section: {**own, **draft.quick.get(section, {})}}
        try:
            findings = study.answer(question, data=tables, parameters=trial, only=[section])
        except FlowsError as error:
            left_out[section] = str(error).removeprefix(f"section {section}: ")
            continue
        if reason := _nothing_in(findings, of_question=of_question):
            left_out[section] = reason
            continue
        kept[section] = own
        exhibits[section] = [
            *(("figure", figure.id) for figure in findings.figures if draft.shows(figure.id)),
            *(("table", table.id) for table in findings.tables if draft.shows(table.id)),
        ]
    taken = study.takes(kept)
    data = {argument: wanted for argument, wanted in draft.data.items() if argument in taken}
    return Tried(replace(draft, data=data, of_sections=kept), exhibits, left_out)


def untried(draft: Draft, exhibits: Mapping[str, Sequence[tuple[str, str]]]) -> Tried:
    """Return a draft as it is, where there are no data yet, with what its sections always make."""
    return Tried(draft, exhibits, {})


def _nothing_in(findings: Findings, *, of_question: Container[str]) -> str:
    """Return why a section found nothing; empty where it found something."""
    if findings.numbers or findings.figures or findings.tables:
        return ""
    words = {key: word for key, word in findings.words.items() if key not in of_question}
    reasons = [word for key, word in words.items() if key.endswith("refused") and word]
    if any(word not in _EMPTY for word in words.values()) and not reasons:
        return ""
    return "; ".join(dict.fromkeys(reasons)) or "the data have nothing of it"


def plan_toml(drafts: Sequence[Tried]) -> str:
    """Return the plan of a report."""
    return "\n".join(_study_toml(tried) for tried in drafts)


def _study_toml(tried: Tried) -> str:
    draft = tried.draft
    lines = [
        "[[study]]",
        f"id = {toml(draft.id)}",
        f"study = {toml(draft.study)}",
        f"sections = {_list(list(draft.of_sections))}",
    ]
    names = {kind: tried.exhibits_of(kind) for kind in ("figure", "table")}
    lines += [f"{kind}s = {_list(ids)}" for kind, ids in names.items() if ids]
    lines += _reasons(tried.left_out)
    for title, content in (
        ("data", draft.data),
        ("parameters", draft.parameters),
        *draft.of_sections.items(),
    ):
        if content:
            lines += ["", f"[study.{title}]"]
            lines += _parameters(content, draft.about)
    return "\n".join([*lines, ""])


def _parameters(content: Mapping[str, Any], about: Mapping[str, str]) -> Iterator[str]:
    for key, value in content.items():
        yield from (f"# {line}" for line in about.get(key, "").splitlines())
        yield f"{key} = {toml(value)}"


def _reasons(left_out: Mapping[str, str]) -> list[str]:
    return [
        f"# Not made: {section}, since {one_line(reason)}" for section, reason in left_out.items()
    ]


def _list(items: Sequence[str]) -> str:
    return "[\n" + "".join(f"  {toml(item)},\n" for item in items) + "]"


def toml(value: Any) -> str:
    """
    Return a value as TOML has it.

    >>> toml({"within": 1}), toml([[2016, 2020]]), toml("ARM")
    ('{ within = 1 }', '[[2016, 2020]]', '"ARM"')
    """
    if isinstance(value, Mapping):
        inside = ", ".join(f"{key} = {toml(inner)}" for key, inner in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml, value))}]"
    return safe_json(value)
