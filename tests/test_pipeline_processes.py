"""Steps in processes of their own: the same files and errors, and none outlives its build."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from toy_project import DATASETS, edit, make_project

from flows.errors import HashError, ReportError
from flows.pipeline.build import Build, build_report
from flows.pipeline.graph import Places, Step, make_data_steps
from flows.pipeline.processes import Processes
from flows.sources import list_sources

PLAN = """[[study]]
id = "pair"
study = "profile"
data = { trade = "armstat-by-country@2025-02" }
parameters = { exporter = "IRN", importer = "ARM" }

[[study]]
id = "sources"
study = "sources"
tables = ["sources-rights"]
"""

TEXT = """---
title: Two countries
---

{{ table("sources-rights") }}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = make_project(tmp_path / "project")
    (root / "reports/appendix.toml").write_text(PLAN, encoding="utf-8")
    (root / "reports/appendix.md").write_text(TEXT, encoding="utf-8")
    return root


def data_steps(project: Path) -> list[Step]:
    return make_data_steps(Places(project, project / ".flows"), list_sources(project))


def files(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".flows" not in path.parts
    }


def test_several_at_once_make_the_bytes_of_one_after_the_other(project: Path) -> None:
    alone = build_report(project, jobs=1)
    one_by_one = files(project)
    assert "reports/appendix.pdf" in alone.written
    again = build_report(project, jobs=2, force=True)
    assert sorted(again.made) == sorted(alone.made)
    assert files(project) == one_by_one
    assert build_report(project, jobs=2) == Build(alone.steps)
    edit(project / "reports/appendix.md", "Two countries", "A pair of countries")
    assert build_report(project, jobs=2).made == ("appendix",)


def test_an_error_in_a_process_is_the_error_of_the_step(project: Path) -> None:
    raw = project / "data/raw/cow-trade/4.0"
    broken = next(path for path in raw.iterdir() if path.suffix == ".csv")
    (step,) = (step for step in data_steps(project) if step.id == DATASETS[1])
    broken.write_bytes(broken.read_bytes() + b"\n")
    messages = []
    for jobs in (1, 2):
        with pytest.raises(HashError) as caught:
            run(step, project, jobs=jobs)
        messages.append(str(caught.value))
    assert messages[0] == messages[1]
    assert broken.name in messages[0]


def run(step: Step, project: Path, *, jobs: int) -> list[str]:
    from flows.pipeline.runner import run_steps  # noqa: PLC0415 - as the build imports it

    return run_steps([step], project / ".flows", foundation={}, jobs=jobs)


def test_a_killed_process_is_named_with_its_step_and_the_next_step_has_another(
    project: Path,
) -> None:
    first, second, _ = data_steps(project)
    first.outputs[0].parent.mkdir(parents=True)
    with Processes(1) as processes:
        worker = processes.find(first)
        assert worker is not None
        worker.process.send_signal(signal.SIGKILL)
        with pytest.raises(ReportError, match=f"{first.title}: .* signal 9; .*--jobs 1"):
            processes.make(first, worker).result()
        other = processes.find(second)
        assert other is not None
        processes.make(second, other).result()
    assert second.outputs[0].is_file()


def test_studies_of_the_same_tables_wait_for_the_same_process() -> None:
    same, other, figure = (
        Step(name, "write", {argument: Path("a.parquet")}, {"target": Path(f"{name}.json")})
        for name, argument in (("one", "tables"), ("two", "tables"), ("three", "findings"))
    )
    with Processes(2) as processes:
        first = processes.find(same)
        assert first is not None
        first.busy = True
        assert processes.find(other) is None
        assert processes.find(figure) not in {None, first}
        first.busy = False
        assert processes.find(other) is first


_HOLDER = """
import sys, time
from pathlib import Path
from flows.pipeline.graph import Step
from flows.pipeline.processes import Processes
with Processes(1) as processes:
    worker = processes.find(Step("a", "write", {}, {}))
    print(worker.process.pid, flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
def test_processes_end_with_a_build_that_is_killed() -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDER],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    with holder:
        assert holder.stdout is not None
        pid = int(holder.stdout.readline())
        holder.kill()
    deadline = time.monotonic() + 30
    while is_there(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_there(pid)


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not (state.is_file() and state.read_text().rpartition(")")[2].split()[0] == "Z")
