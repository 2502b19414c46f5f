"""What the tests of the command line share."""

import json

import pytest

from cli.main import carry_out


@pytest.fixture
def dialer(capsys):
    """Carry out a command and return its answer, or its error."""

    def ask(*arguments, code=0):
        assert carry_out([*arguments, "--json"]) == code
        printed = capsys.readouterr()
        return json.loads(printed.err if code else printed.out)

    return ask
