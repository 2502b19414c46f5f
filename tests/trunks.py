"""A floor whose trunks fail by script, for tests of what the engine makes of it."""

from dialer.core.commands import Originate, StartTimer
from dialer.core.events import TimerFired, TrunkDefined
from dialer.core.records import CampaignChanged
from dialer.core.settings import TrunkSettings
from dialer.core.states import EndCause, TrunkState
from dialer.core.switch_events import LegEnded, LegRinging
from dialer.testing import NOON_IN_NEW_YORK, TRUNK, Script, campaign, lead

DAY_S = 86_400
MIDNIGHT = (NOON_IN_NEW_YORK // DAY_S + 1) * DAY_S
TODAY = int(NOON_IN_NEW_YORK // DAY_S)
OTHER = "other"
LEADS = [lead(number) for number in range(1, 101)]


def floor(agents=5, *, settings=None, **trunk):
    script = Script(settings, trunk=TrunkSettings(name=TRUNK, calls_per_second=1000, **trunk))
    script.log_in(agents)
    return script


def group(agents=5, *, lines=30, **settings):
    script = floor(agents, settings=campaign(trunk="both", **settings), group="both", lines=lines)
    other = TrunkSettings(name=OTHER, group="both", calls_per_second=1000)
    script.tell(TrunkDefined(at=script.at, trunk=other))
    return script


def dial(script, call):
    leg = script.engine.workspace.legs[call.leg_id]
    return script.dial(call) if leg.dialing_at is None else call.leg_id


def fail(script, call, code=503, text="Service Unavailable", cause=EndCause.CARRIER_FAULT):
    """Let a call be refused."""
    leg_id = dial(script, call)
    return script.tell(LegEnded(at=script.at, leg_id=leg_id, cause=cause, sip_code=code, text=text))


def be_silent(script, call):
    return fail(script, call, code=None, text="", cause=EndCause.NO_REPLY)


def ring(script, call, code=180):
    return script.tell(LegRinging(at=script.at, leg_id=dial(script, call), sip_code=code))


def placed(script, after_s=0.25):
    """Let time pass and timers fire; return the calls that are placed then."""
    script.at += after_s
    timers = script.engine.workspace.timers
    for timer in script.all(StartTimer):
        if timer.due_at <= script.at and timers.get(timer.timer_id) == timer.generation:
            script.tell(TimerFired(at=script.at, timer_id=timer.timer_id, generation=timer.generation))
    return script.all(Originate, script.end_round(0))


def trip(script):
    """Let five calls fail, which takes the trunk out of use."""
    for call in script.start(LEADS):
        fail(script, call)
    assert trunk(script).state is TrunkState.OUT


def trunk(script, name=TRUNK):
    return script.engine.workspace.trunks[name]


def said(script):
    last = script.all(CampaignChanged)[-1]
    return last.state, last.reason, last.until
