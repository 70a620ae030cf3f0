"""Names of countries that a user adds beside the data, and those that a rule reads."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from flows.countries import Scheme, country_name, entries, name_in_capitals, published
from flows.errors import CountryError, LayoutError
from flows.loaders.text import archive_of
from flows.notation import parse_toml
from flows.sources import NAMES_FILE

_ARMED_GROUP, _ORGANISATION = "*", "**"
"""How SIPRI marks suppliers and recipients that are no states, behind their names."""

_UNKNOWN_GROUP = "unknown rebel group*"


def own_names(path: str) -> Mapping[str, str]:
    """Return the names in ``names.toml`` beside a file, or beside its archive, with their codes."""
    file = Path(path)
    beside = (archive_of(file) or file).parent / NAMES_FILE
    if not beside.is_file():
        return {}
    try:
        content = parse_toml(beside.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LayoutError(f"{beside}: expected TOML, found: {error}") from error
    names = content.get("names")
    if content.keys() != {"names"} or not isinstance(names, dict):
        raise LayoutError(
            f'{beside}: expected one table [names] with lines as "Name" = "ARM", '
            f"found {', '.join(content) or 'nothing'}"
        )
    return {published(name): _code(code, name=name, beside=beside) for name, code in names.items()}


def _code(code: object, *, name: str, beside: Path) -> str:
    try:
        country_name(str(code))
    except CountryError as error:
        raise CountryError(f"{beside}: {name!r}: {error}") from error
    return str(code)


CAPITALS = "differ in capitals alone"
"""Why a name is read as another of which there may be hundreds in a file."""


def known_name(name: str, *, scheme: Scheme) -> tuple[str, str]:
    """
    Return the name by which the crosswalk knows one, and why where it is not the same.

    SIPRI's armed groups that have no code are all one, the unknown group: they are no state, and
    which state they fight stands in the name alone.
    """
    if published(name) in entries(scheme):
        return name, ""
    if spelt := name_in_capitals(name, scheme=scheme):
        return spelt, CAPITALS
    if scheme == "sipri" and name.endswith(_ARMED_GROUP) and not name.endswith(_ORGANISATION):
        return (
            _UNKNOWN_GROUP,
            f"an armed group without a code, read as XXG; {NAMES_FILE} can name it",
        )
    return name, ""
