"""A study is a question and the sections that answer it; what the sections find adds up."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from flows.findings import Findings
from flows.origin import Made, given
from flows.renamed import rename_arguments

Section = Callable[..., Findings]
"""Takes the question, those tables that it names as arguments, and its own parameters."""


@dataclass(frozen=True, slots=True)
class Study:
    """
    A kind of study: a folder of this package, in which each section is a module.

    A module whose function has the module's name is a section. The text beside it, ``NAME.md``,
    is what the section says; its placeholders name what the study found.

    Parameters
    ----------
    folder : str
        Name of the package.
    question : callable
        Makes what every section takes first, from tables and ``[study.parameters]``. Its ``words``,
        if it has any, are what the texts of all sections may say of it.
    """

    folder: str
    question: Callable[..., Any]

    @property
    def sections(self) -> dict[str, Section]:
        """Sections by name, in the order of the alphabet."""
        functions = {}
        package = importlib.import_module(self.folder)
        for info in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{self.folder}.{info.name}")
            if callable(section := getattr(module, info.name, None)):
                functions[info.name] = section
        return functions

    def find(
        self,
        name: str,
        *,
        data: Mapping[str, Any],
        question: Mapping[str, Any],
        parameters: Mapping[str, Mapping[str, Any]],
        only: Iterable[str] | None = None,
    ) -> Findings:
        """
        Answer a question by sections.

        Parameters
        ----------
        name : str
            Of the instance: the first part of every id.
        data : Mapping
            Tables by the name under which the question and the sections take them; as
            :class:`flows.origin.Made` where it is known how they were made; none is left out.
        question : Mapping
            The other arguments of the question.
        parameters : Mapping
            Section to its own arguments.
        only : iterable of str, optional
            Sections that are made; by default all.

        Raises
        ------
        ValueError
            If a section or an argument is unknown, or one that is needed is missing.
        """
        sections = self.sections
        chosen = list(sections) if only is None else list(only)
        for section in [*chosen, *parameters]:
            if section not in sections:
                raise ValueError(f"no section {section!r}; there are: {', '.join(sections)}")
        made = {
            argument: table if isinstance(table, Made) else given(argument, table)
            for argument, table in data.items()
            if table is not None
        }
        _check_taken(made, [self.question, *(sections[section] for section in chosen)])
        asked = self.ask(name, data=made, question=question)
        return self.answer(asked, data=made, parameters=parameters, only=chosen)

    def ask(self, name: str, *, data: Mapping[str, Any], question: Mapping[str, Any]) -> Any:
        """Return the question, of those tables that it takes."""
        return _call("question", self.question, (), data, {**question, "name": name})

    def answer(
        self,
        asked: Any,
        *,
        data: Mapping[str, Any] = MappingProxyType({}),
        parameters: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
        only: Iterable[str],
    ) -> Findings:
        """Answer a question that was asked before; what it has computed is not computed again."""
        sections, chosen, name = self.sections, list(only), asked.name
        findings = [
            _call(
                f"section {section}", sections[section], (asked,), data, parameters.get(section, {})
            )
            for section in chosen
        ]
        words = {f"{name}.{key}": word for key, word in getattr(asked, "words", {}).items()}
        own = Findings(words=words, texts=self._texts(name, chosen))
        return Findings.union([*findings, own])

    def _texts(self, name: str, sections: Iterable[str]) -> dict[str, str]:
        places = {section: files(self.folder) / f"{section}.md" for section in sections}
        return {
            f"{name}.{section}": place.read_text(encoding="utf-8")
            for section, place in places.items()
            if place.is_file()
        }


def _call(
    what: str,
    function: Callable[..., Any],
    first: tuple[Any, ...],
    data: Mapping[str, Any],
    arguments: Mapping[str, Any],
) -> Any:
    """Call a function with those tables that it takes; its errors name the section."""
    takes = inspect.signature(function).parameters
    arguments = dict(arguments)
    rename_arguments(what, arguments, vars(function).get("renamed_arguments", {}))
    tables = {argument: table for argument, table in data.items() if argument in takes}
    own = [argument for argument in list(takes)[len(first) :] if argument not in data]
    if unknown := sorted(arguments.keys() - set(own)):
        raise ValueError(f"{what}: no parameter {unknown[0]!r}; there are: {', '.join(own)}")
    for argument, parameter in list(takes.items())[len(first) :]:
        if parameter.default is parameter.empty and argument not in {**tables, **arguments}:
            raise ValueError(f"{what}: expected a value for {argument!r}, found none")
    return function(*first, **tables, **arguments)


def _check_taken(data: Mapping[str, Any], functions: Iterable[Callable[..., Any]]) -> None:
    taken = {name for function in functions for name in inspect.signature(function).parameters}
    if odd := sorted(data.keys() - taken):
        raise ValueError(
            f"data: expected tables that the question or a section takes, found {odd[0]!r}; "
            "check its name"
        )
