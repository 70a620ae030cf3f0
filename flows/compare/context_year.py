"""All flows of one year with what gravity explains them by, zeros included."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.canonical import exact_sum
from flows.countries import country_name
from flows.errors import SampleError, SchemaError, ScopeError
from flows.geography import check_covariates, missing_pairs
from flows.measure.checks import check_span
from flows.measure.pair_years import PAIR, PairSelection, in_window
from flows.models.gravity.effects import effect_of
from flows.models.gravity.left_out import Flows
from flows.models.gravity.panel import GravityPanel, gravity_panel
from flows.results import print_count
from flows.scope import SIDES, Scope, check_all_there, scope_of
from flows.table import where

BORDER = "border"
"""Covariate that is 1 between countries that share a land border."""

_LOST = 0.05
"""Part of the year's trade that may lack regressors: a country's effect is of all its trade."""

_LEAST_SHOWN = 1e-4
_SHOWN = 5


@dataclass(frozen=True, slots=True, eq=False)
class YearFlows:
    """
    The flows of a year.

    ``frame``: one row a pair of countries in each direction, sorted: ``exporter``, ``importer``,
    ``value``, the regressors, and ``border``, missing where it is not known; ``regressors``: their
    names; ``unit``: of the values; ``left_out``: what is not there, in words.
    """

    frame: pd.DataFrame
    regressors: tuple[str, ...]
    unit: str
    left_out: pd.Series

    def as_flows(self) -> Flows:
        """Return them as a model takes them."""
        return Flows(
            x=self.frame[list(self.regressors)].to_numpy(dtype="float64"),
            names=self.regressors,
            y=self.frame["value"].to_numpy(dtype="float64"),
            exporters=effect_of(self.frame, ["exporter"]),
            importers=effect_of(self.frame, ["importer"]),
        )

    def place_of(self, exporter: str, importer: str) -> int:
        """Return the row of a flow."""
        there = (self.frame["exporter"] == exporter) & (self.frame["importer"] == importer)
        return int(np.flatnonzero(there)[0])


def year_flows(
    table: pd.DataFrame,
    covariates: pd.DataFrame,
    *,
    regressors: Sequence[str],
    exporter: str,
    importer: str,
    year: int,
) -> YearFlows:
    """Return all flows of a year with their regressors; the one asked for has to be there."""
    check_span(table, start=year, end=year)
    rows = in_window(table, year, year)
    _check_world(rows, year)
    _check_traded(rows, exporter, importer, year)
    facts = _of_year(check_covariates(covariates), year)
    selection = PairSelection(year, year, "gregorian", "zero", None, {})
    panel = gravity_panel(
        rows, facts, regressors, selection=selection, domestic=None, missing="leave out"
    )
    frame = panel.frame
    if BORDER not in frame:
        known = facts[[*PAIR, BORDER]] if BORDER in facts else facts[PAIR].assign(border=np.nan)
        frame = frame.merge(known, on=PAIR, how="left")
    return YearFlows(
        frame=frame.drop(columns="year"),
        regressors=panel.covariates,
        unit=panel.unit,
        left_out=_left_out(panel, rows, facts, (exporter, importer)),
    )


def _check_world(rows: pd.DataFrame, year: int) -> None:
    """Check that the rows are the trade of all pairs of countries."""
    for dataset, part in rows.groupby("dataset", sort=True):
        scope = scope_of(str(dataset)) or Scope()
        if scope.partners == "all" and all(scope.countries.get(of, ()) is None for of in SIDES):
            continue
        raise ScopeError(
            f"{dataset}: expected the trade of all pairs of countries in {year}, found "
            f"{_held(scope)} ({where(part.head(_SHOWN))}): the effect of a country is of all its "
            "trade. Hand in a table of the world, such as BACI's sums by exporter, importer and "
            "year; tables of single reporters are mirrors="
        )
    check_all_there(
        rows,
        needed=lambda entries: (
            (entries["start"].dt.year <= year) & (entries["end"].dt.year >= year)
        ),
        instead="name the flow by exporter=, importer= and year=",
    )


def _held(scope: Scope) -> str:
    if scope.partners != "all":
        return f"a table of partners that are {scope.partners}"
    named = sorted({code for of in SIDES for code in scope.countries.get(of) or ()})
    others = " and others" if len(named) > _SHOWN else ""
    return f"that of {', '.join(named[:_SHOWN])}{others} alone"


def _check_traded(rows: pd.DataFrame, exporter: str, importer: str, year: int) -> None:
    """Check that the flow is between two countries, of which the table has trade."""
    if exporter == importer:
        raise ValueError(f"expected a flow between two countries, found {exporter} twice")
    for side, code in (("exporter", exporter), ("importer", importer)):
        name = country_name(code)
        if not rows.loc[rows[side] == code, "value"].sum() > 0:
            raise SchemaError(
                f"{side}: expected a country with {side[:-2]}ts in {year}, found none of {code} "
                f"({name}) in {rows['dataset'].iloc[0]}: nothing says how much it trades"
            )


def _of_year(covariates: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return the covariates of a year."""
    if "year" not in covariates:
        return covariates
    found = covariates[covariates["year"] == year]
    if found.empty:
        raise SchemaError(
            f"covariates: expected rows of {year}, found years from {covariates['year'].min()} to "
            f"{covariates['year'].max()}"
        )
    return found


def _left_out(
    panel: GravityPanel, rows: pd.DataFrame, facts: pd.DataFrame, pair: tuple[str, str]
) -> pd.Series:
    """Say which flows lack a regressor; neither the one asked for nor much of the trade may."""
    lost = panel.left_out.index.to_frame(index=False)
    if lost.empty:
        return pd.Series(dtype="str", name="left_out")
    known = pd.concat([panel.frame[PAIR], lost[PAIR]]).merge(facts, on=PAIR, how="left")
    words = "; ".join(
        f"{name} of {missing_pairs(known, name)}"
        for name in panel.covariates
        if known[name].isna().any()
    )
    if (lost[PAIR] == list(pair)).all(axis=1).any():
        raise SampleError(
            f"{' to '.join(pair)}: expected every regressor of the two, found none: missing is "
            f"{words}; hand in covariates= that have it"
        )
    share = 1 - exact_sum(panel.frame["value"]) / exact_sum(rows["value"])
    if share > _LOST:
        raise SampleError(
            f"expected regressors of nearly all trade, found none for {share:.0%} of it: missing "
            f"is {words}; the effect of a country is of all its trade: add the figures"
        )
    part = f"{share:.2%}" if share >= _LEAST_SHOWN else f"less than {_LEAST_SHOWN:.2%}"
    said = f"{print_count(len(lost), 'flow')} with {part} of all trade, for lack of {words}"
    return pd.Series({"covariates": said}, dtype="str", name="left_out")
