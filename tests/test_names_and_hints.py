"""What helps to find a name: the order of the work, and what may have been meant."""

import re
from collections.abc import Callable

import pytest
from test_results import CASE, arms, imports

import flows as fl
from flows.errors import did_you_mean


def test_help_names_everything_in_the_order_of_the_work() -> None:
    named = set(re.findall(r"`(\w+)`", fl.__doc__ or ""))
    assert named == set(fl.__all__)


@pytest.mark.parametrize(
    ("call", "meant"),
    [
        (lambda: fl.load("sipri-deal-year@2025-03"), "sipri-deal-years"),
        (lambda: fl.load("pyproject.toml", layout="armsta"), "armstat"),
        (lambda: fl.share(arms(), **{**CASE, "supplier": "Isreal"}), "Israel ISR"),
        (lambda: fl.fit_trend(imports(), se="newey"), "newey-west"),
        (lambda: fl.find_breaks(imports(), regime="means"), "mean"),
        (lambda: fl.series(arms(), exporter="ISR", importer="AZE", freq="years"), "year"),
        (lambda: fl.share_bounds(arms(), **CASE, rules=["uncertain_year"]), "UncertainYear"),
        (
            lambda: fl.share_bounds(arms(), **CASE, rules=[fl.rules.UnknownPartner]),
            "UnknownPartner",
        ),
        (lambda: fl.recut(arms(), fl.Period.year(2020), edges="day"), "days"),
    ],
)
def test_an_error_says_what_may_have_been_meant(call: Callable[[], object], meant: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"did you mean {meant}?")):
        call()


@pytest.mark.parametrize(
    ("module", "name", "meant"),
    [(fl, "fit_trends", "fit_trend"), (fl.figures, "draw_trends", "draw_trend")],
)
def test_an_attribute_says_what_may_have_been_meant(module: object, name: str, meant: str) -> None:
    with pytest.raises(AttributeError, match=re.escape(f"did you mean {meant}?")):
        getattr(module, name)


def test_what_is_like_nothing_gets_no_hint() -> None:
    assert did_you_mean("zzz", ["fit_trend"]) == ""
    with pytest.raises(AttributeError, match=r"no attribute 'zzz'$"):
        fl.zzz  # noqa: B018
