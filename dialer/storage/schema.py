"""Every table there is; the migrations make them, and a test compares the two.

Rules kept here: every table has a `workspace_id`; instants are seconds since the epoch, UTC, named `*_at`;
what is structured but never searched is JSON text. Nothing here is special to SQLite but options that
PostgreSQL ignores.
"""

from enum import IntEnum, StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.schema import SchemaItem

REVISIONS = ("0001", "0002")
"""Every schema version, oldest first; the last one is what this code reads and writes."""


class HopperState(IntEnum):
    """What may happen to a lead in a hopper."""

    READY = 0
    IN_FLIGHT = 1
    DONE = 2


class RequestState(StrEnum):
    """What became of a request."""

    PENDING = "pending"
    DONE = "done"
    REFUSED = "refused"
    EXPIRED = "expired"


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)

# SQLite counts rows up by itself only in a column that is declared INTEGER.
_BigId = BigInteger().with_variant(Integer, "sqlite")


def _table(name: str, *items: SchemaItem, without_rowid: bool = False) -> Table:
    return Table(name, metadata, *items, sqlite_with_rowid=not without_rowid)


def _id() -> Column[int]:
    return Column("id", _BigId, primary_key=True)


def _text_id() -> Column[str]:
    return Column("id", Text, primary_key=True)


def _workspace(*, checked: bool = True, primary_key: bool = False) -> Column[int]:
    # Tables written by the thousand a second go without the check: their rows hang on rows that have it.
    keys = (ForeignKey("workspace.id"),) if checked else ()
    return Column("workspace_id", Integer, *keys, primary_key=primary_key, nullable=False)


def _text(name: str, default: str | None = "") -> Column[str]:
    return Column(name, Text, nullable=False, server_default=default)


def _maybe_text(name: str) -> Column[str]:
    return Column(name, Text)


def _count(name: str) -> Column[int]:
    return Column(name, _BigId, nullable=False, server_default="0")


def _at(name: str) -> Column[float]:
    return Column(name, Double, nullable=False)


def _maybe(name: str) -> Column[float]:
    return Column(name, Double)


def _ref(name: str, target: str | None = None, *, nullable: bool = False) -> Column[int]:
    return Column(f"{name}_id", _BigId, ForeignKey(f"{target or name}.id"), nullable=nullable)


workspace = _table(
    "workspace",
    Column("id", Integer, primary_key=True),
    Column("name", Text, unique=True, nullable=False),
    _maybe("halted_at"),
    _text("halt_reason"),
)

lease = _table(
    "lease",
    _workspace(primary_key=True),
    _text("instance", None),
    Column("epoch", _BigId, nullable=False),
    _text("host", None),
    Column("pid", Integer, nullable=False),
    # The kernel's own mark of when the process began: a pid alone may have been given away again.
    _text("process_started", None),
    _at("taken_at"),
    _at("renewed_at"),
    _at("expires_at"),
    _count("round"),  # the last one on record: tells whether a commit of unknown fate was one
)

request = _table(
    "request",
    _id(),
    _workspace(),
    _text("who", None),
    _text("kind", None),
    _text("body", None),
    _text("idempotency_key", None),
    _text("state", RequestState.PENDING),
    _text("text"),
    _at("made_at"),
    _at("expires_at"),
    _maybe("answered_at"),
    UniqueConstraint("workspace_id", "idempotency_key"),
)
Index(
    "request_pending",
    request.c.workspace_id,
    request.c.id,
    sqlite_where=request.c.state == RequestState.PENDING,
    postgresql_where=request.c.state == RequestState.PENDING,
)

lead_list = _table(
    "lead_list",
    _id(),
    _workspace(),
    _text("name", None),
    _at("made_at"),
    UniqueConstraint("workspace_id", "name"),
)

zone_group = _table(
    "zone_group",
    Column("id", SmallInteger().with_variant(Integer, "sqlite"), primary_key=True),
    _workspace(),
    _text("zones", None),  # sorted names, joined by commas; empty when no zone is known
    UniqueConstraint("workspace_id", "zones"),
)

