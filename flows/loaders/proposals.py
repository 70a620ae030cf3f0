"""A description proposed from a table itself, with a comment wherever the table does not say."""

import difflib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pandas as pd

from flows.countries import Scheme, entries
from flows.errors import FlowsError, LayoutError
from flows.loaders.column_kinds import (
    direction_of,
    has_days,
    has_directions,
    has_figures,
    has_months,
    has_quarters,
    has_years,
    is_group,
    is_headed,
    is_known,
    is_no_value,
    is_number,
    is_product,
    is_value,
    is_world,
    is_year,
    known_scheme,
    separators,
)
from flows.loaders.customs import normalise_customs, read_customs
from flows.loaders.descriptions import read_description
from flows.loaders.headings import PREFIXED, YEAR_IN, heading_pattern
from flows.loaders.known import recognise_layout
from flows.loaders.month_names import spelt_months
from flows.loaders.patterns import WHEN
from flows.loaders.printed_units import propose_unit
from flows.loaders.text import check_file
from flows.loaders.unknown_tables import (
    Proposal,
    Table,
    find_table,
    quoted,
    records_of,
)

_SHOWN = 8
_MOST = 0.6
_SIGN = re.compile(r"(?<=[0-9])\s*(\*+|[\u00b9\u00b2\u00b3]|\([a-z0-9]\)|[a-z])(?=\s|$)")
"""A sign beside a year in a heading: 2023*, 2023p."""

_BELOW = re.compile(r"[<\u2264]\s*([0-9.,]*[0-9])")
_MONTH_NAMES = "|".join(map(re.escape, spelt_months(())))
_MONTH_OF_TITLE = re.compile(
    rf"(?<!\w)(?i:{_MONTH_NAMES})\.?[ ,-]*(?:19|20|13|14)[0-9]{{2}}(?![0-9])"
)
_NO_MARKS = ("-", "()", "%")
"""What stands beside figures and is no mark of theirs."""

_SLASHED = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2[0-9]{4}")
"""A date whose first or second number is the month."""

_BEHIND = re.compile(r"\s*\([^()]*\)$")
_EXACT = 0.95

_SOLAR_HIJRI, _BIKRAM_SAMBAT = range(1300, 1500), range(2060, 2100)


def propose_description(path: Path, *, sheet: str = "") -> Proposal:
    """
    Propose how to read a table of a statistics office, from the table itself.

    Parameters
    ----------
    path : pathlib.Path
        Text file or workbook.
    sheet : str, optional
        Of a workbook; by default the longest sheet with a column of partners.

    Returns
    -------
    Proposal
        ``to_toml()`` is the description. What the file does not say is in ``unsure`` and in
        comments: a currency is never guessed, nor what a sign in place of a figure means.

    Raises
    ------
    SourceError
        If there is no such file.
    LayoutError
        If no table is found.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> proposal = propose_description(example_path("customs"))
    >>> proposal.columns["partner"], proposal.keys["delimiter"], sorted(proposal.unsure)[:2]
    ('"Partner"', '";"', ['calendar', 'coverage'])
    """
    check_file(path)
    proposal = Proposal(keys=dict.fromkeys(("reporter", "unit"), '""'))
    with suppress(LayoutError):
        proposal.layout = recognise_layout(path).key
    table = find_table(records_of(path, proposal, sheet), proposal, path)
    first, last = table.header
    if last > 1:
        proposal.keys["header_line"] = str(last) if first == last else f"[{first}, {last}]"
    _about(proposal, table, path)
    kinds = _kinds(proposal, table)
    _values(proposal, table, kinds)
    _partners(proposal, table)
    _others(proposal, table, kinds)
    return proposal


def try_description(path: Path, description: Path) -> str:
    """Return what reading a file by a description gives, in a sentence."""
    try:
        described = read_description(description)
        table = normalise_customs(read_customs(path, described), described)
    except FlowsError as error:
        return f"does not load yet: {error}"
    left_out = sum(table.attrs["report"]["left_out"].values())
    return f"loads: {len(table)} rows, {left_out} cells or lines left out"


