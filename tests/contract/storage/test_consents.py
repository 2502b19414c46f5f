"""Who consented to calls without an agent, as a store keeps it."""

import pytest

from dialer.core.records import LeadRefused
from dialer.core.rules.agentless import NO_CONSENT
from dialer.leads.importer import ImportOptions, import_file
from dialer.storage import consents, refused, schema
from dialer.storage.consents import Word
from dialer.storage.schema import HopperState
from tests.contract.storage.attempts import hopper_row, write
from tests.stores import number

ODD = "tab\t, quote ', percent %s, ${SHELL(x)}\nAction: Originate\n[bold]<b>\u4f60\u597d</b>"


def given(at=100.0, seller="Example Energy", source="web form", index=0):
    return Word(number=number(index), seller=seller, at=at, source=source)


def revoked(at=200.0, seller="", index=0):
    return Word(number=number(index), seller=seller, at=at, source="by mail", given=False)


def add(store, *words):
    with store.database.write() as connection:
        return consents.add(connection, store.workspace_id, words, who="eve", at=500.0)


def holds(store, seller="Example Energy", index=0):
    with store.database.read() as connection:
        return number(index) in consents.standing(connection, store.workspace_id, [number(index)], seller)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param([], False, id="nothing-on-record"),
        pytest.param([given()], True, id="given"),
        pytest.param([given(seller="  EXAMPLE  energy ")], True, id="written-otherwise"),
        pytest.param([given(seller="Example")], False, id="to-another-seller"),
        pytest.param([given(index=1)], False, id="of-another-number"),
        pytest.param([given(), revoked()], False, id="revoked-for-all"),
        pytest.param([given(), revoked(seller="Example Energy")], False, id="revoked-for-the-seller"),
        pytest.param([given(), revoked(seller="Another")], True, id="revoked-for-another"),
        pytest.param([given(), revoked(at=100.0)], False, id="revoked-at-the-same-instant"),
        pytest.param([revoked(), given()], False, id="older-consent-recorded-later"),
        pytest.param([revoked(), given(at=201.0)], True, id="given-anew"),
    ],
)
def test_the_later_word_counts(store, words, expected):
    add(store, *words)
    assert holds(store) is expected


def test_the_same_word_is_kept_once(store):
    assert add(store, given(), given(index=1), given()) == 2
    assert add(store, given(), given(source="by phone")) == 1


def test_a_text_is_kept_as_it_is(store):
    add(store, given(source=ODD))
    with store.database.read() as connection:
        (kept,) = consents.of_number(connection, store.workspace_id, number(0))
    assert (kept.source, kept.who, kept.recorded_at, kept.given) == (ODD, "eve", 500.0, True)


def test_an_import_brings_consents_for_leads_that_are_there_already_too(store, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(
        "phone,consent_at,consent_source,consent_for\n"
        f'{number(0)},2026-01-02,"form, ""ticked""",Example Energy\n'
        f"{number(1)},,,\n"
        f"{number(2)},2026-01-02,form,\n"
    )
    options = ImportOptions(list_name="people", region="US", who="eve")
    found = [
        import_file(store.database, store.workspace_id, path=path, options=options, at=1_790_000_000.0)
        for _ in range(2)
    ]
    assert [(one.imported, one.duplicates, one.rejected, one.consents) for one in found] == [
        (2, 0, 1, 1),
        (0, 2, 1, 0),
    ]
    assert store.rows(schema.consent, "number", "source", "who") == [(number(0), 'form, "ticked"', "eve")]


def test_a_lead_that_was_refused_for_want_of_consent_is_called_once_there_is_one(store):
    (lead,) = store.add_leads(1)
    refusal = {"at": 10.0, "campaign_id": store.campaign_id, "lead_id": lead}
    write(store, LeadRefused(**refusal, reason=NO_CONSENT))
    assert hopper_row(store, lead, "state", "reason") == (HopperState.DONE, NO_CONSENT)
    phone = store.rows(schema.lead, "phone")[0][0]
    with store.database.write() as connection:
        assert refused.wake_numbers(connection, store.workspace_id, [phone], at=20.0) == 1
    assert hopper_row(store, lead, "state", "due_at", "reason") == (HopperState.READY, 20.0, "")


def test_all_such_leads_of_a_campaign_are_called_and_no_others(store):
    one, other = store.add_leads(2)
    for lead, reason in ((one, NO_CONSENT), (other, "do-not-call list")):
        refusal = {"at": 10.0, "campaign_id": store.campaign_id, "lead_id": lead}
        write(store, LeadRefused(**refusal, reason=reason))
    refused.wake_campaign(store.database, store.campaign_id, at=20.0)
    assert hopper_row(store, one, "state") == (HopperState.READY,)
    assert hopper_row(store, other, "state") == (HopperState.DONE,)
