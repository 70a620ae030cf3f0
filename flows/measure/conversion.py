"""Flows by product in another revision of the HS: bounds that hold, and estimates by weights."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from flows.canonical import exact_sum
from flows.errors import SchemaError
from flows.measure.checks import check_stated_once, rows_by_dataset
from flows.measure.relabelling import Goods, Labels, add_labelled, keep_scopes, read_goods
from flows.products import check_revision, codes_under, hs_links
from flows.results import Card, Result, print_count
from flows.table import COLUMNS, STATEMENT_KEY

Weights = Literal["equal", "none"]

_GIVEN = ("classification", "product", "into", "weight")
_CODE = ["classification", "code"]
_STATED = [name for name in STATEMENT_KEY if name not in {"product", "classification"}]
_TOLERANCE = 1e-9
"""By how much the weights of a code may differ from 1 together."""

_SHOWN = 8


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class ConvertedProducts(Result):
    """
    A table in one revision of the HS, with what is certain in it and what is not.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table in the revision ``to``. ``low``: goods that can only be of this code; ``high``:
        all that may be; ``value``: the estimate by the weights, missing where there is none. The
        column ``exact`` says that no code splits into the row: value and bounds are sums of
        what is stated. ``source_lines`` has the lines of all rows that may be in it.
    to : str
        The revision.
    weights : str
        What the estimates rest on.
    parts : pandas.DataFrame
        One row a row of the table as it stood and code that it may be of: ``code``, ``label`` (the
        code in ``to``), ``certain``, ``weight``, and ``into``, the row of ``table``.
    unweighted : pandas.DataFrame
        ``classification`` and ``code``: codes that split and have no weights.
    left_out : pandas.DataFrame
        Rows with another number of digits.
    shortened : int
        Rows whose national codes were cut to six digits.
    """

    natural_table = "table"

    table: pd.DataFrame
    to: str
    weights: str
    parts: pd.DataFrame
    unweighted: pd.DataFrame
    left_out: pd.DataFrame
    shortened: int

    def bounds(self, products: Iterable[str]) -> pd.DataFrame:
        """
        Return the bounds of several codes together, which are closer than the sums of theirs.

        Parameters
        ----------
        products : iterable of str
            Codes of the revision ``to``, such as all of a heading.

        Returns
        -------
        pandas.DataFrame
            ``low`` and ``high``, beside the columns that tell two statements about a pair and a
            time apart: a row each.

        Raises
        ------
        SchemaError
            If no row may be of a code.

        Notes
        -----
        What splits among codes that are all asked for is certain together, and counts once in
        ``high``.
        """
        wanted = set(products)
        lacking = sorted(wanted - set(self.parts["label"]))
        if lacking:
            raise SchemaError(
                f"expected codes of {self.to} in the table, found no {', '.join(lacking)}"
            )
        asked = self.parts.assign(asked=self.parts["label"].isin(wanted))
        inside = asked.groupby("row")["asked"]
        rows = asked.assign(some=inside.transform("any"), whole=inside.transform("all"))
        once = rows[rows["some"]].drop_duplicates("row")
        once = once.assign(low=once["low"].where(once["whole"], 0.0))
        groups = once.groupby(_STATED, sort=False)
        return groups[["low", "high"]].agg(math.fsum).reset_index()

    def summary(self) -> str:
        """
        Return what was done as text.

        Returns
        -------
        str
            Rows that are exact and that are not, the weights, codes without any, codes that end
            before the revision or begin after it and stay as they are, and rows left out.
        """
        exact = int(self.table["exact"].sum())
        ended = self.parts[self.parts["label"].str.contains(" of ")][_CODE].drop_duplicates()
        rows = f"{len(self.table)} rows, {exact} exact, {len(self.table) - exact} between bounds"
        lacking = f"without weights: {_listed(self.unweighted)}"
        lines = [
            f"{self.to}: {rows}",
            f"estimates by {self.weights}; {lacking}",
            f"no code in {self.to}: {_listed(ended)}",
            f"{len(self.left_out)} rows of other levels left out, {self.shortened} shortened",
        ]
        return "\n".join(lines)

    def _card(self) -> Card:
        exact = int(self.table["exact"].sum())
        return Card(
            title=f"products in {self.to}",
            facts=(
                ("table", f"{print_count(len(self.table), 'row')}, {exact} exact"),
                ("bounds", print_count(len(self.table) - exact, "row")),
                ("weights", self.weights),
                ("unweighted", print_count(len(self.unweighted), "code")),
                ("left out", f"{print_count(len(self.left_out), 'row')} of other levels"),
            ),
            rows=rows_by_dataset(self.table),
        )


def _listed(codes: pd.DataFrame) -> str:
    names = codes["classification"] + " " + codes["code"]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names.head(_SHOWN)) or 'none'}{more}"


def convert_products(
    table: pd.DataFrame,
    *,
    to: str,
    weights: Weights | pd.DataFrame,
    digits: int | None = None,
    shorten: bool = False,
) -> ConvertedProducts:
    """
    State flows by product in another revision of the HS, with bounds where codes split.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table with products of one or several revisions of the HS.
    to : str
        Revision, ``"HS2012"``.
    weights : {"equal", "none"} or pandas.DataFrame
        How a code that splits is divided, which has no default. A flow table in the revision
        ``to``: as the values of the codes in it, such as those of the first year that is reported
        in it. A frame of ``classification``, ``product``, ``into``, ``weight``: as it says, where
        the weights of a code add up to 1. ``"equal"``: equally. ``"none"``: no estimate.
    digits : int, optional
        Which level of the table counts, where it has several.
    shorten : bool
        Count codes of more than six digits by their first six.

    Returns
    -------
    ConvertedProducts
        Bounds stand in ``low`` and ``high`` of ``table``, where ``fl.series(..., bound="high")``
        finds them.

    Raises
    ------
    SchemaError
        If a code or a classification is not of the HS, weights are not of the revision, not of
        linked codes or do not add up.
    DoubleCountError
        If the table counts goods twice: several levels, two revisions of one time.
    ScopeError
        If rows that may belong into a row were filtered out.
    ValueError
        If the revision, or a word for weights, is unknown.

    Notes
    -----
    Over several revisions all ways between two codes are followed, so that a code that splits and
    comes together again is certain. Bounds say what the correlation tables do not exclude; they
    hold for each row by itself. Those of several rows together are closer than their sums
    (:meth:`~flows.measure.conversion.ConvertedProducts.bounds`), and those of a whole family are
    one number (:func:`flows.harmonise_products`). Columns that a data set has of its own, such as
    weights in kilograms, are not divided: they are empty where a row is made of several.

    Examples
    --------
    Purebred horses (010121) of 2017 were horses or asses in 1992:

    >>> import flows as fl
    >>> from flows.loaders.examples import example_path
    >>> trade = fl.load(example_path("comtrade_v1"))
    >>> result = fl.convert_products(trade, to="HS1992", weights="equal")
    >>> result.table[["product", "low", "value", "high", "exact"]].head(2)
      product  low   value    high  exact
    0  010111  0.0  625.25  1250.5  False
    1  010120  0.0  625.25  1250.5  False
    >>> result.bounds(["010111", "010120"])["low"].tolist()
    [1250.5]
    """
    goods = read_goods(table, digits=digits, shorten=shorten)
    links = _links(goods, check_revision(to, argument="to"))
    name, weighed = _weighted(links, weights, to, goods.digits)
    labels = Labels(weighed, to, f"{to} by {name}")
    keep_scopes(goods, labels, exact=False)
    made, parts = add_labelled(goods, labels)
    exact = parts.groupby("into")["certain"].all().reindex(range(len(made)), fill_value=True)
    unweighted = parts[parts["weight"].isna()][_CODE].drop_duplicates()
    return ConvertedProducts(
        table=made.assign(exact=exact.to_numpy()),
        to=to,
        weights=name,
        parts=parts,
        unweighted=unweighted.sort_values(_CODE, ignore_index=True),
        left_out=goods.left_out,
        shortened=goods.shortened,
    )


def _links(goods: Goods, to: str) -> pd.DataFrame:
    """Return the codes that each code may be in the revision; one that ends before it stays."""
    rows = [
        (revision, code, label)
        for revision, code in goods.codes().itertuples(index=False)
        for label in _reached(revision, code, to, goods.digits) or [f"{code} of {revision}"]
    ]
    links = pd.DataFrame(rows, columns=[*_CODE, "label"], dtype="str")
    return links.assign(certain=links.groupby(_CODE)["label"].transform("size").eq(1))


def _reached(revision: str, code: str, to: str, digits: int) -> list[str]:
    """Return the codes of the revision that may hold goods of a code."""
    links = hs_links(revision, to, digits)
    return sorted({label for known in codes_under(revision, code) for label in links[known]})


def _weighted(
    links: pd.DataFrame, weights: Weights | pd.DataFrame, to: str, digits: int
) -> tuple[str, pd.DataFrame]:
    """Return what weights rest on, and the links with them: 1 where there is no choice."""
    if isinstance(weights, pd.DataFrame):
        of_table = set(COLUMNS) <= set(weights.columns)
        name, split = (
            _as_in_table(links, weights, to, digits) if of_table else _as_given(links, weights)
        )
    elif weights == "equal":
        name, split = "equal weights", 1 / links.groupby(_CODE)["label"].transform("size")
    elif weights == "none":
        name, split = "no weights", pd.Series(np.nan, index=links.index)
    else:
        raise ValueError(f"weights: expected 'equal', 'none' or a table, found {weights!r}")
    return name, links.assign(weight=split.where(~links["certain"], 1.0))


def _as_in_table(
    links: pd.DataFrame, table: pd.DataFrame, to: str, digits: int
) -> tuple[str, pd.Series]:
    """Return the shares of the codes in what a table has in the revision."""
    rows = table[(table["classification"] == to) & (table["product"].str.len() == digits)]
    if rows.empty:
        found = ", ".join(sorted(table["classification"].unique())) or "no rows"
        raise SchemaError(
            f"weights: expected rows in {to} with {digits} digits, found {found}; take those of "
            "a year that is reported in it"
        )
    check_stated_once(rows)
    values = rows.groupby("product")["value"].agg(exact_sum)
    held = links["label"].map(values).fillna(0.0)
    whole = held.groupby([links[name] for name in _CODE]).transform("sum")
    source = ", ".join(sorted(rows["dataset"].unique()))
    name = f"values in {source}, {rows['start'].min():%Y}-{rows['end'].max():%Y}"
    return name, held / whole.where(whole > 0)


def _as_given(links: pd.DataFrame, given: pd.DataFrame) -> tuple[str, pd.Series]:
    """Return weights that somebody states."""
    missing = [name for name in _GIVEN if name not in given.columns]
    if missing:
        raise SchemaError(
            f"weights: expected a flow table or the columns {', '.join(_GIVEN)}, missing "
            f"{', '.join(missing)}"
        )
    stated = given[list(_GIVEN)].rename(columns={"product": "code", "into": "label"})
    _check_given(stated, links)
    both = links.merge(stated, how="left", on=[*_CODE, "label"])
    named = both.groupby(_CODE)["weight"].transform("count") > 0
    weight = both["weight"].where(~named, both["weight"].fillna(0.0))
    return "weights as given", pd.Series(weight.to_numpy(), index=links.index)


def _check_given(stated: pd.DataFrame, links: pd.DataFrame) -> None:
    key = [*_CODE, "label"]
    if stated.duplicated(key).any() or not (stated["weight"] >= 0).all():
        raise SchemaError("weights: expected one weight a pair of codes, 0 or more")
    codes = stated.merge(links[_CODE].drop_duplicates(), on=_CODE)
    linked = codes.merge(links, on=key, how="left", indicator=True)
    odd = linked[linked["_merge"] == "left_only"]
    if len(odd):
        first = odd.iloc[0]
        raise SchemaError(
            f"weights: {first['classification']} {first['code']} has no goods in common with "
            f"{first['label']}"
        )
    sums = codes.groupby(_CODE)["weight"].sum()
    off = sums[(sums - 1).abs() > _TOLERANCE]
    if len(off):
        raise SchemaError(
            f"weights: expected weights of a code that add up to 1, found {off.iloc[0]:g} of "
            f"{' '.join(off.index[0])}"
        )
