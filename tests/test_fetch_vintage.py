"""Fetched files in the catalogue: whole, beside older ones, with what is known of them."""

import base64
import json
import random
from datetime import date
from pathlib import Path

import pytest
from filelock import FileLock
from loopback import Answer, serving

from flows.errors import FetchError, SourceError
from flows.fetch.request import Request
from flows.fetch.services import Wanted, comext, comtrade, sipri, web
from flows.fetch.transfer import Limits
from flows.fetch.vintage import Fetched, describe_request, fetch_dataset
from flows.loaders import load_source
from flows.loaders.examples import example_path
from flows.pipeline.catalogue import check_catalogue
from flows.sources import file_sha256, find_source, list_sources

DAY = date(2025, 3, 10)
TABLE = example_path("armstat").read_bytes()
CHANGED = TABLE + b"\n"
REPLY = example_path("comtrade_api").read_bytes()
KEY = "abcdef0123456789"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "data" / "raw").mkdir(parents=True)
    return tmp_path


def fetched(project: Path, wanted: Wanted, *, day: date = DAY, vintage: str = "") -> Fetched:
    return fetch_dataset(
        project,
        wanted,
        today=day,
        vintage=vintage,
        limits=Limits(timeout=10, tries=2),
        rng=random.Random(1),
        sleep=lambda _: None,
        loopback=True,
    )


def everything(project: Path) -> str:
    """Return all that was written, names and contents."""
    files = [path for path in project.rglob("*") if path.is_file()]
    return "".join(f"{path}\n{path.read_text('latin-1')}" for path in files)


def test_a_file_becomes_a_vintage(project: Path) -> None:
    with serving(Answer(TABLE)) as server:
        address = f"{server.address}/armenia.csv?access_token={KEY}&y=1"
        done = fetched(project, web(address, source="armenia"))
    assert (done.id, done.new, done.loader) == ("armenia@2025-03-10", True, "armstat")
    source = find_source("armenia@2025-03-10", project)
    assert source.retrieved == DAY
    assert source.address == f"{server.address}/armenia.csv?access_token=HIDDEN&y=1"
    assert source.remarks == f"Fetched on 2025-03-10:\nGET {source.address}"
    assert dict(source.files) == {"armenia.csv": file_sha256(example_path("armstat"))}
    assert {"publisher", "licence"} <= {*done.incomplete}
    assert len(load_source(source)) == 9
    assert KEY not in everything(project)
    left = {path.name for path in (project / "data" / "raw" / ".fetch").iterdir()}
    assert left == {".gitignore", "armenia.lock"}


def test_a_new_vintage_lies_beside_the_old(project: Path) -> None:
    with serving(Answer(TABLE), Answer(CHANGED), Answer(CHANGED), Answer(TABLE)) as server:
        wanted = web(f"{server.address}/a.csv", source="armenia")
        first = fetched(project, wanted)
        second = fetched(project, wanted)
        unchanged = fetched(project, wanted, day=date(2025, 4, 1))
        named = fetched(project, wanted, vintage="2025-02")
    assert [done.id for done in (first, second, unchanged, named)] == [
        "armenia@2025-03-10",
        "armenia@2025-03-10.2",
        "armenia@2025-03-10.2",
        "armenia@2025-02",
    ]
    assert [done.new for done in (first, second, unchanged, named)] == [True, True, False, True]
    assert (first.folder / "a.csv").read_bytes() == TABLE
    assert (second.folder / "a.csv").read_bytes() == CHANGED
    assert len(list_sources(project)) == 3


@pytest.mark.parametrize(
    ("source", "vintage"), [("../x", ""), ("Armenia", ""), ("a", "../b"), ("armenia", "1")]
)
def test_a_name_is_looked_at_before_anything_is_asked(
    project: Path, source: str, vintage: str
) -> None:
    (project / "data" / "raw" / "armenia" / "1").mkdir(parents=True)
    with serving(Answer(TABLE)) as server:
        wanted = web(f"{server.address}/a.csv", source=source)
        with pytest.raises(SourceError, match=r"expected source@vintage|a vintage that is new"):
            fetched(project, wanted, vintage=vintage)
    assert server.asked == []


def test_a_fault_leaves_no_vintage(project: Path) -> None:
    with serving(Answer(TABLE), Answer(TABLE, headers={"ETag": '"1"'}, cut=9)) as server:
        requests = {name: Request(f"{server.address}/{name}") for name in ("a.csv", "b.csv")}
        with pytest.raises(FetchError, match=r"b\.csv: cut after 9 of .* 9 bytes are kept"):
            fetched(project, Wanted("armenia", requests))
    assert list_sources(project) == []
    assert [path.name for path in (project / "data" / "raw").iterdir()] == [".fetch"]


