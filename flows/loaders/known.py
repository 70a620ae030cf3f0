"""All layouts that can be loaded, found by key or by the content of a file, in the order tried."""

from pathlib import Path

import pandas as pd

from flows.errors import LayoutError
from flows.loaders import (
    armstat,
    baci,
    comtrade,
    covariates,
    cow,
    imf,
    irica,
    sipri_deals,
    sipri_rtf,
    sipri_tables,
    wits,
)
from flows.loaders.customs import WORKBOOK
from flows.loaders.examples import example_path
from flows.loaders.layout import Layout, matches, starts_with
from flows.loaders.text import (
    is_envelope,
    is_zip,
    list_tables,
    open_envelope,
    read_content,
    stream_content,
)

_LOOKED_AT = 65_536

_OLD_TABLE = r'\A"?TIV of arms (?:exports|imports) {}(?s:.*)^,[0-9]{{4}},'

_LAYOUTS = (
    Layout(
        "sipri_deal_years",
        "SIPRI arms transfers, deals by delivery year (either site)",
        matches(r"^(?:SIPRI AT Database ID,Supplier|Deal ID;Seller)"),
        sipri_deals.read_sipri_deal_years,
        sipri_deals.normalise_sipri_deal_years,
    ),
    Layout(
        "sipri_register",
        "SIPRI arms transfers, trade register as CSV",
        matches(r"^Recipient,Supplier,Year of order, ,"),
        sipri_deals.read_sipri_register,
        sipri_deals.normalise_sipri_register,
    ),
    Layout(
        "sipri_old_csv",
        "SIPRI arms transfers, register as CSV of the old site with its own codes",
        starts_with(tuple(sipri_deals.OLD_CSV_COLUMNS)),
        sipri_deals.read_sipri_old_csv,
        sipri_deals.normalise_sipri_old_csv,
    ),
    Layout(
        "sipri_rtf",
        "SIPRI arms transfers, trade register of the old site as RTF (numbers, no TIV)",
        matches(r"\A\{\\rtf(?s:.*)Transfers of major weapons"),
        sipri_rtf.read_sipri_rtf,
        sipri_rtf.normalise_sipri_rtf,
    ),
    Layout(
        "sipri_site_table",
        "SIPRI arms transfers, TIV by country and year of the site since 2024",
        matches(r"^(?:Supplier|Recipient|Exports by|Imports by),(?:[0-9]{4},)+"),
        sipri_tables.read_sipri_site_table,
        sipri_tables.normalise_sipri_site_table,
    ),
    Layout(
        "sipri_tiv_table",
        "SIPRI arms transfers, TIV of one supplier or recipient by year",
        matches(_OLD_TABLE.format(r"(?:from|to) (?!all,)")),
        sipri_tables.read_sipri_tiv_table,
        sipri_tables.normalise_sipri_tiv_table,
    ),
    Layout(
        "sipri_import_totals",
        "SIPRI arms transfers, TIV of all recipients by year",
        matches(_OLD_TABLE.format("to all,")),
        sipri_tables.read_sipri_tiv_table,
        sipri_tables.normalise_sipri_totals,
    ),
    Layout(
        "sipri_export_totals",
        "SIPRI arms transfers, TIV of all suppliers by year",
        matches(_OLD_TABLE.format("from all,")),
        sipri_tables.read_sipri_tiv_table,
        sipri_tables.normalise_sipri_totals,
    ),
    Layout(
        "published_shares",
        "SIPRI shares of arms imports as published, percent",
        starts_with(covariates.SHARE_COLUMNS),
        covariates.read_published_shares,
        covariates.normalise_published_shares,
        covariates.check_shares,
    ),
    Layout(
        "events",
        "Dated events, with where each date is stated",
        starts_with(covariates.EVENT_COLUMNS),
        covariates.read_events,
        covariates.normalise_events,
        covariates.check_events,
    ),
    Layout(
        "armstat",
        "Armstat, trade of Armenia by country and month",
        starts_with(armstat.COLUMNS),
        armstat.read_armstat,
        armstat.normalise_armstat,
    ),
    Layout(
        "gravity",
        "CEPII Gravity, covariates of country pairs by year",
        matches(r"\A(?:<stata_dta>|[q-s][\x01\x02]\x01)(?s:.*)iso3_o\x00|\Ayear,.*\biso3_o,"),
        covariates.read_gravity,
        covariates.normalise_gravity,
        covariates.check_gravity,
    ),
    Layout(
        "irica_press",
        "Iran's customs as quoted in the press, by Iranian year",
        starts_with(irica.COLUMNS),
        irica.read_irica_press,
        irica.normalise_irica_press,
    ),
    Layout(
        "comtrade_monthly",
        "UN Comtrade as re-published, by month, partner and product",
        starts_with(comtrade.MONTHLY_COLUMNS),
        comtrade.read_comtrade_monthly,
        comtrade.normalise_comtrade_monthly,
    ),
    Layout(
        "baci",
        "BACI of CEPII, one year of a release",
        starts_with(baci.COLUMNS),
        baci.read_baci,
        baci.normalise_baci,
    ),
    Layout(
        "baci_countries",
        "BACI of CEPII, country codes of a release",
        matches(r'\A"?country_code"?[,;]"?country_name'),
        baci.read_baci_codes,
        baci.normalise_baci_countries,
        baci.check_codes,
    ),
    Layout(
        "baci_products",
        "BACI of CEPII, product codes of a release",
        matches(r'\A"?code"?[,;]"?description'),
        baci.read_baci_codes,
        baci.normalise_baci_products,
        baci.check_codes,
    ),
    Layout(
        "comtrade_v1",
        "UN Comtrade, CSV of the site or bulk file since 2022",
        starts_with(("typeCode", "flowCode", "partner2Code", "primaryValue")),
        comtrade.read_comtrade,
        comtrade.normalise_comtrade,
    ),
    Layout(
        "comtrade_api",
        "UN Comtrade, reply of the interface",
        matches(r'\A\{\s*"elapsedTime"'),
        comtrade.read_comtrade_api,
        comtrade.normalise_comtrade,
    ),
    Layout(
        "comtrade_legacy",
        "UN Comtrade, CSV of the site until 2022 (35 or 22 columns)",
        starts_with(("Classification", "Period", "Trade Flow Code", "Trade Value (US$)")),
        comtrade.read_comtrade,
        comtrade.normalise_comtrade,
    ),
    Layout(
        "comtrade_legacy_bulk",
        "UN Comtrade, bulk file until 2022 (11 columns)",
        starts_with(("Year", "Reporter Code", "Trade Flow Code", "Value", "Estimation Code")),
        comtrade.read_comtrade,
        comtrade.normalise_comtrade,
    ),
    Layout(
        "cow_trade",
        "Correlates of War, dyadic trade",
        starts_with(cow.COLUMNS),
        cow.read_cow_trade,
        cow.normalise_cow_trade,
    ),
    Layout(
        "imf_compact",
        "IMF Direction of Trade, JSON of the old interface",
        matches(r'\A\{\s*"CompactData"'),
        imf.read_imf_compact,
        imf.normalise_imf,
    ),
    Layout(
        "imf_sdmx_json",
        "IMF trade in goods by partner (IMTS), SDMX-JSON",
        matches(r'\A\{(?s:.*)"dataSets"(?s:.*)"COUNTERPART_COUNTRY"'),
        imf.read_imf_sdmx_json,
        imf.normalise_imf,
    ),
    Layout(
        "imf_sdmx_xml",
        "IMF trade in goods by partner (IMTS), SDMX-ML",
        matches(r"\A\s*<(?s:.*)<Series\b[^>]*\bCOUNTERPART_COUNTRY=|\A<Series\b"),
        imf.read_imf_sdmx_xml,
        imf.normalise_imf,
    ),
    Layout(
        "imf_sdmx_csv",
        "IMF trade in goods by partner (IMTS), SDMX-CSV",
        starts_with(imf.NEW),
        imf.read_imf_sdmx_csv,
        imf.normalise_imf,
    ),
    Layout(
        "wits_summary",
        "World Bank WITS, country summary",
        starts_with(wits.COLUMNS),
        wits.read_wits_summary,
        wits.normalise_wits_summary,
    ),
)

