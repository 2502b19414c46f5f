"""What the configuration may say of Asterisk servers."""

import pytest

from dialer import config
from dialer.asterisk_config import AsteriskServer
from dialer.core.settings import LinkSettings
from dialer.errors import ConfigError

SERVER = "[asterisk.servers.main]\npassword_env = 'AMI_PASSWORD'\n"
TRUNK = "[trunks.carrier]\nserver = 'main'\n"
PAIR = "[asterisk.servers.one]\nsip = '192.0.2.1:5060'\n[asterisk.servers.two]\nsip = '192.0.2.2:5060'\n"


@pytest.fixture
def load(tmp_path):
    def from_text(text):
        path = tmp_path / "dialer.toml"
        path.write_text(text)
        return config.load(path)

    return from_text


def test_trunks_of_several_endpoints_and_servers_form_a_group(load):
    found = load(
        f"{SERVER}[asterisk.servers.second]\nhost = '192.0.2.9'\ntls = true\n"
        f"{TRUNK}endpoint = 'carrier-a'\ngroup = 'all'\n"
        "[trunks.other]\nserver = 'main'\ngroup = 'all'\n"
        "[trunks.far]\nserver = 'second'\ngroup = 'all'\n"
    )
    assert found.uses_asterisk
    assert found.routes() == ("carrier", "other", "far", "all")
    assert [trunk.endpoint for trunk in found.trunks.values()] == ["carrier-a", "", ""]
    assert found.asterisk.servers["second"].port == 5038


def test_servers_with_sip_are_linked_in_pairs_as_a_link_says_or_else_by_default(load):
    found = load(
        f"{SERVER}{PAIR}[asterisk.servers.three]\nsip = '192.0.2.3:5060'\n"
        "[asterisk.links.cellar]\nbetween = ['three', 'one']\nslots = 2\ndelay_ms = 80\n"
    ).asterisk.link_settings()
    assert found == (
        LinkSettings(servers=("one", "two")),
        LinkSettings(servers=("one", "three"), slots=2, delay_ms=80.0),
        LinkSettings(servers=("two", "three")),
    )


def test_without_a_server_the_dialer_places_calls_itself(load):
    assert not load("[trunks.carrier]\nhost = '192.0.2.1'").uses_asterisk


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(TRUNK, r"there is no \[asterisk.servers.main\]", id="unknown-server"),
        pytest.param(
            f"{SERVER}{TRUNK}[trunks.sip]\nhost = '192.0.2.1'", "trunks.sip has no server", id="both-ways"
        ),
        pytest.param("[trunks.a]\nhost = 'h'\nendpoint = 'e'", "endpoint needs server", id="endpoint-alone"),
        pytest.param(f"{SERVER}{TRUNK}endpoint = 'a/b,c'", "endpoint is 'a/b,c'", id="endpoint-of-more"),
        pytest.param(
            f"{SERVER}[trunks.'a b']\nserver = 'main'", "endpoint is 'a b'", id="trunk-that-names-no-endpoint"
        ),
        pytest.param("[asterisk.servers.'a b']", "the name of a server is 'a b'", id="server-of-more"),
        pytest.param(f"{SERVER}password_file = 'x'", "exclude each other", id="two-passwords"),
        pytest.param(f"{SERVER}tls_ca = 'x'", "needs tls = true", id="certificates-without-tls"),
        pytest.param(f"{SERVER}username = 'dialer-events'", "two manager users", id="one-user"),
        pytest.param(f"{SERVER}username = 'a\\nb'", "write letters, digits", id="user-of-more"),
        pytest.param(f"{SERVER}recordings = 'here'", "absolute path", id="recordings-nowhere"),
        pytest.param(f"{SERVER}listen = '192.0.2.5'", "write an address .* and a port", id="listen-nowhere"),
        pytest.param(f"{SERVER}secret = 'x'", "secret", id="unknown-key"),
        pytest.param(
            f"{PAIR}[asterisk.links.x]\nbetween = ['one', 'three']",
            "name two servers that both have sip, of one, two",
            id="link-to-nowhere",
        ),
        pytest.param(
            f"{PAIR}[asterisk.links.x]\nbetween = ['one', 'one']", "name two servers", id="link-to-itself"
        ),
        pytest.param(
            f"{PAIR}[asterisk.links.x]\nbetween = ['one', 'two']\n"
            "[asterisk.links.y]\nbetween = ['two', 'one']",
            "another link between the same servers",
            id="two-links",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_its_place_and_remedy(load, text, told):
    with pytest.raises(ConfigError, match=told):
        load(text.replace("'a\\nb'", '"a\\nb"'))


def test_the_password_comes_from_the_environment(monkeypatch):
    server = AsteriskServer(password_env="AMI_PASSWORD")
    monkeypatch.setenv("AMI_PASSWORD", "between us")
    assert server.password() == "between us"
    monkeypatch.delenv("AMI_PASSWORD")
    with pytest.raises(ConfigError, match="AMI_PASSWORD"):
        server.password()
