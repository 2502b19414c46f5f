"""Members of queues that are followed, as Asterisk's events and lists tell of them."""

import pytest

from dialer.core.states import Presence
from dialer.queue_config import AsteriskQueue
from telephony.asterisk.members import Membership, Watch, presence

ANNA = "PJSIP/anna"


@pytest.mark.parametrize(
    ("device", "of", "facts", "expected"),
    [
        pytest.param("1", [Membership()], {}, Presence.FREE, id="not-in-use"),
        pytest.param("0", [Membership()], {}, Presence.FREE, id="device-without-states"),
        pytest.param("2", [Membership()], {}, Presence.BUSY, id="in-use"),
        pytest.param("6", [Membership()], {}, Presence.BUSY, id="ringing"),
        pytest.param("5", [Membership()], {}, Presence.AWAY, id="unavailable"),
        pytest.param("99", [Membership()], {}, Presence.BUSY, id="unknown-device-state"),
        pytest.param("1", [], {}, Presence.AWAY, id="in-no-queue"),
        pytest.param("1", [Membership(paused="lunch")], {}, Presence.PAUSED, id="paused"),
        pytest.param(
            "1", [Membership(paused="x"), Membership()], {}, Presence.FREE, id="paused-in-one-of-two"
        ),
        pytest.param("1", [Membership(in_call=True)], {}, Presence.TAKEN, id="in-call"),
        pytest.param("1", [Membership()], {"taken": True}, Presence.TAKEN, id="rung-by-the-queue"),
        pytest.param("1", [Membership()], {"wraps_up": True}, Presence.BUSY, id="wraps-up"),
    ],
)
def test_a_member_is_free_only_when_nothing_speaks_against_it(device, of, facts, expected):
    assert presence(device, of, **{"taken": False, "wraps_up": False, **facts})[0] is expected


class Followed:
    def __init__(self):
        self.now, self.at, self.told = 1_000.0, 1.0, []
        queues = {name: AsteriskQueue(server="main") for name in ("sales", "support")}
        self.watch = Watch(queues, now=lambda: self.now)
        self.watch.tell = self.told.append

    def hear(self, event, **headers):
        self.at += 1
        self.watch.hear("main", [{"Event": event, "Queue": "sales", "Interface": ANNA, **headers}], self.at)
        return self.told[-1] if self.told else None

    def list(self, *rows, asked_at=None, queue="sales"):
        listed = [{"Event": "QueueMember", "Location": ANNA, "Status": "1", **row} for row in rows]
        self.watch.listed("main", queue, listed, asked_at=self.at + 1 if asked_at is None else asked_at)
        return self.told[-1] if self.told else None


@pytest.fixture
def followed():
    return Followed()


def test_a_member_comes_pauses_and_goes(followed):
    assert followed.hear("QueueMemberAdded", Status="1", MemberName="Anna").presence is Presence.FREE
    paused = followed.hear("QueueMemberPause", Status="1", Paused="1", PausedReason="lunch")
    assert (paused.presence, paused.reason) == (Presence.PAUSED, "lunch")
    assert followed.hear("QueueMemberRemoved").presence is Presence.AWAY


def test_other_queues_are_nobodys_affair(followed):
    assert followed.hear("QueueMemberAdded", Queue="other", Status="1") is None


def test_a_member_of_two_queues_is_one_agent(followed):
    followed.list({})
    followed.list({}, queue="support")
    assert {one.member for one in followed.told} == {"main-1"}


def test_a_member_is_taken_while_the_queue_has_a_channel_to_it(followed):
    followed.list({})
    assert followed.hear("AgentCalled", DestUniqueid="9.1").presence is Presence.TAKEN
    assert followed.hear("Hangup", Uniqueid="9.1").presence is Presence.FREE


def test_a_list_that_is_older_than_an_event_changes_nothing_of_it(followed):
    followed.list({})
    followed.hear("QueueMemberStatus", Status="2")
    assert followed.list({}, asked_at=followed.at - 0.5).presence is Presence.BUSY


def test_who_is_missing_from_the_list_is_away(followed):
    followed.list({})
    assert followed.list().presence is Presence.AWAY


def test_a_member_wraps_up_as_long_as_its_queue_says(followed):
    followed.watch.wraps_up("main", "sales", 10.0)
    assert followed.list({"LastCall": "995"}).reason == "wraps up"
    followed.now = 1_005.0
    followed.watch.tick()
    assert (followed.told[-1].presence, followed.told[-1].wrap_up_s) == (Presence.FREE, 10.0)


def test_nobody_is_free_at_a_server_that_is_lost_until_it_lists_its_members(followed):
    followed.list({})
    followed.watch.lost("main", "cut")
    assert followed.told[-1].presence is Presence.AWAY
    assert followed.list({}).presence is Presence.FREE
