"""Cells and captions as printed: one format a column, a true minus sign, emphasis, links."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from flows.canonical import MINUS
from flows.errors import ReportError
from flows.findings import Table
from flows.safe_text import frame_csv, show_controls

_TOKEN = re.compile(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|`(?P<code>[^`]+)`"
    r"|\*\*(?P<strong>.+?)\*\*"
    r"|\*(?P<starred>(?:[^*]|\*\*[^*]+\*\*)+)\*"
    r"|(?<!\w)_(?P<underscored>.+?)_(?!\w)"
    r"|\[(?P<linked>[^\]]+)\]\((?P<target>(?:https?://|mailto:)[^)\s]+)\)"
    r"|<(?P<address>https?://[^>\s]+)>",
    re.DOTALL,
)


def format_cells(table: Table) -> pd.DataFrame:
    """Return the printed columns of a table as text."""
    _check_columns(table)
    return pd.DataFrame(
        {
            column: pd.Series(
                [
                    _format_cell(table, column, row, value)
                    for row, value in enumerate(table.frame[column], start=1)
                ],
                dtype="str",
            )
            for column in table.labels
        }
    )


def numeric_columns(table: Table) -> tuple[str, ...]:
    """Return the printed columns that hold numbers, which are set flush right."""
    _check_columns(table)
    return tuple(
        column
        for column in table.labels
        if column in table.formats
        or (
            pd.api.types.is_numeric_dtype(table.frame[column])
            and not pd.api.types.is_bool_dtype(table.frame[column])
        )
    )


def table_csv(table: Table) -> str:
    """Return the raw values of a table, unrounded and with every column; no text is a formula."""
    return frame_csv(table.frame)


def _check_columns(table: Table) -> None:
    unknown = [
        column for column in (*table.labels, *table.formats) if column not in table.frame.columns
    ]
    if unknown:
        raise ReportError(
            f"table {table.id!r}: expected columns among {', '.join(table.frame.columns)}; "
            f"found {', '.join(dict.fromkeys(unknown))} in its labels or formats"
        )


def _format_cell(table: Table, column: str, row: int, value: object) -> str:
    if pd.isna(value):  # type: ignore[call-overload]
        return ""
    if column not in table.formats:
        return show_controls(str(value))
    try:
        printed = format(value, table.formats[column])
    except (TypeError, ValueError) as error:
        raise ReportError(
            f"table {table.id!r}, column {column!r}, row {row}: expected a value that takes the "
            f"format {table.formats[column]!r}, found {value!r}"
        ) from error
    if not any(digit in printed for digit in "123456789"):
        printed = printed.replace("-", "")
    return printed.replace("-", MINUS)


@dataclass(frozen=True, slots=True)
class Markup:
    """
    How one format writes the inline elements.

    ``escape``: makes plain text safe in the format; ``emphasis``, ``strong``, ``code``: patterns
    with ``{}`` where the content goes; ``link``: pattern with ``{text}`` and ``{address}``, both
    safe already.
    """

    escape: Callable[[str], str]
    emphasis: str
    strong: str
    code: str
    link: str


PLAIN = Markup(
    escape=show_controls, emphasis="{}", strong="{}", code="{}", link="{text} ({address})"
)
"""No markup: for cells of a workbook and for descriptions."""


def format_inline(markdown: str, markup: Markup) -> str:
    """Return a line of Markdown in another format."""
    parts = []
    end = 0
    for match in _TOKEN.finditer(markdown):
        parts += [markup.escape(markdown[end : match.start()]), _format_token(match, markup)]
        end = match.end()
    return "".join([*parts, markup.escape(markdown[end:])])


def _format_token(match: re.Match[str], markup: Markup) -> str:
    parts = {name: text for name, text in match.groupdict().items() if text is not None}
    match parts:
        case {"escaped": text}:
            return markup.escape(text)
        case {"code": text}:
            return markup.code.format(markup.escape(text))
        case {"strong": text}:
            return markup.strong.format(format_inline(text, markup))
        case {"starred": text} | {"underscored": text}:
            return markup.emphasis.format(format_inline(text, markup))
        case {"linked": text, "target": target}:
            address = markup.escape(target)
            return markup.link.format(text=format_inline(text, markup), address=address)
    address = markup.escape(parts["address"])
    return markup.link.format(text=address, address=address)
