"""Which state of today follows one that is no more."""

from collections.abc import Iterable, Mapping

from flows.countries import dissolved_states


def find_heirs(states: Iterable[str], named: Mapping[str, str]) -> dict[str, str]:
    """
    Return the state of today that each dissolved state is folded into.

    Parameters
    ----------
    states : iterable of str
        Alpha-3 codes of dissolved states.
    named : Mapping
        Dissolved state to the successor that the caller chose; it may follow at one remove.

    Returns
    -------
    dict
        State to the last of those that followed one another, which is not dissolved.

    Raises
    ------
    ValueError
        If a state has several successors and none is named, or the named one does not follow it.

    Examples
    --------
    >>> find_heirs(["DDR", "YUG"], {"YUG": "SRB"})
    {'DDR': 'DEU', 'YUG': 'SRB'}
    >>> find_heirs(["CSK"], {})
    Traceback (most recent call last):
        ...
    ValueError: CSK has several successors: name one of CZE, SVK, as successors={'CSK': 'CZE'}
    """
    for state, heir in named.items():
        following = _following(state)
        if heir not in following:
            raise ValueError(
                f"expected a successor of {state} ({', '.join(sorted(following)) or 'it has none'})"
                f", found {heir!r}"
            )
    return {state: _heir(state, named) for state in states}


def _heir(state: str, named: Mapping[str, str]) -> str:
    while state in dissolved_states():
        successors = dissolved_states()[state].successors
        if state not in named and len(successors) > 1:
            raise ValueError(
                f"{state} has several successors: name one of {', '.join(successors)}, "
                f"as successors={{{state!r}: {successors[0]!r}}}"
            )
        state = named.get(state, successors[0])
    return state


def _following(state: str) -> set[str]:
    """Return every state that followed, at any remove."""
    if state not in dissolved_states():
        return set()
    successors = dissolved_states()[state].successors
    return {*successors, *(later for one in successors for later in _following(one))}
