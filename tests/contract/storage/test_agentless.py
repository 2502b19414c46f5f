"""Calls that no agent takes, as a store keeps them: placed by a consent that holds, and with what was said."""

import pytest
from msgspec.structs import replace

from dialer.core.agentless_records import MessageBegan, MessageOver, OptedOut
from dialer.core.records import CallStarted, NumberBlocked
from dialer.storage import consents, rounds, schema
from dialer.storage.consents import Word
from tests.contract.storage.attempts import ended, started, write
from tests.stores import number

SELLER = "Example Energy"


def agree(store, index=0, *, at=1.0, given=True, seller=SELLER):
    word = Word(number=number(index), seller=seller, at=at, source="web form", given=given)
    with store.database.write() as connection:
        consents.add(connection, store.workspace_id, [word], who="eve", at=at)


def placed(store, lead, name="a", seller=SELLER, at=10.0):
    return replace(started(store, lead, name, at=at), consent_for=seller, caller_id="+12125550199")


def test_a_call_is_placed_by_a_consent_that_goes_on_record_with_it(store):
    (lead,) = store.add_leads(1)
    agree(store, at=1.0)
    agree(store, at=2.0)
    assert write(store, placed(store, lead)).addresses == {"a-leg": number(0)}
    latest = store.rows(schema.consent, "id", "at")[-1][0]
    columns = ("id", "attempt_id", "campaign_id", "number", "consent_id", "caller_id", "placed_at")
    assert store.rows(schema.agentless_call, *columns) == [
        ("a-call", "a-attempt", store.campaign_id, number(0), latest, "+12125550199", 10.0)
    ]


@pytest.mark.parametrize(
    "words",
    [
        pytest.param([], id="never-given"),
        pytest.param([{"at": 1.0}, {"at": 2.0, "given": False, "seller": ""}], id="revoked-a-moment-ago"),
        pytest.param([{"seller": "Another"}], id="to-another"),
        pytest.param([{"index": 1}], id="by-another"),
    ],
)
def test_without_a_consent_that_holds_at_that_moment_no_call_is_placed(store, words):
    lead, _ = store.add_leads(2)
    for word in words:
        agree(store, **word)
    assert write(store, placed(store, lead)).refused == {"a-leg": rounds.NO_CONSENT}
    assert store.rows(schema.call, "id") == store.rows(schema.agentless_call, "id") == []


def test_an_empty_seller_is_no_way_around_consent(store):
    (lead,) = store.add_leads(1)
    agree(store)
    assert write(store, placed(store, lead, seller="")).refused == {"a-leg": rounds.NO_CONSENT}


def test_calls_of_agents_need_no_consent_beside_those_that_do(store):
    one, other, third = store.add_leads(3)
    agree(store, 2)
    batch = [placed(store, one, "a"), started(store, other, "b"), placed(store, third, "c")]
    written = write(store, *batch)
    assert written.refused == {"a-leg": rounds.NO_CONSENT}
    assert written.addresses == {"b-leg": number(1), "c-leg": number(2)}
    assert store.rows(schema.agentless_call, "id") == [("c-call",)]


def test_the_do_not_call_list_comes_first(store):
    (lead,) = store.add_leads(1)
    agree(store)
    store.forbid(number(0))
    assert write(store, placed(store, lead)).refused == {"a-leg": rounds.DO_NOT_CALL}


def test_a_call_on_another_trunk_asks_for_consent_again(store):
    (lead,) = store.add_leads(1)
    agree(store)
    write(store, placed(store, lead))
    agree(store, at=5.0, given=False)
    again = CallStarted(
        at=11.0,
        attempt_id="a-attempt",
        call_id="b-call",
        leg_id="b-leg",
        lead_id=lead,
        trunk="other",
        consent_for=SELLER,
    )
    assert write(store, again).refused == {"b-leg": rounds.NO_CONSENT}


def test_what_came_of_a_message_is_on_record_whatever_order_it_is_told_in_one_batch(store):
    one, other = store.add_leads(2)
    agree(store)
    agree(store, 1)
    write(
        store,
        placed(store, one, "a"),
        MessageBegan(at=12.0, call_id="a-call", message="renewal", version="f00d"),
        MessageOver(at=20.0, call_id="a-call", heard=True),
        OptedOut(at=21.0, call_id="a-call", digit="9"),
        ended(store, one, "a"),
        placed(store, other, "b"),
    )
    write(store, MessageBegan(at=13.0, call_id="b-call", context="offers", to_machine=False))
    write(store, MessageOver(at=14.0, call_id="b-call", failed="no file"))
    columns = ("began_at", "message", "version", "context", "to_machine", "over_at", "heard", "failed")
    assert store.rows(schema.agentless_call, *columns, "opted_out_at", "opt_out_key") == [
        (12.0, "renewal", "f00d", "", False, 20.0, True, "", 21.0, "9"),
        (13.0, "", "", "offers", False, 14.0, None, "no file", None, None),
    ]


def test_whoever_presses_the_key_has_revoked_consent_and_is_on_the_list(store):
    (lead,) = store.add_leads(1)
    agree(store)
    write(store, placed(store, lead))
    write(store, NumberBlocked(at=15.0, attempt_id="a-attempt", lead_id=lead, digit="9"))
    assert store.rows(schema.do_not_call, "number") == [(number(0),)]
    with store.database.read() as connection:
        assert consents.standing(connection, store.workspace_id, [number(0)], SELLER) == {}


def test_whoever_never_consented_revokes_nothing(store):
    (lead,) = store.add_leads(1)
    write(store, started(store, lead, "a"))
    write(store, NumberBlocked(at=15.0, attempt_id="a-attempt", lead_id=lead, digit="1"))
    assert store.rows(schema.consent, "id") == []


def test_leads_are_claimed_with_whether_they_consented(store):
    from dialer.storage import hopper

    leads = store.add_leads(2)
    agree(store, 1)
    with store.database.read() as connection:
        known = hopper.leads_of(connection, store.campaign_id, leads)
        marked = consents.marked(connection, store.workspace_id, known, "EXAMPLE energy")
    assert {one.lead_id: one.consented for one in marked} == {leads[0]: False, leads[1]: True}
