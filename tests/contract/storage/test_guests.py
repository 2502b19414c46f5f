"""What stores keep of whoever is called to a talk."""

from dialer.core.guest_states import GuestKind
from dialer.core.records import GuestCalled, GuestEnded
from dialer.core.states import Outcome
from dialer.storage import guests, rounds, schema
from tests.stores import number

KEPT = ("kind", "leg_id", "agent_id", "attempt_id", "called_at", "outcome", "joined_at", "ended_at")


def keep(store, address):
    with store.database.write() as connection:
        return guests.add(connection, store.workspace_id, address, who="boss", at=1.0)


def write(store, *records):
    with store.database.write() as connection:
        return rounds.write(connection, store.workspace_id, records)


def called(guest_id, leg_id="g-1"):
    return GuestCalled(
        at=2.0, guest_id=guest_id, leg_id=leg_id, kind=GuestKind.SUPERVISOR, agent_id=4, attempt_id="a-1"
    )


def test_a_guest_has_a_leg_and_its_address_comes_from_its_own_row(store):
    written = write(store, called(keep(store, "sip:boss@phone.example")))

    assert (written.addresses, written.refused) == ({"g-1": "sip:boss@phone.example"}, {})
    assert store.rows(schema.leg, "id", "call_id", "agent_id") == [("g-1", None, None)]
    assert store.rows(schema.guest, *KEPT) == [("supervisor", "g-1", 4, "a-1", 2.0, None, None, None)]


def test_a_number_on_the_do_not_call_list_is_not_called_as_a_guest_either(store):
    first, second = keep(store, number(0)), keep(store, number(1))
    store.forbid(number(0))
    written = write(store, called(first), called(second, "g-2"))

    assert written.refused == {"g-1": rounds.DO_NOT_CALL}


def test_whom_a_dead_run_had_called_is_gone_and_the_row_and_the_journal_say_so(store):
    write(store, called(keep(store, "sip:boss@phone.example")))
    keep(store, "sip:never-called@phone.example")
    with store.database.write() as connection:
        guests.close_open(connection, store.workspace_id, at=60.0)
        guests.close_open(connection, store.workspace_id, at=70.0)

    assert store.rows(schema.guest, "outcome", "ended_at") == [("unknown", 60.0), (None, None)]
    ((kind, attempt_id, detail),) = store.rows(schema.journal, "kind", "attempt_id", "detail")
    assert (kind, attempt_id) == ("guest", "a-1")
    assert "died" in detail


def test_the_end_says_what_became_of_a_guest_in_the_same_round_too(store):
    guest_id = keep(store, "sip:boss@phone.example")
    ended = GuestEnded(at=9.0, guest_id=guest_id, outcome=Outcome.CONNECTED, joined_at=3.0)
    write(store, called(guest_id), ended)

    assert store.rows(schema.guest, "outcome", "joined_at", "ended_at") == [("connected", 3.0, 9.0)]
