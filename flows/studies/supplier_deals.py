"""How much of a supplier's share hangs on one deal, and on deliveries whose year is uncertain."""

import pandas as pd

from flows.countries import country_name
from flows.findings import Json, Number
from flows.measure.shares import Share, share
from flows.studies.numbers import numbers_of


def deal_numbers(release: pd.DataFrame, found: Share, name: str) -> list[Number]:
    """
    Return the share without the supplier's largest deal, and with certain delivery years only.

    Parameters
    ----------
    release : pandas.DataFrame
        Flow table of one release.
    found : Share
        The share in question.
    name : str
        First part of the ids.

    Returns
    -------
    list of Number
        ``largest-deal``, ``largest-deal.items``, ``share.without-largest-deal`` and
        ``share.certain-years``; none where the release has no deals.

    Raises
    ------
    SchemaError
        If nothing is left in the window without the deal.
    """
    largest = _largest_deal(found)
    if largest is None:
        return []
    deal = str(largest["deal"].iloc[0])
    parameters: dict[str, Json] = {
        "dataset": found.dataset,
        "supplier": found.supplier,
        "importer": found.importer,
        "start": found.start,
        "end": found.end,
    }
    told = (
        f"{country_name(found.supplier)} in the imports of major arms of "
        f"{country_name(found.importer)}, {found.start}-{found.end}, "
        f"release {found.dataset.partition('@')[2]}"
    )
    of_deal = numbers_of(name, "flows.studies.supplier.supplier_study", parameters)
    without = _share_of(release[release["deal"] != deal], found)
    certain = _share_of(release[_certain_year(release)], found)
    return [
        of_deal(
            "largest-deal",
            float(largest["value"].sum()),
            found.unit,
            f"Deliveries of the largest deal ({_title(largest)}): {told}.",
            digits=1,
            rows=largest,
        ),
        numbers_of(name, "flows.share", parameters | {"without_deal": deal})(
            "share.without-largest-deal",
            100 * without.value,
            "%",
            f"Share without the largest deal ({_title(largest)}): {told}.",
            digits=2,
            rows=without.rows,
        ),
        numbers_of(name, "flows.share", parameters | {"delivery_year_estimated": False})(
            "share.certain-years",
            100 * certain.value,
            "%",
            f"Share among deliveries whose year SIPRI does not mark as an estimate: {told}.",
            digits=2,
            rows=certain.rows,
        ),
    ]


def deal_words(found: Share, name: str) -> dict[str, str]:
    """
    Return the name of the supplier's largest deal.

    Parameters
    ----------
    found : Share
        The share in question.
    name : str
        First part of the ids.

    Returns
    -------
    dict
        ``<name>.largest-deal``; empty where the release has no deals.

    Raises
    ------
    KeyError
        If a release with deals does not say what was delivered.
    """
    largest = _largest_deal(found)
    return {} if largest is None else {f"{name}.largest-deal": _title(largest)}


def _largest_deal(found: Share) -> pd.DataFrame | None:
    """Return the rows of the supplier's largest deal in the window."""
    if "deal" not in found.rows.columns:
        return None
    rows = found.rows[found.rows["counted"] & found.rows["deal"].notna()]
    if rows.empty:
        return None
    largest = rows.groupby("deal")["value"].sum().sort_index().idxmax()
    return rows[rows["deal"] == largest]


def _title(deal: pd.DataFrame) -> str:
    return f"{deal['designation'].iloc[0]} {deal['description'].iloc[0]}"


def _certain_year(rows: pd.DataFrame) -> pd.Series:
    return rows["delivery_year_estimated"].eq(other=False).fillna(value=False).astype("bool")


def _share_of(table: pd.DataFrame, found: Share) -> Share:
    """Return the same share in another choice of rows."""
    return share(
        table,
        supplier=found.supplier,
        importer=found.importer,
        start=found.start,
        end=found.end,
        dataset=found.dataset,
    )
