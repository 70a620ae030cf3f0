"""
What is fuzzed: every way in which a file or text of a stranger reaches the package.

A target takes any bytes. It holds what comes of them against what must be true, and lets nothing
through but refusals: every error that is no `FlowsError` is a fault, as is a `Broken`.
"""

import io
import json
import math
import random
import re
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import get_args

import pandas as pd
from engine_files import difference
from fuzz_changes import changed, zipped
from fuzz_values import change_of_a_value, other_figure
from odd_files import BULK_KEYS

from flows import countries, products, scope
from flows.errors import FlowsError
from flows.findings import Findings, Number
from flows.loaders import LAYOUTS, load
from flows.loaders.cells import integers, numbers
from flows.loaders.descriptions import read_description
from flows.loaders.examples import example_path
from flows.loaders.month_names import named_month
from flows.loaders.printed_periods import printed_period
from flows.loaders.proposals import propose_description
from flows.loaders.text import RawTable
from flows.periods.period import Period, period_from, read_year
from flows.periods.rules import Calendar
from flows.pipeline.bundles.archives import unpack_archive
from flows.pipeline.bundles.verify import read_bundle
from flows.pipeline.graph import read_plan
from flows.report.appendices import FIRST
from flows.report.claims_file import read_claims
from flows.report.manifest import manifest_json, parse_manifest
from flows.report.manuscripts.built import BuiltReport, known_numbers
from flows.report.manuscripts.documents import fill_document
from flows.report.manuscripts.package import Package
from flows.report.manuscripts.sources import check_source
from flows.report.numbers import read_numbers
from flows.report.text import render_markdown
from flows.sources import read_source

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(__file__).with_name("corpus")


class Broken(AssertionError):  # noqa: N818 - it says what is broken
    """Something that must be true of whatever is accepted is not."""


@dataclass(frozen=True, slots=True)
class Target:
    """A name; what is done with any bytes; what to begin with; words of the language it reads."""

    name: str
    run: Callable[[bytes], None]
    seeds: Callable[[], Iterable[bytes]]
    words: tuple[str, ...] = ()
    change: Callable[[bytes, random.Random], bytes] | None = None

    def holds(self, content: bytes) -> None:
        """Do it, without what other cases made known of data sets."""
        scope._known.clear()
        self.run(content)

    def corpus(self) -> list[Path]:
        """Return the kept inputs."""
        folder = CORPUS / self.name
        return sorted(folder.iterdir()) if folder.is_dir() else []

    def changed(self, content: bytes, chance: random.Random) -> bytes:
        """Return another input that is like one."""
        if self.change is not None:
            return self.change(content, chance)
        return changed(content, chance, self.words)


