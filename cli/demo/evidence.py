"""What there is to judge a demo by: its database and the logs of both emulated sides."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import Connection, func, select

from cli.demo.fixture import Fixture
from cli.demo.stage import carrier_log, database_url, phones_log
from cli.demo.verdict import Attempt, Evidence, Floor
from dialer.core.ids import CampaignId
from dialer.live.clock import Clock
from dialer.reports.agents import agents
from dialer.reports.outcomes import outcomes
from dialer.reports.table import Report
from dialer.storage import schema
from dialer.storage.database import open_database
from dialer.storage.rows import record
from telephony.sip.emulator.log import read_log

_ANOMALIES = select(func.count()).where(schema.journal.c.kind == "anomaly")


def collect(
    directory: Path, given: Fixture, *, floor: Floor, called: Mapping[str, CampaignId], cut_short: bool
) -> tuple[Evidence, list[Report]]:
    """Return the evidence and the reports; after the processes ended, for only then the logs are whole."""
    database = open_database(database_url(directory), create=False)
    try:
        with database.read() as connection:
            return Evidence(
                kinds=given.kinds,
                attempts=_attempts(connection, list(called.values())),
                carrier=read_log(carrier_log(directory)),
                phones=read_log(phones_log(directory)),
                anomalies=connection.execute(_ANOMALIES).scalar_one(),
                floor=floor,
                cut_short=cut_short,
            ), [
                report
                for name, campaign_id in called.items()
                for report in _reports(connection, name, campaign_id)
            ]
    finally:
        database.close()


def _reports(connection: Connection, name: str, campaign_id: CampaignId) -> list[Report]:
    return [
        outcomes(connection, campaign_id, campaign=name),
        agents(connection, campaign_id, campaign=name, at=Clock().now()),
    ]


def _attempts(connection: Connection, called: Sequence[CampaignId]) -> list[Attempt]:
    attempt, lead = schema.attempt, schema.lead
    kept = attempt.c
    statement = (
        select(
            kept.id.label("attempt_id"),
            lead.c.phone.label("number"),
            kept.started_at,
            kept.ended_at,
            kept.outcome,
            kept.agents_free,
            kept.wait_s,
            kept.talk_s,
        )
        .select_from(attempt.join(lead, lead.c.id == kept.lead_id))
        .where(kept.campaign_id.in_(called))
        .order_by(kept.started_at)
    )
    return [record(row, Attempt) for row in connection.execute(statement).mappings()]
