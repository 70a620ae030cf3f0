"""CITATION.cff keeps to the schema of its format and cites this version."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from flows import __version__

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = ROOT / "tests/reference/cff-schema-1.2.0.json"


def faults(citation: dict[str, Any]) -> list[str]:
    """Say where a citation breaks the schema, whose formats ask for nothing that is not at hand."""
    checker = Draft7Validator.FORMAT_CHECKER
    found = Draft7Validator(json.loads(SCHEMA.read_text("utf-8")), format_checker=checker)
    return [error.json_path for error in found.iter_errors(citation)]


@pytest.fixture
def citation() -> dict[str, Any]:
    """The file as JSON has it: YAML's dates are text there."""
    read = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    as_json: dict[str, Any] = json.loads(json.dumps(read, default=str))
    return as_json


def test_the_citation_keeps_to_its_schema(citation: dict[str, Any]) -> None:
    assert faults(citation) == []


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"license": "BSD-4"}, "$.license"),
        ({"date-released": "25 November"}, "$['date-released']"),
        ({"authors": []}, "$.authors"),
        ({"titel": "flows"}, "$"),
    ],
)
def test_what_breaks_the_schema_is_found(
    citation: dict[str, Any], change: dict[str, Any], place: str
) -> None:
    assert place in faults(citation | change)


def test_the_citation_names_this_version(citation: dict[str, Any]) -> None:
    assert citation["version"] == __version__
