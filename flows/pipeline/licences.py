"""The terms of what is installed: each package that flows needs, and what lies inside it."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from email.message import Message
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.resources import files
from textwrap import wrap
from typing import Any, cast

from packaging.utils import canonicalize_name

from flows.errors import FlowsError
from flows.pipeline.bundles.requirements import needed_packages
from flows.results import print_count

_WIDTH = 92
"""Characters in a line of a list or a note."""

_COPYLEFT = ("GPL-", "AGPL-")


@dataclass(frozen=True, slots=True)
class Inside:
    """What a package holds beside its own code: ``source`` says where its ``licence`` was read."""

    what: str
    licence: str
    note: str
    source: str
    seen: str


@dataclass(frozen=True, slots=True)
class Licensed:
    """
    A package that is installed.

    ``licence``: SPDX, empty where nothing says it; ``accepted``: whether it may be used beside code
    under the BSD licence without further thought; ``inside``: what it holds beside its own code.
    """

    name: str
    version: str
    licence: str
    accepted: bool
    inside: tuple[Inside, ...] = ()


def check_licences(names: Iterable[str] | None = None) -> list[Licensed]:
    """Return the terms of packages; by default of all that flows needs here."""
    try:
        return [_licensed(distribution(name)) for name in sorted(names or needed_packages())]
    except PackageNotFoundError as error:
        raise FlowsError(
            f"expected the package {error.name} to be installed by pip, found nothing of that "
            "name; its licence cannot be read"
        ) from error


def licence_of(package: Distribution) -> str:
    """Return the licence of a package as SPDX; empty where it says none that is known."""
    metadata = cast("Message", package.metadata)
    name = canonicalize_name(package.metadata["Name"])
    stated = {entry["package"]: entry["licence"] for entry in facts()["stated"]}
    own = (metadata.get("License-Expression", ""), stated.get(name, ""), *_in_metadata(metadata))
    return next(filter(None, own), "")


def is_accepted(expression: str) -> bool:
    """
    Say whether one of the choices that an expression of SPDX gives is accepted in all its parts.

    >>> is_accepted("MIT OR GPL-3.0-only"), is_accepted("MIT AND GPL-3.0-only"), is_accepted("")
    (True, False, False)
    """
    accepted = {*facts()["accepted"]}
    return any(accepted.issuperset(choice.split(" AND ")) for choice in expression.split(" OR "))


def describe_licences(packages: Sequence[Licensed]) -> Iterator[str]:
    """Yield what is installed for a reader: by licence, then what lies inside, then faults."""
    yield f"{print_count(len(packages), 'package')} that flows needs here, by licence"
    by_licence: dict[str, list[str]] = {}
    for package in packages:
        licence = package.licence or "not stated"
        by_licence.setdefault(licence, []).append(f"{package.name} {package.version}")
    for licence, names in sorted(by_licence.items()):
        yield f"  {licence}"
        yield from _wrapped(", ".join(names))
    yield ""
    yield "Inside them, with terms of their own"
    for package in packages:
        for part in package.inside:
            yield f"  {part.what}, in {package.name}: {part.licence}"
            yield from _wrapped(" ".join([part.note, f"From {part.source}, {part.seen}."]).strip())
    yield ""
    yield _verdict(packages)


def summarise_licences() -> str:
    """Return in a line whether all licences are accepted, and what is under the GPL."""
    try:
        packages = check_licences()
    except FlowsError as error:
        return str(error)
    bound = [
        f"{part.what.partition(',')[0]} inside {package.name} is {part.licence}"
        for package in packages
        for part in package.inside
        if part.licence.startswith(_COPYLEFT)
    ]
    return "; ".join([_verdict(packages), *bound, "flows check --licences has all of them"])


def refused(packages: Iterable[Licensed]) -> list[str]:
    """Return the packages whose licence is not accepted, with it."""
    return [
        f"{package.name} {package.version} ({package.licence or 'not stated'})"
        for package in packages
        if not package.accepted
    ]


def to_json(packages: Iterable[Licensed]) -> list[dict[str, object]]:
    """Return the packages for a program."""
    return [asdict(package) for package in packages]


@cache
def facts() -> Mapping[str, Any]:
    """Return what is known of licences."""
    return tomllib.loads(files(__package__).joinpath("licences.toml").read_text(encoding="utf-8"))


def _licensed(package: Distribution) -> Licensed:
    licence = licence_of(package)
    name = canonicalize_name(package.metadata["Name"])
    inside = tuple(
        Inside(part["what"], part["licence"], part["note"], part["from"], str(part["seen"]))
        for part in facts()["inside"]
        if part["package"] == name
    )
    return Licensed(name, package.version, licence, is_accepted(licence), inside)


def _in_metadata(metadata: Message) -> Iterator[str]:
    """
    Yield what the older fields of metadata say, as SPDX; the text of a licence by its head.

    Several classifiers do not say whether all of them hold or one may be chosen.
    """
    words = {name: name for name in facts()["accepted"]} | facts()["words"]
    yield words.get((metadata.get("License") or "").strip().partition("\n")[0], "")
    named = [text for text in metadata.get_all("Classifier") or () if text.startswith("License ::")]
    if len(named) == 1:
        yield words.get(named[0].rpartition(" :: ")[2], "")


def _verdict(packages: Sequence[Licensed]) -> str:
    faults = refused(packages)
    if faults:
        return (
            "expected licences that flows/pipeline/licences.toml accepts, found "
            f"{', '.join(faults)}; read the terms before this is handed on"
        )
    return f"{print_count(len(packages), 'package')} installed, under licences that are accepted"


def _wrapped(text: str) -> list[str]:
    return [f"      {line}" for line in wrap(text, _WIDTH, break_on_hyphens=False)]
