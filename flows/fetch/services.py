"""What can be fetched: which addresses each service has, and what is known of its files."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlencode, urlsplit

from flows.countries import country_name, entries
from flows.errors import CountryError, FetchError
from flows.fetch import COMTRADE_KEY
from flows.fetch.request import Request
from flows.loaders import recognise_layout
from flows.notation import parse_json
from flows.sources import NAMES_FILE

_COMEXT = "https://ec.europa.eu/eurostat/api/dissemination/files"
_COMTRADE = "https://comtradeapi.un.org"
_SIPRI = "https://atbackend.sipri.org/api/p/trades/trade-register-csv/"

_MONTH = re.compile(r"((?:19|20)[0-9]{2})-?(0[1-9]|1[0-2])")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_PRODUCT = re.compile(r"TOTAL|AG[246]|[0-9]{2}|[0-9]{4}|[0-9]{6}")
_FILE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._()+-]{0,150}[A-Za-z0-9_()+-])?")
_OURS = ("source.toml", NAMES_FILE)
"""Files of a data set that a person writes, and no server."""

_HEADER = re.compile(r"[!-~]+")
"""What a header can hold."""

_FLOWS = {"import": "M", "export": "X"}
_MOST_ROWS = {False: 500, True: 250_000}
"""Rows that UN Comtrade gives in one answer, without a key and with one."""

_WORLD = "0"

SIPRI_BEGINS = 1950
"""The first year of the register."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    Files that make up one data set.

    ``source``: name in the catalogue; ``requests``: name of each file to what is asked for it;
    ``about``: keys of ``source.toml`` that are known; ``check``: raises what is wrong with a file
    that came whole.
    """

    source: str
    requests: Mapping[str, Request]
    about: Mapping[str, str | bool] = field(default_factory=dict)
    check: Callable[[Path], None] = lambda _: None


def comext(months: Sequence[str], *, server: str = _COMEXT) -> Wanted:
    """
    Return what gives the monthly files of Eurostat's Comext: all members, partners and products.

    Parameters
    ----------
    months : sequence of str
        As 2023-01.
    server : str
        Address of the service.

    Returns
    -------
    Wanted

    Raises
    ------
    FetchError
        If a month is none.

    Examples
    --------
    >>> [request.shown for request in comext(["2023-01"]).requests.values()]
    ['https://ec.europa.eu/eurostat/api/dissemination/files?file=comext%2FCOMEXT_DATA%2FPRODUCTS%2Ffull_v2_202301.7z']
    """
    requests, asked = {}, []
    for month in months:
        match = _MONTH.fullmatch(month)
        if match is None:
            raise FetchError(f"expected a month as 2023-01, found {month!r}")
        asked.append(f"{match[1]}{match[2]}")
        name = f"full_v2_{asked[-1]}.7z"
        query = urlencode({"file": f"comext/COMEXT_DATA/PRODUCTS/{name}"})
        requests[name] = Request(f"{server}?{query}")
    return Wanted(
        f"comext-{_span(asked)}",
        requests,
        {
            "publisher": "Eurostat",
            "title": f"Comext, detailed international trade in goods, {', '.join(months)}",
            "citation": "Eurostat, Comext, international trade in goods, detailed data, "
            f"{', '.join(requests)}, https://ec.europa.eu/eurostat",
            "licence": "CC BY 4.0 (Commission Decision 2011/833/EU)",
            "allows": "Any use and redistribution with the source named and changes indicated",
            "redistribute": True,
        },
    )


def comtrade(
    *,
    reporters: Sequence[str],
    partners: Sequence[str],
    periods: Sequence[str],
    products: Sequence[str] = ("TOTAL",),
    flows: Sequence[str] = ("import", "export"),
    key: str = "",
    server: str = _COMTRADE,
) -> Wanted:
    """
    Return what gives rows of UN Comtrade, all goods by default.

    Parameters
    ----------
    reporters, partners : sequence of str
        Alpha-3 codes; of partners also "all" (each of them, and the world) and "world".
    periods : sequence of str
        Years, or months as 2023-01.
    products : sequence of str
        Codes of the HS, "TOTAL", or "AG2", "AG4", "AG6" for all codes of that many digits.
    flows : sequence of str
        "import", "export".
    key : str
        Of a subscription; without one the preview is asked, which has at most 500 rows.
    server : str
        Address of the service.

    Returns
    -------
    Wanted

    Raises
    ------
    FetchError
        If a country, period, product, flow or key is none.

    Examples
    --------
    >>> armenia = comtrade(reporters=["ARM"], partners=["IRN"], periods=["2023"], flows=["import"])
    >>> print(armenia.requests["ARM-2023.json"].shown[:98])
    https://comtradeapi.un.org/public/v1/preview/C/A/HS?reporterCode=51&period=2023&partnerCode=364&cm
    """
    frequency, asked = _periods(periods)
    if unknown := [name for name in flows if name not in _FLOWS]:
        raise FetchError(f"expected flows import, export, found {unknown[0]!r}")
    if unknown := [code for code in products if not _PRODUCT.fullmatch(code)]:
        raise FetchError(f"expected products as TOTAL, AG6 or 271121, found {unknown[0]!r}")
    if key and not _HEADER.fullmatch(key):
        raise FetchError(f"{COMTRADE_KEY}: expected letters and digits, found other characters")
    most = _MOST_ROWS[bool(key)]
    query = {
        "reporterCode": ",".join(_codes(reporters)),
        "period": ",".join(asked),
        "partnerCode": ",".join(_partner_codes(partners)),
        "cmdCode": ",".join(products),
        "flowCode": ",".join(_FLOWS[name] for name in flows),
        "partner2Code": "0",
        "customsCode": "C00",
        "motCode": "0",
        "breakdownMode": "classic",
        "maxRecords": str(most),
        "includeDesc": "true",
        "format": "JSON",
    }
    filled = urlencode({name: text for name, text in query.items() if text}, safe=",")
    place = "data/v1/get" if key else "public/v1/preview"
    request = Request(
        f"{server}/{place}/C/{frequency}/HS?{filled}",
        key_header="Ocp-Apim-Subscription-Key" if key else "",
        key=key,
    )
    name = f"{'-'.join(reporters)}-{_span(asked)}"
    return Wanted(
        f"comtrade-{name.lower()}",
        {f"{name}.json": request},
        {
            "publisher": "United Nations Statistics Division (UN Comtrade)",
            "title": f"UN Comtrade, {', '.join(reporters)}, {', '.join(periods)}",
            "citation": f"United Nations, UN Comtrade Database, {', '.join(reporters)}, "
            f"{', '.join(periods)}, https://comtradeplus.un.org",
            "licence": "UN Comtrade policy on use and re-dissemination",
            "allows": "Own use; more than 100,000 records may not be passed on without the UN's "
            "permission. Terms: https://uncomtrade.org/docs/policy-on-use-and-re-dissemination/",
            "redistribute": False,
        },
        check=_check_comtrade(most),
    )


def sipri(*, start: int, end: int, server: str = _SIPRI) -> Wanted:
    """
    Return what gives SIPRI's register of all deals with deliveries in some years.

    Parameters
    ----------
    start, end : int
        First and last year of delivery.
    server : str
        Address of the service.

    Returns
    -------
    Wanted

    Raises
    ------
    FetchError
        If the years are none of SIPRI's.

    Examples
    --------
    >>> list(sipri(start=2016, end=2020).requests)
    ['trade-register-2016-2020.json']
    """
    if not SIPRI_BEGINS <= start <= end:
        raise FetchError(
            f"expected years from {SIPRI_BEGINS} on in their order, found {start}-{end}"
        )
    filters: list[dict[str, object]] = [
        {"field": "Delivery year", "condition": "contains", "value1": start, "value2": end},
        {"field": "Order year", "condition": "contains", "value1": 0, "value2": end},
        {"field": "opendeals", "condition": "", "value1": "", "value2": ""},
        {"field": "exportOption", "condition": "", "value1": "", "value2": ""},
    ]
    body = {"filters": [{**entry, "listData": []} for entry in filters], "logic": "AND"}
    return Wanted(
        "sipri-register",
        {f"trade-register-{start}-{end}.json": Request(server, json.dumps(body))},
        {
            "publisher": "Stockholm International Peace Research Institute (SIPRI)",
            "title": f"Arms Transfers Database, trade register, deliveries {start}-{end}",
            "citation": "Stockholm International Peace Research Institute (SIPRI), Arms Transfers "
            f"Database, trade register, deliveries {start}-{end}, "
            "https://www.sipri.org/databases/armstransfers",
            "licence": "SIPRI terms and conditions of use (fair use)",
            "allows": "Non-commercial use with reference to SIPRI; less than 10 per cent of the "
            "data may be published: a whole download may not be passed on, an excerpt may. Terms: "
            "http://www.sipri.org/databases/terms",
            "redistribute": False,
        },
        check=_check_known,
    )


def web(address: str, *, source: str, file: str = "") -> Wanted:
    """
    Return what gives the file at an address.

    Parameters
    ----------
    address : str
        https.
    source : str
        Name in the catalogue.
    file : str, optional
        Name of the file; the last part of the address by default.

    Returns
    -------
    Wanted

    Raises
    ------
    FetchError
        If the address is none, or nothing in it is the name of a file.

    Examples
    --------
    >>> list(web("https://example.org/data/trade.csv?v=2", source="georgia-trade").requests)
    ['trade.csv']
    """
    request = Request(address)
    name = file or PurePosixPath(unquote(urlsplit(address).path)).name
    if not _FILE.fullmatch(name) or not (file or "." in name) or name.casefold() in _OURS:
        raise FetchError(
            request.hide(
                f"{request.shown}: expected the name of a file of data at the end of the address, "
                f"found {name!r}; name it with --file trade.csv"
            )
        )
    return Wanted(source, {name: request})


def _periods(periods: Sequence[str]) -> tuple[str, list[str]]:
    """Return the frequency as UN Comtrade calls it, and the periods as it writes them."""
    if all(_YEAR.fullmatch(period) for period in periods):
        return "A", list(periods)
    months = [_MONTH.fullmatch(period) for period in periods]
    written = [f"{month[1]}{month[2]}" for month in months if month]
    if len(written) < len(months):
        raise FetchError(
            f"expected years (2023) or months (2023-01), and not both, found {', '.join(periods)}"
        )
    return "M", written


def _span(periods: Sequence[str]) -> str:
    """Return the first and the last of some periods, as a name has them."""
    return "-".join(dict.fromkeys([periods[0], periods[-1]]))


def _partner_codes(partners: Sequence[str]) -> list[str]:
    """Return the codes of partners; none where all are wanted."""
    if "all" in partners:
        return []
    world = [_WORLD] if "world" in partners else []
    return [*world, *_codes([code for code in partners if code != "world"])]


def _codes(countries: Sequence[str]) -> list[str]:
    """Return every number that UN Comtrade has given countries: former ones count as well."""
    numbers = {name: listed for name, listed in entries("comtrade").items() if name.isdecimal()}
    codes = []
    for country in countries:
        own = [
            name for name, listed in numbers.items() if country in {row.alpha3 for row in listed}
        ]
        if not own:
            raise FetchError(_no_code(country))
        codes += own
    return codes


def _no_code(country: str) -> str:
    try:
        return f"{country_name(country)}: UN Comtrade has no number for it"
    except CountryError as error:
        return str(error)


def _check_comtrade(most: int) -> Callable[[Path], None]:
    """Return what refuses an answer that has no rows, or may have been cut."""

    def check(path: Path) -> None:
        _check_known(path)
        rows = len(parse_json(path.read_bytes()).get("data") or ())
        if not rows:
            raise FetchError("UN Comtrade has no rows of what was asked for")
        if rows >= most:
            raise FetchError(
                f"expected fewer than {most:,} rows, found {rows:,}: that is the most that one "
                "answer has, and others are missing; ask for fewer countries, periods or products"
                f"{'' if most > _MOST_ROWS[False] else f', or with a key in {COMTRADE_KEY}'}"
            )

    return check


def _check_known(path: Path) -> None:
    """Refuse an answer whose layout is not known: the service has changed."""
    recognise_layout(path)
