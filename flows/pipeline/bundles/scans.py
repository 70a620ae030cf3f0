"""What data editors look for in a deposit, as far as it can be looked for without a network."""

import ast
import csv
import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from flows.errors import BundleError
from flows.notation import parse_json, parse_toml
from flows.pipeline.bundles.archives import check_names
from flows.pipeline.bundles.contents import DESCRIBED, FACTS, NOT_STATED, SUMS, bundle_files
from flows.pipeline.bundles.pages import NO_LICENCE
from flows.pipeline.bundles.scans_of_readme import (
    Faults,
    Files,
    list_exhibits,
    read_facts,
    scan_builds,
    scan_citations,
    scan_map,
    scan_readme,
    scan_resources,
)
from flows.pipeline.bundles.verify import is_bundle, read_bundle
from flows.report.appendices import find_appendix
from flows.sources import find_root

_LARGEST = 100_000_000
_MOST_FILES = 1_000
"""What openICPSR takes as one deposit, and unpacks of one archive."""
_MOST_REQUIREMENTS = 200
_DRIVE = re.compile(rb"\b[A-Za-z]:\\{1,2}\w[\w .-]+\\")
_BACKSLASH = re.compile(rb"[a-zA-Z0-9_.${}()-]+\\")
_HOME = re.compile(rb"(?:/home|/Users|/root|/tmp|[A-Za-z]:\\{1,2}Users)[/\\][\w.-]+")
_PACKED = (".zip", ".gz", ".7z", ".rar", ".tar")
_CODE = (".py", ".ipynb", ".toml", ".tex", ".lua", ".typ")
_TEMPLATES = "/pipeline/new/template/"


@dataclass(frozen=True, slots=True)
class Scan:
    """
    What one scan found.

    ``number``: in the list of what data editors ask for (``docs/deposit.md``); ``faults``: what is
    not as they ask, and where; ``remark``: what is no fault and has to be known: what a scanner of
    theirs reports here, or what the authors have to decide.
    """

    number: int
    name: str
    faults: tuple[str, ...] = ()
    remark: str = ""

    def in_words(self) -> Iterator[str]:
        """Yield a line for the scan, one for each fault, and the remark."""
        yield f"{'FAULT' if self.faults else 'ok':5}  {self.number:2}  {self.name}"
        yield from (f"           {fault}" for fault in self.faults)
        if self.remark:
            yield f"           known: {self.remark}"


def scan_deposit(files: Files) -> list[Scan]:
    """
    Look through the files of a bundle as data editors do.

    Parameters
    ----------
    files : Mapping
        Content of each file by its name, as ``bundle_files`` returns it.

    Returns
    -------
    list of Scan
        One a point of ``docs/deposit.md``, in its order.
    """
    return [_scan(number, name, find, files) for number, (name, find) in _SCANS.items()]


def _scan(number: int, name: str, find: Callable[[Files], Faults], files: Files) -> Scan:
    """Make one scan; a file of a bundle that cannot be read as what it is named is its fault."""
    try:
        return Scan(number, name, tuple(find(files)), _remark(number, files))
    except (ValueError, KeyError, TypeError, AttributeError, SyntaxError, RecursionError) as error:
        fault = f"expected files as flows bundle writes them, found {type(error).__name__}: {error}"
        return Scan(number, name, (fault,))


def scan_named(name: str, root: Path | None) -> list[Scan]:
    """Scan a bundle that was written, or what an appendix of the project would be bundled as."""
    if is_bundle(name):
        return scan_deposit(read_bundle(Path(name)))
    project = find_root(root)
    return scan_deposit(bundle_files(project, find_appendix(project, name or None)))


def _rights(files: Files) -> Faults:
    """Look for files that may not be passed on, and for left-out ones without what is needed."""
    left_out = {entry["id"]: entry for entry in read_facts(files)["left_out"]}
    for name in _named(files, "data/raw/", "source.toml"):
        source = parse_toml(files[name].decode("utf-8"))
        folder = name.removesuffix("source.toml")
        there = [file for file in source["files"] if f"{folder}{file}" in files]
        if "redistribute" not in source:
            yield f"{name}: redistribute is not stated"
        elif there and not source["redistribute"]:
            yield f"{folder}{there[0]}: its terms do not allow passing it on"
        elif not source["redistribute"] and source["id"] not in left_out:
            yield f"{FACTS}: does not say where to get {source['id']}"
    for entry in left_out.values():
        if entry["kept"] == NOT_STATED:
            yield f"{entry['id']}: how long it is kept is not stated (deposit in the front matter)"


def _licence(files: Files) -> Faults:
    text = files.get("LICENSE.txt", b"").decode("utf-8")
    if not text:
        yield "LICENSE.txt: none"
    for name in _named(files, "data/raw/", "source.toml"):
        if parse_toml(files[name].decode("utf-8"))["id"] not in text:
            yield f"LICENSE.txt: says nothing of {name}"
    if NO_LICENCE in text:
        yield "LICENSE.txt: the appendix has no licence (licence in the front matter)"


