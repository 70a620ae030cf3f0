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
        Bounds; ``value`` itself where the source states none. ``high`` may be infinite.

    Raises
    ------
    ValueError
        If the value is not between its bounds.

    Examples
    --------
    A source that says "more than 412" has no upper bound:

    >>> Amount(412.0, 412.0, math.inf)
    Amount(value=412.0, low=412.0, high=inf)
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
        """Return an amount without doubt."""
        return cls(value, value, value)


def balance(exports: Amount | float, imports: Amount | float) -> Amount:
    """Return exports less imports."""
    sold, bought = _amounts(exports, imports)
    return Amount(sold.value - bought.value, sold.low - bought.high, sold.high - bought.low)


def normalised_balance(exports: Amount | float, imports: Amount | float) -> Amount:
    """Return exports less imports as a share of both together."""
    share = import_share(exports, imports)
    return Amount(1 - 2 * share.value, 1 - 2 * share.high, 1 - 2 * share.low)


def import_share(exports: Amount | float, imports: Amount | float) -> Amount:
    """
    Return imports as a share of the turnover, exports and imports together.

    Parameters
    ----------
    exports, imports : Amount or float
        Of one country with another, in one unit and period; a number is an amount without doubt.

    Returns
    -------
    Amount
        Between 0 and 1, with the bounds that those of the two amounts admit, each taken for itself.

    Raises
    ------
    ValueError
        If an amount is negative or not finite, or both are zero.

    Examples
    --------
    Of "more than 60" of imports there is no upper bound, and they may be nearly all:

    >>> import_share(40.0, Amount(60.0, 60.0, math.inf))
    Amount(value=0.6, low=0.6, high=1.0)
    """
    sold, bought = _amounts(exports, imports)
    if sold.value + bought.value == 0:
        raise ValueError(
            "exports, imports: expected an amount above 0 in one of them, found 0 in both"
        )
    return Amount(
        _part_of_sum(bought.value, sold.value),
        _part_of_sum(bought.low, sold.high),
        _part_of_sum(bought.high, sold.low),
    )


def trade_intensity(
    flow: Amount | float,
    *,
    exports: Amount | float,
    partner_imports: Amount | float,
    world: Amount | float,
) -> Amount:
    r"""
    Return how much more two countries trade than their sizes in world trade would give.

    Parameters
    ----------
    flow : Amount
        What the exporter sends to the partner.
    exports : Amount
        What the exporter sends to all countries.
    partner_imports : Amount
        What the partner receives from all countries.
    world : Amount
        World trade.

    Returns
    -------
    Amount
        :math:`(x_{ij} / x_i) / (m_j / w)`: above 1 where the exporter sends the partner a larger
        part of its exports than the partner has in world imports; with the bounds that those of the
        four amounts admit, each taken for itself.

    Raises
    ------
    ValueError
        If an amount is negative or not finite, or a total can be zero or has no upper bound.

    Notes
    -----
    All amounts are of one unit, year and valuation. Kojima leaves the exporter's own imports out of
    ``world``, since it cannot send goods to itself; so does who passes such a total.

    References
    ----------
    .. [1] Kojima, K. (1964). The pattern of international trade among advanced countries.
       Hitotsubashi Journal of Economics 5 (1), 16-36.

    Examples
    --------
    Armenia takes a tenth of the exports, and a fiftieth of world imports:

    >>> amounts = [Amount.exact(value) for value in (10.0, 100.0, 20.0, 1000.0)]
    >>> flow, exports, partner_imports, world = amounts
    >>> trade_intensity(
    ...     flow, exports=exports, partner_imports=partner_imports, world=world
    ... ).value
    5.0
    """
    return _ratio_of_shares(flow, exports, partner_imports, world)


def revealed_advantage(
    flow: Amount | float,
    *,
    exports: Amount | float,
    world_of_product: Amount | float,
    world: Amount | float,
) -> Amount:
    r"""
    Return Balassa's revealed comparative advantage of a country in a product.

    Parameters
    ----------
    flow : Amount
        What the country exports of the product.
    exports : Amount
        What it exports in all.
    world_of_product : Amount
        World exports of the product.
    world : Amount
        World exports.

    Returns
    -------
    Amount
        :math:`(x_{ik} / x_i) / (x_{wk} / x_w)`: above 1 where the product has a larger part of the
        country's exports than of the world's; with the bounds that those of the four amounts admit,
        each taken for itself.

    Raises
    ------
    ValueError
        If an amount is negative or not finite, or a total can be zero or has no upper bound.

    References
    ----------
    .. [1] Balassa, B. (1965). Trade liberalisation and "revealed" comparative advantage. The
       Manchester School 33 (2), 99-123.

    Examples
    --------
    Of "more than 40" there is no upper bound, and so none of the index:

    >>> advantage = revealed_advantage(
    ...     Amount(40.0, 40.0, math.inf), exports=Amount.exact(100.0),
    ...     world_of_product=Amount.exact(200.0), world=Amount.exact(1000.0),
    ... )
    >>> advantage.value, advantage.low, advantage.high
    (2.0, 2.0, inf)
    """
    return _ratio_of_shares(flow, exports, world_of_product, world)


def _ratio_of_shares(*stated: Amount | float) -> Amount:
    """Return the share that the first is of the second, by that of the third in the fourth."""
    part, whole, other_part, other = _amounts(*stated)
    if min(whole.low, other_part.low, other.low) <= 0:
        raise ValueError(
            "expected totals above 0, since the index divides by them, found one that is 0 or "
            "whose lower bound is 0"
        )
    if math.isinf(max(whole.high, other_part.high, other.high)):
        raise ValueError(
            'expected totals with an upper bound, found one without, as "more than 60" has none'
        )
    return Amount(
        part.value / whole.value / (other_part.value / other.value),
        part.low / whole.high / (other_part.high / other.low),
        part.high / whole.low / (other_part.low / other.high),
    )


def _part_of_sum(part: float, rest: float) -> float:
    """Return a part's share of itself and the rest, in the limit where one has no bound."""
    if math.isinf(part):
        return 1.0
    if math.isinf(rest) or part + rest == 0:
        return 0.0
    return part / (part + rest)


def _amounts(*stated: Amount | float) -> list[Amount]:
    """Return what is stated as amounts; refuse those that no index is made of."""
    amounts = [
        amount if isinstance(amount, Amount) else Amount.exact(float(amount)) for amount in stated
    ]
    for amount in amounts:
        if amount.low < 0 or not math.isfinite(amount.value):
            raise ValueError(f"expected finite amounts of at least 0, found {amount}")
    return amounts
