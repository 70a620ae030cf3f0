"""What commands of the pipeline take on the command line."""

import argparse
from pathlib import Path
from typing import NoReturn

from flows.report import CITATION_STYLES, REPORT_FORMATS
from flows.safe_text import show_controls

_CHOOSE = "how many breaks: sequential (by default), bic, lwz, or a number"
_FIT = "what is fitted, %(default)s by default; also local, a drifting level"
_LEVEL = "coverage of intervals, 0.8 to 0.99; 0.95 by default"
_REGIME = "what is constant between breaks, trend by default"
_FITS = "log,poisson,level,breaks"
_BY = "what tells series apart; add product for one a product"


class Parser(argparse.ArgumentParser):
    """A parser of arguments, some of which may be names of files of strangers."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the arguments, and end."""
        super().error(show_controls(message))


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
    build.add_argument(
        "-j",
        "--jobs",
        type=_at_least_one,
        metavar="N",
        help="steps at once; as many as there are cores by default",
    )


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a number of 1 or more, found {text}")
    return number


def add_bundle_arguments(bundle: argparse.ArgumentParser) -> None:
    """Add which appendix is bundled, and where to."""
    bundle.add_argument("appendix", nargs="?", metavar="APPENDIX", help="which; reports by default")
    bundle.add_argument(
        "-o", "--out", type=Path, required=True, metavar="OUT", help="a new folder, or OUT.zip"
    )
    bundle.epilog = (
        "A raw file is left out if its source.toml says redistribute = false; the bundle then says "
        "where to get it. A data set without the key stops the bundle."
    )


def add_check_arguments(check: argparse.ArgumentParser) -> None:
    """Add what is checked instead of the raw files."""
    instead = check.add_mutually_exclusive_group()
    instead.add_argument(
        "--licences",
        action="store_true",
        help="instead: the terms of the packages that are installed, and of what lies inside them",
    )
    instead.add_argument(
        "--deposit",
        nargs="?",
        const="",
        metavar="APPENDIX",
        help="instead: what data editors look for, in the bundle of an appendix, or in a bundle "
        "that was written",
    )


