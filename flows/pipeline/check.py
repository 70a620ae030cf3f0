"""What ``flows check`` is asked to look at: the data, a deposit, or what is installed."""

import argparse
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from flows.pipeline.bundles.scans import scan_named
from flows.pipeline.catalogue import check_catalogue, summary
from flows.pipeline.licences import (
    check_licences,
    describe_licences,
    refused,
    summarise_licences,
    to_json,
)
from flows.pipeline.publish import find_project


@dataclass(frozen=True, slots=True)
class Report:
    """What was found: for a program, for a reader, and whether anything is at fault."""

    content: Any
    lines: Iterable[str]
    faulty: bool


def check_asked(options: argparse.Namespace, *, announce: Callable[[str], None]) -> Report:
    """Check what the command line names."""
    if options.deposit is not None:
        return _deposit(options)
    if options.licences:
        packages = check_licences()
        return Report(to_json(packages), describe_licences(packages), bool(refused(packages)))
    return _data(options, announce=announce)


def _deposit(options: argparse.Namespace) -> Report:
    scans = scan_named(options.deposit, options.root)
    return Report(
        [asdict(scan) for scan in scans],
        [line for scan in scans for line in scan.in_words()],
        any(scan.faults for scan in scans),
    )


def _data(options: argparse.Namespace, *, announce: Callable[[str], None]) -> Report:
    """Check the raw files; what is installed is told beside them, and is no fault of theirs."""
    outcomes = list(check_catalogue(find_project(options.root), announce=announce))
    lines = [line for outcome in outcomes for line in outcome.lines()]
    return Report(
        [outcome.to_json() for outcome in outcomes],
        [*lines, "", summary(outcomes), summarise_licences()],
        not all(outcome.good for outcome in outcomes),
    )