LAYOUTS = {layout.key: layout for layout in _LAYOUTS}
"""Every layout by its key."""


def layouts() -> pd.DataFrame:
    """
    Return every layout that can be loaded.

    Returns
    -------
    pandas.DataFrame
        One row a layout: ``key`` (what ``load(..., layout=)`` takes), ``publisher``, ``content``
        (what the file holds), ``header`` (its columns, as the reader finds them in an example, in
        the order of the file and with commas between them).

    Raises
    ------
    FlowsError
        If an example cannot be read.

    Examples
    --------
    >>> layouts().set_index("key").loc["armstat", ["publisher", "content"]].tolist()
    ['Armstat', 'trade of Armenia by country and month']
    """
    rows = []
    for key, layout in LAYOUTS.items():
        publisher, _, content = layout.title.partition(", ")
        columns = layout.read(example_path(key)).rows.columns.drop("line")
        rows.append((key, publisher, content, ", ".join(columns)))
    return pd.DataFrame(rows, columns=["key", "publisher", "content", "header"])


def find_layout(key: str) -> Layout:
    """Return the layout of this key."""
    if key not in LAYOUTS:
        raise ValueError(f"expected the key of a layout ({', '.join(LAYOUTS)}), found {key!r}")
    return LAYOUTS[key]


def recognise_layout(path: Path) -> Layout:
    """Return the layout of a file from its content; its name does not count."""
    if is_zip(path) and WORKBOOK in list_tables(path):
        raise LayoutError(
            f"{path}: expected a table, found a workbook: describe it in a small TOML and name "
            "that, load(path, layout='mine.toml')"
        )
    head = next(stream_content(path, size=_LOOKED_AT), b"")
    if is_envelope(head):
        head = open_envelope(read_content(path), path=str(path))[:_LOOKED_AT]
    head = head.removeprefix(b"\xef\xbb\xbf")
    # Latin-1 gives every byte a character: enough to look, and the reader decodes strictly.
    beginning = head.decode("latin-1")
    for layout in LAYOUTS.values():
        if layout.recognise(beginning):
            return layout
    first = beginning.strip().partition("\n")[0][:60]
    raise LayoutError(
        f"{path}:1: expected one of the layouts {', '.join(LAYOUTS)}; found none of them, but "
        f"{first!r}; if you know the layout, name it: load(path, layout=...) says what is missing"
    )
