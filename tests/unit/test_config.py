"""The configuration file."""

from pathlib import Path

import pytest

from dialer import config
from dialer.core.presence_states import ClientState
from dialer.core.settings import ClientRule
from dialer.errors import ConfigError


@pytest.fixture
def load(tmp_path):
    def write_and_load(text):
        file = tmp_path / "dialer.toml"
        file.write_text(text)
        return config.load(file)

    return write_and_load


def test_an_empty_file_holds_every_default(load):
    assert load("") == config.Config()


def test_what_the_file_says_is_taken(load):
    found = load(
        """
        [run]
        log_dir = "logs"
        [sip]
        safe_harbour = "message.wav"
        recordings = "/srv/recordings"
        agent_hosts = ["192.0.2.64"]
        [trunks.main]
        host = "192.0.2.1"
        transport = "tls"
        lines = 4
        """
    )
    assert found.run.log_dir == Path("logs")
    assert found.sip.safe_harbour == Path("message.wav")
    assert found.sip.recordings == Path("/srv/recordings")
    assert found.sip.agent_hosts == ("192.0.2.64",)
    assert found.trunks == {
        "main": config.TrunkConfig(host="192.0.2.1", transport=config.Transport.TLS, lines=4)
    }


def test_the_engine_is_told_the_limits_of_every_trunk(load):
    (trunk,) = load('[trunks.main]\nhost = "192.0.2.1"\nlines = 4\ncalls_per_second = 2').trunk_settings()
    assert (trunk.name, trunk.lines, trunk.calls_per_second) == ("main", 4, 2.0)


def test_the_engine_is_told_why_agents_pause_and_how_long(load):
    lunch, training = load(
        '[pauses.lunch]\nlabel = "Lunch"\nlimit_min = 30\ndigit = "1"\n[pauses.training]'
    ).pause_codes()
    assert (lunch.code, lunch.label, lunch.digit, lunch.limit_s) == ("lunch", "Lunch", "1", 1800.0)
    assert (training.code, training.digit, training.limit_s) == ("training", "", None)


def test_the_engine_is_told_what_makes_busy_at_a_client(load):
    rules = load(
        "[pauses.away]\n[presence.locked]\npause = 'away'\n"
        "[presence.idle]\npause = 'pause'\nafter_s = 300\nready_again = false"
    ).presence.rules()
    assert rules == (
        ClientRule(client=ClientState.IDLE, pause="pause", after_s=300.0, ready_again=False),
        ClientRule(client=ClientState.LOCKED, pause="away"),
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("[run", "not TOML", id="no-toml"),
        pytest.param("[pauses.a]\ndigit = '#'", "write one of 0 to 9", id="pause-without-a-digit"),
        pytest.param(
            "[pauses.a]\ndigit = '1'\n[pauses.b]\ndigit = '1'", "chooses two pauses", id="pauses-of-one-digit"
        ),
        pytest.param(
            "[pauses.lunch]\n[presence.locked]\npause = 'away'",
            "presence.locked pauses with 'away', which is none of [pauses]",
            id="client-with-an-unknown-pause",
        ),
        pytest.param(
            "[presence.locked]\npause = 'away'\n[presence.gone]\npause = 'away'\nready_again = false",
            "one of them alone has ready_again",
            id="clients-that-disagree",
        ),
        pytest.param("[presence.idle]\nafter_s = 3", "pause", id="client-without-a-pause"),
        pytest.param("[run]\nzone = 'Berlin'", "such as Europe/Berlin", id="zone-that-is-none"),
        pytest.param("[sip]\nprot = 1", "prot", id="unknown-key"),
        pytest.param("[phones]", "phones", id="unknown-table"),
        pytest.param("[sip]\nrecordings = 3", "sip.recordings", id="path-that-is-none"),
        pytest.param('[trunks.main]\nhost = "h"\ntransport = "sctp"', "sctp", id="unknown-transport"),
        pytest.param("[trunks.main]\nlines = 4", "host", id="trunk-without-a-host"),
        pytest.param(
            '[trunks.main]\nhost = "h"\npassword_env = "A"\npassword_file = "b"',
            "exclude each other",
            id="two-passwords",
        ),
        pytest.param('[trunks.main]\nhost = "h"\nstrip = "1"', "such as `+1`", id="strip-without-plus"),
        pytest.param('[trunks.main]\nhost = "h"\nprefix = "9"', 'add strip = "+"', id="prefix-alone"),
        pytest.param(
            '[trunks.main]\nhost = "h"\nstrip = "+"\nprefix = "9;x"', "digits only", id="prefix-of-more"
        ),
        pytest.param(
            '[trunks.main]\nhost = "h"\nasserted_identity = "12"', "+12125550199", id="identity-that-is-none"
        ),
        pytest.param("[sip]\nagents_port = 5058", "belong together", id="call-ins-without-passwords"),
        pytest.param(
            '[sip]\nagents_port = 15060\nagent_secrets = "s"', "choose one outside", id="port-of-workers"
        ),
        pytest.param('[sip]\nallowed_phone_hosts = ["a b"]', "allowed_phone_hosts", id="host-that-is-none"),
    ],
)
def test_what_is_not_understood_is_an_error_that_names_the_place(load, text, told):
    with pytest.raises(ConfigError, match=r"dialer\.toml") as caught:
        load(text)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(
            '[trunks.a]\nhost = "h"\n[trunks.b]\nhots = "h"',
            "trunks.b.hots: unknown key; did you mean `host`?",
            id="misspelt-key",
        ),
        pytest.param("[trunk.a]", "trunk: unknown key; did you mean `trunks`?", id="misspelt-table"),
        pytest.param(
            "[pauses.lunch]\nzzz = 1",
            "pauses.lunch.zzz: unknown key; there are label, limit_min, digit",
            id="key-like-no-other",
        ),
        pytest.param(
            "[trunks.a]\nlines = 2",
            "trunks.a: host is missing: name the carrier's SIP server, or an Asterisk with server",
            id="missing-key",
        ),
        pytest.param(
            '[trunks.a]\nhost = "h"\nlines = "2"',
            "trunks.a.lines: expected `int`, got `str`",
            id="wrong-type",
        ),
        pytest.param("trunks = 3", "trunks: expected `object`, got `int`", id="no-table"),
        pytest.param(
            '[sip]\nagent_hosts = ["a", 3]', "sip.agent_hosts.1: expected `str`, got `int`", id="in-a-list"
        ),
    ],
)
def test_an_error_names_table_and_key_as_the_file_does(load, text, told):
    with pytest.raises(ConfigError) as caught:
        load(text)
    assert str(caught.value).endswith(f"dialer.toml: {told}")