def _about(proposal: Proposal, table: Table, path: Path) -> None:
    """Propose what the whole table is about; nothing of it is guessed."""
    texts = [*table.around, path.stem, *proposal.said]
    propose_unit(proposal, texts)
    if "{reporter}" in proposal.keys.get("sheet", ""):
        del proposal.keys["reporter"]
    else:
        proposal.unsure["reporter"] = "the table does not say whose statistics it has: alpha-3, GEO"
    proposal.keys |= {"calendar": '"gregorian"', "coverage": '"all goods"'}
    proposal.unsure["calendar"] = "taken for granted"
    proposal.unsure["coverage"] = "not stated; what does the office count?"
    proposal.keys["partners"] = '"not stated"'
    proposal.unsure["partners"] = "all partners of the reporter, or named ones?"


def _kinds(proposal: Proposal, table: Table) -> dict[str, str]:
    """Return columns by what they hold, each kind once: the first column that fits best."""
    chosen: dict[str, str] = {}
    names = [name for name in table.names if table.cells(name)]
    _choose_countries(proposal, table, names, chosen)
    for kind, fits in (
        ("flow", lambda _, cells: has_directions(cells)),
        ("product", is_product),
        ("year", lambda name, cells: has_years(cells) and not is_headed(name, "product")),
        ("quarter", has_quarters),
        ("day", lambda _, cells: has_days(cells)),
        ("month", has_months),
    ):
        free = [name for name in names if name not in chosen.values() and not is_year(name)]
        fitting = [name for name in free if fits(name, table.cells(name))]
        headed = [name for name in fitting if kind != "flow" and is_headed(name, kind)]
        if (headed or fitting) and not (kind == "month" and chosen.keys() & {"quarter", "day"}):
            chosen[kind] = (headed or fitting)[0]
    proposal.columns |= {kind: quoted(name) for kind, name in chosen.items()}
    if "product" in chosen:
        proposal.keys["classification"] = '""'
        proposal.unsure["classification"] = "HS2022 or another revision, or the office's own codes"
    _calendar(proposal, table, chosen)
    if not chosen.keys() & {*WHEN}:
        _choose_dates(proposal, table, names, chosen)
    return chosen


def _choose_dates(
    proposal: Proposal, table: Table, names: list[str], chosen: dict[str, str]
) -> None:
    """Choose a column of dates as 1/2/2007; its month is the number that is not always 1."""
    for name in names:
        dates = [match for cell in table.cells(name) if (match := _SLASHED.fullmatch(cell))]
        if len(dates) < _EXACT * len(table.cells(name)):
            continue
        chosen["month"] = name
        sign = dates[0][2]
        proposal.columns["month"] = quoted(name)
        first, second = ({match[at] for match in dates} for at in (1, 3))
        if len(second) == 1 < len(first):
            proposal.columns["year"] = quoted(name)
            proposal.cells["month"] = quoted(f"{{month}}{sign}{{}}{sign}{{}}")
            proposal.cells["year"] = quoted(f"{{}}{sign}{{}}{sign}{{year}}")
        else:
            proposal.cells["month"] = quoted(f"{{}}{sign}{{month}}")
        if min(len(first), len(second)) > 1 or len(first) == len(second):
            proposal.unsure["month"] = (
                f"days or months in {dates[0][0]!r}? rows of days are to be added up to months"
            )
        return


def _choose_countries(
    proposal: Proposal, table: Table, names: list[str], chosen: dict[str, str]
) -> None:
    """Choose the columns of partners and reporters by what of their cells a crosswalk knows."""
    known = {}
    for name in names:
        scheme, share = known_scheme(table.cells(name))
        numeric = all(map(is_number, table.cells(name)))
        under = is_headed(name, "partner")
        if (under or share > _MOST) and (not numeric or (under and share > _MOST)):
            known[name] = (scheme, share)
    reporters = [name for name in known if is_headed(name, "reporter")]
    partners = [name for name in known if name not in reporters]
    if not partners:
        _choose_longer_cells(proposal, table, names, chosen)
        return
    headed = [name for name in partners if is_headed(name, "partner")]
    chosen["partner"] = max(headed or partners, key=lambda name: known[name][1])
    scheme = known[chosen["partner"]][0]
    if scheme != "iso":
        proposal.keys["scheme"] = quoted(scheme)
    if reporters:
        chosen["reporter"] = reporters[0]
        proposal.keys.pop("reporter", None)
        proposal.unsure.pop("reporter", None)


