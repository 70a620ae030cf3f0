"""One file over the network, from a server on this machine that has each fault in turn."""

import random
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from loopback import Answer, Server, serving

from flows.errors import FetchError
from flows.fetch.part import Part
from flows.fetch.request import Request
from flows.fetch.transfer import Limits, Transfer

TABLE = b"exporter,importer,value\n" + b"IRN,ARM,1.5\n" * 5000
CHANGED = TABLE.replace(b"1.5", b"2.5")
TAG = {"ETag": '"one"'}
PAGE = b"<!DOCTYPE html><html><head><title>Down for\n maintenance</title></head></html>"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)


class Attempt:
    """A fetch of ``/trade.csv`` by a test, with what it waited for and said."""

    def __init__(self, folder: Path, server: Server, **choices: object) -> None:
        self.part = Part(folder / "trade.csv.part")
        self.waits: list[float] = []
        self.said: list[str] = []
        limits = {"timeout": 10.0, "tries": 3, "backoff": 1.0}
        kept = {name: choices.pop(name) for name in list(choices) if name in Limits.__slots__}
        announce = choices.pop("announce", self.said.append)
        request = Request(**{"address": f"{server.address}/trade.csv", **choices})  # type: ignore[arg-type]
        self.transfer = Transfer(
            request,
            Limits(**(limits | kept)),  # type: ignore[arg-type]
            random.Random(1),
            self.waits.append,
            announce,  # type: ignore[arg-type]
            loopback=True,
        )

    def run(self) -> tuple[str, ...]:
        return self.transfer.fetch(self.part)


@pytest.fixture
def attempt(tmp_path: Path) -> Callable[..., Attempt]:
    return lambda server, **choices: Attempt(tmp_path, server, **choices)


def test_a_whole_file_is_what_the_server_has(attempt: Callable[..., Attempt]) -> None:
    with serving(Answer(TABLE)) as server:
        fetch = attempt(server)
        assert fetch.run() == ()
    assert fetch.part.path.read_bytes() == TABLE
    assert (fetch.waits, len(server.asked)) == ([], 1)
    assert server.asked[0].headers["Accept-Encoding"] == "identity"
    assert server.asked[0].headers["User-Agent"].startswith("flows/")


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_passing_fault_is_tried_again_after_longer_and_longer(
    attempt: Callable[..., Attempt], status: int
) -> None:
    with serving(Answer(b"busy", status), Answer(b"busy", status), Answer(TABLE)) as server:
        fetch = attempt(server)
        fetch.run()
    assert fetch.part.path.read_bytes() == TABLE
    first, second = fetch.waits
    assert 0.5 <= first <= 1.5
    assert 1.0 <= second <= 3.0


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_is_given_the_time_that_it_asks_for(
    attempt: Callable[..., Attempt], status: int
) -> None:
    later = Answer(b"later", status, {"Retry-After": "7"})
    with serving(later, Answer(TABLE)) as server:
        fetch = attempt(server)
        fetch.run()
    assert fetch.waits == [7.0]


def test_an_unreadable_time_is_no_time(attempt: Callable[..., Attempt]) -> None:
    with serving(Answer(b"", 429, {"Retry-After": "soon"}), Answer(TABLE)) as server:
        fetch = attempt(server)
        fetch.run()
    assert fetch.waits[0] < 2


def test_a_server_that_asks_for_an_hour_is_left_alone(attempt: Callable[..., Attempt]) -> None:
    with serving(Answer(b"", 429, {"Retry-After": "3600"})) as server:
        fetch = attempt(server)
        with pytest.raises(
            FetchError, match=r"says 429.*asks to wait 3600 s: run the same command"
        ):
            fetch.run()
    assert fetch.waits == []


