"""What rounds leave in a store."""

import pytest
from msgspec.structs import replace

from dialer.core.presence_states import PausedBy
from dialer.core.records import (
    AgentChanged,
    AgentLegStarted,
    AttemptClassified,
    CallStarted,
    CampaignChanged,
    HaltChanged,
    JournalEntry,
    LeadRefused,
    LegClosed,
    RequestAnswered,
    TrunkChanged,
)
from dialer.core.requests import Halt
from dialer.core.rules.machine_detection import Verdict
from dialer.core.states import AgentState, CampaignState, EndCause, Outcome, TrunkState
from dialer.live.requests import post_request
from dialer.storage import agents, hopper, rounds, schema, trunks
from tests.contract.storage.attempts import disposed, ended, hopper_row, started, write
from tests.stores import number


def test_a_started_attempt_has_a_call_a_leg_and_an_address(store):
    (lead,) = store.add_leads(1)
    written = write(store, started(store, lead, "a"))
    assert written.addresses == {"a-leg": number(0)}
    assert store.rows(schema.attempt, "id", "list_id", "ended_at") == [("a-attempt", store.list_id, None)]
    assert store.rows(schema.call, "id", "attempt_id", "number") == [("a-call", "a-attempt", number(0))]
    assert store.rows(schema.leg, "id", "call_id") == [("a-leg", "a-call")]


def test_a_number_on_the_do_not_call_list_is_refused_and_leaves_no_call(store):
    lead, other = store.add_leads(2)
    store.forbid(number(0))
    written = write(store, started(store, lead, "a"), started(store, other, "b"))
    assert written.refused == {"a-leg": rounds.DO_NOT_CALL}
    assert list(written.addresses) == ["b-leg"]
    assert store.rows(schema.attempt, "id") == [("a-attempt",), ("b-attempt",)]
    assert store.rows(schema.call, "id") == [("b-call",)]


@pytest.mark.parametrize("in_one_round", [True, False])
def test_a_number_has_one_call_in_progress(store, in_one_round):
    (lead,) = store.add_leads(1)
    first, second = started(store, lead, "a"), started(store, lead, "b")
    batches = [(first, second)] if in_one_round else [(first,), (second,)]
    written = [write(store, *batch) for batch in batches]
    assert written[-1].refused == {"b-leg": rounds.NUMBER_IN_USE}
    assert store.rows(schema.call, "id") == [("a-call",)]


def test_a_number_is_free_again_once_its_attempt_has_ended_even_within_one_round(store):
    (lead,) = store.add_leads(1)
    write(store, started(store, lead, "a"))
    written = write(store, ended(store, lead, "a"), started(store, lead, "b"))
    assert written.refused == {}
    assert store.rows(schema.call, "id", "ended_at") == [("a-call", 20.0), ("b-call", None)]


def test_a_counted_attempt_counts_against_its_lead_and_makes_it_due_at_the_retry(store):
    (lead,) = store.add_leads(1)
    for name in ("a", "b"):
        write(store, started(store, lead, name), ended(store, lead, name, retry_at=99.0))
    assert hopper_row(store, lead, "state", "due_at", "attempts", "tries") == (
        schema.HopperState.READY,
        99.0,
        2,
        '{"busy":2}',
    )


def test_a_cancelled_attempt_costs_its_lead_nothing(store):
    (lead,) = store.add_leads(1)
    end = ended(store, lead, "a", outcome=Outcome.CANCELLED, counted=False, retry_at=21.0)
    write(store, started(store, lead, "a"), end)
    assert hopper_row(store, lead, "attempts", "tries") == (0, "{}")


def test_an_attempt_without_a_retry_finishes_its_lead(store):
    (lead,) = store.add_leads(1)
    write(store, started(store, lead, "a"), ended(store, lead, "a", outcome=Outcome.CONNECTED, talk_s=3.5))
    assert hopper_row(store, lead, "state") == (schema.HopperState.DONE,)
    assert store.rows(schema.attempt, "outcome", "talk_s", "ended_at") == [("connected", 3.5, 20.0)]


