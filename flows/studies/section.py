"""A study is a question and the sections that answer it; what the sections find adds up."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType, ModuleType
from typing import Any

from flows.errors import FlowsError, nearest
from flows.findings import Findings
from flows.origin import Made, given
from flows.renamed import rename_arguments
from flows.studies.kinds import check_kind

Section = Callable[..., Findings]
"""Takes the question, those tables that it names as arguments, and its own parameters."""


@dataclass(frozen=True, slots=True)
class About:
    """
    What errors and the documentation say of a section: the constant ``ABOUT`` of its module.

    ``needs``: what it cannot do without, beyond what the question asks for; ``figures``,
    ``tables``: ends of the ids of all that it can make.
    """

    needs: str = ""
    figures: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


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
        return {name: getattr(module, name) for name, module in self._modules()}

    @property
    def about(self) -> dict[str, About]:
        """What is known of each section before it runs."""
        return {name: getattr(module, "ABOUT", About()) for name, module in self._modules()}

    def _modules(self) -> Iterator[tuple[str, ModuleType]]:
        package = importlib.import_module(self.folder)
        for info in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{self.folder}.{info.name}")
            if callable(getattr(module, info.name, None)):
                yield info.name, module

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
                raise ValueError(f"no section {section!r}; there are: {nearest(section, sections)}")
        made = {
            argument: table if isinstance(table, Made) else given(argument, table)
            for argument, table in data.items()
            if table is not None
        }
        if odd := sorted(made.keys() - self.takes(chosen)):
            raise ValueError(
                "data: expected tables that the question or a section takes, found "
                f"{odd[0]!r}; check its name"
            )
        asked = self.ask(name, data=made, question=question)
        return self.answer(asked, data=made, parameters=parameters, only=chosen)

    def takes(self, sections: Iterable[str]) -> set[str]:
        """Return the names of all arguments of the question and of sections."""
        functions = [self.question, *(self.sections[section] for section in sections)]
        return {name for function in functions for name in inspect.signature(function).parameters}

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

    def text(self, section: str) -> str:
        """Return what a section says, before its placeholders are filled; it may say nothing."""
        place = files(self.folder) / f"{section}.md"
        return place.read_text(encoding="utf-8") if place.is_file() else ""

    def _texts(self, name: str, sections: Iterable[str]) -> dict[str, str]:
        texts = {f"{name}.{section}": self.text(section) for section in sections}
        return {section: text for section, text in texts.items() if text}


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
        raise ValueError(
            f"{what}: no parameter {unknown[0]!r}; there are: {nearest(unknown[0], own) or 'none'}"
        )
    for argument, parameter in list(takes.items())[len(first) :]:
        if parameter.default is parameter.empty and argument not in {**tables, **arguments}:
            raise ValueError(f"{what}: expected a value for {argument!r}, found none")
    for argument, value in arguments.items():
        check_kind(what, argument, value, takes[argument].annotation)
    try:
        return function(*first, **tables, **arguments)
    except FlowsError as error:
        raise type(error)(f"{what}: {error}") from error
