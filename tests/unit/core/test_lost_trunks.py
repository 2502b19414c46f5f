"""Trunks whose switch cannot be reached: nothing is called through them, and what talks goes on."""

from dialer.core.commands import HangUp
from dialer.core.events import TrunkLost, TrunkRegained
from dialer.core.records import CampaignChanged, JournalEntry
from dialer.testing import TRUNK, Script, lead
from tests.trunks import LEADS, OTHER, floor, group, placed


def lose(script, trunk=TRUNK):
    return script.tell(TrunkLost(at=script.at, trunk=trunk, reason="the far end hung up"))


def regain(script, trunk=TRUNK):
    return script.tell(TrunkRegained(at=script.at, trunk=trunk))


def alarms(script):
    return [entry.kind for entry in script.all(JournalEntry) if entry.kind.startswith("alarm")]


def test_nothing_is_called_while_the_switch_is_away_and_the_campaign_says_why():
    script = floor()
    lose(script)
    assert script.start(LEADS) == []
    assert script.all(CampaignChanged)[-1].reason == f"trunk {TRUNK} cannot be reached: the far end hung up"
    regain(script)
    assert len(placed(script)) == 5
    assert alarms(script) == ["alarm", "alarm_over"]


def test_a_call_that_has_not_left_is_withdrawn_and_a_talk_goes_on():
    script = floor(2)
    talking, waiting = script.start([lead(1), lead(2)])
    script.answer(talking)
    commands = lose(script)
    assert [command.leg_id for command in script.all(HangUp, commands)] == [waiting.leg_id]


def test_another_trunk_of_the_group_takes_over():
    script = group()
    lose(script)
    assert {call.trunk for call in script.start(LEADS)} == {OTHER}


def test_it_is_said_once():
    script = Script()
    for _ in range(2):
        lose(script)
    for _ in range(2):
        regain(script)
    lose(script, "nobody's")
    regain(script, "nobody's")
    assert alarms(script) == ["alarm", "alarm_over"]
