"""Agents as they are kept: who they are, and the state that the last run wrote of them."""

import msgspec
from sqlalchemy import Connection, RowMapping, Select, insert, select, update
from sqlalchemy.exc import IntegrityError

from dialer.core.addresses import CALLS_IN
from dialer.core.allocation.profile import Profile
from dialer.core.ids import AgentId, AttemptId
from dialer.core.presence_states import PausedBy
from dialer.core.states import AgentState
from dialer.errors import ConfigError
from dialer.members import MemberNews
from dialer.storage import schema
from dialer.storage.rows import unknown
from dialer.storage.zone_groups import zones_of


class AgentRow(msgspec.Struct, frozen=True, kw_only=True):
    """One agent."""

    agent_id: AgentId
    name: str
    phone: str
    """SIP URI, or `dialer.core.addresses.CALLS_IN` and the name of an agent who calls in."""
    state: AgentState
    reason: str
    since_at: float
    attempt_id: AttemptId | None = None
    """The talk that the agent is in, or wraps up."""
    to_come: str = ""
    """What begins when the present call and its wrap-up end; empty: the next call."""
    profile: Profile = Profile()
    until_at: float | None = None
    """When a wrap-up is to be over, if that is by time."""
    paused_by: PausedBy = PausedBy.NOBODY
    busy_code: str = ""
    """Of the pause that is, or is to come; empty: the agent has no busy mark."""
    serving: int = 0
    """Customers the agent is with."""
    volume: int = 0
    """The weights of the agent's text sessions."""
    served: int = 0
    served_until: float | None = None

    def served_today(self, *, at: float) -> int:
        """Return how many customers the agent was joined with on the workspace's day."""
        return self.served if self.served_until is not None and at < self.served_until else 0


def add(
    connection: Connection,
    workspace_id: int,
    *,
    name: str,
    phone: str,
    at: float,
    profile: Profile | None = None,
) -> AgentId:
    """Keep a new agent, logged out; without a phone one who calls in.

    Raises:
        ConfigError: If the name is taken or the phone is no SIP URI.
    """
    if not phone:
        phone = f"{CALLS_IN}{name}"
    elif not phone.startswith(("sip:", "sips:")) or not phone.partition(":")[2]:
        raise ConfigError(f"{phone!r} is no SIP URI: write it as sip:USER@HOST:PORT")
    statement = insert(schema.agent).values(
        workspace_id=workspace_id,
        name=name,
        phone=phone,
        state=AgentState.LOGGED_OUT,
        since_at=at,
        profile=_text(profile or Profile()),
    )
    try:
        return AgentId(connection.execute(statement.returning(schema.agent.c.id)).scalar_one())
    except IntegrityError as error:
        raise ConfigError(f"there is an agent {name!r} already: choose another name") from error


def of_member(connection: Connection, workspace_id: int, news: MemberNews, *, at: float) -> AgentId:
    """Return the agent that a member of a queue is; one who is new is kept, by a name that is free."""
    there = every(connection, workspace_id)
    if known := [row.agent_id for row in there if row.phone == news.address]:
        return known[0]
    taken = {row.name for row in there}
    names = (news.name, news.interface, news.address)
    statement = insert(schema.agent).values(
        workspace_id=workspace_id,
        name=next(name for name in names if name not in taken),
        phone=news.address,
        state=AgentState.LOGGED_OUT,
        since_at=at,
    )
    return AgentId(connection.execute(statement.returning(schema.agent.c.id)).scalar_one())


_KEPT = tuple(schema.agent.c[name] for name in AgentRow.__struct_fields__ if name != "agent_id")


def every(connection: Connection, workspace_id: int) -> list[AgentRow]:
    """Return the agents, by name."""
    found = connection.execute(_agents(workspace_id).order_by(schema.agent.c.name))
    return [_row(row) for row in found.mappings()]


def by_id(connection: Connection, workspace_id: int, agent_id: AgentId) -> AgentRow | None:
    """Return the agent of that id, None if there is none."""
    found = connection.execute(_agents(workspace_id).where(schema.agent.c.id == agent_id))
    row = found.mappings().one_or_none()
    return None if row is None else _row(row)


def change(connection: Connection, agent_id: AgentId, profile: Profile) -> None:
    """Keep an agent's new profile; a run goes by it once it is told."""
    statement = update(schema.agent).where(schema.agent.c.id == agent_id)
    connection.execute(statement.values(profile=_text(profile)))


def _agents(workspace_id: int) -> Select[tuple[object, ...]]:
    kept = schema.agent.c
    return select(kept.id.label("agent_id"), *_KEPT).where(kept.workspace_id == workspace_id)


def _row(kept: RowMapping) -> AgentRow:
    row = {str(name): value for name, value in kept.items()}
    return msgspec.convert(row | {"profile": msgspec.json.decode(row["profile"])}, AgentRow)


def _text(profile: Profile) -> str:
    return msgspec.json.encode(profile).decode()


def zones_of_talk(connection: Connection, row: AgentRow) -> tuple[str, ...]:
    """Return the zones of the number that an agent talks with or wraps up; none if there is no talk."""
    statement = (
        select(schema.lead.c.zone_group)
        .join_from(schema.attempt, schema.lead, schema.lead.c.id == schema.attempt.c.lead_id)
        .where(schema.attempt.c.id == row.attempt_id)
    )
    group = connection.scalar(statement)
    return () if group is None else zones_of(connection, [group])[group]


def find(connection: Connection, workspace_id: int, name: str) -> AgentRow:
    """Return the agent of that name.

    Raises:
        ConfigError: If there is none; the text names those that there are.
    """
    agents = every(connection, workspace_id)
    for agent in agents:
        if agent.name == name:
            return agent
    known = (agent.name for agent in agents)
    raise unknown("agent", name, known=known, remedy="add one with `dialer agent add`")
