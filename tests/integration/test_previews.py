"""Agents who are shown leads on a real floor: commands, calls over SIP and through Asterisk, and a run that is killed."""

import json
from collections import Counter

import pytest
from msgspec.structs import replace
from sqlalchemy import func, select, update

from cli.main import carry_out
from dialer.core.preview_states import PreviewOutcome, PreviewTimeout
from dialer.core.settings import DEFAULT_RETRY, PacingMode, RetryRule
from dialer.core.states import AgentState, Outcome
from dialer.storage import campaigns, schema
from dialer.storage.schema import HopperState
from telephony.sip.emulator.log import invites_by_number, open_legs
from tests.asterisk_floor import AsteriskFloor
from tests.floor import real_floor, wait_until

PEOPLE = """
seed = 1
[default]
kind = "person"
ring_s = 0.3
talk_s = 1.0
patience_s = 20
"""
LEADS = 6
RETRY = {
    **{outcome: RetryRule(1, 0.0) for outcome in DEFAULT_RETRY},
    Outcome.SKIPPED: RetryRule(3, 60.0),
}


@pytest.fixture
def ask(capsys):
    """Carry out a command on a floor, and return its answer."""

    def carry(floor, *words):
        options = ("--json", "--database", floor.url, "--config", str(floor.config))
        assert carry_out([*words, *options]) == 0
        return json.loads(capsys.readouterr().out)

    return carry


def outcomes(floor):
    kept = schema.preview.c
    return Counter(row.outcome for row in floor.rows(select(kept.outcome).where(kept.outcome.is_not(None))))


def can_decide(floor):
    """Return how many agents can read the lead that they are shown."""
    kept, shown = schema.agent.c, schema.preview.c
    query = (
        select(func.count())
        .join_from(schema.agent, schema.preview, shown.agent_id == kept.id)
        .where(shown.ended_at.is_(None), kept.state == AgentState.PREVIEWING, kept.until_at.is_not(None))
    )
    return floor.scalar(query)


def calls_in_time(floor):
    """Let whoever is shown a lead call it after a second."""
    with floor.database.write() as connection:
        row = campaigns.every(connection, floor.workspace_id)[0]
        settings = replace(
            row.settings, mode=PacingMode.PREVIEW, preview_s=1.0, preview_timeout=PreviewTimeout.CALL
        )
        campaigns.change(connection, row.campaign_id, settings)


def make_due(floor):
    """Let the lead that was skipped come again at once."""
    kept = schema.hopper.c
    with floor.database.write() as connection:
        connection.execute(update(schema.hopper).where(kept.reason != "").values(due_at=0.0))


def all_was_called_once(floor):
    """Check that nobody was lost, called twice or left waiting."""
    attempt = schema.attempt.c
    called = Counter(row.lead_id for row in floor.rows(select(attempt.lead_id)))
    assert sorted(called.values()) == [1] * LEADS
    assert {row.outcome for row in floor.rows(select(attempt.outcome))} == {Outcome.CONNECTED}
    assert floor.scalar(select(func.count()).where(schema.hopper.c.state != HopperState.DONE)) == 0
    assert set(invites_by_number(floor.carrier_log()).values()) == {1}
    assert not open_legs(floor.carrier_log())


def read_and_decide(floor, ask):
    """Have the first agent skip one lead and call the next."""
    read = ask(floor, "agent", "work", "agent-1")
    assert (read["attempt"], read["skips"]) == (None, [])
    assert invites_by_number(floor.carrier_log()) == {}
    assert "comes again" in ask(floor, "agent", "skip", "agent-1", "--reason", "asked for a letter")["text"]

    def next_one():
        shown = ask(floor, "agent", "work", "agent-1")
        return shown is not None and shown["number"] != read["number"]

    wait_until(next_one, 60, "the next lead")
    wait_until(lambda: can_decide(floor) == 2, 60, "the time to decide")
    called = ask(floor, "agent", "show", "agent-1")["number"]
    ask(floor, "agent", "call", "agent-1")
    ended = select(func.count()).where(schema.attempt.c.outcome == Outcome.CONNECTED)
    wait_until(lambda: floor.scalar(ended) == 1, 60, "a talk", floor.said)
    assert invites_by_number(floor.carrier_log()) == {called: 1}


def test_leads_are_read_called_and_skipped_and_survive_a_run_that_is_killed(tmp_path, ask):
    changes = {"mode": PacingMode.PREVIEW, "preview_s": 600.0, "retry": RETRY}
    with real_floor(tmp_path, leads=LEADS, agent_count=2, behaviour=PEOPLE, **changes) as floor:
        floor.start_run()
        floor.log_everybody_in()
        floor.start_campaign()
        wait_until(lambda: can_decide(floor) == 2, 60, "leads to be shown", floor.said)
        read_and_decide(floor, ask)
        wait_until(lambda: can_decide(floor) == 2, 60, "leads to be shown again", floor.said)
        floor.kill_run()
        floor.start_run()
        wait_until(lambda: outcomes(floor)[PreviewOutcome.UNKNOWN] == 2, 60, "the next run", floor.said)
        wait_until(lambda: can_decide(floor) == 2, 120, "leads to be shown by the next run", floor.said)
        make_due(floor)
        ask(floor, "campaign", "set", "test", "--preview-timeout", "call", "--preview-s", "1")
        for agent in ("agent-1", "agent-2"):
            ask(floor, "agent", "call", agent)
        wait_until(floor.is_complete, 180, "the campaign's end", floor.said)
        floor.stop_run()
        all_was_called_once(floor)
        assert outcomes(floor)[PreviewOutcome.CALLED] == LEADS
        rows = ask(floor, "report", "agents", "--campaign", "test")["rows"]
        assert sum(row["skips"] for row in rows) == 1


def test_leads_that_are_shown_are_called_through_asterisk(tmp_path):
    with AsteriskFloor(tmp_path, leads=LEADS, agent_count=2, seed=1, people=PEOPLE) as floor:
        calls_in_time(floor.floor)
        floor.begin()
        wait_until(floor.floor.is_complete, 180, "the campaign's end", floor.story)
        floor.floor.stop_run()
        all_was_called_once(floor.floor)
        assert outcomes(floor.floor)[PreviewOutcome.CALLED] == LEADS
