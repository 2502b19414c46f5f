import pytest

from cli.trial.place import check_allowed, read_number
from dialer.errors import ConfigError, RuleError
from dialer.storage import do_not_call, schema
from dialer.storage.database import open_database
from dialer.storage.workspaces import mark_halted

NUMBER = "+12125550123"


@pytest.mark.parametrize("written", ["+12125550123", "(212) 555-0123"])
def test_a_number_may_be_written_as_in_a_list(written):
    assert read_number(written, "US") == NUMBER


@pytest.mark.parametrize("written", ["911", "12", "+19005550123", "sip:anna@192.0.2.10", ""])
def test_what_is_never_called_is_not_dialed(written):
    with pytest.raises(ConfigError):
        read_number(written, "US")


@pytest.fixture
def place(tmp_path):
    database = open_database(f"sqlite:///{tmp_path}/dialer.db")
    with database.write() as connection:
        yield connection, _workspace(connection)
    database.close()


def _workspace(connection):
    made = schema.workspace.insert().values(name="default").returning(schema.workspace.c.id)
    return connection.execute(made).scalar_one()


def test_a_number_that_nothing_forbids_may_be_called(place):
    check_allowed(*place, NUMBER)


def test_a_number_on_the_do_not_call_list_is_refused_with_its_reason(place):
    do_not_call.add(*place, [NUMBER], who="test", reason="asked", at=0.0)
    with pytest.raises(RuleError, match="do-not-call list \\(asked\\)"):
        check_allowed(*place, NUMBER)


def test_a_halt_holds_for_test_calls_too(place):
    mark_halted(*place, "wrong list", at=1.0)
    with pytest.raises(RuleError, match="dialer resume"):
        check_allowed(*place, NUMBER)
