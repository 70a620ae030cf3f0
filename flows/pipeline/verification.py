"""What a verification found, in words and for programs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Literal

from flows.pipeline.compare import Difference
from flows.report.manifest import TOLERANCE

Verdict = Literal["same bytes", "same numbers", "different"]


@dataclass(frozen=True, slots=True)
class Verification:
    """
    How a rebuilt report compares with the one that was committed or published.

    Parameters
    ----------
    place : str
        Where that report is: ``"commit 1a2b3c4d5e6f"``, or the folder with the reason why.
    same : tuple of str
        Files that are the same byte for byte.
    differences : tuple of Difference
        Every other file of that report, and how it differs from the rebuilt one.
    manifest : tuple of str
        What its manifest states that does not hold.
    changed : tuple of Difference
        Files of the report that lie in the folder with other bytes than committed, and than
        rebuilt.
    uncommitted : tuple of str
        Files of the report that were changed, added or deleted since the commit, and how.
    inputs : tuple of str
        The same of what the report is made from: the rebuilt report is made from the changed ones.
    others : tuple of str
        Files of the kinds that a build makes, in its folders, that are no part of the report.
    missing : tuple of str
        What could not be held against anything, and why.
    code : str
        What the report was made by, if that is another version of the package.
    unlocked : tuple of str
        Libraries that are not of the version that the project's ``requirements.txt`` names.
    environment : Mapping
        Python, libraries and machine that the rebuilt report was made on.
    tolerance : float
        Within which numbers are the same.
    """

    place: str
    same: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    manifest: tuple[str, ...] = ()
    changed: tuple[Difference, ...] = ()
    uncommitted: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    code: str = ""
    unlocked: tuple[str, ...] = ()
    environment: Mapping[str, object] = field(default_factory=dict)
    tolerance: float = TOLERANCE

    @property
    def verdict(self) -> Verdict:
        """``"same bytes"``, ``"same numbers"`` (within the tolerance, all text the same) or not."""
        found = (*self.differences, *self.changed)
        if self.manifest or not all(difference.within for difference in found):
            return "different"
        return "same numbers" if found else "same bytes"

    def summary(self) -> str:
        """
        Return the verdict, every difference, and what a reader must know of the comparison.

        Returns
        -------
        str
            The verdict in the first line.

        Raises
        ------
        TypeError
            If a field is of another type.

        Examples
        --------
        >>> print(Verification("commit 1a2b3c4", ("reports/numbers.json",)).summary())
        same bytes: 1 of 1 files in commit 1a2b3c4 are the same bytes
        """
        return "\n".join([self._first_line(), *self._sections(), *self._notes()])

    def to_json(self) -> dict[str, object]:
        """
        Return everything for a program.

        Returns
        -------
        dict
            ``verdict`` and every field; each difference with every value that differs.

        Raises
        ------
        TypeError
            If a field is of another type.

        Examples
        --------
        >>> Verification("commit 1a2b3c4").to_json()["verdict"]
        'same bytes'
        """
        return {"verdict": self.verdict, **asdict(self)}

    def _first_line(self) -> str:
        total = len(self.same) + len(self.differences)
        files = f"{len(self.same)} of {total} files in {self.place} are the same bytes"
        if self.verdict == "same numbers":
            return f"same numbers within {self.tolerance:g}, and the same text: {files}"
        return f"{self.verdict}: {files}"

    def _sections(self) -> Iterator[str]:
        beyond = [one for one in self.differences if not one.within]
        within = [one for one in self.differences if one.within]
        for heading, entries in (
            ("different (report -> rebuilt):", _told(beyond)),
            (f"the same numbers within {self.tolerance:g} (report -> rebuilt):", _told(within)),
            ("the manifest is wrong (recorded -> true):", self.manifest),
            ("lying in the folder with other bytes (folder -> rebuilt):", _told(self.changed)),
            ("in the folder, and not as committed:", self.uncommitted),
            ("rebuilt from modified inputs (committed -> now):", self.inputs),
            ("no part of the report:", self.others),
            ("not compared:", self.missing),
            ("libraries of other versions than requirements.txt names:", self.unlocked),
        ):
            if entries:
                yield from (heading, *(f"  {entry}" for entry in entries))

    def _notes(self) -> Iterator[str]:
        if self.code:
            yield f"made by other code: {self.code}"
        if self.environment:
            yield f"rebuilt on {describe_environment(self.environment)}"


def describe_environment(environment: Mapping[str, object]) -> str:
    """
    Return an environment in a line.

    Parameters
    ----------
    environment : Mapping
        As :func:`flows.report.manifest.read_environment` returns it.

    Returns
    -------
    str

    Examples
    --------
    >>> describe_environment({"python": "3.11.7", "libraries": {"numpy": "2.4.6"}, "libc": ""})
    'Python 3.11.7, numpy 2.4.6'
    """
    libraries = environment.get("libraries", {})
    versions = libraries.items() if isinstance(libraries, Mapping) else ()
    facts = [environment.get(key) for key in ("system", "machine", "libc", "blas")]
    return ", ".join(
        [
            f"Python {environment.get('python')}",
            *(str(fact) for fact in facts if fact),
            *(f"{name} {version}" for name, version in versions),
        ]
    )


def _told(differences: Sequence[Difference]) -> list[str]:
    return [f"{one.file}: {one.text}" for one in differences]
