"""The codebook: every variable of data sets and exhibits, labelled, and its values explained."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from flows.canonical import canonical
from flows.loaders.parquet import read_parquet
from flows.report.deposit.content import Deposit, processed_file
from flows.report.deposit.metadata import write_csv
from flows.report.deposit.variables import Variable, find_variable, value_meanings

_MOST = 12
"""Different texts that a codebook lists; of more it says how many there are."""

_LONGEST = 60
"""Characters of such a text."""

_PLAIN = re.compile(r"[a-z0-9_-]+")
_PRINTED_VALUE = " (value)"


@dataclass(frozen=True, slots=True)
class Entry:
    """One variable of one file: what it is, and which values it has."""

    file: str
    variable: str
    label: str
    unit: str
    type: str
    values: str


def read_codebook(root: Path, deposit: Deposit) -> list[Entry]:
    """Return the variables of the processed data sets and of the CSV of each exhibit."""
    loaders = {processed_file(source): source.loader for source in deposit.sources}
    entries: list[Entry] = []
    for file in deposit.outputs:
        if file in loaders:
            frame = read_parquet(root / file)
            entries += describe_columns(frame, file, kind="data", of=loaders[file])
        elif file.endswith(".csv"):
            frame = pd.read_csv(root / file, dtype_backend="numpy_nullable")
            entries += describe_columns(frame, file, of=PurePosixPath(file).stem)
    return entries


def describe_columns(
    frame: pd.DataFrame, file: str, *, of: str, kind: Any = "exhibit"
) -> Iterator[Entry]:
    """Yield the variables of a table; ``kind`` and ``of`` are those of ``find_variable``."""
    for name in frame.columns:
        column = frame[name].dropna()
        variable = find_variable(name, kind=kind, of=of) or _by_its_heading(name)
        kind_of_values, values = _values(name, column)
        yield Entry(file, name, variable.label, variable.unit, kind_of_values, values)


def codebook_csv(entries: Iterable[Entry]) -> str:
    """Return the codebook for programs."""
    return write_csv(Entry, entries)


def codebook_markdown(entries: Iterable[Entry]) -> str:
    """Return the codebook for readers: one section a file."""
    sections: dict[str, list[Entry]] = {}
    for entry in entries:
        sections.setdefault(entry.file, []).append(entry)
    return "# Codebook\n" + "".join(_section(file, rows) for file, rows in sections.items())


def _section(file: str, entries: Iterable[Entry]) -> str:
    heading = f"\n## {file}\n\n| variable | label | unit | type | values |\n|---|---|---|---|---|\n"
    lines = (
        "| " + " | ".join(_cell(cell) for cell in astuple(entry)[1:]) + " |\n" for entry in entries
    )
    return heading + "".join(lines)


def _cell(text: str) -> str:
    return re.sub(r"([\\|*_`<\[\]])", r"\\\1", text)


def _by_its_heading(name: str) -> Variable:
    """Return a column that is named as it is printed, or else its name in words."""
    if name.endswith(_PRINTED_VALUE):
        return Variable(f"{name.removesuffix(_PRINTED_VALUE)}: the value as a number")
    if _PLAIN.fullmatch(name):
        return Variable(name.replace("_", " ").replace("-", " ").capitalize())
    return Variable(f"{name}: as it is printed")


def _values(name: str, column: pd.Series) -> tuple[str, str]:
    """Return the type of a column and its values in words; missing ones are left out."""
    kinds = pd.api.types
    if column.empty:
        return "empty", ""
    if kinds.is_bool_dtype(column):
        return "true or false", ""
    if kinds.is_datetime64_any_dtype(column):
        return "date", f"{column.min():%Y-%m-%d} to {column.max():%Y-%m-%d}"
    if kinds.is_numeric_dtype(column):
        return "number", f"{_number(column.min())} to {_number(column.max())}"
    return "text", _texts(name, sorted({str(value) for value in column}))


def _texts(name: str, texts: list[str]) -> str:
    meanings: Mapping[str, str] = value_meanings(name, texts)
    unexplained = [text for text in texts if text and text not in meanings]
    if len(unexplained) > _MOST or any(len(text) > _LONGEST for text in unexplained):
        return f"{len(texts)} different"
    return "; ".join(
        f"{text or '(empty)'} = {meanings[text]}" if text in meanings else text or "(empty)"
        for text in texts
    )


def _number(value: float) -> str:
    return f"{canonical(float(value), exact=True):.15g}"
