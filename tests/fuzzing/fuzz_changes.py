"""Changes of an input that keep most of its structure: cells, lines, nodes, words, members."""

import csv
import io
import json
import random
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any

NASTY = (
    *("", " ", "0", "00", "-0", "0.0", "0.", "-1", "1e5", "1e999", "nan", "inf", "NA", "..", "n/a"),
    *(
        "1,5",
        "1.234,5",
        "1 000",
        "1'000",
        "1\u00a0000",
        "\u2212" + "5",
        "(5)",
        "5*",
        "5p",
        "<5",
        "+5",
    ),
    *(
        "9" * 30,
        "0x10",
        "1_000",
        "\u0663",
        "\u00bd",
        "2018*",
        "20l8",
        "2018.0",
        "1402",
        "2199",
        "9999",
    ),
    *("202313", "2023-13", "2023-02-30", "31/12/2023", "Jan 2023", "Q5", "W00", "World", "Total"),
    *(
        "True",
        "null",
        '"',
        '""',
        "'",
        "\\",
        "\x00",
        "\x1b[31m",
        "\u202e",
        "\ufeff",
        "\ufffd",
        "\ud800",
    ),
    *("=1+1", "<br>", "&lt;", "{", "}", "{{", "}}", "{% raw %}", "[[", "]]", "../../x", "a" * 3000),
    *("\r", "\n", "\r\n", "\t", ";", ",", "|", "\x85", "\u2028", "\x0b", "\x0c"),
)
_WORDS = re.compile(r"\w+|\s+|.", re.DOTALL)
_NUMBER = re.compile(r"[0-9][0-9.,]*")
_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b"
_ENCODINGS = ("utf-16", "utf-8-sig", "latin-1", "cp1251", "utf-16-le", "cp1256")


def changed(content: bytes, chance: random.Random, words: Sequence[str] = ()) -> bytes:
    """Return a content with one to four changes, each of a kind that suits it."""
    for _ in range(chance.choice((1, 1, 1, 2, 2, 4))):
        content = _change(content, chance, words)
    return content


def _change(content: bytes, chance: random.Random, words: Sequence[str]) -> bytes:
    if content.startswith(_ZIP):
        return _in_archive(content, chance, words)
    if chance.random() < 0.15:
        return chance.choice(_OF_BYTES)(content, chance)
    text = content.decode("utf-8", "surrogateescape")
    ways = [_word, _word, _number, _line, _line]
    if text.lstrip()[:1] in ("{", "["):
        ways += [_node] * 5
    elif text.count("\n") and any(mark in text for mark in ",;\t|"):
        ways += [_cell] * 4 + [_column]
    text = chance.choice(ways)(text, chance, (*NASTY, *words))
    return text.encode("utf-8", "surrogatepass" if "\ud800" in text else "surrogateescape")


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randint(0, len(content))]


def _bit(content: bytes, chance: random.Random) -> bytes:
    if not content:
        return b"\x00"
    at = chance.randrange(len(content))
    return content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]


def _encoding(content: bytes, chance: random.Random) -> bytes:
    return content.decode("utf-8", "replace").encode(chance.choice(_ENCODINGS), "replace")


def _ends_of_lines(content: bytes, chance: random.Random) -> bytes:
    return content.replace(b"\n", chance.choice((b"\r\n", b"\r", b"\n\n")))


def _twice(content: bytes, chance: random.Random) -> bytes:
    return content + content[chance.randint(0, len(content)) :]


_OF_BYTES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(_cut, _bit, _encoding, _ends_of_lines, _twice),
)


def _word(text: str, chance: random.Random, nasty: Sequence[str]) -> str:
    pieces = _WORDS.findall(text)
    if not pieces:
        return chance.choice(nasty)
    at = chance.randrange(len(pieces))
    new = chance.choice((chance.choice(nasty), chance.choice(pieces), "", pieces[at] * 2))
    return "".join([*pieces[:at], new, *pieces[at + 1 :]])


def _number(text: str, chance: random.Random, nasty: Sequence[str]) -> str:
    found = list(_NUMBER.finditer(text))
    if not found:
        return _word(text, chance, nasty)
    match = chance.choice(found)
    return text[: match.start()] + new_number(match[0], chance, nasty) + text[match.end() :]


def new_number(old: str, chance: random.Random, nasty: Sequence[str] = NASTY) -> str:
    """Return what a slip of a hand or of a program makes of a number."""
    at = chance.randrange(len(old) + 1)
    return chance.choice(
        (
            old[:at] + chance.choice("0123456789.,-+ eE*lOp") + old[at:],
            old[:at] + old[at + 1 :],
            old[:at] + chance.choice("0123456789") + old[at + 1 :],
            old[::-1],
            chance.choice(nasty),
            f"{old}.0",
            f"0{old}",
            f"-{old}",
        )
    )


