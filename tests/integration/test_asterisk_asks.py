"""The dialplan that `dialer asterisk config` writes asks a real dialer's desk: a key that is pressed ends calls for good."""

from contextlib import closing
from importlib.resources import files

import pytest

from dialer.agi_config import AgiConfig
from dialer.asterisk_config import AsteriskConfig
from dialer.config import Config, SipConfig
from dialer.storage import do_not_call
from telephony.asterisk.agi.desk import Desk
from telephony.asterisk.agi.server import AgiServer
from tests.asterisk import Sessions, asterisk
from tests.stores import make_store

CALLER, OURS = "+12125550101", "+12125550199"
FAR = """
[far]
; Again and again: what is pressed before the message listens is lost.
exten => presses,1,Answer()
 same => n(again),SendDTMF(9)
 same => n,Goto(again)
"""


def no_death(thread, error):
    raise AssertionError(thread) from error


@pytest.fixture
def store(tmp_path):
    made = make_store(f"sqlite:///{tmp_path}/dialer.db")
    yield made
    made.database.close()


def test_who_calls_back_hears_the_message_and_a_key_ends_the_calls(store, tmp_path):
    secret = tmp_path / "agi.secret"
    secret.touch(0o600)
    secret.write_text("0123456789abcdef")
    desk = Desk(store.database, store.workspace_id, AgiConfig(secret_file=secret), caller_ids={})
    with closing(AgiServer(AgiConfig(secret_file=secret), desk.handlers(), died=no_death)) as server:
        agi = AgiConfig(port=server.port, secret_file=secret)
        # Any recording that is longer than a second will do.
        sip = SipConfig(safe_harbour=files("telephony.sip") / "audio" / "safe_harbour.wav")
        config = Config(sip=sip, asterisk=AsteriskConfig(agi=agi))
        with asterisk(config=config, extra={"extensions.conf": FAR}) as one, Sessions(one) as sessions:
            sessions.do(
                "Originate",
                Channel="Local/presses@far/n",
                Context="dialer-in",
                Exten=OURS,
                Priority="1",
                CallerID=f"<{CALLER}>",
                Async="true",
            )
            told = sessions.wait_for(lambda event: event.get("UserEvent") == "DialerMessage")
    assert told["Key"] == "9"
    with store.database.read() as connection:
        listed = do_not_call.check(connection, store.workspace_id, CALLER)
    assert listed is not None