@cache
def _folder() -> Path:
    """Return a folder for files of one case, in memory where there is one."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder with a name of its own is made inside
    return Path(tempfile.mkdtemp(prefix="fuzz-", dir=memory if memory.is_dir() else None))


def written(content: bytes, name: str) -> Path:
    """Write a case to a file."""
    path = _folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@contextmanager
def refusals() -> Iterator[None]:
    """Let the package refuse; an error that says nothing is no refusal."""
    try:
        yield
    except FlowsError as error:
        if not str(error).strip():
            raise Broken(f"an error without words: {error!r}") from error


def hold(true: bool, message: str) -> None:  # noqa: FBT001 - it is the one thing it takes
    """Stop if something is not true."""
    if not true:
        raise Broken(message)


def _decoded(content: bytes) -> str:
    """Return text as a user may pass it, with half of a surrogate pair where there was one."""
    try:
        return content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return content.decode("utf-8", "replace")


# -- files of data ---------------------------------------------------------------------------------


def _load(layout: str | None, content: bytes) -> None:
    """Load a file; the table passes its check, and counts of its report are those of the table."""
    path = written(content, f"case{example_path(layout).suffix if layout else '.csv'}")
    with refusals():
        table = load(path, layout=layout)
        report = table.attrs["report"]
        if report["layout"] in LAYOUTS:
            LAYOUTS[report["layout"]].check(table)
        hold(report["rows_out"] == len(table), f"rows_out {report['rows_out']}, rows {len(table)}")
        left_out = report["left_out"].values()
        hold(all(count >= 0 for count in left_out), f"left out {report['left_out']}")
        json.dumps(dict(table.attrs))


def _description(content: bytes) -> None:
    """Read a description and a file by it; what it says of the file is in the table."""
    path = written(content, "description.toml")
    with refusals():
        read_description(path)
        load(example_path("customs"), layout=str(path))


def _proposal(content: bytes) -> None:
    """Propose a description of a table; it is TOML, and proposing it again gives the same."""
    path = written(content, "table.csv")
    with refusals():
        proposed = propose_description(path).to_toml()
        try:
            tomllib.loads(proposed)
        except tomllib.TOMLDecodeError as error:
            raise Broken(f"a proposal that is no TOML: {error}\n{proposed}") from error
        hold(propose_description(path).to_toml() == proposed, "another proposal of the same file")
        described = written(proposed.encode(), "proposed.toml")
        with suppress(FlowsError):
            load(path, layout=str(described))


def _suffixed(name: str, content: bytes) -> None:
    """Load an archive or workbook whose layout is recognised, and by a description."""
    path = written(content, name)
    with refusals():
        load(path)
    with refusals():
        load(path, layout=str(example_path("customs_description")))
    with refusals():
        propose_description(path)


def _parquet(content: bytes) -> None:
    """Load Parquet; its table passes the check."""
    with refusals():
        load(written(content, "case.parquet"))


def _engine(key: str, content: bytes) -> None:
    """Convert a large file by an engine: its rows are those of the loader, or both refuse it."""
    path = written(content, "BACI_HS22_Y2022_V202401b.csv" if key == "baci" else f"{key}.csv")
    for engine in ("pandas", "duckdb"):
        found = difference(path, _folder() / "out.parquet", engine=engine, layout=key)  # type: ignore[arg-type]
        hold(not found, f"{engine}: {found}")


def _examples(*names: str) -> list[bytes]:
    return [example_path(name).read_bytes() for name in names]


def _parquet_seeds() -> Iterator[bytes]:
    for name in ("armstat", "sipri_deal_years", "comtrade_v1"):
        table = load(example_path(name))
        made = io.BytesIO()
        table.to_parquet(made)
        yield made.getvalue()


def _workbook_seeds() -> Iterator[bytes]:
    rows = [line.split(";") for line in _decoded(_examples("customs")[0]).splitlines()]
    width = max(map(len, rows))
    padded = pd.DataFrame([[*row, *[""] * (width - len(row))] for row in rows])
    for frame in (padded, pd.read_csv(example_path("armstat"), header=None)):
        made = io.BytesIO()
        frame.to_excel(made, header=False, index=False, engine="xlsxwriter")
        yield made.getvalue()


def _archive_seeds() -> Iterator[bytes]:
    yield zipped({"armstat.csv": _examples("armstat")[0], "readme.txt": b"About the data"})
    yield zipped({"__MACOSX/._a.csv": b"\x00\x05\x16\x07", "a/a.csv": _examples("comtrade_v1")[0]})
    yield zipped({"data.xlsx": next(_workbook_seeds())})


# -- cells -----------------------------------------------------------------------------------------


def _number_cell(content: bytes) -> None:
    """A number that is accepted is what Python reads; only what has no digit is missing."""
    text = content.decode("utf-8", "replace")
    raw = RawTable("a.csv", "a.csv", {}, pd.DataFrame({"value": [text], "line": [2]}))
    with refusals():
        value = float(numbers(raw, "value", blank=True).iloc[0])
        hold(not math.isnan(value) or not re.search("[0-9]", text), f"{text!r} is missing")
        hold(math.isnan(value) or value == float(text.strip()), f"{text!r} is read as {value}")
    with refusals():
        whole = integers(raw, "value").iloc[0]
        hold(whole == float(text.strip()), f"{text!r} is read as {whole}")


_CALENDARS: tuple[Calendar, ...] = (
    *("gregorian", "solar-hijri", "bikram-sambat", "ethiopian"),
    *("india-fiscal", "pakistan-fiscal", "nepal-fiscal", "ethiopia-fiscal"),
    *("fiscal-04-01-start", "fiscal-07-01-end", "fiscal-10-01-end"),
)


def _period(content: bytes) -> None:
    """A printed period lies in its calendar; what it is called is read as itself again."""
    text = _decoded(content)
    which, _, rest = text.partition("|")
    calendar = _CALENDARS[len(which) % len(_CALENDARS)]
    parts = [*rest.split("|"), "", "", "", ""][:4]
    with refusals():
        year = read_year(rest, calendar=calendar)
        label = Period.year(year, calendar=calendar).label
        hold(read_year(label, calendar=calendar) == year, f"{rest!r} is {year}, {label!r} is not")
    with refusals():
        period = printed_period(*parts, calendar=calendar)
        hold(period.start <= period.end, f"{parts} is {period}")
        hold(date(1200, 1, 1) <= period.start < date(2200, 1, 1), f"{parts} is {period}")
        if calendar == "gregorian" and re.fullmatch(r"[0-9]{4}-[0-9]{2}", period.label):
            again = printed_period("", period.label, calendar=calendar)
            hold(again == period, f"{parts} is {period}, its label is {again}")


def _period_of_a_plan(content: bytes) -> None:
    """The period of a configuration file."""
    with refusals(), suppress(tomllib.TOMLDecodeError):
        period = period_from(tomllib.loads(_decoded(content)))
        hold(period.start <= period.end, f"{content!r} is {period}")


def _month(content: bytes) -> None:
    """A month is a number from 1 to 13, whoever writes it."""
    text = _decoded(content)
    for calendar in _CALENDARS:
        with refusals():
            month = named_month(text, calendar)
            hold(month is None or 1 <= month <= 13, f"{text!r} is month {month}")


def _country(content: bytes) -> None:
    """A code is three capitals; it is a country, and its own code."""
    text = _decoded(content)
    for scheme in get_args(countries.Scheme):
        with refusals():
            code = countries.country_code(text, scheme=scheme)
            hold(len(code) == 3 and code.isascii() and code.isupper(), f"{text!r} is {code!r}")
    with suppress(ValueError):
        countries.find_country(text)


def _product(content: bytes) -> None:
    """A code has digits in pairs; read again it is itself."""
    text = _decoded(content)
    with refusals():
        code = products.hs_code(text)
        hold(products.hs_code(code) == code, f"{text!r} is {code!r}, which is another")
    with refusals():
        products.sipri_category(text)


_COUNTRIES = (b"Iran", b"TUR", b"792", b"Cote d'Ivoire", "Türkiye".encode(), b"Soviet Union")


# -- files of a project ----------------------------------------------------------------------------


def _source(content: bytes) -> None:
    """Read the description of a raw file."""
    with refusals():
        read_source(written(content, "data/raw/a/1/source.toml").parent)


def _plan(content: bytes) -> None:
    """Read the plan of an appendix."""
    with refusals():
        read_plan(written(content, "appendix.toml"))


def _claims(content: bytes) -> None:
    """Read claims."""
    references = _folder() / "references.bib"
    references.write_bytes((ROOT / "reports" / "references.bib").read_bytes())
    with refusals():
        read_claims(written(content, "claims.toml"), references)


def _references(content: bytes) -> None:
    """Read claims with somebody's references."""
    with refusals():
        read_claims(ROOT / "reports" / "claims.toml", written(content, "references.bib"))


