"""The numbers of a report as one JSON file, from which ``flows trace`` and others read them."""

import json
import math
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from flows.errors import ReportError
from flows.findings import Findings, Number

_FIELDS = tuple(field.name for field in fields(Number))


def numbers_json(findings: Findings) -> str:
    r"""
    Return all numbers as strict JSON, sorted by id.

    Parameters
    ----------
    findings : Findings
        Any.

    Returns
    -------
    str
        An object with one entry a number under its id, which holds every field on a line of its
        own; a value that is not a number is ``null``.

    Raises
    ------
    ReportError
        If a number holds what JSON cannot, such as infinity.

    Examples
    --------
    >>> share = Number("s", 67.7391, "%", "67.74", "Share.", "flows.share", {}, {"a@1": (2, 3)})
    >>> text = numbers_json(Findings(numbers=(share,)))
    >>> json.loads(text)["s"]["rows"]
    {'a@1': [2, 3]}
    """
    entries = [
        _number_json(number) for number in sorted(findings.numbers, key=lambda number: number.id)
    ]
    return "{\n" + ",\n".join(entries) + "\n}\n" if entries else "{}\n"


def read_numbers(path: Path) -> dict[str, Number]:
    """
    Read the numbers of a built report.

    Parameters
    ----------
    path : pathlib.Path
        A file as :func:`numbers_json` makes it.

    Returns
    -------
    dict
        Id to number, sorted by id.

    Raises
    ------
    ReportError
        If the file is missing, is not JSON, or an entry has other fields than a number.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> share = Number("s", 67.7391, "%", "67.74", "Share.", "flows.share", {}, {"a@1": (2, 3)})
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "numbers.json"
    ...     _ = path.write_text(numbers_json(Findings(numbers=(share,))), encoding="utf-8")
    ...     read_numbers(path)["s"] == share
    True
    """
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ReportError(
            f"{path}: expected the numbers of a built report, found no file"
        ) from error
    except json.JSONDecodeError as error:
        raise ReportError(f"{path}:{error.lineno}: expected JSON, found: {error.msg}") from error
    if not isinstance(entries, dict):
        raise ReportError(f"{path}: expected an object, found {type(entries).__name__}")
    return {name: _read_number(path, name, entry) for name, entry in entries.items()}


def _number_json(number: Number) -> str:
    entry: dict[str, Any] = {name: getattr(number, name) for name in _FIELDS}
    if math.isnan(number.value):
        entry["value"] = None
    try:
        lines = [f'  "{name}": {_dump(value)}' for name, value in entry.items() if name != "id"]
    except (TypeError, ValueError) as error:
        raise ReportError(
            f"number {number.id!r}: expected what JSON can hold, found: {error}"
        ) from error
    return f" {_dump(number.id)}: {{\n" + ",\n".join(lines) + "\n }"


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, default=dict)


def _read_number(path: Path, name: str, entry: Mapping[str, Any]) -> Number:
    if {"id", *entry} != set(_FIELDS):
        raise ReportError(
            f"{path}: number {name!r}: expected the fields {', '.join(_FIELDS[1:])}; "
            f"found {', '.join(entry)}"
        )
    rows = {dataset: tuple(lines) for dataset, lines in entry["rows"].items()}
    value = math.nan if entry["value"] is None else entry["value"]
    return Number(**{**entry, "id": name, "value": value, "rows": rows})
