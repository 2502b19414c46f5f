"""The hosts that agents' phones may be at."""

import pytest

from dialer.phone_hosts import PhoneHosts


def test_an_empty_list_allows_every_host():
    assert PhoneHosts(()).allows("phones.example")


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("phones.example", True),
        ("PHONES.example", True),
        ("more.phones.example", False),
        ("192.0.2.7", True),
        ("192.0.2.8", False),
        ("198.51.100.254", True),
        ("198.51.101.1", False),
        ("0x7f000001", False),
        ("", False),
    ],
)
def test_a_host_is_allowed_by_name_address_or_network(host, allowed):
    hosts = PhoneHosts(("Phones.Example", "192.0.2.7", "198.51.100.0/24"))

    assert hosts.allows(host) is allowed


@pytest.mark.parametrize("entry", ["", "192.0.2.256", "192.0.2.1/24", "a host", "*.example", "2001:db8::/32"])
def test_what_is_no_host_is_refused_by_its_name(entry):
    with pytest.raises(ValueError, match=r"192\.0\.2\.0/24"):
        PhoneHosts((entry,))
