"""Laws of the hopper: no lead is handed out twice, none is lost."""

import shutil
from pathlib import Path
from tempfile import mkdtemp

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from dialer.core.ids import CampaignId
from dialer.core.records import AttemptEnded, LeadRefused
from dialer.core.states import Outcome
from dialer.storage import fates, hopper, schema
from dialer.storage.fence import Fence
from dialer.storage.hopper import Hopper
from tests.stores import ZONES, make_store

LEADS = 40


class HopperMachine(RuleBasedStateMachine):
    """Claims, returns, endings, refusals and lost transactions in any order, beside a plain model."""

    def __init__(self):
        super().__init__()
        self.folder = mkdtemp()
        self.store = make_store(f"sqlite:///{Path(self.folder) / 'dialer.db'}")
        self.campaign_id = CampaignId(self.store.campaign_id)
        self.ready = dict.fromkeys(self.store.add_leads(LEADS), 0.0)
        self.out = set()
        self.done = set()
        self.hopper = Hopper(Fence(self.store.workspace_id, "test", 1))
        self.at = 1.0

    def teardown(self):
        self.store.database.close()
        shutil.rmtree(self.folder)

    @rule(by_s=st.floats(0.1, 20))
    def time_passes(self, by_s):
        self.at += by_s

    @rule(count=st.integers(1, 12), closed=st.sets(st.integers(1, len(ZONES))))
    def claim(self, count, closed):
        due = {lead for lead, due_at in self.ready.items() if due_at <= self.at}
        with self.store.database.write() as connection:
            found = self.hopper.claim(
                connection, self.campaign_id, count=count, closed=frozenset(closed), at=self.at
            )
        ids = [lead.lead_id for lead in found.leads]
        assert len(ids) == len(set(ids))
        assert set(ids) <= due
        assert not {lead.zone_group for lead in found.leads} & closed
        for lead in ids:
            del self.ready[lead]
        self.out |= set(ids)
        assert found.remaining == bool(self.ready)
        if not closed:
            assert len(ids) == min(count, len(due))
            expected = min(self.ready.values(), default=None) if len(ids) < count else found.next_due_at
            assert found.next_due_at == expected

    @rule(count=st.integers(1, 12))
    def claim_is_rolled_back(self, count):
        with self.store.database.write() as connection:
            self.hopper.claim(connection, self.campaign_id, count=count, closed=(), at=self.at)
            connection.rollback()
        self.hopper.forget()

    @precondition(lambda self: self.out)
    @rule(data=st.data())
    def give_back(self, data):
        leads = data.draw(st.sets(st.sampled_from(sorted(self.out)), min_size=1))
        with self.store.database.write() as connection:
            hopper.give_back(connection, self.campaign_id, sorted(leads))
        self.out -= leads
        due = dict(self.store.rows(schema.hopper, "lead_id", "due_at"))
        self.ready |= {lead: due[lead] for lead in leads}

    @precondition(lambda self: self.out)
    @rule(data=st.data(), wait_s=st.none() | st.floats(0, 30), refused=st.booleans())
    def settle(self, data, wait_s, refused):
        lead = data.draw(st.sampled_from(sorted(self.out)))
        retry_at = None if wait_s is None else self.at + wait_s
        facts = {"at": self.at, "campaign_id": self.campaign_id, "lead_id": lead, "retry_at": retry_at}
        with self.store.database.write() as connection:
            if refused:
                fates.refuse(connection, [LeadRefused(reason="window", **facts)])
            else:
                end = AttemptEnded(attempt_id="a", call_id=None, outcome=Outcome.BUSY, **facts)
                fates.settle(connection, [end])
        self.out.remove(lead)
        if retry_at is None:
            self.done.add(lead)
        else:
            self.ready[lead] = retry_at

    @invariant()
    def every_lead_is_in_one_place(self):
        places = {state: set() for state in schema.HopperState}
        for lead, state in self.store.rows(schema.hopper, "lead_id", "state"):
            places[state].add(lead)
        assert list(places.values()) == [set(self.ready), self.out, self.done]


TestHopper = HopperMachine.TestCase
TestHopper.settings = settings(max_examples=20, stateful_step_count=30)