def _manifest(content: bytes) -> None:
    """A manifest that is read and written is the same."""
    with refusals():
        manifest = parse_manifest(content, place="manifest.json")
        again = parse_manifest(manifest_json(manifest).encode(), place="manifest.json")
        hold(again == manifest, "a manifest is another when it is read again")


def _numbers(content: bytes) -> None:
    """Read the numbers of a report."""
    with refusals():
        for number in read_numbers(written(content, "numbers.json")).values():
            str(number)


_NUMBERS = (
    Number(id="a.share", value=67.74, unit="%", printed="67.74", about="", code=("1",), rows={}),
    Number(id="a.sum", value=412.0, unit="USD", printed="412", about="", code=("1",), rows={}),
)


def _template(content: bytes) -> None:
    """Fill a text; nothing in it is longer than what it names."""
    text = _decoded(content)
    with refusals():
        filled = render_markdown(text, Findings(numbers=_NUMBERS))
        longest = 2 * len(text) + 1000 * text.count("(")
        hold(len(filled) <= longest + 100, f"{len(text)} characters gave {len(filled)}")


@cache
def _report() -> BuiltReport:
    """Return a built report of two numbers."""
    folder = _folder() / "project"
    (folder / "reports").mkdir(parents=True)
    from flows.report.numbers import numbers_json  # noqa: PLC0415 - beside what it writes

    made = numbers_json(Findings(numbers=_NUMBERS))
    (folder / FIRST.numbers).write_text(made, encoding="utf-8")
    report = BuiltReport(folder, FIRST)
    hold(report.known == known_numbers(report.numbers), "known numbers differ")
    return report


