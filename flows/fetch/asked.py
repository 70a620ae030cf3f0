"""What the command line asks to be fetched."""

import argparse
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from flows.fetch import vintage as vintages
from flows.fetch.arguments import find_wanted
from flows.fetch.services import Wanted
from flows.fetch.transfer import Limits


def describe_asked(root: Path, options: argparse.Namespace) -> Iterator[str]:
    """Yield what would be asked of whom, in lines for a reader."""
    wanted, vintage, limits, today = _asked(options)
    return vintages.describe_request(root, wanted, vintage=vintage or str(today), limits=limits)


def fetch_asked(
    root: Path, options: argparse.Namespace, *, announce: Callable[[str], None]
) -> vintages.Fetched:
    """Fetch a data set into the catalogue, as a new vintage."""
    wanted, vintage, limits, today = _asked(options)
    return vintages.fetch_dataset(
        root,
        wanted,
        today=today,
        vintage=vintage,
        limits=limits,
        rng=random.Random(),  # noqa: S311 - spreads waits, guards nothing
        announce=announce,
    )


def _asked(options: argparse.Namespace) -> tuple[Wanted, str, Limits, date]:
    wanted = find_wanted(options)
    source, _, vintage = (options.id or wanted.source).partition("@")
    limits = Limits(size=options.max_size, timeout=options.timeout, tries=options.tries)
    return replace(wanted, source=source), vintage, limits, datetime.now(UTC).date()
