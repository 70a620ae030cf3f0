"""Yearly statements of a made-up transit for tests: Germany to Jordan, and on to Iraq."""

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import pandas as pd
from statements import flow_table, statement

from flows.findings import Findings
from flows.report.text import render_markdown
from flows.studies.transit import TRANSIT

YEARS = (2019, 2020, 2021, 2022)
QUESTION: Mapping[str, Any] = {
    "origin": "DEU",
    "via": "JOR",
    "destination": "IRQ",
    "before": (2019, 2020),
    "after": (2021, 2022),
    "cif_fob_ratio": (1.05, 1.2),
}
EXPORTS = (90.0, 110.0, 200.0, 300.0)
CONSIGNMENT = (110.0, 110.0, 190.0, 240.0)
ONWARD = (50.0, 50.0, 80.0, 120.0)


def yearly(
    exporter: str, importer: str, millions: Sequence[float | None], **changes: Any
) -> list[dict[str, Any]]:
    """Return one statement a year in million; none of a year for which there is no value."""
    return [
        statement(
            **{
                "exporter": exporter,
                "importer": importer,
                "reporter": exporter,
                "start": dt.date(year, 1, 1),
                "end": dt.date(year, 12, 31),
                "value": million * 1e6,
                "valuation": "FOB",
                "partner_basis": "destination",
                "dataset": "exporters@2025-01",
                "line": year,
                **changes,
            }
        )
        for year, million in zip(YEARS, millions, strict=True)
        if million is not None
    ]


def exports_of(*rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return statements of exporters, those of Germany to Jordan if none are given."""
    return flow_table(*chain.from_iterable(rows or [yearly("DEU", "JOR", EXPORTS)]))


def hub_of(
    consignment: Sequence[float] | None = CONSIGNMENT,
    onward: Sequence[float] | None = ONWARD,
    origin: Sequence[float] | None = None,
) -> pd.DataFrame:
    """Return what Jordan states: arrivals on each basis, and exports to Iraq."""
    stated = {"reporter": "JOR", "dataset": "hub@2025-01"}
    rows = []
    for basis, arrived in (("consignment", consignment), ("origin", origin)):
        if arrived is not None:
            cif = {"valuation": "CIF", "partner_basis": basis}
            rows += yearly("DEU", "JOR", arrived, **stated, **cif)
    if onward is not None:
        rows += yearly("JOR", "IRQ", onward, **stated)
    return flow_table(*rows)


def answer(*sections: str, parameters: Mapping[str, Any] | None = None, **asked: Any) -> Findings:
    """Answer sections of the question; tables stand under their names among what is asked."""
    names = ("exports", "hub", "rates", "prices")
    data = {name: asked.pop(name) for name in names if name in asked}
    return TRANSIT.find(
        "t",
        data=data,
        question={**QUESTION, **asked},
        parameters=parameters or {},
        only=sections,
    )


def text_of(findings: Findings, section: str) -> str:
    """Return what a section says, on one line."""
    text = render_markdown(f'{{{{ section("t.{section}") }}}}', findings)
    return " ".join(text.partition("::: html-only")[0].split())


def has(findings: Findings, name: str) -> bool:
    """Say whether there is a number of a name."""
    return f"t.{name}" in {number.id for number in findings.numbers}
