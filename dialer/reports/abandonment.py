"""How many answered people were kept waiting too long: the United States' and the United Kingdom's rates, each by its window."""

from collections.abc import Iterator
from enum import StrEnum

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from dialer.core.ids import CampaignId
from dialer.core.rules.abandonment import (
    LIMIT,
    PERIOD_S,
    Answers,
    Ratio,
    abandoned_machines,
    united_kingdom,
    united_states,
)
from dialer.core.rules.compliance import last_midnight, next_midnight
from dialer.core.rules.dispositions import Flag
from dialer.core.rules.machine_detection import ClockStart
from dialer.core.settings import CampaignSettings
from dialer.core.states import Outcome
from dialer.reports.detection import TakenForMachines, machines_of, taken_for_machines, verdicts
from dialer.reports.table import Column, Report, Unit
from dialer.storage import schema


class Rule(StrEnum):
    """Whose."""

    US = "US"
    UK = "UK"


_RATIOS = {Rule.US: united_states, Rule.UK: united_kingdom}

_US = (
    "US: rate = (abandoned + late + hung up late + taken for machines) / (people connected + abandoned + hung up late + taken "
    "for machines); late = more than {limit:g} s after {start}; over the campaign if shorter than 30 days, else each 30 days of "
    "it (16 CFR 310.4(b)(4))."
)
_UK = (
    "UK: rate = (abandoned - machines among them + taken for machines) / (people connected + the same); over each day of the "
    "workspace (Ofcom 2010, 4.70-4.73). 3 % is no safe harbour there since 2017."
)
_PEOPLE = (
    "people connected: without those of whom agents said that a machine had answered (machines). Who hung up waiting in time "
    "counts for neither; by other books all of hung up waiting were abandoned in truth, and late, hung up late and abandoned by "
    "the rule."
)
_MACHINES = "machines abandoned (UK): of the abandoned calls that no detection listened to, the share that agents found among theirs."
_TAKEN = (
    "taken for machines: people among the calls that were given up, by the sampled ones that agents disposed of in the "
    "same window (`dialer report amd`); rate high: with the upper end of its 95 % interval."
)
_LEFT = "may: calls that may yet be abandoned in the window at {limit:.0%}; below 0: too many were."
_COARSE = "too few: with so few answers one abandoned call alone is more than {limit:.0%}; the rate says nothing yet."
_STARTS = {
    None: "the answer, which comes before the end of the greeting",
    ClockStart.ANSWER: "the answer, which comes before the end of the greeting",
    ClockStart.GREETING_START: "the greeting's start",
    ClockStart.GREETING_END: "the greeting's end, as machine detection heard it",
}


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """A rule's window, and what is on record of it."""

    rule: Rule
    from_at: float
    until_at: float
    answers: Answers = Answers()
    given_up: int = 0
    """Calls given up because a machine answered, by detection."""
    taken_for_machines: TakenForMachines = TakenForMachines()
    """How many of those were people's."""

    @property
    def ratio(self) -> Ratio:
        """Return what the rule counts, with the likely number of people who were given up."""
        return _RATIOS[self.rule](self.answers, taken_for_machines=self.taken_for_machines.likely or 0.0)

    @property
    def rate_high(self) -> float | None:
        """Return the rate if as many people were given up as may have been; None: nobody can say."""
        if self.taken_for_machines.at_most is None:
            return None
        return _RATIOS[self.rule](self.answers, taken_for_machines=self.taken_for_machines.at_most).rate


def abandonment(
    connection: Connection,
    campaign_id: CampaignId,
    *,
    campaign: str,
    settings: CampaignSettings,
    zone: str = "UTC",
) -> Report:
    """Return the report: a row for each period that had attempts, by the United States' rule, and for each day, by Ofcom's.

    `zone` is that of the workspace, by whose midnight days begin.
    """
    kept = schema.attempt.c
    span = select(func.min(kept.started_at), func.max(kept.started_at)).where(kept.campaign_id == campaign_id)
    first_at, last_at = connection.execute(span).one()
    periods = [(Rule.US, at, at + PERIOD_S) for at in period_starts(first_at, last_at)]
    days = [(Rule.UK, since_at, until_at) for since_at, until_at in days_of(first_at, last_at, zone=zone)]
    found = [
        _count(connection, campaign_id, settings, Counted(rule=rule, from_at=since_at, until_at=until_at))
        for rule, since_at, until_at in periods + days
    ]
    there = [one for one in found if one.rule is Rule.US or one.answers.answered or one.given_up]
    return tabulate(there, last_at=last_at, campaign=campaign, settings=settings)


