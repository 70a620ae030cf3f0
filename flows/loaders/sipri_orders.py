"""SIPRI's trade register as orders: one row an order, those without any delivery yet included."""

from pathlib import Path

import pandas as pd

from flows.errors import LayoutError
from flows.loaders import file_id
from flows.loaders.cells import all_present, codes_of, texts, with_report
from flows.loaders.known import recognise_layout
from flows.loaders.sipri_deals import (
    delivery_period,
    last_counted,
    read_sipri_register,
    register_columns,
    years_asked,
)
from flows.loaders.text import RawTable
from flows.sources import find_source, verify_source

_REGISTER = "sipri_register"
_BEGINS = 1950
"""The first year of deliveries in SIPRI's data base."""


def load_orders(what: str | Path) -> pd.DataFrame:
    """
    Return the orders of SIPRI's trade register, delivered or not.

    A flow table has deliveries only; how long orders wait needs those as well that still do.

    Parameters
    ----------
    what : str or pathlib.Path
        The register as CSV, or ``source@vintage`` of one in the catalogue.

    Returns
    -------
    pandas.DataFrame
        One row an order: ``exporter``, ``importer``, ``description``, ``designation``,
        ``order_year``, ``order_year_estimated``, ``number_ordered``, ``number_ordered_estimated``,
        ``number`` (delivered), ``number_estimated``, ``first_delivery`` and ``last_delivery``
        (years, missing without a delivery), ``delivery_years``, ``status``, ``tiv_ordered``,
        ``counted_from`` and ``counted_to`` (first and last year of which the file has deliveries),
        ``dataset``, ``line``. This is not a flow table.

    Raises
    ------
    LayoutError
        If the file is no register as CSV, or does not keep to its layout.
    SourceError, HashError
        As :func:`flows.load`.
    CountryError
        If a supplier or recipient is not in the crosswalk.

    Examples
    --------
    >>> import flows as fl
    >>> orders = load_orders(fl.example_path("sipri_register"))
    >>> orders[["order_year", "first_delivery", "counted_to"]].head(2).to_numpy().tolist()
    [[2016, 2017, 2023], [2013, 2014, 2023]]
    """
    path = Path(what)
    if path.is_file():
        return normalise_sipri_orders(_read(path, dataset=file_id(path)))
    source = find_source(str(what))
    verify_source(source)
    tables = [normalise_sipri_orders(_read(path, dataset=source.id)) for path in source.tables]
    return pd.concat(tables, ignore_index=True)


def _read(path: Path, *, dataset: str) -> RawTable:
    layout = recognise_layout(path)
    if layout.key != _REGISTER:
        raise LayoutError(
            f"{path}: expected SIPRI's trade register as CSV, which lists orders without a "
            f"delivery too, found {layout.publisher}: {layout.content}"
        )
    return read_sipri_register(path, dataset=dataset)


def normalise_sipri_orders(raw: RawTable) -> pd.DataFrame:
    """
    Return orders, one row each.

    Parameters
    ----------
    raw : RawTable
        Of :func:`flows.loaders.sipri_deals.read_sipri_register`.

    Returns
    -------
    pandas.DataFrame
        As in :func:`load_orders`.

    Raises
    ------
    LayoutError
        If a cell is not a number, years or a flag.
    CountryError
        If a supplier or recipient is not in the crosswalk.
    """
    orders = all_present(raw)
    years = texts(orders, "Year(s) of delivery")
    spans = years[years != ""].map(delivery_period)
    supplier, recipient = codes_of(orders, ["Supplier", "Recipient"], scheme="sipri")
    ends = {
        "first_delivery": spans.map(lambda span: span.start.year),
        "last_delivery": spans.map(lambda span: span.end.year),
    }
    begun, ended = years_asked(raw.header) or (_BEGINS, None)
    own = register_columns(orders)
    stated = pd.concat([ends["last_delivery"], own["order_year"]]).max()
    counted = last_counted(raw.header, int(stated))
    frame = pd.DataFrame(
        {
            "exporter": supplier,
            "importer": recipient,
            "description": texts(orders, "Weapon description"),
            **own,
            **{name: year.reindex(years.index).astype("Int64") for name, year in ends.items()},
            "counted_from": begun,
            "counted_to": counted if ended is None else min(counted, ended),
            "dataset": raw.dataset,
            "line": orders.rows["line"],
        }
    )
    return with_report(frame, raw, rows_in=len(raw.rows), warnings=[])
