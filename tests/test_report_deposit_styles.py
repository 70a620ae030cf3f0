"""The rules of each style, written out by hand for three references."""

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from flows.report import CITATION_STYLES
from flows.report.deposit.reference import Author, Reference
from flows.report.deposit.styles import format_references

SCHEMA = Path(__file__).parent / "schemas/csl-data.json"

DATA = Reference(
    "trade@2025-02",
    "dataset",
    "Trade by country & month",
    (Author("An office (AO)"),),
    version="2025-02",
    issued="2025-02",
    accessed=dt.date(2025, 3, 5),
    address="https://example.org/trade",
    about="Partner A, 216 months.",
    hashes={"trade_1.csv": "ab12"},
    asked="The Office",
)
PEOPLE = (
    Author("Jean-Luc M. Doe", "Doe", "Jean-Luc M.", "0000-0002-1825-0097"),
    Author("Ann van Roe", "van Roe", "Ann"),
    Author("A Working Group"),
)
ARTICLE = Reference(
    "reports", "appendix", "Who trades?", PEOPLE, issued="2026-11-26", doi="10.5281/zenodo.1"
)
CODE = Reference("code-1", "software", "code", PEOPLE[:1], version="1.0")

WRITTEN = {
    "apa": """\
An office (AO). (2025). Trade by country & month (Version 2025-02) [Data set: Partner A, 216 \
months]. Retrieved March 5, 2025, from https://example.org/trade. SHA-256: trade_1.csv ab12.

Doe, J.-L. M., van Roe, A., & A Working Group. (2026). Who trades? [Reproducible appendix]. \
https://doi.org/10.5281/zenodo.1.

Doe, J.-L. M. (n.d.). code (Version 1.0) [Computer software].""",
    "chicago": """\
An office (AO). 2025. “Trade by country & month.” Version 2025-02. Data set: Partner A, 216 \
months. Accessed March 5, 2025. https://example.org/trade. SHA-256: trade_1.csv ab12.

Doe, Jean-Luc M., Ann van Roe, and A Working Group. 2026. “Who trades?” Reproducible appendix. \
https://doi.org/10.5281/zenodo.1.

Doe, Jean-Luc M. n.d. “code.” Version 1.0. Computer software.""",
    "bibtex": r"""@misc{trade-2025-02,
  author = {{An office (AO)}},
  title = {{Trade by country \& month}},
  year = {2025},
  version = {2025-02},
  howpublished = {Data set},
  url = {https://example.org/trade},
  urldate = {2025-03-05},
  note = {Partner A, 216 months. SHA-256: trade\_1.csv ab12. Publisher's reference: The Office.}
}

@misc{reports,
  author = {Doe, Jean-Luc M. and van Roe, Ann and {A Working Group}},
  title = {{Who trades?}},
  year = {2026},
  howpublished = {Reproducible appendix},
  doi = {10.5281/zenodo.1}
}

@misc{code-1,
  author = {Doe, Jean-Luc M.},
  title = {{code}},
  version = {1.0},
  howpublished = {Computer software}
}""",
    "ris": """\
TY  - DATA
ID  - trade@2025-02
AU  - An office (AO)
TI  - Trade by country & month
PY  - 2025
ET  - 2025-02
UR  - https://example.org/trade
Y2  - 2025/03/05
N1  - Partner A, 216 months. SHA-256: trade_1.csv ab12. Publisher's reference: The Office.
ER  -

TY  - RPRT
ID  - reports
AU  - Doe, Jean-Luc M.
AU  - van Roe, Ann
AU  - A Working Group
TI  - Who trades?
PY  - 2026
DO  - 10.5281/zenodo.1
UR  - https://doi.org/10.5281/zenodo.1
ER  -

TY  - COMP
ID  - code-1
AU  - Doe, Jean-Luc M.
TI  - code
ET  - 1.0
ER  -""",
}


@pytest.mark.parametrize("style", WRITTEN)
def test_a_style_is_written_as_its_rules_say(style: str) -> None:
    assert format_references([DATA, ARTICLE, CODE], style) == WRITTEN[style]


def csl(*references: Reference) -> Any:
    return json.loads(format_references(references, "csl-json"))


def test_csl_keeps_to_its_schema_and_loses_nothing() -> None:
    items = csl(DATA, ARTICLE, CODE)
    assert not list(Draft7Validator(json.loads(SCHEMA.read_text("utf-8"))).iter_errors(items))
    assert items[0] == {
        "id": "trade@2025-02",
        "type": "dataset",
        "title": "Trade by country & month",
        "author": [{"literal": "An office (AO)"}],
        "version": "2025-02",
        "issued": {"date-parts": [[2025, 2]]},
        "accessed": {"date-parts": [[2025, 3, 5]]},
        "URL": "https://example.org/trade",
        "note": "Partner A, 216 months. SHA-256: trade_1.csv ab12. "
        "Publisher's reference: The Office.",
    }
    assert items[1]["author"][:2] == [
        {"family": "Doe", "given": "Jean-Luc M."},
        {"family": "van Roe", "given": "Ann"},
    ]


@pytest.mark.parametrize("style", CITATION_STYLES)
def test_every_style_has_version_part_address_and_hash_of_a_data_set(style: str) -> None:
    written = format_references([replace(DATA, hashes={"a": "0a1b", "b": "2c3d"})], style)
    for fact in ("2025-02", "Partner A, 216 months", "https://example.org/trade", "0a1b", "2c3d"):
        assert fact in written


@pytest.mark.parametrize("style", ["apa", "chicago"])
def test_no_sentence_ends_twice(style: str) -> None:
    ended = replace(DATA, authors=(Author("Acme Inc."),), about="Rows, etc.")
    assert ".." not in format_references([ended, CODE], style)
