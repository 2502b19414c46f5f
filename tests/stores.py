"""A database with a list and a campaign, for tests of what is kept."""

import threading
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, insert, select, text

from dialer.core.settings import CampaignSettings
from dialer.live import lease as leases
from dialer.live.clock import Clock
from dialer.storage import agents, campaigns, hopper, migrations, schema
from dialer.storage.database import Database, open_database
from dialer.storage.workspaces import ensure_workspace
from dialer.storage.zone_groups import ensure_zone_group

ZONES = ("America/New_York", "America/Chicago", "Europe/London")


def number(index: int) -> str:
    """A number of those kept for fiction."""
    return f"+1{index // 100 + 212}55501{index % 100:02d}"


@dataclass
class Store:
    """One workspace with an empty campaign."""

    database: Database
    workspace_id: int
    list_id: int
    campaign_id: int

    def add_leads(self, count: int) -> list[int]:
        """Put leads of all `ZONES` in turn into list and hopper, due at 0."""
        with self.database.write() as connection:
            groups = [ensure_zone_group(connection, self.workspace_id, [zone]) for zone in ZONES]
            rows = [
                {
                    "workspace_id": self.workspace_id,
                    "list_id": self.list_id,
                    "phone": number(index),
                    "region": "US",
                    "kind": "fixed_or_mobile",
                    "zone_group": groups[index % len(groups)],
                    "made_at": 0.0,
                }
                for index in range(count)
            ]
            connection.execute(insert(schema.lead), rows)
            ids = connection.scalars(
                select(schema.lead.c.id)
                .where(schema.lead.c.list_id == self.list_id)
                .order_by(schema.lead.c.id)
            ).all()
        hopper.fill(self.database, self.campaign_id, self.list_id, at=0.0)
        return list(ids)

    def add_agent(self, name: str) -> int:
        """Keep an agent whose phone is on this machine."""
        with self.database.write() as connection:
            return agents.add(
                connection, self.workspace_id, name=name, phone=f"sip:{name}@127.0.0.1:5070", at=0.0
            )

    def forbid(self, phone: str) -> None:
        """Put a number on the do-not-call list."""
        row = {"workspace_id": self.workspace_id, "number": phone, "added_at": 0.0, "who": "test"}
        with self.database.write() as connection:
            connection.execute(insert(schema.do_not_call), row)

    def rows(self, table, *columns):
        """Every row of a table, as tuples of the named columns, oldest first."""
        with self.database.read() as connection:
            query = select(*(table.c[column] for column in columns)).order_by(*table.primary_key.columns)
            return [tuple(row) for row in connection.execute(query)]

    def lease(self, on_lost=lambda: None, **options):
        """Take the workspace."""
        return leases.take(self.database, self.workspace_id, clock=Clock(), on_lost=on_lost, **options)

    def steal_lease(self) -> None:
        """Do what a run does that takes the workspace over."""
        with self.database.write() as connection:
            connection.execute(text("UPDATE lease SET epoch = epoch + 1, instance = 'thief'"))


def make_store(url: str) -> Store:
    """Make a database with one workspace, list and campaign."""
    database = open_database(url)
    workspace_id = ensure_workspace(database, "default")
    with database.write() as connection:
        made = insert(schema.lead_list).values(workspace_id=workspace_id, name="people", made_at=0.0)
        list_id = connection.execute(made.returning(schema.lead_list.c.id)).scalar_one()
        campaign_id = campaigns.create(
            connection,
            workspace_id,
            name="spring",
            list_id=list_id,
            settings=CampaignSettings(campaign_id=0, trunk="main"),
            at=0.0,
        )
    return Store(database, workspace_id, list_id, campaign_id)


def make_old_database(url: str) -> None:
    """Make a database as the first version made it, with one agent and one campaign."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__path__[0])))
    config.set_main_option("path_separator", "os")
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, schema.REVISIONS[0])
        connection.execute(text("INSERT INTO workspace (id, name) VALUES (1, 'default')"))
        connection.execute(
            text(
                "INSERT INTO agent (workspace_id, name, phone, state, reason, since_at)"
                " VALUES (1, 'anna', 'sip:anna@127.0.0.1', 'ready', '', 1.5)"
            )
        )
        connection.execute(
            text("INSERT INTO lead_list (id, workspace_id, name, made_at) VALUES (1, 1, 'people', 1.5)")
        )
        made = text(
            "INSERT INTO campaign (workspace_id, name, list_id, settings, state, made_at)"
            " VALUES (1, 'spring', 1, :settings, 'stopped', 1.5)"
        )
        connection.execute(made, {"settings": '{"trunk":"main","record":true,"hold_wrap_up":true}'})
    engine.dispose()


def wait_until(condition, *, within_s: float = 20.0) -> None:
    """Return once the condition holds; look often."""
    pause, deadline = threading.Event(), monotonic() + within_s
    while not condition():
        assert monotonic() < deadline, "it did not happen in time"
        pause.wait(0.01)


class Inbox:
    """What was posted, and a way to wait for it."""

    def __init__(self) -> None:
        self.items = []
        self._news = threading.Condition()

    def post(self, item) -> None:
        with self._news:
            self.items.append(item)
            self._news.notify_all()

    def wait_for(self, kind, count: int = 1, *, within_s: float = 20.0):
        """The first `count` items of a kind."""
        with self._news:
            arrived = self._news.wait_for(lambda: len(self.of(kind)) >= count, timeout=within_s)
        assert arrived, f"only {self.items}"
        return self.of(kind)[:count]

    def of(self, kind):
        return [item for item in self.items if isinstance(item, kind)]
