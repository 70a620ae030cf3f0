"""One file over the network: tried again, gone on with where it was cut, whole or not there."""

import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urljoin
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    InvalidHeader,
    LocationValueError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.response import BaseHTTPResponse

from flows import __version__
from flows.errors import FetchError
from flows.fetch.part import Part, too_large
from flows.fetch.request import Request, check_address, check_redirect, place_of, same_server
from flows.results import print_count

_MOST_REDIRECTS = 5
_PIECE = 256 * 1024
_SHOWN = 200

_PASSING = {408, 425, 429, 500, 502, 503, 504}
"""Answers after which the same request may be asked again."""

_REFUSED = {401, 403, 407}
_GONE = {404, 410}
_WHOLE, _PARTIAL, _BEYOND = 200, 206, 416

_NUMBER = re.compile(r"[0-9]{1,18}")
"""A size that a server states; what has more digits is none."""

_RANGE = re.compile(rf"bytes ({_NUMBER.pattern})-{_NUMBER.pattern}/({_NUMBER.pattern}|\*)")
_SIZE = re.compile(rf"bytes \*/({_NUMBER.pattern})")
_PACKED = ("gzip", "x-gzip", "deflate")
"""How a server may pack a file for the way, although it is asked not to."""

_PROGRESS = 1000
"""Bytes that a try has to bring within the time of patience; fewer are none."""

