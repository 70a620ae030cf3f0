"""The share in question, and what it is a share of."""

import pandas as pd

from flows.canonical import exact_sum, print_value
from flows.countries import country_name
from flows.findings import Figure, Findings
from flows.measure.checks import select_flows
from flows.studies.numbers import source_line
from flows.studies.section import About
from flows.studies.supplier.question import SupplierQuestion, rows_of

ABOUT = About(needs="deliveries in the window by supplier, in TIV", figures=("by-supplier",))

_NAMED = 7
_UNKNOWN = "XXU"


def share(question: SupplierQuestion) -> Findings:
    """
    State the share of the window in the main release, over the imports by supplier and year.

    Numbers ``share.main``, ``numerator.main`` and ``denominator.main``; figure ``by-supplier``.
    ``PeriodError`` where the main release does not count the window.
    """
    return Findings(
        numbers=tuple(question.share_numbers(question.share, "main")),
        figures=(_imports_by_supplier(question),),
    )


def _delivered(question: SupplierQuestion) -> str:
    percent = 100 * question.share.value.value
    part = f"{print_value(percent, 2)}%" if percent else "none"
    supplier = country_name(question.supplier)
    return f"{supplier} delivered {part} of the major arms imported in {question.span}."


def _imports_by_supplier(question: SupplierQuestion) -> Figure:
    """Draw the largest suppliers, that in question, then others and unknown."""
    rows = select_flows(question.release.value, importer=question.importer)
    totals = rows.groupby("exporter")["value"].agg(exact_sum).drop(_UNKNOWN, errors="ignore")
    largest = totals.sort_index().sort_values(ascending=False, kind="stable").index[:_NAMED]
    named = {code: country_name(code) for code in {*largest, question.supplier}}
    named[_UNKNOWN] = "Unknown supplier"
    data = pd.DataFrame(
        rows.assign(
            year=rows["start"].dt.year, supplier=rows["exporter"].map(named).fillna("Others")
        )
        .groupby(["year", "supplier"], as_index=False)["value"]
        .sum()
    )
    lines = rows_of([rows])
    return Figure(
        id=f"{question.name}-by-supplier",
        draw="draw_imports_by_supplier",
        data=data,
        options={"unit_label": "million TIV", "highlight": country_name(question.supplier)},
        caption=(
            f"{_delivered(question)} The bars show {country_name(question.importer)}’s imports of "
            "major arms by supplier and year of delivery, in million TIV, a volume and not a price."
        ),
        source=source_line(lines),
        rows=lines,
        exact=("value",),
    )
