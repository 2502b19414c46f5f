"""What cases and other tests of adapters do with a rig: wait for what a leg comes to, and let two talk."""

from dialer.core.commands import Bridge
from dialer.core.ids import CallId
from dialer.core.switch_events import BridgeFailed, LegAnswered, LegEnded, LegsBridged
from tests.contract.rig import Behaviour


def of(rig, leg_id):
    return [type(event) for event in rig.events if getattr(event, "leg_id", None) == leg_id]


def answered(rig, leg_id):
    return rig.wait_for(lambda event: isinstance(event, LegAnswered) and event.leg_id == leg_id)


def ended(rig, leg_id, *, within_s=30.0):
    return rig.wait_for(
        lambda event: isinstance(event, LegEnded) and event.leg_id == leg_id, within_s=within_s
    )


def bridged(rig, customer, agent, *, times=1):
    """Wait until two have been joined so many times; return the last."""
    seen = []

    def last(event):
        legs = (customer, agent)
        is_it = isinstance(event, LegsBridged) and (event.customer_leg, event.agent_leg) == legs
        if is_it and event not in seen:
            seen.append(event)
        return is_it and event in seen[times - 1 :]

    return rig.wait_for(last)


def bridge(customer, agent):
    return Bridge(call_id=CallId(f"call-{customer}"), customer_leg=customer, agent_leg=agent)


def join(rig, one, other):
    """Join two legs, who may have been joined before."""
    order(rig, bridge(one, other), one, other)


def order(rig, command, one, other):
    """Have two legs joined; an order that a busy machine does not carry out in time fails, and is given again."""
    for _ in range(10):
        before = len(rig.events)
        rig.execute(command)
        told = rig.wait_for(
            lambda event, before=before: (
                isinstance(event, LegsBridged | BridgeFailed)
                and (event.customer_leg, event.agent_leg) == (one, other)
                and any(event is one for one in rig.events[before:])
            )
        )
        if isinstance(told, LegsBridged):
            return
    raise AssertionError(f"they are not joined; there were {rig.events}")


def talk(rig, behaviour=Behaviour.ANSWERS):
    """Return a customer and an agent who talk."""
    agent, customer = rig.place_agent(), rig.place_customer(behaviour)
    answered(rig, agent)
    answered(rig, customer)
    rig.execute(bridge(customer, agent))
    bridged(rig, customer, agent)
    return customer, agent


def talk_between_servers(rig, agent=None):
    """Return a customer at one server and an agent at another who talk."""
    agent, customer = agent or rig.place_agent(), rig.place_customer_elsewhere(Behaviour.ANSWERS)
    answered(rig, agent)
    answered(rig, customer)
    rig.execute(bridge(customer, agent))
    bridged(rig, customer, agent)
    return customer, agent
