"""The known differences between two statements, each with the rows that say so."""

from collections.abc import Mapping

import pandas as pd

from flows.compare.goods import check_apart
from flows.compare.sides import part_in
from flows.compare.terms import NO_FACTOR, Speaker, Term
from flows.countries import country_name
from flows.errors import DoubleCountError, UnitError
from flows.periods import Period
from flows.table import where


def coverage_terms(
    goods: Mapping[str, pd.DataFrame], *, of: pd.DataFrame, period: Period
) -> list[Term]:
    """
    Return the goods that the exporter does not count, as the importer states them.

    Parameters
    ----------
    goods : Mapping
        Name to the importer's rows.
    of : pandas.DataFrame
        The importer's statement of all goods.
    period : Period
        The period that is compared.

    Returns
    -------
    list of Term
        ``coverage``, ``coverage-2`` and so on.

    Raises
    ------
    DoubleCountError
        If a product stands under two names, inside another, or in two kinds of classification.
    UnitError
        If goods are valued otherwise, or on another basis, than all goods.
    PeriodError
        If neither ``period`` nor all of its months are stated.
    """
    check_apart(goods)
    terms = []
    for place, (name, rows) in enumerate(goods.items(), start=1):
        cut = part_in(rows, of=of, period=period)
        terms.append(
            Term(
                id="coverage" if place == 1 else f"coverage-{place}",
                name=f"Not counted by the exporter: {name}",
                side="importer",
                amount=cut.value,
                factor=NO_FACTOR,
                rows=cut.rows,
                assumption="as the importer reports them",
            )
        )
    return terms


def re_export_terms(
    says: pd.DataFrame | None, *, of: pd.DataFrame, importer_says: pd.DataFrame, period: Period
) -> list[Term]:
    """
    Return the goods that the exporter counts among its exports and did not make.

    Parameters
    ----------
    says : pandas.DataFrame, optional
        The exporter's rows of re-exports, a part of its exports.
    of, importer_says : pandas.DataFrame
        The exporter's statement of all goods, and the importer's.
    period : Period
        The period that is compared.

    Returns
    -------
    list of Term
        None where no rows are given.

    Raises
    ------
    UnitError
        If the importer does not state imports by origin: by consignment re-exports are there too.
    PeriodError
        If neither ``period`` nor all of its months are stated.
    """
    if says is None:
        return []
    basis = importer_says["partner_basis"].iloc[0]
    if basis != "origin":
        raise UnitError(
            f"expected imports by origin beside re-exports of the exporter, found partner_basis "
            f"{basis!r} at {where(importer_says)}"
        )
    cut = part_in(says, of=of, period=period)
    return [
        Term(
            id="re-exports",
            name=f"Re-exports of {country_name(says['reporter'].iloc[0])}",
            side="exporter",
            amount=cut.value,
            factor=NO_FACTOR,
            rows=cut.rows,
            assumption="counted by the exporter, of another origin for the importer",
        )
    ]


def revision_terms(
    says: pd.DataFrame | None, *, of: pd.DataFrame, value: float, side: Speaker, period: Period
) -> list[Term]:
    """
    Return what another release of a statement changes.

    Parameters
    ----------
    says : pandas.DataFrame, optional
        The same statement in the release in which it is to be compared.
    of : pandas.DataFrame
        The statement as quoted.
    value : float
        What ``of`` states in ``period``.
    side : {"exporter", "importer"}
        Whose statement it is.
    period : Period
        The period that is compared.

    Returns
    -------
    list of Term
        None where no other release is given.

    Raises
    ------
    DoubleCountError
        If both are the same release.
    UnitError
        If the releases value the goods otherwise, or on another basis.
    PeriodError
        If neither ``period`` nor all of its months are stated.
    """
    if says is None:
        return []
    quoted, other = str(of["dataset"].iloc[0]), str(says["dataset"].iloc[0])
    if quoted == other:
        raise DoubleCountError(f"expected another release than {quoted}, found the same twice")
    cut = part_in(says, of=of, period=period)
    return [
        Term(
            id=f"vintage-{side}",
            name=f"Release: {other} against {quoted}",
            side=side,
            amount=value - cut.value,
            factor=NO_FACTOR,
            rows=cut.rows,
            assumption="both as published",
        )
    ]


def basis_terms(
    says: pd.DataFrame | None, *, of: pd.DataFrame, value: float, period: Period
) -> list[Term]:
    """
    Return what the importer's other partner basis changes.

    Parameters
    ----------
    says : pandas.DataFrame, optional
        The importer's statement on the basis that fits the exporter's.
    of : pandas.DataFrame
        Its statement as quoted.
    value : float
        What ``of`` states in ``period``.
    period : Period
        The period that is compared.

    Returns
    -------
    list of Term
        None where no other basis is given.

    Raises
    ------
    UnitError
        If the two are on one basis, are valued otherwise, or one does not state its basis.
    PeriodError
        If neither ``period`` nor all of its months are stated.
    """
    if says is None:
        return []
    quoted, other = str(of["partner_basis"].iloc[0]), str(says["partner_basis"].iloc[0])
    if not quoted or not other or quoted == other:
        raise UnitError(
            f"expected two partner bases of the importer's imports, found {quoted!r} and "
            f"{other!r} ({where(says)})"
        )
    cut = part_in(says, of=of, period=period, alike=("valuation", "dataset"))
    return [
        Term(
            id="basis",
            name=f"Partner basis: {quoted} against {other}",
            side="importer",
            amount=value - cut.value,
            factor=NO_FACTOR,
            rows=cut.rows,
            assumption="as the importer reports both",
        )
    ]


def factor_terms(
    name: str,
    factor: tuple[float, float] | None,
    *,
    side: Speaker,
    title: str,
    label: str,
    source: str | None,
) -> list[Term]:
    """
    Return a factor given as a range.

    Parameters
    ----------
    name : str
        Id of the step.
    factor : tuple of float, optional
        Lowest and highest.
    side : {"exporter", "importer"}
        Whose statement it changes.
    title, label : str
        What is printed of the step, and of the factor.
    source : str, optional
        Where the range comes from.

    Returns
    -------
    list of Term
        None where no factor is given, or it is 1.

    Raises
    ------
    ValueError
        If the ends are not positive and in order.
    """
    if factor is None or factor == NO_FACTOR:
        return []
    if not 0 < factor[0] <= factor[1] < float("inf"):
        raise ValueError(f"expected 0 < lowest <= highest {label}, found {factor}")
    said = f"{label} {factor[0]:.2f} to {factor[1]:.2f}"
    return [
        Term(
            id=name,
            name=title,
            side=side,
            amount=0.0,
            factor=(float(factor[0]), float(factor[1])),
            rows=pd.DataFrame(),
            assumption=f"{said} ({source})" if source else said,
        )
    ]