def _choose_longer_cells(
    proposal: Proposal, table: Table, names: list[str], chosen: dict[str, str]
) -> None:
    """Choose a column whose cells are partners with the same words behind: Belgium (million)."""
    for name in names:
        cells = table.cells(name)
        behind = Counter(match[0] for cell in cells if (match := _BEHIND.search(cell)))
        if not behind:
            continue
        words = max(behind, key=lambda text: behind[text])
        scheme, share = known_scheme([cell.removesuffix(words) for cell in cells])
        if share > _MOST:
            chosen["partner"] = name
            proposal.cells["partner"] = quoted(f"{{partner}}{words}")
            proposal.keys |= {"scheme": quoted(scheme)} if scheme != "iso" else {}
            propose_unit(proposal, [words])
            return


def _calendar(proposal: Proposal, table: Table, chosen: Mapping[str, str]) -> None:
    """Say which calendar years may be of, where they are none of the Gregorian one."""
    headed = [name for name in table.names if is_year(name)]
    titled = [match[0] for text in table.around if (match := YEAR_IN.search(text))]
    cells = table.cells(chosen["year"]) if "year" in chosen else headed
    dated = "month" in chosen and any(map(YEAR_IN.search, table.cells(chosen["month"])))
    if not cells and not dated:
        cells = titled[:1]
    numbers = [int(re.sub(r"[^0-9]", "", cell)[:4] or 0) for cell in cells]
    if any(re.search("[/\u2013-]|FY", cell) for cell in cells):
        proposal.keys["calendar"] = '""'
        proposal.unsure["calendar"] = (
            f"years as {cells[0]!r}: nepal-fiscal, india-fiscal, or the first day and which year "
            "names it, as fiscal-07-01-end"
        )
    elif numbers and all(number in _SOLAR_HIJRI for number in numbers):
        proposal.keys["calendar"] = '"solar-hijri"'
        proposal.unsure["calendar"] = f"from the year {cells[0]}"
    elif numbers and all(number in _BIKRAM_SAMBAT for number in numbers):
        proposal.keys["calendar"] = '""'
        proposal.unsure["calendar"] = f"the year {cells[0]}: bikram-sambat or nepal-fiscal?"


def _values(proposal: Proposal, table: Table, kinds: Mapping[str, str]) -> None:
    """Propose which columns have values, which flows they are, and how numbers are written."""
    free = [name for name in table.names if name and name not in kinds.values()]
    signs = {sign[1] for name in free if (sign := _SIGN.search(name))}
    plain = {_SIGN.sub("", name): name for name in free}
    pattern, headings = heading_pattern([*plain])
    values = [plain[heading] for heading in headings]
    if not values:
        figures = [
            name
            for name in free
            if has_figures(table.cells(name)) or direction_of(name)
            if not has_years(table.cells(name))
            if not is_no_value(name)
        ]
        figures.sort(key=is_value, reverse=True)
        directed = [name for name in figures if direction_of(name)]
        values = directed if "flow" not in kinds and directed else figures[:1]
        if "flow" in kinds or not directed:
            pattern = values[0] if values else ""
        if len(figures) > 1 and not directed:
            proposal.unsure["value"] = f"or one of {', '.join(figures[1:_SHOWN])}?"
    if pattern:
        proposal.columns["value"] = quoted(pattern)
    if not values:
        proposal.unsure["value"] = "no column of figures was found"
        proposal.columns["value"] = '""'
    cells = [cell for name in values for cell in table.cells(name)]
    _numbers(proposal, cells)
    _flows(proposal, _flow_words(proposal, table, kinds, pattern, values))
    odd = [cell for cell in cells if not is_number(cell)]
    if negative := [cell for cell in cells if is_number(cell) and cell.startswith("-")]:
        proposal.keys["corrections"] = "false"
        proposal.unsure["corrections"] = (
            f"{len(negative)} negative figures, as {negative[0]!r}: true if they correct others"
        )
    _marks(proposal, [*odd, *(f"1{sign}" for sign in sorted(signs) if pattern)])


