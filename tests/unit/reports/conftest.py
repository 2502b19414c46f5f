import pytest
from sqlalchemy import insert

from dialer.storage import schema


@pytest.fixture
def put(store):
    """Put rows into a table, with the ids of the one workspace, campaign and list."""

    def rows(table, *facts):
        common = {"workspace_id": store.workspace_id}
        if table is schema.attempt:
            common |= {"campaign_id": store.campaign_id, "list_id": store.list_id, "lead_id": 1}
        with store.database.write() as connection:
            for fact in facts:
                connection.execute(insert(table).values(common | fact))

    return rows


@pytest.fixture
def ask(store):
    """Ask a report's function about the one campaign."""

    def answer(report, **more):
        with store.database.read() as connection:
            return report(connection, store.campaign_id, campaign="spring", **more)

    return answer
