"""A list that never runs dry."""

from dialer.core.commands import FetchLeads
from dialer.core.lead import Lead
from dialer.core.records import LeadRefused
from dialer.core.rules.number_kinds import NumberKind
from dialer.simulation.hopper import EndlessHopper


def hopper():
    def make(lead_id):
        return Lead(lead_id=lead_id, zone_group=1, region="US", kind=NumberKind.MOBILE)

    return EndlessHopper(1, make, {1: ("UTC",)}, first=100)


def claimed(endless, count=3, at=0.0, **asked):
    found = endless.claim(FetchLeads(campaign_id=1, count=count, **asked), at=at)
    assert found.remaining
    return [lead.lead_id for lead in found.leads]


def test_each_lead_is_handed_out_once_and_in_order():
    endless = hopper()
    assert [claimed(endless), claimed(endless)] == [[100, 101, 102], [103, 104, 105]]


def test_leads_that_were_given_back_come_first():
    endless = hopper()
    claimed(endless)
    endless.give_back([101, 102])
    assert claimed(endless) == [101, 102, 103]


def test_nobody_else_is_handed_out_while_a_rule_keeps_one_back():
    endless = hopper()
    endless.refused(LeadRefused(at=0.0, campaign_id=1, lead_id=100, reason="window", retry_at=60.0))
    assert claimed(endless, at=59.0) == []
    assert endless.claim(FetchLeads(campaign_id=1, count=3), at=59.0).next_due_at == 60.0
    assert claimed(endless, at=60.0) == [100, 101, 102]


def test_whoever_is_invented_has_consented():
    found = hopper().claim(FetchLeads(campaign_id=1, count=2, consent_for="us"), at=0.0)
    assert found.consent_for == "us"
    assert all(lead.consented for lead in found.leads)
