"""States that are no more: kept, folded into a successor, or dropped, and what that changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import pandas as pd

from flows.countries import dissolved_states
from flows.measure.adding import add_statements, firsts_of
from flows.results import Card, Result, print_count
from flows.table import check_flows, where

Policy = Literal["keep", "fold", "drop"]

_SIDES = ("exporter", "importer")
_PARTIES = (*_SIDES, "reporter")
_ALL = "all"
_EFFECT = {
    "country": "str",
    "side": "str",
    "unit": "str",
    "rows_before": "int64",
    "rows_after": "int64",
    "value_before": "float64",
    "value_after": "float64",
    "outside": "int64",
}


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Settled(Result):
    """
    A table in which dissolved states have been dealt with, and everything that this changed.

    Parameters
    ----------
    policy : {"keep", "fold", "drop"}
        What was done.
    table : pandas.DataFrame
        Flow table.
    effect : pandas.DataFrame
        One row a country that is concerned, side and unit, then one for ``all`` rows of the table:
        ``country``, ``side``, ``unit``, ``rows_before``, ``rows_after``, ``value_before``,
        ``value_after``, ``outside`` (rows about a time in which the state was not there). Values
        are sums of those that are published.
    outside : pandas.DataFrame
        The rows that ``outside`` counts, as they stood.
    left_out : pandas.DataFrame
        The rows that are no longer there: those of dropped states, and trade between two states
        that were folded into one.
    combined : pandas.DataFrame
        The rows that became one with others, as they stood; ``into`` is the row of ``table`` that
        holds their sum.
    """

    natural_table = "table"

    policy: Policy
    table: pd.DataFrame
    effect: pd.DataFrame
    outside: pd.DataFrame
    left_out: pd.DataFrame
    combined: pd.DataFrame

    def summary(self) -> str:
        """
        Return the effect as text.

        Returns
        -------
        str
            The policy, what was left out and combined, the table of effects, and the lines about a
            time in which the state was not there.
        """
        done = (
            f"dissolved states, policy {self.policy}: {len(self.left_out)} rows left out, "
            f"{len(self.combined)} rows combined into {self.combined['into'].nunique()}"
        )
        lines = [done, self.effect.to_string(index=False)]
        if len(self.outside):
            lines.append(f"outside the dates of the state: {where(self.outside)}")
        return "\n".join(lines)

    def _card(self) -> Card:
        into = self.combined["into"].nunique()
        concerned = self.effect.loc[self.effect["country"] != "all", "country"].unique()
        return Card(
            title=f"dissolved states, policy {self.policy}",
            facts=(
                ("table", print_count(len(self.table), "row")),
                ("concerned", ", ".join(concerned) or "none"),
                ("combined", f"{print_count(len(self.combined), 'row')} into {into}"),
                ("outside", print_count(len(self.outside), "row") + " about other times"),
                ("left out", print_count(len(self.left_out), "row")),
            ),
        )


def settle_states(
    table: pd.DataFrame, *, policy: Policy, successors: Mapping[str, str] | None = None
) -> Settled:
    """
    Keep, fold or drop the statements of states that are no more.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table.
    policy : {"keep", "fold", "drop"}
        ``keep`` changes nothing. ``fold`` states the flows of a dissolved state under the state
        that is on its territory today: rows that thereby make the same statement become one, whose
        value and bounds are sums; items of different deals stay items. ``drop`` leaves every row
        out that names a dissolved state. The choice moves totals and has no default.
    successors : Mapping, optional
        Dissolved state to the successor that its flows are folded into, ``{"SUN": "RUS"}``; needed
        where it has several.

    Returns
    -------
    Settled
        The table and its effect. A state that was only renamed has one code in the flow table and
        is no matter here.

    Raises
    ------
    ValueError
        If the policy is unknown, a state that is to be folded has several successors and none is
        named, or the named one does not follow it.
    SchemaError
        If ``table`` is not a flow table.

    Notes
    -----
    Folding adds what is stated. Where two states of one time become one (the two Germanys) and only
    one of them is stated, the sum is that one alone: missing is not zero, and the caller has to
    know whether it was missing. A combined row keeps the line of its first part; columns of the
    data set's own stay where all parts agree, and are empty where they do not.

    Examples
    --------
    >>> from flows.loaders import load
    >>> from flows.loaders.examples import example_path
    >>> trade = load(example_path("armstat"))
    >>> settle_states(trade, policy="keep").effect[["country", "rows_before", "rows_after"]]
      country  rows_before  rows_after
    0     all            9           9
    """
    if policy not in get_args(Policy):
        raise ValueError(f"policy: expected {', '.join(get_args(Policy))}, found {policy!r}")
    if successors and policy != "fold":
        raise ValueError(
            f"successors: expected none with policy {policy!r}, found {sorted(successors)}; only "
            "policy 'fold' puts a state's trade under another's"
        )
    before = check_flows(table)
    named = set(pd.unique(before[list(_PARTIES)].to_numpy().ravel()))
    states = sorted(named & dissolved_states().keys())
    heirs = _find_heirs(states, successors or {}) if policy == "fold" else {}
    folded = before.assign(**{column: before[column].replace(heirs) for column in _PARTIES})
    gone = before[list(_PARTIES)].isin(states).any(axis="columns") if policy == "drop" else False
    became_inner = (folded["exporter"] == folded["importer"]) & (
        before["exporter"] != before["importer"]
    )
    kept = folded[~(became_inner | gone)]
    firsts = firsts_of(kept)
    sums = add_statements(kept, firsts)
    after = check_flows(sums)
    outside = pd.concat([_outside(before, side, states) for side in _SIDES])
    return Settled(
        policy=policy,
        table=after,
        effect=_effect(before, after, outside, {*states, *heirs.values()}),
        outside=before.loc[sorted(set(outside.index))],
        left_out=before[became_inner | gone],
        combined=before.loc[firsts.index].assign(into=sums.index.get_indexer(pd.Index(firsts))),
    )


def _outside(rows: pd.DataFrame, side: str, states: list[str]) -> pd.DataFrame:
    """Return the rows about a time before or after the state, with the state as ``country``."""
    outside = []
    for state in states:
        life = dissolved_states()[state]
        out = rows["start"] > pd.Timestamp(life.end)
        if life.start is not None:
            out |= rows["end"] < pd.Timestamp(life.start)
        outside.append(rows[out & (rows[side] == state)])
    odd = pd.concat([rows.head(0), *outside])
    return pd.DataFrame({"country": odd[side], "side": side, "unit": odd["unit"]}, index=odd.index)


def _effect(
    before: pd.DataFrame, after: pd.DataFrame, outside: pd.DataFrame, countries: set[str]
) -> pd.DataFrame:
    parts = [
        _sums(before, countries).add_suffix("_before"),
        _sums(after, countries).add_suffix("_after"),
        outside.groupby(["country", "side", "unit"]).size().rename("outside"),
    ]
    effect = pd.concat(parts, axis="columns").fillna(0).reset_index()[list(_EFFECT)]
    # In ASCII the capital letters of codes come before the small ones of "all".
    return effect.astype(_EFFECT).sort_values(["country", "side", "unit"], ignore_index=True)


def _sums(rows: pd.DataFrame, countries: set[str]) -> pd.DataFrame:
    """Count rows and add values by country and side, and of all rows."""
    shown = ["country", "side", "unit", "value"]
    sides = [
        rows[rows[side].isin(countries)].assign(country=rows[side], side=side)[shown]
        for side in _SIDES
    ]
    stacked = pd.concat([*sides, rows.assign(country=_ALL, side=_ALL)[shown]])
    groups = stacked.groupby(["country", "side", "unit"])["value"]
    return pd.DataFrame({"rows": groups.size(), "value": groups.sum()})


def _find_heirs(states: Iterable[str], named: Mapping[str, str]) -> dict[str, str]:
    """Return the state of today that each dissolved state is folded into."""
    for state, heir in named.items():
        following = _following(state)
        if heir not in following:
            raise ValueError(
                f"successors: expected for {state} one of the states that followed it "
                f"({', '.join(sorted(following)) or 'there is none'}), found {heir!r}"
            )
    return {state: _heir(state, named) for state in states}


def _heir(state: str, named: Mapping[str, str]) -> str:
    while state in dissolved_states():
        successors = dissolved_states()[state].successors
        if state not in named and len(successors) > 1:
            raise ValueError(
                f"{state} has several successors: name one of {', '.join(successors)}, "
                f"as successors={{{state!r}: {successors[0]!r}}}"
            )
        state = named.get(state, successors[0])
    return state


def _following(state: str) -> set[str]:
    """Return every state that followed, at any remove."""
    if state not in dissolved_states():
        return set()
    successors = dissolved_states()[state].successors
    return {*successors, *(later for successor in successors for later in _following(successor))}