def test_a_campaign_may_name_a_trunk_or_a_group_of_them(load):
    found = load(
        """
        [trunks.main]
        host = "192.0.2.1"
        group = "both"
        daily_minutes = 600
        [trunks.other]
        host = "192.0.2.2"
        group = "both"
        """
    )
    assert found.routes() == ("main", "other", "both")
    main, _ = found.trunk_settings()
    assert (main.group, main.daily_minutes, main.breaker_faults) == ("both", 600, 5)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        pytest.param('group = "main"', "trunks.main.group", id="group-named-as-a-trunk"),
        pytest.param("breaker_faults = 6", "trunks.main.breaker_faults", id="breaker-that-never-opens"),
    ],
)
def test_trunk_settings_that_contradict_each_other_are_refused(load, line, told):
    with pytest.raises(ConfigError, match=told):
        load(f"[trunks.main]\nhost = 'a'\n{line}")


def test_a_file_that_is_not_there_is_an_error_that_names_the_remedy(tmp_path):
    with pytest.raises(ConfigError, match="--config"):
        config.load(tmp_path / "none.toml")


def test_a_password_comes_from_the_environment(monkeypatch):
    trunk = config.TrunkConfig(host="192.0.2.1", password_env="TRUNK_PASSWORD")
    monkeypatch.setenv("TRUNK_PASSWORD", "between us")
    assert trunk.password() == "between us"
    monkeypatch.delenv("TRUNK_PASSWORD")
    with pytest.raises(ConfigError, match="TRUNK_PASSWORD"):
        trunk.password()


def test_a_trunk_without_a_password_needs_none():
    assert config.TrunkConfig(host="192.0.2.1").password() == ""


@pytest.mark.parametrize(
    "line",
    [
        "[trunks.main]\nhost = 'a'\nlines = 0",
        "[trunks.main]\nhost = 'a'\nport = 99999",
        "[trunks.main]\nhost = 'a'\ncalls_per_second = 0",
        "[run]\nfinish_talks_s = -1",
        "[sip]\nrtp_port = 0",
    ],
)
def test_a_value_out_of_range_is_refused_with_its_place(load, line):
    with pytest.raises(ConfigError, match=r"toml: \w+\.[\w.]+: expected"):
        load(line)


def test_the_engine_is_told_the_limits_of_the_workspace_and_of_teams_that_have_some(load):
    limits = load(
        "[capacity]\nfirst_limit = 2\nsecond_limit = 5\n[teams.north]\nfirst_limit = 0\nsecond_limit = 1\n[teams.south]"
    ).shared_limits()
    assert (limits.workspace.first, limits.workspace.second) == (2, 5)
    assert {name: (own.first, own.second) for name, own in limits.teams.items()} == {"north": (0, 1)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[teams.north]\nfirst_limit = 1", "teams.north: first_limit and second_limit belong together"),
        ("[teams.north]\nfirst_limit = 2\nsecond_limit = 1", "teams.north: the first limit is 2"),
        ("[teams.'a b']", "'a b' is no name for a team"),
        ("[skills]\nSales = 'Sales'", "skills: 'Sales' is no name"),
        ("[capacity]\nsecond_limit = 0", "capacity: the first limit is 1, the second 0"),
    ],
)
def test_teams_skills_and_limits_that_cannot_be_are_refused_with_their_place(load, text, said):
    with pytest.raises(ConfigError, match=said):
        load(text)