def test_a_disposition_after_the_end_settles_the_lead_and_a_later_one_settles_it_anew(store):
    (lead,) = store.add_leads(1)
    write(store, started(store, lead, "a"), ended(store, lead, "a", outcome=Outcome.CONNECTED, talk_s=3.5))
    write(store, disposed(store, lead, "a", disposition="callback", retry_at=99.0, promised=True))
    columns = ("state", "due_at", "priority", "attempts")
    assert hopper_row(store, lead, *columns) == (schema.HopperState.READY, 99.0, -1, 1)
    write(store, disposed(store, lead, "a", at=31.0))
    assert hopper_row(store, lead, *columns) == (schema.HopperState.DONE, 31.0, 0, 1)
    assert store.rows(schema.attempt, "disposition", "disposed_at") == [("sale", 31.0)]


@pytest.mark.parametrize("in_one_round", [True, False])
def test_a_disposition_before_the_end_leaves_the_lead_to_the_end(store, in_one_round):
    (lead,) = store.add_leads(1)
    choice = disposed(store, lead, "a", at=15.0, retry_at=99.0, ended=False)
    end = ended(store, lead, "a", outcome=Outcome.CONNECTED, retry_at=99.0, promised=True)
    write(store, started(store, lead, "a"))
    for batch in [(choice, end)] if in_one_round else [(choice,), (end,)]:
        write(store, *batch)
    assert hopper_row(store, lead, "state", "due_at", "priority") == (schema.HopperState.READY, 99.0, -1)
    assert store.rows(schema.attempt, "disposition", "disposed_at", "retry_at") == [("sale", 15.0, 99.0)]


def test_a_promise_lasts_until_somebody_was_reached(store):
    (lead,) = store.add_leads(1)
    write(store, started(store, lead, "a"), ended(store, lead, "a", retry_at=50.0, promised=True))
    write(store, started(store, lead, "b", at=51.0), ended(store, lead, "b", retry_at=60.0))
    assert hopper_row(store, lead, "priority") == (-1,)
    write(store, started(store, lead, "c", at=61.0), ended(store, lead, "c", retry_at=70.0, promised=False))
    assert hopper_row(store, lead, "priority") == (0,)


def test_a_choice_that_comes_too_late_leaves_the_lead_to_its_newer_attempt(store):
    (lead,) = store.add_leads(1)
    write(store, started(store, lead, "a"), ended(store, lead, "a", retry_at=21.0))
    write(store, started(store, lead, "b", at=22.0), ended(store, lead, "b", at=25.0, retry_at=77.0))
    write(store, disposed(store, lead, "a"))
    assert hopper_row(store, lead, "state", "due_at") == (schema.HopperState.READY, 77.0)
    assert store.rows(schema.attempt, "disposition") == [("sale",), (None,)]


def test_a_number_that_is_blocked_is_called_by_nobody_even_within_one_round(store):
    lead, other = store.add_leads(2)
    agent = store.add_agent("ada")
    write(store, started(store, lead, "a"), ended(store, lead, "a"))
    block = disposed(store, lead, "a", agent_id=agent, disposition="do_not_call", block=True)
    written = write(store, block, started(store, lead, "b"), started(store, other, "c"), block)
    assert written.refused == {"b-leg": rounds.DO_NOT_CALL}
    assert store.rows(schema.do_not_call, "number", "who", "reason") == [
        (number(0), "agent ada", "disposition do_not_call")
    ]


def test_a_refused_lead_carries_the_reason(store):
    (lead,) = store.add_leads(1)
    refusal = LeadRefused(at=5.0, campaign_id=store.campaign_id, lead_id=lead, reason="window", retry_at=50.0)
    write(store, refusal)
    assert hopper_row(store, lead, "state", "due_at", "reason") == (schema.HopperState.READY, 50.0, "window")


def test_who_picked_up_is_on_record_before_the_attempt_ends(store):
    (lead,) = store.add_leads(1)
    judged = AttemptClassified(
        at=12.0, attempt_id="a-attempt", verdict=Verdict.MACHINE, cause="MAXWORDS-4-3", after_s=1.7
    )
    write(store, judged, started(store, lead, "a"))
    assert store.rows(schema.attempt, "amd_verdict", "amd_cause", "amd_s", "ended_at") == [
        ("machine", "MAXWORDS-4-3", 1.7, None)
    ]
    write(store, ended(store, lead, "a", outcome=Outcome.MACHINE))
    assert store.rows(schema.attempt, "amd_verdict", "outcome") == [("machine", "machine")]


