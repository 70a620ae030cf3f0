"""What a deposit says of itself, gathered from a built appendix."""

import datetime as dt
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from flows.errors import ReportError
from flows.figures import FIGURE_FORMATS
from flows.pipeline.cite import sources_of
from flows.pipeline.graph import CLAIMS, read_plan, used_sources
from flows.report import APPENDIX_FILES, NUMBER_FORMATS
from flows.report.appendices import Appendix
from flows.report.deposit.codebook import codebook_csv, codebook_markdown, read_codebook
from flows.report.deposit.content import Deposit, Exhibit, processed_file, raw_files
from flows.report.deposit.crate import ro_crate_json
from flows.report.deposit.datapackage import datapackage_json
from flows.report.deposit.metadata import citation_cff, codecheck_yml, codemeta_json, zenodo_json
from flows.report.deposit.reference import appendix_reference, software_reference
from flows.report.deposit.tro import tro_jsonld
from flows.report.manifest import Manifest, read_manifest
from flows.sources import Source, file_sha256
from flows.tables import TABLE_FORMATS


def deposit_files(root: Path, appendix: Appendix) -> dict[str, str]:
    """
    Return the files that describe a deposit: the same appendix gives the same bytes.

    Parameters
    ----------
    root : pathlib.Path
        Folder of the project, with its processed data sets.
    appendix : Appendix
        One with a built report.

    Returns
    -------
    dict of str to str
        Content by name, from the folder of the deposit.

    Raises
    ------
    ReportError
        If the appendix is not built, or was built from other raw files.
    """
    deposit = read_deposit(root, appendix)
    codebook = read_codebook(root, deposit)
    shipped = [source for source in deposit.sources if source.redistribute]
    return {
        "CITATION.cff": citation_cff(deposit.appendix),
        ".zenodo.json": zenodo_json(deposit.appendix),
        "codemeta.json": codemeta_json(deposit.software),
        "codecheck.yml": codecheck_yml(deposit.appendix, _manifest_of_outputs(deposit)),
        "ro-crate-metadata.json": ro_crate_json(deposit),
        "tro.jsonld": tro_jsonld(deposit),
        "codebook.csv": codebook_csv(codebook),
        "codebook.md": codebook_markdown(codebook),
        "data/processed/datapackage.json": datapackage_json(
            shipped, [root / processed_file(source) for source in shipped]
        ),
    }


def read_deposit(root: Path, appendix: Appendix) -> Deposit:
    """Return what a deposit of a built appendix consists of."""
    sources = sources_of(root, appendix)
    manifest = read_manifest(root / appendix.manifest)
    _check_inputs(root / appendix.manifest, manifest, sources)
    return Deposit(
        date=_date(sources),
        appendix=appendix_reference(root / appendix.folder, sources),
        software=software_reference(),
        manifest=manifest,
        processed=_processed(root, sources),
        sources=tuple(sources),
        exhibits=tuple(_exhibits(root, appendix, manifest, sources)),
    )


def _processed(root: Path, sources: Iterable[Source]) -> dict[str, str]:
    """Return the hash of the processed table of each data set by its name."""
    files = [processed_file(source) for source in sources]
    if missing := [name for name in files if not (root / name).is_file()]:
        raise ReportError(
            f"{root / missing[0]}: expected a table, found none; flows build makes it"
        )
    return {name: file_sha256(root / name) for name in files}


def _date(sources: Iterable[Source]) -> str:
    """Return SOURCE_DATE_EPOCH, else the day of the newest data set: never the clock."""
    if epoch := os.environ.get("SOURCE_DATE_EPOCH"):
        return dt.datetime.fromtimestamp(int(epoch), tz=dt.UTC).date().isoformat()
    return max((source.retrieved for source in sources), default=dt.date.min).isoformat()


def _check_inputs(place: Path, manifest: Manifest, sources: Iterable[Source]) -> None:
    """Check that a report was made from the raw files that are there."""
    for source in sources:
        for name, path in zip(raw_files(source), source.paths, strict=True):
            if manifest.inputs.get(name) != source.files[path.name]:
                raise ReportError(
                    f"{place}: expected a report made from {name}, found one without it or with "
                    "other content; flows build makes it anew"
                )


def _exhibits(
    root: Path, appendix: Appendix, manifest: Manifest, sources: Sequence[Source]
) -> Iterator[Exhibit]:
    """Yield what each step makes, in the order of the plan."""
    every = tuple(source.id for source in sources)
    plan = read_plan(root / appendix.plan)
    if (root / appendix.claims).is_file():
        plan.append(CLAIMS)
    for study in plan:
        # The claims and the table of sources ask for no data set: they are about all of them.
        datasets = tuple(source.id for source in used_sources(sources, [study])) or every
        for name in study.figures:
            made = _made(manifest, appendix.file(f"figures/{name}"), FIGURE_FORMATS)
            yield Exhibit(name, "figure", datasets, made)
        for name in study.tables:
            made = _made(manifest, appendix.file(f"tables/{name}"), TABLE_FORMATS)
            yield Exhibit(name, "table", datasets, made)
    numbers = _made(manifest, appendix.file("numbers"), NUMBER_FORMATS)
    yield Exhibit("numbers", "numbers", every, numbers)
    pages = {appendix.file(name) for name in APPENDIX_FILES.values()} & manifest.outputs.keys()
    yield Exhibit("appendix", "report", every, tuple(sorted(pages)))


def _made(manifest: Manifest, stem: str, kinds: Iterable[str]) -> tuple[str, ...]:
    """Return the files of one exhibit, which differ in their endings."""
    return tuple(sorted({f"{stem}.{kind}" for kind in kinds} & manifest.outputs.keys()))


def _manifest_of_outputs(deposit: Deposit) -> dict[str, str]:
    return {
        file: exhibit.name[:1].upper() + exhibit.name[1:]
        for exhibit in deposit.exhibits
        for file in exhibit.files
    }
