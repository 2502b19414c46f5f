"""What a user gets: the wheel in an empty environment, far from the checkout."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2]


def run(*command, where):
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("DIALER_", "PYTHON"))
    }
    done = subprocess.run(
        command, cwd=where, env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done
    return done.stdout


# Long, because it installs everything anew.
@pytest.mark.soak
def test_the_wheel_alone_runs_the_demo(tmp_path):
    run(
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(tmp_path),
        ".",
        where=SOURCE,
    )
    (wheel,) = tmp_path.glob("*.whl")
    run(sys.executable, "-m", "venv", "environment", where=tmp_path)
    commands = tmp_path / "environment" / "bin"
    locked = SOURCE / "requirements" / "runtime.txt"
    run(commands / "pip", "install", "-q", "--require-hashes", "-r", str(locked), where=tmp_path)
    run(commands / "pip", "install", "-q", "--no-deps", str(wheel), where=tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shown = json.loads(run(commands / "dialer", "demo", "--json", "--leads", "8", where=elsewhere))
    assert shown["problems"] == []
    assert shown["leads"] == sum(shown["outcomes"].values()) == 8
    location = run(commands / "python", "-c", "import dialer; print(dialer.__file__)", where=elsewhere)
    assert location.startswith(str(tmp_path))
