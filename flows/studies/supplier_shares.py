"""A supplier's share by release, and by what counts as an import."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from flows.countries import country_name
from flows.findings import Number, Table
from flows.measure.checks import select_flows
from flows.measure.counting import Counting
from flows.measure.shares import Share, share
from flows.studies.choices import counting_json
from flows.studies.numbers import numbers_of
from flows.studies.supplier_question import (
    SupplierQuestion,
    answer_or_reason,
    release_of,
    rows_of,
    stated_columns,
)

BY_ORDER = "by-order-year"

_MEANINGS = {
    "main": ("All deliveries, by year of delivery", "as SIPRI counts"),
    "certain-years": (
        "Certain delivery years only",
        "leaves out what SIPRI dates by estimate, of every supplier",
    ),
    "without-largest-deal": ("Without the supplier’s largest deal", "one contract less"),
    "without-local-production": (
        "Without local production",
        "what was built under licence in the country is no import",
    ),
    "new-weapons": ("New weapons only", "nothing second-hand"),
    BY_ORDER: ("By year of order", "asks who won the orders of these years, not who delivered"),
}


@dataclass(frozen=True, slots=True, eq=False)
class CountedShares:
    """
    One share under several countings.

    Parameters
    ----------
    shares : Mapping
        Key of the counting to the share; ``main`` is as SIPRI counts.
    refused : str
        Which countings the data do not allow, and why; empty where they allow all.
    """

    shares: Mapping[str, Share]
    refused: str


def count_shares(
    arms: pd.DataFrame, main: Share, *, question: SupplierQuestion, largest_deal: str | None
) -> CountedShares:
    """
    Count a share in the other ways that are asked about.

    Parameters
    ----------
    arms : pandas.DataFrame
        Flow table of deliveries.
    main : Share
        The share as SIPRI counts it.
    question : SupplierQuestion
        What is asked.
    largest_deal : str, optional
        The supplier's largest deal, if deals are known.

    Returns
    -------
    CountedShares

    Raises
    ------
    FlowsError
        As :func:`flows.share`, but for what the data do not hold.
    """
    countings = {
        "certain-years": Counting(year_estimated=False),
        "without-local-production": Counting(local_production=False),
        "new-weapons": Counting(status=("New",)),
        BY_ORDER: Counting(by="order"),
    }
    if largest_deal is not None:
        countings["without-largest-deal"] = Counting(without_deals=(largest_deal,))
    stated = stated_columns(select_flows(arms, dataset=question.dataset))
    shares, reasons = {"main": main}, []
    for key in [key for key in _MEANINGS if key in countings]:
        found, reason = answer_or_reason(
            share, table=stated, **question.asked, counting=countings[key]
        )
        if found is None:
            reasons.append(f"{_MEANINGS[key][0].lower()}: {reason}")
        else:
            shares[key] = found
    return CountedShares(shares, "; ".join(reasons))


def release_numbers(releases: Sequence[Share], question: SupplierQuestion) -> list[Number]:
    """
    Return the share of the window in every release, and the lowest and highest of them.

    Parameters
    ----------
    releases : sequence of Share
        Of one window.
    question : SupplierQuestion
        What is asked; its data set is the main release.

    Returns
    -------
    list of Number
        ``share.<release>``, ``numerator.<release>``, ``denominator.<release>``, the same of the
        main release with ``main``, ``share.lowest`` and ``share.highest``.

    Raises
    ------
    CountryError
        If a code has no name.
    """
    numbers = []
    for one in releases:
        made = _three(one, release_of(one.dataset), question)
        numbers += made
        if one.dataset == question.dataset:
            numbers += [replace(number, id=f"{_stem(number)}.main") for number in made]
    ordered = sorted(releases, key=lambda one: one.value)
    for word, one in (("lowest", ordered[0]), ("highest", ordered[-1])):
        about = f"The {word} share of all releases at hand: that of {release_of(one.dataset)}."
        make = replace(question, dataset=one.dataset).make("flows.share")
        numbers.append(make(f"share.{word}", 100 * one.value, "%", about, digits=1, rows=one.rows))
    return numbers


def counted_numbers(counted: CountedShares, question: SupplierQuestion) -> list[Number]:
    """
    Return the share under every counting but the main one.

    Parameters
    ----------
    counted : CountedShares
        Of :func:`count_shares`.
    question : SupplierQuestion
        What is asked.

    Returns
    -------
    list of Number
        ``share.<key>``, and ``numerator`` and ``denominator`` of the count by year of order.

    Raises
    ------
    CountryError
        If a code has no name.
    """
    numbers = []
    for key, one in counted.shares.items():
        if key != "main":
            made = _three(one, key, question)
            numbers += made if key == BY_ORDER else made[:1]
    return numbers


def countings_table(counted: CountedShares, question: SupplierQuestion) -> Table:
    """
    Return the table of the share by what counts.

    Parameters
    ----------
    counted : CountedShares
        Of :func:`count_shares`.
    question : SupplierQuestion
        What is asked.

    Returns
    -------
    Table
        One row a counting.

    Raises
    ------
    CountryError
        If a code has no name.
    """
    left_out = sum(len(one.left_out) for one in counted.shares.values())
    records = [
        {
            "counted": _MEANINGS[key][0],
            "meaning": _MEANINGS[key][1],
            "numerator": one.numerator,
            "denominator": one.denominator,
            "share_pct": 100 * one.value,
        }
        for key, one in counted.shares.items()
    ]
    return Table(
        id=f"{question.name}-countings",
        frame=pd.DataFrame(records),
        labels={
            "counted": "What is counted",
            "meaning": "What it asks",
            "numerator": country_name(question.supplier),
            "denominator": "All suppliers",
            "share_pct": "Share, %",
        },
        formats={"numerator": ",.2f", "denominator": ",.2f", "share_pct": ".2f"},
        caption=(
            f"{country_name(question.supplier)}’s share under other definitions: "
            f"{question.imports}, million TIV."
        ),
        note="Every row is another question and not a bound of the first."
        + (
            f" Deliveries left out since they do not say what a row asks: {left_out}."
            if left_out
            else ""
        ),
        rows=rows_of([one.rows for one in counted.shares.values()]),
        exact=("numerator", "denominator"),
    )


def _three(one: Share, key: str, question: SupplierQuestion) -> list[Number]:
    """Return the share with its numerator and denominator."""
    counting = counting_json(one.counting)
    parameters = {**question.asked, "dataset": one.dataset}
    make = numbers_of(
        question.name, "flows.share", parameters | ({"counting": counting} if counting else {})
    )
    about = replace(question, dataset=one.dataset)
    how = f", {one.counting.describe()}" if counting else ""
    counted = one.rows[one.rows["counted"]]
    return [
        make(
            f"share.{key}",
            100 * one.value,
            "%",
            f"Share: {about.told}{how}.",
            digits=2,
            rows=one.rows,
        ),
        make(
            f"numerator.{key}",
            one.numerator,
            one.unit,
            f"Deliveries: {about.told}{how}.",
            digits=2,
            rows=counted,
            exact=True,
        ),
        make(
            f"denominator.{key}",
            one.denominator,
            one.unit,
            f"All suppliers: {about.imports}{how}.",
            digits=2,
            rows=one.rows,
            exact=True,
        ),
    ]


def _stem(number: Number) -> str:
    """Return an id without the release: ``arms.share``."""
    study, what, *_ = number.id.split(".")
    return f"{study}.{what}"
