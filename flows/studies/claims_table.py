"""The table of claims: what was said, what the numbers say of it, and what they would support."""

from collections.abc import Iterable, Iterator, Mapping

import pandas as pd

from flows.compare.claims import RULINGS, Claim, Ruling, Verdict, Verdicts
from flows.findings import Findings, Number, Table, print_spread, print_value
from flows.origin import Made, applied
from flows.results import print_with_unit
from flows.studies.numbers import make_number, union_of
from flows.table import Rows


def claims_findings(
    verdicts: Made[Verdicts],
    numbers: Mapping[str, Number],
    *,
    name: str = "claims",
    place: str = "reports/claims.toml",
) -> Findings:
    """
    Return the verdicts on published sentences as a table and counts.

    The table ``claims`` has one row a claim; the numbers count the claims, and those of each
    verdict, with the lines of the raw files that the evidence was made from. ``KeyError`` where the
    evidence names a number that is not among ``numbers``. ``place``: the file of the claims.
    """
    table = _table(verdicts.value, numbers, _rows(verdicts.value, numbers), name, place)
    return Findings(numbers=tuple(_counts(verdicts, numbers, name)), tables=(table,))


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
            f"count.{ruling.replace(' ', '-')}",
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
