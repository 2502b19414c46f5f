import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("dialer")


@dataclass
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


class Shell:
    """The installed command in a directory of its own, without the environment's settings."""

    def __init__(self, directory):
        self.directory = directory
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("DIALER_")}

    def __call__(self, *words, within_s=180):
        done = subprocess.run(
            [COMMAND, *words],
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=within_s,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def start(self, *words):
        return subprocess.Popen(
            [COMMAND, *words],
            cwd=self.directory,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def write(self, name, content):
        path = self.directory / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return name


@pytest.fixture
def dialer(tmp_path):
    return Shell(tmp_path)
