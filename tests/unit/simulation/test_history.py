"""What is read of a campaign's attempts and of its agents' time."""

from sqlalchemy import insert

from dialer.core.rules.dispositions import DEFAULT_DISPOSITIONS, Flag
from dialer.core.rules.machine_detection import Verdict
from dialer.core.states import AgentState, Outcome
from dialer.simulation.history import read_history
from dialer.storage import schema


def put_attempts(store, *facts):
    (lead_id,) = store.add_leads(1)
    for number, fact in enumerate(facts):
        row = {
            "id": str(number),
            "workspace_id": store.workspace_id,
            "campaign_id": store.campaign_id,
            "list_id": store.list_id,
            "lead_id": lead_id,
            "started_at": 100.0 * number,
            **fact,
        }
        with store.database.write() as connection:
            connection.execute(insert(schema.attempt).values(row))


def put_periods(store, agent_id, *periods):
    for state, started_at, ended_at, attempt_id in periods:
        row = {
            "workspace_id": store.workspace_id,
            "agent_id": agent_id,
            "state": state,
            "reason": "",
            "attempt_id": attempt_id,
            "started_at": started_at,
            "ended_at": ended_at,
            "paused_by": "",
        }
        with store.database.write() as connection:
            connection.execute(insert(schema.agent_period).values(row))


def history(store):
    with store.database.read() as connection:
        return read_history(connection, store.campaign_id, DEFAULT_DISPOSITIONS)


def test_attempts_that_are_over_are_read_in_order(store):
    put_attempts(
        store,
        {"ended_at": 20.0, "outcome": "no_answer", "ringing_at": 2.0, "ring_s": 18.0},
        {
            "ended_at": 160.0,
            "outcome": "connected",
            "answered_at": 110.0,
            "bridged_at": 112.0,
            "wait_s": 2.0,
            "talk_s": 48.0,
            "amd_verdict": "human",
            "amd_s": 1.5,
            "disposition": "sale",
        },
        {},
    )
    silent, talked = history(store).attempts
    assert (silent.outcome, silent.ring_s, silent.answered, silent.said) == (
        Outcome.NO_ANSWER,
        18.0,
        False,
        None,
    )
    assert (talked.bridged, talked.talk_s, talked.verdict, talked.said) == (
        True,
        48.0,
        Verdict.HUMAN,
        Flag.PERSON,
    )


def test_only_agents_who_talked_count_and_only_while_the_campaign_was_there(store):
    anna, bela = store.add_agent("anna"), store.add_agent("bela")
    put_attempts(
        store,
        {"ended_at": 60.0, "outcome": "connected", "bridged_at": 10.0, "agent_id": anna},
        {"ended_at": 110.0, "outcome": "busy"},
    )
    put_periods(store, bela, ("ready", 0.0, 100.0, None))
    put_periods(
        store,
        anna,
        ("ready", -50.0, 10.0, None),
        ("talking", 10.0, 60.0, "0"),
        ("wrap_up", 60.0, 70.0, "0"),
        ("ready", 70.0, None, None),
    )
    spent = [
        (one.state, one.from_at, one.until_at, one.of_campaign)
        for one in history(store).periods
        if one.agent_id == anna
    ]
    assert spent == [
        (AgentState.READY, 0.0, 10.0, False),
        (AgentState.TALKING, 10.0, 60.0, True),
        (AgentState.WRAP_UP, 60.0, 70.0, True),
        (AgentState.READY, 70.0, 110.0, False),
    ]
    assert {one.agent_id for one in history(store).periods} == {anna}


def test_a_campaign_without_attempts_has_no_history(store):
    assert history(store).attempts == ()
    assert history(store).periods == ()
