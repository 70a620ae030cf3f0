"""The table that links the revisions of the HS: where it comes from, and that it holds together."""

import hashlib
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pytest
from references import reference

from flows.countries import read_rows
from flows.loaders import load
from flows.products import (
    REVISIONS,
    UNSPECIFIED,
    codes_under,
    hs_codes,
    hs_links,
    hs_steps,
    legacy_codes,
    no_code,
)

MADE = reference("hs_correlation")
STEPS = {(step["from"], step["to"]): step for step in MADE["steps"]}
DIRECT = {(direct["from"], direct["to"]): direct for direct in MADE["direct"]}

Pair = tuple[str, str]


def pairs_of(name: str) -> dict[Pair, set[Pair]]:
    pairs: dict[Pair, set[Pair]] = {}
    for row in read_rows(name):
        pairs.setdefault((row["from"], row["to"]), set()).add((row["code"], row["successor"]))
    return pairs


UNITED_NATIONS = pairs_of("hs_correlation.csv")
ADDED = pairs_of("hs_additions.csv")


def digest(rows: Iterable[tuple[str, ...]]) -> str:
    lines = "".join(f"{','.join(row)}\n" for row in sorted(rows))
    return hashlib.sha256(lines.encode()).hexdigest()


def stated(pairs: list[list[str]]) -> set[Pair]:
    return {(code, successor) for code, successor in pairs}


def followed(old: str, new: str) -> set[Pair]:
    """What the United Nations' tables link over all steps between two revisions."""
    years = [name[2:] for name in REVISIONS]
    first, *steps = pairwise(years[years.index(old) : years.index(new) + 1])
    linked = UNITED_NATIONS[first]
    for step in steps:
        following: dict[str, list[str]] = {}
        for code, successor in UNITED_NATIONS[step]:
            following.setdefault(code, []).append(successor)
        linked = {(code, end) for code, middle in linked for end in following.get(middle, [])}
    return linked


def test_each_revision_is_linked_to_the_next() -> None:
    names = [f"{old}-{new}" for old, new in UNITED_NATIONS]
    assert names == ["1992-1996", "1996-2002", "2002-2007", "2007-2012", "2012-2017", "2017-2022"]
    assert sum(map(len, UNITED_NATIONS.values())) == len(read_rows("hs_correlation.csv"))


@pytest.mark.parametrize("step", STEPS)
def test_the_pairs_are_those_of_the_workbook_and_the_second_table(step: Pair) -> None:
    made = STEPS[step]
    added = stated(made["added_from_complete_table"])
    assert added <= UNITED_NATIONS[step]
    assert digest(UNITED_NATIONS[step] - added) == made["pairs_sha256"]
    if step != ("2017", "2022"):  # the second table was made before HS2022
        assert made["only_in_workbook"] == []
        assert digest(UNITED_NATIONS[step]) == made["complete_table_sha256"]


@pytest.mark.parametrize("span", DIRECT)
def test_direct_tables_state_what_the_steps_link(span: Pair) -> None:
    direct = DIRECT[span]
    assert direct["not_over_the_steps"] == []
    only = stated(direct["only_over_the_steps"])
    assert only <= {("380999", "380993"), ("291639", "291616"), (UNSPECIFIED, UNSPECIFIED)}
    assert digest(followed(*span) - only) == direct["pairs_sha256"]


@pytest.mark.parametrize("year", MADE["codes_of_comtrade"])
def test_the_codes_of_a_revision_are_those_of_comtrade(year: str) -> None:
    codes = hs_codes(f"HS{year}")
    assert len(codes) == MADE["codes_of_comtrade"][year]["codes"]
    assert digest((code,) for code in codes) == MADE["codes_of_comtrade"][year]["codes_sha256"]


def test_additions_are_few_named_and_not_in_the_table() -> None:
    assert all(row["source"] for row in read_rows("hs_additions.csv"))
    assert sum(map(len, ADDED.values())) == 3
    for step, pairs in ADDED.items():
        assert not pairs & UNITED_NATIONS[step]
        assert pairs <= set(hs_steps()[f"HS{step[0]}", f"HS{step[1]}"])


def test_only_one_code_ends_without_a_successor() -> None:
    ends = {
        (old, code)
        for old, new in pairwise(REVISIONS)
        for code, successors in hs_links(old, new).items()
        if not successors
    }
    assert ends == {("HS2017", "300219")}
    starts = [
        code
        for old, new in pairwise(REVISIONS)
        for code, before in hs_links(new, old).items()
        if not before
    ]
    assert starts == []


@pytest.mark.parametrize(("old", "new"), [("HS1992", "HS2012"), ("HS2007", "HS2017")])
def test_links_follow_every_way_in_both_directions(old: str, new: str) -> None:
    forward = {(a, b) for a, ends in hs_links(old, new).items() for b in ends}
    back = {(a, b) for b, ends in hs_links(new, old).items() for a in ends}
    assert forward == back == followed(old[2:], new[2:])


@pytest.mark.parametrize("digits", [2, 4])
def test_links_of_headings_are_those_of_their_codes(digits: int) -> None:
    fine = hs_links("HS2012", "HS2022")
    coarse = {(a, b) for a, ends in hs_links("HS2012", "HS2022", digits).items() for b in ends}
    assert coarse == {(a[:digits], b[:digits]) for a, ends in fine.items() for b in ends}


def test_legacy_codes_are_parts_of_the_one_code_of_their_heading() -> None:
    assert len(legacy_codes()) == 38
    for (revision, code), whole in legacy_codes().items():
        assert code not in hs_codes(revision)
        assert {known for known in hs_codes(revision) if known[:4] == code[:4]} == {whole}


@pytest.mark.parametrize(
    ("revision", "code", "words"),
    [
        ("HS2007", "271012", "HS2007 has no code '271012', which is of HS2012, HS2017, HS2022"),
        ("HS2007", "271122", "the nearest of HS2007: 271121, 271129"),
        ("HS2017", "770110", "the nearest of HS2017: "),
        ("HS2017", "980100", "chapters 98 and 99 are each country's own"),
        ("HS2017", "77", "no revision has a code '77'; the nearest of HS2017: 70, 71, 72, 73, 74"),
    ],
)
def test_what_is_said_of_a_code_that_is_not_there(revision: str, code: str, words: str) -> None:
    assert codes_under(revision, code) == frozenset()
    assert words in no_code(revision, code)


def test_every_product_of_baci_is_in_the_table_in_real_export(shared_data: Path) -> None:
    products = load(shared_data / "baci" / "product_codes_HS17_V202301 copy.csv")
    codes = set(products["code"])
    assert len(codes) == len(products) > 5000
    assert codes - hs_codes("HS2017") == {"271000"}  # all of heading 2710, in one code
    assert hs_codes("HS2017") - codes == codes_under("HS2017", "271000")
