"""What becomes of a lead after an attempt: when it is called again, or that it is finished."""

from dialer.core.lead import Lead
from dialer.core.rules.dispositions import Disposition, Fate
from dialer.core.settings import DEFAULT_RETRY, CampaignSettings, RetryRule
from dialer.core.states import Outcome

CANCELLED_WAIT_S = 60.0
"""An attempt that never left costs nothing; a short wait keeps a failing database from being hammered. A guess."""

DAY_S = 86_400.0


def day_of(at: float) -> int:
    """Return the UTC day of an instant, in days since the epoch."""
    return int(at // DAY_S)


def one_more_fault(faults: int, faults_day: int, *, at: float) -> tuple[int, int]:
    """Return how many faults of the carrier's a lead has met on the UTC day of `at`, with one more, and that day."""
    today = day_of(at)
    return (faults if faults_day == today else 0) + 1, today


def due_again(
    chosen: Disposition, lead: Lead, settings: CampaignSettings, *, at: float, callback_at: float | None
) -> float | None:
    """Return when the lead is due after a talk that was disposed of at `at`; None: it is finished.

    What was promised is kept, also beyond the campaign's limit of attempts.
    """
    if chosen.fate is Fate.CALLBACK:
        return at + chosen.minutes * 60 if callback_at is None else callback_at
    if chosen.fate is Fate.RETRY and lead.attempts + 1 < settings.max_attempts:
        return at + chosen.minutes * 60
    return None


def counts(outcome: Outcome) -> bool:
    """Return whether an outcome counts against the lead's limits."""
    return outcome is not Outcome.CANCELLED


def rule_of(outcome: Outcome, settings: CampaignSettings) -> RetryRule | None:
    """Return the rule of an outcome, the default for one that the campaign, made before it was told apart, does not name."""
    return settings.retry.get(outcome, DEFAULT_RETRY.get(outcome))


def retry_at(lead: Lead, outcome: Outcome, settings: CampaignSettings, *, at: float) -> float | None:
    """Return when the lead is due again after an attempt that ended at `at`; None: it is finished."""
    if outcome is Outcome.CANCELLED:
        return at + CANCELLED_WAIT_S
    rule = rule_of(outcome, settings)
    if rule is None or lead.attempts + 1 >= settings.max_attempts:
        return None
    if lead.tries.get(outcome, 0) + 1 >= rule.attempts:
        return None
    return at + rule.minutes * 60


def after_skip(lead: Lead, settings: CampaignSettings, *, at: float) -> float | None:
    """Return when a lead is due again that an agent skipped at `at`; None: it is finished. What was promised never is by that."""
    rule = rule_of(Outcome.SKIPPED, settings)
    if rule is None or (lead.tries.get(Outcome.SKIPPED, 0) + 1 >= rule.attempts and not lead.promised):
        return None
    return at + rule.minutes * 60


def after_fault(lead: Lead, outcome: Outcome, settings: CampaignSettings, *, at: float) -> float:
    """Return when a lead is due again whose attempt failed for the carrier: it is never finished by that.

    The wait is that of the outcome's rule; from the day's last fault on it is at least until the next UTC day.
    """
    rule = rule_of(outcome, settings)
    if rule is None or rule.attempts < 2:  # one that never follows has no wait to speak of
        rule = DEFAULT_RETRY[Outcome.FAILED]
    due_at = at + rule.minutes * 60
    faults, today = one_more_fault(lead.faults, lead.faults_day, at=at)
    return due_at if faults < settings.faults_per_day else max(due_at, (today + 1) * DAY_S)
