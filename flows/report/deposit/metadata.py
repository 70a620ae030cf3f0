"""Files in which repositories of software and data look for metadata, made from one reference."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import astuple, fields
from typing import TYPE_CHECKING, Any

from flows.errors import ReportError
from flows.report.deposit.reference import Author, Reference
from flows.safe_text import safe_cell, safe_json

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

CODECHECK = "https://codecheck.org.uk/spec/config/2.0/"

_SPDX = "https://spdx.org/licenses/"
_PLACEHOLDER = re.compile(r"\bFIXME\b|\bTODO\b|XXXXX")
_DAY = len("2026-11-26")
_MESSAGE = "If you use {}, please cite it, and the publishers of the data beside it."


def citation_cff(reference: Reference) -> str:
    """
    Return CITATION.cff.

    Citation File Format 1.2.0, https://doi.org/10.5281/zenodo.5171937
    """
    software = reference.kind == "software"
    facts = {
        "cff-version": "1.2.0",
        "message": _MESSAGE.format("flows" if software else "this appendix"),
        "type": "software" if software else "dataset",
        "title": reference.title,
        "abstract": reference.about,
        "authors": [_cff_author(author) for author in reference.authors],
        "version": reference.version,
        "date-released": _day(reference),
        "doi": reference.doi,
        "url": reference.address,
        "license": reference.licence,
        "keywords": list(reference.keywords),
    }
    return _yaml(facts)


def zenodo_json(reference: Reference) -> str:
    """
    Return .zenodo.json, which Zenodo reads when a release is deposited.

    The version it takes from the tag of the release: its schema has no field for one.
    """
    software = reference.kind == "software"
    facts = {
        "title": reference.title if software else f"Data and Code for: {reference.title}",
        "upload_type": "software" if software else "dataset",
        "description": reference.about or reference.title,
        "creators": [_zenodo_creator(author) for author in reference.authors],
        "publication_date": _day(reference),
        "access_right": "open",
        "license": reference.licence,
        "keywords": list(reference.keywords),
    }
    return write_json(known_facts(facts))


def codemeta_json(reference: Reference) -> str:
    """
    Return codemeta.json of the software.

    CodeMeta 3.0, https://w3id.org/codemeta/3.0
    """
    facts = {
        "@context": "https://w3id.org/codemeta/3.0",
        "@type": "SoftwareSourceCode",
        "name": reference.title,
        "description": reference.about,
        "version": reference.version,
        "author": [schema_author(author) for author in reference.authors],
        "datePublished": _day(reference),
        "identifier": reference.link if reference.doi else "",
        "codeRepository": reference.address,
        "license": f"{_SPDX}{reference.licence}" if reference.licence else "",
        "programmingLanguage": "Python",
        "keywords": list(reference.keywords),
    }
    return write_json(known_facts(facts))


def codecheck_yml(reference: Reference, outputs: Mapping[str, str]) -> str:
    """
    Return the authors' part of codecheck.yml; who checks the deposit adds the certificate.

    CODECHECK configuration 2.0, https://codecheck.org.uk/spec/config/2.0/

    Parameters
    ----------
    reference : Reference
        The appendix. What is not known of it is left out; see :func:`codecheck_gaps`.
    outputs : Mapping
        File, from the folder of the deposit, to what it is.

    Raises
    ------
    ReportError
        If something is a placeholder, which CODECHECK takes for a fault.
    """
    facts = {
        "version": CODECHECK,
        "paper": {
            "title": reference.title,
            "authors": [_codecheck_author(author) for author in reference.authors],
            "reference": reference.link,
        },
        "manifest": [{"file": file, "comment": about} for file, about in sorted(outputs.items())],
    }
    text = f"---\n{_yaml(facts)}"
    if held := _PLACEHOLDER.search(text):
        raise ReportError(f"codecheck.yml: expected no placeholder, found {held[0]!r}")
    return text


def codecheck_gaps(reference: Reference) -> list[str]:
    """Return what CODECHECK asks authors for and the appendix does not say yet."""
    orcids = [f"the ORCID of {author.name}" for author in reference.authors if not author.orcid]
    return [*orcids, *([] if reference.link else ["a DOI or an address of the article"])]


def schema_author(author: Author) -> dict[str, str]:
    """Return an author in the words of schema.org."""
    return known_facts(
        {
            "@id": f"https://orcid.org/{author.orcid}" if author.orcid else "",
            "@type": "Person" if author.family or author.orcid else "Organization",
            "name": author.name,
            "familyName": author.family,
            "givenName": author.given,
        }
    )


def write_json(facts: Mapping[str, object]) -> str:
    """Return JSON as every file of a deposit has it."""
    return safe_json(facts, indent=2) + "\n"


def write_csv(kind: type["DataclassInstance"], rows: Iterable["DataclassInstance"]) -> str:
    """Return records of one kind as CSV, headed by the names of their fields."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.name for field in fields(kind)])
    writer.writerows(map(safe_cell, astuple(row)) for row in rows)
    return text.getvalue()


def known_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts that are known: nothing stands in for one that is not."""
    return {name: fact for name, fact in facts.items() if fact}


def _day(reference: Reference) -> str:
    """Return when it was issued, where the day is known."""
    return reference.issued if len(reference.issued) == _DAY else ""


def _cff_author(author: Author) -> dict[str, str]:
    orcid = f"https://orcid.org/{author.orcid}" if author.orcid else ""
    if not author.family:
        return known_facts({"name": author.name, "orcid": orcid})
    return known_facts(
        {
            "family-names": author.family,
            "given-names": author.given,
            "orcid": orcid,
            "affiliation": author.affiliation,
        }
    )


def _zenodo_creator(author: Author) -> dict[str, str]:
    name = f"{author.family}, {author.given}" if author.family else author.name
    return known_facts({"name": name, "affiliation": author.affiliation, "orcid": author.orcid})


def _codecheck_author(author: Author) -> dict[str, str]:
    return known_facts({"name": author.name, "ORCID": author.orcid})


def _yaml(facts: Mapping[str, Any], indent: str = "") -> str:
    """Return YAML, of which JSON's texts are a part; what is not known is left out."""
    lines = []
    for name, fact in known_facts(facts).items():
        if isinstance(fact, dict):
            lines.append(f"{indent}{name}:\n{_yaml(fact, indent + '  ')}")
        elif isinstance(fact, list):
            items = "".join(f"{indent}  - {_item(item, indent + '    ')}" for item in fact)
            lines.append(f"{indent}{name}:\n{items}")
        else:
            lines.append(f"{indent}{name}: {safe_json(fact)}\n")
    return "".join(lines)


def _item(item: object, indent: str) -> str:
    if isinstance(item, dict):
        return _yaml(item, indent).removeprefix(indent)
    return f"{safe_json(item)}\n"
