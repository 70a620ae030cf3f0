"""CITATION.cff, .zenodo.json and codemeta.json: valid, current, from the package's own facts."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft4Validator, Draft7Validator
from metadata import metadata_files

from flows import __version__
from flows.report.deposit.metadata import citation_cff, zenodo_json
from flows.report.deposit.reference import Author, Reference, software_reference

ROOT = Path(__file__).resolve().parents[1]
SCHEMAS = ROOT / "tests/schemas"

ARTICLE = Reference(
    "reports",
    "appendix",
    "Who trades: “a title”",
    (
        Author("Ann van Roe", "van Roe", "Ann", "0000-0002-1825-0097", "A university"),
        Author("A group"),
    ),
    issued="2026-11-26",
    doi="10.5281/zenodo.1",
    about="An appendix.",
    keywords=("trade",),
)
REFERENCES = pytest.mark.parametrize("reference", [software_reference(), ARTICLE])


def schema(name: str) -> Any:
    return json.loads((SCHEMAS / name).read_text("utf-8"))


def faults(citation: Any) -> list[str]:
    """Say where a citation breaks the schema, whose formats ask for nothing that is not at hand."""
    checker = Draft7Validator.FORMAT_CHECKER
    known = Draft7Validator(schema("cff-schema-1.2.0.json"), format_checker=checker)
    return [error.json_path for error in known.iter_errors(citation)]


def citation(reference: Reference) -> dict[str, Any]:
    """The file as JSON has it."""
    return dict(yaml.safe_load(citation_cff(reference)))


def test_the_files_in_the_repository_are_current() -> None:
    for name, text in metadata_files().items():
        assert (ROOT / name).read_text("utf-8") == text, f"{name}: make metadata"


def test_the_facts_are_those_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    software = software_reference()
    assert software.version == __version__
    assert software.licence == project["license"]
    assert [author.name for author in software.authors] == [
        author["name"] for author in project["authors"]
    ]
    assert project["description"].casefold() in software.title.casefold()
    assert set(software.keywords) <= set(project["keywords"])


@REFERENCES
def test_a_citation_keeps_to_its_schema(reference: Reference) -> None:
    assert faults(citation(reference)) == []


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"license": "BSD-4"}, "$.license"),
        ({"date-released": "25 November"}, "$['date-released']"),
        ({"authors": []}, "$.authors"),
        ({"titel": "flows"}, "$"),
    ],
)
def test_what_breaks_the_schema_is_found(change: dict[str, Any], place: str) -> None:
    assert place in faults(citation(software_reference()) | change)


@REFERENCES
def test_zenodo_gets_what_its_schema_knows(reference: Reference) -> None:
    record = json.loads(zenodo_json(reference))
    known = Draft4Validator(schema("zenodo-legacyrecord.json"))
    assert not list(known.iter_errors(record))
    assert list(known.iter_errors(record | {"upload_type": "code"}))


def test_codemeta_uses_terms_of_its_context() -> None:
    terms = schema("codemeta-3.0.jsonld")["@context"].keys() | {"@context", "@type", "@id"}
    written = json.loads(metadata_files()["codemeta.json"])
    assert written.keys() <= terms
    assert all(author.keys() <= terms for author in written["author"])
    assert written["@context"] == "https://w3id.org/codemeta/3.0"


def test_people_and_groups_are_told_apart() -> None:
    assert citation(ARTICLE)["authors"] == [
        {
            "family-names": "van Roe",
            "given-names": "Ann",
            "orcid": "https://orcid.org/0000-0002-1825-0097",
            "affiliation": "A university",
        },
        {"name": "A group"},
    ]
    creators = json.loads(zenodo_json(ARTICLE))["creators"]
    assert [creator["name"] for creator in creators] == ["van Roe, Ann", "A group"]
