"""The supplier study: what share of a country's arms imports came from one supplier."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from flows.findings import Findings
from flows.studies.section import Study
from flows.studies.supplier.question import SupplierQuestion

SUPPLIER = Study("flows.studies.supplier", SupplierQuestion)

_OF_A_WINDOW = (
    "share",
    "windows",
    "countings",
    "bounds",
    "interval",
    "suppliers",
    "concentration",
    "published",
    "deals",
    "revision",
    "context",
)
"""Sections about the share of a window, in the order of their exhibits."""


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
        What cannot be excluded: name of a rule of ``fl.rules`` to its arguments, as
        ``{"uncertain_years": {"within": 1}}``. Rules that a release has no columns for are left
        out there, and named.
    posterior : Mapping
        ``draws``, ``rng`` (a seed) and ``level`` of the bootstrap over deals.
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
        ``min_volume`` (million TIV in the window), ``former`` (a window before) and ``beside``
        (importers to show as well); see :func:`flows.supplier_context`.
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
        and a word ``<part>.refused`` says why. What other choices would have given takes longer and
        is a section for :func:`flows.study`, ``choices``.

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
    ...     posterior={"draws": 500, "rng": 1, "level": 0.9}, below=0.5,
    ... )
    >>> shares = {number.id: number for number in findings.numbers}
    >>> shares["arms.share.main"].printed, round(shares["arms.share.bounds.all"].low, 2)
    ('67.74', 64.16)
    """
    tables = {"arms": arms, "published": published, "full_export": full_export}
    return SUPPLIER.find(
        name,
        data={argument: table for argument, table in tables.items() if table is not None},
        question={
            "importer": importer,
            "supplier": supplier,
            "window": window,
            "windows": windows,
            "main": main,
            "tolerance": tolerance,
            "rules": rules,
            "posterior": posterior,
        },
        parameters={
            "deals": {"below": below},
            "revision": {"before": before},
            "suppliers": {"top": top},
            "context": context or {},
        },
        only=_OF_A_WINDOW,
    )
