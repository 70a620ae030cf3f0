"""Shares and ranks of suppliers as the figures of the report take them."""

import math
from collections.abc import Sequence
from typing import Protocol

import pandas as pd

from flows.countries import country_name
from flows.results import DrawingCall
from flows.scope import release_of

_DEEPEST = 5
"""Rank that a partner once has to have to be drawn."""


class _Share(Protocol):
    """A share of one supplier in one window."""

    @property
    def value(self) -> float: ...
    @property
    def supplier(self) -> str: ...
    @property
    def importer(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def dataset(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


class _Window(Protocol):
    """Shares of all partners in one window."""

    @property
    def frame(self) -> pd.DataFrame: ...
    @property
    def importer(self) -> str | None: ...
    @property
    def unit(self) -> str: ...


def check_arms(unit: str) -> None:
    """Refuse a figure whose heading speaks of arms for amounts that are none."""
    if unit != "TIV":
        raise ValueError(f"the figure of the report is of arms in TIV, found amounts in {unit}")


def share_drawn(
    share: _Share,
    *,
    bounds: tuple[float, float] = (math.nan, math.nan),
    interval: tuple[float, float] = (math.nan, math.nan),
    interval_label: str = "",
) -> DrawingCall:
    """Return a share, what cannot be excluded of it, and an interval, as a drawing takes them."""
    check_arms(share.unit)
    numbers = (share.value, *bounds, *interval)
    names = ("share_pct", "bound_low", "bound_high", "interval_low", "interval_high")
    window = {"window": f"{share.start}-{share.end}", "release": release_of(share.dataset)}
    percents = {name: 100 * number for name, number in zip(names, numbers, strict=True)}
    return DrawingCall(
        "draw_share_bounds",
        pd.DataFrame([{**window, **percents}]),
        {
            "supplier": country_name(share.supplier),
            "importer": country_name(share.importer),
            "bounds_label": "bounds, all rules",
            "interval_label": interval_label,
        },
    )


def first_partners(frame: pd.DataFrame, *, also: Sequence[str] = ()) -> pd.DataFrame:
    """Return the ranks of partners among the first five in a window at least once, or named."""
    ranked = frame[frame["rank"].notna() & (frame["value"] > 0)]
    near = ranked.loc[ranked["rank"] <= _DEEPEST, "partner"].unique()
    return ranked[ranked["partner"].isin([*near, *also])]


def ranks_drawn(ranks: pd.DataFrame) -> pd.DataFrame:
    """Return ranks as :func:`flows.figures.draw_supplier_ranks` takes them."""
    return pd.DataFrame(
        {
            "window": ranks["window"],
            "supplier": ranks["name"].to_numpy(),
            "rank": ranks["rank"].astype("float64"),
            "share_pct": 100 * ranks["share"],
        }
    )


def ranks_drawing(frame: pd.DataFrame, last: _Window) -> DrawingCall:
    """Return the ranks of suppliers in all windows, the first of the last one highlighted."""
    if last.importer is None:
        raise ValueError("expected the suppliers of an importer, found customers: no figure")
    check_arms(last.unit)
    options = {
        "highlight": str(last.frame["name"].iloc[0]),
        "importer": country_name(last.importer),
    }
    return DrawingCall("draw_supplier_ranks", ranks_drawn(first_partners(frame)), options)
