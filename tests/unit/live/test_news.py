import logging

from dialer.core.ids import CampaignId
from dialer.core.pacing.obstacles import Obstacle
from dialer.core.records import CampaignChanged, HaltChanged, JournalEntry
from dialer.core.states import CampaignState
from dialer.live import news


def changed(reason="", until=None):
    return CampaignChanged(
        at=1.0, campaign_id=CampaignId(7), state=CampaignState.RUNNING, reason=reason, until=until
    )


def test_a_campaign_that_cannot_dial_is_a_warning_with_its_reason(caplog):
    news.tell([HaltChanged(at=1.0, halted=True), changed(Obstacle.NO_AGENT)])
    (record,) = caplog.records
    assert (record.levelno, record.message) == (logging.WARNING, "a campaign cannot dial")
    assert (record.campaign_id, record.reason) == (7, "no agent is logged in")


def test_what_passes_by_itself_is_told_without_alarm(caplog):
    caplog.set_level(logging.INFO)
    news.tell([changed("calling window closed", until=9.0), changed()])
    assert [(record.levelname, record.message) for record in caplog.records] == [
        ("INFO", "a campaign waits"),
        ("INFO", "a campaign changed"),
    ]
    assert caplog.records[0].until == 9.0


def test_an_alarm_is_a_warning_and_its_end_is_not(caplog):
    caplog.set_level("INFO")
    news.tell(
        [JournalEntry(at=1.0, kind=kind, detail="trunk main") for kind in ("alarm", "alarm_over", "note")]
    )
    told = [(record.levelname, record.message, record.detail) for record in caplog.records]
    assert told == [("WARNING", "alarm", "trunk main"), ("INFO", "alarm over", "trunk main")]
