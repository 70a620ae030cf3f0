"""
The appendix as a research object: what each exhibit was made from, by what.

RO-Crate 1.1, https://w3id.org/ro/crate/1.1, as a Process Run Crate 0.5,
https://w3id.org/ro/wfrun/process/0.5: one action for each exhibit.
"""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from flows.report.deposit.content import Deposit, Exhibit, media_type, raw_files
from flows.report.deposit.metadata import known_facts, schema_author, write_json
from flows.report.deposit.reference import Author

_CRATE = "https://w3id.org/ro/crate/1.1"
_PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
_TERMS = "https://w3id.org/ro/terms/workflow-run/context"
_SOFTWARE = "#flows"
_LICENCE = "#terms"

Entity = dict[str, object]


def ro_crate_json(deposit: Deposit) -> str:
    """Return ro-crate-metadata.json, which describes the folder that it lies in."""
    graph = [
        _descriptor(),
        _root(deposit),
        {"@id": _PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"},
        _terms(deposit),
        _software(deposit),
        *_authors([*deposit.appendix.authors, *deposit.software.authors]),
        *_files(deposit),
        *_withheld(deposit),
        *(_action(deposit, exhibit) for exhibit in deposit.exhibits),
    ]
    return write_json({"@context": [f"{_CRATE}/context", _TERMS], "@graph": graph})


def _descriptor() -> Entity:
    return {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "conformsTo": {"@id": _CRATE},
        "about": {"@id": "./"},
    }


def _root(deposit: Deposit) -> Entity:
    appendix = deposit.appendix
    return known_facts(
        {
            "@id": "./",
            "@type": "Dataset",
            "conformsTo": {"@id": _PROFILE},
            "name": f"Data and Code for: {appendix.title}",
            "description": appendix.about or appendix.title,
            "datePublished": deposit.date,
            "license": {"@id": _LICENCE},
            "author": _refer(appendix.authors),
            "keywords": ", ".join(appendix.keywords),
            "identifier": appendix.link,
            "hasPart": [{"@id": _path(name)} for name in _shipped(deposit)],
            "mentions": [{"@id": _action_id(exhibit)} for exhibit in deposit.exhibits],
        }
    )


def _terms(deposit: Deposit) -> Entity:
    """Return the terms: those of the code, and where those of each data set stand."""
    return {
        "@id": _LICENCE,
        "@type": "CreativeWork",
        "name": f"Code: {deposit.software.licence}. Data: the terms of their publishers.",
        "description": "\n".join(
            f"{source.id}: {source.licence}. {source.allows}" for source in deposit.sources
        ),
    }


def _software(deposit: Deposit) -> Entity:
    software = deposit.software
    return known_facts(
        {
            "@id": _SOFTWARE,
            "@type": "SoftwareApplication",
            "name": software.title,
            "softwareVersion": deposit.manifest.code["version"],
            "sha256": deposit.manifest.code["sha256"],
            "url": software.link,
            "license": f"https://spdx.org/licenses/{software.licence}",
            "author": _refer(software.authors),
        }
    )


def author_id(author: Author) -> str:
    """Return what an author is referred to by."""
    return f"https://orcid.org/{author.orcid}" if author.orcid else f"#{quote(author.name)}"


def _refer(authors: Sequence[Author]) -> Any:
    """Return references to authors; RO-Crate asks for a list only where there are several."""
    several = [{"@id": author_id(author)} for author in authors]
    return several[0] if len(several) == 1 else several


def _authors(authors: Sequence[Author]) -> Iterator[Entity]:
    for name, author in {author_id(author): author for author in authors}.items():
        yield {**schema_author(author), "@id": name}


def _shipped(deposit: Deposit) -> list[str]:
    files = {**deposit.inputs, **deposit.outputs}
    return sorted(name for name in files if name not in deposit.withheld)


def _files(deposit: Deposit) -> Iterator[Entity]:
    hashes = {**deposit.inputs, **deposit.outputs}
    for name in _shipped(deposit):
        yield {
            "@id": _path(name),
            "@type": "File",
            "name": name,
            "encodingFormat": media_type(name),
            "sha256": hashes[name],
        }


def _withheld(deposit: Deposit) -> Iterator[Entity]:
    """Yield files that are not in the folder, since they may not be passed on."""
    hashes = {**deposit.inputs, **deposit.outputs}
    for name, source in deposit.withheld.items():
        if name in hashes:
            yield {
                "@id": _id_of(deposit, name),
                "@type": "CreativeWork",
                "name": name,
                "description": f"Not in this folder: {source.allows} {source.citation}",
                "url": source.address,
                "sha256": hashes[name],
            }


def _action(deposit: Deposit, exhibit: Exhibit) -> Entity:
    """Return how an exhibit was made; when is left out, so that a rebuild says the same."""
    raw = [
        name
        for source in deposit.sources
        if source.id in exhibit.datasets
        for name in raw_files(source)
    ]
    written = [name for name in deposit.inputs if not name.startswith("data/raw/")]
    return {
        "@id": _action_id(exhibit),
        "@type": "CreateAction",
        "name": f"Make {exhibit.name}",
        "description": f"flows build --only {exhibit.id}",
        "instrument": {"@id": _SOFTWARE},
        "agent": {"@id": author_id(deposit.appendix.authors[0])},
        "object": [{"@id": _id_of(deposit, name)} for name in (*raw, *written)],
        "result": [{"@id": _path(name)} for name in exhibit.files],
    }


def _action_id(exhibit: Exhibit) -> str:
    return f"#make-{exhibit.kind}-{quote(exhibit.id)}"


def _id_of(deposit: Deposit, name: str) -> str:
    return f"#{_path(name)}" if name in deposit.withheld else _path(name)


def _path(name: str) -> str:
    return quote(name, safe="/@")