def _line(text: str, chance: random.Random, nasty: Sequence[str]) -> str:
    lines = text.split("\n")
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    new = {
        "out": [],
        "twice": [lines[at]] * 2,
        "other": [lines[other]],
        "with": [lines[at], lines[other]],
        "nasty": [chance.choice(nasty)],
    }
    return "\n".join([*lines[:at], *new[chance.choice(list(new))], *lines[at + 1 :]])


def _cell(text: str, chance: random.Random, nasty: Sequence[str]) -> str:
    """Change one cell of the line of a table."""
    delimiter = max(",;\t|", key=text.count)
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    cells = lines[at].split(delimiter)
    place = chance.randrange(len(cells))
    new = chance.choice(
        (
            chance.choice(nasty),
            chance.choice(cells),
            f'"{cells[place]}"',
            f" {cells[place]} ",
            cells[place] + chance.choice(nasty),
            chance.choice(lines[0].split(delimiter)),
        )
    )
    lines[at] = delimiter.join([*cells[:place], new, *cells[place + 1 :]])
    return "\n".join(lines)


def _column(text: str, chance: random.Random, _: Sequence[str]) -> str:
    """Move, double or take out a column; or write the table with another delimiter."""
    delimiter = max(",;\t|", key=text.count)
    rows = [line.split(delimiter) for line in text.split("\n")]
    width = max(map(len, rows))
    source, target = chance.randrange(width), chance.randrange(width)
    way = chance.choice(("move", "twice", "out", "delimiter", "quoted"))
    if way == "delimiter":
        return text.replace(delimiter, chance.choice(",;\t|"))
    if way == "quoted":
        made = io.StringIO()
        writer = csv.writer(made, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerows(rows)
        return made.getvalue()
    for row in rows:
        if source < len(row):
            cell = row[source] if way == "twice" else row.pop(source)
            if way != "out":
                row.insert(target, cell)
    return "\n".join(delimiter.join(row) for row in rows)


def _node(text: str, chance: random.Random, nasty: Sequence[str]) -> str:
    """Change one node of a JSON document; or write a key of it twice."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return _word(text, chance, nasty)
    places = list(_places(document))
    if not places:
        return _word(text, chance, nasty)
    inside, key = chance.choice(places)
    values: tuple[Any, ...] = (None, True, [], {}, 0, -1, 1e300, 1.5, 10**30, chance.choice(nasty))
    if isinstance(inside, dict) and chance.random() < 0.1:
        written = f"{json.dumps(key)}: "
        again = f"{written}{json.dumps(chance.choice(values))}, {written}"
        return json.dumps(document).replace(written, again, 1)
    other, place = chance.choice(places)
    number = new_number(str(inside[key])[:40] or "0", chance, nasty)
    new = (chance.choice(values), chance.choice(values), other[place], [inside[key]], number)
    if chance.random() < 0.2:
        old = inside.pop(key)
        if isinstance(inside, dict) and chance.random() < 0.5:
            inside[chance.choice(nasty)] = old
    else:
        inside[key] = chance.choice(new)
    try:
        return json.dumps(document)
    except (ValueError, RecursionError):
        return text


def _places(document: Any) -> Iterator[tuple[Any, Any]]:
    """Yield containers of a document with the keys of what they hold."""
    waiting = [document]
    while waiting:
        inside = waiting.pop()
        if isinstance(inside, dict | list):
            for key in list(inside) if isinstance(inside, dict) else range(len(inside)):
                yield inside, key
                waiting.append(inside[key])


def _in_archive(content: bytes, chance: random.Random, words: Sequence[str]) -> bytes:
    """Change a member of an archive, whose checksum is right again; or the archive itself."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    except Exception:  # noqa: BLE001 - an archive that is damaged already, in whatever way
        return chance.choice(_OF_BYTES)(content, chance)
    if not members or chance.random() < 0.1:
        return chance.choice(_OF_BYTES)(content, chance)
    name = chance.choice(list(members))
    match chance.choice(("part", "part", "part", "part", "part", "out", "renamed", "beside")):
        case "part":
            members[name] = changed(members[name], chance, words)
        case "out":
            del members[name]
        case "renamed":
            new = chance.choice(
                ("../x", "/x", "a/" + name, name.upper(), "__MACOSX/._x", "CON", "")
            )
            members[new] = members.pop(name)
        case "beside":
            members[f"__MACOSX/._{name}"] = b"\x00\x05\x16\x07"
    return zipped(members)


def zipped(members: dict[str, bytes]) -> bytes:
    """Return an archive, the same bytes for the same members."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return made.getvalue()
