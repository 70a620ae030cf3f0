"""Families of HS codes: what goods of one code can have become, over several revisions, exactly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

import pandas as pd

from flows.errors import LayoutError, unknown_name
from flows.products import (
    HS_DIGITS,
    REVISIONS,
    check_revision,
    codes_under,
    hs_codes,
    hs_steps,
    no_code,
)
from flows.results import Card, Result

LEVELS = (2, 4, HS_DIGITS)
"""Digits of what all countries share: chapters, headings, subheadings."""

_SHOWN = 5

Node = tuple[str, str]
"""A revision and one of its codes."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class ProductFamilies(Result):
    """
    Codes of several revisions of the HS, put together so that no goods leave their family.

    Parameters
    ----------
    first, last : str
        First and last revision, those between included.
    digits : int
        2, 4 or 6: families of chapters, of headings or of subheadings.
    without : Mapping
        Revision to the beginnings of codes that are in no family with other headings, as stated.
    together : tuple of str
        Beginnings of codes that are counted as one.
    frame : pandas.DataFrame
        One row a code: ``family``, ``classification``, ``product``, in this order.
    """

    natural_table = "frame"

    first: str
    last: str
    digits: int
    without: Mapping[str, tuple[str, ...]]
    together: tuple[str, ...]
    frame: pd.DataFrame
    _names: Mapping[Node, str] = field(repr=False)

    @property
    def classification(self) -> str:
        """Name of the families as a classification of products."""
        left = ", ".join(f"{name} {' '.join(codes)}" for name, codes in self.without.items())
        return (
            f"{self.first}-{self.last}"
            + (f" with {' '.join(self.together)} together" if self.together else "")
            + (f" without {left}" if left else "")
        )

    def family_of(self, product: str, *, classification: str) -> str:
        """
        Return the family that a code is in.

        Parameters
        ----------
        product : str
            Code with as many digits as the families.
        classification : str
            Its revision, ``"HS2007"``.

        Returns
        -------
        str
            The code itself where it is the only one in all revisions; otherwise the smallest code
            that the family has in the last revision, and the number of others: ``"271012+2"``.
            ``"300219 until HS2017"`` has no successor, ``"... from HS2022"`` nothing before it.

        Raises
        ------
        LayoutError
            If the revision has no such code, or is not one of them.
        """
        if fault := self._fault(product, classification):
            raise LayoutError(fault)
        codes = codes_under(classification, product)
        names = sorted({self._names[classification, code] for code in codes})
        if len(names) > 1:
            raise LayoutError(
                f"{product!r} of {classification} is all of heading {product[:4]}, found in "
                f"{len(names)} families ({', '.join(names)}); count them as one, "
                f"together=[{product[:4]!r}]"
            )
        return names[0]

    def _fault(self, product: str, classification: str) -> str:
        if not self.first <= classification <= self.last or classification not in REVISIONS:
            return f"expected a revision from {self.first} to {self.last}, found {classification!r}"
        if len(product) != self.digits:
            return f"expected a code of {self.digits} digits, found {product!r}"
        return "" if codes_under(classification, product) else no_code(classification, product)

    def codes(self, family: str) -> pd.DataFrame:
        """
        Return the codes of a family.

        Parameters
        ----------
        family : str
            Its name.

        Returns
        -------
        pandas.DataFrame
            ``classification`` and ``product``, in the order of the revisions.

        Raises
        ------
        UnknownNameError
            If there is no such family.
        """
        rows = self.frame[self.frame["family"] == family]
        if rows.empty:
            raise unknown_name("family", family, self.frame["family"].unique())
        return rows[["classification", "product"]].reset_index(drop=True)

    def summary(self) -> str:
        """
        Say how many families there are, and which are the largest.

        Returns
        -------
        str
            One line for all, one for each of the largest.
        """
        sizes = self.frame["family"].value_counts().sort_index()
        alone = sum(name.isdigit() for name in sizes.index)
        head = (
            f"{self.classification}, {self.digits} digits: {len(sizes)} families of "
            f"{len(self.frame)} codes; {alone} are one code throughout"
        )
        largest = sizes.sort_values(ascending=False, kind="stable").head(_SHOWN)
        lines = [
            f"{family}: {size} codes of chapters {self._chapters(str(family))}"
            for family, size in largest.items()
        ]
        return "\n".join([head, *lines])

    def _chapters(self, family: str) -> str:
        chapters = sorted(set(self.codes(family)["product"].str[:2]))
        more = f" and {len(chapters) - _SHOWN} more" if len(chapters) > _SHOWN else ""
        return f"{', '.join(chapters[:_SHOWN])}{more}"

    def _card(self) -> Card:
        head, *largest = self.summary().splitlines()
        _, _, counts = head.partition(": ")
        return Card(
            title=f"{self.classification}, {self.digits} digits",
            facts=(("families", counts), *((line.partition(": ")[::2]) for line in largest[:3])),
        )


