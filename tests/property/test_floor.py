"""Laws of the floor, over any order of events: the engine against a world that does what it likes."""

from collections import Counter

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant

from dialer.core.allocation.index import VOICE
from dialer.core.floor import marks
from dialer.core.guest_states import GuestKind, GuestState
from dialer.core.presence_states import PausedBy
from dialer.core.records import (
    AgentChanged,
    AttemptDisposed,
    AttemptEnded,
    AttemptStarted,
    CallStarted,
    GuestCalled,
    GuestEnded,
    InboundEnded,
    InboundStarted,
    JournalEntry,
    RecordingEnded,
    RecordingStarted,
)
from dialer.core.states import AgentState, CallState, RecordingState, TrunkState
from dialer.core.switch_events import LegDialing
from dialer.core.work import flight
from dialer.core.workspace import Workspace
from tests.property.floor_people import People
from tests.property.floor_switch import Switch
from tests.property.floor_texts import QUEUES, WEIGHTS, Texts
from tests.property.floor_world import AGENTS


class Floor(Texts, People, Switch):
    """What a switch, people and requests can do, in any order."""

    @initialize(
        several=st.booleans(),
        phones=st.lists(st.integers(0, 2), min_size=1, max_size=AGENTS),
        answers=st.integers(0, AGENTS + 1) | st.none(),
        texts=st.lists(st.tuples(st.sampled_from(QUEUES), st.sampled_from(WEIGHTS)), max_size=4),
    )
    def begin(self, several, phones, answers, texts):
        """Let some agents be there, some customers write, and some calls have been dialed, of which the first talk."""
        if several:
            self.have_servers()
        for agent, server in enumerate(phones, 1):
            self.log_in(agent, ready=True)
            (leg,) = self.at("placed")
            self.pick_up(leg, self.servers[server % len(self.servers)], talks=False)
        for queue, weight in texts:
            self.write(queue, weight)
        if answers is None:
            return
        self.load(8)
        self.end_round(0.25)
        for number, leg in enumerate(self.at("placed")):
            self.open[leg] = "dialing"
            self.tell(LegDialing(at=self.script.at, leg_id=leg))
            if number < answers:
                self.pick_up(leg, self.call_of(leg).server, talks=True)

    @invariant()
    def no_agent_is_in_two_calls(self):
        workspace = self.script.engine.workspace
        held = [call.agent_id for call in workspace.calls.values() if call.agent_id is not None]
        assert len(held) == len(set(held))

    @invariant()
    def agents_and_calls_agree(self):
        workspace = self.script.engine.workspace
        consulted = {transfer.to_agent for transfer in workspace.transfers.values()}
        for agent in workspace.agents.values():
            if agent.agent_id in consulted:
                assert agent.state in (AgentState.RESERVED, AgentState.TALKING)
                assert agent.call_id is None
                continue
            busy = agent.state in (AgentState.RESERVED, AgentState.TALKING)
            may_be = busy or agent.state is AgentState.RECONNECTING
            assert busy <= (agent.call_id is not None) <= may_be
            assert agent.call_id is None or workspace.calls[agent.call_id].agent_id == agent.agent_id
        for call in workspace.calls.values():
            served = call.state in (CallState.CONNECTING, CallState.TALKING, CallState.HELD)
            served |= call.previewed and call.state in flight.UNANSWERED
            assert served == (call.agent_id is not None)

    @invariant()
    def the_queues_are_what_a_sort_from_scratch_gives(self):
        workspace = self.script.engine.workspace
        ready = [a for a in workspace.agents.values() if a.state is AgentState.READY]
        able = [a for a in ready if self.takes_calls(a)]
        for server in self.servers:
            free = sorted((a.free_since, a.agent_id) for a in able if a.server == server)
            queue = self.script.engine.allocator.in_order(VOICE, server)
            assert queue == [agent_id for _, agent_id in free]
        waiting = [c for c in workspace.calls.values() if c.state is CallState.ANSWERED]
        sought = {one.call_id for one in workspace.transfers.values() if one.wanted and not one.leg_id}
        calls = {task.call_id for task in workspace.tasks.values() if task.call_id is not None}
        assert calls == {call.call_id for call in waiting} | sought
        for call in waiting:
            able = [one for one in self.in_reach(call.server, call.cut_off) if self.can_see(one, call)]
            assert able == [], "a customer waits while an agent is free"

    @invariant()
    def whoever_is_joined_across_servers_holds_a_slot_and_nobody_else(self):
        workspace = self.script.engine.workspace
        for call in workspace.calls.values():
            joined = call.state in (CallState.CONNECTING, CallState.TALKING)
            agent = workspace.agents[call.agent_id] if joined else None
            across = agent is not None and agent.server != call.server
            assert call.link == (" ".join(sorted((call.server, agent.server))) if across else "")
        used = Counter(call.link for call in workspace.calls.values())
        for name, link in workspace.links.items():
            assert link.used == used[name] <= link.settings.slots

    @invariant()
    def counts_never_drift(self):
        workspace = self.script.engine.workspace
        on_the_way = (CallState.REQUESTED, CallState.DIALING, CallState.RINGING, CallState.CLASSIFYING)
        (only,) = workspace.campaigns.values()
        paced = (call for call in workspace.calls.values() if not call.previewed)
        in_flight = Counter(call.server for call in paced if call.state in on_the_way)
        assert only.in_flight == in_flight.total()
        assert {server: calls for server, calls in only.in_flight_at.items() if calls} == in_flight
        assert only.open_attempts == len(workspace.calls)
        used = Counter(call.trunk for call in workspace.calls.values())
        used += Counter(guest.trunk for guest in workspace.guests.values())
        for name, trunk in workspace.trunks.items():
            inbound = sum(call.inbound for call in workspace.calls.values() if call.trunk == name)
            assert trunk.lines_used == used[name]
            assert used[name] - inbound <= trunk.settings.lines

    @invariant()
    def a_trunk_is_probed_by_one_call_and_tried_once_an_attempt(self):
        workspace = self.script.engine.workspace
        for name, trunk in workspace.trunks.items():
            assert (trunk.state is TrunkState.PROBING) == (trunk.probe is not None)
            assert trunk.probe is None or workspace.calls[trunk.probe].trunk == name
        calls = [*self.script.all(AttemptStarted), *self.script.all(CallStarted)]
        assert len(calls) == len({(call.attempt_id, call.trunk) for call in calls})

    @invariant()
    def every_attempt_that_is_not_open_has_ended_once(self):
        started = [record.attempt_id for record in self.script.all(AttemptStarted)]
        ended = [record.attempt_id for record in self.script.all(AttemptEnded)]
        still_open = [
            call.attempt_id for call in self.script.engine.workspace.calls.values() if not call.inbound
        ]
        assert sorted(ended + still_open) == sorted(started)

    @invariant()
    def every_inbound_call_that_is_not_open_has_ended_once(self):
        started = [record.call_id for record in self.script.all(InboundStarted)]
        ended = [record.call_id for record in self.script.all(InboundEnded)]
        still_open = [call.call_id for call in self.script.engine.workspace.calls.values() if call.inbound]
        assert sorted(ended + still_open) == sorted(started)

    @invariant()
    def marks_on_record_are_those_of_the_state(self):
        last = {record.agent_id: record for record in self.script.all(AgentChanged)}
        served, with_whom = Counter(), {}
        for entry in self.script.all(JournalEntry):
            if entry.kind == "bridged":
                served[entry.agent_id] += with_whom.get(entry.leg_id) != entry.agent_id
                with_whom[entry.leg_id] = entry.agent_id
        served.update(self.begun())
        for agent in self.script.engine.workspace.agents.values():
            is_paused = agent.state is AgentState.PAUSED
            assert is_paused <= (agent.paused_by is not PausedBy.NOBODY)
            may_be = (AgentState.PAUSED, AgentState.LOGGING_IN)
            assert agent.paused_by is PausedBy.NOBODY or agent.state in may_be
            assert agent.today == served[agent.agent_id]
            if agent.agent_id in last:
                record = last[agent.agent_id]
                is_with_one = agent.state in (AgentState.TALKING, AgentState.RECONNECTING)
                assert record.serving == is_with_one + len(agent.tasks)
                assert (record.paused_by, record.served) == (agent.paused_by, agent.today)
                assert record.busy_code == marks.busy_code(agent)

    @invariant()
    def a_talk_is_remembered_until_nobody_can_dispose_of_it(self):
        for agent in self.script.engine.workspace.agents.values():
            assert agent.talk is None or agent.state in (AgentState.WRAP_UP, AgentState.RECONNECTING)
            assert agent.state is not AgentState.READY or (agent.pause_next, agent.log_out_next) == (
                None,
                False,
            )

    @invariant()
    def an_attempt_has_the_fate_of_its_last_disposition_and_never_an_earlier_one_after_it(self):
        chosen, settled = {}, {}
        for record in self.script.all((AttemptDisposed, AttemptEnded)):
            if isinstance(record, AttemptDisposed):
                assert record.ended == (record.attempt_id in settled)
                chosen[record.attempt_id] = record
            if isinstance(record, AttemptEnded) or record.ended:
                settled[record.attempt_id] = record
        for attempt_id, last in chosen.items():
            if attempt_id in settled:
                assert settled[attempt_id].promised == last.promised
                assert (settled[attempt_id].retry_at is None) == (last.retry_at is None)

    @invariant()
    def who_talked_was_disposed_of_once_the_wrap_up_is_over(self):
        workspace = self.script.engine.workspace
        wraps_up = {agent.talk.attempt_id for agent in workspace.agents.values() if agent.talk}
        disposed = {record.attempt_id for record in self.script.all(AttemptDisposed)}
        # Whose agent was lost in mid-talk: maybe nobody is left to say what came of it.
        lost = {
            e.attempt_id for e in self.script.all(JournalEntry) if e.kind in ("agent_lost", "held", "parted")
        }
        for record in self.script.all(AttemptEnded):
            assert record.bridged_at is None or record.attempt_id in wraps_up | disposed | lost

    @invariant()
    def only_talks_are_recorded_each_into_a_file_of_its_own(self):
        running = {call.file for call in self.script.engine.workspace.calls.values() if call.file}
        begun = [record.file for record in self.script.all(RecordingStarted)]
        over = [record.file for record in self.script.all(RecordingEnded)]
        assert len(begun) == len(set(begun))
        assert sorted([*over, *running]) == sorted(begun)
        for call in self.script.engine.workspace.calls.values():
            assert not call.file or call.bridged_at is not None
            assert not call.file or call.recording in (RecordingState.ON, RecordingState.PAUSED)

    @invariant()
    def every_guest_has_a_leg_and_ends_once(self):
        workspace = self.script.engine.workspace
        legs = workspace.legs.values()
        assert sorted(workspace.guests) == sorted(
            leg.leg_id for leg in legs if leg.call_id is None and leg.agent_id is None
        )
        called = [record.guest_id for record in self.script.all(GuestCalled)]
        ended = [record.guest_id for record in self.script.all(GuestEnded)]
        still_there = [guest.guest_id for guest in workspace.guests.values()]
        assert len(called) == len(set(called))
        assert sorted(ended + still_there) == sorted(called)

    @invariant()
    def an_agents_phone_has_one_supervisor_at_most_who_goes_with_it(self):
        workspace = self.script.engine.workspace
        supervisors = [guest for guest in workspace.guests.values() if guest.kind is GuestKind.SUPERVISOR]
        there = [guest for guest in supervisors if guest.state is not GuestState.ENDING]
        supervised = [guest.beside for guest in there]
        assert len(supervised) == len(set(supervised))
        # The phone of who logged out is still known until it is hung up.
        assert {guest.beside for guest in there} <= workspace.legs.keys()

    @invariant()
    def what_the_engine_remembers_survives_json(self):
        workspace = self.script.engine.workspace
        assert Workspace.from_json(workspace.to_json()) == workspace


Floor.TestCase.settings = settings(max_examples=80, stateful_step_count=60)
TestFloor = Floor.TestCase
