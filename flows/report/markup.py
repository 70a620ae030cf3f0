"""What a text may show: Markdown, exhibits of the build, and links that fetch and run nothing."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from flows.errors import ReportError
from flows.safe_text import show_controls

FRONT_MATTER = (
    "abstract",
    "abstract-title",
    "address",
    "author",
    "date",
    "deposit",
    "doi",
    "keywords",
    "lang",
    "licence",
    "subtitle",
    "title",
    "version",
)
"""What a text may say of itself; other keys tell Pandoc which files to read and what to insert."""

FRONT_MATTER_BLOCK = re.compile(r"---\n.*?\n(?:---|\.\.\.)(?=\n|\Z)\n?", re.DOTALL)

_ATTRIBUTES = ("alt", "data-id", "title")
"""Others run scripts, load pictures, or are code of Typst."""

_NAME = re.compile(r"""[^\s"'`<>&#\\()\[\]{}]*""")
_LINK = re.compile(rf"(?:https?://|mailto:)\S+|\#{_NAME.pattern}", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_COMMENT = re.compile(r"<!--.*-->\s*", re.DOTALL)

_Fault = tuple[str, str]
"""What is at fault as it was written, and what was expected."""


def check_markup(
    document: dict[str, Any], *, pictures: Collection[str], texts: Mapping[str, str]
) -> dict[str, Any]:
    """
    Return a document, as Pandoc's JSON, without comments and without characters that act.

    ``pictures``: those it may show; ``texts``: what it was made from, file to content, for the
    lines of errors.
    """
    cleaned: dict[str, Any] = _cleaned(document)
    faults = [*_faults_of_front_matter(cleaned["meta"]), *_faults(cleaned, pictures)]
    if faults:
        places = (f"{find_place(found, texts)}: {message}" for found, message in faults)
        raise ReportError("\n".join(dict.fromkeys(places)))
    return cleaned


def _cleaned(content: Any) -> Any:
    if isinstance(content, list):
        return [_cleaned(item) for item in content if not _is_comment(item)]
    if isinstance(content, dict):
        return {key: _cleaned(value) for key, value in content.items()}
    return show_controls(content) if isinstance(content, str) else content


def _is_comment(item: object) -> bool:
    match item:
        case {"t": "RawBlock" | "RawInline", "c": ["html", str(content)]}:
            return _COMMENT.fullmatch(content) is not None and content.count("-->") == 1
    return False


def _faults_of_front_matter(meta: Mapping[str, Any]) -> Iterator[_Fault]:
    for key in sorted(meta.keys() - set(FRONT_MATTER)):
        yield key, f"expected only {', '.join(FRONT_MATTER)} in the front matter, found {key!r}"
    match meta.get("lang"):
        case None:
            return
        case {"c": [{"t": "Str", "c": str(code)}]} if _LANGUAGE.fullmatch(code):
            return
    yield "lang", 'expected the code of a language under lang, such as "en", found another form'


def _faults(content: Any, pictures: Collection[str]) -> Iterator[_Fault]:
    """Yield the faults of everything inside."""
    match content:
        case {"t": "RawBlock" | "RawInline", "c": [language, written]}:
            yield _fault_of_raw(language, written)
        case {"t": "Link", "c": [_, _, [target, _]]} if not _LINK.fullmatch(target):
            yield target, f"expected a link to https://, http://, mailto: or #name, found {target}"
        case {"t": "Image", "c": [_, _, [file, _]]} if file not in pictures:
            yield file, f'expected {{{{ figure("...") }}}} of this build, found the image {file}'
        case {"t": "Image", "c": [[_, _, pairs], within, [file, _]]} if not _alt(pairs, within):
            yield file, f"expected an image with a text of what it shows, found none: {file}"
        case [str(name), [*classes], [*pairs]]:
            yield from _faults_of_attributes([name, *classes], pairs)
    if isinstance(content, dict | list):
        for inner in content.values() if isinstance(content, dict) else content:
            yield from _faults(inner, pictures)


def _alt(pairs: list[list[str]], within: list[object]) -> bool:
    """Say whether a text stands in for an image where it is read aloud."""
    return any(key == "alt" and text.strip() for key, text in pairs) or bool(within)


def _fault_of_raw(language: str, written: str) -> _Fault:
    first = written.strip().partition("\n")[0]
    return first, (
        f"expected Markdown, found {language}, which is passed on unread: {first}; "
        "write it in Markdown, or as `code` if it is to be printed"
    )


def _faults_of_attributes(names: list[str], pairs: list[list[str]]) -> Iterator[_Fault]:
    for name in names:
        if not _NAME.fullmatch(name):
            yield name, f"expected a name or class without quotes and brackets, found {name}"
    for key, value in pairs:
        if key not in _ATTRIBUTES:
            yield (
                key,
                (f"expected a #name or a .class in braces and no attribute, found {key}={value}"),
            )


def find_place(found: str, texts: Mapping[str, str]) -> str:
    """Return file and line where it was written."""
    for name, text in texts.items():
        for number, line in enumerate(text.splitlines(), start=1):
            if found in line:
                return f"{name}:{number}"
    return f"{next(iter(texts))} or what it shows"