def _codebook(files: Files) -> Faults:
    rows = list(csv.DictReader(files.get("codebook.csv", b"").decode("utf-8").splitlines()))
    if not rows:
        yield "codebook.csv: none"
    for row in rows:
        if not row["label"]:
            yield f"codebook.csv: {row['file']}, {row['variable']}: no label"
    for name in list_exhibits(files):
        if f"{name}.csv" not in files:
            yield f"{name}: not as CSV"


def _main_program(files: Files) -> Faults:
    programs = [name for name in files if "/" not in name and name.endswith((".py", ".sh"))]
    if programs != ["main.py"]:
        yield f"expected main.py alone in the first folder, found {', '.join(programs) or 'none'}"
    else:
        ast.parse(files["main.py"])


def _requirements(files: Files) -> Faults:
    lines = files.get("requirements.txt", b"").decode("utf-8").splitlines()
    needs = [line for line in lines if line and not line.startswith("#")]
    if not needs or len(needs) > _MOST_REQUIREMENTS:
        yield f"requirements.txt: {len(needs)} packages"
    yield from (f"requirements.txt: {line}" for line in needs if not _PINNED.fullmatch(line))
    if "requirements.lock" not in files:
        yield "requirements.lock: none, so that nothing holds the packages to their hashes"


_PINNED = re.compile(r"[\w.-]+==[\w.!+-]+(?: ; .+)?")


def _notebooks(files: Files) -> Faults:
    for name in _named(files, "", ".ipynb"):
        cells = parse_json(files[name])["cells"]
        counts = [cell.get("execution_count") for cell in cells if cell["cell_type"] == "code"]
        if counts != list(range(1, len(counts) + 1)) and _TEMPLATES not in name:
            yield f"{name}: its cells were not run from the first to the last"


def _windows_paths(files: Files) -> Faults:
    for name in _named(files, "", _CODE):
        for path in _DRIVE.findall(files[name]):
            yield f"{name}: {path.decode(errors='replace')}"


def _empty_or_twice(files: Files) -> Faults:
    yield from (f"{name}: empty" for name, content in sorted(files.items()) if not content)
    alike = defaultdict(list)
    for name, content in sorted(files.items()):
        alike[hashlib.sha256(content).digest()].append(name)
    yield from (f"the same file: {', '.join(names)}" for names in alike.values() if len(names) > 1)


def _packed(files: Files) -> Faults:
    if len(files) > _MOST_FILES:
        yield f"{len(files):,} files, more than {_MOST_FILES:,}"
    for name, content in sorted(files.items()):
        parts = PurePosixPath(name).parts
        if name.lower().endswith(_PACKED) or {"__MACOSX", ".git", "__pycache__"} & {*parts}:
            yield f"{name}: packed, or left by a system"
        elif len(content) > _LARGEST:
            yield f"{name}: {len(content) / 1e6:.0f} MB, more than 100"


def _sums(files: Files) -> Faults:
    lines = {*files[SUMS].decode("utf-8").splitlines()}
    for name in sorted(files.keys() - {SUMS}):
        if f"{hashlib.sha256(files[name]).hexdigest()}  {name}" not in lines:
            yield f"{SUMS}: does not hold {name} as it is"


def _metadata(files: Files) -> Faults:
    zenodo = parse_json(files.get(".zenodo.json", b"{}"))
    if not zenodo.get("title", "").startswith("Data and Code for: "):
        yield ".zenodo.json: the title does not begin with 'Data and Code for: '"
    if not zenodo.get("keywords"):
        yield ".zenodo.json: no keywords (keywords in the front matter)"
    stated = read_facts(files).get("described", {})
    yield from (
        f"{FACTS}: {fact} is not stated (deposit in the front matter)"
        for fact in DESCRIBED
        if not stated.get(fact)
    )


def _codecheck(files: Files) -> Faults:
    text = files.get("codecheck.yml", b"").decode("utf-8")
    if not text.startswith("---\n"):
        yield "codecheck.yml: none, or its first line is not ---"
    outputs = [parse_json(name) for name in re.findall(r"^ *- file: (.+)$", text, re.MULTILINE)]
    yield from (f"codecheck.yml: {name} is not here" for name in outputs if name not in files)
    if not outputs:
        yield "codecheck.yml: no outputs"
    if placeholder := re.search(r"FIXME|TODO|XXXXX", text):
        yield f"codecheck.yml: the placeholder {placeholder[0]}"
    if text.count("- name:") != text.count("ORCID:"):
        yield "codecheck.yml: an author without ORCID (orcid in the front matter)"
    if "reference:" not in text:
        yield "codecheck.yml: no DOI or address of the article (doi in the front matter)"


