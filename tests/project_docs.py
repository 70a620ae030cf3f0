"""The table of sections in docs/projects.md, from the code; run it to print the table anew."""

import inspect
from collections.abc import Iterator

from flows.studies import STUDIES
from flows.studies.kinds import kind_words


def section_lines() -> Iterator[str]:
    """Yield the lines of docs/projects.md on the sections of every kind of study."""
    for kind, study in STUDIES.items():
        yield f"**{kind}**"
        yield ""
        yield "| section | own parameters | needs | figures | tables |"
        yield "|---|---|---|---|---|"
        for name, about in study.about.items():
            cells = (
                f"`{name}`",
                ", ".join(_parameters(study.sections[name])),
                about.needs,
                ", ".join(f"`{end}`" for end in about.figures),
                ", ".join(f"`{end}`" for end in about.tables),
            )
            yield f"| {' | '.join(cells)} |"
        yield ""


def _parameters(section: object) -> Iterator[str]:
    for name, parameter in inspect.signature(section).parameters.items():  # type: ignore[arg-type]
        if parameter.kind is parameter.KEYWORD_ONLY:
            needed = ", needed" if parameter.default is parameter.empty else ""
            yield f"`{name}` ({kind_words(parameter.annotation)}{needed})"


if __name__ == "__main__":
    print("\n".join(section_lines()))  # noqa: T201 - for the page
