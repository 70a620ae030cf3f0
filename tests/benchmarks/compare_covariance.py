"""Covariances and bandwidths against R's sandwich."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from comparison import ROUNDING, Comparison, furthest, nile, read

from flows.models.covariance import (
    automatic_bandwidth,
    classical,
    heteroskedastic,
    kernel_hac,
    newey_west,
)
from flows.models.least_squares import fit_least_squares
from flows.models.sample import FloatArray
from flows.models.standard_errors import ErrorChoice, estimate_covariance


def covariance_cases() -> Iterator[tuple[str, FloatArray, FloatArray, Mapping[str, Any]]]:
    """Yield title, regressors, residuals and R's covariances of each regression."""
    file = read("sandwich")
    rows = np.array(file["data"]["investment"]["rows"])
    ones = np.ones((100, 1))
    regressions = {
        "nile-const": ("Nile, mean", ones, nile()),
        "nile-trend": ("Nile, trend", np.column_stack([ones, np.arange(1, 101)]), nile()),
        "investment": (
            "US investment",
            np.column_stack([np.ones(len(rows)), rows[:, 1:]]),
            rows[:, 0],
        ),
    }
    for name, (title, x, y) in regressions.items():
        yield title, x, fit_least_squares(x, y).resids, file["cases"][name]


def estimate(name: str, x: FloatArray, resids: FloatArray) -> FloatArray:
    """Return the covariance that a key of the file names."""
    if name == "classical":
        return classical(x, resids)
    if name.startswith("hc"):
        return heteroskedastic(x, resids, kind=name)  # type: ignore[arg-type]
    options = {key: int(value) for key, value in (word.split("=") for word in name.split()[1:])}
    return newey_west(
        x,
        resids,
        lags=options["lags"],
        prewhite=bool(options["prewhite"]),
        adjust=bool(options["adjust"]),
    )


def estimate_kernel(name: str, x: FloatArray, resids: FloatArray) -> FloatArray:
    """Return the kernel covariance that a key of the file names."""
    kernel, rule, white = name.split()
    options: dict[str, Any] = {"kernel": kernel, "prewhite": white == "prewhite=1"}
    if rule == "given":
        return kernel_hac(x, resids, bandwidth=4.0, **options)
    bandwidth = automatic_bandwidth(x, resids, rule="andrews-1991", **options)
    return kernel_hac(x, resids, bandwidth=bandwidth, adjust=True, **options)


def estimate_bandwidth(name: str, x: FloatArray, resids: FloatArray) -> float:
    """Return the bandwidth that a key of the file names."""
    rule, kernel, white = name.split()
    options: dict[str, Any] = {"rule": rule, "kernel": kernel, "prewhite": white == "prewhite=1"}
    return automatic_bandwidth(x, resids, **options)


def estimate_automatic(x: FloatArray, resids: FloatArray, *, prewhite: bool) -> FloatArray:
    """Return the covariance of Newey and West with their own lags."""
    choice = ErrorChoice(
        "newey-west", lags="newey-west-1994", prewhite=prewhite, small_sample="none"
    )
    return estimate_covariance(x, resids, np.arange(len(x)), choice).matrix


def compare_covariance() -> Iterator[Comparison]:
    """Compare each family of covariances by the cell that is furthest off."""
    for title, x, resids, expected in covariance_cases():
        families = {
            "classical and HC0-HC3": lambda name: "lags" not in name,
            "Newey-West, 0-6 lags": lambda name: "prewhite=0" in name,
            "Newey-West prewhitened, 0-6 lags": lambda name: "prewhite=1" in name,
        }
        for family, belongs in families.items():
            names = [name for name in expected["covariance"] if belongs(name)]
            yield _compare(
                f"{title}: {family}",
                [expected["covariance"][name] for name in names],
                [estimate(name, x, resids) for name in names],
            )
        kernels, bandwidths = expected["kernels"], expected["bandwidths"]
        found = [estimate_kernel(name, x, resids) for name in kernels]
        yield _compare(f"{title}: three kernels", list(kernels.values()), found)
        found = [estimate_bandwidth(name, x, resids) for name in bandwidths]
        yield _compare(f"{title}: automatic bandwidths", list(bandwidths.values()), found)
        found = [estimate_automatic(x, resids, prewhite=prewhite) for prewhite in (False, True)]
        yield _compare(f"{title}: Newey-West, automatic lags", expected["automatic"], found)


def _compare(statistic: str, expected: list[Any], found: list[Any]) -> Comparison:
    return furthest(statistic, "sandwich", expected, found, ROUNDING)
