"""Programs that are killed leave the old files or the new; .ci/kills.py tries it more often."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

KILLS = Path(__file__).parents[1] / ".ci" / "kills.py"


@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
@pytest.mark.parametrize("work", ["build", "convert"])
def test_a_killed_program_leaves_the_old_files_or_the_new(work: str) -> None:
    command = [sys.executable, str(KILLS), "--kills", "6", "--seed", "7", "--only", work]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    outcomes = re.findall(rf"^{work}: (\d+) times the (?:old|new) files", done.stdout, re.MULTILINE)
    assert sum(map(int, outcomes)) == 6
    assert done.stdout.endswith("6 kills, 0 damaged\n")
