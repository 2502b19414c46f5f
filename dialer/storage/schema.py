"""Every table there is; the migrations make them, and a test compares the two.

What columns are like is in `dialer.storage.columns`. Nothing here is special to SQLite but options that
PostgreSQL ignores.
"""

from enum import IntEnum, StrEnum

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    false,
)

from dialer.storage import consent_tables, evidence_tables, pacing_tables
from dialer.storage.columns import (
    BIG_ID,
    count,
    counted_id,
    optional_seconds,
    optional_text,
    reference,
    seconds,
    text,
    text_id,
    workspace_id,
)
from dialer.storage.queue_tables import queue_call
from dialer.storage.tables import partial_index as _partial_index
from dialer.storage.tables import table as _table

REVISIONS = ("0001", "0002", "0003")
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


workspace = _table(
    "workspace",
    Column("id", Integer, primary_key=True),
    Column("name", Text, unique=True, nullable=False),
    optional_seconds("halted_at"),
    text("halt_reason"),
)

lease = _table(
    "lease",
    workspace_id(primary_key=True),
    text("instance", None),
    Column("epoch", BIG_ID, nullable=False),
    text("host", None),
    Column("pid", Integer, nullable=False),
    # The kernel's own mark of when the process began: a pid alone may have been given away again.
    text("process_started", None),
    seconds("taken_at"),
    seconds("renewed_at"),
    seconds("expires_at"),
    count("round"),  # the last one on record: tells whether a commit of unknown fate was one
)

request = _table(
    "request",
    counted_id(),
    workspace_id(),
    text("who", None),
    text("kind", None),
    text("body", None),
    text("idempotency_key", None),
    text("state", RequestState.PENDING),
    text("text"),
    seconds("made_at"),
    seconds("expires_at"),
    optional_seconds("answered_at"),
    UniqueConstraint("workspace_id", "idempotency_key"),
)
_partial_index(
    "request_pending", request.c.workspace_id, request.c.id, where=request.c.state == RequestState.PENDING
)

lead_list = _table(
    "lead_list",
    counted_id(),
    workspace_id(),
    text("name", None),
    seconds("made_at"),
    UniqueConstraint("workspace_id", "name"),
)

zone_group = _table(
    "zone_group",
    Column("id", SmallInteger().with_variant(Integer, "sqlite"), primary_key=True),
    workspace_id(),
    text("zones", None),  # sorted names, joined by commas; empty when no zone is known
    UniqueConstraint("workspace_id", "zones"),
)

lead = _table(
    "lead",
    counted_id(),
    workspace_id(checked=False),
    reference("list", "lead_list"),
    text("phone", None),  # E.164
    text("region", None),
    text("kind", None),
    Column("zone_group", SmallInteger, nullable=False),
    text("attributes", "{}"),
    seconds("made_at"),
    UniqueConstraint("list_id", "phone"),
)

import_job = _table(
    "import_job",
    counted_id(),
    workspace_id(),
    reference("list", "lead_list"),
    text("path", None),
    text("fingerprint", None),
    count("line"),
    count("offset"),
    count("rows"),
    count("imported"),
    count("duplicates"),
    count("rejected"),
    text("rejects_file"),
    count("rejects_offset"),
    seconds("made_at"),
    optional_seconds("finished_at"),
)
_partial_index(
    "import_job_unfinished",
    import_job.c.list_id,
    import_job.c.fingerprint,
    unique=True,
    where=import_job.c.finished_at.is_(None),
)

campaign = _table(
    "campaign",
    counted_id(),
    workspace_id(),
    text("name", None),
    reference("list", "lead_list"),
    text("settings", None),  # JSON of CampaignSettings without its id
    text("state", "stopped"),
    text("reason"),
    optional_seconds("until_at"),
    seconds("made_at"),
    UniqueConstraint("workspace_id", "name"),
)

