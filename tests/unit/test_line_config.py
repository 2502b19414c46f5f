"""Queues in the configuration file."""

import pytest

from dialer import config
from dialer.core.settings import Overflow
from dialer.errors import ConfigError
from dialer.line_config import queue_settings

TRUNK = '[asterisk.servers.local]\n[trunks.main]\nserver = "local"\n'


@pytest.fixture
def load(tmp_path):
    def write_and_load(text):
        file = tmp_path / "dialer.toml"
        file.write_text(TRUNK + text)
        return config.load(file)

    return write_and_load


def test_the_engine_is_told_what_the_file_says(load):
    found = load(
        '[queues.support]\ntrunk = "main"\npriority_s = 30\ncallback_key = "1"\noverflow = "dialplan"\n'
    )
    (queue,) = queue_settings(found.queues)
    assert (queue.name, queue.trunk, queue.priority_s, queue.callback_key, queue.overflow) == (
        "support",
        "main",
        30,
        "1",
        Overflow.DIALPLAN,
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("[queues.a]\n", "trunk is for calls", id="no-trunk"),
        pytest.param(
            '[queues.a]\ntrunk = "other"\n', "queues.a.trunk: there is no trunk", id="unknown-trunk"
        ),
        pytest.param('[queues."a,b"]\ntrunk = "main"\n', "write the name of small letters", id="bad-name"),
        pytest.param('[queues.a]\ntrunk = "main"\nchannel = "text"\n', "trunk is for calls", id="text"),
        pytest.param('[queues.a]\ntrunk = "main"\ncallback_key = "*"\n', "write one of 0 to 9", id="bad-key"),
        pytest.param(
            '[queues.a]\ntrunk = "main"\noverflow = "queue"\n', "needs overflow_to", id="overflow-nowhere"
        ),
        pytest.param(
            '[queues.a]\ntrunk = "main"\noverflow = "queue"\noverflow_to = "b"\n',
            "there is no [queues.b]",
            id="overflow-to-nothing",
        ),
        pytest.param(
            '[queues.a]\ntrunk = "main"\noverflow = "queue"\noverflow_to = "b"\n'
            '[queues.b]\ntrunk = "main"\noverflow = "queue"\noverflow_to = "a"\n',
            "callers would go round: a, b, a",
            id="round-and-round",
        ),
        pytest.param(
            '[queues.a]\ntrunk = "main"\noverflow_to = "sorry"\n',
            "there is no asterisk.messages.sorry",
            id="no-recording",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place(load, text, said):
    with pytest.raises(ConfigError) as raised:
        load(text)
    assert said in str(raised.value)


def test_callers_of_queues_come_through_an_asterisk_alone(tmp_path):
    file = tmp_path / "dialer.toml"
    file.write_text('[trunks.main]\nhost = "192.0.2.1"\n[queues.a]\ntrunk = "main"\n')
    with pytest.raises(
        ConfigError, match=r"queues\.a\.trunk: calls of queues come from the dialplan of an Asterisk"
    ):
        config.load(file)
