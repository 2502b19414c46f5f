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
