"""The arguments of ``flows fetch``; what they stand for is imported when it runs."""

# ruff: noqa: PLC0415 - services import pandas, and every command asks for its arguments

import argparse
import os
from typing import TYPE_CHECKING

from flows.errors import UnknownNameError
from flows.fetch import COMTRADE_KEY
from flows.pipeline.arguments import as_count

if TYPE_CHECKING:
    from flows.fetch.services import Wanted

_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9}

_NOT_TRIED = (
    "Not tried against the service itself: the tests ask a server on this machine, so look at the "
    "first file that comes."
)
_COMEXT_HELP = (
    "Address from Eurostat's dissemination API and from published code that uses it. The files are "
    f"archives (.7z, some 45 MB a month): unpack one and enter it with flows add. {_NOT_TRIED}"
)
_COMTRADE_HELP = (
    f"With a key in the variable {COMTRADE_KEY}: at most 250,000 rows in an answer; without it the "
    "preview, at most 500. An answer that is cut is refused. The key goes to the service alone, as "
    f"a header. Address from the UN's own package comtradeapicall. {_NOT_TRIED}"
)
_SIPRI_HELP = (
    "May break: the interface is that of SIPRI's site and is not documented; the request is as in "
    f"published code. SIPRI's terms are in source.toml. {_NOT_TRIED}"
)
_WEB_HELP = (
    "A key or token in the address is used and never printed or kept. "
    "What a fault means: docs/fetching.md."
)


def add_fetch_arguments(fetch: argparse.ArgumentParser) -> None:
    """Add what can be fetched, each with its own arguments and those of all."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--id", metavar="SOURCE[@VINTAGE]", help="in the catalogue; the vintage is today by default"
    )
    shared.add_argument("--max-size", type=as_size, default=4 * 10**9, help="of a file, as 500MB")
    shared.add_argument(
        "--timeout", type=_as_positive, default=60, metavar="SECONDS", help="without a byte"
    )
    shared.add_argument(
        "--tries",
        type=_as_positive,
        default=5,
        metavar="N",
        help="in a row that bring nothing more",
    )
    shared.add_argument("--dry-run", action="store_true", help="print what would be asked")
    shared.add_argument("--json", action="store_true", help="print JSON for programs")
    services = fetch.add_subparsers(metavar="SERVICE", required=True, dest="service")

    def service(name: str, about: str, more: str) -> argparse.ArgumentParser:
        return services.add_parser(
            name, help=about, description=f"{about}.", epilog=more, parents=[shared]
        )

    comext = service("comext", "Eurostat's monthly files, all members and products", _COMEXT_HELP)
    comext.add_argument("months", nargs="+", metavar="MONTH", help="as 2023-01")
    comtrade = service("comtrade", "rows of UN Comtrade", _COMTRADE_HELP)
    for name, about in (("reporter", "as ARM"), ("partner", "as IRN; all, world")):
        comtrade.add_argument(f"--{name}", nargs="+", required=True, metavar="CODE", help=about)
    comtrade.add_argument(
        "--period", nargs="+", required=True, metavar="P", help="years, or months as 2023-01"
    )
    comtrade.add_argument(
        "--product", nargs="+", default=["TOTAL"], metavar="CODE", help="TOTAL, AG6, 271121"
    )
    comtrade.add_argument(
        "--flow", nargs="+", default=["import", "export"], choices=("import", "export")
    )
    sipri = service("sipri", "SIPRI's register of arms transfers (may break)", _SIPRI_HELP)
    for name in ("from", "to"):
        sipri.add_argument(
            f"--{name}", type=as_count, required=True, metavar="YEAR", dest=f"{name}_"
        )
    web = service("web", "the file at any address https://...", _WEB_HELP)
    web.add_argument("address", metavar="ADDRESS")
    web.add_argument("--file", default="", metavar="NAME", help="where the address has none")


def find_wanted(options: argparse.Namespace) -> "Wanted":
    """Return what is wanted of the service that was named."""
    from flows.fetch import services

    if options.service == "comext":
        return services.comext(options.months)
    if options.service == "sipri":
        return services.sipri(start=options.from_, end=options.to_)
    if options.service == "web":
        if options.id is None:
            raise UnknownNameError("expected --id, the name of the data set in the catalogue")
        return services.web(options.address, source=options.id, file=options.file)
    return services.comtrade(
        reporters=options.reporter,
        partners=options.partner,
        periods=options.period,
        products=options.product,
        flows=options.flow,
        key=os.environ.get(COMTRADE_KEY, "").strip(),
    )


def _as_positive(text: str) -> int:
    if not (number := as_count(text)):
        raise argparse.ArgumentTypeError("expected at least 1, found 0")
    return number


def as_size(text: str) -> int:
    """Return bytes of a size as 500MB."""
    number, unit = text[:-2], text[-2:].upper()
    if not number.isdecimal() or unit not in _UNITS:
        raise argparse.ArgumentTypeError(f"expected a size as 500MB or 4GB, found {text!r}")
    return int(number) * _UNITS[unit]
