import pytest

from dialer.core.states import AgentState
from dialer.reports.agents import AgentTime, agents, occupancy, utilisation
from dialer.storage import schema


def time(**seconds):
    return AgentTime(agent="anna", calls=1, seconds={AgentState(state): s for state, s in seconds.items()})


def test_occupancy_is_handling_over_handling_and_waiting():
    assert occupancy(time(talking=50.0, wrap_up=10.0, ready=20.0, paused=100.0)) == 0.75


def test_utilisation_is_handling_over_the_whole_shift():
    assert utilisation(time(talking=50.0, wrap_up=10.0, ready=20.0, paused=40.0, logged_out=900.0)) == 0.5


@pytest.mark.parametrize("share", [occupancy, utilisation])
def test_nobody_at_work_has_no_share(share):
    assert share(time(logged_out=900.0)) is None


def test_times_are_those_within_the_campaign(store, put, ask):
    store.add_leads(1)
    anna, _ben = store.add_agent("anna"), store.add_agent("ben")
    put(
        schema.attempt,
        {"id": "1", "started_at": 100.0, "ended_at": 160.0, "outcome": "connected", "agent_id": anna},
        {"id": "2", "started_at": 160.0, "ended_at": 200.0, "outcome": "busy"},
    )
    put(
        schema.agent_period,
        {"agent_id": anna, "state": "ready", "started_at": 50.0, "ended_at": 120.0},
        {"agent_id": anna, "state": "talking", "started_at": 120.0, "ended_at": 160.0},
        {"agent_id": anna, "state": "wrap_up", "started_at": 160.0, "ended_at": 180.0},
        {"agent_id": anna, "state": "ready", "started_at": 180.0, "ended_at": None},
    )
    (row,) = ask(agents, at=500.0).records()
    assert (row["agent"], row["calls"]) == ("anna", 1)
    assert (row["talk_s"], row["wrap_up_s"], row["ready_s"], row["logged_in_s"]) == (40.0, 20.0, 40.0, 100.0)
    assert row["occupancy"] == 0.6


def test_leads_shown_before_the_call_are_counted_with_the_time_they_took(store, put, ask):
    store.add_leads(1)
    anna, ben = store.add_agent("anna"), store.add_agent("ben")
    put(schema.attempt, {"id": "1", "started_at": 100.0, "ended_at": 200.0, "outcome": "busy"})
    put(
        schema.agent_period,
        {"agent_id": anna, "state": "previewing", "started_at": 90.0, "ended_at": 130.0},
        {"agent_id": ben, "state": "ready", "started_at": 50.0},
    )
    shown = [("a", 90.0, "skipped"), ("b", 110.0, "skipped"), ("c", 120.0, "called"), ("d", 150.0, None)]
    about = {"campaign_id": store.campaign_id, "lead_id": 1, "agent_id": anna}
    put(schema.preview, *({"id": name, "at": at, "outcome": what} | about for name, at, what in shown))
    rows = {row["agent"]: row for row in ask(agents, at=300.0).records()}
    assert (rows["anna"]["previews"], rows["anna"]["skips"], rows["anna"]["preview_s"]) == (4, 2, 30.0)
    assert (rows["ben"]["previews"], rows["ben"]["skips"], rows["ben"]["preview_s"]) == (0, 0, 0.0)


def test_pauses_over_their_limit_are_counted_within_the_campaign(store, put, ask):
    store.add_leads(1)
    anna, ben = store.add_agent("anna"), store.add_agent("ben")
    put(schema.attempt, {"id": "1", "started_at": 100.0, "ended_at": 200.0, "outcome": "busy"})
    put(
        schema.agent_period,
        {"agent_id": anna, "state": "paused", "started_at": 50.0},
        {"agent_id": ben, "state": "ready", "started_at": 50.0},
    )
    put(
        schema.journal,
        *(
            {"at": at, "kind": "pause_over", "agent_id": anna, "detail": "lunch"}
            for at in (90.0, 110.0, 150.0)
        ),
        {"at": 120.0, "kind": "keys", "agent_id": ben},
    )
    rows = {row["agent"]: row["pauses_over"] for row in ask(agents, at=300.0).records()}
    assert rows == {"anna": 2, "ben": 0}


def test_pauses_are_told_by_code_and_those_of_the_system_apart(store, put, ask):
    store.add_leads(1)
    anna = store.add_agent("anna")
    put(schema.attempt, {"id": "1", "started_at": 100.0, "ended_at": 200.0, "outcome": "busy"})
    spans = [
        ("lunch", "request", 50.0, 120.0),
        ("away", "client", 120.0, 125.0),
        ("let offers lapse", "system", 125.0, 140.0),
        ("lunch", "request", 140.0, 150.0),
    ]
    put(
        schema.agent_period,
        *(
            {
                "agent_id": anna,
                "state": "paused",
                "reason": code,
                "paused_by": by,
                "started_at": since,
                "ended_at": until,
            }
            for code, by, since, until in spans
        ),
    )
    (row,) = ask(agents, at=300.0).records()
    assert (row["paused_s"], row["by_system_s"], row["logged_in_s"]) == (35.0, 15.0, 50.0)
    assert row["busy_codes"] == "away 5 s; lunch 30 s"


def test_wrap_ups_that_last_longer_than_their_line_gives_are_counted(store, put, ask):
    store.add_leads(1)
    anna = store.add_agent("anna")
    put(schema.attempt, {"id": "1", "started_at": 100.0, "ended_at": 200.0, "outcome": "busy"})
    put(
        schema.agent_period,
        *(
            {
                "agent_id": anna,
                "state": "wrap_up",
                "started_at": since,
                "ended_at": until,
                "until_at": limit_at,
            }
            for since, until, limit_at in (
                (90.0, 99.0, 91.0),
                (110.0, 120.5, 120.0),
                (130.0, 145.0, 140.0),
                (150.0, 160.0, None),
                (190.0, None, 195.0),
            )
        ),
    )
    (row,) = ask(agents, at=300.0).records()
    assert (row["wrap_ups"], row["wrap_ups_over"]) == (4, 2)