def test_an_agents_leg_is_called_at_the_agents_phone_and_closed_within_one_round(store):
    agent = store.add_agent("ada")
    written = write(
        store,
        LegClosed(at=3.0, leg_id="a-leg", cause=EndCause.BUSY, sip_code=486, text="Busy Here"),
        AgentLegStarted(at=2.0, leg_id="a-leg", agent_id=agent),
    )
    assert written.addresses == {"a-leg": "sip:ada@127.0.0.1:5070"}
    assert store.rows(schema.leg, "agent_id", "ended_at", "cause", "sip_code") == [(agent, 3.0, "busy", 486)]


def test_an_agents_periods_follow_each_other_without_a_gap(store):
    agent = store.add_agent("ada")
    write(store, AgentChanged(at=1.0, agent_id=agent, state=AgentState.LOGGING_IN))
    write(
        store,
        AgentChanged(at=2.0, agent_id=agent, state=AgentState.READY),
        AgentChanged(at=3.0, agent_id=agent, state=AgentState.PAUSED, reason="lunch"),
    )
    assert store.rows(schema.agent_period, "state", "started_at", "ended_at") == [
        ("logging_in", 1.0, 2.0),
        ("ready", 2.0, 3.0),
        ("paused", 3.0, None),
    ]
    assert store.rows(schema.agent, "state", "reason", "since_at") == [("paused", "lunch", 3.0)]


def test_the_marks_of_an_agent_are_kept_beside_the_state(store):
    agent = store.add_agent("ada")
    talks = AgentChanged(
        at=1.0, agent_id=agent, state=AgentState.TALKING, serving=1, served=4, served_until=90.0
    )
    write(store, talks)
    with store.database.read() as connection:
        row = agents.find(connection, store.workspace_id, "ada")
    assert (row.serving, row.busy_code, row.paused_by) == (1, "", PausedBy.NOBODY)
    assert (row.served_today(at=89.0), row.served_today(at=90.0)) == (4, 0)
    write(store, replace(talks, at=2.0, busy_code="lunch", begins=False))
    assert store.rows(schema.agent, "busy_code", "serving") == [("lunch", 1)]
    paused = AgentChanged(
        at=3.0, agent_id=agent, state=AgentState.PAUSED, reason="lunch", paused_by=PausedBy.CLIENT
    )
    write(store, paused)
    assert store.rows(schema.agent, "paused_by", "serving") == [("client", 0)]
    assert store.rows(schema.agent_period, "state", "paused_by") == [("talking", ""), ("paused", "client")]


def test_what_is_to_come_begins_no_period_and_goes_with_the_next(store):
    agent = store.add_agent("ada")
    talks = AgentChanged(at=1.0, agent_id=agent, state=AgentState.TALKING, attempt_id="a-attempt")
    write(store, talks, replace(talks, at=2.0, to_come="pause: lunch", begins=False))
    columns = ("state", "since_at", "attempt_id", "to_come")
    assert store.rows(schema.agent, *columns) == [("talking", 1.0, "a-attempt", "pause: lunch")]
    write(store, replace(talks, at=3.0, to_come="log out", begins=False))
    write(store, AgentChanged(at=4.0, agent_id=agent, state=AgentState.LOGGED_OUT))
    assert store.rows(schema.agent, *columns) == [("logged_out", 4.0, None, "")]
    assert store.rows(schema.agent_period, "state") == [("talking",), ("logged_out",)]


def test_a_campaign_says_what_it_waits_for(store):
    change = CampaignChanged(
        at=1.0,
        campaign_id=store.campaign_id,
        state=CampaignState.RUNNING,
        reason="waiting for a retry",
        until=70.0,
    )
    write(store, change)
    assert store.rows(schema.campaign, "state", "reason", "until_at") == [
        ("running", "waiting for a retry", 70.0)
    ]


