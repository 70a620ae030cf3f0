"""The supplier study: what share of a country's arms imports came from one supplier."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from flows.countries import country_name
from flows.findings import Figure, Findings, Number, Table
from flows.measure.checks import select_flows
from flows.studies.supplier_answers import SupplierAnswers, find_answers
from flows.studies.supplier_concentration import (
    concentration_numbers,
    concentration_table,
    concentration_words,
)
from flows.studies.supplier_context import (
    Context,
    context_figure,
    context_numbers,
    context_words,
    find_context,
)
from flows.studies.supplier_deals import (
    deal_numbers,
    deal_title,
    deals_figure,
    deals_table,
    largest_deal,
)
from flows.studies.supplier_doubt import doubt_numbers
from flows.studies.supplier_doubt_exhibits import bounds_table, window_figure
from flows.studies.supplier_history import (
    published_numbers,
    published_table,
    published_words,
    shares_table,
)
from flows.studies.supplier_partners import by_supplier_figure, ranks_figure, suppliers_table
from flows.studies.supplier_question import SupplierQuestion, release_of
from flows.studies.supplier_revision import revision_figure, revision_numbers, revision_words
from flows.studies.supplier_shares import counted_numbers, countings_table, release_numbers


def supplier_study(
    arms: pd.DataFrame,
    *,
    importer: str,
    supplier: str,
    window: Sequence[int],
    rules: Mapping[str, Mapping[str, Any]],
    posterior: Mapping[str, Any],
    below: float,
    main: str | None = None,
    windows: Sequence[Sequence[int]] = (),
    before: str | None = None,
    published: pd.DataFrame | None = None,
    tolerance: float | None = None,
    full_export: pd.DataFrame | None = None,
    context: Mapping[str, Any] | None = None,
    top: int = 8,
    name: str = "arms",
) -> Findings:
    """
    Find a supplier's share of a country's arms imports, and how sure it is.

    Parameters
    ----------
    arms : pandas.DataFrame
        Flow table of SIPRI's deliveries, one or several releases.
    importer, supplier : str
        Alpha-3 codes.
    window : pair of int
        First and last year of the question.
    rules : Mapping
        What cannot be excluded: name of a rule to its arguments, see
        :func:`flows.studies.choices.read_rules`. Rules that a release has no columns for are left
        out there, and named.
    posterior : Mapping
        ``draws``, ``seed`` and ``level`` of the bootstrap over deals.
    below : float
        A share, 0 to 1: how many deals have to go until the share is less?
    main : str, optional
        The release that figures by year and by deal use, ``source@vintage``; by default the
        latest of those with deals.
    windows : sequence of pairs of int
        Further windows to show beside; those that a release does not count are left empty.
    before : str, optional
        A former release: what changed since?
    published : pandas.DataFrame, optional
        Published shares to set beside, with ``tolerance`` in percentage points.
    tolerance : float, optional
        See :func:`flows.share_history`.
    full_export : pandas.DataFrame, optional
        Flow table of one release with all importers, to compare with; with ``context``.
    context : Mapping, optional
        ``min_volume``, ``former``, ``beside``: see
        :func:`flows.studies.supplier_context.find_context`.
    top : int
        How many suppliers the table names.
    name : str
        First part of every id.

    Returns
    -------
    Findings
        Numbers of shares by release (``share.<release>``, ``share.main``), by counting
        (``share.certain-years`` and others), bounds (``share.bounds.<rule>``), the interval over
        deals (``share.interval``, ``prob-largest``), deals, concentration, revision, published
        shares and context; the tables and figures of each. What the data do not allow is not there,
        and a word ``<part>.refused`` says why.

    Raises
    ------
    FlowsError
        As :func:`flows.share` does.
    ValueError
        If a rule is unknown, or a full export comes without ``context``.

    Examples
    --------
    >>> import flows as fl
    >>> findings = supplier_study(
    ...     fl.load("sipri-deal-years@2025-03"), importer="AZE", supplier="ISR",
    ...     window=(2016, 2020), rules={"uncertain_years": {"within": 1}},
    ...     posterior={"draws": 500, "seed": 1, "level": 0.9}, below=0.5,
    ... )
    >>> shares = {number.id: number for number in findings.numbers}
    >>> shares["arms.share.main"].printed, round(shares["arms.share.bounds.all"].low, 2)
    ('67.74', 64.16)
    """
    if full_export is not None and context is None:
        raise ValueError("expected context with a full export: min_volume, found none")
    asked = SupplierQuestion(
        name=name,
        supplier=supplier,
        importer=importer,
        start=int(window[0]),
        end=int(window[1]),
        dataset=main or _latest_with_deals(arms),
    )
    found = find_answers(
        arms,
        question=asked,
        windows=windows,
        published=published,
        tolerance=tolerance,
        rules=rules,
        posterior=posterior,
        below=below,
        before=before,
        top=top,
    )
    place = find_context(full_export, question=asked, **(context or {"min_volume": 0.0}))
    return Findings(
        numbers=tuple(_numbers(found, place, published)),
        tables=tuple(_tables(found)),
        figures=tuple(_figures(found, place, select_flows(arms, dataset=asked.dataset))),
        words=_words(found, place),
    )


def _latest_with_deals(arms: pd.DataFrame) -> str:
    datasets = arms.loc[arms["deal"].notna(), "dataset"] if "deal" in arms else arms["dataset"]
    return max(map(str, datasets.unique()), key=release_of)


def _numbers(
    found: SupplierAnswers, place: Context, published: pd.DataFrame | None
) -> Iterable[Number]:
    asked = found.question
    yield from release_numbers(found.releases, asked)
    yield from counted_numbers(found.counted, asked)
    yield from doubt_numbers(found.doubt, asked)
    yield from deal_numbers(found.influence, asked)
    yield from concentration_numbers(found.concentrations, found.doubt, asked)
    yield from revision_numbers(found.revision, asked)
    yield from published_numbers(published, found.history, asked)
    yield from context_numbers(place, asked)


def _tables(found: SupplierAnswers) -> Iterable[Table]:
    asked = found.question
    yield shares_table(found.history, asked)
    yield countings_table(found.counted, asked)
    yield bounds_table(found.doubt, asked)
    yield suppliers_table(found.partners, asked)
    yield concentration_table(found.concentrations, asked)
    yield published_table(found.history, asked)
    if found.influence is not None:
        yield deals_table(found.influence, asked)


def _figures(found: SupplierAnswers, place: Context, release: pd.DataFrame) -> Iterable[Figure]:
    asked = found.question
    first = min(one.start for one in found.shares if one.dataset == asked.dataset)
    yield by_supplier_figure(release, asked)
    yield window_figure(found.shares, found.doubts, asked)
    yield from ranks_figure(release, first=first, question=asked)
    if found.influence is not None:
        yield deals_figure(found.influence, asked)
    if found.revision is not None:
        yield revision_figure(found.revision, asked)
    yield from context_figure(place, asked)


def _words(found: SupplierAnswers, place: Context) -> dict[str, str]:
    asked = found.question
    largest = largest_deal(found.influence)
    words = {
        "importer": country_name(asked.importer),
        "supplier": country_name(asked.supplier),
        "window": f"{asked.start}–{asked.end}",
        "main-release": release_of(asked.dataset),
        "largest-deal": "" if largest is None else deal_title(largest),
        "deals.refused": found.influence_refused,
        "bounds.refused": found.doubt.bounds_refused,
        "interval.refused": found.doubt.posterior_refused,
        "countings.refused": found.counted.refused,
        **concentration_words(found.concentrations),
        **published_words(found.history),
        **revision_words(found.revision, found.revision_refused),
        **context_words(place),
    }
    return {f"{asked.name}.{key}": word for key, word in words.items()}
