"""Claims in a report: a table of them, and for each sentence a text with verdict and numbers."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

import pandas as pd

from flows.compare.claims import RULINGS, Claim, Ruling, Verdict, Verdicts
from flows.findings import Findings, Number, Table, print_spread, print_value
from flows.origin import Made, applied
from flows.results import print_with_unit
from flows.studies.numbers import make_number, union_of
from flows.table import Rows

_NAMED = re.compile(r"\{([^{}]+)\}")
_KEY = re.compile(r"[\w:.+-]+(?<!\W)")
"""What Pandoc takes for the key of a reference; an address is none."""


def claims_findings(
    verdicts: Made[Verdicts],
    numbers: Mapping[str, Number],
    *,
    name: str = "claims",
    place: str = "reports/claims.toml",
) -> Findings:
    """
    Return the verdicts on published sentences as a table, texts and counts.

    The table ``claims`` has one row a claim; the numbers count the claims, and those of each
    verdict, with the lines of the raw files that the evidence was made from. The text
    ``claims.<id>`` says what was said and what the data say of it; a sentence of several claims has
    one text, under the first of them. ``KeyError`` where the evidence names a number that is not
    among ``numbers``. ``place``: the file of the claims.
    """
    table = _table(verdicts.value, numbers, _rows(verdicts.value, numbers), name, place)
    return Findings(
        numbers=tuple(_counts(verdicts, numbers, name)),
        tables=(table,),
        words={
            f"{name}.{key}": word for verdict in verdicts.value for key, word in _words(verdict)
        },
        texts={f"{name}.{alike[0].claim.id}": _text(alike) for alike in _sentences(verdicts.value)},
    )


def _sentences(verdicts: Iterable[Verdict]) -> Iterator[list[Verdict]]:
    """Yield the verdicts on each sentence that was printed."""
    for _, alike in groupby(
        verdicts, lambda verdict: (verdict.claim.quote, verdict.claim.citation)
    ):
        yield list(alike)


def _words(verdict: Verdict) -> Iterator[tuple[str, str]]:
    """Yield what a text may print of a claim; its words are data, digits and all."""
    claim = verdict.claim
    yield f"{claim.id}.quote", claim.quote
    yield f"{claim.id}.part", claim.part
    yield f"{claim.id}.citation", claim.citation
    yield f"{claim.id}.verdict", verdict.ruling.capitalize()
    for place, piece in enumerate(_NAMED.split(claim.wording)[::2]):
        yield f"{claim.id}.wording.{place}", piece


def _text(alike: list[Verdict]) -> str:
    """Return a block of the report: the quote, the verdicts, what the data would support."""
    first, *others = alike
    claim = first.claim
    key = _KEY.fullmatch(claim.citation)
    cited = f"[@{key[0]}]" if key else f"({{{{ word('{claim.id}.citation') }}}})"
    quote = f"**What was said.** “{{{{ word('{claim.id}.quote') }}}}” {cited}"
    judged = [
        _judged(first),
        *(f"[]{{#claim-{other.claim.id}}}{_judged(other)}" for other in others),
    ]
    return f"::: {{#claim-{claim.id} .claim}}\n" + "\n\n".join([quote, *judged]) + "\n:::\n"


def _judged(verdict: Verdict) -> str:
    claim = verdict.claim
    of = f" of “{{{{ word('{claim.id}.part') }}}}”" if claim.part else ""
    pieces = _NAMED.split(claim.wording)
    for place, piece in enumerate(pieces):
        if place % 2:
            study, _, number = piece.partition(".")
            pieces[place] = f"{{{{ n('{number}', of='{study}') }}}}"
        else:
            pieces[place] = f"{{{{ word('{claim.id}.wording.{place // 2}') }}}}"
    verdict_word = f"[{{{{ word('{claim.id}.verdict') }}}}.]{{.verdict .{_slug(verdict.ruling)}}}"
    return f"**What the data say{of}.** {verdict_word} {''.join(pieces)}"


def _slug(ruling: Ruling) -> str:
    return ruling.replace(" ", "-")


def _counts(verdicts: Made[Verdicts], numbers: Mapping[str, Number], name: str) -> Iterator[Number]:
    yield make_number(
        name,
        "count",
        verdicts.part(lambda judged: applied(len, judged.verdicts)),
        "count",
        "Claims.",
        digits=0,
        rows=_rows(verdicts.value, numbers),
    )
    for ruling in RULINGS:
        alike = [verdict for verdict in verdicts.value if verdict.ruling == ruling]
        yield make_number(
            name,
            f"count.{_slug(ruling)}",
            _count(verdicts, ruling),
            "count",
            f"Claims that are {ruling}.",
            digits=0,
            rows=_rows(alike, numbers),
        )


def _count(verdicts: Made[Verdicts], ruling: Ruling) -> Made[int]:
    return verdicts.part(lambda judged: judged.counts[ruling])


def _rows(verdicts: Iterable[Verdict], numbers: Mapping[str, Number]) -> Rows:
    """Return the lines that the evidence was made from."""
    return union_of(
        numbers[evidence.id].rows for verdict in verdicts for evidence in verdict.evidence
    )


def describe_evidence(verdict: Verdict, numbers: Mapping[str, Number]) -> list[str]:
    r"""
    Return each number of the evidence as it is printed.

    Parameters
    ----------
    verdict : Verdict
        Of one claim.
    numbers : Mapping
        Id to number.

    Returns
    -------
    list of str
        Value with unit, bounds where it has them, id and place.

    Raises
    ------
    KeyError
        If a number is not among ``numbers``.

    Examples
    --------
    >>> from flows.compare.claims import Claim, Evidence
    >>> evidence = (Evidence("s", "inside"),)
    >>> verdict = Verdict(Claim("c", "", "", "", ""), "supported", (), evidence, "")
    >>> exports = Number("s", 412.0, "USD", "412", "", (), {}, 412.0, None, "bounds")
    >>> describe_evidence(verdict, {"s": exports})
    ['USD\xa0412, at least USD\xa0412 (s)']
    """
    return [_describe(numbers[evidence.id]) for evidence in verdict.evidence]


def _describe(number: Number) -> str:
    spread = "" if number.spread is None else f", {print_spread(number)}"
    return f"{print_with_unit(print_value(number), number.unit)}{spread} ({number.id})"


def _said(claim: Claim) -> str:
    """Return the words as printed, and which of them are tested where that is not all."""
    tested = f" Tested: “{claim.part}”." if claim.part else ""
    return f"“{claim.quote}”{tested}"


def _table(
    verdicts: Iterable[Verdict], numbers: Mapping[str, Number], rows: Rows, name: str, place: str
) -> Table:
    entries = [
        {
            "claim": verdict.claim.id,
            "quote": _said(verdict.claim),
            "citation": verdict.claim.citation,
            "verdict": verdict.ruling,
            "reasons": "; ".join(verdict.reasons),
            "evidence": "; ".join(describe_evidence(verdict, numbers)),
            "assumes": verdict.claim.assumes,
            "tolerance": verdict.claim.tolerance,
            "wording": verdict.wording,
        }
        for verdict in verdicts
    ]
    columns = [
        *("claim", "quote", "citation", "verdict", "reasons", "evidence"),
        *("assumes", "tolerance", "wording"),
    ]
    return Table(
        id="claims" if name == "claims" else f"{name}-claims",
        frame=pd.DataFrame(entries, columns=columns).astype("str"),
        labels={
            "quote": "What was said",
            "verdict": "Verdict",
            "wording": "What the data would support",
        },
        formats={},
        caption="Published sentences and what the numbers of this report say about them.",
        note=(
            "Verdicts are computed from the range of values that each sentence admits. The range, "
            "the reason for it and what the sentence takes for granted stand in "
            f"`{place}`; `flows claims` prints the evidence."
        ),
        rows=rows,
    )
