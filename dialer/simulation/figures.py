"""What simulated days came to under each mode, and by how much modes differ on the same days."""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from dialer.simulation.day_result import DayResult, Tally
from dialer.simulation.statistics import (
    DaysOver,
    Estimate,
    Sums,
    mean_of_days,
    paired_difference,
    paired_difference_of_ratios,
    prediction_of_one,
    ratio_of_sums,
    share_of_days,
)


class Worst(Estimate, frozen=True, kw_only=True):
    """The mean of the days' worst half hours, and the worst of them all."""

    highest: float | None


class Abandonment(msgspec.Struct, frozen=True, kw_only=True):
    """How many people were abandoned, of one campaign or of all."""

    abandonment_rate: Estimate
    days_over_limit: DaysOver
    worst_30min: Worst


class OneMoreDay(msgspec.Struct, frozen=True, kw_only=True):
    """Where one more day, such as a real one, lies with 95 %."""

    utilisation: Estimate
    wait_s: Estimate
    abandonment_rate: Estimate


class Figures(Abandonment, frozen=True, kw_only=True):
    """Of one mode. Rates and shares are fractions; each with its 95 % interval (`dialer.simulation.statistics`)."""

    mode: str
    utilisation: Estimate
    wait_s: Estimate
    """An agent's, from one call to the next."""
    connected_per_hour: Estimate
    """People, for each hour of an agent."""
    attempts_per_day: Estimate
    connected_per_day: Estimate
    abandoned_per_day: Estimate
    hung_up_waiting_per_day: Estimate
    calls_peak_per_day: Estimate
    one_more_day: OneMoreDay
    campaigns: dict[str, Abandonment]
    """By name; empty if there is only one."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """By how much one mode is above another on the same days, each with its 95 % interval."""

    mode: str
    against: str
    utilisation: Estimate
    wait_s: Estimate
    abandonment_rate: Estimate
    worst_30min: Estimate


def figures(mode: str, days: Sequence[DayResult]) -> Figures:
    """Return the figures of the days of one mode."""
    return Figures(
        mode=mode,
        utilisation=mean_of_days([day.utilisation for day in days]),
        wait_s=_rate(_waits(days)),
        connected_per_hour=_rate(
            Sums([day.connected for day in days], [day.agents_s / 3600 for day in days])
        ),
        attempts_per_day=mean_of_days([day.attempts for day in days]),
        connected_per_day=mean_of_days([day.connected for day in days]),
        abandoned_per_day=mean_of_days([day.abandoned for day in days]),
        hung_up_waiting_per_day=mean_of_days([day.hung_up_waiting for day in days]),
        calls_peak_per_day=mean_of_days([day.calls_peak for day in days]),
        one_more_day=OneMoreDay(
            utilisation=prediction_of_one([day.utilisation for day in days]),
            wait_s=prediction_of_one([day.wait_s for day in days]),
            abandonment_rate=prediction_of_one([day.abandonment_rate for day in days]),
        ),
        campaigns=_campaigns(days),
        **msgspec.structs.asdict(abandonment(days)),
    )


def abandonment(days: Sequence[Tally]) -> Abandonment:
    """Return how many people were abandoned on days."""
    worst = [day.worst_30min for day in days]
    return Abandonment(
        abandonment_rate=_rate(_people(days)),
        days_over_limit=share_of_days(sum(day.over_limit for day in days), len(days)),
        worst_30min=Worst(*msgspec.structs.astuple(mean_of_days(worst)), highest=max(worst, default=None)),
    )


def difference(mode: str, days: Iterable[DayResult], against: str, others: Iterable[DayResult]) -> Difference:
    """Return by how much a mode is above another one, by the days that both have."""
    by_seed = {day.seed: day for day in others}
    pairs = [(day, by_seed[day.seed]) for day in days if day.seed in by_seed]
    ours, theirs = [one for one, _ in pairs], [other for _, other in pairs]

    def means(of: Callable[[DayResult], float]) -> Estimate:
        return paired_difference([of(day) for day in ours], [of(day) for day in theirs])

    return Difference(
        mode=mode,
        against=against,
        utilisation=means(lambda day: day.utilisation),
        wait_s=paired_difference_of_ratios(_waits(ours), _waits(theirs)),
        abandonment_rate=paired_difference_of_ratios(_people(ours), _people(theirs)),
        worst_30min=means(lambda day: day.worst_30min),
    )


def _campaigns(days: Sequence[DayResult]) -> dict[str, Abandonment]:
    names = list(dict.fromkeys(name for day in days for name in day.campaigns))
    if len(names) < 2:
        return {}
    return {name: abandonment([day.campaigns.get(name, Tally()) for day in days]) for name in names}


def _rate(sums: Sums) -> Estimate:
    return ratio_of_sums(sums.parts, sums.wholes)


def _waits(days: Sequence[DayResult]) -> Sums:
    return Sums([day.wait_total_s for day in days], [day.waits for day in days])


def _people(days: Sequence[Tally]) -> Sums:
    return Sums([day.abandoned for day in days], [day.abandoned + day.connected for day in days])
