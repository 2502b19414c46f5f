"""What pacing has learned goes on record from time to time, and comes back."""

import msgspec
import pytest

from dialer.core.commands import Bridge, EndRun
from dialer.core.events import CampaignDefined, ShutdownRequested
from dialer.core.pacing import keeping
from dialer.core.pacing.forecast.evidence import Evidence
from dialer.core.pacing.forecast.outlook import Outlook
from dialer.core.records import PacingLearned
from dialer.core.requests import PauseCampaign, StartCampaign, StopCampaign
from dialer.core.states import EndCause
from dialer.core.switch_events import LegEnded, LegsBridged
from dialer.testing import CAMPAIGN, Script, campaign, lead


def talk(script, number, *, talk_s=30):
    """Load a lead, and let its call be answered and talked with."""
    (call,) = script.load([lead(number)], remaining=True)
    ordered = script.only(Bridge, script.answer(call))
    joined = LegsBridged(at=script.at, customer_leg=ordered.customer_leg, agent_leg=ordered.agent_leg)
    script.tell(joined)
    script.at += talk_s
    return script.tell(LegEnded(at=script.at, leg_id=call.leg_id, cause=EndCause.CLEARED))


@pytest.fixture
def script():
    script = Script(campaign(wrap_up_s=0))
    script.log_in(1)
    script.ask(StartCampaign(campaign_id=CAMPAIGN))
    script.end_round()
    talk(script, 1)
    return script


def test_it_goes_on_record_every_ten_minutes_as_long_as_it_changes(script):
    assert script.all(PacingLearned) == []
    script.at += keeping.KEEP_EVERY_S
    talk(script, 2)
    first = script.only(PacingLearned)
    talk(script, 3)
    assert script.all(PacingLearned) == [first]
    script.at += keeping.KEEP_EVERY_S
    talk(script, 4)
    assert len({each.learned for each in script.all(PacingLearned)}) == 2


def test_it_does_not_if_nothing_is_new(script):
    script.at += keeping.KEEP_EVERY_S
    script.engine.workspace.pacing_due = True
    script.end_round()
    script.at += keeping.KEEP_EVERY_S
    script.engine.workspace.pacing_due = True
    script.end_round()
    assert len(script.all(PacingLearned)) == 1


def test_it_holds_no_more_the_longer_a_campaign_runs_that_forecasts_nothing(script):
    for number in range(200):
        talk(script, 2 + number)
    kept = [one.learned for one in script.all(PacingLearned)]
    assert len(kept) > 5
    assert len(kept[-1]) < 1.1 * len(kept[0])
    observed = script.engine.workspace.campaigns[CAMPAIGN].outlook.learned.talk.fresh
    assert len(observed) * 30 <= keeping.KEEP_EVERY_S


@pytest.mark.parametrize("request_", [PauseCampaign, StopCampaign])
def test_it_goes_on_record_when_the_campaign_rests(script, request_):
    assert len(script.all(PacingLearned, script.ask(request_(campaign_id=CAMPAIGN)))) == 1


def test_it_goes_on_record_when_the_run_ends(script):
    script.tell(ShutdownRequested(at=script.at, finish_within_s=10))
    (agent,) = script.engine.workspace.agents.values()
    phone = agent.leg_id
    script.end_round()
    script.tell(LegEnded(at=script.at, leg_id=phone, cause=EndCause.CLEARED))
    last = script.end_round()
    script.only(EndRun, last)
    script.only(PacingLearned, last)


def test_the_next_run_goes_on_from_it(script):
    kept = script.only(PacingLearned, script.ask(StopCampaign(campaign_id=CAMPAIGN))).learned
    next_day = Script()
    other = msgspec.structs.replace(campaign(), campaign_id=2)
    next_day.tell(CampaignDefined(at=next_day.at, campaign=other, learned=kept))
    there = next_day.engine.workspace.campaigns[2]
    assert keeping.as_text(there.outlook) == kept
    next_day.ask(StopCampaign(campaign_id=2))
    assert next_day.all(PacingLearned) == []


def test_what_is_kept_is_what_was_learned_without_the_day_and_its_calls():
    outlook = Outlook()
    outlook.dial("a", at=1.0)
    outlook.person("a", Evidence(rang_s=5.0, delay_s=1.0))
    outlook.dial("b", at=2.0)
    outlook.learned.talk.add(90.0)
    outlook.price.learn(abandoned=True, target=0.03, at=3.0)
    kept = keeping.from_text(keeping.as_text(outlook), at=9.0)
    assert kept.price.log_risk == pytest.approx(outlook.price.log_risk, rel=1e-5)
    assert kept.learned.odds.x == pytest.approx(outlook.learned.odds.x, rel=1e-5)
    assert kept.learned.talk.fresh == outlook.learned.talk.fresh
    assert kept.learned.talk.counts == pytest.approx(outlook.learned.talk.counts, rel=1e-5)
    assert (kept.dialed, kept.price.answers, kept.settled_at) == ({}, 0, 9.0)


@pytest.mark.parametrize("text", ["", "{}", "no JSON", '{"format":0,"learned":{},"log_risk":-2.0}'])
def test_what_another_version_kept_is_learned_anew(text):
    assert keeping.from_text(text, at=9.0) is None
