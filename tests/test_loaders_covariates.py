"""Beside the flows: dated events, CEPII's covariates of pairs, shares that SIPRI published."""

import pytest

from flows.errors import SchemaError
from flows.loaders.covariates import (
    check_events,
    check_gravity,
    check_shares,
    normalise_events,
    normalise_gravity,
    normalise_published_shares,
    read_events,
    read_gravity,
    read_published_shares,
)
from flows.loaders.examples import example_path


def test_check_events() -> None:
    table = normalise_events(read_events(example_path("events")))
    with pytest.raises(
        SchemaError, match=r"expected each id once, found at events\.csv lines 3, 2"
    ):
        check_events(table.assign(id="ban"))


def test_check_gravity() -> None:
    table = normalise_gravity(read_gravity(example_path("gravity")))
    with pytest.raises(
        SchemaError, match=r"expected each pair and year once, found at gravity\.csv lines 2, 3"
    ):
        check_gravity(table.assign(year=2019))


def test_check_shares() -> None:
    table = normalise_published_shares(read_published_shares(example_path("published_shares")))
    with pytest.raises(
        SchemaError, match=r"expected no share above 100, found at published_shares\.csv lines 2, 3"
    ):
        check_shares(table.assign(share_pct=101.0))
