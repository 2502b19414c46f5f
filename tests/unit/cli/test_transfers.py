"""Who can be called to a talk from the command line, and what is kept of it."""

import pytest
from sqlalchemy import select

from dialer.storage import schema
from dialer.storage.database import open_database


@pytest.fixture
def place(tmp_path, dialer):
    """Return the URL of a database with two agents."""
    url = f"sqlite:///{tmp_path / 'dialer.db'}"
    for name in ("anna", "bert"):
        dialer("agent", "add", name, "--phone", f"sip:{name}@192.0.2.5", "--database", url)
    return url


@pytest.mark.parametrize(
    ("to", "words"),
    [
        pytest.param("+1212555", "", id="too short"),
        pytest.param("+12125550123\r\nX-Header: 1", "", id="a line end"),
        pytest.param("+1 212 555 0123", "+12125550123", id="in groups"),
        pytest.param("+911", "", id="an emergency number"),
        pytest.param("sip:x@evil host", "", id="no address"),
        pytest.param("sip:x\r\n@192.0.2.5", "", id="a line end in an address"),
        pytest.param("nobody", "nobody", id="no agent"),
        pytest.param("${EXTEN}", "", id="an expression"),
    ],
)
@pytest.mark.parametrize("command", ["transfer", "consult", "conference"])
def test_what_is_no_number_phone_or_agent_is_not_called(dialer, place, command, to, words):
    said = dialer("call", command, "anna", to, "--database", place, code=2)

    assert words in said["error"]
    database = open_database(place)
    with database.read() as connection:
        assert connection.execute(select(schema.guest)).all() == []
        assert connection.execute(select(schema.request)).all() == []
    database.close()


def test_without_a_run_nobody_is_called(dialer, place):
    said = dialer("call", "transfer", "anna", "+12125550123", "--database", place, code=1)

    assert "dialer run" in said["error"]
