"""Dialplans that ask over FastAGI: on a real socket, about a real database, as an Asterisk asks."""

import json
import socket
import threading
from contextlib import closing, suppress

import pytest
from sqlalchemy import insert, update

from dialer.agi_config import AgiConfig
from dialer.core.requests import Dispose
from dialer.core.settings import CampaignSettings
from dialer.core.states import CampaignState
from dialer.errors import ConfigError, StorageError
from dialer.live.clock import Clock
from dialer.live.definitions import Definitions
from dialer.live.requests import Poller
from dialer.storage import agents, campaigns, do_not_call, schema
from telephony.asterisk.agi.desk import Desk
from telephony.asterisk.agi.server import AgiServer
from tests.agi import Dialplan
from tests.stores import wait_until

SECRET = "0123456789abcdef"
OURS, LEAD, OTHER = "+12125550199", "+12125550101", "+12125550102"


def configured(tmp_path, **changes):
    for name, text in (("agi.secret", SECRET), ("pins.toml", 'anna = "48151"\nbela = "62342"\n')):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)
    files = {"secret_file": tmp_path / "agi.secret", "pins": tmp_path / "pins.toml"}
    return AgiConfig(**files | changes)


def no_death(thread, error):
    raise AssertionError(thread) from error


# --- the server --------------------------------------------------------------------------------------


@pytest.fixture
def serving(tmp_path):
    """Start servers on free ports; all are closed at the end."""
    servers = []

    def start(handlers, **changes):
        server = AgiServer(configured(tmp_path, **changes), handlers, died=no_death)
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.close()


def test_a_question_is_answered_by_variables_and_a_verdict(serving):
    server = serving({"lead": lambda _: {"DIALER_LEAD": "7"}})
    assert Dialplan(server.port, SECRET).ask("lead") == {"DIALER_LEAD": "7", "DIALER_AGI": "ok"}


def test_whoever_has_not_the_secret_is_told_nothing(serving, caplog):
    server = serving({"lead": lambda _: {"DIALER_LEAD": "7"}})
    assert Dialplan(server.port, SECRET).ask("lead", secret="x" * 16) == {}
    assert "wrong secret" in str([record.__dict__.get("cause") for record in caplog.records])
    assert SECRET not in caplog.text


def test_an_unknown_question_is_named_as_one(serving):
    server = serving({})
    assert Dialplan(server.port, SECRET).ask("nothing") == {"DIALER_AGI": "unknown"}


def test_what_fails_for_a_known_reason_is_told_as_a_failure(serving):
    def broken(_):
        raise StorageError("the disk is full")

    server = serving({"lead": broken})
    assert Dialplan(server.port, SECRET).ask("lead") == {"DIALER_AGI": "failed"}


def test_an_error_of_ours_ends_one_question_and_no_other(serving, caplog):
    def wrong(_):
        raise KeyError("ours")

    server = serving({"wrong": wrong, "right": lambda _: {}})
    assert Dialplan(server.port, SECRET).ask("wrong") == {}
    assert "KeyError" in caplog.text
    assert Dialplan(server.port, SECRET).ask("right") == {"DIALER_AGI": "ok"}


def test_a_host_that_is_not_listed_is_not_even_heard(serving, caplog):
    server = serving({"lead": lambda _: {}}, allowed_hosts=("192.0.2.1",))
    assert Dialplan(server.port, SECRET).ask("lead") == {}
    assert "allowed_hosts" in str([record.__dict__.get("cause") for record in caplog.records])


