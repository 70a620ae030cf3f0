"""The study of the sources themselves: what a report rests on, and on which terms."""

from flows.studies.section import Study
from flows.studies.sources.question import ask

SOURCES = Study("flows.studies.sources", ask)
