"""What fuzzing found stays found: the kept inputs of every parser, and the fuzzer's own parts."""

import json
import random
import re
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import fuzz_values
import pytest
from fuzz_changes import changed, new_number
from fuzz_targets import CORPUS, TARGETS, Broken, Target, written
from fuzz_values import Unseen, change_of_a_value, is_figure

from flows.loaders import LAYOUTS
from flows.loaders.examples import example_path

KEPT = [(name, path.name) for name, target in TARGETS.items() for path in target.corpus()]


@pytest.mark.parametrize(("name", "file"), KEPT)
def test_a_kept_input_is_refused_or_right(name: str, file: str) -> None:
    TARGETS[name].holds((CORPUS / name / file).read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_holds_what_it_begins_with_and_its_changes(name: str) -> None:
    target = TARGETS[name]
    chance = random.Random(5)
    for seed in list(target.seeds())[:3]:
        target.holds(seed)
        target.holds(target.changed(seed, chance))


def test_every_kept_input_has_a_target_and_all_are_small() -> None:
    files = [path for path in CORPUS.rglob("*") if path.is_file()]
    assert {path.parent.name for path in files} <= set(TARGETS)
    assert sum(path.stat().st_size for path in files) < 1_000_000


def test_every_layout_is_fuzzed() -> None:
    assert {f"{kind}-{key}" for key in LAYOUTS for kind in ("load", "value")} <= set(TARGETS)


def test_a_figure_that_does_not_show_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    original = fuzz_values._original("baci")
    monkeypatch.setattr(fuzz_values, "is_figure", lambda *_: True)
    monkeypatch.setattr(fuzz_values, "_loaded", lambda *_: original[1:])
    with pytest.raises(Unseen, match=r"baci.csv:\d+: .* load as the same"):
        change_of_a_value("baci", b"\0\x009999")


def test_figures_are_what_is_read() -> None:
    text = example_path("baci").read_text(encoding="utf-8")
    assert text.splitlines()[1] == "2022,4,20,210610,        0.357,        0.002"
    for number in ("2022", "0.357"):
        assert is_figure("baci", text.index(number), text.index(number) + len(number))
    title = example_path("wits_summary").read_text(encoding="utf-8")
    assert not all(is_figure("wits_summary", *at.span()) for at in re.finditer("[0-9]+", title))


def test_an_error_that_is_no_refusal_is_a_fault() -> None:
    def fails(_: bytes) -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        Target("a", fails, list).holds(b"")
    assert issubclass(Broken, AssertionError)


def test_changes_depend_on_the_seed_alone_and_change_something() -> None:
    content = example_path("armstat").read_bytes()
    made = [changed(content, random.Random(number)) for number in range(50)]
    assert made == [changed(content, random.Random(number)) for number in range(50)]
    assert sum(one != content for one in made) > 40


def test_changes_of_json_are_mostly_json_and_of_archives_mostly_archives() -> None:
    text = example_path("imf_compact").read_bytes()
    assert sum(_is_json(changed(text, random.Random(n))) for n in range(60)) > 20
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.csv", "a,b\n1,2\n")
    made_of = [changed(made.getvalue(), random.Random(n)) for n in range(60)]
    assert sum(zipfile.is_zipfile(BytesIO(one)) for one in made_of) > 30


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except ValueError:
        return False
    return True


def test_a_slip_of_a_number_is_a_short_text() -> None:
    slips = {new_number("2018", random.Random(number), ["x"]) for number in range(400)}
    assert {"2018.0", "8102", "02018", "-2018", "x"} <= slips
    assert {"20l8", "2018*"} & {new_number("2018", random.Random(n), ["x"]) for n in range(4000)}


def test_without_the_fuzzer_the_command_says_what_to_do() -> None:
    block = "import sys; sys.modules['atheris'] = None; import runpy; sys.argv = ['fuzz.py'];"
    program = Path(__file__).parent / "fuzzing" / "fuzz.py"
    code = f"{block} runpy.run_path({str(program)!r}, run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("expected Atheris, found none: make fuzz installs it")
    assert "Traceback" not in done.stderr
    assert written(b"x", "a").read_bytes() == b"x"