def test_a_halt_stays_until_it_is_taken_back(store):
    write(store, HaltChanged(at=4.0, halted=True, reason="wrong list"))
    assert store.rows(schema.workspace, "halted_at", "halt_reason") == [(4.0, "wrong list")]
    write(store, HaltChanged(at=5.0, halted=False))
    assert store.rows(schema.workspace, "halted_at", "halt_reason") == [(None, "")]


@pytest.mark.parametrize(("done", "state"), [(True, "done"), (False, "refused")])
def test_an_answer_is_kept_with_its_request(store, done, state):
    asked = post_request(store.database, store.workspace_id, Halt(), who="eve", key="k", expires_s=9.0)
    write(store, RequestAnswered(at=6.0, request_id=asked, done=done, text="so be it"))
    assert store.rows(schema.request, "state", "text", "answered_at") == [(state, "so be it", 6.0)]


def test_the_journal_keeps_its_order(store):
    write(store, *(JournalEntry(at=1.0, kind=kind, leg_id="a-leg") for kind in ("one", "two", "three")))
    assert store.rows(schema.journal, "kind") == [("one",), ("two",), ("three",)]


def test_the_last_word_about_each_trunk_is_kept(store):
    up = TrunkChanged(at=1.0, trunk="main", state=TrunkState.UP, since_at=1.0)
    other = TrunkChanged(at=1.0, trunk="other", state=TrunkState.UP, since_at=1.0)
    out = TrunkChanged(
        at=2.0,
        trunk="main",
        state=TrunkState.OUT,
        since_at=2.0,
        reason="503",
        until=12.0,
        used_day=7,
        used_s=9.5,
    )
    write(store, up, other)
    write(store, up, out)
    with store.database.read() as connection:
        first, second = trunks.every(connection, store.workspace_id)
    assert first == trunks.TrunkRow(
        name="main", state=TrunkState.OUT, reason="503", since_at=2.0, until_at=12.0, used_day=7, used_s=9.5
    )
    assert (second.name, second.state) == ("other", TrunkState.UP)


def next_call(store, lead_id, name, at=15.0):
    return CallStarted(
        at=at,
        attempt_id=f"{name}-attempt",
        call_id=f"{name}-call-2",
        leg_id=f"{name}-leg-2",
        lead_id=lead_id,
        trunk="other",
    )


@pytest.mark.parametrize("at_once", [True, False], ids=["one-batch", "two-batches"])
def test_an_attempt_goes_on_with_a_call_through_another_trunk(store, at_once):
    (lead,) = store.add_leads(1)
    first, second = started(store, lead, "a"), next_call(store, lead, "a")
    batches = [[first, second]] if at_once else [[first], [second]]
    written = [write(store, *batch) for batch in batches][-1]
    assert written.addresses["a-leg-2"] == number(0)
    assert store.rows(schema.call, "id", "trunk", "ended_at") == [
        ("a-call", "main", 15.0),
        ("a-call-2", "other", None),
    ]
    write(store, ended(store, lead, "a", outcome=Outcome.CONNECTED))
    assert store.rows(schema.call, "ended_at") == [(15.0,), (20.0,)]
    assert store.rows(schema.attempt, "id", "outcome") == [("a-attempt", "connected")]


def test_an_attempt_does_not_go_on_once_its_number_is_listed(store):
    (lead,) = store.add_leads(1)
    write(store, started(store, lead, "a"))
    store.forbid(number(0))
    assert write(store, next_call(store, lead, "a")).refused == {"a-leg-2": rounds.DO_NOT_CALL}


def test_faults_of_the_carriers_are_counted_by_day_and_not_as_attempts(store):
    (lead,) = store.add_leads(1)
    day = 86_400.0
    for index, at in enumerate((20.0, 30.0, day + 20.0)):
        fault = ended(store, lead, f"a{index}", at=at, retry_at=at, counted=False, carrier_fault=True)
        write(store, started(store, lead, f"a{index}", at=at - 1), fault)
        (found,) = _claimed(store, lead)
        assert (found.faults, found.faults_day) == [(1, 0), (2, 0), (1, 1)][index]
    assert hopper_row(store, lead, "attempts", "tries") == (0, "{}")


def _claimed(store, lead_id):
    with store.database.read() as connection:
        return hopper.leads_of(connection, store.campaign_id, [lead_id])
