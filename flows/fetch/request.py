"""What is asked of a server: an address that may be followed, and a key that is never shown."""

import hashlib
import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import (
    SplitResult,
    parse_qsl,
    quote,
    quote_plus,
    urlencode,
    urlsplit,
    urlunsplit,
)

from flows.errors import FetchError

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_SECRET = re.compile(
    r"key|token|secret|password|passwd|pwd|credential|signature|\Asig\Z|\Aauth", re.IGNORECASE
)
"""Names of parameters of an address whose value is nobody else's business."""

_HIDDEN = "HIDDEN"
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Request:
    """
    What is asked of a server.

    ``address``: https; ``body``: JSON that is sent by POST; without it, GET; ``key_header``,
    ``key``: a header whose value is sent to the server of the address and to no other, and is
    neither printed nor written.
    """

    address: str
    body: str = ""
    key_header: str = ""
    key: str = field(default="", repr=False)

    @property
    def method(self) -> str:
        """GET, or POST where there is a body."""
        return "POST" if self.body else "GET"

    @property
    def shown(self) -> str:
        """The address as it may be printed and kept: values of keys and tokens are hidden."""
        parts = urlsplit(self.address)
        parts = parts._replace(netloc=parts.netloc.rpartition("@")[2])
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        if not any(_SECRET.search(name) for name, _ in pairs):
            return urlunsplit(parts)
        shown = [(name, _HIDDEN if _SECRET.search(name) else text) for name, text in pairs]
        return urlunsplit(parts._replace(query=urlencode(shown)))

    @property
    def digest(self) -> str:
        """Digits that tell this request from any other."""
        return hashlib.sha256(f"{self.method} {self.address}\n{self.body}".encode()).hexdigest()[
            :16
        ]

    def hide(self, text: str) -> str:
        """
        Return a text as it may be printed: in one line, without a key or token of this request.

        What a server says may hold characters that a terminal obeys; they are shown as marks.
        """
        values = [
            value for name, value in parse_qsl(urlsplit(self.address).query) if _SECRET.search(name)
        ]
        for secret in filter(None, (self.key, *values)):
            for written in (secret, quote(secret, safe=""), quote_plus(secret)):
                text = re.sub(re.escape(written), _HIDDEN, text, flags=re.IGNORECASE)
        return "".join(mark if mark.isprintable() else "\ufffd" for mark in text)


def check_address(address: str, *, loopback: bool = False) -> SplitResult:
    """
    Check that an address is one that may be asked.

    ``loopback``: whether this machine may be asked without TLS, which tests do.
    """
    if not address.isprintable():
        raise FetchError(f"expected an address of characters that can be seen, found {address!r}")
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise FetchError(f"expected an address https://..., found {error}") from error
    safe = parts.scheme == "https" or (loopback and parts.scheme == "http" and host in _LOOPBACK)
    if not safe or not host:
        raise FetchError(f"expected an address https://..., found {place_of(address)!r}")
    if "@" in parts.netloc:
        raise FetchError(
            f"{parts.scheme}://{host}: expected an address without name and password, found them "
            "in it; source.toml would keep them"
        )
    return parts


def check_redirect(asked: str, address: str, *, loopback: bool = False) -> None:
    """
    Check that a server does not lead on to this machine or its own network.

    Such an address may be asked for by whoever types it, and then it may lead to itself.
    """
    host = (urlsplit(address).hostname or "").rstrip(".")
    if host == (urlsplit(asked).hostname or "") or (loopback and host in _LOOPBACK):
        return
    if host.endswith("localhost") or not _is_public(host):
        raise FetchError(f"expected an address in the public network, found {place_of(address)!r}")


def _is_public(host: str) -> bool:
    """Say whether a host is a name, or an address that is not of a private network."""
    try:
        return ip_address(host).is_global
    except ValueError:
        # No name ends in a number: systems read 0x7f.1 and 2130706433 as addresses.
        return not _NUMBER.fullmatch(host.rpartition(".")[2])


def place_of(address: str) -> str:
    """Return server and path of an address: what stands behind ``?`` may be a secret."""
    parts = urlsplit(address)
    server = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, server, parts.path, "", ""))


def same_server(one: str, two: str) -> bool:
    """Say whether two addresses are of one server, by the same scheme and port."""
    return urlsplit(one)[:2] == urlsplit(two)[:2]
