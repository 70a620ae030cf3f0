"""What a bundle consists of: an appendix with everything behind it, as content by name."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from flows import __version__
from flows.errors import BundleError
from flows.notation import parse_json, read_text
from flows.pipeline.bundles import programs
from flows.pipeline.bundles.archives import check_names, check_sizes
from flows.pipeline.bundles.chance import read_seeds
from flows.pipeline.bundles.exhibits import MAP, exhibits_csv, map_exhibits
from flows.pipeline.bundles.pages import licence_text, main_program
from flows.pipeline.bundles.readme import Contents, readme, readme_pdf
from flows.pipeline.bundles.requirements import READABLE, read_requirements
from flows.pipeline.bundles.wheel import DISTRIBUTION, package_code, package_wheel, wheel_name
from flows.pipeline.cite import sources_of
from flows.pipeline.deposit import deposit_files, read_deposit
from flows.pipeline.graph import Places, list_inputs, read_plan
from flows.pipeline.measured import read_measured
from flows.report.appendices import Appendix
from flows.report.attachments import build_of
from flows.report.deposit.content import Deposit, processed_file, raw_files
from flows.report.deposit.metadata import write_json
from flows.report.manifest import Manifest, package_sha256
from flows.report.render import read_front_matter
from flows.sources import Source, file_sha256, list_sources, verify_source

SUMS = "SHA256SUMS"
FACTS = "bundle.json"
"""Folder of the source of the package."""

FORM = 1
"""Of ``bundle.json``; a bundle of a later form is refused, not guessed at."""

_ABSOLUTE = r"(?<![\w.~/)}\]-])"
"""What stands before a path that begins at the root: no address, and no other path."""

NOT_STATED = "not stated"
"""What is said of how long a file is kept that is left out, where nobody has said it."""

DESCRIBED = ("geography", "period", "universe", "unit_of_observation", "jel")
"""What repositories of data ask for beside title and keywords."""


def bundle_files(root: Path, appendix: Appendix) -> dict[str, bytes]:
    """
    Return the files of a bundle: the same appendix gives the same bytes.

    Parameters
    ----------
    root : pathlib.Path
        Folder of the project.
    appendix : Appendix
        One that was built with the package as it is, from the files as they are.

    Returns
    -------
    dict of str to bytes
        Content by name, in the order of the names.

    Raises
    ------
    BundleError
        If nobody has said whether a data set may be passed on, if the report is not what the code
        and the files that lie there make, or if a file would not pass as part of a deposit.
    ReportError
        If the appendix is not built.
    """
    sources = sources_of(root, appendix)
    _check_terms(sources)
    deposit = read_deposit(root, appendix)
    _check_built(root, appendix, deposit)
    facts = _facts(appendix, deposit, _read_stated(root / appendix.text))
    names = [*_data_names(deposit), *_report_names(root, appendix, deposit)]
    check_sizes(root, names)
    files = {
        **{f"{programs.CODE}/{name}": content for name, content in package_code().items()},
        f"wheel/{wheel_name()}": package_wheel(),
        **read_requirements(root),
        **{name: (root / name).read_bytes() for name in names},
        **_notebooks(root, sources),
        **{name: text.encode() for name, text in deposit_files(root, appendix).items()},
        "LICENSE.txt": licence_text(deposit).encode(),
        "main.py": main_program(deposit).encode(),
        FACTS: write_json(facts).encode(),
    }
    files |= _readme(root, appendix, deposit, facts, files)
    _check_read(root, deposit.manifest, files)
    _check_files(root, files)
    files[SUMS] = _sums(files).encode()
    return dict(sorted(files.items()))


def _check_terms(sources: Iterable[Source]) -> None:
    """Stop where it is not known whether a file may be passed on."""
    for source in sources:
        if source.redistribute is None:
            raise BundleError(
                f"{source.folder / 'source.toml'}: expected redistribute = true or false, and a "
                "sentence in allows that says why; found neither. Read the publisher's terms: "
                "false leaves the files out of the bundle and says where to get them"
            )


def _check_built(root: Path, appendix: Appendix, deposit: Deposit) -> None:
    """Check that the report is the one that the code and the files that lie there make."""
    place, manifest = root / appendix.manifest, deposit.manifest
    for source in deposit.sources:
        verify_source(source)
    code = {"version": __version__, "sha256": package_sha256()}
    if manifest.code != code:
        raise BundleError(
            f"{place}: expected a report made by the code that goes into the bundle, "
            f"{_code_in_words(code)}, found one made by {_code_in_words(manifest.code)}; "
            "flows build makes it anew"
        )
    listed = list_inputs(Places(root, root, appendix), deposit.sources)
    inputs = {path.relative_to(root).as_posix(): file_sha256(path) for path in listed}
    outputs = {
        name: file_sha256(root / name) if (root / name).is_file() else "none"
        for name in manifest.outputs
    }
    recorded = {**manifest.inputs, **{name: file.sha256 for name, file in manifest.outputs.items()}}
    there = {**inputs, **outputs}
    for name in sorted(recorded.keys() | there.keys()):
        if recorded.get(name) != there.get(name):
            raise BundleError(
                f"{root / name}: expected the file of the last build, sha256 "
                f"{recorded.get(name, 'none')}, found {there.get(name, 'none')}; flows build, and "
                "bundle again"
            )


def _check_read(root: Path, manifest: Manifest, files: Mapping[str, bytes]) -> None:
    """Check that no file was changed between its check and the moment when it was read."""
    recorded = {**manifest.inputs, **{name: file.sha256 for name, file in manifest.outputs.items()}}
    for name in recorded.keys() & files.keys():
        if hashlib.sha256(files[name]).hexdigest() != recorded[name]:
            raise BundleError(
                f"{root / name}: expected a file that stays as it is while it is bundled, found "
                "one that changed; bundle again"
            )


def _code_in_words(code: Mapping[str, str]) -> str:
    return f"flows {code.get('version')} (sha256 {code.get('sha256', 'none'):.12})"


def _read_stated(text: Path) -> dict[str, Any]:
    """Return what the front matter states of a deposit and nothing else could tell."""
    stated = read_front_matter(read_text(text)).get("deposit", {})
    known = ("kept", *DESCRIBED)
    if not isinstance(stated, dict) or stated.keys() - {*known}:
        raise BundleError(
            f"{text}: expected a table of {', '.join(known)} under deposit in the front matter, "
            f"found {stated!r}"
        )
    return stated


def _facts(appendix: Appendix, deposit: Deposit, stated: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a program has to know of a bundle before it looks into the rest."""
    return {
        "form": FORM,
        "appendix": appendix.name,
        "title": deposit.appendix.title,
        "date": deposit.date,
        "build": build_of(deposit.manifest, appendix),
        "described": {key: stated[key] for key in DESCRIBED if key in stated},
        "software": {
            "name": DISTRIBUTION,
            **deposit.manifest.code,
            "wheel": f"wheel/{wheel_name()}",
        },
        "left_out": [
            {
                "id": source.id,
                "publisher": source.publisher,
                "title": source.title,
                "version": source.vintage,
                "filter": source.coverage,
                "how": source.remarks,
                "retrieved": source.retrieved.isoformat(),
                "address": source.address,
                "doi": source.doi,
                "terms": f"{source.licence}. {source.allows}",
                "files": dict(zip(raw_files(source), _hashes(source), strict=True)),
                "kept": stated.get("kept", NOT_STATED),
            }
            for source in deposit.sources
            if not source.redistribute
        ],
    }