def test_several_files_are_one_data_set_and_a_whole_one_is_not_asked_for_again(
    project: Path,
) -> None:
    tag = {"ETag": '"1"'}
    cut, whole = Answer(TABLE, headers=tag, cut=9, ranges=True), Answer(TABLE, headers=tag)
    with serving(whole, cut, Answer(b"", 503), Answer(b"", 503), Answer(b"", 503)) as server:
        requests = {name: Request(f"{server.address}/{name}") for name in ("a.csv", "b.csv")}
        with pytest.raises(FetchError, match="bytes are kept"):
            fetched(project, Wanted("armenia", requests))
        server.answers = [Answer(TABLE, headers=tag, ranges=True)]
        server.asked.clear()
        done = fetched(project, Wanted("armenia", requests))
    ranges = [asked.headers["Range"] for asked in server.asked]
    assert ranges == [f"bytes={len(TABLE)}-", "bytes=9-"]
    assert sorted(find_source(done.id, project).files) == ["a.csv", "b.csv"]


def test_a_second_fetch_of_the_same_data_set_waits(project: Path) -> None:
    (project / "data" / "raw" / ".fetch").mkdir()
    with (
        FileLock(project / "data" / "raw" / ".fetch" / "armenia.lock"),
        serving(Answer()) as server,
    ):
        with pytest.raises(FetchError, match="expected no other fetch of armenia, found one"):
            fetched(project, web(f"{server.address}/a.csv", source="armenia"))
        assert server.asked == []


def test_a_layout_that_is_not_known_is_left_to_write(project: Path) -> None:
    with serving(Answer(b"7z\xbc\xaf\x27\x1c", stated="")) as server:
        done = fetched(project, comext(["2023-01", "202302"], server=f"{server.address}/files"))
    source = find_source("comext-202301-202302@2025-03-10", project)
    assert sorted(source.files) == ["full_v2_202301.7z", "full_v2_202302.7z"]
    assert server.asked[0].path == (
        "/files?file=comext%2FCOMEXT_DATA%2FPRODUCTS%2Ffull_v2_202301.7z"
    )
    assert (source.publisher, source.licence[:9]) == ("Eurostat", "CC BY 4.0")
    assert done.incomplete == ("coverage", "loader")
    assert len(done.warnings) == 2
    assert done.warnings[0] in source.remarks
    (checked,) = check_catalogue(project)
    assert "expected a loader of" in checked.fault


def test_a_reply_of_comtrade_comes_with_a_key_that_is_nowhere(project: Path) -> None:
    with serving(Answer(REPLY)) as server:
        wanted = comtrade(
            reporters=["ARM"],
            partners=["IRN", "world"],
            periods=["2019"],
            key=KEY,
            server=server.address,
        )
        done = fetched(project, wanted)
    (asked,) = server.asked
    assert asked.headers["Ocp-Apim-Subscription-Key"] == KEY
    assert asked.path.startswith(
        "/data/v1/get/C/A/HS?reporterCode=51&period=2019&partnerCode=0,364&cmdCode=TOTAL&flowCode=M"
    )
    assert (done.loader, done.incomplete) == ("comtrade_api", ("coverage",))
    assert KEY not in everything(project) + repr(wanted) + repr(done)


def test_without_a_key_the_preview_is_asked_for_months(project: Path) -> None:
    with serving(Answer(REPLY)) as server:
        wanted = comtrade(
            reporters=["DEU"],
            partners=["all"],
            periods=["2019-01", "2019-02"],
            products=["AG2", "271121"],
            flows=["import"],
            server=server.address,
        )
        fetched(project, wanted)
    (asked,) = server.asked
    assert asked.path.startswith(
        "/public/v1/preview/C/M/HS?reporterCode=276,280&period=201901,201902&cmdCode=AG2,271121"
        "&flowCode=M&"
    )
    assert "maxRecords=500" in asked.path
    assert "Ocp-Apim-Subscription-Key" not in asked.headers
    assert (wanted.source, list(wanted.requests)) == (
        "comtrade-deu-201901-201902",
        ["DEU-201901-201902.json"],
    )