def _manuscript(suffix: str, content: bytes) -> None:
    """Look a manuscript through."""
    report = _report()
    with refusals():
        check_source(written(content, f"manuscript{suffix}"), report)


def _document(content: bytes) -> None:
    """Fill a document of a word processor: filled again, nothing in it changes."""
    report = _report()
    with refusals():
        package = Package(written(content, "manuscript.docx"))
        fill_document(package, report)
        if package.changed:
            again = Package(written(package.to_bytes(), "filled.docx"))
            before = [change.in_words() for change in fill_document(again, report)]
            hold(not before, f"filled twice: {before[:3]}")


def _bundle(content: bytes) -> None:
    """Open the bundle of a stranger: nothing is written beside its folder."""
    path = written(content, "bundle.zip")
    beside = sorted(_folder().iterdir())
    with tempfile.TemporaryDirectory(dir=_folder()) as folder:
        with refusals():
            unpack_archive(path, Path(folder) / "in")
        hold({*Path(folder).iterdir()} <= {Path(folder) / "in"}, "a file beside the folder")
    with refusals():
        read_bundle(path)
    hold(sorted(_folder().iterdir()) == beside, "a file beside the folder")


def _bundle_seeds() -> Iterator[bytes]:
    import hashlib  # noqa: PLC0415 - for the seeds alone

    files = {"README.md": b"About", "bundle.json": b'{"form": 1, "title": "a"}'}
    sums = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in files)
    yield zipped({**files, "SHA256SUMS": sums.encode()})


def _files(*patterns: str) -> list[bytes]:
    found = [path for pattern in patterns for path in sorted(ROOT.glob(pattern))]
    hold(bool(found), f"no file for {patterns}")
    return [path.read_bytes() for path in found]


_TOML_WORDS = ("[[", "]]", "[", "]", "= ", '"""', "true", "1979-05-27", "{ ", " }", "nan", "inf")
_CALLS = (
    "{{ n(",
    "{{ bounds(",
    "{% if ",
    "{% endif %}",
    "{% set ",
    "{{ typed(",
    "value(",
    "~",
    "|",
)

_PERIODS = (
    *(b"|2023", b"||Jan 2023", b"||2023-01", b"|2023||Q1", b"a|1402", b"aaa|2080/81"),
    *(b"|2023|5||31", b"|||Q1 2023", b"||||31.12.2023"),
)
_PERIODS_OF_PLANS = (
    b'calendar = "gregorian"\nyear = 2023\n',
    b'calendar = "solar-hijri"\nyear = [1400, 1402]\n',
    b'calendar = "india-fiscal"\nyear = 2022\nquarter = 1\n',
    b'calendar = "gregorian"\nyear = 2022\nmonth = [1, 5]\n',
)
_TEXTS = (
    b'Of {{ n("a.share", unit=True) }}.\n\n{% if value("a.share") > 1 %}more{% endif %}\n',
    b'{% set x = word("many") %}{{ x }}{{ typed("G7", "a name") }}\n',
)
_MARKDOWN = (b'Of {{ n("a.share") }} and 67.74 by hand, `code 67.74`.\n',)
_LATEX = ("\\flowsnumber{", "\\begin{verbatim}", "\\verb|", "%", "{,}")


