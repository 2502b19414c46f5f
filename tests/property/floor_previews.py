"""Agents who are shown leads, in property tests: what they decide, and the laws of what comes of it."""

from collections import Counter

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from dialer.core.commands import Deliver, ReturnLeads
from dialer.core.events import CampaignDefined, Delivered, NotDelivered
from dialer.core.preview_records import PreviewEnded, PreviewStarted
from dialer.core.preview_states import PreviewOutcome, PreviewTimeout
from dialer.core.records import AttemptEnded, LeadRefused
from dialer.core.requests import CallLead, SkipLead
from dialer.core.settings import PacingMode
from dialer.core.states import AgentState
from dialer.core.switch_events import LegDialing
from dialer.core.work import flight
from tests.property.floor_world import World

MODES = (PacingMode.PREVIEW, PacingMode.PREVIEW, PacingMode.RATIO)


class Previews(World):
    """Leads that are shown, called, skipped and given back, in any order; the mode changes meanwhile."""

    def __init__(self):
        self.slow = False
        super().__init__()
        self.change_mode(PacingMode.PREVIEW, PreviewTimeout.CALL, yields=False)

    def take(self, commands):
        super().take(commands)
        for command in commands:
            if isinstance(command, Deliver) and not self.slow:
                self.tell(Delivered(at=self.script.at, handover_id=command.handover_id))

    @rule()
    def delay_deliveries(self):
        self.slow = not self.slow

    @rule(
        mode=st.sampled_from(MODES),
        timeout=st.sampled_from(PreviewTimeout),
        yields=st.sampled_from([False, True]),
    )
    def change_mode(self, mode, timeout, yields):
        (only,) = self.script.engine.workspace.campaigns.values()
        changed = msgspec.structs.replace(
            only.settings, mode=mode, preview_timeout=timeout, preview_yields=yields, preview_s=20.0
        )
        self.tell(CampaignDefined(at=self.script.at, campaign=changed))

    @precondition(lambda self: self.undelivered())
    @rule(data=st.data(), works=st.sampled_from([True, True, True, False]))
    def deliver(self, data, works):
        handover_id = data.draw(st.sampled_from(self.undelivered()))
        if works:
            self.tell(Delivered(at=self.script.at, handover_id=handover_id))
        else:
            self.tell(NotDelivered(at=self.script.at, handover_id=handover_id, reason="x"))

    @precondition(lambda self: self.script.engine.workspace.previews)
    @rule(data=st.data(), skips=st.booleans())
    def decide(self, data, skips):
        agent = data.draw(st.sampled_from(sorted(self.script.engine.workspace.previews)))
        self.ask(SkipLead(agent_id=agent) if skips else CallLead(agent_id=agent))

    @precondition(lambda self: self.script.engine.workspace.previews)
    @rule(data=st.data(), talks=st.booleans())
    def call_and_pick_up(self, data, talks):
        agent = data.draw(st.sampled_from(sorted(self.script.engine.workspace.previews)))
        before = set(self.open)
        self.ask(CallLead(agent_id=agent))
        for leg in sorted(set(self.open) - before):
            if self.call_of(leg) is not None:
                self.tell(LegDialing(at=self.script.at, leg_id=leg))
                self.pick_up(leg, self.call_of(leg).server, talks=talks)

    def undelivered(self):
        """Return what is to be told of: also of previews that are over."""
        asked = [order.handover_id for order in self.script.all(Deliver)]
        shown = {
            one.preview_id
            for one in self.script.engine.workspace.previews.values()
            if one.shown_at is not None
        }
        return [handover_id for handover_id in asked[-4:] if handover_id not in shown]

    # --- laws ---

    @invariant()
    def whoever_is_shown_a_lead_does_nothing_else(self):
        workspace = self.script.engine.workspace
        for agent in workspace.agents.values():
            assert (agent.state is AgentState.PREVIEWING) == (agent.agent_id in workspace.previews)
        for preview in workspace.previews.values():
            assert workspace.agents[preview.agent_id].call_id is None

    @invariant()
    def every_preview_that_is_not_open_has_ended_once(self):
        begun = [record.preview_id for record in self.script.all(PreviewStarted)]
        over = [record.preview_id for record in self.script.all(PreviewEnded)]
        still_open = [one.preview_id for one in self.script.engine.workspace.previews.values()]
        assert sorted(over + still_open) == sorted(begun)

    @invariant()
    def no_lead_is_lost_or_in_two_places(self):
        workspace = self.script.engine.workspace
        places = Counter(record.lead_id for record in self.script.all(AttemptEnded))
        called = set(places)
        for order in self.script.all(ReturnLeads):
            places.update(order.lead_ids)
        places.update(
            record.lead_id for record in self.script.all(LeadRefused) if record.lead_id not in called
        )
        skipped = (one for one in self.script.all(PreviewEnded) if one.outcome is PreviewOutcome.SKIPPED)
        places.update(record.lead_id for record in skipped)
        for campaign in workspace.campaigns.values():
            places.update(lead.lead_id for lead in campaign.buffer)
        places.update(one.lead.lead_id for one in workspace.previews.values())
        places.update(
            call.attempt.lead.lead_id
            for call in workspace.calls.values()
            if call.attempt and not call.inbound
        )
        assert places == Counter(range(1, self.leads + 1))

    @invariant()
    def whoever_is_kept_for_a_call_is_reserved_until_it_is_answered_or_over(self):
        workspace = self.script.engine.workspace
        for call in workspace.calls.values():
            if call.previewed and call.state in flight.UNANSWERED:
                agent = workspace.agents[call.agent_id]
                assert (agent.state, agent.call_id) == (AgentState.RESERVED, call.call_id)
