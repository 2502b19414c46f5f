"""What people write about a call: notes, and the answers of a form. Personal data: read here, never by the engine."""

from enum import StrEnum
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, insert, or_, select

from dialer.core.ids import AgentId
from dialer.errors import ConfigError
from dialer.storage.schema import agent, attempt, handover, note

MAX_TEXT: Final = 10_000
"""Characters of a note, or of a form's answers as JSON. A guess: some four pages; who receives a customer reads seconds."""


class NoteKind(StrEnum):
    """What was written."""

    NOTE = "note"
    FORM = "form"  # answers as a JSON object; the newest of an attempt counts


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wrote."""

    id: int
    at: float
    kind: NoteKind
    text: str
    who: str
    attempt_id: str | None
    agent: str | None
    """Whose talk it was written in."""


class Writing(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be kept."""

    at: float
    attempt_id: str
    kind: NoteKind
    text: str
    """Of a form: its answers, as a JSON object."""
    who: str
    agent_id: AgentId | None = None
    """Whose talk it is about, if it is known."""


def add(connection: Connection, workspace_id: int, writing: Writing) -> None:
    """Keep a note about an attempt, or the answers of a form.

    Raises:
        ConfigError: If there is no such attempt, or the text is empty, too long, or no answers.
    """
    kept = attempt.c
    query = select(kept.lead_id).where(kept.id == writing.attempt_id, kept.workspace_id == workspace_id)
    lead_id = connection.scalar(query)
    if lead_id is None:
        raise ConfigError(
            f"no attempt is called {writing.attempt_id!r}: `dialer call list` names those that there are"
        )
    text = writing.text.strip()
    if not text or len(text) > MAX_TEXT:
        raise ConfigError(f"a note or a form has 1 to {MAX_TEXT:,} characters: this one has {len(text):,}")
    if writing.kind is NoteKind.FORM:
        _check_answers(text)
    row = msgspec.structs.asdict(writing) | {"text": text, "workspace_id": workspace_id, "lead_id": lead_id}
    connection.execute(insert(note), row)


def _check_answers(text: str) -> None:
    try:
        msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise ConfigError(
            f'the answers of a form are one JSON object, such as {{"age": 40}}: {error}'
        ) from error


def attempt_of(connection: Connection, agent_id: AgentId) -> str | None:
    """Return the attempt that an agent is about: the talk or its wrap-up, else the one whose record is being given."""
    own: str | None = connection.scalar(select(agent.c.attempt_id).where(agent.c.id == agent_id))
    if own is not None:
        return own
    kept = handover.c
    coming = select(kept.attempt_id).where(kept.to_agent_id == agent_id, kept.ended_at.is_(None))
    found: str | None = connection.scalar(coming.order_by(kept.at.desc()).limit(1))
    return found


def about(connection: Connection, attempt_id: str | None, lead_id: int) -> list[Note]:
    """Return what was written about an attempt, if there is one, and its lead, oldest first."""
    kept = note.c
    names = (kept.id, kept.at, kept.kind, kept.text, kept.who, kept.attempt_id)
    of_lead = kept.lead_id == lead_id
    statement = (
        select(*names, agent.c.name.label("agent"))
        .select_from(note.outerjoin(agent, agent.c.id == kept.agent_id))
        .where(of_lead if attempt_id is None else or_(of_lead, kept.attempt_id == attempt_id))
        .order_by(kept.id)
    )
    found = connection.execute(statement).mappings()
    return [Note(**{**row, "kind": NoteKind(row["kind"])}) for row in found]
