"""What a command loads before it does anything: most of the time that a short one takes."""

import subprocess
import sys

import pytest

FOR_FLOORS_ALONE = ("numpy", "dialer.core.engine", "dialer.core.step")
FOR_DATA_ALONE = ("sqlalchemy", "phonenumbers")


def loaded_by(*words):
    """Return the names of the modules that a command line loaded."""
    code = "import sys; from cli.main import carry_out; carry_out(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("words", [["--version"], ["agent", "login", "--help"], ["campaign", "--help"]])
def test_help_of_one_group_loads_neither_database_nor_engine(words):
    assert not loaded_by(*words) & {*FOR_FLOORS_ALONE, *FOR_DATA_ALONE}


@pytest.mark.parametrize(
    "words",
    [
        ["agent", "list"],
        ["agent", "login", "anna"],
        ["campaign", "start", "spring"],
        ["call", "list", "--campaign", "spring"],
        ["dnc", "check", "+12025550123"],
    ],
)
def test_a_command_that_asks_the_database_loads_no_engine(words, tmp_path):
    assert not loaded_by("--database", f"{tmp_path}/dialer.db", *words) & {*FOR_FLOORS_ALONE}
