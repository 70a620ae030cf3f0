"""What ``flows new``, ``flows build`` and ``flows cite`` take on the command line."""

import argparse
from pathlib import Path

from flows.report.deposit.styles import STYLES


def add_new_arguments(new: argparse.ArgumentParser) -> None:
    """Add the question and the files of a new project."""
    new.add_argument(
        "folder", type=Path, metavar="NAME", help="folder to make; in a project, an appendix of it"
    )
    new.add_argument("--arms", nargs=2, metavar=("IMPORTER", "SUPPLIER"), help="by name or code")
    new.add_argument("--window", nargs=2, type=int, metavar=("FIRST", "LAST"), help="years of arms")
    new.add_argument("--trade", nargs=2, metavar=("EXPORTER", "IMPORTER"), help="by name or code")
    new.add_argument(
        "--through",
        nargs=3,
        metavar=("ORIGIN", "COUNTRY", "DESTINATION"),
        help="goods that may go on; the origin may be a group, as EU27_2020",
    )
    new.add_argument("--files", nargs="+", type=Path, default=[], metavar="FILE", help="downloads")


def add_build_arguments(build: argparse.ArgumentParser) -> None:
    """Add what is built, where and how often."""
    build.add_argument(
        "--only", nargs="+", default=[], metavar="NAME", help="figures, tables, numbers, appendix"
    )
    build.add_argument("--force", action="store_true", help="run every step, changed or not")
    build.add_argument("--out", type=Path, metavar="DIR", help="folder to write to instead")
    build.add_argument(
        "--watch",
        action="store_true",
        help="build again whenever text, plan, claims or data change",
    )


def add_cite_arguments(cite: argparse.ArgumentParser) -> None:
    """Add what can be cited, and how."""
    cite.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="an appendix (reports, or its folder there) or a data set, SOURCE@VINTAGE; "
        "the software by default",
    )
    cite.add_argument("--style", choices=STYLES, default="apa", help="apa by default")
    cite.add_argument(
        "--all", action="store_true", help="also every data set that the appendix uses"
    )
    cite.epilog = (
        "A data set is cited with its version, what was taken of it, the day of access, its DOI or "
        "address and the sha256 of each file."
    )
