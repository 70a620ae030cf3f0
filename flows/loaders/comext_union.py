"""The European Union and the euro area as Eurostat prints them, beside their members."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd

from flows.loaders.comext_cells import is_member, members_of, plain_country
from flows.loaders.comext_rows import QUANTITIES

_TOLERANCE = 0.001
_ROUNDING = 0.5
_SHOWN = 5
_ALIKE = ["partner", "valuation", "product", "classification", "coverage"]
"""What figures of a group and of its members have in common, beside the period."""


_SEVERAL = ("XBL", "XXE")
"""Codes that stand for several members at once."""


class Compared(NamedTuple):
    """A figure of a group: what is printed, and the rows of its members beside it."""

    group: str
    figure: Mapping[Hashable, Any]
    members: pd.DataFrame
    absent: list[str]

    @property
    def added(self) -> float:
        """What the members add up to."""
        return float(self.members["value"].sum())

    def in_words(self) -> str:
        """Return which figure it is."""
        figure = self.figure
        way = "exports to" if figure["valuation"] == "FOB" else "imports from"
        product = "" if figure["product"] == "TOTAL" else f" of {figure['product']}"
        name = plain_country(self.group).partition(" (")[0]
        return f"{name}, {way} {figure['partner']}{product} from {figure['start']:%Y-%m-%d}"


def compare_with_members(rows: pd.DataFrame, printed: pd.DataFrame) -> list[Compared]:
    """
    Return each figure of a group beside its members' rows, where any of them is there.

    ``rows``, ``printed``: columns of the flow table and the line; ``printed`` has the name of the
    group in ``group``. A period in which a country joined or left is not compared.
    """
    return list(_compared(_with_partner(rows), _with_partner(printed)))


def _with_partner(rows: pd.DataFrame) -> pd.DataFrame:
    exports = rows["exporter"] == rows["reporter"]
    return rows.assign(partner=rows["importer"].where(exports, rows["exporter"]))


def _compared(rows: pd.DataFrame, printed: pd.DataFrame) -> Iterator[Compared]:
    keys = ["start", "end", *_ALIKE]
    beside = dict(list(rows.groupby(keys, sort=False)))
    for figure in printed.to_dict("records"):
        members = beside.get(tuple(figure[name] for name in keys))
        if members is None:
            continue
        group = str(figure["group"])
        days = figure["start"].date(), figure["end"].date()
        codes = {member.alpha3 for member in members_of(group)}
        standing = {code: is_member(members_of(group), code, *days) for code in codes}
        if None in standing.values():
            continue
        inside = {code for code, member in standing.items() if member}
        there = members[members["reporter"].isin(inside)]
        if len(there):
            yield Compared(group, figure, there, _absent(inside, set(there["reporter"]), figure))


def _absent(inside: set[str], there: set[str], figure: Mapping[Hashable, Any]) -> list[str]:
    """Return the members without a row; Belgium's have been those of Luxembourg as well."""
    joint = {"BEL", "LUX"} if "XBL" in there else set()
    return sorted(inside - there - joint - {figure["partner"], *_SEVERAL})


def members_apart(figures: list[Compared]) -> list[str]:
    """Say which figures of a group are not what its members add up to."""
    told = []
    for compared in figures:
        value = compared.figure["value"]
        rounded = _ROUNDING * (len(compared.members) + 1)
        if abs(compared.added - value) > max(_TOLERANCE * value, rounded):
            share = f"{100 * compared.added / value:.1f} % of it" if value else "more"
            told.append(
                f"{compared.in_words()}: printed {value:,.10g} (line {compared.figure['line']}), "
                f"the {len(compared.members)} members in the file add up to {share}"
            )
    more = len(told) - _SHOWN
    rest = [f"{more} more figures of groups are not the sum of their members"] if more > 0 else []
    return [*told[:_SHOWN], *rest]


def absent_members(figures: list[Compared]) -> tuple[pd.DataFrame, list[str]]:
    """
    Return rows of members that have none because they had no trade, and say which.

    Eurostat lists no zeros. Where it prints of a group exactly what the members that are there add
    up to, nothing is left for the others. The rows stand on the line of that figure.
    """
    zeros: dict[tuple[object, ...], dict[Hashable, Any]] = {}
    told = []
    for compared in figures:
        if compared.added != compared.figure["value"]:
            continue
        new = {_key(compared.figure, code): _zero(compared, code) for code in compared.absent}
        new = {key: row for key, row in new.items() if key not in zeros}
        if new:
            zeros |= new
            told.append(
                f"{compared.in_words()}: the members in the file add up to what is printed (line "
                f"{compared.figure['line']}), so that {', '.join(compared.absent)} without a row "
                "had none: value 0"
            )
    more = len(told) - _SHOWN
    rest = [f"{more} more figures of groups show that members had none"] if more > 0 else []
    return pd.DataFrame(list(zeros.values())), [*told[:_SHOWN], *rest]


def _key(figure: Mapping[Hashable, Any], member: str) -> tuple[object, ...]:
    return (member, *(figure[name] for name in ("start", "end", *_ALIKE)))


def _zero(compared: Compared, member: str) -> dict[Hashable, Any]:
    """Return a row of a member without trade."""
    like = compared.members.iloc[0].drop("partner")
    exports = like["exporter"] == like["reporter"]
    own = {"reporter": member, "exporter" if exports else "importer": member, "value": 0.0}
    sizes = [name for name in QUANTITIES if name in like]
    return {**like, **own, **dict.fromkeys(sizes), "line": compared.figure["line"]}
