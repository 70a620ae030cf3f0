"""Verifying a bundle from nothing but itself: its hashes, then its report made again."""

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from flows import __version__
from flows.errors import BundleError
from flows.loaders.text import is_zip
from flows.notation import parse_json
from flows.pipeline.build import build_possible
from flows.pipeline.bundles.archives import (
    check_names,
    check_sizes,
    list_folder,
    unpack_archive,
    write_archive,
)
from flows.pipeline.bundles.contents import FACTS, FORM, SUMS
from flows.pipeline.bundles.programs import CODE
from flows.pipeline.compare import Difference, compare_contents
from flows.pipeline.graph import list_parameters, read_plan
from flows.pipeline.verify import (
    Committed,
    Verification,
    check_inputs,
    check_manifest,
    current_inputs,
    verify_committed,
)
from flows.report.appendices import FIRST, Appendix, check_name
from flows.report.manifest import (
    Manifest,
    describe_inputs,
    package_sha256,
    read_environment,
    read_manifest,
)
from flows.sources import file_sha256

_SUM = re.compile(r"([0-9a-f]{64})  (\S.*)")
_MOST_NAMED = 20
_SOFTWARE = ("name", "version", "sha256", "wheel")


@dataclass(frozen=True, slots=True)
class BundleVerification:
    """
    What verifying a bundle showed.

    ``place``: as it was named; ``bundle``: sha256 of its ``SHA256SUMS``, by which it can be cited;
    ``files``: how many that list holds, each the one that it lists; ``packed_again``: whether an
    archive holds these files and is not the archive that was written; ``left_out``: id of each data
    set whose files are not in it to the files that are still missing; ``report``: how the report
    compares that was made again, of as much as could be made; none if none was asked for.
    """

    place: str
    bundle: str
    title: str
    software: str
    files: int
    packed_again: bool = False
    left_out: Mapping[str, list[str]] | None = None
    report: Verification | None = None

    @property
    def verdict(self) -> str:
        """The verdict on the report made again, or that the files are those that are listed."""
        return self.report.verdict if self.report else "same files"

    def summary(self) -> str:
        """Return what was held against what, and how it compares."""
        return "\n".join(self._lines())

    def to_json(self) -> dict[str, object]:
        """Return everything for a program."""
        report = self.report.to_json() if self.report else None
        return {"verdict": self.verdict, **asdict(self), "report": report}

    def _lines(self) -> Iterator[str]:
        yield f"{self.title}, made with {self.software}"
        yield f"bundle {self.bundle}: all {self.files} files are as {SUMS} lists them"
        if self.packed_again:
            yield "the archive was packed again: its files are those listed, its own bytes are not"
        for name, missing in (self.left_out or {}).items():
            state = f"missing; {FACTS} says where to get it" if missing else "taken from --data"
            yield f"left out, {name}: {state}"
        yield self.report.summary() if self.report else "nothing was made again"


def is_bundle(name: str) -> bool:
    """Say whether a name on the command line is that of a bundle, and not of an appendix."""
    path = Path(name)
    return path.suffix == ".zip" or path.is_file() or (path / SUMS).is_file()


def verify_bundle(
    path: Path,
    *,
    data: Path | None = None,
    rebuild: bool = True,
    announce: Callable[[str], None] = lambda _: None,
) -> BundleVerification:
    """
    Hold every file of a bundle to its hash, then make the report again and compare it.

    Nothing of the bundle runs: the installed package makes the report, if it is the one that the
    bundle names.

    Parameters
    ----------
    path : pathlib.Path
        Folder or zip archive that ``flows bundle`` wrote.
    data : pathlib.Path, optional
        Folder with files that may not be passed on, anywhere in it; they are known by their hashes.
    rebuild : bool, optional
        Whether the report is made again; without, any version of the package verifies the hashes.
    announce : callable, optional
        Called with what is done next.

    Returns
    -------
    BundleVerification
        The verdict, and what it rests on.

    Raises
    ------
    BundleError
        If a file is not the one that is listed, a name or a size is not that of a bundle, or the
        bundle is of another version than the one that is installed.
    """
    announce("holding the files to their hashes")
    with _opened(path) as folder:
        sums = _check_sums(folder, path)
        facts = _read_facts(folder / FACTS, path)
        _check_code(folder, facts, path)
        names = list(sums)
        verified = BundleVerification(
            place=str(path),
            bundle=file_sha256(folder / SUMS),
            title=facts["title"],
            software=_in_words(facts["software"]),
            files=len(names),
            packed_again=path.is_file() and _is_packed_again(path, folder, [*names, SUMS]),
        )
        if not rebuild:
            return verified
        _check_installed(facts, path)
        with tempfile.TemporaryDirectory(prefix="flows-verify-") as place:
            return _rebuild(verified, folder, facts, Path(place), data=data, announce=announce)


