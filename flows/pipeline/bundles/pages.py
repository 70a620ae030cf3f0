"""The files of a bundle that a person reads first."""

from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from flows.pipeline.bundles.wheel import package_licence
from flows.report.appendices import Appendix
from flows.report.deposit.content import Deposit

NO_LICENCE = "all rights stay with its authors."
"""What is said of an appendix whose front matter names no licence."""

_LICENCE = """The code in code/, wheel/ and main.py:

{code}

The text, figures and tables of the appendix:

{appendix}

The data stay under the terms of their publishers.
{data}"""


def main_program(deposit: Deposit) -> str:
    """Return ``main.py``, with what it belongs to in its first line."""
    return f"# {' '.join(deposit.appendix.title.split())}\n{_text('main.py')}"


def licence_text(deposit: Deposit) -> str:
    """Return the terms of the code, of the appendix and of each data set."""
    appendix = deposit.appendix.licence or NO_LICENCE
    data = "".join(
        f"\n{source.id} ({'in this bundle' if source.redistribute else 'not in this bundle'})\n"
        f"  {source.licence}\n  {source.allows}\n"
        for source in deposit.sources
    )
    return _LICENCE.format(code=package_licence().strip(), appendix=appendix, data=data)


def readme(appendix: Appendix, deposit: Deposit, facts: Mapping[str, Any]) -> str:
    """Return what a person reads first."""
    return _text("readme.md").format(
        title=deposit.appendix.title,
        authors=", ".join(author.name for author in deposit.appendix.authors),
        date=deposit.date,
        version=deposit.manifest.code["version"],
        folder=appendix.folder,
        pdf=appendix.file("appendix.pdf"),
        left_out="\n".join(_left_out(facts)) or "None: all raw files are in `data/raw/`.",
    )


def _left_out(facts: Mapping[str, Any]) -> Iterator[str]:
    if facts["left_out"]:
        yield (
            "Their terms do not allow passing them on, or nothing that was seen says so. Put them "
            "into a folder and name it, `--data FOLDER`; they are known by their sha256.\n"
        )
    for source in facts["left_out"]:
        yield f"**{source['id']}**: {source['publisher']}, {source['title']}.\n"
        yield f"- where: {source['doi'] or source['address']}"
        yield f"- version {source['version']}, fetched on {source['retrieved']}"
        yield f"- filter: {source['filter']}"
        if source["how"]:
            yield f"- how the file was made: {' '.join(source['how'].split())}"
        yield from (f"- `{name}`, sha256 `{sha256}`" for name, sha256 in source["files"].items())
        yield f"- kept by the authors: {source['kept']}"
        yield f"- terms: {source['terms']}\n"


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
