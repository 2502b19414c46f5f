"""The roster in a store."""

from dialer.core.shift import Shift
from dialer.storage import roster


def shift(agent, begins_at, ends_at, *breaks):
    return Shift(agent_id=agent, begins_at=begins_at, ends_at=ends_at, breaks=breaks)


def keep(store, *shifts):
    with store.database.write() as connection:
        return roster.replace(connection, store.workspace_id, ((one, "Europe/Berlin") for one in shifts))


def found(store, from_at, until_at):
    with store.database.read() as connection:
        return roster.between(connection, store.workspace_id, from_at, until_at)


def test_shifts_come_back_as_they_were_kept_by_beginning_and_agent(store):
    ada, ben = store.add_agent("ada"), store.add_agent("ben")
    shifts = [
        shift(ben, 10.0, 20.0),
        shift(ada, 30.0, 40.0, (32.0, 33.0), (35.0, 36.0)),
        shift(ada, 10.0, 20.0),
    ]
    assert keep(store, *shifts) == 0
    kept = found(store, 0.0, 100.0)
    assert [(one.agent, one.shift) for one in kept] == [
        ("ada", shifts[2]),
        ("ben", shifts[0]),
        ("ada", shifts[1]),
    ]
    assert {one.zone for one in kept} == {"Europe/Berlin"}


def test_a_span_shows_what_has_a_part_in_it(store):
    ada = store.add_agent("ada")
    keep(store, shift(ada, 10.0, 20.0), shift(ada, 20.0, 30.0))
    assert [one.shift.begins_at for one in found(store, 20.0, 25.0)] == [20.0]
    assert [one.shift.begins_at for one in found(store, 19.0, 20.0)] == [10.0]
    assert len(found(store, 15.0, float("inf"))) == 2


def test_new_shifts_replace_what_their_agents_had_in_the_same_time(store):
    ada, ben = store.add_agent("ada"), store.add_agent("ben")
    keep(store, *(shift(agent, at, at + 10.0) for agent in (ada, ben) for at in (0.0, 20.0, 40.0, 60.0)))
    assert keep(store, shift(ada, 15.0, 25.0), shift(ada, 35.0, 45.0)) == 2
    kept = [(one.agent, one.shift.begins_at) for one in found(store, 0.0, 100.0)]
    assert [at for agent, at in kept if agent == "ada"] == [0.0, 15.0, 35.0, 60.0]
    assert [at for agent, at in kept if agent == "ben"] == [0.0, 20.0, 40.0, 60.0]


def test_one_agents_shifts_in_a_span_are_forgotten(store):
    ada, ben = store.add_agent("ada"), store.add_agent("ben")
    keep(store, shift(ada, 0.0, 10.0), shift(ada, 20.0, 30.0), shift(ben, 20.0, 30.0))
    with store.database.write() as connection:
        assert roster.clear(connection, store.workspace_id, ada, from_at=15.0, until_at=25.0) == 1
    assert [(one.agent, one.shift.begins_at) for one in found(store, 0.0, 100.0)] == [
        ("ada", 0.0),
        ("ben", 20.0),
    ]
