import socket

import pytest

from dialer.config import SipConfig, Transport, TrunkConfig
from dialer.errors import ConfigError, SwitchUnavailableError
from telephony.sip.network import Ports, agent_peers, check, trunk_peers
from telephony.sip.protocol import Peer


def test_a_trunk_elsewhere_may_speak_from_any_port():
    assert trunk_peers(TrunkConfig(host="192.0.2.7"), name="t") == (Peer("192.0.2.7"),)


def test_a_trunk_on_loopback_speaks_from_its_own_port_only():
    trunk = TrunkConfig(host="127.0.0.1", port=5070)

    assert trunk_peers(trunk, name="t") == (Peer("127.0.0.1", 5070, 5070),)


def test_connections_come_from_any_port():
    trunk = TrunkConfig(host="127.0.0.1", port=5070, transport=Transport.TCP)

    assert trunk_peers(trunk, name="t") == (Peer("127.0.0.1"),)


def test_agents_hosts_may_speak_too():
    assert agent_peers(SipConfig(agent_hosts=("192.0.2.8", "192.0.2.9"))) == (
        Peer("192.0.2.8"),
        Peer("192.0.2.9"),
    )


def test_an_agents_host_without_an_address_is_named():
    with pytest.raises(ConfigError, match=r"sip\.agent_hosts: 'phones\.invalid'"):
        agent_peers(SipConfig(agent_hosts=("phones.invalid",)))


def test_without_the_library_the_remedy_is_named():
    with pytest.raises(SwitchUnavailableError, match="pip install pjsua2-python"):
        check(SipConfig(), library="pjsua3")


def test_blocks_of_ports_do_not_overlap():
    ports = Ports(SipConfig(port=9100, ports=6, rtp_port=40000))
    blocks = [ports.take() for _ in range(3)]

    assert [ports.sip_port(one) for one in blocks] == [9100, 9102, 9104]
    assert [ports.rtp_port(one) for one in blocks] == [40000, 40020, 40040]
    assert ports.cross_peers() == (Peer("127.0.0.1", 9100, 9105),)


def test_a_block_is_taken_again_once_it_is_given_back():
    ports = Ports(SipConfig(port=9110, ports=2))
    block = ports.take()
    with pytest.raises(ConfigError, match="9110 to 9111 is in use"):
        ports.take()
    ports.give_back(block)

    assert ports.take() == block


def test_a_block_that_another_program_holds_is_passed_over():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 9121))

        assert Ports(SipConfig(port=9120, ports=4)).take() == 1
