"""``flows fetch``: what it asks, says, and exits with."""

import json
import signal
from functools import partial
from pathlib import Path

import pytest
from loopback import Answer, serving

from flows.cli import DONE, FAULT, USAGE, main
from flows.fetch import COMTRADE_KEY, vintage
from flows.loaders.examples import example_path

KEY = "abcdef0123456789"
TABLE = example_path("armstat").read_bytes()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv(COMTRADE_KEY, raising=False)
    (tmp_path / "data" / "raw").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    fetch = partial(vintage.fetch_dataset, loopback=True, sleep=lambda _: None)
    monkeypatch.setattr(vintage, "fetch_dataset", fetch)


@pytest.mark.parametrize(
    ("command", "asked"),
    [
        ("comext 2023-01", "PRODUCTS%2Ffull_v2_202301.7z"),
        ("sipri --from 2016 --to 2020", "POST https://atbackend.sipri.org/api/p/trades/"),
        ("web https://example.org/t.csv?key=abc --id t", "t.csv?key=HIDDEN"),
        ("comtrade --reporter ARM --partner IRN --period 2023", "public/v1/preview/C/A/HS?rep"),
    ],
)
def test_a_dry_run_prints_and_writes_nothing(
    project: Path, capsys: pytest.CaptureFixture[str], command: str, asked: str
) -> None:
    assert main(["fetch", *command.split(), "--dry-run", "--max-size", "1GB"]) == DONE
    printed = capsys.readouterr().out
    assert asked in printed
    assert f"  to {project / 'data' / 'raw'}" in printed
    assert "at most 1,000,000,000 bytes" in printed
    assert list((project / "data" / "raw").iterdir()) == []


@pytest.mark.usefixtures("project")
def test_a_key_of_the_environment_is_used_and_not_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(COMTRADE_KEY, f" {KEY}\n")
    command = "fetch comtrade --reporter ARM --partner all --period 2023-01 --flow import"
    assert main([*command.split(), "--dry-run"]) == DONE
    printed = capsys.readouterr()
    assert "data/v1/get/C/M/HS" in printed.out
    assert KEY not in printed.out + printed.err


@pytest.mark.usefixtures("_loopback")
def test_a_file_is_fetched_listed_and_found_unchanged(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(Answer(TABLE)) as server:
        command = ["fetch", "web", f"{server.address}/a.csv", "--id", "armenia@2025-02"]
        assert main(command) == DONE
        printed = capsys.readouterr().out.splitlines()
        assert printed[0].endswith("2025-02, armstat")
        assert "source.toml: complete publisher, title, citation" in printed[1]
        assert main(command) == FAULT
        assert "expected a vintage that is new" in capsys.readouterr().err
        assert main([*command[:-1], "armenia", "--json"]) == DONE
        done = json.loads(capsys.readouterr().out)
    assert (done["id"], done["new"]) == ("armenia@2025-02", False)
    assert (project / "data" / "raw" / "armenia" / "2025-02" / "a.csv").read_bytes() == TABLE


@pytest.mark.parametrize(
    ("command", "code", "message"),
    [
        ("web http://example.org/t.csv --id t", FAULT, "expected an address https://..."),
        ("web http://127.0.0.1:1/t.csv --id t", FAULT, "expected an address https://..."),
        ("web https://example.org/t.csv", USAGE, "expected --id, the name of the data set"),
        ("comext January", FAULT, "expected a month as 2023-01, found 'January'"),
    ],
)
@pytest.mark.usefixtures("project")
def test_what_cannot_be_asked_is_said(
    capsys: pytest.CaptureFixture[str], command: str, code: int, message: str
) -> None:
    assert main(["fetch", *command.split()]) == code
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    "option",
    ["--max-size=1TB", "--max-size=much", "--max-size=MB", "--tries=0", "--timeout=0", "--tries=x"],
)
def test_a_limit_that_is_none_is_wrong_usage(option: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["fetch", "comext", "2023-01", option])


@pytest.mark.usefixtures("project")
def test_an_interruption_says_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(vintage, "fetch_dataset", interrupt)
    assert main(["fetch", "comext", "2023-01"]) == 128 + signal.SIGINT
    assert (
        "interrupted; what has come is kept: run the same command again" in capsys.readouterr().err
    )


@pytest.mark.parametrize("service", ["comext", "comtrade", "sipri"])
def test_help_says_that_no_service_was_asked(
    service: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["fetch", service, "--help"])
    printed = " ".join(capsys.readouterr().out.split())
    assert "Not tried against the service itself" in printed
    assert ("May break" in printed) == (service == "sipri")
