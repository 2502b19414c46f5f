"""A carrier whose every number is one drawn life of the simulator's invented people."""

from random import Random

from cli.demo.fixture import Fixture
from cli.demo.full_floor import numbers
from dialer.core.states import EndCause
from telephony.sip.emulator.behaviour import Kind

_FAILURES = {EndCause.BUSY: Kind.BUSY, EndCause.UNALLOCATED: Kind.INVALID}


def drawn(people, *, leads, seed):
    """Return so many leads, and what the carrier does with each."""
    chance = Random(seed)
    called = numbers(leads)
    rules = [rule_of(people.plan(chance)) | {"numbers": [number]} for number in called]
    rows = (("name", "phone"), *((f"Lead {index}", number) for index, number in enumerate(called)))
    return Fixture(rows=rows, kinds={}, carrier={"rule": rules})


def rule_of(plan):
    """Return what the carrier does with a number that such a life is drawn for."""
    rule = {"post_dial_s": plan.post_dial_s}
    if plan.failure is not None:
        return rule | {"kind": _FAILURES[plan.failure]}
    if plan.ring_s is None:
        return rule | {"kind": Kind.NO_ANSWER}
    # A machine is an agent's until it has played, as the simulated one: it hears nothing, and waits for nobody.
    answer = rule | {"kind": Kind.PERSON, "ring_s": plan.ring_s, "talk_s": plan.talk_s}
    return answer if plan.is_machine else answer | {"patience_s": plan.patience_s}
