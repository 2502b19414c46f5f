"""What a claim costs on a long list beside a short one, when all that comes first is not due yet."""

from collections.abc import Iterator
from tempfile import TemporaryDirectory
from time import perf_counter

from sqlalchemy import text

from dialer.storage.database import Database, open_database
from dialer.storage.fence import Fence
from dialer.storage.hopper import Hopper
from dialer.storage.workspaces import ensure_workspace
from tests.postgres import Server

_ZONE_GROUPS = 17
_PRIORITIES = 5
_PER_CLAIM = 10
_CLAIMS = 200
_NOW = 1_000.0
_LATER = 1_000_000.0

_FILL_LEADS = """
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :rows - 1)
    INSERT INTO lead (id, workspace_id, list_id, phone, region, kind, zone_group, made_at)
    SELECT i + 1, 1, 1, '+1' || (2000000000 + i), 'US', 'fixed_or_mobile', i % :groups + 1, 0 FROM n
"""
_FILL_HOPPER = """
    INSERT INTO hopper (campaign_id, lead_id, workspace_id, zone_group, priority, due_at, state)
    SELECT 1, id, 1, zone_group, (id / :groups) % :priorities,
        CASE WHEN (id / :groups) % :priorities = 0 THEN :later ELSE id % 900 END, 0
    FROM lead
"""


def figures() -> Iterator[tuple[str, float, str]]:
    """Yield what a claim takes, and how many times as long on a million leads as on a hundred thousand."""
    with TemporaryDirectory() as folder:
        yield from _of_store("hopper", [f"sqlite:///{folder}/short.db", f"sqlite:///{folder}/long.db"])
    server = Server(durable=True)
    try:
        yield from _of_store("hopper.postgresql", [server.new_database(), server.new_database()])
    finally:
        server.remove()


def _of_store(name: str, urls: list[str]) -> Iterator[tuple[str, float, str]]:
    short, long = _make(urls[0], 100_000), _make(urls[1], 1_000_000)
    ratios, costs = [], []
    for _ in range(5):
        costs.append(_claim_s(short))
        ratios.append(_claim_s(long) / costs[-1])
    short.close()
    long.close()
    yield f"{name}.claim_cost", sorted(costs)[2] * 1000, "ms"
    yield f"{name}.claim_cost_1m_over_100k", sorted(ratios)[2], "1"


def _make(url: str, rows: int) -> Database:
    database = open_database(url)
    ensure_workspace(database, "default")
    counts = {"rows": rows, "groups": _ZONE_GROUPS, "priorities": _PRIORITIES, "later": _LATER}
    with database.write() as connection:
        connection.execute(text("INSERT INTO lead_list (workspace_id, name, made_at) VALUES (1, 'l', 0)"))
        for group in range(_ZONE_GROUPS):
            connection.execute(
                text("INSERT INTO zone_group (workspace_id, zones) VALUES (1, :zone)"),
                {"zone": f"Etc/GMT+{group}"},
            )
        connection.execute(text(_FILL_LEADS), counts)
        connection.execute(text(_FILL_HOPPER), counts)
        if not database.is_sqlite:
            connection.execute(text("ANALYZE"))  # as its autovacuum does a minute later
    return database


def _claim_s(database: Database) -> float:
    """Return the seconds that one claim takes, each in a transaction of its own as a round makes it."""
    hopper = Hopper(Fence(1, "bench", 1))
    before = perf_counter()
    for _ in range(_CLAIMS):
        with database.write() as connection:
            claim = hopper.claim(connection, 1, count=_PER_CLAIM, closed=(), at=_NOW)
        if len(claim.leads) < _PER_CLAIM:
            raise RuntimeError("the list was too short to measure")
    return (perf_counter() - before) / _CLAIMS
