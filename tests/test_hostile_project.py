"""A project of a stranger: whatever its files hold, a command answers in words."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from toy_project import built_project

from flows.cli import DONE, FAULT, USAGE, main
from flows.errors import ReportError
from flows.notation import parse_json, parse_toml, read_text

DEEP_JSON, DEEP_TOML = b"[" * 100_000, b"a = " + b"[" * 5000
CONTENTS = {
    "deep arrays": DEEP_JSON,
    "deep objects": b'{"a":' * 50_000,
    "deep TOML": DEEP_TOML,
    "digits in JSON": b'{"a":' + b"9" * 5000 + b"}",
    "digits in TOML": b"a = " + b"9" * 5000,
    "nothing": b"",
    "zeros": bytes(100),
    "no text": b"\xff\xfe\xfa",
    "list": b"[]",
    "null": b"null",
    "no number": b'{"outputs": NaN}',
    "half a character": b'{"a": "\\ud800"}',
    "a study without keys": b"[[study]]\n",
    "other types": b'study = 5\nid = 3\nclaim = "x"\nnames = 4\n',
    "folder": None,
}
COMMANDS = {
    "reports/numbers.json": ("trace trade.total", "trace trade.total --code", "completion numbers"),
    "reports/manifest.json": ("check --deposit",),
    "reports/appendix.toml": ("cite reports --all", "completion numbers"),
    "reports/appendix.md": ("cite reports --all",),
    "reports/claims.toml": ("claims",),
    "reports/measured.toml": ("check --deposit",),
    "data/raw/cow-trade/4.0/source.toml": ("cite cow-trade@4.0", "completion data-sets", "check"),
    "data/raw/cow-trade/4.0/names.toml": ("check",),
    ".flows/contents.json": ("list",),
}


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with built_project(tmp_path_factory.mktemp("stranger")) as root:
        yield root


def put(path: Path, content: bytes | None) -> None:
    if path.is_dir():
        path.rmdir()
    path.unlink(missing_ok=True)
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_answers_in_words(
    stranger: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    root = Path(shutil.copytree(stranger, tmp_path / "project"))
    for label, content in CONTENTS.items():
        put(root / name, content)
        for command in COMMANDS[name]:
            code = main(["--root", str(root), *command.split()])
            said = capsys.readouterr().err
            assert code in (DONE, FAULT, USAGE), label
            assert said.count("\n") == (said != ""), label


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS.keys())
def test_what_is_wrong_is_the_error_of_its_notation(content: bytes | None, tmp_path: Path) -> None:
    if content is None:
        return
    for parse in (parse_json, lambda content: parse_toml(content.decode("latin-1"))):
        try:
            parse(content)
        except ValueError as error:
            assert type(error).__name__.endswith("DecodeError")  # noqa: PT017
    place = tmp_path / "text"
    place.write_bytes(b"One\n" + content)
    if content.startswith(b"\xff"):
        with pytest.raises(ReportError, match="text:2: expected text in UTF-8, found the byte"):
            read_text(place)
    else:
        assert read_text(place).startswith("One\n")


@pytest.mark.parametrize("name", ["trade.csv", "source.toml"])
def test_a_device_is_no_file_of_data(
    stranger: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    root = Path(shutil.copytree(stranger, tmp_path / "project"))
    folder = root / "data" / "raw" / "cow-trade" / "4.0"
    (raw,) = (path for path in folder.iterdir() if path.name != "source.toml")
    place = raw if name == "trade.csv" else folder / "source.toml"
    place.unlink()
    place.symlink_to("/dev/zero")
    assert main(["--root", str(root), "check"]) == FAULT
    assert "expected a file, found a folder" in capsys.readouterr().out
