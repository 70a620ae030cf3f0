"""How each printed number was made, as a section of the HTML page."""

from collections.abc import Iterable, Iterator
from html import escape

from flows.findings import Number
from flows.report.printed import print_bounds, print_value, print_with_unit

_SECTION = """::: html-only
# How each number was made {{#numbers .unnumbered}}

Every number in the text is a link to its entry here: what it is, the call that made it, and the
lines of the raw files that went in. `flows trace` prints the lines themselves.

```{{=html}}
<dl class="traces">
{entries}
</dl>
```
:::
"""

_ENTRY = """<div id="number-{id}">
<dt><b>{printed}</b> {about}</dt>
<dd><code>{id}</code></dd>
{details}
</div>"""


def traces_section(numbers: Iterable[Number]) -> str:
    """
    Return the section that the numbers of the HTML page link to.

    Parameters
    ----------
    numbers : iterable of Number
        In the order of the text.

    Returns
    -------
    str
        Markdown that other formats leave out; empty without numbers.

    Examples
    --------
    >>> share = Number("s", 67.7, "%", "67.7", "Share.", "flows.share", {"start": 2016}, {})
    >>> [line for line in traces_section([share]).splitlines() if "flows.share" in line]
    ['<dd><code>flows.share(start=2016)</code></dd>']
    """
    entries = "\n".join(
        _ENTRY.format(
            id=escape(number.id),
            printed=escape(print_with_unit(print_value(number), number.unit)),
            about=escape(number.about),
            details="\n".join(f"<dd>{detail}</dd>" for detail in _details(number)),
        )
        for number in numbers
    )
    return _SECTION.format(entries=entries) if entries else ""


def print_lines(lines: Iterable[int]) -> str:
    """
    Return line numbers with runs drawn together.

    Parameters
    ----------
    lines : iterable of int
        In any order.

    Returns
    -------
    str
        For a reader.

    Examples
    --------
    >>> print_lines([14, 12, 13, 18])
    '12–14, 18'
    """
    runs: list[list[int]] = []
    for line in sorted(set(lines)):
        if runs and line == runs[-1][-1] + 1:
            runs[-1].append(line)
        else:
            runs.append([line])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def _details(number: Number) -> Iterator[str]:
    """Yield bounds, call and raw lines as HTML."""
    if number.low is not None or number.high is not None:
        level = "" if number.level is None else f"{number.level * 100:g}% "
        bounds = print_with_unit(print_bounds(number), number.unit)
        yield f"{level}{number.spread or 'bounds'}: {escape(bounds)}"
    arguments = ", ".join(f"{name}={value!r}" for name, value in number.parameters.items())
    yield f"<code>{escape(f'{number.function}({arguments})')}</code>"
    for dataset, lines in number.rows.items():
        yield f"{escape(dataset)}: lines {print_lines(lines)}"
