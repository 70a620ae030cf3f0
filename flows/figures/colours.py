"""One colour a name: in every figure of a report, or in the one that is drawn alone."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flows.figures.drawing import find_drawings
from flows.findings import Figure

Places = Mapping[str, int]
"""Name of a country, direction or group to its place in the palette."""


def take_places(names: Iterable[str], report: Places | None = None) -> dict[str, int]:
    """
    Give each name its place in the palette: that of the report, else the next that is free.

    >>> take_places(["Iran to Armenia", "Armenia to Iran"])
    {'Iran to Armenia': 0, 'Armenia to Iran': 1}
    >>> take_places(["a new one", "Russia"], {"Ukraine": 0, "Russia": 1})
    {'Russia': 1, 'a new one': 2}
    """
    names = list(names)
    places = {name: report[name] for name in names if report and name in report}
    free = max((report or {}).values(), default=-1) + 1
    for name in names:
        if name not in places:
            places[name] = free
            free += 1
    return places


def report_places(figures: Sequence[Figure]) -> dict[str, dict[str, int]]:
    """
    Return the places of all names that the figures of a report draw, in the order of the report.

    By palette: suppliers have another than directions and groups, since theirs leaves out the
    colour of the highlighted one.
    """
    places: dict[str, dict[str, int]] = {}
    for figure in figures:
        drawn = find_drawings()[figure.draw]
        if drawn.names is None:
            continue
        own = places.setdefault(drawn.palette, {})
        own |= take_places(drawn.names(figure.data, **figure.options), own)
    return places


def colour_options(figure: Figure, report: Mapping[str, Places] | None) -> dict[str, Any]:
    """Return the option by which a drawing learns the places of a report, if it asks for them."""
    drawn = find_drawings().get(figure.draw)
    if not report or drawn is None or drawn.names is None:
        return {}
    return {"places": report.get(drawn.palette, {})}
