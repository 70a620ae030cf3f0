"""
References in the styles that journals ask for.

The rules are few and written here, since style files leave out what makes a data set the same one:
its version, what was taken of it, the day of access and the hash of the file.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate

from flows.report.deposit.reference import Author, Kind, Reference
from flows.results import MONTHS
from flows.safe_text import safe_json

_NAMES: Mapping[Kind, str] = {
    "software": "Computer software",
    "appendix": "Reproducible appendix",
    "dataset": "Data set",
}
_CSL: Mapping[Kind, str] = {"software": "software", "appendix": "report", "dataset": "dataset"}
_RIS: Mapping[Kind, str] = {"software": "COMP", "appendix": "RPRT", "dataset": "DATA"}

_BIBTEX = str.maketrans(
    {character: rf"\{character}" for character in "&%$#_"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)
_BRACES = str.maketrans({"{": r"\{", "}": r"\}"})
_ODD_BRACES = str.maketrans({"{": r"\textbraceleft{}", "}": r"\textbraceright{}"})
"""BibTeX counts braces, also those behind a backslash; pandoc knows no other form of them."""

_NOT_IN_ADDRESSES = str.maketrans({character: f"%{ord(character):02X}" for character in "\\{} "})


def format_references(references: Sequence[Reference], style: str) -> str:
    """Return references in one of :data:`flows.report.CITATION_STYLES`, one below the other."""
    return _WRITERS[style](references)


def format_apa(reference: Reference) -> str:
    """
    Return a reference as in the Publication Manual of the APA, 7th edition.

    >>> from flows.report.deposit.reference import Author
    >>> format_apa(Reference("x", "dataset", "Trade", (Author("An office"),), version="2"))
    'An office. (n.d.). Trade (Version 2) [Data set].'
    """
    version = f" (Version {reference.version})" if reference.version else ""
    when = f"Retrieved {_day_in_words(reference.accessed)}, from " if reference.accessed else ""
    return _sentences(
        _apa_authors(reference.authors),
        f"({reference.issued[:4] or 'n.d.'})",
        f"{reference.title}{version} [{_kind_in_words(reference)}]",
        f"{when}{reference.link}" if reference.link else "",
        _hashes_in_words(reference),
    )


def format_chicago(reference: Reference) -> str:
    """Return a reference as in the Chicago Manual of Style, author and date."""
    when = f"Accessed {_day_in_words(reference.accessed)}" if reference.accessed else ""
    return _sentences(
        _chicago_authors(reference.authors),
        reference.issued[:4] or "n.d.",
        f"“{_ended(reference.title)}”",
        f"Version {reference.version}" if reference.version else "",
        _kind_in_words(reference),
        when,
        reference.link,
        _hashes_in_words(reference),
    )


def format_bibtex(reference: Reference) -> str:
    """Return an entry for BibTeX and biblatex."""
    fields = {
        "author": " and ".join(map(_bibtex_author, reference.authors)),
        "title": f"{{{_bibtex(reference.title)}}}",
        "year": reference.issued[:4],
        "version": _bibtex(reference.version),
        "howpublished": _NAMES[reference.kind],
        "doi": reference.doi.translate(_NOT_IN_ADDRESSES),
        "url": "" if reference.doi else reference.address.translate(_NOT_IN_ADDRESSES),
        "urldate": reference.accessed.isoformat() if reference.accessed else "",
        "note": _bibtex(_note(reference)),
    }
    lines = [f"  {name} = {{{text}}}" for name, text in fields.items() if text]
    key = re.sub(r"[^\w.:-]", "-", reference.key)
    return "\n".join([f"@misc{{{key},", ",\n".join(lines), "}"])


def format_ris(reference: Reference) -> str:
    """Return a record of RIS, which Zotero, EndNote and Mendeley read."""
    accessed = reference.accessed
    tags = [
        ("TY", _RIS[reference.kind]),
        ("ID", reference.key),
        *(("AU", _inverted(author)) for author in reference.authors),
        ("TI", reference.title),
        ("PY", reference.issued[:4]),
        ("ET", reference.version),
        ("DO", reference.doi),
        ("UR", reference.link),
        ("Y2", f"{accessed:%Y/%m/%d}" if accessed else ""),
        ("N1", _note(reference)),
    ]
    return "\n".join([*(f"{tag}  - {text}" for tag, text in tags if text), "ER  -"])


def csl_item(reference: Reference) -> dict[str, object]:
    """Return the item of CSL-JSON, which citation managers and pandoc read."""
    accessed = reference.accessed
    facts: dict[str, object] = {
        "id": reference.key,
        "type": _CSL[reference.kind],
        "title": reference.title,
        "author": [_csl_author(author) for author in reference.authors],
        "version": reference.version,
        "issued": _csl_date(reference.issued),
        "accessed": _csl_date(accessed.isoformat() if accessed else ""),
        "DOI": reference.doi,
        "URL": reference.link,
        "note": _note(reference),
    }
    return {name: fact for name, fact in facts.items() if fact}


def _csl_json(references: Sequence[Reference]) -> str:
    return safe_json([csl_item(reference) for reference in references], indent=2)


def _one_by_one(form: Callable[[Reference], str]) -> Callable[[Sequence[Reference]], str]:
    return lambda references: "\n\n".join(map(form, references))


_WRITERS: Mapping[str, Callable[[Sequence[Reference]], str]] = {
    "apa": _one_by_one(format_apa),
    "chicago": _one_by_one(format_chicago),
    "bibtex": _one_by_one(format_bibtex),
    "csl-json": _csl_json,
    "ris": _one_by_one(format_ris),
}


def _sentences(*parts: str) -> str:
    """Join the parts that are there, each with one mark at its end."""
    return " ".join(part if part.endswith("”") else _ended(part) for part in parts if part)


def _ended(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _kind_in_words(reference: Reference) -> str:
    """Return what it is; of a data set also what was taken of it."""
    name = _NAMES[reference.kind]
    about = reference.about.rstrip(".") if reference.kind == "dataset" else ""
    return f"{name}: {about}" if about else name


def _hashes_in_words(reference: Reference) -> str:
    hashes = ", ".join(f"{file} {digest}" for file, digest in reference.hashes.items())
    return f"SHA-256: {hashes}" if hashes else ""


def _note(reference: Reference) -> str:
    """Return what formats have no field for."""
    asked = f"Publisher's reference: {reference.asked}" if reference.asked else ""
    about = reference.about if reference.kind == "dataset" else ""
    return _sentences(about, _hashes_in_words(reference), asked)


def _day_in_words(day: dt.date) -> str:
    return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"


def _inverted(author: Author) -> str:
    return f"{author.family}, {author.given}" if author.family else author.name


def _initials(given: str) -> str:
    """
    Return first letters as the APA sets them.

    >>> _initials("Jean-Luc Marie")
    'J.-L. M.'
    """
    return " ".join(
        "-".join(f"{part[0]}." for part in name.split("-") if part) for name in given.split()
    )


def _apa_authors(authors: Iterable[Author]) -> str:
    return _listed(
        [
            f"{author.family}, {_initials(author.given)}" if author.family else author.name
            for author in authors
        ],
        last=", & ",
    )


def _chicago_authors(authors: Sequence[Author]) -> str:
    first = [_inverted(author) for author in authors[:1]]
    return _listed([*first, *(author.name for author in authors[1:])], last=", and ")


def _listed(names: Sequence[str], *, last: str) -> str:
    return last.join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _bibtex(text: str) -> str:
    r"""
    Return a text as the value of a field.

    >>> print(_bibtex("{a} 5%"), _bibtex("}{"))
    \{a\} 5\% \textbraceright{}\textbraceleft{}
    """
    depths = [*accumulate({"{": 1, "}": -1}.get(letter, 0) for letter in text)]
    even = min(depths, default=0) == 0 and depths[-1:] in ([], [0])
    return text.translate({**_BIBTEX, **(_BRACES if even else _ODD_BRACES)})


def _bibtex_author(author: Author) -> str:
    name = _bibtex(_inverted(author))
    return name if author.family else f"{{{name}}}"


def _csl_author(author: Author) -> dict[str, str]:
    if author.family:
        return {"family": author.family, "given": author.given}
    return {"literal": author.name}


def _csl_date(iso: str) -> dict[str, list[list[int]]]:
    return {"date-parts": [[int(part) for part in iso.split("-")]]} if iso else {}
