"""What `dialer queue` says of a floor that nobody runs."""

import pytest

CONFIG = """
[asterisk.servers.local]
[trunks.main]
server = "local"
[queues.support]
trunk = "main"
label = "Support"
overflow = "dialplan"
"""


@pytest.fixture(autouse=True)
def somewhere(tmp_path, monkeypatch, database_url):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dialer.toml").write_text(CONFIG)
    monkeypatch.setenv("DIALER_CONFIG", "dialer.toml")
    monkeypatch.setenv("DIALER_DATABASE_URL", database_url)


def test_the_queues_of_the_configuration_are_listed(dialer):
    (support,) = dialer("queue", "list")
    assert (support["queue"], support["label"], support["overflow"]) == ("support", "Support", "dialplan")


def test_one_is_shown_with_every_setting(dialer):
    shown = dialer("queue", "show", "support")
    assert (shown["queue"], shown["trunk"], shown["service_level_s"]) == ("support", "main", 20.0)


def test_one_that_is_none_is_refused_with_those_there_are(dialer):
    assert "support" in dialer("queue", "show", "nonsense", code=2)["error"]


def test_nobody_waits_where_nobody_called(dialer):
    (support,) = dialer("queue", "now")
    assert (support["waiting"], support["longest_wait_s"], support["service_level"]) == (0, None, None)


def test_a_report_has_a_row_for_each_queue(dialer):
    answer = dialer("report", "queues", "--since", "2027-03-01T00:00")
    assert answer["rows"][0]["offered"] == 0
