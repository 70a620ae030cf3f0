"""Every refusal begins with the path of the file, and with the line if one line is at fault."""

import random
import re
from pathlib import Path

import pytest
from test_loaders_fuzz import CHANGES, NASTY

from flows.errors import FlowsError
from flows.loaders import LAYOUTS, load
from flows.loaders.examples import example_path

DAMAGED = 8
"""Damaged files of each layout."""

WHOLE_FILES = {
    "expected a header that begins with": "no line has the header",
    "expected a line of years under the title": "no line has the years",
    "expected trade with single partners": "what is missing stands in no line",
    "expected cells with figures of partners": "no line has one",
    "expected an archive": "an archive has no lines",
    "expected one table in the archive": "the same",
    "expected at most 100 times the packed size": "the same",
}
"""How refusals begin that name no line, and why."""


def damaged(content: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.randint(1, 3)):
        start = rng.randint(0, len(content))
        end = min(len(content), start + rng.randint(0, 12))
        change = rng.choice(list(CHANGES.values()))
        content = change(content, start, end, rng.choice(NASTY))
    return content


def refusal(path: Path, layout: str | None) -> str:
    try:
        load(path, layout=layout)
    except FlowsError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("key", LAYOUTS)
def test_a_refusal_names_the_line(tmp_path: Path, key: str) -> None:
    rng = random.Random(key)
    path = tmp_path / "mine.csv"
    told = 0
    for _ in range(DAMAGED):
        path.write_bytes(damaged(example_path(key).read_bytes(), rng))
        for layout in (key, None):
            said = refusal(path, layout)
            if not said:
                continue
            assert said.startswith(f"{path}:"), said
            named = re.match(r":[1-9][0-9]*: ", said.removeprefix(str(path)))
            whole = said.removeprefix(f"{path}: ").startswith(tuple(WHOLE_FILES))
            assert named or whole, said
            told += 1
    assert told >= DAMAGED / 2
