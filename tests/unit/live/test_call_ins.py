"""Whose phone called in."""

import logging

import pytest

from dialer.core.events import AgentCalledIn, AgentDefined
from dialer.live.call_ins import CallIns
from dialer.live.clock import Clock
from dialer.storage import agents
from dialer.storage.database import open_database
from dialer.storage.workspaces import ensure_workspace


@pytest.fixture
def place(tmp_path):
    database = open_database(f"sqlite:///{tmp_path / 'dialer.db'}")
    yield database, ensure_workspace(database, "default")
    database.close()


def told(place, *names):
    """Let phones call in; return the events, once all have been looked up."""
    database, workspace_id = place
    events, deaths = [], []
    one = CallIns(
        database, workspace_id, clock=Clock(), post=events.append, died=lambda *death: deaths.append(death)
    )
    for name in names:
        one.add(name)
    one.close()
    assert deaths == []
    return events


def add(place, name, phone=""):
    database, workspace_id = place
    with database.write() as connection:
        return agents.add(connection, workspace_id, name=name, phone=phone, at=1.0)


def test_the_engine_is_told_of_the_agent_and_that_the_phone_called(place):
    anna = add(place, "anna")
    defined, called_in = told(place, "anna")

    assert (type(defined), defined.agent_id) == (AgentDefined, anna)
    assert (type(called_in), called_in.agent_id) == (AgentCalledIn, anna)


def test_who_is_called_does_not_call_in_and_nor_does_a_stranger(place, caplog):
    add(place, "berta", "sip:berta@192.0.2.10")
    with caplog.at_level(logging.WARNING):
        assert told(place, "berta", "carla") == []

    assert [record.message for record in caplog.records] == [
        "a phone called in whose agent is none who calls in: `dialer agent add --calls-in`"
    ] * 2
