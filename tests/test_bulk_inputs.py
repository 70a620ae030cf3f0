"""What a conversion is given: files of one layout, from their names to the frame of an engine."""

from pathlib import Path

from flows.bulk.inputs import (
    check_asked,
    input_paths,
    input_size,
    layout_of,
    releases_of,
)
from flows.loaders.examples import example_path


def test_check_asked() -> None:
    check_asked(["exporter"], "baci", "500MB")


def test_input_paths() -> None:
    assert [path.name for path in input_paths([example_path("baci")])] == ["baci.csv"]


def test_layout_of() -> None:
    assert layout_of([example_path("baci")], None) == "baci"


def test_input_size() -> None:
    assert input_size(example_path("baci")) == 151


def test_releases_of() -> None:
    assert releases_of([Path("BACI_HS92_Y2020_V202401b.csv")]) == ("202401b",)
