"""A text holds no number typed by hand: what stands outside of placeholders has no digit."""

import re
import unicodedata

from flows.errors import ReportError

_NOT_PROSE = re.compile(
    r"""
      \{\{.*?\}\} | \{%.*?%\} | <!--.*?-->          # placeholders, conditions, comments
    | ^(?P<fence>```+|~~~+).*?^(?P=fence)           # code in blocks
    | (?P<ticks>`+)(?:(?!\n\n).)*?(?P=ticks)        # code in a paragraph
    | \[(?:(?!\n\n)[^\]])*@[^\]]*\]                # citations with their locators
    | (?<!\w)@[\w:.-]+ | \[\^[^\]\s]*\]            # their keys, and names of footnotes
    | \]\([^)\s]*\) | <?https?://[^\s>]+>?          # addresses
    | (?<=\])\{[^}\n]*\} | \{[\#.][^}\n]*\}         # attributes, which are not printed
    | ^\#+[ ]+\d+(?:\.\d+)*\.?(?=[ ])               # numbering of headings
    | ^[ ]*\d{1,2}[.)](?=[ ])                        # numbering of lists
    """,
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)


def check_no_typed_numbers(text: str, *, name: str = "text") -> str:
    r"""
    Check that no number of a report's text was typed by hand.

    Parameters
    ----------
    text : str
        Markdown with placeholders.
    name : str
        File of the text, for the error.

    Returns
    -------
    str
        The text itself.

    Raises
    ------
    ReportError
        If a digit stands outside of placeholders, citations, code, addresses and the numbering of
        headings and lists; the message names every such line. A digit that is no result (a
        formula's constant, a name) is written ``{{ typed("G7", "a name") }}``.

    Examples
    --------
    >>> check_no_typed_numbers("The share is {{ n('s.2020') }} percent [@sipri2025, p. 3].")
    "The share is {{ n('s.2020') }} percent [@sipri2025, p. 3]."
    >>> check_no_typed_numbers("Fine.\nNearly 70 percent.", name="appendix.md")
    Traceback (most recent call last):
    flows.errors.ReportError: appendix.md:2: expected ...
    """
    prose = _NOT_PROSE.sub(_blank, text)
    faults = [
        f"{name}:{number}: expected a placeholder such as {{{{ n(...) }}}} or {{{{ word(...) }}}}, "
        f"found a typed number in {line.strip()!r}"
        for number, (line, checked) in enumerate(
            zip(text.split("\n"), prose.split("\n"), strict=True), start=1
        )
        if any(unicodedata.category(character).startswith("N") for character in checked)
    ]
    if faults:
        raise ReportError("\n".join(faults))
    return text


def _blank(match: re.Match[str]) -> str:
    """Return the lines of what was matched, empty."""
    return "\n" * match[0].count("\n")
