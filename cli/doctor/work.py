"""Whether the campaigns have somebody to call now: states, calling windows, hoppers, the do-not-call list."""

import math
from collections.abc import Collection, Sequence

import msgspec

from cli.doctor.findings import Finding, failure, ok, warning
from cli.output import local_time
from dialer.core.rules.compliance import CallingWindows
from dialer.core.states import AgentState, CampaignState, TrunkState
from dialer.reports.readiness import HopperContent, Waiting
from dialer.storage.agents import AgentRow
from dialer.storage.campaigns import CampaignRow
from dialer.storage.trunks import TrunkRow

_DAY_S = 86_400.0
_AWAY = (AgentState.LOGGED_OUT, AgentState.LOGGING_IN)


class CampaignFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign, and what its hopper holds."""

    campaign: CampaignRow
    hopper: HopperContent
    start_asked: bool = False
    """Whether it is to start as soon as there is a run."""


def judge_campaign(facts: CampaignFacts, *, trunks: Collection[str], at: float) -> list[Finding]:
    """Return what keeps a campaign from calling at `at`."""
    row, hopper = facts.campaign, facts.hopper
    check = f"campaign {row.name}"
    if hopper.leads == 0:
        return [
            warning(
                check,
                f"the hopper is empty: the list {row.list_name!r} has no lead that can be called",
                f"`dialer leads import FILE --list {row.list_name}`, then `dialer campaign start {row.name}`",
            )
        ]
    if row.state is CampaignState.COMPLETE and not hopper.waiting:
        return [ok(check, f"complete: all {hopper.leads} leads are finished")]
    if row.state is not CampaignState.RUNNING and not facts.start_asked:
        return [ok(check, f"{row.state}: it calls nobody until `dialer campaign start {row.name}`")]
    return [*_judge_trunk(facts, trunks), _judge_leads(facts, at)]


def _judge_trunk(facts: CampaignFacts, trunks: Collection[str]) -> list[Finding]:
    name, trunk = facts.campaign.name, facts.campaign.settings.trunk
    if trunk in trunks:
        return []
    there = ", ".join(sorted(trunks)) or "none"
    return [
        failure(
            f"campaign {name}",
            f"its trunk {trunk!r} is not configured (there is: {there})",
            f"add [trunks.{trunk}] to the configuration, or name the right file with --config",
        )
    ]


def _judge_leads(facts: CampaignFacts, at: float) -> Finding:
    row, hopper = facts.campaign, facts.hopper
    check, due = f"campaign {row.name}", sum(group.due for group in hopper.waiting)
    if not hopper.waiting and hopper.in_flight:
        return ok(check, f"its last {hopper.in_flight} leads are being called")
    if not hopper.waiting:
        return warning(
            check,
            f"the hopper is empty: all {hopper.leads} leads are finished",
            f"import more into the list {row.list_name!r}, then `dialer campaign start {row.name}`",
        )
    if due == 0:
        next_at = min(group.next_due_at for group in hopper.waiting)
        waiting = sum(group.leads for group in hopper.waiting)
        text = f"all {waiting} leads wait for a retry or a window, the first until {local_time(next_at)}"
        return warning(check, text, "wait, or import more leads")
    return _judge_windows(facts, [group for group in hopper.waiting if group.due], at)


def _judge_windows(facts: CampaignFacts, groups: Sequence[Waiting], at: float) -> Finding:
    row, windows = facts.campaign, CallingWindows()
    check = f"campaign {row.name}"
    found = [(one, windows.of(row.settings, one.zone_group, one.zones, at=at)) for one in groups]
    callable_now = [(group, window) for group, window in found if window.is_open]
    if callable_now:
        leads = sum(group.due for group, _ in callable_now)
        closes = min(window.until for _, window in callable_now)
        until = "" if math.isinf(closes) else f", the first window closes at {local_time(closes)}"
        return ok(check, f"{leads} leads are due and may be called now{until}")
    opens = min(window.until for _, window in found)
    if math.isinf(opens):
        return warning(
            check,
            "no lead that is due has a known time zone: none may be called",
            "make the campaign with --default-zone, which stands in for zones that are not known",
        )
    hours = f"{_clock(row.settings.window_opens_min)}-{_clock(row.settings.window_closes_min)}"
    return warning(
        check,
        f"the calling window ({hours} where the number is) is closed for every lead that is due, until "
        f"{local_time(opens)}",
        "wait until it opens; it cannot be widened for a campaign that exists, and the law sets the default",
    )


def _clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"


def judge_agents(agents: Sequence[AgentRow], *, runs: bool) -> Finding:
    """Return whether somebody is there to talk."""
    there = [agent for agent in agents if agent.state not in _AWAY]
    if not agents:
        return warning(
            "agents", "there is none, so nobody is called", "`dialer agent add NAME --phone SIP-URI`"
        )
    if not runs or there:
        return ok("agents", f"{len(agents)}, {len(there) if runs else 0} logged in")
    return warning(
        "agents",
        f"none of {len(agents)} is logged in, so nobody is called",
        f"`dialer agent login {agents[0].name} --ready`",
    )


def judge_halt(reason: str | None) -> Finding:
    """Return whether all originating is halted."""
    if reason is None:
        return ok("halt", "calls may be placed")
    why = f" ({reason})" if reason else ""
    return warning("halt", f"all originating is halted{why}", "`dialer resume`, once that is over")


def judge_do_not_call(count: int, newest_at: float | None, *, at: float, most_days: int) -> Finding:
    """Return whether the do-not-call list is kept up."""
    check = "do-not-call"
    remedy = "`dialer dnc import FILE` with the register that the law names and with those who asked"
    if newest_at is None:
        return warning(check, "the list is empty", remedy)
    days = (at - newest_at) / _DAY_S
    text = f"{count} numbers, the last one added {max(0.0, days):.0f} days ago"
    if days > most_days:
        return warning(check, f"{text}, more than doctor.do_not_call_days = {most_days}", remedy)
    return ok(check, text)


_TRUNK_REMEDIES = {
    TrunkState.OUT: "mend what the carrier's fault names; single probe calls bring the trunk back by themselves",
    TrunkState.PROBING: "none: a probe call is on its way, and brings the trunk back if it succeeds",
    TrunkState.SPENT: "wait for the next day (UTC), or raise daily_minutes in the trunk's table and start the run again",
}


def judge_trunk_states(rows: Sequence[TrunkRow]) -> list[Finding]:
    """Return which trunks the last run took out of use, and why."""
    return [
        warning(
            f"trunk {row.name}",
            f"{row.state} since {local_time(row.since_at)}: {row.reason}"
            + (f", until {local_time(row.until_at)}" if row.until_at is not None else ""),
            _TRUNK_REMEDIES[row.state],
        )
        for row in rows
        if row.state in _TRUNK_REMEDIES
    ]
