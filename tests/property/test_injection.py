"""Nothing that a lead holds becomes an order to Asterisk: from the file, through the database, to what is on the wire.

Whatever cannot be carried harmlessly is refused on the way. What arrives is read as Asterisk reads it, by code that shares
nothing with what wrote it.
"""

import csv
import io
import json
import re
import tempfile
from contextlib import contextmanager
from pathlib import Path

from asterisk.agi import AGIUsageError
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from dialer.agi_config import AgiConfig
from dialer.config import CallerIdForm, TrunkConfig
from dialer.core.commands import Originate
from dialer.core.ids import AttemptId, CallId, LeadId, LegId, TrunkName
from dialer.leads.importer import ImportOptions, import_file
from dialer.storage import schema
from dialer.storage.database import open_database
from dialer.storage.queue_tables import queue_call
from dialer.storage.workspaces import ensure_workspace
from telephony.asterisk import actions
from telephony.asterisk.agi.channel import Channel
from telephony.asterisk.agi.desk import Desk
from telephony.asterisk.messages import format_action
from tests import asterisk_reading
from tests.agi import as_asterisk_reads

EVIL = [
    "\r\nAction: Originate\r\nApplication: System\r\nData: id",
    "\nEXEC System id\n",
    'x" EXEC System "id',
    "x,INJ=1",
    "x&PJSIP/900@carrier",
    "@other/sip:900@evil.example",
    "${SHELL(id)}",
    "$[1+1]",
    "\\",
    '"',
    "\0",
    "😀",
    "x" * 10_000,
]
texts = st.one_of(
    st.sampled_from(EVIL),
    st.lists(st.one_of(st.sampled_from(EVIL[:-1]), st.text(max_size=4)), max_size=4).map("".join),
).filter(lambda text: not any("\ud800" <= sign <= "\udfff" for sign in text))
# Half of them are numbers before, or would be without what is wrong with them.
numbers = st.one_of(
    texts, st.integers(2_125_550_100, 2_125_550_199).map(str), texts.map(lambda text: f"+12125550142{text}")
)
leads = st.lists(st.tuples(numbers, texts, texts, texts), min_size=1, max_size=4)
trunks = st.builds(
    TrunkConfig,
    server=st.just("local"),
    strip=st.sampled_from(["", "+", "+1"]),
    caller_id_form=st.sampled_from(list(CallerIdForm)),
)
WORDS = {"SET VARIABLE", "EXEC MSet"}


@contextmanager
def imported(rows):
    """A workspace with what became of the rows, and the path of their file."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([("phone", "name", "city", "note"), *rows])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "leads.csv"
        path.write_bytes(out.getvalue().encode())
        database = open_database(f"sqlite:///{folder}/dialer.db")
        workspace_id = ensure_workspace(database, "default")
        options = ImportOptions(list_name="evil", region="US")
        try:
            import_file(database, workspace_id, path=path, options=options, at=0.0)
            yield database, workspace_id
        finally:
            database.close()


class Asking:
    """A channel that asks a question, and keeps what it was told."""

    def __init__(self, caller, *arguments):
        facts = {"network": "yes", "callerid": caller, "uniqueid": "1763718.1"}
        facts |= {f"arg_{number}": text for number, text in enumerate(arguments, 1)}
        self._lines = [*(f"agi_{name}: {text}\n" for name, text in facts.items()), "\n"]
        self.sent = ""

    def readline(self):
        return self._lines.pop(0) if self._lines else "200 result=1\n"

    def write(self, text):
        self.sent += text

    def flush(self):
        pass

    def variables(self):
        """What is set by the commands that were sent, all of which set something."""
        found = []
        for line in self.sent.removesuffix("\n").split("\n"):
            first, second, *arguments = as_asterisk_reads(line)
            assert f"{first} {second}" in WORDS
            if first == "SET":
                found.append(tuple(arguments))
            else:
                (together,) = arguments
                found += asterisk_reading.variables(together)
        return found


def check_call(action):
    """A call's order is one action with the headers and variables that it is made of, to one number of one trunk."""
    (headers,) = asterisk_reading.actions(format_action(action))
    plain = [(name, value) for name, value in headers if name != "Variable"]
    assert plain == [(name, value) for name, value in action.items() if name != "Variable"]
    found = [
        pair for name, value in headers if name == "Variable" for pair in asterisk_reading.variables(value)
    ]
    assert found == list(action["Variable"].items())
    assert re.fullmatch(r"PJSIP/\+?[0-9]+@carrier", action["Channel"])


