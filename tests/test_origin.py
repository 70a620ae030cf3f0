"""How a value was made is written down, and every number of the report is given by its code."""

import ast
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pandas as pd
import pytest
from hypothesis import strategies as st

import flows as fl
from flows.canonical import canonical
from flows.loaders.examples import example_path
from flows.origin import (
    Made,
    call,
    code_lines,
    given,
    loaded_by,
    noted,
    present,
    read_call,
    remember_calls,
    runnable,
)
from flows.report.appendices import FIRST, list_appendices
from flows.report.evidence import number_code
from flows.report.numbers import read_numbers

ROOT = Path(fl.__file__).parents[1]
NUMBERS = {
    name if appendix == FIRST else f"{appendix.name}:{name}": number
    for appendix in list_appendices(ROOT)
    for name, number in read_numbers(ROOT / appendix.numbers).items()
}
"""Every number of every appendix."""
TABLE = pd.DataFrame({"value": [1.0, 2.0]})


class Runner:
    """Runs code line by line; the same line of the same results is run once."""

    def __init__(self) -> None:
        self.results: dict[str, Any] = {}

    def run(self, code: str) -> dict[str, Any]:
        names: dict[str, Any] = {}
        keys: dict[str, str] = {}
        for statement in ast.parse(code).body:
            if isinstance(statement, ast.Assign):
                key = ast.unparse(_Keyed(keys).visit(ast.parse(ast.unparse(statement.value))))
                if key not in self.results:
                    self.results[key] = eval(  # noqa: S307 - our own
                        ast.unparse(statement.value), names
                    )
                _assign(statement.targets[0], self.results[key], key, names, keys)
            elif not isinstance(statement, ast.Expr):
                exec(ast.unparse(statement), names)  # noqa: S102 - the code of the report
        return names


class _Keyed(ast.NodeTransformer):
    def __init__(self, keys: dict[str, str]) -> None:
        self.keys = keys

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(f"<{self.keys[node.id]}>" if node.id in self.keys else node.id)


def _assign(
    target: ast.expr, value: Any, key: str, names: dict[str, Any], keys: dict[str, str]
) -> None:
    ends = target.elts if isinstance(target, ast.Tuple) else [target]
    values = value if isinstance(target, ast.Tuple) else [value]
    for name, part in zip(_names(ends), values, strict=True):
        names[name], keys[name] = part, f"{key}: {name}"


def _names(targets: list[ast.expr]) -> Iterator[str]:
    for target in targets:
        assert isinstance(target, ast.Name)
        yield target.id


@pytest.fixture(scope="module")
def runner() -> Runner:
    return Runner()


