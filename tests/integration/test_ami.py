"""Actions and events over a manager connection, on loopback: each defect of pyst2's, and what it lacks, by a test."""

import errno
import random
import threading

import pytest
from asterisk.manager import Event, ManagerException, ManagerSocketException

from telephony.asterisk.messages import UnsafeTextError
from tests.fake_manager import FakeManager, reply
from tests.integration.manager_client import SOON_S, WITHIN_S, Client, silent, tell


def test_events_come_in_batches_not_byte_by_byte():
    flood = [f"Event: Newchannel\nUniqueid: a-{number}" for number in range(2_000)]
    with FakeManager(tell(*flood, "Event: Last")) as server, Client(server) as client:
        client.ami.ping()
        client.event("Last")

        assert [event.headers["Uniqueid"] for event in client.events[:-1]] == [f"a-{n}" for n in range(2_000)]
        assert len(client.batches) < 100


def test_a_channel_variable_stops_nothing():
    event = "Event: Newchannel\nChanVariable: A=1\nChanVariable: B=2"
    with FakeManager(tell(event)) as server, Client(server) as client:
        assert client.ami.ping().refused is None
        assert client.event("Newchannel").values("ChanVariable") == ("A=1", "B=2")


def test_each_thread_gets_the_reply_to_its_own_action():
    waiting = []

    def out_of_order(caller, action):
        waiting.append(action)
        if len(waiting) == 8:
            random.Random(1).shuffle(waiting)
            caller.send(
                *(
                    f"Response: Success\nActionID: {one['ActionID']}\nEcho: {one.get('Ask', '')}"
                    for one in waiting
                )
            )
            waiting.clear()

    wrong = []

    def ask(name):
        for number in range(50):
            answer = client.ami.send_action(Action="Ask", Ask=f"{name}-{number}")
            if answer["Echo"] != f"{name}-{number}":
                wrong.append(answer)

    with FakeManager(out_of_order) as server, Client(server, reply_s=WITHIN_S) as client:
        threads = [threading.Thread(target=ask, args=(name,)) for name in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        server.behaviour = reply
        assert wrong == []


def test_an_action_leaves_nothing_behind_for_the_next_one():
    seen = []

    def note(caller, action):
        seen.append(action)
        reply(caller, action)

    given = {"Action": "Hangup", "Channel": "PJSIP/x"}
    with FakeManager(note) as server, Client(server) as client:
        client.ami.send_action(given)
        client.ami.send_action(Action="Ping")
        client.ami.send_action(given)

    ids = [action.pop("ActionID") for action in seen]
    assert seen == [given, {"Action": "Ping"}, given, {"Action": "Logoff"}]
    assert len(set(ids)) == 4
    assert given == {"Action": "Hangup", "Channel": "PJSIP/x"}


def test_a_line_end_in_a_value_is_refused_and_nothing_is_sent():
    with FakeManager() as server, Client(server) as client:
        with pytest.raises(UnsafeTextError):
            client.ami.originate("PJSIP/x\r\nApplication: System\r\nData: id")
        client.ami.ping()

        assert b"System" not in server.callers[0].received


def test_a_reply_that_does_not_come_is_not_waited_for_for_ever():
    with FakeManager(silent) as server, Client(server, reply_s=SOON_S) as client:
        with pytest.raises(ManagerSocketException, match="no reply") as caught:
            client.ami.ping()
        assert caught.value.args[0] == errno.ETIMEDOUT
        server.behaviour = reply
        client.ami._reply_s = WITHIN_S
        assert client.ami.ping().refused is None


def test_what_a_caller_is_called_stops_no_reading():
    name = "Event: Newchannel\nCallerIDName: status will follow"
    with FakeManager(tell(name)) as server, Client(server) as client:
        assert client.ami.ping().refused is None
        assert client.event("Newchannel").headers["CallerIDName"] == "status will follow"


def test_a_list_is_collected_and_events_between_its_items_are_not_lost():
    def answer_with_list(caller, action):
        mark = f"ActionID: {action['ActionID']}"
        caller.send(
            f"Response: Success\n{mark}\nEventList: start\nMessage: Channel status will follow",
            f"Event: Status\n{mark}\nUniqueid: a-1",
            "Event: Hangup\nUniqueid: a-9",
            f"Event: Status\n{mark}\nUniqueid: a-2",
            f"Event: StatusComplete\n{mark}\nEventList: Complete\nItems: 2",
        )

    with FakeManager(answer_with_list) as server, Client(server) as client:
        listed = client.ami.status()

        assert [item.headers["Uniqueid"] for item in listed.items] == ["a-1", "a-2"]
        assert [event.headers["Event"] for event in client.events] == ["Hangup"]


def test_an_event_that_overtakes_the_reply_to_its_action_is_an_event():
    def fail_at_once(caller, action):
        caller.send(f"Event: OriginateResponse\nResponse: Failure\nActionID: {action['ActionID']}")
        reply(caller, action)

    with FakeManager(fail_at_once) as server, Client(server) as client:
        assert client.ami.originate("PJSIP/x", run_async=True).refused is None
        assert client.event("OriginateResponse").headers["Response"] == "Failure"


def test_the_output_of_a_command_is_whole():
    output = "\nMessage: Command output follows\nOutput: one\nOutput: \nOutput: three"
    with (
        FakeManager(lambda caller, action: reply(caller, action, more=output)) as server,
        Client(server) as client,
    ):
        assert client.ami.command("core show version").data == "one\n\nthree"


def test_a_callback_that_raises_is_reported_and_the_next_ones_are_called(caplog):
    names = [f"E{number}" for number in range(5)]
    with FakeManager(tell(*(f"Event: {name}" for name in names))) as server, Client(server) as client:

        def fail(event, manager):
            client.note(event.name)
            raise RuntimeError(event.name)

        client.ami.register_event("*", fail)
        client.ami.register_event("*", lambda event, manager: client.note(event.name))
        client.ami.ping()
        client.wait_until(lambda: len(client.noted) == 10)

    assert client.noted == [name for name in names for _ in range(2)]
    assert len([record for record in caplog.records if record.levelname == "ERROR"]) == 5


def test_a_callback_that_returns_true_is_the_last_one_for_its_event():
    with FakeManager(tell("Event: Hangup\nCause: 16", "Event: Last")) as server, Client(server) as client:
        client.ami.register_event("Hangup", lambda event, manager: client.note(event) or True)
        client.ami.register_event("*", lambda event, manager: client.note(event))
        client.ami.ping()
        client.wait_until(lambda: client.noted and client.noted[-1].name == "Last")

    assert [type(event) for event in client.noted] == [Event, Event]
    assert client.noted[0]["Cause"] == "16"


def test_a_callback_that_waits_for_a_reply_is_told_that_it_would_wait_for_itself():
    with FakeManager(tell("Event: Hangup")) as server, Client(server) as client:

        def ask(event, manager):
            try:
                manager.ping()
            except ManagerException as error:
                client.note(str(error))

        client.ami.register_event("Hangup", ask)
        client.ami.ping()
        client.wait_until(lambda: client.noted)

    assert "use submit" in client.noted[0]


def test_what_is_not_utf_8_is_read_and_never_dropped_on_the_way_out():
    event = "Event: Newchannel\nCallerIDName: Müller".encode("latin-1")
    with FakeManager(tell(event)) as server, Client(server) as client:
        client.ami.ping()
        assert client.event("Newchannel").headers["CallerIDName"] == "Müller"
        with pytest.raises(UnsafeTextError):
            client.ami.hangup("M\udcfcller")


def test_a_call_can_be_given_its_channels_id():
    seen = []

    def note(caller, action):
        seen.append(action)
        reply(caller, action)

    with FakeManager(note) as server, Client(server) as client:
        client.ami.originate("PJSIP/x", application="Wait", data="1", priority="1", channel_id="a-1")

    assert seen[0]["ChannelId"] == "a-1"
    assert seen[0].keys().isdisjoint({"Exten", "Priority", "EarlyMedia"})


def test_an_action_id_that_waits_is_not_given_out_twice():
    with FakeManager(silent) as server, Client(server) as client:
        client.ami.submit(Action="Originate", ActionID="a-1")
        with pytest.raises(ManagerException, match="a-1"):
            client.ami.submit(Action="Originate", ActionID="a-1")