def _flow_words(
    proposal: Proposal, table: Table, kinds: Mapping[str, str], pattern: str, values: Sequence[str]
) -> list[str]:
    """Return the words for flows in the table; one of our own where it has none."""
    if "flow" in kinds:
        return list(dict.fromkeys(table.cells(kinds["flow"])))
    if pattern == "{flow}{month}":
        prefixes = (match[1] for name in values if (match := PREFIXED.fullmatch(name)))
        return list(dict.fromkeys(prefixes))
    if proposal.flows:
        return proposal.flows
    if "{flow}" in pattern:
        words = [word for name in values for word in re.findall(r"[^\W\d_]+", name)]
        return list(dict.fromkeys(word for word in words if direction_of(word)))
    if not pattern:
        return list(values)
    titled = [text for text in table.around if direction_of(text)]
    return [f"from {titled[0][:40]}"] if titled else ["all"]


def _numbers(proposal: Proposal, cells: Iterable[str]) -> None:
    (decimal, thousands), sure = separators(cells)
    if decimal != ".":
        proposal.keys["decimal"] = quoted(decimal)
    if thousands:
        proposal.keys["thousands"] = quoted(thousands)
    if not sure:
        proposal.keys["decimal"] = quoted(decimal)
        proposal.unsure["decimal"] = "the numbers can be read in two ways, or in none"


def _flows(proposal: Proposal, words: Sequence[str]) -> None:
    """Propose what each flow is; valuation and partner basis only where its word has them."""
    for word in words:
        direction = direction_of(word)
        valuation = next((kind for kind in ("FOB", "CIF") if kind in word.upper()), "")
        proposal.tables += ["", f"[flows.{quoted(word)}]"]
        if direction:
            proposal.tables.append(f"direction = {quoted(direction)}")
        else:
            proposal.tables.append('direction = ""  # NOT SURE: export or import?')
            proposal.unsure[f"flows.{word}"] = "export or import?"
        proposal.tables.append(
            f"valuation = {quoted(valuation)}" + ("" if valuation else "  # FOB or CIF, if stated")
        )
        proposal.tables.append(
            'partner_basis = ""  # origin, consignment or destination, if stated'
        )


def _marks(proposal: Proposal, cells: Sequence[str]) -> None:
    """Show the signs in place of figures and beside them; what they mean the file does not say."""
    marks: dict[str, str] = {}
    for cell in dict.fromkeys(cells):
        if below := _BELOW.fullmatch(cell):
            bound = below[1].replace(",", ".")
            marks[cell] = f'"below {bound}"  # in the multiple of the table'
            continue
        sign = re.sub(r"[0-9][0-9 .,'\u2019\u00a0\u2009\u202f]*", "", cell).strip()
        beside = any(character.isdigit() for character in cell)
        if not sign or (beside and sign in _NO_MARKS):
            continue
        meanings = (
            '"estimate"  # or note' if beside else '"missing"  # confidential, zero, below 0.5'
        )
        marks.setdefault(sign, meanings)
    shown = [f"# {quoted(sign)} = {meanings}" for sign, meanings in marks.items()]
    if shown:
        proposal.tables += ["", "[marks]", *shown[:_SHOWN]]
        proposal.unsure["marks"] = f"what {', '.join(list(marks)[:_SHOWN])} means"


