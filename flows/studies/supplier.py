"""The supplier study: what share of a country's arms imports came from one supplier."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import pandas as pd

from flows.countries import country_name
from flows.errors import PeriodError
from flows.findings import Findings, Json, Number
from flows.measure.selection import select_flows
from flows.measure.shares import Share, share
from flows.studies.numbers import numbers_of
from flows.studies.supplier_deals import deal_numbers, deal_words
from flows.studies.supplier_exhibits import (
    by_supplier_figure,
    published_numbers,
    published_shares,
    share_table,
    window_figure,
)


def supplier_study(
    arms: pd.DataFrame,
    *,
    importer: str,
    supplier: str,
    window: Sequence[int],
    main: str | None = None,
    windows: Sequence[Sequence[int]] = (),
    published: pd.DataFrame | None = None,
    name: str = "arms",
) -> Findings:
    """
    Find a supplier's share of a country's arms imports: by release, by window, without its deals.

    Parameters
    ----------
    arms : pandas.DataFrame
        Flow table of SIPRI's deliveries, one or several releases.
    importer, supplier : str
        Alpha-3 codes.
    window : pair of int
        First and last year of the question.
    main : str, optional
        The release that figures by year and by deal use, ``source@vintage``; by default the
        latest of those with deals.
    windows : sequence of pairs of int
        Further windows to show beside; those that a release does not count are left empty.
    published : pandas.DataFrame, optional
        Published shares to set beside.
    name : str
        First part of every id.

    Returns
    -------
    Findings
        Numbers ``share.<vintage>``, ``numerator.<vintage>``, ``denominator.<vintage>``, the same of
        the main release as ``share.main`` and so on, ``share.lowest`` and ``share.highest`` of all
        releases, ``share.without-largest-deal``, ``share.certain-years`` and, where there is one,
        ``share.published``; a table of shares by window and release, and two figures.

    Raises
    ------
    FlowsError
        As :func:`flows.measure.shares.share` does.

    Examples
    --------
    >>> import flows as fl
    >>> findings = supplier_study(
    ...     fl.load("sipri-deal-years@2025-03"), importer="AZE", supplier="ISR", window=(2016, 2020)
    ... )
    >>> [number.printed for number in findings.numbers if number.id == "arms.share.2025-03"]
    ['67.74']
    """
    main = main or _latest_with_deals(arms)
    asked = (int(window[0]), int(window[1]))
    all_windows = sorted({asked, *((int(first), int(last)) for first, last in windows)})
    shares = _shares(arms, importer=importer, supplier=supplier, windows=all_windows)
    releases = [one for one in shares if (one.start, one.end) == asked]
    if main not in {one.dataset for one in releases}:
        raise PeriodError(f"{main}: expected the years {asked[0]}-{asked[1]}, found no such span")
    shown = published_shares(published, importer=importer, supplier=supplier)
    named = {"name": name, "supplier": supplier, "importer": importer}
    main_rows = select_flows(arms, dataset=main)
    of_main = next(one for one in releases if one.dataset == main)
    return Findings(
        numbers=(
            *_share_numbers(releases, main, name),
            *deal_numbers(main_rows, of_main, name),
            *published_numbers(shown, asked, name),
        ),
        tables=(share_table(shares, shown, **named),),
        figures=(
            by_supplier_figure(main_rows, **named),
            window_figure(shares, shown, **named),
        ),
        words={
            f"{name}.importer": country_name(importer),
            f"{name}.supplier": country_name(supplier),
            f"{name}.window": f"{asked[0]}–{asked[1]}",
            f"{name}.main-release": main.partition("@")[2],
            **deal_words(of_main, name),
        },
    )


def _latest_with_deals(arms: pd.DataFrame) -> str:
    datasets = arms.loc[arms["deal"].notna(), "dataset"] if "deal" in arms else arms["dataset"]
    return max(map(str, datasets.unique()), key=_vintage)


def _shares(
    arms: pd.DataFrame, *, importer: str, supplier: str, windows: Sequence[tuple[int, int]]
) -> list[Share]:
    """Return the share of every window in every release that counts all of its years."""
    found = []
    for dataset in sorted(arms["dataset"].unique(), key=_vintage):
        for start, end in windows:
            with suppress(PeriodError):
                found.append(
                    share(
                        arms,
                        supplier=supplier,
                        importer=importer,
                        start=start,
                        end=end,
                        dataset=dataset,
                    )
                )
    return found


def _vintage(dataset: str) -> str:
    return dataset.partition("@")[2]


def _parameters(one: Share) -> dict[str, Json]:
    return {
        "dataset": one.dataset,
        "supplier": one.supplier,
        "importer": one.importer,
        "start": one.start,
        "end": one.end,
    }


def _share_numbers(releases: Sequence[Share], main: str, name: str) -> list[Number]:
    numbers = []
    for one in releases:
        make = numbers_of(name, "flows.share", _parameters(one))
        vintage = _vintage(one.dataset)
        window = f"{one.start}-{one.end}, release {vintage}"
        told = f"of {country_name(one.importer)}'s imports of major arms in {window}"
        counted = one.rows[one.rows["counted"]]
        percent = 100 * one.value
        about = f"Share of {country_name(one.supplier)} {told}."
        made = [
            make(f"share.{vintage}", percent, "%", about, digits=2, rows=one.rows),
            make(
                f"numerator.{vintage}",
                one.numerator,
                one.unit,
                f"Deliveries of {country_name(one.supplier)} {told}.",
                digits=2,
                rows=counted,
            ),
            make(
                f"denominator.{vintage}",
                one.denominator,
                one.unit,
                f"All suppliers' deliveries {told}.",
                digits=2,
                rows=one.rows,
            ),
        ]
        numbers += made
        if one.dataset == main:
            numbers += [
                replace(number, id=number.id.replace(f".{vintage}", ".main")) for number in made
            ]
    return [*numbers, *_range_numbers(releases, name)]


def _range_numbers(releases: Sequence[Share], name: str) -> list[Number]:
    """Return the lowest and highest share of all releases."""
    ordered = sorted(releases, key=lambda one: one.value)
    return [
        numbers_of(name, "flows.share", _parameters(one))(
            f"share.{word}",
            100 * one.value,
            "%",
            f"The {word} share of all releases at hand: that of {_vintage(one.dataset)}.",
            digits=1,
            rows=one.rows,
        )
        for word, one in (("lowest", ordered[0]), ("highest", ordered[-1]))
    ]
