"""Findings on disk: values as JSON, frames as Parquet, so that a step hands on all it knows."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from flows.errors import ReportError
from flows.findings import Figure, Findings, Number, Table
from flows.pipeline.steps import unknown_name

_Exhibit = TypeVar("_Exhibit", Figure, Table)
FindingsFiles = Mapping[str, Any]
"""``values``: path of the JSON file; ``figures``, ``tables``: id to the path of its frame."""


def write_findings(findings: Findings, files: FindingsFiles) -> None:
    """
    Write what a study found: all numbers and words, and the exhibits that have a file.

    Parameters
    ----------
    findings : Findings
    files : Mapping
        ``values`` (path), ``figures`` and ``tables`` (id to path).

    Raises
    ------
    ReportError
        If a file is meant for an exhibit that the study did not make.
    TypeError
        If a parameter or an option is nothing that JSON can hold.
    """
    figures = _choose("figure", findings.figures, files["figures"])
    tables = _choose("table", findings.tables, files["tables"])
    for figure in figures:
        _write_frame(figure.data, files["figures"][figure.id])
    for table in tables:
        _write_frame(table.frame, files["tables"][table.id])
    content = {
        "numbers": [_values(number) for number in findings.numbers],
        "words": dict(findings.words),
        "texts": dict(findings.texts),
        "figures": [_values(figure, without="data") for figure in figures],
        "tables": [_values(table, without="frame") for table in tables],
    }
    files["values"].parent.mkdir(parents=True, exist_ok=True)
    files["values"].write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def read_findings(files: FindingsFiles) -> Findings:
    """
    Read what :func:`write_findings` wrote.

    Parameters
    ----------
    files : Mapping
        As given to :func:`write_findings`.

    Returns
    -------
    Findings
        Without exhibits that have no file among ``files``.

    Raises
    ------
    OSError
        If a file is missing.
    """
    content = json.loads(files["values"].read_text(encoding="utf-8"))
    return Findings(
        numbers=tuple(Number(**_with_rows(entry)) for entry in content["numbers"]),
        words=content["words"],
        texts=content["texts"],
        figures=tuple(
            Figure(**_with_rows(entry), data=read_frame(files["figures"][entry["id"]]))
            for entry in content["figures"]
            if entry["id"] in files["figures"]
        ),
        tables=tuple(
            Table(**_with_rows(entry), frame=read_frame(files["tables"][entry["id"]]))
            for entry in content["tables"]
            if entry["id"] in files["tables"]
        ),
    )


def read_frame(path: Path) -> pd.DataFrame:
    """
    Read a table of the build.

    Parameters
    ----------
    path : pathlib.Path
        A Parquet file that a step wrote.

    Returns
    -------
    pandas.DataFrame
        With the types that it had: Parquet has no dates in seconds and gives milliseconds.

    Raises
    ------
    OSError
        If the file is missing.
    """
    frame = pd.read_parquet(path)
    dates = frame.select_dtypes("datetime64[ms]").columns
    return frame.astype(dict.fromkeys(dates, "datetime64[s]"))


def _choose(
    kind: str, made: Iterable[_Exhibit], wanted: Mapping[str, Path]
) -> tuple[_Exhibit, ...]:
    by_id = {exhibit.id: exhibit for exhibit in made}
    for name in wanted:
        if name not in by_id:
            raise ReportError(f"the study did not make it: {unknown_name(kind, name, by_id)}")
    return tuple(by_id[name] for name in wanted)


def _write_frame(frame: pd.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(path)


def _values(item: Number | Figure | Table, *, without: str = "") -> dict[str, object]:
    return {
        field.name: dict(value) if isinstance(value, Mapping) else value
        for field in fields(item)
        if field.name != without
        for value in [getattr(item, field.name)]
    }


def _with_rows(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry with tuples where JSON has lists."""
    exact = entry["exact"]
    return {
        **entry,
        "rows": {name: tuple(lines) for name, lines in entry["rows"].items()},
        "exact": tuple(exact) if isinstance(exact, list) else exact,
    }
