"""Figures of the profile of a pair."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from flows.findings import Figure
from flows.periods import calendar_year
from flows.studies.dyad_exhibits import MILLION, UNITS, union_of
from flows.studies.dyad_statements import Statement


def level_figures(statements: Sequence[Statement], *, name: str) -> Iterator[Figure]:
    """
    Yield the figure of each flow and unit: units never share an axis.

    Parameters
    ----------
    statements : sequence of Statement
        All of a pair.
    name : str
        First part of the ids.

    Yields
    ------
    Figure
        Drawn by ``draw_trend``, without trends: one line a statement, by year.

    Raises
    ------
    CountryError
        If a code has no name.
    """
    for flow in dict.fromkeys(one.title for one in statements):
        for unit in dict.fromkeys(one.unit for one in statements if one.title == flow):
            shown = [
                one
                for one in statements
                if (one.title, one.unit) == (flow, unit) and (one.years > 0).any()
            ]
            if not shown:
                continue
            yield Figure(
                id=f"{name}-{shown[0].exporter.lower()}-{unit.lower()}",
                draw="draw_trend",
                data=pd.concat([_levels(one, shown) for one in shown], ignore_index=True),
                options={"unit_label": f"{flow}, {UNITS[unit]} a year, log scale"},
                caption=f"{flow} by year as each statement has it, {UNITS[unit]}.",
                source=f"Source: {', '.join(dict.fromkeys(one.dataset for one in shown))}.",
                rows=union_of(one.lines for one in shown),
            )


def ratio_figure(frame: pd.DataFrame, *, names: tuple[str, str], name: str) -> Figure:
    """
    Return the figure of the asymmetry, one pair of statements a flow.

    Parameters
    ----------
    frame : pandas.DataFrame
        Of :func:`flows.studies.dyad_balance.asymmetry_table`, not empty.
    names : tuple of str
        Names of the two countries.
    name : str
        First part of the id.

    Returns
    -------
    Figure
        Drawn by ``draw_mirror_ratio``.

    Raises
    ------
    KeyError
        If a column is missing.
    """
    by_origin = frame[~frame["importer_says"].str.endswith("consignment")]
    one_each = by_origin.drop_duplicates(["flow", "year"])
    return Figure(
        id=f"{name}-ratio",
        draw="draw_mirror_ratio",
        data=one_each.rename(columns={"year": "period"})[
            ["period", "flow", "ratio", "low", "high"]
        ].assign(odd=False),
        options={"exporter": names[0], "importer": names[1]},
        caption="The importer's statement divided by the exporter's.",
        source=f"Source: {', '.join(sorted(union_of(one_each['rows'])))}.",
        rows=union_of(one_each["rows"]),
    )


def _levels(one: Statement, shown: Sequence[Statement]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "date": [_first_day(one, year) for year in one.years.index],
            "series": _label(one, shown),
            "value": one.years.to_numpy() / MILLION[one.unit],
            **dict.fromkeys(("fitted", "fitted_low", "fitted_high"), np.nan),
        }
    )


def _first_day(one: Statement, year: object) -> pd.Timestamp:
    return pd.Timestamp(calendar_year(int(str(year)), calendar=one.calendar).start)


def _label(one: Statement, shown: Sequence[Statement]) -> str:
    """Return a name for a line: the vintage is named where a source has several."""
    source = one.dataset.partition("@")[0]
    vintages = {other.dataset for other in shown if other.dataset.startswith(f"{source}@")}
    words = [one.dataset if len(vintages) > 1 else source, one.partner_basis]
    alike = [other for other in shown if (other.dataset, other.says) == (one.dataset, one.says)]
    if len({other.partner_basis for other in alike}) < len(alike):
        words += [one.classification, one.valuation, one.coverage]
    return f"{one.says}, {', '.join(word for word in words if word)}"