def _given(*contents: bytes) -> Callable[[], Iterable[bytes]]:
    return lambda: contents


def _kept(*patterns: str) -> Callable[[], Iterable[bytes]]:
    return lambda: _files(*patterns)


def _shown(*names: str) -> Callable[[], Iterable[bytes]]:
    return lambda: _examples(*names)


_DESCRIPTIONS = ("flows/loaders/examples/*.toml", "flows/loaders/ready/*.toml")
_OTHERS = (
    Target("recognised", partial(_load, None), _shown("armstat", "baci", "imf_compact")),
    Target("description", _description, _kept(*_DESCRIPTIONS), _TOML_WORDS),
    Target("proposal", _proposal, _shown("customs", "armstat", "comext_web")),
    Target("workbook", partial(_suffixed, "case.xlsx"), _workbook_seeds),
    Target("archive", partial(_suffixed, "case.zip"), _archive_seeds),
    Target("parquet", _parquet, _parquet_seeds),
    Target("number", _number_cell, _given(b"1250.5", b"1e5", b" 12 ", b"")),
    Target("period", _period, _given(*_PERIODS)),
    Target("period-of-a-plan", _period_of_a_plan, _given(*_PERIODS_OF_PLANS), _TOML_WORDS),
    Target("month", _month, _given(b"Sept.", "ŞUBAT".encode(), b"Shrawan", b"1")),
    Target("country", _country, _given(*_COUNTRIES)),
    Target("product", _product, _given(b"0101", b"27.11.21", b"TOTAL", b"2711.0", b"missiles")),
    Target("source", _source, _kept("data/raw/*/*/source.toml"), _TOML_WORDS),
    Target("plan", _plan, _kept("reports/appendix.toml"), _TOML_WORDS),
    Target("claims", _claims, _kept("reports/claims.toml"), _TOML_WORDS),
    Target("references", _references, _kept("reports/references.bib"), ("@", "{", "}")),
    Target("manifest", _manifest, _kept("reports/manifest.json")),
    Target("numbers", _numbers, lambda: [_numbers_seed()]),
    Target("template", _template, _given(*_TEXTS), _CALLS),
    Target("latex", partial(_manuscript, ".tex"), _kept("tests/fixtures/*/*.tex"), _LATEX),
    Target("markdown", partial(_manuscript, ".md"), _given(*_MARKDOWN), _CALLS),
    Target("document", _document, _kept("tests/fixtures/*/*.docx")),
    Target("bundle", _bundle, _bundle_seeds),
)


def _numbers_seed() -> bytes:
    entries = json.loads((ROOT / "reports" / "numbers.json").read_text(encoding="utf-8"))
    return json.dumps({name: entries[name] for name in sorted(entries)[:3]}, indent=1).encode()


def _of_layouts() -> Iterator[Target]:
    for key in sorted(LAYOUTS):
        seeds = partial(_examples, key)
        yield Target(f"load-{key}", partial(_load, key), seeds, _words_of(key))
        yield Target(f"value-{key}", partial(change_of_a_value, key), _a_value, change=other_figure)


def _of_engines() -> Iterator[Target]:
    for key in BULK_KEYS:
        run, seeds = partial(_engine, key), partial(_examples, key)
        yield Target(f"engine-{key}", run, seeds, _words_of(key))


def _a_value() -> list[bytes]:
    return [b"\0\x0013", b"\0\x01x"]


def _words_of(key: str) -> tuple[str, ...]:
    """Return the names in the first lines of an example, for the dictionary."""
    lines = _examples(key)[0].decode("utf-8", "replace").splitlines()[:12]
    cells = {cell.strip('" ') for line in lines for cell in line.replace(";", ",").split(",")}
    return tuple(sorted(cell for cell in cells if 1 < len(cell) < 30)[:60])


TARGETS: Mapping[str, Target] = {
    target.name: target for target in (*_OTHERS, *_of_layouts(), *_of_engines())
}
