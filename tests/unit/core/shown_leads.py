"""A floor whose agents are shown leads before they are called, for unit tests."""

from dialer.core.commands import Originate
from dialer.core.events import Delivered, TimerFired
from dialer.core.ids import AgentId
from dialer.core.records import RequestAnswered
from dialer.core.requests import CallLead
from dialer.core.settings import PacingMode
from dialer.testing import NOON_IN_NEW_YORK, Script, campaign, lead

ANNA = AgentId(1)


def shown(*, agents=1, leads=3, at=NOON_IN_NEW_YORK, trunk=None, **changes):
    """Return a floor on which each agent is shown a lead."""
    script = Script(campaign(mode=PacingMode.PREVIEW, **changes), at=at, trunk=trunk)
    script.log_in(agents)
    script.start([lead(number) for number in range(1, leads + 1)])
    deliver(script)
    return script


def deliver(script):
    for preview in list(script.engine.workspace.previews.values()):
        if preview.shown_at is None:
            script.tell(Delivered(at=script.at, handover_id=preview.preview_id))


def agent(script, agent_id=ANNA):
    return script.engine.workspace.agents[agent_id]


def lead_shown(script, agent_id=ANNA):
    preview = script.engine.workspace.previews.get(agent_id)
    return None if preview is None else preview.lead.lead_id


def fire(script, name):
    due = next(timer for timer in script.engine.workspace.timers if timer == name)
    generation = script.engine.workspace.timers[due]
    return script.tell(TimerFired(at=script.at, timer_id=due, generation=generation))


def call(script, agent_id=ANNA):
    return script.only(Originate, script.ask(CallLead(agent_id=agent_id)))


def answered(script, commands):
    return script.only(RequestAnswered, commands)
