"""All suppliers of an importer, and what each of them delivered."""

from flows.canonical import print_value
from flows.findings import Findings, Table
from flows.measure.shares import OTHERS, PartnerShares, partner_shares
from flows.studies.numbers import print_share
from flows.studies.section import About
from flows.studies.supplier.question import SupplierQuestion, rows_of

ABOUT = About(needs="deliveries in the window by supplier", tables=("suppliers",))


def suppliers(question: SupplierQuestion, *, top: int = 8) -> Findings:
    """
    List all suppliers of the window, the largest ``top`` by name.

    Table ``suppliers``.
    """
    partners = partner_shares(
        question.deliveries.value,
        importer=question.importer,
        start=question.start,
        end=question.end,
        dataset=question.dataset,
        top=top,
    )
    return Findings(tables=(_table(partners, question),))


def _largest(partners: PartnerShares, question: SupplierQuestion) -> str:
    """Say what the largest supplier that is named delivered."""
    named = partners.frame[partners.frame["rank"] == 1]
    if named.empty:
        return f"No supplier is named in {question.imports}."
    largest = named.iloc[0]
    percent = print_value(100 * largest["share"], 2)
    return f"{largest['name']} delivered {percent}% of {question.imports}."


def _table(partners: PartnerShares, question: SupplierQuestion) -> Table:
    """One row a supplier, then others and unknown ones, each share as SIPRI prints it."""
    frame = partners.frame.assign(
        name=[
            f"{count} others" if code == OTHERS else name
            for code, name, count in partners.frame[["partner", "name", "partners"]].to_numpy()
        ],
        share_pct=100 * partners.frame["share"],
        printed=[print_share(100 * share) for share in partners.frame["share"]],
    )
    return Table(
        id=f"{question.name}-suppliers",
        frame=frame[["rank", "name", "value", "share_pct", "printed"]],
        labels={
            "rank": "Rank",
            "name": "Supplier",
            "value": "Million TIV",
            "share_pct": "Share, %",
            "printed": "As SIPRI prints it",
        },
        formats={"rank": "d", "value": ",.2f", "share_pct": ".2f"},
        caption=f"{_largest(partners, question)} All suppliers, by rank.",
        note=(
            "SIPRI prints shares below ten percent with one decimal and others without. Printed "
            "shares need not add up to a hundred."
        ),
        rows=rows_of([partners.rows]),
        exact=("value",),
    )