def test_a_fault_that_stays_is_said_with_its_number(attempt: Callable[..., Attempt]) -> None:
    with serving(Answer(b"busy", 500)) as server:
        fetch = attempt(server)
        with pytest.raises(FetchError, match="says 500 Internal Server Error; tried 3 times"):
            fetch.run()
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "says 401 Unauthorized: no such user; a key may be missing, wrong, or used up"),
        (403, "says 403 Forbidden: no such user; a key may be"),
        (404, "says 404 Not Found: no such user; nothing of this name is there"),
        (400, "says 400 Bad Request: no such user$"),
    ],
)
def test_a_lasting_fault_is_not_tried_again(
    attempt: Callable[..., Attempt], status: int, words: str
) -> None:
    with serving(Answer(b"no such\nuser", status)) as server:
        fetch = attempt(server)
        with pytest.raises(FetchError, match=words):
            fetch.run()
    assert len(server.asked) == 1
    assert fetch.part.size == 0


def test_a_server_that_is_silent_is_told(attempt: Callable[..., Attempt]) -> None:
    with serving(Answer(TABLE, pause=3)) as server:
        fetch = attempt(server, timeout=1.0, tries=1)
        with pytest.raises(
            FetchError, match=r"cut after 0 of 60,024 stated bytes \(ReadTimeoutError\)"
        ):
            fetch.run()


def test_a_server_that_is_not_there_is_told(attempt: Callable[..., Attempt]) -> None:
    with serving(Answer(TABLE)) as server:
        fetch = attempt(server)
    with pytest.raises(FetchError, match=r"the server cannot be reached \(NewConnectionError\)"):
        fetch.run()


def test_a_server_that_accepts_and_says_nothing_is_told(attempt: Callable[..., Attempt]) -> None:
    with serving(Answer(TABLE)) as server, socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/x"
        fetch = attempt(server, timeout=0.3, tries=1, address=address)
        with pytest.raises(FetchError, match=r"no answer within 0\.3 s"):
            fetch.run()


def test_a_cut_file_is_gone_on_with(attempt: Callable[..., Attempt]) -> None:
    cut = Answer(TABLE, headers=TAG, cut=20_000, ranges=True)
    with serving(cut, cut, Answer(TABLE, headers=TAG, ranges=True)) as server:
        fetch = attempt(server, tries=1)
        fetch.run()
    assert fetch.part.path.read_bytes() == TABLE
    ranges = [asked.headers.get("Range") for asked in server.asked]
    assert ranges == [None, "bytes=20000-", "bytes=40000-"]
    assert {asked.headers.get("If-Range") for asked in server.asked[1:]} == {'"one"'}


def test_a_file_in_pieces_is_whole_or_gone_on_with(attempt: Callable[..., Attempt]) -> None:
    cut = Answer(TABLE, headers=TAG, cut=20_000, chunked=True)
    rest, whole = Answer(TABLE, headers=TAG, ranges=True), Answer(TABLE, chunked=True)
    with serving(cut, rest, whole) as server:
        fetch = attempt(server)
        assert fetch.run() == ()
        assert fetch.part.path.read_bytes() == TABLE
        fetch.part.discard()
        assert fetch.run() == ()
    assert fetch.part.path.read_bytes() == TABLE
    assert server.asked[1].headers["Range"] == "bytes=20000-"


def test_a_date_tells_a_file_as_well(attempt: Callable[..., Attempt]) -> None:
    day = {"ETag": 'W/"weak"', "Last-Modified": "Wed, 05 Mar 2025 10:00:00 GMT"}
    cut = Answer(TABLE, headers=day, cut=20_000)
    with serving(cut, Answer(TABLE, headers=day, ranges=True)) as server:
        fetch = attempt(server)
        fetch.run()
    assert server.asked[1].headers["If-Range"] == day["Last-Modified"]
    assert fetch.part.path.read_bytes() == TABLE


def test_a_file_that_nothing_tells_apart_is_begun_again(attempt: Callable[..., Attempt]) -> None:
    with serving(Answer(TABLE, cut=20_000), Answer(TABLE)) as server:
        fetch = attempt(server)
        fetch.run()
    assert "Range" not in server.asked[1].headers
    assert fetch.part.path.read_bytes() == TABLE


def test_a_file_that_has_changed_is_begun_again(attempt: Callable[..., Attempt]) -> None:
    cut = Answer(TABLE, headers=TAG, cut=20_000, ranges=True)
    other = Answer(CHANGED, headers={"ETag": '"two"'}, ranges=True)
    with serving(cut, other) as server:
        fetch = attempt(server)
        fetch.run()
    assert fetch.part.path.read_bytes() == CHANGED
    assert any("the file is another one now" in words for words in fetch.said)


