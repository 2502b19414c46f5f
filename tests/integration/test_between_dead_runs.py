"""A run dies while customers at one Asterisk talk with agents at another: the next has their talks, and no leg between is left."""

import msgspec
import pytest
from sqlalchemy import select

from dialer.core.commands import HangUp
from dialer.core.states import CallState, Outcome
from dialer.core.switch_events import LegAnswered, LegEnded, LegsBridged
from dialer.live.clock import Clock
from dialer.storage import schema
from telephony.asterisk.audit import AUDIT_S
from tests.asterisk import Sessions
from tests.asterisk_floor import AsteriskFloor
from tests.contract.asterisk_rig import TwoServersRig
from tests.contract.talks import bridge, talk_between_servers
from tests.floor import wait_until
from tests.integration.cuttable import Cuttable
from tests.integration.test_asterisk_between_servers import none_left
from tests.integration.test_asterisk_takeover import next_switch
from tests.integration.test_killed_asterisk import nothing_was_called_beyond_the_record

_PEOPLE = """
seed = 4
[default]
kind = "person"
ring_s = 0.5
"""


class CutRig(TwoServersRig):
    """Two servers that are reached by connections that can be cut."""

    def _reach(self, config):
        servers = config.asterisk.servers
        self.lines = {name: Cuttable(server.port) for name, server in servers.items()}
        reached = {
            name: msgspec.structs.replace(server, port=self.lines[name].port)
            for name, server in servers.items()
        }
        return msgspec.structs.replace(config.asterisk, servers=reached)

    def close(self):
        super().close()
        for line in self.lines.values():
            line.close()


@pytest.fixture
def rig(tmp_path):
    one = CutRig(tmp_path)
    yield one
    one.close()


def cut(rig):
    """Cut a switch off in mid-talk; return the customer and the agent."""
    pair = talk_between_servers(rig)
    for line in rig.lines.values():
        line.cut()
    return pair


def test_the_next_switch_has_the_talk_between_two_servers_and_what_ends_it_leaves_nothing(rig):
    customer, agent = cut(rig)
    with next_switch(rig) as (switch, sink):
        found = {one.leg_id: (one.state, one.partner) for one in switch.survivors()}
        assert found == {customer: (CallState.TALKING, agent), agent: (CallState.TALKING, customer)}
        wait_until(lambda: len(sink.audits) > 1, 30, "audits")
        assert {one.bridges for one in sink.audits} == {((customer, agent),)}
        assert len(rig.crossings()) == 2
        switch.execute(HangUp(leg_id=customer))
        sink.wait_for(lambda event: isinstance(event, LegEnded) and event.leg_id == customer)
        none_left(rig)
        assert agent not in [event.leg_id for event in sink.events if isinstance(event, LegEnded)]


@pytest.mark.soak
def test_the_next_switch_gives_the_customer_to_another_agent_and_the_way_to_the_first_ends(rig):
    customer, agent = cut(rig)
    with next_switch(rig) as (switch, sink):
        rig._switch = switch
        other = rig.place_agent()
        sink.wait_for(lambda event: isinstance(event, LegAnswered) and event.leg_id == other)
        switch.execute(bridge(customer, other))
        sink.wait_for(lambda event: isinstance(event, LegsBridged) and event.agent_leg == other)
        wait_until(
            lambda: len(rig.crossings()) == 2, 30, "the first way to end", lambda: str(rig.crossings())
        )
        assert {customer, agent} <= {one.leg_id for one in switch.survivors()}


@pytest.mark.soak
def test_of_a_talk_whose_agent_left_while_nobody_was_told_no_way_is_left_and_the_customer_waits(rig):
    customer, agent = cut(rig)
    with Sessions(rig.asterisk) as sessions:
        rows = sessions.do("Status", Variables="DIALER_LEG").items
        (channel,) = [
            row.headers["Channel"] for row in rows if f"DIALER_LEG={agent}" in row.values("Variable")
        ]
        sessions.do("Hangup", Channel=channel)
    with next_switch(rig) as (switch, _):
        (left,) = [one for one in switch.survivors() if one.leg_id != agent]
        assert left.leg_id == customer
        none_left(rig)


def test_talks_between_two_servers_outlive_a_killed_run(tmp_path):
    with AsteriskFloor(
        tmp_path, leads=2, agent_count=2, seed=7, people=_PEOPLE, ratio=1.0, between_servers=True
    ) as site:
        site.begin()
        wait_until(lambda: len(told(site, "bridged")) == 2, 60, "talks", lambda: str(site.story()))
        since = site.kill()() + 3 * AUDIT_S
        wait_until(lambda: Clock().now() > since, 30, "audits that would part who is not joined")
        assert told(site, "taken_over") == [CallState.TALKING] * 2
        assert told(site, "anomaly") == []
        assert site.floor.stop_run() == 0
        assert site.channels() == set()
        assert {row.outcome for row in site.floor.rows(select(schema.attempt.c.outcome))} == {
            Outcome.CONNECTED
        }
        nothing_was_called_beyond_the_record(site)
        for ended in site.over():
            (heard,) = ended.heard  # one agent, without a gap
            assert heard.last_at > since - AUDIT_S


def told(site, kind):
    kept = schema.journal.c
    return [row.detail for row in site.floor.rows(select(kept.detail).where(kept.kind == kind))]
