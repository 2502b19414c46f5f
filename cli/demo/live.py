"""What goes on while a demo plays: a line on a terminal that is written over again and again."""

import sys

import msgspec
from sqlalchemy import Connection, func, select

from dialer.core.ids import CampaignId
from dialer.core.states import AgentState, CampaignState
from dialer.storage import schema


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """What the database says now."""

    state: CampaignState
    ended: int
    open: int
    """Attempts in progress."""
    agents: dict[AgentState, int]

    @property
    def talking(self) -> int:
        """Attempts that are talks."""
        return self.agents.get(AgentState.TALKING, 0)

    def line(self) -> str:
        """Return the moment as one line."""
        agents = ", ".join(f"{count} {state}" for state, count in self.agents.items())
        return (
            f"{self.ended} calls done | {max(0, self.open - self.talking)} ringing, {self.talking} talking "
            f"| agents: {agents}"
        )


def moment(connection: Connection, campaign_id: CampaignId) -> Moment:
    """Return what goes on."""
    attempt, agent, campaign = schema.attempt.c, schema.agent.c, schema.campaign.c
    attempts = select(func.count(attempt.id), func.count(attempt.ended_at)).where(
        attempt.campaign_id == campaign_id
    )
    started, ended = connection.execute(attempts).one()
    by_state = select(agent.state, func.count()).group_by(agent.state).order_by(agent.state)
    return Moment(
        state=CampaignState(
            connection.execute(select(campaign.state).where(campaign.id == campaign_id)).scalar_one()
        ),
        ended=ended,
        open=started - ended,
        agents={AgentState(state): count for state, count in connection.execute(by_state)},
    )


class LiveLine:
    """Writes to stderr; nothing where that is no terminal."""

    def __init__(self) -> None:
        self._shows = sys.stderr.isatty()

    def show(self, text: str) -> None:
        """Put a text in place of the one before."""
        if self._shows:
            sys.stderr.write(f"\r\x1b[K{text[:120]}")
            sys.stderr.flush()

    def clear(self) -> None:
        """Take the text away."""
        self.show("")