@pytest.mark.parametrize(
    "headers",
    [
        {"ETag": '"two"', "Content-Range": "bytes 20000-60023/60024"},
        {"ETag": '"one"', "Content-Range": "bytes 10000-60023/60024"},
        {"ETag": '"one"', "Content-Range": "bytes 20000-60023/70000"},
        {"ETag": '"one"'},
    ],
    ids=["another file", "another place", "another size", "no place"],
)
def test_a_rest_of_something_else_is_not_joined(
    attempt: Callable[..., Attempt], headers: dict[str, str]
) -> None:
    cut, rest = Answer(TABLE, headers=TAG, cut=20_000), Answer(CHANGED[20_000:], 206, headers)
    with serving(cut, rest, Answer(CHANGED, headers={"ETag": '"two"'})) as server:
        fetch = attempt(server)
        fetch.run()
    assert fetch.part.path.read_bytes() == CHANGED


def test_a_rest_that_is_too_long_is_thrown_away(attempt: Callable[..., Attempt]) -> None:
    place = {**TAG, "Content-Range": "bytes 20000-60023/60024"}
    cut, long = Answer(TABLE, headers=TAG, cut=20_000), Answer(TABLE, 206, place)
    with serving(cut, long, Answer(CHANGED)) as server:
        fetch = attempt(server)
        fetch.run()
    assert fetch.part.path.read_bytes() == CHANGED


def test_a_rest_that_comes_in_parts_is_put_together(attempt: Callable[..., Attempt]) -> None:
    place = {**TAG, "Content-Range": "bytes 20000-39999/60024"}
    cut, middle = Answer(TABLE, headers=TAG, cut=20_000), Answer(TABLE[20_000:40_000], 206, place)
    with serving(cut, middle, Answer(TABLE, headers=TAG, ranges=True)) as server:
        fetch = attempt(server, tries=1)
        fetch.run()
    assert fetch.part.path.read_bytes() == TABLE
    assert server.asked[2].headers["Range"] == "bytes=40000-"


@pytest.mark.parametrize(
    "answer",
    [Answer(PAGE, 404), Answer(b"gone for ever", 404, cut=2), Answer(b"", 404)],
    ids=["page", "cut", "nothing"],
)
def test_a_refusal_without_words_is_a_refusal(
    attempt: Callable[..., Attempt], answer: Answer
) -> None:
    with serving(answer) as server:
        fetch = attempt(server)
        with pytest.raises(FetchError, match="says 404 Not Found; nothing of this name is there"):
            fetch.run()


def test_a_later_run_goes_on(attempt: Callable[..., Attempt]) -> None:
    with serving(Answer(TABLE, headers=TAG, cut=20_000, ranges=True)) as server:
        fetch = attempt(server, tries=1)
        server.answers.append(Answer(b"busy", 503))
        with pytest.raises(FetchError, match="20,000 bytes are kept: run the same command again"):
            fetch.run()
    with serving(Answer(TABLE, headers=TAG, ranges=True)) as server:
        again = attempt(server)
        again.run()
    assert server.asked[0].headers["Range"] == "bytes=20000-"
    assert again.part.path.read_bytes() == TABLE


def test_a_later_run_finds_a_whole_file_whole(attempt: Callable[..., Attempt]) -> None:
    with serving(Answer(TABLE, headers=TAG, ranges=True)) as server:
        attempt(server).run()
        again = attempt(server)
        assert again.run() == ()
    assert server.asked[1].headers["Range"] == "bytes=60024-"
    assert again.part.path.read_bytes() == TABLE


def test_what_is_here_and_of_another_size_is_thrown_away(attempt: Callable[..., Attempt]) -> None:
    with serving(Answer(TABLE, headers=TAG)) as server:
        attempt(server).run()
    beyond = Answer(status=416, headers={"Content-Range": "bytes */7"})
    with serving(beyond, Answer(CHANGED)) as server:
        again = attempt(server)
        again.run()
    assert again.part.path.read_bytes() == CHANGED


