"""How a study prints a value and what a number of it holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.studies.numbers import numbers_of, print_value


@pytest.mark.parametrize(
    ("value", "digits", "printed"),
    [
        (67.7392, 2, "67.74"),
        (-47.89, 1, "\u221247.9"),
        (1029.61, 2, "1,029.61"),
        (-0.001, 2, "0.00"),
        (216.0, 0, "216"),
    ],
)
def test_a_value_is_printed(value: float, digits: int, printed: str) -> None:
    assert print_value(value, digits) == printed


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_finite_is_not_printed(value: float) -> None:
    with pytest.raises(ValueError, match="expected a finite value to print"):
        print_value(value, 1)


@given(st.floats(-1e12, 1e12), st.integers(0, 6))
def test_the_printed_value_is_within_half_a_digit(value: float, digits: int) -> None:
    read = float(print_value(value, digits).replace("\u2212", "-").replace(",", ""))
    assert abs(read - value) <= 0.5 * 10**-digits * (1 + 1e-9) + abs(value) * 1e-15


def test_a_number_has_bounds_or_an_interval_with_its_level() -> None:
    make = numbers_of("trade", "flows.bridge", {"ratio": 1.06})
    plain = make("a", 1.0, "%", "A.", digits=0, rows={"d@1": (2,)})
    bounded = make("b", 1.0, "%", "B.", digits=0, rows={}, bounds=(0.5, 2.0), level=0.95)
    interval = make("c", 1.0, "%", "C.", digits=0, rows={}, interval=(0.5, 2.0), level=0.95)
    assert (plain.low, plain.high, plain.spread, plain.level) == (None, None, None, None)
    assert (bounded.low, bounded.high, bounded.spread, bounded.level) == (0.5, 2.0, "bounds", None)
    assert (interval.low, interval.spread, interval.level) == (0.5, "interval", 0.95)
    assert plain.parameters == {"ratio": 1.06}
