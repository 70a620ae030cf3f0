"""Rows by product under other labels: which of them count, where each goes, and what they claim."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from flows.canonical import exact_sum
from flows.errors import DoubleCountError, SchemaError, ScopeError
from flows.measure.adding import add_statements, firsts_of
from flows.measure.checks import SOURCE_LINES
from flows.measure.covering import stated_reason
from flows.products import (
    HS_DIGITS,
    NOT_SPECIFIED,
    REVISIONS,
    TOTAL,
    UNSPECIFIED,
    WHOLE_HEADINGS,
    codes_under,
    legacy_codes,
    no_code,
)
from flows.scope import SIDES, TOTAL_COLUMNS, Scope, made_from, remember, scope_of
from flows.table import STATEMENT_KEY, check_flows, where

_CODE = ["classification", "code"]
_REPORT = [
    name for name in STATEMENT_KEY if name not in {"product", "classification", "unit", "dataset"}
]
"""What tells two statements about a pair and a time apart, whatever the goods."""

_PRINTED = ["of", "country", "reporter", "start", "end", "valuation", "partner_basis", "label"]
"""What tells two printed totals of a label apart."""

_SHOWN = 5


@dataclass(frozen=True, slots=True, eq=False)
class Goods:
    """
    The rows of a table by product, and those beside them.

    ``rows``: of one level of the HS, the code that counts in ``code``; ``totals``: of all products;
    ``left_out``: of other levels; ``digits``: of the codes; ``shortened``: how many lost digits;
    ``held``: the same rows as each data set that is known has them, filtered or not.
    """

    rows: pd.DataFrame
    totals: pd.DataFrame
    left_out: pd.DataFrame
    digits: int
    shortened: int
    held: Mapping[str, pd.DataFrame]

    @property
    def revisions(self) -> list[str]:
        """Revisions of the rows, in their order."""
        return sorted(self.rows["classification"].unique())

    def seen(self) -> pd.DataFrame:
        """Return the codes of the rows."""
        return self.rows[_CODE].drop_duplicates().sort_values(_CODE, ignore_index=True)

    def codes(self) -> pd.DataFrame:
        """Return the codes of the rows, and of those that were filtered out."""
        held = [entries[_CODE].drop_duplicates() for entries in self.held.values()]
        codes = pd.concat([self.seen(), *held]).drop_duplicates()
        return codes.sort_values(_CODE, ignore_index=True)


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """
    Under which labels the rows of each code come to stand.

    ``links``: columns ``classification``, ``code``, ``label``, and in a conversion ``certain`` (it
    is the only label of the code) and ``weight``; ``classification``: that of the labels; ``made``:
    what the id of a data set is continued with.
    """

    links: pd.DataFrame
    classification: str
    made: str

    def dataset(self, rows: pd.DataFrame) -> pd.Series:
        """Return the ids of the rows that are made."""
        sources = rows["dataset"]
        return sources.map({name: made_from(name, self.made) for name in sources.unique()})


def read_goods(table: pd.DataFrame, *, digits: int | None, shorten: bool) -> Goods:
    """Return the rows of a flow table by product of the HS, checked against its revisions."""
    before = check_flows(table)
    total = before["product"] == TOTAL
    goods = before[~total]
    _check_classifications(goods)
    level = _level(goods, digits)
    if level > HS_DIGITS and not shorten:
        odd = goods[goods["product"].str.len() == level]
        raise SchemaError(
            f"expected codes of up to {HS_DIGITS} digits, which all countries share, found "
            f"{level} digits ({where(odd)}): revisions of national codes are not those of the HS; "
            f"shorten=True counts them by their first {HS_DIGITS}"
        )
    of_level = goods["product"].str.len() == level
    coded = _coded(goods[of_level])
    _check_known(coded)
    _check_one_revision(coded)
    _check_parts(coded)
    return Goods(
        rows=coded,
        totals=before[total],
        left_out=goods[~of_level],
        digits=min(level, HS_DIGITS),
        shortened=len(coded) if level > HS_DIGITS else 0,
        held=_held(coded),
    )


def _held(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the rows of the level and the revisions that the data sets have, by data set."""
    scopes = {str(dataset): scope_of(str(dataset)) for dataset in rows["dataset"].unique()}
    lengths, revisions = rows["product"].str.len().unique(), rows["classification"].unique()
    held = {}
    for dataset, scope in scopes.items():
        if scope is not None:
            plain = _plain(scope.entries)
            alike = plain["product"].str.len().isin(lengths)
            entries = _coded(plain[alike & plain["classification"].isin(revisions)])
            codes = entries[_CODE].drop_duplicates()
            known = codes[[bool(codes_under(*pair)) for pair in codes.itertuples(index=False)]]
            held[dataset] = entries.merge(known, on=_CODE)
    return held