def test_a_part_without_its_state_is_thrown_away(
    attempt: Callable[..., Attempt], tmp_path: Path
) -> None:
    (tmp_path / "trade.csv.part").write_bytes(b"something")
    with serving(Answer(TABLE)) as server:
        fetch = attempt(server)
        fetch.run()
    assert "Range" not in server.asked[0].headers
    assert fetch.part.path.read_bytes() == TABLE


def test_a_stated_size_that_is_wrong_is_told(attempt: Callable[..., Attempt]) -> None:
    with serving(Answer(TABLE, stated="70000")) as server:
        fetch = attempt(server)
        with pytest.raises(
            FetchError, match=r"cut after 60,024 of 70,000 stated bytes .*tried 3 times"
        ):
            fetch.run()


def test_a_size_that_is_not_stated_is_said(attempt: Callable[..., Attempt]) -> None:
    with serving(Answer(TABLE, stated="")) as server:
        (warning,) = attempt(server).run()
    assert warning == "the server did not state its size: whether it is whole cannot be told"


def test_an_empty_answer_is_no_file(attempt: Callable[..., Attempt]) -> None:
    with serving(Answer(b"")) as server:
        fetch = attempt(server)
        with pytest.raises(FetchError, match="expected a file, found an empty answer; tried 3"):
            fetch.run()


@pytest.mark.parametrize("stated", [None, ""], ids=["stated", "not stated"])
def test_a_file_that_is_too_large_is_refused(
    attempt: Callable[..., Attempt], stated: str | None
) -> None:
    with serving(Answer(TABLE, stated=stated)) as server:
        fetch = attempt(server, size=50_000)
        with pytest.raises(FetchError, match=r"expected at most 50,000 bytes, found .*--max-size"):
            fetch.run()
    assert not fetch.part.path.exists()
    assert len(server.asked) == 1


def test_a_page_for_people_is_no_data(attempt: Callable[..., Attempt]) -> None:
    with serving(Answer(PAGE, headers={"Content-Type": "text/csv"})) as server:
        fetch = attempt(server)
        with pytest.raises(FetchError, match=r"found a page for people \('Down for maintenance'\)"):
            fetch.run()
    assert not fetch.part.path.exists()


def test_a_page_that_is_asked_for_is_taken(tmp_path: Path) -> None:
    with serving(Answer(PAGE)) as server:
        request = Request(f"{server.address}/notes.html")
        part = Part(tmp_path / "notes.html.part")
        Transfer(request, Limits(), random.Random(1), loopback=True).fetch(part)
    assert part.path.read_bytes() == PAGE


def test_a_server_without_a_certificate_is_not_trusted(attempt: Callable[..., Attempt]) -> None:
    with serving(Answer(TABLE)) as server:
        fetch = attempt(server, address=server.address.replace("http:", "https:"))
        with pytest.raises(FetchError, match="expected a certificate that this machine trusts"):
            fetch.run()
    assert server.asked == []


def test_a_redirect_is_followed(attempt: Callable[..., Attempt]) -> None:
    with serving(Answer(b"", 302, {"Location": "/new/trade.csv?x=1"}), Answer(TABLE)) as server:
        fetch = attempt(server)
        fetch.run()
    assert [asked.path for asked in server.asked] == ["/trade.csv", "/new/trade.csv?x=1"]
    assert fetch.part.path.read_bytes() == TABLE


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("http://example.org/t?token=abc", "found 'http://example.org/t'$"),
        ("ftp://example.org/t", "expected an address https"),
        ("https://user:abc@example.org/t", "expected an address without name and password"),
        ("https://[abc/t", "a redirect is not followed: "),
        ("", "found a redirect that cannot be followed"),
    ],
)
def test_a_redirect_out_of_https_is_not_followed(
    attempt: Callable[..., Attempt], target: str, words: str
) -> None:
    with serving(Answer(b"", 301, {"Location": target})) as server:
        fetch = attempt(server)
        with pytest.raises(FetchError, match=words) as caught:
            fetch.run()
    assert "abc" not in str(caught.value).replace("[abc", "")
    assert len(server.asked) == 1


