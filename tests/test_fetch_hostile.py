"""A server that means harm: nothing of it is obeyed, printed as it is, or taken for data."""

import datetime as dt
import gzip
import random
import tracemalloc
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from loopback import Answer, Server, serving

from flows.errors import FetchError
from flows.fetch.part import Part
from flows.fetch.request import Request, check_redirect
from flows.fetch.services import Wanted, comtrade, sipri, web
from flows.fetch.transfer import Limits, Transfer
from flows.fetch.vintage import fetch_dataset
from flows.sources import list_sources

TABLE = b"exporter,importer,value\nIRN,ARM,1.5\n"
LIMIT = 5_000_000
HOSTILE = "\x1b[31m\x1b]0;title\x07\u202e\x00"
"""Colours, the title of the window, a bell, text from right to left, nothing."""


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def fetch(tmp_path: Path) -> Callable[..., Part]:
    """Return what fetches from a server, and gives what has come."""

    def run(server: Server, **choices: object) -> Part:
        limits = Limits(size=LIMIT, timeout=5.0, tries=2)
        said: list[str] = []
        settings = {"announce": said.append, "sleep": lambda _: None, **choices}
        request = settings.pop("request", None) or Request(f"{server.address}/trade.csv")
        part = Part(tmp_path / "trade.csv.part")
        transfer = Transfer(request, limits, random.Random(1), loopback=True, **settings)  # type: ignore[arg-type]
        try:
            transfer.fetch(part)
        finally:
            assert all(words.isprintable() for words in said)
        return part

    return run


def refused(fetch: Callable[..., Part], *answers: Answer, **choices: object) -> str:
    """Return why an answer is refused: in one line, of characters that can be seen."""
    with serving(*answers) as server, pytest.raises(FetchError) as caught:
        fetch(server, **choices)
    said = str(caught.value)
    assert said.isprintable()
    assert said.startswith("http://127.0.0.1")
    return said


def test_what_unpacks_to_too_much_is_refused_before_it_is_here(
    fetch: Callable[..., Part], tmp_path: Path
) -> None:
    bomb = gzip.compress(bytes(40 * LIMIT))
    tracemalloc.start()
    try:
        said = refused(fetch, Answer(bomb, headers={"Content-Encoding": "gzip"}))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "expected at most 5,000,000 bytes" in said
    assert peak < 2 * LIMIT
    assert list(tmp_path.glob("*.part")) == []


@pytest.mark.parametrize("packed", ["br", "zstd", "gzip, gzip", "x-thing", "gzip\x0c\x0bx"])
def test_a_way_of_packing_that_was_not_asked_for_is_no_data(
    fetch: Callable[..., Part], packed: str
) -> None:
    said = refused(fetch, Answer(TABLE, headers={"Content-Encoding": packed}))
    assert "expected the file as it is, or packed by gzip" in said


@pytest.mark.parametrize("packed", ["gzip", "X-GZIP", "identity", ""])
def test_a_usual_way_of_packing_is_undone(fetch: Callable[..., Part], packed: str) -> None:
    body = gzip.compress(TABLE) if "gzip" in packed.casefold() else TABLE
    with serving(Answer(body, headers={"Content-Encoding": packed})) as server:
        assert fetch(server).path.read_bytes() == TABLE


@pytest.mark.parametrize("stated", ["-5", "9" * 5000, "3, 3", "1e9", "0x10", "+3"])
def test_a_size_that_is_none_is_refused(fetch: Callable[..., Part], stated: str) -> None:
    said = refused(fetch, Answer(TABLE, stated=stated))
    assert "Content-Length" in said or "cannot be reached" in said
    assert len(said) < 500


@pytest.mark.parametrize("size", ["9" * 5000, "-1", "x"])
def test_a_place_in_a_file_that_is_none_is_not_gone_on_from(
    fetch: Callable[..., Part], size: str
) -> None:
    place = {"Content-Range": f"bytes 0-9/{size}"}
    said = refused(fetch, Answer(TABLE, status=206, headers=place))
    assert "the rest is not of the same file" in said


@pytest.mark.parametrize(
    "asked", ["Wed, 21 Oct 99999 07:28:00 GMT", "9" * 400, "-5", "nan", HOSTILE[:5]]
)
def test_a_time_to_wait_that_is_none_is_none(fetch: Callable[..., Part], asked: str) -> None:
    said = refused(fetch, Answer(b"", 429, {"Retry-After": asked}))
    assert "the server says 429 Too Many Requests" in said


def test_what_a_server_says_is_not_obeyed_by_a_terminal(fetch: Callable[..., Part]) -> None:
    body = HOSTILE.encode()
    for answer in (
        Answer(body, 400),
        Answer(b"", 400, reason=HOSTILE.encode().decode("latin-1")),
        Answer(b"<html><title>" + body + b"</title></html>"),
        Answer(b"", 503, {"Retry-After": "7200"}, reason="\x1b[2J"),
    ):
        assert "the server says" in (said := refused(fetch, answer)) or "a page for people" in said


def test_drops_that_never_end_are_given_up(fetch: Callable[..., Part]) -> None:
    ticks = count(step=2.0)
    drop = Answer(TABLE * 100, drip=0.002)
    said = refused(fetch, drop, clock=lambda: next(ticks))
    assert "fewer than 1,000 bytes within 5 s; tried 2 times without more coming" in said