def product_families(
    first: str,
    last: str,
    *,
    digits: int = HS_DIGITS,
    without: Mapping[str, Sequence[str]] | None = None,
    together: Sequence[str] = (),
) -> ProductFamilies:
    """
    Return the families of HS codes that never split between two revisions.

    Two codes are in one family if the United Nations' correlation tables link them, directly or
    over others: some goods of the one are goods of the other in the next revision. The sum over a
    family is of the same goods in every revision, without any assumption.

    Parameters
    ----------
    first, last : str
        Revisions, ``"HS1992"`` to ``"HS2022"``; all between them are included.
    digits : int
        2, 4 or 6: families of chapters, headings or subheadings.
    without : Mapping, optional
        Revision to beginnings of its codes, ``{"HS2022": ["8524", "8529", "8541", "8549"]}``: the
        links of these codes to other headings of the revision before are left out. It is an
        assumption that these goods are few; what moved is then missing from one family and new in
        another. It is in the name of the classification.
    together : sequence of str
        Beginnings of codes, ``["2710"]``, whose families are put into one. The sums stay exact.

    Returns
    -------
    ProductFamilies
        ``frame`` has a row a code.

    Raises
    ------
    ValueError
        If a revision is unknown, ``first`` is not before ``last``, ``digits`` is none of the three,
        or ``without`` or ``together`` names a code or revision that is not there.

    Notes
    -----
    Families grow with every revision. HS2022 took waste (8549), displays (8524) and parts of them
    (8529) and sensors (8541) out of about a thousand codes of machines and instruments, which the
    tables list one by one: across 2022 they are one family, unless ``without`` leaves the four out.
    Bounds and weights for single codes are those of :func:`flows.convert_products`.

    Examples
    --------
    >>> import flows as fl
    >>> families = fl.product_families("HS2007", "HS2012")
    >>> families.family_of("271011", classification="HS2007")
    '271012+3'
    >>> families.codes("271012+3")["product"].tolist()
    ['271011', '271019', '271012', '271019', '271020']
    >>> families.family_of("271121", classification="HS2007")
    '271121'
    """
    revisions = _revisions(first, last)
    if digits not in LEVELS:
        raise ValueError(f"digits: expected 2, 4 or 6, found {digits!r}")
    left = {name: tuple(sorted(codes)) for name, codes in sorted((without or {}).items())}
    _check_without(left, revisions)
    joined = tuple(sorted(set(together)))
    names = _named(revisions, digits, tuple(left.items()), joined)
    rows = sorted((name, *node) for node, name in names.items())
    frame = pd.DataFrame(rows, columns=["family", "classification", "product"], dtype="str")
    return ProductFamilies(first, last, digits, left, joined, frame, names)


@cache
def _named(
    revisions: tuple[str, ...],
    digits: int,
    without: tuple[tuple[str, tuple[str, ...]], ...],
    together: tuple[str, ...],
) -> Mapping[Node, str]:
    """Return the name of the family of every code."""
    left = dict(without)
    links = [
        ((earlier, code[:digits]), (later, successor[:digits]))
        for earlier, later in pairwise(revisions)
        for code, successor in hs_steps()[earlier, later]
        if code[:4] == successor[:4] or not successor.startswith(left.get(later, ("-",)))
    ]
    nodes = [(name, code) for name in revisions for code in sorted(hs_codes(name, digits))]
    links += [link for start in together for link in _links_of_one(nodes, start)]
    return {
        node: name
        for members in connected(nodes, links)
        for name in [_name(members, revisions)]
        for node in members
    }


def _links_of_one(nodes: Sequence[Node], start: str) -> list[tuple[Node, Node]]:
    """Return links among all codes that begin so."""
    members = [node for node in nodes if node[1].startswith(start)]
    if not members or not start:
        raise ValueError(f"together: no revision has a code that begins with {start!r}")
    return [(members[0], member) for member in members]


def connected(nodes: Sequence[Node], links: Sequence[tuple[Node, Node]]) -> list[list[Node]]:
    """Return the nodes that links join, in the order in which they come."""
    above: dict[Node, Node] = {node: node for node in nodes}

    def top(node: Node) -> Node:
        while above[node] != node:
            above[node] = above[above[node]]
            node = above[node]
        return node

    for one, other in links:
        above[top(other)] = top(one)
    groups: dict[Node, list[Node]] = {}
    for node in nodes:
        groups.setdefault(top(node), []).append(node)
    return list(groups.values())


def _revisions(first: str, last: str) -> tuple[str, ...]:
    begin = REVISIONS.index(check_revision(first, argument="first"))
    end = REVISIONS.index(check_revision(last, argument="last"))
    if begin >= end:
        raise ValueError(f"expected first before last, found first={first!r} and last={last!r}")
    return REVISIONS[begin : end + 1]


def _check_without(without: Mapping[str, tuple[str, ...]], revisions: tuple[str, ...]) -> None:
    for name, codes in without.items():
        if name not in revisions[1:]:
            raise ValueError(
                f"without: expected revisions that codes can come new into, "
                f"{', '.join(revisions[1:])}, found {name!r}"
            )
        for code in codes:
            if not any(known.startswith(code) for known in hs_codes(name)) or not code:
                raise ValueError(f"without: {name} has no code that begins with {code!r}")


def _name(members: list[Node], revisions: tuple[str, ...]) -> str:
    """Return the smallest code of the last revision, and how many other codes there are."""
    there = {revision for revision, _ in members}
    latest = next(name for name in reversed(revisions) if name in there)
    smallest = min(code for revision, code in members if revision == latest)
    others = {code for _, code in members} - {smallest}
    name = f"{smallest}+{len(others)}" if others else smallest
    if latest != revisions[-1]:
        return f"{name} until {latest}"
    earliest = next(revision for revision in revisions if revision in there)
    return name if earliest == revisions[0] else f"{name} from {earliest}"
