"""Which statements stand for a reporter where space is short, and what their sources are called."""

from collections.abc import Sequence

from flows.studies.dyad_statements import Statement

_BASES = ("origin", "destination", "")
_NAMES = {
    "armstat": "Armstat",
    "comtrade": "Comtrade",
    "cow": "COW",
    "irica": "IRICA",
    "sipri": "SIPRI",
    "wits": "WITS",
}


def short_name(dataset: str) -> str:
    """
    Return how a narrow column or a line of a figure names a data set.

    Parameters
    ----------
    dataset : str
        Its id, or the name of a user's file.

    Returns
    -------
    str
        Its publisher's short name and its vintage.

    Examples
    --------
    >>> short_name("sipri-tiv-table@2026-03"), short_name("customs@2025"), short_name("my.csv")
    ('SIPRI 2026-03', 'customs 2025', 'my')
    """
    source, at, vintage = dataset.partition("@")
    if not at:
        return dataset.partition(".")[0]
    return f"{_NAMES.get(source.split('-')[0], source)} {vintage}".strip()


def preferred(statements: Sequence[Statement]) -> list[Statement]:
    """
    Return of each reporter, flow, unit and data set what it states of all goods, on one basis.

    Parameters
    ----------
    statements : sequence of Statement
        All of a pair.

    Returns
    -------
    list of Statement
        In their order: without single products beside a total of the same reporter, and without
        consignment beside origin.

    Raises
    ------
    AttributeError
        If an element is no statement.
    """
    kept = [
        one
        for one in statements
        if one.classification == "TOTAL"
        or not any(other.classification == "TOTAL" and _same(one, other) for other in statements)
    ]
    return [
        one
        for one in kept
        if not any(
            _same(one, other)
            and (one.dataset, one.classification) == (other.dataset, other.classification)
            and _rank(other) < _rank(one)
            for other in kept
        )
    ]


def _same(one: Statement, other: Statement) -> bool:
    return (one.exporter, one.importer, one.reporter, one.unit) == (
        other.exporter,
        other.importer,
        other.reporter,
        other.unit,
    )


def _rank(one: Statement) -> int:
    return _BASES.index(one.partner_basis) if one.partner_basis in _BASES else len(_BASES)
