"""Claims in the build and on the command line: read, held against the numbers, told."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from flows.compare.claims import Verdict, Verdicts, check_claims
from flows.findings import Number
from flows.report.appendices import Appendix
from flows.report.claims_file import read_claims
from flows.report.numbers import read_numbers
from flows.results import print_lines
from flows.studies.claims_table import describe_evidence

_RUNS = 12
"""Runs of lines that are still read one by one."""


@dataclass(frozen=True, slots=True)
class CheckedClaims:
    """Verdicts on the claims of a report, and the numbers that they rest on."""

    verdicts: Verdicts
    numbers: Mapping[str, Number]


def check_report_claims(root: Path, appendix: Appendix) -> CheckedClaims:
    """Hold the claims of an appendix against the numbers of its built report."""
    claims = read_claims(root / appendix.claims, root / appendix.references)
    numbers = read_numbers(root / appendix.numbers)
    return CheckedClaims(check_claims(claims, numbers), numbers)


def describe_claims(checked: CheckedClaims) -> Iterator[str]:
    """Tell the verdicts to a person."""
    for verdict in checked.verdicts:
        claim = verdict.claim
        yield f"{claim.id}: {verdict.ruling}"
        yield f"  said      “{claim.quote}” ({claim.citation})"
        if claim.part:
            yield f"  tested    “{claim.part}”"
        if claim.number:
            yield f"  admits    {claim.low:g} to {claim.high:g} {claim.unit}: {claim.tolerance}"
        yield f"  assumes   {claim.assumes}"
        yield from (f"  because   {reason}" for reason in verdict.reasons)
        for evidence, line in zip(
            verdict.evidence, describe_evidence(verdict, checked.numbers), strict=True
        ):
            yield f"  {evidence.place:8}  {line}"
            yield from (
                f"            {dataset}: {_told(lines)}"
                for dataset, lines in checked.numbers[evidence.id].rows.items()
            )
        yield f"  supported {verdict.wording}"


def _told(lines: Collection[int]) -> str:
    """Return lines as they are read at one glance; flows trace shows all of them."""
    printed = print_lines(lines)
    if printed.count(",") < _RUNS:
        return f"lines {printed}"
    return f"{len(lines):,} lines from {min(lines)} to {max(lines)}"


def claims_json(checked: CheckedClaims) -> list[dict[str, object]]:
    """Return the verdicts for a program."""
    return [
        {
            "id": verdict.claim.id,
            "quote": verdict.claim.quote,
            "part": verdict.claim.part,
            "citation": verdict.claim.citation,
            "assumes": verdict.claim.assumes,
            "verdict": verdict.ruling,
            "reasons": list(verdict.reasons),
            "range": _range(verdict),
            "evidence": [
                {
                    "id": evidence.id,
                    "place": evidence.place,
                    "value": number.value,
                    "unit": number.unit,
                    "low": number.low,
                    "high": number.high,
                    "rows": {dataset: list(lines) for dataset, lines in number.rows.items()},
                }
                for evidence in verdict.evidence
                for number in [checked.numbers[evidence.id]]
            ],
            "wording": verdict.wording,
        }
        for verdict in checked.verdicts
    ]


def _range(verdict: Verdict) -> dict[str, object] | None:
    claim = verdict.claim
    if not claim.number:
        return None
    ends = {"low": claim.low, "high": claim.high}
    finite = {key: end if abs(end) < float("inf") else None for key, end in ends.items()}
    return {**finite, "unit": claim.unit, "tolerance": claim.tolerance}
