"""How calls end that no agent takes: what was heard, and that nobody was abandoned, as nobody was promised an agent."""

from dialer.core.agentless_records import MessageOver
from dialer.core.states import Outcome
from dialer.core.step import Step
from dialer.core.workspace import Call

_UNHEARD = frozenset({Outcome.ABANDONED, Outcome.HUNG_UP_WAITING})


def over(step: Step, call: Call, *, heard: bool | None = False, failed: str = "") -> None:
    """Put on record that nothing is heard any more, once."""
    said = call.agentless
    if said is not None and said.began_at is not None and said.over_at is None:
        said.over_at = step.at
        step.emit(MessageOver(at=step.at, call_id=call.call_id, heard=heard, failed=failed))


def end(step: Step, call: Call) -> None:
    """Put on record what became of a call that was answered, as it ends."""
    if call.agentless is None:
        return
    over(step, call, heard=None if call.agentless.settings.context else False)
    if call.outcome in _UNHEARD:
        call.outcome = Outcome.MESSAGE_CUT
