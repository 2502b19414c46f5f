"""What holds for all tests, and the fixtures of those that keep something: each is run once on every database."""

import logging
import os

import pytest
from hypothesis import settings

from tests.postgres import Server
from tests.stores import make_store

# The machine is shared: how long an example took says nothing of the code. A change is judged by the same examples
# each time; new ones are looked for wherever somebody is there to see what they show.
settings.register_profile("untimed", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("untimed")


_WITH_CALLS = ("tests/contract/", "tests/integration/", "tests/e2e/")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Let tests that only compute come first: beside them, what happens in real time would happen late."""
    items.sort(key=lambda item: item.nodeid.startswith(_WITH_CALLS))


@pytest.fixture(autouse=True)
def logs_as_before():
    """Take back what a command set for the logs of its process: later tests would write to a stream that is closed."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for one in root.handlers[:]:
        if one not in handlers:
            root.removeHandler(one)
    root.setLevel(level)


@pytest.fixture(scope="session")
def postgres():
    """A server whose databases need not outlive it."""
    server = Server()
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """The address of a new database with the schema, of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/dialer.db"
        return
    server = request.getfixturevalue("postgres")
    url = server.new_database()
    yield url
    server.recycle(url)


@pytest.fixture
def store(database_url):
    """A workspace with an empty campaign, in each kind of database."""
    made = make_store(database_url)
    yield made
    made.database.close()
