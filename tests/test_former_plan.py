"""A plan of the release before makes the same numbers; what no release knows is refused."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import flows as fl
from flows.findings import Number
from flows.pipeline.graph import Instance, read_plan
from flows.studies import STUDIES

PLAN = Path(__file__).parent / "fixtures" / "appendix-before-renaming.toml"
INSTANCES = {instance.id: instance for instance in read_plan(PLAN)}


def numbers_of(instance: Instance, sections: Sequence[str] | None) -> dict[str, Number]:
    findings = STUDIES[instance.study].find(
        instance.id,
        data={name: load_all(datasets) for name, datasets in instance.data.items()},
        question=instance.parameters,
        parameters=instance.of_sections,
        only=sections,
    )
    return {number.id: number for number in findings.numbers}


def load_all(datasets: str | Sequence[str]) -> pd.DataFrame:
    if isinstance(datasets, str):
        return fl.load(datasets)
    return fl.join_flows([fl.load(dataset) for dataset in datasets])


@pytest.mark.parametrize(
    ("name", "sections", "renamed"),
    [
        (
            "oil",
            ["silence"],
            ["nothing is negligible", "speaker is partner", "teller is reporter"],
        ),
        ("suppliers", ["suppliers_over_time"], ["seed is rng"]),
        ("arms", ["interval"], ["seed is rng"]),
    ],
)
def test_former_keys_make_the_numbers_of_the_report(
    name: str, sections: list[str], renamed: list[str]
) -> None:
    with pytest.warns(FutureWarning) as warned:
        numbers = numbers_of(INSTANCES[name], sections)
    for key, warning in zip(renamed, warned, strict=True):
        former, now = (f"({word}=...)" for word in key.split(" is "))
        message = str(warning.message)
        assert former in message.partition(" is now ")[0]
        assert message.endswith(now)
    published = fl.read_numbers()
    assert numbers
    for key, number in numbers.items():
        for part in ("value", "low", "high", "unit", "printed", "rows"):
            assert getattr(number, part) == getattr(published[key], part)


def test_a_key_that_no_release_knows_is_refused() -> None:
    oil = replace(INSTANCES["oil"], of_sections={"silence": {"tellers": "AZE"}})
    known = "reporter, negligible, partner, threshold"
    with pytest.raises(ValueError, match=f"silence: no parameter 'tellers'; there are: {known}"):
        numbers_of(oil, ["silence"])
    concealed = replace(oil, of_sections={"concealed": {}})
    with pytest.raises(
        ValueError, match="no section 'concealed'; there are: choices, all_pairs, bridge, "
    ):
        numbers_of(concealed, ["silence"])
