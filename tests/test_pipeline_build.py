import json
import os
import shutil
from pathlib import Path

import pytest
from toy_project import edit, make_project, published, raw_file

from flows.errors import HashError, ReportError, SourceError, UnknownNameError
from flows.figures import FIGURE_FORMATS
from flows.pipeline import build as build_module
from flows.pipeline.build import Build, build_report, hold_workshop
from flows.report import manifest
from flows.report.appendices import find_appendices
from flows.report.manifest import read_manifest
from flows.sources import file_sha256

STEPS = 9
DATA_STEPS = ("data armstat-by-country@2025-02", "data cow-trade@4.0", "data package")
FIGURE = {f"reports/figures/trade-by-year.{kind}" for kind in FIGURE_FORMATS}
TABLE = {f"reports/tables/trade-total.{kind}" for kind in ("csv", "html", "tex", "typ")}
OTHERS = {
    "data/processed/armstat-by-country@2025-02.parquet",
    "data/processed/cow-trade@4.0.parquet",
    "data/processed/datapackage.json",
    "reports/appendix.docx",
    "reports/index.html",
    "reports/metadata.json",
    "reports/appendix.pdf",
    "reports/manifest.json",
    "reports/numbers.json",
    "reports/numbers.tex",
}


def test_first_build_makes_and_publishes_every_file(tmp_path: Path, built: Path) -> None:
    again = make_project(tmp_path)
    done = build_report(again)
    assert len(done.made) == done.steps == STEPS
    assert set(DATA_STEPS) < set(done.made)
    assert set(done.written) == FIGURE | TABLE | OTHERS
    assert done.written[-1] == "reports/manifest.json"
    assert published(again) == published(built), "the same inputs give the same bytes"


def test_second_build_does_nothing_even_where_the_project_was_moved_to(project: Path) -> None:
    before = published(project)
    assert build_report(project) == Build(steps=STEPS)
    assert published(project) == before


def test_a_second_build_does_not_start_pytask(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> list[str]:
        raise AssertionError("a step was run")

    monkeypatch.setattr(build_module, "_run", refuse)
    assert build_report(project) == Build(steps=STEPS)


def test_a_parameter_rebuilds_what_rests_on_it(project: Path) -> None:
    edit(project / "reports/appendix.toml", 'partner = "IRN"', 'partner = "IRN", factor = 2.0')
    done = build_report(project)
    assert not set(done.made) & set(DATA_STEPS)
    assert {"study trade", "numbers", "appendix"} <= set(done.made)
    numbers = json.loads((project / "reports/numbers.json").read_text(encoding="utf-8"))
    assert numbers["trade.total"]["value"] == pytest.approx(2 * (0.500 + 0.501))
    recorded = json.loads((project / "reports/manifest.json").read_text(encoding="utf-8"))
    assert recorded["parameters"]["trade"]["factor"] == 2.0


def test_the_text_rebuilds_the_appendix_only(project: Path) -> None:
    edit(project / "reports/appendix.md", "shows them", "shows it")
    assert build_report(project).made == ("appendix",)


def test_an_edit_that_keeps_size_and_time_is_seen(project: Path) -> None:
    text = project / "reports/appendix.md"
    time = text.stat().st_mtime_ns
    edit(text, "shows them", "shows four")
    os.utime(text, ns=(time, time))
    assert build_report(project).made == ("appendix",)


def test_a_changed_line_of_the_package_rebuilds_everything(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifest, "package_sha256", lambda: "another")
    done = build_report(project)
    assert len(done.made) == STEPS
    assert done.written == ("reports/manifest.json",), "no other byte changes"


def test_another_environment_rebuilds_everything_and_the_manifest_is_the_same(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = manifest.read_environment()
    monkeypatch.setattr(build_module, "read_environment", lambda: {**here, "blas": "another"})
    done = build_report(project)
    assert len(done.made) == STEPS
    assert done.written == ()
    record = json.loads((project / ".flows/environment.json").read_text(encoding="utf-8"))
    assert record["environment"]["blas"] == "another"
    assert build_report(project) == Build(steps=STEPS)


def test_a_report_from_elsewhere_is_built_once_and_no_byte_changes(
    project: Path, built: Path
) -> None:
    shutil.rmtree(project / ".flows")
    shutil.rmtree(project / "data/processed")
    done = build_report(project)
    assert len(done.made) == STEPS
    assert all(name.startswith("data/processed/") for name in done.written)
    assert published(project) == published(built)
    assert build_report(project) == Build(steps=STEPS)


def test_a_report_brought_from_another_commit_is_not_taken_for_the_last_build(
    project: Path, built: Path
) -> None:
    edit(project / "reports/manifest.json", '"bytes": ', '"bytes": 1')
    assert build_report(project).written == ("reports/manifest.json",)
    assert published(project) == published(built)


def test_force_runs_every_step(project: Path) -> None:
    assert len(build_report(project, force=True).made) == STEPS


def test_deleted_files_come_back_without_running_a_step(project: Path, built: Path) -> None:
    shutil.rmtree(project / "data/processed")
    (project / "reports/numbers.json").unlink()
    done = build_report(project)
    assert done.made == ()
    assert published(project) == published(built)


def test_deleted_workshop_is_made_again_with_the_same_bytes(project: Path, built: Path) -> None:
    shutil.rmtree(project / ".flows")
    (project / "reports/appendix.pdf").unlink()
    assert len(build_report(project).made) == STEPS
    assert published(project) == published(built)


def test_a_changed_byte_stops_the_build_and_touches_nothing(project: Path) -> None:
    before = published(project)
    raw = raw_file(project)
    edit(raw, "1000.5", "1000.6")
    with pytest.raises(HashError, match=r"armstat\.csv: expected sha256 \w{64}, found \w{64}"):
        build_report(project, force=True)
    assert published(project) == before


def test_an_error_in_a_late_step_leaves_the_last_report(project: Path) -> None:
    edit(project / "reports/appendix.toml", 'partner = "IRN"', 'partner = "IRN", factor = 2.0')
    edit(project / "reports/appendix.md", 'figure("trade-by-year")', 'figure("trade-by-yaer")')
    before = published(project)
    with pytest.raises(ReportError, match=r"appendix\.md:3: .*trade-by-yaer"):
        build_report(project)
    assert published(project) == before


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), RuntimeError("broken")])
def test_a_stop_in_a_step_leaves_the_last_report(
    project: Path, monkeypatch: pytest.MonkeyPatch, stop: BaseException
) -> None:
    def stopping(**_: object) -> None:
        raise stop

    before = published(project)
    edit(project / "reports/appendix.toml", 'partner = "IRN"', 'partner = "IRN", factor = 2.0')
    inputs = {**before, "reports/appendix.toml": published(project)["reports/appendix.toml"]}
    with monkeypatch.context() as patch:
        patch.setattr("flows.pipeline.tasks.render_markdown", lambda *_, **__: stopping())
        with pytest.raises(type(stop)):
            build_report(project)
    assert published(project) == inputs
    assert "appendix" in (made := build_report(project).made)
    assert "study trade" not in made, "what had run is kept"


