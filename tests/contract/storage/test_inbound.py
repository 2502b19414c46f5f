"""What rounds leave in a store of people who call back."""

from dialer.core.records import (
    InboundEnded,
    InboundStarted,
    NumberBlocked,
)
from dialer.core.states import Outcome
from dialer.storage import inbound, rounds, schema
from tests.contract.storage.attempts import ended, hopper_row, started, write
from tests.stores import number


def called_back(lead_id, name, at=40.0):
    return InboundStarted(
        at=at,
        call_id="back-call",
        leg_id="back-leg",
        attempt_id=f"{name}-attempt",
        lead_id=lead_id,
        trunk="main",
        caller_id="+12125550199",
    )


CALL_FACTS = ("id", "attempt_id", "number", "inbound", "ended_at", "outcome", "agent_id", "talk_s")


def test_an_inbound_call_is_kept_with_the_attempt_that_it_answers_and_costs_the_lead_nothing(store):
    (lead_id,) = store.add_leads(1)
    agent_id = store.add_agent("anna")
    write(store, started(store, lead_id, "a"), ended(store, lead_id, "a"))
    before = hopper_row(store, lead_id, "attempts", "due_at")
    over = InboundEnded(
        at=90.0, call_id="back-call", outcome=Outcome.CONNECTED, agent_id=agent_id, wait_s=1.0, talk_s=48.0
    )
    write(store, called_back(lead_id, "a"), over)
    assert store.rows(schema.call, *CALL_FACTS)[1] == (
        "back-call", "a-attempt", number(0), True, 90.0, "connected", agent_id, 48.0,
    )  # fmt: skip
    assert store.rows(schema.leg, "id", "call_id")[1] == ("back-leg", "back-call")
    assert hopper_row(store, lead_id, "attempts", "due_at") == before


def test_nobody_is_dialed_who_is_talking_with_us(store):
    (lead_id,) = store.add_leads(1)
    write(store, started(store, lead_id, "a"), ended(store, lead_id, "a"), called_back(lead_id, "a"))
    found = write(store, started(store, lead_id, "b", at=50.0))
    assert found.refused == {"b-leg": rounds.NUMBER_IN_USE}


def test_a_call_back_while_the_number_is_dialed_contradicts_nothing(store):
    (lead_id,) = store.add_leads(1)
    write(
        store, started(store, lead_id, "a"), ended(store, lead_id, "a"), started(store, lead_id, "b", at=30.0)
    )
    write(store, called_back(lead_id, "a"))
    write(store, InboundEnded(at=90.0, call_id="back-call", outcome=Outcome.CONNECTED))
    assert ("back-leg", None) in store.rows(schema.leg, "id", "call_id")
    assert len(store.rows(schema.call, "id")) == 2


def test_what_a_dead_run_left_of_an_inbound_call_holds_the_number_no_longer(store):
    (lead_id,) = store.add_leads(1)
    write(store, started(store, lead_id, "a"), ended(store, lead_id, "a"), called_back(lead_id, "a"))
    with store.database.write() as connection:
        inbound.close_open(connection, store.workspace_id, at=60.0)
    assert store.rows(schema.call, "id", "ended_at", "outcome")[1] == ("back-call", 60.0, "unknown")
    assert "b-leg" in write(store, started(store, lead_id, "b", at=70.0)).addresses


def test_a_number_that_is_blocked_by_a_key_is_on_the_list_at_once(store):
    (lead_id,) = store.add_leads(1)
    blocked = NumberBlocked(at=15.0, attempt_id="a-attempt", lead_id=lead_id, digit="9")
    write(store, started(store, lead_id, "a"), blocked, ended(store, lead_id, "a"))
    assert store.rows(schema.do_not_call, "number", "who", "reason") == [
        (number(0), "called person", "pressed 9 during the message of attempt a-attempt")
    ]
