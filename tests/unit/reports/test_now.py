import pytest
from sqlalchemy import event, update

from dialer.reports.now import STAGES, floor_now
from dialer.storage import schema
from tests.stores import number

AT = 10_000.0


@pytest.fixture
def look(store):
    def now():
        with store.database.read() as connection:
            return floor_now(connection, store.workspace_id, at=AT)

    return now


@pytest.fixture
def open_call(store, put):
    """An attempt with a call that has not ended, and what its journal says of it."""
    store.add_leads(10)

    def make(index, *kinds, trunk="main"):
        attempt = f"a-{index}"
        put(schema.attempt, {"id": attempt, "lead_id": index + 1, "started_at": AT - 20})
        put(
            schema.call,
            {
                "id": f"c-{index}",
                "attempt_id": attempt,
                "trunk": trunk,
                "number": number(index),
                "started_at": AT - 20,
            },
        )
        put(schema.journal, *({"at": AT - 10, "kind": kind, "attempt_id": attempt} for kind in kinds))
        return attempt

    return make


def test_a_workspace_where_nothing_ran_shows_its_campaigns(look):
    floor = look()
    assert (floor.run, floor.halted_at, floor.agents, floor.trunks, floor.troubles) == (
        None,
        None,
        (),
        (),
        (),
    )
    assert [(campaign.name, campaign.calls) for campaign in floor.campaigns] == [("spring", {})]


@pytest.mark.parametrize(
    ("kinds", "stage"),
    [
        ((), "dialing"),
        (("ringing",), "ringing"),
        (("ringing", "answered"), "waiting"),
        (("ringing", "answered", "reserved", "bridge_failed"), "waiting"),
        (("answered", "reserved", "bridged"), "talking"),
        (("answered", "reserved", "bridged", "agent_lost"), "waiting"),
        (("answered", "reserved", "bridged", "held"), "held"),
        (("answered", "message"), "message"),
        (("answered", "message", "hang_up"), "ending"),
        (("ringing", "anomaly"), "ringing"),
    ],
)
def test_an_open_call_is_where_its_journal_last_put_it(look, open_call, kinds, stage):
    open_call(0, *kinds)
    assert stage in STAGES
    assert look().campaigns[0].calls == {stage: 1}


def test_lines_are_counted_by_trunk_and_what_is_said_of_trunks_is_shown(look, open_call, put):
    open_call(0)
    open_call(1, "ringing")
    open_call(2, trunk="spare")
    put(schema.trunk, {"name": "idle", "state": "out", "reason": "503", "since_at": 5.0, "until_at": 6.0})
    assert [(trunk.name, trunk.lines_used, trunk.state, trunk.reason) for trunk in look().trunks] == [
        ("idle", 0, "out", "503"),
        ("main", 2, "", ""),
        ("spare", 1, "", ""),
    ]


def test_an_agent_in_a_talk_shows_the_campaign(store, look, open_call):
    attempt = open_call(0, "answered", "bridged")
    store.add_agent("anna")
    store.add_agent("bela")
    with store.database.write() as connection:
        talking = {"state": "talking", "attempt_id": attempt, "since_at": AT - 7}
        connection.execute(update(schema.agent).where(schema.agent.c.name == "anna").values(talking))
    anna, bela = look().agents
    assert (anna.state, anna.campaign, anna.since_at) == ("talking", "spring", AT - 7)
    assert (bela.state, bela.campaign) == ("logged_out", None)


def test_results_are_those_of_the_last_quarter_of_an_hour(store, look, put):
    store.add_leads(1)
    facts = [
        ("old", AT - 901, "busy"),
        ("new", AT - 899, "busy"),
        ("newer", AT, "connected"),
        ("open", AT, None),
    ]
    put(schema.attempt, *({"id": name, "started_at": at, "outcome": outcome} for name, at, outcome in facts))
    assert look().campaigns[0].outcomes == {"connected": 1, "busy": 1}


def test_troubles_are_shown_latest_first_and_only_those(look, put):
    put(
        schema.journal,
        *({"at": AT, "kind": kind, "detail": kind} for kind in ("alarm", "ringing", "anomaly")),
    )
    assert [trouble.detail for trouble in look().troubles] == ["anomaly", "alarm"]


def test_a_run_whose_lease_ran_out_is_not_alive(store, look):
    lease = store.lease()
    with store.database.write() as connection:
        connection.execute(update(schema.lease).values(expires_at=AT + 1))
    assert look().run.is_alive
    with store.database.write() as connection:
        connection.execute(update(schema.lease).values(expires_at=AT - 1))
    assert not look().run.is_alive
    lease.release()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # its planner is the plainer one
def test_nothing_is_read_through_that_grows_with_lists_or_days(store, look, open_call):
    open_call(0, "ringing")
    asked = []

    def remember(_connection, _cursor, statement, parameters, *_):
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    with store.database.read() as connection:
        event.listen(connection, "before_cursor_execute", remember)
        floor_now(connection, store.workspace_id, at=AT)
        event.remove(connection, "before_cursor_execute", remember)
        plans = [
            row.detail
            for statement, parameters in asked
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    small = ("workspace", "agent", "campaign", "trunk", "lease")
    scans = [plan.split()[1] for plan in plans if plan.startswith("SCAN")]
    assert plans
    assert set(scans) <= set(small), scans
