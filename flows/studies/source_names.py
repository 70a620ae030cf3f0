"""Data sets as a reader knows them: by publisher, title and release instead of an id."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import pandas as pd

from flows.findings import Figure, Findings, Table
from flows.results import print_date
from flows.sources import Source
from flows.studies.numbers import join_words

_YEAR = re.compile(r"(?:19|20)\d\d")


def source_name(source: Source) -> str:
    """
    Return the short name of a data set with its vintage, for a table or a line under a figure.

    >>> from flows.sources import list_sources
    >>> source_name(list_sources(only=["sipri-deal-years@2025-03"])[0])
    'SIPRI Arms Transfers Database, March 2025'
    """
    return f"{source.short_name}, {_release(source.vintage)}"


def name_sources(findings: Findings, sources: Iterable[Source]) -> Findings:
    """
    Put names in the place of ids in all that a text prints; code and evidence keep the ids.

    Data sets that are not among ``sources``, such as files of one's own, keep their ids.
    """
    known = {source.id: source for source in sources}
    if not known:
        return findings
    ids = "|".join(re.escape(name) for name in sorted(known, key=len, reverse=True))
    listed = re.compile(rf"(?<![\w.@-])(?:{ids})(?:, (?:{ids}))*(?![\w@-])")

    def in_names(text: str) -> str:
        return listed.sub(lambda match: _names(known, match[0].split(", ")), text)

    return replace(
        findings,
        words={key: in_names(word) for key, word in findings.words.items()},
        figures=tuple(_named_figure(figure, in_names) for figure in findings.figures),
        tables=tuple(_named_table(table, in_names) for table in findings.tables),
    )


def _named_figure(figure: Figure, in_names: Callable[[str], str]) -> Figure:
    return replace(figure, caption=in_names(figure.caption), source=in_names(figure.source))


def _named_table(table: Table, in_names: Callable[[str], str]) -> Table:
    frame = table.frame.copy()
    for column in frame.columns.intersection(list(table.labels)):
        if isinstance(frame[column].dtype, pd.StringDtype):
            frame[column] = frame[column].map(in_names, na_action="ignore")
    return replace(table, frame=frame, caption=in_names(table.caption), note=in_names(table.note))


def _names(known: Mapping[str, Source], ids: Iterable[str]) -> str:
    """Return data sets by name, each name once with all its releases."""
    releases: dict[str, dict[str, None]] = {}
    for source in map(known.__getitem__, ids):
        releases.setdefault(source.short_name, {})[_release(source.vintage)] = None
    return "; ".join(f"{name}, {join_words(list(those))}" for name, those in releases.items())


def _release(vintage: str) -> str:
    """Return a vintage in words: a month, a day or a year as it is, and else a version."""
    words = print_date(vintage)
    is_date = words != vintage or _YEAR.fullmatch(vintage)
    return words if is_date else f"version {vintage}"
