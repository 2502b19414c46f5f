"""Which worker is started next."""

from collections import Counter

from telephony.sip.crew import scarcest


def started(wanted):
    """Return the trunks in the order in which their workers are started."""
    there = Counter()
    order = []
    while (name := scarcest(wanted, there)) is not None:
        there[name] += 1
        order.append(name)
    return order


def test_each_trunk_has_its_first_worker_before_another_has_its_second():
    assert started({"main": 3, "other": 1, "third": 2}) == ["main", "other", "third", "main", "third", "main"]


def test_no_more_are_started_than_are_wanted():
    assert started({"main": 0}) == started({}) == []
