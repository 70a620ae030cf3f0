"""What turns a stranger's file into code is used nowhere, or in the rooms that are named here."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import flows

PACKAGE = Path(flows.__file__).parent
TREES = {
    path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(PACKAGE.rglob("*.py"))
}

CODE = re.compile(
    r"(?:builtins\.)?(?:eval|exec|compile|__import__|breakpoint)"
    r"|runpy\.\w+|os\.(?:system|popen|exec\w+|spawn\w+|startfile)|pty\.\w+"
    r"|(?:pd|pandas)\.eval|subprocess\.(?:getoutput|getstatusoutput)"
)
"""Calls that run a text."""

THAWING = re.compile(
    r"(?:c?[pP]ickle|dill|cloudpickle|marshal|shelve|joblib|jsonpickle)\.(?:load|loads|open|Unpickler)"
    r"|(?:pd|pandas)\.read_(?:pickle|hdf)|(?:np|numpy)\.load|yaml\.\w+|torch\.load"
)
"""Calls that make objects of bytes, whose bytes can choose the object."""

XML = re.compile(
    r"(?:\w+\.)*(?:ElementTree|minidom|pulldom|sax)\.\w+|(?:etree|objectify|html)\.(?:parse|fromstring|XML|iterparse|HTML)"
    r"|(?:expat|\w+)\.ParserCreate"
)
ELSEWHERE = re.compile(
    r"tempfile\.mktemp|(?:archive|file|packed|zipped)\.extract|(?:\w+\.)+extractall|shutil\.unpack_archive|tarfile\.\w+|telnetlib\.\w+"
)
"""A name in a shared folder that others can foresee; archives that say where they are unpacked."""

OURS = {
    "pipeline/processes.py": "its own workers, over a pipe",
    "bulk/on_spark.py": "what its own workers have found",
}
"""Rooms that thaw, and what."""

PARSED = {
    "report/word.py": "parts of the document that Pandoc prints, and styles of the package",
    "report/manuscripts/exhibits.py": "tables and the page of the build, as HTML",
    "report/manuscripts/package.py": "parts of a manuscript, without entities and network",
    "loaders/imf.py": "SDMX, by a parser that refuses declarations of entities",
    "loaders/workbook_parts.py": "texts that cells name, counted by a parser that refuses the same",
}

RUNS = {
    "pipeline/bundles/main.py": "pip and flows, for whoever runs it",
    "pipeline/git.py": "git of the user",
    "pipeline/processes.py": "Python itself",
    "report/render.py": "Pandoc inside the package that brings it",
}
"""Rooms that start programs, and which."""


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Yield every call with the name that is called, as it is written."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def rooms(pattern: re.Pattern[str]) -> set[str]:
    return {
        name for name, tree in TREES.items() for call, _ in calls(tree) if pattern.fullmatch(call)
    }


def imported(tree: ast.AST) -> set[str]:
    """Return the modules and names that are imported, which could be called by another name."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_no_text_is_run() -> None:
    assert rooms(CODE) == set()


def test_bytes_become_objects_in_own_rooms_alone() -> None:
    assert rooms(THAWING) == OURS.keys()


def test_nothing_of_that_is_imported_by_another_name() -> None:
    renamed = re.compile(
        r"(?:c?[pP]ickle|dill|marshal|shelve|joblib|subprocess|os|runpy|pty|yaml|tarfile)\."
        r"(?:load|loads|Unpickler|run|Popen|call|check_\w+|system|popen|exec\w+|spawn\w+|open)"
    )
    hidden = {
        (name, module)
        for name, tree in TREES.items()
        for module in imported(tree)
        if renamed.fullmatch(module)
    }
    assert hidden == set()
    aliases = {
        (name, alias.asname)
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.asname and alias.name in {"pickle", "subprocess", "marshal", "os", "lxml.etree"}
    }
    assert aliases == set()


def test_programs_are_started_in_the_rooms_that_are_named_and_by_no_shell() -> None:
    started = re.compile(r"subprocess\.\w+|asyncio\.create_subprocess_\w+|multiprocessing\.\w+")
    assert rooms(started) == RUNS.keys()
    shells = [
        name
        for name, tree in TREES.items()
        for _, call in calls(tree)
        for keyword in call.keywords
        if keyword.arg == "shell"
    ]
    assert shells == []


def test_xml_is_read_in_the_rooms_that_are_named() -> None:
    assert rooms(XML) == PARSED.keys()


def test_archives_are_not_unpacked_where_they_say() -> None:
    assert rooms(ELSEWHERE) == set()


def test_certificates_are_looked_at_and_pickles_are_not_in_arrays() -> None:
    for name, tree in TREES.items():
        for _, call in calls(tree):
            stated = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
            assert stated.get("verify", "True") != "False", name
            assert stated.get("allow_pickle", "False") == "False", name
            assert not {"cert_reqs", "assert_hostname", "ssl_context"} & stated.keys(), name


def test_what_a_text_fills_in_is_parsed_by_the_sandbox_alone() -> None:
    taken = {name for tree in TREES.values() for name in imported(tree) if "jinja2" in name}
    environments = {name for name in taken if name.endswith(("Environment", ".Template"))}
    assert environments == {"jinja2.sandbox.ImmutableSandboxedEnvironment"}
    assert rooms(re.compile(r"jinja2\.(?:\w+\.)*(?:\w*Environment|Template)")) == set()


@pytest.mark.parametrize(
    ("line", "pattern"),
    [
        ("eval(text)", CODE),
        ("os.system(text)", CODE),
        ("builtins.exec(text)", CODE),
        ("pickle.loads(content)", THAWING),
        ("yaml.load(text)", THAWING),
        ("pd.read_pickle(path)", THAWING),
        ("np.load(path)", THAWING),
        ("etree.parse(path)", XML),
        ("xml.etree.ElementTree.parse(path)", XML),
        ("expat.ParserCreate()", XML),
        ("archive.extractall(folder)", ELSEWHERE),
        ("tempfile.mktemp()", ELSEWHERE),
    ],
)
def test_these_tests_would_see_it(line: str, pattern: re.Pattern[str]) -> None:
    ((name, _),) = calls(ast.parse(line))
    assert pattern.fullmatch(name)
