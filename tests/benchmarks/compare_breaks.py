"""Breaks, their tests and their dates against R's strucchange and mbreaks."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from comparison import CLOSED_FORM, RECURSION, ROUNDING, Comparison, furthest, nile, read
from numpy.typing import ArrayLike

from flows.models.break_dates import argmax_cdf, break_interval, measure_shifts
from flows.models.break_tests import (
    change_statistic,
    f_statistics,
    hansen_pvalue,
    one_more_break_test,
    single_break_tests,
)
from flows.models.breaks import information_criteria
from flows.models.fluctuation import ols_cusum, recursive_cusum
from flows.models.partitions import Design, best_partitions, fit_regimes, segment_costs

TURNING = {("aveF", 2), ("expF", 2), ("expF", 3)}
TURN = 14.0
"""Smallest statistic at which one of these polynomials turns down; R's p-values then rise again."""


def break_cases() -> Iterator[tuple[str, str, Design, pd.PeriodIndex]]:
    """Yield name in the file, title, regression and periods of each series."""
    data, cases = read("strucchange")["data"], read("strucchange")["cases"]
    y, ones = nile(), np.ones((100, 1))
    rate = np.array(data["real-interest"]["values"])
    log = np.log10(np.array(data["driver-deaths"]["values"], dtype=float))
    lags = np.column_stack([np.ones(180), log[11:-1], log[:-12]])
    years = pd.period_range("1871", "1970", freq="Y")
    for name, title, x, response, periods in (
        ("nile-const", "Nile, mean", ones, y, years),
        ("nile-trend", "Nile, trend", np.column_stack([ones, np.arange(1, 101)]), y, years),
        (
            "real-interest",
            "real interest rate",
            np.ones((103, 1)),
            rate,
            pd.period_range("1961Q1", periods=103, freq="Q"),
        ),
        (
            "seatbelt",
            "UK seat belts",
            lags,
            log[12:],
            pd.period_range("1970-01", periods=180, freq="M"),
        ),
    ):
        yield name, title, Design(x, response, np.arange(len(x)), cases[name]["shortest"]), periods


def dates(breaks: ArrayLike, periods: pd.PeriodIndex) -> str:
    """Return breaks as dates; R's last observation counted from 1 is our first counted from 0."""
    return ", ".join(str(periods[0] + int(at)) for at in np.ravel(breaks))


def compare_partitions(
    title: str, design: Design, periods: pd.PeriodIndex, expected: Mapping[str, Any]
) -> Iterator[Comparison]:
    """Compare dates, sums of squares and criteria for every number of breaks."""
    partitions = expected["partitions"]
    costs = segment_costs(design.x, design.y, shortest=design.shortest)
    found = best_partitions(costs, most=len(partitions))
    for theirs, ours in zip(partitions[:3], found.breaks[1:4], strict=True):
        count = f"dates of {len(theirs)} break{'s' * (len(theirs) > 1)}"
        yield Comparison(
            f"{title}: {count}", "strucchange", dates(theirs, periods), dates(ours, periods)
        )
    yield furthest(f"{title}: RSS", "strucchange", expected["rss"], found.costs, RECURSION)
    criteria = information_criteria(found.costs, nobs=len(design.y), coefficients=design.x.shape[1])
    for name in ("bic", "lwz"):
        if name in expected:
            known = criteria[name][: len(expected[name])]
            statistic = f"{title}: {name.upper()}"
            yield furthest(statistic, "strucchange", expected[name], known, RECURSION)


def compare_f_tests(
    title: str, design: Design, expected: Mapping[str, Any]
) -> Iterator[Comparison]:
    """Compare supF, aveF and expF with their p-values."""
    costs = segment_costs(design.x, design.y, shortest=design.shortest)
    path = f_statistics(costs, shortest=design.shortest, coefficients=design.x.shape[1])
    tests = single_break_tests(design, path)
    for name, (statistic, pvalue) in expected["tests"].items():
        found = tests[name]
        yield Comparison(f"{title}: {name}", "strucchange", statistic, found.statistic, RECURSION)
        label = f"{title}: p of {name}"
        yield Comparison(label, "strucchange", pvalue, found.pvalue, CLOSED_FORM, relative=False)


def compare_fluctuation(
    title: str, design: Design, expected: Mapping[str, Any]
) -> Iterator[Comparison]:
    """Compare the two CUSUM tests with their p-values."""
    for name, process in (("Rec-CUSUM", recursive_cusum), ("OLS-CUSUM", ols_cusum)):
        statistic, pvalue = expected["fluctuation"][name]
        found = process(design.x, design.y).test
        yield Comparison(f"{title}: {name}", "strucchange", statistic, found.statistic, RECURSION)
        label = f"{title}: p of {name}"
        yield Comparison(label, "strucchange", pvalue, found.pvalue, RECURSION, relative=False)


