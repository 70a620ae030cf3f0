"""Texts, JSON and TOML that others wrote: whatever is wrong with one is the error of its kind."""

import json
import tomllib
from pathlib import Path
from typing import Any

from flows.errors import FlowsError, ReportError

_TOO_DEEP = "values inside one another beyond any depth that a file needs"


def read_utf8(path: Path, *, error: type[FlowsError] = ReportError) -> str:
    """Return the text of a file that a person writes; another encoding is told with its line."""
    content = path.read_bytes()
    try:
        return content.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        raise error(
            f"{path}:{line}: expected UTF-8, found the byte {content[fault.start]:#04x}; "
            "save the file in UTF-8"
        ) from fault


def parse_json(content: str | bytes) -> Any:
    """
    Return what JSON says.

    Depth, digits and bytes that are no text are a ``JSONDecodeError`` as well.

    >>> parse_json(b"[" * 100_000)
    Traceback (most recent call last):
    json.decoder.JSONDecodeError: values inside one another beyond any depth ...
    """
    try:
        return json.loads(content)
    except json.JSONDecodeError:
        raise
    except RecursionError:
        raise json.JSONDecodeError(_TOO_DEEP, "", 0) from None
    except ValueError as error:
        raise json.JSONDecodeError(str(error), "", 0) from error


def parse_toml(text: str) -> dict[str, Any]:
    """
    Return what TOML says.

    Depth and digits are a ``TOMLDecodeError`` as well.

    >>> parse_toml("a = " + "[" * 5000)
    Traceback (most recent call last):
    tomllib.TOMLDecodeError: values inside one another beyond any depth ...
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError:
        raise tomllib.TOMLDecodeError(_TOO_DEEP) from None
    except ValueError as error:
        raise tomllib.TOMLDecodeError(str(error)) from error


def toml_of(text: str, path: Path, *, error: type[FlowsError]) -> dict[str, Any]:
    """Return what the text of a file says that a person writes in TOML."""
    try:
        return parse_toml(text)
    except tomllib.TOMLDecodeError as fault:
        raise error(f"{path}: expected TOML, found an error: {fault}") from fault
