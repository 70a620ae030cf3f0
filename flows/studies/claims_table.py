"""The table of claims: what was said, what the numbers say of it, and what they would support."""

from collections.abc import Mapping, Sequence

import pandas as pd

from flows.compare.claims import RULINGS, Verdict
from flows.findings import Findings, Number, Table
from flows.studies.numbers import numbers_of, union_of
from flows.table import Rows


def claims_findings(
    verdicts: Sequence[Verdict], numbers: Mapping[str, Number], *, name: str = "claims"
) -> Findings:
    """
    Return the verdicts on published sentences as a table and counts.

    Parameters
    ----------
    verdicts : sequence of Verdict
        Of :func:`flows.compare.claims.check_claims`.
    numbers : Mapping
        Id to number, as the claims were held against.
    name : str
        First part of every id.

    Returns
    -------
    Findings
        The table ``claims`` with one row a claim, the number of claims, and of each verdict; all
        with the lines of the raw files that the evidence was made from.

    Raises
    ------
    KeyError
        If the evidence names a number that is not among ``numbers``.

    Examples
    --------
    >>> [number.id for number in claims_findings([], {}).numbers][:2]
    ['claims.count', 'claims.count.supported']
    """
    rows = union_of([numbers[one.id].rows for verdict in verdicts for one in verdict.evidence])
    make = numbers_of(name, "flows.check_claims", {"claims": [one.claim.id for one in verdicts]})
    counted = [make("count", len(verdicts), "count", "Claims.", digits=0, rows=rows)]
    for ruling in RULINGS:
        found = [verdict for verdict in verdicts if verdict.ruling == ruling]
        counted.append(
            make(
                f"count.{ruling.replace(' ', '-')}",
                len(found),
                "count",
                f"Claims that are {ruling}.",
                digits=0,
                rows=union_of(
                    [numbers[one.id].rows for verdict in found for one in verdict.evidence]
                ),
            )
        )
    return Findings(numbers=tuple(counted), tables=(_table(verdicts, numbers, rows, name),))


def describe_evidence(verdict: Verdict, numbers: Mapping[str, Number]) -> list[str]:
    """
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
    >>> exports = Number("s", 412.0, "USD", "412", "", "", {}, {}, 412.0, None, "bounds")
    >>> describe_evidence(verdict, {"s": exports})
    ['412 USD, at least 412 (s)']
    """
    return [_describe(numbers[one.id]) for one in verdict.evidence]


def _describe(number: Number) -> str:
    ends = {"at least": number.low, "at most": number.high}
    if number.low is not None and number.high is not None:
        spread = f", {number.low:,.2f} to {number.high:,.2f}" if number.low < number.high else ""
    else:
        spread = "".join(f", {word} {end:,.10g}" for word, end in ends.items() if end is not None)
    return f"{number.printed} {number.unit}{spread} ({number.id})"


def _table(
    verdicts: Sequence[Verdict], numbers: Mapping[str, Number], rows: Rows, name: str
) -> Table:
    entries = [
        {
            "claim": verdict.claim.id,
            "quote": f"“{verdict.claim.quote}”",
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
            "`reports/claims.toml`; `flows claims` prints the evidence."
        ),
        rows=rows,
    )