def test_redirects_in_a_circle_end(attempt: Callable[..., Attempt]) -> None:
    with serving(Answer(b"", 302, {"Location": "/trade.csv"})) as server:
        fetch = attempt(server)
        with pytest.raises(FetchError, match="expected at most 5 redirects, found more; the last"):
            fetch.run()
    assert len(server.asked) == 6


def test_what_is_posted_is_not_redirected(attempt: Callable[..., Attempt]) -> None:
    with serving(Answer(b"", 307, {"Location": "/new"})) as server:
        fetch = attempt(server, body='{"a": 1}')
        with pytest.raises(FetchError, match="found a redirect that cannot be followed"):
            fetch.run()
    assert (server.asked[0].method, server.asked[0].body) == ("POST", b'{"a": 1}')
    assert server.asked[0].headers["Content-Type"] == "application/json"


def test_a_key_goes_to_its_server_alone(attempt: Callable[..., Attempt]) -> None:
    with serving(Answer(TABLE)) as other:
        moved = Answer(b"", 302, {"Location": f"{other.address}/trade.csv"})
        with serving(moved) as server:
            fetch = attempt(server, key_header="X-Key", key="abcdef")
            fetch.run()
    assert server.asked[0].headers["X-Key"] == "abcdef"
    assert "X-Key" not in other.asked[0].headers


@pytest.mark.parametrize("status", [401, 500, 429])
def test_a_key_is_never_said(attempt: Callable[..., Attempt], status: int) -> None:
    with serving(Answer(b"the key abcdef is wrong", status, {"Retry-After": "0"})) as server:
        fetch = attempt(server, key_header="X-Key", key="abcdef")
        with pytest.raises(FetchError) as caught:
            fetch.run()
    assert "abcdef" not in str(caught.value) + "".join(fetch.said) + repr(fetch.transfer)


def test_a_packed_answer_is_unpacked(attempt: Callable[..., Attempt]) -> None:
    import gzip  # noqa: PLC0415 - here alone

    packed = Answer(gzip.compress(TABLE), headers={"Content-Encoding": "gzip", **TAG})
    with serving(packed) as server:
        fetch = attempt(server)
        fetch.run()
    assert fetch.part.path.read_bytes() == TABLE
    assert not fetch.part.resumable


def test_the_proxy_of_the_environment_is_asked(
    attempt: Callable[..., Attempt], monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(Answer(TABLE)) as proxy, serving(Answer(b"not asked")) as server:
        monkeypatch.setenv("http_proxy", proxy.address.replace("//", "//user:word@"))
        monkeypatch.setenv("no_proxy", "example.org")
        fetch = attempt(server)
        fetch.run()
        assert proxy.asked[0].path == f"{server.address}/trade.csv"
        assert proxy.asked[0].headers["Proxy-Authorization"] == "Basic dXNlcjp3b3Jk"
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        fetch.part.discard()
        fetch.run()
    assert fetch.part.path.read_bytes() == b"not asked"


def test_a_proxy_of_another_kind_is_refused(
    attempt: Callable[..., Attempt], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "socks5://user:word@127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    with serving(Answer(TABLE)) as server:
        fetch = attempt(server)
        with pytest.raises(FetchError, match=r"expected a proxy http.*, found one of socks5$"):
            fetch.run()


def test_the_loopback_needs_a_word(tmp_path: Path) -> None:
    with serving(Answer(TABLE)) as server:
        request = Request(f"{server.address}/trade.csv")
        transfer = Transfer(request, Limits(), random.Random(1))
        with pytest.raises(FetchError, match="expected an address https://"):
            transfer.fetch(Part(tmp_path / "trade.csv.part"))
    assert server.asked == []


def test_an_interruption_keeps_what_has_come(
    attempt: Callable[..., Attempt], tmp_path: Path
) -> None:
    with serving(Answer(TABLE * 20, headers=TAG, ranges=True)) as server:

        def interrupt(_: str) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            attempt(server, announce=interrupt).run()
        kept = Part(tmp_path / "trade.csv.part")
        assert kept.resumable
        attempt(server).run()
    assert server.asked[1].headers["Range"] == f"bytes={kept.size}-" or kept.size == len(TABLE) * 20
    assert (tmp_path / "trade.csv.part").read_bytes() == TABLE * 20
