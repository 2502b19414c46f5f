"""A floor with a campaign whose calls no agent takes."""

from msgspec.structs import replace

from dialer.core.commands import (
    FetchLeads,
    Originate,
)
from dialer.core.events import (
    LeadsLoaded,
    MessagesDefined,
    TimerFired,
)
from dialer.core.messages import MessageVersion
from dialer.core.records import (
    AttemptEnded,
)
from dialer.core.requests import StartCampaign
from dialer.core.rules.agentless import AgentlessSettings
from dialer.core.settings import PacingMode, TrunkSettings
from dialer.core.states import EndCause
from dialer.core.switch_events import (
    LegDigit,
    LegEnded,
)
from dialer.testing import CAMPAIGN, NEW_YORK, TRUNK, Script, campaign, lead

MESSAGES = {"renewal": MessageVersion(sha256="f00d", length_s=20.0)}
SAYS = AgentlessSettings(message="renewal", seller="Example Energy")
SETTINGS = campaign(mode=PacingMode.AGENTLESS, caller_id="+12125550199", agentless=SAYS)
ASTERISK = TrunkSettings(
    name=TRUNK, lines=50, calls_per_second=1000, detects_machines=True, has_dialplan=True
)


def script(*, trunk=ASTERISK, **changes):
    says = replace(SAYS, **changes.pop("says", {}))
    made = Script(replace(SETTINGS, agentless=says, **changes), trunk=trunk)
    made.tell(MessagesDefined(at=made.at, messages=MESSAGES))
    return made


def agreed(number, **facts):
    return lead(number, consented=True, **facts)


def load(floor, leads):
    """Start, and answer the fetch as it was asked."""
    floor.ask(StartCampaign(campaign_id=CAMPAIGN))
    floor.end_round()
    return answer_fetch(floor, leads)


def answer_fetch(floor, leads):
    asked = floor.all(FetchLeads)[-1]
    floor.tell(
        LeadsLoaded(
            at=floor.at,
            campaign_id=CAMPAIGN,
            leads=tuple(leads),
            zone_groups={NEW_YORK: ("America/New_York",)},
            consent_for=asked.consent_for,
        )
    )
    return floor.all(Originate, floor.end_round())


def answered(floor):
    """One call that somebody picked up."""
    (call,) = load(floor, [agreed(1)])
    floor.answer(call)
    return call


def end(floor, call, cause=EndCause.CLEARED):
    told = floor.tell(LegEnded(at=floor.at, leg_id=call.leg_id, cause=cause))
    return floor.only(AttemptEnded, told)


def fire(floor, kind):
    """Let the running timer of a kind come."""
    name, generation = next(
        (name, generation)
        for name, generation in floor.engine.workspace.timers.items()
        if name.startswith(f"{kind}:")
    )
    return floor.tell(TimerFired(at=floor.at, timer_id=name, generation=generation))


def press(floor, call, digit):
    return floor.tell(LegDigit(at=floor.at, leg_id=call.leg_id, digit=digit))


def reason(floor):
    return floor.engine.workspace.campaigns[CAMPAIGN].reason
