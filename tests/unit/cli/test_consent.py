"""`dialer consent`: what is said of who consented."""

import pytest


@pytest.fixture(autouse=True)
def somewhere(tmp_path, monkeypatch, database_url):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DIALER_CONFIG", raising=False)
    monkeypatch.setenv("DIALER_DATABASE_URL", database_url)
    return tmp_path


def give(dialer, *more, **options):
    given = ("--for", "Example Energy", "--at", "2026-01-02", "--source", "web form")
    return dialer("consent", "add", "(212) 555-0123", *given, *more, **options)


def shown(dialer):
    return [
        (word["what"], word["seller"], word["holds"], word["source"])
        for word in dialer("consent", "show", "+12125550123")
    ]


def test_a_consent_is_on_record_until_it_is_revoked(dialer):
    assert give(dialer) == {"given": 1, "added": 1, "called_again": 0}
    assert shown(dialer) == [("given", "Example Energy", True, "web form")]
    dialer("consent", "revoke", "212-555-0123", "--reason", "by mail")
    assert shown(dialer) == [
        ("given", "Example Energy", False, "web form"),
        ("revoked", "all", False, "by mail"),
    ]


def test_a_text_of_consent_may_come_from_a_file(dialer, somewhere):
    (somewhere / "text.txt").write_text("I agree\n[red]to calls[/red]\n")
    dialer(
        *("consent", "add", "(212) 555-0123", "--for", "Example", "--at", "2026-01-02T10:15-05:00"),
        *("--file", "text.txt"),
    )
    assert shown(dialer) == [("given", "Example", True, "I agree\n[red]to calls[/red]")]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        pytest.param(["--at", "2036-01-02"], "in the future", id="future"),
        pytest.param(["--at", "yesterday"], "is no time: write it as", id="no-time"),
        pytest.param(["--for", "a\nb"], "names nobody", id="two-lines"),
        pytest.param(["--source", ""], "add --source", id="no-source"),
        pytest.param(["--source", "a\x1b[31mb"], "is no text", id="control-characters"),
    ],
)
def test_what_proves_nothing_is_not_taken(dialer, more, words):
    assert words in give(dialer, *more, code=2)["error"]
    assert shown(dialer) == []


@pytest.fixture
def spring(dialer, somewhere):
    (somewhere / "people.csv").write_text("name,phone\nAda,(212) 555-0100\n")
    dialer("leads", "import", "people.csv", "--list", "people", "--region", "us")
    dialer("campaign", "create", "spring", "--list", "people", "--trunk", "main", "--mode", "agentless")


def test_what_a_campaign_says_without_an_agent_is_shown_as_it_was_set(dialer, spring):
    dialer("campaign", "agentless", "spring", "--message", "renewal", "--seller", "Example Energy")
    assert dialer("campaign", "agentless", "spring", "--max-calls", "3") == {
        "campaign": "spring",
        "mode": "agentless",
        "message": "renewal",
        "context": "",
        "seller": "Example Energy",
        "opt_out_key": "9",
        "max_calls": 3,
    }


@pytest.mark.parametrize(
    ("given", "words"),
    [
        pytest.param(["--opt-out-key", "A"], "write one of", id="no-key-of-a-phone"),
        pytest.param(["--message", "../x"], "small letters", id="a-path"),
        pytest.param(["--context", "a,b"], "name a context", id="no-context"),
        pytest.param(["--message", "a", "--context", "b"], "exclude each other", id="both"),
        pytest.param(["--max-calls", "0"], ">= 1", id="no-calls"),
        pytest.param(["--seller", "a\nb"], "in one line", id="two-lines"),
        pytest.param(["--message", "other", "--config", "dialer.toml"], "[sip.messages]", id="no-recording"),
    ],
)
def test_what_cannot_be_said_is_not_taken(dialer, spring, somewhere, given, words):
    (somewhere / "dialer.toml").write_text('[trunks.main]\nhost = "192.0.2.1"\n')
    assert words in dialer("campaign", "agentless", "spring", *given, code=2)["error"]


def test_a_campaign_without_calls_has_an_empty_report(dialer, spring):
    assert dialer("report", "agentless", "--campaign", "spring")["rows"] == []
    assert dialer("report", "agentless", "--campaign", "spring", "--calls")["rows"] == []