def test_a_slow_file_that_goes_on_comes_whole(fetch: Callable[..., Part]) -> None:
    ticks = count(step=0.001)
    with serving(Answer(TABLE * 40, drip=0.0005)) as server:
        assert fetch(server, clock=lambda: next(ticks)).path.read_bytes() == TABLE * 40


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "data:text/csv,a",
        "javascript:1",
        "//10.0.0.1/x",
        "https://169.254.169.254/latest/meta-data/",
        "https://192.168.1.1/x",
        "https://[fe80::1]/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://0x0a.1/x",
        "https://167772161/x",
        "https://metadata.localhost/x",
        f"https://example.org/{HOSTILE[:5]}",
    ],
)
def test_a_redirect_leads_to_no_file_and_no_inner_address(
    fetch: Callable[..., Part], target: str
) -> None:
    assert "a redirect is not followed" in refused(
        fetch, Answer(b"", 302, {"Location": target.encode().decode("latin-1")})
    )


@pytest.mark.parametrize(
    ("asked", "target"),
    [
        ("https://example.org/a", "https://data.example.org/b"),
        ("https://example.org/a", "https://8.8.8.8/b"),
        ("https://10.0.0.1/a", "https://10.0.0.1/b"),
        ("https://intranet/a", "https://intranet/b"),
    ],
)
def test_a_redirect_in_public_or_to_itself_is_followed(asked: str, target: str) -> None:
    check_redirect(asked, target)


def test_a_public_server_does_not_lead_to_this_machine() -> None:
    for host in ("127.0.0.1", "localhost", "localhost.", "[::1]", "127.1", "0.0.0.0"):  # noqa: S104
        with pytest.raises(FetchError, match="expected an address in the public network"):
            check_redirect("https://example.org/a", f"https://{host}/b")


def test_a_secret_of_an_address_is_hidden_however_it_is_written(
    fetch: Callable[..., Part],
) -> None:
    for written in ("s%2Fcret%20word", "s%2fcret+word", "s/cret word"):
        body = f"no access for {written}".encode()
        with serving(Answer(body, 403)) as server:
            request = Request(f"{server.address}/trade.csv?token=s%2Fcret%20word")
            with pytest.raises(FetchError, match="no access for HIDDEN") as caught:
                fetch(server, request=request)
        assert "cret" not in str(caught.value)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "data" / "raw").mkdir(parents=True)
    return tmp_path


def fetched(project: Path, wanted: Wanted) -> None:
    fetch_dataset(
        project,
        wanted,
        today=dt.date(2025, 3, 10),
        limits=Limits(timeout=5.0, tries=1),
        rng=random.Random(1),
        sleep=lambda _: None,
        loopback=True,
    )


REPLIES = (
    b"[" * 200_000,
    b'{"a":' * 100_000,
    b'{"data":' + b"[" * 100_000,
    b'{"data": 5}',
    b'{"data": [1]}',
    b"[]",
    b"null",
    b"1" * 5000,
    b"\xff\xfe\x00",
    b'{"statusCode": 200, "data": [{"period": ' + b"9" * 5000 + b"}]}",
)


@pytest.mark.parametrize("body", REPLIES, ids=lambda body: repr(body[:12]))
def test_a_reply_of_any_form_is_an_error_in_words(project: Path, body: bytes) -> None:
    with serving(Answer(body)) as server:
        for wanted in (
            comtrade(reporters=["ARM"], partners=["IRN"], periods=["2019"], server=server.address),
            sipri(start=2016, end=2020, server=server.address),
        ):
            with pytest.raises(FetchError):
                fetched(project, wanted)
    assert list_sources(project) == []


@pytest.mark.parametrize(
    "end",
    [
        "source.toml",
        "SOURCE.toml",
        "names.toml",
        ".hidden.csv",
        "a.csv%00.csv",
        "a%1b[31m.csv",
        "a.csv%20",
        "a.csv.",
        "..",
        "a%0a.csv",
    ],
)
def test_an_address_names_no_file_that_people_write(end: str) -> None:
    with pytest.raises(FetchError, match=r"expected the name of a file of data") as caught:
        web(f"https://example.org/{end}", source="a")
    assert str(caught.value).isprintable()


def test_a_way_up_in_an_address_is_no_way_up_here(project: Path) -> None:
    with serving(Answer(TABLE)) as server:
        fetched(project, web(f"{server.address}/..%2f..%2ftrade.csv", source="a"))
    (source,) = list_sources(project)
    assert [*source.files] == ["trade.csv"]
    assert source.folder == project / "data" / "raw" / "a" / "2025-03-10"


def test_a_name_that_a_server_proposes_is_not_taken(project: Path) -> None:
    proposed = {"Content-Disposition": 'attachment; filename="../../../evil.csv"'}
    with serving(Answer(TABLE, headers=proposed)) as server:
        fetched(project, web(f"{server.address}/trade.csv", source="a"))
    assert [*list_sources(project)[0].files] == ["trade.csv"]
    assert not list(project.rglob("evil*"))


def test_an_address_that_cannot_be_seen_is_not_asked_for(project: Path) -> None:
    with serving(Answer(TABLE)) as server:
        for mark in ("\x7f", "\u202e", "\x1b"):
            with pytest.raises(FetchError, match="of characters that can be seen") as caught:
                fetched(project, web(f"{server.address}/trade.csv?x={mark}", source="a"))
            assert str(caught.value).isprintable()
        assert server.asked == []
