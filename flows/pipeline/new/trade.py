"""The plan about the trade of a pair of countries, from whatever is stated about it."""

from collections.abc import Mapping

import pandas as pd

from flows.countries import country_name
from flows.errors import SourceError
from flows.origin import given
from flows.pipeline.new.draft import Draft, Tried, try_draft
from flows.studies.profile import IN_FULL
from flows.table import COLUMNS, TIV, join_flows

PAIR = "pair"


def draft_trade(
    exporter: str, importer: str, tables: Mapping[str, pd.DataFrame]
) -> tuple[list[Tried], list[str]]:
    """
    Draft the studies of a pair from tables by the id of their data set.

    Returns them with remarks on data sets that are of no use here.

    Raises
    ------
    SourceError
        If no data set states anything about the pair.
    """
    used, remarks = {}, []
    for name, table in tables.items():
        if not set(COLUMNS) <= set(table.columns) or table["unit"].eq(TIV).all():
            continue
        if about := _about(table, exporter, importer):
            used[name] = table
        else:
            remarks.append(
                f"{name} is not used: it states no trade between {country_name(exporter)} and "
                f"{country_name(importer)}"
            )
    if not used:
        raise SourceError(
            f"expected statements of trade between {country_name(exporter)} and "
            f"{country_name(importer)}, found none in {', '.join(tables)}"
        )
    names = list(used)
    data = {
        "trade": given(
            "trade", join_flows(list(used.values())) if len(used) > 1 else used[names[0]]
        )
    }
    wanted: dict[str, str | list[str]] = {"trade": names if len(names) > 1 else names[0]}
    pair = Draft(
        PAIR,
        "profile",
        wanted,
        {"exporter": exporter, "importer": importer},
        {section: {} for section in IN_FULL},
    )
    return [try_draft(pair, data)], remarks


def _about(table: pd.DataFrame, exporter: str, importer: str) -> int:
    pair = {exporter, importer}
    return int((table["exporter"].isin(pair) & table["importer"].isin(pair)).sum())
