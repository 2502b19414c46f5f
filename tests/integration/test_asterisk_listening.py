"""The channels that send audio to listeners, and the listeners: none is a leg, and none outlives what it is for."""

from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from sqlalchemy import select

from cli.processes import emulator
from dialer.config import Config, SipConfig, TrunkConfig
from dialer.core.commands import HangUp
from dialer.core.states import AgentState, EndCause
from dialer.core.switch_events import AnomalySeen, LegAnswered, LegRinging
from dialer.storage import schema
from tests import processes, sounds
from tests.asterisk import NAME, Sessions, asterisk, listening
from tests.contract.asterisk_rig import AsteriskRig
from tests.contract.rig import Behaviour
from tests.contract.sip_rig import HOST
from tests.contract.talks import ended
from tests.floor import RealFloor, wait_until
from tests.integration.test_asterisk_lost import CutRig
from tests.integration.test_asterisk_takeover import next_switch

WITHIN_S = 60
SILENT = "+12125550100"


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    with closing(AsteriskRig(tmp_path_factory.mktemp("asterisk"))) as one:
        yield one


@pytest.fixture(autouse=True)
def _cleared(request):
    yield
    if "rig" in request.fixturenames:
        request.getfixturevalue("rig").clear()


@pytest.fixture
def sessions(rig):
    with Sessions(rig.asterisk) as both:
        yield both


def listeners(pid):
    """Return the listeners of a switch or a run."""
    return [one.pid for one in processes.holdings(pid) if one.role == "telephony.asterisk.listening.listener"]


def ringing(rig):
    """Call somebody who never answers, until it rings there."""
    leg = rig.place_customer(Behaviour.NEVER_ANSWERS)
    rig.wait_for(lambda event: isinstance(event, LegRinging) and event.leg_id == leg)
    return leg


def test_a_channel_that_listens_is_no_leg_and_ends_with_the_call(rig):
    leg = ringing(rig)
    wait_until(lambda: len(listening(rig.asterisk)) == 1, WITHIN_S, "somebody to listen")
    rig.joined()
    assert rig._sink.audits[-1].legs == (leg,)

    rig.execute(HangUp(leg_id=leg))
    assert ended(rig, leg).cause is EndCause.CANCELLED
    wait_until(lambda: listening(rig.asterisk) == set(), WITHIN_S, "nobody to listen")
    assert not any(isinstance(event, AnomalySeen) for event in rig.events)


def test_some_seconds_after_the_answer_nobody_listens_any_more(rig):
    leg = rig.place_customer(Behaviour.ANSWERS)
    rig.wait_for(lambda event: isinstance(event, LegAnswered) and event.leg_id == leg)
    wait_until(lambda: listening(rig.asterisk) == set(), WITHIN_S, "nobody to listen")


def test_an_asterisk_that_cannot_send_audio_calls_all_the_same(rig, sessions):
    module = {"Module": "chan_audiosocket.so"}
    assert sessions.do("ModuleLoad", LoadType="unload", **module).refused is None
    try:
        leg = rig.place_customer(Behaviour.TALKS)
        assert ended(rig, leg).cause is EndCause.CLEARED
        assert listening(rig.asterisk) == set()
    finally:
        sessions.do("ModuleLoad", LoadType="load", **module)


def test_the_next_switch_ends_the_channels_that_sent_to_listeners_of_the_last(tmp_path):
    with closing(CutRig(tmp_path)) as rig:
        leg = ringing(rig)
        wait_until(lambda: len(listening(rig.asterisk)) == 1, WITHIN_S, "somebody to listen")
        rig.line.cut()
        with next_switch(rig) as (switch, _):
            wait_until(lambda: listening(rig.asterisk) == set(), WITHIN_S, "nobody to listen")
            assert {one.leg_id for one in switch.survivors()} == {leg}


@pytest.mark.soak
def test_with_a_run_that_is_killed_nobody_listens_any_more_and_the_next_run_has_no_leg_of_it(tmp_path):
    (tmp_path / "causes.toml").write_text("[sit]\n")
    behaviour = tmp_path / "behaviour.toml"
    sounds.write_wav(tmp_path / "person.wav", sounds.speech(9, 20.0))
    behaviour.write_text(
        f'[default]\nkind = "announcement"\nplays = "{tmp_path}/person.wav"\n'
        f'[[rule]]\nnumbers = ["{SILENT}"]\nkind = "no-answer"\n'
    )
    leads = tmp_path / "leads.csv"
    leads.write_text(
        "phone\n" + "".join(f"{number}\n" for number in (SILENT, "+12125550101", "+12125550102"))
    )
    with ExitStack() as stack:
        words = ("--behaviour", str(behaviour))
        carrier = stack.enter_context(emulator("carrier", words, log=tmp_path / "carrier.jsonl"))
        phones = stack.enter_context(emulator("phones", ("--agents", "3"), log=tmp_path / "phones.jsonl"))
        trunk = TrunkConfig(host=HOST, port=carrier, server=NAME)
        one = stack.enter_context(asterisk(config=Config(sip=SipConfig(), trunks={"carrier": trunk})))
        floor = RealFloor(tmp_path, carrier, phones)
        stack.callback(floor.database.close)
        floor.config.write_text(
            f'{floor.config.read_text()}server = "{NAME}"\ncauses = "{tmp_path}/causes.toml"\n'
            f"[asterisk.servers.{NAME}]\nport = {one.ports.manager}\n"
            f'password_file = "{one.server.password_file}"\n'
        )
        floor.prepare(leads, agent_count=3, ring_s=60.0, ratio=1.0)
        stack.callback(floor.stop_run)
        floor.start_run()
        floor.log_everybody_in()
        floor.start_campaign()
        wait_until(lambda: len(listening(one)) == 3, WITHIN_S, "three calls", floor.said)
        left = listeners(floor.run.pid)
        floor.kill_run()
        # Asterisk tells the third one's end no sooner than somebody speaks there.
        wait_until(lambda: len(listening(one)) <= 1, WITHIN_S, "nobody to listen to who speaks")
        wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in left), WITHIN_S, "no listener")

        floor.start_run()
        wait_until(lambda: listening(one) == set(), WITHIN_S, "nobody to listen", floor.said)
        states = {AgentState.READY, AgentState.WRAP_UP}
        wait_until(lambda: set(floor.states()) <= states, WITHIN_S, "every agent", floor.said)
        kinds = {row.kind for row in floor.rows(select(schema.journal.c.kind))}
        assert "anomaly" not in kinds
