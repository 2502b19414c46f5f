import pytest

from cli.doctor.findings import Health
from cli.doctor.sip import PhoneFacts, TrunkFacts, judge_call_in, judge_phone, judge_trunk, judge_words
from dialer.config import SipConfig, TrunkConfig
from dialer.core.ids import AgentId
from dialer.core.states import AgentState
from dialer.storage.agents import AgentRow
from telephony.sip.probe import Probe

THERE = Probe(200, "OK", 0.012)
SECRET = TrunkConfig(host="192.0.2.7", username="outdial", password_env="TRUNK_PASSWORD")


def judged(**facts):
    return judge_trunk(
        TrunkFacts(**{"name": "main", "trunk": SECRET, "there": THERE, "account": None} | facts)
    )


def test_a_trunk_that_answers_is_there_with_its_round_trip():
    (found,) = judged()
    assert found.health is Health.OK
    assert "192.0.2.7:5060 over udp" in found.text
    assert "12 ms" in found.text


def test_a_refusal_is_an_answer_too():
    (found,) = judged(there=Probe(405, "Method Not Allowed", 0.01))
    assert found.health is Health.OK


def test_a_trunk_that_says_nothing_is_dead():
    (found,) = judged(there=Probe(None, "no answer within 3 s"))
    assert found.health is Health.FAILURE
    assert "firewall" in found.remedy


@pytest.mark.parametrize(
    ("account", "health", "words"),
    [
        pytest.param(Probe(200, "OK", 0.01, challenged=True), Health.OK, "takes the password", id="right"),
        pytest.param(Probe(403, "Forbidden", 0.01, challenged=True), Health.FAILURE, "403", id="forbidden"),
        pytest.param(
            Probe(401, "Unauthorized", 0.01, challenged=True), Health.FAILURE, "401", id="asked-again"
        ),
        pytest.param(Probe(200, "OK", 0.01), Health.OK, "without asking", id="nobody-asks"),
        pytest.param(Probe(405, "No", 0.01), Health.WARNING, "not checked", id="no-registrar"),
        pytest.param(Probe(None, "no answer within 3 s"), Health.WARNING, "not checked", id="silent"),
    ],
)
def test_a_password_is_judged_by_the_answer_to_register(account, health, words):
    _, found = judged(account=account)
    assert found.health is health
    assert words in found.text


def test_a_wrong_password_is_to_be_looked_for_where_it_comes_from():
    _, found = judged(account=Probe(403, "Forbidden", 0.01, challenged=True))
    assert "TRUNK_PASSWORD" in found.remedy


def test_a_password_that_is_not_there_is_named():
    (found,) = judged(password_error="password_env names TRUNK_PASSWORD, which is not set")
    assert found.health is Health.FAILURE
    assert "TRUNK_PASSWORD" in found.text
    assert "[trunks.main]" in found.remedy


def test_a_file_with_the_wrong_password_is_named(tmp_path):
    trunk = TrunkConfig(host="192.0.2.7", username="outdial", password_file=tmp_path / "secret")
    _, found = judged(trunk=trunk, account=Probe(403, "Forbidden", 0.01, challenged=True))
    assert str(tmp_path / "secret") in found.remedy


def test_a_phone_that_answers_is_there():
    found = judge_phone(PhoneFacts(agent="anna", phone="sip:anna@192.0.2.8", there=THERE))
    assert found.health is Health.OK


def test_a_dead_phone_is_named_with_its_agent():
    found = judge_phone(
        PhoneFacts(agent="anna", phone="sip:anna@192.0.2.8", there=Probe(None, "Connection refused"))
    )
    assert (found.check, found.health) == ("phone anna", Health.FAILURE)
    assert "sip:anna@192.0.2.8" in found.text


def test_an_agent_who_calls_in_must_have_a_password(tmp_path):
    secrets = tmp_path / "phones.toml"
    secrets.write_text('anna = "between us"')
    secrets.chmod(0o600)
    config = SipConfig(agents_port=5058, agent_secrets=secrets)
    facts = {"agent_id": AgentId(1), "state": AgentState.LOGGED_OUT, "reason": "", "since_at": 0.0}
    anna, berta = (AgentRow(name=name, phone=f"calls-in:{name}", **facts) for name in ("anna", "berta"))

    assert judge_call_in(anna, config).health is Health.OK
    assert "'berta'" in judge_call_in(berta, config).remedy
    assert judge_call_in(anna, SipConfig()).health is Health.FAILURE
    secrets.chmod(0o644)
    assert "chmod 600" in judge_call_in(anna, config).text


@pytest.mark.parametrize(
    ("table", "health", "words"),
    [
        pytest.param('[[says]]\nsip_code = 480\nmeans = "switched_off"', Health.OK, "1 things", id="good"),
        pytest.param("[[says]]\nsip_code = 480", Health.FAILURE, "line 1: says 1", id="bad"),
        pytest.param(None, Health.FAILURE, "no file", id="missing"),
    ],
)
def test_the_table_of_a_carriers_words_is_looked_at(tmp_path, table, health, words):
    file = tmp_path / "carrier.toml"
    if table is not None:
        file.write_text(table)
    found = judge_words("main", TrunkConfig(host="192.0.2.7", causes=file))
    assert found.health is health
    assert words in found.text


@pytest.mark.parametrize("server", ["", "local"])
def test_it_is_told_of_whom_calls_are_listened_to_through_asterisk_too(tmp_path, server):
    (tmp_path / "carrier.toml").write_text("[sit]")
    trunk = TrunkConfig(host="192.0.2.7", server=server, causes=tmp_path / "carrier.toml")
    found = judge_words("main", trunk)
    assert (found.health, "listened to" in found.text) == (Health.OK, True)
