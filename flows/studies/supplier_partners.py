"""All suppliers of an importer: what each of them delivered, and their ranks."""

import pandas as pd

from flows.canonical import exact_sum
from flows.countries import country_name
from flows.findings import Figure, Table
from flows.measure.checks import select_flows, years_counted
from flows.measure.shares import OTHERS, PartnerShares, supplier_ranks
from flows.studies.numbers import print_share
from flows.studies.supplier_question import SupplierQuestion, rows_of, source_of

_NAMED = 7
_UNKNOWN = "XXU"
_DEEPEST = 5
"""Rank that a supplier must have reached in a window to be drawn."""


def suppliers_table(found: PartnerShares, question: SupplierQuestion) -> Table:
    """
    Return the table of suppliers, then of others and unknown ones.

    Parameters
    ----------
    found : PartnerShares
        Of the window.
    question : SupplierQuestion
        What is asked.

    Returns
    -------
    Table
        With each share as SIPRI prints it.

    Raises
    ------
    CountryError
        If a code has no name.
    """
    frame = found.frame.assign(
        name=[
            f"{count} others" if code == OTHERS else name
            for code, name, count in found.frame[["partner", "name", "partners"]].to_numpy()
        ],
        share_pct=100 * found.frame["share"],
        printed=[print_share(100 * one) for one in found.frame["share"]],
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
        caption=f"Suppliers: {question.imports}.",
        note=(
            "SIPRI prints shares below ten with one decimal and others in whole numbers, so that "
            "printed shares need not add up to a hundred; that is rounding and no error."
        ),
        rows=rows_of([found.rows]),
        exact=("value",),
    )


def ranks_figure(arms: pd.DataFrame, *, first: int, question: SupplierQuestion) -> list[Figure]:
    """
    Return the figure of ranks in every window of the length of that in question.

    Parameters
    ----------
    arms : pandas.DataFrame
        Flow table of one release.
    first : int
        First year of the first window.
    question : SupplierQuestion
        What is asked.

    Returns
    -------
    list of Figure
        One, drawn by ``draw_supplier_ranks``: suppliers that were among the first five in a window;
        none where the source names no supplier.

    Raises
    ------
    SchemaError
        If nothing was imported in any window.
    """
    last = years_counted(arms)[question.dataset][1]
    years = question.end - question.start + 1
    ranks = supplier_ranks(arms, importer=question.importer, years=years, start=first, end=last)
    ranked = ranks[ranks["rank"].notna()]
    near = ranked.loc[ranked["rank"] <= _DEEPEST, "supplier"].unique()
    drawn = ranked[ranked["supplier"].isin([*near, question.supplier])]
    if drawn.empty:
        return []
    rows = arms[
        (arms["importer"] == question.importer) & arms["start"].dt.year.between(first, last)
    ]
    figure = Figure(
        id=f"{question.name}-ranks",
        draw="draw_supplier_ranks",
        data=pd.DataFrame(
            {
                "window": drawn["window"],
                "supplier": [country_name(code) for code in drawn["supplier"]],
                "rank": drawn["rank"].astype("float64"),
                "share_pct": 100 * drawn["share"],
            }
        ),
        options={
            "highlight": country_name(question.supplier),
            "importer": country_name(question.importer),
        },
        caption=(
            f"Ranks of {country_name(question.importer)}’s suppliers by window: those that were "
            "among the first five at least once."
        ),
        source=source_of([rows]),
        rows=rows_of([rows]),
    )
    return [figure]


def by_supplier_figure(arms: pd.DataFrame, question: SupplierQuestion) -> Figure:
    """
    Return the figure of imports by supplier and year.

    Parameters
    ----------
    arms : pandas.DataFrame
        Flow table of one release.
    question : SupplierQuestion
        What is asked; its supplier is drawn in the accent colour and always named.

    Returns
    -------
    Figure
        Drawn by ``draw_imports_by_supplier``: the largest suppliers, then others and unknown.

    Raises
    ------
    SchemaError
        If the importer has no rows.
    """
    rows = select_flows(arms, importer=question.importer)
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
    return Figure(
        id=f"{question.name}-by-supplier",
        draw="draw_imports_by_supplier",
        data=data,
        options={"unit_label": "million TIV", "highlight": country_name(question.supplier)},
        caption=(
            f"{country_name(question.importer)}’s imports of major arms by supplier and year of "
            "delivery, million TIV. TIV is a volume of arms, not a price."
        ),
        source=source_of([rows]),
        rows=rows_of([rows]),
        exact=("value",),
    )
