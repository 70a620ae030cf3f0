"""JSON files, as programming interfaces reply: objects with the lines they begin on."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flows.errors import LayoutError
from flows.loaders.text import Record, read_text


def read_json(path: Path) -> tuple[str, Any]:
    """
    Return the text of a JSON file, and what it holds.

    Parameters
    ----------
    path : pathlib.Path
        File to read, UTF-8.

    Returns
    -------
    text : str
        As in the file.
    content : object
        What it means.

    Raises
    ------
    LayoutError
        If it is not JSON; line and column are named.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> sorted(read_json(example_path("comtrade_api"))[1])
    ['count', 'data', 'elapsedTime', 'error']
    """
    text = read_text(path)
    try:
        return text, json.loads(text)
    except json.JSONDecodeError as error:
        raise LayoutError(
            f"{path}:{error.lineno}: expected JSON, found at column {error.colno}: {error.msg}"
        ) from error
    except (RecursionError, ValueError) as error:
        raise LayoutError(f"{path}:1: expected JSON, found: {error}") from error


def records_of(objects: list[Any], text: str, *, path: str) -> tuple[list[str], list[Record]]:
    """
    Return a list of flat JSON objects as records of text cells.

    Parameters
    ----------
    objects : list
        Objects of one kind.
    text : str
        The file they are from.
    path : str
        The file as errors name it.

    Returns
    -------
    names : list of str
        Keys of all objects, in the order they appear.
    records : list of Record
        A key that an object lacks is an empty cell, as is ``null``. An object begins on the line
        of its first key, if the file has one key a line; else on line 1.

    Raises
    ------
    LayoutError
        If an element is not an object of plain values.

    Examples
    --------
    >>> records_of([{"a": 1, "b": None}], '[{"a": 1, "b": null}]', path="my.json")
    (['a', 'b'], [Record(line=1, cells=['1', ''])])
    """
    names: dict[str, None] = {}
    for number, one in enumerate(objects, start=1):
        if not isinstance(one, Mapping) or any(isinstance(v, list | dict) for v in one.values()):
            raise LayoutError(f"{path}: expected plain objects, element {number} is another thing")
        names |= dict.fromkeys(one)
    lines = _lines(objects, text)
    return list(names), [
        Record(line, [_cell(one.get(name)) for name in names])
        for line, one in zip(lines, objects, strict=True)
    ]


def _lines(objects: list[Any], text: str) -> list[int]:
    if not objects or not objects[0]:
        return [1] * len(objects)
    key = json.dumps(next(iter(objects[0])))
    lines = [
        at for at, line in enumerate(text.split("\n"), start=1) if line.strip().startswith(key)
    ]
    return lines if len(lines) == len(objects) else [1] * len(objects)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)