def _partners(proposal: Proposal, table: Table) -> None:
    """Propose which partners are sums, and show the names that no crosswalk has."""
    if "partner" not in proposal.columns:
        if "{partner}" not in proposal.columns.get("value", ""):
            proposal.columns["partner"] = '""'
            proposal.unsure["partner"] = f"one of {', '.join(filter(None, table.names[:_SHOWN]))}"
        return
    scheme: Scheme = json.loads(proposal.keys.get("scheme", '"iso"'))
    behind = json.loads(proposal.cells.get("partner", '"{partner}"')).removeprefix("{partner}")
    column = json.loads(proposal.columns["partner"])
    printed = table.cells(column)
    if table.has_gaps(column):
        proposal.keys["fill_down"] = f"[{quoted(column)}]"
        proposal.unsure["fill_down"] = "rows without a name repeat the one above, or are sums"
    cells = list(dict.fromkeys(cell.removesuffix(behind) for cell in printed))
    worlds = [cell for cell in cells if is_world(cell)]
    if worlds:
        proposal.keys["total"] = quoted(worlds[0])
    groups = [cell for cell in cells if is_group(cell, scheme) and cell not in worlds]
    if groups:
        proposal.keys["leave_out"] = f"[{', '.join(map(quoted, groups))}]"
    unknown = [
        cell for cell in cells if not is_known(cell, scheme) and cell not in {*worlds, *groups}
    ]
    if unknown:
        proposal.tables += ["", "[names]", *(_name_line(cell, scheme) for cell in unknown)]
        proposal.unsure["names"] = (
            f"which countries {len(unknown)} names are, or sums for leave_out"
        )


def _name_line(cell: str, scheme: Scheme) -> str:
    """Return a line for a name, with the nearest known ones as a comment."""
    known = {name.casefold(): name for name in entries(scheme)}
    near = [known[name] for name in difflib.get_close_matches(cell.casefold(), known, n=2)]
    hint = ", ".join(f"{name} is {entries(scheme)[name][0].alpha3}" for name in near)
    return f'# {quoted(cell)} = ""' + (f"  # {hint}" if hint else "")


def _others(proposal: Proposal, table: Table, kinds: Mapping[str, str]) -> None:
    """Propose where periods stand outside of columns, and what other columns part the rows."""
    columns = proposal.columns
    said = columns.get("value", "") + proposal.keys.get("sheet", "")
    dated = "month" in proposal.cells or (
        "month" in kinds and any(map(is_year, _words(table.cells(kinds["month"]))))
    )
    dated |= "day" in kinds or (
        "quarter" in kinds and any(map(YEAR_IN.search, table.cells(kinds["quarter"])))
    )
    if "year" not in kinds and not dated and not any(f"{{{when}}}" in said for when in WHEN):
        _year_elsewhere(proposal, table)
    parts = _parts(table, kinds)
    if parts:
        proposal.keys["sum_over"] = "[]"
        proposal.unsure["sum_over"] = (
            f"rows differ only in {', '.join(parts[:_SHOWN])}: name them here to add up, or which "
            "rows count under [only]"
        )


def _parts(table: Table, kinds: Mapping[str, str]) -> list[str]:
    """Return the columns that tell rows apart which are otherwise about the same."""
    frame = pd.DataFrame([row.cells[: len(table.names)] for row in table.rows])
    own = [table.names.index(name) for name in kinds.values()]
    repeated = frame[frame.duplicated(own, keep=False)] if own else frame[:0]
    return [
        name
        for place, name in enumerate(table.names)
        if name and place not in own and len(repeated)
        if not has_figures(table.cells(name)) and len({*repeated[place]}) > 1
    ]


def _words(cells: Iterable[str]) -> list[str]:
    return [word for cell in cells for word in re.split(r"[ -]", cell)]


def _year_elsewhere(proposal: Proposal, table: Table) -> None:
    for text in table.around:
        match = YEAR_IN.search(text)
        if match and (named := _MONTH_OF_TITLE.search(text)):
            before = text[: named.start()].split()[-1:]
            proposal.keys["title"] = quoted(" ".join([*before, "{month}"]))
            proposal.unsure["title"] = f"the month of {text[:60]!r}, if it is one month"
            return
        if match and not is_year(text):
            before = text[: match.start()].split()[-2:]
            space = " " * text[: match.start()].endswith(" ")
            proposal.keys["title"] = quoted(f"{' '.join(before)}{space}{{year}}")
            proposal.unsure["title"] = f"the year of {text[:60]!r}"
            return
    proposal.keys["year"] = '""'
    proposal.unsure["year"] = "no column, heading or title has the period"
