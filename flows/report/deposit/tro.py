"""
The files before and after the run, by their hashes.

Transparent Research Object, vocabulary 0.1, https://w3id.org/trace/trov/0.1. Whoever made the
appendix states it; it is not signed, and proves no run. It fixes which data the results were made
from, those that may not be passed on included.
"""

import hashlib
from collections.abc import Mapping

from flows.report.deposit.content import Deposit, media_type
from flows.report.deposit.metadata import schema_author, write_json

_CONTEXT = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "trov": "https://w3id.org/trace/trov/0.1#",
    "schema": "https://schema.org/",
}
_SYSTEM = "https://w3id.org/trace/tro-utils#unidentified-trs"
"""No system that others trust ran it."""

Node = dict[str, object]


def tro_jsonld(deposit: Deposit) -> str:
    """Return tro.jsonld: the files before, the files after, and what was run between."""
    before = dict(deposit.inputs)
    after = {**before, **deposit.outputs}
    hashes = sorted(set(after.values()))
    ids = {digest: f"composition/1/artifact/{place}" for place, digest in enumerate(hashes)}
    types = {digest: media_type(name) for name, digest in sorted(after.items(), reverse=True)}
    node = {
        "@id": "tro",
        "@type": ["trov:TransparentResearchObject", "schema:CreativeWork"],
        "schema:name": deposit.appendix.title,
        "schema:description": "Files that an appendix was made from, and what was made of them.",
        "schema:creator": _creator(deposit),
        "schema:dateCreated": f"{deposit.date}T00:00:00+00:00",
        "trov:vocabularyVersion": "0.1",
        "trov:wasAssembledBy": {
            "@id": _SYSTEM,
            "@type": ["trov:TrustedResearchSystem", "schema:Organization"],
            "schema:name": "The authors' own machine",
            "trov:hasCapability": [],
        },
        "trov:createdWith": {
            "@type": "schema:SoftwareApplication",
            "schema:name": "flows",
            "schema:softwareVersion": deposit.manifest.code["version"],
        },
        "trov:hasComposition": {
            "@id": "composition/1",
            "@type": "trov:ArtifactComposition",
            "trov:hasArtifact": [
                _artifact(name, digest, types[digest]) for digest, name in ids.items()
            ],
            "trov:hasFingerprint": {
                "@id": "fingerprint",
                "@type": "trov:CompositionFingerprint",
                "trov:hash": _hash(hashlib.sha256("".join(hashes).encode()).hexdigest()),
            },
        },
        "trov:hasArrangement": [
            _arrangement(0, "Before the run: what people and publishers wrote.", before, ids),
            _arrangement(1, "After the run: the same and everything that was made.", after, ids),
        ],
        "trov:hasPerformance": [_performance(deposit)],
        "trov:hasAttribute": [],
    }
    return write_json({"@context": _CONTEXT, "@graph": [node]})


def _creator(deposit: Deposit) -> Node:
    """Return the first author, as the vocabulary names one."""
    facts = schema_author(deposit.appendix.authors[0])
    node: Node = {"@type": f"schema:{facts['@type']}", "schema:name": facts["name"]}
    return node | ({"@id": facts["@id"]} if "@id" in facts else {})


def _hash(digest: str) -> Node:
    return {"trov:hashAlgorithm": "sha256", "trov:hashValue": digest}


def _artifact(name: str, digest: str, kind: str) -> Node:
    return {
        "@id": name,
        "@type": "trov:ResearchArtifact",
        "trov:mimeType": kind,
        "trov:hash": _hash(digest),
    }


def _arrangement(number: int, about: str, files: Mapping[str, str], ids: Mapping[str, str]) -> Node:
    name = f"arrangement/{number}"
    return {
        "@id": name,
        "@type": "trov:ArtifactArrangement",
        "rdfs:comment": about,
        "trov:hasArtifactLocation": [
            {
                "@id": f"{name}/location/{place}",
                "@type": "trov:ArtifactLocation",
                "trov:artifact": {"@id": ids[files[file]]},
                "trov:path": file,
            }
            for place, file in enumerate(sorted(files))
        ],
    }


def _performance(deposit: Deposit) -> Node:
    """Return what was run; without times, so that a rebuild says the same."""
    code = deposit.manifest.code
    bound = {
        key: {
            "@id": f"trp/0/binding/{number}",
            "@type": "trov:ArrangementBinding",
            "trov:arrangement": {"@id": f"arrangement/{number}"},
        }
        for number, key in enumerate(("accessedArrangement", "contributedToArrangement"))
    }
    return {
        "@id": "trp/0",
        "@type": "trov:TrustedResearchPerformance",
        "rdfs:comment": f"flows build, version {code['version']}, source {code['sha256']}",
        "trov:wasConductedBy": {"@id": _SYSTEM},
        **{f"trov:{key}": binding for key, binding in bound.items()},
        "trov:hasPerformanceAttribute": [],
    }
