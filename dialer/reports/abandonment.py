"""How many answered people were kept waiting too long: the United States' rate, by its own periods.

Source:
    16 CFR 310.4(b)(4)(i): at most 3 % of calls answered by a person, over a campaign shorter than 30 days
    or each successive 30 days of a longer one. 310.4(b)(1)(iv): abandoned is a call that no
    representative takes within two seconds of the person's completed greeting.
"""

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from dialer.core.ids import CampaignId
from dialer.core.rules.machine_detection import ClockStart
from dialer.core.settings import CampaignSettings
from dialer.core.states import Outcome
from dialer.reports.detection import TakenForMachines, machines_of, taken_for_machines, verdicts
from dialer.reports.table import Column, Report, Unit, share
from dialer.storage import schema

PERIOD_S = 30 * 86_400.0
LIMIT = 0.03

_FORMULA = (
    "rate = (abandoned + connected late + hung up late + taken for machines) / "
    "(connected + abandoned + hung up late + taken for machines); late = more than {limit:g} s after {start}; "
    "a person who hung up sooner counts on neither side, a machine that an agent had counts as a person."
)
_STARTS = {
    None: "the answer, which comes before the end of the greeting",
    ClockStart.ANSWER: "the answer, which comes before the end of the greeting",
    ClockStart.GREETING_START: "the greeting's start",
    ClockStart.GREETING_END: "the greeting's end, as machine detection heard it",
}
_ESTIMATE = (
    "taken for machines: people among the calls that were given up, by the sampled ones that agents disposed of in the "
    "same window (`dialer report amd`); rate high: with the upper end of its 95 % interval."
)
_WINDOW = (
    "window: the campaign if shorter than 30 days, else each 30 days of it; limit 3 % (16 CFR 310.4(b)(4))."
)


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """How the live-answered calls of a period went."""

    connected: int = 0
    connected_late: int = 0
    """Those of `connected` that waited longer than the limit."""
    abandoned: int = 0
    hung_up_waiting: int = 0
    hung_up_late: int = 0
    """Those of `hung_up_waiting` that waited longer than the limit."""
    given_up: int = 0
    """Calls given up because a machine answered, by detection."""
    taken_for_machines: TakenForMachines = TakenForMachines()
    """How many of those were people's."""

    @property
    def live_answered(self) -> int:
        """Calls that somebody, or a machine, answered."""
        return self.connected + self.abandoned + self.hung_up_waiting


def abandonment_rate(tally: Tally, *, taken_for_machines: float = 0.0) -> float | None:
    """Return the share of answered calls that count as abandoned, None if there were none.

    Args:
        tally: How the calls of a period went.
        taken_for_machines: People who were given up for machines, an estimate: they were answered live, and nobody spoke
            to them.

    Source:
        16 CFR 310.4(b)(4)(i); see the module.
    """
    too_late = tally.abandoned + tally.connected_late + tally.hung_up_late + taken_for_machines
    return share(too_late, tally.connected + tally.abandoned + tally.hung_up_late + taken_for_machines)


def abandonment(
    connection: Connection, campaign_id: CampaignId, *, campaign: str, settings: CampaignSettings
) -> Report:
    """Return the report, a row for each period that had attempts."""
    kept = schema.attempt.c
    span = select(func.min(kept.started_at), func.max(kept.started_at)).where(kept.campaign_id == campaign_id)
    first_at, last_at = connection.execute(span).one()
    tallies = [
        (
            starts_at,
            min(starts_at + PERIOD_S, last_at),
            _tally(connection, campaign_id, starts_at, settings),
        )
        for starts_at in period_starts(first_at, last_at)
    ]
    return tabulate(tallies, campaign=campaign, settings=settings)


def period_starts(first_at: float | None, last_at: float | None) -> list[float]:
    """Return when each 30 days of a campaign begin, counted from its first attempt."""
    if first_at is None or last_at is None:
        return []
    return [first_at + PERIOD_S * index for index in range(int((last_at - first_at) // PERIOD_S) + 1)]


def tabulate(
    periods: list[tuple[float, float, Tally]], *, campaign: str, settings: CampaignSettings
) -> Report:
    """Return the report of (first instant, last instant, tally) of each period."""
    clock = settings.amd.clock if settings.amd.on else None
    return Report(
        name="abandonment",
        campaign=campaign,
        columns=(
            Column("from_at", Unit.INSTANT),
            Column("until_at", Unit.INSTANT),
            Column("live_answered", Unit.COUNT),
            Column("connected", Unit.COUNT),
            Column("connected_late", Unit.COUNT),
            Column("abandoned", Unit.COUNT),
            Column("hung_up_waiting", Unit.COUNT),
            Column("hung_up_late", Unit.COUNT),
            Column("given_up", Unit.COUNT),
            Column("taken_for_machines", Unit.NUMBER),
            Column("abandonment_rate", Unit.SHARE),
            Column("abandonment_rate_high", Unit.SHARE),
        ),
        rows=tuple(
            (
                starts_at,
                ends_at,
                tally.live_answered,
                tally.connected,
                tally.connected_late,
                tally.abandoned,
                tally.hung_up_waiting,
                tally.hung_up_late,
                tally.given_up,
                tally.taken_for_machines.likely,
                abandonment_rate(tally, taken_for_machines=tally.taken_for_machines.likely or 0.0),
                _rate_high(tally),
            )
            for starts_at, ends_at, tally in periods
        ),
        notes=(
            _FORMULA.format(limit=settings.connect_within_s, start=_STARTS[clock]),
            *((_ESTIMATE,) if any(tally.given_up for *_, tally in periods) else ()),
            _WINDOW,
        ),
    )


def _rate_high(tally: Tally) -> float | None:
    if tally.taken_for_machines.at_most is None:
        return None
    return abandonment_rate(tally, taken_for_machines=tally.taken_for_machines.at_most)


def _tally(
    connection: Connection, campaign_id: CampaignId, starts_at: float, settings: CampaignSettings
) -> Tally:
    kept = schema.attempt.c
    late = kept.wait_s > settings.connect_within_s

    def count(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    connected, waiting = kept.outcome == Outcome.CONNECTED, kept.outcome == Outcome.HUNG_UP_WAITING
    chosen = and_(
        kept.campaign_id == campaign_id,
        kept.started_at >= starts_at,
        kept.started_at < starts_at + PERIOD_S,
    )
    statement = select(
        count(connected),
        count(connected & late),
        count(kept.outcome == Outcome.ABANDONED),
        count(waiting),
        count(waiting & late),
    ).where(chosen)
    found = connection.execute(statement).one()
    machines = machines_of(verdicts(connection, chosen, settings.dispositions))
    return Tally(
        connected=found[0],
        connected_late=found[1],
        abandoned=found[2],
        hung_up_waiting=found[3],
        hung_up_late=found[4],
        given_up=machines.given_up if machines else 0,
        taken_for_machines=taken_for_machines(machines),
    )
