"""A step of the build: files in, files out, and the name of the function between them."""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

Files = Path | Sequence["Files"] | Mapping[str, "Files"]
"""A path, or paths in lists and mappings, as the function of a step takes them."""


class UnknownNameError(ValueError):
    """A name that a user gave is none of those that exist; the message has the nearest ones."""


@dataclass(frozen=True, slots=True)
class Step:
    """
    One step of the build.

    Parameters
    ----------
    name : str
        Kind and id, ``"figure arms-by-supplier"``.
    task : str
        Name of a function in :mod:`flows.pipeline.tasks`; it is called with ``reads``, ``writes``
        and ``settings`` as keyword arguments.
    reads, writes : Mapping
        Argument to the files that the function reads or makes.
    settings : Mapping
        Argument to a value that JSON can hold; another value makes the step run again.
    """

    name: str
    task: str
    reads: Mapping[str, Files]
    writes: Mapping[str, Files]
    settings: Mapping[str, object] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The name without its kind."""
        return self.name.rpartition(" ")[2]

    @property
    def inputs(self) -> list[Path]:
        """Every file that the step reads."""
        return list(list_files(self.reads))

    @property
    def outputs(self) -> list[Path]:
        """Every file that the step makes."""
        return list(list_files(self.writes))


def list_files(files: Files) -> Iterator[Path]:
    """
    Yield every path in nested lists and mappings.

    Parameters
    ----------
    files : Files

    Yields
    ------
    pathlib.Path
        In the order in which they stand there.

    Raises
    ------
    TypeError
        If there is something else among them.

    Examples
    --------
    >>> [path.name for path in list_files({"a": Path("x"), "b": [Path("y"), Path("z")]})]
    ['x', 'y', 'z']
    """
    if isinstance(files, Path):
        yield files
    elif isinstance(files, Mapping):
        yield from list_files(list(files.values()))
    elif isinstance(files, list | tuple):
        for one in files:
            yield from list_files(one)
    else:
        raise TypeError(f"expected paths, found {files!r}")


def select_steps(steps: Sequence[Step], names: Iterable[str]) -> list[Step]:
    """
    Return the named steps and all that they need, in the order of ``steps``.

    Parameters
    ----------
    steps : sequence of Step
    names : iterable of str
        Ids; a figure and a table that share an id are both meant.

    Returns
    -------
    list of Step

    Raises
    ------
    UnknownNameError
        If a name is no step's id.

    Examples
    --------
    >>> raw = Step("data a@1", "write_dataset", {}, {"target": Path("a")})
    >>> last = Step("numbers", "write_numbers", {"tables": [Path("a")]}, {"target": Path("n")})
    >>> [step.name for step in select_steps([raw, last], ["numbers"])]
    ['data a@1', 'numbers']
    """
    makers = {path: step for step in steps for path in step.outputs}
    waiting = [step for name in names for step in _find_steps(steps, name)]
    chosen = set()
    while waiting:
        step = waiting.pop()
        if step.name not in chosen:
            chosen.add(step.name)
            waiting.extend(makers[path] for path in step.inputs if path in makers)
    return [step for step in steps if step.name in chosen]


def unknown_name(kind: str, name: str, known: Iterable[str]) -> UnknownNameError:
    """
    Return the error for a name that does not exist, with the names that are near.

    Parameters
    ----------
    kind : str
        What the name should have been, ``"number"``.
    name : str
        As the user gave it.
    known : iterable of str
        Names that exist.

    Returns
    -------
    UnknownNameError

    Raises
    ------
    TypeError
        If ``name`` is no text.

    Examples
    --------
    >>> print(unknown_name("number", "arms.shore", ["arms.share", "trade.imports"]))
    no number 'arms.shore'; the nearest: arms.share
    """
    known = sorted(known)
    near = difflib.get_close_matches(name, known, n=5, cutoff=0.4)
    if near:
        return UnknownNameError(f"no {kind} {name!r}; the nearest: {', '.join(near)}")
    return UnknownNameError(f"no {kind} {name!r}; there are: {', '.join(known) or 'none'}")


def _find_steps(steps: Sequence[Step], name: str) -> list[Step]:
    found = [step for step in steps if step.id == name]
    if not found:
        raise unknown_name("exhibit", name, {step.id for step in steps})
    return found
