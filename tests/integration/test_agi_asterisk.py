"""A real Asterisk asks over FastAGI: what it reads is what was meant, at 200 calls a second too."""

import json
import sys
import threading
import time
from contextlib import ExitStack, closing, contextmanager

import pytest
from asterisk.agi import AGIUsageError
from sqlalchemy import insert

from dialer.agi_config import AgiConfig
from dialer.storage import agents, schema
from telephony.asterisk.agi.channel import MAX_COMMAND
from telephony.asterisk.agi.desk import Desk
from telephony.asterisk.agi.server import AgiServer
from telephony.asterisk.ami import Ami
from tests.asterisk import asterisk
from tests.stores import make_store, wait_until

SECRET = "0123456789abcdef"
LEAD = "+12125550101"
NAME = 'Bob "${EVIL}" \\ (x), $[1+1]; 😀\nEXEC System touch'


def no_death(thread, error):
    raise AssertionError(thread) from error


def configured(folder):
    for name, text in (("agi.secret", SECRET), ("pins.toml", 'anna = "48151"')):
        (folder / name).write_text(text)
        (folder / name).chmod(0o600)
    return AgiConfig(secret_file=folder / "agi.secret", pins=folder / "pins.toml")


@contextmanager
def asking(folder, handlers, dialplan):
    """Run an Asterisk whose dialplan can ask these handlers, and listen to what it tells; `ASK` stands for the server's address."""
    told = []

    def hear(some):
        told.extend(each.headers for each in some if each.headers.get("UserEvent") == "Asked")

    with ExitStack() as stack:
        server = stack.enter_context(closing(AgiServer(configured(folder), handlers, died=no_death)))
        text = dialplan.replace("ASK", f"AGI(agi://127.0.0.1:{server.port}/{SECRET}")
        one = stack.enter_context(asterisk(extra={"extensions.conf": text}))
        events = stack.enter_context(closing(Ami(on_events=hear)))
        events.connect("127.0.0.1", one.ports.manager)
        events.login(one.server.events_username, one.password)
        acts = stack.enter_context(closing(Ami()))
        acts.connect("127.0.0.1", one.ports.manager)
        acts.login(one.server.username, one.password, events=False)
        yield acts, told


def call(acts, extension="s", far="wait"):
    """Have one half of a local channel ask, while the other half waits or presses keys."""
    return acts.submit(
        Action="Originate",
        Channel=f"Local/{far}@far/n",
        Context="asks",
        Exten=extension,
        Priority="1",
        Async="yes",
    )


FAR = """
[far]
exten => wait,1,Answer()
 same => n,Wait(60)
exten => keys,1,Answer()
 same => n,Wait(1)
 same => n,SendDTMF(1#48151#,300,100)
 same => n,Wait(60)
"""


def test_asterisk_reads_every_argument_as_it_was_meant_and_no_second_command(tmp_path):
    texts = [
        "plain",
        'a "quoted" \\ word',
        "${CHANNEL} $[1+1]",
        "ü 王 😀",
        "a\tb",
        "'`;|&",
        "\\",
        '"',
        "\\\\",
    ]
    room = MAX_COMMAND - len('SET VARIABLE "X" ""\n')
    read = {}

    def ask(channel):
        for text in [*texts, "x" * room]:
            channel.set_variable("X", text)
            read[text] = channel.get_full_variable("${X}")
        with pytest.raises(AGIUsageError):
            channel.set_variable("X", "x" * (room + 1))
        channel.set_variable("X", "still here")
        read["after"] = channel.get_full_variable("${X}")
        return {}

    dialplan = f"{FAR}\n[asks]\nexten => s,1,ASK/ask)\n same => n,UserEvent(Asked,Verdict: ${{DIALER_AGI}})\n"
    with asking(tmp_path, {"ask": ask}, dialplan) as (acts, told):
        call(acts)
        wait_until(lambda: told, within_s=60)
        assert told[0]["Verdict"] == "ok"
    assert read == {text: text for text in [*texts, "x" * room]} | {"after": "still here"}


@pytest.fixture
def store(tmp_path):
    made = make_store(f"sqlite:///{tmp_path}/dialer.db")
    row = {"phone": LEAD, "attributes": json.dumps({"name": NAME}), "region": "US", "kind": "mobile"}
    about = {"workspace_id": made.workspace_id, "list_id": made.list_id, "zone_group": 1, "made_at": 0.0}
    with made.database.write() as connection:
        connection.execute(insert(schema.lead).values(**row, **about))
        agents.add(connection, made.workspace_id, name="anna", phone="", at=0.0)
    yield made
    made.database.close()


def handlers(store, folder):
    desk = Desk(store.database, store.workspace_id, configured(folder), caller_ids={})
    return desk.handlers()


def test_an_agent_dials_in_and_keys_number_and_pin(store, tmp_path):
    dialplan = f"""{FAR}
[asks]
exten => s,1,Answer()
 same => n,ASK/login)
 same => n,UserEvent(Asked,Login: ${{DIALER_LOGIN}},Agent: ${{DIALER_AGENT}},Name: ${{DIALER_AGENT_NAME}})
"""
    with asking(tmp_path, handlers(store, tmp_path), dialplan) as (acts, told):
        call(acts, far="keys")
        wait_until(lambda: told, within_s=60)
        (found,) = told
    assert (found["Login"], found["Agent"], found["Name"]) == ("ok", "1", "anna")


LOAD = f"""{FAR}
[asks]
exten => s,1,ASK/lead,{LEAD},name)
 same => n,UserEvent(Asked,Verdict: ${{DIALER_AGI}},Lead: ${{DIALER_LEAD}},Name: ${{DIALER_LEAD_NAME}})
 same => n,Hangup()
"""


def load(store, folder, *, calls, per_s):
    """Have so many calls ask, so many a second; return what each was told, and in how many seconds all were placed."""
    pause = threading.Event()
    with asking(folder, handlers(store, folder), LOAD) as (acts, told):
        began = time.monotonic()
        replies = []
        for index in range(calls):
            pause.wait(max(0.0, began + index / per_s - time.monotonic()))
            replies.append(call(acts))
        placed_s = time.monotonic() - began
        assert [reply.result(60).refused for reply in replies] == [None] * calls
        wait_until(lambda: len(told) >= calls, within_s=120)
        answers = [(each.get("Verdict"), each.get("Lead"), each.get("Name")) for each in told]
        left = acts.send_action(Action="CoreShowChannels")
        wait_until(lambda: not acts.send_action(Action="CoreShowChannels").items, within_s=60)
        assert left.refused is None
    return answers, placed_s


TOLD = ("ok", "1", "Bob ” EVIL ” x 1+1 EXEC System touch")


def test_calls_that_ask_at_once_are_all_answered(store, tmp_path):
    answers, _ = load(store, tmp_path, calls=60, per_s=100)
    assert answers == [TOLD] * 60


@pytest.mark.soak
def test_two_hundred_calls_a_second_are_answered_without_an_error(store, tmp_path):
    answers, placed_s = load(store, tmp_path, calls=6_000, per_s=200)
    sys.stdout.write(
        f"{len(answers)} calls asked in {placed_s:.1f} s, {sum(one != TOLD for one in answers)} errors\n"
    )
    assert answers == [TOLD] * 6_000