def rows(count: int) -> bytes:
    reply = json.loads(REPLY)
    return json.dumps({**reply, "data": reply["data"][:1] * count}).encode()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (rows(500), "expected fewer than 500 rows, found 500: .*or with a key in COMTRADE_PRIMARY"),
        (rows(0), "UN Comtrade has no rows of what was asked for"),
        (b'{"statusCode": 200, "message": "try later"}', "expected a known layout"),
    ],
)
def test_an_answer_that_is_cut_empty_or_another_is_refused(
    project: Path, body: bytes, words: str
) -> None:
    with serving(Answer(body)) as server:
        wanted = comtrade(
            reporters=["ARM"], partners=["all"], periods=["2019"], server=server.address
        )
        with pytest.raises(FetchError, match=words) as caught:
            fetched(project, wanted)
    assert str(caught.value).startswith(f"{server.address}/public/v1/preview")
    assert ".part" not in str(caught.value)
    assert list_sources(project) == []


def test_the_register_of_sipri_is_asked_for_by_years(project: Path) -> None:
    table = base64.b64encode(example_path("sipri_register").read_bytes()).decode()
    with serving(Answer(json.dumps({"bytes": table}).encode())) as server:
        done = fetched(project, sipri(start=2016, end=2020, server=f"{server.address}/csv/"))
    (asked,) = server.asked
    assert asked.method == "POST"
    years = json.loads(asked.body)["filters"][0]
    assert (years["field"], years["value1"], years["value2"]) == ("Delivery year", 2016, 2020)
    assert done.loader == "sipri_register"
    source = find_source("sipri-register@2025-03-10", project)
    assert f"POST {server.address}/csv/ {asked.body.decode()}" in source.remarks
    assert len(load_source(source)) == 3


def test_a_site_that_has_changed_is_said(project: Path) -> None:
    changed = serving(Answer(b'{"detail": "gone"}'))
    with changed as server, pytest.raises(FetchError, match="expected a known layout"):
        fetched(project, sipri(start=2016, end=2020, server=server.address))
    assert list_sources(project) == []


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"reporters": ["Armenia"]}, "Armenia"),
        ({"reporters": ["XSF"]}, "UN Comtrade has no number for it"),
        ({"periods": ["2019", "2019-01"]}, r"expected years \(2023\) or months"),
        ({"periods": ["1402-01"]}, "expected years"),
        ({"products": ["27112"]}, "expected products as TOTAL, AG6 or 271121, found '27112'"),
        ({"flows": ["transit"]}, "expected flows import, export, found 'transit'"),
    ],
)
def test_a_question_that_is_none_is_refused(choices: dict[str, list[str]], words: str) -> None:
    asked = {"reporters": ["ARM"], "partners": ["all"], "periods": ["2019"]} | choices
    with pytest.raises(FetchError, match=words):
        comtrade(**asked)  # type: ignore[arg-type]


def test_a_key_that_no_header_holds_is_refused_unseen() -> None:
    with pytest.raises(FetchError, match="COMTRADE_PRIMARY: expected letters") as caught:
        comtrade(reporters=["ARM"], partners=["all"], periods=["2019"], key=f"{KEY}\nX: 1")
    assert KEY not in str(caught.value)


def test_other_questions_that_are_none_are_refused() -> None:
    with pytest.raises(FetchError, match="expected a month as 2023-01, found '2023-13'"):
        comext(["2023-13"])
    for start, end in ((1949, 2020), (2020, 2016)):
        with pytest.raises(FetchError, match="expected years from 1950 on"):
            sipri(start=start, end=end)
    for address in ("https://example.org/", "https://example.org/api?file=x.csv"):
        with pytest.raises(FetchError, match=r"name it with --file trade\.csv"):
            web(address, source="a")
    with pytest.raises(FetchError, match="expected the name of a file"):
        web("https://example.org/x.csv", source="a", file="../x.csv")


def test_what_would_be_asked_is_told_without_the_key(project: Path) -> None:
    wanted = comtrade(reporters=["ARM"], partners=["IRN"], periods=["2019"], key=KEY)
    told = "\n".join(describe_request(project, wanted, vintage="1", limits=Limits()))
    assert told.startswith("GET https://comtradeapi.un.org/data/v1/get/C/A/HS?reporterCode=51&")
    assert "  Ocp-Apim-Subscription-Key: HIDDEN" in told
    assert KEY not in told
    posted = describe_request(project, sipri(start=2019, end=2020), vintage="1", limits=Limits())
    assert '"Delivery year"' in "\n".join(posted)
    secret = web("https://user:word@example.org/x.csv", source="a")
    with pytest.raises(FetchError, match="without name and password") as caught:
        list(describe_request(project, secret, vintage="1", limits=Limits()))
    assert "word@" not in str(caught.value)
    outside = web("https://example.org/x.csv", source="../a")
    with pytest.raises(SourceError, match="expected source@vintage"):
        list(describe_request(project, outside, vintage="1", limits=Limits()))
    assert list((project / "data" / "raw").iterdir()) == []
