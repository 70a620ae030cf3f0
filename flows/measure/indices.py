"""Indices of concentration: one number for how unequally a total is divided."""

import math
from collections.abc import Iterable


def herfindahl(amounts: Iterable[float]) -> float:
    r"""
    Return the Herfindahl-Hirschman index, the sum of squared shares :math:`\sum_i s_i^2`.

    Hirschman, A. O. (1964). The paternity of an index. American Economic Review 54 (5),
    761-762.
    """
    return math.fsum(share**2 for share in _shares(amounts))


def effective_number(amounts: Iterable[float]) -> float:
    r"""
    Return how many equal suppliers would be as concentrated, :math:`1/\sum_i s_i^2`.

    Laakso, M. and Taagepera, R. (1979). "Effective" number of parties: a measure with
    application to West Europe. Comparative Political Studies 12 (1), 3-27. Kish, L. (1965).
    Survey Sampling. Wiley, section 11.7.
    """
    return 1 / herfindahl(amounts)


def concentration_ratio(amounts: Iterable[float], k: int) -> float:
    """Return the share of the largest suppliers together: CR1 is that of the largest one."""
    if k < 1:
        raise ValueError(f"k: expected at least 1 supplier, found {k}")
    counted, total = _counted(amounts)
    return math.fsum(sorted(counted, reverse=True)[:k]) / total


def entropy(amounts: Iterable[float]) -> float:
    r"""
    Return Shannon's entropy of the shares in nats, :math:`-\sum_i s_i \ln s_i`.

    Theil, H. (1967). Economics and Information Theory. North-Holland, chapter 4.
    """
    return math.fsum(share * math.log(1 / share) for share in _shares(amounts) if share > 0)


def _shares(amounts: Iterable[float]) -> list[float]:
    counted, total = _counted(amounts)
    return [amount / total for amount in counted]


def _counted(amounts: Iterable[float]) -> tuple[list[float], float]:
    """Return the amounts and their sum, which does not depend on their order."""
    counted = [float(amount) for amount in amounts]
    if not counted:
        raise ValueError("amounts: expected at least one, found none")
    wrong = [amount for amount in counted if not 0 <= amount < math.inf]
    if wrong:
        raise ValueError(f"amounts: expected finite numbers of at least 0, found {wrong[0]}")
    total = math.fsum(counted)
    if total == 0:
        raise ValueError("amounts: expected one above 0, found a sum of 0")
    return counted, total