def _check_classifications(goods: pd.DataFrame) -> None:
    odd = goods[~goods["classification"].isin(REVISIONS)]
    if len(odd):
        names = ", ".join(sorted(map(repr, odd["classification"].unique())))
        if (odd["classification"] == "HS").any():
            raise SchemaError(
                f"column classification: expected a revision of the HS, found 'HS' without its "
                f"year ({where(odd)}): a code stands for other goods in another revision; say "
                f"which it is, table.assign(classification='HS2017'), or ask the source for it"
            )
        raise SchemaError(
            f"column classification: expected revisions of the HS ({REVISIONS[0]} to "
            f"{REVISIONS[-1]}), found {names} ({where(odd)}): only these are linked here; "
            "take the rows of the HS alone"
        )


def _level(goods: pd.DataFrame, digits: int | None) -> int:
    """Return how many digits the codes have that count."""
    lengths = goods["product"].str.len()
    levels = {int(length): int((lengths == length).sum()) for length in sorted(lengths.unique())}
    if not levels:
        raise SchemaError("expected rows by product of the HS, found none")
    if digits is None and len(levels) > 1:
        found = ", ".join(f"{rows} rows of {level}" for level, rows in levels.items())
        raise DoubleCountError(
            f"expected codes of one number of digits, found {found}: each level counts the same "
            f"goods again; choose digits={max(levels)} or another"
        )
    level = next(iter(levels)) if digits is None else digits
    if level not in levels:
        raise SchemaError(
            f"digits={digits}: expected codes of so many digits, found "
            f"{', '.join(map(str, levels))} digits"
        )
    return level


