"""What a dialplan is told, and that none of it can mean anything there."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.rules.dispositions import DEFAULT_DISPOSITIONS
from dialer.core.settings import CampaignSettings, Inbound
from dialer.core.states import CampaignState
from dialer.storage.callers import KnownLead
from dialer.storage.campaigns import CampaignRow
from telephony.asterisk.agi import answers


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Anna Müller-Lüdenscheidt", "Anna Müller-Lüdenscheidt"),
        ("O'Brien & Sons", "O’Brien + Sons"),
        ("${SHELL(id)}", "SHELL id"),
        ('" = ""] & System(id)', "” ”” + System id"),
        ("a,INJ=1\r\nb\0|c;d", "a INJ 1 b c d"),
        ("王小明", "王小明"),
        ("a\u202eb 😀", "a b"),
        ("", ""),
        ("x" * 10_000, "x" * answers.LONGEST),
    ],
)
def test_what_could_mean_something_is_left_out_and_the_rest_stays_readable(text, shown):
    assert answers.harmless(text) == shown


@given(st.text(st.characters() | st.sampled_from("${}[](),;\"'\\|&<>`\r\n\0")))
def test_nothing_that_leaves_means_anything_to_a_dialplan(text):
    assert set("${}[](),;\"'\\|&<>`\r\n\0=!*?/~^%#:") & set(answers.harmless(text)) == set()


def known(**changes):
    facts = {"lead_id": 7, "attributes": json.dumps({"name": "Bob ${X}", "city": "Utica"})}
    return KnownLead(**facts | changes)


def campaign(campaign_id, *, state=CampaignState.RUNNING, **settings):
    return CampaignRow(
        campaign_id=campaign_id,
        name=f"campaign {campaign_id}",
        list_id=1,
        list_name="people",
        settings=CampaignSettings(campaign_id=campaign_id, trunk="main", **settings),
        state=state,
        reason="",
        until_at=None,
    )


def test_a_lead_is_told_with_its_last_attempt_and_the_columns_that_are_wanted():
    called = known(
        attempt_id="run-1", campaign_id=3, campaign="spring", outcome="connected", started_at=1_700_000_000.4
    )
    assert answers.of_lead(called, ["name", "City", "postal code"]) == {
        "DIALER_LEAD": "7",
        "DIALER_ATTEMPT": "run-1",
        "DIALER_CAMPAIGN": "spring",
        "DIALER_CAMPAIGN_ID": "3",
        "DIALER_OUTCOME": "connected",
        "DIALER_CALLED_AT": "1700000000",
        "DIALER_LEAD_NAME": "Bob X",
        "DIALER_LEAD_CITY": "",
        "DIALER_LEAD_POSTAL_CODE": "",
    }


def test_who_is_not_known_leaves_no_variable_of_an_earlier_caller():
    assert answers.of_lead(None, ["name"]).keys() == answers.of_lead(known(), ["name"]).keys()
    assert set(answers.of_lead(None, ["name"]).values()) == {""}


@pytest.mark.parametrize(
    ("lead", "shown_by", "expected"),
    [
        pytest.param(known(campaign_id=2), [1, 2], 2, id="the-one-that-called-last"),
        pytest.param(known(campaign_id=9), [1, 2], 1, id="another-number-was-called"),
        pytest.param(None, [2], 2, id="a-stranger"),
        pytest.param(known(campaign_id=2), [], None, id="no-number-of-ours"),
    ],
)
def test_a_call_is_about_the_campaign_that_shows_the_number(lead, shown_by, expected):
    found = answers.campaign_of_call(lead, [campaign(each) for each in shown_by])
    assert (found and found.campaign_id) == expected


def test_a_stranger_reaches_the_campaign_that_runs():
    stopped = campaign(1, state=CampaignState.STOPPED)
    assert answers.campaign_of_call(None, [stopped, campaign(2)]).campaign_id == 2


@pytest.mark.parametrize(
    ("lead", "about", "todo"),
    [
        pytest.param(known(attempt_id="run-1"), campaign(1), "agents", id="running"),
        pytest.param(
            known(attempt_id="run-1"), campaign(1, inbound=Inbound.MESSAGE), "message", id="wants-none"
        ),
        pytest.param(
            known(attempt_id="run-1"), campaign(1, state=CampaignState.STOPPED), "message", id="stopped"
        ),
        pytest.param(known(attempt_id="run-1"), None, "message", id="no-campaign"),
        pytest.param(known(), campaign(1), "message", id="never-called"),
        pytest.param(None, campaign(1), "message", id="a-stranger"),
    ],
)
def test_agents_take_calls_of_whom_they_called_for_campaigns_that_run_and_want_them(lead, about, todo):
    assert answers.of_inbound(lead, about)["DIALER_INBOUND"] == todo


def test_a_number_that_is_none_is_neither_listed_nor_free():
    assert answers.of_number(None, listed=False)["DIALER_DNC"] == "unknown"
    assert answers.of_number("+12125550101", listed=True) == {
        "DIALER_NUMBER": "+12125550101",
        "DIALER_DNC": "yes",
    }


@pytest.mark.parametrize(("given", "code"), [("1", "sale"), ("sale", "sale"), ("", None), ("A", None)])
def test_a_disposition_is_named_by_its_digit_or_its_code(given, code):
    assert answers.code_of(DEFAULT_DISPOSITIONS, given) == code
