"""The study of the sources themselves."""

from pathlib import Path

import pytest

from flows.sources import list_sources
from flows.studies.sources import SOURCES

ROOT = Path(__file__).parents[1]


def test_the_study_of_sources_lists_their_terms() -> None:
    sources = list_sources(ROOT)
    findings = SOURCES.find("sources", data={"sources": sources}, question={}, parameters={})
    assert list(findings.tables[0].frame["id"]) == sorted(source.id for source in sources)
    assert findings.numbers[0].value == len(sources)


def test_a_report_that_rests_on_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one data set"):
        SOURCES.find("sources", data={"sources": []}, question={}, parameters={})
