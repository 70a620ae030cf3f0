"""What is asked of a server: an address that may be followed, and a key that is never shown."""

import hashlib
import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from flows.errors import FetchError

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_SECRET = re.compile(
    r"key|token|secret|password|passwd|pwd|credential|signature|\Asig\Z|\Aauth", re.IGNORECASE
)
"""Names of parameters of an address whose value is nobody else's business."""

_HIDDEN = "HIDDEN"


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
        """Return a text in which a key or token of this request does not stand."""
        values = [
            value for name, value in parse_qsl(urlsplit(self.address).query) if _SECRET.search(name)
        ]
        for secret in (self.key, *values):
            text = text.replace(secret, _HIDDEN) if secret else text
        return text


def check_address(address: str, *, loopback: bool = False) -> SplitResult:
    """
    Check that an address is one that may be asked.

    ``loopback``: whether this machine may be asked without TLS, which tests do.
    """
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


def place_of(address: str) -> str:
    """Return server and path of an address: what stands behind ``?`` may be a secret."""
    parts = urlsplit(address)
    server = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, server, parts.path, "", ""))


def same_server(one: str, two: str) -> bool:
    """Say whether two addresses are of one server, by the same scheme and port."""
    return urlsplit(one)[:2] == urlsplit(two)[:2]
