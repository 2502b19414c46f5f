"""Getting Asterisk fails loudly, leaves nothing half made, and asks nobody for what is there."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "get-asterisk"


def get_asterisk(checkout, **environment):
    return subprocess.run(
        [checkout / ".ci" / "get-asterisk"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def checkout(tmp_path):
    (tmp_path / ".ci").mkdir()
    shutil.copy(SCRIPT, tmp_path / ".ci")
    return tmp_path


def test_without_a_mirror_it_says_what_to_do_and_leaves_nothing(checkout):
    done = get_asterisk(checkout, DEBIAN_MIRROR=f"file:{checkout}/nowhere")
    assert done.returncode == 1, done
    assert "no mirror in apt's configuration serves Debian's testing suite" in done.stderr
    assert "remedy: DEBIAN_MIRROR=ADDRESS make asterisk" in done.stderr
    assert [path.name for path in (checkout / ".asterisk").iterdir()] == ["lock"]


def test_what_is_there_is_not_fetched_again(checkout):
    tree = checkout / ".asterisk" / "tree"
    tree.mkdir(parents=True)
    (recipe,) = re.findall(r"^recipe=(.*)$", SCRIPT.read_text(), re.MULTILINE)
    (tree / "recipe").write_text(recipe)
    program = checkout / ".asterisk" / "asterisk"
    program.write_text("#!/bin/sh\necho Asterisk 22.0.0\n")
    program.chmod(0o755)
    done = get_asterisk(checkout, DEBIAN_MIRROR=f"file:{checkout}/nowhere")
    assert done.returncode == 0, done
    assert "Asterisk 22.0.0 is there already" in done.stderr
