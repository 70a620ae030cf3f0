"""Which deals carry a supplier's share."""

import pandas as pd

from flows.countries import country_name
from flows.findings import Figure, Number, Table
from flows.measure.influence import DealInfluence
from flows.studies.supplier_question import SupplierQuestion, rows_of, source_of

_DRAWN = 10
_LISTED = 15


def largest_deal(found: DealInfluence | None) -> pd.Series | None:
    """
    Return the supplier's largest deal of the window.

    Parameters
    ----------
    found : DealInfluence, optional
        The share without each of its deals.

    Returns
    -------
    pandas.Series or None
        A row of ``found.deals``; none without deals of the supplier.

    Raises
    ------
    KeyError
        If deals have no value.
    """
    if found is None:
        return None
    own = found.deals[found.deals["supplier"] == found.share.supplier]
    if own.empty:
        return None
    largest: pd.Series = own.sort_values(["value", "deal"], ascending=[False, True]).iloc[0]
    return largest


def deal_title(deal: pd.Series) -> str:
    """
    Return the name of a deal.

    Parameters
    ----------
    deal : pandas.Series
        With ``designation`` and ``description``, as far as the source has them.

    Returns
    -------
    str
        What was delivered; without it, the number of the deal.

    Examples
    --------
    >>> deal_title(pd.Series({"deal": "56470", "designation": "OPV-62", "description": "boat"}))
    'OPV-62 boat'
    """
    parts = [deal.get(name) for name in ("designation", "description")]
    return " ".join(str(part) for part in parts if part and not pd.isna(part)) or str(deal["deal"])


def deal_numbers(found: DealInfluence | None, question: SupplierQuestion) -> list[Number]:
    """
    Return the largest deal, and how many deals have to go before the share is another.

    Parameters
    ----------
    found : DealInfluence, optional
        The share without each of its deals.
    question : SupplierQuestion
        What is asked.

    Returns
    -------
    list of Number
        ``largest-deal``, ``deals.lowest-without`` and ``deals.highest-without`` (the share without
        the deal that raises or lowers it most), ``deals.to-lose-first``, ``deals.to-fall-below``;
        those that the data allow.

    Raises
    ------
    CountryError
        If a code has no name.
    """
    largest = largest_deal(found)
    if found is None or largest is None:
        return []
    make = question.make("flows.deal_influence", below=found.below)
    rows = found.rows
    whole = {
        "deals.lowest-without": (found.deals["share_without"].min(), "Lowest"),
        "deals.highest-without": (found.deals["share_without"].max(), "Highest"),
    }
    removals = {
        "deals.to-lose-first": (found.to_lose_first, "another supplier delivers more"),
        "deals.to-fall-below": (found.to_fall_below, f"the share is below {found.below or 0:.0%}"),
    }
    return [
        make(
            "largest-deal",
            float(largest["value"]),
            found.share.unit,
            f"Deliveries of the largest deal ({deal_title(largest)}): {question.told}.",
            digits=1,
            rows=rows[rows["deal"] == largest["deal"]],
            exact=True,
        ),
        *(
            make(
                key,
                100 * value,
                "%",
                f"{word} share without one deal: {question.told}.",
                digits=1,
                rows=rows,
            )
            for key, (value, word) in whole.items()
        ),
        *(
            make(
                key,
                len(one.deals),
                "count",
                f"Fewest deals without which {told}: {question.told}.",
                digits=0,
                rows=rows,
            )
            for key, (one, told) in removals.items()
            if one is not None
        ),
    ]


def deals_table(found: DealInfluence, question: SupplierQuestion) -> Table:
    """
    Return the table of deals, the one whose absence moves the share most first.

    Parameters
    ----------
    found : DealInfluence
        The share without each of its deals.
    question : SupplierQuestion
        What is asked.

    Returns
    -------
    Table
        One row a deal; the CSV holds all of them.

    Raises
    ------
    CountryError
        If a code has no name.
    """
    shown = found.deals.head(_LISTED)
    frame = pd.DataFrame(
        {
            "place": shown["place"],
            "supplier": [country_name(code) for code in shown["supplier"]],
            "deal": shown["deal"],
            "title": [deal_title(one) for _, one in shown.iterrows()],
            "value": shown["value"],
            "without_pct": 100 * shown["share_without"],
            "change_points": shown["change_points"],
        }
    )
    return Table(
        id=f"{question.name}-deals",
        frame=frame,
        labels={
            "place": "",
            "supplier": "Supplier",
            "title": "Deal",
            "value": "Million TIV",
            "without_pct": "Share without it, %",
            "change_points": "Change, points",
        },
        formats={"value": ",.1f", "without_pct": ".2f", "change_points": "+.2f"},
        caption=f"The deals that move the share most: {question.told}.",
        note=f"The first {len(frame)} of {len(found.deals)} deals of all suppliers.",
        rows=rows_of([found.rows]),
        exact=("value",),
    )


def deals_figure(found: DealInfluence, question: SupplierQuestion) -> Figure:
    """
    Return the figure of the share without each of its deals.

    Parameters
    ----------
    found : DealInfluence
        The share without each of its deals.
    question : SupplierQuestion
        What is asked.

    Returns
    -------
    Figure
        Drawn by ``draw_tornado``.

    Raises
    ------
    CountryError
        If a code has no name.
    """
    shown = found.deals.head(_DRAWN)
    titles = pd.Series([deal_title(one) for _, one in shown.iterrows()], dtype="str")
    twice = titles.duplicated(keep=False).to_numpy()
    names = titles.where(~twice, titles + " (" + shown["deal"].astype("str").to_numpy() + ")")
    data = pd.DataFrame(
        {
            "deal": names.to_numpy(),
            "supplier": [country_name(code) for code in shown["supplier"]],
            "share_pct": 100 * found.value,
            "without_pct": 100 * shown["share_without"].to_numpy(),
        }
    )
    return Figure(
        id=f"{question.name}-deals",
        draw="draw_tornado",
        data=data,
        options={
            "supplier": country_name(question.supplier),
            "importer": country_name(question.importer),
        },
        caption=(
            f"The share without each of the {len(data)} deals that move it most: {question.told}."
        ),
        source=source_of([found.rows]),
        rows=rows_of([found.rows]),
    )
