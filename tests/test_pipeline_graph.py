from dataclasses import replace
from pathlib import Path

import pytest

from flows.errors import ReportError, UnknownNameError
from flows.pipeline.graph import (
    Instance,
    Places,
    Step,
    list_files,
    make_data_steps,
    make_steps,
    read_plan,
    select_steps,
    split_steps,
)

ARMS = Instance(id="arms", study="supplier", figures=("arms-by-year",), tables=("arms-shares",))
ABOUT = Instance(id="sources", study="sources")


def plan_of(tmp_path: Path, text: str) -> list[Instance]:
    path = tmp_path / "appendix.toml"
    path.write_text(text, encoding="utf-8")
    return read_plan(path)


def step(name: str, reads: str, writes: str) -> Step:
    return Step(name, "write", {"a": [Path(one) for one in reads]}, {"b": Path(writes)})


def test_a_plan_keeps_the_order_and_the_content_of_its_entries(tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path,
        """
        [[study]]
        id = "trade"
        study = "mirror"
        tables = ["t"]
        data = { trade = ["a@1", "b@2"], other = "c@3" }
        parameters = { period = { year = 1402 } }

        [[study]]
        id = "arms"
        study = "supplier"
        """,
    )
    assert plan == [
        Instance(
            id="trade",
            study="mirror",
            data={"trade": ["a@1", "b@2"], "other": "c@3"},
            parameters={"period": {"year": 1402}},
            tables=("t",),
        ),
        Instance(id="arms", study="supplier"),
    ]


def test_sections_stay_in_the_order_of_the_file_so_that_a_study_is_not_made_again(
    tmp_path: Path,
) -> None:
    names = ["share", "bounds", "windows", "deals", "choices", "revision", "context"]
    tables = "".join(f"[study.{name}]\nbelow = 1\n" for name in names)
    (study,) = plan_of(tmp_path, f'[[study]]\nid = "a"\nstudy = "b"\n{tables}')
    assert list(study.of_sections) == names


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[study", r"expected TOML, found an error"),
        ("[[studies]]", r"expected entries \[\[study\]\] only, found studies"),
        ("[study]\nid = 'a'", r"expected entries \[\[study\]\]"),
        ("[[study]]\nid = 'a'", r"study a: expected the key study, found none"),
        ("[[study]]\nstudy = 'a'", r"study without id: expected the key id"),
        ("[[study]]\nid = 'a'\nstudy = 'b'\ntable = ['c']", r"study a: .*found 'table'"),
        (
            "[[study]]\nid = 'a'\nstudy = 'b'\ntables = 'c'",
            r"study a: expected a list under tables",
        ),
        (
            "[[study]]\nid = 'a'\nstudy = 'b'\nparameters = {x = nan}",
            r"study a: expected text, num",
        ),
        ("[[study]]\nid = 'a'\nstudy = 'b'\n" * 2, r"expected each study once, found twice: a"),
        (
            "[[study]]\nid='a'\nstudy='b'\ntables=['t']\n[[study]]\nid='c'\nstudy='b'\ntables=['t']",
            r"expected each table once, found twice: t",
        ),
    ],
)
def test_a_faulty_plan_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ReportError, match=message):
        plan_of(tmp_path, text)


def test_a_missing_plan_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"appendix\.toml: expected the plan of a report"):
        read_plan(tmp_path / "appendix.toml")


def test_steps_end_in_the_appendix_and_each_comes_after_what_it_needs(tmp_path: Path) -> None:
    places = Places(tmp_path, tmp_path / ".flows")
    steps = [*make_data_steps(places, []), *make_steps(places, [], [ARMS, ABOUT])]
    names = [one.name for one in steps]
    assert names == [
        "data package",
        "study arms",
        "study sources",
        "colours",
        "figure arms-by-year",
        "table arms-shares",
        "numbers",
        "appendix",
    ]
    made: set[Path] = {
        tmp_path / "reports" / name for name in ("appendix.md", "appendix.toml", "references.bib")
    }
    for one in steps:
        assert set(one.inputs) <= made
        made |= set(one.outputs)


def test_selection_takes_what_is_needed_and_nothing_else() -> None:
    steps = [
        step("data a", "", "a"),
        step("data b", "", "b"),
        step("study s", "ab", "s"),
        step("figure f", "s", "f"),
        step("table f", "s", "t"),
        step("appendix", "ft", "p"),
    ]
    assert select_steps(steps, ["appendix"]) == steps
    assert select_steps(steps, ["b"]) == [steps[1]]
    assert select_steps(steps, ["f", "b"]) == steps[:5], "a figure and a table of one id"


def test_a_figure_made_alone_needs_no_other_study_for_its_colours(tmp_path: Path) -> None:
    other = replace(ARMS, id="trade", figures=("trade-by-year",), tables=())
    steps = make_steps(Places(tmp_path, tmp_path / ".flows"), [], [ARMS, other])
    alone = select_steps(steps, ["arms-by-year"])
    assert [one.name for one in alone] == ["study arms", "figure arms-by-year"]
    assert "colours" not in alone[-1].reads
    whole = select_steps(steps, ["appendix"])
    assert [one.name for one in whole] == [one.name for one in steps]
    assert all("colours" in one.reads for one in whole if one.name.startswith("figure"))


def test_a_study_that_lacks_its_file_takes_only_its_own_figure_away(tmp_path: Path) -> None:
    places = Places(tmp_path, tmp_path / ".flows")
    other = replace(ARMS, id="trade", figures=("trade-by-year",), tables=())
    steps = make_steps(places, [], [ARMS, other])
    (study,) = [one for one in steps if one.name == "study trade"]
    steps[steps.index(study)] = replace(study, reads={"tables": tmp_path / "lacking.parquet"})
    possible, blocked = split_steps(steps, [tmp_path / "lacking.parquet"])
    assert "figure arms-by-year" in [one.name for one in possible]
    assert "colours" not in [one.name for one in (*possible, *(one for one, _ in blocked))]
    assert "figure trade-by-year" in [one.name for one, _ in blocked]


def test_selection_of_an_unknown_name_lists_all_if_none_is_near() -> None:
    with pytest.raises(UnknownNameError, match="no exhibit 'xyz'; there are: a, numbers"):
        select_steps([step("data a", "", "a"), step("numbers", "a", "n")], ["xyz"])


def test_files_are_paths_only() -> None:
    with pytest.raises(TypeError, match="expected paths, found 'a'"):
        list(list_files(["a"]))  # type: ignore[list-item]