lead = _table(
    "lead",
    _id(),
    _workspace(checked=False),
    _ref("list", "lead_list"),
    _text("phone", None),  # E.164
    _text("region", None),
    _text("kind", None),
    Column("zone_group", SmallInteger, nullable=False),
    _text("attributes", "{}"),
    _at("made_at"),
    UniqueConstraint("list_id", "phone"),
)

import_job = _table(
    "import_job",
    _id(),
    _workspace(),
    _ref("list", "lead_list"),
    _text("path", None),
    _text("fingerprint", None),
    _count("line"),
    _count("offset"),
    _count("rows"),
    _count("imported"),
    _count("duplicates"),
    _count("rejected"),
    _text("rejects_file"),
    _count("rejects_offset"),
    _at("made_at"),
    _maybe("finished_at"),
)
Index(
    "import_job_unfinished",
    import_job.c.list_id,
    import_job.c.fingerprint,
    unique=True,
    sqlite_where=import_job.c.finished_at.is_(None),
    postgresql_where=import_job.c.finished_at.is_(None),
)

campaign = _table(
    "campaign",
    _id(),
    _workspace(),
    _text("name", None),
    _ref("list", "lead_list"),
    _text("settings", None),  # JSON of CampaignSettings without its id
    _text("state", "stopped"),
    _text("reason"),
    _maybe("until_at"),
    _at("made_at"),
    UniqueConstraint("workspace_id", "name"),
)

