"""The layouts that can be loaded, and how each is known by its content."""

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from flows.errors import LayoutError
from flows.loaders import (
    armstat,
    comtrade_monthly,
    cow,
    events,
    irica,
    shares,
    sipri_deals,
    sipri_tables,
    wits,
)
from flows.loaders.raw import RawTable
from flows.table import check_flows

_LOOKED_AT = 65_536


@dataclass(frozen=True, slots=True)
class Layout:
    """
    One way in which a publisher writes its figures.

    Parameters
    ----------
    key : str
        Name in ``source.toml`` and in ``load(..., layout=)``.
    title : str
        What it is, for a list.
    recognise : callable
        Whether the beginning of a file, as text, is of this layout; no two layouts say yes.
    read : callable
        ``read(path, dataset=)`` to a raw table.
    normalise : callable
        Raw table to the frame that is loaded.
    check : callable
        What that frame must pass: a flow table, or what else the layout holds.
    """

    key: str
    title: str
    recognise: Callable[[str], bool]
    read: Callable[..., RawTable]
    normalise: Callable[[RawTable], pd.DataFrame]
    check: Callable[[pd.DataFrame], pd.DataFrame] = check_flows

    def load(self, path: Path, *, dataset: str | None = None) -> pd.DataFrame:
        """
        Return the checked table of one file.

        Parameters
        ----------
        path : pathlib.Path
            A file of this layout.
        dataset : str, optional
            ``source@vintage``; the file name by default.

        Returns
        -------
        pandas.DataFrame
            A flow table, in most layouts.

        Raises
        ------
        FlowsError
            If the file is not of this layout, or its content is not what it should be.
        OSError
            If the file cannot be read.

        Examples
        --------
        >>> from flows.loaders.examples import example_path
        >>> len(find_layout("armstat").load(example_path("armstat")))
        9
        """
        return self.normalise(self.read(path, dataset=dataset))


def find_layout(key: str) -> Layout:
    """
    Return the layout of this key.

    Parameters
    ----------
    key : str
        For example ``"armstat"``.

    Returns
    -------
    Layout

    Raises
    ------
    ValueError
        If there is none; the message lists all keys.

    Examples
    --------
    >>> find_layout("cow_trade").title
    'Correlates of War, dyadic trade'
    """
    if key not in LAYOUTS:
        raise ValueError(f"expected the key of a layout ({', '.join(LAYOUTS)}), found {key!r}")
    return LAYOUTS[key]


def recognise_layout(path: Path) -> Layout:
    """
    Return the layout of a file from its content; its name does not count.

    Parameters
    ----------
    path : pathlib.Path
        Any file.

    Returns
    -------
    Layout

    Raises
    ------
    LayoutError
        If no layout fits; the message shows the first line and lists what was tried.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> recognise_layout(example_path("sipri_deal_years")).key
    'sipri_deal_years'
    """
    with path.open("rb") as file:
        head = file.read(_LOOKED_AT).removeprefix(b"\xef\xbb\xbf")
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


def _starts_with(columns: Sequence[str]) -> Callable[[str], bool]:
    def recognise(beginning: str) -> bool:
        cells = next(csv.reader([beginning.partition("\n")[0].strip()]), [])
        return set(columns) <= {cell.strip() for cell in cells}

    return recognise


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern, re.MULTILINE)
    return lambda beginning: compiled.search(beginning) is not None


_LAYOUTS = (
    Layout(
        "sipri_deal_years",
        "SIPRI arms transfers, deals by delivery year (either site)",
        _matches(r"^(?:SIPRI AT Database ID,Supplier|Deal ID;Seller)"),
        sipri_deals.read_sipri_deal_years,
        sipri_deals.normalise_sipri_deal_years,
    ),
    Layout(
        "sipri_tiv_table",
        "SIPRI arms transfers, TIV of one supplier or recipient by year",
        _matches(r'\A"?TIV of arms (?:exports|imports) (?:from|to) (?!all,)'),
        sipri_tables.read_sipri_tiv_table,
        sipri_tables.normalise_sipri_tiv_table,
    ),
    Layout(
        "sipri_import_totals",
        "SIPRI arms transfers, TIV of all recipients by year",
        _matches(r'\A"?TIV of arms (?:exports|imports) to all,'),
        sipri_tables.read_sipri_tiv_table,
        sipri_tables.normalise_sipri_totals,
    ),
    Layout(
        "sipri_export_totals",
        "SIPRI arms transfers, TIV of all suppliers by year",
        _matches(r'\A"?TIV of arms (?:exports|imports) from all,'),
        sipri_tables.read_sipri_tiv_table,
        sipri_tables.normalise_sipri_totals,
    ),
    Layout(
        "published_shares",
        "SIPRI shares of arms imports as published, percent",
        _starts_with(shares.COLUMNS),
        shares.read_published_shares,
        shares.normalise_published_shares,
        shares.check_shares,
    ),
    Layout(
        "events",
        "Dated events, with where each date is stated",
        _starts_with(events.COLUMNS),
        events.read_events,
        events.normalise_events,
        events.check_events,
    ),
    Layout(
        "armstat",
        "Armstat, trade of Armenia by country and month",
        _starts_with(armstat.COLUMNS),
        armstat.read_armstat,
        armstat.normalise_armstat,
    ),
    Layout(
        "irica_press",
        "Iran's customs as quoted in the press, by Iranian year",
        _starts_with(irica.COLUMNS),
        irica.read_irica_press,
        irica.normalise_irica_press,
    ),
    Layout(
        "comtrade_monthly",
        "UN Comtrade as re-published, by month, partner and product",
        _starts_with(comtrade_monthly.COLUMNS),
        comtrade_monthly.read_comtrade_monthly,
        comtrade_monthly.normalise_comtrade_monthly,
    ),
    Layout(
        "cow_trade",
        "Correlates of War, dyadic trade",
        _starts_with(cow.COLUMNS),
        cow.read_cow_trade,
        cow.normalise_cow_trade,
    ),
    Layout(
        "wits_summary",
        "World Bank WITS, country summary",
        _starts_with(wits.COLUMNS),
        wits.read_wits_summary,
        wits.normalise_wits_summary,
    ),
)

LAYOUTS = {layout.key: layout for layout in _LAYOUTS}
"""Every layout by its key."""