def _trace(files: Files) -> Faults:
    """Hold the hashes after the run to the files that are here."""
    (tro,) = parse_json(files.get("tro.jsonld", b'{"@graph": [{}]}'))["@graph"]
    if len(tro.get("trov:hasArrangement", [])) < len(("before", "after")):
        yield "tro.jsonld: no hashes before and after the run"
        return
    artifacts = tro["trov:hasComposition"]["trov:hasArtifact"]
    hashes = {entry["@id"]: entry["trov:hash"]["trov:hashValue"] for entry in artifacts}
    for location in tro["trov:hasArrangement"][-1]["trov:hasArtifactLocation"]:
        name = location["trov:path"]
        if name in files:
            true = hashlib.sha256(files[name]).hexdigest()
            if hashes[location["trov:artifact"]["@id"]] != true:
                yield f"tro.jsonld: another hash than that of {name}"


def _portable(files: Files) -> Faults:
    try:
        check_names(files, place="names")
    except BundleError as error:
        yield str(error)
    for name, content in sorted(files.items()):
        if not name.startswith(("code/", "wheel/")):
            paths = {path.decode(errors="replace") for path in _HOME.findall(content)}
            yield from (f"{name}: {path}" for path in sorted(paths))
    if b"requirements" not in files.get("main.py", b""):
        yield "main.py: does not install what it needs"


_SCANS: Mapping[int, tuple[str, Callable[[Files], Faults]]] = {
    1: ("nothing is shipped that may not be, and what is left out can be got", _rights),
    2: ("terms of code and data in LICENSE.txt", _licence),
    3: ("README with the usual headings, as text and as the same PDF", scan_readme),
    4: ("every data set is cited in README and report, in the same words", scan_citations),
    5: ("codebook: every variable has a label; every exhibit as CSV", _codebook),
    6: ("every figure, table and number in the text leads to a program and a line", scan_map),
    7: ("one main program", _main_program),
    8: ("requirements.txt that people can read, with a lock beside it", _requirements),
    9: ("notebooks were run from the first cell to the last", _notebooks),
    10: ("no Windows paths or drive letters", _windows_paths),
    11: ("no file is empty or there twice", _empty_or_twice),
    12: ("nothing packed, no leftovers, no file over 100 MB, not over 1,000 files", _packed),
    15: ("sha256 of every file", _sums),
    16: ("metadata for the repository", _metadata),
    17: ("seeds with their lines; time, memory and storage as measured", scan_resources),
    19: ("report, README and bundle are of one build", scan_builds),
    20: ("codecheck.yml", _codecheck),
    21: ("hashes before and after the run (tro.jsonld)", _trace),
    22: ("names and paths that any machine takes", _portable),
}


def _remark(number: int, files: Files) -> str:
    find = _REMARKS.get(number)
    return find(files) if find else ""


def _shown_of_left_out(files: Files) -> str:
    """Name the exhibits whose values are of data sets that are not passed on themselves."""
    left_out = {f"#{name}" for entry in read_facts(files)["left_out"] for name in entry["files"]}
    crate = parse_json(files.get("ro-crate-metadata.json", b'{"@graph": []}'))
    exhibits = {*list_exhibits(files)}
    shown = set()
    for entity in crate["@graph"]:
        if entity["@type"] == "CreateAction" and left_out & _referred(entity, "object"):
            shown |= {name for name in exhibits if f"{name}.csv" in _referred(entity, "result")}
    if not shown:
        return ""
    return (
        f"{len(shown)} exhibits show values of data that are left out, as facts with their source "
        f"beside them; whether that is too much is for the authors: {', '.join(sorted(shown))}"
    )


def _referred(entity: Mapping[str, Any], key: str) -> set[str]:
    return {unquote(entry["@id"]) for entry in entity[key]}


def _forms(files: Files) -> str:
    forms = [name for name in _named(files, "", ".ipynb") if _TEMPLATES in name]
    return f"{len(forms)} notebooks in code/ are forms that flows new fills in" if forms else ""


def _escapes(files: Files) -> str:
    hits = {name: len(_BACKSLASH.findall(files[name])) for name in _named(files, "", _CODE)}
    flagged = [name for name, count in hits.items() if count]
    return (
        f"a scan for a backslash after a letter fires {sum(hits.values())} times in "
        f"{len(flagged)} files: escapes (\\n) and regular expressions"
        if flagged
        else ""
    )


def _archives_by_form(_: Files) -> str:
    return "a wheel and a .docx are zip archives by their form, and are taken for some"


_REMARKS: Mapping[int, Callable[[Files], str]] = {
    1: _shown_of_left_out,
    9: _forms,
    10: _escapes,
    12: _archives_by_form,
}
"""By the number of the scan: what has to be known and is no fault."""


def _named(files: Files, start: str, end: str | tuple[str, ...]) -> list[str]:
    return sorted(name for name in files if name.startswith(start) and name.endswith(end))
