"""Verifying a report: made again elsewhere from the raw files, it must be the committed one."""

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from flows.errors import HashError, ReportError
from flows.pipeline.build import build_report, is_removable
from flows.pipeline.compare import Difference, compare_contents, compare_values, list_values
from flows.pipeline.git import GitError, run_git
from flows.pipeline.graph import Places, list_inputs, read_plan, used_sources
from flows.report.appendices import Appendix, find_appendices
from flows.report.manifest import (
    TOLERANCE,
    Manifest,
    Output,
    manifest_json,
    parse_manifest,
    read_environment,
    read_manifest,
)
from flows.sources import list_sources, verify_source

_LOCK = "requirements.txt"

_PINNED = re.compile(r"^([\w.-]+)==([^\s;\\]+)", re.MULTILINE)

Verdict = Literal["same bytes", "same numbers", "different"]


@dataclass(frozen=True, slots=True)
class Verification:
    """
    How a rebuilt report compares with the one that was committed or published.

    ``place``: where that report is, ``"commit 1a2b3c4d5e6f"`` or a folder with the reason why;
    ``made``: whether it was made again, which it is from the recorded inputs only;
    ``same``, ``differences``: its files that are the same byte for byte, and every other one;
    ``manifest``: what its manifest states that does not hold; ``changed``: files that lie in the
    folder with other bytes than committed, and than rebuilt; ``uncommitted``, ``inputs``: files of
    the report, and of what it is made from, that differ from the commit; ``others``: files of the
    kinds that a build makes, in its folders, that are no part of it; ``missing``: what could not be
    held against anything; ``code``: what made the report, if that is another version of the
    package; ``unlocked``: libraries not of the version that ``requirements.txt`` names;
    ``environment``: what the rebuilt report was made on; ``tolerance``: within which numbers are
    the same.
    """

    place: str
    made: bool = True
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
        differences = (*self.differences, *self.changed)
        within = all(difference.within for difference in differences)
        if not (self.made and within) or self.manifest:
            return "different"
        return "same numbers" if differences else "same bytes"

    def summary(self) -> str:
        """Return the verdict, every difference, and what a reader must know of the comparison."""
        return "\n".join([self._first_line(), *self._sections(), *self._notes()])

    def to_json(self) -> dict[str, object]:
        """Return everything for a program."""
        return {"verdict": self.verdict, **asdict(self)}

    def _first_line(self) -> str:
        if not self.made:
            return (
                "different: not made again, since the inputs are not those that the report in "
                f"{self.place} was made from; restore them, or run flows build and commit"
            )
        total = len(self.same) + len(self.differences)
        files = f"{len(self.same)} of {total} files in {self.place} are the same bytes"
        if self.verdict == "same numbers":
            return f"same numbers within {self.tolerance:g}, and the same text: {files}"
        return f"{self.verdict}: {files}"

    def _sections(self) -> Iterator[str]:
        beyond = [difference for difference in self.differences if not difference.within]
        within = [difference for difference in self.differences if difference.within]
        for heading, entries in (
            ("different (report -> rebuilt):", _told(beyond)),
            (f"the same numbers within {self.tolerance:g} (report -> rebuilt):", _told(within)),
            ("the manifest is wrong (recorded -> true):", self.manifest),
            ("lying in the folder with other bytes (folder -> rebuilt):", _told(self.changed)),
            ("in the folder, and not as committed:", self.uncommitted),
            ("modified inputs (committed -> now):", self.inputs),
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
            yield f"{'rebuilt on' if self.made else 'on'} {_describe_environment(self.environment)}"


def verify_reports(
    root: Path,
    names: Sequence[str] = (),
    *,
    announce: Callable[[str], None] = lambda _: None,
) -> dict[str, Verification]:
    """
    Make appendices again from the raw files in a temporary folder, and compare every file.

    Each, by its name, is held against the files of the last commit; without git, repository or
    report in the commit, against those in the folder. A file of the report that lies in the folder
    with other bytes than committed is compared as well. An appendix is not made, and no text is
    filled, unless every input is the one that was committed and that its manifest names.
    """
    committed = [find_committed(root, appendix) for appendix in find_appendices(root, names)]
    return verify_committed(root, committed, announce=announce)


def verify_committed(
    root: Path,
    committed: Iterable["Committed"],
    *,
    announce: Callable[[str], None] = lambda _: None,
) -> dict[str, Verification]:
    """Make appendices again, and compare each with what it was handed on as."""
    reports = {handed_on.appendix.name: _read_published(handed_on) for handed_on in committed}
    _check_sources(root, reports.values())
    sound = [name for name, report in reports.items() if report.is_sound]
    environment = read_environment()
    with tempfile.TemporaryDirectory(prefix="flows-verify-") as folder:
        place = Path(folder)
        if sound:
            out, workshop = place / "out", place / "work"
            build_report(root, appendices=sound, out=out, workshop=workshop, announce=announce)
        return {
            name: (
                _compare(report, place / "out", environment)
                if report.is_sound
                else _refuse(report, environment)
            )
            for name, report in reports.items()
        }


def _refuse(report: "_Published", environment: Mapping[str, object]) -> Verification:
    """Say why a report was not made again."""
    return Verification(
        place=report.committed.place,
        made=False,
        manifest=(*report.faults, *report.misstated),
        inputs=tuple(f"{name}: {text}" for name, text in report.changes.items()),
        environment=environment,
    )


def _compare(report: "_Published", folder: Path, environment: Mapping[str, Any]) -> Verification:
    """Compare a report with what was made again."""
    committed, manifest, faults = report.committed, report.manifest, [*report.faults]
    rebuilt = _Rebuilt(folder, read_manifest(folder / committed.appendix.manifest))
    if manifest is not None:
        faults += check_manifest(manifest, committed, rebuilt.manifest)
        edited = {name for name, _ in manifest.inputs.items() ^ rebuilt.manifest.inputs.items()}
        faults += [f"inputs, {name}: changed while it was made again" for name in sorted(edited)]
    names = sorted({*rebuilt.manifest.outputs, *(manifest.outputs if manifest else ())})
    same, differences, missing = _compare_outputs(names, committed, manifest, rebuilt)
    uncommitted, changed = _compare_folder(names, committed, rebuilt)
    return Verification(
        place=committed.place,
        same=tuple(same),
        differences=tuple(differences),
        manifest=tuple(faults),
        changed=tuple(changed),
        uncommitted=tuple(uncommitted),
        others=tuple(_list_others(names, committed, rebuilt)),
        missing=tuple(missing),
        code=_other_code(manifest, rebuilt.manifest),
        unlocked=tuple(_unlocked(committed.root, environment["libraries"])),
        environment=environment,
    )


@dataclass(frozen=True, slots=True)
class _Rebuilt:
    folder: Path
    manifest: Manifest

    def read(self, name: str) -> bytes | None:
        return _read_file(self.folder / name)


@dataclass(frozen=True, slots=True)
class Committed:
    """
    An appendix as it was handed on.

    ``root``: folder of the project; ``appendix``: which it is; ``commit``: short hash of the last
    commit; empty where the files in the folder are the report; ``reason``: why it is the folder;
    ``names``: files of the commit below ``data`` and ``reports``; empty without a commit.
    """

    root: Path
    appendix: Appendix
    commit: str = ""
    reason: str = ""
    names: frozenset[str] = frozenset()

    @property
    def place(self) -> str:
        """Where the report is, as a sentence names it."""
        return f"commit {self.commit}" if self.commit else f"the folder ({self.reason})"

    def read(self, name: str) -> bytes | None:
        """Return a file as it was handed on, or nothing if there is none."""
        if not self.commit:
            return _read_file(self.root / name)
        if name not in self.names:
            return None
        # Filters, so that a file of Git LFS is read; without those for line ends.
        options = ("-c", "core.autocrlf=false", "-c", "core.eol=lf")
        return run_git(self.root, *options, "cat-file", "--filters", f"{self.commit}:./{name}")


@dataclass(frozen=True, slots=True)
class _Published:
    """
    What stands of an appendix before it is made again.

    ``committed``: its files; ``manifest``: none where there is none that can be read, or
    ``faults``: what is wrong with it; ``changes``: inputs that differ from the commit, and how;
    ``misstated``: inputs that differ from the manifest.
    """

    committed: Committed
    manifest: Manifest | None
    faults: Sequence[str]
    changes: Mapping[str, str]
    misstated: Sequence[str]

    @property
    def is_sound(self) -> bool:
        """Whether every input is the one that was committed and that the manifest names."""
        return not (self.changes or self.misstated)


def _read_published(committed: Committed) -> _Published:
    manifest, faults = _read_committed_manifest(committed)
    inputs = sorted({*current_inputs(committed), *(manifest.inputs if manifest else ())})
    return _Published(
        committed,
        manifest,
        faults,
        changes=_compare_inputs(inputs, committed),
        misstated=[*check_inputs(inputs, committed, manifest)],
    )


def _read_committed_manifest(committed: Committed) -> tuple[Manifest | None, list[str]]:
    name, folder = committed.appendix.manifest, committed.root / committed.appendix.folder
    content = committed.read(name)
    if content is None:
        if committed.commit or any(folder.glob("*.json")):
            return None, []
        raise ReportError(f"{folder}: expected a built report, found none; run flows build")
    try:
        manifest = parse_manifest(content, place=name)
    except ReportError as error:
        return None, [f"it cannot be read: {error}"]
    if manifest_json(manifest).encode() != content:
        return manifest, ["it is not written as a build writes it"]
    return manifest, []


def current_inputs(committed: Committed) -> set[str]:
    """Return what the appendix would be made from now; no data where its plan cannot be read."""
    places = Places(committed.root, committed.root, committed.appendix)
    try:
        sources = used_sources(list_sources(committed.root), read_plan(places.plan))
    except ReportError:
        sources = []
    paths = list_inputs(places, sources)
    return {path.relative_to(committed.root).as_posix() for path in paths}


def _compare_inputs(inputs: Iterable[str], committed: Committed) -> dict[str, str]:
    """Return how the files that the report is made from differ from those of the commit."""
    if not committed.commit:
        return {}
    changes = {
        name: _input_change(name, committed.read(name), _read_file(committed.root / name))
        for name in inputs
    }
    return {name: change for name, change in changes.items() if change}


def _input_change(name: str, was: bytes | None, now: bytes | None) -> str:
    if was == now:
        return ""
    if was is None or now is None:
        return "new, not committed" if was is None else "committed, not there"
    difference = compare_contents(name, was, now)
    return difference.text if difference else ""


def _check_sources(root: Path, reports: Iterable[_Published]) -> None:
    """Hold the raw files to their hashes before anything is made; name what was changed."""
    changes = {name: text for report in reports for name, text in report.changes.items()}
    for source in list_sources(root):
        try:
            verify_source(source)
        except HashError as error:
            names = [path.relative_to(root).as_posix() for path in source.paths]
            texts = [
                f"; committed -> now, {name}: {changes[name]}" for name in names if name in changes
            ]
            raise HashError(f"{error}{''.join(texts)}") from error


def check_inputs(
    inputs: Iterable[str], committed: Committed, manifest: Manifest | None
) -> Iterator[str]:
    """Hold the hashes of inputs in a manifest to the files beside it."""
    if manifest is None:
        return
    for name in inputs:
        content = committed.read(name)
        recorded, true = manifest.inputs.get(name), None if content is None else _sha256(content)
        if recorded != true:
            yield f"inputs, {name}: {recorded or 'none'} -> {true or 'none'}"


def check_manifest(manifest: Manifest, committed: Committed, rebuilt: Manifest) -> Iterator[str]:
    """Hold what else a manifest states to the files beside it, and to what the plan gives."""
    was, now = ({"tolerance": built.tolerance, **built.parameters} for built in (manifest, rebuilt))
    for value in compare_values(list_values("", was), list_values("", now))[0]:
        yield f"parameters, {value.place}: {value.report or 'none'} -> {value.rebuilt or 'none'}"
    for name, output in sorted(manifest.outputs.items()):
        content = committed.read(name)
        if content is not None and output != _describe(content):
            yield f"outputs, {name}: {_change_of(output, _describe(content))}"


def _compare_outputs(
    names: Iterable[str], committed: Committed, manifest: Manifest | None, rebuilt: _Rebuilt
) -> tuple[list[str], list[Difference], list[str]]:
    """Return which files are the same, how the others differ, and what cannot be compared."""
    missing = [] if manifest else ["parameters, sizes and hashes: there is no manifest to read"]
    same, differences = [], []
    for name in names:
        was, made = committed.read(name), rebuilt.read(name)
        recorded = manifest.outputs.get(name) if manifest else None
        if was is None and manifest is None and not name.startswith("reports/"):
            missing.append(f"{name}: not kept, and no manifest has its sha256")
        elif difference := _compare_output(name, was, recorded, made):
            differences.append(difference)
        else:
            same.append(name)
    return same, differences, missing


def _compare_output(
    name: str, was: bytes | None, recorded: Output | None, made: bytes | None
) -> Difference | None:
    """Compare one file; a processed table is not kept, so that its hash stands for it."""
    if made is None:
        return Difference(name, "there -> none: no step makes it")
    if was is not None:
        return compare_contents(name, was, made)
    if recorded is None:
        return Difference(name, "none -> there")
    if name.startswith("reports/"):
        return Difference(name, "none, though the manifest names it -> there")
    if recorded == _describe(made):
        return None
    return Difference(name, _change_of(recorded, _describe(made)))


def _compare_folder(
    names: Iterable[str], committed: Committed, rebuilt: _Rebuilt
) -> tuple[list[str], list[Difference]]:
    """Return what lies in the folder otherwise than committed, and otherwise than rebuilt."""
    uncommitted, changed = [], []
    for name in (*names, committed.appendix.manifest) if committed.commit else ():
        was, now, made = (
            committed.read(name),
            _read_file(committed.root / name),
            rebuilt.read(name),
        )
        if name.startswith("reports/"):
            if now != was:
                uncommitted.append(f"{name}: {_change(was, now, made)}")
            if now not in {was, made, None}:
                changed.append(
                    compare_contents(name, now or b"", made)
                    if made is not None
                    else Difference(name, "there -> none: no step makes it")
                )
        elif now not in {was, made, None}:
            uncommitted.append(f"{name}: of another build; not tracked, flows build makes it again")
    return uncommitted, [difference for difference in changed if difference]


def _change(was: bytes | None, now: bytes | None, made: bytes | None) -> str:
    if now is None:
        return "deleted"
    kind = "new" if was is None else "modified"
    return f"{kind}, as it is rebuilt" if now == made else f"{kind}, not as it is rebuilt"


def _list_others(names: Container[str], committed: Committed, rebuilt: _Rebuilt) -> Iterator[str]:
    """Yield files that look like those of the report, or tables of data, and that no step makes."""
    root, appendix = committed.root, committed.appendix
    folders = (root / "data" / "processed", root / appendix.folder)
    lying = (path.relative_to(root).as_posix() for folder in folders for path in folder.rglob("*"))
    for name in sorted({*lying, *committed.names}):
        known = name in names or rebuilt.read(name) is not None
        if not known and (is_removable(name) or is_removable(name, appendix)):
            yield name


def _other_code(manifest: Manifest | None, rebuilt: Manifest) -> str:
    if manifest is None or manifest.code == rebuilt.code:
        return ""
    was, now = (
        f"flows {code.get('version')}, sha256 {code.get('sha256')}"
        for code in (manifest.code, rebuilt.code)
    )
    return f"{was}; rebuilt by {now}"


def _unlocked(root: Path, libraries: Mapping[str, str]) -> Iterator[str]:
    """Name the libraries that are of another version than the project's lock has."""
    lock = _read_file(root / _LOCK) or b""
    pinned: dict[str, set[str]] = {}
    for name, locked in _PINNED.findall(lock.decode("utf-8", errors="replace")):
        pinned.setdefault(_plain(name), set()).add(locked)
    for library, there in libraries.items():
        versions = pinned.get(_plain(library), {there})
        if there not in versions:
            yield f"{library} {there}, expected {' or '.join(sorted(versions))}"


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _change_of(was: Output, now: Output) -> str:
    return f"{was.bytes} -> {now.bytes} bytes, sha256 {was.sha256:.12}… -> {now.sha256:.12}…"


def _describe(content: bytes) -> Output:
    return Output(_sha256(content), len(content))


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read_file(path: Path) -> bytes | None:
    """Return what a file holds, or nothing if there is none."""
    return path.read_bytes() if path.is_file() else None


def find_committed(root: Path, appendix: Appendix) -> Committed:
    """
    Return an appendix of the last commit or, where it is not in there,
    that of the folder and the reason.
    """
    try:
        if not run_git(root, "rev-list", "--max-count=1", "--all"):
            return Committed(root, appendix, reason="nothing is committed")
        commit = run_git(root, "rev-parse", "--verify", "--short=12", "HEAD").decode().strip()
        listed = run_git(root, "ls-tree", "-r", "-z", "--name-only", commit, "data", "reports")
    except FileNotFoundError:
        return Committed(root, appendix, reason="git is not installed")
    except GitError as error:
        return Committed(root, appendix, reason=str(error))
    names = frozenset(os.fsdecode(listed).split("\0")) - {""}
    own = {appendix.manifest, appendix.numbers}
    if not any(name in own or is_removable(name, appendix) for name in names):
        return Committed(root, appendix, reason="the last commit holds no report")
    return Committed(root, appendix, commit=commit, names=names)


def _describe_environment(environment: Mapping[str, object]) -> str:
    """Return an environment in a line."""
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
    return [f"{difference.file}: {difference.text}" for difference in differences]