@pytest.mark.parametrize("name", sorted(NUMBERS))
def test_its_code_gives_the_number(
    name: str, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    number = NUMBERS[name]
    names = runner.run("\n".join(number_code(number)))
    value = float(names["value"])
    assert canonical(value, exact=number.exact) == number.value
    digits = len(number.printed.partition(".")[2])
    assert fl.print_value(value, digits, exact=number.exact) == number.printed
    ends = [names.get(end) for end in ("low", "high")]
    assert [None if end is None else canonical(end, exact=number.exact) for end in ends] == [
        number.low,
        number.high,
    ]


@pytest.mark.parametrize("name", ["arms.share.main"])
def test_its_code_prints_the_number(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    exec("\n".join(number_code(NUMBERS[name])), {})  # noqa: S102 - the code of the report
    assert capsys.readouterr().out == f"{NUMBERS[name].printed}\n"


def test_a_call_is_made_and_written_down() -> None:
    made = call(pd.concat, [given("old", TABLE).arg, given("new", TABLE).arg])
    assert len(made.value) == 4
    assert code_lines({"table": made}) == ("concat = pd.concat([old, new])", "table = concat")


def test_the_same_call_is_written_once_and_two_others_have_two_names() -> None:
    halves = [call(pd.concat, [given("a", TABLE).arg], ignore_index=flag) for flag in (True, False)]
    again = call(pd.concat, [given("a", TABLE).arg], ignore_index=True)
    wanted = [*halves, again]
    lines = code_lines({f"part{place}": made for place, made in enumerate(wanted)})
    assert lines == (
        "concat = pd.concat([a], ignore_index=True)",
        "concat_2 = pd.concat([a], ignore_index=False)",
        "part0 = concat",
        "part1 = concat_2",
        "part2 = concat",
    )


def test_a_name_that_is_wanted_is_given_to_nothing_else() -> None:
    value = call(pd.concat, [given("a", TABLE).arg]).called("value")
    assert code_lines({"value": value})[-1] == "value = value_2"


@pytest.mark.parametrize(
    ("argument", "written"),
    [
        (2016, "2016"),
        (np.float64(0.5), "0.5"),
        ("it's", '"it\'s"'),
        (1e6, "1e6"),
        (1e5 + 1, "100001.0"),
        ((1,), "(1,)"),
        ([1, "a", None], '[1, "a", None]'),
        ({"IRN": 0.1}, '{"IRN": 0.1}'),
        (dt.date(2023, 3, 21), "dt.date(2023, 3, 21)"),
        (
            fl.Period.year(1402, calendar="solar-hijri"),
            'fl.Period.year(1402, calendar="solar-hijri")',
        ),
        (fl.Counting(by="order", status=("New",)), 'fl.Counting(by="order", status=("New",))'),
    ],
)
def test_an_argument_is_written_as_python(argument: object, written: str) -> None:
    made = noted(None, print, argument)
    assert code_lines({"nothing": made})[0] == f"print = print({written})"
    if "dt." not in written:
        assert eval(written, {"fl": fl}) == argument  # noqa: S307 - what was just written


def test_a_period_without_a_name_is_written_by_its_days() -> None:
    days = dt.date(2023, 1, 5), dt.date(2023, 2, 3)
    made = noted(None, print, fl.Period(*days, "five weeks", "gregorian"))
    assert code_lines({"nothing": made})[0] == (
        "print = print(\n    fl.Period(start=dt.date(2023, 1, 5), end=dt.date(2023, 2, 3), "
        'label="five weeks", calendar="gregorian"),\n)'
    )


def test_an_argument_that_is_not_there_is_not_written() -> None:
    made = noted(None, pd.DataFrame.drop_duplicates, subset=None, keep="last")
    assert code_lines({"nothing": made})[0].endswith('drop_duplicates(keep="last")')
    chosen = noted(TABLE, fl.select_flows, given("table", TABLE).arg, dataset=None)
    assert code_lines({"nothing": chosen})[0] == "rows = fl.select_flows(table, dataset=None)"


def test_what_nobody_else_can_call_or_write_is_refused() -> None:
    with pytest.raises(TypeError, match=r"Runner\.run: expected a public function"):
        noted(None, Runner().run, "")
    with pytest.raises(
        TypeError, match=r"expected an argument that code can hold.* found DataFrame"
    ):
        noted(None, print, TABLE)


@pytest.mark.parametrize(
    "take",
    [
        lambda table: 1 if table.empty else 2,
        len,
        list,
        lambda table: "value" in table,
    ],
)
def test_a_part_has_no_conditions_and_no_loops(take: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match="attributes, items, calls and arithmetic"):
        given("table", TABLE).part(take)


NUMBERS_IN = st.sampled_from(["a", "b", "2", "0.5"])
EXPRESSIONS = st.recursive(
    NUMBERS_IN,
    lambda inner: (
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(
            lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
        )
        | inner.map(lambda one: f"(-{one})")
    ),
    max_leaves=8,
)


@hypothesis.given(EXPRESSIONS)
def test_a_part_is_written_so_that_it_gives_itself(expression: str) -> None:
    pair = pd.Series({"a": 3.0, "b": 7.0})
    taken = expression.replace("a", "pair['a']").replace("b", "pair['b']")
    hypothesis.assume("pair" in taken)
    take = eval(f"lambda pair: {taken}")  # noqa: S307 - made above
    try:
        with np.errstate(all="raise"):
            made = given("pair", pair).part(take)
    except (ZeroDivisionError, FloatingPointError):
        hypothesis.reject()
    written = code_lines({"value": made})[0].removeprefix("value = ")
    assert str(eval(written, {"pair": pair})) == str(made.value)  # noqa: S307 - what was written


def test_a_part_of_a_part_keeps_its_order() -> None:
    share = given("share", 0.5).part(lambda one: one + 1).part(lambda one: 100 * one)
    assert (code_lines({"value": share}), share.value) == (("value = 100 * (share + 1)",), 150.0)


def test_items_and_comparisons_are_written_as_pandas_takes_them() -> None:
    part = given("table", TABLE).part(lambda rows: rows.loc[rows["value"] > 1, "value"].sum())
    assert part.value == 2.0
    assert code_lines({"v": part}) == ('v = table.loc[table["value"] > 1, "value"].sum()',)
    ends = given("table", TABLE).part(lambda rows: rows["value"].iloc[0:1])
    assert code_lines({"v": ends}) == ('v = table["value"].iloc[0:1]',)


def test_a_missing_value_is_none() -> None:
    assert present(given("largest", None)) is None
    known = present(given("largest", 2.0))
    assert known is not None
    assert known.value == 2.0


def test_a_long_call_has_a_line_an_argument() -> None:
    text = "a text that is so long that not all of the arguments fit into one line"
    lines = code_lines({"v": noted(None, print, text, text)})
    assert lines[0] == f'print = print(\n    "{text}",\n    "{text}",\n)'


def test_data_sets_are_found_in_a_join_of_loads_only() -> None:
    loads = [noted(TABLE, fl.load, name) for name in ("a@1", "b@2")]
    joined = noted(TABLE, fl.join_flows, [made.arg for made in loads])
    assert loaded_by(joined.expression) == {"a@1", "b@2"}
    assert loaded_by(noted(TABLE, fl.select_flows, joined.arg).expression) == set()
    assert loaded_by(given("arms", TABLE).expression) == set()


def test_the_arguments_of_a_call_are_read_back() -> None:
    code = ("arms = fl.load('a@1')", "share = fl.share(arms, start=2016, of='imports', rules=r)")
    assert read_call(code, "fl.share") == {"start": 2016, "of": "imports"}
    assert read_call(code, "fl.series") is None


def test_code_has_the_imports_that_it_needs() -> None:
    lines = list(runnable(("day = dt.date(2023, 3, 21)", "value = np.exp(1)")))
    assert lines[:4] == ["import datetime as dt", "import flows as fl", "import numpy as np", ""]


def test_a_long_list_or_pair_has_a_row_an_item() -> None:
    names = [f"data-set-of-a-name-that-is-long@{number}" for number in range(3)]
    rows = "".join(f'        "{name}",\n' for name in names)
    listed = noted(None, fl.list_sources, only=names)
    assert (
        code_lines({"v": listed})[0] == f"sources = fl.list_sources(\n    only=[\n{rows}    ],\n)"
    )
    long = given("a_result_with_a_name_that_is_quite_long", pd.Series({"low": 1.0, "high": 2.0}))
    ends = long.part(lambda result: (100 * result["low"] / 7, 100 * result["high"] / 7))
    written = code_lines({"low, high": ends})[0]
    assert written.splitlines()[0] == "low, high = ("
    assert max(map(len, written.splitlines())) < 80


def test_a_long_dict_has_a_row_an_item() -> None:
    amounts = {
        f"a flow of a name that is quite long {number}": float(number) for number in (1, 2, 3)
    }
    written = code_lines({"v": call(pd.Series, amounts)})[0]
    rows = "".join(f'        "{name}": {value},\n' for name, value in amounts.items())
    assert written == f"series = pd.Series(\n    {{\n{rows}    }},\n)"


def test_a_call_that_was_made_before_is_not_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    join = fl.join_flows

    def note(tables: list[pd.DataFrame]) -> pd.DataFrame:
        made.append(len(tables))
        return join(tables)

    note.__qualname__ = note.__name__ = "join_flows"
    monkeypatch.setattr(fl, "join_flows", note)
    table = fl.load(example_path("cow_trade"))

    def joined(name: str) -> Made[pd.DataFrame]:
        return call(note, [noted(table, fl.load, name).arg])

    with remember_calls():
        first, again, other = joined("a@1"), joined("a@1"), joined("b@1")
        assert made == [1, 1]
        assert first.value is again.value
        assert first.value is not other.value
        assert code_lines({"value": again}) == code_lines({"value": joined("a@1")})
        anyone = [call(note, [given("table", table).arg]) for _ in range(2)]
        assert made == [1] * 4, "a name that was given may be given to another value"
        assert anyone[0].value is not anyone[1].value
    joined("a@1")
    assert made == [1] * 5


def test_an_error_is_raised_each_time() -> None:
    table = given("table", 1.0)
    with remember_calls():
        for _ in range(2):
            with pytest.raises(AttributeError):
                call(fl.join_flows, [table.arg])
