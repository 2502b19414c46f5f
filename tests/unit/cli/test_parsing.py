import re

import click
import pytest

from cli.campaigns import campaign_settings
from cli.parsing import Address, Retry, Window, check_countries, check_zone
from dialer.config import Config, TrunkConfig
from dialer.core.settings import DEFAULT_RETRY, PacingMode, RetryRule
from dialer.core.states import Outcome
from dialer.errors import ConfigError

CONFIG = Config(trunks={"main": TrunkConfig(host="192.0.2.1")})


@pytest.mark.parametrize(
    ("kind", "written", "meant"),
    [
        pytest.param(Window(), "8:00-21:00", (480, 1260), id="the usual hours"),
        pytest.param(Window(), "0:00-24:00", (0, 1440), id="the whole day"),
        pytest.param(Retry(), "busy=3x10", (Outcome.BUSY, RetryRule(3, 10.0)), id="whole minutes"),
        pytest.param(
            Retry(), "no_answer=1x0.5", (Outcome.NO_ANSWER, RetryRule(1, 0.5)), id="part of a minute"
        ),
        pytest.param(Address(), "127.0.0.1:0", ("127.0.0.1", 0), id="a free port"),
        pytest.param(Address(), "[::1]:5070", ("::1", 5070), id="an IPv6 address"),
    ],
)
def test_what_is_written_is_understood(kind, written, meant):
    assert kind.convert(written, None, None) == meant


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (Window(), "8-21"),
        (Window(), "21:00-8:00"),
        (Window(), "8:00-24:01"),
        (Window(), "8:60-9:00"),
        (Retry(), "busy"),
        (Retry(), "busy=0x10"),
        (Retry(), "busy=3x-1"),
        (Retry(), "asleep=3x10"),
        (Address(), "localhost"),
        (Address(), "localhost:99999"),
    ],
)
def test_what_is_written_wrongly_is_refused_with_its_form(kind, written):
    with pytest.raises(click.BadParameter, match=re.split("[=:]", written)[0]):
        kind.convert(written, None, None)


def test_an_unknown_country_is_refused():
    with pytest.raises(click.BadParameter, match="XX"):
        check_countries(None, None, ("us", "XX"))


def test_countries_are_written_in_capitals():
    assert check_countries(None, None, ("us", "GB")) == ("US", "GB")


def test_an_unknown_time_zone_is_refused():
    with pytest.raises(click.BadParameter, match="Mars"):
        check_zone(None, None, "Mars/Olympus")


def test_options_that_are_absent_take_the_defaults_of_the_settings():
    settings = campaign_settings({"trunk": "main", "mode": "progressive", "ring_s": None}, CONFIG)
    assert settings.ring_s == 25.0
    assert settings.retry == DEFAULT_RETRY


def test_a_retry_rule_replaces_only_its_own_outcome():
    rule = (Outcome.BUSY, RetryRule(2, 1.0))
    settings = campaign_settings({"trunk": "main", "mode": "progressive", "retry": (rule,)}, None)
    assert settings.retry == DEFAULT_RETRY | {Outcome.BUSY: RetryRule(2, 1.0)}


def test_a_window_becomes_minutes_of_the_day():
    settings = campaign_settings({"trunk": "main", "mode": "ratio", "ratio": 2.0, "window": (60, 120)}, None)
    assert (settings.window_opens_min, settings.window_closes_min) == (60, 120)
    assert settings.mode is PacingMode.RATIO


@pytest.mark.parametrize("given", [{"mode": "ratio"}, {"mode": "progressive", "ratio": 1.5}])
def test_a_ratio_and_its_mode_go_together(given):
    with pytest.raises(ConfigError, match="--ratio"):
        campaign_settings({"trunk": "main", **given}, None)


def test_a_trunk_that_is_not_configured_is_refused_with_those_that_are():
    with pytest.raises(ConfigError, match=r"'other'.*main"):
        campaign_settings({"trunk": "other", "mode": "progressive"}, CONFIG)
