import pytest

from telephony.asterisk.originate import originate_action


def test_pyst2s_arguments_keep_their_order():
    assert originate_action("Local/1@x", "s", "dialer-customer", "1", "30000") == {
        "Action": "Originate",
        "Channel": "Local/1@x",
        "Exten": "s",
        "Context": "dialer-customer",
        "Priority": "1",
        "Timeout": "30000",
    }


def test_the_channel_id_and_codecs_that_pyst2_lacks_can_be_given():
    action = originate_action(
        "Local/1@x",
        channel_id="a-1",
        other_channel_id="a-2",
        codecs="ulaw",
        run_async=True,
        variables={"A": "1"},
    )

    assert action == {
        "Action": "Originate",
        "Channel": "Local/1@x",
        "ChannelId": "a-1",
        "OtherChannelId": "a-2",
        "Codecs": "ulaw",
        "Async": "yes",
        "Variable": {"A": "1"},
    }


def test_what_is_not_asked_for_is_not_sent():
    assert originate_action("Local/1@x", "", earlymedia=False, variables={}) == {
        "Action": "Originate",
        "Channel": "Local/1@x",
    }


def test_an_application_goes_without_an_extension():
    action = originate_action("Local/1@x", "s", "x", "1", application="Wait", data="3")

    assert action == {"Action": "Originate", "Channel": "Local/1@x", "Application": "Wait", "Data": "3"}


@pytest.mark.parametrize(
    ("given", "options"),
    [
        pytest.param((), {"chanel_id": "a-1"}, id="a-typo"),
        pytest.param(("s",), {"exten": "s"}, id="given-twice"),
        pytest.param(("s",) * 15, {}, id="too-many"),
    ],
)
def test_an_argument_that_is_none_is_refused(given, options):
    with pytest.raises(TypeError, match="originate"):
        originate_action("Local/1@x", *given, **options)
