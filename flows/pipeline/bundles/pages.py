"""The program and the terms of a bundle."""

from importlib.resources import files

from flows.pipeline.bundles.wheel import package_licence
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


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