hopper = _table(
    "hopper",
    Column("campaign_id", _BigId, primary_key=True, autoincrement=False),
    Column("lead_id", _BigId, primary_key=True, autoincrement=False),
    _workspace(checked=False),
    Column("zone_group", SmallInteger, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    _at("due_at"),
    Column("state", SmallInteger, nullable=False),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    _text("tries", "{}"),  # JSON of {outcome: count}
    Column("faults", SmallInteger, nullable=False, server_default="0"),  # of the carrier, on `faults_day`
    Column("faults_day", Integer, nullable=False, server_default="0"),  # days since the epoch, UTC
    _maybe_text("instance"),
    _maybe("claimed_at"),
    _text("reason"),  # of the last refusal
    without_rowid=True,
)
# One claim reads one (campaign, zone group, priority) slot from its front.
Index(
    "hopper_claim",
    hopper.c.campaign_id,
    hopper.c.zone_group,
    hopper.c.priority,
    hopper.c.due_at,
    sqlite_where=hopper.c.state == HopperState.READY,
    postgresql_where=hopper.c.state == HopperState.READY,
)
Index(
    "hopper_in_flight",
    hopper.c.workspace_id,
    sqlite_where=hopper.c.state == HopperState.IN_FLIGHT,
    postgresql_where=hopper.c.state == HopperState.IN_FLIGHT,
)

agent = _table(
    "agent",
    _id(),
    _workspace(),
    _text("name", None),
    _text("phone", None),  # SIP URI
    _text("state", "logged_out"),
    _text("reason"),
    _at("since_at"),
    _maybe_text("attempt_id"),
    _text("to_come"),  # what begins when the present call and its wrap-up end; empty: the next call
    UniqueConstraint("workspace_id", "name"),
)

agent_period = _table(
    "agent_period",
    _id(),
    _workspace(checked=False),
    _ref("agent"),
    _text("state", None),
    _text("reason"),
    _maybe_text("attempt_id"),
    _at("started_at"),
    _maybe("ended_at"),
)
Index("agent_period_by_time", agent_period.c.agent_id, agent_period.c.started_at)
Index(
    "agent_period_open",
    agent_period.c.agent_id,
    unique=True,
    sqlite_where=agent_period.c.ended_at.is_(None),
    postgresql_where=agent_period.c.ended_at.is_(None),
)

# What the run last said of each trunk: for people, and for the limits of a day that outlive a run.
trunk = _table(
    "trunk",
    _workspace(primary_key=True),
    Column("name", Text, primary_key=True),
    _text("state", None),
    _text("reason"),
    _at("since_at"),
    _maybe("until_at"),
    Column("used_day", Integer, nullable=False, server_default="0"),  # days since the epoch, UTC
    Column("used_s", Double, nullable=False, server_default="0"),  # answered seconds on that day
)

attempt = _table(
    "attempt",
    _text_id(),
    _workspace(checked=False),
    _ref("campaign"),
    _ref("lead"),
    _ref("list", "lead_list"),
    _ref("agent", nullable=True),
    _at("started_at"),
    _maybe("ended_at"),
    _maybe_text("outcome"),
    _maybe_text("cause"),
    Column("sip_code", SmallInteger),
    Column("q850", SmallInteger),
    _maybe("ringing_at"),
    _maybe("answered_at"),
    _maybe("bridged_at"),
    _maybe("ring_s"),
    _maybe("wait_s"),
    _maybe("talk_s"),
    Column("agents_free", Integer),
    _maybe("retry_at"),
    Column("counted", Boolean),
    _maybe_text("disposition"),  # the code of the campaign's disposition that an agent chose
    _maybe("disposed_at"),
)
Index("attempt_by_campaign", attempt.c.campaign_id, attempt.c.started_at)
Index("attempt_by_lead", attempt.c.lead_id)
Index(
    "attempt_open",
    attempt.c.workspace_id,
    sqlite_where=attempt.c.ended_at.is_(None),
    postgresql_where=attempt.c.ended_at.is_(None),
)

call = _table(
    "call",
    _text_id(),
    _workspace(checked=False),
    Column("attempt_id", Text, ForeignKey("attempt.id"), nullable=False),
    _text("trunk", None),
    _text("caller_id"),
    _text("number", None),  # E.164
    _at("started_at"),
    _maybe("ended_at"),
)
Index("call_by_attempt", call.c.attempt_id)
# One number has at most one call in progress, whatever lists and campaigns it stands in.
Index(
    "call_in_progress",
    call.c.workspace_id,
    call.c.number,
    unique=True,
    sqlite_where=call.c.ended_at.is_(None),
    postgresql_where=call.c.ended_at.is_(None),
)

leg = _table(
    "leg",
    _text_id(),
    _workspace(checked=False),
    Column("call_id", Text, ForeignKey("call.id")),
    _ref("agent", nullable=True),
    _at("started_at"),
    _maybe("dialing_at"),
    _maybe("ringing_at"),
    _maybe("answered_at"),
    _maybe("ended_at"),
    _maybe_text("cause"),
    Column("sip_code", SmallInteger),
    Column("q850", SmallInteger),
    _text("text"),
)
Index("leg_by_call", leg.c.call_id)
Index(
    "leg_open",
    leg.c.workspace_id,
    sqlite_where=leg.c.ended_at.is_(None),
    postgresql_where=leg.c.ended_at.is_(None),
)

# No foreign keys: these two are evidence, which must not be lost because something else is missing.
journal = _table(
    "journal",
    _id(),
    _workspace(checked=False),
    _at("at"),
    _text("kind", None),
    _maybe_text("attempt_id"),
    _maybe_text("leg_id"),
    Column("agent_id", _BigId),
    _text("detail"),
)
Index("journal_by_attempt", journal.c.attempt_id)

sip_message = _table(
    "sip_message",
    _id(),
    _workspace(checked=False),
    _text("leg_id", None),
    _at("at"),
    _text("direction", None),
    _text("text", None),
)
Index("sip_message_by_leg", sip_message.c.leg_id)

do_not_call = _table(
    "do_not_call",
    _workspace(primary_key=True),
    Column("number", Text, primary_key=True),
    _at("added_at"),
    _text("who", None),
    _text("reason"),
    without_rowid=True,
)
