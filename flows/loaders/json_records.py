"""From JSON to records: of services that reply with it, and of programs that write it."""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from flows.errors import FlowsError, LayoutError
from flows.loaders.evenness import check_brackets, check_places
from flows.loaders.grids import Grid, Record, grid_of
from flows.loaders.text import once, read_text


def read_json(path: Path) -> tuple[str, Any]:
    """Return the text of a JSON file, and what it holds."""
    text = read_text(path).text
    check_brackets(text, path=str(path))
    try:
        return text, json.loads(text, object_pairs_hook=partial(once, str(path)))
    except json.JSONDecodeError as error:
        raise LayoutError(
            f"{path}:{error.lineno}: expected JSON, found at column {error.colno}: {error.msg}"
        ) from error
    except FlowsError:
        raise
    except (RecursionError, ValueError) as error:
        raise LayoutError(f"{path}:1: expected JSON, found: {error}") from error


def records_of(objects: list[Any], text: str, *, path: str) -> tuple[list[str], Grid]:
    """Return a list of flat JSON objects as records of text cells."""
    names: dict[str, None] = {}
    filled = 0
    for number, entry in enumerate(objects, start=1):
        if not isinstance(entry, Mapping) or any(
            isinstance(v, list | dict) for v in entry.values()
        ):
            raise LayoutError(
                f"{path}:1: expected a list of records with one value a name, "
                f"found another thing as number {number}"
            )
        names |= dict.fromkeys(entry)
        filled += len(entry)
        check_places(len(names), number, filled, place=path)
        if absent := (names.keys() - entry.keys()) | (entry.keys() - objects[0].keys()):
            line = _lines(objects, text)[number - 1]
            raise LayoutError(
                f"{path}:{line}: expected the same names in every record, found number {number} "
                f"that differs from those before in {', '.join(sorted(absent))}; download the file "
                "again"
            )
    lines = _lines(objects, text)
    return list(names), grid_of(
        Record(line, [_cell(entry.get(name)) for name in names])
        for line, entry in zip(lines, objects, strict=True)
    )


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
