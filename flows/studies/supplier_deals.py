"""How much of a supplier's share hangs on one deal, and on deliveries whose year is uncertain."""

import pandas as pd

from flows.countries import country_name
from flows.errors import SchemaError
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
    without = _share_of(choose_deliveries(release, without_deal=deal), found)
    certain = _share_of(choose_deliveries(release, delivery_year_estimated=False), found)
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


def choose_deliveries(
    release: pd.DataFrame,
    *,
    without_deal: str | None = None,
    delivery_year_estimated: bool | None = None,
) -> pd.DataFrame:
    """
    Return the deliveries that a share shall rest on.

    Parameters
    ----------
    release : pandas.DataFrame
        Flow table of one release, by deal.
    without_deal : str, optional
        Deal to leave out.
    delivery_year_estimated : bool, optional
        Whether SIPRI marks the delivery year as an estimate; a row that it says nothing about is
        neither. All rows by default.

    Returns
    -------
    pandas.DataFrame
        Rows, with their index.

    Raises
    ------
    SchemaError
        If the release has no deals, or not the one that shall be left out.

    Examples
    --------
    >>> from flows.loaders import load
    >>> from flows.loaders.examples import example_path
    >>> arms = load(example_path("sipri_deal_years"))
    >>> len(arms), len(choose_deliveries(arms, without_deal=arms["deal"].iloc[0]))
    (3, 1)
    """
    if "deal" not in release.columns:
        raise SchemaError(f"{_dataset(release)}: expected deliveries by deal, found sums of deals")
    rows = release
    if without_deal is not None:
        rows = release[release["deal"] != without_deal]
        if len(rows) == len(release):
            raise SchemaError(f"{_dataset(release)}: expected the deal {without_deal}, found none")
    if delivery_year_estimated is not None:
        stated = rows["delivery_year_estimated"].eq(other=delivery_year_estimated)
        rows = rows[stated.fillna(value=False).astype("bool")]
    return rows


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


def _dataset(release: pd.DataFrame) -> str:
    return " and ".join(sorted(release["dataset"].unique())) or "no data set"


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