def compare_intervals(
    title: str, design: Design, periods: pd.PeriodIndex, expected: Mapping[str, Any]
) -> Iterator[Comparison]:
    """Compare the interval of the only break, and count those of up to five that are the same."""
    for kind, each in expected["intervals"].items():
        se, _, level = kind.partition(" ")
        found = [
            [
                list(break_interval(at, shift, level=float(level or 0.95)))
                for at, shift in zip(
                    breaks,
                    measure_shifts(design, np.array(breaks), se=se),  # type: ignore[arg-type]
                    strict=True,
                )
                if shift is not None
            ]
            for breaks in expected["partitions"][: len(each)]
        ]
        label = f"{title}: {level or '0.95'} interval, {se} errors"
        ends = (dates(rows[0], periods).replace(", ", " to ") for rows in (each, found))
        yield Comparison(f"{label}, 1 break", "strucchange", *ends)
        total = sum(map(len, each))
        same = sum(
            theirs == ours
            for those, these in zip(each, found, strict=True)
            for theirs, ours in zip(those, these, strict=True)
        )
        yield Comparison(f"{label}, 1 to 5 breaks, the same", "strucchange", total, same)


def compare_several_breaks() -> Iterator[Comparison]:
    """Compare supF(k) and supF(l+1|l) under each kind of errors."""
    designs = {name: (title, design) for name, title, design, _ in break_cases()}
    for case in read("mbreaks")["cases"]:
        series, se = case["series"], case["errors"]
        title, design = designs["nile-const" if series == "nile" else series]
        costs = segment_costs(design.x, design.y, shortest=design.shortest)
        breaks = best_partitions(costs, most=5).breaks
        found = [change_statistic(design, at, se=se) for at in breaks[1:]]
        label = f"{title}: supF(k), {se} errors"
        yield furthest(label, "mbreaks", case["supF"], found, ROUNDING)
        if case["one more"]:
            more = [one_more_break_test(design, at, se=se).statistic for at in breaks[:4]]
            label = f"{title}: supF(l+1 given l), {se} errors"
            yield furthest(label, "mbreaks", case["one more"][:4], more, ROUNDING)


def compare_phillips() -> Iterator[Comparison]:
    """Compare the breaks of a regression whose four coefficients all change."""
    expected = read("phillips")
    rows = np.array(expected["data"]["rows"])
    x = np.column_stack([np.ones(len(rows)), rows[:, 1:]])
    design = Design(x, rows[:, 0], np.arange(len(rows)), expected["shortest"])
    years = pd.period_range(str(expected["data"]["start"]), periods=len(rows), freq="Y")
    yield from compare_partitions("UK Phillips curve", design, years, expected)
    found = fit_regimes(design.x, design.y, np.array(expected["partitions"][1])).params
    label = "UK Phillips curve: coefficients at 2 breaks"
    yield furthest(label, "strucchange", expected["params_2_breaks"], found, RECURSION)


def compare_distributions() -> Iterator[Comparison]:
    """Compare the distribution of a break date, and p-values of F tests."""
    expected = read("strucchange")
    for case in expected["argmax_cdf"]:
        scalars = {name: case[name] for name in ("xi", "phi1", "phi2")}
        found = [argmax_cdf(x, **scalars) for x in case["x"]]
        label = f"Bai (1997) date, {', '.join(f'{k} {v:g}' for k, v in scalars.items())}"
        yield furthest(label, "strucchange", case["p"], found, CLOSED_FORM, relative=False)
    rows = [
        (pvalue, hansen_pvalue(value, name=name, coefficients=k, trim=trim))
        for name, k, trim, value, pvalue in expected["hansen_pvalues"]["rows"]
        if value <= TURN or (name, k) not in TURNING
    ]
    label = "Hansen (1997) p-values, short of the turn of his polynomials"
    yield furthest(label, "strucchange", *zip(*rows, strict=True), CLOSED_FORM, relative=False)


def compare_breaks() -> Iterator[Comparison]:
    """Compare everything about breaks."""
    cases = read("strucchange")["cases"]
    for name, title, design, periods in break_cases():
        yield from compare_partitions(title, design, periods, cases[name])
        yield from compare_f_tests(title, design, cases[name])
        yield from compare_fluctuation(title, design, cases[name])
        yield from compare_intervals(title, design, periods, cases[name])
    yield from compare_several_breaks()
    yield from compare_phillips()
    yield from compare_distributions()
