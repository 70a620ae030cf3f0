"""Flows by product over several revisions of the HS, added up by families of codes: exact."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from flows.measure.checks import rows_by_dataset
from flows.measure.families import ProductFamilies, product_families
from flows.measure.relabelling import Goods, Labels, add_labelled, keep_scopes, read_goods
from flows.products import codes_under
from flows.results import Card, Result, print_count

_SHOWN = 8


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class HarmonisedProducts(Result):
    """
    A table whose products mean the same in every year, and everything that this changed.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table: ``product`` is a family, ``classification`` the span of revisions, ``dataset``
        says that its rows were made. The column ``source_lines`` has the lines of all rows that are
        in a sum, ``line`` that of the first.
    families : ProductFamilies
        Which codes each family has.
    combined : pandas.DataFrame
        The rows that became one with others, as they stood; ``into`` is the row of ``table``.
    unseen : pandas.DataFrame
        ``family``, ``classification``, ``product``: codes of families that are there which no row
        of that revision has. They had no trade, or nobody asked for them: the table does not say.
    left_out : pandas.DataFrame
        Rows with another number of digits.
    shortened : int
        Rows whose national codes were cut to six digits.
    """

    natural_table = "table"

    table: pd.DataFrame
    families: ProductFamilies
    combined: pd.DataFrame
    unseen: pd.DataFrame
    left_out: pd.DataFrame
    shortened: int

    def summary(self) -> str:
        """
        Return what was done as text.

        Returns
        -------
        str
            The families, the rows combined, left out and shortened, the codes without a row, and
            the families that end or begin within the span.
        """
        products = sorted(self.table["product"].unique())
        unseen = self.unseen["classification"] + " " + self.unseen["product"]
        lines = [
            self._counted(len(products)),
            f"{len(self.left_out)} rows of other levels left out, {self.shortened} shortened",
            f"codes of these families without a row: {_listed(unseen)}",
            f"not in all revisions: {_listed(pd.Series(list(filter(_is_open, products))))}",
        ]
        return "\n".join(lines)

    def _counted(self, products: int) -> str:
        return (
            f"{self.families.classification}, {self.families.digits} digits: {len(self.table)} "
            f"rows of {products} products; {len(self.combined)} rows combined into "
            f"{self.combined['into'].nunique()}"
        )

    def _card(self) -> Card:
        span = f"{self.families.classification}, {self.families.digits} digits"
        into = self.combined["into"].nunique()
        return Card(
            title=f"products over {span}",
            facts=(
                ("table", print_count(len(self.table), "row")),
                ("products", str(self.table["product"].nunique())),
                ("combined", f"{print_count(len(self.combined), 'row')} into {into}"),
                ("unseen", print_count(len(self.unseen), "code") + " without a row"),
                ("left out", f"{print_count(len(self.left_out), 'row')} of other levels"),
            ),
            rows=rows_by_dataset(self.table),
        )


def harmonise_products(
    table: pd.DataFrame,
    *,
    first: str | None = None,
    last: str | None = None,
    digits: int | None = None,
    without: Mapping[str, Sequence[str]] | None = None,
    together: Sequence[str] = (),
    shorten: bool = False,
) -> HarmonisedProducts:
    """
    Add flows up by families of HS codes, so that a product is the same goods in every year.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table with products of one or several revisions of the HS, such as UN Comtrade's over
        many years, or BACI of two editions. Rows of all products (``TOTAL``) stay.
    first, last : str, optional
        Revisions between which a product has to mean the same, ``"HS1992"``; by default the first
        and the last that the table has.
    digits : int, optional
        Which level of the table counts, where it has several: each counts the same goods again.
    without : Mapping, optional
        As in :func:`flows.product_families`: links that are left out as an assumption.
    together : sequence of str
        As there: beginnings of codes that are counted as one. BACI's ``271000``, which is all of
        heading 2710, puts its families together by itself.
    shorten : bool
        Count codes of more than six digits by their first six.

    Returns
    -------
    HarmonisedProducts
        ``table`` goes into every measure: ``fl.series(result.table, product="271012+3", ...)``.

    Raises
    ------
    SchemaError
        If a code is not one of its revision (all are named, with the revision that has it), a
        classification is not a revision of the HS or has no year, or codes have more than six
        digits and ``shorten`` is not asked for.
    DoubleCountError
        If the table has several levels, one flow of one time in two revisions, or a code beside
        those that it is divided into.
    ScopeError
        If rows that belong into a sum were filtered out, or a source lists the largest partners of
        each product only.
    ValueError
        If the revisions are unknown, not in order, or the table has one and no other is named.

    Notes
    -----
    Sums over families are exact: no weight, no assumption (but those of ``without``). Values,
    bounds and printed totals are added up; a printed total of a family is there where every code
    with rows has one. Other columns, such as weights, stay where all rows of a sum agree.

    Examples
    --------
    >>> import flows as fl
    >>> from flows.loaders.examples import example_path
    >>> trade = fl.load(example_path("comtrade_v1"))
    >>> result = fl.harmonise_products(trade, first="HS1992")
    >>> horses = result.table.iloc[0]
    >>> horses["product"], horses["classification"], float(horses["value"])
    ('010121+7', 'HS1992-HS2017', 1250.5)
    >>> print(result.summary())
    HS1992-HS2017, 6 digits: 3 rows of 2 products; 0 rows combined into 0
    0 rows of other levels left out, 0 shortened
    codes of these families without a row: HS2017 010129, HS2017 010130, HS2017 010190
    not in all revisions: none
    """
    goods = read_goods(table, digits=digits, shorten=shorten)
    first, last = _span(goods.revisions, first, last)
    families = product_families(
        first, last, digits=goods.digits, without=without, together=together
    )
    codes = goods.codes()
    if split := _split_headings(codes, families):
        families = product_families(
            first, last, digits=goods.digits, without=without, together=[*together, *split]
        )
    names = [
        families.family_of(code, classification=revision)
        for revision, code in codes.itertuples(index=False)
    ]
    labels = Labels(codes.assign(label=names), families.classification, families.classification)
    keep_scopes(goods, labels, exact=True)
    made, parts = add_labelled(goods, labels)
    several = parts["into"].duplicated(keep=False)
    return HarmonisedProducts(
        table=made,
        families=families,
        combined=parts[several].drop(columns=["code", "label"]),
        unseen=_unseen(goods, families),
        left_out=goods.left_out,
        shortened=goods.shortened,
    )


def _span(there: list[str], first: str | None, last: str | None) -> tuple[str, str]:
    """Return the revisions to harmonise between, which hold those of the table."""
    span = first or there[0], last or there[-1]
    if span[0] == span[1]:
        raise ValueError(
            f"expected products of several revisions, found {span[0]} alone: nothing changes "
            "within one; name the other, first= or last="
        )
    outside = [name for name in there if not span[0] <= name <= span[1]]
    if outside:
        raise ValueError(
            f"expected revisions from {span[0]} to {span[1]}, found rows of {', '.join(outside)}; "
            "name a wider span"
        )
    return span


def _split_headings(codes: pd.DataFrame, families: ProductFamilies) -> list[str]:
    """Return headings that have one code in the table, and codes in several families."""
    headings = {
        code[:4]
        for revision, code in codes.itertuples(index=False)
        if len(codes_under(revision, code)) > 1
    }
    frame = families.frame
    return sorted(
        heading
        for heading in headings
        if len(frame["family"][frame["product"].str.startswith(heading)].unique()) > 1
    )


def _unseen(goods: Goods, families: ProductFamilies) -> pd.DataFrame:
    """Return codes of the families that are there of which a revision that is there has no row."""
    held = [
        (revision, known)
        for revision, code in goods.seen().itertuples(index=False)
        for known in sorted(codes_under(revision, code))
    ]
    there = pd.DataFrame(held, columns=["classification", "product"], dtype="str")
    of_table = families.frame[families.frame["classification"].isin(goods.revisions)]
    both = of_table.merge(there.drop_duplicates(), how="left", indicator=True)
    is_there = both["_merge"] == "both"
    lacking = both["family"].isin(both["family"][is_there]) & ~is_there
    return both[lacking].drop(columns="_merge").reset_index(drop=True)


def _is_open(family: str) -> bool:
    """Say whether a family ends or begins within the span."""
    return " until " in family or " from " in family


def _listed(names: pd.Series) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names.head(_SHOWN)) or 'none'}{more}"
