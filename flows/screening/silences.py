"""What kind of silence stands against each flow that one side alone states, for all at once."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from flows.compare.mirror_pairs import SIDES
from flows.measure.checks import UNNAMED

_PERIOD = ["start", "end"]
_SIZED = ("stated", "at least")

BOTH, NOTHING = "reported", "nothing stated"

_KINDS = {
    "below threshold": "below threshold",
    "confidential": "confidential",
    "no reporter": "no statements",
}
"""Of a status that decides by itself; any other silence is looked for elsewhere first."""


def silences(pairs: pd.DataFrame, rows: pd.DataFrame, confidential: Collection[str]) -> pd.Series:
    """
    Return the kind of every flow, as :func:`flows.classify_mirror` has it of one.

    ``pairs``: the table of :func:`flows.pair_mirrors`; ``rows``: the flow table that it is of.
    """
    sized = {side: pairs[f"{side}_status"].isin(_SIZED) for side in SIDES}
    kinds = pd.Series(NOTHING, index=pairs.index, dtype="str")
    kinds = kinds.mask(sized["exporter"] & sized["importer"], BOTH)
    for side, other in (SIDES, SIDES[::-1]):
        silent = pairs[sized[other] & ~sized[side]]
        own = rows[rows["reporter"] == rows[side]]
        kinds = kinds.where(
            ~kinds.index.isin(silent.index), _kinds(silent, own, side, confidential)
        )
    return kinds


def _kinds(
    silent: pd.DataFrame, own: pd.DataFrame, side: str, confidential: Collection[str]
) -> pd.Series:
    """Return the kinds of flows on which one side is silent; ``own``: what it states."""
    other = SIDES[1 - SIDES.index(side)]
    stated = silent[f"{other}_value"]
    status = silent[f"{side}_status"]
    unnamed = own[own[other] == UNNAMED]
    elsewhere = _amounts(silent, unnamed, [side, *_PERIOD, "product"])
    kinds = pd.Series("not reported", index=silent.index, dtype="str")
    kinds = kinds.mask(elsewhere >= stated, "other partner")
    hidden = pd.Series(data=False, index=silent.index)
    for code in confidential:
        of_code = own["product"] == code
        named = _amounts(silent, own[of_code & (own[other] != UNNAMED)], [*SIDES, *_PERIOD])
        nowhere = _amounts(silent, unnamed[unnamed["product"] == code], [side, *_PERIOD])
        hidden |= named.add(nowhere, fill_value=0.0) >= stated
    unsized = own.loc[own["value"].isna(), [*SIDES, *_PERIOD]].drop_duplicates()
    key = [*SIDES, *_PERIOD]
    hidden |= pd.MultiIndex.from_frame(silent[key]).isin(pd.MultiIndex.from_frame(unsized))
    kinds = kinds.mask(hidden, "confidential")
    return kinds.where(~status.isin(list(_KINDS)), status.map(_KINDS))


def _amounts(silent: pd.DataFrame, rows: pd.DataFrame, key: list[str]) -> "pd.Series[float]":
    """Return what rows of the same key add up to, beside each flow; missing where there is none."""
    sums = rows.groupby(key, as_index=False)["value"].sum(min_count=1)
    found = silent[key].merge(sums, on=key, how="left")["value"]
    return pd.Series(found.to_numpy(dtype=np.float64), index=silent.index)
