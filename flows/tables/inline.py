"""The little Markdown of captions and notes: emphasis, strong, code, links."""

import re
from collections.abc import Callable
from dataclasses import dataclass

_TOKEN = re.compile(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|`(?P<code>[^`]+)`"
    r"|\*\*(?P<strong>.+?)\*\*"
    r"|\*(?P<starred>(?:[^*]|\*\*[^*]+\*\*)+)\*"
    r"|(?<!\w)_(?P<underscored>.+?)_(?!\w)"
    r"|\[(?P<linked>[^\]]+)\]\((?P<target>[^)\s]+)\)"
    r"|<(?P<address>https?://[^>\s]+)>",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Markup:
    """
    How one format writes the inline elements.

    Parameters
    ----------
    escape : callable
        Makes plain text safe in the format.
    emphasis, strong, code : str
        Patterns with ``{}`` where the content goes.
    link : str
        Pattern with ``{text}`` and ``{address}``, both safe already.
    """

    escape: Callable[[str], str]
    emphasis: str
    strong: str
    code: str
    link: str


def format_inline(markdown: str, markup: Markup) -> str:
    """
    Return a line of Markdown in another format.

    Parameters
    ----------
    markdown : str
        ``*emphasis*``, ``**strong**``, code in backticks, ``[text](address)`` and ``<address>`` are
        understood, a backslash before punctuation makes it plain; everything else is plain text.
    markup : Markup
        The other format.

    Returns
    -------
    str
        Nothing of the plain text can be taken for markup.

    Examples
    --------
    >>> from html import escape
    >>> web = Markup(escape, "<em>{}</em>", "<b>{}</b>", "<code>{}</code>", "{text}: {address}")
    >>> format_inline("*Note:* R&D in **2023**", web)
    '<em>Note:</em> R&amp;D in <b>2023</b>'
    """
    parts = []
    end = 0
    for match in _TOKEN.finditer(markdown):
        parts += [markup.escape(markdown[end : match.start()]), _format_token(match, markup)]
        end = match.end()
    return "".join([*parts, markup.escape(markdown[end:])])


def _format_token(match: re.Match[str], markup: Markup) -> str:
    found = {name: text for name, text in match.groupdict().items() if text is not None}
    match found:
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
    address = markup.escape(found["address"])
    return markup.link.format(text=address, address=address)