def _hashes(source: Source) -> list[str]:
    return [source.files[path.name] for path in source.paths]


def _data_names(deposit: Deposit) -> list[str]:
    """Return what may be passed on of the data, and the description of each data set."""
    names = []
    for source in deposit.sources:
        raw = raw_files(source)
        names.append(f"{raw[0].rpartition('/')[0]}/source.toml")
        if source.redistribute:
            names += [*raw, processed_file(source)]
    return names


def _report_names(root: Path, appendix: Appendix, deposit: Deposit) -> list[str]:
    """Return what a person wrote for the appendix, what a build made of it, and what that took."""
    names = [*deposit.inputs, *deposit.outputs, appendix.manifest]
    own = [name for name in names if name.startswith(f"{appendix.folder}/")]
    measured = [appendix.measured] if (root / appendix.measured).is_file() else []
    return [*own, *measured]


def _readme(
    root: Path,
    appendix: Appendix,
    deposit: Deposit,
    facts: Mapping[str, Any],
    files: Mapping[str, bytes],
) -> dict[str, bytes]:
    """Return the README in both forms, and the map of exhibits that it names."""
    exhibits = map_exhibits(root, appendix, deposit)
    text = readme(
        Contents(
            appendix=appendix,
            deposit=deposit,
            facts=facts,
            exhibits=exhibits,
            seeds=read_seeds(root, appendix),
            studies={study.id: study.study for study in read_plan(root / appendix.plan)},
            requirements=files[READABLE].decode("utf-8"),
            size=sum(map(len, files.values())),
            measured=read_measured(root / appendix.measured),
        )
    )
    return {
        "README.md": text.encode(),
        "README.pdf": readme_pdf(text),
        MAP: exhibits_csv(exhibits).encode(),
    }


