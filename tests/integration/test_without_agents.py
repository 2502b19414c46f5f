"""A campaign without agents from its list to its report, over real SIP to the emulated carrier."""

from hashlib import sha256

import pytest
from sqlalchemy import select

from dialer.core.rules.agentless import NO_CONSENT, AgentlessSettings
from dialer.core.settings import PacingMode
from dialer.core.states import Outcome
from dialer.reports.agentless import calls
from dialer.storage import schema
from tests.floor import RealFloor, wait_until
from tests.integration.scripted_caller import Player
from tests.sounds import speech, write_wav

SELLER = "Example Energy"
LISTENER, LEAVER, STRANGER = (f"+1212555010{digit}" for digit in range(3))
LEADS = (
    "phone,consent at,consent source,consent for\n"
    f'{LISTENER},2026-01-02,"web form, [bold]ticked[/bold]",{SELLER}\n'
    f"{LEAVER},2026-01-02,by phone,{SELLER}\n"
    f"{STRANGER},,,\n"
)
STAYS = '[default]\nkind = "person"\nring_s = 0.3\ntalk_s = 120\npatience_s = 120\n'
LENGTH_S = 20.0
SAYS = AgentlessSettings(message="renewal", seller=SELLER)


@pytest.fixture
def floor(tmp_path):
    (tmp_path / "behaviour.toml").write_text(STAYS)
    (tmp_path / "leads.csv").write_text(LEADS)
    write_wav(tmp_path / "renewal.wav", speech(1, LENGTH_S))
    carrier = Player(
        "carrier", tmp_path / "carrier.log", "--behaviour", str(tmp_path / "behaviour.toml"), "--control"
    )
    made = RealFloor(tmp_path, carrier.port, 1)
    with made.config.open("a") as config:
        config.write(f'[sip.messages]\nrenewal = "{tmp_path}/renewal.wav"\n')
    made.prepare(
        tmp_path / "leads.csv",
        agent_count=0,
        mode=PacingMode.AGENTLESS,
        ratio=1.0,
        caller_id="+12125550199",
        agentless=SAYS,
    )
    made.start_run()
    yield made, carrier
    made.stop_run()
    carrier.stop()


def of_number(floor, number):
    with floor.database.read() as connection:
        found = calls(connection, floor.campaign_id, campaign="test").records()
    return next((row for row in found if row["number"] == number), None)


def test_who_consented_hears_the_recording_one_key_ends_it_and_all_is_on_record(floor, tmp_path):
    floor, carrier = floor
    floor.start_campaign()
    wait_until(lambda: (of_number(floor, LEAVER) or {}).get("began_at"), 120, "the message", floor.said)
    carrier.tell(do="press", number=LEAVER, keys="9")
    wait_until(floor.is_complete, 150, "the end of the campaign", floor.said)

    version = sha256((tmp_path / "renewal.wav").read_bytes()).hexdigest()
    heard, left = of_number(floor, LISTENER), of_number(floor, LEAVER)
    assert (heard["message"], heard["version"], heard["heard"]) == ("renewal", version, "yes")
    assert heard["over_at"] - heard["began_at"] == pytest.approx(LENGTH_S, abs=8.0)
    assert heard["consent_source"] == "web form, [bold]ticked[/bold]"
    assert (left["heard"], left["opt_out_key"], left["seller"]) == ("no", "9", SELLER)
    assert floor.rows(select(schema.do_not_call.c.number)) == [(LEAVER,)]
    outcomes = dict(
        floor.rows(
            select(schema.call.c.number, schema.attempt.c.outcome).join_from(schema.attempt, schema.call)
        )
    )
    assert outcomes == {LISTENER: Outcome.MESSAGE_HEARD, LEAVER: Outcome.MESSAGE_CUT}
    assert floor.rows(select(schema.hopper.c.reason).where(schema.hopper.c.reason != "")) == [(NO_CONSENT,)]
