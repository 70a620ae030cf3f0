"""Where one pair stands among all others."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from flows.countries import country_name
from flows.errors import SchemaError
from flows.models.sample import FloatArray
from flows.results import (
    Card,
    DrawingCall,
    Drawn,
    print_estimate,
    print_percent,
    print_with_unit,
)
from flows.table import TIV

_MILLION = 1e6


class Measured(NamedTuple):
    """A column of a screen that pairs are compared by: what it is called, and its unit."""

    column: str
    words: str
    unit: str


MEASURED = (
    Measured("latest", "value in {last}", "amount"),
    Measured("log_growth_pct", "growth", "% a year"),
    Measured("poisson_growth_pct", "growth of the mean (Poisson)", "% a year"),
    Measured("import_share", "share of the imports of {importer}", "share"),
    Measured("export_share", "share of the exports of {exporter}", "share"),
    Measured("asymmetry", "report of {importer} by that of {exporter}", "ratio"),
)
"""Measures in the order in which they are shown."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Standing(Drawn):
    """
    Where one pair stands among all series of a screen, by each measure.

    Parameters
    ----------
    exporter, importer, reporter : str
        Codes of the pair, and of who states it.
    product : str or None
        Code, where each product is a series.
    frame : pandas.DataFrame
        One row a measure and group: ``measure`` (a column of the screen), ``words``, ``value`` of
        the pair and its ``unit``; ``among`` whom, ``others`` (how many series are compared with),
        ``rank`` (1 is the largest) and ``percentile``: of the others, the share in percent that is
        smaller, equal ones counted half. Missing where nothing was measured or there are no others.
    unit : str
        Of amounts.
    """

    natural_table = "frame"

    exporter: str
    importer: str
    reporter: str
    product: str | None
    frame: pd.DataFrame
    unit: str

    def drawing(self) -> DrawingCall:
        """
        Return the percentile of each measure, a mark a group.

        Returns
        -------
        DrawingCall
            For :func:`flows.figures.draw_standing`.

        Raises
        ------
        SchemaError
            If there is nobody to compare with.
        """
        drawn = self.frame[self.frame["percentile"].notna()]
        if drawn.empty:
            raise SchemaError(f"{self._pair}: expected others to compare with, found none")
        printed = [
            f"{row['words']}: {_print(row['value'], row['unit'], self.unit)}"
            for _, row in drawn.iterrows()
        ]
        data = drawn[["among", "others", "percentile"]].assign(measure=printed)
        return DrawingCall("draw_standing", data, {"pair": self._pair})

    @property
    def _pair(self) -> str:
        return f"{country_name(self.exporter)} to {country_name(self.importer)}"

    def _card(self) -> Card:
        everybody = self.frame[self.frame["among"] == ALL]
        return Card(
            title=f"of {self._pair}, as {self.reporter} states it",
            facts=tuple(
                (row["words"], self._in_words(row))
                for _, row in everybody.iterrows()
                if np.isfinite(row["value"])
            )[:5],
            more=tuple(
                (f"{row['words']}, {row['among']}", self._in_words(row))
                for _, row in self.frame[self.frame["among"] != ALL].iterrows()
                if np.isfinite(row["value"])
            ),
        )

    def _in_words(self, row: pd.Series) -> str:
        value = _print(row["value"], row["unit"], self.unit)
        if pd.isna(row["percentile"]):
            return f"{value}, with nobody to compare"
        place = f"rank {row['rank']:.0f} of {row['others'] + 1:.0f}"
        return f"{value}: {place}, percentile {row['percentile']:.0f}"


ALL = "all pairs"


def place_pair(
    series: pd.DataFrame,
    *,
    exporter: str,
    importer: str,
    reporter: str | None,
    product: str | None,
    unit: str,
) -> Standing:
    """Return where a pair stands among the series of a screen."""
    own = _own(series, exporter, importer, reporter, product)
    alike = series[series["voice"] == own["voice"]]
    if "product" in series.columns:
        alike = alike[alike["product"] == own["product"]]
    groups = {
        ALL: alike,
        f"suppliers of {country_name(importer)}": alike[alike["importer"] == importer],
        f"customers of {country_name(exporter)}": alike[alike["exporter"] == exporter],
    }
    rows = [
        {
            "measure": measured.column,
            "words": measured.words.format(
                last=series["last"].max(),
                exporter=country_name(exporter),
                importer=country_name(importer),
            ),
            "value": own[measured.column],
            "unit": measured.unit,
            "among": among,
            **_place(group[measured.column].to_numpy(dtype=np.float64), own[measured.column]),
        }
        for measured in MEASURED
        if measured.column in series.columns
        for among, group in groups.items()
    ]
    return Standing(
        exporter=exporter,
        importer=importer,
        reporter=str(own["reporter"]),
        product=str(own["product"]) if "product" in series.columns else None,
        frame=pd.DataFrame(rows),
        unit=unit,
    )


def _own(
    series: pd.DataFrame,
    exporter: str,
    importer: str,
    reporter: str | None,
    product: str | None,
) -> pd.Series:
    """Return the one row of the pair, or say what else has to be named."""
    wanted = {
        "exporter": exporter,
        "importer": importer,
        "reporter": reporter,
        "product": product,
    }
    rows = series
    for column, code in wanted.items():
        if code is not None and column in rows.columns:
            rows = rows[rows[column] == code]
    if rows.empty:
        named = ", ".join(f"{column} {code}" for column, code in wanted.items() if code)
        raise SchemaError(f"expected a series of {named}, found none in this screen")
    if len(rows) > 1:
        column = "reporter" if len(set(rows["reporter"])) > 1 else "product"
        codes = ", ".join(sorted(map(repr, rows[column].unique()))[:5])
        raise SchemaError(
            f"{exporter} to {importer}: expected one series, found {len(rows)}; name one by "
            f"{column}=, such as {codes}"
        )
    return rows.iloc[0]


def _place(values: FloatArray, own: float) -> dict[str, float]:
    """Return how many others there are, and the place among them."""
    known = values[np.isfinite(values)]
    others = len(known) - 1
    if not np.isfinite(own) or others < 1:
        return {"others": max(others, 0), "rank": np.nan, "percentile": np.nan}
    below, equal = int((known < own).sum()), int((known == own).sum()) - 1
    return {
        "others": others,
        "rank": float(1 + others - below - equal),
        "percentile": 100 * (below + equal / 2) / others,
    }


def _print(value: float, unit: str, amounts: str) -> str:
    match unit:
        case "amount" if amounts == TIV or abs(value) < _MILLION:
            return print_with_unit(print_estimate(value), amounts)
        case "amount":
            return print_with_unit(print_estimate(value / _MILLION), f"{amounts} million")
        case "share":
            return print_percent(value)
        case "% a year":
            return f"{print_percent(value / 100)} a year"
    return print_estimate(value)
