"""Indices of trade of a pair, with all that the bounds of the amounts admit."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Amount:
    """
    An amount, or an index of amounts, and what its sources do not exclude.

    Parameters
    ----------
    value : float
        In any unit, the same for all amounts of one index.
    low, high : float
        Bounds, ``value`` itself where the source states none; ``high`` may be infinite.

    Raises
    ------
    ValueError
        If the value does not lie between its bounds.
    """

    value: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.value <= self.high:
            raise ValueError(
                f"expected a value between its bounds, found {self.value} and "
                f"{self.low} to {self.high}"
            )

    @classmethod
    def exact(cls, value: float) -> "Amount":
        """
        Return an amount without doubt.

        Parameters
        ----------
        value : float
            Also its bounds.

        Returns
        -------
        Amount

        Raises
        ------
        ValueError
            If the value is no number.
        """
        return cls(value, value, value)


def balance(exports: Amount, imports: Amount) -> Amount:
    """
    Return exports less imports.

    Parameters
    ----------
    exports, imports : Amount
        Of one country with another, in one unit.

    Returns
    -------
    Amount
        In that unit.

    Raises
    ------
    ValueError
        If an amount is negative or not finite.

    Examples
    --------
    >>> balance(Amount(45.0, 45.0, 45.0), Amount(412.0, 412.0, math.inf))
    Amount(value=-367.0, low=-inf, high=-367.0)
    """
    check_amounts(exports, imports)
    return Amount(
        exports.value - imports.value, exports.low - imports.high, exports.high - imports.low
    )


def normalised_balance(exports: Amount, imports: Amount) -> Amount:
    """
    Return exports less imports as a share of both together.

    Parameters
    ----------
    exports, imports : Amount
        Of one country with another, in one unit.

    Returns
    -------
    Amount
        From -1 (imports only) to 1 (exports only).

    Raises
    ------
    ValueError
        If an amount is negative or not finite, or both are zero.

    Examples
    --------
    >>> normalised_balance(Amount.exact(25.0), Amount.exact(75.0)).value
    -0.5
    """
    share = import_share(exports, imports)
    return Amount(1 - 2 * share.value, 1 - 2 * share.high, 1 - 2 * share.low)


def import_share(exports: Amount, imports: Amount) -> Amount:
    """
    Return imports as a share of the turnover, exports and imports together.

    Parameters
    ----------
    exports, imports : Amount
        Of one country with another, in one unit.

    Returns
    -------
    Amount
        0 to 1.

    Raises
    ------
    ValueError
        If an amount is negative or not finite, or both are zero.

    Examples
    --------
    >>> import_share(Amount.exact(25.0), Amount(75.0, 75.0, math.inf))
    Amount(value=0.75, low=0.75, high=1.0)
    """
    check_amounts(exports, imports)
    if exports.value + imports.value == 0:
        raise ValueError("expected trade in one direction at least, found none")
    return Amount(
        part_of_sum(imports.value, exports.value),
        part_of_sum(imports.low, exports.high),
        part_of_sum(imports.high, exports.low),
    )


def trade_intensity(
    flow: Amount, *, exports: Amount, partner_imports: Amount, world: Amount
) -> Amount:
    r"""
    Return how much more two countries trade than their sizes in world trade would give.

    Parameters
    ----------
    flow : Amount
        Exports of one country to the other, :math:`x_{ij}`.
    exports : Amount
        All exports of the first, :math:`X_i`.
    partner_imports : Amount
        All imports of the second, :math:`M_j`.
    world : Amount
        Trade of the world, :math:`W`; all in one unit and one valuation.

    Returns
    -------
    Amount
        :math:`(x_{ij} / X_i) / (M_j / W)`, 1 where the flow is what the sizes give. The bounds
        take the four amounts as free of one another.

    Raises
    ------
    ValueError
        If an amount is negative or not finite, or one of the last three can be zero.

    References
    ----------
    .. [1] Kojima, K. (1964). The pattern of international trade among advanced countries.
       Hitotsubashi Journal of Economics 5 (1), 16-36.

    Examples
    --------
    >>> amounts = {"exports": 100.0, "partner_imports": 50.0, "world": 1000.0}
    >>> trade_intensity(
    ...     Amount.exact(10.0), **{name: Amount.exact(one) for name, one in amounts.items()}
    ... ).value
    2.0
    """
    return _ratio_of_shares(flow, exports, partner_imports, world)


def revealed_advantage(
    flow: Amount, *, exports: Amount, world_of_product: Amount, world: Amount
) -> Amount:
    r"""
    Return Balassa's revealed comparative advantage of a country in a product.

    Parameters
    ----------
    flow : Amount
        Its exports of the product, :math:`x_{ik}`.
    exports : Amount
        All its exports, :math:`X_i`.
    world_of_product, world : Amount
        The world's exports of the product and of all, :math:`X_k` and :math:`X`; in one unit.

    Returns
    -------
    Amount
        :math:`(x_{ik} / X_i) / (X_k / X)`, above 1 where the country exports relatively much of
        it. The bounds take the four amounts as free of one another.

    Raises
    ------
    ValueError
        If an amount is negative or not finite, or one of the last three can be zero.

    References
    ----------
    .. [1] Balassa, B. (1965). Trade liberalisation and "revealed" comparative advantage.
       The Manchester School 33 (2), 99-123.

    Examples
    --------
    >>> amounts = {"exports": 100.0, "world_of_product": 50.0, "world": 1000.0}
    >>> revealed_advantage(
    ...     Amount(10.0, 5.0, 10.0), **{name: Amount.exact(one) for name, one in amounts.items()}
    ... )
    Amount(value=2.0, low=1.0, high=2.0)
    """
    return _ratio_of_shares(flow, exports, world_of_product, world)


def _ratio_of_shares(part: Amount, whole: Amount, other_part: Amount, other: Amount) -> Amount:
    check_amounts(part, whole, other_part, other)
    if min(whole.low, other_part.low, other.low) <= 0:
        raise ValueError("expected totals above zero, found one that can be zero")
    if math.isinf(max(whole.high, other_part.high, other.high)):
        raise ValueError("expected totals with an upper bound, found one without")
    return Amount(
        part.value / whole.value / (other_part.value / other.value),
        part.low / whole.high / (other_part.high / other.low),
        part.high / whole.low / (other_part.low / other.high),
    )


def part_of_sum(part: float, rest: float) -> float:
    """
    Return a part's share of itself and the rest, in the limit where one has no bound.

    Parameters
    ----------
    part, rest : float
        Zero or more; may be infinite.

    Returns
    -------
    float
        0 to 1.

    Raises
    ------
    TypeError
        If one is no number.

    Examples
    --------
    >>> part_of_sum(30.0, 10.0), part_of_sum(30.0, math.inf)
    (0.75, 0.0)
    """
    if math.isinf(part):
        return 1.0
    if math.isinf(rest) or part + rest == 0:
        return 0.0
    return part / (part + rest)


def check_amounts(*amounts: Amount) -> None:
    """
    Refuse amounts that no index is made of.

    Parameters
    ----------
    *amounts : Amount
        All that go into an index.

    Raises
    ------
    ValueError
        If one is negative or its value not finite.

    Examples
    --------
    >>> check_amounts(Amount(1.0, 0.0, math.inf))
    """
    for one in amounts:
        if one.low < 0 or not math.isfinite(one.value):
            raise ValueError(f"expected amounts of zero or more, finite, found {one}")