_LONGEST_VALIDATOR = 500
_PAGE = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype html|html)",
    re.IGNORECASE | re.DOTALL,
)
_TITLE = re.compile(rb"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Limits:
    """
    How much, and how long.

    ``size``: most bytes of a file; ``timeout``: seconds in which next to nothing comes; ``tries``:
    that bring next to nothing, one after the other; ``backoff``: seconds before the second try,
    twice as many before each further one; ``longest_wait``: seconds that a server may ask to wait.
    """

    size: int = 4_000_000_000
    timeout: float = 60.0
    tries: int = 5
    backoff: float = 2.0
    longest_wait: float = 300.0


class _PassingFault(Exception):  # noqa: N818 - not an error yet: it is tried again
    """What may be gone at the next try; ``wait``: seconds that the server asks for."""

    def __init__(self, words: str, wait: float = 0.0) -> None:
        super().__init__(words)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Transfer:
    """
    Fetches the file of a request.

    ``loopback``: whether this machine may be asked without TLS, which tests do; ``sleep``,
    ``rng``, ``clock``: how it waits, by how much more or less, and how it knows that time has
    passed; ``announce``: told what goes on.
    """

    request: Request
    limits: Limits
    rng: random.Random
    sleep: Callable[[float], None] = time.sleep
    announce: Callable[[str], None] = lambda _: None
    loopback: bool = False
    clock: Callable[[], float] = time.monotonic

    def fetch(self, part: Part) -> tuple[str, ...]:
        """Bring a part to its end; return what to beware of."""
        fruitless, furthest = 0, part.size
        while True:
            try:
                return self._receive(part)
            except _PassingFault as fault:
                fruitless = 0 if part.size >= furthest + _PROGRESS else fruitless + 1
                furthest = max(furthest, part.size)
                if fruitless >= self.limits.tries:
                    raise self._given_up(part, fault) from fault
                self._wait(fruitless, fault)

    def _receive(self, part: Part) -> tuple[str, ...]:
        """Ask once for what is missing, and write what comes."""
        with self._answer(part) as response:
            if not self._goes_on(response, part):
                return ()
            try:
                part.append(self._pieces(response, part), limit=self.limits.size)
            except FetchError as error:
                part.discard()
                raise self._error(str(error)) from error
        self._check_whole(part)
        self._check_page(part)
        if part.total is None and "chunked" not in response.headers.get("Transfer-Encoding", ""):
            return ("the server did not state its size: whether it is whole cannot be told",)
        return ()

    @contextmanager
    def _answer(self, part: Part) -> Iterator[BaseHTTPResponse]:
        """Give the answer of the server that has the file, behind redirects."""
        address, headers = self.request.address, self._headers(part)
        for _ in range(_MOST_REDIRECTS + 1):
            check_address(address, loopback=self.loopback)
            response = self._ask(address, headers)
            try:
                target = response.get_redirect_location()
                if target is False:
                    self._demand_file(response, address)
                    yield response
                    return
                address = self._next(address, target)
            finally:
                response.close()
            if not same_server(self.request.address, address):
                headers.pop(self.request.key_header, None)
        raise self._error(
            f"expected at most {_MOST_REDIRECTS} redirects, found more; the last leads to "
            f"{place_of(address)}"
        )

    def _headers(self, part: Part) -> dict[str, str]:
        request = self.request
        headers = {"User-Agent": f"flows/{__version__}", "Accept-Encoding": "identity"}
        if request.key:
            headers[request.key_header] = request.key
        if request.body:
            headers["Content-Type"] = "application/json"
        elif part.resumable:
            headers |= {"Range": f"bytes={part.size}-", "If-Range": part.validator}
        return headers

    def _ask(self, address: str, headers: dict[str, str]) -> BaseHTTPResponse:
        try:
            return _pool(address, self.limits.timeout).request(
                self.request.method,
                address,
                body=self.request.body.encode() or None,
                headers=headers,
                preload_content=False,
                redirect=False,
                retries=False,
            )
        except SSLError as error:
            raise self._error(
                f"{place_of(address)}: expected a certificate that this machine trusts, found: "
                f"{error}; SSL_CERT_FILE can name the authorities of a company's proxy"
            ) from error
        except LocationValueError as error:
            raise self._error("expected an address of a server, found none") from error
        except HTTPError as error:
            silent = isinstance(error, (ReadTimeoutError, ConnectTimeoutError))
            # Of the library, a server that cannot be reached is one that was too slow as well.
            if silent and not isinstance(error, NewConnectionError):
                raise _PassingFault(f"no answer within {self.limits.timeout:g} s") from error
            raise _PassingFault(f"the server cannot be reached ({_kind(error)})") from error

    def _next(self, address: str, target: str | None) -> str:
        """Return where a redirect leads, if it may be followed."""
        if self.request.body or not target:
            raise self._error("expected an answer, found a redirect that cannot be followed")
        try:
            address = urljoin(address, target)
            check_address(address, loopback=self.loopback)
            check_redirect(self.request.address, address, loopback=self.loopback)
        except ValueError as error:
            raise self._error(f"a redirect is not followed: {error}") from error
        return address

    def _demand_file(self, response: BaseHTTPResponse, address: str) -> None:
        """Raise what an answer says that is no file."""
        status = response.status
        if status in (_WHOLE, _PARTIAL, _BEYOND):
            return
        moved = "" if address == self.request.address else f"{place_of(address)}: "
        said = f"{moved}the server says {status} {response.reason or ''}".rstrip()
        if status in _PASSING:
            raise _PassingFault(said, _asked_wait(response))
        said += _words_of(response)
        if status in _REFUSED:
            raise self._error(f"{said}; a key may be missing, wrong, or used up")
        if status in _GONE:
            raise self._error(f"{said}; nothing of this name is there")
        raise self._error(said)

    def _goes_on(self, response: BaseHTTPResponse, part: Part) -> bool:
        """Bring the part to where an answer begins; say whether anything is to come."""
        if response.status == _WHOLE:
            self._begin(response, part)
            return True
        printed = response.headers.get("Content-Range", "")
        if response.status == _BEYOND:
            size = _SIZE.fullmatch(printed)
            if size and int(size[1]) == part.size and part.total in (None, part.size):
                return False
        elif self._continues(printed, response, part):
            return True
        part.discard()
        raise _PassingFault("the rest is not of the same file as what is here")

    def _begin(self, response: BaseHTTPResponse, part: Part) -> None:
        if part.resumable:
            self.announce("the file is another one now, or comes in one piece only: from the start")
        packed = response.headers.get("Content-Encoding", "").strip().casefold()
        encoded = packed not in ("", "identity")
        if encoded and packed not in _PACKED:
            raise self._error(
                f"expected the file as it is, or packed by {', '.join(_PACKED)}, found {packed!r}"
            )
        stated = response.headers.get("Content-Length", "")
        if stated and not _NUMBER.fullmatch(stated):
            raise self._error(f"expected a size in Content-Length, found {stated[:_SHOWN]!r}")
        total = int(stated) if stated and not encoded else None
        if total is not None and total > self.limits.size:
            part.discard()
            raise self._error(str(too_large(self.limits.size, f"{total:,}")))
        ranges = not encoded and not self.request.body
        part.begin(_validator(response) if ranges else "", total)

    def _continues(self, printed: str, response: BaseHTTPResponse, part: Part) -> bool:
        """Say whether a partial answer begins where the part ends, and is of the same file."""
        piece = _RANGE.fullmatch(printed)
        if piece is None or int(piece[1]) != part.size:
            return False
        if piece[2] != "*":
            part.total = part.total or int(piece[2])
            if part.total != int(piece[2]):
                return False
        return _validator(response) in ("", part.validator)

    def _pieces(self, response: BaseHTTPResponse, part: Part) -> Iterator[bytes]:
        """Yield the body as it comes, so that little is lost when it is cut."""
        size = part.size
        of = f" of {part.total / 1e6:.1f}" if part.total else ""
        until, enough = self.clock() + self.limits.timeout, size + _PROGRESS
        try:
            while piece := response.read1(_PIECE, decode_content=True):
                size += len(piece)
                yield piece
                self.announce(f"{size / 1e6:.1f}{of} MB")
                if size >= enough:
                    until, enough = self.clock() + self.limits.timeout, size + _PROGRESS
                elif self.clock() > until:
                    raise _PassingFault(
                        f"fewer than {_PROGRESS:,} bytes within {self.limits.timeout:g} s"
                    )
        except HTTPError as error:
            stated = f" of {part.total:,} stated" if part.total is not None else ""
            raise _PassingFault(f"cut after {size:,}{stated} bytes ({_kind(error)})") from error

    def _check_whole(self, part: Part) -> None:
        stated, size = part.total, part.size
        if stated is not None and size != stated:
            if size > stated:
                part.discard()
            raise _PassingFault(f"expected {stated:,} bytes as stated, found {size:,}")
        if not size:
            raise _PassingFault("expected a file, found an empty answer")

    def _check_page(self, part: Part) -> None:
        """Refuse a page for people in the place of data."""
        with part.path.open("rb") as file:
            beginning = file.read(4096)
        if not _PAGE.match(beginning) or part.path.name.endswith((".html.part", ".htm.part")):
            return
        part.discard()
        title = _TITLE.search(beginning)
        named = " ".join(title[1].decode("utf-8", "replace").split())[:_SHOWN] if title else ""
        raise self._error(
            f"expected data, found a page for people{f' ({named!r})' if named else ''}: the "
            "address is that of a page, or the service asks for consent or is down"
        )

    def _wait(self, fruitless: int, fault: _PassingFault) -> None:
        """Wait as long as the server asks, and at least longer each time."""
        if fault.wait > self.limits.longest_wait:
            raise self._error(
                f"{fault}, and asks to wait {fault.wait:.0f} s: run the same command again then"
            ) from fault
        drawn = self.limits.backoff * 2.0 ** max(fruitless - 1, 0) * self.rng.uniform(0.5, 1.5)
        wait = max(fault.wait, drawn)
        self.announce(self.request.hide(f"{fault}; tried again in {wait:.0f} s"))
        self.sleep(wait)

    def _given_up(self, part: Part, fault: _PassingFault) -> FetchError:
        kept = (
            f"; {part.size:,} bytes are kept: run the same command again" if part.resumable else ""
        )
        return self._error(
            f"{fault}; tried {print_count(self.limits.tries, 'time')} without more coming{kept}"
        )

    def _error(self, words: str) -> FetchError:
        return FetchError(self.request.hide(f"{self.request.shown}: {words}"))


def _pool(address: str, timeout: float) -> urllib3.PoolManager:
    """Return what asks a server, by the proxy that the environment names for it."""
    limits = urllib3.Timeout(connect=timeout, read=timeout)
    parts = urllib3.util.parse_url(address)
    proxy = getproxies().get(parts.scheme or "")
    if not proxy or proxy_bypass(parts.host or ""):
        return urllib3.PoolManager(timeout=limits)
    named = urllib3.util.parse_url(proxy)
    if named.scheme not in ("http", "https"):
        raise FetchError(
            f"expected a proxy http://... in the environment, found one of {named.scheme}"
        )
    headers = urllib3.make_headers(proxy_basic_auth=named.auth) if named.auth else None
    return urllib3.ProxyManager(proxy, proxy_headers=headers, timeout=limits)


def _kind(error: Exception) -> str:
    """Return the name of a fault of the library: its text may hold an address."""
    return type(error).__name__


def _words_of(response: BaseHTTPResponse) -> str:
    """Return the beginning of what an answer says; nothing of a page for people."""
    try:
        body = response.read(_SHOWN, decode_content=True)
    except HTTPError:
        return ""
    words = " ".join(body.decode("utf-8", "replace").split())
    return f": {words}" if words and not _PAGE.match(body) else ""


def _validator(response: BaseHTTPResponse) -> str:
    """Return what tells one state of a file from another: a strong ETag, or its date."""
    tag = response.headers.get("ETag", "")
    day = response.headers.get("Last-Modified", "")
    stated = day if tag.startswith("W/") else tag or day
    return stated if stated.isprintable() and len(stated) <= _LONGEST_VALIDATOR else ""


def _asked_wait(response: BaseHTTPResponse) -> float:
    """Return the seconds that a server asks to wait."""
    try:
        return urllib3.Retry().get_retry_after(response) or 0.0
    except (InvalidHeader, ValueError, OverflowError):
        return 0.0
