"""The agents of a simulated day: they come, talk, write, take breaks and leave, all by requests as people at their phones do.

Nobody leaves a wrap-up unfinished or says beforehand that a break is due: it begins when the agent is free or has written.
"""

import math
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count

from dialer.core.events import RequestReceived
from dialer.core.ids import AgentId, AttemptId, RequestId
from dialer.core.records import AgentChanged
from dialer.core.requests import Dispose, EndWrapUp, LogIn, LogOut, MakeReady, PauseAgent, Request
from dialer.core.states import AgentState
from dialer.simulation.behaviour import CallPlan
from dialer.simulation.days import Absence, AgentDay
from dialer.simulation.opening import LATER
from dialer.simulation.world import VirtualTime

_FREE = AgentState.READY


class Staff:
    """All agents.

    Args:
        time: The world's.
        day_at: When the counted day begins.
        days: What each one's is like.
        life_of: Returns what an attempt really was, None if that is not known.
        tempo_of: Returns by what an agent's wrap-ups are longer now than planned.
    """

    def __init__(
        self,
        time: VirtualTime,
        day_at: float,
        days: Sequence[AgentDay],
        *,
        life_of: Callable[[AttemptId], CallPlan | None],
        tempo_of: Callable[[AgentId], float],
    ) -> None:
        self._time = time
        self._day_at = day_at
        self._life_of = life_of
        self._tempo_of = tempo_of
        self._requests = count(LATER)
        self._state = [AgentState.LOGGED_OUT] * len(days)
        self._talks = [0] * len(days)
        """Counts wrap-ups, so that the end of an earlier one is void."""
        self._due: list[deque[Absence]] = [deque() for _ in days]
        self._gone: list[Absence | None] = [None] * len(days)
        """What each has asked to leave for."""
        for number, day in enumerate(days):
            self._expect(AgentId(number), day)

    def _expect(self, agent_id: AgentId, day: AgentDay) -> None:
        if self._day_at + day.comes_s > self._time.now:
            self._at(day.comes_s, lambda _: self._ask(LogIn(agent_id=agent_id, ready=True)))
        for absence in day.absences:
            self._at(absence.from_s, partial(self._is_due, agent_id, absence))

    def _at(self, at_s: float, action: Callable[[float], None]) -> None:
        self._time.later(max(0.0, self._day_at + at_s - self._time.now), action)

    def _ask(self, request: Request) -> None:
        self._time.post(
            RequestReceived(at=self._time.now, request_id=RequestId(next(self._requests)), request=request)
        )

    def _is_due(self, agent_id: AgentId, absence: Absence, _: float) -> None:
        self._due[agent_id].append(absence)
        if self._state[agent_id] is _FREE:
            self._leave(agent_id)

    def _leave(self, agent_id: AgentId) -> None:
        if self._gone[agent_id] is not None:
            return
        absence = self._gone[agent_id] = self._due[agent_id].popleft()
        if absence.is_pause:
            self._ask(PauseAgent(agent_id=agent_id, reason=absence.reason))
        else:
            self._ask(LogOut(agent_id=agent_id))

    def changed(self, record: AgentChanged) -> None:
        """Learn what an agent does now, and do what follows."""
        agent_id, state = record.agent_id, record.state
        if not record.begins:
            return
        self._state[agent_id] = state
        if state is AgentState.WRAP_UP:
            self._write(agent_id, record.attempt_id)
        elif state is _FREE and self._due[agent_id]:
            self._leave(agent_id)
        elif state in (AgentState.PAUSED, AgentState.LOGGED_OUT):
            self._away(agent_id)

    def _write(self, agent_id: AgentId, attempt_id: AttemptId | None) -> None:
        self._talks[agent_id] += 1
        this = self._talks[agent_id]
        life = None if attempt_id is None else self._life_of(attempt_id)
        if life is None or life.wrap_up_s is None:
            return
        disposition = life.disposition

        def written(_: float) -> None:
            if self._state[agent_id] is not AgentState.WRAP_UP or self._talks[agent_id] != this:
                return
            if disposition:
                self._ask(Dispose(agent_id=agent_id, code=disposition))
            if self._due[agent_id] and self._gone[agent_id] is None:
                self._leave(agent_id)
            else:
                self._ask(EndWrapUp(agent_id=agent_id))

        self._time.later(life.wrap_up_s * self._tempo_of(agent_id), written)

    def _away(self, agent_id: AgentId) -> None:
        absence, self._gone[agent_id] = self._gone[agent_id], None
        if absence is None:
            return
        back_at = max(self._time.now + absence.lasts_s, self._day_at + absence.until_s)
        if math.isinf(back_at):
            return
        request = MakeReady(agent_id=agent_id) if absence.is_pause else LogIn(agent_id=agent_id, ready=True)
        self._time.later(back_at - self._time.now, lambda _: self._ask(request))
