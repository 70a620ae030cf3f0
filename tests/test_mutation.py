"""The parts of mutation testing that need no mutmut, and its list of survivors."""

import importlib
import inspect
import textwrap

import pytest
from mutation_scores import Change, is_listed, listed, sample, score, table

NAMES = {
    "a.py": [f"a.x_f__mutmut_{n}" for n in range(100)],
    "b.py": ["b.x_g__mutmut_1"],
    "c.py": [],
}


def test_a_sample_is_the_same_for_a_seed_whatever_other_modules_there_are() -> None:
    drawn = sample(NAMES, share=0.1, each=0, seed=3)
    assert {path: len(names) for path, names in drawn.items()} == {"a.py": 10, "b.py": 1, "c.py": 0}
    assert sample({"a.py": NAMES["a.py"]}, share=0.1, each=0, seed=3)["a.py"] == drawn["a.py"]
    assert sample(NAMES, share=0.1, each=0, seed=4)["a.py"] != drawn["a.py"]
    assert len(sample(NAMES, share=0.1, each=7, seed=3)["a.py"]) == 7
    assert sample(NAMES, share=1.0, each=0, seed=3)["a.py"] == sorted(NAMES["a.py"])


def test_functions_and_methods_have_the_names_that_people_write() -> None:
    method = "flows.results.xǁResultǁtidy__mutmut_3"
    names = [Change(name, "", "", "").function for name in ("flows.a.x__of__mutmut_12", method)]
    assert names == ["flows.a._of", "flows.results.Result.tidy"]


def test_listed_changes_do_not_count() -> None:
    assert (score(10, 9, 0), score(10, 9, 1), score(0, 0, 0)) == (90.0, 100.0, 100.0)
    change = Change("flows.a.x_f__mutmut_1", "a.py", "x < 1", "x <= 1")
    entry = {"function": "flows.a.f", "before": " x < 1", "after": "x <= 1"}
    assert is_listed(change, [entry])
    assert not is_listed(change, [{**entry, "after": "x > 1"}])
    assert list(table([("a.py", 10, 9, 1)]))[1].split() == ["a.py", "10", "9", "1", "100.0%"]


@pytest.mark.parametrize("entry", listed(), ids=lambda entry: entry["function"])
def test_a_listed_survivor_has_a_reason_and_stands_in_the_code(entry: dict[str, str]) -> None:
    assert len(entry["reason"].split()) > 5
    module, _, name = entry["function"].rpartition(".")
    if module.rpartition(".")[2][:1].isupper():
        module, _, holder = module.rpartition(".")
        found = getattr(getattr(importlib.import_module(module), holder), name)
    else:
        found = getattr(importlib.import_module(module), name)
    source = textwrap.dedent(inspect.getsource(inspect.unwrap(found)))
    lines = {line.strip() for line in source.splitlines()}
    assert lines >= {line.strip() for line in entry["before"].strip().splitlines()}