def check_answer(desk, number):
    """A question's answer is variables, each once, with values that mean nothing anywhere."""
    asking = Asking(number, "", "name", "city", "note")
    channel = Channel(asking)
    answer = desk.lead(channel)
    channel.set_variables(answer)
    assert sorted(asking.variables()) == sorted(answer.items())
    assert answer.keys() > {"DIALER_LEAD_NAME", "DIALER_LEAD_CITY", "DIALER_LEAD_NOTE"}
    assert not set("".join(answer.values())) & set("${}[]()\\\"'`,;&|<>\r\n\0")


def order(lead_id, caller_id):
    return Originate(
        leg_id=LegId("4b6pm7qt-3"),
        call_id=CallId("4b6pm7qt-2"),
        attempt_id=AttemptId("4b6pm7qt-1"),
        lead_id=LeadId(lead_id),
        trunk=TrunkName("carrier"),
        caller_id=caller_id,
    )


@settings(max_examples=20)
@given(leads, trunks)
@example(
    [(f"21255501{at:02}", evil, evil, evil) for at, evil in enumerate(EVIL)], TrunkConfig(server="local")
)
@example([(f"2125550142{evil}", evil, "", "") for evil in EVIL], TrunkConfig(server="local"))
def test_no_lead_adds_a_header_a_variable_or_a_command(rows, trunk):
    with imported(rows) as (database, workspace_id):
        with database.read() as connection:
            found = connection.execute(select(schema.lead.c.id, schema.lead.c.phone)).all()
        desk = Desk(database, workspace_id, AgiConfig(), caller_ids={})
        for lead_id, number in found:
            check_call(actions.call_customer(order(lead_id, "+12125550199"), number, trunk))
            check_answer(desk, number)


@given(texts, texts, trunks)
@example("2125550142", EVIL[0], TrunkConfig(server="local"))
def test_what_no_import_has_seen_is_refused_or_harmless_too(number, caller_id, trunk):
    try:
        action = actions.call_customer(order(1, caller_id), number, trunk)
        format_action(action)
    except ValueError:
        return
    check_call(action)


@given(st.dictionaries(st.sampled_from(["DIALER_A", "DIALER_B", "DIALER_C"]), texts))
def test_a_text_that_a_dialplan_is_told_as_it_is_stays_one_value(values):
    asking = Asking("")
    channel = Channel(asking)
    for name, value in values.items():
        before = asking.sent
        try:
            channel.set_variables({name: value})
        except AGIUsageError:
            assert asking.sent == before
            continue
        asking.sent = asking.sent.removeprefix(before)
        assert asking.variables() == [(name, value)]


@settings(max_examples=20)
@given(texts, st.lists(st.one_of(texts, texts.map(lambda text: f"note={text}")), max_size=6), numbers)
@example("support", [f"note{at}={evil}" for at, evil in enumerate(EVIL)], EVIL[0])
def test_nothing_that_a_caller_brings_to_a_queue_means_anything(queue, attributes, caller):
    # A line feed ends a header: Asterisk itself would say the rest as another one.
    head = [text.partition("\n")[0].replace("\0", "") for text in (caller, queue, *attributes)]
    with imported([]) as (database, workspace_id):
        desk = Desk(database, workspace_id, AgiConfig(), caller_ids={}, queues=("support",))
        asking = Asking(*head)
        channel = Channel(asking)
        answer = desk.handlers()["queue"](channel)
        channel.set_variables(answer)
        with database.read() as connection:
            rows = connection.execute(select(queue_call)).all()
    assert sorted(asking.variables()) == sorted(answer.items())
    assert answer.keys() == {"DIALER_QUEUED", "DIALER_CALL"}
    assert re.fullmatch(r"(q[0-9a-f]{20})?", answer["DIALER_CALL"])
    for row in rows:
        assert row.queue == "support"
        assert row.number is None or re.fullmatch(r"\+[0-9]+", row.number)
        for name, value in json.loads(row.attributes).items():
            assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
            assert value.isprintable()
            assert len(value) <= 200