def add_verify_arguments(verify: argparse.ArgumentParser) -> None:
    """Add what is verified, an appendix or a bundle, and how far."""
    verify.add_argument(
        "appendices",
        nargs="*",
        metavar="APPENDIX",
        help="which, all by default; or a bundle: its folder or zip archive",
    )
    verify.add_argument(
        "--data", type=Path, metavar="FOLDER", help="with files that a bundle may not hold"
    )
    verify.add_argument(
        "--hashes", action="store_true", help="of a bundle, and make nothing; any version does it"
    )
    verify.add_argument(
        "--measure",
        action="store_true",
        help="of an appendix that is the same: write time and memory to measured.toml beside it",
    )
    verify.epilog = (
        "The files of the last commit (without git, those in the folder) are compared with files "
        "made again from the raw data. The first line says: same bytes; same numbers, if only "
        "fractions in CSV and JSON files differ, by no more than the tolerance in its "
        "manifest.json; or different, with every file that differs, where and by how much. If an "
        "input is not the one that the report was made from, that is said and nothing is made. Of "
        "several appendices each has its verdict, after its name; --json prints an object of them "
        "by name. A bundle is first held to its SHA256SUMS, then made again from nothing but "
        "itself, by the installed flows if it is the one that the bundle names; without the files "
        "that were left out, those exhibits that rest on others. Exit code 1 if one is different."
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
    cite.add_argument("--style", choices=CITATION_STYLES, default="apa", help="apa by default")
    cite.add_argument(
        "--all", action="store_true", help="also every data set that the appendix uses"
    )
    cite.epilog = (
        "A data set is cited with its version, what was taken of it, the day of access, its DOI or "
        "address and the sha256 of each file."
    )


def add_fill_arguments(fill: argparse.ArgumentParser) -> None:
    """Add the manuscript, the appendix whose numbers it takes, and what is done with it."""
    fill.add_argument(
        "manuscript",
        type=Path,
        metavar="MANUSCRIPT",
        help="a docx; to --check also .tex, .md, .qmd",
    )
    fill.add_argument("-o", "--out", type=Path, metavar="OUT", help="write there; in place if not")
    fill.add_argument(
        "--appendix", metavar="NAME", help="whose numbers; those of the last fill, or reports"
    )
    fill.add_argument(
        "--check",
        action="store_true",
        help="write nothing: is all as the report has it, and no number of it typed by hand?",
    )
    fill.epilog = (
        "In the docx stand {{n('arms.share.main')}}, {{n('arms.share.main',unit=True)}}, "
        "{{bounds('ID')}}, {{between('ID')}}, {{level('ID')}}, and alone in a paragraph "
        "{{table('arms-deals')}} or {{figure('arms-deals')}}. The first fill makes fields and "
        "content controls of them, later ones bring these up to date. Exit code 1 if --check "
        "finds something."
    )


def add_trace_arguments(trace: argparse.ArgumentParser) -> None:
    """Add which number is followed, and how."""
    trace.add_argument(
        "number", metavar="NUMBER", help="id, as in numbers.json; APPENDIX:NUMBER where several"
    )
    trace.add_argument("--code", action="store_true", help="print Python that gives the number")


def add_profile_arguments(profile: argparse.ArgumentParser) -> None:
    """Add the pair, the data and where the page goes."""
    profile.add_argument("--exporter", required=True, metavar="CODE", help="alpha-3, as IRN")
    profile.add_argument("--importer", required=True, metavar="CODE", help="alpha-3, as ARM")
    profile.add_argument(
        "--data", type=Path, nargs="+", default=[], metavar="FILE", help="instead of the catalogue"
    )
    profile.add_argument("--layout", metavar="NAME", help="of these files; recognised by default")
    kinds = ", ".join(f".{kind}" for kind in REPORT_FORMATS)
    profile.add_argument("-o", "--out", type=Path, metavar="FILE", help=f"a page: {kinds}")


def add_add_arguments(add: argparse.ArgumentParser) -> None:
    """Add the files of a data set and its id."""
    add.add_argument("files", nargs="+", type=Path, metavar="FILE", help="of one data set")
    add.add_argument(
        "--id", required=True, metavar="SOURCE@VINTAGE", help="as georgia-trade@2025-03"
    )
    add.add_argument("--description", type=Path, metavar="TOML", help="how to read them")


def add_describe_arguments(describe: argparse.ArgumentParser) -> None:
    """Add the table to describe, and where the description goes."""
    describe.add_argument("file", type=Path, metavar="FILE", help="CSV or workbook")
    describe.add_argument("--sheet", default="", metavar="NAME", help="of a workbook")
    describe.add_argument("-o", "--out", type=Path, metavar="FILE.toml", help="write it there")


def add_convert_arguments(convert: argparse.ArgumentParser) -> None:
    """Add the files to convert, to what, and how."""
    convert.add_argument("files", nargs="+", type=Path, metavar="FILE", help="of one layout")
    convert.add_argument("-o", "--out", type=Path, required=True, help="Parquet file to write")
    convert.add_argument("--engine", choices=("pandas", "duckdb", "spark"), help="by size")
    convert.add_argument("--by", metavar="COLUMNS", help="sum by exporter,importer,year")
    convert.add_argument("--as", dest="layout", help="layout, where it shall not be recognised")
    convert.add_argument("--memory", metavar="SIZE", help="what DuckDB may hold, as 500MB")


def add_screen_arguments(screen: argparse.ArgumentParser) -> None:
    """Add the files to screen, what is fitted to their series, and where the tables go."""
    screen.add_argument("files", nargs="+", metavar="FILE", help="of one layout, or data sets")
    screen.add_argument("--by", default="exporter,importer", metavar="COLUMNS", help=_BY)
    screen.add_argument("--fit", default=_FITS, metavar="FITS", help=_FIT)
    screen.add_argument("--regime", choices=("mean", "trend"), default="trend", help=_REGIME)
    screen.add_argument(
        "--choose", type=as_choice, default="sequential", metavar="RULE", help=_CHOOSE
    )
    screen.add_argument(
        "--absent",
        choices=("missing", "zero"),
        default="missing",
        help="what a year without a statement is; zero in a census such as SIPRI's",
    )
    screen.add_argument("--level", type=as_level, default=0.95, metavar="LEVEL", help=_LEVEL)
    for name in ("reporter", "partner-basis", "product"):
        screen.add_argument(f"--{name}", metavar="CODE", help="where there are several")
    screen.add_argument(
        "--pair", nargs=2, metavar=("EXPORTER", "IMPORTER"), help="also: where this one stands"
    )
    screen.add_argument(
        "-o", "--out", type=Path, metavar="FOLDER", help="a new one, for the tables"
    )
    screen.add_argument("--engine", choices=("pandas", "duckdb", "spark"), help="by size")
    screen.add_argument("--as", dest="layout", help="layout, where it shall not be recognised")
    screen.add_argument("--memory", metavar="SIZE", help="what DuckDB may hold, as 500MB")
    screen.epilog = (
        "Tables: series (one row each: growth, breaks, shares, and why nothing was fitted), breaks "
        "(one row each), over_time, totals. The numbers are those of fit_trend and find_breaks for "
        "one series; p-values are adjusted for all tests (Benjamini and Hochberg)."
    )


def add_diff_arguments(diff: argparse.ArgumentParser) -> None:
    """Add two vintages, and how many changes are shown."""
    for side in ("old", "new"):
        diff.add_argument(side, metavar=side.upper(), help="id of a data set, or a file")
    diff.add_argument("--most", type=as_count, default=10, metavar="N", help="changes to show")
    diff.add_argument(
        "--common",
        choices=("importer", "exporter"),
        help="compare only the importers (or exporters) that both have",
    )


def as_count(text: str) -> int:
    """Return a whole number."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a whole number, found {text!r}")
    return int(text)


def as_choice(text: str) -> str | int:
    """Return a rule by which breaks are counted, or their number."""
    if text.isdecimal():
        return int(text)
    if text not in {"sequential", "bic", "lwz"}:
        raise argparse.ArgumentTypeError(
            f"expected sequential, bic, lwz or a number, found {text!r}"
        )
    return text


def as_level(text: str) -> float:
    """Return a coverage that intervals of breaks are simulated for."""
    try:
        level = float(text)
    except ValueError:
        level = 0.0
    if not 0.8 <= level <= 0.99:  # noqa: PLR2004 - what was simulated
        raise argparse.ArgumentTypeError(f"expected a number from 0.8 to 0.99, found {text!r}")
    return level
