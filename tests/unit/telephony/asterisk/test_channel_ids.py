"""The ids of channels that are made for legs."""

from telephony.asterisk.channel_ids import channel_id, leg_id


def test_no_channels_id_begins_another():
    assert not channel_id("run-12").startswith(channel_id("run-1"))


def test_a_channel_names_its_leg_and_one_that_came_by_itself_keeps_its_id():
    assert leg_id(channel_id("run-1")) == "run-1"
    assert leg_id("1763718.1") == "1763718.1"