def _coded(goods: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with the code of the HS that each counts under."""
    plain = goods["product"].replace(NOT_SPECIFIED, UNSPECIFIED).str[:HS_DIGITS]
    parts = {f"{revision} {code}": whole for (revision, code), whole in legacy_codes().items()}
    whole = (goods["classification"] + " " + plain).map(parts)
    return goods.assign(code=whole.fillna(plain).astype("str"))


def _check_known(rows: pd.DataFrame) -> None:
    """Check that every code is one of its revision; all that are not are named at once."""
    codes = rows[_CODE].drop_duplicates()
    unknown = codes[[not codes_under(*pair) for pair in codes.itertuples(index=False)]]
    if unknown.empty:
        return
    named = unknown.head(_SHOWN).itertuples(index=False)
    faults = [_unknown(revision, code, rows) for revision, code in named]
    more = f"; and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
    raise SchemaError(f"column product: {'; '.join(faults)}{more}")


def _unknown(revision: str, code: str, rows: pd.DataFrame) -> str:
    lines = where(rows[(rows["classification"] == revision) & (rows["code"] == code)])
    return f"{no_code(revision, code)} ({lines})"


def _check_one_revision(rows: pd.DataFrame) -> None:
    """Check that a data set has no statement of a pair and a time in two revisions."""
    key = [*_REPORT, "unit", "dataset"]
    kinds = rows.drop_duplicates([*key, "classification"])
    twice = kinds[kinds.duplicated(key, keep=False)].sort_values([*key, "classification"])
    if len(twice):
        two = twice.head(2)
        names = " and ".join(two["classification"])
        first = two.iloc[0]
        raise DoubleCountError(
            f"{first['exporter']} to {first['importer']}, {first['start']:%Y-%m-%d} to "
            f"{first['end']:%Y-%m-%d}: expected one revision of the HS for one time, found {names} "
            f"({where(two)}): the same goods twice; keep the rows of one of them"
        )


def _check_parts(rows: pd.DataFrame) -> None:
    """Check that no code stands beside one that holds it: a legacy code, BACI's whole heading."""
    key = [*_REPORT, "unit", "dataset"]
    legacy = rows["product"].ne(rows["code"]) & rows["product"].str.len().eq(HS_DIGITS)
    _check_apart(rows[legacy], rows[~legacy], [*key, "code"])
    headed = rows.assign(heading=rows["code"].str[:4])
    whole = rows["code"].isin(WHOLE_HEADINGS)
    _check_apart(headed[whole], headed[~whole], [*key, "heading"])


def _check_apart(some: pd.DataFrame, others: pd.DataFrame, key: list[str]) -> None:
    if some.empty:
        return
    both = others.merge(some[key].drop_duplicates(), on=key)
    if len(both):
        beside = some.merge(both[key].drop_duplicates(), on=key)
        first, second = beside["product"].iloc[0], both["product"].iloc[0]
        raise DoubleCountError(
            f"expected {second} or {first}, found both in one time, and one holds the other "
            f"({where(both)}; {where(beside)}); leave one of them out"
        )


def add_labelled(goods: Goods, labels: Labels) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Return the rows under their labels, added up, and the parts of which they are made.

    Of the parts, ``into`` is the row of the table.
    """
    rows = goods.rows.reset_index(names="row")
    linked = rows.merge(labels.links, on=_CODE, how="left", sort=False)
    parts = linked.assign(
        product=linked["label"],
        classification=labels.classification,
        dataset=labels.dataset(linked),
        **{SOURCE_LINES: _lines(linked)},
    )
    if "weight" in linked.columns:
        parts["value"] = linked["value"] * linked["weight"]
        parts["low"] = linked["low"].where(linked["certain"], 0.0)
    made_up = labels.links.columns.drop("classification")
    kept = parts.drop(columns=["row", *made_up])
    firsts = firsts_of(kept)
    added = add_statements(kept, firsts)
    totals = goods.totals
    beside = totals.assign(dataset=labels.dataset(totals), **{SOURCE_LINES: _lines(totals)})
    table = check_flows(pd.concat([added, beside]) if len(beside) else added)
    table.attrs = {}
    heads = pd.Series(kept.index, index=kept.index)
    heads.loc[firsts.index] = firsts
    return table, linked.assign(into=added.index.get_indexer(pd.Index(heads)))


def _lines(rows: pd.DataFrame) -> pd.Series:
    """Return the lines that each row rests on, as text."""
    lines = rows["line"].astype("str")
    return rows[SOURCE_LINES].fillna(lines) if SOURCE_LINES in rows.columns else lines


def keep_scopes(goods: Goods, labels: Labels, *, exact: bool) -> None:
    """
    Keep, for the rows that are made, what their data sets claim to count.

    Rows that were filtered out and belong into the sums of those that are there are refused.
    ``exact``: printed totals can be added up as well.
    """
    to_label = labels.links[[*_CODE, "label"]]
    for dataset, entries in goods.held.items():
        scope = scope_of(dataset) or Scope()
        rows = goods.rows[goods.rows["dataset"] == dataset]
        linked = entries.merge(to_label, on=_CODE)
        if stated_reason(rows) is None:
            _check_all_parts(rows.merge(to_label, on=_CODE), linked, dataset)
        _check_not_largest(scope, linked, dataset)
        printed = added_totals(scope, linked, labels) if exact else totals_of_all(scope)
        made = linked.assign(product=linked["label"], classification=labels.classification)
        totals = _plain(scope.entries[scope.entries["product"] == TOTAL])
        both = pd.concat([made, totals])
        once = both.drop_duplicates([name for name in scope.entries.columns if name != "line"])
        kept = replace(scope, totals=printed).of_rows(once.reset_index(drop=True))
        remember(made_from(dataset, labels.made), kept)


def _plain(entries: pd.DataFrame) -> pd.DataFrame:
    """Return entries with texts in place of categories."""
    texts = entries.select_dtypes("category").columns
    return entries.astype(dict.fromkeys(texts, "str"))


def _check_all_parts(mine: pd.DataFrame, wanted: pd.DataFrame, dataset: str) -> None:
    """Check that every row that belongs into a sum is there."""
    key = [*_REPORT, "classification", "label"]
    there = mine.groupby(key, sort=False).size()
    claimed = wanted.groupby(key, sort=False).size()
    short = claimed.reindex(there.index) - there
    if (gaps := int(short[short > 0].sum())) == 0:
        return
    lacking = wanted.set_index(key).loc[short[short > 0].index].reset_index()
    gone = lacking[~lacking["line"].isin(mine["line"])].drop_duplicates("line")
    raise ScopeError(
        f"{gaps} rows that belong into the same sums are not in the table any more "
        f"({where(gone.assign(dataset=dataset))}): filtered, they would be missing without a word; "
        "hand in the table as it was loaded and filter what comes out, or, if these rows are the "
        "whole, fl.state_whole(table, reason=...)"
    )


def _check_not_largest(scope: Scope, linked: pd.DataFrame, dataset: str) -> None:
    if scope.partners != "largest":
        return
    together = linked[linked.duplicated([*_REPORT, "classification", "label"], keep=False)]
    if len(together):
        raise ScopeError(
            f"{dataset}: expected the same partners for every product, found the largest of each "
            f"({where(together.assign(dataset=dataset))}): a partner that is listed for one code "
            "and not for another would have a part of its trade only"
        )


def added_totals(scope: Scope, linked: pd.DataFrame, labels: Labels) -> pd.DataFrame:
    """
    Return the printed totals of a data set by label.

    A sum needs a printed total of every code that has rows for that country, time and report;
    where one is missing there is none.
    """
    by_product = scope.totals[scope.totals["classification"].isin(REVISIONS)]
    if by_product.empty:
        return scope.totals
    labelled = _coded(by_product).merge(labels.links, on=_CODE)
    sides = [linked.assign(of=of, country=linked[side]) for of, (side, _) in SIDES.items()]
    stated = pd.concat(sides)[[*_PRINTED, "code"]].drop_duplicates()
    lacking = stated.merge(labelled[[*_PRINTED, "code"]], how="left", indicator=True)
    gaps = lacking[lacking["_merge"] == "left_only"][_PRINTED].drop_duplicates()
    whole = labelled.merge(gaps, how="left", indicator=True, on=_PRINTED)
    groups = whole[whole["_merge"] == "left_only"].groupby(_PRINTED, sort=False)
    sums = groups.agg(
        value=("value", exact_sum),
        digit=("digit", "max"),
        line=("line", "min"),
        **{SOURCE_LINES: ("line", lambda lines: " ".join(map(str, lines)))},
    )
    made = sums.reset_index().rename(columns={"label": "product"})
    made["classification"] = labels.classification
    added = made[[*TOTAL_COLUMNS, SOURCE_LINES]]
    both = pd.concat([added, totals_of_all(scope)], ignore_index=True)
    return both.astype(scope.totals.dtypes.to_dict())


def totals_of_all(scope: Scope) -> pd.DataFrame:
    """Return the printed totals of all products."""
    return scope.totals[~scope.totals["classification"].isin(REVISIONS)]
