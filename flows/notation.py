"""Texts, JSON and TOML that others wrote: whatever is wrong with one is the error of its kind."""

import json
import tomllib
from pathlib import Path
from typing import Any

from flows.errors import ReportError

_TOO_DEEP = "values inside one another beyond any depth that a file needs"


def read_text(path: Path) -> str:
    """Return the text of a file that a person wrote, in UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        byte = error.object[error.start]
        raise ReportError(
            f"{path}:{line}: expected text in UTF-8, found the byte {byte:#04x}"
        ) from error


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
