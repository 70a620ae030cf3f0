"""Names of countries beside raw data: part of the data set, hashed, an input of the report."""

from pathlib import Path

import pytest

from flows.errors import HashError, SourceError
from flows.loaders import load_source
from flows.pipeline.add import add_files
from flows.pipeline.graph import Places, list_inputs, make_data_steps
from flows.pipeline.trace import read_raw_lines
from flows.report.manifest import describe_inputs
from flows.sources import Source, find_source, verify_source

REGISTER = "t,i,j,k,v,q\n2022,998,51,210610,1.5,\n"


@pytest.fixture
def added(tmp_path: Path) -> Source:
    """Return a data set that loads with the user's names only."""
    (tmp_path / "project" / "data" / "raw").mkdir(parents=True)
    reports = tmp_path / "project" / "reports"
    reports.mkdir()
    for name in ("appendix.toml", "appendix.md", "references.bib"):
        (reports / name).touch()
    (tmp_path / "baci.csv").write_text(REGISTER, encoding="utf-8")
    (tmp_path / "names.toml").write_text('[names]\n998 = "AFG"\n', encoding="utf-8")
    return add_files(tmp_path / "project", [tmp_path / "baci.csv"], name="mine@1")


def test_names_come_along_and_are_used(added: Source) -> None:
    assert sorted(added.files) == ["baci.csv", "names.toml"]
    assert [path.name for path in added.tables] == ["baci.csv"]
    assert load_source(added)["exporter"].tolist() == ["AFG"]
    root = added.folder.parents[3]
    assert read_raw_lines(root, "mine@1", (2,))[0].text == "2022,998,51,210610,1.5,"


def test_the_manifest_has_their_hash_and_a_change_is_seen(added: Source) -> None:
    root = added.folder.parents[3]
    places = Places(root, root / ".flows")
    manifest = describe_inputs(root, list_inputs(places, [added]), {})
    name = "data/raw/mine/1/names.toml"
    assert manifest.inputs[name] == added.files["names.toml"]
    steps = {step.name: step for step in make_data_steps(places, [added])}
    assert added.folder / "names.toml" in steps["data mine@1"].inputs
    (added.folder / "names.toml").write_text('[names]\n998 = "ALB"\n', encoding="utf-8")
    with pytest.raises(HashError, match=r"names\.toml: expected sha256"):
        verify_source(find_source("mine@1", root))


def test_names_that_were_not_entered_are_refused(added: Source) -> None:
    source = added.folder / "source.toml"
    lines = source.read_text(encoding="utf-8").splitlines()
    source.write_text("\n".join(line for line in lines if "names.toml" not in line), "utf-8")
    with pytest.raises(SourceError, match=r"names\.toml: expected only files that source\.toml"):
        load_source(find_source("mine@1", added.folder.parents[3]))


def test_names_alone_are_no_data_set(added: Source) -> None:
    source = added.folder / "source.toml"
    lines = source.read_text(encoding="utf-8").splitlines()
    source.write_text("\n".join(line for line in lines if "baci.csv" not in line), "utf-8")
    (added.folder / "baci.csv").unlink()
    with pytest.raises(
        SourceError, match=r"expected a file of figures under \[files\], found none"
    ):
        load_source(find_source("mine@1", added.folder.parents[3]))
