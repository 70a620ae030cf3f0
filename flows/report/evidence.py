"""What is behind a number: the code that gives it, and the lines of raw files that went in."""

import json
from collections.abc import Iterable, Iterator

from flows.canonical import MINUS
from flows.findings import Number, print_number, print_value
from flows.origin import runnable
from flows.results import line_runs, print_lines, print_with_unit
from flows.safe_text import safe_json, shown
from flows.table import Rows

_SECTION = """::: html-only
# How each number was made {{#numbers .unnumbered}}

Every number in the text is a link to its entry here: what it is, the code that gives it, and the
lines of the raw files that went in. `flows trace` prints the lines themselves, with `--code` the
code to paste.

``` traces
{entries}
```
:::
"""
"""The entries are data, one a line, of which ``exhibits.lua`` makes a list."""


def number_code(number: Number) -> Iterator[str]:
    """Yield Python that anyone can run, in a folder of the project, and that prints a number."""
    yield from runnable(number.code)
    digits = len(number.printed.partition(".")[2])
    exact = ", exact=True" if number.exact else ""
    printed = number.printed.replace(MINUS, "-")
    yield f"print(fl.print_value(value, digits={digits}{exact}))  # {printed} {number.unit}"


def split_lines(content: bytes) -> list[str]:
    """Return the lines of a raw file as an editor shows them."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]


def evidence_section(numbers: Iterable[Number]) -> str:
    """Return the section of a text that the numbers of its HTML page link to."""
    entries = "\n".join(safe_json(shown(_entry(number))) for number in numbers)
    return _SECTION.format(entries=entries) if entries else ""


def _entry(number: Number) -> dict[str, object]:
    return {
        "id": number.id,
        "printed": print_with_unit(print_value(number), number.unit),
        "about": number.about,
        "bounds": _describe_bounds(number),
        "code": "\n".join(number_code(number)) if number.code else "",
        "rows": [f"{name}: lines {print_lines(lines)}" for name, lines in number.rows.items()],
        "runs": json.dumps(rows_by_run(number.rows)),
    }


def _describe_bounds(number: Number) -> str:
    if number.low is None and number.high is None:
        return ""
    level = "" if number.level is None else f"{number.level * 100:g}% "
    return f"{level}{number.spread or 'bounds'}: {print_number(number, 'bounds', unit=True)}"


def rows_by_run(rows: Rows) -> dict[str, list[tuple[int, int]]]:
    """Return the lines of each data set as first and last of each run."""
    return {name: line_runs(lines) for name, lines in rows.items()}
