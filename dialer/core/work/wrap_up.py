"""What ends an agent's wrap-up, by the line of business of the talk that it is about, whichever that was."""

from dialer.core.rules.wrap_up import LASTS
from dialer.core.settings import WrapUp
from dialer.core.step import Step
from dialer.core.work import dispositions
from dialer.core.work.lines import settings_of
from dialer.core.workspace import Agent
from dialer.errors import RuleError

HELD = "to be disposed of"
"""The reason that a wrap-up shows whose time is over, but not the choice."""

UNENDED = "to be ended"
"""The reason that a mandatory one shows whose time is over."""


NO_MORE = "the line of business gives no more time for this wrap-up"


def held(step: Step, agent: Agent) -> str:
    """Return what a wrap-up waits for whose time is over; empty: for nothing."""
    if dispositions.must_choose(step, agent):
        return HELD
    something_waits = agent.pause_next is not None or agent.log_out_next
    return UNENDED if _mode(step, agent) is WrapUp.MANDATORY and not something_waits else ""


def check_may_end(step: Step, agent: Agent) -> None:
    """Make sure that a wrap-up may be ended now.

    Raises:
        RuleError: If not; the text says what it waits for.
    """
    if why := why_not(step, agent):
        raise RuleError(why)


def why_not(step: Step, agent: Agent) -> str:
    """Return why a wrap-up may not be ended now, empty if it may."""
    if dispositions.must_choose(step, agent):
        return "the call has to be disposed of first: `dialer agent dispose NAME CODE`"
    talk = agent.talk
    if talk is None or talk.is_over or _mode(step, agent) not in LASTS:
        return ""
    return f"the wrap-up cannot be ended early: it lasts {talk.until - step.at:.0f} s more"


def _mode(step: Step, agent: Agent) -> WrapUp:
    if agent.talk is None or agent.member is not None:  # whose own system says when it is over
        return WrapUp.OPTIONAL
    return settings_of(step, agent.talk).wrap_up


def lengthen(step: Step, agent: Agent, seconds: float) -> float:
    """Put off the end of a wrap-up; return when it is now.

    Raises:
        RuleError: If it has no end by time, or the line of business does not give so much.
    """
    talk = agent.talk
    if talk is None or talk.is_over or agent.member is not None:
        raise RuleError("there is no wrap-up whose end could be put off")
    left = settings_of(step, talk).wrap_up_more_s - talk.more_s
    if not 0 < seconds <= left:
        raise RuleError(f"the wrap-up can last {left:g} s longer at most" if left > 0 else NO_MORE)
    talk.more_s += seconds
    talk.until += seconds
    return talk.until