def read_bundle(path: Path) -> dict[str, bytes]:
    """Return the files of a bundle by name, each held to its hash."""
    with _opened(path) as folder:
        sums = _check_sums(folder, path)
        _read_facts(folder / FACTS, path)
        check_sizes(folder, {*sums, SUMS})
        return {name: (folder / name).read_bytes() for name in sorted({*sums, SUMS})}


@contextmanager
def _opened(path: Path) -> Iterator[Path]:
    """Give the folder of a bundle; an archive is unpacked for as long as it is needed."""
    if path.is_dir():
        yield path
    elif is_zip(path):
        with tempfile.TemporaryDirectory(prefix="flows-bundle-") as folder:
            unpack_archive(path, Path(folder))
            yield Path(folder)
    else:
        raise BundleError(
            f"expected a bundle, a folder or a zip archive, found none at {str(path)!r}"
        )


def _check_sums(folder: Path, path: Path) -> dict[str, str]:
    """Hold every file to the list of hashes, before anything else is read."""
    there = {*list_folder(folder)} - {SUMS}
    sums = _read_sums(folder / SUMS, path)
    faults = [f"{name}: not in the list" for name in there - sums.keys()]
    faults += [f"{name}: missing" for name in sums.keys() - there]
    for name in there & sums.keys():
        digest = file_sha256(folder / name)
        if digest != sums[name]:
            faults.append(f"{name}: expected sha256 {sums[name]}, found {digest}")
    if faults:
        more = [f"and {len(faults) - _MOST_NAMED} more"] if len(faults) > _MOST_NAMED else []
        lines = "\n  ".join([*sorted(faults)[:_MOST_NAMED], *more])
        raise BundleError(
            f"{path}: expected the files that {SUMS} lists, found others; get the bundle again:\n"
            f"  {lines}"
        )
    return sums


def _read_sums(listing: Path, path: Path) -> dict[str, str]:
    try:
        lines = listing.read_bytes().decode("utf-8").removesuffix("\n").split("\n")
    except FileNotFoundError as error:
        raise BundleError(f"{path}: expected a bundle with {SUMS}, found none in it") from error
    except UnicodeDecodeError as error:
        raise BundleError(f"{path}: expected {SUMS} as text, found an error: {error}") from error
    sums = {}
    for number, line in enumerate(lines, start=1):
        entry = _SUM.fullmatch(line)
        if entry is None or entry[2] in sums:
            raise BundleError(
                f"{path}: {SUMS}, line {number}: expected a sha256, two blanks and a new name, "
                f"found {line[:80]!r}"
            )
        sums[entry[2]] = entry[1]
    return sums


def _read_facts(file: Path, path: Path) -> dict[str, Any]:
    """Return the facts of a bundle, if it is of a form that is known here."""
    try:
        facts: dict[str, Any] = parse_json(file.read_bytes())
        form, software = facts["form"], facts["software"]
        by = _in_words(software)
        if form == FORM:
            texts = [facts["title"], facts["appendix"], *(software[key] for key in _SOFTWARE)]
            left_out = [name for kept in facts["left_out"] for name in (*kept["files"], kept["id"])]
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise BundleError(
            f"{path}: {FACTS}: expected the facts of a bundle, found {error!r}"
        ) from error
    if form != FORM:
        raise BundleError(
            f"{path}: expected a bundle of form {FORM}, which flows {__version__} reads, found "
            f"form {form!r}, written by {by}; install that version"
        )
    if not all(isinstance(text, str) for text in (*texts, *left_out)):
        raise BundleError(f"{path}: {FACTS}: expected title, appendix and software as text")
    check_names({*left_out, software["wheel"]}, place=f"{path}: {FACTS}")
    if facts["appendix"] != FIRST.name:
        check_name(facts["appendix"], place=path)
    return facts


def _check_code(folder: Path, facts: Mapping[str, Any], path: Path) -> None:
    """Hold source and wheel to the hash of the package that made the report; neither is run."""
    software = facts["software"]
    made_with = _read_code(folder / Appendix(facts["appendix"]).manifest, path)
    wheel = folder / software["wheel"]
    if not wheel.is_file():
        raise BundleError(f"{path}: {FACTS}: expected its wheel, {software['wheel']}, found none")
    with tempfile.TemporaryDirectory(prefix="flows-wheel-") as unpacked:
        unpack_archive(wheel, Path(unpacked))
        packages = {
            "its manifest": made_with,
            CODE: software | {"sha256": package_sha256(folder / CODE / "flows")},
            software["wheel"]: software | {"sha256": package_sha256(Path(unpacked) / "flows")},
        }
    for place, package in packages.items():
        if any(package.get(key) != software[key] for key in ("version", "sha256")):
            raise BundleError(
                f"{path}: expected one package throughout, {_in_words(software)}, found version "
                f"{package.get('version')}, sha256 {package.get('sha256')}, in {place}"
            )


