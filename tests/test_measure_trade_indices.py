"""Indices of trade by hand, their bounds against points inside them, and what is refused."""

import math
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from flows.measure.trade_indices import (
    Amount,
    balance,
    import_share,
    normalised_balance,
    revealed_advantage,
    trade_intensity,
)

ROUNDING = 1e-9
exact = Amount.exact


def test_balances_of_one_country_by_hand() -> None:
    exports, imports = exact(94.5), exact(598.0)
    assert balance(exports, imports) == exact(-503.5)
    assert import_share(exports, imports).value == pytest.approx(598 / 692.5)
    assert normalised_balance(exports, imports).value == pytest.approx(-503.5 / 692.5)


def test_more_than_leaves_one_side_open() -> None:
    exports, imports = Amount(412.0, 412.0, math.inf), exact(45.0)
    assert balance(exports, imports) == Amount(367.0, 367.0, math.inf)
    share = import_share(exports, imports)
    assert (share.low, share.high) == (0.0, pytest.approx(45 / 457))
    assert normalised_balance(exports, imports).high == 1.0


def test_a_flow_in_one_direction_only() -> None:
    assert import_share(exact(0.0), exact(7.0)) == exact(1.0)
    assert normalised_balance(exact(7.0), exact(0.0)) == exact(1.0)
    assert import_share(Amount(0.0, 0.0, 2.0), Amount(1.0, 0.0, 1.0)) == Amount(1.0, 0.0, 1.0)


def test_intensity_and_advantage_by_hand() -> None:
    # A tenth of the exports goes to a country that takes a twentieth of the world's imports.
    found = trade_intensity(
        exact(10.0), exports=exact(100.0), partner_imports=exact(50.0), world=exact(1000.0)
    )
    assert found.value == pytest.approx(2.0)
    # 30 % of the country's exports against 15 % of the world's.
    gas = revealed_advantage(
        Amount(30.0, 15.0, 60.0),
        exports=exact(100.0),
        world_of_product=exact(150.0),
        world=exact(1000.0),
    )
    assert (gas.value, gas.low, gas.high) == pytest.approx((2.0, 1.0, 4.0))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Amount(2.0, 3.0, 4.0), "between its bounds, found 2.0 and 3.0 to 4.0"),
        (lambda: Amount(math.nan, 0.0, 1.0), "between its bounds"),
        (lambda: balance(exact(-1.0), exact(1.0)), "finite amounts of at least 0"),
        (lambda: balance(exact(math.inf), exact(1.0)), "finite amounts of at least 0"),
        (lambda: import_share(exact(0.0), exact(0.0)), "in one of them, found 0 in both"),
        (lambda: _intensity(world=exact(0.0)), "totals above 0"),
        (lambda: _intensity(world=Amount(9.0, 9.0, math.inf)), "totals with an upper bound"),
    ],
)
def test_what_no_index_is_made_of_is_refused(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def _intensity(**changes: Amount) -> Amount:
    amounts = {"exports": exact(9.0), "partner_imports": exact(5.0), "world": exact(90.0)}
    return trade_intensity(exact(1.0), **(amounts | changes))


numbers = st.floats(0.01, 1e6)


@st.composite
def amounts(draw: st.DrawFn) -> tuple[Amount, float]:
    """An amount with bounds, and a point between them."""
    low, value, high = sorted(draw(st.tuples(numbers, numbers, numbers)))
    weight = draw(st.floats(0, 1))
    return Amount(value, low, high), min(high, low + weight * (high - low))


@given(amounts(), amounts())
def test_bounds_hold_wherever_the_amounts_lie(one: Any, other: Any) -> None:
    (exports, out), (imports, into) = one, other
    for index in (balance, normalised_balance, import_share):
        found, inside = index(exports, imports), index(exact(out), exact(into)).value
        slack = ROUNDING * max(1.0, abs(inside))
        assert found.low - slack <= inside <= found.high + slack


@given(st.tuples(amounts(), amounts(), amounts(), amounts()))
def test_bounds_of_the_intensity_hold(four: Any) -> None:
    (flow, x), (exports, e), (partner, p), (world, w) = four
    found = trade_intensity(flow, exports=exports, partner_imports=partner, world=world)
    inside = (x / e) / (p / w)
    assert found.low * (1 - ROUNDING) <= inside <= found.high * (1 + ROUNDING)


@given(numbers, numbers, numbers)
def test_indices_do_not_depend_on_the_unit(exports: float, imports: float, scale: float) -> None:
    assume(exports * scale > 0 and imports * scale > 0)
    once = import_share(exact(exports), exact(imports)).value
    again = import_share(exact(exports * scale), exact(imports * scale)).value
    assert again == pytest.approx(once, rel=ROUNDING)


def test_a_number_is_an_amount_without_doubt() -> None:
    assert import_share(40.0, 60.0) == import_share(Amount.exact(40.0), Amount.exact(60.0))
