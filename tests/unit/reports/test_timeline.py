import pytest

from dialer.errors import ConfigError
from dialer.reports.progress import progress
from dialer.reports.timeline import latest, lines, timeline
from dialer.storage import schema
from tests.stores import number


@pytest.fixture
def attempts(store, put):
    store.add_leads(3)
    put(
        schema.attempt,
        {
            "id": "a-1",
            "started_at": 10.0,
            "ended_at": 12.0,
            "outcome": "busy",
            "cause": "busy",
            "sip_code": 486,
        },
        {"id": "a-2", "started_at": 20.0},
    )
    put(
        schema.call,
        {"id": "c-1", "attempt_id": "a-1", "trunk": "main", "number": number(0), "started_at": 10.0},
    )
    put(
        schema.leg,
        {
            "id": "l-1",
            "call_id": "c-1",
            "started_at": 10.0,
            "dialing_at": 10.1,
            "ringing_at": 10.5,
            "ended_at": 12.0,
            "cause": "busy",
            "sip_code": 486,
            "q850": 17,
            "text": "Busy Here",
        },
    )
    put(schema.journal, {"at": 11.0, "kind": "anomaly", "attempt_id": "a-1", "detail": "odd"})
    put(
        schema.sip_message,
        {"leg_id": "l-1", "at": 10.1, "direction": "sent", "text": "INVITE sip:x SIP/2.0\r\nVia: y\r\n"},
    )


def test_an_attempt_is_told_in_order(store, attempts):
    with store.database.read() as connection:
        told = timeline(connection, store.workspace_id, "a-1")
    assert (told.campaign, told.number, told.outcome, told.sip_code) == ("spring", number(0), "busy", 486)
    assert lines(told.steps) == [
        ("+0.000 s", "attempt started", "", ""),
        ("+0.100 s", "leg dialing", "l-1", ""),
        ("+0.100 s", "SIP sent", "l-1", "INVITE sip:x SIP/2.0"),
        ("+0.500 s", "leg ringing", "l-1", ""),
        ("+1.000 s", "anomaly", "", "odd"),
        ("+2.000 s", "leg ended", "l-1", "busy sip_code 486 q850 17 Busy Here"),
        ("+2.000 s", "attempt ended", "", "busy"),
    ]


def test_an_attempt_that_is_not_there_is_refused_with_the_remedy(store):
    with store.database.read() as connection, pytest.raises(ConfigError, match="dialer call list"):
        timeline(connection, store.workspace_id, "a-9")


def test_the_latest_attempts_come_first(store, attempts):
    with store.database.read() as connection:
        found = latest(connection, store.campaign_id, outcome=None, limit=5)
        busy = latest(connection, store.campaign_id, outcome="busy", limit=5)
    assert [line.attempt for line in found] == ["a-2", "a-1"]
    assert [line.attempt for line in busy] == ["a-1"]


def test_progress_counts_leads_and_attempts(store, attempts):
    with store.database.write() as connection:
        connection.execute(schema.hopper.update().where(schema.hopper.c.lead_id == 1).values(state=2))
        connection.execute(
            schema.hopper.update().where(schema.hopper.c.lead_id == 2).values(reason="country", due_at=50.0)
        )
    with store.database.read() as connection:
        found = progress(connection, store.campaign_id)
    assert (found.leads, found.finished, found.open, found.next_due_at) == (3, 1, 2, 0.0)
    assert (found.attempts, found.outcomes) == (2, {"busy": 1, "open": 1})
    assert found.refused == {"country": 1}
