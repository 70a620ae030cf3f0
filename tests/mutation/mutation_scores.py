"""What is kept of mutation testing: changes, samples of them, survivors with reasons, scores."""

import random
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LISTED = Path(__file__).with_name("survivors.toml")
LEAST = 95.0
"""Of a hundred changes that make a difference."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a function: its name for mutmut, its module, and the lines of both."""

    name: str
    path: str
    before: str
    after: str

    @property
    def function(self) -> str:
        """Name of the function, as a person writes it."""
        name = self.name.rpartition("__mutmut_")[0].rpartition(".")
        return f"{name[0]}.{name[2].removeprefix('x_').replace('xǁ', '').replace('ǁ', '.')}"


def sample(
    names: Mapping[str, Sequence[str]], *, share: float, each: int, seed: int
) -> dict[str, list[str]]:
    """Draw changes of each module: the same for the same seed, whatever other modules there are."""
    drawn = {}
    for path, of_it in names.items():
        wanted = min(len(of_it), each or max(1, round(share * len(of_it))) if of_it else 0)
        drawn[path] = sorted(random.Random(f"{seed} {path}").sample(list(of_it), wanted))
    return drawn


def listed() -> list[dict[str, str]]:
    """Return the changes that are known to make no difference, each with the reason."""
    entries: list[dict[str, str]] = tomllib.loads(LISTED.read_text(encoding="utf-8"))["survivor"]
    return entries


def is_listed(change: Change, entries: Iterable[Mapping[str, str]]) -> bool:
    """Say whether a change is in the list."""
    return any(
        (entry["function"], entry["before"].strip(), entry["after"].strip())
        == (change.function, change.before, change.after)
        for entry in entries
    )


def table(rows: Iterable[tuple[str, int, int, int]]) -> Iterator[str]:
    """Yield the lines of the table: module, tried, noticed, listed, and the score."""
    yield f"{'module':40} {'tried':>6} {'noticed':>8} {'listed':>7} {'score':>7}"
    for module, tried, noticed, excused in rows:
        noted = score(tried, noticed, excused)
        yield f"{module:40} {tried:>6} {noticed:>8} {excused:>7} {noted:>6.1f}%"


def score(tried: int, noticed: int, excused: int) -> float:
    """Return noticed changes in a hundred of those that make a difference."""
    return 100 * noticed / (tried - excused) if tried > excused else 100.0
