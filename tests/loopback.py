"""A server on this machine that gives answers one after the other, with the faults they have."""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass(frozen=True)
class Answer:
    """
    What the server says once.

    ``stated``: size in the header, where it is another than that of the body; "" states none;
    ``cut``: bytes after which the line is cut; ``pause``: seconds before the body; ``ranges``:
    whether a part is given that is asked for with If-Range; ``chunked``: in pieces that have their
    sizes, without one of the whole; ``drip``: seconds between the bytes of the body; ``reason``: of
    the status.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    stated: str | None = None
    cut: int | None = None
    pause: float = 0.0
    ranges: bool = False
    chunked: bool = False
    drip: float = 0.0
    reason: str | None = None


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: Message
    body: bytes


class Server(ThreadingHTTPServer):
    """Gives the answers in their order, the last of them again and again."""

    daemon_threads = True

    def __init__(self, answers: list[Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = answers
        self.asked: list[Asked] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent where a client has gone away: that is what some tests do."""


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        asked = Asked(self.command, self.path, self.headers, self.rfile.read(length))
        place = min(len(self.server.asked), len(self.server.answers) - 1)
        self.server.asked.append(asked)
        self._send(_ranged(self.server.answers[place], asked))

    do_GET = do_POST = _answer  # noqa: N815 - names of the library

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status, answer.reason)
        for name, text in answer.headers.items():
            self.send_header(name, text)
        stated = str(len(answer.body)) if answer.stated is None else answer.stated
        if answer.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif stated:
            self.send_header("Content-Length", stated)
        self.end_headers()
        self.wfile.flush()
        time.sleep(answer.pause)
        body = answer.body[: answer.cut]
        if answer.chunked:
            end = b"0\r\n\r\n" if answer.cut is None else b""
            body = b"%x\r\n%s\r\n%s" % (len(body), body, end)
        if answer.drip:
            for byte in body:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(answer.drip)
        else:
            self.wfile.write(body)
        whole = answer.cut is None and stated == str(len(answer.body))
        self.close_connection = not whole

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


def _ranged(answer: Answer, asked: Asked) -> Answer:
    """Return the part of an answer that was asked for, if it is of the same file."""
    wanted = re.fullmatch(r"bytes=(\d+)-", asked.headers.get("Range", ""))
    same = asked.headers.get("If-Range") in answer.headers.values()
    if not (answer.ranges and wanted and same):
        return answer
    start, size = int(wanted[1]), len(answer.body)
    if start >= size:
        headers = {"Content-Range": f"bytes */{size}"}
        return Answer(status=416, headers=headers)
    headers = {**answer.headers, "Content-Range": f"bytes {start}-{size - 1}/{size}"}
    return Answer(answer.body[start:], 206, headers, cut=answer.cut)


@contextmanager
def serving(*answers: Answer) -> Iterator[Server]:
    """Give a server at work."""
    with Server(list(answers)) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