def period_starts(first_at: float | None, last_at: float | None) -> list[float]:
    """Return when each 30 days of a campaign begin, counted from its first attempt."""
    if first_at is None or last_at is None:
        return []
    return [first_at + PERIOD_S * index for index in range(int((last_at - first_at) // PERIOD_S) + 1)]


def days_of(first_at: float | None, last_at: float | None, *, zone: str) -> Iterator[tuple[float, float]]:
    """Yield the midnights between which each day of a campaign is, by a zone's clock."""
    if first_at is None or last_at is None:
        return
    since_at = last_midnight(zone, at=first_at)
    while since_at <= last_at:
        until_at = next_midnight(zone, at=since_at)
        yield since_at, until_at
        since_at = until_at


def tabulate(
    found: list[Counted], *, last_at: float | None, campaign: str, settings: CampaignSettings
) -> Report:
    """Return the report of what was counted in each rule's windows; `last_at`: when the last attempt began."""
    clock = settings.amd.clock if settings.amd.on else None
    return Report(
        name="abandonment",
        campaign=campaign,
        columns=_COLUMNS,
        rows=tuple(_row(one, last_at or one.until_at) for one in found),
        notes=(
            _US.format(limit=settings.connect_within_s, start=_STARTS[clock]),
            _UK,
            _PEOPLE,
            *((_MACHINES,) if any(abandoned_machines(one.answers) for one in found) else ()),
            *((_TAKEN,) if any(one.given_up for one in found) else ()),
            _LEFT.format(limit=LIMIT),
            *((_COARSE.format(limit=LIMIT),) if any(one.ratio.is_coarse() for one in found) else ()),
        ),
    )


_COLUMNS = (
    Column("rule"),
    Column("from_at", Unit.INSTANT),
    Column("until_at", Unit.INSTANT),
    Column("live_answered", Unit.COUNT),
    Column("connected", Unit.COUNT),
    Column("late", Unit.COUNT),
    Column("machines", Unit.COUNT),
    Column("abandoned", Unit.COUNT),
    Column("hung_up_waiting", Unit.COUNT),
    Column("hung_up_late", Unit.COUNT),
    Column("given_up", Unit.COUNT),
    Column("taken_for_machines", Unit.NUMBER),
    Column("machines_abandoned", Unit.NUMBER),
    Column("counted_abandoned", Unit.NUMBER),
    Column("counted_answered", Unit.NUMBER),
    Column("rate", Unit.SHARE),
    Column("rate_high", Unit.SHARE),
    Column("may", Unit.COUNT),
    Column("remark"),
)


def _row(one: Counted, last_at: float) -> tuple[str | int | float | None, ...]:
    answers, ratio = one.answers, one.ratio
    return (
        one.rule,
        one.from_at,
        min(one.until_at, max(last_at, one.from_at)) if one.rule is Rule.US else one.until_at,
        answers.answered,
        answers.connected,
        answers.connected_late,
        answers.machines,
        answers.abandoned,
        answers.hung_up_waiting,
        answers.hung_up_late,
        one.given_up,
        one.taken_for_machines.likely,
        abandoned_machines(answers) if one.rule is Rule.UK else 0.0,
        ratio.abandoned,
        ratio.answered,
        ratio.rate,
        one.rate_high,
        ratio.left(),
        "too few" if ratio.is_coarse() else "",
    )


def _count(
    connection: Connection, campaign_id: CampaignId, settings: CampaignSettings, window: Counted
) -> Counted:
    kept = schema.attempt.c
    chosen = and_(
        kept.campaign_id == campaign_id, kept.started_at >= window.from_at, kept.started_at < window.until_at
    )
    tagged = [each.code for each in settings.dispositions if Flag.MACHINE in each.flags]
    connected, waiting = kept.outcome == Outcome.CONNECTED, kept.outcome == Outcome.HUNG_UP_WAITING
    abandoned, late = kept.outcome == Outcome.ABANDONED, kept.wait_s > settings.connect_within_s
    machine = connected & func.coalesce(kept.disposition, "").in_(tagged)
    unheard = kept.amd_verdict.is_(None)
    counts = {
        "connected": connected,
        "connected_late": connected & late,
        "machines": machine,
        "machines_late": machine & late,
        "abandoned": abandoned,
        "hung_up_waiting": waiting,
        "hung_up_late": waiting & late,
        "unheard_connected": connected & unheard,
        "unheard_machines": machine & unheard,
        "unheard_abandoned": abandoned & unheard,
    }
    found = connection.execute(select(*(_sum(each) for each in counts.values())).where(chosen)).one()
    machines = machines_of(verdicts(connection, chosen, settings.dispositions))
    return msgspec.structs.replace(
        window,
        answers=Answers(**dict(zip(counts, found, strict=True))),
        given_up=machines.given_up if machines else 0,
        taken_for_machines=taken_for_machines(machines),
    )


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
