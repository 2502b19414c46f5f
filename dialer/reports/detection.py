"""How well answering machine detection does: its verdicts beside what agents said of the same calls.

What agents say of the machines among their calls, those that were sampled, estimates how many of all machines are
people; whoever was hung up on says nothing.
"""

from collections.abc import Collection, Iterable

import msgspec
from sqlalchemy import ColumnElement, Connection, case, func, select

from dialer.core.ids import CampaignId
from dialer.core.rules.dispositions import Disposition, Flag
from dialer.core.rules.machine_detection import CauseKind, Verdict
from dialer.core.states import Outcome
from dialer.reports.intervals import wilson
from dialer.reports.table import Column, Report, Unit, share
from dialer.storage import schema

SILENCE = "machine (silence)"
"""Verdicts by silence alone: they go to agents, always."""

_ORDER = (str(Verdict.HUMAN), str(Verdict.MACHINE), SILENCE, str(Verdict.UNSURE))
_NOT_TRIED = (Outcome.MACHINE, Outcome.MESSAGE_LEFT)


class VerdictCount(msgspec.Struct, frozen=True, kw_only=True):
    """The calls with one verdict, and what agents said of those that they had."""

    verdict: str
    calls: int
    given_up: int = 0
    """Hung up on or left a message, without an agent."""
    person: int = 0
    machine: int = 0
    average_s: float | None = None
    """From the answer to the verdict."""

    @property
    def people_share(self) -> float | None:
        """Return the share of people, of the calls of which agents said who picked up."""
        return share(self.person, self.person + self.machine)

    @property
    def people_interval(self) -> tuple[float, float] | None:
        """Return the 95 % interval of that share."""
        return wilson(self.person, self.person + self.machine)


class TakenForMachines(msgspec.Struct, frozen=True):
    """How many people were given up because they were taken for machines; None: nobody can say yet."""

    likely: float | None = 0.0
    at_most: float | None = 0.0
    """By the upper end of the 95 % interval."""


def taken_for_machines(machines: VerdictCount | None) -> TakenForMachines:
    """Return the estimate from the calls that were taken for machines, None of which may have been."""
    if machines is None or machines.given_up == 0:
        return TakenForMachines()
    interval = machines.people_interval
    if machines.people_share is None or interval is None:
        return TakenForMachines(None, None)
    return TakenForMachines(machines.people_share * machines.given_up, interval[1] * machines.given_up)


def detection(
    connection: Connection, campaign_id: CampaignId, *, campaign: str, dispositions: Iterable[Disposition]
) -> Report:
    """Return the report: verdicts beside what the flags of the agents' dispositions say."""
    chosen = schema.attempt.c.campaign_id == campaign_id
    return tabulate(verdicts(connection, chosen, dispositions), campaign=campaign)


def verdicts(
    connection: Connection, chosen: ColumnElement[bool], dispositions: Iterable[Disposition]
) -> list[VerdictCount]:
    """Return the verdicts of the chosen attempts, in the order of the report."""
    kept = schema.attempt.c
    kinds = list(dispositions)
    people = [each.code for each in kinds if Flag.PERSON in each.flags]
    machines = [each.code for each in kinds if Flag.MACHINE in each.flags]
    silent = (kept.amd_verdict == Verdict.MACHINE) & kept.amd_cause.startswith(
        CauseKind.INITIAL_SILENCE.value
    )
    verdict = case((silent, SILENCE), else_=kept.amd_verdict)
    talked = kept.bridged_at.is_not(None)
    statement = (
        select(
            verdict,
            func.count(),
            _count(kept.outcome.in_(_NOT_TRIED)),
            _count(talked & _one_of(kept.disposition, people)),
            _count(talked & _one_of(kept.disposition, machines)),
            func.avg(kept.amd_s),
        )
        .where(chosen, kept.amd_verdict.is_not(None))
        .group_by(verdict)
    )
    found = [
        VerdictCount(
            verdict=row[0], calls=row[1], given_up=row[2], person=row[3], machine=row[4], average_s=row[5]
        )
        for row in connection.execute(statement)
    ]
    return sorted(found, key=lambda count: _ORDER.index(count.verdict))


def machines_of(found: Iterable[VerdictCount]) -> VerdictCount | None:
    """Return the count of those that were taken for machines by what they said, None if there are none."""
    return next((count for count in found if count.verdict == Verdict.MACHINE), None)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _one_of(column: ColumnElement[str | None], codes: Collection[str]) -> ColumnElement[bool]:
    return func.coalesce(column, "").in_(codes)


def tabulate(found: Iterable[VerdictCount], *, campaign: str) -> Report:
    """Return the table, and in words what it means for people."""
    rows = list(found)
    return Report(
        name="amd",
        campaign=campaign,
        columns=(
            Column("verdict"),
            Column("calls", Unit.COUNT),
            Column("given_up", Unit.COUNT),
            Column("person", Unit.COUNT),
            Column("machine", Unit.COUNT),
            Column("people_share", Unit.SHARE),
            Column("people_share_low", Unit.SHARE),
            Column("people_share_high", Unit.SHARE),
            Column("average_verdict_s", Unit.SECONDS),
        ),
        rows=tuple(
            (
                count.verdict,
                count.calls,
                count.given_up,
                count.person,
                count.machine,
                count.people_share,
                *(count.people_interval or (None, None)),
                count.average_s,
            )
            for count in rows
        ),
        notes=(
            "given up: hung up on, or left a message. person, machine: what the flags of the agents' dispositions say.",
            "people share = person / (person + machine), with its 95 % interval (Wilson 1927).",
            _estimate(machines_of(rows)),
        ),
    )


def _estimate(machines: VerdictCount | None) -> str:
    estimate = taken_for_machines(machines)
    if machines is None or machines.given_up == 0:
        return "No call was given up because a machine answered."
    if estimate.likely is None or estimate.at_most is None:
        return (
            f"{machines.given_up} calls were given up; how many of them were people's nobody can say, as agents have "
            "disposed of no sampled one as a person's or a machine's yet."
        )
    return (
        f"Of {machines.given_up} calls that were given up about {estimate.likely:.1f} were people's, at most "
        f"{estimate.at_most:.1f} (95 %); `dialer report abandonment` counts them."
    )