def test_an_interrupted_publish_is_completed_by_the_next_build(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(project / "reports/appendix.toml", 'partner = "IRN"', 'partner = "IRN", factor = 2.0')
    before = published(project)
    real = os.replace
    places: list[str] = []

    def power_off_at_the_third(ready: Path, place: Path) -> None:
        if Path(place).is_relative_to(project / "reports") and Path(ready).name != "probe":
            places.append(Path(place).name)
            if len(places) == 3:
                raise SystemExit
        real(ready, place)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", power_off_at_the_third)
        with pytest.raises(SystemExit):
            build_report(project)
    mixed = published(project)
    assert sum(mixed[name] != before[name] for name in before) == 2
    with pytest.raises(ReportError, match="ended while it did; run flows build, which publishes"):
        find_appendices(project)
    build_report(project)
    whole = published(project)
    assert whole["reports/manifest.json"] != before["reports/manifest.json"]
    assert read_manifest(project / "reports/manifest.json").has_outputs(project)
    assert build_report(project) == Build(steps=STEPS)


@pytest.mark.usefixtures("built")
def test_only_makes_one_exhibit_and_what_it_needs(tmp_path: Path) -> None:
    root = make_project(tmp_path)
    done = build_report(root, only=["trade-by-year"])
    assert done.made == (
        "data armstat-by-country@2025-02",
        "study trade",
        "colours",
        "figure trade-by-year",
    )
    assert set(done.written) == FIGURE | {"data/processed/armstat-by-country@2025-02.parquet"}
    assert not (root / "reports/manifest.json").exists()


def test_only_takes_names_that_exist(project: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"no exhibit 'trade-by-yaer'.*trade-by-year"):
        build_report(project, only=["trade-by-yaer"])


def test_out_leaves_the_project_alone(project: Path, tmp_path: Path) -> None:
    before = published(project)
    edit(project / "reports/appendix.md", "shows them", "shows it")
    changed = published(project)
    done = build_report(project, out=tmp_path / "out")
    assert published(project) == changed
    assert set(published(tmp_path / "out")) == set(done.written) == FIGURE | TABLE | OTHERS
    assert published(tmp_path / "out")["reports/numbers.json"] == before["reports/numbers.json"]


def test_an_exhibit_that_is_gone_takes_its_files_along(project: Path) -> None:
    edit(project / "reports/appendix.toml", 'tables = ["trade-total"]\n', "")
    edit(project / "reports/appendix.md", '{{ table("trade-total") }}', "")
    (project / "reports/notes.txt").write_text("by hand", encoding="utf-8")
    done = build_report(project)
    assert set(done.removed) == TABLE
    assert (project / "reports/notes.txt").exists()
    assert (project / "reports/appendix.toml").exists()


def test_a_manifest_cannot_name_foreign_files_for_removal(project: Path) -> None:
    record = project / "reports/manifest.json"
    content = json.loads(record.read_text(encoding="utf-8"))
    names = ("notes.txt", "reports/../notes.txt", "reports/mine.txt", "reports/appendix.md")
    (project / "notes.txt").write_text("by hand", encoding="utf-8")
    (project / "reports/mine.txt").write_text("by hand", encoding="utf-8")
    for name in names:
        content["outputs"][name] = {"sha256": file_sha256(project / name), "bytes": 7}
    record.write_text(json.dumps(content), encoding="utf-8")
    assert build_report(project).removed == ()
    assert all((project / name).is_file() for name in names)


def test_a_changed_file_of_an_exhibit_that_is_gone_stays_and_is_named(project: Path) -> None:
    edit(project / "reports/appendix.toml", 'tables = ["trade-total"]\n', "")
    edit(project / "reports/appendix.md", '{{ table("trade-total") }}', "")
    (project / "reports/tables/trade-total.csv").write_text("by hand", encoding="utf-8")
    done = build_report(project)
    assert done.kept == ("reports/tables/trade-total.csv",)
    assert set(done.removed) == TABLE - set(done.kept)
    assert "reports/tables/trade-total.csv: no longer part of the report" in done.summary()


def test_a_figure_that_the_plan_drops_and_the_text_names_is_an_error(project: Path) -> None:
    before = published(project)
    edit(project / "reports/appendix.toml", 'figures = ["trade-by-year"]\n', "")
    changed = published(project)
    with pytest.raises(ReportError, match=r"appendix\.md:1: .*figure, found 'trade-by-year'"):
        build_report(project)
    assert published(project) == changed
    assert changed.keys() == before.keys()


def test_of_two_errors_the_first_step_s_is_told_in_any_order(project: Path) -> None:
    edit(project / "reports/appendix.toml", 'partner = "IRN"', 'partner = "USA"')
    second = (project / "reports/appendix.toml").read_text(encoding="utf-8")
    for index in range(8):
        second += f'[[study]]\nid = "s{index}"\nstudy = "s{index}"\n'
    (project / "reports/appendix.toml").write_text(second, encoding="utf-8")
    with pytest.raises(ReportError, match="study trade: expected rows of USA"):
        build_report(project)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('study = "toy"', 'study = "toi"', r"study trade: no kind of study 'toi'.*toy"),
        (
            'partner = "IRN"',
            'partnr = "IRN"',
            "study trade: .*partnr|study trade: missing.*partner",
        ),
        ('partner = "IRN"', 'partner = "USA"', "study trade: expected rows of USA"),
        ("@2025-02", "@2025-03", r"study trade: no data set .*armstat-by-country@2025-02"),
        ("trade-total", "trade-sum", "no table 'trade-sum'.*trade-total"),
        ('"IRN"', "2025-01-01", "expected text, numbers and lists"),
    ],
)
def test_a_fault_in_the_plan_is_named(project: Path, old: str, new: str, message: str) -> None:
    edit(project / "reports/appendix.toml", old, new)
    with pytest.raises(ReportError, match=message):
        build_report(project)


def test_a_missing_text_is_named(project: Path) -> None:
    (project / "reports/appendix.md").unlink()
    with pytest.raises(ReportError, match=r"appendix\.md: expected this part of the report"):
        build_report(project)


def test_a_source_without_description_stops_the_build(project: Path) -> None:
    (project / "data/raw/cow-trade/4.0/source.toml").unlink()
    with pytest.raises(SourceError, match=r"4\.0: expected a file source\.toml"):
        build_report(project)


def test_a_broken_state_of_earlier_builds_is_named(project: Path) -> None:
    (project / "reports/numbers.json").unlink()
    (project / ".flows/pytask/pytask.lock").write_text("broken", encoding="utf-8")
    with pytest.raises(ReportError, match=r"\.flows: the state of earlier builds cannot be read"):
        build_report(project)


def test_second_build_in_the_same_workshop_is_refused_and_loses_nothing(project: Path) -> None:
    before = published(project)
    with hold_workshop(project / ".flows"), pytest.raises(ReportError, match="no build at work"):
        build_report(project, force=True)
    assert published(project) == before
    assert len(build_report(project, force=True).made) == STEPS
