"""Families of HS codes: nothing leaves one, none is larger than it has to be, names are stable."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import flows as fl
from flows.errors import LayoutError, UnknownNameError
from flows.measure.families import Node, ProductFamilies, connected
from flows.products import REVISIONS, hs_codes, hs_steps

MANY = ["8524", "8529", "8541", "8549"]
"""Headings of HS2022 that take a little out of a thousand codes."""

nodes = st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from("123456"))


def reached_from(node: Node, links: list[tuple[Node, Node]]) -> set[Node]:
    """Every node that can be walked to, one link at a time in either direction."""
    there = {node}
    while True:
        further = {b for a, b in links if a in there} | {a for a, b in links if b in there}
        if further <= there:
            return there
        there |= further


@given(st.sets(nodes, min_size=1), st.data())
def test_connected_nodes_are_those_that_can_be_walked_to(
    some: set[Node], data: st.DataObject
) -> None:
    ordered = sorted(some)
    link = st.tuples(st.sampled_from(ordered), st.sampled_from(ordered))
    links = data.draw(st.lists(link, max_size=12))
    groups = connected(ordered, links)
    assert sorted(node for group in groups for node in group) == ordered
    for group in groups:
        assert set(group) == reached_from(group[0], links)
    assert connected(ordered, links[::-1]) == groups


@pytest.fixture(scope="module")
def families() -> ProductFamilies:
    return fl.product_families("HS2002", "HS2017")


def members(families: ProductFamilies) -> dict[str, set[Node]]:
    groups: dict[str, set[Node]] = {}
    for family, *node in families.frame.itertuples(index=False):
        groups.setdefault(family, set()).add((node[0], node[1]))
    return groups


def test_every_code_is_in_one_family(families: ProductFamilies) -> None:
    frame = families.frame
    assert not frame.duplicated(["classification", "product"]).any()
    for revision in ("HS2002", "HS2007", "HS2012", "HS2017"):
        codes = frame.loc[frame["classification"] == revision, "product"]
        assert set(codes) == hs_codes(revision)


def test_no_link_leaves_a_family_and_none_is_too_large(families: ProductFamilies) -> None:
    beside: dict[Node, set[Node]] = {}
    for earlier, later in pairwise(REVISIONS[2:6]):
        for code, successor in hs_steps()[earlier, later]:
            one, other = (earlier, code), (later, successor)
            beside.setdefault(one, set()).add(other)
            beside.setdefault(other, set()).add(one)
    for group in members(families).values():
        assert all(beside.get(node, set()) <= group for node in group)
        there, further = set(), {min(group)}
        while further:
            there |= further
            further = {other for node in further for other in beside.get(node, set())} - there
        assert there == group


def test_a_wider_span_joins_families_and_splits_none(families: ProductFamilies) -> None:
    wider = fl.product_families("HS1996", "HS2022")
    for group in members(families).values():
        assert len({wider.family_of(code, classification=name) for name, code in group}) == 1


def test_families_of_headings_hold_those_of_their_codes(families: ProductFamilies) -> None:
    headings = fl.product_families("HS2002", "HS2017", digits=4)
    for group in members(families).values():
        names = {headings.family_of(code[:4], classification=name) for name, code in group}
        assert len(names) == 1


def test_names_say_what_a_family_is(families: ProductFamilies) -> None:
    for name, group in members(families).items():
        codes = {code for _, code in group}
        last = {code for revision, code in group if revision == "HS2017"}
        assert name == (min(last) if len(codes) == 1 else f"{min(last)}+{len(codes) - 1}")


def test_a_code_without_a_successor_is_a_family_that_ends() -> None:
    families = fl.product_families("HS2017", "HS2022")
    assert families.family_of("300219", classification="HS2017") == "300219 until HS2017"
    assert families.codes("300219 until HS2017")["classification"].tolist() == ["HS2017"]


def test_links_are_left_out_on_demand_and_it_is_said() -> None:
    whole = fl.product_families("HS2017", "HS2022")
    fewer = fl.product_families("HS2017", "HS2022", without={"HS2022": MANY})
    assert fewer.classification == "HS2017-HS2022 without HS2022 8524 8529 8541 8549"
    phones = whole.family_of("851712", classification="HS2017")
    assert "854911" in set(whole.codes(phones)["product"])
    assert len(whole.codes(phones)) > 2000
    assert set(fewer.codes(fewer.family_of("851712", classification="HS2017"))["product"]) == {
        *("851712", "851713", "851714")
    }
    assert fewer.family_of("854911", classification="HS2022") == "854911 from HS2022"
    # Within a heading links stay: other semiconductor devices became two codes.
    assert fewer.family_of("854150", classification="HS2017") == "854151+2"


def test_codes_are_put_together_on_demand() -> None:
    apart = fl.product_families("HS2012", "HS2017")
    together = fl.product_families("HS2012", "HS2017", together=["2710"])
    oils = sorted(code for code in hs_codes("HS2012") if code.startswith("2710"))
    assert len({apart.family_of(code, classification="HS2012") for code in oils}) == len(oils)
    assert {together.family_of(code, classification="HS2012") for code in oils} == {"271012+4"}
    assert together.classification == "HS2012-HS2017 with 2710 together"
    assert together.family_of("271000", classification="HS2017") == "271012+4"
    with pytest.raises(LayoutError, match=r"all of heading 2710, found in 5 .*together=\['2710'\]"):
        apart.family_of("271000", classification="HS2017")


def test_the_summary_counts_families_and_names_the_largest(families: ProductFamilies) -> None:
    groups = members(families)
    alone = sum(len({code for _, code in group}) == 1 for group in groups.values())
    head, first, *_ = families.summary().splitlines()
    assert head == (
        f"HS2002-HS2017, 6 digits: {len(groups)} families of {len(families.frame)} codes; "
        f"{alone} are one code throughout"
    )
    largest = max(groups, key=lambda name: len(groups[name]))
    assert first.startswith(f"{largest}: {len(groups[largest])} codes of chapters ")


@pytest.mark.parametrize(
    ("code", "revision", "words"),
    [
        ("271012", "HS2007", "HS2007 has no code '271012', which is of HS2012, HS2017, HS2022"),
        ("2710", "HS2007", "expected a code of 6 digits, found '2710'"),
        ("271012", "HS2022", "expected a revision from HS2002 to HS2017, found 'HS2022'"),
        ("271012", "SITC3", "expected a revision from HS2002 to HS2017, found 'SITC3'"),
    ],
)
def test_unknown_codes(families: ProductFamilies, code: str, revision: str, words: str) -> None:
    with pytest.raises(LayoutError, match=words):
        families.family_of(code, classification=revision)


def test_an_unknown_family(families: ProductFamilies) -> None:
    with pytest.raises(UnknownNameError, match=r"no family '271121\+9'; the nearest: "):
        families.codes("271121+9")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"first": "H3", "last": "HS2012"}, "first: no revision of the HS 'H3'"),
        ({"first": "HS2012", "last": "HS2012"}, "expected first before last"),
        ({"first": "HS2012", "last": "HS2007"}, "expected first before last"),
        ({"first": "HS2007", "last": "HS2012", "digits": 8}, "digits: expected 2, 4 or 6, found 8"),
        (
            {"first": "HS2007", "last": "HS2012", "without": {"HS2007": ["85"]}},
            "without: expected revisions that codes can come new into, HS2012, found 'HS2007'",
        ),
        (
            {"first": "HS2007", "last": "HS2012", "without": {"HS2012": ["77"]}},
            "without: HS2012 has no code that begins with '77'",
        ),
        (
            {"first": "HS2007", "last": "HS2012", "together": ["77"]},
            "together: no revision has a code that begins with '77'",
        ),
    ],
)
def test_bad_arguments(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        fl.product_families(**arguments)  # type: ignore[arg-type]