hopper = _table(
    "hopper",
    Column("campaign_id", BIG_ID, primary_key=True, autoincrement=False),
    Column("lead_id", BIG_ID, primary_key=True, autoincrement=False),
    workspace_id(checked=False),
    Column("zone_group", SmallInteger, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    seconds("due_at"),
    Column("state", SmallInteger, nullable=False),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    text("tries", "{}"),  # JSON of {outcome: count}
    Column("faults", SmallInteger, nullable=False, server_default="0"),  # of the carrier, on `faults_day`
    Column("faults_day", Integer, nullable=False, server_default="0"),  # days since the epoch, UTC
    optional_text("instance"),
    optional_seconds("claimed_at"),
    text("reason"),  # of the last refusal
    without_rowid=True,
)
# One claim reads one (campaign, zone group, priority) slot from its front.
_partial_index(
    "hopper_claim",
    hopper.c.campaign_id,
    hopper.c.zone_group,
    hopper.c.priority,
    hopper.c.due_at,
    where=hopper.c.state == HopperState.READY,
)
_partial_index("hopper_in_flight", hopper.c.workspace_id, where=hopper.c.state == HopperState.IN_FLIGHT)

agent = _table(
    "agent",
    counted_id(),
    workspace_id(),
    text("name", None),
    text("phone", None),  # SIP URI
    text("state", "logged_out"),
    text("reason"),
    seconds("since_at"),
    optional_text("attempt_id"),
    text("to_come"),  # what begins when the present call and its wrap-up end; empty: the next call
    text("profile", "{}"),  # JSON of Profile
    optional_seconds("until_at"),  # when a wrap-up is to be over
    text("paused_by"),  # empty: the agent is not paused
    text("busy_code"),  # of the pause that is, or is to come
    count("serving"),  # customers the agent is with
    count("volume"),  # the weights of the text sessions
    count("served"),  # those of the day that ends at `served_until`
    optional_seconds("served_until"),
    UniqueConstraint("workspace_id", "name"),
)

agent_period = _table(
    "agent_period",
    counted_id(),
    workspace_id(checked=False),
    reference("agent"),
    text("state", None),
    text("reason"),
    optional_text("attempt_id"),
    seconds("started_at"),
    optional_seconds("ended_at"),
    text("paused_by"),
    optional_seconds("until_at"),
)
Index("agent_period_by_time", agent_period.c.agent_id, agent_period.c.started_at)
_partial_index(
    "agent_period_open", agent_period.c.agent_id, unique=True, where=agent_period.c.ended_at.is_(None)
)

# The roster: when agents are to be there, and when to rest meanwhile.
shift = _table(
    "shift",
    counted_id(),
    workspace_id(),
    reference("agent"),
    seconds("begins_at"),
    seconds("ends_at"),
    text("breaks", "[]"),  # JSON of [[begins_at, ends_at], ...]
    text("zone", None),  # by whose clock it is shown
    UniqueConstraint("agent_id", "begins_at"),
)
Index("shift_by_time", shift.c.workspace_id, shift.c.ends_at)

# Every version: tasks finish in the one they began in.
workflow = _table(
    "workflow",
    workspace_id(primary_key=True),
    Column("name", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    text("text", None),  # JSON of Workflow
    seconds("made_at"),
)

# What the run last said of each trunk: for people, and for the limits of a day that outlive a run.
trunk = _table(
    "trunk",
    workspace_id(primary_key=True),
    Column("name", Text, primary_key=True),
    text("state", None),
    text("reason"),
    seconds("since_at"),
    optional_seconds("until_at"),
    Column("used_day", Integer, nullable=False, server_default="0"),  # days since the epoch, UTC
    Column("used_s", Double, nullable=False, server_default="0"),  # answered seconds on that day
)

attempt = _table(
    "attempt",
    text_id(),
    workspace_id(checked=False),
    reference("campaign"),
    reference("lead"),
    reference("list", "lead_list"),
    reference("agent", optional=True),
    seconds("started_at"),
    optional_seconds("ended_at"),
    optional_text("outcome"),
    optional_text("cause"),
    Column("sip_code", SmallInteger),
    Column("q850", SmallInteger),
    optional_seconds("ringing_at"),
    optional_seconds("answered_at"),
    optional_seconds("bridged_at"),
    optional_seconds("ring_s"),
    optional_seconds("wait_s"),
    optional_seconds("talk_s"),
    Column("agents_free", Integer),
    optional_seconds("retry_at"),
    Column("counted", Boolean),
    optional_text("disposition"),  # the code of the campaign's disposition that an agent chose
    optional_seconds("disposed_at"),
    optional_text("amd_verdict"),  # who picked up, as answering machine detection says; null: it did not
    optional_text("amd_cause"),  # in the switch's words
    optional_seconds("amd_s"),  # from the answer to the verdict
)
Index("attempt_by_campaign", attempt.c.campaign_id, attempt.c.started_at)
Index("attempt_by_lead", attempt.c.lead_id)
_partial_index("attempt_open", attempt.c.workspace_id, where=attempt.c.ended_at.is_(None))

call = _table(
    "call",
    text_id(),
    workspace_id(checked=False),
    Column("attempt_id", Text, ForeignKey("attempt.id"), nullable=False),
    text("trunk", None),
    text("caller_id"),
    text("number", None),  # E.164
    seconds("started_at"),
    optional_seconds("ended_at"),
    # The lead called us, after the attempt was over; the columns that follow are of such calls only.
    Column("inbound", Boolean, nullable=False, server_default=false()),
    optional_text("outcome"),
    Column("agent_id", BIG_ID),
    optional_seconds("wait_s"),
    optional_seconds("talk_s"),
)
Index("call_by_attempt", call.c.attempt_id)
# One number has at most one call in progress, whatever lists and campaigns it stands in.
_partial_index(
    "call_in_progress", call.c.workspace_id, call.c.number, unique=True, where=call.c.ended_at.is_(None)
)

leg = _table(
    "leg",
    text_id(),
    workspace_id(checked=False),
    Column("call_id", Text, ForeignKey("call.id")),
    reference("agent", optional=True),
    seconds("started_at"),
    optional_seconds("dialing_at"),
    optional_seconds("ringing_at"),
    optional_seconds("answered_at"),
    optional_seconds("ended_at"),
    optional_text("cause"),
    Column("sip_code", SmallInteger),
    Column("q850", SmallInteger),
    text("text"),
)
Index("leg_by_call", leg.c.call_id)
_partial_index("leg_open", leg.c.workspace_id, where=leg.c.ended_at.is_(None))

recording = _table(
    "recording",
    text_id(),  # name of the file, without a directory
    workspace_id(checked=False),
    Column("attempt_id", Text, ForeignKey("attempt.id")),
    Column("queue_call_id", Text, ForeignKey(queue_call.c.id)),  # of one that no attempt made
    seconds("started_at"),
    optional_seconds("ended_at"),
    text("failed"),  # why there is nothing in it, or not all
)
Index("recording_by_attempt", recording.c.attempt_id)
Index("recording_by_queue_call", recording.c.queue_call_id)

guest, note, handover = evidence_tables.guest, evidence_tables.note, evidence_tables.handover
preview = evidence_tables.preview
journal, sip_message = evidence_tables.journal, evidence_tables.sip_message
pacing_learned, pacing_decision = pacing_tables.pacing_learned, pacing_tables.pacing_decision
consent, agentless_call = consent_tables.consent, consent_tables.agentless_call

do_not_call = _table(
    "do_not_call",
    workspace_id(primary_key=True),
    Column("number", Text, primary_key=True),
    seconds("added_at"),
    text("who", None),
    text("reason"),
    without_rowid=True,
)