def _notebooks(root: Path, sources: Iterable[Source]) -> dict[str, bytes]:
    """Return the notebooks that are about the data sets of the appendix, and no other."""
    known = {source.id for source in list_sources(root)}
    used = {source.id for source in sources}
    notebooks = {}
    for path in sorted([*root.glob("*.ipynb"), *root.glob("notebooks/*.ipynb")]):
        content = path.read_bytes()
        named = {name for name in known if name in content.decode("utf-8")}
        if named and named <= used:
            _check_executed(path, content)
            notebooks[path.relative_to(root).as_posix()] = content
    return notebooks


def _check_executed(path: Path, content: bytes) -> None:
    """Check that the cells of a notebook were run once, from top to bottom."""
    counts = [
        cell.get("execution_count")
        for cell in parse_json(content)["cells"]
        if cell["cell_type"] == "code" and "".join(cell["source"]).strip()
    ]
    if counts != list(range(1, len(counts) + 1)):
        raise BundleError(
            f"{path}: expected a notebook that was run from top to bottom, found cells that were "
            "not, or in another order; restart it, run all cells and save it"
        )


def _check_files(root: Path, files: Mapping[str, bytes]) -> None:
    """Check that every file would pass as part of a deposit."""
    check_names(files, place="bundle")
    if empty := sorted(name for name, content in files.items() if not content):
        raise BundleError(
            f"{root / empty[0]}: expected no empty file in a bundle, found one; "
            "write a line into it that says so"
        )
    for name, place in _machine_paths(root, files):
        raise BundleError(
            f"{name}: expected no path of this machine in a bundle, found {place!r}; "
            "write it from the folder of the project"
        )


def _machine_paths(root: Path, files: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """Yield the files in which the folder of the project, or of the person, is named."""
    places = [place.resolve() for place in (root, Path.home()) if place.resolve().name]
    patterns = {f"{place}/": re.compile(_ABSOLUTE + re.escape(f"{place}/")) for place in places}
    for name, content in sorted(files.items()):
        text = content.decode("utf-8", errors="replace")
        yield from ((name, place) for place, named in patterns.items() if named.search(text))


def _sums(files: Mapping[str, bytes]) -> str:
    """Return the list that ``sha256sum --check SHA256SUMS`` reads."""
    return "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