def _read_code(manifest: Path, path: Path) -> dict[str, Any]:
    """Return what a manifest says of the package, whatever else a later version writes into it."""
    try:
        return dict(parse_json(manifest.read_bytes())["code"])
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise BundleError(
            f"{path}: expected a manifest, {manifest.name}, that names the package that made the "
            f"report, found {error!r}; get the bundle again"
        ) from error


def _check_installed(facts: Mapping[str, Any], path: Path) -> None:
    """Check that the installed package is the one that the bundle names."""
    software = facts["software"]
    installed = {"name": software["name"], "version": __version__, "sha256": package_sha256()}
    if software["sha256"] != installed["sha256"]:
        raise BundleError(
            f"{path}: every file is as {SUMS} lists it, but the report was made with "
            f"{_in_words(software)}, and installed is {_in_words(installed)}. Install its wheel, "
            f"{software['wheel']}, into a new environment, or run python main.py in the bundle, "
            "which does that. flows verify --hashes leaves the report alone"
        )


def _in_words(software: Mapping[str, Any]) -> str:
    return f"{software['name']} {software['version']} (sha256 {software['sha256']!s:.12})"


def _is_packed_again(path: Path, folder: Path, names: list[str]) -> bool:
    """Say whether an archive is another than the one that is written of its files."""
    with tempfile.TemporaryDirectory(prefix="flows-archive-") as place:
        written = Path(place) / "written.zip"
        write_archive({name: (folder / name).read_bytes() for name in names}, written)
        return file_sha256(written) != file_sha256(path)


def _rebuild(
    verified: BundleVerification,
    folder: Path,
    facts: Mapping[str, Any],
    place: Path,
    *,
    data: Path | None,
    announce: Callable[[str], None],
) -> BundleVerification:
    """Make the report again in a clean folder, of as much as could be had of the data."""
    root = place / "project"
    for name in ("data", "reports"):
        shutil.copytree(folder / name, root / name)
    shutil.copyfile(folder / "requirements.txt", root / "requirements.txt")
    missing = {
        entry["id"]: [
            name
            for name, sha256 in sorted(entry["files"].items())
            if not _bring(name, sha256, data, root)
        ]
        for entry in facts["left_out"]
    }
    handed_on = Committed(root, Appendix(facts["appendix"]), reason=f"bundle {verified.place}")
    if any(missing.values()):
        report = _verify_possible(handed_on, place, announce=announce)
    else:
        (report,) = verify_committed(root, [handed_on], announce=announce).values()
    return replace(verified, left_out=missing, report=report)


def _bring(name: str, sha256: str, data: Path | None, root: Path) -> bool:
    """Copy a file that is not in the bundle from where the user has it; say if it was there."""
    if data is None:
        return False
    target = root / name
    alike = (path for path in data.rglob("*") if path.name == target.name)
    for path in (data / name, *alike):
        if path.is_file() and file_sha256(path) == sha256:
            shutil.copyfile(path, target)
            return True
    return False


def _verify_possible(
    handed_on: Committed, place: Path, *, announce: Callable[[str], None]
) -> Verification:
    """Make the exhibits whose data are there, and compare these."""
    root, appendix = handed_on.root, handed_on.appendix
    manifest = read_manifest(root / appendix.manifest)
    inputs = {*current_inputs(handed_on), *manifest.inputs}
    present = sorted(name for name in inputs if (root / name).is_file())
    if faults := tuple(check_inputs(present, handed_on, manifest)):
        return Verification(handed_on.place, made=False, manifest=faults)
    out = place / "out"
    lacks = build_possible(root, appendix, out=out, workshop=place / "work", announce=announce)
    planned = describe_inputs(root, [], list_parameters(read_plan(root / appendix.plan)))
    same, differences = _compare_made(manifest, handed_on, out)
    missing = [
        f"{step}, which rests on {', '.join(sorted({path.parent.parent.name for path in paths}))}"
        for step, paths in lacks.items()
    ]
    return Verification(
        place=handed_on.place,
        same=tuple(same),
        differences=tuple(differences),
        manifest=tuple(check_manifest(manifest, handed_on, planned)),
        missing=tuple(missing),
        environment=read_environment(),
        tolerance=manifest.tolerance,
    )


def _compare_made(
    manifest: Manifest, handed_on: Committed, out: Path
) -> tuple[list[str], list[Difference]]:
    same, differences = [], []
    for name in sorted(manifest.outputs):
        was = handed_on.read(name)
        if was is None or not (out / name).is_file():
            continue
        if difference := compare_contents(name, was, (out / name).read_bytes()):
            differences.append(difference)
        else:
            same.append(name)
    return same, differences