def test_more_questions_than_there_may_be_are_refused_and_room_is_made_again(serving, caplog):
    waiting, go_on = threading.Semaphore(0), threading.Event()

    def slow(_):
        waiting.release()
        assert go_on.wait(30)
        return {}

    server = serving({"slow": slow}, connections=2)
    heard = []
    threads = [
        threading.Thread(target=lambda: heard.append(Dialplan(server.port, SECRET).ask("slow")))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
        assert waiting.acquire(timeout=30)
    assert Dialplan(server.port, SECRET).ask("slow") == {}
    assert "asterisk.agi.connections" in str([record.__dict__.get("cause") for record in caplog.records])
    go_on.set()
    for thread in threads:
        thread.join()
    assert heard == [{"DIALER_AGI": "ok"}] * 2
    wait_until(lambda: Dialplan(server.port, SECRET).ask("slow") == {"DIALER_AGI": "ok"})


def test_who_says_nothing_is_cut_off_by_the_deadline(serving):
    server = serving({}, deadline_s=1)
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as silent:
        assert silent.recv(1) == b""


def test_nonsense_is_cut_off(serving, caplog):
    server = serving({})
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as odd:
        odd.sendall(b"\0\xff" * 20_000)
        with suppress(ConnectionError):
            assert odd.recv(1) == b""
    assert Dialplan(server.port, SECRET).ask("nothing") == {"DIALER_AGI": "unknown"}


def test_the_end_comes_at_once_with_a_question_open(serving):
    asked = threading.Event()

    def patient(channel):
        asked.set()
        channel.wait_for_digit(30_000)
        return {}

    server = serving({"patient": patient})
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as caller:
        caller.sendall(f"agi_network_script: {SECRET}/patient\n\n".encode())
        assert asked.wait(30)
        server.close()
        wait_until(lambda: not [each for each in threading.enumerate() if each.name in ("agi", "agi-call")])


def test_a_port_in_use_is_named_with_the_remedy(serving, tmp_path):
    server = serving({})
    with pytest.raises(ConfigError, match="choose another port"):
        AgiServer(configured(tmp_path, port=server.port), {}, died=no_death)


# --- the answers -------------------------------------------------------------------------------------


@pytest.fixture
def site(store, tmp_path):
    """A campaign that runs and called one of two leads, two agents, and a dialplan that can ask."""
    settings = CampaignSettings(campaign_id=store.campaign_id, trunk="main", caller_id=OURS)
    with store.database.write() as connection:
        connection.execute(update(schema.campaign).values(state=CampaignState.RUNNING))
        campaigns.change(connection, store.campaign_id, settings)
        for phone, name in ((LEAD, 'Bob "${EVIL}"\nEXEC System id'), (OTHER, "Eve")):
            row = {"phone": phone, "attributes": json.dumps({"name": name}), "region": "US", "kind": "mobile"}
            about = {"workspace_id": store.workspace_id, "list_id": store.list_id, "zone_group": 1}
            connection.execute(insert(schema.lead).values(**row, **about, made_at=0.0))
        for name in ("anna", "bela"):
            agents.add(connection, store.workspace_id, name=name, phone="", at=0.0)
        agents.add(connection, store.workspace_id, name="carl", phone="sip:carl@127.0.0.1:5070", at=0.0)
    call(store, "run-1", lead_id=1, at=100.0, caller_id=OURS)
    call(store, "run-2", lead_id=1, at=200.0, caller_id="+12125550198")
    config = configured(tmp_path)
    desk = Desk(store.database, store.workspace_id, config, caller_ids={})
    with closing(AgiServer(config, desk.handlers(), died=no_death)) as server:
        yield Dialplan(server.port, SECRET)


def call(store, attempt_id, *, lead_id, at, caller_id):
    common = {"workspace_id": store.workspace_id, "started_at": at}
    facts = {"campaign_id": store.campaign_id, "lead_id": lead_id, "list_id": store.list_id}
    with store.database.write() as connection:
        attempt = {"id": attempt_id, "ended_at": at, "outcome": "abandoned", **facts, **common}
        connection.execute(insert(schema.attempt), [attempt])
        dialed = {"id": f"{attempt_id}-call", "attempt_id": attempt_id, "trunk": "main", **common}
        connection.execute(
            insert(schema.call), [{**dialed, "caller_id": caller_id, "number": LEAD, "ended_at": at}]
        )
        leg = {"id": f"{attempt_id}-leg", "call_id": f"{attempt_id}-call", **common}
        connection.execute(insert(schema.leg), [leg])


def is_listed(store, number):
    with store.database.read() as connection:
        return do_not_call.check(connection, store.workspace_id, number)


def test_a_dialplan_learns_whether_a_number_is_on_the_do_not_call_list(site, store):
    store.forbid(LEAD)
    assert site.ask("do-not-call", callerid="2125550101")["DIALER_DNC"] == "yes"
    assert site.ask("do-not-call", OTHER)["DIALER_DNC"] == "no"
    assert site.ask("do-not-call", callerid="unknown")["DIALER_DNC"] == "unknown"


def test_a_key_pressed_puts_the_number_that_we_dialed_on_the_list(site, store):
    found = site.ask("block", "", "pressed 9", uniqueid="run-1-leg.", callerid=OURS)
    assert (found["DIALER_NUMBER"], found["DIALER_DNC"]) == (LEAD, "yes")
    assert is_listed(store, LEAD).reason == "pressed 9"
    assert is_listed(store, OURS) is None


def test_a_key_pressed_when_calling_back_puts_the_callers_number_on_the_list(site, store):
    site.ask("block", callerid="(212) 555-0102")
    assert (is_listed(store, OTHER).who, is_listed(store, OTHER).reason) == ("dialplan", "asked by key")


def test_a_withheld_number_cannot_be_put_on_the_list(site, store):
    assert site.ask("block", callerid="anonymous")["DIALER_DNC"] == "unknown"
    assert store.rows(schema.do_not_call, "number") == []


def test_a_dialplan_learns_of_the_lead_of_a_caller(site, store):
    found = site.ask("lead", "", "name", callerid=LEAD)
    assert {
        key: found[key] for key in ("DIALER_LEAD", "DIALER_ATTEMPT", "DIALER_CAMPAIGN", "DIALER_OUTCOME")
    } == {
        "DIALER_LEAD": "1",
        "DIALER_ATTEMPT": "run-2",
        "DIALER_CAMPAIGN": "spring",
        "DIALER_OUTCOME": "abandoned",
    }
    assert found["DIALER_LEAD_NAME"] == "Bob ” EVIL ” EXEC System id"


def test_a_lead_that_was_never_called_and_a_stranger_are_told_apart(site, store):
    assert site.ask("lead", OTHER)["DIALER_LEAD"] == "2"
    assert site.ask("lead", "+12125550177")["DIALER_LEAD"] == ""
    assert site.variables["DIALER_ATTEMPT"] == ""


def test_a_call_to_our_number_is_about_the_attempt_that_showed_it(site, store):
    found = site.ask("inbound", dnid=OURS, callerid=LEAD)
    assert (found["DIALER_INBOUND"], found["DIALER_ATTEMPT"]) == ("agents", "run-1")


def test_a_call_to_a_number_that_no_campaign_shows_hears_the_message(site, store):
    assert site.ask("inbound", "+12125550177", LEAD)["DIALER_INBOUND"] == "message"


def test_a_trunks_own_number_leads_to_the_campaigns_that_use_the_trunk(site, store, tmp_path):
    settings = CampaignSettings(campaign_id=store.campaign_id, trunk="main")
    with store.database.write() as connection:
        campaigns.change(connection, store.campaign_id, settings)
    desk = Desk(store.database, store.workspace_id, configured(tmp_path), caller_ids={"main": {OURS}})
    with closing(AgiServer(configured(tmp_path), desk.handlers(), died=no_death)) as server:
        found = Dialplan(server.port, SECRET).ask("inbound", OURS, OTHER)
    assert (found["DIALER_CAMPAIGN"], found["DIALER_LEAD"]) == ("spring", "2")


def test_an_agent_logs_in_by_number_and_pin(site, store):
    site.digits = "1#48151#"
    found = site.ask("login", callerid="201")
    assert (found["DIALER_LOGIN"], found["DIALER_AGENT"], found["DIALER_AGENT_NAME"]) == ("ok", "1", "anna")
    assert site.played == ["agent-user", "agent-pass"]


def test_an_agent_whom_the_dialplan_knows_is_asked_for_the_pin_alone(site, store):
    site.digits = "62342#"
    assert site.ask("login", "bela")["DIALER_AGENT_NAME"] == "bela"


def test_a_wrong_pin_may_be_corrected_and_too_many_wrong_ones_may_not(site, store):
    site.digits = "0000#48151#"
    assert site.ask("login", "anna")["DIALER_LOGIN"] == "ok"
    site.digits = "0000#" * 5
    assert site.ask("login", "anna", callerid="201")["DIALER_LOGIN"] == "wrong"
    site.digits += "48151#"
    assert site.ask("login", "anna", callerid="202")["DIALER_LOGIN"] == "braked"


def test_an_agent_whom_the_dialer_calls_cannot_dial_in(site, store, tmp_path):
    (tmp_path / "pins.toml").write_text('carl = "2468"')
    config = configured(tmp_path)
    (tmp_path / "pins.toml").write_text('carl = "2468"')
    desk = Desk(store.database, store.workspace_id, config, caller_ids={})
    with closing(AgiServer(config, desk.handlers(), died=no_death)) as server:
        found = Dialplan(server.port, SECRET, digits="2468#").ask("login", "carl")
    assert (found["DIALER_LOGIN"], found["DIALER_AGENT"]) == ("called", "")


@pytest.fixture
def run_asked(store):
    """A run that holds the workspace and what it is asked for; it answers nothing by itself."""
    asked = []
    lease = store.lease()
    poller = Poller(store.database, Definitions(store.workspace_id), clock=Clock(), post=asked.append)
    yield asked
    poller.close()
    lease.release()


def test_a_disposition_by_digit_goes_through_the_table_of_requests(site, store, run_asked):
    with store.database.write() as connection:
        connection.execute(
            update(schema.agent).where(schema.agent.c.name == "anna").values(attempt_id="run-1")
        )
    answered = {}
    asking = threading.Thread(target=lambda: answered.update(site.ask("dispose", "anna", "1")))
    asking.start()
    wait_until(lambda: run_asked and run_asked[-1].request == Dispose(agent_id=1, code="sale"))
    with store.database.write() as connection:
        connection.execute(update(schema.request).values(state="done", text="disposed of as sale"))
    asking.join()
    assert answered == {"DIALER_DISPOSED": "done", "DIALER_TEXT": "disposed of as sale", "DIALER_AGI": "ok"}


def test_a_disposition_without_a_talk_or_a_run_is_not_taken(site, store):
    assert site.ask("dispose", "anna", "1")["DIALER_DISPOSED"] == "refused"
    with store.database.write() as connection:
        connection.execute(update(schema.agent).values(attempt_id="run-1"))
    site.digits = "1"
    assert site.ask("dispose", "anna")["DIALER_AGI"] == "failed"
