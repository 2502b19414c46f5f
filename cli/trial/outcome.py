"""A test call from the question to the diagnosis."""

from collections.abc import Callable

from cli.doctor.findings import Finding
from cli.options import Shared
from cli.trial import ladder
from cli.trial.diagnosis import TrialFacts, judge
from cli.trial.place import Asked, Placed, place
from telephony.sip.trial import AGENT, CUSTOMER, Message


def carry_out(
    options: Shared, asked: Asked, on_message: Callable[[Message], None]
) -> tuple[Placed, list[Finding]]:
    """Place a call and say what was wrong with it.

    Raises:
        DialerError: As `place`.
    """
    placed = place(options, asked, on_message)
    legs = {leg.leg: leg for leg in placed.legs}
    config = options.load_config()
    facts = TrialFacts(
        trunk_name=asked.trunk,
        trunk=config.trunks[asked.trunk],
        bind=config.sip.bind,
        rtp_port=placed.order.setup.rtp_port,
        customer=legs.get(CUSTOMER),
        customer_audio=ladder.wanted_by(placed.messages, CUSTOMER),
        proved=ladder.challenged(placed.messages, CUSTOMER),
        agent=legs.get(AGENT),
        agent_audio=ladder.wanted_by(placed.messages, AGENT),
    )
    return placed, judge(facts)
