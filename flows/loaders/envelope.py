"""Tables inside a JSON reply, as SIPRI's site since 2024 sends them."""

import base64
import binascii
import json
import re

from flows.errors import LayoutError

_ENVELOPE = re.compile(rb'\A\s*\{\s*"(result|bytes)"\s*:')


def is_envelope(beginning: bytes) -> bool:
    """
    Say whether a file is a reply with a table inside, from its beginning.

    Parameters
    ----------
    beginning : bytes
        Its first bytes.

    Returns
    -------
    bool

    Raises
    ------
    TypeError
        If they are not bytes.

    Examples
    --------
    >>> is_envelope(b'{"result": "a,b'), is_envelope(b"a,b")
    (True, False)
    """
    return _ENVELOPE.match(beginning) is not None


def open_envelope(content: bytes, *, path: str) -> bytes:
    r"""
    Return the table inside a reply, and any other content as it is.

    Parameters
    ----------
    content : bytes
        Content of a file. ``{"result": "..."}`` holds CSV as text, ``{"bytes": "..."}`` in base64.
    path : str
        The file as errors name it.

    Returns
    -------
    bytes
        The lines of errors are those of the table inside.

    Raises
    ------
    LayoutError
        If the reply is not JSON, not base64, or empty.

    Examples
    --------
    >>> open_envelope(b'{"result": "a,b\\n1,2"}', path="my.json")
    b'a,b\n1,2'
    """
    match = _ENVELOPE.match(content)
    if match is None:
        return content
    key = match[1].decode()
    try:
        inside = json.loads(content)[key]
        table = base64.b64decode(inside, validate=True) if key == "bytes" else inside.encode()
    except (ValueError, TypeError, AttributeError, RecursionError, binascii.Error) as error:
        raise LayoutError(f"{path}:1: expected a table under {key!r}, found: {error}") from error
    if not table.strip():
        raise LayoutError(f"{path}:1: expected a table under {key!r}, found an empty reply")
    return bytes(table)
